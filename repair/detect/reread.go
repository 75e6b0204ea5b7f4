package detect

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/text"
)

// cell is one character of a text on its way through the readings, and the
// bytes of the source that it came from.
type cell struct {
	r          rune
	sym        text.Sym
	start, end int32
	loss       loss
	by         int8 // the misreading undone last, as an index into misreadings, from 1
}

// loss says what a cell had to guess.
type loss uint8

const (
	whole     loss = iota
	fromSpace      // a no-break space within the character had become a space, or was lost
	unknown        // one of its bytes is gone: the character is U+FFFD
	guessed        // one of its bytes is gone: the likeliest character
)

func (c cell) ascii() bool { return c.r < 0x80 }

// Limits of rereading.
const (
	maxDepth = 4    // rounds of misreading: three times were seen, and each round undoes up to three of one charset
	chunk    = 2048 // cells that are decided together; lines are cut there at white space
	leave    = 0.5  // nats for undamaged text behind damaged
	again    = 2.5  // nats for a misreading that the document has shown elsewhere
	tryEarly = 0.75 // share of its price at which a misreading is tried: the proposal pays all of it
	proof    = 20   // nats of a misreading in a document that show it
)

// rereader finds the likeliest history of a text: which stretches were misread,
// and how. It is a hidden Markov model over characters. Its states are "as
// written" and every misreading; a state emits what its bytes mean, by the character model,
// and changing state costs what the misreading's rarity says. The path of least cost
// is found by dynamic programming (Viterbi 1967), in time linear in the text.
type rereader struct {
	m      *text.CharModel
	states []*misreading // active here
	index  []int8        // of each state in misreadings, from 1
	enter  []float32     // price of each
	score  []float32     // of each position and state; state 0 is "as written"
	from   []step
	last   []text.Sym // symbol emitted last, for each position and state
}

// step is how a position and state were reached.
type step struct {
	prev  int32 // position
	state int8  // before
	loss  loss
	r     rune
}

const impossible = float32(-1e30)

// lnTrans is the ln probability of b after a; neighbours in ASCII cost nothing,
// for no reading changes them.
func (d *rereader) lnTrans(a, b text.Sym, ascii bool) float32 {
	if ascii && d.m.ASCII(a) && d.m.ASCII(b) {
		return 0
	}
	return d.m.LnProb(a, b)
}

// decide rereads a chunk of cells and appends what it becomes to out. The
// scores in nats that each state gained over leaving its cells alone are added to gains.
func (d *rereader) decide(cells []cell, out []cell, gains []float32) []cell {
	n, k := len(cells), len(d.states)+1
	d.score = grown(d.score, (n+1)*k)
	d.from = grown(d.from, (n+1)*k)
	d.last = grown(d.last, (n+1)*k)
	for i := range d.score {
		d.score[i] = impossible
	}
	d.score[0], d.last[0] = 0, text.Break
	relax := func(at, state int, s float32, st step, sym text.Sym) {
		if x := at*k + state; s > d.score[x] {
			d.score[x], d.from[x], d.last[x] = s, st, sym
		}
	}
	for i := range n {
		c := &cells[i]
		row := d.score[i*k : (i+1)*k]
		// As written, from any state.
		for s := range k {
			if row[s] == impossible {
				continue
			}
			cost := d.lnTrans(d.last[i*k+s], c.sym, c.ascii())
			if s == 0 {
				relax(i+1, 0, row[0]+cost, step{int32(i), 0, whole, c.r}, c.sym)
				continue
			}
			relax(i+1, 0, row[s]+cost-leave, step{int32(i), int8(s), whole, c.r}, c.sym)
			if c.ascii() {
				relax(i+1, s, row[s]+cost, step{int32(i), int8(s), whole, c.r}, c.sym)
			}
		}
		if c.ascii() {
			continue
		}
		for j := 1; j < k; j++ {
			d.emit(cells, i, j, k, relax)
		}
	}
	return d.trace(cells, out, gains, n, k)
}

