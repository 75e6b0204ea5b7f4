package detect

import (
	"fmt"
	"math"
	"strings"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

var duplicateWord = Detector{
	ID:    "duplicate/word",
	Doc:   "A word stands twice in a row. Authors do that too, once in 10,000 words: so it goes only where the text is short or shows other damage.",
	Round: Sentences,
	Cues:  Repeat,
	Fix: []Example{
		{In: "He went to the the market on Monday.", Out: "He went to the market on Monday."},
		{In: "The council said it would would not pay for it.", Out: "The council said it would not pay for it."},
	},
	Keep: []Example{
		{In: "Duran Duran had had a very very good break-in in May."},
		{In: "She said that that was what went on on the pitch."},
		{In: "Oh oh oh, how they cheered."},
		{In: "The new unit is meant to process process waste."},
		{In: "The will will be read on Friday."},
		{In: "We were so so happy to see you."},
		{In: "These are the rights that people have fought for for years."},
		{In: "They talked of it over and over over the past week."},
		{In: "The dot product of and and is the value of it."},
	},
	Run: func(p *Pass) {
		for _, i := range p.At(Repeat) {
			p.doubled(int(i))
		}
	},
}

// doubled proposes to take the second of two equal words away.
func (p *Pass) doubled(i int) {
	t, left := p.Doc.Tokens[i], p.Doc.Tokens[i-1]
	w := p.Doc.Str(i)
	info := p.Info[i]
	if t.Shape&(text.InitialUpper|text.AllUpper|text.HasDigit) == text.InitialUpper {
		p.doubledName(i)
		return
	}
	if t.Shape&(text.InitialUpper|text.HasDigit) != 0 || len(w) < 2 && w != "a" || i > 1 && left.Gap == text.GapNone || info.Flags&lm.Known == 0 {
		return
	}
	if i > 1 && strings.EqualFold(p.Doc.Str(i-2), w) || i+1 < len(p.Doc.Tokens) && strings.EqualFold(p.Doc.Str(i+1), w) {
		return // Blah blah blah
	}
	if n := i + 1; n < len(p.Doc.Tokens) && p.Doc.Tokens[n].Gap == text.GapNone && p.Doc.Text[p.Doc.Tokens[n].Start] == '-' {
		return // the the-loving crowd
	}
	ceiling := edit.Safe
	if info.Flags&lm.Function == 0 && info.LnProb < rareDouble {
		ceiling = edit.Review // hula hula, walla walla
	}
	st := p.before(i - 1)
	gain, small := p.reading(st, i, w)-p.reading(st, i, w, w), 0.0
	purpose := onPurpose(w)
	switch {
	case info.Flags&lm.Function == 0:
		gain = min(gain, 9) // the model hardly knows rarer words, nor who doubles them for effect
	case !emphatic(w):
		small = 1
	}
	if purpose == 0.5 && i > 1 {
		switch {
		case particleVerbs()[p.Keys[i-2]]:
			purpose = 1.6 // what went on on the pitch
		case p.Info[i-2].Flags&lm.Verb != 0:
			purpose = 0.9 // what he hauls in in a day
		}
	}
	if i > 3 && p.Doc.Str(i-3) == w && p.Info[i-2].Flags&lm.Function != 0 {
		purpose = 2 // over and over over the past week
	}
	if p.clauseEndsAt(i) || p.twoWords(i) {
		purpose = 2
	}
	elsewhere := 0.0
	if small > 0 && purpose < 2 {
		elsewhere = p.fitsElsewhere(i)
		if len(p.earlier)+p.clauseSigns() <= 1 {
			elsewhere *= elsewhereAlone
		}
	}
	p.Propose(edit.Proposal{
		Span:  edit.Span{Start: int(left.Start), End: int(t.End)},
		Edits: []edit.Edit{{Span: edit.Span{Start: int(left.End), End: int(t.End)}}}, Origin: edit.Unknown, Ceiling: ceiling,
		Why: fmt.Sprintf("%q stands twice", w),
		Evidence: append(p.authorsOwn(1),
			edit.Evidence{Name: "kind", Nats: doubleBias, Note: "how often a doubled word is a slip"},
			edit.Evidence{Name: "model", Nats: doubleModel * clip(gain, 12), Note: "once against twice"},
			edit.Evidence{Name: "small-word", Nats: doubleSmall * small, Note: "a small word that nobody doubles for effect"},
			edit.Evidence{Name: "elsewhere", Nats: -doubleElsewhere * clip(elsewhere, 9), Note: "whether one of the two was moved here from a place that misses it"},
			edit.Evidence{Name: "on-purpose", Nats: -doublePurpose * purpose, Note: "how often the word is doubled on purpose"}),
	})
}

// doubledName proposes to take the second of two equal capitalised words away,
// for a person: most are names ("Duran Duran", "Wagga Wagga"), or a caption's end
// and the next one's beginning. A word that stands alone elsewhere in the
// document, and doubled only here, is less likely one.
func (p *Pass) doubledName(i int) {
	t, left := p.Doc.Tokens[i], p.Doc.Tokens[i-1]
	w := p.Doc.Str(i)
	if p.skips(edit.Review) || p.Info[i].Flags&lm.Known == 0 || p.startsSentence(i-1) || p.startsSentence(i) || p.Vocab().Count(w) < 3 {
		return
	}
	for _, k := range p.At(Repeat) {
		if int(k) != i && p.Doc.Str(int(k)) == w {
			return
		}
	}
	st := p.before(i - 1)
	p.Propose(edit.Proposal{
		Span:  edit.Span{Start: int(left.Start), End: int(t.End)},
		Edits: []edit.Edit{{Span: edit.Span{Start: int(left.End), End: int(t.End)}}}, Origin: edit.Unknown, Ceiling: edit.Review, Aside: true,
		Why: fmt.Sprintf("%q stands twice", w),
		Evidence: append(p.authorsOwn(1),
			edit.Evidence{Name: "capital", Nats: nameBias, Note: "one doubled name in a dozen is a slip"},
			edit.Evidence{Name: "model", Nats: doubleModel * clip(p.reading(st, i, w)-p.reading(st, i, w, w), 12), Note: "once against twice"}),
	})
}

// nameBias is the prior of a doubled capitalised word: of 178 in 7.7 million
// words a dozen were slips.
const nameBias = -2.5

// Weights of the evidence for a doubled word. Those of the words are fitted on
// 14,000 documents kept out of the models. The document's follow from what is
// known of authors: 0.2 to 0.45 doubled words in 10,000 (BBC, CNN), so that one
// in a long text that shows nothing else is theirs.
const (
	doubleBias      = 0.9
	doubleModel     = 0.33
	doubleSmall     = 1.2
	doublePurpose   = 3.2
	doubleElsewhere = 0.6
	elsewhereAlone  = 0.5 // of that where the document shows no other trace of a round trip: words are hardly ever moved there
	doubleLength    = 0.8
	doubleGarbled   = 1.2
	doubleDamaged   = 0.4
	doubleWhole     = 0.85 // against a slip in a long text that shows nothing else: of the five more that .9 instead of .955 would take from 446,157 words of clean news all were the authors'
)

// rareDouble is the ln probability of a content word below which its doubling may
// be its name: a word of 3 in a million.
const rareDouble = -12.7

// clauseEndsAt reports whether a clause may end between the doubled words before
// and at token i: what it is is a mess, those who can can, turn it on on Monday.
func (p *Pass) clauseEndsAt(i int) bool {
	const reach = 12 // tokens that such a clause has at most
	first := int(p.Doc.Sentences[p.sentenceOf(i)].First)
	switch p.Doc.Str(i) {
	case "is", "was", "are", "were", "do", "does", "did", "can", "will", "would", "could", "has", "have", "had", "may", "must":
		for k := i - 2; k >= max(first, i-reach); k-- {
			switch strings.ToLower(p.Doc.Str(k)) {
			case "what", "who", "all", "where", "how", "whoever", "whatever", "problem", "thing", "point", "fact", "question", "truth", "reality", "those", "that", "which":
				return true
			}
		}
	case "in", "on", "up", "out", "over", "down", "by", "off", "through", "around", "about", "to":
		if i < 2 {
			return false
		}
		switch p.Doc.Str(i - 2) {
		case "it", "them", "him", "her", "us", "me", "that", "this", "was", "is", "were", "are", "be", "been":
			return true
		}
	case "for":
		if i+1 < len(p.Doc.Tokens) && i > 1 && p.Info[i-2].Flags&lm.Verb != 0 {
			switch p.Doc.Str(i + 1) { // what people have fought for for years
			case "years", "months", "weeks", "days", "hours", "decades", "centuries", "generations", "ages", "so", "over", "more", "nearly", "almost", "many":
				return true
			}
		}
	case "and", "or":
		return i > 1 && (preposition(p.Doc.Str(i-2)) || p.Doc.Str(i-2) == p.Doc.Str(i)) // "the dot product of and and", whose formulas were lost
	}
	return false
}

// twoWords reports whether the doubled words before and at token i are two words
// that are written alike: a verb and its object behind "to" or an auxiliary (to
// address address changes), a noun and the auxiliary behind it (the will will be read).
func (p *Pass) twoWords(i int) bool {
	if i < 2 {
		return false
	}
	before := strings.ToLower(p.Doc.Str(i - 2))
	switch p.Doc.Str(i) {
	case "can", "will", "may", "might", "must":
		return determiner(before) || before == "this" || before == "that" || p.Info[i-2].Flags&(lm.Adj|lm.Function) == lm.Adj
	}
	const parts = lm.Noun | lm.Verb | lm.Adj
	may := func(k int, part lm.Flags) bool { // of some words the lists tell no part of speech
		f := p.Info[k].Flags
		return f&lm.Function == 0 && f&lm.Known != 0 && (f&parts == 0 || f&part == part)
	}
	if i+1 >= len(p.Doc.Tokens) || p.Doc.Tokens[i+1].Kind != text.Word || !may(i, lm.Noun|lm.Verb) || !may(i+1, lm.Noun) {
		return false
	}
	switch before {
	case "to", "can", "could", "will", "would", "should", "must", "may", "might", "not", "n't":
		const noun = -0.5 // nats by which "the" must at least go before it: to join join members is a slip
		w := p.Keys[i]
		ln, _ := p.LM.Score(p.LM.Free().Next(lm.Key("the")), w)
		return ln-float64(p.Info[i].LnProb) > noun && p.Doc.Str(i+1) != "back"
	}
	return false
}

// fitsElsewhere is by how many nats the sentence would read better, at its best
// place, with the word of token i put in once more: a moved word may have come to
// stand beside its like, "looking forward inviting candidates to to come".
func (p *Pass) fitsElsewhere(i int) float64 {
	const reach = 12 // tokens on each side
	s := p.Doc.Sentences[p.sentenceOf(i)]
	w := p.Doc.Str(i)
	best := 0.0
	for k := max(int(s.First)+1, i-reach); k < min(int(s.End), i+reach); k++ {
		if k >= i-1 && k <= i+1 || p.Doc.Tokens[k].Gap != text.GapSpace {
			continue
		}
		st := p.before(k)
		best = max(best, p.reading(st, k-1, w)-p.after(st, k-1))
	}
	return best
}

// particleVerbs are the verbs that a particle may end what is said of: "what went on on
// the pitch", "left in in the replay".
var particleVerbs = wordList(rules.ParticleVerbs)

// onPurpose tells how readily authors double a word: 1 for those that grammar or
// emphasis doubles.
func onPurpose(w string) float64 {
	switch w {
	case "had", "that", "very", "so", "no", "ha", "bye", "blah", "many", "really", "far", "long", "never", "much", "more", "again", "now", "yes", "oh", "hey", "la", "na", "hear", "there", "too", "big", "old", "well", "please", "wait", "tick", "knock", "go", "run", "years", "miles", "thing", "etc", "duh", "mu", "cha", "boda":
		return 1
	case "is", "in", "on", "it", "do", "her", "you", "up", "out", "over", "down", "off", "what":
		return 0.5
	}
	return 0
}

// emphatic reports whether a small word is doubled for effect: so so happy.
func emphatic(w string) bool {
	switch w {
	case "so", "very", "many", "really", "far", "much", "more", "never", "now", "too", "well", "no", "yes", "again":
		return true
	}
	return false
}

// authorsOwn weighs whether a slip is the author's own or damage: the author's
// come with the length of the text, damage comes in numbers. Own is how many of
// the signs of damage are the slip itself.
func (p *Pass) authorsOwn(own int) []edit.Evidence {
	others := max(0, len(p.earlier)+p.clauseSigns()-own)
	any := 0.0
	for _, q := range p.Profile().P {
		any = max(any, q)
	}
	length := -doubleLength * math.Log(float64(p.Counts.Words+20)/60)
	if p.Counts.Words >= fewWords && others == 0 && any < 0.3 {
		length -= doubleWhole
	}
	return []edit.Evidence{
		{Name: "length", Nats: length, Note: "authors slip about once in 10,000 words"},
		{Name: "garbled", Nats: doubleGarbled * min(float64(others), 3), Note: fmt.Sprintf("%d other stray stops and doubled words", others)},
		{Name: "damaged", Nats: doubleDamaged * clip(math.Log((any+0.001)/(1-any+0.001)), 3), Note: "whether some process damaged the document"},
	}
}

var duplicateLetter = Detector{
	ID: "duplicate/letter",
	Doc: "A word's first letter stands twice, small and capital: \"She bBrought it up\". Both sides of a tracked change were kept. The case that " +
		"the place wants stays.",
	Round: Words,
	Cues:  Unknown,
	Fix:   []Example{{In: "She bBrought it up on Monday. tThere was nothing else to say.", Out: "She brought it up on Monday. There was nothing else to say."}},
	Keep:  []Example{{In: "The eEconomy label aAaron and the iIPhone are brands; pPub and mMRNA are none."}},
	Run: func(p *Pass) {
		for _, k := range p.At(Unknown) {
			i := int(k)
			t := &p.Doc.Tokens[i]
			if t.Shape&(text.InitialUpper|text.InnerUpper|text.HasDigit|text.HasDot|text.HasApostrophe|text.NonASCII) != text.InnerUpper || t.Gap == text.GapNone {
				continue
			}
			w := p.Doc.Str(i)
			if len(w) < 5 || w[0]^w[1] != 0x20 || w[2:] != strings.ToLower(w[2:]) {
				continue
			}
			lower := w[:1] + w[2:]
			info := p.Lex.Lookup(lower)
			if info.Flags&lm.Known == 0 || info.Lower < everyday || p.Vocab().Count(w) > 1 {
				continue
			}
			ceiling := edit.Safe
			if w[0] == 'e' || w[0] == 'i' {
				ceiling = edit.Review // what is sold in the e-economy
			}
			cut := edit.Span{Start: int(t.Start) + 1, End: int(t.Start) + 2}
			if p.startsSentence(i) {
				cut = edit.Span{Start: int(t.Start), End: int(t.Start) + 1}
			}
			p.Propose(edit.Proposal{
				Span: t.Span(), Edits: []edit.Edit{{Span: cut}}, Origin: edit.Extraction, Ceiling: ceiling,
				Why:      fmt.Sprintf("%q holds both sides of a tracked change", w),
				Evidence: []edit.Evidence{{Name: "shape", Nats: 4.5, Note: "a known word behind its first letter; no brand is written so"}},
			})
		}
	},
}

// maxPhrase is how many words a doubled phrase has at most.
const maxPhrase = 12

var duplicatePhrase = Detector{
	ID:    "duplicate/phrase",
	Doc:   "A phrase or a sentence stands twice in a row, word for word.",
	Round: Sentences,
	Cues:  Always,
	Fix:   nil,
	Keep:  []Example{{In: "It went on day after day after day, step by step by step, more and more and more."}},
	Run: func(p *Pass) {
		toks := p.Doc.Tokens
		var last [512]int32 // one past the last token that with the one before has these low bits of their keys
		before := lm.Word(0)
		for i, key := range p.Keys {
			seen := &last[(before*3+key)%512]
			near := int(*seen) + maxPhrase
			before = key
			if *seen = int32(i) + 1; near <= i || i < 4 || toks[i].Kind != text.Word {
				continue
			}
			for n := 2; n <= maxPhrase && 2*n <= i+1; n++ {
				if p.Keys[i-n] != key || p.Doc.Str(i) != p.Doc.Str(i-n) {
					continue
				}
				if p.same(i-2*n+1, i-n+1, n) {
					p.doublePhrase(i-2*n+1, n)
					break
				}
			}
		}
	},
}

// same reports whether n tokens from a on equal those from b on, with single
// spaces between, and are not one word over and over.
func (p *Pass) same(a, b, n int) bool {
	for k := range n {
		x, y := p.Doc.Tokens[a+k], p.Doc.Tokens[b+k]
		hyphen := k > 0 && x.Gap == text.GapNone && y.Gap == text.GapNone && (p.Doc.Str(a+k) == "-" || p.Doc.Str(a+k-1) == "-")
		if x.Kind != text.Word && k != n-1 && !hyphen || !hyphen && (y.Gap != text.GapSpace || k > 0 && x.Gap != text.GapSpace) || x.End-x.Start != y.End-y.Start || p.Doc.Str(a+k) != p.Doc.Str(b+k) {
			return false
		}
	}
	return !strings.EqualFold(p.Doc.Str(a), p.Doc.Str(a+1))
}

// doublePhrase proposes to take the second of two equal phrases of n tokens away.
func (p *Pass) doublePhrase(a, n int) {
	toks := p.Doc.Tokens
	first, second := toks[a], toks[a+n]
	last := toks[a+2*n-1]
	if a > 0 && p.Doc.Str(a-1) == p.Doc.Str(a+n-1) {
		return // step by step by step: the repetition goes on
	}
	nats := -2.5 + 1.2*float64(min(n, 6)-2)
	p.Propose(edit.Proposal{
		Span:  edit.Span{Start: int(first.Start), End: int(last.End)},
		Edits: []edit.Edit{{Span: edit.Span{Start: int(toks[a+n-1].End), End: int(last.End)}}}, Origin: edit.Unknown, Ceiling: edit.Review,
		Why:      fmt.Sprintf("%q stands twice", p.Doc.Text[second.Start:last.End]),
		Evidence: append([]edit.Evidence{{Name: "words", Nats: nats, Note: fmt.Sprintf("%d words stand twice in a row", n)}}, p.authorsOwn(0)...),
	})
}
