package detect

import (
	"strings"

	"copydesk/repair/lm"
	"copydesk/repair/text"
)

// form is what a word's letters say, in any case: worked out once for a word
// kept at hand, so that a list of words costs nothing a token.
type form uint8

const (
	formBare      form = 1 << iota // dont, isnt: see bare
	formIts                        // its, were and the like: see doubled
	formReporting                  // said, told
	formS                          // ends in s
	formNounS                      // a known noun and s, in any case
	formKnown                      // the others have been looked for
)

var reporting = map[string]bool{
	"said": true, "says": true, "told": true, "added": true, "asked": true, "wrote": true, "tweeted": true, "explained": true, "noted": true,
	"argued": true, "insisted": true, "warned": true, "replied": true, "recalled": true, "stated": true, "continued": true, "declared": true,
}

func (p *Pass) formOf(w string) form {
	f := formKnown
	if n := len(w); n > 1 && (w[n-1] == 's' || w[n-1] == 'S') {
		f |= formS
		if b := p.Lex.Lookup(w[:n-1]); n >= 5 && b.Has(lm.Known|lm.Noun) && b.LnProb != 0 && b.Flags&lm.Function == 0 {
			f |= formNounS
		}
	}
	w = strings.ToLower(w)
	if _, ok := bare[w]; ok {
		f |= formBare
	}
	if _, ok := doubled[w]; ok {
		f |= formIts
	}
	if reporting[w] {
		f |= formReporting
	}
	return f
}

// scan looks every word up once and notes the cues.
func (p *Pass) scan() {
	doc := p.Doc
	toks := doc.Tokens
	if cap(p.Info) < len(toks) {
		p.Info, p.Keys = make([]lm.Info, len(toks)+len(toks)/4), make([]lm.Word, len(toks)+len(toks)/4)
	}
	p.Info, p.Keys = p.Info[:len(toks)], p.Keys[:len(toks)]
	p.Seen = Always
	p.Counts.Tokens = len(toks)
	p.oddAt = p.oddAt[:0]
	odd := float32(0) // of the words before, sentences set aside
	for i := range toks {
		t := &toks[i]
		key := lm.Key(doc.Text[t.Start:t.End])
		p.Keys[i] = key
		if t.Kind == text.Word {
			p.Lex.Touch(key)
		}
	}
	for i := range toks {
		t := &toks[i]
		p.Info[i] = lm.Info{}
		key := p.Keys[i]
		touches := t.Gap == text.GapNone && i > 0
		if t.Gap == text.GapOdd && i > 0 {
			p.mark(OddSpace, i)
			p.Counts.OddSpace++
		}
		switch t.Kind {
		case text.Word:
			w := doc.Text[t.Start:t.End]
			hot := p.Lex.Word(key)
			if hot.Tag == 0 {
				f := p.formOf(w)
				hot = p.Lex.Word(key)
				hot.Tag = uint8(f)
			}
			info := hot.Info()
			if t.Shape&text.HasApostrophe != 0 {
				p.Counts.Apostrophes++
			}
			if f := form(hot.Tag) &^ formKnown; f != 0 {
				p.markForm(i, f)
			}
			if t.Shape&text.HasDot != 0 && info.Flags&lm.Known == 0 {
				info.Flags |= lm.Known
			}
			p.Info[i] = info
			if odd = max(0, odd+p.wordOddity(t, info)); odd >= minOdd {
				p.oddAt = append(p.oddAt, int32(i))
			}
			p.Counts.Words++
			if info.Flags&lm.Known == 0 {
				p.mark(Unknown, i)
				p.Counts.Unknown++
			} else if (info.LnProb == 0 || info.LnProb < -15.5 || info.LnProb < -13 && t.End-t.Start <= 5) && t.Shape&(text.InitialUpper|text.HasDot|text.HasDigit) == 0 {
				p.mark(Scrap, i)
			}
			if touches && glues(doc, i) {
				p.mark(Glued, i)
				p.Counts.Glued++
			}
			if i > 0 && t.Gap == text.GapOdd && toks[i-1].Kind == text.Word && w == doc.Str(i-1) {
				p.mark(Repeat, i)
				p.Counts.Repeat++
			}
			if i > 0 && t.Gap == text.GapSpace {
				prev := &toks[i-1]
				if prev.Kind == text.Punct && prev.End-prev.Start == 1 && doc.Text[prev.Start] == '.' && prev.Gap == text.GapNone {
					if t.Shape&text.InitialUpper == 0 && t.Shape&(text.InnerUpper|text.HasDigit) == 0 {
						p.mark(StopLower, i)
						p.Counts.StopLower++
					}
				}
				if prev.Kind == text.Word && t.End-t.Start == prev.End-prev.Start && w == doc.Text[prev.Start:prev.End] {
					p.mark(Repeat, i)
					p.Counts.Repeat++
				}
				if info.Lower >= everyday && t.Shape&(text.InitialUpper|text.AllUpper|text.InnerUpper) == text.InitialUpper && (prev.Kind != text.Punct || prev.Gap == text.GapNone && closesWords(doc.Text[prev.Start:prev.End])) &&
					(prev.Shape&text.InitialUpper == 0 || info.Flags&lm.Function != 0) {
					p.mark(MidUpper, i)
				}
			}
		case text.Clitic:
			p.Counts.Apostrophes++
			if t.Gap == text.GapSpace {
				p.mark(LooseClitic, i)
				p.Counts.LooseClitic++
			} else if i > 0 && toks[i-1].End-toks[i-1].Start == 2 && strings.EqualFold(doc.Str(i-1), "it") {
				p.mark(ItsForm, i-1)
			}
		case text.Foreign:
			odd += foreignOdd
			p.oddAt = append(p.oddAt, int32(i))
		case text.Number:
			if touches && glues(doc, i) {
				p.mark(Glued, i)
				p.Counts.Glued++
			}
		case text.Punct:
			switch doc.Text[t.Start] {
			case ',', '.', ';', ':', '!', '?':
				if t.Gap == text.GapSpace && t.End-t.Start == 1 {
					p.mark(LooseMark, i)
					p.Counts.LooseMark++
				}
			case '-':
				if t.Gap == text.GapNone && t.End-t.Start == 1 && i > 0 && toks[i-1].Kind == text.Word && i+1 < len(toks) && toks[i+1].Kind == text.Word && toks[i+1].Gap != text.GapNone {
					p.mark(HyphenSpace, i)
				}
			case '"':
				p.Counts.Quotes++
				if touches && i+1 < len(toks) && toks[i+1].Gap == text.GapNone && toks[i+1].Kind == text.Word && (toks[i-1].Kind == text.Word || toks[i-1].Kind == text.Clitic || strings.IndexByte(",.!?;:", doc.Text[toks[i-1].Start]) >= 0) {
					p.mark(Glued, i)
				}
			case 0xE2:
				switch doc.Text[t.Start:t.End] {
				case "”":
					p.Counts.Quotes++
				case "“":
					p.Counts.Quotes++
					if !touches {
						break
					}
					switch toks[i-1].Kind {
					case text.Word, text.Number, text.Clitic:
						p.mark(Glued, i)
					case text.Punct:
						switch doc.Text[toks[i-1].Start] {
						case '.', ',', '!', '?', ':', ';':
							p.mark(Glued, i)
						}
					}
				}
			}
		}
	}
	p.markLanguages()
}

