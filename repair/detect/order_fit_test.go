package detect

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"copydesk/repair/damage"
	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

var (
	fitHeld   = flag.String("fit-order", "", "fit the weights of moved blocks on this file of documents that were kept out of the model")
	fitOut    = flag.String("fit-order-out", "", "write the weights there")
	fitL2     = flag.Float64("fit-order-l2", 2e-6, "penalty on the table's weights")
	fitRuns   = flag.Int("fit-order-runs", 1, "times that each document is damaged")
	fitEpochs = flag.Int("fit-order-epochs", 4, "passes over the held-out documents")
	fitRate   = flag.Float64("fit-order-rate", 0.15, "rate of the first")
	fitSeen   = flag.String("fit-order-seen", "", "begin with one pass over this file of documents that the model has counted")
	fitPasses = flag.Int("fit-order-passes", 1, "passes over that file, each document damaged anew")
	fitWary   = flag.Bool("fit-order-wary", false, "learn to leave what no reading mends")
	fitMax    = flag.Int("fit-order-docs", 1<<30, "documents to read")
)

// moveGold is a damaged place and its repair, in the damaged text.
type moveGold struct {
	edit.Edit
	shape shape
}

// moved damages sentences of a document as a translator that takes pieces of a
// sentence for sentences of their own.
func moved(d *text.Document, r *damage.Rand) (string, []moveGold) {
	var out strings.Builder
	var gold []moveGold
	at := 0
	for _, s := range d.Sentences {
		first, end := int(s.First), int(s.End)
		if end-first < 8 || end-first > 80 {
			continue
		}
		u := r.Float64()
		sh := asItStands
		switch {
		case u < 0.13:
			sh = acrossStop
		case u < 0.20:
			sh = twoStops
		case u < 0.24:
			sh = beforeStop
		case u < 0.36:
			sh = stopOut
		case u < 0.54:
			sh = plainMove
		}
		if sh == asItStands {
			continue
		}
		flows := func(i int) bool {
			return i > first && i < end && d.Tokens[i].Kind == text.Word && d.Tokens[i].Gap == text.GapSpace &&
				(d.Tokens[i-1].Kind == text.Word || d.Tokens[i-1].Kind == text.Clitic || d.Tokens[i-1].Kind == text.Number)
		}
		// A form is drawn first and then its place: drawn together, long blocks, which
		// fit in fewer places, would be rare.
	forms:
		for range 10 {
			f := drawForm(sh, r)
			for range 40 {
				i := first + 1 + r.IntN(end-first-1)
				g, ok := moveAt(d, i, end, sh, f, r, flows)
				if !ok {
					continue
				}
				out.WriteString(d.Text[at:g.Start])
				start := out.Len()
				out.WriteString(g.New)
				gold = append(gold, moveGold{edit.Edit{Span: edit.Span{Start: start, End: out.Len()}, New: d.Text[g.Start:g.End]}, sh})
				at = g.End
				break forms
			}
		}
	}
	out.WriteString(d.Text[at:])
	return out.String(), gold
}

// A wary fitting learns to leave places whose damage no reading mends: gold that is
// out of reach, and moves without a preposition, of which none is labelled. It is right
// more often where it is sure; a plain one ranks better. The mean of both is shipped.
const (
	alsoHurt     = 0.15 // share of the documents that show other damage as well
	alsoHurtWary = 0.3
	headless     = 0.04 // share of the moves without a preposition, in a wary fitting
)

// otherDamage draws the damage that stands beside moves in a translated article.
func otherDamage(r *damage.Rand) (recipe damage.Recipe) {
	for _, k := range []damage.Kind{damage.GluedWords, damage.PossDropped, damage.WordSubstituted, damage.DeterminerLost, damage.DeterminerAdded, damage.DupWord, damage.MissingBreakSpace, damage.RelComma} {
		recipe.Kind[k] = 4 * r.Float64()
	}
	return recipe
}

