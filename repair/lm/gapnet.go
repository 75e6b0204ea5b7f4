package lm

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// GapNet looks again at gaps that Spacing is not sure of: a network of two hidden
// layers over the eight characters on each side, with the spaces between them, how
// common the pieces on both sides are, alone and put together, how well they go
// together and with the words around, and what Spacing says. On kept-out text it
// takes 44 % off Spacing's loss in those gaps. The first layer is sums of rows of a
// table, one for each thing seen (as in Chen and Manning, "A fast and accurate
// dependency parser using neural networks", 2014, section 4), all of it in whole
// numbers: the same on every machine. Safe for many goroutines.
type GapNet struct{ weights string }

const (
	netMagic  = "copydesk gapnet 1\n"
	netReach  = 8                                                                          // characters looked at on each side
	netSyms   = 66                                                                         // rows of a character's place: 64 characters, a capital, a space before it
	netWords  = 8                                                                          // things known of the words around
	netRows   = 2*netReach*netSyms + netWords*64                                           // rows of the table
	netFirst  = 32                                                                         // width of the first layer
	netSecond = 16                                                                         // width of the second
	netStep   = 48                                                                         // weights are kept in so many parts of one
	netSize   = netRows*netFirst + 2*netFirst + netSecond*netFirst + netSecond + netSecond // bytes of one each
	netClip   = 10 * 24                                                                    // steps of Spacing's odds looked at
)

// OpenGapNet reads a model in place: the string must stay as it is.
func OpenGapNet(data string) (*GapNet, error) {
	w, ok := strings.CutPrefix(data, netMagic)
	if !ok || len(w) != netSize+4 {
		return nil, errors.New("not a copydesk model of doubtful gaps, or one of another version: build it anew with copydesk train gapnet")
	}
	return &GapNet{w}, nil
}

// netView is what the network sees of a gap: rows of its table, and Spacing's odds
// in steps.
type netView struct {
	rows  [2*netReach*3 + netWords]uint16
	n     int
	steps int32
}

func (v *netView) put(row int) {
	v.rows[v.n] = uint16(row)
	v.n++
}

// look fills a view of the gap between the bytes before left and those from right
// on, as Spacing.LogOdds has it.
func (v *netView) look(m *Memo, s string, left, right int, steps int32) {
	v.n, v.steps = 0, max(-netClip, min(netClip, steps))
	at := left
	for n := 0; n < netReach; n++ {
		if at == 0 || s[at-1] == '\n' {
			v.put(n * netSyms)
			continue
		}
		c, size := rune(s[at-1]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeLastRuneInString(s[:at])
		}
		at -= size
		space := at > 0 && s[at-1] == ' '
		if space {
			at--
		}
		v.char(n, c, space)
	}
	at = right
	space := false
	for n := netReach; n < 2*netReach; n++ {
		if at == len(s) || s[at] == '\n' {
			v.put(n * netSyms)
			continue
		}
		c, size := rune(s[at]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRuneInString(s[at:])
		}
		at += size
		v.char(n, c, space)
		if space = at < len(s) && s[at] == ' '; space {
			at++
		}
	}
	v.words(m, s, left, right)
}

// char puts the character at a place, with whether a space stands before it.
func (v *netView) char(place int, c rune, space bool) {
	sym, upper := netSym(c)
	v.put(place*netSyms + sym)
	if upper {
		v.put(place*netSyms + 64)
	}
	if space {
		v.put(place*netSyms + 65)
	}
}

// netSym is a character as the network sees it, from 1 on.
func netSym(c rune) (sym int, upper bool) {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 1, false
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 1, true
	case c >= '0' && c <= '9':
		return 27, false
	}
	switch c {
	case '\'', '’', '‘':
		return 28, false
	case '-', '‐', '‑':
		return 29, false
	case '.':
		return 30, false
	case ',':
		return 31, false
	case '"', '“', '”':
		return 32, false
	case ':', ';', '!', '?':
		return 33, false
	case '(', '[':
		return 34, false
	case ')', ']':
		return 35, false
	case '–', '—':
		return 36, false
	}
	if !unicode.IsLetter(c) {
		return 38, false
	}
	upper = unicode.IsUpper(c)
	if b := baseLetter(unicode.ToLower(c)); b != '#' {
		return int(b-'a') + 1, upper
	}
	return 37, upper
}

