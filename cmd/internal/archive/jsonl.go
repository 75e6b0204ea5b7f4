// Package archive reads and writes streams of records. A record's text is
// replaced in place: every byte outside the repaired string stays.
package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// Str is a JSON string within a line: the raw bytes between its quotation
// marks are line[Start:End].
type Str struct {
	Start, End int
	Text       string // decoded; a lone surrogate reads as U+FFFD
}

// Reasons why a line cannot be repaired. Such a line passes through unchanged.
var (
	ErrNotJSON = errors.New("not a line of JSON")
	ErrNoField = errors.New("no such field")
	ErrNotText = errors.New("the field is no string")
)

// Find locates a string in a line of JSON: field is a name of the top level or
// a JSON pointer (RFC 6901) such as /article/body. Of a name that occurs twice
// the last counts, as in encoding/json.
func Find(line []byte, field string) (Str, error) {
	if !json.Valid(line) {
		return Str{}, ErrNotJSON
	}
	path := []string{field}
	if strings.HasPrefix(field, "/") {
		path = strings.Split(field[1:], "/")
		for i, p := range path {
			path[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
		}
	}
	i := skipSpace(line, 0)
	for _, name := range path {
		at := child(line, i, name)
		if at < 0 {
			return Str{}, fmt.Errorf("%w as %q", ErrNoField, field)
		}
		i = at
	}
	if line[i] != '"' {
		return Str{}, fmt.Errorf("%w: %q", ErrNotText, field)
	}
	end := skipValue(line, i)
	s := Str{Start: i + 1, End: end - 1}
	s.Text = decode(line[s.Start:s.End])
	return s, nil
}

// child is where the member's value begins in the object or array at i, or -1.
// The line is valid JSON.
func child(b []byte, i int, name string) int {
	found := -1
	switch b[i] {
	case '{':
		for i = skipSpace(b, i+1); b[i] != '}'; {
			end := skipValue(b, i)
			key := b[i+1 : end-1]
			i = skipSpace(b, skipSpace(b, end)+1) // past the colon
			if string(key) == name || decode(key) == name {
				found = i
			}
			if i = skipSpace(b, skipValue(b, i)); b[i] == ',' {
				i = skipSpace(b, i+1)
			}
		}
	case '[':
		want, err := strconv.Atoi(name)
		if err != nil {
			return -1
		}
		n := 0
		for i = skipSpace(b, i+1); b[i] != ']'; n++ {
			if n == want {
				return i
			}
			if i = skipSpace(b, skipValue(b, i)); b[i] == ',' {
				i = skipSpace(b, i+1)
			}
		}
	}
	return found
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue is the end of the valid JSON value at i.
func skipValue(b []byte, i int) int {
	switch b[i] {
	case '"':
		for i++; b[i] != '"'; i++ {
			if b[i] == '\\' {
				i++
			}
		}
		return i + 1
	case '{', '[':
		depth := 0
		for ; ; i++ {
			switch b[i] {
			case '"':
				i = skipValue(b, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	for i < len(b) && strings.IndexByte(",]} \t\r\n", b[i]) < 0 {
		i++
	}
	return i
}

// unit decodes one character of a raw string: its text and its raw length.
func unit(raw []byte) (rune, int) {
	if raw[0] != '\\' {
		r, n := utf8.DecodeRune(raw)
		return r, n
	}
	switch raw[1] {
	case 'u':
		r := hex4(raw[2:])
		if utf16.IsSurrogate(r) {
			if len(raw) >= 12 && raw[6] == '\\' && raw[7] == 'u' {
				if full := utf16.DecodeRune(r, hex4(raw[8:])); full != utf8.RuneError {
					return full, 12
				}
			}
			return utf8.RuneError, 6
		}
		return r, 6
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case 'r':
		return '\r', 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	}
	return rune(raw[1]), 2
}

func hex4(b []byte) rune {
	n, _ := strconv.ParseUint(string(b[:4]), 16, 32) // the line is valid JSON
	return rune(n)
}

func decode(raw []byte) string {
	plain := true
	for _, c := range raw {
		if c == '\\' {
			plain = false
			break
		}
	}
	if plain {
		return string(raw)
	}
	var b strings.Builder
	b.Grow(len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			j := i
			for j < len(raw) && raw[j] != '\\' {
				j++
			}
			b.Write(raw[i:j])
			i = j
			continue
		}
		r, n := unit(raw[i:])
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

// Splice returns the line with the edits made to its string. Edits are sorted,
// do not overlap, and count bytes of s.Text. Escapes outside them stay as they
// are; a line that writes all beyond ASCII as escapes keeps doing so.
func Splice(line []byte, s Str, edits []edit.Edit) []byte {
	raw := line[s.Start:s.End]
	escape := false
	ascii := true
	for i, c := range raw {
		if c >= utf8.RuneSelf {
			ascii = false
		}
		if c == '\\' && i+1 < len(raw) && raw[i+1] == 'u' {
			escape = true
		}
	}
	escape = escape && ascii
	out := make([]byte, 0, len(line)+64)
	out = append(out, line[:s.Start]...)
	at, text := 0, 0 // positions in raw and in s.Text
	forward := func(to int) {
		for text < to {
			if raw[at] != '\\' {
				at++
				text++
				continue
			}
			r, n := unit(raw[at:])
			at += n
			text += utf8.RuneLen(r)
		}
	}
	for _, e := range edits {
		from := at
		forward(e.Start)
		out = append(out, raw[from:at]...)
		forward(e.End)
		out = appendEscaped(out, e.New, escape)
	}
	out = append(out, raw[at:]...)
	return append(out, line[s.End:]...)
}

func appendEscaped(b []byte, s string, ascii bool) []byte {
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\t':
			b = append(b, '\\', 't')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r < 0x20 || ascii && r >= utf8.RuneSelf && r < 0x10000:
			b = fmt.Appendf(b, `\u%04x`, r)
		case ascii && r >= 0x10000:
			hi, lo := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, hi, lo)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
