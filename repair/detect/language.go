package detect

import (
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

// A block counts as another language's when English function words are rare in
// it and those of one other language are not. In English news they make up 40 %
// of the words, and below 20 % only in tables, lists of names and headlines.
const (
	minLanguageWords = 6    // a shorter block goes the way of the document, as does one that does not tell
	minOtherWords    = 3    // of the other language: von der Leyen has two
	maxEnglish       = 0.20 // share of English function words
	minOther         = 0.15 // share of the other language's
	minOtherKinds    = 2    // different ones
	commonLnProb     = -9   // one word in 8,100: commoner ones are English too
	minForeign       = 0.25 // nats a pair of letters by which another language must be likelier
	minForeignBytes  = 60   // of a block whose letters tell it
	minBeyond        = 2    // letters beyond ASCII in it
)

// markLanguages finds the blocks in other languages, marks them as such, and
// forgets the cues in them: what is known here is English.
func (p *Pass) markLanguages() {
	p.foreign = p.foreign[:0]
	other, judged, open := 0, 0, 0
	for k := range p.Doc.Blocks {
		b := &p.Doc.Blocks[k]
		words, english := p.englishWords(b)
		judged += words
		if float64(english) >= maxEnglish*float64(words) && words > 0 {
			continue
		}
		if words >= minLanguageWords && (p.otherWords(b, words, english) || otherLetters(p.Doc.Text[b.Start:b.End])) {
			p.foreign = append(p.foreign, b.Span)
			other += words
		} else {
			open++
		}
	}
	lines := len(p.foreign) == 0 && open > 0 && p.otherLines()
	other += p.foreignRuns()
	if len(p.foreign) == 0 && !lines {
		return
	}
	if 2*other > judged || lines {
		runs := slices.Clone(p.foreign)
		p.foreign = p.foreign[:0]
		for k := range p.Doc.Blocks {
			b := &p.Doc.Blocks[k]
			if words, english := p.englishWords(b); float64(english) < maxEnglish*float64(words) || words == 0 {
				p.foreign = append(p.foreign, b.Span)
			}
		}
		n := len(p.foreign)
		for _, r := range runs {
			if !isAmong(p.foreign[:n], r.Start) {
				p.foreign = append(p.foreign, r)
			}
		}
		slices.SortFunc(p.foreign, func(a, b edit.Span) int { return a.Start - b.Start })
	}
	p.forget()
}

// otherLines reports whether the blocks without English, each too short to tell, are
// together of another language by their letters: captions, lists, messages.
func (p *Pass) otherLines() bool {
	const (
		most  = 4000 // bytes that tell it
		every = 3    // of so many words one at least has a letter beyond ASCII
	)
	var b strings.Builder
	words, beyond := 0, 0
	for k := range p.Doc.Blocks {
		l := &p.Doc.Blocks[k]
		n, english := p.englishWords(l)
		if n == 0 || float64(english) >= maxEnglish*float64(n) || b.Len() > most {
			continue
		}
		words += n
		for w := range strings.FieldsSeq(p.Doc.Text[l.Start:l.End]) {
			if strings.ContainsFunc(w, func(r rune) bool { return r >= 0xC0 && unicode.IsLetter(r) }) {
				beyond++
			}
		}
		b.WriteString(p.Doc.Text[l.Start:l.End])
		b.WriteByte('\n')
	}
	return beyond*every >= words && otherLetters(b.String())
}

// englishWords counts a block's words and the English function words among them.
func (p *Pass) englishWords(b *text.Block) (words, english int) {
	if b.First == b.Next {
		return 0, 0
	}
	first, end := p.Doc.Sentences[b.First].First, p.Doc.Sentences[b.Next-1].End
	for i := first; i < end; i++ {
		if p.Doc.Tokens[i].Kind == text.Word {
			words++
			if p.Info[i].Flags&lm.Function != 0 {
				english++
			}
		}
	}
	return words, english
}

// otherLetters reports whether the letters of a block are those of another
// language: of Polish or Latvian the function words are not known, or too few. It
// must have letters beyond ASCII too: damaged English has odd pairs as well.
func otherLetters(s string) bool {
	beyond := 0
	for _, r := range s {
		if r >= 0xC0 && unicode.IsLetter(r) {
			beyond++
		}
	}
	return len(s) >= minForeignBytes && beyond >= minBeyond && text.KnownLetters().Foreign(s) > minForeign
}

// otherWords reports whether one other language's function words are common in a
// block, and commoner than those of English.
func (p *Pass) otherWords(b *text.Block, words, english int) bool {
	known := rules.OtherWords()
	var count [64]int
	var kinds [64]map[string]bool
	for i := p.Doc.Sentences[b.First].First; i < p.Doc.Sentences[b.Next-1].End; i++ {
		t := p.Doc.Tokens[i]
		// Single letters are pieces of torn words, capitals parts of names.
		if t.Kind != text.Word && t.Kind != text.Foreign || t.End-t.Start > 16 || t.End-t.Start < 2 || t.Shape&text.InitialUpper != 0 && int(t.Start) > b.Start {
			continue
		}
		// Words that English has as well say nothing: die, war, in, see.
		if info := p.Info[i]; info.Flags&lm.Function != 0 || info.LnProb < 0 && info.LnProb > commonLnProb {
			continue
		}
		w := strings.ToLower(p.Doc.Str(int(i)))
		if k := strings.IndexAny(w, "'’"); k > 0 { // l'opposition, qu’il
			w = w[:k]
		}
		for set := known[w]; set != 0; set &= set - 1 {
			n := bits.TrailingZeros64(set)
			count[n]++
			if kinds[n] == nil {
				kinds[n] = map[string]bool{}
			}
			kinds[n][w] = true
		}
	}
	for n, c := range count {
		if c > english && c >= minOtherWords && float64(c) >= minOther*float64(words) && len(kinds[n]) >= minOtherKinds {
			return true
		}
	}
	return false
}

// isForeign reports whether a span touches a block in another language.
func (p *Pass) isForeign(s edit.Span) bool {
	if len(p.foreign) == 0 {
		return false
	}
	k, _ := slices.BinarySearchFunc(p.foreign, s.Start, func(f edit.Span, at int) int {
		if f.End <= at {
			return -1
		}
		return 1
	})
	return k < len(p.foreign) && p.foreign[k].Start < max(s.End, s.Start+1)
}

// forget drops the cues within blocks of other languages.
func (p *Pass) forget() {
	for c := range p.at {
		list := p.at[c]
		if len(list) == 0 {
			continue
		}
		p.at[c] = slices.DeleteFunc(list, func(i int32) bool { return p.isForeign(p.Doc.Tokens[i].Span()) })
		if len(p.at[c]) == 0 {
			p.Seen &^= 1 << c
		}
	}
}
