package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"copydesk/repair/edit"

	"github.com/parquet-go/parquet-go"
)

// parquetBatch is how many rows are read at once.
const parquetBatch = 64

// Parquet is the format of Parquet files. A row travels as a line of JSON that
// holds its texts; Sink puts what comes back into the row. Columns that are not
// repaired keep their values, the file its schema, metadata and row groups. The
// bytes of the file are the writer's own, so that revert gives the values back
// and not the bytes.
type Parquet struct {
	lines  JSONL // for the rows' lines
	file   *parquet.File
	groups []parquet.RowGroup
	rows   parquet.Rows // of the current group
	batch  []parquet.Row
	at     int
	cols   []parquet.LeafColumn
	id     *parquet.LeafColumn
	from   *parquet.LeafColumn
	page   *parquet.LeafColumn
	queue  chan parquetRow // on their way to the sink; nil without one
}

// parquetRow is a row, or the end of a row group.
type parquetRow struct {
	row parquet.Row
	end bool
}

// NewParquet reads a file; a field is a column, or a path such as /article/body
// of a nested one. id, from and page name the columns that JSONL.ID, From and Page
// name elsewhere; they may be empty.
func NewParquet(f *os.File, fields []string, id, from, page string) (p *Parquet, err error) {
	defer sound(&err)
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(f, st.Size(), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("no sound Parquet file: %w", err)
	}
	p = &Parquet{file: file, groups: file.RowGroups(), lines: JSONL{Fields: make([]string, len(fields)), ID: "i", From: "s", Page: "p"}}
	for i, field := range fields {
		leaf, err := p.column(field)
		if err != nil {
			return nil, err
		}
		p.cols = append(p.cols, *leaf)
		p.lines.Fields[i] = fmt.Sprintf("t%d", i)
	}
	p.lines.names = fields
	p.id, _ = p.column(id)
	p.from, _ = p.column(from)
	p.page, _ = p.column(page)
	return p, nil
}

// sound turns a panic over a damaged file into an error.
func sound(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("no sound Parquet file: %v", p)
	}
}

// column finds a column of text.
func (p *Parquet) column(field string) (*parquet.LeafColumn, error) {
	path := []string{field}
	if strings.HasPrefix(field, "/") {
		path = strings.Split(field[1:], "/")
	}
	leaf, ok := p.file.Schema().Lookup(path...)
	if !ok {
		var names []string
		for _, c := range p.file.Schema().Columns() {
			names = append(names, strings.Join(c, "/"))
		}
		return nil, fmt.Errorf("the file has no column %q: it has %s", field, strings.Join(names[:min(len(names), 20)], ", "))
	}
	if leaf.MaxRepetitionLevel > 0 {
		return nil, fmt.Errorf("the column %q is a list: only single texts can be repaired", field)
	}
	return &leaf, nil
}

// isText reports whether a column holds texts.
func isText(leaf *parquet.LeafColumn) bool {
	k := leaf.Node.Type().Kind()
	return k == parquet.ByteArray || k == parquet.FixedLenByteArray
}

// Next returns the next row as a line.
func (p *Parquet) Next() (raw Raw, err error) {
	defer sound(&err)
	for p.at == len(p.batch) {
		if p.rows == nil {
			if len(p.groups) == 0 {
				return Raw{}, io.EOF
			}
			p.rows = p.groups[0].Rows()
			p.groups = p.groups[1:]
		}
		if p.batch == nil {
			p.batch = make([]parquet.Row, parquetBatch)
		}
		rows := p.batch[:parquetBatch]
		n, err := p.rows.ReadRows(rows)
		p.batch, p.at = rows[:n], 0
		if err != nil && err != io.EOF {
			return Raw{}, fmt.Errorf("no sound Parquet file: %w", err)
		}
		if n == 0 {
			if err := p.rows.Close(); err != nil {
				return Raw{}, err
			}
			p.rows = nil
			p.send(parquetRow{end: true})
		}
	}
	row := p.batch[p.at]
	p.at++
	line, err := p.line(row)
	if err != nil {
		return Raw{}, err
	}
	if p.queue != nil {
		p.send(parquetRow{row: row.Clone()})
	}
	return Raw{Bytes: line}, nil
}

func (p *Parquet) send(r parquetRow) {
	if p.queue != nil {
		p.queue <- r
	}
}

