package detect

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
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
	changed    bool // it is not what the text has there; see runBuilder
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
	maxDepth    = 4    // rounds of misreading: three times were seen, and each round undoes up to three of one charset
	chunk       = 2048 // cells that are decided together; longer lines are cut there at white space
	mostAgainst = 5    // nats that the language may say against what is written
	leave       = 0.5  // nats for undamaged text behind damaged
	boxPrice    = 3    // nats for a piece of a box in a document that shows them misread
	again       = 2.5  // nats for a misreading that the document has shown elsewhere
	tryEarly    = 0.75 // share of its price at which a misreading is tried: the proposal pays all of it
	proof       = 20   // nats of a misreading in a document that show it
	plainly     = 16   // nats that each character of a line must gain for the line to be read by one charset without a search
	byChance    = 16   // or nats that a line must gain
	every       = 3    // and each of its characters besides
	mixed       = 4    // nats for a character that windows-1252 has and Latin-1 has not, in a line that was read as Latin-1
	keptASCII   = 4    // characters of ASCII behind another that rules look at
	guessReach  = 600  // bytes that tell the language of a line
	guessAgain  = 4000 // bytes after which they are looked at anew
	signBase    = 0x9E3779B97F4A7C15
	worthSearch = 0.4  // share of its price that a misreading must gain, its places each by itself, to be searched for
	worthLegacy = 0.95 // the same where a place does not depend on its neighbours
	maxState    = 8    // misreadings that one line is searched for
)

// rereader finds the likeliest history of a text: which stretches were misread,
// and how. It is a hidden Markov model over characters. Its states are "as
// written" and every misreading; a state emits what its bytes mean, by the character model,
// and changing state costs what the misreading's rarity says. The path of least cost
// is found by dynamic programming (Viterbi 1967), in time linear in the text.
type rereader struct {
	m          *text.CharModel
	all        []*misreading
	bits       *[lowChars]charBits
	price      []float32 // of each of all: falls where the document has shown it
	gains      []float32 // of each of all: what it gained in the document so far
	could      []float32 // of each of all: what it would gain at every place that it can read
	states     []int     // active in this line: indices into all
	score      []float32 // of each position and state; state 0 is "as written"
	from       []step
	last       []text.Sym // symbol emitted last, for each position and state
	bufs       [2][]cell  // a line before and after a round
	text       string
	line, near edit.Span // the line in the text; what the language was guessed from
	plain      []byte    // see plainOf
	letters    *text.Letters
	lang       text.Language
	guessed    bool
	boxes      float32   // see against
	legacy     bool      // one legacy charset is searched for that was read as another
	latin1     bool      // the line holds controls that windows-1252 has no use for: it was read as Latin-1
	local      []float32 // what each of all would gain in this line; see choose
	by         int       // which of all direct read the line by
	sum        float32   // and what that gained
	hold       uint32    // which charsets hold all of the line: see readers
	ends       []int     // where the character ended that each of all read last; see choose
	syms       []text.Sym
	each       []float32 // local before one stands for all that read the same
	rival      []cell    // see direct
	before     []float32 // see rest
	sign       []uint64  // what each of all would read in this line, hashed
	ask        bool      // see mostAsked
	kept       []cell    // what the lines are read as; see keptCells
	lines      []line
	runs       []run
}

// rereaders keeps the memory of those that are done.
var rereaders = sync.Pool{New: func() any { return new(rereader) }}

func newRereader() *rereader {
	d := rereaders.Get().(*rereader)
	all := misreadings()
	*d = rereader{
		m: text.Characters(), all: all, letters: text.KnownLetters(), bits: charTable(),
		price: grown(d.price, len(all)), gains: grown(d.gains, len(all)), could: grown(d.could, len(all)),
		score: d.score, from: d.from, last: d.last, bufs: d.bufs, plain: d.plain, lang: d.lang,
		local: d.local, ends: d.ends, syms: d.syms, each: d.each, rival: d.rival, before: d.before, sign: d.sign, states: d.states,
		kept: d.kept[:0], lines: d.lines, runs: d.runs,
	}
	d.lang.Forget()
	clear(d.gains)
	clear(d.could)
	d.setPrices(-1)
	return d
}

// mostKept bounds the memory that a rereader keeps of a document, in cells: 2 MB of most text.
const mostKept = 1 << 20