// moveForm is how a move looks: the words of both blocks, whether a single word moved,
// and whether X or Y begin with a preposition.
type moveForm struct {
	nx, ny int
	small  bool
	x, y   bool
}

// drawForm draws one as often as it is found among the labelled moves.
func drawForm(sh shape, r *damage.Rand) moveForm {
	f := moveForm{small: sh == beforeStop || sh == plainMove && r.Chance(0.3) || sh == acrossStop && r.Chance(0.27)}
	if f.small {
		switch pickN(r, 45, 24, 17, 14) {
		case 0:
			f.nx, f.ny = 1, 1
		case 1:
			f.nx, f.ny = 1, 2
		case 2:
			f.nx, f.ny = 2, 1
		case 3:
			f.nx, f.ny = 3, 1
		}
		return f
	}
	for f.nx+f.ny < 3 {
		f.nx, f.ny = 1+pickN(r, 22, 26, 25, 15, 8, 3, 2), 1+pickN(r, 16, 28, 25, 16, 12, 3, 0.5)
	}
	heads := pickN(r, 42, 32, 26)
	if *fitWary && r.Chance(headless) {
		return f
	}
	f.x, f.y = heads < 2, heads > 0
	return f
}

func pickN(r *damage.Rand, w ...float64) int {
	var sum float64
	for _, x := range w {
		sum += x
	}
	u := r.Float64() * sum
	for i, x := range w {
		if u < x {
			return i
		}
		u -= x
	}
	return len(w) - 1
}

func moveAt(d *text.Document, i, end int, sh shape, f moveForm, r *damage.Rand, flows func(int) bool) (edit.Edit, bool) {
	at := func(i int) int { return int(d.Tokens[i].Start) }
	after := func(i int) int { return int(d.Tokens[i].End) }
	if !flows(i) {
		return edit.Edit{}, false
	}
	if sh == stopOut {
		w := d.Str(i)
		if d.Tokens[i].Shape&text.InitialUpper != 0 || d.Tokens[i-1].Shape&text.HasDot != 0 {
			return edit.Edit{}, false
		}
		if r.Chance(0.5) {
			w = upperFirst(w)
		}
		return edit.Edit{Span: edit.Span{Start: after(i - 1), End: after(i)}, New: ". " + w}, true
	}
	// The clean text is Y X rest.
	j := i
	take := func(n int) bool {
		for range n {
			if j > i && !flows(j) {
				return false
			}
			j++
			for j+1 < end && (d.Tokens[j].Kind == text.Clitic || d.Tokens[j].Gap == text.GapNone && (d.Str(j) == "-" || d.Str(j-1) == "-")) {
				j++
			}
		}
		return true
	}
	if !take(f.ny) || j >= end || !flows(j) {
		return edit.Edit{}, false
	}
	m := j
	i0 := i
	i = m
	if !take(f.nx) || j >= end {
		return edit.Edit{}, false
	}
	i = i0
	// What a translator moves is a phrase with its preposition, or the preposition
	// alone: all but a few.
	x, y := preposition(d.Str(m)), preposition(d.Str(i))
	if f.small {
		if x, y = x && m+1 == j, y && i+1 == m; !x && !y {
			return edit.Edit{}, false
		}
	} else if x != f.x || y != f.y {
		return edit.Edit{}, false
	}
	if d.Tokens[j-1].Shape&text.HasDot != 0 || d.Tokens[m-1].Shape&text.HasDot != 0 {
		return edit.Edit{}, false
	}
	ys, xs := d.Text[at(i):after(m-1)], d.Text[at(m):after(j-1)]
	if ys == xs {
		return edit.Edit{}, false
	}
	span := edit.Span{Start: at(i), End: after(j - 1)}
	switch sh {
	case plainMove:
		return edit.Edit{Span: span, New: xs + " " + ys}, true
	case beforeStop:
		if !flows(j) {
			return edit.Edit{}, false
		}
		return edit.Edit{Span: span, New: xs + " " + ys + "."}, true
	case acrossStop:
		if r.Chance(0.3) {
			ys = upperFirst(ys)
		}
		return edit.Edit{Span: span, New: xs + ". " + ys}, true
	}
	if !flows(j) {
		return edit.Edit{}, false
	}
	rest := d.Str(j)
	span.End = after(j)
	return edit.Edit{Span: span, New: xs + ". " + ys + ". " + upperFirst(rest)}, true
}

