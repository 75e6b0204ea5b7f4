package detect

import (
	"math"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

// Limits of the word lattice.
const (
	maxRegion  = 240 // bytes of a region without its spaces
	maxArc     = 24  // bytes of a word that is put together or cut out
	beamStates = 10  // states kept at each position
	beamNats   = 16  // states that far behind the best of their position are dropped

	// States that far behind the text as it stands are dropped: at the first look,
	// which only asks whether anything is doubtful, and at a close one. On dev 8
	// and 16 change no repair, and the confidence of one proposal in a thousand.
	keepLook, keepClose = 10.0, 20.0
)

// lattice judges all gaps of a region of one sentence together: every way to
// space its characters is a path over words, scored by the trigram model with
// what stands on both sides, by the spelling of unknown words, by case, by the
// document's own words, and by what each changed gap costs. Forward and backward
// sums give each gap's posterior (Rabiner 1989, "A tutorial on hidden Markov
// models", section III). Its memory is kept between uses.
type lattice struct {
	p           *Pass
	first, last int // tokens of the region, both inclusive
	closely     bool

	str   []byte    // the region's characters, white space left out
	text  string    // the same
	at    []int32   // where each byte stands in the document
	space []bool    // before each byte: a space stands there now
	whole []bool    // before each byte: a token begins there
	cut   []bool    // before each byte: a word may begin there
	spSum []int16   // spaces before each byte, counted from the region's start
	join  []float64 // what the spacing model adds to the odds of the spaces taken out before each byte, in nats, summed from the region's start

	order []int32

	tokenAt []int32   // the token that holds each byte
	given   []float64 // by position: the weight of the text as it stands up to the end of the token there
	layout
	kept   []layout // of regions that were judged, by keptAt
	keptAt map[regionKey]int
	slot   int // of kept: where the layout at hand goes back to, -1 for nowhere

	givenEnd lm.State    // and the state at its end
	next     []nextToken // what follows the region

	hope   []float64 // by position: see aim
	plan   []float64
	onward []int32
	better bool      // another reading than the text as it stands is at least as good
	post   []float64 // by position: the posterior of a space before the byte
}

// givenToken is a token with its clitics, and whether it can be read.
type givenToken struct {
	arc
	ok bool
}

type node struct {
	lm          lm.State
	alpha, beta float64
	next        int32 // the next state of the same position
	dead        bool
}

type edge struct {
	from, to int32
	token    int32   // as the way has it
	words    float32 // what its word is worth
	nats     float32 // and with the gaps that it changes
	gaps     float32 // what the spacing model says of those
	lost     uint8   // of those, spaces that come in
	added    uint8   // and that go
}

// rates are the ln probabilities that a gap of this document lost its space, or
// that a space came in where none was.
type rates struct{ lost, added float64 }

// load takes in the tokens first to last: words, numbers and clitics of one
// sentence with single spaces or nothing between them.
//
// Closely looks into the healthy neighbours of what gave cause, too, asks the
// spacing model, and takes slips of the fingers into account.
func (l *lattice) load(p *Pass, first, last int, closely bool) {
	l.p, l.first, l.last, l.closely = p, first, last, closely
	l.str, l.at = l.str[:0], l.at[:0]
	l.space, l.whole, l.cut, l.spSum = l.space[:0], l.whole[:0], l.cut[:0], l.spSum[:0]
	n := int16(0)
	for i := first; i <= last; i++ {
		t := &p.Doc.Tokens[i]
		w := p.Doc.Text[t.Start:t.End]
		// A healthy token among healthy ones is not cut.
		inside := p.marked[i] || closely && (i > first && p.marked[i-1] || i < last && p.marked[i+1])
		for k := 0; k < len(w); k++ {
			begins := k == 0 && t.Kind != text.Clitic
			sp := k == 0 && i > first && t.Gap == text.GapSpace
			if sp {
				n++
			}
			cut := begins || sp
			if k > 0 && t.Kind == text.Number && k == 4 && w[k:] == "in" && yearLike(w[:k]) {
				cut = true // 1895in
			}
			if k > 0 && inside && t.Kind == text.Word && utf8.RuneStart(w[k]) {
				cut = mayCut(w, k)
			}
			l.str = append(l.str, w[k])
			l.at = append(l.at, t.Start+int32(k))
			l.space = append(l.space, sp)
			l.whole = append(l.whole, begins || sp)
			l.cut = append(l.cut, cut)
			l.spSum = append(l.spSum, n)
		}
	}
	l.spSum = append(l.spSum, n)
	l.text = string(l.str)
}

// What the spacing model says of a gap counts by this share, and at most so many
// nats: it reads some of what the lattice reads.
const (
	spacingShare = 0.3
	spacingClip  = 6.0
)

// unasked stands for the odds of a gap that the spacing model was not asked about.
var unasked = math.NaN()

// weighSpaces asks the spacing model about the spaces that may go. Of the gaps that
// may come in it is asked when a reading gets there: see oddsAt.
func (l *lattice) weighSpaces(known bool) {
	l.join = l.join[:0]
	if !known {
		l.raw = l.raw[:0]
		for range l.str {
			l.raw = append(l.raw, unasked)
		}
	}
	sum := 0.0
	for k := range l.str {
		if l.space[k] {
			sum += l.oddsAt(k)
		}
		l.join = append(l.join, sum)
	}
}

// oddsAt is what the spacing model adds to the odds that the gap before the byte at k
// is changed, in nats.
func (l *lattice) oddsAt(k int) float64 {
	if !l.closely || k == 0 || !l.cut[k] || l.p.engine.Models.Spacing == nil {
		return 0
	}
	if math.IsNaN(l.raw[k]) {
		l.raw[k] = l.spacingOdds(k)
	}
	return spacingShare * max(-spacingClip, min(spacingClip, l.raw[k]))
}

// oddsNear is oddsAt where that is known, and else what it is at most.
func (l *lattice) oddsNear(k int) float64 {
	if l.closely && math.IsNaN(l.raw[k]) {
		return spacingShare * spacingClip
	}
	return l.oddsAt(k)
}

// yearLike reports whether four digits are likely a year.
func yearLike(s string) bool {
	return len(s) == 4 && (s[0] == '1' && s[1] >= '5' || s[0] == '2' && s[1] == '0') && digit(s[1]) && digit(s[2]) && digit(s[3])
}

// mayCut reports whether a lost space may belong before byte k of a token.
func mayCut(w string, k int) bool {
	a, b := w[k-1], w[k]
	switch {
	case digit(a) && digit(b):
		return false // a number is never cut
	case b == '\'' || strings.HasPrefix(w[k:], "’"):
		return false
	case a == '\'' || k >= 3 && w[k-3:k] == "’":
		return false
	case digit(a) && b >= 'A' && b <= 'Z' && k+1 == len(w):
		return false // Route 3A
	case digit(b):
		return a >= 'a' && a <= 'z' && (k >= 2 || w[0] == 'a') || a >= utf8.RuneSelf // C17, NME1, RMB280 are no glue
	case b >= utf8.RuneSelf:
		r, _ := utf8.DecodeRuneInString(w[k:])
		return unicode.IsLetter(r)
	}
	return b != '.'
}

// arc is a word of the lattice.
type arc struct {
	key     lm.Word            // of the word without its clitic
	clitic  lm.Word            // 0 for none
	own     float64            // what the word costs wherever it stands, in nats
	alts    [typoTries]lm.Word // words that it may be a slip of the fingers for; 0 for none
	slip    float64            // what such a slip costs, in nats
	letters int                // of the word that is one
	floor   float64            // its share of the document's own words, ln; -Inf for none
}

// Costs, in nats, of words as such. Moving any of them by 1.5 changes the log
// loss of held-out damage by less than two in a hundred.
const (
	lowerUnknown = -1.2 // ln of the share of unknown words that are in small letters, capitalised, in capitals throughout
	titleUnknown = -0.5
	upperUnknown = -2.5
	innerUpper   = -4.0 // a capital after a small letter, in a word not known for it
	digitLetters = -3.0 // digits and letters in one word
	cacheShare   = 0.08 // of the document's words, those that repeat an earlier one beyond what the model expects
	loneClitic   = -8.0
	rareTypo     = -13.5 // a known word so rare, in the case that it has, may be another one mistyped: ina
	listed       = 3.0   // a word that only lists know is likelier than its spelling
	oneWordName  = -6.0  // a name that is known to be written in one word, among all unknown words
	strangePart  = -3.0  // an unknown word that no token of the text is
	gluedProb    = -15.0 // an unknown word that training text holds more often than that is glue it was cleared of: "ofthe"
)

// word makes the arc for the bytes a to b, or reports that there is none.
func (l *lattice) word(a, b int) (arc, bool) { return l.wordSpelled(a, b, math.NaN()) }

// wordSpelled is word where the spelling's LnProb may be known; NaN where it is not.
func (l *lattice) wordSpelled(a, b int, spelt float64) (arc, bool) {
	p := l.p
	s := l.text[a:b]
	var x arc
	x.floor = math.Inf(-1)
	base := s
	if n := cliticLen(s); n > 0 {
		base = s[:len(s)-n]
		x.clitic = lm.Key(s[len(base):])
		if base == "" {
			x.key, x.clitic = x.clitic, 0
			x.own = loneClitic
			return x, l.space[a] || a == 0
		}
	}
	x.key = lm.Key(base)
	info := p.Lex.LookupKey(x.key)
	if info.Flags&lm.Known == 0 && info.LnProb > gluedProb {
		info.LnProb = 0
	}
	// Tokens that the text holds as they are need no permission.
	token := l.whole[a] && (b == len(l.str) || l.whole[b]) && l.spSum[b-1] == l.spSum[a]
	known := info.Flags&lm.Known != 0
	isNumber := numeric(base) || ordinal(base)
	if !token {
		if !l.joins(a, b) {
			return x, false
		}
		switch {
		case isNumber:
		case len(base) == 1:
			if base != "a" && base != "I" && base != "A" && !digit(base[0]) {
				return x, false
			}
		case !known || info.LnProb == 0:
			// An unknown word begins or ends where a token or another class of character does.
			if !l.edgeLike(a) && !l.edgeLike(b) || len(base) < 3 && !known {
				return x, false
			}
		case len(base) == 2 && info.LnProb < -10.5 && info.Flags&lm.Function == 0 && p.Vocab().Count(base) == 0:
			return x, false
		}
	}
	if info.LnProb == 0 && token && (oneWord(base) || l.pluralOfSeen(base)) {
		x.key, x.own = 1, oneWordName
		return x, true
	}
	if info.LnProb == 0 && !isNumber {
		x.key = 1
		if math.IsNaN(spelt) {
			spelt = p.LM.LnProb(base)
		}
		x.own += spelt
		switch {
		case known:
			x.own += listed
		case !token:
			x.own += strangePart
		}
	}
	cased := l.casing(info, base, a)
	x.own += cased
	if token && l.closely && (!known || info.LnProb == 0 || float64(info.LnProb)+cased < rareTypo) {
		x.alts = p.typos(base)
		x.letters = len(base)
		x.slip = p.slip(x.letters)
	}
	if c := p.Vocab().Count(base); c > 0 && !isNumber {
		if token {
			c--
		}
		if c > 0 && (info.LnProb != 0 || l.coined(base)) && (info.LnProb != 0 || token || c > 1) {
			x.floor = math.Log(cacheShare * float64(c) / float64(len(p.Doc.Tokens)))
		}
	}
	return x, true
}

// oneWords are the names of rules.OneWordNames and the nouns of rules.OneWordNouns.
var oneWords = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, list := range []string{rules.OneWordNames(), rules.OneWordNouns()} {
		for l := range strings.Lines(list) {
			if l = strings.TrimSpace(l); l != "" && l[0] != '#' {
				m[l] = true
			}
		}
	}
	return m
})

