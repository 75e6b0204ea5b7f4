package detect

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// Limits on entities.
const (
	maxEntities = 10_000 // looked at in one document
	maxName     = 24     // letters of a name; the longest in use, thickapprox, has 11
	maxEscapes  = 4      // times that one & was escaped
)

var entity = Detector{
	ID: "characters/entity",
	Doc: "An HTML entity was left in plain text: named or numeric, escaped once or several times, with or without its semicolon. " +
		"Text that is HTML, or is about HTML, is left alone.",
	Round: Characters,
	Cues:  Escaped,
	Fix: []Example{
		{In: "The caf&#233; sold fish &amp; chips for &amp;quot;nothing&amp;quot;.", Out: "The café sold fish & chips for \"nothing\"."},
		{In: "It&#8217s P&EACUTE;REZ&rsquo;s choice &#150; a &lt;3 from fans &#55357;&#56832;", Out: "It’s PÉREZ’s choice – a <3 from fans 😀"},
	},
	Keep: []Example{
		{In: "AT&T; R&D; <p>&nbsp;</p> write &lt; in HTML"},
		{In: "Marks & Spencer; M&S;"},
		{In: "<em>Entities &lt;3</em> stay, and https://example.com/?a=1&copy=2&sect=3 does"},
		{In: "Write '&amp;' for the sign"},
	},
	Run: func(p *Pass) {
		s := p.Doc.Text
		if aboutMarkup(s) {
			return
		}
		for i, n := 0, 0; n < maxEntities; n++ {
			k := strings.IndexByte(s[i:], '&')
			if k < 0 {
				return
			}
			i += k
			e, ok := entityAt(s, i)
			if !ok {
				i++
				continue
			}
			p.proposeEntity(e)
			i = e.End
		}
	},
}

// entityFound is an entity and what it stands for.
type entityFound struct {
	edit.Span
	to      string
	nats    float64
	ceiling edit.Tier
	note    string
}

// entityAt reads the entity that begins with the & at i.
func entityAt(s string, i int) (entityFound, bool) {
	e := entityFound{Span: edit.Span{Start: i}, nats: 5.5, ceiling: edit.Safe, note: "a whole entity in plain text"}
	at := i + 1
	for range maxEscapes {
		rest, ok := strings.CutPrefix(s[at:], "amp;")
		if !ok || !named(rest) {
			break
		}
		at = len(s) - len(rest)
	}
	body := s[at:]
	var n int
	if strings.HasPrefix(body, "#") {
		e.to, n = numericEntity(body)
	} else {
		e.to, n = namedEntity(body)
	}
	if n == 0 {
		return e, false
	}
	e.End = at + n
	bare := s[e.End-1] != ';'
	r, size := utf8.DecodeRuneInString(e.to)
	next, _ := utf8.DecodeRuneInString(s[e.End:])
	prev, _ := utf8.DecodeLastRuneInString(s[:i])
	switch {
	case r == utf8.RuneError || size != len(e.to) || unicode.IsControl(r) && r != '\n':
		return e, false
	case bare && (next == '=' || inAddress(s, i)):
		return e, false // a parameter of an address
	case bare:
		e.nats, e.note = 4.5, "an entity without its semicolon"
	}
	switch {
	case r == '<' && (next == '/' || next == '!' || next < 0x80 && letterASCII(byte(next))):
		return e, false // it would make a tag: see leftoverTag
	case r == '>' && tagBefore(s[:i]):
		return e, false
	case r == '\n', strings.ContainsRune("'\"`(‘“«", prev) && strings.ContainsRune("'\"`)’”»", next) && !strings.ContainsRune(`"'’‘“”`, r):
		e.ceiling, e.note = edit.Review, "it stands in quotation marks, as if named"
	case r == '¿' && unicode.IsLetter(prev) && unicode.IsLetter(next):
		// BBC news of 2004 lost its apostrophes so: Blair&#191;s.
		e.to, e.ceiling, e.note = "’", edit.Review, "¿ stood for a lost mark"
	}
	return e, true
}

