package detect

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var possessiveMisplaced = Detector{
	ID:    "possessive/misplaced",
	Doc:   "A name that ends in no s carries the apostrophe after an added s: Blinkens' for Blinken's.",
	Round: Words,
	Cues:  EndsS,
	Fix:   []Example{{In: "Antony Blinken arrived. On the last day of Blinkens' three-day visit Blinken spoke.", Out: "Antony Blinken arrived. On the last day of Blinken's three-day visit Blinken spoke."}},
	Keep:  []Example{{In: "Bernie Sanders spoke. Sanders' supporters cheered."}, {In: "The Clintons' house was sold by Bill Clinton."}, {In: "They met at the Walter J. Pikes' farm, where Pike lives."}, {In: "The John J. Smiths' garden was open."}},
	Run:   func(p *Pass) { p.possessives(true) },
}

var possessiveLost = Detector{
	ID:    "possessive/lost-apostrophe",
	Doc:   "A name in s that the document uses without it stands before a noun: Blinkens trip for Blinken's trip.",
	Round: Words,
	Cues:  EndsS,
	Fix: []Example{
		{In: "Antony Blinken met Xi. Blinkens trip came as Blinken sought talks.", Out: "Antony Blinken met Xi. Blinken's trip came as Blinken sought talks."},
		{In: "An Australian cabinet minister rejected the allegation by Elon Musks lawyers that the law would ban", Out: "An Australian cabinet minister rejected the allegation by Elon Musk’s lawyers that the law would ban"},
	},
	Keep: []Example{{In: "Tiger Woods won. Woods said the Clintons had met Bill Clinton there."}, {In: "Most RTCs keep the time while the power is off."}},
	Run:  func(p *Pass) { p.possessives(false) },
}

// calendar holds names of days, months and feasts: their plurals are ordinary words, and
// they are no places.
var calendar = map[string]bool{
	"Monday": true, "Tuesday": true, "Wednesday": true, "Thursday": true, "Friday": true, "Saturday": true, "Sunday": true, "January": true,
	"February": true, "March": true, "April": true, "May": true, "June": true, "July": true, "August": true, "September": true, "October": true,
	"November": true, "December": true, "Christmas": true, "Olympic": true,
}

// possessives proposes X's for Xs, or for Xs' where marked, where X is a word
// that the text or the language makes likelier than Xs.
func (p *Pass) possessives(marked bool) {
	if marked && p.Counts.Apostrophes == 0 {
		return
	}
	for _, i := range p.At(EndsS) {
		if q, ok := p.possessive(int(i), marked); ok {
			p.Propose(q)
		}
	}
}

