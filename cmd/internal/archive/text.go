package archive

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// textFormat takes a whole stream as one text.
type textFormat struct {
	r    io.Reader
	max  int
	read int // records handed out
	buf  []byte
}

// NewText takes a whole stream as one document; one of more than limit bytes
// passes through in pieces.
func NewText(r io.Reader, limit int) Format {
	if limit <= 0 {
		limit = MaxRecord
	}
	return &textFormat{r: r, max: limit}
}

func (f *textFormat) Next() (Raw, error) {
	f.read++
	if f.read == 1 {
		b, err := io.ReadAll(io.LimitReader(f.r, int64(f.max)+1))
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
	if err == io.ErrUnexpectedEOF {
		err = nil
	}
	return Raw{Bytes: append([]byte(nil), f.buf[:n]...), Blank: true}, err
}

// Reasons why a text is not repaired.
var (
	ErrBinary  = errors.New("binary: it holds NUL bytes")
	ErrNotUTF8 = errors.New("not valid UTF-8")
)

func (f *textFormat) Parse(raw []byte) (Record, error) {
	s := string(raw)
	if strings.IndexByte(s, 0) >= 0 {
		return Record{}, ErrBinary
	}
	if !utf8.ValidString(s) {
		return Record{}, ErrNotUTF8
	}
	return Record{Texts: []Text{{Field: "text", Str: Str{End: len(raw), Text: s}}}}, nil
}

func (f *textFormat) Splice(_ []byte, rec *Record, patches [][]Patch) ([]byte, error) {
	s := rec.Texts[0].Text
	var b []byte
	at := 0
	for _, p := range patches[0] {
		b = append(append(b, s[at:p.Start]...), p.New...)
		at = p.End
	}
	return append(b, s[at:]...), nil
}

func (f *textFormat) Source(_ []byte, t *Text, s edit.Span) string { return t.Text[s.Start:s.End] }

func (f *textFormat) Plain(_ *Text, s string) string { return s }
