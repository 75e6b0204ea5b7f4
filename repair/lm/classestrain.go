package lm

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// ClassTrainer sorts words into classes by the exchange algorithm (Martin,
// Liermann and Ney, "Algorithms for bigram and trigram word clustering", 1998):
// a word moves to the class whose words have the likeliest neighbours in common
// with it, until few words move. Both neighbours count, each by its word.
type ClassTrainer struct {
	counts map[Word]int
	ids    map[Word]int32
	words  []Word
	freq   []int
	near   [2][]uint16 // how often word v has neighbour f to its left, to its right
}

// Sizes of the problem.
const (
	classWords      = 30_000 // words that get a class
	classNeighbours = 4_000  // neighbours that are told apart
	classAlone      = 200    // the most frequent words, each a class of its own to whoever asks
	numClasses      = 240
	classRounds     = 12
)

// Count is the first look at the text: how often each word occurs.
func (t *ClassTrainer) Count(sentence []Word) {
	if t.counts == nil {
		t.counts = map[Word]int{}
	}
	for _, w := range sentence {
		t.counts[w]++
	}
}

// Choose picks the words that get a class, after the first look.
func (t *ClassTrainer) Choose() {
	t.words = t.words[:0]
	for w := range t.counts {
		t.words = append(t.words, w)
	}
	slices.SortFunc(t.words, func(a, b Word) int { return cmp.Or(cmp.Compare(t.counts[b], t.counts[a]), cmp.Compare(a, b)) })
	t.words = t.words[:min(len(t.words), classWords)]
	t.ids = make(map[Word]int32, len(t.words))
	t.freq = make([]int, len(t.words))
	for i, w := range t.words {
		t.ids[w], t.freq[i] = int32(i), t.counts[w]
	}
	t.counts = nil
	for side := range t.near {
		t.near[side] = make([]uint16, len(t.words)*classNeighbours)
	}
}

// Words is how many words were chosen.
func (t *ClassTrainer) Words() int { return len(t.words) }

// Learn is the second look: who stands beside whom.
func (t *ClassTrainer) Learn(sentence []Word) {
	add := func(side int, v, f int32) {
		if c := &t.near[side][int(v)*classNeighbours+int(f)]; *c < math.MaxUint16 {
			*c++
		}
	}
	last := int32(-1)
	for _, w := range sentence {
		id, ok := t.ids[w]
		if !ok {
			id = -1
		}
		if id >= 0 && last >= 0 {
			if last < classNeighbours {
				add(0, id, last)
			}
			if id < classNeighbours {
				add(1, last, id)
			}
		}
		last = id
	}
}

// neighbour is a neighbour that a word was seen with, left ones first.
type neighbour struct {
	f int32
	n int32
}

// Build sorts the words into classes and returns the file. Progress, if not
// nil, is told of each round.
func (t *ClassTrainer) Build(progress func(string)) ([]byte, error) {
	n := len(t.words)
	near := make([][]neighbour, n)
	for v := range n {
		for side := range t.near {
			for f, c := range t.near[side][v*classNeighbours : (v+1)*classNeighbours] {
				if c > 1 || c == 1 && t.freq[v] < 2000 { // a frequent word's chance meetings say nothing
					near[v] = append(near[v], neighbour{int32(side*classNeighbours + f), int32(c)})
				}
			}
		}
	}
	t.near = [2][]uint16{}
	xlogx := make([]float64, 1<<20)
	for i := 1; i < len(xlogx); i++ {
		xlogx[i] = float64(i) * math.Log(float64(i))
	}
	h := func(n int32) float64 {
		if int(n) < len(xlogx) {
			return xlogx[n]
		}
		return float64(n) * math.Log(float64(n))
	}
	class := make([]int32, n)
	seen := make([]int32, 2*classNeighbours*numClasses) // neighbour f beside words of class c
	total := make([]int64, numClasses)
	put := func(v int, c int32, sign int32) {
		for _, x := range near[v] {
			seen[int(x.f)*numClasses+int(c)] += sign * x.n
			total[c] += int64(sign * x.n)
		}
	}
	for v := range n {
		if class[v] = -1; v >= classAlone && v < classAlone+numClasses {
			class[v] = int32(v - classAlone)
			put(v, class[v], 1)
		}
	}
	logTotal := func(n int64) float64 {
		if n <= 0 {
			return 0
		}
		return float64(n) * math.Log(float64(n))
	}
	var gain [numClasses]float64
	for round := range classRounds {
		moved := 0
		for v := classAlone; v < n; v++ {
			if len(near[v]) == 0 {
				continue
			}
			old := class[v]
			if old >= 0 {
				put(v, old, -1)
			}
			var all int64
			gain = [numClasses]float64{}
			for _, x := range near[v] {
				row := seen[int(x.f)*numClasses : (int(x.f)+1)*numClasses]
				all += int64(x.n)
				alone := h(x.n)
				for c, m := range row {
					if m == 0 {
						gain[c] += alone
					} else {
						gain[c] += h(m+x.n) - h(m)
					}
				}
			}
			best := max(old, 0)
			for c := range gain {
				gain[c] -= logTotal(total[c]+all) - logTotal(total[c])
				if gain[c] > gain[best] {
					best = int32(c)
				}
			}
			if class[v] = best; best != old {
				moved++
			}
			put(v, best, 1)
		}
		if progress != nil {
			progress(fmt.Sprintf("round %d: %d of %d words moved", round+1, moved, n))
		}
		if moved < n/200 {
			break
		}
	}
	var keys, values []uint64
	for v, w := range t.words {
		if class[v] >= 0 {
			keys, values = append(keys, uint64(w)), append(values, uint64(class[v]+1))
		}
	}
	data, err := buildTable(keys, values, classBits, classFP)
	return append([]byte(classesMagic), data...), err
}
