package detect

import (
	"cmp"
	"encoding/binary"
	"encoding/gob"
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
	strayText  = flag.String("fit-stray", "", "fit the net of stray stops on these files of documents, NAME:EVERY, with commas between them")
	strayCache = flag.String("fit-stray-cache", "", "keep what was seen in them there")
	strayOut   = flag.String("fit-stray-out", "", "write the net there")
	strayWrong = flag.String("fit-stray-wrong", "", "write the places that are most surely judged wrong there")
)

// straySample is a stop before a capital with the answer.
type straySample struct {
	V    seamView
	Base float64 // what the facts alone say: strayWeights
	Y    bool
	Move bool // blocks were moved around it
	Lot  int  // 0 seen by the models, 1 not seen, 2 not seen and kept for proofs
	Text string
}

type strayLot struct {
	Words   []uint32
	Samples []straySample
	All     [3][2]int // stops looked at, by lot and answer
}

func harvestStray(t *testing.T, e *Engine) *strayLot {
	lot := &strayLot{}
	files := strings.Split(*strayText, ",")
	name, _, _ := strings.Cut(files[0], ":")
	lot.Words = netVocabulary(t, name)[:]
	var maker damage.Maker
	for _, f := range files {
		var every uint64
		name, n, _ := strings.Cut(f, ":")
		fmt.Sscan(n, &every)
		eachHeld(t, name, func(n int, doc string) {
			which := 0
			if lm.HeldOut(doc) {
				which = 1
				if lm.Proof(doc) {
					which = 2
				}
			} else if uint64(lm.Key(doc))/25%every != 0 {
				return
			}
			if len(doc) < 900 {
				return
			}
			r := damage.NewRand(uint64(lm.Key(doc)) + 7)
			doc = strings.TrimSpace(doc)
			lot.take(e, doc, nil, which)
			rounds := 1
			if which > 0 {
				rounds = 3
			}
			for range rounds {
				hurt, gold := maker.Make(text.Parse(doc), strayRecipe(r), r)
				lot.take(e, hurt, gold, which)
			}
		})
		t.Logf("%s: %d samples, %v", name, len(lot.Samples), lot.All)
	}
	return lot
}

// strayRecipe hurts clauses as a translator does, and leaves alone what earlier
// rounds of the repair mend.
func strayRecipe(r *damage.Rand) damage.Recipe {
	var c damage.Recipe
	much := 0.5 + 1.5*r.Float64()
	for k, rate := range map[damage.Kind]float64{
		damage.SpuriousBreakCap: 8, damage.BreakMove: 8, damage.SpuriousBreakLC: 2, damage.MoveNoBreak: 2, damage.MoveWord: 2,
		damage.DeterminerLost: 1, damage.DeterminerAdded: 0.5, damage.WordSubstituted: 1, damage.DupWord: 1, damage.MissingBreakSpace: 1,
	} {
		c.Kind[k] = much * rate
	}
	return c
}

func (l *strayLot) take(e *Engine, doc string, gold []damage.Gold, which int) {
	p := e.Reparse(doc)
	defer p.Close()
	net := &strayNet{known: l.Words}
	id := func(i int) uint16 { return p.arranger().identity(net.known, i) }
	g := 0
	for _, b := range p.Doc.Blocks {
		for k := b.First + 1; k < b.Next; k++ {
			i := int(p.Doc.Sentences[k].First)
			s, ok := p.stopBefore(i)
			if !ok || !p.mayBeStray(&s) {
				continue
			}
			from, to := int(p.Doc.Tokens[s.mark].Start), int(p.Doc.Tokens[i].End)
			for g < len(gold) && gold[g].End < from {
				g++
			}
			made, moved := false, false
			if g < len(gold) && gold[g].Start <= to {
				switch gold[g].Kind {
				case damage.SpuriousBreakCap:
					made = gold[g].Start <= from && gold[g].End >= from
				case damage.BreakMove, damage.MoveWord:
					moved = true
				default:
					continue
				}
			}
			l.All[which][btoi(made)]++
			f := p.facts(seam{s.first, s.mark, i, s.last})
			base := dot((*[numFacts]float64)(&strayWeights), &f)
			if base < strayGate {
				continue
			}
			a, z := p.Doc.Tokens[max(0, i-14)].Start, p.Doc.Tokens[min(len(p.Doc.Tokens), i+12)-1].End
			sample := straySample{V: p.view(&s, &f, id), Base: base, Y: made, Move: moved, Lot: which, Text: doc[a:z]}
			l.Samples = append(l.Samples, sample)
		}
	}
}