// free gives the rereader back. What the text was read as must be needed no more.
func (d *rereader) free() {
	d.text = ""
	clear(d.runs[:cap(d.runs)]) // they may hold memory of their own
	clear(d.lines[:cap(d.lines)])
	if cap(d.kept) <= mostKept {
		rereaders.Put(d)
	}
}

// keptCells copies the cells of a line to memory that lasts as long as the document is read:
// of ASCII only neighbours of other characters.
func (d *rereader) keptCells(cells []cell) []cell {
	from := len(d.kept)
	behind := false // another character
	for i := range cells {
		c := &cells[i]
		ascii := c.ascii()
		if !ascii || behind || i+1 < len(cells) && !cells[i+1].ascii() {
			d.kept = append(d.kept, *c)
		}
		behind = !ascii
	}
	return d.kept[from:len(d.kept):len(d.kept)]
}

// setPrices sets what each misreading must pay: little for the one that the
// document was misread by, index main, where it is known.
func (d *rereader) setPrices(main int) {
	for i, m := range d.all {
		d.price[i] = m.enter * tryEarly
	}
	if main >= 0 {
		d.price[main] = again
		if _, ok := d.all[main].as.Byte('┬'); ok {
			d.boxes = boxPrice
		}
	}
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

// decide rereads a chunk of cells and appends what it becomes to out.
func (d *rereader) decide(cells, out []cell) []cell {
	n, k := len(cells), len(d.states)+1
	d.score = grown(d.score, (n+1)*k)
	d.from = grown(d.from, (n+1)*k)
	d.last = grown(d.last, (n+1)*k)
	for i := range d.score {
		d.score[i] = impossible
	}
	d.score[0], d.last[0] = 0, text.Break
	for i := range n {
		c := &cells[i]
		row, last := d.score[i*k:(i+1)*k], d.last[i*k:(i+1)*k]
		for s := range k {
			if row[s] == impossible {
				continue
			}
			v := row[s] + d.lnTrans(last[s], c.sym, c.ascii())
			if !c.ascii() && !d.legacy {
				v += d.against(c.r) // what the language has proves nothing: Portuguese has à and Ã
			}
			if s == 0 {
				d.relax((i+1)*k, v, step{int32(i), 0, whole, c.r}, c.sym)
				continue
			}
			d.relax((i+1)*k, v-leave, step{int32(i), int8(s), whole, c.r}, c.sym)
			if c.ascii() {
				d.relax((i+1)*k+s, v, step{int32(i), int8(s), whole, c.r}, c.sym)
			}
		}
		if !c.ascii() {
			for j := 1; j < k; j++ {
				d.emit(cells, i, j, k)
			}
		}
	}
	return d.trace(cells, out, n, k)
}

// against is what speaks against a character as it is written, in nats: that the
// language does not have it, or that it draws a box where the document was misread by a charset
// that has boxes. 0 or below.
func (d *rereader) against(r rune) float32 {
	if boxed(r) {
		return -d.boxes
	}
	return max(-mostAgainst, min(0, d.lang.Cost(r)))
}

// relax keeps the better way to a position and state.
func (d *rereader) relax(x int, v float32, st step, sym text.Sym) {
	if v > d.score[x] {
		d.score[x], d.from[x], d.last[x] = v, st, sym
	}
}

// emit lets state j read what begins at cell i.
func (d *rereader) emit(cells []cell, i, j, k int) {
	m := d.all[d.states[j-1]]
	try := func(r rune, size int, penalty float32, l loss) {
		if i > 0 && isLetter(cells[i-1].r) {
			penalty += max(0, d.lang.Cost(cells[i].r)) // Swedish words end with Å
		}
		penalty += smallBehind(m, cells, i, r)
		d.reach(i, i+size, j, k, r, penalty, l)
	}
	if r, size := m.unit(cells, i); size > 0 && d.m.Sym(r) != text.Unassigned && !m.strange(cells, i, size, r) {
		penalty := float32(0)
		switch {
		case m.was != nil && !m.marks && cells[i].by != 0 && d.all[cells[i].by-1].was == nil:
			return // UTF-8 that was read as one charset was not read as another before
		case m.was != nil && r == '’' && foreignMark(cells, i):
			penalty = noClitic
		case m.was != nil && !m.marks && r != cells[i].r:
			penalty = d.doubt(cells, i)
		case m.was == nil:
			penalty = d.mixture(m, cells[i:i+size]) + smallBehind(m, cells, i, r) - tornWord(cells, i, size, r)
		}
		d.reach(i, i+size, j, k, r, penalty, whole)
		return
	}
	if m.was == nil && m.then == nil {
		m.lossy(cells, i, try)
	}
}

// strange reports whether r is the long s, or a historic Cyrillic or an accented
// Greek letter that would stand beside a letter of ASCII: "”Å" in macintosh is "Ӂ". So is a
// Cyrillic letter all alone in a word of ASCII: "WYJAŚNIEŃ…" in windows-1250 ends with "х".
func (m *misreading) strange(cells []cell, i, size int, r rune) bool {
	before := i > 0 && latinASCII(cells[i-1].r)
	after := i+size < len(cells) && latinASCII(cells[i+size].r)
	switch {
	case r < 'ſ':
		return false
	case r == 'ſ', r < 0x250 && strings.ContainsRune("ƂƃƄƅƍƕƞƨƪƫƺƾƿȡȢȣ", r):
		return true // "┼┐" is a drawing, and "SEKUNDĘ…" in windows-1257 is not "SEKUNDƅ"
	case r >= 0x400 && r < 0x460:
		return (before || after) && (i == 0 || cells[i-1].ascii()) && (i+size == len(cells) || cells[i+size].ascii())
	case r >= 0x500 && r < 0x530:
		return true // nobody writes them today: "РФ—США" in windows-1251 is not "РԗСША"
	case r == 'ʻ' || r == 'ʼ':
		// "«НБК»" in windows-1251 ends with none
		return m.leads(cells, i-1) && unicode.IsLetter(cells[i-1].r)
	case r >= 0x460 && r < 0x530, r >= 0x1F00 && r < 0x2000:
		return before || after
	}
	return false
}

// What speaks for a letter of which the pieces stand within a word of ASCII, in nats, and
// against a small letter behind two capitals that were not misread.
const (
	inPieces = 6
	fallen   = 8
)

// tornWord is what it says for a Latin letter that one of its pieces is a sign, or a letter of
// another script, and that Latin letters stand on both sides: "HawaiК»i", "eb┼ìk".
func tornWord(cells []cell, i, size int, r rune) float32 {
	if i == 0 || i+size >= len(cells) || !latinASCII(cells[i-1].r) || !latinASCII(cells[i+size].r) || !latinLetter(r) {
		return 0
	}
	for k := i; k < i+size; k++ {
		if c := cells[k].r; c >= utf8.RuneSelf && !isLetter(c) {
			return inPieces
		}
	}
	return 0
}

// foreignCapital reports whether a capital of another script follows a small letter of ASCII.
func foreignCapital(before, r rune) bool {
	return before >= 'a' && before <= 'z' && r >= 0x370 && r < 0x530 && unicode.IsUpper(r)
}

// latinLetter reports whether r is a letter of words that are otherwise ASCII.
func latinLetter(r rune) bool {
	return isLetter(r) || r == 'ʻ' || r == 'ʼ' || r >= 0x1E00 && r < 0x1F00
}

// smallBehind is the price of a small letter behind two capitals that were not misread: in
// "«КНР»" the end is no л by windows-1251.
func smallBehind(m *misreading, cells []cell, i int, r rune) float32 {
	if i < 2 || !unicode.IsLower(r) || !unicode.IsUpper(cells[i-1].r) || !unicode.IsUpper(cells[i-2].r) {
		return 0
	}
	if b, ok := m.as.Byte(cells[i-1].r); !cells[i-1].ascii() && ok && b < 0xC0 {
		return 0 // it may end a character
	}
	return fallen
}

func latinASCII(r rune) bool { return r < utf8.RuneSelf && letterASCII(byte(r)) }

// reach emits r in state j between two positions, from every state before.
func (d *rereader) reach(i, to, j, k int, r rune, penalty float32, l loss) {
	sym := d.m.Sym(r)
	enter := d.price[d.states[j-1]]
	cost := d.lang.Cost(r) - penalty
	for s := range k {
		v := d.score[i*k+s]
		if v == impossible {
			continue
		}
		v += d.m.LnProb(d.last[i*k+s], sym) + cost
		if s != j {
			v -= enter
			if s != 0 {
				v -= leave
			}
		}
		d.relax(to*k+j, v, step{int32(i), int8(s), l, r}, sym)
	}
}

// trace walks the best path back and emits its cells.
func (d *rereader) trace(cells, out []cell, n, k int) []cell {
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
		by := int8(0)
		if s > 0 {
			by = int8(d.states[s-1] + 1)
		}
		out = append(out, d.merged(cells[p:at], st.r, d.last[at*k+s], st.loss, by))
		if g := max(s, int(st.state)); g > 0 {
			d.gains[d.states[g-1]] += d.gain(cells, p, at, d.last[p*k+int(st.state)], d.last[at*k+s])
		}
		at, s = p, int(st.state)
	}
	slices.Reverse(out[from:])
	return out
}

