package page

import (
	"strings"
	"unicode/utf8"
)

// Kind is what a text has otherwise than its page.
type Kind uint8

// The kinds of faults.
const (
	LostSpace  Kind = iota // the page has white space
	AddedSpace             // the page has none
	Apostrophe             // an apostrophe was lost
	Quote                  // a quotation mark was lost
	Dash                   // a dash was lost
	Character              // a sign stands in the place of a character
	Hyphen                 // a word was cut at a line's end
)

// Fault is a place where the text has something else than the page between
// letters that agree.
type Fault struct {
	Kind       Kind
	Start, End int    // bytes of the text
	New        string // what the page has there
	Tag        string // what stands there in the page: "a link", "a block", "a tag" or nothing
	Agree      int    // letters in a row that agree on the side where they are fewer
	Marked     bool   // a mark other than a letter touches the place
}

// Span is a range of bytes.
type Span struct{ Start, End int }

// Comparison is a text held against its page.
type Comparison struct {
	Faults []Fault
	Same   []Span  // stretches that read in the page as they do here, ascending
	Share  float64 // of the text's letters, found in the page
}

// maxTries bounds how many places of the page are tried for one of the text.
const maxTries = 64

// run is a stretch of letters that agree.
type run struct{ text, page, n int }

// Compare holds a text against the page.
func (p *Page) Compare(text string) Comparison {
	c := comparer{p: p, s: text, glyphs: glyphsOf(text, nil)}
	c.letters = lettersOf(c.glyphs)
	c.findRuns()
	c.styles()
	var out Comparison
	found := 0
	for k, r := range c.runs {
		found += r.n
		from := 0
		for i := range r.n - 1 {
			if c.between(&out, r, i) {
				continue
			}
			c.same(&out, r, from, i)
			from = i + 1
		}
		c.same(&out, r, from, r.n-1)
		if k+1 < len(c.runs) {
			c.signs(r, c.runs[k+1], &out)
			c.seam(&out, r, c.runs[k+1])
		}
	}
	if len(c.letters) > 0 {
		out.Share = float64(found) / float64(len(c.letters))
	}
	return out
}

type comparer struct {
	p       *Page
	s       string
	glyphs  []glyph
	letters []int32
	runs    []run
	block   string // what stands between the text's paragraphs
	plain   bool   // it has typewriter marks where the page has typographic ones
}

// styles finds how the text writes paragraphs and marks.
func (c *comparer) styles() {
	switch s := strings.TrimSpace(c.s); {
	case strings.Contains(s, "\n\n"):
		c.block = "\n\n"
	case strings.Contains(s, "\r\n\r\n"):
		c.block = "\r\n\r\n"
	case strings.Contains(s, "\n"):
		c.block = "\n"
	default:
		c.block = " "
	}
	plain, kept := 0, 0
	for _, r := range c.runs {
		for i := range r.n - 1 {
			a, b := c.letters[r.text+i], c.letters[r.text+i+1]
			x, y := c.p.letters[r.page+i], c.p.letters[r.page+i+1]
			if b-a != y-x {
				continue
			}
			for k := range b - a - 1 {
				mine, theirs := c.glyphs[a+1+k].r, c.p.glyphs[x+1+k].r
				switch {
				case mine == theirs && theirs >= utf8.RuneSelf && restorable(theirs):
					kept++
				case mine < utf8.RuneSelf && mine != theirs && class(mine) == class(theirs):
					plain++
				}
			}
		}
	}
	c.plain = plain > kept
}

