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

var garbledHere = Detector{
	ID: "order/garbled",
	Doc: "Words stand side by side that no sentence puts there, and no repair is likely: something was lost, moved or put in other words. " +
		"Only in documents that look translated there and back, and only as a hint.",
	Round: Sentences,
	Cues:  Always,
	Keep: []Example{
		{In: "The president of the board met the members in the afternoon. They said nothing about the money."},
	},
	Run: (*Pass).garbledPlaces,
}

var clauseForNoun = Detector{
	ID: "order/clause-for-noun",
	Doc: "A clause stands where a noun belongs: \"issues from China supports Russia to\" for \"from China's support for Russia to\", as a translator " +
		"leaves it who does not know that the clause is the end of a link. Only in documents that look translated there and back.",
	Round: Sentences,
	Cues:  Always,
	Keep: []Example{
		{In: "The deal that Poland wants Russia to sign is near. On Monday China supports Russia again, as it said it would."},
	},
	Run: (*Pass).clausesForNouns,
}

// What a hint needs, in nats: so badly must the words on both sides of a gap fit.
// Of 539 documents kept out of the models and 97 labelled ones, damaged as a
// translator does, two in three of the hints are right. Where the word behind the gap
// is no small one, one in eight is, however bad the fit: clauses follow a noun without
// "that" ("actions Washington has taken").
const (
	garbledNet      = 1.0  // of the nats of the net of junctions
	garbledTie      = 0.5  // of those by which two words are likelier behind those before them
	garbledBoundary = -0.3 // of the odds that a sentence ends there
	garbledArticles = 0.7  // before an article behind a determiner: 45 of 52 were right
	garbledSmall    = 1.2  // before an article behind another small word: 31 of 47
	garbledAny      = 2.0  // before a preposition behind any other word: 9 of 17; before "his" or "its" behind a name
	garbledBias     = -0.9
	nounBias        = -2.5
	garbledOdds     = 0.0 // nats of the odds of a round trip from which hints are given
)

// fits says how well the words on both sides of a gap fit, in nats: by the net of
// junctions, and by how much likelier the next two words are behind those before them.
func (p *Pass) fits(a *arranger, first, i, end int) (net, tie float64) {
	n := shippedJunctions()
	var w window
	for k := range netSides {
		switch j := i - netSides/2 + k; {
		case j < first:
			w.ids[k] = 0
		case j >= end:
			w.ids[k] = 1
		default:
			w.ids[k] = n.identity(a, j)
		}
	}
	net = float64(n.score(&w)) * n.step
	st := lm.State{W1: a.key(i - 1)}
	if i-2 >= first {
		st.W2 = a.key(i - 2)
	}
	ln, st := a.next(st, i)
	tie = ln - a.alone(i)
	if i+1 < end {
		ln, _ = a.next(st, i+1)
		tie += ln - a.alone(i+1)
	}
	return net, tie
}

func (p *Pass) garbledPlaces() {
	if p.skips(edit.Hint) || !p.suspect().damaged || p.hurt().odds < garbledOdds {
		return
	}
	a := p.arranger()
	taken := make([]edit.Span, 0, len(p.proposals))
	for _, q := range p.proposals {
		if f := edit.Family(q.Rule); f == "order" || f == "break" {
			taken = append(taken, q.Span)
		}
	}
	for _, b := range p.Doc.Blocks {
		if b.Kind != text.Paragraph {
			continue
		}
		for _, s := range p.Doc.Sentences[b.First:b.Next] {
			p.garbledIn(a, int(s.First), int(s.End), taken)
		}
	}
}

// garbledNeeds is how badly the words must fit on both sides of the gap before token
// i, in nats; infinite where a hint would seldom be right.
func (p *Pass) garbledNeeds(i int) float64 {
	d := p.Doc
	small := func(k int) bool { return p.Info[k].Flags&lm.Function != 0 }
	switch w := d.Str(i); {
	case !small(i):
	case small(i-1) && articleLike(w):
		if articleLike(d.Str(i-1)) || possessive(d.Str(i-1)) {
			return garbledArticles
		}
		if l := d.Str(i - 1); preposition(l) || finiteSmall(l) {
			return garbledSmall
		}
	case !small(i-1) && (preposition(w) && d.Tokens[i-1].Shape&text.InitialUpper == 0 || possessive(w) && d.Tokens[i-1].Shape&text.InitialUpper != 0):
		return garbledAny
	}
	return math.Inf(1)
}

