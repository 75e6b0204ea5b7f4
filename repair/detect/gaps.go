package detect

import (
	"math"
	"math/bits"
	"slices"
	"unicode/utf8"

	"copydesk/repair/lm"
	"copydesk/repair/text"
)

// gapChange is one gap that should likely hold a space and does not, or the
// reverse.
type gapChange struct {
	start, end int     // bytes of the document: equal for a space that was lost, the space itself for one too many
	prob       float64 // that the gap is wrong, by the lattice
	nats       float64 // its log odds
}

// gapGroup is a set of changes that stand or fall together: no untouched space
// lies between them.
type gapGroup struct {
	first, last int // tokens, both inclusive
	changes     []gapChange
	witness     bool // counts as evidence on the document
	alone       bool // nothing else in the document is surely wrong
}

// gapFindings is what the words round found out about a document's gaps.
type gapFindings struct {
	groups   []gapGroup
	lost     float64 // expected numbers of wrong gaps that are sure
	added    float64
	open     bool // so many are wrong that every gap was judged
	odd      int  // unknown words in small letters that no change touches
	mistyped int  // those of them that one letter makes a known word of
}

// gapState is what a pass keeps of its document's gaps.
type gapState struct {
	found       *gapFindings // of the words round, once judged
	marks       []markGap    // doubtful gaps beside marks, once judged
	marksFound  bool
	markFaults  [2]int // sure ones of marks: spaces lost, and put in
	lattice     lattice
	spareGroups []gapGroup                    // memory of the judgement before
	marked      []bool                        // tokens that may be glued or pieces
	mistyped    map[string][typoTries]lm.Word // what typos found
	looked      float64                       // what healable grants a reading, in nats
	slips       float64                       // the share of words that the author mistyped, as far as is known
}

// The prior of a wrong gap, by document. News is either clean or hurt all over:
// a few sure faults say much about the rest.
const (
	priorFaults = 0.01 // faults that any document is taken to have, before it is read
	priorGaps   = 40.0 // gaps that prior counts for
	otherKind   = 0.3  // faults that one of the other kind is worth
	sureGap     = 0.9  // a gap at least that surely wrong counts as evidence
	openRate    = 0.004
	priorMoves  = 0.8 // nats that a rate must rise by for another reading to change anything
)

func gapRates(lost, added float64, gaps int) rates {
	other := func(n float64) float64 { // faults of one kind make the other likely, unless there are many and none of it
		if n < 0.5 {
			return 0
		}
		return otherKind / (1 + n/3)
	}
	g := float64(gaps) + priorGaps
	return rates{
		lost:  math.Log((lost + priorFaults + other(added)) / g),
		added: math.Log((added + priorFaults + other(lost)) / g),
	}
}

// gaps judges the document's gaps, once a pass.
func (p *Pass) gaps() *gapFindings {
	if p.found != nil {
		return p.found
	}
	f := new(gapFindings)
	p.found = f
	words := p.Counts.Words
	r := gapRates(0, 0, words)
	p.looked = lookedGain
	if words >= shortText {
		p.looked = lookedLong
	}
	spans := p.suspects(words < shortText, false, &r)
	if len(spans) == 0 {
		return f
	}
	p.slips = slipRate(0, words)
	for _, s := range spans {
		f.groups = p.judgeRegion(s[0], s[1], r, false, words < shortText, f.groups)
	}
	p.count(f)
	for range 2 {
		if f.lost+f.added < 0.5 {
			break
		}
		next := gapRates(f.lost, f.added, words)
		if next.lost-r.lost < priorMoves && next.added-r.added < priorMoves {
			break
		}
		r = next
		odd, _ := p.oddWords(f)
		p.slips = slipRate(odd, words)
		if math.Exp(r.lost)+math.Exp(r.added) > openRate && !f.open {
			f.open = true
			spans = p.suspects(true, true, &r)
		}
		before := f.groups
		f.groups, p.spareGroups = p.spareGroups[:0], before
		for _, s := range spans {
			// A region is judged by what the others show, never by itself.
			for len(before) > 0 && before[0].last < s[0] {
				before = before[1:]
			}
			lost, added, known := f.lost, f.added, false
			for k := 0; k < len(before) && before[k].first <= s[1]; k++ {
				l, a := before[k].faults()
				lost, added, known = lost-l, added-a, true
			}
			own := gapRates(max(0, lost), max(0, added), words)
			f.groups = p.judgeRegion(s[0], s[1], own, known, true, f.groups)
		}
		p.count(f)
	}
	if len(f.groups) > 0 { // nobody else asks
		f.odd, f.mistyped = p.oddWords(f)
	}
	return f
}

