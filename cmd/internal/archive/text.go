package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"copydesk/repair/edit"
	"copydesk/repair/text"
)

// TextFile is the format of plain text: it takes a whole stream as one text.
type TextFile struct {
	r    io.Reader
	max  int
	read int // records handed out
	buf  []byte
	fail error // comes after what was read before it
}

// NewText takes a whole stream as one document; one of more than limit bytes
// passes through in pieces.
func NewText(r io.Reader, limit int) *TextFile {
	if limit <= 0 {
		limit = MaxRecord
	}
	return &TextFile{r: r, max: limit}
}

// Next is part of Format.
func (f *TextFile) Next() (Raw, error) {
	if f.fail != nil {
		return Raw{}, f.fail
	}
	f.read++
	if f.read == 1 {
		b, err := io.ReadAll(io.LimitReader(f.r, int64(f.max)+1))
		if err != nil && len(b) > 0 {
			f.fail = err
			return broken(b, err), nil
		}
		if err != nil {
			return Raw{}, err
		}
		if len(b) <= f.max {
			return Raw{Bytes: b}, nil
		}
		f.buf = make([]byte, 1<<20)
		return Raw{Bytes: b, Err: ErrTooLarge}, nil
	}
	if f.buf == nil {
		return Raw{}, io.EOF
	}
	n, err := io.ReadFull(f.r, f.buf)
	if n == 0 {
		return Raw{}, err
	}
	if err != nil && err != io.ErrUnexpectedEOF {
		f.fail = err
	}
	return Raw{Bytes: append([]byte(nil), f.buf[:n]...), Blank: true}, nil
}

// Reasons why a text is not repaired.
var (
	ErrBinary  = errors.New("binary: it holds NUL bytes")
	ErrCharset = errors.New("its charset is not sure enough")
)

// minCharset is how sure, 0 to 1, the charset of a file must be before its bytes
// are written anew.
const minCharset = 0.8

// Parse decodes the file. One that is not UTF-8 is read only where its bytes can
// be given back from the text. It is part of Format.
func (f *TextFile) Parse(raw []byte) (Record, error) {
	s, charset, err := text.Decode(raw)
	if err != nil {
		return Record{}, err
	}
	if strings.IndexByte(s, 0) >= 0 {
		return Record{}, ErrBinary
	}
	rec := Record{Texts: []Text{{Field: "text", Str: Str{End: len(raw), Text: s}}}}
	if charset.UTF8() {
		return rec, nil
	}
	rec.Charset = charset.Name
	if charset.By == "bom" {
		rec.Charset += "+bom"
	}
	if charset.Conf < minCharset {
		return rec, fmt.Errorf("%w: %s, %.0f%%; where that is right, iconv -f %s -t utf-8 converts it", ErrCharset, charset.Name, 100*charset.Conf, charset.Name)
	}
	if charset.Odd > 0 && charset.Name == "utf-8" {
		rec.Odd = oddBytes(raw)
	}
	back, err := Encode(s, rec.Charset, rec.Odd)
	if err != nil || !bytes.Equal(back, raw) {
		return rec, fmt.Errorf("it is no sound %s: its bytes could not be given back", charset.Name)
	}
	return rec, nil
}

// Splice is part of Format.
func (f *TextFile) Splice(_ []byte, rec *Record, patches [][]Patch) ([]byte, error) {
	s := rec.Texts[0].Text
	var b []byte
	at := 0
	for _, p := range patches[0] {
		b = append(append(b, s[at:p.Start]...), p.New...)
		at = p.End
	}
	return append(b, s[at:]...), nil
}

// Source is part of Format.
func (f *TextFile) Source(_ []byte, t *Text, s edit.Span) string { return t.Text[s.Start:s.End] }

// Plain is part of Format.
func (f *TextFile) Plain(_ *Text, s string) string { return s }

// Unread is the format of a stream that is not read: it passes through.
type Unread struct {
	TextFile
	why error
}

// NewUnread passes a whole stream through, as one record that why speaks of.
func NewUnread(r io.Reader, limit int, why error) *Unread { return &Unread{*NewText(r, limit), why} }

// Parse is part of Format.
func (f *Unread) Parse([]byte) (Record, error) { return Record{}, f.why }

// HTML is the format of a page: its article comes out as text, the headline,
// byline and date before it, each a paragraph.
type HTML struct{ TextFile }

// NewHTML reads a whole stream as one page; one of more than limit bytes is
// reported.
func NewHTML(r io.Reader, limit int) *HTML { return &HTML{*NewText(r, limit)} }

// Next is part of Format.
func (f *HTML) Next() (Raw, error) {
	raw, err := f.TextFile.Next()
	raw.Aside = true
	return raw, err
}

// Parse extracts the article.
func (f *HTML) Parse(raw []byte) (Record, error) {
	s, _, err := text.Decode(raw)
	if err != nil {
		return Record{}, err
	}
	a := Page([]byte(s))
	rec := Record{Source: a.URL, Convert: true}
	if a.Text == "" {
		return rec, ErrNoPage
	}
	var parts []string
	for _, p := range []string{a.Title, a.Byline, a.Date, a.Text} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	rec.Texts = []Text{{Field: "text", Str: Str{Text: strings.Join(parts, "\n\n") + "\n"}}}
	return rec, nil
}