// garbledIn hints at the worst place of a sentence, if it is bad enough.
func (p *Pass) garbledIn(a *arranger, first, end int, taken []edit.Span) {
	d := p.Doc
	worst, at := 0.0, -1
	for i := first + 1; i < end; i++ {
		t := d.Tokens[i]
		if t.Kind != text.Word || t.Gap != text.GapSpace || d.Tokens[i-1].Kind == text.Punct || p.Info[i].LnProb == 0 || p.Info[i-1].LnProb == 0 {
			continue
		}
		needs := p.garbledNeeds(i)
		if math.IsInf(needs, 1) {
			continue
		}
		net, tie := p.fits(a, first, i, end)
		bad := -garbledNet*net - garbledTie*tie - needs
		if possessive(d.Str(i)) && bad > -garbledAny {
			bad -= garbledBoundary * p.boundary(first, i, i, end)
		}
		if bad > worst {
			worst, at = bad, i
		}
	}
	if at < 0 {
		return
	}
	const around = 2 // words on each side that a person should look at
	span := edit.Span{Start: int(d.Tokens[max(first, at-around)].Start), End: int(d.Tokens[min(end, at+around)-1].End)}
	if slices.ContainsFunc(taken, func(o edit.Span) bool { return o.Overlaps(span) }) {
		return
	}
	net, tie := p.fits(a, first, at, end)
	p.Propose(edit.Proposal{
		Span: span, Origin: edit.Extraction, Ceiling: edit.Hint, Aside: true, Why: "garbled here: words are missing, moved or changed",
		Evidence: []edit.Evidence{
			{Name: "junction", Nats: -garbledNet * net, Note: "how badly the words on both sides go together"},
			{Name: "model", Nats: -garbledTie * tie, Note: fmt.Sprintf("the next words are likelier by %.1f nats behind others", -tie)},
			{Name: "bias", Nats: garbledBias, Note: "how rarely a place is garbled: of such hints two in three were right on documents damaged on purpose"},
		},
	})
}

// articleLike reports whether a word opens a noun phrase and stands for no noun.
func articleLike(w string) bool {
	switch w {
	case "the", "a", "an", "every":
		return true
	}
	return false
}

// possessive reports whether a word stands for a name in the genitive.
func possessive(w string) bool {
	switch w {
	case "his", "her", "its", "their", "my", "your", "our":
		return true
	}
	return false
}

// finiteSmall reports whether a small word is a form of be, have or do, or a modal.
func finiteSmall(w string) bool {
	switch w {
	case "is", "are", "was", "were", "be", "been", "being", "has", "have", "had", "will", "would", "can", "could", "may", "might", "must", "should", "do", "does", "did":
		return true
	}
	return false
}

func (p *Pass) clausesForNouns() {
	if p.skips(edit.Review) || !p.suspect().damaged {
		return
	}
	d := p.Doc
	a := p.arranger()
	name := func(i int) bool {
		t := d.Tokens[i]
		return t.Kind == text.Word && t.Gap == text.GapSpace && t.Shape&text.InitialUpper != 0 && p.Info[i].Title+p.Info[i].Upper >= 12
	}
	for _, s := range d.Sentences {
		for i := int(s.First) + 2; i+1 < int(s.End); i++ {
			w := d.Str(i)
			if d.Tokens[i].Kind != text.Word || d.Tokens[i].Gap != text.GapSpace || d.Tokens[i].Shape&text.InitialUpper != 0 || !strings.HasSuffix(w, "s") || len(w) < 4 ||
				p.Info[i].Flags&lm.Verb == 0 || !name(i-1) || !name(i+1) {
				continue
			}
			k := i - 1
			for k > int(s.First) && name(k-1) {
				k--
			}
			if k > int(s.First) && preposition(d.Str(k-1)) {
				p.clauseForNoun(a, k-1, i)
			}
		}
	}
}

// clauseForNoun proposes a noun for verb i behind the name that follows
// preposition k.
func (p *Pass) clauseForNoun(a *arranger, k, i int) {
	d := p.Doc
	stem := strings.TrimSuffix(d.Str(i), "s")
	if p.Lex.Lookup(stem).Flags&lm.Noun == 0 {
		return
	}
	words := func(lo, hi int) (keys []lm.Word) {
		for j := lo; j < min(hi, len(d.Tokens)); j++ {
			keys = append(keys, a.key(j))
		}
		return keys
	}
	was := a.ln(words(k-1, i+4))
	best, link := math.Inf(-1), ""
	for _, by := range [...]string{"for", "of", "to", "with", "against", "on"} {
		keys := append(words(k-1, i), lm.Key("'s"), lm.Key(stem), lm.Key(by))
		if ln := a.ln(append(keys, words(i+1, i+4)...)); ln > best {
			best, link = ln, by
		}
	}
	p.Propose(edit.Proposal{
		Span:   edit.Span{Start: int(d.Tokens[k+1].Start), End: int(d.Tokens[i].End)},
		Edits:  []edit.Edit{{Span: edit.Span{Start: int(d.Tokens[i-1].End), End: int(d.Tokens[i].End)}, New: "'s " + stem + " " + link}},
		Origin: edit.Extraction, Ceiling: edit.Review, Aside: true, Why: "a clause stands where a noun belongs",
		Evidence: []edit.Evidence{
			{Name: "model", Nats: clip(0.5*(best-was), 6), Note: fmt.Sprintf("by %.0f nats likelier in the language model", best-was)},
			{Name: "bias", Nats: nounBias, Note: "how rarely such a clause stands for a noun"},
		},
	})
}