// sample is a place with its arrangements and which of them is right: 0 is
// leaving it alone.
type orderSample struct {
	dense  [][numDense]float32
	sparse [][]orderFeature
	wins   []window
	uses   [][]use
	right  int
	shape  shape // of the damage
}

func (a *arranger) sample(list []arrangement, gold *moveGold, net *junctionNet) (orderSample, bool) {
	s := orderSample{}
	index := map[window]uint16{}
	if gold != nil {
		s.shape = gold.shape
	}
	var goldShrunk edit.Edit
	if gold != nil {
		goldShrunk = edit.Shrink(a.p.Doc.Text, gold.Edit)
	}
	for k, g := range list {
		x := a.dense(g)
		a.seams(&g, &x)
		var xs [numDense]float32
		for i := range x {
			xs[i] = float32(x[i])
		}
		s.dense = append(s.dense, xs)
		s.sparse = append(s.sparse, a.features(g, nil))
		if net != nil {
			var us []use
			a.windows(net, &g, func(w *window, made bool) {
				i, ok := index[*w]
				if !ok {
					i = uint16(len(s.wins))
					index[*w] = i
					s.wins = append(s.wins, *w)
				}
				u := use{i, 1}
				if !made {
					u.sign = -1
				}
				us = append(us, u)
			})
			s.uses = append(s.uses, us)
		}
		if gold != nil {
			span, edits, _ := a.edits(g)
			e := edit.Edit{Span: span, New: edit.Reads(a.p.Doc.Text, span, edits)}
			if edit.Shrink(a.p.Doc.Text, e) == goldShrunk {
				s.right = k + 1
			}
		}
	}
	return s, gold == nil || s.right > 0
}

func eachHeld(t *testing.T, path string, f func(n int, doc string)) {
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sc := bufio.NewScanner(file)
	sc.Buffer(make([]byte, 1<<20), 64<<20)
	var b strings.Builder
	n := 0
	flush := func() {
		if b.Len() > 0 && n < *fitMax {
			f(n, b.String())
			n++
		}
		b.Reset()
	}
	for sc.Scan() {
		if len(sc.Bytes()) == 0 {
			flush()
			continue
		}
		b.Write(sc.Bytes())
		b.WriteByte('\n')
	}
	flush()
}

func testEngine(t testing.TB) *Engine {
	models, err := lm.Open(rules.Model())
	if err != nil {
		t.Fatal(err)
	}
	if models.Boundary, err = lm.OpenBoundary(rules.Boundary()); err != nil {
		t.Fatal(err)
	}
	if models.Classes, err = lm.OpenClasses(rules.Classes()); err != nil {
		t.Fatal(err)
	}
	return NewEngine(models, All)
}

type fitModel struct {
	dense, gd []float64
	table, gt []float64
	net       *netFit // nil: none
}

func (m *fitModel) score(s *orderSample, k int) float64 {
	var z float64
	for i, v := range s.dense[k] {
		z += m.dense[i] * float64(v)
	}
	for _, f := range s.sparse[k] {
		z += float64(f.sign) * m.table[f.slot]
	}
	if m.net != nil {
		for _, u := range s.uses[k] {
			z += float64(u.sign) * float64(m.net.scores[u.win])
		}
	}
	return z
}

