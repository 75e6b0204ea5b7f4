package archive

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// Limits of CSV.
const (
	csvSample   = 64 << 10 // bytes that the dialect is told from
	maxStray    = 16       // stray quotation marks, each searched to the end of a record's limit, before quotes mean nothing any more
	maxColumns  = 4096     // columns of a table; text with more commas on a line is none
	formulaLead = "=+-@\t\r"
)

// Reasons why a row passes through unchanged.
var (
	ErrRow     = errors.New("the row has another number of cells than the header")
	ErrFormula = errors.New("the repaired cell would begin like a formula, which a spreadsheet runs")
)

// CSV is the format of tables with a header: comma, semicolon, tab or bar
// between cells, cells with or without quotation marks (RFC 4180). Rows keep
// their dialect byte for byte; so does every cell that is not repaired.
type CSV struct {
	Fields []string // names of columns, or #1, #2, … by number
	ID     string
	From   string // the column with the address that a row comes from; may be empty
	Page   string // the column with the page that a row was taken from; may be empty

	// Out are the columns, by Fields, that get the repaired texts, behind all others;
	// empty repairs in place. Has says that the table has them already: it came out
	// of such a repair.
	Out []string
	Has bool

	br     *bufio.Reader
	max    int
	comma  byte
	quotes bool // cells may stand in quotation marks
	strays int
	rest   []byte // read, but not handed out: what stands behind a stray quotation mark
	header bool   // has been read
	cols   []int  // by Fields
	id     int    // -1 for none
	source int    // the same
	page   int    // the same
	names  []string
	tail   lineReader
}

// NewCSV reads a table from r; comma is 0 to find out what separates the cells.
func NewCSV(r io.Reader, limit int, comma byte, fields []string, id string) (*CSV, error) {
	if limit <= 0 {
		limit = MaxRecord
	}
	f := &CSV{Fields: fields, ID: id, br: bufio.NewReaderSize(r, 1<<18), max: limit, comma: comma}
	head, err := f.br.Peek(csvSample)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if f.comma == 0 {
		f.comma = sniffComma(head)
	}
	f.quotes = f.sniffQuotes(head, err == io.EOF)
	f.tail = lineReader{br: f.br, max: limit}
	return f, nil
}

// With is the same table with other fields; its header must have been read.
func (f *CSV) With(fields []string) (*CSV, error) {
	g := *f
	g.Fields, g.cols = fields, nil
	for _, field := range fields {
		i := f.column(field)
		if i < 0 {
			return nil, fmt.Errorf("the table has no column %q: it has %s", field, strings.Join(f.names[:min(len(f.names), 20)], ", "))
		}
		g.cols = append(g.cols, i)
	}
	return &g, nil
}

// column is the number of a column, or -1.
func (f *CSV) column(name string) int {
	if number, ok := strings.CutPrefix(name, "#"); ok {
		if n, err := strconv.Atoi(number); err == nil && n >= 1 && n <= len(f.names) {
			return n - 1
		}
		return -1
	}
	return slices.Index(f.names, name)
}

// sniffComma is the separator that occurs most often in the first line.
func sniffComma(head []byte) byte {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := byte(','), 0
	for _, c := range []byte(",\t;|") {
		if n := bytes.Count(line, []byte{c}); n > most {
			best, most = c, n
		}
	}
	return best
}

// sniffQuotes reports whether more rows have the header's width when quotation
// marks are read as such; some tables know none and begin cells with speech.
func (f *CSV) sniffQuotes(head []byte, whole bool) bool {
	if bytes.IndexByte(head, '"') < 0 {
		return true
	}
	fit := func(quotes bool) (good, rows int) {
		rest, want := head, -1
		for len(rest) > 0 {
			n, done := rowEnd(rest, f.comma, quotes)
			if !done && !whole {
				break
			}
			cells := len(cut(rest[:n], f.comma, quotes))
			if want < 0 {
				want = cells
			}
			if cells == want {
				good++
			}
			rows++
			rest = rest[n:]
		}
		return good, rows
	}
	good1, rows1 := fit(true)
	good0, rows0 := fit(false)
	return rows1 > 0 && good1*rows0 >= good0*rows1
}

// cell is where a cell stands in its row; quoted cells include their marks.
type cell struct {
	start, end int
	quoted     bool
}