// possessive weighs token i as a possessive that lost its apostrophe or carries it
// behind the s.
func (p *Pass) possessive(i int, marked bool) (edit.Proposal, bool) {
	toks := p.Doc.Tokens
	t := &toks[i]
	n := t.End - t.Start
	if p.Doc.Text[t.End-1] != 's' || i+1 >= len(toks) {
		return edit.Proposal{}, false
	}
	switch p.Doc.Text[t.End-2] {
	case 's', 'u', 'i', '\'':
		if t.Shape&text.InitialUpper == 0 || p.Doc.Text[t.End-2] == 's' {
			return edit.Proposal{}, false // this, bus, crisis, less
		}
	}
	next := toks[i+1]
	clitic := next.Kind == text.Clitic && next.Gap == text.GapNone && next.End-next.Start < 4 && !strings.HasSuffix(p.Doc.Str(i+1), "s")
	k := i + 1
	if marked {
		k++
	}
	if clitic != marked || k >= len(toks) || toks[k].Kind != text.Word && toks[k].Kind != text.Number || toks[k].Gap != text.GapSpace {
		return edit.Proposal{}, false
	}
	w := p.Doc.Str(i)
	base := w[:len(w)-1]
	upper := t.Shape&text.InitialUpper != 0
	if !marked && calendar[base] || t.Shape&text.InnerUpper != 0 && p.Info[i].Flags&lm.Known != 0 || p.Info[i].Flags&lm.Function != 0 {
		return edit.Proposal{}, false // Mondays, two Junes
	}
	bi, wi := p.Lex.Lookup(base), p.Info[i]
	if upper && i > 0 && p.startsSentence(i) && bi.Lower > 10 {
		upper = false
	}
	if !upper && (n < 5 || bi.Flags&lm.Known == 0 || bi.LnProb == 0 || bi.Flags&lm.Noun == 0 || bi.Flags&lm.Function != 0) {
		return edit.Proposal{}, false
	}
	ri := p.Info[k]
	if ri.Flags&lm.Function != 0 && !marked && wi.LnProb != 0 && !quantity(p.Doc.Str(k)) {
		return edit.Proposal{}, false
	}
	vocab := p.Vocab()
	nBase, nOwn := vocab.Count(base), vocab.Count(w)-1
	if nBase == 0 && (bi.LnProb == 0 || bi.Flags&lm.Known == 0) {
		return edit.Proposal{}, false
	}
	if marked && upper && p.familyOf(i) {
		return edit.Proposal{}, false // the Richard Millers' house
	}
	rule, weigh := "possessive/lost-apostrophe", &possName
	switch {
	case marked:
		rule, weigh = "possessive/misplaced", &possMarked
	case !upper:
		rule, weigh = "possessive/lost-in-noun", &possNoun
	}
	const many = 2 // nats: six times and sixty are nearly the same
	rare := weigh.rarer * rarer(bi, wi)
	hasBase := weigh.base * min(math.Log1p(float64(nBase)), many)
	hasOwn := -weigh.own * min(math.Log1p(float64(nOwn)), many)
	follows, precedes := weigh.follows*p.followsPossessive(k), weigh.precedes*p.precedesPlural(i)
	name, lost, intact, clitics := 0.0, 0.0, 0.0, 0.0
	if marked && upper {
		name = 0.7
	}
	if !marked {
		lost, intact = p.lostMarks(i)
		lost, intact = weigh.lost*lost, -weigh.intact*intact
		if vocab.Clitic(base) > 0 {
			clitics = weigh.clitic
		}
	}
	plural := 0.0
	if !marked && acronym(base) && bi.LnProb < rareAcronym && toks[k].Shape&text.InitialUpper == 0 {
		plural = -possAcronym
	}
	known := plural + weigh.bias + rare + hasBase + hasOwn + follows + precedes + name + lost + intact + clitics
	least := leastNats
	if p.skips(edit.Review) {
		least = leastSay
	}
	gain := weigh.model * p.possessiveGain(i, k, base, marked, (least-known)/weigh.model)
	if known+gain < least {
		return edit.Proposal{}, false
	}
	q := edit.Proposal{Rule: rule, Origin: edit.Extraction, Ceiling: edit.Safe}
	if !marked && upper && lost == 0 && ri.Flags&lm.Verb != 0 && (bi.Flags&lm.Adj != 0 && wi.LnProb != 0 || p.precedesPlural(i) < 0) {
		q.Ceiling = edit.Review // Egyptians shout, the Lakotas prepared: a people or a family, and what it does
	}
	q.Evidence = []edit.Evidence{
		{Name: "kind", Nats: weigh.bias, Note: "how often such words are possessives"},
		{Name: "model", Nats: gain, Note: fmt.Sprintf("%q against %q before what follows", base+"'s", w)},
		{Name: "s-form", Nats: rare, Note: fmt.Sprintf("how much rarer %q is than %q", w, base)},
		{Name: "doc-has-base", Nats: hasBase, Note: fmt.Sprintf("%q stands in the document %d times", base, nBase)},
		{Name: "doc-has-s-form", Nats: hasOwn, Note: fmt.Sprintf("%q stands in the document %d times more", w, nOwn)},
		{Name: "what-follows", Nats: follows, Note: fmt.Sprintf("whether %q follows a possessive", p.Doc.Str(k))},
		{Name: "what-precedes", Nats: precedes, Note: "whether the words before call for a plural"},
	}
	if marked && upper {
		q.Evidence = append(q.Evidence, edit.Evidence{Name: "name", Nats: name, Note: "names hardly have a plural"})
	}
	if !marked {
		q.Evidence = append(q.Evidence,
			edit.Evidence{Name: "lost-elsewhere", Nats: lost, Note: "other apostrophes that the document surely lost"},
			edit.Evidence{Name: "intact", Nats: intact, Note: "apostrophes that it kept"},
			edit.Evidence{Name: "doc-has-possessive", Nats: clitics, Note: fmt.Sprintf("whether the document writes %q", base+"'s")})
	}
	if plural < 0 {
		q.Evidence = append(q.Evidence, edit.Evidence{Name: "acronym", Nats: plural, Note: "letters that stand for words have plurals"})
	}
	mark, end := p.lostApostrophe(), int(t.End)
	if marked {
		mark, end = p.Doc.Str(i+1), int(next.End)
	}
	q.Aside = known+gain < leastSay
	q.Span = edit.Span{Start: int(t.Start), End: end}
	q.Edits = []edit.Edit{{Span: edit.Span{Start: int(t.End) - 1, End: end}, New: mark + "s"}}
	q.Why = fmt.Sprintf("%q is likely %q", p.Doc.Text[t.Start:end], base+mark+"s")
	return q, true
}