// count adds up what is surely wrong. Compounds, and pieces that are words, are
// no witnesses: authors write those.
func (p *Pass) count(f *gapFindings) {
	f.lost, f.added = 0, 0
	for i := range f.groups {
		g := &f.groups[i]
		g.witness = false
		if g.takes() {
			g.witness = !p.bothWords(g)
		} else {
			g.witness = !p.content(g, p.words(g))
		}
		lost, added := g.faults()
		f.lost += lost
		f.added += added
	}
}

// faults are the expected numbers of spaces lost and put in that a group
// witnesses.
func (g *gapGroup) faults() (lost, added float64) {
	if !g.witness {
		return 0, 0
	}
	for _, c := range g.changes {
		switch {
		case c.prob < sureGap:
		case c.start == c.end:
			lost += c.prob
		default:
			added += c.prob
		}
	}
	return lost, added
}

// content reports whether a group's new words hold no function word.
func (p *Pass) content(g *gapGroup, words []string) bool {
	for i, w := range words {
		if i == 0 && upperAt(w, 0) && !p.opens(g.first) {
			continue // Byfleet: no author writes By with a capital there
		}
		if p.Lex.LookupKey(lm.Key(w)).Flags&lm.Function != 0 {
			return false
		}
	}
	return true
}

// bothWords reports whether all tokens of a group are common words.
func (p *Pass) bothWords(g *gapGroup) bool {
	for i := g.first; i <= g.last; i++ {
		t := &p.Doc.Tokens[i]
		if lp := p.Info[i].LnProb; t.End-t.Start < 3 || lp == 0 || lp < -13 {
			return false
		}
	}
	return true
}

// joinable reports whether the gap before token i can be judged: both sides are
// words, numbers or clitics of one sentence.
func (p *Pass) joinable(i int) bool {
	toks := p.Doc.Tokens
	if i <= 0 || i >= len(toks) {
		return false
	}
	a, b := &toks[i-1], &toks[i]
	if !p.wordish(i-1) || !p.wordish(i) {
		return false
	}
	switch b.Gap {
	case text.GapSpace:
		return a.Shape&text.HasDot == 0 || !p.startsSentence(i)
	case text.GapNone:
		return b.Kind == text.Clitic
	}
	return false
}

func (p *Pass) wordish(i int) bool {
	t := &p.Doc.Tokens[i]
	switch t.Kind {
	case text.Word:
		return t.Shape&text.HasDot == 0 && t.End-t.Start <= maxMerged
	case text.Number, text.Clitic:
		return t.End-t.Start <= maxMerged
	}
	return false
}

// suspects lists the regions, first and last token, that hold a cheap sign of a
// wrong gap. Loose takes weaker signs, too; those are left out that no change of a
// gap at the given rates would heal, in an open document only weaker ones.
func (p *Pass) suspects(loose, open bool, r *rates) [][2]int {
	toks := p.Doc.Tokens
	p.marked = append(p.marked[:0], make([]bool, len(toks))...)
	if loose {
		for i := range toks {
			if toks[i].Kind == text.Word && p.Info[i].LnProb >= rareLoose && p.Info[i].LnProb < everywhere {
				p.LM.Prepare(p.before(i), p.Keys[i])
			}
		}
	}
	for i := range toks {
		p.marked[i] = p.wordish(i) && (p.oddToken(i) || loose && p.oddHere(i))
	}
	p.passOver(open, r)
	var spans [][2]int
	for i := range toks {
		if !p.marked[i] {
			continue
		}
		a, b := i, i
		if n := len(spans); n > 0 && spans[n-1][1] >= i-1 && p.joinable(i) {
			a = spans[n-1][0]
		} else {
			for a > 0 && p.joinable(a) {
				a--
				if toks[a].Kind != text.Clitic {
					break
				}
			}
		}
		for p.joinable(b + 1) {
			b++
			if b+1 >= len(toks) || toks[b+1].Kind != text.Clitic {
				break
			}
		}
		if n := len(spans); n > 0 && spans[n-1][1] >= a {
			spans[n-1][1] = max(spans[n-1][1], b)
			continue
		}
		spans = append(spans, [2]int{a, b})
	}
	return spans
}

