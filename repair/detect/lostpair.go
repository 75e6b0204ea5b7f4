package detect

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

var quoteFragment = Detector{
	ID: "quote/fragment",
	Doc: "Words within a sentence were quoted, and both marks were lost: \"said it was deeply concerned\". Where a quotation begins and how far it goes is " +
		"weighed by the words on both sides, who reports, and who speaks in it (\"make sure that we are clear about where we differ\"). For a person to decide; " +
		"only in documents that lost their quotation marks or show other damage, and in excerpts.",
	Round: Sentences,
	Cues:  Always,
	Keep: []Example{
		{In: "The company will cut 200 jobs by the end of the year, the minister said. He said the plan was his."},
		{In: `He called it "a good plan" and went home. She said it was late.`},
	},
	Run: func(p *Pass) { p.lostPairs(lostFragment) },
}

var dashPair = Detector{
	ID: "dash/pair",
	Doc: "A pair of dashes around words put in between was lost: \"the costs typically a prelude to more have risen\". Where the words can be read around, " +
		"and both ends fit badly, the pair is shown. Only in documents that show damage.",
	Round: Sentences,
	Cues:  Always,
	Keep:  []Example{{In: "The costs, typically a prelude to more, have risen. The council met on Monday to talk about the old bridge."}},
	Run:   func(p *Pass) { p.lostPairs(lostDashes) },
}

var relativeComma = Detector{
	ID: "break/relative-comma",
	Doc: "A relative clause stands without the comma before it: \"Bernard Looney who spent his career there, left\". Shown for a person: authors leave " +
		"commas out, too. Only in documents that show damage, and in excerpts.",
	Round: Sentences,
	Cues:  Always,
	Keep: []Example{
		{In: "He came from the Spain which everybody knew. The man who met him was from Spain, which he liked."},
	},
	Run: func(p *Pass) { p.lostPairs(lostRelative) },
}

// lostKind is a kind of marks within a sentence that left no trace.
type lostKind uint8

const (
	lostFragment lostKind = iota // quotation marks around words of a sentence
	lostDashes                   // a pair of dashes
	lostRelative                 // the comma before a relative clause
)

const (
	pairSlots    = 1 << 14
	maxFragment  = 40   // tokens of a fragment, or between two dashes
	pairWeak     = 0.08 // confidence below which a reading is not worth showing
	pairExcerpt  = 0.25 // the same in a short text that shows no damage: of 203 below, 4 were right in the labelled windows
	maxPairs     = 3    // readings of a sentence that are shown
	relativeWeak = 0.3  // the same for a comma
	voiceWeak    = 0.1  // confidence that any of a sentence's readings is right below which its speaker is not hinted at
)

// Priors, in nats: the samples lost half of their marks, and one in four of the
// sentences that lost none is among them.
const (
	pairSampled  = -1.39 // of the pairs: the sentences that were left out
	pairDamaged  = -1.5  // damaged documents lose one mark in ten
	pairRelative = -1.0  // a comma alone is no process' doing
)

// sentencePairs reads a document's sentences for lost marks, one at a time. The
// three kinds share what is known of the document.
type sentencePairs struct {
	p          *Pass // nil: nothing is known of the document
	a          *arranger
	w          *hashed
	bounds     *pairBounds
	set        setting
	marks      int // quotation marks of the document
	first, end int32
	person     []uint8   // of each token of the sentence: 1 a word of the speaker's own, 2 of whom he speaks to
	report     []bool    // a reporting verb
	before     []seen    // of each token and of the sentence's end: what stands before
	ties       []float32 // of the document's tokens; untied where not yet known
	quoted     []bool    // of the document's tokens
	voices     uint32    // how many of the document's sentences hold a speaker's word outside quotation marks, in steps
	opens      []int     // of each token: the steps of marks that begin there, noMark where none may
	shuts      []int     // the same of marks that end behind it
	most       []int     // the most that ends add with what depends on the beginning but its own words
	last       []uint8   // what closes there
	lasts      []uint8   // what closes anywhere in the sentence
	best       [lasts]int
	starts     [1 << startBits]struct { // see startMost
		key  uint32
		most int
	}
	fs   []uint32
	list []pair
}

// seen counts what stands in a sentence before a token.
type seen struct {
	one, two, punct uint16
	report, that    int16 // the last reporting verb and the last "that", in tokens of the sentence; -1: none
}

