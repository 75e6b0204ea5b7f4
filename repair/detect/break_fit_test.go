package detect

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/damage"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var (
	breakHeld  = flag.String("fit-break", "", "fit the weights of stray and lost stops on documents that the models have not counted")
	breakWrong = flag.String("fit-break-wrong", "", "write the places there that are most surely judged wrong")
	boundaryIn = flag.String("fit-break-boundary", "", "with this boundary model in place of the shipped one")
)

// seamSample is a seam with the answer: whether its sentence was cut there, or
// whether it lost its stop there.
type seamSample struct {
	f    [numFacts]float64
	y    bool
	doc  int
	text string
}

// TestFitBreak fits the weights for stops before a capital that may be stray, and
// for capitals within a sentence that may have lost a stop:
//
//	go test ./repair/detect -run FitBreak -fit-break HELD.txt
func TestFitBreak(t *testing.T) {
	if *breakHeld == "" {
		t.Skip("no -fit-break file")
	}
	e := testEngine(t)
	if *boundaryIn != "" {
		b, err := os.ReadFile(*boundaryIn)
		if err != nil {
			t.Fatal(err)
		}
		if e.Models.Boundary, err = lm.OpenBoundary(string(b)); err != nil {
			t.Fatal(err)
		}
	}
	r := damage.NewRand(9)
	var stray, lost []seamSample
	take := func(n int, p *Pass, s seam, y bool) seamSample {
		from, to := p.Doc.Tokens[max(0, s.r-12)].Start, p.Doc.Tokens[min(len(p.Doc.Tokens), s.r+8)-1].End
		return seamSample{p.facts(s), y, n, p.Doc.Text[from:to]}
	}
	each := func(n int, p *Pass, stops, gaps map[int]bool) {
		clean := stops == nil && gaps == nil
		for _, b := range p.Doc.Blocks {
			if !clean && stops == nil {
				break
			}
			for k := b.First + 1; k < b.Next; k++ {
				i := int(p.Doc.Sentences[k].First)
				made := stops[int(p.Doc.Tokens[i].Start)]
				if s, ok := p.stopBefore(i); ok && made != clean && p.mayBeStray(&s) {
					stray = append(stray, take(n, p, seam{s.first, s.mark, i, s.last}, made))
				}
			}
		}
		for _, i := range p.At(MidUpper) {
			made := gaps[int(p.Doc.Tokens[i].Start)]
			if s, ok := p.mayHaveLost(int(i)); ok && made != clean && (clean || gaps != nil) {
				lost = append(lost, take(n, p, s, made))
			}
		}
	}
	eachHeld(t, *breakHeld, func(n int, doc string) {
		p := e.Reparse(doc)
		each(n, p, nil, nil)
		p.Close()
		hurt, at := cutSentences(doc, r)
		p = e.Reparse(hurt)
		each(n, p, at, nil)
		p.Close()
		hurt, at = joinSentences(doc, r)
		p = e.Reparse(hurt)
		each(n, p, nil, at)
		p.Close()
	})
	var wrong strings.Builder
	for _, set := range []struct {
		name string
		s    []seamSample
	}{{"stray", stray}, {"lost", lost}} {
		out := make([]float64, len(set.s))
		for fold := range 3 {
			w := fitSeams(set.s, fold)
			for i := range set.s {
				if set.s[i].doc%3 == fold {
					out[i] = dot(&w, &set.s[i].f)
				}
			}
		}
		tail(t, set.name, set.s, out)
		order := make([]int, len(out))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int {
			if out[a] > out[b] {
				return -1
			}
			return 1
		})
		k := 0
		for _, i := range order {
			if s := &set.s[i]; !s.y && k < 150 {
				fmt.Fprintf(&wrong, "%s\t%.2f\t%q\n", set.name, out[i], s.text)
				k++
			}
		}
		w := fitSeams(set.s, -1)
		var b strings.Builder
		for _, x := range w {
			fmt.Fprintf(&b, " %.3f,", x)
		}
		t.Logf("%s weights:%s", set.name, b.String())
	}
	if *breakWrong != "" {
		if err := os.WriteFile(*breakWrong, []byte(wrong.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// cutSentences puts a stop and a capital into four sentences of ten, and says at
// which bytes the capitals stand.
func cutSentences(doc string, r *damage.Rand) (string, map[int]bool) {
	d := text.Parse(doc)
	var b strings.Builder
	gold := map[int]bool{}
	at := 0
	for _, s := range d.Sentences {
		if s.End-s.First < 4 || !r.Chance(0.4) {
			continue
		}
		for range 4 {
			i := int(s.First) + 1 + r.IntN(int(s.End-s.First)-2)
			t, l := d.Tokens[i], d.Tokens[i-1]
			if t.Kind != text.Word || l.Kind != text.Word || t.Gap != text.GapSpace || t.Shape&(text.InitialUpper|text.HasDot) != 0 || l.Shape&text.HasDot != 0 {
				continue
			}
			b.WriteString(doc[at:l.End])
			b.WriteString(". ")
			gold[b.Len()] = true
			c, size := utf8.DecodeRuneInString(doc[t.Start:])
			b.WriteRune(unicode.ToUpper(c))
			at = int(t.Start) + size
			break
		}
	}
	b.WriteString(doc[at:])
	return b.String(), gold
}

// joinSentences takes the stop from four sentences of ten, and says at which bytes
// the next ones begin.
func joinSentences(doc string, r *damage.Rand) (string, map[int]bool) {
	d := text.Parse(doc)
	var b strings.Builder
	gold := map[int]bool{}
	at := 0
	for _, s := range d.Sentences {
		if int(s.End) >= len(d.Tokens) || d.Tokens[s.End].Gap != text.GapSpace || d.Str(int(s.End)-1) != "." || !r.Chance(0.4) {
			continue
		}
		stop := d.Tokens[s.End-1]
		b.WriteString(doc[at:stop.Start])
		gold[b.Len()+1] = true
		at = int(stop.End)
	}
	b.WriteString(doc[at:])
	return b.String(), gold
}

func dot(w, f *[numFacts]float64) (sum float64) {
	for k := range w {
		sum += w[k] * f[k]
	}
	return sum
}

// fitSeams is logistic regression by Newton's method on all documents but those of
// one fold, both answers weighing the same.
func fitSeams(samples []seamSample, fold int) (w [numFacts]float64) {
	var n [2]float64
	for i := range samples {
		if samples[i].doc%3 != fold {
			n[btoi(samples[i].y)]++
		}
	}
	for range 8 {
		var g [numFacts]float64
		var h [numFacts][numFacts]float64
		for k := range h {
			h[k][k] = 3
			g[k] = -3 * w[k]
		}
		for i := range samples {
			s := &samples[i]
			if s.doc%3 == fold {
				continue
			}
			q := 1 / (1 + math.Exp(-dot(&w, &s.f)))
			wt := (n[0] + n[1]) / 2 / n[btoi(s.y)]
			e, v := wt*(float64(btoi(s.y))-q), wt*q*(1-q)
			for a, x := range s.f {
				if x == 0 {
					continue
				}
				g[a] += e * x
				for b := range a + 1 {
					h[a][b] += v * x * s.f[b]
				}
			}
		}
		d := solveSeams(&h, g)
		for k := range w {
			w[k] += d[k]
		}
	}
	return w
}

// solveSeams is h\g by Cholesky's method; only the lower half of h is read.
func solveSeams(h *[numFacts][numFacts]float64, g [numFacts]float64) [numFacts]float64 {
	for j := range numFacts {
		for i := j; i < numFacts; i++ {
			x := h[i][j]
			for k := range j {
				x -= h[i][k] * h[j][k]
			}
			if i == j {
				h[j][j] = math.Sqrt(x)
			} else {
				h[i][j] = x / h[j][j]
			}
		}
	}
	for i := range numFacts {
		for k := range i {
			g[i] -= h[i][k] * g[k]
		}
		g[i] /= h[i][i]
	}
	for i := numFacts - 1; i >= 0; i-- {
		for k := i + 1; k < numFacts; k++ {
			g[i] -= h[k][i] * g[k]
		}
		g[i] /= h[i][i]
	}
	return g
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// tail logs how many of the right places are found where so many of the wrong ones
// are.
func tail(t *testing.T, name string, samples []seamSample, z []float64) {
	var by [2][]float64
	for i := range samples {
		k := btoi(samples[i].y)
		by[k] = append(by[k], z[i])
	}
	slices.Sort(by[0])
	slices.Sort(by[1])
	var b strings.Builder
	for _, rate := range []float64{1e-4, 2e-4, 5e-4, 1e-3, 3e-3, 1e-2} {
		th := by[0][len(by[0])-1-int(rate*float64(len(by[0])))]
		k, _ := slices.BinarySearch(by[1], th+1e-12)
		fmt.Fprintf(&b, "  %.0e (%.1f nats): %.3f", rate, th, 1-float64(k)/float64(len(by[1])))
	}
	t.Logf("%s: %d wrong, %d right;%s", name, len(by[0]), len(by[1]), b.String())
}