// oneWord reports whether a word is listed as one that is no words run together:
// a name as it is written, a noun in any number, with a capital or without.
func oneWord(w string) bool {
	m := oneWords()
	if m[w] {
		return true
	}
	w = lowered(w)
	return m[w] || len(w) > 4 && w[len(w)-1] == 's' && m[w[:len(w)-1]]
}

// pluralOfSeen reports whether a word in small letters that training text did not
// hold is the plural of one that it held, though too seldom for a word of English:
// battleaxes where it has battleaxe.
func (l *lattice) pluralOfSeen(w string) bool {
	const shortest = 8
	if len(w) < shortest || w[len(w)-1] != 's' || w[len(w)-2] == 's' || w[0] < 'a' || w[0] > 'z' {
		return false
	}
	info := l.p.Lex.LookupKey(lm.Key(w[:len(w)-1]))
	return info.LnProb != 0 && info.Flags&lm.Misspelt == 0 && info.Lower >= 12 && l.coined(w)
}

// coined reports whether an unknown word that repeats may be the author's own.
// One in small letters that begins or ends with a function word, "ofthe", is
// glue that repeats instead.
func (l *lattice) coined(w string) bool {
	if w[0] < 'a' || w[0] > 'z' {
		return true
	}
	for n := 1; n < len(w) && n <= 4; n++ {
		if l.function(w[:n]) && l.p.Lex.LookupKey(lm.Key(w[n:])).LnProb != 0 || l.function(w[len(w)-n:]) && l.p.Lex.LookupKey(lm.Key(w[:len(w)-n])).LnProb != 0 {
			return false
		}
	}
	return true
}

