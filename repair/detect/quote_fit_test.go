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

var (
	quoteHeld  = flag.String("fit-quote", "", "fit the weights of lost quotations on this training text")
	quoteEvery = flag.Int("fit-quote-every", 1, "use every Nth document")
	quoteOut   = flag.String("fit-quote-out", "", "write the weights there")
)

// quotePairs finds the quotations of a document: the tokens of both marks, in
// blocks whose marks are all paired.
func quotePairs(d *text.Document) (pairs, doubtful [][2]int) {
	for _, b := range d.Blocks {
		if b.First == b.Next {
			continue
		}
		open := -1
		n := len(pairs)
		for i := int(d.Sentences[b.First].First); i < int(d.Sentences[b.Next-1].End); i++ {
			if d.Tokens[i].Kind != text.Punct || !isQuote(d.Str(i)) {
				continue
			}
			if open < 0 {
				open = i
			} else {
				pairs = append(pairs, [2]int{open, i})
				open = -1
			}
		}
		if open >= 0 {
			pairs = pairs[:n]
			doubtful = append(doubtful, [2]int{b.Start, b.End})
		}
	}
	return pairs, doubtful
}

// unquoted takes quotations out of a document, each with a chance, or all marks.
func unquoted(d *text.Document, r *damage.Rand, all bool, chance float64) (string, [][2]int, []string) {
	drop := map[int]int{} // token of a mark to its pair
	pairs, doubtful := quotePairs(d)
	var doubts []string // the first words of blocks with a mark left over
	for _, b := range doubtful {
		s := strings.NewReplacer(`"`, "", "“", "", "”", "").Replace(d.Text[b[0]:b[1]])
		doubts = append(doubts, s[:min(len(s), 60)])
	}
	gold := make([][2]int, len(pairs))
	for k, p := range pairs {
		if all || r.Chance(chance) {
			drop[p[0]], drop[p[1]] = k+1, k+1
		}
	}
	var out strings.Builder
	at := 0
	for i := range d.Tokens {
		t := d.Tokens[i]
		k := drop[i]
		if k == 0 && !(all && t.Kind == text.Punct && isQuote(d.Str(i))) {
			continue
		}
		out.WriteString(d.Text[at:t.Start])
		at = int(t.End)
		if k > 0 {
			if i == pairs[k-1][0] {
				gold[k-1][0] = out.Len()
			} else {
				gold[k-1][1] = out.Len()
			}
		}
	}
	out.WriteString(d.Text[at:])
	var kept [][2]int
	for k := range gold {
		if drop[pairs[k][0]] > 0 {
			kept = append(kept, gold[k])
		}
	}
	return out.String(), kept, doubts
}

// quoteSample is an anchor with the features of each reading.
type quoteSample struct {
	slots [][]uint32
	right int // reading that is right, from 1; 0: none
	set   setting
	kind  anchorKind
	text  string
}

// quoteFit is a conditional logit over the readings of an anchor and leaving it
// alone, fitted by AdaGrad.
type quoteFit struct{ w, g []float32 }

// conf is the softmax over leaving (0) and the readings.
func (m *quoteFit) conf(s *quoteSample, buf []float64) []float64 {
	buf = append(buf[:0], 0)
	top := 0.0
	for _, fs := range s.slots {
		z := 0.0
		for _, f := range fs {
			z += float64(m.w[f])
		}
		buf = append(buf, z)
		top = max(top, z)
	}
	var sum float64
	for i := range buf {
		buf[i] = math.Exp(buf[i] - top)
		sum += buf[i]
	}
	for i := range buf {
		buf[i] /= sum
	}
	return buf
}

func (m *quoteFit) step(s *quoteSample, rate, l2 float64, buf []float64) []float64 {
	buf = m.conf(s, buf)
	for k, fs := range s.slots {
		g := buf[k+1]
		if s.right == k+1 {
			g--
		}
		if math.Abs(g) < 1e-3 {
			continue
		}
		for _, f := range fs {
			d := g + l2*float64(m.w[f])
			m.g[f] += float32(d * d)
			m.w[f] -= float32(rate * d / math.Sqrt(float64(m.g[f])+1))
		}
	}
	return buf
}

