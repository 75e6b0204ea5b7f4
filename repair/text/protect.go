package text

import (
	"cmp"
	"slices"
	"strings"

	"copydesk/repair/edit"
)

// Guard is a place that must not be changed, and what protects it.
type Guard struct {
	edit.Span
	What string // "code", "other language", "web address or the like"
}

// Allows reports whether an edit leaves the place as it is, or takes all of it
// away.
func (g Guard) Allows(e edit.Edit) bool {
	if e.Start == e.End {
		return e.Start <= g.Start || e.Start >= g.End
	}
	return e.End <= g.Start || e.Start >= g.End || e.Start <= g.Start && e.End >= g.End
}

// Guards lists the places that must not be changed, ascending and disjoint:
// protected tokens, code between backticks, blocks of code and of other
// languages. It costs a walk over the tokens: ask where something was proposed.
func (d *Document) Guards() []Guard {
	var all []Guard
	for _, b := range d.Blocks {
		switch b.Kind {
		case Code:
			all = append(all, Guard{b.Span, "code"})
		case OtherLang:
			all = append(all, Guard{b.Span, "other language"})
		}
	}
	for _, t := range d.Tokens {
		if t.Kind == Protected {
			all = append(all, Guard{t.Span(), "web address or the like"})
		}
	}
	all = inlineCode(d.Text, all)
	all = inlineData(d.Text, all)
	slices.SortStableFunc(all, func(a, b Guard) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	// Of those that overlap the first, which is the widest, grows over the rest.
	out := all[:0]
	for _, g := range all {
		if n := len(out); n > 0 && g.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, g.End)
			continue
		}
		out = append(out, g)
	}
	return out
}

// maxInline bounds code between backticks, in bytes: further apart they are
// quotation marks of an old fashion, or strays.
const maxInline = 200

func inlineCode(s string, all []Guard) []Guard {
	for i := strings.IndexByte(s, '`'); i >= 0; {
		end := i + 1
		for end < len(s) && s[end] != '`' && s[end] != '\n' && end-i < maxInline {
			end++
		}
		next := i + 1
		if end < len(s) && s[end] == '`' && end > i+1 {
			all = append(all, Guard{edit.Span{Start: i, End: end + 1}, "code"})
			next = end + 1
		}
		k := strings.IndexByte(s[next:], '`')
		if k < 0 {
			break
		}
		i = next + k
	}
	return all
}

// maxData bounds an object of JSON within prose, in bytes.
const maxData = 4096

// inlineData finds objects of JSON that a page's scripts left within prose:
// {"unitName":"dfpPosition1","isMobile":false}.
func inlineData(s string, all []Guard) []Guard {
	for i := 0; ; {
		k := strings.Index(s[i:], `{"`)
		if k < 0 {
			return all
		}
		i += k
		end, colons := objectEnd(s, i)
		if end > i && colons > 0 {
			all = append(all, Guard{edit.Span{Start: i, End: end}, "data"})
			i = end
			continue
		}
		i += 2
	}
}

// objectEnd is the end of the object of JSON that begins at i, and how many of its
// strings a colon follows; i where none ends within reach.
func objectEnd(s string, i int) (end, colons int) {
	depth, quoted := 0, false
	for j := i; j < len(s) && j-i < maxData; j++ {
		switch c := s[j]; {
		case quoted && c == '\\':
			j++
		case c == '"':
			if quoted && j+1 < len(s) && s[j+1] == ':' {
				colons++
			}
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return j + 1, colons
			}
		}
	}
	return i, 0
}

// looksLikeCode reports whether a block is code, markup or data: many of the
// marks that prose hardly uses, or the joints of JSON.
func looksLikeCode(s string) bool {
	marks := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{', '}', '=', '<', '>', '\\', '|':
			marks++
		case ';': // prose has it inside a line
			if rest := strings.TrimLeft(s[i+1:min(len(s), i+3)], " \r\n}"); rest == "" {
				marks++
			}
		}
	}
	if marks < 4 {
		return false
	}
	if marks*20 > len(s) {
		return true
	}
	const joints = 4 // "key":"value" so often is data, however long its strings
	return strings.Count(s, `":`)+strings.Count(s, `,"`) >= joints && strings.ContainsAny(s, "{}") && strings.Contains(s, `":`)
}

// serial is the end of a number, hash or identifier in hexadecimal digits that
// begins at i, or i: eight characters or more, digits and letters taking turns.
func serial(s string, i int) int {
	j, turns := i, 0
	for ; j < len(s) && j-i < maxToken; j++ {
		c := s[j]
		if hex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' || c == '-' && j > i; !hex {
			break
		}
		if j > i && (class[c]&cDigit == 0) != (class[s[j-1]]&cDigit == 0) && c != '-' && s[j-1] != '-' {
			turns++
		}
	}
	for j > i && s[j-1] == '-' {
		j--
	}
	if j-i < 8 || turns < 2 || j < len(s) && class[s[j]]&(cLower|cUpper|cDigit|cNonASCII) != 0 {
		return i
	}
	return j
}
