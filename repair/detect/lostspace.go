package detect

import (
	"fmt"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var spacingLostAfter = Detector{
	ID: "spacing/lost-after-mark",
	Doc: "A word touches the stop, comma or quotation mark that ends the words before it. A straight quotation mark between two words closes or opens by " +
		"how many stand before it in its paragraph.",
	Round: Words,
	Cues:  Glued,
	Fix: []Example{
		{In: "We followed the process.It takes time to learn.", Out: "We followed the process. It takes time to learn."},
		{In: "He opened the file,posted it and left the office.", Out: "He opened the file, posted it and left the office."},
		{In: "\"We lost,\" Scalise said.\"I think what he does is wrong.\"", Out: "\"We lost,\" Scalise said. \"I think what he does is wrong.\""},
		{In: "\"It is the best we have.\"The minister told the Times.", Out: "\"It is the best we have.\" The minister told the Times."},
	},
	Keep: []Example{
		{In: "He reads Fool.com and asked about One.Tel again."},
		{In: "Node.js is no v.2 of it."},
		{In: "He called it a “filter bubble“: a world of its own.“\nThe next line."},
	},
	Run: func(p *Pass) {
		for _, i32 := range p.At(Glued) {
			i := int(i32)
			if i < 2 {
				continue
			}
			switch t := &p.Doc.Tokens[i]; {
			case p.Doc.Text[t.Start] == '"':
				p.straightQuote(i)
			case t.Kind == text.Punct:
				p.openingQuote(i)
			case t.Kind == text.Word && t.Shape&text.HasDot == 0:
				p.lostAfterMark(i)
			}
		}
	},
}

// sentenceStart reports whether a capitalised word begins sentences often.
func sentenceStart(w string) bool {
	switch w {
	case "The", "In", "He", "She", "It", "They", "We", "I", "But", "And", "A", "An", "This", "That", "These", "There", "On", "At", "For", "If", "As", "When", "While", "After", "His", "Her", "Its", "Our", "You", "With", "However", "What", "So", "To", "According":
		return true
	}
	return false
}

// lostSpace proposes a space at byte at, which lies between the tokens from and to.
func (p *Pass) lostSpace(from, at, to int, evidence ...edit.Evidence) {
	left, right := int(p.Doc.Tokens[from].Start), int(p.Doc.Tokens[to].End)
	p.Propose(edit.Proposal{
		Span:  edit.Span{Start: left, End: right},
		Edits: []edit.Edit{{Span: edit.Span{Start: at, End: at}, New: " "}}, Origin: edit.Extraction, Ceiling: edit.Safe,
		Why:      fmt.Sprintf("no space between %q and %q", p.Doc.Text[left:at], p.Doc.Text[at:right]),
		Evidence: evidence,
	})
}

// mark reports whether token i is one of the marks.
func (p *Pass) markIs(i int, marks string) bool {
	t := &p.Doc.Tokens[i]
	if t.Kind != text.Punct || t.End-t.Start != 1 {
		return false
	}
	for k := range len(marks) {
		if p.Doc.Text[t.Start] == marks[k] {
			return true
		}
	}
	return false
}

// openingQuote judges a curly opening mark that touches what stands before it.
// One that white space or a mark follows closes, in the hand of a writer who
// has only one.
func (p *Pass) openingQuote(i int) {
	if i+1 == len(p.Doc.Tokens) {
		return
	}
	if n := &p.Doc.Tokens[i+1]; n.Gap != text.GapNone || n.Kind == text.Punct {
		return
	}
	nats := 4.5
	if p.Doc.Tokens[i-1].Kind != text.Punct && p.Info[i-1].Flags&lm.Known == 0 {
		nats = 3.5
	}
	p.lostSpace(i-1, int(p.Doc.Tokens[i].Start), i, edit.Evidence{Name: "before-opening-quote", Nats: nats, Note: "an opening quotation mark touches what stands before it"})
}

// straightQuote judges a straight mark between a word or mark and a word that
// both touch it.
func (p *Pass) straightQuote(i int) {
	block := p.blockOf(i)
	before, all := 0, 0
	for k := block.first; k < block.next; k++ {
		if p.markIs(k, `"`) {
			all++
			if k < i {
				before++
			}
		}
	}
	nats := 5.0
	note := "the paragraph's quotation marks pair"
	if all%2 == 1 {
		nats, note = 1.5, "the paragraph's quotation marks do not pair"
	}
	if word := p.Doc.Str(i + 1); len(word) == 1 || p.Doc.Tokens[i+1].Shape&text.HasDigit != 0 {
		return // "Speedy"s crew, 5"Z"
	}
	if p.identifies(i+1, i+1) {
		return // ,"unixDate":169
	}
	// A stop or comma before a closing mark is the rule, a word before one is not;
	// before an opening mark a stop's own space is lost, or a word's.
	opens := before%2 == 0
	if p.quotesOn(i) {
		opens, nats, note = true, 5, "an attribution ended the sentence, and the quotation goes on"
	}
	quote := &p.Doc.Tokens[i]
	word := &p.Doc.Tokens[i+1]
	unknown := edit.Evidence{Name: "unknown-word", Note: "what follows is no known word"}
	if p.Info[i+1].Flags&lm.Known == 0 && word.Shape&text.InitialUpper == 0 {
		unknown.Nats = -2.5
	}
	if opens {
		p.lostSpace(i-1, int(quote.Start), i, edit.Evidence{Name: "quote-opens", Nats: nats, Note: note}, unknown)
		return
	}
	from := i
	if p.Doc.Tokens[i-1].Kind == text.Punct {
		from = i - 1
	}
	p.lostSpace(from, int(word.Start), i+1, edit.Evidence{Name: "quote-closes", Nats: nats, Note: note}, unknown)
}

// block is a range of tokens, half open.
type block struct{ first, next int }

// blockOf is the paragraph of token i.
func (p *Pass) blockOf(i int) block {
	b := block{i, i + 1}
	for b.first > 0 && p.Doc.Tokens[b.first].Gap < text.GapLine {
		b.first--
	}
	for b.next < len(p.Doc.Tokens) && p.Doc.Tokens[b.next].Gap < text.GapLine {
		b.next++
	}
	return b
}

// lostAfterMark judges a word that touches the mark before it.
func (p *Pass) lostAfterMark(i int) {
	t := &p.Doc.Tokens[i]
	at := int(t.Start)
	word := p.Doc.Str(i)
	known := p.Info[i].Flags&lm.Known != 0
	upper := t.Shape&text.InitialUpper != 0
	if len(word) < 2 && word != "I" && word != "A" && word != "a" {
		return
	}
	k := i - 1 // the mark
	switch p.Doc.Str(k) {
	case `"`:
		return // judged where it stands
	case "”":
		from, nats := k, 4.6
		if p.markIs(k-1, ",.!?") {
			from = k - 1
		}
		if !known && !upper {
			nats = 2
		}
		p.lostSpace(from, at, i, edit.Evidence{Name: "after-closing-quote", Nats: nats, Note: "a closing quotation mark touches a word"})
		return
	}
	left := &p.Doc.Tokens[k-1]
	before := p.Doc.Str(k - 1)
	closed := left.Kind == text.Punct && (before == ")" || before == "”" || before == "]" || before == "’")
	if left.Kind != text.Word && left.Kind != text.Clitic && !closed || left.Shape&text.HasDot != 0 || len(before) < 2 && left.Kind == text.Word {
		return
	}
	if left.Gap == text.GapNone && k > 1 && p.markIs(k-2, ".") {
		return // a.b.c: no prose
	}
	if p.markIs(k, ",") && thousands(p.Doc, i) {
		return // lifted41,000troops
	}
	if p.markIs(k, ";") && k > 1 && left.Gap == text.GapNone && p.Doc.Str(k-2) == "&" {
		return // Q&amp;A
	}
	seen := edit.Evidence{Note: "the mark, and the case of the words on both sides"}
	switch c := p.Doc.Text[p.Doc.Tokens[k].Start]; {
	case c == '.':
		seen.Name = "after-stop"
		switch {
		case upper && sentenceStart(word):
			seen.Nats = 6
		case upper && left.Shape&text.InitialUpper == 0:
			seen.Nats = 5.5
		case upper && len(word) > 3 && p.Vocab().Count(word) > 1:
			seen.Nats = 4.5
		case t.Shape&text.AllUpper != 0:
			seen.Name, seen.Nats = "between-names", -1 // Lemonjelly.KY
		case upper:
			seen.Name, seen.Nats = "between-names", 2 // One.Tel
		default:
			seen.Name, seen.Nats = "after-stop-lower", -6 // a host or a file
		}
	case c == ',' || c == ';':
		seen.Name, seen.Nats = "after-comma", 4.8
	case c == ':':
		seen.Name, seen.Nats = "after-colon", 4.6
		if !upper {
			seen.Nats = -1
		}
	default:
		seen.Name, seen.Nats = "after-question", 4
		if upper {
			seen.Nats = 6
		}
	}
	evidence := []edit.Evidence{seen}
	strange := 0.0
	switch {
	case !known && upper && len(word) > 3:
		strange = -1
	case !known:
		strange = -3
	}
	if left.Kind == text.Word && p.Info[k-1].Flags&lm.Known == 0 {
		strange--
		if left.Shape&text.InitialUpper == 0 {
			strange--
		}
	}
	if strange != 0 {
		evidence = append(evidence, edit.Evidence{Name: "unknown-word", Nats: strange, Note: "a word beside the mark is not known"})
	}
	if seen.Name == "between-names" {
		evidence = append(evidence, p.opensSentence(i))
	}
	p.lostSpace(k-1, at, i, evidence...)
}

// opensSentence weighs how much more at home token i and what follows are at
// the start of a sentence than anywhere: "New Mexico" after a stop, not the Tel
// of One.Tel before "again".
func (p *Pass) opensSentence(i int) edit.Evidence {
	ln, st := p.LM.Score(p.LM.Begin(), lm.Key(p.Doc.Str(i)))
	nats := ln - float64(p.Info[i].LnProb)
	if i+1 < len(p.Doc.Tokens) && p.Info[i+1].LnProb != 0 {
		ln, _ = p.LM.Score(st, lm.Key(p.Doc.Str(i+1)))
		nats += ln - float64(p.Info[i+1].LnProb)
	}
	if p.Info[i].LnProb == 0 {
		nats = -1
	}
	return edit.Evidence{Name: "opens-sentence", Nats: max(-3, min(3, nats)), Note: "whether the words after the stop begin sentences"}
}