// merged is the cell that some cells become.
func (d *rereader) merged(cells []cell, r rune, sym text.Sym, l loss, by int8) cell {
	c := cell{r: r, sym: sym, start: cells[0].start, end: cells[len(cells)-1].end, loss: l, by: by}
	for i := range cells {
		c.loss = max(c.loss, cells[i].loss)
		if by == 0 {
			c.by = max(c.by, cells[i].by)
		}
	}
	return c
}

// gain is what one step of a path is worth, over leaving its cells [from, to)
// alone: prev and sym are the symbols emitted before it and by it.
func (d *rereader) gain(cells []cell, from, to int, prev, sym text.Sym) float32 {
	p := text.Break
	if from > 0 {
		p = cells[from-1].sym
	}
	g := d.lnTrans(prev, sym, cells[from].ascii())
	for i := from; i < to; i++ {
		c := &cells[i]
		g -= d.lnTrans(p, c.sym, c.ascii())
		p = c.sym
	}
	return g
}

// noClitic is what ’ must pay between letters of which the later are no English
// clitic, nor the earlier what French and Italian elide: in Spanish text in
// macintosh the same byte is í.
const noClitic = 20

func foreignMark(cells []cell, i int) bool {
	if i == 0 || i+2 >= len(cells) || !isLetter(cells[i-1].r) {
		return false
	}
	prev, next, after := cells[i-1].r|0x20, cells[i+1].r, cells[i+2].r
	switch {
	case !isLetter(next) || next >= 'A' && next <= 'Z':
		return false
	case strings.ContainsRune("ldjmnstcuv", prev) && strings.ContainsRune("aeiouyhàâäéèêëîïôöûùœ", next):
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

func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/2)
	}
	return s[:n]
}

