package archive

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Article is what a page holds for a reader.
type Article struct {
	Title, Byline, Date string
	URL                 string // as the page names itself; may be empty
	Text                string // paragraphs with an empty line between them
}

// Limits of pages.
const (
	maxPage  = 8 << 20 // bytes of a page; larger ones are no articles
	maxDepth = 500     // of nested elements; what lies deeper is left out
)

// Page extracts the article of an HTML page, given in UTF-8. Text of inline
// elements, links above all, runs on as it is written; that of blocks stands in
// paragraphs of its own. Menus, shares, related stories and comments are left
// out by what their elements are and are called, and by their share of links
// (after the readability algorithm of Arc90, 2009).
func Page(b []byte) Article {
	if len(b) > maxPage {
		b = b[:maxPage]
	}
	doc, err := html.ParseWithOptions(bytes.NewReader(b), html.ParseOptionEnableScripting(false))
	if err != nil {
		return Article{} // only of the reader, which does not fail
	}
	p := &page{sizes: map[*html.Node][2]int{}}
	p.meta(doc, 0)
	body := p.best(doc)
	if body == nil {
		body = doc
	}
	w := &writer{p: p}
	w.node(body, 0)
	a := p.a
	if a.Title == "" {
		a.Title = p.heading
	}
	if a.Title == "" {
		a.Title = p.title
	}
	a.Text = w.text()
	// The headline may stand within the article as well: it is no paragraph.
	if rest, ok := strings.CutPrefix(a.Text, a.Title+"\n\n"); ok && a.Title != "" {
		a.Text = rest
	}
	return a
}

