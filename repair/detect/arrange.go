package detect

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

// Limits of the search for moved blocks. Of the labelled moves 98 in 100 stay
// within them.
const (
	maxBlockX     = 10  // tokens of the block that stands first
	maxBlockY     = 10  // tokens of the block that stands second
	maxBlocks     = 14  // both together
	maxKept       = 36  // arrangements that are weighed in full
	junctionLoss  = 3.0 // nats that the first junctions of a move without a stop may lose: one made move in a hundred loses more
	minMoveGain   = 0.0 // nats that it must gain before it is weighed in full: 99 of 100 that are shown gain more
	orderSlots    = 1 << 18
	orderFeatures = 48 // at most, of one arrangement
)

// shape is what an arrangement does with the stops near its blocks.
type shape uint8

const (
	asItStands shape = iota
	stopOut          // nothing moves, the stop goes
	acrossStop       // "X. Y rest" was "Y X rest"
	twoStops         // "X. Y. Rest" was "Y X rest"
	beforeStop       // "X Y. rest" was "Y X rest"
	plainMove        // "X Y rest" was "Y X rest"
	numShapes
)

// arrangement is one way to read a place: blocks X and Y of tokens change
// places, what stands between them goes.
type arrangement struct {
	shape          shape
	x0, x1, y0, y1 int32   // half-open ranges of tokens; X stands first
	rest           int32   // the token after the moved place
	gain           float64 // nats of the language model against leaving it
	casing         float64 // ln probability of the case that words get
	keepY          bool    // the capital at the start of Y stays
	keepRest       bool    // the capital of the token after the moved place stays
	doubt          uint8   // whose case is doubtful: 1 of Y, 2 of the rest
	nats           float64 // the weighed sum, against leaving it
	swaps          []swap  // words that read otherwise, in no order; the first of Y only where it is in lower case
	cost           float64 // nats that they cost
}

// onlyStop reports whether an arrangement takes the stop out and does no more.
func (g *arrangement) onlyStop() bool { return g.shape == stopOut && g.swaps == nil }

// arranger searches for moved blocks around one place. Its memory belongs to
// the pass.
type arranger struct {
	p       *Pass
	class   []uint16 // of the tokens, 0 where not yet told: see classOf
	kind    []uint16 // see kindOf
	ids     []uint16 // of the tokens in the net of junctions, 0 where not yet told
	list    []arrangement
	finite  []int32        // how many finite verbs stand before each token, once somebody asked
	sides   []lm.SideToken // of the tokens, the zero value where not yet told
	seq     []lm.SideToken // of the words around an arrangement, in their new order
	gapEnds []endOdds      // of the gaps before tokens
	nets    netMemo
	words   []lm.Word // of the sentence searched last, and its end
	place   uint32    // counts the sentences searched
	sure    bool      // a move within the sentence searched last may be sure enough to be applied
	line    edit.Span // of the text, asked last whether it is a title
	title   bool      // whether it is
	inner   float64   // the boundary model's ln odds, at most 8, that no sentence ends at the stop looked at
}

// endOdds is what the boundary model says of a gap of the text as it stands; of
// which place it was asked says whether it holds.
type endOdds struct {
	place uint32
	odds  float64
}

func (p *Pass) arranger() *arranger {
	a := &p.arrange
	n := len(p.Doc.Tokens)
	if a.p == nil {
		a.p = p
		a.class = append(a.class[:0], make([]uint16, n)...)
		a.kind = append(a.kind[:0], make([]uint16, n)...)
		a.ids = append(a.ids[:0], make([]uint16, n)...)
		a.finite = a.finite[:0]
		a.line = edit.Span{}
		a.gapEnds = append(a.gapEnds[:0], make([]endOdds, n+1)...)
		a.sides = append(a.sides[:0], make([]lm.SideToken, n)...)
	}
	return a
}

func (a *arranger) key(i int) lm.Word { return a.p.Keys[i] }

// blockable reports whether token i may be moved.
func (a *arranger) blockable(i int) bool {
	switch t := &a.p.Doc.Tokens[i]; t.Kind {
	case text.Word, text.Number:
		return t.Gap == text.GapSpace || t.Gap == text.GapNone && (a.p.Doc.Tokens[i-1].Kind == text.Symbol || a.hyphen(i-1))
	case text.Punct:
		return a.hyphen(i)
	case text.Clitic:
		return t.Gap == text.GapNone
	case text.Symbol:
		return t.Gap == text.GapSpace
	}
	return false
}

// hyphen reports whether token i is a hyphen within a word.
func (a *arranger) hyphen(i int) bool {
	d := a.p.Doc
	t := d.Tokens[i]
	if t.End-t.Start != 1 || d.Text[t.Start] != '-' || t.Gap != text.GapNone || i < 1 || i+1 >= len(d.Tokens) || d.Tokens[i+1].Gap != text.GapNone {
		return false
	}
	word := func(k text.Kind) bool { return k == text.Word || k == text.Number }
	return word(d.Tokens[i-1].Kind) && word(d.Tokens[i+1].Kind)
}

// edge reports whether a block may begin at token i.
func (a *arranger) edge(i int) bool {
	return i < len(a.p.Doc.Tokens) && a.p.Doc.Tokens[i].Gap == text.GapSpace
}

// head reports whether token i is a preposition: what translators move is a phrase
// with one, so one of the blocks begins with it.
func (a *arranger) head(i int) bool {
	return a.p.Info[i].LnProb > -9 && preposition(a.p.Doc.Str(i))
}

// ends reports whether a block may end before token i.
func (a *arranger) ends(i int) bool {
	return a.edge(i) || a.p.Doc.Tokens[i].Kind == text.Punct && !a.hyphen(i)
}

// stop reports whether token i is a full stop that touches the word before it
// and has a space and a word after it: one that may be stray.
func (a *arranger) stop(i int) bool {
	d := a.p.Doc
	if i < 2 || i+1 >= len(d.Tokens) {
		return false
	}
	t := d.Tokens[i]
	if t.Kind != text.Punct || t.End-t.Start != 1 || d.Text[t.Start] != '.' || t.Gap != text.GapNone || d.Tokens[i+1].Gap != text.GapSpace {
		return false
	}
	switch l := d.Tokens[i-1]; l.Kind {
	case text.Word:
		if l.End-l.Start == 1 || l.Shape&text.InnerUpper != 0 && a.p.Info[i-1].Flags&lm.Known == 0 {
			return false // J. Edgar, TrumpJr. said
		}
	case text.Number:
		if l.End-l.Start < 3 {
			return false // definition 2. a: a list
		}
	case text.Clitic:
	default:
		return false
	}
	switch d.Tokens[i+1].Kind {
	case text.Word, text.Number:
		return true
	}
	return false
}

// next is the model's score of token i and the state after it.
func (a *arranger) next(st lm.State, i int) (float64, lm.State) {
	return a.p.LM.Score(st, a.key(i))
}