// cellsOf cuts bytes [start, end) of a text into cells, of the stretches of ASCII only the first
// few characters and the last one before the next other character: what lies
// between costs the same in all readings.
func cellsOf(m *text.CharModel, s string, start, end int, cells []cell) []cell {
	cells = slices.Grow(cells, end-start)
	for i := start; i < end; {
		if s[i] < utf8.RuneSelf {
			j := i + 1
			for j < end && s[j] < utf8.RuneSelf {
				j++
			}
			for x := i; x < min(j, i+keptASCII); x++ {
				cells = append(cells, cell{r: rune(s[x]), sym: m.Sym(rune(s[x])), start: int32(x), end: int32(x + 1)})
			}
			if x := j - 1; x >= i+keptASCII {
				cells = append(cells, cell{r: rune(s[x]), sym: m.Sym(rune(s[x])), start: int32(x), end: int32(j)})
			}
			i = j
			continue
		}
		r, n := charAt(s[:end], i)
		cells = append(cells, cell{r: r, sym: m.Sym(r), start: int32(i), end: int32(i + n)})
		i += n
	}
	return cells
}

// line is one line of the text and what it was.
type line struct {
	start, end int
	was        []cell
	direct     bool // it was read without a search
}

// reread finds what a line was before it was misread, once or several times. The
// cells are valid until the next call.
func (d *rereader) reread(s string, start, end int) (was []cell, direct bool) {
	d.text, d.line.Start, d.line.End = s, start, end
	was = cellsOf(d.m, s, start, end, d.bufs[0][:0])
	d.bufs[0] = was[:0]
	other := 1
	direct = true
	for depth := range maxDepth {
		next, ok := d.direct(was, d.bufs[other][:0])
		if ok && depth == 0 && d.doubtful(next) {
			next = d.deeper(was, next)
		}
		switch {
		case ok:
		case depth == 0 && d.legacyFirst(was):
			if next, ok := d.search(was, next[:0], true); ok {
				return next, false
			}
			fallthrough
		case depth == 0 || !direct:
			next, ok = d.search(was, next[:0], false)
			direct = false
		default:
			next, ok = d.rest(was, next[:0])
			direct = !ok
		}
		d.bufs[other] = next[:0]
		if !ok {
			break
		}
		was, other = next, 1-other
		if direct && !d.doubtful(was) {
			break
		}
	}
	if !direct {
		next, ok := d.search(was, d.bufs[other][:0], true)
		d.bufs[other] = next[:0]
		if ok {
			was = next
		}
	}
	return was, direct
}

