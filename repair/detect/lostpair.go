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
		"and both ends fit badly, the pair is shown. Only in documents that show damage, and in excerpts.",
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

// sentencePairs reads one sentence for lost marks.
type sentencePairs struct {
	p          *Pass
	a          *arranger
	set        setting
	first, end int32
	person     []uint8   // of each token: 1 a word of the speaker's own, 2 of whom he speaks to
	report     []bool    // a reporting verb
	tie        []float32 // by how many nats the token is likelier behind those before it than anywhere
	quoted     []bool    // of the document's tokens
	voices     uint32    // how many of the document's sentences hold a speaker's word outside quotation marks, in steps
	fs         []uint32
}

// newSentencePairs opens a document.
func (p *Pass) newSentencePairs(q *quoted) *sentencePairs {
	s := &sentencePairs{p: p, a: p.arranger(), set: p.quoteSetting(q), quoted: q.in}
	d := p.Doc
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

// read prepares a sentence; false where it is not one to look at.
func (s *sentencePairs) read(first, end int32) bool {
	p := s.p
	s.first, s.end = first, end
	n := int(end - first)
	if n < 6 || n > 120 {
		return false
	}
	s.person, s.report, s.tie = append(s.person[:0], make([]uint8, n)...), append(s.report[:0], make([]bool, n)...), append(s.tie[:0], make([]float32, n)...)
	verbs := reportingVerbs()
	for k := range n {
		i := int(first) + k
		t := &p.Doc.Tokens[i]
		if t.Kind != text.Word {
			continue
		}
		w := p.Doc.Str(i)
		s.person[k] = speakers(w)
		s.report[k] = t.Shape&text.InitialUpper == 0 && verbs[lm.Key(w)]
		if k > 0 {
			ln, _, _ := p.LM.ScoreToken(p.before(i), w)
			s.tie[k] = float32(max(-8, min(8, ln-float64(p.Info[i].LnProb))))
		}
	}
	return true
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
	for i := a; i < b; i++ {
		switch s.person[i-s.first] {
		case 1:
			one = min(one+1, 2)
		case 2:
			two = min(two+1, 2)
		}
	}
	return one, two
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
	d := s.p.Doc
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
	tie := bin(s.tie[i-s.first])
	add(8, tie, 0, 0)
	add(9, tie, s.class(i-1), 0)
	if kind == lostRelative {
		return s.relativeFeatures(i, fs)
	}
	one, two := s.persons(i, s.end)
	ownOne, ownTwo := s.persons(s.first, i)
	dist, that := uint32(0), uint32(0)
	for j := i - 1; j >= s.first; j-- {
		if s.report[j-s.first] {
			dist = min(uint32(i-j), 7)
			break
		}
		if d.Str(int(j)) == "that" {
			that = 1
		}
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
	d := s.p.Doc
	if j < i {
		return false
	}
	t := &d.Tokens[j]
	next := int(j)+1 < len(d.Tokens) && d.Tokens[j+1].Gap == text.GapNone
	if kind == lostDashes {
		return j > i && j+1 < s.end && !next && d.Tokens[j+1].Gap == text.GapSpace && t.Kind != text.Punct && d.Tokens[j+1].Kind == text.Word
	}
	if t.Kind == text.Punct {
		return j > i && !next && strings.IndexByte(",.?!", d.Text[t.Start]) >= 0
	}
	return !next || d.Tokens[j+1].Kind == text.Punct && strings.IndexByte(",.;:?!)", d.Text[d.Tokens[j+1].Start]) >= 0
}

// endFeatures lists the features of marks before token i that end behind token j.
func (s *sentencePairs) endFeatures(kind lostKind, i, j int32, fs []uint32) []uint32 {
	d := s.p.Doc
	k := uint32(kind)
	add := func(n, x, y, z uint32) { fs = append(fs, quoteSlot(100+n+64*k, x, y, z)%pairSlots) }
	last := uint32(0) // what closes
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
	length := bucket(int(j-i), 6)
	if j-i > 6 {
		length = 6 + bucket(int(j-i)/6, 6)
	}
	one, two := s.persons(i, j+1)
	leftOne, leftTwo := s.persons(j+1, s.end)
	commas := uint32(0)
	for x := i; x < j; x++ {
		if d.Tokens[x].Kind == text.Punct {
			commas = min(commas+1, 3)
		}
	}
	tie := uint32(8)
	if j+1 < s.end {
		tie = bin(s.tie[j+1-s.first])
	}
	add(40, length, last, 0)
	add(41, s.class(j), s.class(j+1), 0)
	add(42, s.word(j+1), last, 0)
	add(43, s.class(j+1), s.class(j+2), last)
	add(44, last, one*3+two, leftOne*3+leftTwo)
	add(56, s.voices, one*3+two, leftOne*3+leftTwo)
	add(45, s.class(j), last, 0)
	add(46, tie, last, 0)
	add(47, commas, length, last)
	add(48, s.class(i-1), last, length)
	add(49, s.class(i), last, bucket(int(j-i), 3))
	add(50, s.class(i), s.class(j), bucket(int(j-i), 2))
	add(51, s.word(j), last, 0)
	if kind == lostDashes {
		// Around the words put in: how well the sentence reads on without them.
		st := s.p.before(int(i))
		ln, _, st := s.p.LM.ScoreToken(st, d.Str(int(j)+1))
		over := float32(ln - float64(s.p.Info[j+1].LnProb))
		if j+2 < s.end {
			ln, _, _ = s.p.LM.ScoreToken(st, d.Str(int(j)+2))
			over += float32(ln - float64(s.p.Info[j+2].LnProb))
		}
		add(52, bin(over), 0, 0)
		add(53, bin(over), tie, 0)
		add(54, bin(over-s.tie[j+1-s.first]), bin(s.tie[i-s.first]), 0)
		add(55, s.class(i-1), s.class(j+1), 0)
	}
	return fs
}

var shippedPairs = sync.OnceValue(func() *hashed {
	w, err := parseHashed(rules.LostMarks(), pairSlots)
	if err != nil {
		panic("the embedded weights of lost marks: " + err.Error())
	}
	return w
})

// pairPrior tells whether a document is one to look for such marks in, and by how
// much its odds differ from the samples'.
func (p *Pass) pairPrior(kind lostKind, q *quoted) (prior float64, ok bool) {
	s := p.suspect()
	prior = pairSampled
	if kind == lostRelative {
		prior = pairRelative
	}
	stripped := q.marks == 0 && p.Counts.Reporting >= manyReports && p.Counts.Words >= fewWords
	switch {
	case stripped && kind != lostRelative:
	case s.damaged:
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
	q := p.quotedTokens()
	prior, ok := p.pairPrior(kind, &q)
	if !ok || kind == lostFragment && q.marks == 0 && p.singleQuoted() {
		return
	}
	w := shippedPairs()
	s := p.newSentencePairs(&q)
	var list []pair
	for _, b := range p.Doc.Blocks {
		if b.Kind != text.Paragraph && b.Kind != text.Heading {
			continue
		}
		for k := b.First; k < b.Next; k++ {
			se := p.Doc.Sentences[k]
			if !s.read(se.First, se.End) {
				continue
			}
			list = s.pairs(kind, list[:0])
			if kind == lostRelative {
				for _, x := range list {
					if z := w.sumOf(x.slots(s)) + prior; z > logOdds(relativeWeak) {
						p.proposeRelative(x.i, z)
					}
				}
				continue
			}
			p.proposePairs(kind, s, list, w, prior)
		}
	}
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
		s.fs = s.endFeatures(x.kind, x.i, x.j, s.fs)
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
func (p *Pass) proposePairs(kind lostKind, s *sentencePairs, list []pair, w *hashed, prior float64) {
	sum := 1.0 // of the odds against leaving the sentence alone
	begin := 0 // steps of the first mark's features: the same for every second one
	for k := range list {
		x := &list[k]
		if k == 0 || x.i != list[k-1].i {
			begin = w.steps(s.beginFeatures(kind, x.i, s.fs[:0]))
		}
		s.fs = s.endFeatures(kind, x.i, x.j, s.fs[:0])
		x.z = float64(begin+w.steps(s.fs))*w.step + prior
		sum += math.Exp(x.z)
	}
	likeliestPairs(list, max(maxPairs, maxShown))
	shown, rest := 0, sum
	for shown < min(len(list), maxPairs) && math.Exp(list[shown].z)/sum >= pairWeak {
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
