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
	"copydesk/repair/text"
)

var (
	quoteHeld = flag.String("fit-quote", "", "fit the weights of lost quotations on this file of documents that were kept out of the model")
	quoteOut  = flag.String("fit-quote-out", "", "write the weights there")
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

// TestFitQuote fits the weights of the search for lost quotations:
//
//	go test ./repair/detect -run FitQuote -fit-quote HELD.txt -fit-quote-out rules/en/model/quote.model
func TestFitQuote(t *testing.T) {
	if *quoteHeld == "" {
		t.Skip("no -fit-quote file")
	}
	e := testEngine(t)
	r := damage.NewRand(11)
	type sample struct {
		orderSample
		set  setting
		kind anchorKind
		text string
	}
	var train, check []sample
	pairsOf, reachable := [3]int{}, [3]int{}
	one := func(n int, damaged string, gold [][2]int, doubts []string) {
		p := e.Reparse(damaged)
		defer p.Close()
		q := p.quotedTokens()
		set := p.quoteSetting(&q)
		if n%5 == 0 {
			pairsOf[set] += len(gold)
		}
		var list []quotation
		for _, a := range p.anchors(&q) {
			list = p.quotations(&a, &q, list)
			if len(list) == 0 || slices.ContainsFunc(doubts, func(x string) bool { return strings.HasPrefix(damaged[a.block.Start:a.block.End], x) }) {
				continue
			}
			s := sample{set: set, kind: a.kind}
			for k := range list {
				s.dense = append(s.dense, [numDense]float32{})
				s.sparse = append(s.sparse, p.quoteFeatures(&a, &list[k], &q, set, nil))
				from, to := int(p.Doc.Tokens[list[k].open].Start), int(p.Doc.Tokens[list[k].last].End)
				for _, g := range gold {
					if g[0] == from && g[1] == to {
						s.right = k + 1
					}
				}
			}
			if s.right > 0 && n%5 == 0 {
				reachable[set]++
			}
			if n%5 == 0 {
				b := p.Doc.Sentences[list[0].s0]
				s.text = damaged[p.Doc.Tokens[b.First].Start:p.Doc.Tokens[p.Doc.Sentences[list[0].s1-1].End-1].End]
				check = append(check, s)
			} else {
				train = append(train, s)
			}
		}
	}
	eachHeld(t, *quoteHeld, func(n int, doc string) {
		d := text.Parse(doc)
		if len(doc) < 900 {
			return
		}
		for range 2 {
			damaged, gold, doubts := unquoted(d, r, true, 1)
			one(n, damaged, gold, doubts)
			damaged, gold, doubts = unquoted(d, r, false, 0.12)
			one(n, damaged, gold, doubts)
		}
		one(n, doc, nil, nil)
	})
	m := &fitModel{make([]float64, numDense), make([]float64, numDense), make([]float64, orderSlots), make([]float64, orderSlots)}
	*fitL2 = 3e-3
	var buf []float64
	for epoch := range 8 {
		rate := 0.2 / float64(1+epoch)
		for k := range train {
			buf = m.step(&train[(k*7919)%len(train)].orderSample, rate, buf)
		}
		var ll float64
		for k := range check {
			buf = m.conf(&check[k].orderSample, buf)
			ll -= math.Log(max(1e-9, buf[check[k].right]))
		}
		t.Logf("epoch %d: loss %.4f", epoch, ll/float64(len(check)))
	}
	t.Logf("%d to fit, %d to check; pairs %v, reachable %v", len(train), len(check), pairsOf, reachable)
	var n, right [3][3][6]int
	for k := range check {
		s := &check[k]
		buf = m.conf(&s.orderSample, buf)
		best := 1
		for i := range buf {
			if i > 1 && buf[i] > buf[best] {
				best = i
			}
		}
		for j, at := range []float64{0.3, 0.5, 0.9, 0.95, 0.98, 0.99} {
			if buf[best] >= at {
				n[s.set][s.kind][j]++
				if best == s.right {
					right[s.set][s.kind][j]++
				} else if j == 2 {
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
			t.Logf("set %d kind %d: right/proposed at .3 .5 .9 .95 .98 .99:%s", set, kind, b.String())
		}
	}
	if *quoteOut != "" {
		top := 0.0
		for _, w := range m.table[:quoteSlots] {
			top = max(top, math.Abs(w))
		}
		var b strings.Builder
		fmt.Fprintf(&b, "copydesk hashed 1\n%.6f\n", top/127)
		for _, w := range m.table[:quoteSlots] {
			b.WriteByte(byte(int8(math.Round(w / top * 127))))
		}
		if err := os.WriteFile(*quoteOut, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
