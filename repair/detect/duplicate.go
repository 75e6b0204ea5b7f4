package detect

import (
	"fmt"

	"copydesk/repair/edit"
	"copydesk/repair/text"
)

var duplicateWord = Detector{
	ID:    "duplicate/word",
	Doc:   "A word stands twice in a row. Authors do that too, so a person decides unless it is an article.",
	Round: Sentences,
	Cues:  Repeat,
	Fix:   []Example{{In: "He went to the the market on Monday.", Out: "He went to the market on Monday."}},
	Keep:  []Example{{In: "Duran Duran had had a very very good break-in in May."}},
	Run: func(p *Pass) {
		for _, i32 := range p.At(Repeat) {
			i := int(i32)
			t, left := p.Doc.Tokens[i], p.Doc.Tokens[i-1]
			w := p.Doc.Str(i)
			if t.Shape&text.InitialUpper != 0 || len(w) < 2 && w != "a" || i > 1 && left.Gap == text.GapNone {
				continue
			}
			nats, ceiling := 0.5, edit.Review
			switch w {
			case "the", "a", "an", "of", "and":
				nats, ceiling = 5, edit.Safe
			case "had", "that", "very", "so", "no", "ha", "bye", "blah", "is", "in", "on", "it", "do", "many", "really", "far", "long", "never":
				nats = -2
			}
			p.Propose(edit.Proposal{
				Span:  edit.Span{Start: int(left.Start), End: int(t.End)},
				Edits: []edit.Edit{{Span: edit.Span{Start: int(left.End), End: int(t.End)}}}, Origin: edit.Unknown, Ceiling: ceiling,
				Why:      fmt.Sprintf("%q stands twice", w),
				Evidence: []edit.Evidence{{Name: "word", Nats: nats, Note: "how often this word is doubled on purpose"}},
			})
		}
	},
}