// passOver takes the marks from odd tokens that no changed gap would heal: from those
// that stand alone and from those in pairs. A run of more is looked at in any case. In
// an open document only weaker signs that stand alone are passed over.
func (p *Pass) passOver(open bool, r *rates) {
	toks := p.Doc.Tokens
	for i := 0; i < len(toks); i++ {
		if !p.marked[i] {
			continue
		}
		end := i + 1
		for end < len(toks) && p.marked[end] && p.joinable(end) {
			end++
		}
		switch n := end - i; {
		case n == 1:
			p.marked[i] = open && p.oddToken(i) || p.healable(i, r)
		case n == 2 && !open:
			p.marked[i] = p.healable(i, r) || p.healable(i+1, r) || p.recut(i, r)
			p.marked[i+1] = p.marked[i]
		}
		i = end - 1
	}
}

// recut reports whether tokens i and i+1 could be two other words, or one strange one.
func (p *Pass) recut(i int, r *rates) bool {
	var buf [maxMerged]byte
	a, b := p.Doc.Str(i), p.Doc.Str(i+1)
	if len(a)+len(b) > min(maxArc, len(buf)) {
		return true
	}
	w := append(append(buf[:0], a...), b...)
	first, next := p.asItStands(p.before(i), i)
	second, _ := p.asItStands(next, i+1)
	stands := first + second
	need := stands - r.lost - r.added - p.looked
	prefix := lm.NewPrefix()
	for k := 1; k < len(w); k++ {
		if w[k-1] >= utf8.RuneSelf {
			return true
		}
		prefix.Grow(w[k-1])
		if k == len(a) {
			continue
		}
		ln, ok := p.part(string(w[:k]), prefix.Key())
		if !ok || ln < need {
			continue
		}
		if ln2, ok := p.part(string(w[k:]), lm.KeyBytes(w[k:])); ok && ln+ln2 > need {
			return true
		}
	}
	return p.LM.Unseen()+p.LM.LnProb(string(w))+r.added+p.looked > stands
}

// asItStands is what token i is worth after a state, in nats, and the state after it.
func (p *Pass) asItStands(st lm.State, i int) (float64, lm.State) {
	ln, next := p.LM.Score(st, p.Keys[i])
	if info := &p.Info[i]; info.LnProb == 0 {
		ln += p.LM.LnProb(p.Doc.Str(i))
		if info.Flags&lm.Known != 0 {
			ln += listed
		}
	}
	return ln, next
}

// Signs of a wrong gap: ln probabilities.
const (
	rareWord   = -14.5 // a word so rare may be glue or a piece
	rareLoose  = -12.5 // the same in a document that is hurt all over
	surprising = -12.0 // a word that unlikely after the words before it
	everywhere = -7.0  // a word so common surprises nowhere: no context takes five nats from it
)

// oddToken reports whether a token may be glued or a piece.
func (p *Pass) oddToken(i int) bool {
	t := &p.Doc.Tokens[i]
	if t.Kind == text.Number {
		if w := p.Doc.Str(i); len(w) == 6 && w[4:] == "in" && yearLike(w[:4]) {
			return true
		}
		return p.joinable(i) && p.Doc.Tokens[i-1].Kind == text.Number && wellFormed(p.Doc.Str(i-1)+p.Doc.Str(i)) && (t.End-t.Start < 3 || !wellFormed(p.Doc.Str(i-1)))
	}
	if t.Kind != text.Word {
		return false
	}
	info := &p.Info[i]
	n := t.End - t.Start
	if info.Flags&lm.Known == 0 {
		return true
	}
	if info.LnProb == 0 || info.LnProb < rareWord {
		return true
	}
	if n == 1 {
		c := p.Doc.Text[t.Start]
		return c != 'a' && c != 'I' && c != 'A'
	}
	if n <= 3 && info.LnProb < -10.5 && t.Shape&text.InitialUpper == 0 {
		return true
	}
	return (info.LnProb < -11 || n <= 3 && info.LnProb < -8.5) && (p.joinable(i) && p.makesWord(i-1, i) || p.joinable(i+1) && p.makesWord(i, i+1))
}