// rest searches a line that one charset explained for what is left of another
// misreading: that must be worth as much as shows one.
func (d *rereader) rest(was, out []cell) ([]cell, bool) {
	before := append(d.before[:0], d.gains...)
	d.before = before
	next, ok := d.search(was, out, false)
	var more float32
	for k, g := range d.gains {
		more += g - before[k]
	}
	if !ok || more < proof {
		copy(d.gains, before)
		return next, false
	}
	return next, true
}

// deeper reads a line that still looks misread when one charset has explained it
// by the charsets that text is misread with several times at once: what lies between may
// stand for other characters in another charset.
func (d *rereader) deeper(cells, best []cell) []cell {
	d.guess()
	could := d.hold
	by, sum := d.by, d.sum
	worth := sum + d.foreign(best) - d.price[by]
	d.gains[by] -= sum
	d.could[by] -= sum
	for k, m := range d.all {
		if m.then == nil || could&m.bit == 0 {
			continue
		}
		rival, v, ok := d.explain(cells, d.rival[:0], k)
		if d.rival = rival; !ok {
			continue
		}
		if w := v + d.foreign(rival) - d.price[k]; w > worth {
			worth = w
			best, by, sum, d.rival = rival, k, v, best
		}
	}
	d.gains[by] += sum
	d.could[by] += sum
	return best
}

// doubtful reports whether a line that was read again still looks misread, as
// look judges a text.
func (d *rereader) doubtful(cells []cell) bool {
	signs := lowSigns()
	odds := float32(0)
	for i := range cells {
		c := &cells[i]
		if c.ascii() {
			continue
		}
		sign := signsAt(c.r, signs)
		if sign&misreads != 0 {
			return true
		}
		if sign&readable == 0 {
			continue
		}
		prev, next := text.Break, text.Break
		if i > 0 {
			prev = cells[i-1].sym
		}
		if i+1 < len(cells) {
			next = cells[i+1].sym
		}
		ln := d.m.LnProb(prev, c.sym) + d.m.LnProb(c.sym, next)
		if ln >= -unlikely || sign&greek != 0 && ln > -unlikelyWord {
			continue
		}
		var around [2*maxTail + 1]rune
		for k := range around {
			if at := i + k - maxTail; at >= 0 && at < len(cells) {
				around[k] = cells[at].r
			}
		}
		before, after := around[maxTail-1], around[maxTail+1]
		if tornAround(&around) || sign&quiet == 0 && leftAlone(c.r, after) {
			return true
		}
		if sign&quiet == 0 && !inCapitals(c.r, before) && !inCapitals(c.r, after) {
			if odds += -ln - anyPlace; odds >= legacyOdds {
				return true
			}
		}
	}
	return false
}

// legacyFirst reports whether one legacy charset read as another explains a line
// better, place by place, than UTF-8 does.
func (d *rereader) legacyFirst(cells []cell) bool {
	best := func() (v float32) {
		for _, g := range d.local {
			v = max(v, g)
		}
		return v
	}
	for i := range cells {
		if r := cells[i].r; r >= 0x80 && (r < 0xC0 || r > 0xFF) {
			return false // Cyrillic and Greek in windows charsets, read as windows-1252, are letters alone
		}
	}
	d.chooseLegacy(cells)
	legacy := best()
	if legacy < proof {
		return false
	}
	d.choose(cells)
	return legacy > 3*best() // UTF-8 takes fewer characters for as much
}

// direct reads a line by one charset, where all its characters outside ASCII are
// UTF-8 so read and each gains much. Most damaged lines are so. Where several
// charsets explain a line wholly and differently, the likeliest reading is taken.
func (d *rereader) direct(cells, out []cell) ([]cell, bool) {
	could, same := d.readers(cells)
	if d.hold = could; could == 0 {
		return out, false
	}
	best, bestSum := -1, float32(0)
	for k := 0; could != 0; k++ {
		bit := uint32(1) << k
		if could&bit == 0 {
			continue
		}
		could &^= bit
		if best < 0 {
			var ok bool
			if out, bestSum, ok = d.explain(cells, out[:0], k); ok {
				best = k
				if k == 0 {
					could &^= same // they read the same
				}
			}
			continue
		}
		rival, sum, ok := d.explain(cells, d.rival[:0], k)
		if d.rival = rival; !ok {
			continue
		}
		d.guess()
		if sum+d.foreign(rival)-d.price[k] > bestSum+d.foreign(out)-d.price[best] {
			best, bestSum = k, sum
			out, d.rival = rival, out
		}
	}
	if best < 0 {
		return out, false
	}
	d.by, d.sum = best, bestSum
	d.gains[best] += bestSum
	d.could[best] += bestSum
	return out, true
}