const (
	untied = -100     // no tie: those are within 8 nats
	noMark = -1 << 20 // steps of a place where no mark may stand

	startBits = 11
)

// sentencePairs opens a document.
func (p *Pass) sentencePairs() *sentencePairs {
	s := &p.pairs
	if s.p != nil {
		return s
	}
	q := p.quotedTokens()
	s.p, s.a, s.w, s.bounds, s.set, s.marks, s.quoted = p, p.arranger(), shippedPairs(), shippedBounds(), p.quoteSetting(&q), q.marks, q.in
	d := p.Doc
	s.ties = slices.Grow(s.ties[:0], len(d.Tokens))[:len(d.Tokens)]
	for i := range s.ties {
		s.ties[i] = untied
	}
	n := 0
	for _, se := range d.Sentences {
		for i := se.First; i < se.End; i++ {
			if !q.in[i] && d.Tokens[i].Kind == text.Word && speakers(d.Str(int(i))) == 1 {
				n++
				break
			}
		}
	}
	share := 8 * n / max(1, len(d.Sentences))
	s.voices = uint32(min(share, 3))
	if n == 1 {
		s.voices = 4
	}
	return s
}

// speakers tells a word of the speaker's own, 1, and of whom he speaks to, 2.
func speakers(w string) uint8 {
	if len(w) > 6 || w == "US" {
		return 0
	}
	switch strings.ToLower(w) {
	case "i", "we", "my", "me", "our", "us", "ours", "mine", "i'm", "i've", "we're", "we've", "we'll", "i'll", "i’m", "we’re":
		return 1
	case "you", "your", "yours", "you're":
		return 2
	}
	return 0
}

// isSentence reports whether tokens from first to before end are a sentence to look at.
func isSentence(first, end int32) bool { return end-first >= 6 && end-first <= 120 }

// read prepares a sentence; false where it is not one to look at.
func (s *sentencePairs) read(first, end int32) bool {
	if !isSentence(first, end) {
		return false
	}
	p := s.p
	s.first, s.end = first, end
	s.person, s.report, s.before = s.person[:0], s.report[:0], s.before[:0]
	verbs := reportingVerbs()
	now := seen{report: -1, that: -1}
	for i := first; i < end; i++ {
		t := &p.Doc.Tokens[i]
		who, reports := uint8(0), false
		s.before = append(s.before, now)
		switch t.Kind {
		case text.Word:
			w := p.Doc.Str(int(i))
			who = speakers(w)
			reports = t.Shape&text.InitialUpper == 0 && verbs[p.Keys[i]]
			switch {
			case reports:
				now.report = int16(i - first)
			case w == "that":
				now.that = int16(i - first)
			case who == 1:
				now.one++
			case who == 2:
				now.two++
			}
		case text.Punct:
			now.punct++
		}
		s.person, s.report = append(s.person, who), append(s.report, reports)
	}
	s.before = append(s.before, now)
	return true
}

// tie is by how many nats token i of the sentence is likelier behind those before
// it than anywhere, within 8.
func (s *sentencePairs) tie(i int32) float32 {
	if s.ties[i] == untied {
		s.ties[i] = 0
		if i > s.first && s.p.Doc.Tokens[i].Kind == text.Word {
			s.ties[i] = float32(max(-8, min(8, s.over(s.p.before(int(i)), i))))
		}
	}
	return s.ties[i]
}

// over is by how many nats token i is likelier in a state than anywhere.
func (s *sentencePairs) over(st lm.State, i int32) float64 {
	ln, _, _ := s.p.LM.ScoreKey(st, s.p.Keys[i], s.p.Doc.Str(int(i)))
	return ln - float64(s.p.Info[i].LnProb)
}

func (s *sentencePairs) class(i int32) uint32 {
	if i < s.first-1 || i < 0 || int(i) >= len(s.p.Doc.Tokens) {
		return 0
	}
	return uint32(s.a.classOf(int(i)))
}

func (s *sentencePairs) word(i int32) uint32 {
	if i < 0 || int(i) >= len(s.p.Doc.Tokens) {
		return 0
	}
	return uint32(uint64(s.a.key(int(i))) >> 20)
}

// persons counts the words of a speaker from token a to before b, at most 2 of each.
func (s *sentencePairs) persons(a, b int32) (one, two uint32) {
	x, y := &s.before[a-s.first], &s.before[b-s.first]
	return uint32(min(y.one-x.one, 2)), uint32(min(y.two-x.two, 2))
}