// findRuns finds the stretches of letters that stand in the page, those of the
// text in order; of several places in the page the next one counts.
func (c *comparer) findRuns() {
	last, done := 0, 0
	hashes(c.glyphs, c.letters, func(i int, h uint64) bool {
		if i < done {
			return true
		}
		j, ok := c.p.first[h]
		if !ok {
			return true
		}
		best := -1
		for tries := 0; j >= 0 && tries < maxTries; tries++ {
			if c.agree(i, int(j)) >= window {
				if best < 0 || int(j) >= last && best < last {
					best = int(j)
				}
				if best >= last {
					break
				}
			}
			j = c.p.next[j]
		}
		if best < 0 {
			return true
		}
		n := c.agree(i, best)
		r := run{i, best, n}
		c.runs = append(c.runs, r)
		for ok := true; ok; {
			last, done = r.page+r.n, r.text+r.n
			if r, ok = c.across(r); ok {
				c.runs = append(c.runs, r)
			}
		}
		return true
	})
}

// minAcross is how many letters must agree behind signs that stand for letters.
const minAcross = 3

// across goes on behind a run that ends at signs which stand for letters of the
// page: "Ang?lil".
func (c *comparer) across(r run) (run, bool) {
	for missing := 1; missing <= maxLostLetters; missing++ {
		next := run{text: r.text + r.n, page: r.page + r.n + missing}
		if next.n = c.agree(next.text, min(next.page, len(c.p.letters))); next.n >= minAcross && c.signs(r, next, nil) {
			return next, true
		}
	}
	return run{}, false
}

// agree counts the letters that agree from two places on.
func (c *comparer) agree(i, j int) int {
	n := 0
	for i+n < len(c.letters) && j+n < len(c.p.letters) && c.glyphs[c.letters[i+n]].r == c.p.glyphs[c.p.letters[j+n]].r {
		n++
	}
	return n
}

// same notes letters i to k of a run as reading alike in page and text.
func (c *comparer) same(out *Comparison, r run, i, k int) {
	if k <= i {
		return
	}
	g := &c.glyphs[c.letters[r.text+k]]
	end := int(g.at) + utf8.RuneLen(g.r)
	out.Same = append(out.Same, Span{int(c.glyphs[c.letters[r.text+i]].at), end})
}

// class is the character that stands for all of its sort.
func class(r rune) rune {
	switch r {
	case '\'', '’', '‘', 'ʼ', '`', '´', '′':
		return '\''
	case '"', '“', '”', '„', '«', '»', '″':
		return '"'
	case '–', '—', '―', '−':
		return '–'
	}
	return r
}

// restorable reports whether a mark of the page is put back where the text lost it.
func restorable(r rune) bool { c := class(r); return c == '\'' || c == '"' || c == '–' }

// stands reports whether a sign stands where something else was lost.
func stands(r rune) bool { return r == '?' || r == utf8.RuneError || r == '\u25a1' }

const maxMarks = 4 // marks between two letters that are compared

// between compares what stands between letters i and i+1 of a run, and reports
// whether it is the same.
func (c *comparer) between(out *Comparison, r run, i int) bool {
	a, b := c.letters[r.text+i], c.letters[r.text+i+1]
	x, y := c.p.letters[r.page+i], c.p.letters[r.page+i+1]
	mine, theirs := c.glyphs[a+1:b+1], c.p.glyphs[x+1:y+1] // the marks, and the letter behind them
	if len(mine) > maxMarks+1 || len(theirs) > maxMarks+1 {
		return len(mine) == len(theirs)
	}
	agree := min(i+1, r.n-i-1)
	before := len(out.Faults)
	add := func(f Fault) {
		f.Agree = agree
		out.Faults = append(out.Faults, f)
	}
	switch {
	case len(mine) == len(theirs):
		c.level(mine, theirs, add)
	case len(mine) == 2 && len(theirs) == 1 && mine[0].r == '-' && mine[0].gap == 0 && mine[1].gap.apart() && theirs[0].gap == 0:
		// "pro- perty": cut at a line's end, which the page does not have.
		add(Fault{Kind: Hyphen, Start: int(mine[0].at), End: int(mine[1].at)})
	case len(mine) < len(theirs):
		c.lost(&c.glyphs[a], mine, theirs, add)
	}
	return len(out.Faults) == before && len(mine) == len(theirs)
}