// line is the JSON of a row's texts.
func (p *Parquet) line(row parquet.Row) ([]byte, error) {
	b := []byte{'{'}
	add := func(name string, leaf *parquet.LeafColumn) {
		if leaf == nil {
			return
		}
		for _, v := range row {
			if v.Column() != leaf.ColumnIndex || v.IsNull() {
				continue
			}
			s := v.String()
			if isText(leaf) {
				s = string(v.ByteArray())
			}
			if len(b) > 1 {
				b = append(b, ',')
			}
			b = append(append(append(b, '"'), name...), `":"`...)
			if utf8.ValidString(s) {
				b = appendEscaped(b, s, false)
			} else {
				b = append(b, s...) // makes Parse refuse the row
			}
			b = append(b, '"')
		}
	}
	add("i", p.id)
	add("s", p.from)
	add("p", p.page)
	for i := range p.cols {
		if !isText(&p.cols[i]) {
			return nil, fmt.Errorf("the column %q holds no text", p.lines.names[i])
		}
		add(p.lines.Fields[i], &p.cols[i])
	}
	return append(b, "}\n"...), nil
}

// Parse finds the texts in a row's line. A row whose texts are all null is fine
// and has none.
func (p *Parquet) Parse(line []byte) (Record, error) {
	rec, err := p.lines.Parse(line)
	if errors.Is(err, ErrNoField) {
		return rec, nil
	}
	return rec, err
}

// Splice is part of Format.
func (p *Parquet) Splice(line []byte, rec *Record, patches [][]Patch) ([]byte, error) {
	return p.lines.Splice(line, rec, patches)
}

// Source is part of Format: a value is its text.
func (p *Parquet) Source(_ []byte, t *Text, s edit.Span) string {
	return p.Plain(t, t.Text[s.Start:s.End])
}

// Plain is part of Format.
func (p *Parquet) Plain(t *Text, s string) string { return p.lines.Plain(t, s) }

// Sink takes the rows' lines, in order, and writes the file that they make.
type Sink struct {
	p *Parquet
	w *parquet.GenericWriter[any]
}

// Sink begins the file that the rows go to; ahead bounds the rows between
// reading and writing. It is to be called before the first Next.
func (p *Parquet) Sink(w io.Writer, ahead int) (s *Sink, err error) {
	defer sound(&err)
	p.queue = make(chan parquetRow, ahead)
	options := []parquet.WriterOption{p.file.Schema(), parquet.MaxRowsPerRowGroup(1 << 62)}
	if m := p.file.Metadata(); m.CreatedBy != "" {
		options = append(options, parquet.CreatedBy("copydesk", "", ""))
		for _, kv := range m.KeyValueMetadata {
			options = append(options, parquet.KeyValueMetadata(kv.Key, kv.Value))
		}
	}
	return &Sink{p, parquet.NewGenericWriter[any](w, options...)}, nil
}

// Write takes one row's line.
func (s *Sink) Write(line []byte) (n int, err error) {
	defer sound(&err)
	r := <-s.p.queue
	for r.end {
		if err := s.w.Flush(); err != nil {
			return 0, err
		}
		r = <-s.p.queue
	}
	if err := s.put(line, r.row); err != nil {
		return 0, err
	}
	if _, err := s.w.WriteRows([]parquet.Row{r.row}); err != nil {
		return 0, err
	}
	return len(line), nil
}

// put brings the texts of a line into its row.
func (s *Sink) put(line []byte, row parquet.Row) error {
	if !utf8.Valid(line) {
		return nil // it passed through unread
	}
	var texts map[string]string
	if err := json.Unmarshal(line, &texts); err != nil {
		return fmt.Errorf("a row's line is no JSON any more: %w", err)
	}
	for i := range s.p.cols {
		text, ok := texts[s.p.lines.Fields[i]]
		if !ok {
			continue
		}
		for k, v := range row {
			if v.Column() == s.p.cols[i].ColumnIndex && !v.IsNull() && string(v.ByteArray()) != text {
				if s.p.cols[i].Node.Type().Kind() == parquet.FixedLenByteArray {
					return fmt.Errorf("the column %q has texts of one length: it cannot be repaired", s.p.lines.names[i])
				}
				row[k] = parquet.ByteArrayValue([]byte(text)).Level(v.RepetitionLevel(), v.DefinitionLevel(), v.Column())
			}
		}
	}
	return nil
}

// Close ends the file.
func (s *Sink) Close() (err error) {
	defer sound(&err)
	return s.w.Close()
}
