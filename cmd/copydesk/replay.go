package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"copydesk/cmd/internal/archive"
	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

// loggedFields lists the fields that a log describes.
func (a *app) loggedFields(path string) ([]string, error) {
	l, err := a.openLog(path)
	if err != nil {
		return nil, err
	}
	defer l.in.Close()
	var fields []string
	for l.held != nil {
		if d, ok := l.held.(*edit.DocRecord); ok && !slices.Contains(fields, d.Field) {
			fields = append(fields, d.Field)
		}
		if err := l.advance(); err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// logStream reads a log record by record beside the stream that it describes.
type logStream struct {
	path string
	in   *input
	r    *edit.Reader
	run  edit.RunRecord
	held any // the next doc or skip line, already read
	end  *edit.EndRecord
}

func (a *app) openLog(path string) (*logStream, error) {
	if path == "" {
		return nil, usageError(errors.New("give the log with --log FILE"))
	}
	in, err := a.open(path)
	if err != nil {
		return nil, usageError(err)
	}
	l := &logStream{path: path, in: in, r: edit.NewReader(in)}
	if err := l.advance(); err != nil {
		in.Close()
		return nil, err
	}
	return l, nil
}

// advance reads up to the next doc or skip line.
func (l *logStream) advance() error {
	for {
		rec, err := l.r.Next()
		switch {
		case err == io.EOF && l.end == nil:
			return usageError(fmt.Errorf("%s: the log has no end line: the run that wrote it was cut off", l.path))
		case err == io.EOF:
			l.held = nil
			return nil
		case err != nil:
			return usageError(fmt.Errorf("%s: %w", l.path, err))
		}
		switch rec := rec.(type) {
		case *edit.RunRecord:
			l.run = *rec
		case *edit.EndRecord:
			l.end = rec
		default:
			l.held = rec
			return nil
		}
	}
}

// number is the record that a doc or skip line describes.
func number(line any) int {
	switch line := line.(type) {
	case *edit.DocRecord:
		return line.N
	case *edit.SkipRecord:
		return line.N
	}
	return -1
}

// record gives the lines about record n; to be asked in ascending order.
func (l *logStream) record(n int) (docs []*edit.DocRecord, skipped *edit.SkipRecord, err error) {
	for l.held != nil && number(l.held) == n {
		switch line := l.held.(type) {
		case *edit.DocRecord:
			docs = append(docs, line)
		case *edit.SkipRecord:
			skipped = line
		}
		if err := l.advance(); err != nil {
			return nil, nil, err
		}
	}
	if l.held != nil && number(l.held) < n {
		return nil, nil, usageError(fmt.Errorf("%s: record %d stands behind record %d: the log was altered", l.path, number(l.held), n))
	}
	return docs, skipped, nil
}

// logged is a file of a run beside its log.
type logged struct{ name, file, log string }

// ofRun lists the files of a folder that run wrote, by the logs beside them.
func ofRun(dir, logDir string) ([]logged, error) {
	if logDir == "" {
		logDir = filepath.Join(dir, "log")
	}
	logs, err := logsOf(logDir)
	if err != nil {
		return nil, err
	}
	var all []logged
	for rel, path := range logs {
		name := rel
		for _, end := range []string{".zst", ".gz", ".jsonl"} {
			name = strings.TrimSuffix(name, end)
		}
		all = append(all, logged{name, filepath.Join(dir, name), path})
	}
	slices.SortFunc(all, func(a, b logged) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// folder takes every file of a run through do, each into the same place below
// the output folder.
func (r *replay) folder(dir string) error {
	all, err := ofRun(dir, r.f.log)
	if err != nil {
		return err
	}
	if r.f.out == "-" && !r.f.write {
		return errors.New("a folder goes into a folder: give one with -o, or -w")
	}
	for _, l := range all {
		f := *r.f
		f.log = l.log
		if !f.write {
			f.out = filepath.Join(r.f.out, l.name)
			if err := os.MkdirAll(filepath.Dir(f.out), 0o755); err != nil {
				return err
			}
		}
		one := &replay{a: r.a, f: &f, has: r.has, do: r.do, what: r.what}
		if err := one.run([]string{l.file}); err != nil {
			return err
		}
		r.count.Docs += one.n
		r.count.Changed += one.count.Changed
		r.count.Edits += one.count.Edits
	}
	if r.check != nil {
		return r.check()
	}
	return nil
}

// finish checks that the log described as many records as were seen.
func (l *logStream) finish(n int) error {
	if l.held != nil || l.end != nil && l.end.Docs != n {
		docs := 0
		if l.end != nil {
			docs = l.end.Docs
		}
		return usageError(fmt.Errorf("%s: the log describes %d records, the input has %d: they do not belong together", l.path, max(docs, number(l.held)+1), n))
	}
	return nil
}

// replayFlags are what apply, revert and verify share.
type replayFlags struct {
	log, out, format              string
	write, quiet, verbose, asJSON bool
}

func (f *replayFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.log, "log", "", "the log of the run; compression is told by content")
	c.Flags().StringVar(&f.format, "format", "auto", strings.Join(formats, ", ")+": how the run read its input")
}

func (f *replayFlags) registerOut(c *cobra.Command) {
	f.register(c)
	c.Flags().StringVarP(&f.out, "output", "o", "-", "where the result goes, .gz, .zst and .xz by name; - is standard output")
	c.Flags().BoolVarP(&f.write, "write", "w", false, "put the result in the place of each file")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "say nothing but errors")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "name every record that changes")
	c.Flags().BoolVar(&f.asJSON, "json", false, "report as JSON on standard error")
}

// replay reads records beside their log and gives each to do, which returns what
// becomes of it.
type replay struct {
	a     *app
	f     *replayFlags
	log   *logStream
	n     int    // records seen
	has   bool   // the records are output: they hold what fix added
	alone bool   // one file is read, which may hold the texts of several
	lines bool   // the file before held lines
	ended bool   // what was written last ends with a line end
	what  string // for the report: made or undone
	count replayed
	do    func(r *record) ([]byte, error)
	check func() error // at the end; may be nil
}

// replayed is what apply and revert report.
type replayed struct {
	Docs    int `json:"docs"`
	Changed int `json:"changed"`
	Edits   int `json:"edits"`
}

// record is one record beside what the log says of it.
type record struct {
	n      int
	raw    []byte
	docs   []*edit.DocRecord
	format archive.Format

	widened bool // texts were added to it
	edits   int  // how many were made or undone
}

// fieldsOf lists the fields that the log describes.
func (r *replay) fieldsOf(docs []*edit.DocRecord) (fields, out []string) {
	for _, a := range r.log.run.Added {
		fields, out = append(fields, a.Field), append(out, a.Out)
	}
	for _, d := range docs {
		if !slices.Contains(fields, d.Field) && out == nil {
			fields = append(fields, d.Field)
		}
	}
	return fields, out
}

// stream takes one file through do.
func (r *replay) stream(in *input, out io.Writer) error {
	if r.lines {
		if _, err := in.Peek(1); err == io.EOF {
			return nil // as fix has it
		}
	}
	kind := r.f.format
	if kind == "auto" {
		kind = guess(in.name, in.Reader, r.columns())
	}
	// A repaired line may be longer than the limit that the run kept to.
	const limit = 2*archive.MaxRecord + 1<<20
	var format archive.Format
	switch kind {
	case "csv", "tsv":
		// The cells are found by number: what fields the log names is known later.
		var fields []string
		if d, ok := r.log.held.(*edit.DocRecord); ok && strings.HasPrefix(d.Field, "#") {
			fields = []string{d.Field} // its first row is no header
		}
		var err error
		added, columns := r.fieldsOf(nil)
		if len(columns) > 0 {
			fields = added
		}
		if format, err = newCSV(in, limit, kind, &fixFlags{fields: fields, outFields: columns, has: r.has}); err != nil {
			return err
		}
	case "jsonl":
		format = archive.NewJSONL(in, limit, nil, nil, "")
	case "wet":
		format = archive.NewWET(in, limit)
	case "text", wholeJSON:
		format = archive.NewText(in, limit)
		if several, err := r.several(); err != nil || several {
			return cmp.Or(err, r.texts(in, out))
		}
	case "parquet":
		fields, err := r.a.loggedFields(r.f.log)
		if err != nil {
			return err
		}
		added, columns := r.fieldsOf(nil)
		if len(columns) > 0 {
			fields = added
		}
		if format, err = in.parquet(&fixFlags{fields: fields, outFields: columns, has: r.has}); err != nil {
			return err
		}
		s, end, err := sink(format, out, 1)
		if err != nil {
			return err
		}
		if s != nil {
			out = s
		}
		if err := r.records(format, out); err != nil {
			return err
		}
		return end()
	case "html", "warc":
		return fmt.Errorf("pages are only read: what came out of them is text or JSON Lines")
	default:
		return fmt.Errorf("--format %q: use one of %s", kind, strings.Join(formats, ", "))
	}
	if inLines(format) && r.lines && out != nil && !r.ended {
		if _, err := io.WriteString(out, "\n"); err != nil { // as fix does between files
			return err
		}
	}
	r.lines = inLines(format)
	return r.records(format, out)
}

// columns are the fields that tell a table from text, for guess: those of the
// log's first text and of what was added.
func (r *replay) columns() []string {
	fields, _ := r.fieldsOf(nil)
	if d, ok := r.log.held.(*edit.DocRecord); ok {
		fields = append(fields, d.Field)
	}
	return fields
}

// several reports whether one text file holds what fix made of several: the log
// then describes more than one.
func (r *replay) several() (bool, error) {
	if !r.has || !r.alone {
		return false, nil
	}
	l, err := r.a.openLog(r.f.log)
	if err != nil {
		return false, err
	}
	defer l.in.Close()
	for l.held != nil {
		if number(l.held) > 0 {
			return true, nil
		}
		if err := l.advance(); err != nil {
			return false, err
		}
	}
	return false, nil
}

// texts takes several texts, which stand behind one another, through do: the log
// says how long each is.
func (r *replay) texts(in *input, out io.Writer) error {
	b, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	for r.log.held != nil {
		size := len(b)
		switch line := r.log.held.(type) {
		case *edit.DocRecord:
			size = min(size, line.OutLen[0])
		case *edit.SkipRecord:
			if line.Len > 0 {
				size = min(size, line.Len)
			}
		}
		text, err := r.one(archive.Raw{Bytes: b[:size]}, archive.NewText(nil, 0))
		if err != nil {
			return err
		}
		if out != nil {
			if _, err := out.Write(text); err != nil {
				return err
			}
		}
		b = b[size:]
	}
	if len(b) > 0 {
		return fmt.Errorf("%d bytes stand behind the last text of the log: they do not belong together", len(b))
	}
	return nil
}

// records takes each record of a stream through do.
func (r *replay) records(format archive.Format, out io.Writer) error {
	for {
		raw, err := format.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if raw.Blank && raw.Instead != nil {
			raw.Bytes = raw.Instead
		}
		if !raw.Blank {
			if raw.Bytes, err = r.one(raw, format); err != nil {
				return err
			}
		}
		if out != nil {
			if _, err := out.Write(raw.Bytes); err != nil {
				return err
			}
			if n := len(raw.Bytes); n > 0 {
				r.ended = raw.Bytes[n-1] == '\n'
			}
		}
	}
}

func (r *replay) one(raw archive.Raw, format archive.Format) ([]byte, error) {
	docs, skipped, err := r.log.record(r.n)
	if err != nil {
		return nil, err
	}
	n := r.n
	r.n++
	if skipped != nil {
		return r.passed(raw, skipped, format), nil
	}
	if len(docs) == 0 && r.log.run.Added == nil {
		return raw.Bytes, nil
	}
	if raw.Err != nil {
		return nil, fmt.Errorf("record %d: %w", n, raw.Err)
	}
	switch f := format.(type) {
	case *archive.JSONL:
		fields, out := r.fieldsOf(docs)
		format = f.With(fields, out)
	case *archive.CSV:
		if fields, out := r.fieldsOf(docs); out == nil {
			if format, err = f.With(fields); err != nil {
				return nil, err
			}
		}
	}
	rec := &record{n: n, raw: raw.Bytes, docs: docs, format: format, widened: r.log.run.Added != nil}
	b, err := r.do(rec)
	if err != nil {
		return nil, fmt.Errorf("record %d: %w", n, err)
	}
	if rec.edits > 0 {
		r.count.Changed++
		r.count.Edits += rec.edits
		if r.f.verbose {
			fmt.Fprintf(r.a.stderr, "copydesk: record %d (%s): %d edits %s\n", n, visible(docs[0].Doc), rec.edits, r.what)
		}
	}
	return b, nil
}

// say tells on standard error what was done.
func (r *replay) say(err error) error {
	if r.count.Docs += r.n; err != nil || r.f.quiet {
		return err
	}
	if r.f.asJSON {
		return writeJSON(r.a.stderr, r.count)
	}
	fmt.Fprintf(r.a.stderr, "%d edits %s in %d of %d documents\n", r.count.Edits, r.what, r.count.Changed, r.count.Docs)
	return nil
}

// passed is a record that passed through, which may have had its own texts added.
func (r *replay) passed(raw archive.Raw, skipped *edit.SkipRecord, format archive.Format) []byte {
	w, ok := format.(archive.Widened)
	if !ok || raw.Err != nil || r.log.run.Added == nil {
		return raw.Bytes
	}
	if !r.has {
		return w.Unrepaired(raw.Bytes)
	}
	if rest, _, _, _ := w.Cut(raw.Bytes); edit.Hash(string(rest)) == skipped.SrcHash {
		return rest
	}
	return raw.Bytes
}

// run takes all files through do, one stream of records over all of them.
func (r *replay) run(files []string) error {
	if len(files) == 1 && isDir(files[0]) {
		return asUsage(r.folder(files[0]))
	}
	var err error
	if r.log, err = r.a.openLog(r.f.log); err != nil {
		return err
	}
	defer r.log.in.Close()
	r.alone = len(files) == 1
	if r.f.out != "-" {
		if err := ownFile("-o", r.f.out, []string{r.f.log}, nil); err != nil {
			return usageError(err)
		}
	}
	if r.f.write {
		return r.inPlace(files)
	}
	out, err := r.a.create(r.f.out)
	if err != nil {
		return usageError(err)
	}
	w := bufio.NewWriterSize(out, 1<<16)
	for _, name := range files {
		if err = r.file(name, func(*input) (io.Writer, error) { return w, nil }); err != nil {
			break
		}
	}
	if err == nil {
		err = r.finish()
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		out.drop()
		return asUsage(err)
	}
	return asUsage(out.keep())
}

func (r *replay) finish() error {
	if err := r.log.finish(r.n); err != nil || r.check == nil {
		return err
	}
	return r.check()
}

// inPlace replaces each file, once all are done.
func (r *replay) inPlace(files []string) error {
	var all replacements
	for _, name := range files {
		var w *replacement
		err := r.file(name, func(in *input) (_ io.Writer, err error) {
			if in.stat == nil {
				return nil, errors.New("-w needs named files: standard input has no place to write to")
			}
			w, err = all.begin(in)
			return w, err
		})
		if err == nil {
			err = w.finish(w.was.Mode().Perm())
		}
		if err != nil {
			all.abort()
			return asUsage(err)
		}
	}
	if err := r.finish(); err != nil {
		all.abort()
		return err
	}
	return asUsage(all.commit())
}

func (r *replay) file(name string, out func(*input) (io.Writer, error)) error {
	in, err := r.a.open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	w, err := out(in)
	if err != nil {
		return err
	}
	if err := r.stream(in, w); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// asUsage gives an error exit code 2 unless it has one already.
func asUsage(err error) error {
	if err == nil || errors.As(err, new(*exitError)) {
		return err
	}
	return usageError(err)
}

// find is the text of a field in a record that was read.
func find(rec *archive.Record, field string) (int, error) {
	i := slices.IndexFunc(rec.Texts, func(t archive.Text) bool { return t.Field == field })
	if i < 0 {
		return 0, fmt.Errorf("it has no text %q", field)
	}
	return i, nil
}

// redo makes the logged edits again: what fix wrote. said may be nil.
func (r *record) redo(said edit.Verdicts) ([]byte, error) {
	rec, err := r.format.Parse(r.raw)
	if err != nil {
		return nil, err
	}
	patches := make([][]archive.Patch, len(rec.Texts))
	for _, d := range r.docs {
		i, err := find(&rec, d.Field)
		if err != nil {
			return nil, err
		}
		if said == nil {
			if _, err := edit.Replay(rec.Texts[i].Text, d); err != nil {
				return nil, err
			}
		}
		edits, err := said.Edits(rec.Texts[i].Text, d)
		if err != nil {
			return nil, err
		}
		r.edits += len(edits)
		for _, e := range edits {
			for _, small := range edit.Diff(rec.Texts[i].Text[e.Start:e.End], e.New) {
				small.Start += e.Start
				small.End += e.Start
				patches[i] = append(patches[i], archive.Patch{Edit: small})
			}
		}
	}
	return r.format.Splice(r.raw, &rec, patches)
}

// undo gives the record back as it was before fix, or without those edits only
// whose ids are given; found notes the ids seen.
func (r *record) undo(ids, found map[string]bool) ([]byte, error) {
	if lines, ok := r.format.(*archive.JSONL); ok && lines.Out != nil {
		return r.cut(lines, ids)
	}
	if w, ok := r.format.(archive.Widened); ok && r.widened {
		return r.narrow(w, ids)
	}
	if d := r.docs[0]; d.Charset != "" {
		return r.undoFile(d, ids, found)
	}
	rec, err := r.format.Parse(r.raw)
	if err != nil {
		return nil, err
	}
	patches := make([][]archive.Patch, len(rec.Texts))
	for _, d := range r.docs {
		i, err := find(&rec, d.Field)
		if err != nil {
			return nil, err
		}
		t := &rec.Texts[i]
		if _, err := edit.Revert(t.Text, d); err != nil {
			return nil, err
		}
		patches[i] = undoing(r.format, t, d, ids, found)
		r.edits += len(patches[i])
		if d.Raw != "" && ids == nil {
			patches[i] = []archive.Patch{{Whole: true, Raw: d.Raw}}
		}
	}
	return r.format.Splice(r.raw, &rec, patches)
}

// undoing lists the patches of the output that undo a document's edits, all of
// them when ids is nil.
func undoing(f archive.Format, t *archive.Text, d *edit.DocRecord, ids, found map[string]bool) []archive.Patch {
	var out []archive.Patch
	for i := range d.Edits {
		e := &d.Edits[i]
		if !e.Applied || ids != nil && !ids[e.ID] {
			continue
		}
		if found != nil {
			found[e.ID] = true
		}
		p := archive.Patch{Edit: edit.Edit{Span: e.Out, New: e.Before}, Raw: e.Raw}
		if p.Raw == "" {
			p.Raw = f.Plain(t, e.Before)
		}
		out = append(out, p)
	}
	return out
}

// undoFile undoes a file that fix decoded from another charset. When only some
// edits are undone it stays UTF-8.
func (r *record) undoFile(d *edit.DocRecord, ids, found map[string]bool) ([]byte, error) {
	text, err := edit.Revert(string(r.raw), d)
	if err != nil {
		return nil, err
	}
	if ids == nil {
		r.edits = countApplied(d)
		return archive.Encode(text, d.Charset, d.Odd)
	}
	var some []string
	for i := range d.Edits {
		if e := &d.Edits[i]; e.Applied && ids[e.ID] {
			some, found[e.ID] = append(some, e.ID), true
		}
	}
	r.edits = len(some)
	text, err = edit.RevertSome(string(r.raw), d, some)
	return []byte(text), err
}

// countApplied counts the edits of a document that fix made.
func countApplied(d *edit.DocRecord) int {
	n := 0
	for i := range d.Edits {
		if d.Edits[i].Applied {
			n++
		}
	}
	return n
}

// cut takes the added fields away; the fields that held the input never changed.
func (r *record) cut(lines *archive.JSONL, ids map[string]bool) ([]byte, error) {
	if ids != nil {
		return nil, errAdded
	}
	raw := r.raw
	for k, field := range lines.Fields {
		one := lines.With([]string{field}, nil)
		rec, err := one.Parse(raw)
		if errors.Is(err, archive.ErrNoField) || errors.Is(err, archive.ErrNotText) {
			continue // fix added nothing
		}
		if err != nil {
			return nil, err
		}
		rest, added, err := lines.With([]string{field}, lines.Out[k:k+1]).Cut(raw, &rec, 0)
		if err != nil {
			return nil, err
		}
		want := edit.Hash(rec.Texts[0].Text)
		for _, d := range r.docs {
			if d.Field == field {
				r.edits += countApplied(d)
				want = d.OutHash
			}
		}
		if edit.Hash(added.Text) != want {
			return nil, fmt.Errorf("%q is not the text that the log describes; it was changed since", lines.Out[k])
		}
		raw = rest
	}
	return raw, nil
}

// narrow is cut for rows of a table.
func (r *record) narrow(w archive.Widened, ids map[string]bool) ([]byte, error) {
	if ids != nil {
		return nil, errAdded
	}
	rest, rec, added, err := w.Cut(r.raw)
	if err != nil {
		return nil, err
	}
	for i := range rec.Texts {
		t := &rec.Texts[i]
		want := edit.Hash(t.Text)
		for _, d := range r.docs {
			if d.Field == t.Field {
				r.edits += countApplied(d)
				want = d.OutHash
			}
		}
		if edit.Hash(added[i]) != want {
			return nil, fmt.Errorf("what was added for %q is not the text that the log describes; it was changed since", t.Field)
		}
	}
	return rest, nil
}

var errAdded = errors.New("--ids does not work where the text was added as a field of its own: the original is still there")

// same is a writer that proves that two streams are the same bytes.
type same struct {
	want *bufio.Reader
	at   int64
	buf  []byte
}

var errDiffer = errors.New("they differ")

func (s *same) Write(b []byte) (int, error) {
	if len(s.buf) < len(b) {
		s.buf = make([]byte, len(b))
	}
	n, err := io.ReadFull(s.want, s.buf[:len(b)])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return 0, err
	}
	if !bytes.Equal(s.buf[:n], b) {
		k := 0
		for k < n && s.buf[k] == b[k] {
			k++
		}
		s.at += int64(k)
		return 0, errDiffer
	}
	s.at += int64(n)
	return len(b), nil
}

// done fails where the wanted stream goes on.
func (s *same) done() error {
	if _, err := s.want.ReadByte(); err != io.EOF {
		return errDiffer
	}
	return nil
}