// bin cuts a number of nats to eight steps.
func bin(x float32) uint32 { return uint32(max(0, min(7, (x+6)/1.75))) }

// begins reports whether the marks may begin before token i.
func (s *sentencePairs) begins(kind lostKind, i int32) bool {
	d := s.p.Doc
	t, l := &d.Tokens[i], &d.Tokens[i-1]
	if t.Gap != text.GapSpace || s.quoted[i] || t.Kind != text.Word && t.Kind != text.Number {
		return false
	}
	switch kind {
	case lostFragment:
		return l.Kind != text.Punct || d.Text[l.Start] == ',' || d.Text[l.Start] == ':'
	case lostDashes:
		return l.Kind == text.Word || l.Kind == text.Number || l.Kind == text.Clitic
	}
	if l.Kind != text.Word && l.Kind != text.Number && l.Kind != text.Clitic {
		return false
	}
	switch d.Str(int(i)) {
	case "which", "who", "whose", "where":
		return i-s.first > 0
	}
	return false
}

// beginFeatures lists the features of marks that begin before token i.
func (s *sentencePairs) beginFeatures(kind lostKind, i int32, fs []uint32) []uint32 {
	k := uint32(kind)
	add := func(n, x, y, z uint32) { fs = append(fs, quoteSlot(100+n+64*k, x, y, z)%pairSlots) }
	add(0, uint32(s.set), 0, 0)
	add(1, s.class(i-1), s.class(i), 0)
	add(2, s.class(i-2), s.class(i-1), 0)
	add(3, s.word(i-1), 0, 0)
	add(4, s.word(i-1), s.class(i), 0)
	add(5, s.word(i), 0, 0)
	add(6, s.class(i), s.class(i+1), 0)
	add(7, s.word(i-2), s.word(i-1), 0)
	tie := bin(s.tie(i))
	add(8, tie, 0, 0)
	add(9, tie, s.class(i-1), 0)
	if kind == lostRelative {
		return s.relativeFeatures(i, fs)
	}
	one, two := s.persons(i, s.end)
	ownOne, ownTwo := s.persons(s.first, i)
	dist, that := uint32(0), uint32(0)
	before := &s.before[i-s.first]
	if before.report >= 0 {
		dist = min(uint32(i-s.first)-uint32(before.report), 7)
	}
	if before.that > before.report {
		that = 1
	}
	persons := (one*3+two)*9 + ownOne*3 + ownTwo
	add(10, dist, that, 0)
	add(11, dist, that, persons)
	add(12, persons, uint32(s.set), 0)
	add(13, dist, s.class(i), 0)
	add(14, bucket(int(s.end-i)/4, 8), bucket(int(i-s.first)/4, 6), 0)
	add(15, dist, s.class(i-1), uint32(s.set))
	add(16, persons, s.voices, min(dist, 1))
	return fs
}

// relativeFeatures adds what tells a clause that says more of a name from one that
// tells which is meant: how it closes, and what stands before.
func (s *sentencePairs) relativeFeatures(i int32, fs []uint32) []uint32 {
	d := s.p.Doc
	add := func(n, x, y, z uint32) { fs = append(fs, quoteSlot(100+n+64*uint32(lostRelative), x, y, z)%pairSlots) }
	// The next mark, and whether a finite verb stands behind it.
	closing, at := uint32(0), s.end-1
	for j := i + 1; j < s.end; j++ {
		if d.Tokens[j].Kind != text.Punct {
			continue
		}
		if c := d.Text[d.Tokens[j].Start]; c == ',' || c == ';' || c == ':' || c == '.' || c == '?' {
			closing, at = 1+uint32(strings.IndexByte(",;:.?", c)), j
			break
		}
	}
	behind := s.class(at + 1)
	if closing == 1 && at+1 < s.end && s.p.Info[at+1].Flags&lm.Verb != 0 {
		closing = 7
	}
	left := &d.Tokens[i-1]
	name := uint32(0)
	if left.Shape&text.InitialUpper != 0 {
		name = 1
	}
	if left.Kind == text.Number {
		name = 2
	}
	// The determiner of the noun before: "the man who", "a plan which".
	det := uint32(0)
	for j := i - 2; j >= max(s.first, i-6); j-- {
		if w := d.Str(int(j)); d.Tokens[j].Kind == text.Word && determiner(w) {
			det = s.word(j)
			break
		}
	}
	add(20, closing, name, 0)
	add(21, closing, behind, 0)
	add(22, closing, s.word(i), name)
	add(23, det, name, 0)
	add(24, det, name, closing)
	add(25, bucket(int(at-i)/3, 7), closing, name)
	add(26, s.class(i-1), s.word(i), 0)
	add(27, s.class(i-2), s.class(i-1), s.word(i))
	add(28, s.word(i), s.class(i+1), name)
	add(29, s.word(i), s.word(i+1), 0)
	return fs
}