// conf is the softmax over leaving (0) and the arrangements.
func (m *fitModel) conf(s *orderSample, buf []float64) []float64 {
	buf = append(buf[:0], 0)
	top := 0.0
	if m.net != nil {
		m.net.forward(s.wins)
	}
	for k := range s.dense {
		z := m.score(s, k)
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

func (m *fitModel) step(s *orderSample, rate float64, buf []float64) []float64 {
	buf = m.conf(s, buf)
	for k := range s.dense {
		g := buf[k+1]
		if s.right == k+1 {
			g--
		}
		if math.Abs(g) < 1e-4 {
			continue
		}
		if m.net != nil {
			for _, u := range s.uses[k] {
				m.net.down[u.win] += float32(u.sign) * float32(g)
			}
		}
		for i, v := range s.dense[k] {
			if v == 0 {
				continue
			}
			d := g * float64(v)
			m.gd[i] += d * d
			m.dense[i] -= rate * d / math.Sqrt(m.gd[i]+1e-6)
		}
		for _, f := range s.sparse[k] {
			d := g*float64(f.sign) + *fitL2*m.table[f.slot]
			m.gt[f.slot] += d * d
			m.table[f.slot] -= rate * d / math.Sqrt(m.gt[f.slot]+1)
		}
	}
	if m.net != nil {
		m.net.backward(s.wins, float32(rate**fitNetRate/0.1))
	}
	return buf
}

// TestFitOrder fits the weights of the search for moved blocks:
//
//	go test ./repair/detect -run FitOrder -fit-order HELD.txt -fit-order-out rules/en/model/order.model.gz
func TestFitOrder(t *testing.T) {
	if *fitHeld == "" {
		t.Skip("no -fit-order file")
	}
	e := testEngine(t)
	m := &fitModel{dense: make([]float64, numDense), gd: make([]float64, numDense), table: make([]float64, orderSlots), gt: make([]float64, orderSlots)}
	var net *junctionNet
	if *fitNetOut != "" {
		words := netVocabulary(t, *fitSeen)
		net, m.net = &junctionNet{words: words}, newNetFit(words)
	}
	var buf []float64
	var maker damage.Maker
	var train, check []orderSample
	lost, found := [numShapes]int{}, [numShapes]int{}
	r := damage.NewRand(7)
	seen, steps := *fitSeen != "", 0
	one := func(proof bool, d *text.Document) {
		hurt := alsoHurt
		if *fitWary {
			hurt = alsoHurtWary
		}
		if r.Chance(hurt) {
			text0, _ := maker.Make(d, otherDamage(r), r)
			d = text.Parse(text0)
		}
		damaged, gold := moved(d, r)
		p := e.Reparse(damaged)
		defer p.Close()
		a := p.arranger()
		keep := func(s orderSample, ok bool) {
			if s.shape != asItStands {
				if ok {
					found[s.shape]++
				} else {
					lost[s.shape]++
				}
			}
			if !ok && !*fitWary || len(s.dense) == 0 {
				return
			}
			if seen {
				buf = m.step(&s, 0.1, buf)
				steps++
				return
			}
			if proof {
				check = append(check, s)
			} else {
				train = append(train, s)
			}
		}
		goldAt := func(from, to int) *moveGold {
			for k := range gold {
				if gold[k].Start <= to && from <= gold[k].End {
					return &gold[k]
				}
			}
			return nil
		}
		for i := range p.Doc.Tokens {
			if !a.stop(i) {
				continue
			}
			at := int(p.Doc.Tokens[i].Start)
			g := goldAt(at, at+1)
			if g != nil && g.shape == plainMove {
				g = nil
			}
			if g != nil && g.shape == twoStops && at > g.Start+strings.Index(damaged[g.Start:g.End], ".") {
				continue
			}
			a.atStop(i)
			keep(a.sample(a.best(maxKept), g, net))
		}
		for _, s := range p.Doc.Sentences {
			from, to := int(p.Doc.Tokens[s.First].Start), int(p.Doc.Tokens[s.End-1].End)
			g := goldAt(from, to)
			if g != nil && g.shape != plainMove {
				continue
			}
			a.inSentence(int(s.First), int(s.End), maxTies)
			keep(a.sample(a.best(maxKept), g, net))
		}
	}
	if seen {
		for range *fitPasses {
			eachHeld(t, *fitSeen, func(n int, doc string) {
				if !lm.HeldOut(doc) {
					one(false, text.Parse(doc))
				}
			})
		}
		t.Logf("%d samples of counted text; gold among the arrangements %v, not %v", steps, found, lost)
		seen, lost, found = false, [numShapes]int{}, [numShapes]int{}
	}
	eachHeld(t, *fitHeld, func(n int, doc string) {
		d := text.Parse(doc)
		for range *fitRuns {
			proof := lm.Proof(doc)
			one(proof, d)
			if proof {
				break
			}
		}
	})
	t.Logf("%d samples to fit, %d to check; gold among the arrangements %v, not %v", len(train), len(check), found, lost)
	loss := func(k int) {
		var ll float64
		for k := range check {
			buf = m.conf(&check[k], buf)
			ll -= math.Log(max(1e-9, buf[check[k].right]))
		}
		t.Logf("epoch %d: loss %.4f", k, ll/float64(len(check)))
	}
	loss(0)
	clear(m.gd)
	for epoch := range *fitEpochs {
		rate := *fitRate / float64(1+epoch)
		for k := range train {
			buf = m.step(&train[(k*7919)%len(train)], rate, buf)
		}
		loss(epoch + 1)
	}
	report(t, m, check)
	if *fitOut != "" {
		writeOrder(t, m)
	}
	if m.net != nil {
		writeNet(t, m.net)
	}
}

func report(t *testing.T, m *fitModel, check []orderSample) {
	var n, first, five, det [numShapes]int
	bins := map[int][2]int{}
	var buf []float64
	for k := range check {
		s := &check[k]
		buf = m.conf(s, buf)
		best := 1
		for i := 2; i < len(buf); i++ {
			if buf[i] > buf[best] {
				best = i
			}
		}
		if s.right > 0 {
			n[s.shape]++
			rank := 0
			for i := 1; i < len(buf); i++ {
				if buf[i] > buf[s.right] {
					rank++
				}
			}
			if rank == 0 {
				first[s.shape]++
			}
			if rank < 5 {
				five[s.shape]++
			}
			if buf[0] < 0.5 {
				det[s.shape]++
			}
		} else {
			n[0]++
			if buf[0] < 0.5 {
				det[0]++
			}
		}
		b := int(buf[best] * 20)
		switch {
		case buf[best] > 0.999:
			b = 23
		case buf[best] > 0.99:
			b = 22
		case buf[best] > 0.98:
			b = 21
		}
		x := bins[b]
		x[0]++
		if best == s.right {
			x[1]++
		}
		bins[b] = x
	}
	for sh := range n {
		t.Logf("shape %d: %d, first %.3f, five %.3f, detected %.3f", sh, n[sh], float64(first[sh])/float64(max(1, n[sh])), float64(five[sh])/float64(max(1, n[sh])), float64(det[sh])/float64(max(1, n[sh])))
	}
	for b := 0; b <= 23; b++ {
		if x := bins[b]; x[0] > 0 {
			t.Logf("conf bin %d: %d, right %.4f", b, x[0], float64(x[1])/float64(x[0]))
		}
	}
	t.Logf("dense %.3f", m.dense)
}

// orderLevels is how many levels on each side of zero the weights are rounded to:
// as many again cost 30 kB more and rank no better.
const orderLevels = 63

func writeOrder(t *testing.T, m *fitModel) {
	top := 0.0
	for _, w := range m.table {
		top = max(top, math.Abs(w))
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(z, "copydesk order 1\n%.6f\n", top/orderLevels)
	for _, w := range m.dense {
		fmt.Fprintf(z, "%.5f ", w)
	}
	table := []byte{'\n'}
	for _, w := range m.table {
		table = append(table, byte(int8(math.Round(w/top*orderLevels))))
	}
	if _, err := z.Write(table); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*fitOut, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