// level compares gaps between the same marks, and finds signs in their place.
func (c *comparer) level(mine, theirs []glyph, add func(Fault)) {
	for k := range mine {
		m, t := &mine[k], &theirs[k]
		if k < len(mine)-1 && class(m.r) != class(t.r) && !(stands(m.r) && (restorable(t.r) || t.r == '…')) {
			return // other marks: another version of the text
		}
	}
	for k := range mine {
		m, t := &mine[k], &theirs[k]
		at := int(m.at)
		marked := len(mine) > 1
		if k < len(mine)-1 && class(m.r) != class(t.r) {
			add(Fault{Kind: Character, Start: at, End: at + utf8.RuneLen(m.r), New: c.styled(t.r), Tag: tagOf(t.gap), Marked: marked})
		}
		switch {
		case m.gap == 0 && t.gap.apart():
			add(Fault{Kind: LostSpace, Start: at, End: at, New: c.white(t.gap), Tag: tagOf(t.gap), Marked: marked})
		case m.gap == space && !t.gap.apart() && c.sureNone(t, k, marked):
			start := len(strings.TrimRight(c.s[:at], " \t\u00a0"))
			add(Fault{Kind: AddedSpace, Start: start, End: at, Tag: tagOf(t.gap), Marked: marked})
		}
	}
}

// sureNone reports whether a page that has no white space before a character
// shows none: a style sheet may set elements apart, but not a mark from its word.
func (c *comparer) sureNone(t *glyph, k int, marked bool) bool {
	if t.gap == 0 {
		return true
	}
	if !marked || t.gap&lines != 0 {
		return false
	}
	return strings.ContainsRune(",.;:!?)]’'”", t.r) || k > 0
}

// lost finds the apostrophes, quotation marks and dashes of the page that the
// text lost; its other marks must all be there. left is the letter before them.
func (c *comparer) lost(left *glyph, mine, theirs []glyph, add func(Fault)) {
	want := theirs[:len(theirs)-1] // without the letter behind them
	k := 0                         // the next glyph of the text
	for i := 0; i < len(want); {
		if k < len(mine)-1 && class(mine[k].r) == class(want[i].r) {
			left = &mine[k]
			k++
			i++
			continue
		}
		n := i // the marks from i to n were lost
		for n < len(want) && (k == len(mine)-1 || class(mine[k].r) != class(want[n].r)) {
			if !restorable(want[n].r) {
				return
			}
			n++
		}
		c.restore(left, &mine[k], theirs[i:n+1], add)
		i = n
	}
}

// restore puts lost marks between two glyphs of the text. marks are followed by
// what stands behind them in the page.
func (c *comparer) restore(left, right *glyph, marks []glyph, add func(Fault)) {
	start, end := int(left.at)+utf8.RuneLen(left.r), int(right.at)
	n := len(marks) - 1
	before, after := marks[0].gap.apart(), marks[n].gap.apart()
	kind := Quote
	switch {
	case class(marks[0].r) == '–':
		kind = Dash
	case n == 1 && class(marks[0].r) == '\'' && !before && !after:
		kind = Apostrophe
	}
	tag := ""
	for i := range marks {
		if tag == "" {
			tag = tagOf(marks[i].gap)
		}
	}
	put := func(start, end int, s string) {
		add(Fault{Kind: kind, Start: start, End: end, New: s, Tag: tag, Marked: true})
	}
	said := func(list []glyph) string {
		var b strings.Builder
		for i := range list {
			if i > 0 && list[i].gap.apart() {
				b.WriteByte(' ')
			}
			b.WriteString(c.styled(list[i].r))
		}
		return b.String()
	}
	switch {
	case right.gap&tagged != 0:
	case right.gap == 0:
		s := said(marks[:n])
		if before {
			s = c.white(marks[0].gap) + s
		}
		if after {
			s += c.white(marks[n].gap)
		}
		put(start, start, s)
	case before && after:
		if right.gap == space {
			put(end, end, said(marks[:n])+" ")
		}
	case before:
		put(end, end, said(marks[:n]))
	case after:
		put(start, start, said(marks[:n]))
	default: // "Trump s", or one mark that closes and one that opens
		cut := -1
		for i := 1; i < n; i++ {
			if marks[i].gap.apart() {
				if cut > 0 {
					return
				}
				cut = i
			}
		}
		if cut > 0 {
			put(start, start, said(marks[:cut]))
			put(end, end, said(marks[cut:n]))
		} else if right.gap == space {
			put(start, end, said(marks[:n]))
		}
	}
}