// ends reports whether marks that begin before token i may end behind token j.
func (s *sentencePairs) ends(kind lostKind, i, j int32) bool {
	if kind == lostDashes || s.p.Doc.Tokens[j].Kind == text.Punct {
		return j > i && s.shut(kind, j)
	}
	return j >= i && s.shut(kind, j)
}

// shut reports whether marks that begin before token j may end behind it.
func (s *sentencePairs) shut(kind lostKind, j int32) bool {
	d := s.p.Doc
	t := &d.Tokens[j]
	next := int(j)+1 < len(d.Tokens) && d.Tokens[j+1].Gap == text.GapNone
	if kind == lostDashes {
		return j+1 < s.end && !next && d.Tokens[j+1].Gap == text.GapSpace && t.Kind != text.Punct && d.Tokens[j+1].Kind == text.Word
	}
	if t.Kind == text.Punct {
		return !next && strings.IndexByte(",.?!", d.Text[t.Start]) >= 0
	}
	return !next || d.Tokens[j+1].Kind == text.Punct && strings.IndexByte(",.;:?!)", d.Text[d.Tokens[j+1].Start]) >= 0
}

// Steps of what closes a quotation or a pair of dashes, and of how long it is.
const (
	lasts   = 16
	lengths = 13
)

// lastOf tells what closes behind token j.
func (s *sentencePairs) lastOf(j int32) uint32 {
	d := s.p.Doc
	last := uint32(0)
	if d.Tokens[j].Kind == text.Punct {
		last = 1 + uint32(strings.IndexByte(",.?!", d.Text[d.Tokens[j].Start]))
	} else if int(j)+1 < len(d.Tokens) && d.Tokens[j+1].Kind == text.Punct {
		last = 6
		if d.Text[d.Tokens[j+1].Start] == ',' {
			last = 7
		}
	}
	if j+1 >= s.end {
		last += 8
	}
	return last
}

// endTie is the step of the tie of the token behind an end.
func (s *sentencePairs) endTie(j int32) uint32 {
	if j+1 < s.end {
		return bin(s.tie(j + 1))
	}
	return 8
}

func pairSlot(kind lostKind, n, x, y, z uint32) uint32 {
	return quoteSlot(100+n+64*uint32(kind), x, y, z) % pairSlots
}

// endFeatures lists the features of marks that end behind token j, wherever they
// begin.
func (s *sentencePairs) endFeatures(kind lostKind, j int32, fs []uint32) []uint32 {
	add := func(n, x, y, z uint32) { fs = append(fs, pairSlot(kind, n, x, y, z)) }
	last := s.lastOf(j)
	add(41, s.class(j), s.class(j+1), 0)
	add(42, s.word(j+1), last, 0)
	add(43, s.class(j+1), s.class(j+2), last)
	add(45, s.class(j), last, 0)
	add(46, s.endTie(j), last, 0)
	add(51, s.word(j), last, 0)
	return fs
}

// spanFeatures lists the features of marks before token i that end behind token j,
// the model's word on dashes left out.
func (s *sentencePairs) spanFeatures(kind lostKind, i, j int32, fs []uint32) []uint32 {
	add := func(n, x, y, z uint32) { fs = append(fs, pairSlot(kind, n, x, y, z)) }
	last := s.lastOf(j)
	length := bucket(int(j-i), 6)
	if j-i > 6 {
		length = 6 + bucket(int(j-i)/6, 6)
	}
	one, two := s.persons(i, j+1)
	leftOne, leftTwo := s.persons(j+1, s.end)
	commas := uint32(min(s.before[j-s.first].punct-s.before[i-s.first].punct, 3))
	add(40, length, last, 0)
	add(44, last, one*3+two, leftOne*3+leftTwo)
	add(56, s.voices, one*3+two, leftOne*3+leftTwo)
	add(47, commas, length, last)
	add(48, s.class(i-1), last, length)
	add(49, s.class(i), last, bucket(int(j-i), 3))
	add(50, s.class(i), s.class(j), bucket(int(j-i), 2))
	if kind == lostDashes {
		add(55, s.class(i-1), s.class(j+1), 0)
	}
	return fs
}