func (l *lattice) function(w string) bool { return l.p.Lex.LookupKey(lm.Key(w)).Flags&lm.Function != 0 }

// joins reports whether the bytes a to b may make a word that the text does not
// hold as a token: no capital after a small letter unless the word is known for
// it, digits joined to nothing but digits and the endings of ordinals.
func (l *lattice) joins(a, b int) bool {
	for k := a + 1; k < b; k++ {
		x, y := l.str[k-1], l.str[k]
		if y >= 'A' && y <= 'Z' && x >= 'a' && x <= 'z' && l.p.Lex.LookupKey(lm.Key(l.text[a:b])).Flags&lm.Cased == 0 {
			return false
		}
		if !l.space[k] {
			continue
		}
		if y == '$' || x < utf8.RuneSelf && y < utf8.RuneSelf && (digit(x) || digit(y)) {
			switch {
			case digit(x) && digit(y):
				if !wellFormed(l.text[a:b]) || y != '0' && wellFormed(l.text[k:b]) && b-k > 2 {
					return false // 4 500 is two numbers
				}
			case digit(x):
				switch l.text[k:b] {
				case "st", "nd", "rd", "th":
				default:
					return false
				}
			default:
				return false
			}
		}
		// Single capitals in a row are a list or initials; beside others they may be a piece.
		if x >= 'A' && x <= 'Z' && y >= 'A' && y <= 'Z' && (l.lone(k-1) || l.lone(k)) {
			if l.lone(k-1) && l.lone(k) || l.p.Lex.LookupKey(lm.Key(l.text[a:b])).LnProb == 0 {
				return false
			}
		}
	}
	return true
}

