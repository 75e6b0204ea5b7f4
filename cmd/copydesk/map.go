package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"copydesk/cmd/internal/archive"
	"copydesk/cmd/internal/carry"
	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

// mapFlags are the flags of map.
type mapFlags struct {
	log, in, out, format, direction, units, straddle, match, text, field, id string
	asJSON, quiet                                                            bool
}

func newMapCommand(a *app) *cobra.Command {
	var f mapFlags
	c := &cobra.Command{
		Use:   "map --log LOG --in FILE [--direction raw2clean|clean2raw]",
		Short: "Carry offsets and annotations between the raw and the clean text",
		Long: `Carry offsets and annotations between the raw and the clean text, both ways. What no
edit touched carries over exactly, inside an edited place too: "US" in "includedUS" stays
"US". A span that begins or ends where characters changed is treated as --straddle says.

Formats:
  spans  START, a tab, END; what follows another tab is kept. One document.
  spacy  JSON or JSON Lines, one document a row: every object with start and end (spaCy,
         Prodigy; start_offset and end_offset of doccano), and [start, end, label] in lists
         named label, labels or entities. Rows are matched to the log by their order, or
         with --match id by their id. A text in the row that is the logged one is replaced.
  w3c    W3C Web Annotations: TextPositionSelector, and TextQuoteSelector with --text
  brat   .ann files beside their .txt; a file or a folder, matched by the file's name`,
		Example: `  copydesk map --log log.jsonl --in spans.tsv
  copydesk map --log log.jsonl --format spacy --direction clean2raw --in ents.jsonl -o raw-ents.jsonl
  copydesk map --log log.jsonl --format brat --in annotated/ -o clean/ --straddle error`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			m, err := newMapper(a, &f)
			if err != nil {
				return usageError(err)
			}
			if err := m.run(); err != nil {
				return asUsage(err)
			}
			switch {
			case f.asJSON:
				return writeJSON(a.stderr, m.count)
			case !f.quiet:
				fmt.Fprintf(a.stderr, "%d spans: %d untouched, %d over a change, %d dropped\n", m.count.Spans, m.count.Same, m.count.Changed, m.count.Dropped)
			}
			return nil
		},
	}
	c.Flags().StringVar(&f.log, "log", "", "the log of the run")
	c.Flags().StringVar(&f.in, "in", "-", "the annotations; - is standard input")
	c.Flags().StringVarP(&f.out, "output", "o", "-", "where they go; - is standard output")
	c.Flags().StringVar(&f.format, "format", "auto", "auto (by name), spans, spacy, w3c or brat")
	c.Flags().StringVar(&f.direction, "direction", "raw2clean", "raw2clean or clean2raw")
	c.Flags().StringVar(&f.units, "units", "cp", "what offsets count: cp, bytes or utf16")
	c.Flags().StringVar(&f.straddle, "straddle", "expand", "spans that cut a changed place: expand, shrink, drop or error")
	c.Flags().StringVar(&f.match, "match", "order", "how rows find their document in the log: order or id")
	c.Flags().StringVar(&f.id, "id", "id", "the field that names a row's document, for --match id")
	c.Flags().StringVar(&f.field, "field", "text", "the field of the log's documents that the spans belong to")
	c.Flags().StringVar(&f.text, "text", "", "the file with the text that the spans belong to (w3c, one document)")
	c.Flags().BoolVar(&f.asJSON, "json", false, "report counts as JSON on standard error")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "say nothing but errors")
	return c
}

// mapper carries the annotations of one run of map.
type mapper struct {
	a     *app
	f     *mapFlags
	how   edit.Straddle
	back  bool
	count carry.Count
}

func newMapper(a *app, f *mapFlags) (*mapper, error) {
	m := &mapper{a: a, f: f, back: f.direction == "clean2raw"}
	var ok bool
	if m.how, ok = map[string]edit.Straddle{"expand": edit.Expand, "shrink": edit.Trim, "drop": edit.Drop, "error": edit.Drop}[f.straddle]; !ok {
		return nil, fmt.Errorf("unknown --straddle %q: use expand, shrink, drop or error", f.straddle)
	}
	if f.direction != "raw2clean" && !m.back {
		return nil, fmt.Errorf("unknown --direction %q: use raw2clean or clean2raw", f.direction)
	}
	if f.match != "order" && f.match != "id" {
		return nil, fmt.Errorf("unknown --match %q: use order or id", f.match)
	}
	if f.format == "auto" {
		f.format = "spans"
		st, err := os.Stat(f.in)
		switch ext := strings.ToLower(filepath.Ext(f.in)); {
		case err == nil && st.IsDir() || ext == ".ann":
			f.format = "brat"
		case ext == ".json" || ext == ".jsonl" || ext == ".ndjson":
			f.format = "spacy"
		case ext == ".jsonld":
			f.format = "w3c"
		}
	}
	return m, nil
}

func (m *mapper) run() error {
	switch m.f.format {
	case "spans":
		return m.spans()
	case "spacy":
		return m.rows()
	case "w3c":
		return m.whole()
	case "brat":
		return m.brat()
	}
	return fmt.Errorf("unknown --format %q: use spans, spacy, w3c or brat", m.f.format)
}