// aroundFeatures lists the features of how well the sentence reads on without the
// words from token i to j.
func (s *sentencePairs) aroundFeatures(i, j int32, fs []uint32) []uint32 {
	st := s.p.before(int(i))
	around := float32(s.over(st, j+1))
	if j+2 < s.end {
		around += float32(s.over(st.Next(s.p.Keys[j+1]), j+2))
	}
	tie := s.tie(j + 1)
	return append(fs,
		pairSlot(lostDashes, 52, bin(around), 0, 0),
		pairSlot(lostDashes, 53, bin(around), bin(tie), 0),
		pairSlot(lostDashes, 54, bin(around-tie), bin(s.tie(i)), 0))
}

// pairBounds is the most, in steps of the weights, that features can add that are
// known for a beginning and an end together only. Most readings fall so far short
// of what is shown that they need not be read.
type pairBounds struct {
	span   [2][lasts][lengths]int // the features of the length, by what closes
	person [2][lasts][5][2]int    // those of a speaker's words, by how many sentences hold one and whether this one does
	around [8][8]int              // aroundFeatures, by the ties behind and before
	other  int                    // any one weight
}

// persons is the most that a speaker's words bring.
func (b *pairBounds) persons(kind lostKind, last, voices uint32, some bool) int {
	if some {
		return b.person[kind][last][voices][1]
	}
	return b.person[kind][last][voices][0]
}

// length is the most that the features of a length bring, with the class of the
// token before the beginning, k 0; or those of the first token's class, k 1.
func (b *pairBounds) length(w *hashed, kind lostKind, k, class, last uint32) int {
	most := noMark
	if k == 1 {
		for n := range uint32(4) {
			most = max(most, w.at(pairSlot(kind, 49, class, last, n)))
		}
		return most
	}
	for n, span := range b.span[kind][last] {
		most = max(most, span+w.at(pairSlot(kind, 48, class, last, uint32(n))))
	}
	return most
}

var shippedPairs = sync.OnceValue(func() *hashed {
	w, err := parseHashed(rules.LostMarks(), pairSlots)
	if err != nil {
		panic("the embedded weights of lost marks: " + err.Error())
	}
	return w
})

var shippedBounds = sync.OnceValue(func() *pairBounds {
	w := shippedPairs()
	b := &pairBounds{}
	for slot := range uint32(pairSlots) {
		b.other = max(b.other, w.at(slot))
	}
	for kind := range lostRelative {
		for last := range uint32(lasts) {
			b.fill(w, kind, last)
		}
	}
	for tie := range uint32(8) {
		for begin := range uint32(8) {
			on, rather := noMark, noMark
			for around := range uint32(8) {
				on = max(on, w.at(pairSlot(lostDashes, 52, around, 0, 0))+w.at(pairSlot(lostDashes, 53, around, tie, 0)))
				rather = max(rather, w.at(pairSlot(lostDashes, 54, around, begin, 0)))
			}
			b.around[tie][begin] = on + rather
		}
	}
	return b
})

// fill works out what depends on what closes.
func (b *pairBounds) fill(w *hashed, kind lostKind, last uint32) {
	for length := range uint32(lengths) {
		commas := noMark
		for n := range uint32(4) {
			commas = max(commas, w.at(pairSlot(kind, 47, n, length, last)))
		}
		b.span[kind][last][length] = commas + w.at(pairSlot(kind, 40, length, last, 0))
	}
	for voices := range uint32(5) {
		most := noMark
		for in := range uint32(9) {
			for left := range uint32(9) {
				n := w.at(pairSlot(kind, 44, last, in, left)) + w.at(pairSlot(kind, 56, voices, in, left))
				if in == 0 && left == 0 {
					b.person[kind][last][voices][0] = n
				}
				most = max(most, n)
			}
		}
		b.person[kind][last][voices][1] = most
	}
}