// TestFitQuote fits the weights of the search for lost quotations to the
// documents that the other models were trained on, and checks them on those that
// are kept out:
//
//	go test ./repair/detect -run FitQuote -timeout 2h -fit-quote TRAIN.txt -fit-quote-out quote.model && gzip -9n < quote.model > rules/en/model/quote.model.gz
func TestFitQuote(t *testing.T) {
	if *quoteHeld == "" {
		t.Skip("no -fit-quote file")
	}
	e := testEngine(t)
	var check []quoteSample
	lost, found, seen := [3]int{}, [3]int{}, 0 // quotations that lost their marks; those among the readings of an anchor
	one := func(damaged string, gold [][2]int, doubts []string, f func(quoteSample)) {
		p := e.Reparse(damaged)
		defer p.Close()
		q := p.quotedTokens()
		set := p.quoteSetting(&q)
		lost[set] += len(gold)
		var list []quotation
		for _, a := range p.anchors(&q) {
			list = p.quotations(&a, &q, list)
			if a.kind == lone || len(list) == 0 || slices.ContainsFunc(doubts, func(x string) bool { return strings.HasPrefix(damaged[a.block.Start:a.block.End], x) }) {
				continue
			}
			s := quoteSample{set: set, kind: a.kind}
			for k := range list {
				s.slots = append(s.slots, p.quoteFeatures(&a, &list[k], &q, set, nil))
				from, to := int(p.Doc.Tokens[list[k].open].Start), int(p.Doc.Tokens[list[k].last].End)
				for _, g := range gold {
					if g[0] == from && g[1] == to {
						s.right = k + 1
					}
				}
			}
			if s.right > 0 {
				found[set]++
			}
			b := p.Doc.Sentences[list[0].s0]
			s.text = damaged[p.Doc.Tokens[b.First].Start:p.Doc.Tokens[p.Doc.Sentences[list[0].s1-1].End-1].End]
			f(s)
		}
	}
	m := &quoteFit{make([]float32, quoteSlots), make([]float32, quoteSlots)}
	var buf []float64
	const epochs = 3
	for epoch := range epochs {
		r := damage.NewRand(11 + uint64(epoch))
		rate := 0.15 / float64(1+epoch)
		loss, samples := 0.0, 0
		learn := func(s quoteSample) {
			buf = m.step(&s, rate, *fitL2, buf)
			loss -= math.Log(max(1e-9, buf[s.right]))
			samples++
		}
		eachHeld(t, *quoteHeld, func(n int, doc string) {
			held := lm.HeldOut(doc)
			if len(doc) < 900 || held && epoch+1 < epochs || !held && n%*quoteEvery != 0 {
				return
			}
			d := text.Parse(doc)
			if pairs, _ := quotePairs(d); len(pairs) < 2 {
				return // its own source may have stripped it
			}
			f := learn
			if held {
				f = func(s quoteSample) { check = append(check, s) }
			}
			seen++
			damaged, gold, doubts := unquoted(d, r, true, 1)
			one(damaged, gold, doubts, f)
			damaged, gold, doubts = unquoted(d, r, false, 0.12)
			one(damaged, gold, doubts, f)
			damaged, gold, doubts = unquoted(d, r, false, 0.12)
			one(damaged, gold, doubts, f)
			one(doc, nil, doubts, f)
		})
		var ll float64
		var bySet [3]float64
		for k := range check {
			buf = m.conf(&check[k], buf)
			l := -math.Log(max(1e-9, buf[check[k].right]))
			ll += l
			bySet[check[k].set] += l
		}
		t.Logf("loss by setting %.1f", bySet)
		t.Logf("epoch %d: %d documents, loss of %d samples %.4f, of %d kept out %.4f", epoch, seen, samples, loss/float64(max(1, samples)), len(check), ll/float64(max(1, len(check))))
	}
	t.Logf("%d to check; quotations %v, among the readings %v", len(check), lost, found)
	cuts := []float64{0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99}
	var n, right [3][3][8]int
	for k := range check {
		s := &check[k]
		buf = m.conf(s, buf)
		best := 1
		for i := range buf {
			if i > 1 && buf[i] > buf[best] {
				best = i
			}
		}
		for j, at := range cuts {
			if buf[best] >= at {
				n[s.set][s.kind][j]++
				if best == s.right {
					right[s.set][s.kind][j]++
				} else if at == 0.9 {
					t.Logf("WRONG %d %d %.3f right=%d best=%d %s", s.set, s.kind, buf[best], s.right, best, s.text)
				}
			}
		}
	}
	for set := range n {
		for kind := range n[set] {
			var b strings.Builder
			for j := range n[set][kind] {
				fmt.Fprintf(&b, " %d/%d", right[set][kind][j], n[set][kind][j])
			}
			t.Logf("set %d kind %d: right/proposed from %v:%s", set, kind, cuts, b.String())
		}
	}
	if *quoteOut != "" {
		top := 0.0
		for _, w := range m.w {
			top = max(top, math.Abs(float64(w)))
		}
		var b strings.Builder
		fmt.Fprintf(&b, "copydesk hashed 1\n%.6f\n", top/127)
		for _, w := range m.w {
			b.WriteByte(byte(int8(math.Round(float64(w) / top * 127))))
		}
		if err := os.WriteFile(*quoteOut, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