type strayFit struct {
	embed, ge [][strayEmbed]float32
	mean, div [numSeam]float32
	dense, gd [numSeam][strayHidden]float32
	words, gw [seamWords][strayEmbed][strayHidden]float32
	bias, gb  [strayHidden]float32
	out, go_  [strayHidden]float32
	lin, gl   [numSeam]float32
	last, gl_ float32
	hid       [strayHidden]float32
	xs        [numSeam]float32
}

func (n *strayFit) forward(v *seamView) float32 {
	h := n.bias
	sum := n.last
	for k, x := range v.X {
		x = max(-4, min(4, (x-n.mean[k])*n.div[k]))
		n.xs[k] = x
		sum += x * n.lin[k]
		if x != 0 {
			for j, w := range &n.dense[k] {
				h[j] += x * w
			}
		}
	}
	for side, id := range v.IDs {
		for k, e := range &n.embed[id] {
			for j, w := range &n.words[side][k] {
				h[j] += e * w
			}
		}
	}
	n.hid = h
	for j, x := range h {
		sum += max(x, 0) * n.out[j]
	}
	return sum
}

func (n *strayFit) learn(v *seamView, d, rate float32) {
	step := func(w, g *float32, d float32) {
		*g += d * d
		*w -= rate * d / float32(math.Sqrt(float64(*g)+1e-2))
	}
	const decay = 2e-6
	step(&n.last, &n.gl_, d)
	var dh [strayHidden]float32
	for j, x := range n.hid {
		if x > 0 {
			dh[j] = d * n.out[j]
			step(&n.out[j], &n.go_[j], d*x+decay*n.out[j])
			step(&n.bias[j], &n.gb[j], dh[j])
		}
	}
	for k, x := range &n.xs {
		step(&n.lin[k], &n.gl[k], d*x)
		if x == 0 {
			continue
		}
		for j, e := range &dh {
			if e != 0 {
				step(&n.dense[k][j], &n.gd[k][j], e*x)
			}
		}
	}
	for side, id := range v.IDs {
		e := n.embed[id]
		for k := range e {
			var sum float32
			for j, x := range &dh {
				if x != 0 {
					sum += x * n.words[side][k][j]
					step(&n.words[side][k][j], &n.gw[side][k][j], x*e[k])
				}
			}
			step(&n.embed[id][k], &n.ge[id][k], sum+decay*e[k])
		}
	}
}

// pack writes the net as parseStray reads it.
func (n *strayFit) pack(words []uint32) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(strayMagic), uint32(len(words)))
	for _, w := range words {
		out = binary.LittleEndian.AppendUint32(out, w)
	}
	block := func(ws []float32, width int) {
		var top float64
		for _, w := range ws {
			top = max(top, math.Abs(float64(w)))
		}
		step := max(top, 1e-9) / float64(int(1)<<(8*width-1)-1)
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(step))
		for _, w := range ws {
			w := int16(math.Round(float64(w) / step))
			if out = append(out, byte(w)); width == 2 {
				out = append(out, byte(w>>8))
			}
		}
	}
	var flat []float32
	for i := range n.embed {
		flat = append(flat, n.embed[i][:]...)
	}
	block(flat, 1)
	block(n.mean[:], 2)
	block(n.div[:], 2)
	flat = nil
	for k := range n.dense {
		flat = append(flat, n.dense[k][:]...)
	}
	block(flat, 2)
	flat = nil
	for s := range n.words {
		for k := range n.words[s] {
			flat = append(flat, n.words[s][k][:]...)
		}
	}
	block(flat, 2)
	block(n.bias[:], 2)
	block(n.out[:], 2)
	block(append(n.lin[:len(n.lin):len(n.lin)], n.last), 2)
	return out
}