// named reports whether an escaped & is followed by the rest of an entity.
func named(rest string) bool {
	if strings.HasPrefix(rest, "#") {
		_, n := numericEntity(rest)
		return n > 0
	}
	if strings.HasPrefix(rest, "amp;") {
		return true
	}
	_, n := namedEntity(rest)
	return n > 0 && rest[n-1] == ';'
}

// numericEntity reads #233; #xE9; or, without a semicolon, #8217. Two halves of a pair of
// surrogates are read together.
func numericEntity(body string) (string, int) {
	v, n := codeNumber(body)
	if n == 0 {
		return "", 0
	}
	if utf16.IsSurrogate(rune(v)) {
		rest, ok := strings.CutPrefix(body[n:], "&")
		if !ok {
			return "", 0
		}
		low, m := codeNumber(rest)
		if r := utf16.DecodeRune(rune(v), rune(low)); m > 0 && r != utf8.RuneError {
			return string(r), n + 1 + m
		}
		return "", 0
	}
	// The standard reads numbers of 128 to 159 as windows-1252.
	to := html.UnescapeString("&#" + strconv.Itoa(v) + ";")
	if strings.HasPrefix(to, "&") && v != '&' {
		return "", 0
	}
	return to, n
}

func codeNumber(body string) (v, n int) {
	if !strings.HasPrefix(body, "#") {
		return 0, 0
	}
	base, at := 10, 1
	if len(body) > 1 && body[1]|0x20 == 'x' {
		base, at = 16, 2
	}
	end := at
	for end < len(body) && end-at < 8 && codeDigit(body[end], base) {
		end++
	}
	if end-at < 2 {
		return 0, 0
	}
	x, err := strconv.ParseUint(body[at:end], base, 32)
	if err != nil || x > unicode.MaxRune {
		return 0, 0
	}
	if end < len(body) && body[end] == ';' {
		return int(x), end + 1
	}
	if x < 0x27 || base == 16 || end < len(body) && codeDigit(body[end], 16) && body[end] < 'A' {
		return 0, 0
	}
	return int(x), end
}

func codeDigit(c byte, base int) bool {
	return c >= '0' && c <= '9' || base == 16 && c|0x20 >= 'a' && c|0x20 <= 'f'
}

// namedEntity reads eacute; or one of the old names without its semicolon, and
// names that were put in capitals with the text around them: EACUTE;.
func namedEntity(body string) (string, int) {
	n := 0
	for n < len(body) && n < maxName && (letterASCII(body[n]) || body[n] >= '0' && body[n] <= '9') {
		n++
	}
	if n < 2 {
		return "", 0
	}
	name := body[:n]
	if n < len(body) && body[n] == ';' {
		if to := html.UnescapeString("&" + name + ";"); !strings.HasSuffix(to, ";") {
			return to, n + 1
		}
		lower := strings.ToLower(name)
		if name != strings.ToUpper(name) || lower == name {
			return "", 0
		}
		if to := html.UnescapeString("&" + lower + ";"); !strings.HasSuffix(to, ";") {
			return strings.ToUpper(to), n + 1
		}
		return "", 0
	}
	// Without a semicolon the standard knows a hundred names. The whole word must
	// be one: &copyright is no entity, nor is &c.
	if to := html.UnescapeString("&" + name); n > 2 && !strings.HasPrefix(to, "&") && utf8.RuneCountInString(to) == 1 && (n > 3 || name == "reg" || name == "amp" || name == "shy") {
		return to, n
	}
	if name == "amp" {
		return "&", n
	}
	return "", 0
}

// inAddress reports whether the word that holds byte i looks like an address.
func inAddress(s string, i int) bool {
	const longest = 500
	from := max(0, i-longest)
	word := s[from:i]
	word = word[strings.LastIndexAny(word, " \n\t")+1:]
	return strings.Contains(word, "://") || strings.HasPrefix(word, "www.") || strings.ContainsAny(word, "?=/")
}