const netPiece = 24 // bytes of a piece of a word

// words puts what is known of the pieces of words on both sides.
func (v *netView) words(m *Memo, s string, left, right int) {
	from, to := left, right
	for from > 0 && left-from < netPiece && inWord(s[from-1]) {
		from--
	}
	for to < len(s) && to-right < netPiece && inWord(s[to]) {
		to++
	}
	var before, after string
	if from > 1 && s[from-1] == ' ' {
		k := from - 1
		for k > 0 && from-k < netPiece && inWord(s[k-1]) {
			k--
		}
		before = s[k : from-1]
	}
	if to+1 < len(s) && s[to] == ' ' {
		k := to + 1
		for k < len(s) && k-to < netPiece && inWord(s[k]) {
			k++
		}
		after = s[to+1 : k]
	}
	l, r := s[from:left], s[right:to]
	both := ""
	if l != "" && r != "" {
		both = l + r
	}
	for k, n := range [netWords]int{m.common(l), m.common(r), m.common(both), m.together(before, l), m.together(l, r), m.together(r, after), m.together(before, both), m.together(both, after)} {
		v.put(2*netReach*netSyms + k*64 + n)
	}
}

// common says in 64 classes how common a piece is: nothing, by its probability and
// whether small letters are rare for it, listed only, or by the spelling of its
// letters.
func (m *Memo) common(w string) int {
	if w == "" {
		return 0
	}
	i := m.Lookup(w)
	switch {
	case i.LnProb != 0:
		n := max(3, min(20, int(-i.LnProb))) - 2
		if i.Lower <= 2 && w[0] >= 'a' && w[0] <= 'z' {
			n += 32
		}
		return n
	case i.Flags&Known != 0:
		return 19
	}
	return 20 + max(0, min(9, int(-m.LnProb(w)/float64(len(w))*2)-2))
}

// together says by how many nats a word is likelier behind another than anywhere, in
// classes: 0 where one is not there, 1 where training text did not hold one, from 3 on.
func (m *Memo) together(a, b string) int {
	if a == "" || b == "" {
		return 0
	}
	i := m.Lookup(b)
	if i.LnProb == 0 || m.Lookup(a).LnProb == 0 {
		return 1
	}
	ln, _ := m.Score(m.Free().Next(Key(a)), Key(b))
	return max(-4, min(10, int(math.Round(ln-float64(i.LnProb))))) + 7
}

// logOdds is the ln odds that a space belongs into the gap.
func (m *GapNet) logOdds(v *netView) float64 {
	w := m.weights
	var first [netFirst]int32
	for _, row := range v.rows[:v.n] {
		for k, c := range []byte(w[int(row)*netFirst : (int(row)+1)*netFirst]) {
			first[k] += int32(int8(c))
		}
	}
	w = w[netRows*netFirst:]
	for k := range first {
		first[k] += int32(int8(w[k]))*4 + int32(int8(w[netFirst+k]))*v.steps/96
		first[k] = max(0, first[k])
	}
	w = w[2*netFirst:]
	last := w[netSecond*netFirst:]
	sum := int64(0)
	for j := range netSecond {
		x := int32(int8(last[j])) * 4 * netStep
		for k, c := range []byte(w[j*netFirst : (j+1)*netFirst]) {
			x += int32(int8(c)) * first[k]
		}
		sum += int64(max(0, x)) * int64(int8(last[netSecond+j]))
	}
	tail := []byte(last[2*netSecond:])
	own := int64(int16(binary.LittleEndian.Uint16(tail)))*24 + int64(int16(binary.LittleEndian.Uint16(tail[2:])))*int64(v.steps)
	return float64(sum)/(netStep*netStep*netStep) + float64(own)/(1024*24)
}

