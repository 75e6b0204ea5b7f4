package detect

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"copydesk/repair/edit"
	"copydesk/repair/text"
	"copydesk/rules"
)

var quoteHalf = Detector{
	ID: "quote/half",
	Doc: "One mark of a quotation was lost where the other stands. It is put back where the sentence, the attribution and the words around it " +
		"show its place; every place is weighed, and the likeliest are listed. A paragraph that leaves a quotation open for the next one stays.",
	Round: Sentences,
	Cues:  Always,
	Fix: []Example{
		{In: `The plan was ready on Monday. I don't think we have seen the end of it," he said.`, Out: `The plan was ready on Monday. "I don't think we have seen the end of it," he said.`},
	},
	Keep: []Example{
		{In: "“We are here to stay,” the general said.\" And we will not leave,” he added on Tuesday."}, // the mark is there
		{In: `"We were there," he said. "We saw it."`},
		{In: "\"We were there and saw it all.\n\n\"Nobody came to help us,\" he said."},
		{In: `The board was 6" wide and 4' long, the carpenter said.`},
	},
	Run: (*Pass).halfQuotes,
}

const (
	halfSlots = 1 << 14
	maxHalf   = 80 // tokens between the marks of a quotation that lost one
)

// half is a mark that stands alone.
type half struct {
	mark   int32 // its token
	opens  bool  // it opens a quotation whose end was lost
	lo, hi int32 // tokens between which the other one stood, half open
	block  text.Block
}

// markSides tells a mark by its sides, where they tell it.
func (p *Pass) markSides(i int32) (opens, closes bool) {
	d := p.Doc
	left := d.Tokens[i].Gap != text.GapNone
	right := int(i)+1 >= len(d.Tokens) || d.Tokens[i+1].Gap != text.GapNone
	switch d.Str(int(i)) {
	case "“":
		return left || !right, false
	case "”":
		return false, !left || right // ”I think: its author has one mark for both
	}
	if !left && i > 0 {
		switch d.Str(int(i - 1)) {
		case "(", "[", "—", "–", "'", "‘":
			left = true
		}
	}
	if !right {
		switch d.Str(int(i + 1)) {
		case ",", ".", ";", ":", "?", "!", ")", "]", "—", "–":
			right = true
		}
	}
	return left && !right, right && !left
}

// halves lists the marks of a document that stand alone.
func (p *Pass) halves() []half {
	d := p.Doc
	var out []half
	for n, b := range d.Blocks {
		if b.First == b.Next || b.Kind == text.Code || b.Kind == text.OtherLang {
			continue
		}
		first, end := d.Sentences[b.First].First, d.Sentences[b.Next-1].End
		open, last := int32(-1), first
		unclear := false
		mark := len(out)
		for i := first; i < end; i++ {
			if d.Tokens[i].Kind != text.Punct || !isQuote(d.Str(int(i))) {
				continue
			}
			if i > first && d.Tokens[i-1].Kind == text.Number && d.Tokens[i].Gap == text.GapNone && open < 0 {
				unclear = true // inches
			}
			opens, closes := p.markSides(i)
			switch {
			case opens == closes:
				unclear = true
			case opens && open >= 0:
				out = append(out, half{mark: open, opens: true, lo: open + 1, hi: min(i, open+maxHalf), block: b})
				open = i
			case opens:
				open = i
			case open < 0:
				out = append(out, half{mark: i, lo: max(last, i-maxHalf), hi: i, block: b})
				last = i + 1
			default:
				open, last = -1, i+1
			}
		}
		if open >= 0 {
			next := n+1 < len(d.Blocks) && d.Blocks[n+1].First < d.Blocks[n+1].Next
			if next {
				t := d.Str(int(d.Sentences[d.Blocks[n+1].First].First))
				next = isQuote(t)
			}
			if !next {
				out = append(out, half{mark: open, opens: true, lo: open + 1, hi: min(end, open+maxHalf), block: b})
			}
		}
		if unclear || len(out)-mark > 2 {
			out = out[:mark]
		}
	}
	return out
}

