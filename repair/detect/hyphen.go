package detect

import (
	"fmt"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var hyphenSpace = Detector{
	ID:    "hyphen/line-end",
	Doc:   "A word was broken at the end of a line and its pieces put side by side: joined where the whole is a word.",
	Round: Words,
	Cues:  Always,
	Fix:   []Example{{In: "The detec- tive saw the pri- soner leave.", Out: "The detective saw the prisoner leave."}},
	Keep:  []Example{{In: "A two- to three-day trip, wink-wink- wink, mid- and long-term; you- you know."}},
	Run: func(p *Pass) {
		toks := p.Doc.Tokens
		for i := 1; i+1 < len(toks); i++ {
			h := &toks[i]
			if h.Kind != text.Punct || h.Gap != text.GapNone || h.End-h.Start != 1 || p.Doc.Text[h.Start] != '-' {
				continue
			}
			a, b := &toks[i-1], &toks[i+1]
			if a.Kind != text.Word || b.Kind != text.Word || b.Gap != text.GapSpace && b.Gap != text.GapLine || b.Shape&text.InitialUpper != 0 ||
				i > 1 && a.Gap == text.GapNone || p.Info[i+1].Flags&lm.Function != 0 || a.End-a.Start < 2 {
				continue
			}
			whole := p.Doc.Str(i-1) + p.Doc.Str(i+1)
			info := p.Lex.Lookup(whole)
			if info.Flags&lm.Known == 0 || info.LnProb == 0 {
				continue
			}
			nats := 5.0
			if p.Info[i-1].Flags&lm.Known != 0 && p.Info[i+1].Flags&lm.Known != 0 && p.Info[i-1].LnProb > -13 && p.Info[i+1].LnProb > -13 {
				nats = 2 // the hyphen may be the author's
			}
			p.Propose(edit.Proposal{
				Span:  edit.Span{Start: int(a.Start), End: int(b.End)},
				Edits: []edit.Edit{{Span: edit.Span{Start: int(h.Start), End: int(b.Start)}}}, Origin: edit.Extraction, Ceiling: edit.Safe,
				Why:      fmt.Sprintf("%q is one word, broken at a line's end", whole),
				Evidence: []edit.Evidence{{Name: "whole-known", Nats: nats, Note: "the pieces together are a word"}},
			})
		}
	},
}