// wellFormed reports whether digits, with commas before each three of them or
// none at all, make a number as people write it.
func wellFormed(s string) bool {
	whole, rest, _ := strings.Cut(s, ".")
	if strings.Trim(rest, "0123456789") != "" || strings.Trim(whole, "0123456789,") != "" {
		return false
	}
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && (g == "" || len(g) > 3) {
			return false
		}
	}
	return true
}

// ordinal reports whether a word is a number with its ending: 14th, 1990s.
func ordinal(s string) bool {
	i := 0
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i == 0 {
		return false
	}
	switch s[i:] {
	case "st", "nd", "rd", "th", "s":
		return true
	}
	return false
}

// lone reports whether the byte at k is a token by itself.
func (l *lattice) lone(k int) bool {
	return (k == 0 || l.whole[k]) && (k+1 == len(l.str) || l.whole[k+1])
}

// edgeLike reports whether a position is a token's edge, or one between small
// and capital letters or letters and digits.
func (l *lattice) edgeLike(k int) bool {
	if k == 0 || k == len(l.str) || l.whole[k] {
		return true
	}
	a, b := l.str[k-1], l.str[k]
	return digit(a) != digit(b) || b >= 'A' && b <= 'Z' && !(a >= 'A' && a <= 'Z') || b == 0xC3 || b == 0xC4 || b == 0xC5
}