// possAcronym weighs, in nats, against the possessive of an acronym before a small
// letter: RTCs keep the time, the AFPs in the cells. It is for those rarer than
// rareAcronym: the others are names of which there is one, the UK, the BBC.
const (
	possAcronym = 4.5
	rareAcronym = -13.7
)

// acronym reports whether a word is all capitals, two at least.
func acronym(w string) bool {
	if len(w) < 2 {
		return false
	}
	for i := range len(w) {
		if w[i] < 'A' || w[i] > 'Z' {
			return false
		}
	}
	return true
}

// familyOf reports whether "the", a first name and an initial stand before the
// surname at token i: it is a family then, and in the plural.
func (p *Pass) familyOf(i int) bool {
	if i < 3 {
		return false
	}
	if initial := p.Doc.Str(i - 1); len(initial) != 2 || initial[1] != '.' {
		return false
	}
	k := i - 2
	for k > 0 && k > i-5 && p.Doc.Tokens[k].Shape&text.InitialUpper != 0 {
		k--
	}
	return strings.EqualFold(p.Doc.Str(k), "the")
}

// leastNats is the evidence, in nats, below which a place is not worth a proposal:
// one in fifty would be right. Below leastSay, one in two, it has no say in what is
// applied.
const (
	leastNats = -4.0
	leastSay  = 0.0
)

// What the model may say of a possessive, in nats, and how much of that because of
// the words beside it.
const (
	mostModel  = 10.0
	mostBeside = 11.0
)

// possessiveGain is by how many nats the model finds token i likelier as the
// possessive of base, before token k, than as it stands; or any less than need,
// where it comes to less than that. Nine in ten are: two words are looked up for
// those instead of seven.
func (p *Pass) possessiveGain(i, k int, base string, marked bool, need float64) float64 {
	if need > mostModel {
		return -mostModel
	}
	st := p.before(i)
	own, possS := lm.Key(base), lm.Key("'s")
	p.LM.Prepare(st, own)
	p.LM.Prepare(st, p.Keys[i])
	plain, _, n1 := p.LM.ScoreKey(st, p.Keys[i], p.Doc.Str(i))
	poss, _, n2 := p.LM.ScoreKey(st, own, base)
	alone, _ := p.LM.Score(lm.State{W1: own}, possS)
	if !marked {
		if best := poss + alone + mostBeside - plain; best < need {
			return best
		}
	}
	p.prepare(n2, k-1, possS)
	ln, n2 := p.LM.Score(n2, possS)
	beside := ln - alone + p.after(n2, k-1)
	if marked {
		ln, n1 = p.LM.Score(n1, lm.Key("'"))
		plain += ln
	}
	p.prepare(n1, k-1)
	beside -= p.after(n1, k-1)
	if !marked {
		beside = min(beside, mostBeside)
	}
	return clip(poss+alone+beside-plain, mostModel)
}

