package detect

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"copydesk/repair/damage"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var halfOut = flag.String("fit-half-out", "", "with -fit-quote: write the weights of half quotations there")

// TestFitHalf fits the weights for quotations that lost one mark to documents
// that the other models have not seen, and checks them on a fifth of those:
//
//	go test ./repair/detect -run FitHalf -fit-quote TRAIN.txt -fit-half-out rules/en/model/quotehalf.model
func TestFitHalf(t *testing.T) {
	if *quoteHeld == "" {
		t.Skip("no -fit-quote file")
	}
	e := testEngine(t)
	r := damage.NewRand(5)
	var train, check []orderSample
	lost, found := 0, 0
	one := func(n int, damaged string, at map[int]bool) {
		p := e.Reparse(damaged)
		defer p.Close()
		var places []int32
		for _, h := range p.halves() {
			places = p.places(&h, places)
			s := orderSample{}
			for k, i := range places {
				s.dense = append(s.dense, [numDense]float32{})
				s.sparse = append(s.sparse, p.halfFeatures(&h, i, nil))
				pos := int(p.Doc.Tokens[i].Start)
				if h.opens {
					pos = int(p.Doc.Tokens[i].End)
				}
				if at[pos] {
					s.right = k + 1
				}
			}
			if len(s.dense) == 0 {
				continue
			}
			if s.right > 0 {
				found++
			} else {
				lost++
			}
			if n%5 == 0 {
				check = append(check, s)
			} else {
				train = append(train, s)
			}
		}
	}
	eachHeld(t, *quoteHeld, func(n int, doc string) {
		if !lm.HeldOut(doc) {
			return
		}
		d := text.Parse(doc)
		pairs, _ := quotePairs(d)
		if len(pairs) == 0 {
			return
		}
		for range 12 {
			var b strings.Builder
			gold := map[int]bool{}
			at := 0
			for _, q := range pairs {
				if !r.Chance(0.15) {
					continue
				}
				tok := d.Tokens[q[r.IntN(2)]]
				b.WriteString(doc[at:tok.Start])
				gold[b.Len()] = true
				at = int(tok.End)
			}
			b.WriteString(doc[at:])
			one(n, b.String(), gold)
		}
		one(n, doc, nil)
	})
	m := &fitModel{dense: make([]float64, numDense), gd: make([]float64, numDense), table: make([]float64, orderSlots), gt: make([]float64, orderSlots)}
	*fitL2 = 1e-3
	var buf []float64
	for epoch := range 2 {
		for k := range train {
			buf = m.step(&train[(k*7919)%len(train)], 0.2/float64(1+epoch), buf)
		}
		var ll float64
		for k := range check {
			buf = m.conf(&check[k], buf)
			ll -= math.Log(max(1e-9, buf[check[k].right]))
		}
		t.Logf("epoch %d: loss %.4f", epoch, ll/float64(len(check)))
	}
	t.Logf("%d found, %d natural or lost", found, lost)
	report(t, m, check)
	if *halfOut != "" {
		top := 0.0
		for _, w := range m.table[:halfSlots] {
			top = max(top, math.Abs(w))
		}
		var b strings.Builder
		fmt.Fprintf(&b, "copydesk hashed 1\n%.6f\n", top/127)
		for _, w := range m.table[:halfSlots] {
			b.WriteByte(byte(int8(math.Round(w / top * 127))))
		}
		if err := os.WriteFile(*halfOut, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
