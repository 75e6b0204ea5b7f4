package detect

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"copydesk/repair/damage"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var pairOut = flag.String("fit-pair-out", "", "with -fit-quote: write the weights of marks that left no trace there")

// lostMark is a mark or a pair that was taken out of a text: the bytes between
// which the words stand now.
type lostMark struct {
	kind     lostKind
	from, to int
}

// unmarked takes marks within sentences out of a document, each with a chance;
// all the quotation marks where all is set.
func unmarked(d *text.Document, r *damage.Rand, chance float64, all bool) (string, []lostMark) {
	const (
		none = iota
		cut  // the token goes
		join // the token and the white space on both sides become one blank
	)
	drop := make([]uint8, len(d.Tokens))
	type gold struct {
		kind     lostKind
		from, to int // tokens: the first behind the mark, the last before it
	}
	var golds []gold
	pairs, _ := quotePairs(d)
	for i := range d.Tokens {
		if all && d.Tokens[i].Kind == text.Punct && isQuote(d.Str(i)) {
			drop[i] = cut
		}
	}
	for _, q := range pairs {
		if all || r.Chance(chance/2) {
			drop[q[0]], drop[q[1]] = cut, cut
			if q[1]-1 > q[0] {
				golds = append(golds, gold{lostFragment, q[0] + 1, q[1] - 1})
			}
		}
	}
	for _, s := range d.Sentences {
		var dashes []int
		for i := int(s.First); i < int(s.End); i++ {
			switch w := d.Str(i); {
			case w == "—", w == "–", w == "--" && i > 0, w == "-" && d.Tokens[i].Gap == text.GapSpace:
				dashes = append(dashes, i)
			case w == "which" || w == "who" || w == "whose" || w == "where":
				if i > int(s.First)+1 && d.Str(i-1) == "," && d.Tokens[i-1].Gap == text.GapNone && d.Tokens[i-2].Kind != text.Punct && r.Chance(chance) {
					drop[i-1] = cut
					golds = append(golds, gold{lostRelative, i, i})
				}
			}
		}
		if len(dashes) == 2 && dashes[0] > int(s.First)+1 && dashes[1] > dashes[0]+2 && dashes[1]+2 < int(s.End) && r.Chance(chance) {
			drop[dashes[0]], drop[dashes[1]] = join, join
			golds = append(golds, gold{lostDashes, dashes[0] + 1, dashes[1] - 1})
		}
	}
	var b strings.Builder
	starts, stops := make([]int, len(d.Tokens)), make([]int, len(d.Tokens))
	at, blank := 0, false
	for i := range d.Tokens {
		t := d.Tokens[i]
		switch {
		case drop[i] == join:
			b.WriteByte(' ')
			at, blank = int(t.End), true
			continue
		case drop[i] == cut:
			b.WriteString(d.Text[at:t.Start])
			at = int(t.End)
			continue
		}
		if !blank {
			b.WriteString(d.Text[at:t.Start])
		}
		blank = false
		starts[i] = b.Len()
		b.WriteString(d.Text[t.Start:t.End])
		stops[i] = b.Len()
		at = int(t.End)
	}
	b.WriteString(d.Text[at:])
	var out []lostMark
	for _, g := range golds {
		out = append(out, lostMark{g.kind, starts[g.from], stops[g.to]})
	}
	return b.String(), out
}

// pairSample is a sentence with the features of each reading.
type pairSample struct {
	kind  lostKind
	set   setting
	slots [][]uint32
	right int // reading that is right, from 1; 0: none
	note  []string
}

// pairNegatives is the share of the sentences without a lost mark that are
// learnt from: one in so many.
const pairNegatives = 4