// places lists the tokens before which the other mark may have stood (lost at
// the start) or behind which (lost at the end).
func (p *Pass) places(h *half, out []int32) []int32 {
	d := p.Doc
	out = out[:0]
	for i := h.lo; i < h.hi; i++ {
		t := &d.Tokens[i]
		if h.opens {
			if i > h.mark && (int(i)+1 >= len(d.Tokens) || d.Tokens[i+1].Gap != text.GapNone || d.Tokens[i+1].Kind == text.Punct) && t.Kind != text.Symbol {
				out = append(out, i)
			}
			continue
		}
		if i > 0 && t.Gap <= text.GapSpace && isQuote(d.Str(int(i-1))) {
			continue // a mark stands there: it faces the wrong way, if any
		}
		if (t.Gap != text.GapNone || i == h.lo) && (t.Kind == text.Word || t.Kind == text.Number || t.Kind == text.Symbol) {
			out = append(out, i)
		}
	}
	return out
}

// halfFeatures lists the features of putting the other mark at token at.
func (p *Pass) halfFeatures(h *half, at int32, fs []orderFeature) []orderFeature {
	arr := p.arranger()
	d := p.Doc
	slots := func(kind, x, y, z uint32) {
		fs = append(fs, orderFeature{slotOf(200+kind, x, y, z) % halfSlots, 1})
	}
	c := func(i int32) uint32 { return uint32(arr.classOf(int(i))) }
	l, r := at-1, at // the tokens on both sides of the new mark
	k := uint32(0)
	if h.opens {
		l, r, k = at, at+1, 1
	}
	from, to := at, h.mark
	if h.opens {
		from, to = h.mark+1, at+1
	}
	starts, ends := uint32(0), uint32(0)
	if p.startsSentence(int(from)) {
		starts = 1
	}
	if int(to) >= len(d.Tokens) || p.startsSentence(int(r)) && h.opens {
		ends = 1
	}
	sentences := uint32(1)
	for i := from + 1; i < to; i++ {
		if p.startsSentence(int(i)) {
			sentences++
		}
	}
	before, after := c(h.mark-1), c(h.mark+1)
	length := bucket(int(to-from)/3, 12)
	capital := uint32(0)
	if int(from) < len(d.Tokens) && d.Tokens[from].Shape&text.InitialUpper != 0 {
		capital = 1
	}
	shape := starts | ends<<1 | capital<<2
	slots(0, k, 0, 0)
	slots(1, k, c(l), c(r))
	slots(2, k, c(l), shape)
	slots(3, k, c(r), shape)
	slots(4, k, length, shape)
	slots(5, k, min(sentences, 4), shape)
	slots(6, k<<16|before, after, shape)
	slots(7, k, before, c(l))
	slots(8, k, after, c(r))
	slots(9, k<<16|c(l-1), c(l), c(r))
	slots(10, k<<16|c(l), c(r), c(r+1))
	v := p.voice(from, to)
	slots(11, k<<4|shape, bucket(v.first, 2)*3+bucket(v.second, 1), min(sentences, 3))
	punct := uint32(0)
	if int(l) >= 0 && d.Tokens[l].Kind == text.Punct {
		punct = 1
	}
	slots(12, k<<4|shape, punct, length)
	// Marks that the quotation would run over.
	marks := 0
	for i := from; i < to; i++ {
		if d.Tokens[i].Kind == text.Punct {
			marks++
		}
	}
	slots(13, k<<4|shape, bucket(marks, 4), min(sentences, 3))
	// The words themselves, and who reports: a verb of reporting before the
	// quotation, the nearer the surer, or behind it.
	word := func(i int32) uint32 {
		if i < 0 || int(i) >= len(d.Tokens) {
			return 0
		}
		return uint32(uint64(arr.key(int(i))) >> 20)
	}
	verbs := reportingVerbs()
	reports := func(i int32) bool {
		return i >= 0 && int(i) < len(d.Tokens) && d.Tokens[i].Kind == text.Word && verbs[arr.key(int(i))]
	}
	dist := uint32(0)
	for i := from - 1; i >= max(0, from-6); i-- {
		if reports(i) {
			dist = uint32(from - i)
			break
		}
		if d.Tokens[i].Kind == text.Punct && i < from-1 || p.startsSentence(int(i)) {
			break
		}
	}
	behind := uint32(0)
	for i := to; i < min(int32(len(d.Tokens)), to+7); i++ {
		if reports(i) {
			behind = 1
			break
		}
	}
	one, two := uint32(0), uint32(0) // a speaker's words left outside, on the side of the new mark
	lo, hi := max(h.lo, at-12), at
	if h.opens {
		lo, hi = at+1, min(h.hi, at+13)
	}
	for i := lo; i < hi; i++ {
		switch speakers(d.Str(int(i))) {
		case 1:
			one = 1
		case 2:
			two = 1
		}
	}
	slots(14, k, word(l), 0)
	slots(15, k, word(r), 0)
	slots(16, k<<4|shape, dist, behind)
	slots(17, k<<16|c(from), dist, shape)
	slots(18, k<<4|shape, one<<1|two, bucket(v.first, 2)*3+bucket(v.second, 1))
	slots(19, k<<16|c(l), c(r), shape)
	slots(20, k<<16|before, length, shape)
	return fs
}

