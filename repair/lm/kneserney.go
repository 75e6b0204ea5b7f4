package lm

import (
	"math"
	"slices"
)

// kn holds the counts of an interpolated modified Kneser-Ney model of triples
// (Chen and Goodman, "An empirical study of smoothing techniques for language
// modeling", 1999, section 3): raw counts at the top, numbers of distinct words
// before at the orders below.
type kn struct {
	tri     []uint64 // sorted keys, 20 bits a word
	triN    []uint32
	triKept []bool

	bi     []uint64 // sorted keys of pairs, 20 bits a word
	biN    []uint32 // words seen before the pair; raw counts after the sentence's beginning
	biKept []bool
	biRaw  []uint32
	from   []int // the first pair of each first word

	uni      []float64 // ln probabilities of single words
	d2, d3   [4]float64
	tot2     []float64 // by first word
	back2    []float64 // by first word, with all pairs kept
	back1    []float64 // ln, after pruning
	tot3     []float64 // by pair
	back3    []float64 // by pair, with all triples kept
	lnBack3  []float64 // ln, after pruning
	lnP2     []float64 // ln of the pairs' probabilities, after pruning
	numTypes int
}

const mask20 = 1<<20 - 1

func newKN(tri []uint64, triN []uint32, types int) *kn {
	k := &kn{tri: tri, triN: triN, numTypes: types}
	// The pairs: second and third words of each distinct triple.
	tails := make([]uint64, 0, len(tri))
	for _, t := range tri {
		tails = append(tails, t&(1<<40-1))
	}
	radixSort(tails)
	for i := 0; i < len(tails); {
		j := i
		for j < len(tails) && tails[j] == tails[i] {
			j++
		}
		k.bi = append(k.bi, tails[i])
		k.biN = append(k.biN, uint32(j-i))
		i = j
	}
	k.from = make([]int, types+1)
	at := 0
	for w := range types {
		for at < len(k.bi) && int(k.bi[at]>>20) < w {
			at++
		}
		k.from[w] = at
	}
	k.from[types] = len(k.bi)
	// Raw counts: how often each pair is the head of a triple; and after a
	// sentence's beginning, how often it begins one.
	k.biRaw = make([]uint32, len(k.bi))
	k.tot3 = make([]float64, len(k.bi))
	for i, t := range tri {
		if t>>20 == uint64(idBegin)<<20|idBegin {
			if b := k.find(t & (1<<40 - 1)); b >= 0 {
				k.biN[b] = triN[i]
			}
			continue
		}
		if b := k.find(t >> 20); b >= 0 {
			k.tot3[b] += float64(triN[i])
			k.biRaw[b] += triN[i]
		}
	}
	k.d2 = discounts(k.biN)
	k.d3 = discounts(k.triN)
	// Single words: the number of distinct words before.
	uni := make([]float64, types)
	total := 0.0
	for _, b := range k.bi {
		uni[b&mask20]++
		total++
	}
	k.uni = make([]float64, types)
	for w, n := range uni {
		k.uni[w] = math.Log((n + 0.1) / (total + 0.1*float64(types)))
	}
	k.uni[idBegin] = -19
	k.tot2, k.back2 = make([]float64, types), make([]float64, types)
	for i, b := range k.bi {
		w := b >> 20
		k.tot2[w] += float64(k.biN[i])
		k.back2[w] += k.d2[min(3, k.biN[i])]
	}
	for w := range k.back2 {
		if k.tot2[w] > 0 {
			k.back2[w] /= k.tot2[w]
		} else {
			k.back2[w] = 1
		}
	}
	k.back3 = make([]float64, len(k.bi))
	for i, t := range tri {
		if b := k.find(t >> 20); b >= 0 && t>>20 != uint64(idBegin)<<20|idBegin {
			k.back3[b] += k.d3[min(3, triN[i])]
		}
	}
	for b := range k.back3 {
		if k.tot3[b] > 0 {
			k.back3[b] /= k.tot3[b]
		} else {
			k.back3[b] = 1
		}
	}
	return k
}

// discounts are the three discounts of modified Kneser-Ney, from the counts of
// counts (Chen and Goodman 1999, equation 26).
func discounts(n []uint32) (d [4]float64) {
	var c [5]float64
	for _, x := range n {
		if x <= 4 {
			c[x]++
		}
	}
	if c[1] == 0 || c[2] == 0 || c[3] == 0 {
		return [4]float64{0, 0.5, 0.75, 1}
	}
	y := c[1] / (c[1] + 2*c[2])
	d[1] = 1 - 2*y*c[2]/c[1]
	d[2] = 2 - 3*y*c[3]/c[2]
	d[3] = 3 - 4*y*c[4]/c[3]
	for i := 1; i <= 3; i++ {
		if !(d[i] > 0 && d[i] < float64(i)) {
			d[i] = 0.5 * float64(i)
		}
	}
	return d
}

// find is the index of a pair, or -1.
func (k *kn) find(key uint64) int {
	w := int(key >> 20)
	lo, hi := k.from[w], k.from[w+1]
	i, ok := slices.BinarySearch(k.bi[lo:hi], key)
	if !ok {
		return -1
	}
	return lo + i
}