func numeric(s string) bool {
	if !digit(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if !digit(s[i]) && (s[i] != '.' && s[i] != ',' && s[i] != ':' && s[i] != '/' && s[i] != '-') {
			return false
		}
	}
	return true
}

// cliticLen is the length in bytes of a possessive ending, its apostrophe included.
func cliticLen(s string) int {
	n := len(s)
	switch {
	case n >= 2 && s[n-1] == 's' && s[n-2] == '\'':
		return 2
	case n >= 4 && s[n-1] == 's' && s[n-4:n-1] == "’":
		return 4
	case n >= 2 && s[n-1] == '\'':
		return 1
	case n >= 4 && s[n-3:] == "’":
		return 3
	}
	return 0
}

// casing is the ln probability of a word's spelling in the case it has here.
func (l *lattice) casing(info lm.Info, w string, at int) float64 {
	r, size := utf8.DecodeRuneInString(w)
	if digit(w[0]) {
		if numeric(w) {
			return 0
		}
		if info.Flags&lm.Known != 0 {
			return 0
		}
		for i := 1; i < len(w); i++ {
			if !digit(w[i]) {
				if text.IsUnit(w[i:]) {
					return -1
				}
				break
			}
		}
		return digitLetters
	}
	inner, all, digits := false, true, false
	var prev rune = r
	for i, c := range w {
		if i == 0 {
			continue
		}
		if unicode.IsUpper(c) && unicode.IsLower(prev) {
			inner = true
		}
		if unicode.IsLower(c) {
			all = false
		}
		if c >= '0' && c <= '9' {
			digits = true
		}
		prev = c
	}
	var cost float64
	if digits && info.LnProb == 0 {
		cost += digitLetters
	}
	if inner && info.Flags&lm.Cased == 0 {
		return cost + innerUpper
	}
	upper := unicode.IsUpper(r)
	n := info.Lower + info.Title + info.Upper
	if n == 0 {
		switch {
		case info.Flags&lm.Cased != 0:
			return cost
		case !upper:
			return cost + lowerUnknown
		case all && len(w) > size:
			return cost + upperUnknown
		}
		return cost + titleUnknown
	}
	var share uint8
	switch {
	case !upper:
		share = info.Lower
	case w == "I" || w == "A" && l.starts(at):
		share = 15
	case w == "A":
		share = 0
	case len(w) > size && all:
		share = info.Upper
	default:
		share = info.Title
		if l.starts(at) {
			share = 15
		}
	}
	return cost + math.Log((float64(share)+0.1)/15.4)
}

// starts reports whether the byte at begins a sentence as the text stands.
func (l *lattice) starts(at int) bool { return at == 0 && l.p.opens(l.first) }

// opens reports whether a capital at token i says nothing: a sentence, a
// quotation or a bracket begins there.
func (p *Pass) opens(i int) bool {
	if p.startsSentence(i) {
		return true
	}
	if prev := p.Doc.Tokens[i-1]; prev.Kind == text.Punct {
		switch p.Doc.Text[prev.Start:prev.End] {
		case `"`, "“", "‘", "'", "(", "[", ":", "-", "–", "—", "|", "*", "•":
			return true
		}
	}
	return false
}

