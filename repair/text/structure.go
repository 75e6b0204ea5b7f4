package text

import (
	"copydesk/repair/edit"
)

// maxHeadingTokens bounds what may be a heading.
const maxHeadingTokens = 18

// structure finds the blocks and sentences of a tokenized document.
func structure(d *Document) {
	d.Blocks, d.Sentences = d.Blocks[:0], d.Sentences[:0]
	toks := d.Tokens
	first, block := 0, 0
	for i := range toks {
		t := &toks[i]
		if i > 0 && t.Gap >= GapLine && (t.Gap == GapParagraph || lineEnds(d, block, i)) {
			d.endSentence(&first, i)
			d.endBlock(block, i)
			block = i
		}
		if i+1 < len(toks) && toks[i+1].Gap != GapNone && d.EndsSentence(i) {
			d.endSentence(&first, i+1)
		}
	}
	d.endSentence(&first, len(toks))
	d.endBlock(block, len(toks))
}

func (d *Document) endSentence(first *int, end int) {
	if *first < end {
		d.Sentences = append(d.Sentences, Sentence{int32(*first), int32(end)})
		*first = end
	}
}

func (d *Document) endBlock(first, end int) {
	if first >= end {
		return
	}
	b := Block{Span: edit.Span{Start: int(d.Tokens[first].Start), End: int(d.Tokens[end-1].End)}}
	n := int32(len(d.Sentences))
	b.Next = n
	b.First = n
	for b.First > 0 && d.Sentences[b.First-1].First >= int32(first) {
		b.First--
	}
	last := d.Tokens[end-1]
	final := d.Text[last.Start]
	switch {
	case last.Kind == Punct && (final == '.' || final == '!' || final == '?' || final == '"' || final == ':') || d.Str(end-1) == "”":
	case end-first <= maxHeadingTokens:
		b.Kind = Heading
	}
	if t := d.Tokens[first]; b.Kind == Paragraph && t.Kind == Punct {
		switch d.Str(first) {
		case "-", "*", "•", "–":
			b.Kind = ListItem
		}
	}
	if d.codeMarks > 0 && looksLikeCode(d.Text[b.Start:b.End]) {
		b.Kind = Code
	}
	d.Blocks = append(d.Blocks, b)
}

// lineEnds reports whether the single line end before token i ends a block:
// always, unless the line looks hard-wrapped (40 to 110 bytes, no stop at its
// end) and goes on in lower case.
func lineEnds(d *Document, block, i int) bool {
	prev, t := d.Tokens[i-1], d.Tokens[i]
	if t.Kind != Word || t.Shape&InitialUpper != 0 {
		if t.Kind != Number && t.Kind != Word {
			return true
		}
	}
	width := 0
	for k := int(prev.End) - 1; k >= 0 && d.Text[k] != '\n' && width <= 110; k-- {
		width++
	}
	if width < 40 || width > 110 || width < 60 && t.Shape&InitialUpper != 0 {
		return true
	}
	return prev.Kind == Punct && d.Text[prev.Start] != ',' && d.Text[prev.Start] != '-'
}

// EndsSentence reports whether token i, followed by white space, ends a
// sentence: a stop, with closing quotes and brackets after it, before something
// that can begin one.
func (d *Document) EndsSentence(i int) bool {
	t := d.Tokens[i]
	k := i
	switch t.Kind {
	case Word:
		if t.Shape&HasDot == 0 {
			return false
		}
		return d.abbreviationEnds(i)
	case Punct, Clitic:
		for k > 0 && d.Tokens[k].Gap == GapNone && closing(d.Str(k)) {
			k--
		}
	default:
		return false
	}
	s := d.Str(k)
	if d.Tokens[k].Kind != Punct {
		return false
	}
	switch s[0] {
	case '.', '!', '?':
	default:
		if s != "…" {
			return false
		}
	}
	n := d.Tokens[i+1]
	if n.Gap >= GapLine {
		return true
	}
	if k == 0 || d.Tokens[k].Gap != GapNone {
		return false // a loose stop
	}
	j := i + 1
	for j < len(d.Tokens)-1 && d.Tokens[j].Kind == Punct && opening(d.Str(j)) {
		j++
	}
	n = d.Tokens[j]
	switch n.Kind {
	case Word:
		return n.Shape&InitialUpper != 0 || n.Shape&InnerUpper != 0
	case Number, Foreign, Protected, Symbol:
		return len(s) == 1
	}
	return false
}

func closing(s string) bool {
	switch s {
	case `"`, "”", "’", "'", ")", "]", "»":
		return true
	}
	return false
}

func opening(s string) bool {
	switch s {
	case `"`, "“", "‘", "'", "(", "[", "«", "—", "–", "-", "--":
		return true
	}
	return false
}

// starters are capitalised words that begin sentences far more often than they
// follow an abbreviation.
var starters = set("the in it he she they we i but and a an this that these those his her their its on at for as if when while after before there what who how why not so yet then also however meanwhile")

// abbreviationEnds decides whether a sentence ends at the abbreviation i.
func (d *Document) abbreviationEnds(i int) bool {
	n := d.Tokens[i+1]
	if n.Gap >= GapLine {
		return true
	}
	if n.Kind != Word || n.Shape&InitialUpper == 0 {
		return false
	}
	s := d.Str(i)
	if len(s) == 2 {
		return false // an initial
	}
	switch lower(s[:len(s)-1]) {
	case "mr", "mrs", "ms", "dr", "prof", "gov", "sen", "rep", "gen", "col", "lt", "sgt", "capt", "rev", "hon", "st", "vs":
		return false
	}
	return starters[lower(d.Str(i+1))]
}

// longBlock is the length in bytes from which a block counts as the article's
// own; shortEnd is how many at each end do not where none is long.
const longBlock, shortEnd = 200, 3

// Body finds the first and the last block that count as the article's own:
// blocks before and after them are its head and foot.
func (d *Document) Body() (first, last int) {
	first, last = len(d.Blocks), -1
	for k, b := range d.Blocks {
		if b.Len() >= longBlock {
			first, last = min(first, k), k
		}
	}
	if last < 0 { // short blocks only: a list, a table, a few lines
		first, last = shortEnd, len(d.Blocks)-1-shortEnd
	}
	return first, last
}