func TestFitStrayNet(t *testing.T) {
	if *strayText == "" {
		t.Skip("no -fit-stray files")
	}
	e := testEngine(t)
	lot := &strayLot{}
	if f, err := os.Open(*strayCache); err == nil {
		if err := gob.NewDecoder(f).Decode(lot); err != nil {
			t.Fatal(err)
		}
		f.Close()
	} else {
		lot = harvestStray(t, e)
		if f, err := os.Create(*strayCache); err == nil {
			if err := gob.NewEncoder(f).Encode(lot); err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
	fitStray(t, lot)
}

func fitStray(t *testing.T, lot *strayLot) {
	var n [3][3]int
	for i := range lot.Samples {
		s := &lot.Samples[i]
		n[s.Lot][kindOfStray(s)]++
	}
	t.Logf("all stops %v; at the gate, by lot: real, moved, stray: %v", lot.All, n)
	net := &strayFit{embed: make([][strayEmbed]float32, netFixed+len(lot.Words)), ge: make([][strayEmbed]float32, netFixed+len(lot.Words))}
	r := damage.NewRand(3)
	normal := startWeights(r)
	for i := range net.embed {
		for k := range net.embed[i] {
			net.embed[i][k] = normal(0.2)
		}
	}
	for s := range net.words {
		for k := range net.words[s] {
			for j := range net.words[s][k] {
				net.words[s][k][j] = normal(0.15)
			}
		}
	}
	for k := range net.dense {
		for j := range net.dense[k] {
			net.dense[k][j] = normal(0.1)
		}
	}
	for j := range net.out {
		net.out[j] = normal(0.15)
	}
	var train []int
	var m, q [numSeam]float64
	for i := range lot.Samples {
		if lot.Samples[i].Lot < 2 {
			train = append(train, i)
			for k, x := range lot.Samples[i].V.X {
				m[k] += float64(x)
				q[k] += float64(x) * float64(x)
			}
		}
	}
	for k := range m {
		mean := m[k] / float64(len(train))
		dev := math.Sqrt(max(1e-6, q[k]/float64(len(train))-mean*mean))
		net.mean[k], net.div[k] = float32(mean), float32(1/dev)
		if dev < 1e-2 {
			net.div[k] = 0
		}
	}
	weight := func(s *straySample) float32 {
		w := float32(1)
		if !s.Y && !s.Move {
			w = float32(*strayReal)
		}
		if s.Lot == 1 {
			w *= 1.5
		}
		return w
	}
	for round := range *strayRounds {
		rate := float32(0.05) / float32(1+round)
		for i := len(train) - 1; i > 0; i-- {
			j := r.IntN(i + 1)
			train[i], train[j] = train[j], train[i]
		}
		var loss, sum float64
		for _, i := range train {
			s := &lot.Samples[i]
			z := float64(net.forward(&s.V)) + s.Base
			p := 1 / (1 + math.Exp(-z))
			w := weight(s)
			loss -= float64(w) * math.Log(max(1e-9, math.Abs(float64(btoi(!s.Y))-p)))
			sum += float64(w)
			net.learn(&s.V, w*float32(p-float64(btoi(s.Y))), rate)
		}
		t.Logf("round %d: %.4f nats", round, loss/sum)
		if round+1 == *strayRounds {
			judgeStray(t, lot, net)
		}
	}
	if *strayOut != "" {
		if err := os.WriteFile(*strayOut, net.pack(lot.Words), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if *strayWrong == "" {
		return
	}
	type place struct {
		z float64
		s *straySample
	}
	var list []place
	for i := range lot.Samples {
		if s := &lot.Samples[i]; s.Lot == 2 {
			list = append(list, place{s.Base + float64(net.forward(&s.V)), s})
		}
	}
	slices.SortStableFunc(list, func(a, b place) int { return cmp.Compare(b.z, a.z) })
	var b strings.Builder
	for k, x := range list {
		if !x.s.Y {
			fmt.Fprintf(&b, "%d\t%.2f\t%.2f\t%v\t%q\n", k, x.z, x.s.Base, x.s.Move, x.s.Text)
		}
	}
	os.WriteFile(*strayWrong, []byte(b.String()), 0o644)
}

func kindOfStray(s *straySample) int {
	switch {
	case s.Y:
		return 2
	case s.Move:
		return 1
	}
	return 0
}

// judgeStray logs how many stray stops are found at so many wrong ones, on text kept
// for proofs and on text that the models have not seen.
func judgeStray(t *testing.T, lot *strayLot, net *strayFit) {
	for _, how := range []struct {
		name string
		f    func(s *straySample) float64
	}{
		{"base", func(s *straySample) float64 { return s.Base }},
		{"base-swap", func(s *straySample) float64 { return s.Base - 1.3*float64(s.V.X[seamSwap]) }},
		{"net", func(s *straySample) float64 { return s.Base + float64(net.forward(&s.V)) }},
	} {
		var z [3][]float64
		for i := range lot.Samples {
			if s := &lot.Samples[i]; s.Lot == 2 {
				z[kindOfStray(s)] = append(z[kindOfStray(s)], how.f(s))
			}
		}
		for k := range z {
			slices.SortFunc(z[k], func(a, b float64) int { return cmp.Compare(b, a) })
		}
		var b strings.Builder
		above := func(z []float64, th float64) int {
			n := 0
			for n < len(z) && z[n] >= th {
				n++
			}
			return n
		}
		for _, found := range []float64{0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8} {
			k := int(found * float64(lot.All[2][1]))
			if k >= len(z[2]) {
				break
			}
			th := z[2][k]
			fmt.Fprintf(&b, "  %.2f: %d+%d", found, above(z[0], th), above(z[1], th))
		}
		t.Logf("%-10s real+moved at recall (of %d real, %d stray)%s", how.name, lot.All[2][0], lot.All[2][1], b.String())
	}
}

var (
	strayRounds = flag.Int("fit-stray-rounds", 6, "rounds")
	strayReal   = flag.Float64("fit-stray-real", 3, "weight of a real end of a sentence")
)