func (p *Pass) proposeEntity(e entityFound) {
	p.Propose(edit.Proposal{
		Span: e.Span, Edits: []edit.Edit{{Span: e.Span, New: e.to}}, Origin: edit.Extraction, Ceiling: e.ceiling,
		Why:      fmt.Sprintf("%s is the entity of %q", p.Doc.Text[e.Start:e.End], e.to),
		Evidence: []edit.Evidence{{Name: "entity", Nats: e.nats, Note: e.note}},
	})
}

// maxLeftover is how many tags plain text may hold that were left by mistake:
// with more it is HTML.
const maxLeftover = 2

// aboutMarkup reports whether a text is HTML, or about it: then its entities
// are meant.
func aboutMarkup(s string) bool {
	if strings.Contains(s, "HTML") || strings.Contains(s, "</") || strings.Contains(s, "```") {
		return true
	}
	tags := 0
	for i := 0; i < len(s); i++ {
		k := strings.IndexByte(s[i:], '<')
		if k < 0 {
			break
		}
		i += k
		if _, ok := tagAt(s, i); ok {
			if tags++; tags > maxLeftover {
				return true
			}
		}
	}
	return false
}

// wordsPerTag is how many words plain text has for each tag that was left in it,
// at least: a paragraph of HTML has fewer.
const wordsPerTag = 20

// markedUp reports whether a text is HTML, or about it, so that tags are meant:
// not where so few stand in so much text that they were left by mistake.
func markedUp(s string) bool {
	if strings.Contains(s, "HTML") || strings.Contains(s, "```") {
		return true
	}
	tags := 0
	for i := 0; i < len(s); i++ {
		k := strings.IndexAny(s[i:], "<&")
		if k < 0 {
			break
		}
		i += k
		if _, ok := tagAt(s, i); ok {
			tags++
		}
	}
	return tags > maxLeftover && len(strings.Fields(s)) < tags*wordsPerTag
}

// tagNames are the tags that articles are made of.
var tagNames = map[string]bool{
	"a": true, "abbr": true, "article": true, "aside": true, "b": true, "blockquote": true, "body": true, "br": true, "cite": true, "code": true, "div": true, "em": true,
	"embed": true, "figcaption": true, "figure": true, "font": true, "footer": true, "form": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true,
	"head": true, "header": true, "hr": true, "html": true, "i": true, "iframe": true, "img": true, "input": true, "ins": true, "li": true, "link": true, "meta": true, "nav": true,
	"noscript": true, "o": true, "object": true, "ol": true, "p": true, "param": true, "picture": true, "pre": true, "q": true, "s": true, "script": true, "section": true, "small": true,
	"source": true, "span": true, "strike": true, "strong": true, "style": true, "sub": true, "sup": true, "table": true, "tbody": true, "td": true, "th": true, "thead": true,
	"time": true, "tr": true, "u": true, "ul": true, "video": true,
}

// tagAt reads the tag that begins at i with < or &lt; and returns its end.
func tagAt(s string, i int) (end int, ok bool) {
	open, shut := "<", ">"
	if s[i] == '&' {
		open, shut = "&lt;", "&gt;"
	}
	rest, found := strings.CutPrefix(s[i:min(len(s), i+longestTag)], open)
	if !found {
		return 0, false
	}
	n := strings.Index(rest, shut)
	if n < 0 {
		return 0, false
	}
	inner := rest[:n]
	name := strings.TrimPrefix(inner, "/")
	k := 0
	for k < len(name) && (letterASCII(name[k]) || name[k] >= '0' && name[k] <= '9') {
		k++
	}
	if !tagNames[strings.ToLower(name[:k])] || k < len(name) && name[k] != ' ' && name[k] != '/' && name[k] != ':' || strings.ContainsAny(inner, "<\n") {
		return 0, false
	}
	if tail := strings.TrimSpace(name[k:]); tail != "" && tail != "/" && !strings.Contains(tail, "=") && !strings.HasPrefix(tail, ":") {
		return 0, false // "<a word>" is no tag
	}
	return i + len(open) + n + len(shut), true
}

