package detect

import (
	"copydesk/repair/edit"
	"copydesk/repair/text"
)

var splitDateline = Detector{
	ID:    "break/split-dateline",
	Doc:   "A dateline was torn over several paragraphs: place, agency and dash belong before the first sentence.",
	Round: Words,
	Cues:  Always,
	Fix: []Example{{
		In:  "Beijing\n\nCNN\n\n–\n\n\n\nThe leader said on Friday that the talks would go on.",
		Out: "Beijing CNN – The leader said on Friday that the talks would go on.",
	}},
	Keep: []Example{{In: "Contents\n\nBBC\n\nThe leader said on Friday that the talks would go on."}},
	Run: func(p *Pass) {
		blocks := p.Doc.Blocks
		for k := 0; k+3 < len(blocks) && k < 2; k++ {
			place, agency, dash, body := blocks[k], blocks[k+1], blocks[k+2], blocks[k+3]
			d := p.Doc.Text[dash.Start:dash.End]
			if d != "–" && d != "—" && d != "-" || body.Kind != text.Paragraph || place.Len() > 40 || agency.Len() > 20 ||
				!p.allTitle(place) || !p.allTitle(agency) {
				continue
			}
			span := edit.Span{Start: place.Start, End: body.Start}
			p.Propose(edit.Proposal{
				Span: span,
				Edits: []edit.Edit{
					{Span: edit.Span{Start: place.End, End: agency.Start}, New: " "},
					{Span: edit.Span{Start: agency.End, End: dash.Start}, New: " "},
					{Span: edit.Span{Start: dash.End, End: body.Start}, New: " "},
				},
				Origin: edit.Extraction, Ceiling: edit.Safe, Why: "a dateline torn over several paragraphs",
				Evidence: []edit.Evidence{{Name: "shape", Nats: 5, Note: "place, agency and dash, each a paragraph, before the first sentence"}},
			})
			return
		}
	},
}

// allTitle reports whether a block is one sentence of capitalised words.
func (p *Pass) allTitle(b text.Block) bool {
	if b.Next-b.First != 1 {
		return false
	}
	s := p.Doc.Sentences[b.First]
	for i := s.First; i < s.End; i++ {
		t := p.Doc.Tokens[i]
		if t.Kind == text.Word && t.Shape&text.InitialUpper == 0 || t.Kind != text.Word && t.Kind != text.Punct {
			return false
		}
	}
	return true
}