// step is what an arc costs after a state, and the state after it.
func (l *lattice) step(st lm.State, x *arc) (float64, lm.State) {
	ln, next := l.p.LM.Score(st, x.key)
	ln += x.own
	for _, alt := range x.alts {
		if alt == 0 {
			break
		}
		if v, n := l.p.LM.Score(st, alt); v+x.slip > ln {
			ln, next = v+x.slip, n
		}
	}
	if ln < x.floor {
		ln = x.floor
	}
	if x.clitic != 0 {
		var c float64
		c, next = l.p.LM.Score(next, x.clitic)
		ln += c
	}
	return ln, next
}

// weighGiven weighs the text as it stands: given[k] is the weight of its path to the
// end of the token that holds byte k-1, in nats. The arcs of its tokens may be known.
func (l *lattice) weighGiven(start lm.State, known bool) {
	n := len(l.str)
	l.given, l.tokenAt = append(l.given[:0], 0), l.tokenAt[:0]
	tok := int32(-1)
	sum, st := 0.0, start
	for a := 0; a < n; {
		b := a + 1
		for b < n && !l.whole[b] {
			b++
		}
		tok++
		if !known {
			x, ok := l.word(a, b)
			l.tokens = append(l.tokens, givenToken{x, ok})
		}
		if t := &l.tokens[tok]; t.ok {
			if known && t.letters > 0 {
				t.slip = l.p.slip(t.letters) // as in reweigh
			}
			var ln float64
			ln, st = l.step(st, &t.arc)
			sum += ln
		} else {
			sum, st = math.Inf(-1), lm.State{}
		}
		for ; a < b; a++ {
			l.tokenAt = append(l.tokenAt, tok)
			l.given = append(l.given, sum)
		}
	}
	l.givenEnd = st
}

// nextToken is a token after the region.
type nextToken struct {
	key lm.Word
	own float64 // what its spelling costs, where training text did not hold it
}

// lookAfter notes the two tokens after the region, or the end of its sentence.
func (l *lattice) lookAfter() {
	p := l.p
	l.next = l.next[:0]
	for k := l.last + 1; k <= l.last+2; k++ {
		if k >= len(p.Doc.Tokens) || p.startsSentence(k) {
			l.next = append(l.next, nextToken{key: lm.End})
			return
		}
		t := nextToken{key: p.Keys[k]}
		if p.Lex.LookupKey(t.key).LnProb == 0 {
			t.own = p.LM.LnProb(p.Doc.Str(k))
		}
		l.next = append(l.next, t)
	}
}

// after scores what follows the region.
func (l *lattice) after(st lm.State) float64 {
	sum := 0.0
	for _, t := range l.next {
		var ln float64
		ln, st = l.p.LM.Score(st, t.key)
		sum += ln + t.own
	}
	return sum
}

// hopeAfter is more than what follows the region is worth, after nearly any state.
func (l *lattice) hopeAfter() float64 {
	sum := 0.0
	for _, t := range l.next {
		switch ln := l.p.Lex.LookupKey(t.key).LnProb; {
		case t.key == lm.End:
		case ln != 0:
			sum += min(0, float64(ln)+likelyGain)
		default:
			sum += l.p.LM.Unseen() + t.own
		}
	}
	return sum
}

func plainLetter(c byte) bool { return c|0x20-'a' < 26 }

// hopeless reports that a way of letters a to b, which training text did not hold,
// is worth less than least nats. Spelling is that of the first of them.
func (l *lattice) hopeless(a, b int, w *way, spelling *lm.Spelling, least float64) bool {
	least -= l.p.LM.Unseen() + listed
	if math.IsNaN(w.spelt) {
		// No letter makes a spelling likelier: most are hopeless before their end.
		for k := a + spelling.Len(); k < b && spelling.Sum() >= least; k++ {
			l.p.LM.Spell(spelling, l.str[k])
		}
		if spelling.Len() < b-a {
			return l.p.Vocab().Count(l.text[a:b]) == 0
		}
		w.spelt = l.p.LM.Spelled(spelling)
	}
	return w.spelt < least && l.p.Vocab().Count(l.text[a:b]) == 0
}