// readers tells which charsets hold all characters of a line that are outside
// ASCII, and which of them have each in the same place as windows-1252; bit i
// stands for text.SingleBytes()[i].
func (d *rereader) readers(cells []cell) (could, same uint32) {
	could, same = ^uint32(0), ^uint32(0)
	some := false
	d.latin1 = false
	for i := range cells {
		if c := &cells[i]; !c.ascii() {
			var b charBits
			if c.r < lowChars {
				b = d.bits[c.r]
			} else {
				b = bitsOf(c.r)
			}
			some = true
			d.latin1 = d.latin1 || d.cameAsLatin1(c.r)
			same &= b.same
			if could &= b.lead2 | b.lead3 | b.lead4 | b.tail | b.other; could == 0 {
				return 0, 0
			}
		}
	}
	if !some {
		return 0, 0
	}
	return could, same
}

// explain reads a line with one charset, and says what it gains by that; false
// where it cannot be read so, or its characters would be no better for it.
func (d *rereader) explain(cells, out []cell, index int) (was []cell, sum float32, ok bool) {
	m := d.all[index]
	units := 0
	prev := text.Break
	plain := false // the one before is ASCII, and was
	for i := 0; i < len(cells); {
		c := &cells[i]
		if c.ascii() {
			if !plain { // or it gains nothing
				sum += d.gain(cells, i, i+1, prev, c.sym)
			}
			plain, prev = true, c.sym
			out = append(out, *c)
			i++
			continue
		}
		plain = false
		r, n := m.unit(cells, i)
		if n == 0 || r == utf8.RuneError {
			return out, 0, false
		}
		sym := d.m.Sym(r)
		if sym == text.Unassigned || m.strange(cells, i, n, r) {
			return out, 0, false
		}
		units++
		if b, _ := m.as.Byte(c.r); b == 0xC2 && r > 0xBF && len(m.then) == 0 {
			sum -= mixed // a control, and that read as a mark: two faults
		}
		if d.latin1 {
			sum -= d.mixture(m, cells[i:i+n])
		}
		sum += d.gain(cells, i, i+n, prev, sym)
		out = append(out, d.merged(cells[i:i+n], r, sym, whole, int8(index+1)))
		prev = sym
		i += n
	}
	// That all are UTF-8 by chance is the less likely, the more there are.
	least := min(plainly*float32(units), byChance+every*float32(units))
	return out, sum, sum >= least && sum >= m.enter+leave
}

// cameAsLatin1 reports whether a character is a control that windows-1252 would
// have read as something else.
func (d *rereader) cameAsLatin1(r rune) bool {
	return r >= 0x80 && r < 0xA0 && !undefined(d.all[0].as, byte(r))
}

// mixture is what windows-1252 must pay for a character that only it has, where
// the line holds controls that it would have read as characters.
func (d *rereader) mixture(m *misreading, unit []cell) (price float32) {
	if !d.latin1 || m.as != d.all[0].as {
		return 0
	}
	for i := range unit {
		if b, _ := m.as.Byte(unit[i].r); b < 0xA0 && unit[i].r >= 0xA0 {
			price += mixed
		}
	}
	return price
}

// foreign is what a reading's letters say for it in the language around, in
// nats: below 0 where they are rare there.
func (d *rereader) foreign(was []cell) (sum float32) {
	for i := range was {
		if !was[i].ascii() {
			sum += d.lang.Cost(was[i].r)
			if risen(was, i) {
				sum -= capitalWithin
			}
		}
	}
	return sum
}

// capitalWithin is what speaks against a capital within a word in small letters, in nats:
// "Sônia" is not "SÎnia".
const capitalWithin = 4

// risen reports whether a capital stands behind a letter and before a small one.
func risen(cells []cell, i int) bool {
	return i > 0 && i+1 < len(cells) && unicode.IsUpper(cells[i].r) && isLetter(cells[i-1].r) && isLetter(cells[i+1].r) && unicode.IsLower(cells[i+1].r)
}

