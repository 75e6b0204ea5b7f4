package detect

import (
	"fmt"
	"strings"

	"copydesk/repair/edit"
	"copydesk/repair/text"
)

var spacingLooseQuote = Detector{
	ID: "spacing/loose-quote",
	Doc: "A quotation mark stands apart from the words that it encloses. Which way a straight mark faces follows from how many " +
		"stand before it in the block; one alone may be the publisher's slip, a converter leaves many.",
	Round: Words,
	Cues:  Always,
	Fix: []Example{
		{In: "He said, \" Protecting the people \" was the aim, and \" order \" the means.", Out: "He said, \"Protecting the people\" was the aim, and \"order\" the means."},
		{In: "He said “ Protecting the people ” was the aim and “ order ” the means.", Out: "He said “Protecting the people” was the aim and “order” the means."},
	},
	Keep: []Example{
		{In: "The screen is 5\" wide and the frame 6\" wide."},
		{In: "\"He told us, 'Never again.' \" She nodded, and \"so it was\" in the end."},
		{In: "\"One paragraph of a long quotation has no closing mark."},
		{In: "\"We lost the vote. \"We will win the next,\" he said. \"And the one after it,\" said another. \"For that we are here."},
	},
	Run: runLooseQuote,
}

// straightQuotes lists the tokens of a block that are straight double quotation
// marks, or nothing when they do not pair.
func (p *Pass) straightQuotes(b text.Block) []int {
	s := p.Doc.Text[b.Start:b.End]
	if n := strings.Count(s, `"`); n == 0 || n%2 != 0 {
		return nil
	}
	var out []int
	for i := int(p.Doc.Sentences[b.First].First); i < int(p.Doc.Sentences[b.Next-1].End); i++ {
		if t := p.Doc.Tokens[i]; t.End-t.Start == 1 && p.Doc.Text[t.Start] == '"' {
			out = append(out, i)
		}
	}
	if len(out)%2 != 0 {
		return nil
	}
	return out
}

// looseGap is a space on the wrong side of a quotation mark.
type looseGap struct{ span, gap edit.Span }

func runLooseQuote(p *Pass) {
	var found []looseGap
	toks := p.Doc.Tokens
	opening := func(i int) {
		if i+1 < len(toks) && toks[i+1].Gap == text.GapSpace && toks[i+1].Kind != text.Punct && (i == 0 || toks[i].Gap != text.GapNone || toks[i-1].Kind == text.Punct) {
			found = append(found, looseGap{edit.Span{Start: int(toks[i].Start), End: int(toks[i+1].End)}, edit.Span{Start: int(toks[i].End), End: int(toks[i+1].Start)}})
		}
	}
	closing := func(i int) {
		if i > 0 && toks[i].Gap == text.GapSpace && (i+1 == len(toks) || toks[i+1].Gap != text.GapNone || toks[i+1].Kind == text.Punct) &&
			!strings.ContainsAny(p.Doc.Str(i-1), `'’"`) {
			found = append(found, looseGap{edit.Span{Start: int(toks[i-1].Start), End: int(toks[i].End)}, edit.Span{Start: int(toks[i-1].End), End: int(toks[i].Start)}})
		}
	}
	if strings.Contains(p.Doc.Text, ` "`) {
		for _, b := range p.Doc.Blocks {
			quotes := p.straightQuotes(b)
			if p.facesOtherwise(quotes) {
				continue
			}
			for n, i := range quotes {
				if n%2 == 0 {
					opening(i)
				} else {
					closing(i)
				}
			}
		}
	}
	if strings.Contains(p.Doc.Text, "“ ") || strings.Contains(p.Doc.Text, " ”") {
		for i := range toks {
			switch p.Doc.Str(i) {
			case "“":
				opening(i)
			case "”":
				closing(i)
			}
		}
	}
	for _, f := range found {
		p.Propose(edit.Proposal{
			Span: f.span, Edits: []edit.Edit{{Span: f.gap}}, Origin: edit.Extraction, Ceiling: edit.Safe,
			Why: "a space between a quotation mark and what it encloses",
			Evidence: []edit.Evidence{{
				Name: "loose-quotes", Nats: 2.2 + min(3, 0.8*float64(len(found)-1)), Note: fmt.Sprintf("%d such spaces in the document", len(found)),
			}},
		})
	}
}

