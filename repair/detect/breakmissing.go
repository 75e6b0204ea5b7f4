package detect

import (
	"strings"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var breakMissing = Detector{
	ID: "break/missing",
	Doc: "A full stop was lost between two sentences, the space kept: an everyday word has a capital that no name explains, and the words on both " +
		"sides are two sentences.",
	Round: Sentences,
	Cues:  MidUpper,
	Fix: []Example{{
		In:  "The senator did not mention the vote until the last minute of his speech She later said that she was sorry.",
		Out: "The senator did not mention the vote until the last minute of his speech. She later said that she was sorry.",
	}},
	Keep: []Example{
		{In: "He works for the State Department and reads The New York Times. We saw It and The Thing at the cinema."},
		{In: "They asked What is to be done, and He, said the priest, is risen."},
	},
	Run: func(p *Pass) {
		for _, i := range p.At(MidUpper) {
			p.missingBreak(int(i))
		}
	},
}

// everyday is the lexicon's count from which a word in lower case is an everyday
// one, as Info.Lower scales it.
const everyday = 8

// Weights of the evidence for a lost stop, beside lostWeights. On the kept-out
// documents as they are, 2.4 M words, 26 capitals are at 5 nats or above: behind
// 18 a stop or a line is truly lost, and titles of works make half of the others.
const (
	missingBias     = -3.0 // in a document of even odds that it went through a translator
	missingDocument = 0.5  // of those odds' nats
	missingExcerpt  = 0.2  // the least that a short text is held to: it shows no other damage
	missingTitle    = -3.5 // behind a word for works, which have titles: his role in the film The Last Man
	missingFlooding = 0.3  // share of a sentence's words: where so many have capitals it is a title
	minSentence     = 5    // tokens of a sentence that may have lost its stop
)

// titled holds words that the title of a work follows.
var titled = func() map[lm.Word]bool {
	m := map[lm.Word]bool{}
	for _, w := range strings.Fields("novel novels book books film films movie movies memoir memoirs series show shows programme program album albums song songs single track play plays musical drama comedy sitcom documentary poem essay column podcast magazine newspaper paper biography autobiography bestseller collection opera ballet painting sculpture game games anthem hit thriller fantasy sequel story stories tale hymn treatise report article headline soap masterpiece classic epic ep lp tv") {
		m[lm.Key(w)] = true
	}
	return m
}()

// mayHaveLost describes the seam before token i, a capital within a sentence; false
// where no stop can have stood there.
func (p *Pass) mayHaveLost(i int) (seam, bool) {
	toks := p.Doc.Tokens
	left := &toks[i-1]
	if i < 3 || i+2 >= len(toks) || left.Kind == text.Word && (p.Info[i-1].Flags&lm.Known == 0 || left.End-left.Start < 2) || p.Doc.Str(i) == "I" ||
		p.Doc.Text[left.End-1] == '.' || // written in C. It is hard
		left.Kind == text.Word && reportingVerbs()[lm.Key(p.Doc.Str(i-1))] || // Yogi Berra once said It's over
		left.Kind == text.Punct && toks[i-2].Kind != text.Word && toks[i-2].Kind != text.Number {
		return seam{}, false
	}
	k := p.sentenceOf(i)
	first, last := int(p.Doc.Sentences[k].First), int(p.Doc.Sentences[k].End)
	if i-first < minSentence || last-i < 3 || toks[i+1].Kind == text.Punct && p.Doc.Str(i+1) != "," {
		return seam{}, false
	}
	for k := i - 1; k >= i-minSentence; k-- {
		if toks[k].Kind == text.Punct && p.markIs(k, ".?!") {
			return seam{}, false // a label of a transcript: "about that. james cai It's like"
		}
	}
	return seam{first, i, i, last}, true
}

// missingBreak proposes a full stop before token i.
func (p *Pass) missingBreak(i int) {
	s, ok := p.mayHaveLost(i)
	if !ok {
		return
	}
	first, last := s.first, s.last
	toks := p.Doc.Tokens
	t, left := &toks[i], &toks[i-1]
	ceiling := edit.Review // authors and editors lose one stop in 100,000 words too
	if s := p.suspect(); s.damaged || p.Counts.Words < fewWords {
		ceiling = edit.Safe
	}
	if p.skips(ceiling) {
		return
	}
	upper, all := 0, 0
	for _, t := range toks[first:last] {
		if t.Kind == text.Word {
			all++
			if t.Shape&text.InitialUpper != 0 {
				upper++
			}
		}
	}
	if float64(upper) > missingFlooding*float64(all) && upper > 3 {
		return
	}
	f := p.facts(s)
	if f[factCapital] >= 8 { // a name, or I
		return
	}
	model, words := lostWeights.split(&f)
	hurt := p.hurt()
	document := missingDocument * hurt.odds
	if p.Counts.Words < fewWords {
		document = max(document, missingExcerpt)
	}
	title := 0.0
	if titled[lm.Key(p.Doc.Str(i-1))] {
		title = missingTitle
	}
	at := int(left.End)
	p.Propose(edit.Proposal{
		Span:  edit.Span{Start: int(left.Start), End: int(t.End)},
		Edits: []edit.Edit{{Span: edit.Span{Start: at, End: at}, New: "."}}, Origin: edit.Extraction, Ceiling: ceiling, Aside: ceiling < edit.Safe,
		Why: "two sentences without a full stop between them",
		Evidence: []edit.Evidence{
			{Name: "kind", Nats: missingBias, Note: "how often a capital within a sentence begins one"},
			{Name: "model", Nats: model, Note: "an end and a beginning against reading on"},
			{Name: "boundary", Nats: lostWeights[factBoundary]*f[factBoundary] + lostWeights[factAgree]*f[factAgree], Note: "the words on both sides are two sentences"},
			{Name: "words", Nats: words, Note: "whether the capital has another reason; kinds of the words, verbs and lengths of both sides"},
			{Name: "title", Nats: title, Note: "a word before it that titles follow: the film The Last Man"},
			{Name: "document", Nats: document, Note: hurt.note()},
		},
	})
}