// guess tells the language of the text around the line, unless the last guess
// was made from about the same text, and reports whether it did.
func (d *rereader) guess() bool {
	if d.guessed && d.line.Start >= d.near.Start && d.line.Start < d.near.Start+guessAgain {
		return false
	}
	d.guessed = true
	d.near.Start = d.line.Start
	d.near.End = min(len(d.text), d.near.Start+guessReach)
	d.plain = plainOf(d.plain[:0], d.text[d.near.Start:d.near.End])
	d.letters.Guess(string(d.plain), &d.lang)
	return true
}

// plainOf appends the characters of s that are no bytes of UTF-8, read by whatever
// charset.
func plainOf(out []byte, s string) []byte {
	leads := uint32(0) // of the character before, where others may belong to it
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			out, leads = append(out, s[i]), 0
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		b := bitsOf(r)
		if leads &= b.tail; leads != 0 {
			continue
		}
		if leads = b.lead2 | b.lead3 | b.lead4; leads != 0 && i < len(s) && s[i] >= utf8.RuneSelf {
			if next, _ := utf8.DecodeRuneInString(s[i:]); leads&bitsOf(next).tail != 0 {
				continue
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// search undoes one misreading of each place of a line. Legacy says whether one
// legacy charset was read as another, or UTF-8 was.
func (d *rereader) search(cells, out []cell, legacy bool) ([]cell, bool) {
	d.latin1 = slices.ContainsFunc(cells, func(c cell) bool { return d.cameAsLatin1(c.r) })
	choose := d.choose
	if d.legacy = legacy; legacy {
		choose = d.chooseLegacy
	}
	if choose(cells); len(d.states) > 0 && d.guess() {
		choose(cells)
	}
	if !legacy {
		for k, v := range d.each {
			d.could[k] += v
		}
	}
	if len(d.states) == 0 {
		return out, false
	}
	for i := 0; i < len(cells); {
		j := min(len(cells), i+chunk)
		for x := j; j < len(cells) && x > i+chunk/2; x-- {
			if cells[x-1].ascii() && cells[x-1].r <= ' ' && !cells[x].ascii() {
				j = x
				break
			}
		}
		out = d.decide(cells[i:j], out)
		i = j
	}
	if len(out) != len(cells) {
		return out, true
	}
	for i := range out {
		if out[i].r != cells[i].r {
			return out, true
		}
	}
	return out, false
}

// choose finds the misreadings of UTF-8 that any place of a line could come
// from, the likeliest first.
func (d *rereader) choose(cells []cell) {
	d.local = grown(d.local, len(d.all))
	clear(d.local)
	d.sign = grown(d.sign, len(d.all))
	clear(d.sign)
	d.ends, d.syms = grown(d.ends, len(d.all)), grown(d.syms, len(d.all))
	clear(d.ends)
	for i := range cells {
		c := &cells[i]
		if c.ascii() {
			continue
		}
		b := bitsOf(c.r)
		leads := b.lead2 | b.lead3 | b.lead4
		if leads == 0 {
			continue
		}
		var bits, lossy, spaced uint32
		if i+2 < len(cells) && cells[i+1].r == ' ' && !cells[i+2].ascii() {
			spaced = leads & bitsOf(0xA0).tail
		}
		if i+1 < len(cells) && !cells[i+1].ascii() {
			t := bitsOf(cells[i+1].r)
			bits = leads & t.tail
			if cells[i+1].r == utf8.RuneError {
				lossy = leads
			} else if i+2 >= len(cells) || cells[i+2].ascii() || cells[i+2].r == utf8.RuneError {
				lossy = b.lead3 & t.tail
			}
		}
		if lossyLead(c.r) || i+3 < len(cells) && cells[i+1].r == ' ' && cells[i+3].r == c.r {
			lossy |= leads // the latter may be the halves of a pair of surrogates
		}
		if bits|lossy|spaced == 0 {
			continue
		}
		for k, m := range d.all {
			if m.was != nil {
				break
			}
			if bits&m.bit != 0 || m.then != nil && spaced&m.bit != 0 {
				if r, n := m.unit(cells, i); n > 0 {
					sym := d.m.Sym(r)
					d.local[k] += max(0, d.among(cells, i, i+n, k, sym)+d.lang.Cost(r)-d.mixture(m, cells[i:i+n])+tornWord(cells, i, n, r))
					d.ends[k], d.syms[k] = i+n, sym
					d.sign[k] = d.sign[k]*signBase + uint64(i)<<32 + uint64(r)
					continue
				}
			}
			if lossy&m.bit != 0 && m.then == nil {
				if v := d.hope(m, cells, i); v > 0 {
					d.local[k] += v
					d.sign[k] = d.sign[k]*signBase + uint64(i)<<32
				}
			}
		}
	}
	d.each = append(d.each[:0], d.local...)
	// Of misreadings that read the same, the likeliest stands for all.
	for k := range d.local {
		if d.local[k] <= 0 {
			continue
		}
		for j := range k {
			if d.local[j] <= 0 || d.sign[j] != d.sign[k] {
				continue
			}
			if d.local[k]-d.price[k] > d.local[j]-d.price[j] {
				d.local[j] = 0
			} else {
				d.local[k] = 0
			}
			break
		}
	}
	d.keep(worthSearch)
}

// hope is the most that a character which lost a byte could gain, in nats, and some more.
func (d *rereader) hope(m *misreading, cells []cell, i int) float32 {
	const more = 4 // its neighbours may become others
	best := impossible
	m.lossy(cells, i, func(r rune, size int, penalty float32, _ loss) {
		best = max(best, d.around(cells, i, i+size, d.m.Sym(r))+max(0, d.lang.Cost(r))-penalty)
	})
	return best + more
}

// among is what reading cells [from, to) as one character gains among others that misreading
// k would read: choose has come as far as from.
func (d *rereader) among(cells []cell, from, to, k int, sym text.Sym) float32 {
	prev := text.Break
	switch {
	case from > 0 && d.ends[k] == from:
		prev = d.syms[k]
	case from > 0:
		prev = cells[from-1].sym
	}
	v := d.gain(cells, from, to, prev, sym)
	if to < len(cells) && !cells[to].ascii() {
		return v // it may become another
	}
	next := text.Break
	if to < len(cells) {
		next = cells[to].sym
	}
	return v + d.m.LnProb(sym, next) - d.m.LnProb(cells[to-1].sym, next)
}

// around is what reading cells [from, to) as one character gains, the rest as
// it is.
func (d *rereader) around(cells []cell, from, to int, sym text.Sym) float32 {
	prev, next := text.Break, text.Break
	if from > 0 {
		prev = cells[from-1].sym
	}
	if to < len(cells) {
		next = cells[to].sym
	}
	return d.gain(cells, from, to, prev, sym) + d.m.LnProb(sym, next) - d.m.LnProb(cells[to-1].sym, next)
}

// chooseLegacy finds the legacy charsets that the unlikely places of a line
// could have been read from.
func (d *rereader) chooseLegacy(cells []cell) {
	d.local = grown(d.local, len(d.all))
	clear(d.local)
	for i := range cells {
		c := &cells[i]
		if c.ascii() {
			continue
		}
		prev, next, follows := text.Break, text.Break, -1
		if i > 0 {
			prev = cells[i-1].sym
		}
		if i+1 < len(cells) {
			next, follows = cells[i+1].sym, i+1
		}
		is := d.m.LnProb(prev, c.sym) + d.m.LnProb(c.sym, next)
		if is > -fit {
			continue
		}
		for k, m := range d.all {
			if m.was == nil {
				continue
			}
			r, n := m.unit(cells, i)
			if n == 0 || r == c.r {
				continue
			}
			p, q := prev, next
			if i > 0 && !cells[i-1].ascii() {
				if r, n := m.unit(cells, i-1); n > 0 {
					p = d.m.Sym(r)
				}
			}
			if follows >= 0 && !cells[follows].ascii() {
				if r, n := m.unit(cells, follows); n > 0 {
					q = d.m.Sym(r)
				}
			}
			sym := d.m.Sym(r)
			v := d.m.LnProb(p, sym) + d.m.LnProb(sym, q) - is
			if v > 0 && !m.marks {
				v -= d.doubt(cells, i)
			}
			d.local[k] += max(0, v)
		}
	}
	d.keep(worthLegacy)
}

// keep makes the states of what gained most, in the order of the list: of those that
// gain a share of their price.
func (d *rereader) keep(share float32) {
	d.states = d.states[:0]
	worth := func(k int) bool { return d.local[k] > share*d.price[k] }
	floor := float32(0)
	for {
		n := 0
		var lowest float32
		for k, v := range d.local {
			if v > floor && worth(k) {
				n++
				if lowest == 0 || v < lowest {
					lowest = v
				}
			}
		}
		if n <= maxState {
			break
		}
		floor = lowest
	}
	for k, v := range d.local {
		if v > floor && worth(k) {
			d.states = append(d.states, k)
		}
	}
}
