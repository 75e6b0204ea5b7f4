package archive

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"copydesk/repair/edit"
)

// MaxRecord is the largest record, in bytes, that is held in memory; a larger
// one passes through unchanged. No news article comes near it: a repair needs
// some ten times the text's size while it runs, and several run at once.
const MaxRecord = 16 << 20

// Raw is one record's bytes as they stand in the stream.
type Raw struct {
	Bytes   []byte
	Blank   bool   // nothing but white space between records, or a piece of a record too large to hold: goes through, is no record
	Err     error  // why the record cannot be repaired
	Aside   bool   // Bytes have no place in the output, whose format is another one
	Instead []byte // of what is blank: what stands in the output for Bytes; nil for themselves
}

// Text is one repairable string of a record.
type Text struct {
	Field  string
	Str    // where it stands
	quoted bool
}

// Record is what a format finds in the raw bytes of one record.
type Record struct {
	ID      string // "" when it has none
	Source  string // the address it comes from; "" when it is not known
	Page    string // the page that its texts were taken from, as HTML; "" when it is not there
	Texts   []Text
	Charset string // how a whole file was encoded, as Encode takes it; "" for UTF-8
	Odd     []int  // for Encode
	Convert bool   // the output is another format: what Splice returns, changed or not
	Instead []byte // what stands in the output for a record that cannot be read, when that is not the record itself
	head    []byte // of the line that a page becomes
}

// Patch is an edit of a text. Raw, unless empty, is how New is written in the
// record's own escapes; otherwise the format chooses.
type Patch struct {
	edit.Edit
	Raw   string
	Whole bool // Raw is all of the text as the record writes it; the only patch
}

// Format is one way to keep texts in a stream. Next is for one goroutine; the
// other methods are for many.
type Format interface {
	// Next returns the next record's bytes, io.EOF at the end.
	Next() (Raw, error)
	// Parse finds the texts of a record.
	Parse(raw []byte) (Record, error)
	// Splice returns the record with each of its texts patched; patches are sorted
	// and do not overlap. Every byte outside them stays.
	Splice(raw []byte, rec *Record, patches [][]Patch) ([]byte, error)
	// Source returns the bytes of the record that hold a span of a text.
	Source(raw []byte, t *Text, s edit.Span) string
	// Plain is how a text is written by default. Where it differs from Source, the
	// log must say how the input wrote it.
	Plain(t *Text, s string) string
}

// Widened is a Format that adds texts to records whose rows must all be alike.
type Widened interface {
	// Unrepaired is a record that passes through, with its own texts added.
	Unrepaired(raw []byte) []byte
	// Cut takes the added texts out of a record again: the record as it was, what
	// Parse finds in it, and the added texts, one for each of its texts.
	Cut(raw []byte) (rest []byte, rec Record, added []string, err error)
}

// ErrTooLarge is why a record beyond the limit passes through.
var ErrTooLarge = errors.New("the record is too large")

// lineReader cuts a stream into lines, and those beyond the limit into pieces.
type lineReader struct {
	br   *bufio.Reader
	max  int
	long bool  // in the middle of a line too long to hold
	fail error // comes after the piece of a record that was read before it
}

// broken is a record that a stream breaks off in: what was read of it passes
// through before the error comes.
func broken(b []byte, err error) Raw {
	return Raw{Bytes: b, Err: fmt.Errorf("the stream breaks off within it: %w", err)}
}

// newLineReader reads lines with their ends, each at most limit bytes.
func newLineReader(r io.Reader, limit int) *lineReader {
	if limit <= 0 {
		limit = MaxRecord
	}
	br, ok := r.(*bufio.Reader)
	if !ok || br.Size() < 1<<16 {
		br = bufio.NewReaderSize(r, 1<<18)
	}
	return &lineReader{br: br, max: limit}
}

func (l *lineReader) next() (Raw, error) {
	if l.fail != nil {
		return Raw{}, l.fail
	}
	var line []byte
	for {
		chunk, err := l.br.ReadSlice('\n')
		line = append(line, chunk...)
		if err == bufio.ErrBufferFull {
			if !l.long && len(line) <= l.max {
				continue
			}
			return l.piece(line), nil
		}
		if err != nil && len(line) == 0 {
			return Raw{}, err
		}
		if err != nil && err != io.EOF {
			l.fail = err
			if l.long {
				return Raw{Bytes: line, Blank: true}, nil
			}
			return broken(line, err), nil
		}
		if l.long || len(line) > l.max {
			raw := l.piece(line)
			l.long = false
			return raw, nil
		}
		return Raw{Bytes: line, Blank: blank(line)}, nil
	}
}

// piece is a part of a line too long to hold. The first stands for the record.
func (l *lineReader) piece(b []byte) Raw {
	if l.long {
		return Raw{Bytes: b, Blank: true}
	}
	l.long = true
	return Raw{Bytes: b, Err: fmt.Errorf("%w: more than %d bytes", ErrTooLarge, l.max)}
}

func blank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return true
}