// pairPrior tells whether a document is one to look for such marks in, and by how
// much its odds differ from the samples'.
func (p *Pass) pairPrior(kind lostKind) (prior float64, ok bool) {
	prior = pairSampled
	if kind == lostRelative {
		prior = pairRelative
	}
	if kind == lostDashes {
		// Who loses dashes loses all of them: of 28 pairs in labelled documents that kept some, none was right.
		return prior, p.typographyLost()
	}
	damaged := p.suspect().damaged
	stripped := kind != lostRelative && p.Counts.Reporting >= manyReports && p.Counts.Words >= fewWords
	switch {
	case stripped && p.sentencePairs().marks == 0:
	case damaged:
		prior += pairDamaged
	case p.Counts.Words >= fewWords:
		return 0, false
	}
	return prior, true
}

func (p *Pass) lostPairs(kind lostKind) {
	if p.skips(edit.Review) || p.Counts.Quotes > 0 && !p.suspect().search {
		return
	}
	prior, ok := p.pairPrior(kind)
	if !ok {
		return
	}
	s := p.sentencePairs()
	if kind == lostFragment && s.marks == 0 && p.singleQuoted() {
		return
	}
	for _, b := range p.Doc.Blocks {
		if b.Kind != text.Paragraph && b.Kind != text.Heading {
			continue
		}
		for _, se := range p.Doc.Sentences[b.First:b.Next] {
			if kind == lostRelative {
				s.proposeRelatives(se.First, se.End, prior)
			} else if s.read(se.First, se.End) && s.mayHold(kind, prior) {
				p.proposePairs(kind, s, prior)
			}
		}
	}
}

// weak is the confidence below which a reading is not worth showing.
func (s *sentencePairs) weak() float64 {
	if s.p.Counts.Words < fewWords && !s.p.suspect().damaged {
		return pairExcerpt
	}
	return pairWeak
}

// mayHold reports whether any reading of the sentence may be worth showing, or all
// of them together a hint, without a look at each.
func (s *sentencePairs) mayHold(kind lostKind, prior float64) bool {
	if !s.bound(kind) {
		return false
	}
	if kind == lostFragment && s.speaks() {
		return true
	}
	need := int(math.Floor((logOdds(s.weak()) - prior) / s.w.step))
	for i := s.first + 1; i < s.end; i++ {
		open := s.opens[i-s.first]
		if open == noMark {
			continue
		}
		var reach [lasts]int // what an end must bring with it
		some := false
		for _, last := range s.lasts {
			reach[last] = need - open - s.startMost(kind, i, uint32(last))
			some = some || s.best[last] >= reach[last]
		}
		if !some {
			continue
		}
		for j := i; j < min(s.end, i+maxFragment) && !s.quoted[j]; j++ {
			if s.most[j-s.first] >= reach[s.last[j-s.first]] && s.ends(kind, i, j) && s.reaches(kind, i, j, need) {
				return true
			}
		}
	}
	return false
}

// reaches reports whether marks before token i that end behind token j weigh so
// many steps. The model is asked last.
func (s *sentencePairs) reaches(kind lostKind, i, j int32, need int) bool {
	s.fs = s.spanFeatures(kind, i, j, s.fs[:0])
	sum := s.opens[i-s.first] + s.shuts[j-s.first] + s.w.steps(s.fs)
	if kind == lostDashes {
		if sum+s.bounds.around[bin(s.tie(j+1))][bin(s.tie(i))] < need {
			return false
		}
		sum += s.w.steps(s.aroundFeatures(i, j, s.fs[:0]))
	}
	return sum >= need
}

// bound works out what marks bring that begin and end at each token of the
// sentence; false where none begin.
func (s *sentencePairs) bound(kind lostKind) bool {
	n := int(s.end - s.first)
	s.opens, s.shuts, s.most, s.lasts = s.opens[:0], s.shuts[:0], s.most[:0], s.lasts[:0]
	s.last = append(s.last[:0], make([]uint8, n)...)
	for last := range s.best {
		s.best[last] = noMark
	}
	speaker := s.before[n].one+s.before[n].two > 0
	found := false
	for i := s.first; i < s.end; i++ {
		open, shut, most := noMark, noMark, noMark
		if i > s.first && s.begins(kind, i) {
			found = true
			s.fs = s.beginFeatures(kind, i, s.fs[:0])
			open = s.w.steps(s.fs)
		}
		if found && s.shut(kind, i) {
			s.fs = s.endFeatures(kind, i, s.fs[:0])
			shut = s.w.steps(s.fs)
			last := s.lastOf(i)
			most = shut + s.bounds.persons(kind, last, s.voices, speaker)
			if kind == lostDashes {
				most += slices.Max(s.bounds.around[bin(s.tie(i+1))][:])
			}
			if s.best[last] == noMark {
				s.lasts = append(s.lasts, uint8(last))
			}
			s.best[last] = max(s.best[last], most)
			s.last[i-s.first] = uint8(last)
		}
		s.opens, s.shuts, s.most = append(s.opens, open), append(s.shuts, shut), append(s.most, most)
	}
	return found
}

