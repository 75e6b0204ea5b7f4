package detect

import (
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
	Keep:  []Example{{In: "He works for Acme Corp. in the city. iPhone sales rose."}, {In: "Wait. what did he say about it?"}},
	Run: func(p *Pass) {
		for _, i32 := range p.At(StopLower) {
			i := int(i32)
			if i < 3 {
				continue
			}
			stop, left := p.Doc.Tokens[i-1], p.Doc.Tokens[i-2]
			if left.Kind != text.Word || len(p.Doc.Str(i-2)) < 3 || p.Info[i-2].Flags&lm.Known == 0 || p.Info[i].Flags&lm.Known == 0 || p.Info[i].Lower < 8 ||
				left.Shape&(text.InitialUpper|text.HasDot) != 0 {
				continue
			}
			st := p.before(i - 1)
			// With the stop: the sentence ends and the next begins in lower case.
			ln, next := p.LM.Score(st, lm.Key("."))
			ln2, _ := p.LM.Score(next, lm.End)
			ln3, _, n3 := p.engine.Models.ScoreToken(p.LM.Begin(), p.Doc.Str(i))
			with := ln + ln2 + ln3 + p.after(n3, i)
			ln, _, next = p.engine.Models.ScoreToken(st, p.Doc.Str(i))
			without := ln + p.after(next, i)
			nats := without - with
			p.Propose(edit.Proposal{
				Span:  edit.Span{Start: int(left.Start), End: int(p.Doc.Tokens[i].End)},
				Edits: []edit.Edit{{Span: stop.Span()}}, Origin: edit.Extraction, Ceiling: edit.Safe,
				Why: "a full stop inside a sentence",
				Evidence: []edit.Evidence{
					{Name: "model", Nats: max(-8, min(8, nats)), Note: "the sentence reads on without it"},
					{Name: "lower-case", Nats: 1.5, Note: "what follows begins in lower case"},
				},
			})
		}
	},
}