// healable reports whether a changed gap could make words of token i: whether it
// falls into words that training text held, or makes one with its neighbours, or is
// a strange word and a known one run together. So nine in ten odd tokens of clean
// news, rare words and names, need no closer look.
func (p *Pass) healable(i int, r *rates) bool {
	t := &p.Doc.Tokens[i]
	if t.Kind != text.Word || t.End-t.Start > maxArc || t.Shape&^(text.InitialUpper|text.AllUpper) != 0 {
		return true
	}
	w := p.Doc.Str(i)
	st := p.before(i)
	info := &p.Info[i]
	whole, _ := p.asItStands(st, i)
	if p.divides(i, st, whole-r.lost-p.looked, r.lost) {
		return true
	}
	left, right := p.joinable(i), p.joinable(i+1)
	if left && p.together(i-1, i, r.added) || right && p.together(i, i+1, r.added) || left && right && p.together(i-1, i+1, r.added) {
		return true
	}
	if info.Flags&lm.Known != 0 && info.LnProb != 0 {
		return false // its own reading is some 15 nats, and one with a strange part in it at least 30
	}
	return p.strangeAndKnown(w, info.Flags&lm.Known != 0, r.lost)
}

// What strangeAndKnown grants a reading for what it does not look at, in nats: the
// context, which can make a word by so much likelier than it is alone, and the
// rest, with what a gap may be wrong by and still be looked at.
const (
	contextGain = 8.0
	lookedGain  = 9.5
	lookedLong  = 6.5 // the same in a text of shortText words and more, whose gaps the spacing model does not bring up: on dev the log of one document in 12,000 differs
)

// strangeAndKnown reports whether a word that training text did not hold may be a
// strange word and one that it did, run together: whether that one is worth the
// spelling of its letters and the lost space.
func (p *Pass) strangeAndKnown(w string, listedWord bool, lost float64) bool {
	const least = 3 // bytes of a strange part
	whole := p.LM.LnProb(w)
	if listedWord {
		whole += listed
	}
	need := whole - strangePart - lost - p.looked
	prefix, spelling := lm.NewPrefix(), lm.NewSpelling()
	for k := 1; k < len(w); k++ {
		prefix.Grow(w[k-1])
		p.LM.Spell(&spelling, w[k-1])
		if key := prefix.Key(); len(w)-k >= least && p.LM.Seen(key) {
			if ln := p.Lex.LookupKey(key).LnProb; ln != 0 && min(0, float64(ln)+contextGain)+p.LM.LnProb(w[k:]) > need {
				return true
			}
		}
		if key := lm.Key(w[k:]); k >= least && p.LM.Seen(key) {
			if ln := p.Lex.LookupKey(key).LnProb; ln != 0 && float64(ln)+p.LM.Spelled(&spelling) > need {
				return true
			}
		}
	}
	return false
}