// tail scores the two tokens from token r on, or fewer and the sentence's end.
func (a *arranger) tail(st lm.State, r int) (sum float64) {
	if r+1 < len(a.p.Doc.Tokens) {
		a.p.LM.Prepare(st, a.key(r), a.key(r+1))
	}
	for k := r; k < r+2; k++ {
		if k >= len(a.p.Doc.Tokens) || k > r && a.p.startsSentence(k) {
			ln, _ := a.p.LM.Score(st, lm.End)
			return sum + ln
		}
		var ln float64
		ln, st = a.next(st, k)
		sum += ln
	}
	return sum
}

// run scores tokens lo to hi-1 after a state.
func (a *arranger) run(st lm.State, lo, hi int) (sum float64, _ lm.State) {
	if hi-lo == 2 {
		a.p.LM.Prepare(st, a.key(lo), a.key(lo+1))
	}
	for k := lo; k < hi; k++ {
		var ln float64
		ln, st = a.next(st, k)
		sum += ln
	}
	return sum, st
}

// The log-odds of a capital inside a sentence, fitted on 150,000 words of text
// kept out of the model whose spelling in training text leaves it open: right in
// 93 of 100, by the word alone in 87.
const (
	capBias  = -1.87
	capWord  = 0.91  // of the word's own log-odds
	capLeft  = 2.89  // the word before has a capital
	capRight = 3.68  // the word after has one
	capBoth  = -1.10 // both have
	capSeen  = 1.98  // the document has it with a capital inside a sentence
	capNot   = -1.50 // the document has it without
	capTitle = 4.0   // the line is a title in Capitals; set by hand, as the next
	capName  = 4.0   // it completes a listed name: "Secretary" before "of State"
)

// capitalOdds is the ln odds that the word at token i, which begins a sentence,
// keeps its capital between tokens l and r inside one; infinite where there is
// no choice. What follows in the text as it stands is read on from r.
func (a *arranger) capitalOdds(i, l, r int) float64 {
	d := a.p.Doc
	w, t, info := d.Str(i), d.Tokens[i], a.p.Info[i]
	if t.Kind != text.Word || t.Shape&text.InitialUpper == 0 {
		return math.Inf(-1)
	}
	if w == "I" || strings.HasPrefix(w, "I'") || strings.HasPrefix(w, "I’") || t.Shape&(text.AllUpper|text.InnerUpper|text.HasDot) != 0 {
		return math.Inf(1)
	}
	upper := func(k int) bool {
		if k < 0 || k >= len(d.Tokens) || d.Tokens[k].Kind != text.Word || d.Tokens[k].Shape&text.InitialUpper == 0 {
			return false
		}
		return !a.p.startsSentence(k) || a.p.Info[k].Title >= 8
	}
	z := capBias + capWord*math.Log((float64(info.Title+info.Upper)+0.1)/(float64(info.Lower)+0.1))
	left, right := upper(l), upper(r)
	if left {
		z += capLeft
	}
	if right {
		z += capRight
	}
	if left && right {
		z += capBoth
	}
	v := a.p.Vocab()
	if v.Mid(w) > 0 {
		z += capSeen
	}
	if v.Count(w) > v.Upper(w) {
		z += capNot
	}
	if a.inTitle(i) {
		z += capTitle
	}
	if a.completesName(i, l, r) {
		z += capName
	}
	return z
}

// inTitle reports whether token i stands in a line of which nearly all longer words
// have a capital, and that does not end as a sentence.
func (a *arranger) inTitle(i int) bool {
	const longest, fewest, letters = 200, 4, 4 // bytes of such a line, longer words of it, and letters that they have
	d := a.p.Doc
	at := int(d.Tokens[i].Start)
	if at >= a.line.Start && at < a.line.End {
		return a.title
	}
	lo, hi := strings.LastIndexByte(d.Text[:at], '\n')+1, len(d.Text)
	if k := strings.IndexByte(d.Text[at:], '\n'); k >= 0 {
		hi = at + k
	}
	a.line, a.title = edit.Span{Start: lo, End: hi}, false
	if hi-lo > longest || d.Text[hi-1] == '.' {
		return false
	}
	long, upper := 0, 0
	for k := i; k > 0 && int(d.Tokens[k-1].Start) >= lo; k-- {
		i = k - 1
	}
	for ; i < len(d.Tokens) && int(d.Tokens[i].Start) < hi; i++ {
		if t := &d.Tokens[i]; t.Kind == text.Word && t.End-t.Start >= letters {
			long++
			if t.Shape&text.InitialUpper != 0 {
				upper++
			}
		}
	}
	a.title = long >= fewest && upper*5 >= long*4
	return a.title
}

// completesName reports whether token i makes a listed name of several words with
// those that stand before it up to token l, or with those from token r on.
func (a *arranger) completesName(i, l, r int) bool {
	d := a.p.Doc
	if !entityWords()[a.key(i)] {
		return false
	}
	part := func(k int) bool { // a small word, or one with a capital
		return k >= 0 && k < len(d.Tokens) && d.Tokens[k].Kind == text.Word && (a.p.Info[k].Flags&lm.Function != 0 || d.Tokens[k].Shape&text.InitialUpper != 0)
	}
	const most = 3 // words of the rest of the name
	words := make([]lm.Word, 0, most+1)
	words = append(words, a.key(i))
	for k := r; k < r+most && k != i && part(k); k++ {
		words = append(words, a.key(k))
		if listedName(words) {
			return true
		}
	}
	for n := 2; n <= most; n++ {
		words = words[:0]
		for k := l - n + 1; k <= l; k++ {
			if k == i || !part(k) {
				return false
			}
			words = append(words, a.key(k))
		}
		if listedName(append(words, a.key(i))) {
			return true
		}
	}
	return false
}

// recase decides the case of the words that begin sentences no longer, and what
// that costs; other is the second choice for the less certain of them.
func (a *arranger) recase(g *arrangement) {
	g.casing, g.doubt = 0, 0
	g.keepY, g.keepRest = true, true
	last := g.x0 - 1
	if g.shape != stopOut {
		last = g.x1 - 1
	}
	if g.shape == acrossStop || g.shape == twoStops {
		next := g.y0 + 1
		if next == g.y1 {
			next = g.x0
		}
		g.keepY = a.choose(g, a.capitalOdds(int(g.y0), int(g.x0-1), int(next)), 1)
	}
	if g.shape == stopOut || g.shape == twoStops || g.shape == beforeStop {
		g.keepRest = a.choose(g, a.capitalOdds(int(g.rest), int(last), int(g.rest+1)), 2)
	}
}

// unsureCase is the ln odds below which the other case is offered as well.
const unsureCase = 2.2