// emit lets state j read what begins at cell i.
func (d *rereader) emit(cells []cell, i, j, k int, relax func(int, int, float32, step, text.Sym)) {
	m := d.states[j-1]
	row := d.score[i*k : (i+1)*k]
	try := func(r rune, size int, penalty float32, l loss) {
		sym := d.m.Sym(r)
		for s := range k {
			if row[s] == impossible {
				continue
			}
			v := row[s] + d.m.LnProb(d.last[i*k+s], sym) - penalty
			if s != j {
				v -= d.enter[j-1]
				if s != 0 {
					v -= leave
				}
			}
			relax(i+size, j, v, step{int32(i), int8(s), l, r}, sym)
		}
	}
	if r, size := m.unit(cells, i); size > 0 {
		penalty := float32(0)
		switch {
		case m.marks && r == '’' && foreignMark(cells, i):
			penalty = noClitic
		case m.was != nil && !m.marks && r != cells[i].r:
			penalty = d.doubt(cells, i)
		}
		try(r, size, penalty, whole)
		return
	}
	if m.was == nil && m.then == nil {
		m.lossy(cells, i, try)
	}
}

// noClitic is what ’ must pay between letters of which the later are no English
// clitic: in Spanish text in macintosh the same byte is í.
const noClitic = 9

func foreignMark(cells []cell, i int) bool {
	if i == 0 || i+2 >= len(cells) || !isLetter(cells[i-1].r) {
		return false
	}
	next, after := cells[i+1].r, cells[i+2].r
	switch {
	case !isLetter(next) || next >= 'A' && next <= 'Z':
		return false
	case next == 's' || next == 't' || next == 'd' || next == 'm':
		return isLetter(after)
	}
	return !(next == 'r' && after == 'e' || next == 'v' && after == 'e' || next == 'l' && after == 'l')
}

// What a character of one legacy charset read as another's must pay in nats.
const (
	lonely = 9  // no letter stands beside it: lists of characters are full of such
	proper = 8  // it stands well where it is
	mark   = 12 // it is a quotation mark, a dash or a ligature, as much text has
	fit    = 14 // nats of both its transitions up to which a character stands well
)

// doubt is the price of reading a single character otherwise.
func (d *rereader) doubt(cells []cell, i int) float32 {
	prev, next := text.Break, text.Break
	letters := false
	if i > 0 {
		prev = cells[i-1].sym
		letters = unicode.IsLetter(cells[i-1].r)
	}
	if i+1 < len(cells) {
		next = cells[i+1].sym
		letters = letters || unicode.IsLetter(cells[i+1].r)
	}
	var price float32
	if !letters {
		price += lonely
	}
	if d.m.LnProb(prev, cells[i].sym)+d.m.LnProb(cells[i].sym, next) > -fit {
		price += proper
	}
	switch cells[i].r {
	case '’', '‘', '“', '”', '–', '—', '…', 'ﬁ', 'ﬂ':
		price += mark
	}
	return price
}

// trace walks the best path back and emits its cells.
func (d *rereader) trace(cells, out []cell, gains []float32, n, k int) []cell {
	best := 0
	for s := 1; s < k; s++ {
		if d.score[n*k+s]-leave > d.score[n*k+best] {
			best = s
		}
	}
	from := len(out)
	for at, s := n, best; at > 0; {
		st := d.from[at*k+s]
		p := int(st.prev)
		c := cell{r: st.r, sym: d.last[at*k+s], start: cells[p].start, end: cells[at-1].end, loss: st.loss}
		for x := p; x < at; x++ {
			c.loss = max(c.loss, cells[x].loss)
			c.by = max(c.by, cells[x].by)
		}
		if s > 0 {
			c.by = d.index[s-1]
		}
		out = append(out, c)
		if g := max(s, int(st.state)); g > 0 && gains != nil {
			gains[g-1] += d.gain(cells, p, at, d.last[p*k+int(st.state)], c.sym)
		}
		at, s = p, int(st.state)
	}
	slices.Reverse(out[from:])
	return out
}

// gain is what one step of a path is worth, over leaving its cells [from, to)
// alone: prev and sym are the symbols emitted before it and by it.
func (d *rereader) gain(cells []cell, from, to int, prev, sym text.Sym) float32 {
	p := text.Break
	if from > 0 {
		p = cells[from-1].sym
	}
	g := d.lnTrans(prev, sym, cells[from].ascii())
	for _, c := range cells[from:to] {
		g -= d.lnTrans(p, c.sym, c.ascii())
		p = c.sym
	}
	return g
}