// rowEnd is the length of the first row of b, its line end included; done is
// false when b may end before the row does.
func rowEnd(b []byte, comma byte, quotes bool) (n int, done bool) {
	i := 0
	for {
		if quotes && i < len(b) && b[i] == '"' {
			end, closed := quotedEnd(b, i, comma)
			if !closed {
				if end < 0 {
					return len(b), false
				}
			} else {
				i = end
			}
		}
		k := i
		for k < len(b) && b[k] != comma && b[k] != '\n' {
			k++
		}
		if k == len(b) {
			return len(b), false
		}
		if b[k] == '\n' {
			return k + 1, true
		}
		i = k + 1
	}
}

// quotedEnd is the end of the quoted cell at i. closed is false when it is no
// quoted cell: its mark is followed by text (end 0), or never comes (end -1).
func quotedEnd(b []byte, i int, comma byte) (end int, closed bool) {
	for k := i + 1; ; {
		q := bytes.IndexByte(b[k:], '"')
		if q < 0 {
			return -1, false
		}
		k += q + 1
		if k < len(b) && b[k] == '"' {
			k++
			continue
		}
		if k == len(b) || b[k] == comma || b[k] == '\n' || b[k] == '\r' && (k+1 == len(b) || b[k+1] == '\n') {
			return k, true
		}
		return 0, false
	}
}

// cut finds the cells of one row.
func cut(row []byte, comma byte, quotes bool) []cell {
	end := len(row)
	if end > 0 && row[end-1] == '\n' {
		end--
		if end > 0 && row[end-1] == '\r' {
			end--
		}
	}
	b := row[:end]
	var cells []cell
	for i := 0; len(cells) < maxColumns; {
		c := cell{start: i}
		if quotes && i < len(b) && b[i] == '"' {
			if e, closed := quotedEnd(b, i, comma); closed {
				c.end, c.quoted = e, true
			}
		}
		if !c.quoted {
			k := bytes.IndexByte(b[i:], comma)
			if k < 0 {
				k = len(b) - i
			}
			c.end = i + k
		}
		cells = append(cells, c)
		if c.end >= len(b) {
			break
		}
		i = c.end + 1
	}
	return cells
}

// text is what a cell says.
func (c cell) text(row []byte) string {
	if !c.quoted {
		return string(row[c.start:c.end])
	}
	return strings.ReplaceAll(string(row[c.start+1:c.end-1]), `""`, `"`)
}

// Next returns the next row with its line end. The header is no record.
func (f *CSV) Next() (Raw, error) {
	row, err := f.row()
	if err != nil || row.Err != nil || row.Blank || f.header {
		return row, err
	}
	f.header = true
	if err := f.readHeader(row.Bytes); err != nil {
		return Raw{}, err
	}
	switch {
	case f.Has:
		row.Instead, _ = f.split(row.Bytes, len(f.Out))
	case len(f.Out) > 0:
		row.Instead = f.widen(row.Bytes, f.titles())
	}
	for _, name := range f.Fields {
		if strings.HasPrefix(name, "#") {
			row.Instead = nil
			return row, nil // columns by number: the first row may be data
		}
	}
	row.Blank = true
	return row, nil
}

func (f *CSV) readHeader(row []byte) error {
	cells := cut(bytes.TrimPrefix(row, []byte("\ufeff")), f.comma, f.quotes)
	f.names = make([]string, len(cells))
	for i, c := range cells {
		f.names[i] = strings.TrimSpace(c.text(bytes.TrimPrefix(row, []byte("\ufeff"))))
	}
	numbered := slices.ContainsFunc(f.Fields, func(s string) bool { return strings.HasPrefix(s, "#") })
	n := len(f.names) - len(f.Out)
	switch {
	case f.Has && (n < 1 || !numbered && !slices.Equal(f.names[n:], f.Out)):
		return fmt.Errorf("the table does not end with the columns %s: this is not the output that the log describes", strings.Join(f.Out, ", "))
	case f.Has:
		f.names = f.names[:n]
	case !numbered:
		for _, o := range f.Out {
			if slices.Contains(f.names, o) {
				return fmt.Errorf("the table already has a column %q", o)
			}
		}
	}
	g, err := f.With(f.Fields)
	if err != nil {
		return err
	}
	f.cols, f.id, f.source, f.page = g.cols, f.column(f.ID), f.column(f.From), f.column(f.Page)
	return nil
}