func (a *arranger) choose(g *arrangement, odds float64, which uint8) bool {
	if math.IsInf(odds, 0) {
		return true // written as it is
	}
	g.casing -= math.Log1p(math.Exp(-math.Abs(odds)))
	if math.Abs(odds) < unsureCase {
		g.doubt |= which
	}
	return odds > 0
}

// otherCase is the arrangement with its doubtful words in the other case.
func (a *arranger) otherCase(g arrangement) (arrangement, bool) {
	if g.doubt == 0 {
		return g, false
	}
	which := g.doubt
	a.recase(&g)
	if which&1 != 0 {
		g.keepY = !g.keepY
	} else {
		g.keepRest = !g.keepRest
	}
	// The other choice's odds are the inverse.
	next, last := g.y0+1, g.x1-1
	if next == g.y1 {
		next = g.x0
	}
	if g.shape == stopOut {
		last = g.x0 - 1
	}
	odds := a.capitalOdds(int(g.rest), int(last), int(g.rest+1))
	if which&1 != 0 {
		odds = a.capitalOdds(int(g.y0), int(g.x0-1), int(next))
	}
	g.casing -= math.Abs(odds)
	g.doubt = 0
	return g, true
}

// reach is how far blocks may go: from lo on to the left of token s, and up to
// hi to the right of token r. What begins a sentence stays where it is.
func (a *arranger) reachLeft(s, n int) int {
	lo := s
	for lo > 1 && s-lo < n && a.blockable(lo-1) && !a.p.startsSentence(lo-1) {
		lo--
	}
	return lo
}

func (a *arranger) reachRight(r, n int) int {
	d := a.p.Doc
	hi := r
	for hi < len(d.Tokens) && hi-r < n && (hi == r || a.blockable(hi) && !a.p.startsSentence(hi)) {
		if hi == r && d.Tokens[hi].Kind != text.Word && d.Tokens[hi].Kind != text.Number {
			break
		}
		hi++
	}
	return hi
}

// atStop lists the ways to read the place around the stop at token s, with what
// the language model says of each against leaving it.
func (a *arranger) atStop(s int) []arrangement {
	a.list = a.list[:0]
	p, toks := a.p, a.p.Doc.Tokens
	lo, hi := a.reachLeft(s, maxBlockX), a.reachRight(s+1, maxBlockY)
	if hi == s+1 {
		return nil
	}
	a.inner = clip(-orderEnds*a.endsHere(s), 8)
	// The text as it stands: left of the stop, the stop, right of it.
	var st [maxBlockX + 1]lm.State // before token lo+k
	var left [maxBlockX + 1]float64
	st[0] = p.before(lo)
	for k := range s - lo {
		ln, next := a.next(st[k], lo+k)
		left[k+1], st[k+1] = left[k]+ln, next
	}
	ln, next := p.LM.Score(st[s-lo], lm.Key("."))
	ln2, _ := p.LM.Score(next, lm.End)
	stopCost := ln + ln2
	var right [maxBlockY + 1]float64
	var rst [maxBlockY + 1]lm.State
	rst[0] = p.LM.Begin()
	for k := range hi - s - 1 {
		ln, next := a.next(rst[k], s+1+k)
		right[k+1], rst[k+1] = right[k]+ln, next
	}
	// Nothing moves.
	a.add(arrangement{
		shape: stopOut, x0: int32(s), x1: int32(s), y0: int32(s), y1: int32(s), rest: int32(s + 1),
		gain: a.tail(st[s-lo], s+1) - stopCost - a.tail(rst[0], s+1),
	})
	// "X. Y rest": Y goes before X.
	headY := a.head(s + 1)
	for y1 := s + 2; y1 <= hi; y1++ {
		if y1 < len(toks) && !a.ends(y1) {
			continue
		}
		ny := y1 - s - 1
		if y1 >= len(toks) {
			continue // a sentence needs its end
		}
		old := stopCost + right[ny] + a.tail(rst[ny], y1)
		two := a.stop(y1)
		var oldTwo float64
		if two {
			ln, next := p.LM.Score(rst[ny], lm.Key("."))
			ln2, _ := p.LM.Score(next, lm.End)
			oldTwo = stopCost + right[ny] + ln + ln2 + a.tail(p.LM.Begin(), y1+1)
		}
		for x0 := s - 1; x0 >= lo; x0-- {
			if !a.edge(x0) || s-x0+ny > maxBlocks || !headY && !a.head(x0) {
				continue
			}
			nx := s - x0
			// Y after what stands before X, then X.
			lnY, stY := a.run(st[x0-lo], s+1, min(s+3, y1))
			if ny > 2 {
				lnY += right[ny] - right[2]
				stY = rst[ny]
			}
			lnX, stX := a.run(stY, x0, min(x0+2, s))
			if nx > 2 {
				lnX += left[s-lo] - left[x0+2-lo]
				stX = st[s-lo]
			}
			oldX := left[s-lo] - left[x0-lo]
			g := arrangement{shape: acrossStop, x0: int32(x0), x1: int32(s), y0: int32(s + 1), y1: int32(y1), rest: int32(y1)}
			g.gain = lnY + lnX + a.tail(stX, y1) - oldX - old
			a.add(g)
			if two {
				g.shape, g.rest = twoStops, int32(y1+1)
				g.gain = lnY + lnX + a.tail(stX, y1+1) - oldX - oldTwo
				a.add(g)
			}
		}
	}
	// "X Y. rest": both stand before the stop.
	oldRest := stopCost + a.tail(rst[0], s+1)
	for m := s - 1; m > lo; m-- {
		if !a.edge(m) {
			continue
		}
		for x0 := m - 1; x0 >= lo; x0-- {
			if !a.edge(x0) || m-x0 > 3 && s-m > 3 || !a.head(m) && !a.head(x0) {
				continue
			}
			lnY, stY := a.run(st[x0-lo], m, s)
			lnX, stX := a.run(stY, x0, m)
			a.add(arrangement{
				shape: beforeStop, x0: int32(x0), x1: int32(m), y0: int32(m), y1: int32(s), rest: int32(s + 1),
				gain: lnY + lnX + a.tail(stX, s+1) - (left[s-lo] - left[x0-lo]) - oldRest,
			})
		}
	}
	return a.list
}

// add keeps an arrangement among the best by gain.
func (a *arranger) add(g arrangement) {
	if len(a.list) == cap(a.list) || cap(a.list) == 0 {
		a.list = slices.Grow(a.list, 256)
	}
	if g.shape != plainMove {
		a.recase(&g)
	}
	a.list = append(a.list, g)
}

// most is the greatest gain of the list.
func (a *arranger) most() float64 {
	top := math.Inf(-1)
	for i := range a.list {
		top = max(top, a.list[i].gain)
	}
	return top
}