var smallWord = Detector{
	ID: "order/small-word",
	Doc: "A small word that reads better as another one that translators take it for: \"which she says\" for \"which it says\", \"in one interview\" " +
		"for \"in an interview\". Only in documents that look translated there and back, and never without a person.",
	Round: Sentences,
	Cues:  Always,
	Keep: []Example{
		{In: "The president of the board met the members in the afternoon. They said nothing about the money."},
	},
	Run: (*Pass).smallWords,
}

// Costs of a small word, in nats of evidence.
const (
	smallWordModel = 0.6
	smallWordBias  = -5.0 // in a document that was translated a small word in fifty is another
	strayGender    = 3.8  // for "she" or "her" in a document that speaks of men alone otherwise
	smallWordFloor = -1.4 // evidence that is not worth showing: below conf 0.2 stand nine in ten of them, and hardly any is right
)

func (p *Pass) smallWords() {
	if p.skips(edit.Review) || !p.suspect().damaged {
		return
	}
	d := p.Doc
	a := p.arranger()
	stray := p.menAlone()
	words := func(lo, hi int) (keys []lm.Word) {
		for j := lo; j < min(hi, len(d.Tokens)); j++ {
			keys = append(keys, a.key(j))
		}
		return keys
	}
	for _, s := range d.Sentences {
		for i := int(s.First); i+2 < int(s.End); i++ {
			t := d.Tokens[i]
			if t.Kind != text.Word || d.Tokens[i+1].Gap != text.GapSpace {
				continue
			}
			w := d.Str(i)
			lower := w
			if i == int(s.First) {
				lower = lowered(w)
			}
			originals := translated()[lower]
			if originals == nil {
				continue
			}
			lo := max(i-2, int(s.First))
			score := func(w string) float64 {
				st := p.LM.Begin()
				if lo > int(s.First) {
					st = p.LM.Free()
				}
				var sum float64
				for _, k := range append(append(words(lo, i), lm.Key(w)), words(i+1, min(i+4, int(s.End)))...) {
					var ln float64
					ln, st = p.LM.Score(st, k)
					sum += ln
				}
				return sum
			}
			was := score(lower)
			best, gain := "", 0.0
			for _, o := range originals {
				if g := score(o) - was; best == "" || g > gain {
					best, gain = o, g
				}
			}
			nats, gender := clip(smallWordModel*gain, 5)+smallWordBias, 0.0
			if stray && (lower == "she" || lower == "her") {
				gender = min(strayGender, max(0, -nats)) // a guess at best, however well it reads
			}
			if nats+gender < smallWordFloor {
				continue
			}
			if lower != w {
				best = upperFirst(best)
			}
			q := edit.Proposal{
				Span: t.Span(), Edits: []edit.Edit{{Span: t.Span(), New: best}}, Origin: edit.Extraction, Ceiling: edit.Review, Aside: true,
				Why: "a translator takes one small word for another",
				Evidence: []edit.Evidence{
					{Name: "model", Nats: nats - smallWordBias, Note: fmt.Sprintf("by %.1f nats likelier in the language model", gain)},
					{Name: "bias", Nats: smallWordBias, Note: "how rarely a small word is another"},
				},
			}
			if gender > 0 {
				q.Evidence = append(q.Evidence, edit.Evidence{Name: "gender", Nats: gender, Note: "the document speaks of men alone otherwise"})
			}
			p.Propose(q)
		}
	}
}

// menAlone reports whether so many words stand for men in the document, and so few
// for women, that a translator may have put these: languages with a feminine gender
// make "she" of a ministry.
func (p *Pass) menAlone() bool {
	const (
		men   = 5 // at least
		women = 2 // at most
	)
	he, she := 0, 0
	for i := range p.Doc.Tokens {
		t := &p.Doc.Tokens[i]
		if t.Kind != text.Word || t.End-t.Start > 11 {
			continue
		}
		switch strings.ToLower(p.Doc.Str(i)) {
		case "he", "his", "him", "himself":
			he++
		case "she", "her":
			she++
		case "herself", "hers", "woman", "women", "ms", "mrs", "miss", "lady", "mother", "wife", "daughter", "sister", "girl", "aunt", "queen", "actress", "spokeswoman", "chairwoman", "congresswoman":
			return false
		}
	}
	return he >= men && she > 0 && she <= women
}

// upperFirst is the word with its first letter in upper case.
func upperFirst(word string) string {
	r, n := utf8.DecodeRuneInString(word)
	return string(unicode.ToUpper(r)) + word[n:]
}