// row reads up to the end of a row, however many lines its cells hold.
func (f *CSV) row() (Raw, error) {
	if f.tail.long || f.tail.fail != nil {
		return f.tail.next()
	}
	quotes := f.quotes && f.strays < maxStray
	buf := f.rest
	f.rest = nil
	var eof error
	for {
		// Only a line end can end a row: look when one more has come.
		if len(buf) > 0 && buf[len(buf)-1] == '\n' || eof != nil || bytes.IndexByte(buf, '\n') >= 0 {
			n, done := rowEnd(buf, f.comma, quotes)
			if done {
				f.rest = buf[n:]
				return Raw{Bytes: buf[:n:n], Blank: blank(buf[:n])}, nil
			}
		}
		if eof != nil || len(buf) > f.max {
			break
		}
		before := len(buf)
		for {
			chunk, err := f.br.ReadSlice('\n')
			buf = append(buf, chunk...)
			if err == bufio.ErrBufferFull && len(buf) <= f.max {
				continue
			}
			if err != nil && err != bufio.ErrBufferFull {
				eof = err
			}
			break
		}
		// A cell of many lines is looked through again only when it has doubled.
		for quotes && eof == nil && before > 0 && len(buf) < 2*before && len(buf) <= f.max {
			chunk, err := f.br.ReadSlice('\n')
			buf = append(buf, chunk...)
			if err != nil && err != bufio.ErrBufferFull {
				eof = err
			}
		}
	}
	if len(buf) == 0 {
		return Raw{}, eof
	}
	if eof != nil && eof != io.EOF {
		f.tail.fail = eof
		return broken(buf, eof), nil
	}
	n := bytes.IndexByte(buf, '\n') + 1
	switch {
	case eof == io.EOF && closed(buf, f.comma, quotes):
		return Raw{Bytes: buf, Blank: blank(buf)}, nil // the last row, without a line end
	case n == 0 && eof == nil:
		return f.tail.piece(buf), nil
	case n == 0:
		n = len(buf)
	}
	f.strays++
	f.rest = buf[n:]
	return Raw{Bytes: buf[:n:n], Err: errors.New("a quotation mark that begins a cell is never closed")}, nil
}

// closed reports whether a last row without a line end is whole.
func closed(b []byte, comma byte, quotes bool) bool {
	_, done := rowEnd(append(b[:len(b):len(b)], '\n'), comma, quotes)
	return done
}

// Parse finds the cells of the fields.
func (f *CSV) Parse(row []byte) (Record, error) {
	var rec Record
	cells := cut(row, f.comma, f.quotes)
	if f.id >= 0 && f.id < len(cells) {
		rec.ID = strings.ToValidUTF8(cells[f.id].text(row), "\ufffd")
	}
	if f.source >= 0 && f.source < len(cells) {
		rec.Source = strings.ToValidUTF8(cells[f.source].text(row), "\ufffd")
	}
	if f.page >= 0 && f.page < len(cells) {
		rec.Page = strings.ToValidUTF8(cells[f.page].text(row), "\ufffd")
	}
	if len(cells) != len(f.names) {
		return rec, fmt.Errorf("%w: %d for %d", ErrRow, len(cells), len(f.names))
	}
	for k, field := range f.Fields {
		c := cells[f.cols[k]]
		s := c.text(row)
		if !utf8.ValidString(s) {
			return rec, ErrNotUTF8
		}
		rec.Texts = append(rec.Texts, Text{Field: field, Str: Str{Start: c.start, End: c.end, Text: s}, quoted: c.quoted})
	}
	return rec, nil
}

// titles are the cells of the added columns' names.
func (f *CSV) titles() [][]byte {
	var out [][]byte
	for _, o := range f.Out {
		if f.quotes && f.needsQuotes("", o) {
			o = `"` + strings.ReplaceAll(o, `"`, `""`) + `"`
		}
		out = append(out, []byte(o))
	}
	return out
}

// widen adds cells behind a row's last.
func (f *CSV) widen(row []byte, cells [][]byte) []byte {
	end := len(bytes.TrimSuffix(bytes.TrimSuffix(row, []byte("\n")), []byte("\r")))
	out := append(make([]byte, 0, 2*len(row)), row[:end]...)
	for _, c := range cells {
		out = append(append(out, f.comma), c...)
	}
	return append(out, row[end:]...)
}

// split takes n cells off a row's end: what is left, and what they say.
func (f *CSV) split(row []byte, n int) (rest []byte, texts []string) {
	cells := cut(row, f.comma, f.quotes)
	if len(cells) <= n {
		return row, nil
	}
	end := cells[len(cells)-1].end
	for _, c := range cells[len(cells)-n:] {
		texts = append(texts, c.text(row))
	}
	return slices.Concat(row[:cells[len(cells)-n-1].end], row[end:]), texts
}