// best sorts the list by gain and cuts it to those worth weighing.
func (a *arranger) best(n int) []arrangement {
	top := math.Inf(-1)
	for i := range a.list {
		top = max(top, a.list[i].gain+a.list[i].casing)
	}
	const hopeless = 14 // nats behind the best: no other evidence makes up for that
	a.list = slices.DeleteFunc(a.list, func(g arrangement) bool { return g.gain+g.casing < top-hopeless && g.shape != stopOut })
	slices.SortStableFunc(a.list, func(x, y arrangement) int {
		if x.gain+x.casing > y.gain+y.casing {
			return -1
		} else if x.gain+x.casing < y.gain+y.casing {
			return 1
		}
		return 0
	})
	if len(a.list) > n {
		// Plain removal of the stop is always among the choices.
		for k := n; k < len(a.list); k++ {
			if a.list[k].shape == stopOut {
				a.list[n-1] = a.list[k]
			}
		}
		a.list = a.list[:n]
	}
	// Beside the likeliest, the same with a doubtful word in its other case.
	const twice = 6
	for k := range min(twice, len(a.list)) {
		if g, ok := a.otherCase(a.list[k]); ok {
			a.list = append(a.list, g)
		}
	}
	return a.list
}

// Ties in nats above which nothing is moved. A move breaks three ties between a
// word and what stands before it: in made moves they sum to at most 6 in 98 of
// 100, those of three words of clean text to 7 on average.
const (
	maxTies  = 6.0
	safeTies = 3.0 // no move without a stop was ever sure enough above
	firstTie = 6.0 // of the first alone
)

// plainEnd is the boundary model's odds of a sentence's end, in nats, from which a
// stop before a capital is not looked at: half of the real ends, one in a hundred
// of those that a move left behind.
const plainEnd = 4.0

// orderEnds is what the boundary model's nats count for moves, whose weights were
// fitted beside one that was less sure.
const orderEnds = 0.75

// endsHere is the ln odds that a sentence ends at the stop at token s.
func (a *arranger) endsHere(s int) float64 {
	p := a.p
	k := p.sentenceOf(s - 1)
	first, last := int(p.Doc.Sentences[k].First), int(p.Doc.Sentences[k].End)
	if last <= s+1 && k+1 < len(p.Doc.Sentences) {
		last = int(p.Doc.Sentences[k+1].End)
	}
	return p.boundary(first, s, s+1, last)
}

// inSentence lists moves without a stop within tokens first to end-1, where the
// ties that a move would break sum to no more than maxTies. What translators move
// is a phrase with its preposition: one of the blocks begins with one.
func (a *arranger) inSentence(first, end int, maxTies float64) []arrangement {
	a.list = a.list[:0]
	a.sure = false
	a.place++
	p := a.p
	n := end - first
	if n < 4 || n > maxSentence {
		return nil
	}
	var heads [maxSentence + 1]bool // the token may begin a block, and is a preposition
	some := false
	for k := 1; k < n; k++ {
		if i := first + k; a.edge(i) && a.head(i) {
			heads[k], some = true, true
		}
	}
	if !some {
		return nil
	}
	var sumBuf, tieBuf [maxSentence + 3]float64
	sum, tie := sumBuf[:n+2], tieBuf[:n+1]
	keys := p.Keys[first:end]
	p.LM.Prepare(p.LM.Begin(), keys...)
	st := p.LM.Begin()
	weak := 0
	for k := range n {
		var ln float64
		ln, st = p.LM.Score(st, keys[k])
		sum[k+1] = sum[k] + ln
		tie[k] = ln - a.alone(first+k)
		if tie[k] < 1 {
			weak++
		}
	}
	if weak < 2 {
		return nil
	}
	endLn, _ := p.LM.Score(st, lm.End)
	keys = append(a.words[:0], keys...)
	keys = append(keys, lm.End)
	a.words = keys
	sum[n+1] = sum[n] + endLn
	// By how many nats a word is likelier behind others than where it stands: the
	// first look is at the first word of each of the three junctions alone, and what
	// two of them share is looked up once.
	better := func(st lm.State, k int) float64 {
		p.LM.Prepare(st, keys[k])
		ln, _ := p.LM.Score(st, keys[k])
		return ln - (sum[k+1] - sum[k])
	}
	behind := func(k int) lm.State { // token k-1
		if k == 1 {
			return p.LM.Begin().Next(keys[0])
		}
		return lm.State{W1: keys[k-1], W2: keys[k-2]}
	}
	var seenX, seenRest tieCache
	seenRest.reset(n)
	for x0 := 1; x0 < n-1; x0++ {
		if tie[x0] > firstTie || !a.blockable(first+x0) || !a.edge(first+x0) {
			continue
		}
		seenX.reset(1)
		before := behind(x0)
		const strongest = -4.0 // nats of a broken tie: hardly any is weaker
		var begins [maxBlockX]uint8
		var ahead [maxBlockX]lm.Word
		some := 0 // second blocks
		for y0 := x0 + 1; y0 < min(n, x0+maxBlockX+1) && a.blockable(first+y0); y0++ {
			if tie[x0]+tie[y0]+strongest > maxTies || !heads[x0] && !heads[y0] || !a.edge(first+y0) {
				continue
			}
			begins[some], ahead[some] = uint8(y0), keys[y0]
			some++
		}
		p.LM.PrepareEach(before, ahead[:some]...)
		for _, b := range begins[:some] {
			y0 := int(b)
			ties := tie[x0] + tie[y0]
			var stops [maxBlockY]uint8
			ends := 0 // of the second block
			for y1 := y0 + 1; y1 <= min(n-1, x0+maxBlocks, y0+maxBlockY) && a.blockable(first+y1-1); y1++ {
				if ties+tie[y1] <= maxTies && a.ends(first+y1) {
					stops[ends] = uint8(y1)
					ends++
				}
			}
			if ends == 0 {
				continue
			}
			head := better(before, y0)
			if head < -junctionLoss {
				continue
			}
			for _, y1 := range stops[:ends] {
				if _, known := seenX.get(0, int(y1)-x0); !known && int(y1)-y0 > 1 {
					p.LM.Prepare(behind(int(y1)), keys[x0])
				}
			}
			for _, e := range stops[:ends] {
				y1 := int(e)
				gain := head
				if y1-y0 == 1 {
					gain += better(lm.State{W1: keys[y0], W2: before.W1}, x0)
				} else {
					ln, known := seenX.get(0, y1-x0)
					if !known {
						ln = better(behind(y1), x0)
						seenX.put(0, y1-x0, ln)
					}
					gain += ln
				}
				if gain < -junctionLoss {
					continue
				}
				if y0-x0 == 1 {
					gain += better(lm.State{W1: keys[x0], W2: keys[y1-1]}, y1)
				} else {
					ln, known := seenRest.get(y0, y1-y0)
					if !known {
						ln = better(behind(y0), y1)
						seenRest.put(y0, y1-y0, ln)
					}
					gain += ln
				}
				if gain < 0 {
					continue
				}
				if gain = a.moveGain(keys, sum, before, x0, y0, y1); gain < minMoveGain {
					continue
				}
				if gain >= safeGain && ties+tie[y1] <= safeTies {
					a.sure = true
				}
				g := arrangement{shape: plainMove, x0: int32(first + x0), x1: int32(first + y0), y0: int32(first + y0), y1: int32(first + y1), gain: gain}
				g.rest = g.y1
				a.add(g)
			}
		}
	}
	return a.list
}