// possWeight holds the weights of the evidence for a possessive, fitted on 1,454
// news documents kept out of the models, clean, damaged in all ways, and stripped
// of every apostrophe: .97 of the names and .78 of the nouns that lost one are
// found at a precision of .99. What is left among the alarms is mostly the
// authors' own ("MSNBCs Martin Bashir").
type possWeight struct {
	bias, model, rarer, base, own, follows, precedes, lost, intact, clitic float64
}

var (
	possName   = possWeight{bias: -0.7, model: 0.73, base: 1.5, own: 1.6, follows: 0.8, precedes: 0.6, lost: 0.4, intact: 0.55, clitic: 0.25}
	possNoun   = possWeight{bias: -2.1, model: 0.74, base: 1.2, own: 1.05, follows: 0.45, precedes: 0.43, lost: 0.4, intact: 0.42, clitic: 0.57}
	possMarked = possWeight{bias: -1.5, model: 0.54, rarer: 0.28, base: 1.3, own: 2.5, precedes: 0.5}
)

// rarer is by how many nats the s-form is rarer than the base, between -4 and 10;
// a form that training text did not hold counts as rare.
func rarer(base, form lm.Info) float64 {
	const floor = -19 // nats
	b, f := float64(base.LnProb), float64(form.LnProb)
	if b == 0 {
		b = floor + 2
	}
	if f == 0 {
		f = floor
	}
	return max(-4, min(10, b-f))
}

// followsPossessive weighs token k as what a possessive stands before.
func (p *Pass) followsPossessive(k int) float64 {
	i, t := p.Info[k], p.Doc.Tokens[k]
	switch {
	case quantity(p.Doc.Str(k)):
		return 1
	case i.Flags&lm.Function != 0:
		return -5
	case t.Kind == text.Number:
		return -1
	case strings.HasSuffix(p.Doc.Str(k), "ly") && i.Flags&lm.Adj == 0:
		return -3
	case i.Flags&lm.Verb != 0 && i.Flags&(lm.Noun|lm.Adj) == 0:
		return -3
	case i.Flags&lm.Noun != 0 && i.Flags&lm.Verb == 0, i.Flags&lm.Adj != 0:
		return 1
	}
	return 0
}

// quantity reports whether a small word follows possessives: Trump's own, the
// world's most.
func quantity(w string) bool {
	switch w {
	case "own", "most", "first", "last", "next", "only", "least", "many", "best":
		return true
	}
	return false
}

// precedesPlural weighs what stands before token i as a sign of a plural.
func (p *Pass) precedesPlural(i int) float64 {
	if i == 0 || p.startsSentence(i) {
		return 0
	}
	w := strings.ToLower(p.Doc.Str(i - 1))
	upper := p.Doc.Tokens[i].Shape&text.InitialUpper != 0
	switch {
	case p.Doc.Tokens[i-1].Kind == text.Number:
		return -3
	case !upper:
		switch w {
		case "a", "an", "this", "that", "each", "every", "last", "one":
			return 2
		case "these", "those", "many", "several", "few", "some", "all", "two", "three", "four", "five", "six", "most", "other", "more", "such", "both":
			return -4
		}
		return 0
	case determiner(w), w == "two", w == "three", w == "these", w == "those", w == "many", w == "some", w == "all", w == "several", w == "both", w == "most", w == "few", w == "other", w == "more", w == "various", w == "such":
		return -3
	}
	return 0
}