// markForm notes the cues of a word's form.
func (p *Pass) markForm(i int, f form) {
	if f&formReporting != 0 {
		p.Counts.Reporting++
	}
	if f&formBare != 0 {
		p.mark(BareContraction, i)
		p.Counts.BareContraction++
	}
	if f&formIts != 0 {
		p.mark(ItsForm, i)
	}
	if f&formS == 0 {
		return
	}
	t := &p.Doc.Tokens[i]
	if t.Shape&(text.AllUpper|text.HasDigit|text.HasApostrophe|text.HasDot) == 0 && t.End-t.Start >= 3 && (f&formNounS != 0 || t.Shape&text.InitialUpper != 0) {
		p.mark(EndsS, i)
	}
	if t.Shape&(text.InitialUpper|text.AllUpper|text.HasDot|text.HasApostrophe) == text.InitialUpper && t.End-t.Start > 3 {
		p.mark(NameS, i)
		p.Counts.NameS++
	}
}

// glues reports whether token i touches a closing mark that wants white space
// after it.
func glues(doc *text.Document, i int) bool {
	prev := &doc.Tokens[i-1]
	if prev.Kind != text.Punct || prev.Gap != text.GapNone || i < 2 {
		return false
	}
	switch doc.Text[prev.Start:prev.End] {
	case ".", ",", ";", "!", "?", "”", ":":
		return true
	}
	return false
}

// closesWords reports whether a mark closes words within a sentence.
func closesWords(s string) bool {
	switch s {
	case `"`, "”":
		return true
	}
	return false
}