func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}

// cellsOf cuts a text into cells, of the stretches of ASCII only the two first
// characters and the last one before the next other character: what lies
// between costs the same in all readings.
func cellsOf(m *text.CharModel, s string, cells []cell) []cell {
	add := func(r rune, start, end int) {
		cells = append(cells, cell{r: r, sym: m.Sym(r), start: int32(start), end: int32(end)})
	}
	for i := 0; i < len(s); {
		if s[i] < 0x80 {
			j := i + 1
			for j < len(s) && s[j] < 0x80 {
				j++
			}
			for x := i; x < j; x++ {
				if x < i+2 || x == j-1 {
					add(rune(s[x]), x, x+1)
				}
			}
			i = j
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		add(r, i, i+n)
		i += n
	}
	return cells
}

// reread finds what a text was before it was misread, once or several times.
// It returns the cells of the text as they are and as they were.
func reread(s string) (is, was []cell) {
	d := &rereader{m: text.Characters()}
	is = cellsOf(d.m, s, make([]cell, 0, len(s)/8+64))
	was = is
	for depth := range maxDepth {
		next, changed := d.once(was, depth == 0)
		if !changed {
			break
		}
		was = next
	}
	return is, was
}

// once undoes one misreading of each place. Legacy says whether one legacy
// charset may have been read as another: that happens last, if at all.
func (d *rereader) once(cells []cell, legacy bool) ([]cell, bool) {
	d.choose(cells, legacy)
	if len(d.states) == 0 {
		return cells, false
	}
	gains := make([]float32, len(d.states))
	d.all(cells, gains)
	seen := false
	for i, g := range gains {
		if g > 0 {
			seen = true
		}
		if g > proof {
			d.enter[i] = again
		}
	}
	if !seen {
		return cells, false
	}
	out := d.all(cells, nil)
	return out, !slices.EqualFunc(cells, out, func(a, b cell) bool { return a.r == b.r && a.start == b.start && a.end == b.end })
}

// all decides chunk by chunk.
func (d *rereader) all(cells []cell, gains []float32) []cell {
	out := make([]cell, 0, len(cells))
	for i := 0; i < len(cells); {
		j := min(len(cells), i+chunk)
		for x := j; j < len(cells) && x > i+chunk/2; x-- {
			if cells[x-1].ascii() && cells[x-1].r <= ' ' && !cells[x].ascii() {
				j = x
				break
			}
		}
		out = d.decide(cells[i:j], out, gains)
		i = j
	}
	return out
}

// choose finds the misreadings that any place here could come from.
func (d *rereader) choose(cells []cell, legacy bool) {
	d.states, d.index, d.enter = d.states[:0], d.index[:0], d.enter[:0]
	var bits uint32
	odd := 0 // neighbours that are unlikely as they stand
	c1 := false
	for i := range cells {
		c := &cells[i]
		if c.ascii() {
			continue
		}
		if c.r < 0xA0 {
			c1 = true
		}
		if i > 0 && d.m.LnProb(cells[i-1].sym, c.sym) < -9 || i+1 < len(cells) && d.m.LnProb(c.sym, cells[i+1].sym) < -9 {
			odd++
		}
		b := bitsOf(c.r)
		if i+1 >= len(cells) {
			continue
		}
		next := &cells[i+1]
		t := bitsOf(next.r)
		if next.ascii() || next.r == utf8.RuneError {
			// A character that lost its second byte.
			if lossyLead(c.r) || next.r == utf8.RuneError {
				bits |= b.lead2 | b.lead3
			}
			continue
		}
		bits |= b.lead2 & t.tail
		if b.lead3&t.tail != 0 {
			bits |= b.lead3 & t.tail
		}
		bits |= b.lead4 & t.tail
	}
	for i, m := range misreadings() {
		switch {
		case m.was == nil && bits&m.bit != 0,
			m.marks && c1,
			m.was != nil && !m.marks && legacy && odd > 0:
			d.states = append(d.states, m)
			d.index = append(d.index, int8(i+1))
			d.enter = append(d.enter, m.enter*tryEarly)
		}
	}
}