// Unrepaired is part of Widened. A row that has not the header's width stays as
// it is.
func (f *CSV) Unrepaired(row []byte) []byte {
	cells := cut(row, f.comma, f.quotes)
	if len(f.Out) == 0 || len(cells) != len(f.names) {
		return row
	}
	var own [][]byte
	for _, col := range f.cols {
		own = append(own, row[cells[col].start:cells[col].end])
	}
	return f.widen(row, own)
}

// Cut is part of Widened.
func (f *CSV) Cut(row []byte) (rest []byte, rec Record, added []string, err error) {
	rest, added = f.split(row, len(f.Out))
	if added == nil {
		return row, rec, nil, fmt.Errorf("%w: %s are missing", ErrRow, strings.Join(f.Out, ", "))
	}
	rec, err = f.Parse(rest)
	return rest, rec, added, err
}

// Splice returns the row with its cells patched, or with the patched texts in
// cells of their own behind it.
func (f *CSV) Splice(row []byte, rec *Record, patches [][]Patch) ([]byte, error) {
	if len(f.Out) > 0 {
		var cells [][]byte
		for i := range rec.Texts {
			t := &rec.Texts[i]
			c := row[t.Start:t.End]
			if len(patches[i]) > 0 {
				var err error
				if c, err = f.patched(t, patches[i]); err != nil {
					return nil, err
				}
			}
			cells = append(cells, c)
		}
		return f.widen(row, cells), nil
	}
	type change struct {
		at, end int
		cell    []byte
	}
	var changes []change
	for i := range rec.Texts {
		if len(patches[i]) == 0 {
			continue
		}
		t := &rec.Texts[i]
		c, err := f.patched(t, patches[i])
		if err != nil {
			return nil, err
		}
		changes = append(changes, change{t.Start, t.End, c})
	}
	out := make([]byte, 0, len(row)+64)
	at := 0
	for len(changes) > 0 { // in the order of the row, whatever that of the fields
		first := 0
		for i := range changes {
			if changes[i].at < changes[first].at {
				first = i
			}
		}
		c := changes[first]
		out = append(append(out, row[at:c.at]...), c.cell...)
		at = c.end
		changes = append(changes[:first], changes[first+1:]...)
	}
	return append(out, row[at:]...), nil
}

func (f *CSV) patched(t *Text, patches []Patch) ([]byte, error) {
	if patches[0].Whole {
		return []byte(patches[0].Raw), nil
	}
	var b strings.Builder
	at := 0
	for _, p := range patches {
		b.WriteString(t.Text[at:p.Start])
		b.WriteString(p.New)
		at = p.End
	}
	b.WriteString(t.Text[at:])
	s := b.String()
	if s != "" && strings.IndexByte(formulaLead, s[0]) >= 0 && (t.Text == "" || t.Text[0] != s[0]) {
		return nil, ErrFormula
	}
	if t.quoted {
		return []byte(`"` + strings.ReplaceAll(s, `"`, `""`) + `"`), nil
	}
	if !f.needsQuotes(t.Text, s) {
		return []byte(s), nil
	}
	if !f.quotes {
		return nil, errors.New("the repaired cell would hold a separator, and this table knows no quotation marks")
	}
	return []byte(`"` + strings.ReplaceAll(s, `"`, `""`) + `"`), nil
}

// needsQuotes reports whether a cell that was bare cannot hold a text so. One
// that held quotation marks all the same may go on doing so.
func (f *CSV) needsQuotes(before, after string) bool {
	if strings.IndexByte(after, f.comma) >= 0 || strings.ContainsAny(after, "\r\n") {
		return true
	}
	if !f.quotes || strings.IndexByte(after, '"') < 0 {
		return false
	}
	if strings.IndexByte(before, '"') < 0 {
		return true
	}
	end, closed := quotedEnd([]byte(after), 0, f.comma)
	return after[0] == '"' && (closed || end < 0)
}

// Source returns how a span of a text is written in the row.
func (f *CSV) Source(_ []byte, t *Text, s edit.Span) string { return f.Plain(t, t.Text[s.Start:s.End]) }

// Plain writes a text with its quotation marks doubled in a quoted cell.
func (f *CSV) Plain(t *Text, s string) string {
	if t.quoted {
		return strings.ReplaceAll(s, `"`, `""`)
	}
	return s
}

// Restyled gives a cell's bytes when repairing it puts it into quotation marks:
// revert cannot know that it had none.
func (f *CSV) Restyled(row []byte, t *Text, after string) string {
	if !t.quoted && f.needsQuotes(t.Text, after) {
		return string(row[t.Start:t.End])
	}
	return ""
}
