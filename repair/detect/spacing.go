package detect

import (
	"fmt"
	"strings"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var spacingBeforeMark = Detector{
	ID: "spacing/before-mark",
	Doc: "A space stands before a comma or a stop that closes the words before it. Where a document has several, its other marks and " +
		"brackets that stand apart are mended too: a converter put a space around every link.",
	Round: Words,
	Cues:  LooseMark,
	Fix: []Example{
		{In: "They seized narcotics , including cocaine .", Out: "They seized narcotics, including cocaine."},
		{
			In:  "He spoke to Fox News , CBS , and NBC about it . Was it true ? Photo : Saul Loeb ( Getty Images )",
			Out: "He spoke to Fox News, CBS, and NBC about it. Was it true? Photo: Saul Loeb (Getty Images)",
		},
	},
	Keep: []Example{{In: "Wait . . . what ? He said : go on ! « oui »"}, {In: "The result was 3 : 1 and she said so."}},
	Run:  runBeforeMark,
}

// minLoose is how many commas and stops must stand apart before the other marks
// that do are taken for damage: some publishers set them so.
const minLoose = 3

func runBeforeMark(p *Pass) {
	list := p.At(LooseMark)
	var found []int
	for _, i32 := range list {
		if i := int(i32); p.looseComma(i) {
			found = append(found, i)
		}
	}
	put := func(span, gap edit.Span, mark string, nats float64) {
		p.Propose(edit.Proposal{
			Span: span, Edits: []edit.Edit{{Span: gap}}, Origin: edit.Extraction, Ceiling: edit.Safe,
			Why:      fmt.Sprintf("a space beside %q", mark),
			Evidence: []edit.Evidence{{Name: "loose-marks", Nats: nats, Note: fmt.Sprintf("%d loose commas and stops in the document", len(found))}},
		})
	}
	toks := p.Doc.Tokens
	for _, i := range found {
		nats := 3.2
		if p.Doc.Text[toks[i].Start] == ',' {
			nats = 4.2 // 37 in 18 M words of clean news, all of them damage
		}
		put(edit.Span{Start: int(toks[i-1].Start), End: int(toks[i].End)}, edit.Span{Start: int(toks[i-1].End), End: int(toks[i].Start)}, p.Doc.Str(i), nats+min(3, 0.8*float64(len(found)-1)))
	}
	if len(found) < minLoose {
		return
	}
	nats := 2.8 + min(3, 0.6*float64(len(found)-1))
	for i := 1; i < len(toks); i++ {
		t, left := &toks[i], &toks[i-1]
		if t.Gap != text.GapSpace || t.End-t.Start != 1 && left.End-left.Start != 1 {
			continue
		}
		worded := left.Kind == text.Word || left.Kind == text.Clitic || left.Kind == text.Punct && (p.Doc.Str(i-1) == ")" || p.Doc.Str(i-1) == "”")
		last := i+1 == len(toks) || toks[i+1].Gap != text.GapNone && toks[i+1].Kind != text.Number
		switch c := p.Doc.Text[t.Start]; {
		case t.End-t.Start == 1 && (c == ';' || c == ':' || c == '!' || c == '?') && worded && last,
			t.End-t.Start == 1 && (c == ')' || c == ']') && (worded || left.Kind == text.Number) && (i+1 == len(toks) || toks[i+1].Gap != text.GapNone || toks[i+1].Kind == text.Punct),
			left.End-left.Start == 1 && (p.Doc.Text[left.Start] == '(' || p.Doc.Text[left.Start] == '[') && (t.Kind == text.Word || t.Kind == text.Number):
			put(edit.Span{Start: int(left.Start), End: int(t.End)}, edit.Span{Start: int(left.End), End: int(t.Start)}, string(c), nats)
		}
	}
}

// looseComma reports whether token i is a comma or stop that stands apart from
// the word it closes.
func (p *Pass) looseComma(i int) bool {
	if i == 0 {
		return false
	}
	t, left := p.Doc.Tokens[i], p.Doc.Tokens[i-1]
	c := p.Doc.Text[t.Start]
	if c != ',' && c != '.' || left.Kind != text.Word && left.Kind != text.Number && left.Kind != text.Clitic {
		return false
	}
	if left.Gap == text.GapNone && i > 1 && p.Doc.Tokens[i-2].Kind == text.Punct {
		return false
	}
	if i+1 < len(p.Doc.Tokens) {
		n := p.Doc.Tokens[i+1]
		if n.Gap == text.GapNone || n.Kind == text.Punct {
			return false // .5 or . . .
		}
		if c == '.' && n.Gap < text.GapLine && n.Shape&text.InitialUpper == 0 {
			return false
		}
	}
	return true
}

var splitClitic = Detector{
	ID:    "split/loose-clitic",
	Doc:   "A possessive 's stands apart from its word.",
	Round: Words,
	Cues:  Always,
	Fix: []Example{
		{In: "It was President Trump 's joint address to Congress.", Out: "It was President Trump's joint address to Congress."},
		{In: "It was China s move, and nobody's business.", Out: "It was China's move, and nobody's business."},
		{In: "No one said that the president' s campaign had won.", Out: "No one said that the president's campaign had won."},
	},
	Keep: []Example{{In: "The Washington papers rehearse s old story of the maneuvers s designed to deflect attention."}, {In: "He called it 'so good' and left."}},
	Run: func(p *Pass) {
		for i := 2; i+1 < len(p.Doc.Tokens); i++ { // president' s
			t := &p.Doc.Tokens[i]
			if t.End-t.Start != 1 || p.Doc.Text[t.Start] != 's' || t.Gap != text.GapSpace {
				continue
			}
			mark, left, right := p.Doc.Tokens[i-1], p.Doc.Tokens[i-2], p.Doc.Tokens[i+1]
			m := p.Doc.Str(i - 1)
			if mark.Kind == text.Word && right.Kind == text.Word && right.Gap == text.GapSpace {
				if p.engine.runs("possessive") { // it puts in more than white space
					p.looseS(i)
				}
				continue
			}
			if m != "'" && m != "’" || mark.Gap != text.GapNone || left.Kind != text.Word || right.Gap == text.GapNone && right.Kind != text.Punct {
				continue
			}
			p.Propose(edit.Proposal{
				Span:  edit.Span{Start: int(left.Start), End: int(t.End)},
				Edits: []edit.Edit{{Span: edit.Span{Start: int(mark.End), End: int(t.Start)}}}, Origin: edit.Extraction, Ceiling: edit.Safe,
				Why:      "the possessive s stands apart from its apostrophe",
				Evidence: []edit.Evidence{{Name: "shape", Nats: 6, Note: "a word, an apostrophe, a space, s"}},
			})
		}
		for _, i32 := range p.At(LooseClitic) {
			i := int(i32)
			if i == 0 || i+1 >= len(p.Doc.Tokens) {
				continue
			}
			t, left, right := p.Doc.Tokens[i], p.Doc.Tokens[i-1], p.Doc.Tokens[i+1]
			if left.Kind != text.Word || right.Kind != text.Word || right.Gap != text.GapSpace || t.Gap != text.GapSpace {
				continue
			}
			p.Propose(edit.Proposal{
				Span:  edit.Span{Start: int(left.Start), End: int(t.End)},
				Edits: []edit.Edit{{Span: edit.Span{Start: int(left.End), End: int(t.Start)}}}, Origin: edit.Extraction, Ceiling: edit.Safe,
				Why:      "the possessive stands apart from its word",
				Evidence: []edit.Evidence{{Name: "shape", Nats: 5, Note: "a word, a space, 's, a word"}},
			})
		}
	},
}

// commonWord reports whether token i is a word that much text holds.
func (p *Pass) commonWord(i int) bool {
	return p.Info[i].Flags&lm.Known != 0 && p.Info[i].LnProb != 0 && p.Info[i].LnProb > -13
}

// looseS proposes 's for an s that stands alone behind a noun: the apostrophe was
// lost, the space that it left stayed.
func (p *Pass) looseS(i int) {
	left, t := p.Doc.Tokens[i-1], p.Doc.Tokens[i]
	if info := p.Info[i-1]; left.End-left.Start < 3 || info.Flags&lm.Function != 0 && !strings.HasSuffix(p.Doc.Str(i-1), "other") || p.followsPossessive(i+1) < -3 {
		return
	} else if left.Shape&text.InitialUpper == 0 && info.Flags&lm.Known != 0 && info.Flags&(lm.Noun|lm.Function) == 0 && !strings.HasSuffix(p.Doc.Str(i-1), "other") {
		return // "rehearse s": the rest of a verb, "huge s ocio"
	}
	if left.Shape&text.AllUpper == 0 && p.Doc.Text[left.End-1] == 's' || !p.commonWord(i+1) && p.makesWord(i, i+1) {
		return // "maneuvers s", "large s ums": a letter too many, or of the next word
	}
	p.Propose(edit.Proposal{
		Rule:  "possessive/lost-apostrophe",
		Span:  edit.Span{Start: int(left.Start), End: int(t.End)},
		Edits: []edit.Edit{{Span: edit.Span{Start: int(left.End), End: int(t.Start)}, New: p.lostApostrophe()}}, Origin: edit.Extraction, Ceiling: edit.Safe,
		Why:      "a possessive s stands apart from its word, without its apostrophe",
		Evidence: []edit.Evidence{{Name: "shape", Nats: 5.5, Note: "a noun, a space, s, a word"}},
	})
}

var splitWord = Detector{
	ID:    "split/known-whole",
	Doc:   "Two scraps that are no words make one together.",
	Round: Words,
	Cues:  Always,
	Fix: []Example{
		{In: "The govern ment said the programme would continue.", Out: "The government said the programme would continue."},
		{In: "His health im proved very much in May.", Out: "His health improved very much in May."}, // not I'm proved
	},
	Keep: []Example{
		{In: "Xi met Xqzzt velle in May."},
		{In: "Only one of the flags -f or -q may be given."},
		{In: "The pages read the word out, t o r n, to the class."},
		{In: "They hold 20 8-bit values."},
		{In: "The table reads 1 204 2 310 3 118 4 99 5 87 in all."},
	},
	Run: runSplitWord,
}

// loneS is what a lone s before a word takes from the reading that it is the end of
// the word before it. Without it three in a hundred possessives are held back.
const loneS = -1.5

// sureCompound is the evidence, in nats, from which two common words of four letters
// and more are put together. Below it 11 of 36 on the development sets were the
// author's own two words.
const sureCompound = 3.9

// runSplitWord proposes the groups of gaps that hold a space too many.
func runSplitWord(p *Pass) {
	f := p.gaps()
	for i := range f.groups {
		g := &f.groups[i]
		if !g.takes() || p.letterRow(g) || p.numberRow(g) {
			continue
		}
		x := p.features(f, i)
		q := edit.Proposal{
			Span: p.span(g), Edits: g.edits(), Origin: edit.Extraction, Ceiling: edit.Safe,
			Why:      fmt.Sprintf("%q fits here", strings.Join(p.words(g), " ")),
			Evidence: weigh(&x, g.alone),
		}
		if s, ok := p.siteGap(g); ok {
			q.Evidence = append(q.Evidence, s.evidence()...)
		}
		if p.labels(g) || g.alone && (p.abreast(g) || p.initial(g)) {
			q.Ceiling = edit.Review
		}
		for _, c := range g.changes {
			if c.start == c.end {
				q.Rule = "split/shifted-space"
			}
		}
		if x[gTakeLong] > 0 && g.last == g.first+1 && q.Nats() < sureCompound {
			q.Ceiling = edit.Review // Corona virus, trade mark: authors write so
		}
		if i := g.last; p.Doc.Str(i) == "s" && i+1 < len(p.Doc.Tokens) && p.Doc.Tokens[i+1].Kind == text.Word && p.engine.runs("possessive") {
			q.Evidence = append(q.Evidence, edit.Evidence{Name: "lone-s", Nats: loneS, Note: "an s that lost its apostrophe stands like this too: the state s constitution"})
		}
		p.Propose(q)
	}
}

// initial reports whether a group puts a single capital and a word with one together:
// S Atheesh, N II.
func (p *Pass) initial(g *gapGroup) bool {
	if g.last != g.first+1 {
		return false
	}
	a, b := &p.Doc.Tokens[g.first], &p.Doc.Tokens[g.last]
	return a.Kind == text.Word && b.Kind == text.Word && a.End-a.Start == 1 && upperAt(p.Doc.Text, int(a.Start)) && upperAt(p.Doc.Text, int(b.Start))
}

// letterRow reports whether a group stands in a row of single capitals: an
// alphabet, a key to a table.
func (p *Pass) letterRow(g *gapGroup) bool {
	single := func(i int) bool {
		if i < 0 || i >= len(p.Doc.Tokens) {
			return false
		}
		t := &p.Doc.Tokens[i]
		return t.End-t.Start == 1 && t.Kind == text.Word && t.Shape&text.InitialUpper != 0
	}
	n := 0
	for i := g.first; i <= g.last; i++ {
		if single(i) {
			n++
		}
	}
	return n > 0 && (single(g.first-1) && single(g.first-2) || single(g.last+1) && single(g.last+2) || single(g.first-1) && single(g.last+1))
}

// numberRow reports whether a group is of numbers and another number stands beside it:
// three in a row are a table's, "1 204 2 310", of which no two belong together.
func (p *Pass) numberRow(g *gapGroup) bool {
	toks := p.Doc.Tokens
	for i := g.first; i <= g.last; i++ {
		if toks[i].Kind != text.Number {
			return false
		}
	}
	return g.first > 0 && toks[g.first].Gap == text.GapSpace && toks[g.first-1].Kind == text.Number ||
		g.last+1 < len(toks) && toks[g.last+1].Gap == text.GapSpace && toks[g.last+1].Kind == text.Number
}

// loneLetter reports whether token i is one letter, and no word by itself.
func (p *Pass) loneLetter(i int) bool {
	t := &p.Doc.Tokens[i]
	if t.Kind != text.Word || t.End-t.Start != 1 {
		return false
	}
	switch p.Doc.Text[t.Start] {
	case 'a', 'A', 'I':
		return false
	}
	return true
}

// labels reports whether a letter of the group names something rather than is a
// piece of a word: where nothing else in the document is torn, one of four or more in
// a row that are spelt out; and, beside a small word, an option (-n or -y) or one of
// several letters of the sentence (b and c).
func (p *Pass) labels(g *gapGroup) bool {
	toks := p.Doc.Tokens
	small := false
	for i := g.first; i <= g.last; i++ {
		small = small || toks[i].End-toks[i].Start > 1 && p.Info[i].Flags&lm.Function != 0
	}
	for i := g.first; i <= g.last; i++ {
		if !p.loneLetter(i) {
			continue
		}
		row := 0
		for k := max(0, i-3); k < min(len(toks), i+4); k++ {
			if toks[k].End-toks[k].Start == 1 && toks[k].Kind == text.Word {
				if row++; row == 4 && g.alone { // where other words are spaced out as well, this one is no spelling
					return true
				}
				continue
			}
			row = 0
		}
		if !small || !g.alone {
			continue
		}
		if i > 1 && toks[i].Gap == text.GapNone && p.Doc.Str(i-1) == "-" && toks[i-1].Gap != text.GapNone {
			return true
		}
		s := p.Doc.Sentences[p.sentenceOf(i)]
		for k := int(s.First); k < int(s.End); k++ {
			if (k < g.first || k > g.last) && p.loneLetter(k) {
				return true
			}
		}
	}
	return false
}

// abreast reports whether the pieces of a group are likelier neighbours than
// halves: numbers before a unit (8 4-digit groups), words in capitals that make
// no word known (RISC OS).
func (p *Pass) abreast(g *gapGroup) bool {
	toks := p.Doc.Tokens
	capitals := true
	for i := g.first; i <= g.last; i++ {
		capitals = capitals && toks[i].Shape&text.AllUpper != 0 && p.Info[i].Upper >= 8
	}
	if capitals {
		for _, w := range p.words(g) {
			if p.Lex.Lookup(w).Flags&lm.Known == 0 {
				return true
			}
		}
	}
	n := g.last + 1
	return toks[g.last].Kind == text.Number && n+1 < len(toks) && toks[n].Gap == text.GapNone && p.Doc.Str(n) == "-" &&
		toks[n+1].Gap == text.GapNone && toks[n+1].Kind == text.Word
}