var shippedHalves = sync.OnceValue(func() *hashed {
	w, err := parseHashed(rules.QuoteHalf(), halfSlots)
	if err != nil {
		panic("the embedded weights of half quotations: " + err.Error())
	}
	return w
})

// halfClean is the prior of a document that shows no other damage: authors lose
// a mark in one paragraph of some thousands, the samples in one of three.
const halfClean = -1.0

func (p *Pass) halfQuotes() {
	if p.Counts.Quotes == 0 {
		return
	}
	halves := p.halves()
	if len(halves) == 0 {
		return
	}
	prior, ceiling := halfClean, edit.Review
	if s := p.suspect(); s.damaged {
		prior, ceiling = 0, edit.Safe
	} else if p.Counts.Words < fewWords {
		prior, ceiling = 0, edit.Safe
	}
	if p.skips(ceiling) {
		return
	}
	open, shut := p.quoteMarks()
	w := shippedHalves()
	type reading struct {
		at   int32
		nats float64
	}
	var at []int32
	var fs []orderFeature
	var list []reading
	for i := range halves {
		h := &halves[i]
		at, list = p.places(h, at), list[:0]
		for _, k := range at {
			fs = p.halfFeatures(h, k, fs[:0])
			list = append(list, reading{k, w.sum(fs)})
		}
		slices.SortStableFunc(list, func(x, y reading) int { return cmp.Compare(y.nats, x.nats) })
		if len(list) == 0 || list[0].nats+prior < quoteWeak {
			continue
		}
		list = list[:min(len(list), maxShown)]
		span := p.Doc.Tokens[h.mark].Span()
		for _, r := range list {
			if t := p.Doc.Tokens[r.at].Span(); r.nats > list[0].nats-shownNats {
				span.Start, span.End = min(span.Start, t.Start), max(span.End, t.End)
			}
		}
		for _, r := range list {
			if r.nats <= list[0].nats-shownNats {
				continue
			}
			e := edit.Edit{Span: edit.Span{Start: int(p.Doc.Tokens[r.at].Start), End: int(p.Doc.Tokens[r.at].Start)}, New: open}
			why := fmt.Sprintf("a quotation without its first mark, perhaps before %q", p.Doc.Str(int(r.at)))
			if h.opens {
				e = edit.Edit{Span: edit.Span{Start: int(p.Doc.Tokens[r.at].End), End: int(p.Doc.Tokens[r.at].End)}, New: shut}
				why = fmt.Sprintf("a quotation without its last mark, perhaps after %q", p.Doc.Str(int(r.at)))
			}
			p.Propose(edit.Proposal{
				Span: span, Edits: []edit.Edit{e}, Origin: edit.Unknown, Ceiling: ceiling, Aside: ceiling < edit.Safe, Why: why,
				Evidence: []edit.Evidence{
					{Name: "place", Nats: r.nats, Note: "how well quotations begin and end there"},
					{Name: "document", Nats: prior, Note: "other damage in the document"},
				},
			})
		}
	}
}