// carrier is for one document; text is what the annotations belong to, "" when
// it is not known.
func (m *mapper) carrier(d *edit.DocRecord, text string, known bool) (*carry.Carrier, error) {
	table, err := d.Map(m.f.units)
	if err != nil {
		return nil, err
	}
	c := &carry.Carrier{Map: table, Back: m.back, How: m.how, Strict: m.f.straddle == "error", Units: m.f.units, Text: text, Known: known}
	if d.SrcHash != "" {
		length := d.SrcLen
		if m.back {
			length = d.OutLen
		}
		c.Len = length[map[string]int{"bytes": 0, "cp": 1, "utf16": 2}[m.f.units]]
		c.Bounded = true
	}
	if known {
		switch {
		case d.SrcHash == "":
			c.Target = text // the log has nothing about it: it was not changed
		case m.back:
			c.Target, err = edit.Revert(text, d)
		default:
			c.Target, err = edit.Replay(text, d)
		}
	}
	return c, err
}

// write gives a file to put, and keeps it when put succeeds.
func (m *mapper) write(put func(w *bufio.Writer) error) error {
	out, err := m.a.create(m.f.out)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	if err := put(w); err != nil {
		out.drop()
		return err
	}
	if err := w.Flush(); err != nil {
		out.drop()
		return err
	}
	return out.keep()
}

// spans carries lines of START, tab, END.
func (m *mapper) spans() error {
	doc, err := m.oneDoc()
	if err != nil {
		return err
	}
	c, err := m.carrier(doc, "", false)
	if err != nil {
		return err
	}
	in, err := m.a.open(m.f.in)
	if err != nil {
		return err
	}
	defer in.Close()
	return m.write(func(w *bufio.Writer) error {
		lines := bufio.NewScanner(in)
		lines.Buffer(nil, archive.MaxRecord)
		for n := 1; lines.Scan(); n++ {
			f := strings.SplitN(strings.TrimRight(lines.Text(), "\r"), "\t", 3)
			if len(f) < 2 {
				return fmt.Errorf("%s:%d: want START, a tab, END", m.f.in, n)
			}
			var s edit.Span
			if _, err := fmt.Sscanf(f[0]+" "+f[1], "%d %d", &s.Start, &s.End); err != nil {
				return fmt.Errorf("%s:%d: %q, %q is no span: want two numbers", m.f.in, n, f[0], f[1])
			}
			to, ok, err := c.Span(s)
			if err != nil {
				return fmt.Errorf("%s:%d: %w", m.f.in, n, err)
			}
			if !ok {
				continue
			}
			fmt.Fprintf(w, "%d\t%d", to.Start, to.End)
			if len(f) == 3 {
				fmt.Fprintf(w, "\t%s", f[2])
			}
			fmt.Fprintln(w)
		}
		m.count = c.Count
		return lines.Err()
	})
}

// oneDoc reads the log of one document; of one that was not changed the log may
// hold nothing.
func (m *mapper) oneDoc() (*edit.DocRecord, error) {
	l, err := m.a.openLog(m.f.log)
	if err != nil {
		return nil, err
	}
	defer l.in.Close()
	docs, _, err := l.record(0)
	if err != nil {
		return nil, err
	}
	if err := l.finish(1); err != nil {
		return nil, fmt.Errorf("%w; this format carries the spans of one document", err)
	}
	return m.ofField(docs), nil
}

// ofField is the document of the wanted field; an empty one when there is none.
func (m *mapper) ofField(docs []*edit.DocRecord) *edit.DocRecord {
	for _, d := range docs {
		if d.Field == m.f.field {
			return d
		}
	}
	return &edit.DocRecord{}
}

// finder looks documents up in the log: in order as it streams, or by id.
type finder struct {
	m    *mapper
	log  *logStream
	byID map[string]*edit.DocRecord
}

func (m *mapper) finder(byID bool) (*finder, error) {
	l, err := m.a.openLog(m.f.log)
	if err != nil {
		return nil, err
	}
	f := &finder{m: m, log: l}
	if !byID {
		return f, nil
	}
	f.byID = map[string]*edit.DocRecord{}
	for l.held != nil {
		if d, ok := l.held.(*edit.DocRecord); ok && d.Field == m.f.field {
			if f.byID[d.Doc] != nil {
				l.in.Close()
				return nil, fmt.Errorf("%s: two documents have the id %q: --match order tells them apart", m.f.log, d.Doc)
			}
			f.byID[d.Doc] = d
		}
		if err := l.advance(); err != nil {
			l.in.Close()
			return nil, err
		}
	}
	return f, nil
}