// GapOdds is the ln odds that a space belongs into s between the bytes before left
// and those from right on: by Spacing, and by GapNet where that is less than sure.
func (m *Memo) GapOdds(s string, left, right int, quoted bool) float64 {
	odds := m.SpaceOdds(s, left, right, quoted)
	if m.models.GapNet == nil || math.Abs(odds) > NetDoubt {
		return odds
	}
	var v netView
	v.look(m, s, left, right, int32(math.Round(odds/spacingStep)))
	return m.models.GapNet.logOdds(&v)
}

// NetDoubt is the log odds of Spacing up to which GapNet has learnt to look: of
// damaged text's gaps one in thirty is as doubtful, and most that are wrong.
const NetDoubt = 8.0

// GapNetTrainer fits a GapNet by stochastic gradient descent with a step of its own
// for each row of weights (Duchi et al. 2011, "Adaptive subgradient methods"). The
// same samples in the same order give the same bytes.
type GapNetTrainer struct {
	memo    *Memo
	packed  []uint16 // the samples: label and weight, steps, number of rows, rows
	at      []int    // where each begins
	Gaps    int      // asked about, looked at or not
	rand    *rand.Rand
	table   []netRow
	odds    netRow
	bias    netRow
	second  [netSecond]netRow
	biases  [netSecond]netWeight
	last    [netSecond]netWeight
	own     [2]netWeight // a constant, and what Spacing's odds count for
	first   [netFirst]float32
	deeper  [netSecond]float32
	lessons float32 // the step
}

// netRow is weights that share a summed square of the gradient.
type netRow struct {
	w   [netFirst]float32
	sum float32
}

type netWeight struct{ w, sum float32 }

// NewGapNetTrainer returns a trainer that looks words up in m.
func NewGapNetTrainer(m *Memo) *GapNetTrainer {
	t := &GapNetTrainer{memo: m, table: make([]netRow, netRows), rand: rand.New(rand.NewPCG(1, 1))}
	fill := func(r *netRow, scale float64) {
		for k := range r.w {
			r.w[k] = float32(t.rand.NormFloat64() * scale)
		}
	}
	for k := range t.table {
		fill(&t.table[k], 0.06)
	}
	for j := range t.second {
		fill(&t.second[j], 0.15)
		t.last[j].w = float32(t.rand.NormFloat64() * 0.2)
	}
	t.own[1].w = 1
	return t
}

// Learn takes one gap, where Spacing is in doubt. Of those that Spacing has right a
// few stand for all.
func (t *GapNetTrainer) Learn(s string, left, right int, quoted, space bool) {
	t.Gaps++
	steps := t.memo.models.Spacing.sum(s, left, right, quoted)
	odds := float64(steps) * spacingStep
	if math.Abs(odds) > NetDoubt {
		return
	}
	weight := 1
	if space == (odds > 0) {
		switch {
		case math.Abs(odds) > 6:
			weight = 8
		case math.Abs(odds) > 3:
			weight = 3
		}
		if t.rand.IntN(weight) > 0 {
			return
		}
	}
	var v netView
	v.look(t.memo, s, left, right, steps)
	head := uint16(weight) << 1
	if space {
		head |= 1
	}
	t.at = append(t.at, len(t.packed))
	t.packed = append(append(t.packed, head, uint16(int16(v.steps)), uint16(v.n)), v.rows[:v.n]...)
}

// Fit goes over all samples but each fiftieth a number of times, and returns what
// those lose by Spacing alone and by the network, in nats a gap.
func (t *GapNetTrainer) Fit(rounds int) (before, after float64, kept int) {
	var order, test []int
	for k, at := range t.at {
		if k%50 == 49 {
			test = append(test, at)
		} else {
			order = append(order, at)
		}
	}
	for round := range rounds {
		t.rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for k, at := range order {
			done := (float64(round) + float64(k)/float64(len(order))) / float64(rounds)
			t.lessons = float32(0.04 * (1 - 0.95*done))
			t.learn(at)
		}
	}
	net, _ := OpenGapNet(string(t.Build()))
	loss := func(z float64, space bool) float64 {
		if space {
			z = -z
		}
		return math.Log1p(math.Exp(z))
	}
	weights := 0.0
	for _, at := range test {
		head := t.packed[at]
		v := netView{steps: int32(int16(t.packed[at+1])), n: int(t.packed[at+2])}
		copy(v.rows[:], t.packed[at+3:at+3+v.n])
		w := float64(head >> 1)
		weights += w
		before += w * loss(float64(v.steps)*spacingStep, head&1 == 1)
		after += w * loss(net.logOdds(&v), head&1 == 1)
	}
	return before / weights, after / weights, len(t.at)
}

