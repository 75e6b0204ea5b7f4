// Package archive reads and writes streams of records. A record's text is
// replaced in place: every byte outside the repaired string stays.
package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
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
	ErrNotUTF8 = errors.New("not valid UTF-8")
	ErrHasOut  = errors.New("the record already has a field")
)

// JSONL is the format of JSON Lines.
type JSONL struct {
	Fields []string // names of the top level or JSON pointers (RFC 6901) such as /article/body
	Out    []string // by Fields: the member that gets the repaired text; empty repairs in place
	ID     string   // the field that names the record
	From   string   // the field with the address it comes from; may be empty
	Page   string   // the field with the page it was taken from; may be empty
	lines  *lineReader
	names  []string // by Fields: what the log calls them, when that is another name
}

// NewJSONL reads JSON Lines from r; a line of more than limit bytes passes
// through in pieces.
func NewJSONL(r io.Reader, limit int, fields, out []string, id string) *JSONL {
	return &JSONL{Fields: fields, Out: out, ID: id, lines: newLineReader(r, limit)}
}

// With is the same stream with other fields.
func (f *JSONL) With(fields, out []string) *JSONL {
	g := *f
	g.Fields, g.Out = fields, out
	return &g
}

// Next returns the next line with its end.
func (f *JSONL) Next() (Raw, error) { return f.lines.next() }

// mark is the byte order mark that some programs begin a file with; it stays.
const mark = "\ufeff"

// Parse finds the fields in a line. It fails when the line is no JSON or holds
// none of the fields as a string.
func (f *JSONL) Parse(line []byte) (Record, error) {
	if rest, ok := bytes.CutPrefix(line, []byte(mark)); ok {
		rec, err := f.Parse(rest)
		for i := range rec.Texts {
			rec.Texts[i].Start += len(mark)
			rec.Texts[i].End += len(mark)
		}
		return rec, err
	}
	if !validJSON(line) {
		return Record{}, notJSON(line)
	}
	var rec Record
	rec.ID = scalar(line, f.ID)
	if f.From != "" {
		rec.Source = scalar(line, f.From)
	}
	if f.Page != "" {
		rec.Page = scalar(line, f.Page)
	}
	var first error
	for k, field := range f.Fields {
		s, err := find(line, field)
		if err == nil && f.Out != nil {
			if at, _ := lookup(line, beside(field, f.Out[k])); at >= 0 {
				return rec, fmt.Errorf("%w %q", ErrHasOut, f.Out[k])
			}
		}
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		if !slices.ContainsFunc(rec.Texts, func(t Text) bool { return t.Start == s.Start }) {
			if f.names != nil {
				field = f.names[k]
			}
			rec.Texts = append(rec.Texts, Text{Field: field, Str: s})
		}
	}
	if len(rec.Texts) == 0 {
		return rec, first
	}
	return rec, nil
}

// scalar is a string or number of a line of valid JSON; "" when there is none.
func scalar(line []byte, field string) string {
	at, _ := lookup(line, field)
	if at < 0 {
		return ""
	}
	end := skipValue(line, at)
	switch c := line[at]; {
	case c == '"':
		return strings.ToValidUTF8(decode(line[at+1:end-1]), "\ufffd")
	case c == '-' || c >= '0' && c <= '9':
		return string(line[at:end])
	}
	return ""
}

// notJSON says where a line stops being JSON.
func notJSON(line []byte) error {
	if n := bytes.Count(line, []byte{0}); n > 0 && n >= len(line)/3 {
		return fmt.Errorf("%w: it is UTF-16, and JSON Lines are UTF-8 (iconv -f utf-16 -t utf-8)", ErrNotJSON)
	}
	var v json.RawMessage
	err := json.Unmarshal(line, &v)
	if s := (*json.SyntaxError)(nil); errors.As(err, &s) {
		return fmt.Errorf("%w: byte %d: %s", ErrNotJSON, s.Offset, s.Error())
	}
	return ErrNotJSON
}

// beside is the path of a sibling of a field.
func beside(field, name string) string {
	if !strings.HasPrefix(field, "/") {
		return name
	}
	return field[:strings.LastIndexByte(field, '/')+1] + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// Find locates a string in a line of JSON: field is a name of the top level or
// a JSON pointer (RFC 6901) such as /article/body. Of a name that occurs twice
// the last counts, as in encoding/json.
func Find(line []byte, field string) (Str, error) {
	if !validJSON(line) {
		return Str{}, notJSON(line)
	}
	return find(line, field)
}

func find(line []byte, field string) (Str, error) {
	i, err := lookup(line, field)
	if err != nil {
		return Str{}, fmt.Errorf("%w%s", err, others(line))
	}
	if line[i] != '"' {
		return Str{}, fmt.Errorf("%w: %q", ErrNotText, field)
	}
	end := skipValue(line, i)
	s := Str{Start: i + 1, End: end - 1}
	if !utf8.Valid(line[s.Start:s.End]) {
		return Str{}, ErrNotUTF8
	}
	s.Text = decode(line[s.Start:s.End])
	return s, nil
}

// lookup is where the value of a field begins in a line of valid JSON, or -1.
func lookup(line []byte, field string) (int, error) {
	i := skipSpace(line, 0)
	if !strings.HasPrefix(field, "/") {
		if i = child(line, i, field); i < 0 {
			return i, fmt.Errorf("%w as %q", ErrNoField, field)
		}
		return i, nil
	}
	for name := range strings.SplitSeq(field[1:], "/") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
		if i = child(line, i, name); i < 0 {
			return i, fmt.Errorf("%w as %q", ErrNoField, field)
		}
	}
	return i, nil
}