// startMost is the most, in steps, that spanFeatures but those of persons bring
// where marks begin before token i and what closes is known.
func (s *sentencePairs) startMost(kind lostKind, i int32, last uint32) int {
	most := 0
	for k, class := range [2]uint32{s.class(i - 1), s.class(i)} {
		key := (class<<4|last)<<2 | uint32(kind)<<1 | uint32(k) | 1<<31
		e := &s.starts[key*0x9E3779B1>>(32-startBits)]
		if e.key != key {
			e.key, e.most = key, s.bounds.length(s.w, kind, uint32(k), class, last)
		}
		most += e.most
	}
	if kind == lostDashes {
		most += s.bounds.other
	}
	return most + s.bounds.other
}

// steps is the sum of the weights of marks before token i that end behind token j.
func (s *sentencePairs) steps(kind lostKind, i, j int32) int {
	s.fs = s.spanFeatures(kind, i, j, s.fs[:0])
	if kind == lostDashes {
		s.fs = s.aroundFeatures(i, j, s.fs)
	}
	return s.opens[i-s.first] + s.shuts[j-s.first] + s.w.steps(s.fs)
}

func logOdds(q float64) float64 { return math.Log(q / (1 - q)) }

// pair is a reading of a sentence: marks before token i and behind token j.
type pair struct {
	kind lostKind
	i, j int32
	z    float64 // nats
}

// slots are the weights of a reading's features.
func (x pair) slots(s *sentencePairs) []uint32 {
	s.fs = s.beginFeatures(x.kind, x.i, s.fs[:0])
	if x.kind != lostRelative {
		s.fs = s.spanFeatures(x.kind, x.i, x.j, s.endFeatures(x.kind, x.j, s.fs))
	}
	if x.kind == lostDashes {
		s.fs = s.aroundFeatures(x.i, x.j, s.fs)
	}
	return s.fs
}

// pairs lists the readings of a sentence.
func (s *sentencePairs) pairs(kind lostKind, list []pair) []pair {
	for i := s.first + 1; i < s.end; i++ {
		if !s.begins(kind, i) {
			continue
		}
		if kind == lostRelative {
			list = append(list, pair{kind: kind, i: i})
			continue
		}
		for j := i; j < min(s.end, i+maxFragment); j++ {
			if s.quoted[j] {
				break
			}
			if s.ends(kind, i, j) {
				list = append(list, pair{kind: kind, i: i, j: j})
			}
		}
	}
	return list
}

// speaks reports whether the sentence holds a word of a speaker's own though the
// document has no quotation mark, and no whole quotation is proposed there.
func (s *sentencePairs) speaks() bool {
	if s.set != noQuotes || !slices.Contains(s.person, 1) {
		return false
	}
	from, to := int(s.p.Doc.Tokens[s.first].Start), int(s.p.Doc.Tokens[s.end-1].End)
	return !slices.ContainsFunc(s.p.proposals, func(q edit.Proposal) bool {
		return q.Rule == "quote/stripped" && q.Span.Start < to && from < q.Span.End
	})
}

