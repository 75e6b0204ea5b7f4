package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
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
	out    []string             // by lines.Fields: the columns that get the repaired texts
	has    bool                 // the file has them already, behind all others
	added  []parquet.LeafColumn // those columns, where it has them
	queue  chan parquetRow      // on their way to the sink; nil without one
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

// Add says that repaired texts go into columns of their own, by the fields, behind
// all others; has that the file came out of such a repair and has them.
func (p *Parquet) Add(out []string, has bool) (err error) {
	defer sound(&err)
	p.out, p.has = out, has && len(out) > 0
	for i, name := range out {
		p.lines.Out = append(p.lines.Out, fmt.Sprintf("a%d", i))
		leaf, ok := p.file.Schema().Lookup(name)
		if !has {
			if ok || slices.ContainsFunc(p.file.Schema().Fields(), func(f parquet.Field) bool { return f.Name() == name }) {
				return fmt.Errorf("the file already has a column %q", name)
			}
			continue
		}
		if n := len(p.file.Schema().Columns()); !ok || leaf.ColumnIndex != n-len(out)+i || !isText(&leaf) {
			return fmt.Errorf("the file does not end with the columns %s: this is not the output that the log describes", strings.Join(out, ", "))
		}
		p.added = append(p.added, leaf)
	}
	return nil
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
		if p.has {
			add(p.lines.Out[i], &p.added[i])
		}
	}
	return append(b, "}\n"...), nil
}

// Parse finds the texts in a row's line. A row whose texts are all null is fine
// and has none.
func (p *Parquet) Parse(line []byte) (Record, error) {
	lines := &p.lines
	if p.has {
		lines = lines.With(lines.Fields, nil)
	}
	rec, err := lines.Parse(line)
	if errors.Is(err, ErrNoField) {
		return rec, nil
	}
	return rec, err
}

// Splice is part of Format.
func (p *Parquet) Splice(line []byte, rec *Record, patches [][]Patch) ([]byte, error) {
	return p.lines.Splice(line, rec, patches)
}

// Unrepaired is part of Widened: the sink adds a row's own texts where the line
// has none to add.
func (p *Parquet) Unrepaired(line []byte) []byte { return line }

// Cut is part of Widened.
func (p *Parquet) Cut(line []byte) (rest []byte, rec Record, added []string, err error) {
	rest = line
	for i := range p.lines.Fields {
		one := p.lines.With(p.lines.Fields[i:i+1], p.lines.Out[i:i+1])
		one.names = p.lines.names[i : i+1]
		found, err := one.With(one.Fields, nil).Parse(rest)
		if errors.Is(err, ErrNoField) {
			continue // a null
		}
		if err != nil {
			return line, rec, nil, err
		}
		var text Str
		if rest, text, err = one.Cut(rest, &found, 0); err != nil {
			return line, rec, nil, err
		}
		added = append(added, text.Text)
	}
	rec, err = p.Parse(rest)
	return rest, rec, added, err
}

// Source is part of Format: a value is its text.
func (p *Parquet) Source(_ []byte, t *Text, s edit.Span) string {
	return p.Plain(t, t.Text[s.Start:s.End])
}

// Plain is part of Format.
func (p *Parquet) Plain(t *Text, s string) string { return p.lines.Plain(t, s) }

// Sink takes the rows' lines, in order, and writes the file that they make.
type Sink struct {
	p    *Parquet
	w    *parquet.GenericWriter[any]
	cols int // of what comes out, but those that are added
}

// group is a schema's root with other fields, in their order.
type group struct {
	parquet.Node
	fields []parquet.Field
}

func (g *group) Fields() []parquet.Field { return g.fields }

// addedField is a column of texts that may be null.
type addedField struct {
	parquet.Node
	name string
}

func (f *addedField) Name() string { return f.name }

// Value is part of parquet.Field; rows never go through Go values here.
func (f *addedField) Value(reflect.Value) reflect.Value { return reflect.Value{} }

