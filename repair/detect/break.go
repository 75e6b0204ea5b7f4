package detect

import (
	"fmt"
	"math"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/damage"
	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var breakLower = Detector{
	ID:    "break/before-lower",
	Doc:   "A full stop stands inside a sentence: what follows goes on in lower case and fits what stands before.",
	Round: Sentences,
	Cues:  StopLower,
	Fix:   []Example{{In: "They put pressure on North Korea to end its dangerous. behavior and to talk.", Out: "They put pressure on North Korea to end its dangerous behavior and to talk."}},
	Keep:  []Example{{In: "He works for Acme Corp. in the city. iPhone sales rose."}, {In: "Wait. what did he say about it?"}, {In: "It met to resolve the crisis. f As the president said."}},
	Run: func(p *Pass) {
		for _, i := range p.At(StopLower) {
			if s, ok := p.stopBefore(int(i)); ok && !s.upper {
				p.strayBeforeLower(&s)
			}
		}
	},
}

var breakUpper = Detector{
	ID:    "break/before-capital",
	Doc:   "A full stop and a capital stand inside a sentence: \"time to. Examine\". Only in documents that show other damage.",
	Round: Sentences,
	Cues:  Always,
	Fix: []Example{
		{In: "It was time to. Examine what the. government had done with the the money that it took.", Out: "It was time to examine what the government had done with the money that it took."},
		{In: "He was speaking at the. White House on Monday.", Out: "He was speaking at the White House on Monday."},
		{
			In:  "They had said it in the the. morning, and said it again at night. He wants it over. Now.",
			Out: "They had said it in the morning, and said it again at night. He wants it over. Now.",
		},
	},
	Keep: []Example{
		{In: "According to the. Officials said they would not come."}, // words are lost there
		{In: "What is it made of? Tick. Tick. She knew what it was made of. Nobody did."},
	},
	Run: (*Pass).straysBeforeCapitals,
}

// stop is a full stop before token i that may stand inside a sentence.
type stop struct {
	i           int // the token after it
	mark, left  int // the stop itself and the word before it
	first, last int // the tokens that would be one sentence, half open
	upper       bool
}

// stopBefore describes the full stop before token i; false where it is none, or
// where it surely belongs there.
func (p *Pass) stopBefore(i int) (stop, bool) {
	toks := p.Doc.Tokens
	if i < 3 || toks[i].Kind != text.Word || toks[i].Gap != text.GapSpace || toks[i].Shape&(text.InnerUpper|text.HasDigit|text.HasDot) != 0 {
		return stop{}, false
	}
	s := stop{i: i, mark: i - 1, left: i - 2, upper: toks[i].Shape&text.InitialUpper != 0}
	m, l := toks[s.mark], toks[s.left]
	if l.Kind == text.Number && l.End-l.Start < 4 {
		return stop{}, false // the 24. of November, 3. edition
	}
	if l.Shape&text.InitialUpper != 0 && abbreviated[p.Doc.Str(s.left)] {
		return stop{}, false
	}
	if m.Kind != text.Punct || m.Gap != text.GapNone || p.Doc.Text[m.Start:m.End] != "." || l.Kind != text.Word && l.Kind != text.Clitic && l.Kind != text.Number ||
		l.Kind == text.Word && (p.Info[s.left].Flags&lm.Known == 0 || l.Shape&text.HasDot != 0 || l.End-l.Start < 2) || p.Info[i].Flags&lm.Known == 0 {
		return stop{}, false
	}
	k := p.sentenceOf(s.left)
	s.first = int(p.Doc.Sentences[k].First)
	if int(p.Doc.Sentences[k].End) == i {
		k++
	}
	s.last = int(p.Doc.Sentences[k].End)
	return s, true
}

// abbreviated holds abbreviations that keep their stop before lower case, beyond
// those that the parser knows: American states as newspapers write them.
var abbreviated = map[string]bool{
	"Ala": true, "Ariz": true, "Ark": true, "Calif": true, "Colo": true, "Conn": true, "Del": true, "Fla": true, "Ga": true, "Ill": true,
	"Ind": true, "Kan": true, "Ky": true, "La": true, "Mass": true, "Md": true, "Mich": true, "Minn": true, "Miss": true, "Mo": true,
	"Mont": true, "Neb": true, "Nev": true, "Okla": true, "Ore": true, "Pa": true, "Tenn": true, "Tex": true, "Va": true, "Vt": true,
	"Wash": true, "Wis": true, "Wyo": true, "Stat": true, "Eng": true, "Ont": true, "Que": true, "Alta": true, "Govt": true, "Lib": true,
}

// sentenceOf is the index of the sentence that holds token i.
func (p *Pass) sentenceOf(i int) int {
	lo, hi := 0, len(p.Doc.Sentences)
	for lo+1 < hi {
		if m := (lo + hi) / 2; int(p.Doc.Sentences[m].First) <= i {
			lo = m
		} else {
			hi = m
		}
	}
	return lo
}

// side describes tokens a to b-1 for the boundary model, without the loose full
// stops among them.
func (p *Pass) side(n, a, b int) []lm.SideToken {
	out := p.sides[n][:0]
	known := p.arranger()
	for i := a; i < b; i++ {
		if t := &p.Doc.Tokens[i]; t.Kind != text.Punct || p.Doc.Text[t.Start] != '.' {
			out = append(out, *known.side(i))
		}
	}
	p.sides[n] = out
	return out
}

// boundary is the ln odds that a sentence ends between tokens l-1 and r: from
// first to l on the left, from r to last on the right.
func (p *Pass) boundary(first, l, r, last int) float64 {
	if p.engine.Models.Boundary == nil {
		return 0
	}
	first, last = max(first, l-lm.MaxSide), min(last, r+lm.MaxSide)
	return p.engine.Models.Boundary.LnOdds(p.side(0, first, l), p.side(1, r, last))
}

// gluedBoundary is the ln odds that a sentence ends in gap k between the parts
// of glued tokens.
func (p *Pass) gluedBoundary(g *gapGroup, parts []string, k int) float64 {
	if p.engine.Models.Boundary == nil {
		return 0
	}
	s := p.Doc.Sentences[p.sentenceOf(g.first)]
	left := p.side(0, max(int(s.First), g.first-lm.MaxSide), g.first)
	for _, w := range parts[:k+1] {
		left = append(left, p.LM.SideToken(lm.Key(w), w, p.Lex.Lookup(w)))
	}
	right := p.sides[1][:0]
	for _, w := range parts[k+1:] {
		right = append(right, p.LM.SideToken(lm.Key(w), w, p.Lex.Lookup(w)))
	}
	for i := g.last + 1; i < min(int(s.End), g.last+lm.MaxSide); i++ {
		if t := &p.Doc.Tokens[i]; t.Kind != text.Punct || p.Doc.Text[t.Start] != '.' {
			right = append(right, p.LM.SideToken(p.Keys[i], p.Doc.Str(i), p.Info[i]))
		}
	}
	p.sides[0], p.sides[1] = left, right
	return p.engine.Models.Boundary.LnOdds(left, right)
}

func clip(x, limit float64) float64 { return max(-limit, min(limit, x)) }

// harm is what is known of the damage to a document's clauses.
type harm struct {
	odds    float64 // ln odds that a machine translated it there and back, between -4 and 4
	clauses float64 // stray stops and doubled small words, repaired or not, at most 4
}

func (h harm) note() string {
	return fmt.Sprintf("%.0f stray stops and doubled words; the odds of a round trip through a translator are e^%.1f", h.clauses, h.odds)
}

// hurt tells how damaged the document's clauses are: soft rules ask for it.
// Glued words and loose marks say little of that: naturally damaged pages have
// dozens of them and not one stray stop.
func (p *Pass) hurt() harm {
	const tiny = 1e-6
	q := p.Profile().P[damage.RoundTrip]
	return harm{clip(math.Log((q+tiny)/(1-q+tiny)), 4), min(float64(len(p.earlier)+p.clauseSigns()), 4)}
}

// clauseSigns counts the stray stops before lower case and the doubled small
// words of the text as it stands.
func (p *Pass) clauseSigns() int {
	if p.signed {
		return p.signs
	}
	p.signed = true
	n := 0
	for _, i := range p.At(StopLower) {
		if s, ok := p.stopBefore(int(i)); ok && p.boundary(s.first, s.mark, s.i, s.last) < -1 {
			n++
		}
	}
	for _, i := range p.At(Repeat) {
		switch p.Doc.Str(int(i)) {
		case "the", "a", "of", "and", "to", "for", "with", "at", "by", "from", "its", "their":
			n++
		}
	}
	p.signs = n
	return n
}

// Weights of the evidence for a stray stop before lower case, fitted on 1,454 news
// documents kept out of the models and damaged on purpose (12 places per 1,000
// words, all kinds): there nearly every stop is stray. For those before a capital
// see strayWeights.
const (
	strayModel    = 0.45
	strayEnds     = 0.33
	strayBoundary = 0.6
	strayLower    = 3.4
	gluedBoundary = 0.8 // of the boundary's nats, where a stop may have gone with a space
	commaCost     = 2

	// Before a capital, fitted by "train calibrate --family break --rounds 2", each
	// beside its rivals.
	upperBias     = 0.5
	upperSeam     = 1.4
	upperWords    = 1.25 // more for the kinds of the words
	upperDocument = 0.12 // of the nats of the odds that the document went through a translator
	upperRate     = 0.25 // of ln of the signs of hurt clauses in 1,000 words
	upperSilent   = 1.5  // what longer texts lose besides that show nothing
	upperAlone    = -1   // the only sign of damage in a longer text
	upperExcerpt  = -5.2 // a text without room for other signs
	upperSigns    = 0.3  // signs, and
	upperWide     = 0.5  // thousands of words that every document is given besides
)

// fragment is the tokens of a sentence, its mark among them, that is likelier an
// author's fragment than what a stray stop cut off: "He wants it over. Now."
const fragment = 2

// brief is the tokens of two sentences together that are likelier an author's two
// than one cut in half: "Time to go. Home is far."
const brief = 8

// mayBeStray reports whether a stop before a capital may be stray at all: before an
// everyday word, or behind a word that ends no sentence.
func (p *Pass) mayBeStray(s *stop) bool {
	return s.upper && (p.Info[s.i].Lower >= everyday || endsNothing(p.Doc.Str(s.left))) && p.Doc.Tokens[s.left].Kind != text.Clitic
}

// ocrCapital is what speaks in a text that was read from a picture for the capital
// behind a stray stop, in nats: dirt that is read as a stop changes no letter, as a
// translator does. "the Bureau of Economic. Analysis"
const ocrCapital = 4

// endsNothing reports whether no sentence ends in a word: in 74 M words of news nine
// did, of which three were damaged ("energy development, the. Department of Energy").
func endsNothing(w string) bool {
	switch w {
	case "the", "an", "their", "its", "our", "my", "every", "whose", "and":
		return true
	}
	return false
}

// upperEndless is the evidence, in nats, of a word before a stop that ends no sentence.
// What is missing there may be words as well, and the stop the end of their sentence:
// so the words behind it have a say.
const upperEndless = 1.1

// strayBeforeLower proposes to take the full stop before a lower-case word away, to
// put a comma in its place, or to begin a sentence there.
func (p *Pass) strayBeforeLower(s *stop) {
	i := s.i
	if p.Info[i].Lower < 4 {
		return // "living. susan"
	}
	word := p.Doc.Str(i)
	st := p.before(s.mark)
	ends, next := p.LM.Score(st, lm.Key("."))
	ln, _ := p.LM.Score(next, lm.End)
	ends += ln
	ln, _, next = p.LM.ScoreToken(p.LM.Begin(), word)
	begins := ln + p.after(next, i)
	ln, _, next = p.LM.ScoreToken(st, word)
	flows := ln + p.after(next, i)
	ln, next = p.LM.Score(st, lm.Key(","))
	ln2, _, next := p.LM.ScoreToken(next, word)
	comma := ln + ln2 + p.after(next, i)
	inside := -p.boundary(s.first, s.mark, i, s.last)
	model := clip(strayModel*(flows-begins)-strayEnds*ends, 9)
	if model+strayBoundary*inside+strayLower < -3 {
		p.missingCapital(*s, -inside)
		return
	}
	evidence := []edit.Evidence{
		{Name: "model", Nats: model, Note: "the sentence reads on without the stop"},
		{Name: "boundary", Nats: clip(strayBoundary*inside, 5), Note: "the words on both sides make one clause"},
		{Name: "case", Nats: strayLower, Note: "how often a stop is stray before this case"},
		{Name: "habit", Nats: p.lowerHabit(*s), Note: "whether the author begins sentences in lower case"},
	}
	if sum(evidence) > 0 {
		evidence = append(evidence, edit.Evidence{Name: "swap", Nats: -p.movedRather(s.mark), Note: "exchanging the words around the stop would read better still"})
	}
	ceiling := edit.Safe
	if t := p.Doc.Tokens[i]; t.End-t.Start == 1 && word != "a" {
		ceiling = edit.Review // a letter of a list, a scrap: "the Taconite Rule. b. It is"
	}
	p.proposeOneSentence(s, word, ceiling, evidence, comma-flows)
}

// capitalStop is a stop before a capital that its seam's facts do not clear.
type capitalStop struct {
	stop
	facts                        [numFacts]float64
	model, boundary, words, seam float64 // nats for a stray stop
}

// straySum is the sum of a seam's facts from which it is likelier one of a stray stop
// than of a real one, in a damaged document.
const straySum = 3

// straysBeforeCapitals weighs every stop before a capital by its seam's facts, by the
// net, and by how many signs of hurt clauses the document shows, other such stops
// among them: most stops before capitals end sentences.
func (p *Pass) straysBeforeCapitals() {
	list := p.capitals[:0]
	for _, b := range p.Doc.Blocks {
		for k := b.First + 1; k < b.Next; k++ {
			if s, ok := p.stopBefore(int(p.Doc.Sentences[k].First)); ok && p.mayBeStray(&s) && !p.sound(s.left) {
				if c, ok := p.weighCapital(s); ok {
					list = append(list, c)
				}
			}
		}
	}
	p.capitals = list
	if len(list) == 0 {
		return
	}
	hurt := p.hurt()
	signs := float64(len(p.earlier) + p.clauseSigns())
	for i := range list {
		signs += list[i].sign()
	}
	for i := range list {
		p.strayBeforeCapital(&list[i], hurt, signs-list[i].sign())
	}
}

// sign is how far the stop is a sign of hurt clauses, 0 to 1.
func (c *capitalStop) sign() float64 {
	return 1 / (1 + math.Exp(straySum-c.model-c.boundary-c.words))
}

// weighCapital weighs a stop by its seam's facts and by the net; false where the
// facts alone clear it.
func (p *Pass) weighCapital(s stop) (capitalStop, bool) {
	c := capitalStop{stop: s, facts: p.facts(seam{s.first, s.mark, s.i, s.last})}
	f := &c.facts
	c.model, c.words = strayWeights.split(f)
	c.boundary = strayWeights[factBoundary]*f[factBoundary] + strayWeights[factAgree]*f[factAgree]
	if c.model+c.boundary+c.words < strayGate {
		return c, false
	}
	net := shippedStray()
	view := p.view(&s, f, func(i int) uint16 { return p.arranger().identity(net.known, i) })
	c.seam = net.score(&view)
	return c, true
}

func (p *Pass) strayBeforeCapital(c *capitalStop, hurt harm, signs float64) {
	s := &c.stop
	document := upperDocument * hurt.odds
	if p.Counts.Words < fewWords {
		document += upperExcerpt
	} else {
		document += upperSilent * min(0, hurt.odds+1)
		if signs < 0.5 && hurt.odds < 0 {
			document += upperAlone
		}
	}
	rate := math.Log((signs + upperSigns) / (float64(p.Counts.Words)/1000 + upperWide))
	evidence := []edit.Evidence{
		{Name: "model", Nats: upperSeam * c.model, Note: "the sentence reads on without the stop"},
		{Name: "boundary", Nats: upperSeam * c.boundary, Note: "the words on both sides make one clause"},
		{Name: "words", Nats: upperSeam * upperWords * c.words, Note: "kinds of the words beside the stop, verbs and lengths of both sides"},
		{Name: "seam", Nats: upperSeam * c.seam, Note: "whether the words around hold together, or blocks changed places; what authors do end so"},
		{Name: "case", Nats: upperBias, Note: "how often a stop is stray before this case"},
		{Name: "document", Nats: document, Note: hurt.note()},
		{Name: "signs", Nats: upperRate * rate, Note: fmt.Sprintf("%.1f other signs of hurt clauses in %d words", signs, p.Counts.Words)},
	}
	if endsNothing(p.Doc.Str(s.left)) {
		evidence = append(evidence, edit.Evidence{Name: "endless", Nats: upperEndless, Note: "the word before the stop ends no sentence"})
	}
	lower := p.Doc.Str(s.i)
	if sum(evidence) > 0 {
		odds := p.arranger().capitalOdds(s.i, s.left, s.i+1)
		if prof := p.Profile(); prof.P[damage.OCR] > max(0.5, prof.P[damage.RoundTrip]) {
			odds += ocrCapital
		}
		if odds <= 0 {
			lower = lowered(lower)
		}
		evidence = append(evidence, edit.Evidence{Name: "capital", Nats: -math.Log1p(math.Exp(-math.Abs(odds))), Note: "whether the word keeps its capital"})
	} else {
		lower = lowered(lower)
	}
	ceiling := edit.Safe
	if s.last-s.i <= fragment || s.last-s.i+s.mark-s.first <= brief || p.dropped(s) {
		ceiling = edit.Review
	}
	p.proposeOneSentence(s, lower, ceiling, evidence, c.facts[factComma])
}

// dropped reports whether words are likelier lost before a stop behind a word that
// ends no sentence than the stop is stray: where both sides are clauses of their own.
// "She took it to an. American officials said no."
func (p *Pass) dropped(s *stop) bool {
	if !endsNothing(p.Doc.Str(s.left)) || !p.surelyVerb(s.i+1, s.i+3) {
		return false
	}
	first := p.Doc.Str(s.first)
	return p.surelyVerb(s.first, s.left) || first == "According" || p.Info[s.first].Flags&lm.Function != 0 && !determiner(first)
}

// surelyVerb reports whether one of the tokens lo to hi-1 can be nothing but a verb.
func (p *Pass) surelyVerb(lo, hi int) bool {
	for i := lo; i < min(hi, len(p.Info)); i++ {
		if f := p.Info[i].Flags; p.Doc.Tokens[i].Kind == text.Word && (f&lm.Verb != 0 && f&(lm.Noun|lm.Adj) == 0 || reporting[p.Doc.Str(i)]) {
			return true
		}
	}
	return false
}

// proposeOneSentence proposes to take a stop away and to write the word behind it
// so; or to put a comma there, which reads better than nothing by some nats.
func (p *Pass) proposeOneSentence(s *stop, word string, ceiling edit.Tier, evidence []edit.Evidence, comma float64) {
	t := p.Doc.Tokens[s.i]
	span := edit.Span{Start: int(p.Doc.Tokens[s.left].Start), End: int(t.End)}
	put := func(mark string, ceiling edit.Tier, why string, evidence []edit.Evidence) {
		edits := []edit.Edit{{Span: p.Doc.Tokens[s.mark].Span(), New: mark}}
		if word != p.Doc.Str(s.i) {
			edits = append(edits, edit.Edit{Span: edit.Span{Start: int(t.Start), End: int(t.End)}, New: word})
		}
		p.Propose(edit.Proposal{Span: span, Edits: edits, Origin: edit.Extraction, Ceiling: ceiling, Why: why, Evidence: evidence})
	}
	put("", ceiling, "a full stop inside a sentence", evidence)
	if gain := comma - commaCost; gain > -4 {
		put(",", edit.Review, "a full stop where a comma stood", append(evidence[:len(evidence):len(evidence)],
			edit.Evidence{Name: "comma", Nats: clip(gain, 4), Note: "how much better it reads with a comma than without"}))
	}
}

func sum(evidence []edit.Evidence) (nats float64) {
	for _, e := range evidence {
		nats += e.Nats
	}
	return nats
}

// lowerHabit weighs against a stop before lower case what looks like an author's
// way: a sentence of a word or two before it, and the same word, as a transcript's
// label, behind other stops.
func (p *Pass) lowerHabit(s stop) float64 {
	nats := 0.0
	if s.mark-s.first < 3 {
		nats -= 2
	}
	same := 0
	for _, k := range p.At(StopLower) {
		if p.Doc.Str(int(k)) == p.Doc.Str(s.i) {
			same++
		}
	}
	if p.Info[s.i].Flags&lm.Function == 0 {
		nats -= 2 * float64(same-1)
	}
	return max(nats, -6)
}

// lowered is the word with its first letter in lower case.
func lowered(word string) string {
	r, n := utf8.DecodeRuneInString(word)
	return string(unicode.ToLower(r)) + word[n:]
}

// sound reports, by two look-ups, that a long document without any damage need not
// be searched for a stray stop after token i: sentences do end so.
func (p *Pass) sound(i int) bool {
	if len(p.earlier) > 0 || p.Counts.Words < fewWords || p.clauseSigns() > 0 {
		return false
	}
	return p.Info[i].Flags&lm.Function == 0
}

// missingCapital proposes to begin a sentence at a lower-case word after a stop.
func (p *Pass) missingCapital(s stop, boundary float64) {
	t := p.Doc.Tokens[s.i]
	w := p.Doc.Str(s.i)
	r, n := utf8.DecodeRuneInString(w)
	p.Propose(edit.Proposal{
		Rule: "case/sentence-start", Span: edit.Span{Start: int(p.Doc.Tokens[s.left].Start), End: int(t.End)},
		Edits:  []edit.Edit{{Span: t.Span(), New: string(unicode.ToUpper(r)) + w[n:]}},
		Origin: edit.Unknown, Ceiling: edit.Review, Why: "a sentence begins in lower case",
		Evidence: []edit.Evidence{{Name: "boundary", Nats: clip(strayBoundary*boundary, 5), Note: "the words on both sides are two sentences"}},
	})
}