// moveGain is by how many nats words are likelier with those from x0 and those from
// y0 on exchanged, up to y1. The last of the words is the sentence's end; sum holds
// the ln probabilities of those before each.
func (a *arranger) moveGain(words []lm.Word, sum []float64, before lm.State, x0, y0, y1 int) (gain float64) {
	st := before
	for _, b := range [3][2]int{{y0, y1}, {x0, y0}, {y1, len(words)}} {
		lo, hi := b[0], min(b[1], b[0]+2) // beyond two words nothing changes
		a.p.LM.Prepare(st, words[lo:hi]...)
		for k := lo; k < hi; k++ {
			var ln float64
			ln, st = a.p.LM.Score(st, words[k])
			gain += ln - (sum[k+1] - sum[k])
		}
		if hi < b[1] {
			st = lm.State{W1: words[b[1]-1], W2: words[b[1]-2]}
		}
	}
	return gain
}

// tieCache holds scores by a token and a distance from it.
type tieCache struct {
	ln   [maxSentence][maxBlocks + 1]float32
	have [maxSentence]uint32 // a bit for each distance
}

func (c *tieCache) reset(n int) { clear(c.have[:min(n, maxSentence)]) }

func (c *tieCache) get(i, n int) (float64, bool) {
	return float64(c.ln[i][n]), c.have[i]>>n&1 != 0
}

func (c *tieCache) put(i, n int, ln float64) {
	c.ln[i][n] = float32(ln)
	c.have[i] |= 1 << n
}

// alone is the ln probability of token i, whatever stands before it.
func (a *arranger) alone(i int) float64 {
	const unseen = -16
	ln := a.p.Info[i].LnProb
	if a.p.Doc.Tokens[i].Kind != text.Word {
		ln = a.p.Lex.LookupKey(a.key(i)).LnProb
	}
	if ln == 0 {
		return unseen
	}
	return float64(ln)
}

// maxSentence bounds the sentences that are searched for moves, in tokens.
const maxSentence = 120

// edits writes an arrangement as edits, and the span that a person sees.
func (a *arranger) edits(g arrangement) (edit.Span, []edit.Edit, []edit.Span) {
	d := a.p.Doc
	at := func(i int32) int { return int(d.Tokens[i].Start) }
	after := func(i int32) int { return int(d.Tokens[i-1].End) }
	var out []edit.Edit
	span := edit.Span{Start: after(g.x0), End: at(g.rest)}
	recase := func(i int32, keep bool) (string, bool) {
		w := d.Str(int(i))
		if keep {
			return w, false
		}
		r, size := utf8.DecodeRuneInString(w)
		return string(unicode.ToLower(r)) + w[size:], unicode.IsUpper(r)
	}
	var segs []edit.Span
	if g.shape != stopOut {
		x, y := edit.Span{Start: at(g.x0), End: after(g.x1)}, edit.Span{Start: at(g.y0), End: after(g.y1)}
		span = edit.Span{Start: x.Start, End: y.End}
		moved := a.swapped(&g, g.y0, g.y1)
		if g.shape == acrossStop || g.shape == twoStops {
			if w, changed := recase(g.y0, g.keepY); changed {
				moved = w + moved[d.Tokens[g.y0].End-d.Tokens[g.y0].Start:]
			}
		}
		cut := edit.Span{Start: x.End, End: y.End}
		if g.shape == twoStops || g.shape == beforeStop {
			cut.End = int(d.Tokens[g.rest-1].End) // the stop after Y
		}
		span.End = cut.End
		out = append(out, edit.Edit{Span: edit.Span{Start: x.Start, End: x.Start}, New: moved + " "})
		out = append(append(out, a.swapEdits(&g, g.x0, g.x1)...), edit.Edit{Span: cut})
		segs = []edit.Span{y, x}
	} else {
		stop := d.Tokens[g.x0].Span()
		span = edit.Span{Start: int(d.Tokens[g.x0-1].Start), End: int(d.Tokens[g.rest].End)}
		if g.swaps != nil { // "the U.S. in. growing": the genitive goes with the space before it
			span.Start, stop.Start = int(d.Tokens[g.x0-2].Start), int(d.Tokens[g.x0-2].End)
			out = append(out, edit.Edit{Span: stop, New: g.swaps[0].with})
		} else {
			out = append(out, edit.Edit{Span: stop})
		}
	}
	if g.shape == stopOut || g.shape == twoStops || g.shape == beforeStop {
		if w, changed := recase(g.rest, g.keepRest); changed {
			s := d.Tokens[g.rest].Span()
			out = append(out, edit.Shrink(d.Text, edit.Edit{Span: s, New: w}))
			span.End = s.End
		}
	}
	return span, out, segs
}

// classOf puts a token into a class: what the weights know words by. Frequent
// words are classes of their own.
func (a *arranger) classOf(i int) uint16 {
	if i < 0 || i >= len(a.p.Doc.Tokens) {
		return 1
	}
	if a.class[i] != 0 {
		return a.class[i]
	}
	p := a.p
	t, info := p.Doc.Tokens[i], p.Info[i]
	var c uint32
	frequent := func() uint32 { return uint32(uint64(a.key(i))>>20)%60000 + 512 }
	switch t.Kind {
	case text.Word:
		switch {
		case info.Flags&lm.Function != 0 || info.LnProb != 0 && info.LnProb > -7.8 && t.Shape&text.AllUpper == 0:
			c = frequent()
		case info.Lower < 4 && t.Shape&text.InitialUpper != 0:
			c = 2
			if info.Flags&lm.Place != 0 {
				c = 3
			} else if t.Shape&text.AllUpper != 0 {
				c = 4
			}
		default:
			c = 16 + uint32(info.Flags>>5&7)*8 + suffixClass(p.Doc.Str(i))
		}
	case text.Number:
		c = 5
		if t.End-t.Start == 4 {
			c = 6
		}
	case text.Punct, text.Clitic:
		c = frequent()
	case text.Symbol:
		c = 7
	default:
		c = 8
	}
	a.class[i] = uint16(c)
	return a.class[i]
}

// kindOf is the token's class, and for words that are no class of their own the
// class of words that stand where it does.
func (a *arranger) kindOf(i int) uint16 {
	if i < 0 || i >= len(a.kind) {
		return a.classOf(i)
	}
	if a.kind[i] == 0 {
		c := a.classOf(i)
		if c < 512 && c > 1 && a.p.Doc.Tokens[i].Kind == text.Word {
			if k := a.p.engine.Models.Classes.Of(a.key(i)); k > 0 {
				c = 80 + uint16(k)
			}
		}
		a.kind[i] = c
	}
	return a.kind[i]
}