// schema is that of what comes out.
func (p *Parquet) schema() *parquet.Schema {
	s := p.file.Schema()
	fields := s.Fields()
	switch {
	case len(p.out) == 0:
		return s
	case p.has:
		fields = fields[:len(fields)-len(p.out)]
	default:
		fields = slices.Clip(fields)
		for i, name := range p.out {
			node := parquet.Node(parquet.String())
			if c := p.cols[i].Node.Compression(); c != nil {
				node = parquet.Compressed(node, c)
			}
			fields = append(fields, &addedField{parquet.Optional(node), name})
		}
	}
	return parquet.NewSchema(s.Name(), &group{s, fields})
}

// arrowSchema is the key of the metadata in which Arrow keeps the columns as it
// knows them. With columns that it does not know it may refuse the file: it is
// set aside while they are there.
const arrowSchema, arrowAside = "ARROW:schema", "copydesk:ARROW:schema"

// Sink begins the file that the rows go to; ahead bounds the rows between
// reading and writing. It is to be called before the first Next.
func (p *Parquet) Sink(w io.Writer, ahead int) (s *Sink, err error) {
	defer sound(&err)
	p.queue = make(chan parquetRow, ahead)
	schema := p.schema()
	options := []parquet.WriterOption{schema, parquet.MaxRowsPerRowGroup(1 << 62), parquet.CreatedBy("copydesk", "", "")}
	for _, kv := range p.file.Metadata().KeyValueMetadata {
		key := kv.Key
		switch {
		case len(p.out) > 0 && !p.has && key == arrowSchema:
			key = arrowAside
		case p.has && key == arrowAside:
			key = arrowSchema
		}
		options = append(options, parquet.KeyValueMetadata(key, kv.Value))
	}
	cols := len(p.file.Schema().Columns())
	if p.has {
		cols -= len(p.out)
	}
	return &Sink{p, parquet.NewGenericWriter[any](w, options...), cols}, nil
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
	row, err := s.put(line, r.row)
	if err != nil {
		return 0, err
	}
	if _, err := s.w.WriteRows([]parquet.Row{row}); err != nil {
		return 0, err
	}
	return len(line), nil
}

// put brings the texts of a line into its row.
func (s *Sink) put(line []byte, row parquet.Row) (parquet.Row, error) {
	var texts map[string]string
	if utf8.Valid(line) { // else it passed through unread
		if err := json.Unmarshal(line, &texts); err != nil {
			return nil, fmt.Errorf("a row's line is no JSON any more: %w", err)
		}
	}
	switch {
	case s.p.has: // what was added goes, and nothing else was changed
		return slices.DeleteFunc(row, func(v parquet.Value) bool { return v.Column() >= s.cols }), nil
	case len(s.p.out) > 0:
		return s.widen(row, texts), nil
	}
	for i := range s.p.cols {
		text, ok := texts[s.p.lines.Fields[i]]
		if !ok {
			continue
		}
		k := value(row, &s.p.cols[i])
		if k < 0 || string(row[k].ByteArray()) == text {
			continue
		}
		if s.p.cols[i].Node.Type().Kind() == parquet.FixedLenByteArray {
			return nil, fmt.Errorf("the column %q has texts of one length: it cannot be repaired", s.p.lines.names[i])
		}
		v := row[k]
		row[k] = parquet.ByteArrayValue([]byte(text)).Level(v.RepetitionLevel(), v.DefinitionLevel(), v.Column())
	}
	return row, nil
}

// value is where a column's text stands in a row, or -1 for a null.
func value(row parquet.Row, leaf *parquet.LeafColumn) int {
	return slices.IndexFunc(row, func(v parquet.Value) bool { return v.Column() == leaf.ColumnIndex && !v.IsNull() })
}

// widen adds the repaired texts behind a row, its own where it passed through.
func (s *Sink) widen(row parquet.Row, texts map[string]string) parquet.Row {
	for i := range s.p.out {
		v := parquet.NullValue().Level(0, 0, s.cols+i)
		if k := value(row, &s.p.cols[i]); k >= 0 {
			b := row[k].ByteArray()
			if text, ok := texts[s.p.lines.Out[i]]; ok {
				b = []byte(text)
			}
			v = parquet.ByteArrayValue(b).Level(0, 1, s.cols+i)
		}
		row = append(row, v)
	}
	return row
}

// Close ends the file.
func (s *Sink) Close() (err error) {
	defer sound(&err)
	return s.w.Close()
}