type page struct {
	a              Article
	title, heading string
	sizes          map[*html.Node][2]int // characters of text, and of it in links
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

// meta reads what the page says of itself.
func (p *page) meta(n *html.Node, depth int) {
	if depth > maxDepth {
		return
	}
	set := func(to *string, s string) {
		if s = strings.Join(strings.Fields(s), " "); *to == "" && len(s) < 1000 {
			*to = s
		}
	}
	if n.Type == html.ElementNode {
		switch n.DataAtom {
		case atom.Meta:
			name := strings.ToLower(attr(n, "property") + attr(n, "name") + attr(n, "itemprop"))
			switch content := attr(n, "content"); name {
			case "og:title", "twitter:title", "headline":
				set(&p.a.Title, content)
			case "author", "article:author", "byl", "parsely-author", "sailthru.author":
				if !strings.Contains(content, "://") {
					set(&p.a.Byline, content)
				}
			case "article:published_time", "datepublished", "date", "pubdate", "publishdate", "parsely-pub-date", "sailthru.date", "dc.date":
				set(&p.a.Date, content)
			case "og:url":
				set(&p.a.URL, content)
			}
		case atom.Link:
			if attr(n, "rel") == "canonical" {
				set(&p.a.URL, attr(n, "href"))
			}
		case atom.Title:
			set(&p.title, inner(n))
		case atom.H1:
			set(&p.heading, inner(n))
		case atom.Time:
			set(&p.a.Date, attr(n, "datetime"))
		}
		if strings.Contains(attr(n, "rel"), "author") || attr(n, "itemprop") == "author" {
			set(&p.a.Byline, inner(n))
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.meta(c, depth+1)
	}
}

// inner is the text below a node, for short elements.
func inner(n *html.Node) string {
	w := &writer{p: &page{sizes: map[*html.Node][2]int{}}, plain: true}
	w.node(n, 0)
	return w.text()
}

// size is how many characters of text stand below a node, and how many of them
// in links.
func (p *page) size(n *html.Node, depth int) [2]int {
	if s, ok := p.sizes[n]; ok {
		return s
	}
	var s [2]int
	switch {
	case n.Type == html.TextNode:
		s[0] = utf8.RuneCountInString(strings.TrimSpace(n.Data))
	case dropped(n) || depth > maxDepth:
	default:
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			sub := p.size(c, depth+1)
			s[0] += sub[0]
			s[1] += sub[1]
		}
		if n.DataAtom == atom.A {
			s[1] = s[0]
		}
	}
	p.sizes[n] = s
	return s
}

// minParagraph is how many characters a paragraph has, at the least, to speak
// for the element that it stands in.
const minParagraph = 40

// best is the element that holds the article.
func (p *page) best(doc *html.Node) *html.Node {
	scores := map[*html.Node]float64{}
	var order []*html.Node // where two score alike, the first wins
	add := func(n *html.Node, points float64) {
		if n == nil || n.Type != html.ElementNode {
			return
		}
		if _, ok := scores[n]; !ok {
			order = append(order, n)
			scores[n] = called(n)
		}
		scores[n] += points
	}
	var visit func(n *html.Node, depth int)
	visit = func(n *html.Node, depth int) {
		if depth > maxDepth || dropped(n) {
			return
		}
		if n.DataAtom == atom.P || n.DataAtom == atom.Pre || n.DataAtom == atom.Blockquote {
			if s := p.size(n, depth); s[0]-s[1] >= minParagraph {
				points := 1 + min(float64(s[0]-s[1])/100, 3)
				add(n.Parent, points)
				if n.Parent != nil {
					add(n.Parent.Parent, points/2)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c, depth+1)
		}
	}
	visit(doc, 0)
	var top *html.Node
	most := 0.0
	for _, n := range order {
		s := p.size(n, 0)
		if s[0] == 0 {
			continue
		}
		if score := scores[n] * (1 - float64(s[1])/float64(s[0])); score > most {
			top, most = n, score
		}
	}
	// The element around may be the article itself: parts of it stand apart.
	for n := top; n != nil && n.Type == html.ElementNode; n = n.Parent {
		if n.DataAtom == atom.Article || n.DataAtom == atom.Main || attr(n, "itemprop") == "articleBody" {
			return n
		}
	}
	return top
}

// badNames are the words in an element's class and id that say it is no part of
// the article.
var badNames = wordSet(`share sharing sharebar sharetools social related promo promos newsletter newsletters comment comments disqus
	ad ads advert adverts advertisement advertising sponsor sponsored sidebar breadcrumb breadcrumbs cookie cookies consent subscribe subscription
	paywall signup most-read most-popular most-viewed mostread read-more readmore read-next recommend recommended recommendations trending outbrain
	taboola toolbar menu nav navbar navigation footer masthead skip-link tag tags topics copyright popup modal banner widget widgets pagination
	screen-reader-text visually-hidden visuallyhidden sr-only`)

var goodNames = wordSet(`article body content entry main story text post articlebody article-body story-body entry-content post-content`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// named reports whether a class or id, or a part of it between hyphens or
// underscores, is in a set.
func named(set map[string]bool, names string) bool {
	if len(names) > 300 {
		names = names[:300]
	}
	for w := range strings.FieldsSeq(strings.ToLower(names)) {
		w = strings.ReplaceAll(w, "_", "-")
		if set[w] {
			return true
		}
		parts := strings.Split(w, "-")
		for i, p := range parts {
			if set[p] || i > 0 && set[parts[i-1]+"-"+p] {
				return true
			}
		}
	}
	return false
}

// called scores an element's name for being the article.
func called(n *html.Node) float64 {
	score := 0.0
	switch n.DataAtom {
	case atom.Article:
		score += 10
	case atom.Main:
		score += 5
	case atom.Body, atom.Html:
		score -= 5
	}
	if named(goodNames, attr(n, "class")) || named(goodNames, attr(n, "id")) {
		score += 3
	}
	return score
}

// dropped reports whether an element is never part of an article.
func dropped(n *html.Node) bool {
	if n.Type == html.CommentNode || n.Type == html.DoctypeNode {
		return true
	}
	if n.Type != html.ElementNode {
		return false
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Nav, atom.Aside, atom.Footer, atom.Form, atom.Button, atom.Select, atom.Svg,
		atom.Iframe, atom.Object, atom.Embed, atom.Canvas, atom.Audio, atom.Video, atom.Math, atom.Input, atom.Textarea, atom.Figure, atom.Head, atom.Dialog, atom.Menu:
		return true
	case atom.Body, atom.Html, atom.Main, atom.Article:
		return false
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return true
		case "aria-hidden":
			if a.Val == "true" {
				return true
			}
		case "style":
			if s := strings.ReplaceAll(strings.ToLower(a.Val), " ", ""); strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden") {
				return true
			}
		case "role":
			switch a.Val {
			case "navigation", "complementary", "contentinfo", "banner", "dialog", "search", "menu":
				return true
			}
		case "class", "id":
			if named(badNames, a.Val) {
				return true
			}
		}
	}
	return false
}

// blocks are the elements that begin a paragraph of their own.
var blocks = map[atom.Atom]bool{
	atom.Address: true, atom.Article: true, atom.Blockquote: true, atom.Body: true, atom.Caption: true, atom.Center: true, atom.Dd: true,
	atom.Details: true, atom.Div: true, atom.Dl: true, atom.Dt: true, atom.Fieldset: true, atom.Figcaption: true, atom.H1: true, atom.H2: true,
	atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Header: true, atom.Hgroup: true, atom.Hr: true, atom.Html: true,
	atom.Li: true, atom.Main: true, atom.Ol: true, atom.P: true, atom.Pre: true, atom.Section: true, atom.Summary: true, atom.Table: true,
	atom.Tbody: true, atom.Td: true, atom.Tfoot: true, atom.Th: true, atom.Thead: true, atom.Tr: true, atom.Ul: true,
}

// writer turns elements into text.
type writer struct {
	p     *page
	b     strings.Builder
	plain bool // drops nothing: the element was chosen
	space bool // white space waits for a word
	gap   bool // a paragraph waits for a word
}

func (w *writer) text() string { return strings.TrimSpace(w.b.String()) }

func (w *writer) node(n *html.Node, depth int) {
	if n.Type == html.TextNode {
		w.write(n.Data)
		return
	}
	if depth > 0 && !w.plain && dropped(n) || depth > maxDepth {
		if blocks[n.DataAtom] {
			w.gap = true
		}
		return
	}
	block := blocks[n.DataAtom]
	if block && depth > 0 && !w.plain && w.links(n) {
		w.gap = true
		return
	}
	if block {
		w.gap = true
	}
	if n.DataAtom == atom.Br {
		w.line()
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c, depth+1)
	}
	if block {
		w.gap = true
	}
}

// Lists of links: of which so much is link text, in so few characters, that no
// sentence can be in it.
const (
	linkShare = 0.7
	linkChars = 400
)

// links reports whether a block is a list of links, or one link to elsewhere.
func (w *writer) links(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Ul, atom.Ol, atom.Div, atom.Section, atom.Table, atom.P, atom.H2, atom.H3, atom.H4, atom.Li:
	default:
		return false
	}
	s := w.p.size(n, 0)
	return s[0] > 0 && s[0] < linkChars && float64(s[1]) > linkShare*float64(s[0])
}

// line ends a line within a paragraph.
func (w *writer) line() {
	if w.b.Len() > 0 && !w.gap {
		w.b.WriteByte('\n')
		w.space = false
	}
}

// write writes text with its white space run together, as a browser shows it.
func (w *writer) write(s string) {
	for _, r := range s {
		if unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' {
			w.space = true
			continue
		}
		if w.b.Len() > 0 {
			end := w.b.String()[w.b.Len()-1]
			switch {
			case w.gap:
				w.b.WriteString("\n\n")
			case w.space && end != '\n':
				w.b.WriteByte(' ')
			}
		}
		w.gap, w.space = false, false
		w.b.WriteRune(r)
	}
}