// divides reports whether token i falls into two words that training text held, or
// three, that are worth more than need nats after a state. Most words fall into none
// that the filter lets through: what the pieces are worth is asked last.
func (p *Pass) divides(i int, st lm.State, need, lost float64) bool {
	w := p.Doc.Str(i)
	var firsts, lasts [maxArc]lm.Word
	var begins, ends uint64 // where a piece ends that may be the first, or begins that may be the last
	prefix := lm.NewPrefix()
	for k := 1; k < len(w); k++ {
		prefix.Grow(w[k-1])
		firsts[k] = prefix.Key()
		if p.piece(w[:k], firsts[k]) {
			begins |= 1 << k
		}
	}
	if begins == 0 {
		return false
	}
	for k := bits.TrailingZeros64(begins); k < len(w); k++ {
		lasts[k] = lm.Key(w[k:])
		if p.piece(w[k:], lasts[k]) {
			ends |= 1 << k
		}
	}
	after := math.NaN() // what follows the token as it stands is worth
	for ; begins != 0; begins &= begins - 1 {
		k := bits.TrailingZeros64(begins)
		behind := ends >> (k + 1) << (k + 1)
		if ends&(1<<k) == 0 && behind == 0 {
			continue
		}
		ln, asked := 0.0, false
		if ends&(1<<k) != 0 {
			var ok bool
			if ln, ok = p.part(w[:k], firsts[k]); !ok || ln < need {
				continue
			}
			asked = true
			if ln2, ok := p.part(w[k:], lasts[k]); ok && ln+ln2 > need {
				// The context may still say no.
				p.prepare(st, i, firsts[k], lasts[k])
				a, next := p.LM.Score(st, firsts[k])
				if b, next := p.LM.Score(next, lasts[k]); a+b > need {
					if math.IsNaN(after) {
						after = p.after(st.Next(p.Keys[i]), i)
					}
					if a+b+p.after(next, i)-after > need {
						return true
					}
				}
			}
		}
		rest := lm.NewPrefix()
		for m := k + 1; behind>>m != 0; m++ {
			rest.Grow(w[m-1])
			key := rest.Key()
			if behind&(1<<m) == 0 || !p.piece(w[k:m], key) {
				continue
			}
			if !asked {
				var ok bool
				if ln, ok = p.part(w[:k], firsts[k]); !ok || ln < need {
					break
				}
				asked = true
			}
			ln2, ok := p.part(w[k:m], key)
			if !ok || ln+ln2+lost < need {
				continue
			}
			if ln3, ok := p.part(w[m:], lasts[m]); ok && ln+ln2+ln3+lost > need {
				return true
			}
		}
	}
	return false
}

// piece reports whether a piece of a word may be a word by itself, as far as is known
// without asking the lexicon.
func (p *Pass) piece(w string, key lm.Word) bool {
	return (len(w) > 1 || w == "a" || w == "I" || w == "A") && p.LM.Seen(key)
}

// part reports whether a piece of a word may be a word by itself, and how likely it
// is at most in any place, in nats.
func (p *Pass) part(w string, key lm.Word) (float64, bool) {
	if !p.piece(w, key) {
		return 0, false
	}
	i := p.Lex.LookupKey(key)
	if i.LnProb == 0 || len(w) == 2 && i.LnProb < -10.5 && i.Flags&lm.Function == 0 && p.Vocab().Count(w) == 0 {
		return 0, false
	}
	return min(0, float64(i.LnProb)+contextGain), true
}

// together reports whether the tokens a to b may be one word, where a space comes in
// at a ln rate: one that training text held, and worth more than the tokens are here.
func (p *Pass) together(a, b int, added float64) bool {
	var buf [maxMerged]byte
	w := buf[:0]
	for i := a; i <= b; i++ {
		if len(w)+int(p.Doc.Tokens[i].End-p.Doc.Tokens[i].Start) > len(buf) {
			return false
		}
		w = append(w, p.Doc.Str(i)...)
	}
	key := lm.KeyBytes(w)
	if !p.LM.Seen(key) {
		return false
	}
	ln := p.Lex.LookupKey(key).LnProb
	if ln == 0 {
		return false
	}
	spaces := float64(b-a)*added + p.looked
	gain := min(0, float64(ln)+contextGain) + spaces
	st := p.before(a)
	before, sum := st, 0.0
	for i := a; i <= b; i++ {
		var ln float64
		ln, st = p.LM.Score(st, p.Keys[i])
		sum += ln
	}
	if gain <= sum {
		return false
	}
	if p.Vocab().Count(string(w)) > 0 {
		return true
	}
	// The context may still say no.
	p.prepare(before, b, key)
	whole, next := p.LM.Score(before, key)
	return whole+p.after(next, b)+spaces > sum+p.after(st, b)
}