// rows carries JSON Lines, one document each.
func (m *mapper) rows() error {
	in, err := m.a.open(m.f.in)
	if err != nil {
		return err
	}
	defer in.Close()
	find, err := m.finder(m.f.match == "id")
	if err != nil {
		return err
	}
	defer find.log.in.Close()
	return m.write(func(w *bufio.Writer) error {
		rows := archive.NewJSONL(in, 0, []string{m.f.field}, nil, m.f.id)
		n := 0
		for {
			raw, err := rows.Next()
			if err == io.EOF {
				break
			}
			if err == nil {
				err = raw.Err
			}
			if err == nil && !raw.Blank {
				raw.Bytes, err = m.row(rows, find, n, raw.Bytes)
				n++
			}
			if err != nil {
				return fmt.Errorf("%s: row %d: %w", m.f.in, n, err)
			}
			if _, err := w.Write(raw.Bytes); err != nil {
				return err
			}
		}
		if find.byID == nil {
			return find.log.finish(n)
		}
		return nil
	})
}

func (m *mapper) row(rows *archive.JSONL, find *finder, n int, row []byte) ([]byte, error) {
	rec, err := rows.Parse(row)
	if err != nil && !errors.Is(err, archive.ErrNoField) && !errors.Is(err, archive.ErrNotText) {
		return nil, err
	}
	var doc *edit.DocRecord
	if find.byID != nil {
		if doc = find.byID[rec.ID]; doc == nil {
			doc = &edit.DocRecord{}
		}
	} else {
		docs, _, err := find.log.record(n)
		if err != nil {
			return nil, err
		}
		doc = m.ofField(docs)
		if rec.ID != "" && doc.Doc != "" && doc.Doc != rec.ID && doc.Doc != fmt.Sprint(n) {
			return nil, fmt.Errorf("it has the id %q, the log's document here %q: use --match id", rec.ID, doc.Doc)
		}
	}
	text := ""
	if len(rec.Texts) > 0 {
		text = rec.Texts[0].Text
	}
	c, err := m.carrier(doc, text, len(rec.Texts) > 0)
	if err != nil {
		return nil, err
	}
	body := bytes.TrimRight(row, "\r\n")
	out, err := c.JSON(body)
	if err != nil {
		return nil, err
	}
	m.count.Add(c.Count)
	if out == nil {
		return nil, nil // its one span was dropped
	}
	return append(out, row[len(body):]...), nil
}

// whole carries one JSON value, of one document.
func (m *mapper) whole() error {
	doc, err := m.oneDoc()
	if err != nil {
		return err
	}
	text, known := "", m.f.text != ""
	if known {
		if text, err = m.readText(m.f.text); err != nil {
			return err
		}
	}
	c, err := m.carrier(doc, text, known)
	if err != nil {
		return err
	}
	in, err := m.a.open(m.f.in)
	if err != nil {
		return err
	}
	defer in.Close()
	b, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	out, err := c.JSON(b)
	if err != nil {
		return fmt.Errorf("%s: %w", m.f.in, err)
	}
	m.count = c.Count
	return m.write(func(w *bufio.Writer) error {
		_, err := w.Write(out)
		return err
	})
}

func (m *mapper) readText(path string) (string, error) {
	in, err := m.a.open(path)
	if err != nil {
		return "", err
	}
	defer in.Close()
	b, err := io.ReadAll(in)
	return string(b), err
}

// brat carries one .ann file, or all of a folder; into a folder the texts of the
// other side are written too.
func (m *mapper) brat() error {
	find, err := m.finder(true)
	if err != nil {
		return err
	}
	defer find.log.in.Close()
	st, err := os.Stat(m.f.in)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		ann, _, err := m.bratFile(find, m.f.in)
		if err != nil {
			return err
		}
		return m.write(func(w *bufio.Writer) error {
			_, err := w.WriteString(ann)
			return err
		})
	}
	if m.f.out == "-" {
		return errors.New("a folder of annotations goes into a folder: give one with -o")
	}
	files, err := filepath.Glob(filepath.Join(m.f.in, "*.ann"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(m.f.out, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		ann, text, err := m.bratFile(find, f)
		if err != nil {
			return err
		}
		to := filepath.Join(m.f.out, filepath.Base(f))
		if err := writeAside(to, []byte(ann)); err != nil {
			return err
		}
		if err := writeAside(strings.TrimSuffix(to, ".ann")+".txt", []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

func (m *mapper) bratFile(find *finder, path string) (ann, text string, err error) {
	base := strings.TrimSuffix(path, filepath.Ext(path))
	if text, err = m.readText(base + ".txt"); err != nil {
		return "", "", err
	}
	name := filepath.Base(base)
	doc := find.byID[name+".txt"]
	if doc == nil {
		doc = find.byID[name]
	}
	if doc == nil && len(find.byID) == 1 && find.log.end.Docs == 1 {
		for _, only := range find.byID {
			doc = only // one text and its log: the name says nothing
		}
	}
	if doc == nil {
		doc = &edit.DocRecord{}
	}
	c, err := m.carrier(doc, text, true)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", path, err)
	}
	b, err := m.readText(path)
	if err != nil {
		return "", "", err
	}
	if ann, err = c.Brat(b); err != nil {
		return "", "", fmt.Errorf("%s: %w", path, err)
	}
	m.count.Add(c.Count)
	return ann, c.Target, nil
}