// proposePairs proposes the likeliest readings of a sentence.
func (p *Pass) proposePairs(kind lostKind, s *sentencePairs, prior float64) {
	s.list = s.pairs(kind, s.list[:0])
	list := s.list
	sum := 1.0 // of the odds against leaving the sentence alone
	for k := range list {
		x := &list[k]
		x.z = float64(s.steps(kind, x.i, x.j))*s.w.step + prior
		sum += math.Exp(x.z)
	}
	likeliestPairs(list, max(maxPairs, maxShown))
	shown, rest, weak := 0, sum, s.weak()
	for shown < min(len(list), maxPairs) && math.Exp(list[shown].z)/sum >= weak {
		rest -= math.Exp(list[shown].z)
		shown++
	}
	d := p.Doc
	if kind == lostFragment && shown == 0 && sum > 1/(1-voiceWeak) && s.speaks() {
		i, j := list[0].i, list[0].j // what the likeliest readings cover
		for _, x := range list[:min(len(list), maxShown)] {
			i, j = min(i, x.i), max(j, x.j)
		}
		span := edit.Span{Start: int(d.Tokens[i].Start), End: int(d.Tokens[j].End)}
		p.Propose(edit.Proposal{
			Span: span, Origin: edit.Extraction, Ceiling: edit.Hint, Aside: true, Why: "a speaker's own words in a document without quotation marks",
			Evidence: []edit.Evidence{{Name: "words", Nats: math.Log(sum - 1), Note: "whether words were quoted in this sentence"}},
		})
	}
	for _, x := range list[:shown] {
		from, to := int(d.Tokens[x.i].Start), int(d.Tokens[x.j].End)
		if strings.Contains(d.Text[from:to], "\n") { // a heading without a stop and what stands below it
			continue
		}
		q := edit.Proposal{
			Span: edit.Span{Start: from, End: to}, Apart: true, Origin: edit.Extraction, Ceiling: edit.Review, Aside: true,
			Why: fmt.Sprintf("%q may have stood between quotation marks", d.Text[from:to]),
			Evidence: []edit.Evidence{
				{Name: "words", Nats: x.z - prior - math.Log(rest), Note: "how such words begin and end, against all other places of the sentence and none"},
				{Name: "document", Nats: prior, Note: fmt.Sprintf("%d quotation marks and %d reporting verbs in the document", p.Counts.Quotes, p.Counts.Reporting)},
			},
		}
		if kind == lostFragment {
			open, shut := p.quoteMarks()
			q.Edits = []edit.Edit{{Span: edit.Span{Start: from, End: from}, New: open}, {Span: edit.Span{Start: to, End: to}, New: shut}}
		} else {
			dash := p.dashMark()
			q.Edits = []edit.Edit{{Span: edit.Span{Start: from, End: from}, New: dash + " "}, {Span: edit.Span{Start: to, End: to}, New: " " + dash}}
			q.Why = fmt.Sprintf("%q may have stood between dashes", d.Text[from:to])
		}
		p.Propose(q)
	}
}

// likeliestPairs brings the n likeliest readings to the front in falling order, the
// earlier of equals first.
func likeliestPairs(list []pair, n int) {
	for k := range min(n, len(list)) {
		best := k
		for i := k + 1; i < len(list); i++ {
			if list[i].z > list[best].z {
				best = i
			}
		}
		x := list[best]
		copy(list[k+1:best+1], list[k:best])
		list[k] = x
	}
}

// dashMark is the dash that the document's author used, as far as what is left
// shows.
func (p *Pass) dashMark() string {
	for _, dash := range []string{"—", "–", " -- ", " - "} {
		if strings.Contains(p.Doc.Text, dash) {
			return strings.TrimSpace(dash)
		}
	}
	if p.lostApostrophe() == "’" {
		return "—"
	}
	return "–"
}

// proposeRelatives proposes the commas that a sentence lacks before its relative
// clauses.
func (s *sentencePairs) proposeRelatives(first, end int32, prior float64) {
	s.first, s.end = first, end
	if !isSentence(first, end) {
		return
	}
	ready := false
	for i := first + 1; i < end; i++ {
		if !s.begins(lostRelative, i) {
			continue
		}
		ready = ready || s.read(first, end)
		x := pair{kind: lostRelative, i: i}
		if z := s.w.sumOf(x.slots(s)) + prior; z > logOdds(relativeWeak) {
			s.p.proposeRelative(i, z)
		}
	}
}

func (p *Pass) proposeRelative(i int32, z float64) {
	d := p.Doc
	l := d.Tokens[i-1]
	at := int(l.End)
	p.Propose(edit.Proposal{
		Span: edit.Span{Start: int(l.Start), End: int(d.Tokens[i].End)}, Edits: []edit.Edit{{Span: edit.Span{Start: at, End: at}, New: ","}},
		Origin: edit.Unknown, Ceiling: edit.Review, Aside: true, Why: fmt.Sprintf("a comma may be missing between %q and %q", d.Str(int(i-1)), d.Str(int(i))),
		Evidence: []edit.Evidence{{Name: "begins", Nats: z, Note: "whether such a clause has a comma"}},
	})
}