// TestFitPair fits the weights of marks that left no trace to documents that the
// other models have not seen, four fifths of them, and checks them on the rest:
//
//	go test ./repair/detect -run FitPair -timeout 1h -fit-quote HELD.txt -fit-pair-out rules/en/model/lostmarks.model
func TestFitPair(t *testing.T) {
	if *quoteHeld == "" || *pairOut == "" {
		t.Skip("no -fit-quote file or no -fit-pair-out")
	}
	e := testEngine(t)
	m := &quoteFit{make([]float32, pairSlots), make([]float32, pairSlots)}
	var check []pairSample
	lost, among := [3]int{}, [3]int{}
	samples := func(damaged string, gold []lostMark, r *damage.Rand, one int, f func(*pairSample)) {
		p := e.Reparse(damaged)
		defer p.Close()
		s := p.sentencePairs()
		at := [3]map[int]int{{}, {}, {}}
		for _, g := range gold {
			at[g.kind][g.from] = g.to
		}
		var list []pair
		for _, b := range p.Doc.Blocks {
			for k := b.First; k < b.Next; k++ {
				se := p.Doc.Sentences[k]
				if !s.read(se.First, se.End) {
					continue
				}
				for kind := range lostRelative + 1 {
					x := pairSample{kind: kind, set: s.set}
					list = s.pairs(kind, list[:0])
					begun := 0
					for i := s.first + 1; i < s.end; i++ {
						if _, ok := at[kind][int(p.Doc.Tokens[i].Start)]; ok {
							begun++
							lost[kind]++
						}
					}
					if kind != lostRelative && begun == 0 && !r.Chance(1/float64(one)) || len(list) == 0 {
						continue
					}
					emit := func() {
						if x.right > 0 {
							among[kind]++
						}
						if begun <= 1 && (begun == 0) == (x.right == 0) {
							f(&x)
						}
					}
					for n, y := range list {
						x.slots = append(x.slots, slices.Clone(y.slots(s)))
						from := int(p.Doc.Tokens[y.i].Start)
						to, ok := at[kind][from]
						if ok && (kind == lostRelative || to == int(p.Doc.Tokens[y.j].End)) {
							x.right = len(x.slots)
						}
						x.note = append(x.note, damaged[max(0, from-40):from]+"|"+damaged[from:min(len(damaged), max(from+30, int(p.Doc.Tokens[y.j].End)))])
						if kind == lostRelative {
							begun = x.right
							emit()
							x = pairSample{kind: kind, set: s.set}
						} else if n+1 == len(list) {
							emit()
						}
					}
				}
			}
		}
	}
	var buf []float64
	view := func(x *pairSample) *quoteSample { return &quoteSample{slots: x.slots, right: x.right} }
	const epochs = 3
	for epoch := range epochs {
		r := damage.NewRand(31 + uint64(epoch))
		rate := 0.15 / float64(1+epoch)
		loss, n := 0.0, 0
		learn := func(x *pairSample) {
			buf = m.step(view(x), rate, *fitL2, buf)
			loss -= math.Log(max(1e-9, buf[x.right]))
			n++
		}
		eachHeld(t, *quoteHeld, func(k int, doc string) {
			if !lm.HeldOut(doc) {
				return
			}
			d := text.Parse(doc)
			f, one := learn, pairNegatives
			if k%5 == 0 {
				if epoch+1 < epochs {
					return
				}
				f, one = func(x *pairSample) { check = append(check, *x) }, pairNegatives
			}
			damaged, gold := unmarked(d, r, 0.5, false)
			samples(damaged, gold, r, one, f)
			if strings.ContainsAny(doc, "\"“") {
				damaged, gold = unmarked(d, r, 0.5, true)
				samples(damaged, gold, r, one, f)
			}
		})
		t.Logf("epoch %d: loss %.5f of %d", epoch, loss/float64(n), n)
	}
	t.Logf("lost %v, among the readings %v", lost, among)
	cuts := []float64{0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98}
	for kind := range lostRelative + 1 {
		for set := range fewReports + 1 {
			var pos, neg int
			n, right := [10]int{}, [10]int{}
			var rank [6]int
			for k := range check {
				x := &check[k]
				if x.kind != kind || x.set != set {
					continue
				}
				buf = m.conf(view(x), buf)
				best := 1
				for i := range buf {
					if i > 0 && buf[i] > buf[best] {
						best = i
					}
				}
				if x.right > 0 {
					pos++
					better := 0
					for i := range buf {
						if i > 0 && buf[i] > buf[x.right] {
							better++
						}
					}
					rank[min(better, 5)]++
				} else {
					neg++
				}
				for c, at := range cuts {
					if buf[best] >= at {
						n[c]++
						if x.right == best {
							right[c]++
						} else if at == 0.2 && kind < lostRelative || at == 0.9 {
							t.Logf("WRONG %d %d %.3f %q", kind, set, buf[best], x.note[best-1])
						}
					}
				}
			}
			var b strings.Builder
			for c := range cuts {
				fmt.Fprintf(&b, " %d/%d", right[c], n[c])
			}
			t.Logf("kind %d set %d: %d of %d sentences (the others are one in %d); ranked %v; right/proposed from %v:%s", kind, set, pos, pos+neg, pairNegatives, rank, cuts, b.String())
		}
	}
	top := 0.0
	for _, w := range m.w {
		top = max(top, math.Abs(float64(w)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "copydesk hashed 1\n%.6f\n", top/127)
	for _, w := range m.w {
		b.WriteByte(byte(int8(math.Round(float64(w) / top * 127))))
	}
	if err := os.WriteFile(*pairOut, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