// suffixClass tells words by their ending, 0 to 7.
func suffixClass(w string) uint32 {
	switch {
	case strings.HasSuffix(w, "ing"):
		return 1
	case strings.HasSuffix(w, "ed"):
		return 2
	case strings.HasSuffix(w, "ly"):
		return 3
	case strings.HasSuffix(w, "ss"), strings.HasSuffix(w, "us"):
		return 0
	case strings.HasSuffix(w, "s"):
		return 4
	case strings.HasSuffix(w, "ion"), strings.HasSuffix(w, "ity"), strings.HasSuffix(w, "ment"), strings.HasSuffix(w, "ness"):
		return 5
	case strings.HasSuffix(w, "al"), strings.HasSuffix(w, "ic"), strings.HasSuffix(w, "ive"), strings.HasSuffix(w, "ous"), strings.HasSuffix(w, "able"):
		return 6
	case strings.HasSuffix(w, "er"), strings.HasSuffix(w, "or"):
		return 7
	}
	return 0
}

// orderFeature is a slot of the table of weights, and with what sign it counts.
type orderFeature struct {
	slot uint32
	sign int8
}

// slotOf is the slot of a feature of the models for quotations.
func slotOf(kind, a, b, c uint32) uint32 {
	h := uint64(kind)*0x9E3779B97F4A7C15 ^ uint64(a)*0xD6E8FEB86659FD93 ^ uint64(b)*0xC2B2AE3D27D4EB4F ^ uint64(c)*0x165667B19E3779F9
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	h ^= h >> 32
	return uint32(h % (1 << 15))
}

func orderSlot(kind, a, b, c, d uint32) uint32 {
	h := uint64(kind)*0x9E3779B97F4A7C15 ^ uint64(a)*0xD6E8FEB86659FD93 ^ uint64(b)*0xC2B2AE3D27D4EB4F ^ uint64(c)*0x165667B19E3779F9 ^ uint64(d)*0xFF51AFD7ED558CCD
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	h ^= h >> 32
	return uint32(h % orderSlots)
}

// joint lists the features of classes w[1] and w[2] standing side by side, w[0]
// before them and w[3] behind. Runs of four classes were tried: with this many
// slots they crowd out the shorter ones (0.327 -> 0.339 nats a place).
func joint(fs []orderFeature, sign int8, w *[4]uint32) []orderFeature {
	return append(fs,
		orderFeature{orderSlot(1, w[1], w[2], 0, 0), sign},
		orderFeature{orderSlot(2, w[0], w[1], w[2], 0), sign},
		orderFeature{orderSlot(3, w[1], w[2], w[3], 0), sign},
		orderFeature{orderSlot(12, w[0], w[2], 0, 0), sign},
		orderFeature{orderSlot(13, w[1], w[3], 0, 0), sign},
	)
}

// parted lists the features of a stop between classes w[1] and w[2].
func parted(fs []orderFeature, w *[4]uint32) []orderFeature {
	return append(fs,
		orderFeature{orderSlot(4, w[0], w[1], w[2], 0), -1},
		orderFeature{orderSlot(5, w[1], w[2], w[3], 0), -1},
		orderFeature{orderSlot(6, w[1], w[2], 0, 0), -1},
	)
}

// features lists the sparse features of an arrangement. The three junctions
// that a move makes count for it, those that it breaks against it.
func (a *arranger) features(g arrangement, fs []orderFeature) []orderFeature {
	c := func(i int32) uint32 { return uint32(a.kindOf(int(i))) }
	// The class of the k-th token of the new order, from two before X on.
	nx, ny := g.x1-g.x0, g.y1-g.y0
	at := func(k int32) uint32 {
		switch {
		case k < 0:
			return c(g.x0 + k)
		case k < ny:
			return c(g.y0 + k)
		case k < ny+nx:
			return c(g.x0 + k - ny)
		}
		return c(g.rest + k - ny - nx)
	}
	// The classes around a gap of the text as it stands, and around a stop.
	gap := func(i int32) *[4]uint32 { return &[4]uint32{c(i - 2), c(i - 1), c(i), c(i + 1)} }
	stop := func(s int32) *[4]uint32 { return &[4]uint32{c(s - 2), c(s - 1), c(s + 1), c(s + 2)} }
	if g.shape == stopOut {
		fs = joint(fs, 1, stop(g.x0))
		return parted(fs, stop(g.x0))
	}
	for _, k := range [3]int32{0, ny, ny + nx} {
		fs = joint(fs, 1, &[4]uint32{at(k - 2), at(k - 1), at(k), at(k + 1)})
	}
	fs = joint(fs, -1, gap(g.x0))
	switch g.shape {
	case acrossStop, twoStops:
		fs = parted(fs, stop(g.x1))
	default:
		fs = joint(fs, -1, gap(g.y0))
	}
	switch g.shape {
	case twoStops, beforeStop:
		fs = parted(fs, stop(g.y1))
	default:
		fs = joint(fs, -1, gap(g.rest))
	}
	k, phr := uint32(g.shape), a.phrases(&g)
	return append(fs,
		orderFeature{orderSlot(20+k, 1, uint32(nx), uint32(ny), 0), 1},
		orderFeature{orderSlot(20+k, 2, c(g.x0), 0, 0), 1},
		orderFeature{orderSlot(20+k, 3, c(g.y0), 0, 0), 1},
		orderFeature{orderSlot(20+k, 4, c(g.x1-1), 0, 0), 1},
		orderFeature{orderSlot(20+k, 5, c(g.y1-1), 0, 0), 1},
		orderFeature{orderSlot(20+k, 6, c(g.x0), c(g.y0), 0), 1},
		orderFeature{orderSlot(20+k, 7, phr, 0, 0), 1},
		orderFeature{orderSlot(20+k, 8, a.verbs(&g), 0, 0), 1},
		orderFeature{orderSlot(20+k, 9, c(g.x0-1), phr, 0), 1},
		orderFeature{orderSlot(20+k, 10, c(g.rest), phr, 0), 1},
		orderFeature{orderSlot(20+k, 11, c(g.x0-1), c(g.x0), c(g.y0)), 1},
		orderFeature{orderSlot(20+k, 12, c(g.x0), c(g.y0), c(g.rest)), 1},
	)
}

// phrases tells which of the blocks begin with a preposition, as what translators
// move does, and which are a single word.
func (a *arranger) phrases(g *arrangement) uint32 {
	var n uint32
	d := a.p.Doc
	if preposition(d.Str(int(g.x0))) {
		n |= 1
	}
	if preposition(d.Str(int(g.y0))) {
		n |= 2
	}
	if g.x1-g.x0 == 1 {
		n |= 4
	}
	if g.y1-g.y0 == 1 {
		n |= 8
	}
	return n
}