// judge fills post. It reports false when the region cannot be read at all.
func (l *lattice) judge(r rates) bool {
	return l.weigh(r, l.recall())
}

// weigh is judge where the ways may be laid out already.
func (l *lattice) weigh(r rates, known bool) bool {
	n := len(l.str)
	start := l.p.before(l.first)
	keep := keepClose
	if !l.closely {
		keep = keepLook
	}
	l.lookAfter()
	if !known || !l.closely || !l.reweigh(r) {
		l.weighSpaces(known)
		l.weighGiven(start, known)
		if known {
			l.weighSlips()
		} else {
			l.lay()
		}
		least := l.aim(start, r) - keep
		if l.better && !l.closely {
			return true // doubtful in any case
		}
		if !l.forward(start, r, keep, least) && !l.forward(start, r, keep, math.Inf(-1)) {
			return false
		}
	}
	l.prune(n, math.Inf(-1))
	z := math.Inf(-1)
	for s := l.heads[n]; s >= 0; s = l.states[s].next {
		st := &l.states[s]
		if st.dead {
			continue
		}
		st.beta = l.after(st.lm)
		z = lnAdd(z, st.alpha+st.beta)
	}
	for k := len(l.edges) - 1; k >= 0; k-- {
		e := l.edges[k]
		to := &l.states[e.to]
		if to.dead || math.IsInf(to.beta, -1) {
			continue
		}
		from := &l.states[e.from]
		from.beta = lnAdd(from.beta, to.beta+float64(e.nats))
	}
	for a := 0; a <= n; a++ {
		for s := l.heads[a]; s >= 0; s = l.states[s].next {
			if st := &l.states[s]; !st.dead {
				l.post[a] += math.Exp(st.alpha + st.beta - z)
			}
		}
	}
	return true
}

// forward weighs the readings, all but those that fall so far behind the text as it
// stands, or are worth less than least in the end. It reports whether any is left.
func (l *lattice) forward(start lm.State, r rates, keep, least float64) bool {
	n := len(l.str)
	l.states, l.edges = l.states[:0], l.edges[:0]
	l.heads, l.post = l.heads[:0], l.post[:0]
	for range n + 1 {
		l.heads = append(l.heads, -1)
		l.post = append(l.post, 0)
	}
	l.add(0, start, 0)
	for a := 0; a < n; a++ {
		if l.heads[a] < 0 {
			continue
		}
		change, odds := 0.0, 0.0
		if a > 0 && !l.space[a] {
			change = r.lost + l.oddsNear(a)
		}
		if !l.prune(a, max(l.given[a]-keep-change, least-l.hope[a])) {
			continue
		}
		if a > 0 && !l.space[a] {
			odds = l.oddsAt(a)
			change = r.lost + odds
			if !l.prune(a, max(l.given[a]-keep-change, least-l.hope[a])) {
				continue
			}
		}
		first := l.states[l.order[0]].alpha
		spelling := lm.NewSpelling()
		for i := l.from[a]; i < l.from[a+1]; i++ {
			w := &l.ways[i]
			b := int(w.to)
			gaps := l.join[b-1] - l.join[a]
			if a > 0 && !l.space[a] {
				gaps += odds
			}
			change := l.changed(a, b, r, odds)
			need := least - l.hope[b] - change // what it must be worth with all before it
			if first+w.top < need {
				continue
			}
			if w.kind == spelledWay {
				least := l.given[b] - keep - change
				if b < n && !l.space[b] && !l.whole[b] {
					least -= r.lost + l.oddsNear(b)
				}
				if l.hopeless(a, b, w, &spelling, max(least, need)-first) {
					continue
				}
			}
			x := l.arcOf(a, w)
			if x == nil {
				continue
			}
			for s := l.heads[a]; s >= 0; s = l.states[s].next {
				from := l.states[s]
				if from.dead || from.alpha+w.top < need {
					continue
				}
				ln, next := l.step(from.lm, x)
				if from.alpha+ln < need {
					continue
				}
				to := l.reach(b, next, from.alpha+ln+change)
				e := edge{from: s, to: to, token: w.token, words: float32(ln), nats: float32(ln + change), gaps: float32(gaps), added: uint8(l.spSum[b-1] - l.spSum[a])}
				if a > 0 && !l.space[a] {
					e.lost = 1
				}
				l.edges = append(l.edges, e)
			}
		}
	}
	return l.heads[n] >= 0
}