// raw is how often two words were seen side by side.
func (k *kn) raw(a, b uint32) uint32 {
	if i := k.find(uint64(a)<<20 | uint64(b)); i >= 0 {
		return k.biRaw[i]
	}
	return 0
}

func (k *kn) alpha2(i int) float64 {
	n := k.biN[i]
	return (float64(n) - k.d2[min(3, n)]) / k.tot2[k.bi[i]>>20]
}

func (k *kn) p2(i int) float64 {
	return k.alpha2(i) + k.back2[k.bi[i]>>20]*math.Exp(k.uni[k.bi[i]&mask20])
}

// prune keeps the n-grams whose loss would cost most: their count times what
// their ln probability would fall (weighted difference: Seymore and Rosenfeld,
// "Scalable backoff language models", 1996).
func (k *kn) prune(maxPairs, maxTriples int) {
	k.triKept = make([]bool, len(k.tri))
	score := make([]float32, len(k.tri))
	for i, t := range k.tri {
		if t>>20 == uint64(idBegin)<<20|idBegin || k.triN[i] < 2 || t&mask20 == idUnk || t>>20&mask20 == idUnk || t>>40 == idUnk {
			continue
		}
		b, low := k.find(t>>20), k.find(t&(1<<40-1))
		n := k.triN[i]
		alpha := (float64(n) - k.d3[min(3, n)]) / k.tot3[b]
		back := k.back3[b] * k.p2(low)
		score[i] = float32(float64(n) * math.Log((alpha+back)/back))
	}
	keepTop(score, k.triKept, maxTriples)
	needed := make([]bool, len(k.bi))
	for i, t := range k.tri {
		if k.triKept[i] {
			needed[k.find(t>>20)] = true
		}
	}
	k.biKept = make([]bool, len(k.bi))
	score = make([]float32, len(k.bi))
	room := maxPairs
	for i, b := range k.bi {
		w := b >> 20
		n := k.biN[i]
		if raw := k.biRaw[i]; raw < 2 && n < 2 {
			continue
		}
		back := k.back2[w] * math.Exp(k.uni[b&mask20])
		score[i] = float32(float64(max(n, k.biRaw[i])) * math.Log((k.alpha2(i)+back)/back))
		if needed[i] {
			score[i] = math.MaxFloat32
			room--
		}
	}
	keepTop(score, k.biKept, max(maxPairs, maxPairs-room))
	for i := range needed {
		if needed[i] {
			k.biKept[i] = true
		}
	}
	// What pruned n-grams held goes to the back-off: probabilities still sum to 1.
	k.back1 = make([]float64, k.numTypes)
	for w := range k.back1 {
		k.back1[w] = 1
	}
	for i, b := range k.bi {
		if k.biKept[i] {
			k.back1[b>>20] -= k.alpha2(i)
		}
	}
	for w := range k.back1 {
		k.back1[w] = math.Log(max(k.back1[w], 1e-4))
	}
	k.lnP2 = make([]float64, len(k.bi))
	for i, b := range k.bi {
		back := math.Exp(k.back1[b>>20] + k.uni[b&mask20])
		if k.biKept[i] {
			back += k.alpha2(i)
		}
		k.lnP2[i] = math.Log(back)
	}
	k.lnBack3 = make([]float64, len(k.bi))
	for i := range k.lnBack3 {
		k.lnBack3[i] = 1
	}
	for i, t := range k.tri {
		if k.triKept[i] {
			n := k.triN[i]
			b := k.find(t >> 20)
			k.lnBack3[b] -= (float64(n) - k.d3[min(3, n)]) / k.tot3[b]
		}
	}
	for i := range k.lnBack3 {
		k.lnBack3[i] = math.Log(max(k.lnBack3[i], 1e-4))
	}
}

// keepTop marks the n items of the highest scores above zero.
func keepTop(score []float32, kept []bool, n int) {
	var positive []float32
	for _, s := range score {
		if s > 0 {
			positive = append(positive, s)
		}
	}
	limit := float32(0)
	if len(positive) > n {
		slices.Sort(positive)
		limit = positive[len(positive)-n]
	}
	for i, s := range score {
		kept[i] = s > limit || s > 0 && limit == 0
	}
}

func (k *kn) lnUni(w uint32) float64   { return k.uni[w] }
func (k *kn) lnBack1(w uint32) float64 { return k.back1[w] }

func (k *kn) keptPairs(f func(x, y uint32, ln, back float64)) {
	for i, b := range k.bi {
		if k.biKept[i] {
			f(uint32(b>>20), uint32(b&mask20), k.lnP2[i], k.lnBack3[i])
		}
	}
}

func (k *kn) keptTriples(f func(x, y, z uint32, ln float64)) {
	for i, t := range k.tri {
		if !k.triKept[i] {
			continue
		}
		n := k.triN[i]
		b := k.find(t >> 20)
		p := (float64(n)-k.d3[min(3, n)])/k.tot3[b] + math.Exp(k.lnBack3[b]+k.lnP2[k.find(t&(1<<40-1))])
		f(uint32(t>>40), uint32(t>>20&mask20), uint32(t&mask20), math.Log(p))
	}
}