// tagBefore reports whether an escaped tag, or the rest of one, ends here.
func tagBefore(s string) bool {
	s = s[max(0, len(s)-longestTag):]
	if i := strings.LastIndex(s, "&lt;"); i >= 0 && i+4 < len(s) && !strings.Contains(s[i:], "&gt;") {
		return s[i+4] == '/' || letterASCII(s[i+4])
	}
	return strings.HasSuffix(s, "br /") || strings.HasSuffix(s, "br/") || strings.HasSuffix(s, `" /`) || orphanEnd.MatchString(s)
}

var leftoverTag = Detector{
	ID:    "characters/tag",
	Doc:   "A tag, or a piece of one, was left in plain text, escaped or not: its removal is proposed. Text with more than two tags, and one in fewer than twenty words, is HTML and is left alone.",
	Round: Characters,
	Cues:  Escaped | Tagged,
	Keep: []Example{
		{In: "if a < b and c > d, <hello> said the <p> and <p> and <p>"},
		{In: "<p>One.</p> <p>Two.</p>"},
		{In: "<p>A paragraph of HTML that is <b>meant</b> to be so.</p>"},
	},
	Run: func(p *Pass) {
		s := p.Doc.Text
		if markedUp(s) {
			return
		}
		n := 0
		for i := 0; i < len(s) && n < maxEntities; i++ {
			k := strings.IndexAny(s[i:], "<&")
			if k < 0 {
				return
			}
			i += k
			from, end, ok := leftoverAt(s, i)
			if !ok {
				continue
			}
			n++
			span := edit.Span{Start: from, End: end}
			p.Propose(edit.Proposal{
				Span: span, Edits: []edit.Edit{{Span: span, New: ""}}, Origin: edit.Extraction, Ceiling: edit.Review,
				Why:      fmt.Sprintf("a tag was left in plain text: %s", s[from:end]),
				Evidence: []edit.Evidence{{Name: "tag", Nats: 3, Note: "a whole tag, or the end of one, in text that is no HTML"}},
			})
			i = end - 1
		}
	},
}

// orphanEnd is the end of a tag that lost its beginning: attributes, with or without its name.
var orphanEnd = regexp.MustCompile(`(?:^|[\s>])(?:(?:a|div|em|figure|img|li|p|span|strong|td) )?(?:[a-z][a-z0-9-]{1,30}="[^"<>\n]{0,200}" ?)+/?$`)

// longestTag bounds the bytes of a tag: those with data-mce-type and a style have 300.
const longestTag = 600

// leftoverAt reads a tag at i, or the orphan end of one: " br /&gt;", "data-mce-type="bookmark"&gt;".
func leftoverAt(s string, i int) (from, end int, ok bool) {
	if end, ok = tagAt(s, i); ok {
		return i, end, true
	}
	if strings.HasPrefix(s[i:], "&gt;") {
		for _, piece := range []string{"br /", "br/"} {
			if strings.HasSuffix(s[:i], piece) {
				from = i - len(piece)
				if from > 0 && s[from-1] == ' ' {
					from--
				}
				return from, i + len("&gt;"), true
			}
		}
		start := max(0, i-longestTag)
		if at := orphanEnd.FindStringIndex(s[start:i]); at != nil && (strings.HasSuffix(s[:i], `"`) || strings.HasSuffix(s[:i], "/")) {
			from = start + at[0]
			next := byte(' ')
			if i+len("&gt;") < len(s) {
				next = s[i+len("&gt;")]
			}
			if c := s[from]; c == '\n' || c == '>' || c == ' ' && next != ' ' {
				from++
			}
			return from, i + len("&gt;"), true
		}
	}
	return 0, 0, false
}