// reweigh is forward for a region that was weighed before, at other rates: it goes through
// the same readings and asks no model. Readings that fell too far behind then are left out,
// which moves evidence beyond some 13 nats: in 46,000 made faults 14 changes are decided
// otherwise, more of them rightly. It reports false where that does not do: no reading
// is known, or a token is read as another word now.
func (l *lattice) reweigh(r rates) bool {
	n := len(l.str)
	if len(l.edges) == 0 || l.heads[n] < 0 {
		return false
	}
	for i := range l.tokens {
		if t := &l.tokens[i]; t.letters > 0 {
			t.slip = l.p.slip(t.letters) // the rest of the document may have shown a careless author
		}
	}
	for i := range l.states {
		l.states[i].alpha, l.states[i].beta = math.Inf(-1), math.Inf(-1)
	}
	l.states[0].alpha = 0
	for i := range l.edges {
		e := &l.edges[i]
		from, to := &l.states[e.from], &l.states[e.to]
		if e.token >= 0 && l.tokens[e.token].letters > 0 {
			ln, next := l.step(from.lm, &l.tokens[e.token].arc)
			if next != to.lm {
				return false
			}
			e.words = float32(ln)
		}
		e.nats = float32(float64(e.words) + float64(e.gaps) + float64(e.lost)*r.lost + float64(e.added)*r.added)
		to.alpha = lnAdd(to.alpha, from.alpha+float64(e.nats))
	}
	for s := l.heads[n]; s >= 0; s = l.states[s].next {
		l.states[s].dead = false
	}
	l.post = append(l.post[:0], make([]float64, n+1)...)
	return true
}

func lnAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	d := b - a
	if d < -30 {
		return a
	}
	return a + math.Log1p(math.Exp(d))
}

// add puts a state at a position.
func (l *lattice) add(at int, st lm.State, alpha float64) int32 {
	i := int32(len(l.states))
	l.states = append(l.states, node{lm: st, alpha: alpha, beta: math.Inf(-1), next: l.heads[at]})
	l.heads[at] = i
	return i
}

// reach adds a path's weight to the state it leads to.
func (l *lattice) reach(at int, st lm.State, alpha float64) int32 {
	for s := l.heads[at]; s >= 0; s = l.states[s].next {
		if l.states[s].lm == st {
			l.states[s].alpha = lnAdd(l.states[s].alpha, alpha)
			return s
		}
	}
	return l.add(at, st, alpha)
}

// prune marks all but the best states of a position dead, and those below least;
// it reports whether any lives.
func (l *lattice) prune(at int, least float64) bool {
	l.order = l.order[:0]
	best := math.Inf(-1)
	for s := l.heads[at]; s >= 0; s = l.states[s].next {
		best = max(best, l.states[s].alpha)
	}
	least = max(least, best-beamNats)
	for s := l.heads[at]; s >= 0; s = l.states[s].next {
		st := &l.states[s]
		if st.alpha < least {
			st.dead = true
			continue
		}
		// Kept in falling order, the first beamStates of them.
		k := len(l.order)
		for k > 0 && l.states[l.order[k-1]].alpha < st.alpha {
			k--
		}
		if k >= beamStates {
			st.dead = true
			continue
		}
		l.order = append(l.order, 0)
		copy(l.order[k+1:], l.order[k:])
		l.order[k] = s
		if len(l.order) > beamStates {
			l.states[l.order[beamStates]].dead = true
			l.order = l.order[:beamStates]
		}
	}
	return len(l.order) > 0
}