// oddHere reports a weaker sign of a wrong gap at token i, which is no suspect.
func (p *Pass) oddHere(i int) bool {
	t := &p.Doc.Tokens[i]
	if t.Kind == text.Number {
		if w := p.Doc.Str(i); len(w) == 6 && w[4:] == "in" && yearLike(w[:4]) {
			return true
		}
		return p.joinable(i) && p.Doc.Tokens[i-1].Kind == text.Number || t.Shape&text.HasDigit != 0
	}
	if t.Kind != text.Word {
		return false
	}
	own := p.Info[i].LnProb
	if own < rareLoose || p.joinable(i) && p.makesWord(i-1, i) {
		return true
	}
	if own > everywhere && own != 0 {
		return false
	}
	ln, _ := p.LM.Score(p.before(i), p.Keys[i])
	return ln < surprising
}

// makesWord reports whether two tokens make a known word together.
func (p *Pass) makesWord(a, b int) bool {
	x, y := p.Doc.Tokens[a], p.Doc.Tokens[b]
	if x.Kind != text.Word || y.Kind != text.Word || y.Shape&text.InitialUpper != 0 || y.End-x.Start > maxArc {
		return false
	}
	var buf [maxArc]byte
	key := lm.KeyBytes(append(append(buf[:0], p.Doc.Str(a)...), p.Doc.Str(b)...))
	if !p.LM.Seen(key) {
		return false
	}
	info := p.Lex.LookupKey(key)
	return info.LnProb != 0 && info.Flags&lm.Known != 0
}

// judgeRegion runs the lattice over tokens first to last, in pieces that it can
// hold, and adds the groups of changes it finds. Most regions are healthy: a look
// at the tokens that gave cause shows it, unless the region is known to be in
// doubt. Where the spacing model is to be asked its doubt counts as well.
func (p *Pass) judgeRegion(first, last int, r rates, known, ask bool, groups []gapGroup) []gapGroup {
	toks := p.Doc.Tokens
	l := &p.lattice
	for first <= last {
		end := first
		for end < last && int(toks[end+1].End-toks[first].Start) <= maxRegion {
			end++
		}
		closely := known
		if !closely {
			l.load(p, first, end, false)
			closely = l.judge(r) && l.doubtful() || ask && l.strange()
		}
		if closely {
			l.load(p, first, end, true)
			if l.judge(r) {
				groups = l.changes(groups)
			}
		}
		first = end + 1
	}
	return groups
}

// strange reports whether the spacing model would have any gap otherwise.
func (l *lattice) strange() bool {
	if l.p.engine.Models.Spacing == nil {
		return false
	}
	for k := 1; k < len(l.str); k++ {
		if l.cut[k] && (l.edge[k] || l.wrong(k) > 0) && l.spacingOdds(k) > strangeGap {
			return true
		}
	}
	return false
}

// spacingOdds is the ln odds by the spacing model that the gap before the byte at
// k is wrong.
func (l *lattice) spacingOdds(k int) float64 {
	s, left, right, sign := l.p.Doc.Text, int(l.at[k]), int(l.at[k]), 1.0
	if l.space[k] {
		left, sign = left-1, -1
	}
	odds := sign * l.p.LM.SpaceOdds(s, left, right, false)
	if odds > askedAgain {
		odds = sign * l.p.LM.GapOdds(s, left, right, false)
	}
	return odds
}

// askedAgain is the ln odds by the spacing model that a gap is wrong from which the
// second look is asked, too.
const askedAgain = 0.0

// forget tells that another text comes.
func (l *lattice) forget() {
	l.putBack()
	clear(l.keptAt)
}

// strangeGap is the ln odds by the spacing model from which a gap is weighed
// that the words find healthy.
const strangeGap = 4.0

// doubtful reports whether any gap is likely enough wrong to be shown.
func (l *lattice) doubtful() bool {
	if l.better {
		return true
	}
	for k := 1; k < len(l.str); k++ {
		if l.space[k] && l.post[k] < 1-doubtGap || !l.space[k] && l.post[k] > doubtGap {
			return true
		}
	}
	return false
}

const doubtGap = 0.004 // gaps less surely wrong at the first look get no second one

const shownGap = 0.02 // gaps less surely wrong are passed over

