package detect

import (
	"math"

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

// Weights of the evidence for a lost stop. Of 2,641 proposals at 0.9 and above on
// kept-out documents, damaged on purpose, the gold wants 97 in 100; nine in ten of
// the others are stops that the source had lost, or a heading that runs into its
// text.
const (
	missingBias     = -4.0
	missingModel    = 0.5
	missingBoundary = 0.8
	missingCapital  = 0.8
	missingTitle    = 1.5
	missingDocument = 0.3
	missingFlooding = 0.3 // share of a sentence's words: where so many have capitals it is a title
	minSentence     = 5   // tokens of a sentence that may have lost its stop
)

// missingBreak proposes a full stop before token i.
func (p *Pass) missingBreak(i int) {
	toks := p.Doc.Tokens
	t, left := &toks[i], &toks[i-1]
	if i < 3 || i+2 >= len(toks) || left.Kind == text.Word && (p.Info[i-1].Flags&lm.Known == 0 || left.End-left.Start < 2) || p.Doc.Str(i) == "I" ||
		left.Kind == text.Word && reportingVerbs()[lm.Key(p.Doc.Str(i-1))] || // Yogi Berra once said It's over
		left.Kind == text.Punct && toks[i-2].Kind != text.Word && toks[i-2].Kind != text.Number {
		return
	}
	k := p.sentenceOf(i)
	first, last := int(p.Doc.Sentences[k].First), int(p.Doc.Sentences[k].End)
	if i-first < minSentence || last-i < 3 || toks[i+1].Kind == text.Punct && p.Doc.Str(i+1) != "," {
		return
	}
	for k := i - 1; k >= i-minSentence; k-- {
		if toks[k].Kind == text.Punct && p.markIs(k, ".?!") {
			return // a label of a transcript: "about that. james cai It's like"
		}
	}
	ceiling := edit.Review // authors and editors lose one stop in 100,000 words too
	if s := p.suspect(); s.damaged || p.Counts.Words < fewWords {
		ceiling = edit.Safe
	}
	if p.skips(ceiling) {
		return
	}
	upper, words := 0, 0
	for _, t := range toks[first:last] {
		if t.Kind == text.Word {
			words++
			if t.Shape&text.InitialUpper != 0 {
				upper++
			}
		}
	}
	if float64(upper) > missingFlooding*float64(words) && upper > 3 {
		return
	}
	boundary := p.boundary(first, i, i, last)
	if boundary < -1 {
		return
	}
	st := p.before(i)
	ln, next := p.LM.Score(st, lm.Key("."))
	ends := ln
	ln, _ = p.LM.Score(next, lm.End)
	ends += ln
	word := p.Doc.Str(i)
	ln, _, next = p.LM.ScoreToken(p.LM.Begin(), word)
	begins := ln + p.after(next, i)
	ln, _, next = p.LM.ScoreToken(st, word)
	flows := ln + p.after(next, i)
	capital := p.arranger().capitalOdds(i, i-1, i+1)
	if math.IsInf(capital, 0) {
		return
	}
	title := 0.0
	if toks[i+1].Kind == text.Word && toks[i+1].Shape&text.InitialUpper != 0 {
		title = 1
	}
	hurt := p.hurt()
	at := int(left.End)
	p.Propose(edit.Proposal{
		Span:  edit.Span{Start: int(left.Start), End: int(t.End)},
		Edits: []edit.Edit{{Span: edit.Span{Start: at, End: at}, New: "."}}, Origin: edit.Extraction, Ceiling: ceiling, Aside: ceiling < edit.Safe,
		Why: "two sentences without a full stop between them",
		Evidence: []edit.Evidence{
			{Name: "kind", Nats: missingBias, Note: "how often a capital within a sentence begins one"},
			{Name: "model", Nats: missingModel * clip(begins+ends-flows, 12), Note: "an end and a beginning against reading on"},
			{Name: "boundary", Nats: missingBoundary * clip(boundary, 8), Note: "the words on both sides are two sentences"},
			{Name: "capital", Nats: -missingCapital * clip(capital, 8), Note: "whether the word has its capital for another reason"},
			{Name: "title", Nats: -missingTitle * title, Note: "the next word has a capital too: his role in the film The Last Man"},
			{Name: "document", Nats: missingDocument * hurt.odds, Note: hurt.note()},
		},
	})
}
