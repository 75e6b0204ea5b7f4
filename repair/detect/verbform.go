package detect

import (
	"fmt"
	"strings"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var verbForm = Detector{
	ID: "order/verb-form",
	Doc: "A participle stands where an infinitive goes on: \"to end its dangerous behavior and engaging in dialogue\", as a translator leaves it who took the two for a list. " +
		"Only in documents that look translated there and back, and never without a person.",
	Round: Sentences,
	Cues:  Always,
	Keep: []Example{
		{In: "They wanted to stop the fighting, and signing of the treaty was to begin at noon, by meeting and talking to both sides for as long as needed."},
	},
	Run: (*Pass).verbForms,
}

const (
	verbFormModel = 0.5
	verbFormBias  = -1.5
	verbFormReach = 14   // tokens back to the infinitive
	verbFormFloor = -1.4 // evidence that is not worth showing
)

func (p *Pass) verbForms() {
	if p.skips(edit.Review) || !p.suspect().damaged || p.hurt().odds < garbledOdds {
		return
	}
	d := p.Doc
	for _, s := range d.Sentences {
		for i := int(s.First) + 4; i+2 < int(s.End); i++ {
			t := d.Tokens[i]
			if t.Kind != text.Word || t.Gap != text.GapSpace || !strings.HasSuffix(d.Str(i), "ing") || d.Str(i-1) != "and" || d.Tokens[i-2].Kind == text.Punct || !p.infinitiveBefore(int(s.First), i-1) {
				continue
			}
			if base := p.baseOf(d.Str(i)); base != "" {
				p.verbForm(int(s.First), i, int(s.End), base)
			}
		}
	}
}

// infinitiveBefore reports whether a "to" with its verb stands before token i, and
// neither a mark nor another participle between.
func (p *Pass) infinitiveBefore(first, i int) bool {
	d := p.Doc
	for k := i - 1; k > max(first, i-verbFormReach); k-- {
		w := d.Str(k)
		switch {
		case d.Tokens[k].Kind != text.Word && d.Tokens[k].Kind != text.Clitic, strings.HasSuffix(w, "ing"), finiteSmall(w), w == "by":
			return false
		case w == "to":
			return p.Info[k+1].Flags&lm.Verb != 0 && p.Info[k+1].Flags&lm.Function == 0 && k+2 < i
		}
	}
	return false
}

// baseOf is the verb that a participle is of, "" where the lexicon knows none.
func (p *Pass) baseOf(participle string) string {
	stem := strings.TrimSuffix(participle, "ing")
	if len(stem) < 3 {
		return ""
	}
	best, ln := "", float32(-100)
	try := func(w string) {
		if f := p.Lex.Lookup(w); f.Has(lm.Known|lm.Verb) && f.LnProb != 0 && f.LnProb > ln {
			best, ln = w, f.LnProb
		}
	}
	try(stem)
	try(stem + "e")
	if n := len(stem); stem[n-1] == stem[n-2] {
		try(stem[:n-1])
	}
	return best
}

func (p *Pass) verbForm(first, i, end int, base string) {
	d := p.Doc
	a := p.arranger()
	around := func(w lm.Word) (sum float64) {
		st := p.LM.Free()
		for k := max(first, i-3); k < min(end, i+3); k++ {
			key := a.key(k)
			if k == i {
				key = w
			}
			var ln float64
			ln, st = p.LM.Score(st, key)
			sum += ln
		}
		return sum
	}
	gain := around(lm.Key(base)) - around(a.key(i))
	if verbFormModel*gain+verbFormBias < verbFormFloor {
		return
	}
	span := d.Tokens[i].Span()
	p.Propose(edit.Proposal{
		Span: span, Edits: []edit.Edit{{Span: span, New: base}}, Origin: edit.Extraction, Ceiling: edit.Review, Aside: true,
		Why: "a participle goes on with an infinitive",
		Evidence: []edit.Evidence{
			{Name: "model", Nats: clip(verbFormModel*gain, 4), Note: fmt.Sprintf("by %.1f nats likelier in the language model", gain)},
			{Name: "bias", Nats: verbFormBias, Note: "how rarely such a form is wrong"},
		},
	})
}