// maxNamed is how many members a message names.
const maxNamed = 8

// others names the members of a line of valid JSON that hold strings.
func others(b []byte) string {
	i := skipSpace(b, 0)
	if b[i] != '{' {
		return ": the record is no object"
	}
	var names []string
	for i = skipSpace(b, i+1); b[i] != '}'; {
		end := skipValue(b, i)
		key := decode(b[i+1 : end-1])
		i = skipSpace(b, skipSpace(b, end)+1)
		if b[i] == '"' {
			names = append(names, strings.ToValidUTF8(key, "\ufffd"))
		}
		if i = skipSpace(b, skipValue(b, i)); b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
	switch {
	case names == nil:
		return ", nor any other string"
	case len(names) > maxNamed:
		return fmt.Sprintf(": there are %s and %d more", strings.Join(names[:maxNamed], ", "), len(names)-maxNamed)
	}
	return ": there are " + strings.Join(names, ", ")
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
		return stringEnd(b, i+1) + 1
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
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	var b strings.Builder
	b.Grow(len(raw))
	for i := 0; i < len(raw); {
		j := bytes.IndexByte(raw[i:], '\\')
		if j < 0 {
			b.Write(raw[i:])
			break
		}
		b.Write(raw[i : i+j])
		i += j
		r, n := unit(raw[i:])
		b.WriteRune(r)
		i += n
	}
	return b.String()
}

// escapes reports whether a raw string writes all beyond ASCII as escapes: what
// is put into it does too.
func escapes(raw []byte) bool {
	found := false
	for i, c := range raw {
		if c >= utf8.RuneSelf {
			return false
		}
		if c == '\\' && i+1 < len(raw) && raw[i+1] == 'u' {
			found = true
		}
	}
	return found
}

// Splice returns the line with its texts patched, or with the patched texts
// added as new members. Escapes outside the patches stay as they are.
func (f *JSONL) Splice(line []byte, rec *Record, patches [][]Patch) ([]byte, error) {
	order := make([]int, len(rec.Texts))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return rec.Texts[a].Start - rec.Texts[b].Start })
	out := make([]byte, 0, len(line)+64)
	at := 0
	for _, i := range order {
		t := &rec.Texts[i]
		if f.Out == nil {
			out = append(out, line[at:t.Start]...)
			out = appendPatched(out, line[t.Start:t.End], patches[i])
			at = t.End
			continue
		}
		out = append(out, line[at:t.End+1]...)
		at = t.End + 1
		out = append(appendMember(out, f.outOf(t)), '"')
		out = append(appendPatched(out, line[t.Start:t.End], patches[i]), '"')
	}
	return append(out, line[at:]...), nil
}

// outOf is the member that gets a repaired text.
func (f *JSONL) outOf(t *Text) string {
	if f.names != nil {
		return f.Out[slices.Index(f.names, t.Field)]
	}
	return f.Out[slices.Index(f.Fields, t.Field)]
}

// appendMember begins a member that is added to an object.
func appendMember(b []byte, name string) []byte {
	b = append(b, `,"`...)
	b = appendEscaped(b, name, false)
	return append(b, `":`...)
}

// Cut takes an added member out of a line again: the line as it was before, and
// the text that the member held.
func (f *JSONL) Cut(line []byte, rec *Record, i int) (rest []byte, added Str, err error) {
	t := &rec.Texts[i]
	name := f.outOf(t)
	head := append(appendMember(nil, name), '"')
	at := t.End + 1
	if !bytes.HasPrefix(line[at:], head) {
		return nil, Str{}, fmt.Errorf("%q does not stand behind %q: this is not the output that the log describes", name, t.Field)
	}
	end := skipValue(line, at+len(head)-1)
	added = Str{Start: at + len(head), End: end - 1}
	added.Text = decode(line[added.Start:added.End])
	return slices.Concat(line[:at], line[end:]), added, nil
}

// Source returns how a span of a text is written in the line.
func (f *JSONL) Source(line []byte, t *Text, s edit.Span) string {
	c := cursor{raw: line[t.Start:t.End]}
	c.forward(s.Start)
	from := c.at
	c.forward(s.End)
	return string(c.raw[from:c.at])
}

// Plain writes a text with no more escapes than JSON asks for.
func (f *JSONL) Plain(_ *Text, s string) string { return string(appendEscaped(nil, s, false)) }

// cursor walks a raw string by the bytes of its text.
type cursor struct {
	raw      []byte
	at, text int // positions in raw and in the text
}

func (c *cursor) forward(to int) {
	for c.text < to {
		if c.raw[c.at] != '\\' {
			c.at++
			c.text++
			continue
		}
		r, n := unit(c.raw[c.at:])
		c.at += n
		c.text += utf8.RuneLen(r)
	}
}

// appendPatched writes a raw string with its text patched.
func appendPatched(out, raw []byte, patches []Patch) []byte {
	ascii := escapes(raw)
	c := cursor{raw: raw}
	from := 0
	for _, p := range patches {
		c.forward(p.Start)
		out = append(out, raw[from:c.at]...)
		c.forward(p.End)
		from = c.at
		if p.Raw != "" {
			out = append(out, p.Raw...)
		} else {
			out = appendEscaped(out, p.New, ascii)
		}
	}
	return append(out, raw[from:]...)
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