// maxLostLetters bounds the letters of the page for which signs may stand.
const maxLostLetters = 3

// signs reports whether signs stand between two runs for letters of the page, and
// adds them as faults.
func (c *comparer) signs(r, next run, out *Comparison) bool {
	missing := next.page - (r.page + r.n)
	if next.text != r.text+r.n || missing < 1 || missing > maxLostLetters {
		return false
	}
	last, first := c.letters[r.text+r.n-1], c.letters[next.text]
	signs := c.glyphs[last+1 : first]
	x, y := c.p.letters[r.page+r.n-1], c.p.letters[next.page]
	theirs := c.p.glyphs[x+1 : y]
	if len(signs) != len(theirs) {
		return false
	}
	for k := range signs {
		same := class(signs[k].r) == class(theirs[k].r)
		if signs[k].gap.apart() != theirs[k].gap.apart() || !same && !(stands(signs[k].r) && theirs[k].letter()) {
			return false
		}
	}
	for k := range signs {
		if out != nil && theirs[k].letter() {
			at := int(signs[k].at)
			out.Faults = append(out.Faults, Fault{
				Kind: Character, Start: at, End: at + utf8.RuneLen(signs[k].r), New: string(theirs[k].r), Agree: min(r.n, next.n), Marked: true,
			})
		}
	}
	return true
}

// seam finds white space that was lost where the extractor left something out:
// the page ends a block there, or begins one.
func (c *comparer) seam(out *Comparison, r, next run) {
	if next.text != r.text+r.n || next.page <= r.page+r.n {
		return
	}
	last, first := c.letters[r.text+r.n-1], c.letters[next.text]
	marks := c.glyphs[last+1 : first+1] // the letter behind them too
	x, y := int(c.p.letters[r.page+r.n-1])+1, int(c.p.letters[next.page])
	if len(marks) > maxMarks || x+len(marks)-1 >= y || c.p.glyphs[y].gap&lines == 0 || c.p.glyphs[x+len(marks)-1].gap&lines == 0 {
		return
	}
	for k := range marks {
		if marks[k].gap != 0 || k < len(marks)-1 && (class(marks[k].r) != class(c.p.glyphs[x+k].r) || c.p.glyphs[x+k].gap.apart()) {
			return
		}
	}
	at := int(c.glyphs[first].at)
	out.Faults = append(out.Faults, Fault{
		Kind: LostSpace, Start: at, End: at, New: c.block, Tag: "a block", Agree: min(r.n, next.n), Marked: len(marks) > 1,
	})
}

// white is the white space that the page's gap is in the text.
func (c *comparer) white(gap before) string {
	if gap&lines != 0 {
		return c.block
	}
	return " "
}

// styled writes a mark of the page as the text writes marks.
func (c *comparer) styled(r rune) string {
	if c.plain {
		switch class(r) {
		case '\'':
			return "'"
		case '"':
			return `"`
		}
	}
	return string(r)
}

func tagOf(gap before) string {
	switch {
	case gap&linked != 0:
		return "a link"
	case gap&lines != 0:
		return "a block"
	case gap&tagged != 0:
		return "a tag"
	}
	return ""
}