// preposition reports whether a word is one, in lower case or at a sentence's
// beginning.
func preposition(w string) bool {
	if len(w) > 1 && w[0] >= 'A' && w[0] <= 'Z' {
		w = strings.ToLower(w[:1]) + w[1:]
	}
	switch w {
	case "of", "in", "on", "at", "to", "for", "with", "by", "from", "about", "after", "before", "between", "during", "under", "over", "into", "through",
		"against", "without", "within", "across", "toward", "towards", "despite", "following", "since", "until", "upon", "along", "among", "near", "behind", "around", "as", "than":
		return true
	}
	return false
}

// verbs counts the finite verbs of both blocks, and before and behind them in
// the sentence, two at most of each.
func (a *arranger) verbs(g *arrangement) uint32 {
	d := a.p.Doc
	if len(a.finite) == 0 {
		sum := int32(0)
		for i := range d.Tokens {
			a.finite = append(a.finite, sum)
			if d.Tokens[i].Kind == text.Word || d.Tokens[i].Kind == text.Clitic {
				if a.side(i).Finite() > 0 {
					sum++
				}
			}
		}
		a.finite = append(a.finite, sum)
	}
	first := d.Sentences[a.p.sentenceOf(int(g.x0)-1)].First
	end := int32(len(d.Tokens))
	if g.rest < end {
		end = d.Sentences[a.p.sentenceOf(int(g.rest))].End
	}
	n := uint32(0)
	for _, s := range [4][2]int32{{g.x0, g.x1}, {g.y0, g.y1}, {first, g.x0}, {min(g.rest, end), end}} {
		n = n*3 + uint32(min(2, a.finite[s[1]]-a.finite[s[0]]))
	}
	return n
}

// The dense features.
const (
	denseBias    = 0 // one for each shape
	denseGain    = int(numShapes)
	denseSoft    = denseGain + 1 // the gain beyond 10 nats
	denseCase    = denseGain + 2
	denseLower   = denseGain + 3  // what follows the stop begins in lower case
	denseTwo     = denseGain + 4  // it does so after the second stop too
	denseMade    = denseGain + 5  // the weakest tie of the junctions that are made
	denseMades   = denseGain + 6  // how weak the weak ones of them are together
	denseCut     = denseGain + 7  // the strongest tie of those that are cut
	denseCuts    = denseGain + 8  // how weak the weak ones of them are together
	denseInner   = denseGain + 9  // the boundary model's odds that no sentence ends at the stop
	denseEnd     = denseGain + 10 // the highest odds that a sentence ends at a junction that is made
	denseEnds    = denseGain + 11 // those of all of them
	denseCutEnd  = denseGain + 12 // the highest odds that one ends at a junction that is cut within a sentence
	denseCutEnds = denseGain + 13 // those of all of them
	numDense     = denseGain + 14
)

func (a *arranger) dense(g arrangement) (x [numDense]float64) {
	x[denseBias+int(g.shape)] = 1
	x[denseGain] = max(-20, min(10, g.gain)) / 4
	x[denseSoft] = max(0, min(30, g.gain-10)) / 4
	x[denseCase] = max(-6, g.casing)
	a.ties(g, &x)
	lower := func(i int32) bool {
		return a.p.Doc.Tokens[i].Shape&text.InitialUpper == 0 && a.p.Doc.Tokens[i].Kind == text.Word
	}
	switch g.shape {
	case stopOut, beforeStop:
		if lower(g.rest) {
			x[denseLower] = 1
		}
	case acrossStop:
		if lower(g.y0) {
			x[denseLower] = 1
		}
	case twoStops:
		if lower(g.y0) {
			x[denseLower] = 1
		}
		if lower(g.rest) {
			x[denseTwo] = 1
		}
	}
	return x
}

// ties describes the junctions that an arrangement makes and cuts: by how many
// nats a word is likelier for standing behind the two before it.
func (a *arranger) ties(g arrangement, x *[numDense]float64) {
	made, cut := 6.0, -6.0
	tie := func(l2, l1, r int32) float64 {
		var st lm.State
		if l2 >= 0 && !a.p.startsSentence(int(l1)) {
			st.W2 = a.key(int(l2))
		}
		st.W1 = a.key(int(l1))
		ln, _ := a.p.LM.Score(st, a.key(int(r)))
		return max(-6, min(6, ln-a.alone(int(r))))
	}
	join := func(t float64) {
		made = min(made, t)
		x[denseMades] += min(0, t) / 2
	}
	part := func(t float64) {
		cut = max(cut, t)
		x[denseCuts] += min(0, t) / 2
	}
	end := int(g.rest) >= len(a.p.Doc.Tokens)
	if g.shape == stopOut {
		join(tie(g.x0-2, g.x0-1, g.rest))
		cut = 0
	} else {
		nx, ny := g.x1-g.x0, g.y1-g.y0
		join(tie(g.x0-2, g.x0-1, g.y0))
		l2 := g.y1 - 2
		if ny == 1 {
			l2 = g.x0 - 1
		}
		join(tie(l2, g.y1-1, g.x0))
		if l2 = g.x1 - 2; nx == 1 {
			l2 = g.y1 - 1
		}
		if !end {
			join(tie(l2, g.x1-1, g.rest))
		}
		part(tie(g.x0-2, g.x0-1, g.x0))
		if g.x1 == g.y0 {
			part(tie(g.x1-2, g.x1-1, g.y0))
		}
		if g.y1 == g.rest && !end {
			part(tie(g.y1-2, g.y1-1, g.rest))
		}
	}
	x[denseMade], x[denseCut] = made/2, cut/2
	if g.shape != plainMove {
		x[denseInner] = a.inner / 4
	}
}

// seams asks the boundary model about the junctions that an arrangement makes, and
// within a sentence about those that it cuts.
func (a *arranger) seams(g *arrangement, x *[numDense]float64) {
	d := a.p.Doc
	b := a.p.engine.Models.Boundary
	if b == nil || g.shape == stopOut {
		return
	}
	lo, hi := a.around(g)
	seq := a.seq[:0]
	add := func(from, to int32) {
		for i := from; i < to; i++ {
			if t := &d.Tokens[i]; t.Kind != text.Punct || d.Text[t.Start] != '.' {
				seq = append(seq, *a.side(int(i)))
			}
		}
	}
	add(max(lo, g.x0-lm.MaxSide), g.x0)
	one := len(seq)
	add(g.y0, g.y1)
	two := len(seq)
	add(g.x0, g.x1)
	three := len(seq)
	add(g.rest, min(hi, g.rest+lm.MaxSide))
	a.seq = seq
	x[denseEnd] = -maxSeam / 4
	for _, k := range [3]int{one, two, three} {
		if k == len(seq) {
			continue
		}
		v := clip(b.LnOdds(seq[:k], seq[k:]), maxSeam) / 4
		x[denseEnd] = max(x[denseEnd], v)
		x[denseEnds] += v
	}
	if g.shape == plainMove {
		a.cutSeams(g, x)
	}
}

