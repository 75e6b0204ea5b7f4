package detect

import (
	"fmt"
	"strings"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

// bare maps contractions that lost their apostrophe, and are no words without
// it, to where it belongs.
var bare = map[string]int{
	"dont": 3, "doesnt": 5, "didnt": 4, "isnt": 3, "arent": 4, "wasnt": 4, "werent": 5, "hasnt": 4, "havent": 5, "hadnt": 4,
	"couldnt": 6, "wouldnt": 6, "shouldnt": 7, "mustnt": 5, "neednt": 5, "theyre": 4, "youre": 3, "theyve": 4, "youve": 3, "weve": 2, "thats": 4, "whats": 4, "theres": 5,
	"hes": 2, "shes": 3, "youll": 3, "theyll": 4, "itll": 2, "ive": 1, "cant": 3, "wont": 3, "aint": 3, "youd": 3, "theyd": 4, "whos": 3,
}

var contractionBare = Detector{
	ID:    "contraction/lost-apostrophe",
	Doc:   "A contraction that is no word without its apostrophe has lost it.",
	Round: Words,
	Cues:  Always,
	Fix:   []Example{{In: "The ministers dont agree, and it isnt over.", Out: "The ministers don't agree, and it isn't over."}},
	Keep:  []Example{{In: "He won't go, and it isn't over."}},
	Run: func(p *Pass) {
		for i := range p.Doc.Tokens {
			t := &p.Doc.Tokens[i]
			n := t.End - t.Start
			if t.Kind != text.Word || n < 3 || n > 8 || t.Shape&(text.HasApostrophe|text.HasDigit|text.NonASCII|text.InnerUpper|text.AllUpper) != 0 {
				continue
			}
			last := p.Doc.Text[t.End-1]
			if last != 't' && last != 'e' && last != 's' && last != 'l' && last != 'd' {
				continue
			}
			w := p.Doc.Str(i)
			at, ok := bare[strings.ToLower(w)]
			if !ok || i > 0 && t.Gap == text.GapNone {
				continue
			}
			mark := p.lostApostrophe()
			nats := 5.0
			if t.Shape&text.InitialUpper != 0 && !p.startsSentence(i) {
				nats = -1 // a name
			}
			if strings.EqualFold(w, "wont") && i > 0 && determiner(p.Doc.Str(i-1)) {
				continue // as is his wont
			}
			pos := int(t.Start) + at
			p.Propose(edit.Proposal{
				Span: t.Span(), Edits: []edit.Edit{{Span: edit.Span{Start: pos, End: pos}, New: mark}}, Origin: edit.Extraction, Ceiling: edit.Safe,
				Why:      fmt.Sprintf("%q is a contraction without its apostrophe", w),
				Evidence: []edit.Evidence{{Name: "list", Nats: nats, Note: "no word without the apostrophe"}},
			})
		}
	},
}

var possessiveMisplaced = Detector{
	ID:    "possessive/misplaced",
	Doc:   "A name that ends in no s carries the apostrophe after an added s: Blinkens' for Blinken's.",
	Round: Words,
	Cues:  Unknown,
	Fix:   []Example{{In: "Antony Blinken arrived. On the last day of Blinkens' three-day visit Blinken spoke.", Out: "Antony Blinken arrived. On the last day of Blinken's three-day visit Blinken spoke."}},
	Keep:  []Example{{In: "Bernie Sanders spoke. Sanders' supporters cheered."}, {In: "The Clintons' house was sold by Bill Clinton."}},
	Run:   func(p *Pass) { p.possessives(true) },
}

var possessiveLost = Detector{
	ID:    "possessive/lost-apostrophe",
	Doc:   "A name in s that the document uses without it stands before a noun: Blinkens trip for Blinken's trip.",
	Round: Words,
	Cues:  Always,
	Fix:   []Example{{In: "Antony Blinken met Xi. Blinkens trip came as Blinken sought talks.", Out: "Antony Blinken met Xi. Blinken's trip came as Blinken sought talks."}},
	Keep:  []Example{{In: "Tiger Woods won. Woods said the Clintons had met Bill Clinton there."}},
	Run:   func(p *Pass) { p.possessives(false) },
}

// calendar holds names whose plurals are ordinary words.
var calendar = map[string]bool{
	"Monday": true, "Tuesday": true, "Wednesday": true, "Thursday": true, "Friday": true, "Saturday": true, "Sunday": true, "January": true,
	"February": true, "March": true, "April": true, "May": true, "June": true, "July": true, "August": true, "September": true, "October": true,
	"November": true, "December": true, "Christmas": true, "Olympic": true,
}

// possessives proposes X's for a capitalised Xs whose X is a name of this
// document or of everybody's.
func (p *Pass) possessives(marked bool) {
	// A long text without one apostrophe has lost them all.
	stripped := p.Counts.Apostrophes == 0 && len(p.Doc.Text) >= longEnough
	for i := range p.Doc.Tokens {
		t := &p.Doc.Tokens[i]
		if t.Kind != text.Word || t.Shape&text.InitialUpper == 0 || t.Shape&(text.AllUpper|text.HasDigit|text.HasApostrophe|text.InnerUpper) != 0 || t.End-t.Start < 4 ||
			p.Doc.Text[t.End-1] != 's' || p.Doc.Text[t.End-2] == 's' {
			continue
		}
		if i+1 >= len(p.Doc.Tokens) {
			continue
		}
		w := p.Doc.Str(i)
		base := w[:len(w)-1]
		if calendar[base] {
			continue // Mondays, two Junes
		}
		next := p.Doc.Tokens[i+1]
		clitic := next.Kind == text.Clitic && next.Gap == text.GapNone && next.End-next.Start < 4 && !strings.HasSuffix(p.Doc.Str(i+1), "s")
		if clitic != marked {
			continue
		}
		k := i + 1
		if marked {
			k++
		}
		if k >= len(p.Doc.Tokens) || p.Doc.Tokens[k].Kind != text.Word && p.Doc.Tokens[k].Kind != text.Number || p.Doc.Tokens[k].Gap != text.GapSpace {
			continue
		}
		vocab := p.Vocab()
		nBase, nOwn := vocab.Count(base), vocab.Count(w)
		bi, wi := p.Lex.Lookup(base), p.Info[i]
		if nBase == 0 && (bi.LnProb == 0 || bi.LnProb < -13 || bi.Title < 12 || wi.LnProb != 0 && bi.LnProb-wi.LnProb < 4.5) || bi.Title+bi.Upper < 8 && bi.LnProb != 0 || nOwn > 1+nBase/3 && !stripped {
			continue
		}
		right := p.Doc.Str(k)
		ri := p.Info[k]
		st := p.before(i)
		ln, _, n1 := p.engine.Models.ScoreToken(st, w)
		plain := ln
		if marked {
			ln, n1 = p.LM.Score(n1, lm.Key("'"))
			plain += ln
		}
		plain += p.after(n1, k-1)
		ln, _, n2 := p.engine.Models.ScoreToken(st, base)
		ln2, n2 := p.LM.Score(n2, lm.Key("'s"))
		poss := ln + ln2 + p.after(n2, k-1)
		nats := max(-6, min(6, poss-plain)) - 3
		ev := []edit.Evidence{{Name: "model", Nats: nats, Note: fmt.Sprintf("%q fits better here", base+"'s "+right)}}
		if wi.LnProb == 0 || bi.LnProb-wi.LnProb > 4.5 {
			ev = append(ev, edit.Evidence{Name: "base-known", Nats: 1.5, Note: fmt.Sprintf("%q is a name, %q hardly ever", base, w)})
		}
		ev = append(ev, edit.Evidence{Name: "doc-has-base", Nats: min(2.5, 1.2*float64(nBase)), Note: fmt.Sprintf("%q stands in the document %d times", base, nBase)})
		if wi.Flags&lm.Known != 0 && wi.LnProb != 0 && wi.LnProb > -14.5 {
			ev = append(ev, edit.Evidence{Name: "s-form-known", Nats: -3, Note: fmt.Sprintf("%q is a word or a name itself", w)})
		}
		if i > 0 && determiner(p.Doc.Str(i-1)) || i > 0 && p.Doc.Tokens[i-1].Kind == text.Number {
			ev = append(ev, edit.Evidence{Name: "determiner-before", Nats: -6, Note: "the Xs are a family or several"})
		}
		if ri.Flags&lm.Function != 0 || ri.Lower < 8 && ri.Flags&lm.Known != 0 && !marked {
			ev = append(ev, edit.Evidence{Name: "no-noun-after", Nats: -5, Note: fmt.Sprintf("%q does not follow a possessive", right)})
		} else if ri.Flags&lm.Verb != 0 && ri.Flags&lm.Noun == 0 && ri.Flags&lm.Adj == 0 {
			ev = append(ev, edit.Evidence{Name: "verb-after", Nats: -4, Note: fmt.Sprintf("%q is a verb", right)})
		}
		if stripped {
			ev = append(ev, edit.Evidence{Name: "no-apostrophe", Nats: 2.5, Note: "the whole document holds no apostrophe"})
		}
		if marked {
			ev = append(ev, edit.Evidence{Name: "stray-apostrophe", Nats: 2, Note: "an apostrophe stands after the s"})
		}
		mark := p.lostApostrophe()
		end := int(t.End)
		if marked {
			mark, end = p.Doc.Str(i+1), int(next.End)
		}
		p.Propose(edit.Proposal{
			Span:  edit.Span{Start: int(t.Start), End: end},
			Edits: []edit.Edit{{Span: edit.Span{Start: int(t.End) - 1, End: end}, New: mark + "s"}}, Origin: edit.Extraction, Ceiling: edit.Safe,
			Why: fmt.Sprintf("%q is likely %q", p.Doc.Text[t.Start:end], base+mark+"s"), Evidence: ev,
		})
	}
}

// longEnough is the length, in bytes, from which a text without one straight
// apostrophe or quotation mark shows that it never had any.
const longEnough = 800

// lostApostrophe is the apostrophe that the document's author used. Processes
// that strip typographic marks leave straight ones, so what a long text without
// straight marks has lost was curly.
func (p *Pass) lostApostrophe() string {
	s := p.Doc.Text
	switch {
	case strings.Contains(s, "'"):
		return "'"
	case strings.Contains(s, "’"), strings.Contains(s, "“"), len(s) >= longEnough && !strings.Contains(s, `"`):
		return "’"
	}
	return "'"
}