// lostMarks counts the apostrophes that the text surely lost, those of token i
// aside, at most 5, and one more for a feed's excerpt, which keeps none; and weighs those it kept by the logarithm of their number.
func (p *Pass) lostMarks(i int) (lost, intact float64) {
	if !p.lostKnown {
		p.lostKnown = true
		p.lost = p.lost[:0]
		for _, k := range p.At(BareContraction) {
			if _, ok := p.contraction(int(k), bare); ok {
				p.lost = append(p.lost, k)
			}
		}
		for _, k := range p.At(EndsS) {
			if _, ok := p.contraction(int(k), bare); !ok && p.surelyPossessive(int(k)) {
				p.lost = append(p.lost, k)
			}
		}
	}
	n := len(p.lost)
	for _, k := range p.lost {
		if int(k) == i {
			n--
		}
	}
	if p.cutExcerpt() {
		n++
	}
	return min(float64(n), 5), math.Log1p(float64(p.Counts.Apostrophes))
}

// surelyPossessive reports whether token k can hardly be anything but a
// possessive: a capitalised word that nobody knows, whose base the document or
// everybody knows, before a noun.
func (p *Pass) surelyPossessive(k int) bool {
	t := &p.Doc.Tokens[k]
	if t.End-t.Start < 5 || p.Doc.Text[t.End-1] != 's' || p.Doc.Text[t.End-2] == 's' || t.Shape&text.InnerUpper != 0 ||
		p.Info[k].LnProb > -14 && p.Info[k].LnProb != 0 || k+1 >= len(p.Doc.Tokens) || p.Doc.Tokens[k+1].Kind != text.Word || p.Doc.Tokens[k+1].Gap != text.GapSpace {
		return false
	}
	w := p.Doc.Str(k)
	b := p.Lex.Lookup(w[:len(w)-1])
	return b.Flags&lm.Known != 0 && b.LnProb != 0 && (b.LnProb > -13 || p.Vocab().Count(w[:len(w)-1]) > 0) && p.followsPossessive(k+1) >= 0 && p.precedesPlural(k) >= 0
}

// lostApostrophe is the apostrophe that the document's author used. Processes
// that strip typographic marks leave straight ones: so what a text has lost again
// and again, keeping hardly any, was curly; and so is a feed's excerpt.
func (p *Pass) lostApostrophe() string {
	s := p.Doc.Text
	if strings.Contains(s, "’") || strings.Contains(s, "“") {
		return "’"
	}
	lost, _ := p.lostMarks(-1)
	const longEnough = 800 // bytes: an author who writes apostrophes has written one by then
	if kept := p.Counts.Apostrophes; lost >= 2 && float64(kept)*2 < lost || lost >= 4 && float64(kept) < lost || kept == 0 && len(s) >= longEnough || p.cutExcerpt() || kept == 0 && p.lostAgain() {
		return "’"
	}
	return "'"
}

// lostAgain reports whether two words of a short text likely lost an apostrophe,
// nouns among them, which alone are too often plurals to be counted as lost marks.
func (p *Pass) lostAgain() bool {
	if p.again == 0 {
		p.again = 1 // what asks again from within gets no
		n := len(p.lost)
		for _, k := range p.At(EndsS) {
			const likely = 3.5 // nats: a confidence of .97
			if slices.Contains(p.lost, k) {
				continue
			}
			if q, ok := p.possessive(int(k), false); ok && q.Nats() >= likely {
				n++
			}
		}
		if n >= 2 {
			p.again = 2
		}
	}
	return p.again == 2
}

// cutExcerpt reports whether the text is what a feed gives of an article: a few
// words, cut off within a sentence. Feeds strip
// typographic marks and nothing else: of 143 in excerpts beside their articles none
// survived, and every straight one did.
func (p *Pass) cutExcerpt() bool {
	const longest = 320 // bytes: feeds cut at 200 to 260 characters
	s := strings.TrimRight(p.Doc.Text, " \t\r\n")
	if s == "" || len(s) > longest {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLower(first) || unicode.IsLetter(last) || unicode.IsDigit(last) || last == ','
}
