package page

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Limits of a page: what stands behind them is no article. Its index takes some
// 60 bytes a character.
const (
	maxBytes  = 8 << 20
	maxGlyphs = 500_000
)

// before is what stands before a character.
type before uint8

const (
	space   before = 1 << iota // white space
	newline                    // in a text: white space with a line end
	lines                      // the begin or end of a block, or a line break
	linked                     // the begin or end of a link
	tagged                     // any other tag
)

// apart says that white space shows.
func (b before) apart() bool { return b&(space|newline|lines) != 0 }

// glyph is a visible character.
type glyph struct {
	r   rune
	gap before
	at  int32 // its byte in the text; not used for pages
}

func (g *glyph) letter() bool { return letter(g.r) }

func letter(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

// Page is what a page shows. Immutable.
type Page struct {
	glyphs  []glyph
	letters []int32 // indices of the glyphs that are letters
	first   map[uint64]int32
	next    []int32 // by index into letters: the next window of the same hash, or -1
}

// hidden are the elements whose text is none of the page's.
func hidden(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Title, atom.Textarea, atom.Iframe, atom.Noframes, atom.Noembed, atom.Xmp, atom.Template, atom.Noscript, atom.Svg, atom.Select, atom.Option:
		return true
	}
	return false
}

// block reports whether an element stands apart from what is around it, by what
// it is; what a style sheet makes of others is not known.
func block(a atom.Atom) bool {
	switch a {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Br, atom.Caption, atom.Center, atom.Dd, atom.Details, atom.Dir, atom.Div,
		atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Header, atom.Hgroup, atom.Hr, atom.Html, atom.Li, atom.Main, atom.Menu, atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Section, atom.Summary,
		atom.Table, atom.Tbody, atom.Td, atom.Tfoot, atom.Th, atom.Thead, atom.Tr, atom.Ul:
		return true
	}
	return false
}

// Parse reads a page, given in UTF-8.
func Parse(src []byte) *Page {
	p := new(Page)
	z := html.NewTokenizer(bytes.NewReader(src[:min(len(src), maxBytes)]))
	var gap before
	var skip atom.Atom // the hidden element that the reader is in
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			p.index()
			return p
		case html.TextToken:
			if skip == 0 {
				gap = p.text(z.Text(), gap)
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			switch {
			case skip != 0:
				if kind == html.EndTagToken && a == skip {
					skip = 0
				}
			case hidden(a):
				if kind == html.StartTagToken {
					skip = a
				}
				gap |= tagged
			case a == atom.A:
				gap |= linked
			case block(a):
				gap |= lines
			default:
				gap |= tagged
			}
		}
	}
}

// text adds the text of a page, behind a gap, and returns the gap behind it.
func (p *Page) text(b []byte, gap before) before {
	b = []byte(html.UnescapeString(string(b)))
	for len(b) > 0 && len(p.glyphs) < maxGlyphs {
		r, n := utf8.DecodeRune(b)
		b = b[n:]
		switch {
		case unicode.IsSpace(r):
			gap |= space
		case invisible(r):
		default:
			p.glyphs = append(p.glyphs, glyph{r: r, gap: gap})
			gap = 0
		}
	}
	return gap
}

// invisible are the characters that neither page nor text shows.
func invisible(r rune) bool {
	switch {
	case r == 0xAD, r >= 0x200B && r <= 0x200F, r == 0x2060, r == 0xFEFF, r < ' ', r == 0x7F:
		return true
	}
	return false
}

// glyphsOf reads a text as a page's is read.
func glyphsOf(s string, out []glyph) []glyph {
	var gap before
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n' || r == '\r':
			gap |= newline
		case unicode.IsSpace(r):
			gap |= space
		case invisible(r):
			gap |= tagged
		default:
			out = append(out, glyph{r, gap, int32(i)})
			gap = 0
		}
		i += n
	}
	return out
}

// window is how many letters in a row must agree for two places to be the same:
// three words. Shorter, and phrases of everybody's would do.
const window = 16

const hashBase = 0x100000001B3

// hashes calls each window's hash, by the index of its first letter. (Rabin and
// Karp, 1987.)
func hashes(glyphs []glyph, letters []int32, each func(i int, h uint64) bool) {
	var h, out uint64 = 0, 1
	for range window - 1 {
		out *= hashBase
	}
	for i := range letters {
		if i >= window {
			h -= out * uint64(glyphs[letters[i-window]].r)
		}
		h = h*hashBase + uint64(glyphs[letters[i]].r)
		if i >= window-1 && !each(i-window+1, h) {
			return
		}
	}
}

func lettersOf(glyphs []glyph) []int32 {
	var out []int32
	for i := range glyphs {
		if glyphs[i].letter() {
			out = append(out, int32(i))
		}
	}
	return out
}

// index notes where each window of the page stands.
func (p *Page) index() {
	p.letters = lettersOf(p.glyphs)
	p.first = make(map[uint64]int32, len(p.letters))
	p.next = make([]int32, len(p.letters))
	last := make(map[uint64]int32)
	hashes(p.glyphs, p.letters, func(i int, h uint64) bool {
		p.next[i] = -1
		if _, ok := p.first[h]; !ok {
			p.first[h] = int32(i)
		} else {
			before, ok := last[h]
			if !ok {
				before = p.first[h]
			}
			p.next[before] = int32(i)
			last[h] = int32(i)
		}
		return true
	})
}