// maxSeam bounds what the boundary model says of a junction, in nats.
const maxSeam = 8

// cutSeams asks it about the junctions that a move within a sentence cuts.
func (a *arranger) cutSeams(g *arrangement, x *[numDense]float64) {
	if a.p.engine.Models.Boundary == nil {
		return
	}
	lo, hi := a.around(g)
	x[denseCutEnd] = -maxSeam / 4
	for _, i := range [3]int32{g.x0, g.y0, g.rest} {
		if i >= hi {
			continue
		}
		c := &a.gapEnds[i]
		if c.place != a.place {
			*c = endOdds{a.place, clip(a.p.boundary(int(lo), int(i), int(i), int(hi)), maxSeam) / 4}
		}
		x[denseCutEnd] = max(x[denseCutEnd], c.odds)
		x[denseCutEnds] += c.odds
	}
}

// side is what the boundary model knows a token by.
func (a *arranger) side(i int) *lm.SideToken {
	t := &a.sides[i]
	if *t == (lm.SideToken{}) {
		*t = a.p.LM.SideToken(a.p.Keys[i], a.p.Doc.Str(i), a.p.Info[i])
	}
	return t
}

// around is where the sentence begins that holds an arrangement, and where it
// ends once the arrangement is made.
func (a *arranger) around(g *arrangement) (lo, hi int32) {
	d := a.p.Doc
	lo = d.Sentences[a.p.sentenceOf(int(g.x0)-1)].First
	hi = int32(len(d.Tokens))
	if g.shape == plainMove {
		hi = d.Sentences[a.p.sentenceOf(int(g.x0))].End
	} else if int(g.rest) < len(d.Tokens) {
		hi = d.Sentences[a.p.sentenceOf(int(g.rest))].End
	}
	return lo, hi
}

// orderWeights are the fitted weights: dense ones, and a table of hashed ones.
type orderWeights struct {
	dense [numDense]float64
	table string // a signed byte a slot
	step  float64
	net   *junctionNet
}

// weigh sums an arrangement's evidence, in nats against leaving the place.
func (a *arranger) weigh(w *orderWeights, g *arrangement) {
	a.weighWords(w, g)
	g.nats += a.junctions(w.net, g)
	a.weighSeams(w, g)
}

// weighWords is the evidence but for what the net and the boundary model say.
func (a *arranger) weighWords(w *orderWeights, g *arrangement) {
	var buf [orderFeatures]orderFeature
	x := a.dense(*g)
	g.nats = 0
	for i, v := range x {
		g.nats += w.dense[i] * v
	}
	n := 0
	for _, f := range a.features(*g, buf[:0]) {
		n += int(f.sign) * int(int8(w.table[f.slot]))
	}
	g.nats += float64(n) * w.step
}

// weighSeams adds what the boundary model says.
func (a *arranger) weighSeams(w *orderWeights, g *arrangement) {
	var x [numDense]float64
	a.seams(g, &x)
	for i := denseEnd; i < numDense; i++ {
		g.nats += w.dense[i] * x[i]
	}
}

// netReach is by how many nats the net lifts a reading towards the best: with 6 one
// of the labelled moves in 300 is lost, with 7 none.
const netReach = 7.0

// seamReach is by how many what the boundary model says does.
const seamReach = 7.0

// weighed weighs a place's arrangements, the likeliest first, and leaves out those
// that cannot come near the best or above floor.
func (a *arranger) weighed(floor float64) []arrangement { return a.seamed(a.joined(floor)) }

// joined is weighed but for the boundary model's word.
func (a *arranger) joined(floor float64) []arrangement {
	w := shippedOrder()
	list := a.best(maxKept)
	for i := range list {
		a.weighWords(w, &list[i])
	}
	list = near(list, floor, netReach)
	for i := range list {
		list[i].nats += a.junctions(w.net, &list[i])
	}
	return near(list, floor, seamReach)
}

// seamed adds the boundary model's word.
func (a *arranger) seamed(list []arrangement) []arrangement {
	w := shippedOrder()
	for i := range list {
		a.weighSeams(w, &list[i])
	}
	likeliest(list)
	return list
}

// reaches reports whether any of the arrangements that are joined comes up to floor
// once it is seamed. What is cut costs little to ask, for arrangements of a place
// share it, and lifts none by more than 3.3 nats; what is made by 2.9.
func (a *arranger) reaches(list []arrangement, floor float64) bool {
	const rounding = 1e-6
	w := shippedOrder()
	most := func(one, all int) float64 { return maxSeam / 4 * (math.Abs(w.dense[one]) + 3*math.Abs(w.dense[all])) }
	made, cut := most(denseEnd, denseEnds)+rounding, most(denseCutEnd, denseCutEnds)
	for i := range list {
		g := list[i]
		if g.shape == plainMove {
			if g.nats+made+cut < floor {
				continue
			}
			var x [numDense]float64
			a.cutSeams(&g, &x)
			if g.nats+made+w.dense[denseCutEnd]*x[denseCutEnd]+w.dense[denseCutEnds]*x[denseCutEnds] < floor {
				continue
			}
		}
		if a.weighSeams(w, &g); g.nats >= floor {
			return true
		}
	}
	return false
}

// near leaves out the arrangements that are not within reach of the best and of a
// floor, but never the plain removal of the stop.
func near(list []arrangement, floor, reach float64) []arrangement {
	top := floor
	for i := range list {
		top = max(top, list[i].nats)
	}
	return slices.DeleteFunc(list, func(g arrangement) bool { return g.nats < top-reach && g.shape != stopOut })
}

var shippedOrder = sync.OnceValue(func() *orderWeights {
	w, err := parseOrder(rules.Order())
	if err != nil {
		panic("the embedded weights of moved blocks: " + err.Error())
	}
	w.net = shippedJunctions()
	return w
})

// parseOrder reads the weights: a line of magic, the table's step, the dense
// weights, each on a line, and the table, a signed byte a slot.
func parseOrder(data string) (*orderWeights, error) {
	const magic = "copydesk order 1"
	head := strings.SplitN(data, "\n", 4)
	if len(head) != 4 || head[0] != magic || len(head[3]) != orderSlots {
		return nil, errors.New("not weights of this version: fit them anew")
	}
	w := &orderWeights{table: head[3]}
	var err error
	if w.step, err = strconv.ParseFloat(head[1], 64); err != nil {
		return nil, err
	}
	fields := strings.Fields(head[2])
	if len(fields) != numDense {
		return nil, fmt.Errorf("%d dense weights, not %d: fit them anew", len(fields), numDense)
	}
	for i, f := range fields {
		if w.dense[i], err = strconv.ParseFloat(f, 64); err != nil {
			return nil, err
		}
	}
	return w, nil
}