// learn goes one step down the gradient of a sample's loss.
func (t *GapNetTrainer) learn(at int) {
	head, steps := t.packed[at], float32(int16(t.packed[at+1]))
	rows := t.packed[at+3 : at+3+int(t.packed[at+2])]
	odds := steps / 96
	h := &t.first
	for k := range h {
		h[k] = t.bias.w[k] + t.odds.w[k]*odds
	}
	for _, r := range rows {
		w := &t.table[r].w
		for k := range h {
			h[k] += w[k]
		}
	}
	for k := range h {
		h[k] = max(0, h[k])
	}
	z := t.own[0].w + t.own[1].w*odds*4
	for j := range t.second {
		x := t.biases[j].w
		w := &t.second[j].w
		for k := range h {
			x += w[k] * h[k]
		}
		t.deeper[j] = max(0, x)
		z += t.last[j].w * t.deeper[j]
	}
	e := float32(1 / (1 + math.Exp(-float64(z))))
	if head&1 == 1 {
		e--
	}
	e *= float32(head >> 1)
	if e < 1e-3 && e > -1e-3 {
		return
	}
	t.own[0].step(e, t.lessons)
	t.own[1].step(e*odds*4, t.lessons)
	var d [netFirst]float32
	for j := range t.second {
		if t.deeper[j] == 0 {
			continue
		}
		g := e * t.last[j].w
		t.last[j].step(e*t.deeper[j], t.lessons)
		t.biases[j].step(g, t.lessons)
		w := &t.second[j]
		for k := range d {
			d[k] += g * w.w[k]
		}
		w.step(h, g, t.lessons)
	}
	for k := range d {
		if h[k] == 0 {
			d[k] = 0
		}
	}
	t.bias.step(&d, 1, t.lessons)
	t.odds.step(&d, odds, t.lessons)
	for _, r := range rows {
		t.table[r].step(&d, 1, t.lessons)
	}
}

// step takes x times a factor for the gradient.
func (r *netRow) step(x *[netFirst]float32, factor, rate float32) {
	sum := float32(0)
	for _, v := range x {
		sum += v * v
	}
	r.sum += sum * factor * factor / netFirst * 4
	f := factor * rate / float32(math.Sqrt(float64(r.sum)+1e-4))
	for k, v := range x {
		r.w[k] -= f * v
	}
}

func (w *netWeight) step(g, rate float32) {
	w.sum += g * g
	w.w -= rate * g / float32(math.Sqrt(float64(w.sum)+1e-4))
}

// Build packs the weights.
func (t *GapNetTrainer) Build() []byte {
	out := []byte(netMagic)
	small := func(v float32, parts float64) {
		out = append(out, byte(int8(max(-127, min(127, math.Round(float64(v)*parts))))))
	}
	for k := range t.table {
		for _, v := range t.table[k].w {
			small(v, netStep)
		}
	}
	for _, v := range t.bias.w {
		small(v, netStep/4)
	}
	for _, v := range t.odds.w {
		small(v, netStep)
	}
	for j := range t.second {
		for _, v := range t.second[j].w {
			small(v, netStep)
		}
	}
	for j := range t.biases {
		small(t.biases[j].w, netStep/4)
	}
	for j := range t.last {
		small(t.last[j].w, netStep)
	}
	for _, w := range t.own {
		out = binary.LittleEndian.AppendUint16(out, uint16(int16(max(-32768, min(32767, math.Round(float64(w.w)*1024))))))
	}
	return out
}