// changes groups the gaps that are likely wrong.
func (l *lattice) changes(groups []gapGroup) []gapGroup {
	begin := len(groups)
	open := false
	tok := l.first
	for k := 1; k < len(l.str); k++ {
		tok = l.token(tok, k)
		if !l.cut[k] {
			continue
		}
		wrong := l.wrong(k)
		if wrong < shownGap {
			if l.space[k] {
				open = false
			}
			continue
		}
		if !open {
			groups = append(groups, gapGroup{first: l.leftOf(tok, k), last: tok})
			open = true
		}
		g := &groups[len(groups)-1]
		g.changes = append(g.changes, l.change(k, wrong))
		g.last = tok
	}
	for i := begin; i < len(groups); i++ {
		groups[i].settle()
	}
	return l.strangers(groups, begin)
}

// strangers adds, where no group from begin on touches it, the gap of each
// stretch of tokens that the spacing model finds strangest.
func (l *lattice) strangers(groups []gapGroup, begin int) []gapGroup {
	known := len(groups)
	at := begin
	best := 0.0
	tok := l.first
	for k := 1; k < len(l.str); k++ {
		tok = l.token(tok, k)
		if !l.cut[k] || math.IsNaN(l.raw[k]) && !l.edge[k] || l.space[k] && l.unit(k) {
			continue
		}
		if l.oddsAt(k); l.raw[k] <= strangeGap {
			continue
		}
		first := l.leftOf(tok, k)
		for at < known && groups[at].last < first {
			at++
		}
		if at < known && groups[at].first <= tok {
			continue
		}
		g := gapGroup{first: first, last: tok, changes: []gapChange{l.change(k, l.wrong(k))}}
		if n := len(groups); n > known && groups[n-1].last >= first {
			if l.raw[k] <= best {
				continue
			}
			groups = groups[:n-1]
		}
		best = l.raw[k]
		groups = append(groups, g)
	}
	slices.SortStableFunc(groups[begin:], func(a, b gapGroup) int { return a.first - b.first })
	return groups
}

// unit reports whether what begins with the byte at k stands behind a number and is
// no end of an ordinal, 400 m, or the next three digits of it, 4 500.
func (l *lattice) unit(k int) bool {
	if !digit(l.str[k-1]) {
		return false
	}
	begin, end := k-1, k+1
	for begin > 0 && !l.whole[begin] {
		begin--
	}
	for end < len(l.str) && !l.whole[end] {
		end++
	}
	if digit(l.str[k]) {
		return end-k == 3 && k-begin <= 3 && wellFormed(l.text[begin:end]) && !yearLike(l.text[begin:end])
	}
	return !ordinal("1" + l.text[k:end])
}

// token moves from token tok to the one that holds the byte at k.
func (l *lattice) token(tok, k int) int {
	if l.whole[k] {
		tok++
		for int(l.p.Doc.Tokens[tok].Start) < int(l.at[k]) {
			tok++ // clitics
		}
	}
	return tok
}

// leftOf is the first token that the gap before the byte at k, in or before
// token tok, touches.
func (l *lattice) leftOf(tok, k int) int {
	if l.space[k] {
		tok--
		for tok > l.first && l.p.Doc.Tokens[tok].Kind == text.Clitic {
			tok--
		}
	}
	return tok
}

// wrong is the posterior that the gap before the byte at k is wrong.
func (l *lattice) wrong(k int) float64 {
	if l.space[k] {
		return 1 - l.post[k]
	}
	return l.post[k]
}

// change is the change of the gap before the byte at k.
func (l *lattice) change(k int, wrong float64) gapChange {
	const least = 1e-9
	wrong = max(least, min(wrong, 1-least))
	c := gapChange{start: int(l.at[k]), end: int(l.at[k]), prob: wrong, nats: math.Log(wrong / (1 - wrong))}
	if l.space[k] {
		c.start--
	}
	return c
}

// settle takes out of a group what is not half as likely as the likeliest of
// it, another reading of the same place, and what is in doubt beside what is
// not: the next pass sees it again.
func (g *gapGroup) settle() {
	best := 0.0
	for _, c := range g.changes {
		best = max(best, c.prob)
	}
	least := best / 2
	if best > sureGap {
		least = doubtful
	}
	g.changes = slices.DeleteFunc(g.changes, func(c gapChange) bool { return c.prob < least })
}

const doubtful = 0.75 // a gap less surely wrong waits for the sure ones of its token