// facesOtherwise reports whether a straight mark of a block plainly faces another way
// than its number says: one that should open stands between a comma or stop and a
// space, or one that should close between a space and a word. So it is where
// paragraphs are joined of which one does not close its quotation.
func (p *Pass) facesOtherwise(quotes []int) bool {
	toks := p.Doc.Tokens
	for n, i := range quotes {
		if i == 0 || i+1 == len(toks) {
			continue
		}
		before, after := toks[i].Gap, toks[i+1].Gap
		if n%2 == 0 && before == text.GapNone && after != text.GapNone && p.markIs(i-1, ",.?!") ||
			n%2 == 1 && before == text.GapSpace && after == text.GapNone && toks[i+1].Kind == text.Word {
			return true
		}
	}
	return false
}

var spacingPaddedBreak = Detector{
	ID:    "spacing/padded-break",
	Doc:   "Paragraphs stand apart by lines of blanks and an indentation: what a template's markup left behind.",
	Round: Words,
	Cues:  Always,
	Fix:   []Example{{In: "She was shot by the Taliban.\n     \n            The laureate flew to Pakistan.", Out: "She was shot by the Taliban.\n\nThe laureate flew to Pakistan."}},
	Keep:  []Example{{In: "A list:\n\n    one\n\n    two\n\nThe end.\n \nAnd on."}},
	Run: func(p *Pass) {
		for k := 1; k < len(p.Doc.Blocks); k++ {
			a, b := p.Doc.Blocks[k-1], p.Doc.Blocks[k]
			gap := p.Doc.Text[a.End:b.Start]
			if len(gap) < minPad+2 || a.Kind == text.Code || b.Kind == text.Code {
				continue
			}
			first := strings.IndexByte(gap, '\n')
			last := strings.LastIndexByte(gap, '\n')
			if first == last || len(gap)-1-last < minPad || strings.Trim(gap, " \t\r\n") != "" || last-first < 3 {
				continue
			}
			span := edit.Span{Start: a.End, End: b.Start}
			p.Propose(edit.Proposal{
				Span: span, Edits: []edit.Edit{{Span: span, New: "\n\n"}}, Origin: edit.Extraction, Ceiling: edit.Safe,
				Why:      "blanks between two paragraphs",
				Evidence: []edit.Evidence{{Name: "shape", Nats: 5, Note: "a line of blanks, then an indentation"}},
			})
		}
	},
}

// minPad is the indentation from which it is a template's: authors indent by
// two to five blanks, or a tab.
const minPad = 8

var duplicateComma = Detector{
	ID:    "duplicate/comma",
	Doc:   "Two commas stand where one belongs.",
	Round: Words,
	Cues:  Always,
	Fix:   []Example{{In: "The hostess Khairunisa Fauzi,, who was in uniform, was one of them.", Out: "The hostess Khairunisa Fauzi, who was in uniform, was one of them."}},
	Keep:  []Example{{In: "He typed a,,b,,,c into the field,,, and left."}},
	Run: func(p *Pass) {
		toks := p.Doc.Tokens
		if !strings.Contains(p.Doc.Text, ",,") {
			return
		}
		for i := 2; i+1 < len(toks); i++ {
			if t := toks[i]; t.Gap != text.GapNone || p.Doc.Text[t.Start] != ',' || toks[i+1].Gap == text.GapNone {
				continue
			}
			a, t, left := toks[i-1], toks[i], toks[i-2]
			if a.Gap != text.GapNone || left.Kind != text.Word && left.Kind != text.Number || p.Doc.Text[a.Start] != ',' {
				continue
			}
			p.Propose(edit.Proposal{
				Span: edit.Span{Start: int(left.Start), End: int(t.End)}, Edits: []edit.Edit{{Span: t.Span()}}, Origin: edit.Unknown, Ceiling: edit.Safe,
				Why:      "two commas",
				Evidence: []edit.Evidence{{Name: "shape", Nats: 5, Note: "two commas behind a word"}},
			})
		}
	},
}
