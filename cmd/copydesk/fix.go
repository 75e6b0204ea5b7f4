package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"copydesk/cmd/internal/archive"
	"copydesk/repair"
	"copydesk/repair/edit"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/spf13/cobra"
)

// maxLine is the longest line, in bytes, that is held in memory: a longer one
// passes through unchanged.
const maxLine = 64 << 20

// fixFlags are the flags that fix, check and explain share.
type fixFlags struct {
	format, field, id, tier, profile, rules, log, words, offsets string
	minConf                                                      float64
	logAll, quiet, asJSON, exitCode                              bool
	jobs                                                         int
}

func (f *fixFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.format, "format", "auto", "auto, text or jsonl")
	fs.StringVar(&f.field, "field", "text", "JSON Lines: the field to repair, a name or a JSON pointer such as /article/body")
	fs.StringVar(&f.id, "id", "id", "JSON Lines: the field that names the record in the log")
	fs.StringVar(&f.tier, "tier", "safe", "the least trusted tier that is applied: safe or review")
	fs.StringVar(&f.profile, "profile", "archive", "archive, nlp or publish")
	fs.StringVar(&f.rules, "rules", "", "families that run: merged,split runs only these; -order,+dash take away or add")
	fs.StringVar(&f.log, "log", "", "write the edit log there; .gz and .zst compress it")
	fs.BoolVar(&f.logAll, "log-all", false, "log unchanged documents too")
	fs.StringVar(&f.words, "words", "", "a file of words to know, one a line")
	fs.StringVar(&f.offsets, "offsets", "", "+utf16 adds UTF-16 positions to the log")
	fs.Float64Var(&f.minConf, "min-conf", 0, "apply nothing below this confidence, 0 to 1")
	fs.IntVarP(&f.jobs, "jobs", "j", runtime.NumCPU(), "how many documents are repaired at once")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing but errors")
	fs.BoolVar(&f.asJSON, "json", false, "report as JSON")
	fs.BoolVar(&f.exitCode, "exit-code", false, "exit 1 when something changed")
}

func (f *fixFlags) options() (repair.Options, error) {
	tier, err := edit.ParseTier(f.tier)
	if err != nil || tier == edit.Hint {
		return repair.Options{}, usageError(fmt.Errorf("--tier %q: use safe or review", f.tier))
	}
	if f.minConf < 0 || f.minConf > 1 {
		return repair.Options{}, usageError(fmt.Errorf("--min-conf %v: use a number from 0 to 1", f.minConf))
	}
	o := repair.Options{Profile: f.profile, Tier: tier, MinConf: f.minConf}
	if o.Families, err = families(f.rules); err != nil {
		return o, usageError(err)
	}
	if f.words != "" {
		if err := eachLine(f.words, func(w string) {
			if w != "" && w[0] != '#' {
				o.Words = append(o.Words, w)
			}
		}); err != nil {
			return o, usageError(err)
		}
	}
	if f.offsets != "" && f.offsets != "+utf16" {
		return o, usageError(fmt.Errorf("--offsets %q: only +utf16 is known", f.offsets))
	}
	return o, nil
}

// families reads --rules.
func families(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	names := strings.Split(list, ",")
	var out []string
	if c := names[0]; c != "" && (c[0] == '+' || c[0] == '-') {
		out = slices.Clone(edit.Families)
	}
	for _, n := range names {
		name := strings.TrimLeft(n, "+-")
		if !slices.Contains(edit.Families, name) {
			return nil, fmt.Errorf("--rules: no family %q: use some of %s", name, strings.Join(edit.Families, ", "))
		}
		if n[0] == '-' {
			out = slices.DeleteFunc(out, func(f string) bool { return f == name })
		} else if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if out == nil {
		out = []string{}
	}
	return out, nil
}

// runner repairs a stream of documents and keeps the account.
type runner struct {
	a      *app
	f      *fixFlags
	r      *repair.Repairer
	out    io.Writer // repaired text; nil writes none
	log    *edit.Writer
	end    edit.EndRecord
	n      int
	held   int
	report func(name, src string, res repair.Result) // called in order, for check and explain
}

// item is a document on its way through the workers.
type item struct {
	raw      []byte // as read, with its line end
	str      archive.Str
	name     string
	field    string
	src, why string // why it passes through unread
	asLine   bool
	part     bool // a piece of a line too long to hold: goes through as it is
	res      repair.Result
	out      []byte
	done     chan struct{}
}

// fixItem repairs one document. A panic is our fault, never the article's end.
func (rn *runner) fixItem(it *item) {
	defer close(it.done)
	it.out = it.raw
	if it.part || it.why != "" {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			it.res, it.out, it.why = repair.Result{}, it.raw, fmt.Sprintf("internal error: %v", p)
		}
	}()
	if it.asLine {
		body := bytes.TrimRight(it.raw, "\r\n")
		if len(bytes.TrimSpace(body)) == 0 {
			it.part = true
			return
		}
		s, err := archive.Find(body, rn.f.field)
		if err != nil {
			it.why = err.Error()
			return
		}
		if id, err := archive.Find(body, rn.f.id); err == nil {
			it.name = id.Text
		} else {
			it.name = ""
		}
		it.str, it.src = s, s.Text
	} else {
		it.src = string(it.raw)
	}
	if !utf8.ValidString(it.src) {
		it.why = "not valid UTF-8"
		return
	}
	if strings.IndexByte(it.src, 0) >= 0 && !it.asLine {
		it.why = "binary: it holds NUL bytes"
		return
	}
	it.res = rn.r.Fix(it.src)
	if !it.res.Changed() {
		return
	}
	if !it.asLine {
		it.out = []byte(it.res.Text)
		return
	}
	var edits []edit.Edit
	for _, c := range it.res.Changes {
		if !c.Applied {
			continue
		}
		for _, e := range edit.Diff(c.Before, c.After) {
			edits = append(edits, edit.Edit{Span: edit.Span{Start: c.Src.Start + e.Start, End: c.Src.Start + e.End}, New: e.New})
		}
	}
	it.out = archive.Splice(it.raw, it.str, edits)
}

// finish writes one document's output and log lines, in input order.
func (rn *runner) finish(it *item) error {
	if rn.out != nil {
		if _, err := rn.out.Write(it.out); err != nil {
			return err
		}
	}
	if it.part {
		return nil
	}
	n := rn.n
	rn.n++
	rn.end.Docs++
	if it.name == "" {
		it.name = fmt.Sprint(n)
	}
	if it.why != "" {
		rn.end.Skipped++
		if !rn.f.quiet {
			fmt.Fprintf(rn.a.stderr, "copydesk: record %d (%s) passed through unchanged: %s\n", n, visible(it.name), it.why)
		}
		if rn.log != nil {
			return rn.log.Skip(edit.SkipRecord{N: n, Doc: it.name, Reason: it.why, SrcHash: edit.Hash(string(it.raw))})
		}
		return nil
	}
	changed := false
	for _, c := range it.res.Changes {
		if c.Applied {
			changed = true
			rn.end.Edits++
		} else {
			rn.held++
		}
	}
	if changed {
		rn.end.Changed++
	}
	if rn.report != nil {
		rn.report(it.name, it.src, it.res)
	}
	if rn.log != nil && (rn.f.logAll || len(it.res.Changes) > 0) {
		d := it.res.Record(n, it.name, it.field, it.src)
		return rn.log.Doc(&d)
	}
	return nil
}

// pump runs items through the workers and finishes them in order.
func (rn *runner) pump(next func() (*item, error)) error {
	jobs := max(1, rn.f.jobs)
	work, order := make(chan *item, jobs), make(chan *item, 4*jobs)
	for range jobs {
		go func() {
			for it := range work {
				rn.fixItem(it)
			}
		}()
	}
	stop := make(chan struct{})
	var readErr error
	go func() {
		defer close(order)
		defer close(work)
		for {
			it, err := next()
			if err != nil {
				if err != io.EOF {
					readErr = err
				}
				return
			}
			it.done = make(chan struct{})
			select {
			case order <- it:
			case <-stop:
				return
			}
			work <- it
		}
	}()
	var err error
	for it := range order {
		<-it.done
		if err == nil {
			if err = rn.finish(it); err != nil {
				close(stop)
			}
		}
	}
	return errors.Join(err, readErr)
}

// lines yields each line of a JSON Lines stream as an item.
func lines(r io.Reader, field string) func() (*item, error) {
	br := bufio.NewReaderSize(r, 1<<20)
	long := false // in the middle of a line too long to hold
	return func() (*item, error) {
		var line []byte
		for {
			chunk, err := br.ReadSlice('\n')
			line = append(line, chunk...)
			if err == bufio.ErrBufferFull {
				if long || len(line) > maxLine {
					it := &item{raw: line, part: true}
					if !long {
						it.part, it.asLine, it.why = false, true, "the line is too long"
					}
					long = true
					return it, nil
				}
				continue
			}
			if err != nil && (err != io.EOF || len(line) == 0) {
				return nil, err
			}
			it := &item{raw: line, asLine: true, field: field, part: long}
			long = false
			return it, nil
		}
	}
}

// run repairs the named inputs, standard input when there is none.
func (rn *runner) run(files []string) (err error) {
	if len(files) == 0 {
		files = []string{"-"}
	}
	if rn.f.log != "" {
		w, closeLog, err2 := createLog(rn.f.log)
		if err2 != nil {
			return usageError(err2)
		}
		rn.log = edit.NewWriter(w)
		rn.log.UTF16 = rn.f.offsets == "+utf16"
		if err := rn.log.Run(rn.r.Header()); err != nil {
			return usageError(err)
		}
		defer func() {
			keep := err == nil
			if keep {
				err = errors.Join(rn.log.End(rn.end), rn.log.Flush())
			}
			err = errors.Join(err, closeLog(keep && err == nil))
		}()
	}
	for _, name := range files {
		if err := rn.runOne(name); err != nil {
			return usageError(err)
		}
	}
	return nil
}

func (rn *runner) runOne(name string) error {
	in := rn.a.stdin
	if name != "-" {
		f, err := openPlain(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	br := bufio.NewReaderSize(in, 1<<16)
	format := rn.f.format
	if format == "auto" {
		format = guess(name, br)
	}
	switch format {
	case "jsonl":
		return rn.pump(lines(br, rn.f.field))
	case "text":
		b, err := io.ReadAll(br)
		if err != nil {
			return err
		}
		sent := false
		return rn.pump(func() (*item, error) {
			if sent {
				return nil, io.EOF
			}
			sent = true
			return &item{raw: b, name: filepath.Base(name), field: "text"}, nil
		})
	}
	return fmt.Errorf("--format %q: this version reads text and jsonl", format)
}

// guess tells JSON Lines from plain text by the name, else by the first line.
func guess(name string, br *bufio.Reader) string {
	base := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	switch filepath.Ext(base) {
	case ".jsonl", ".ndjson":
		return "jsonl"
	case ".txt":
		return "text"
	}
	head, _ := br.Peek(1 << 16)
	first, _, whole := bytes.Cut(head, []byte("\n"))
	first = bytes.TrimSpace(first)
	if len(first) > 0 && first[0] == '{' && (json.Valid(first) || !whole) {
		return "jsonl"
	}
	return "text"
}

// createLog opens a log to be written aside; closing it with keep renames it
// into place.
func createLog(path string) (io.Writer, func(keep bool) error, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return nil, nil, err
	}
	var w io.Writer = f
	closeZ := func() error { return nil }
	switch filepath.Ext(path) {
	case ".gz":
		z := gzip.NewWriter(f)
		w, closeZ = z, z.Close
	case ".zst":
		z, err := zstd.NewWriter(f, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, nil, err
		}
		w, closeZ = z, z.Close
	}
	return w, func(keep bool) error {
		err := errors.Join(closeZ(), f.Chmod(0o644), f.Sync(), f.Close())
		if !keep || err != nil {
			return errors.Join(err, os.Remove(f.Name()))
		}
		return os.Rename(f.Name(), path)
	}, nil
}

func newRunner(a *app, f *fixFlags) (*runner, error) {
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	r, err := repair.New(o)
	if err != nil {
		return nil, usageError(err)
	}
	return &runner{a: a, f: f, r: r}, nil
}

func newFixCommand(a *app) *cobra.Command {
	var f fixFlags
	var write bool
	cmd := &cobra.Command{
		Use:   "fix [FILE...]",
		Short: "Repair text: to standard output, everything else to standard error",
		RunE: func(cmd *cobra.Command, files []string) error {
			if write && (f.log == "" || len(files) != 1 || files[0] == "-") {
				return usageError(errors.New("-w repairs one named file in place and needs --log FILE, so that it can be undone"))
			}
			rn, err := newRunner(a, &f)
			if err != nil {
				return err
			}
			var held bytes.Buffer
			out := bufio.NewWriterSize(a.stdout, 1<<16)
			rn.out = out
			if write {
				rn.out = &held
			}
			if err := rn.run(files); err != nil {
				return err
			}
			if err := out.Flush(); err != nil {
				return usageError(err)
			}
			if write && rn.end.Changed > 0 {
				if err := writeAside(files[0], held.Bytes()); err != nil {
					return usageError(err)
				}
			}
			if !f.quiet {
				if f.asJSON {
					fmt.Fprintf(a.stderr, "{\"docs\":%d,\"changed\":%d,\"edits\":%d,\"held\":%d,\"skipped\":%d}\n", rn.end.Docs, rn.end.Changed, rn.end.Edits, rn.held, rn.end.Skipped)
				} else {
					fmt.Fprintf(a.stderr, "%d changes applied in %d of %d documents, %d proposals not applied (copydesk explain shows them)\n", rn.end.Edits, rn.end.Changed, rn.end.Docs, rn.held)
				}
			}
			return rn.status()
		},
	}
	f.register(cmd)
	cmd.Flags().BoolVarP(&write, "write", "w", false, "repair one file in place; needs --log")
	return cmd
}

// status is the exit code of a finished run.
func (rn *runner) status() error {
	switch {
	case rn.end.Skipped > 0:
		return &exitError{exitSkipped, nil}
	case rn.f.exitCode && rn.end.Changed > 0:
		return &exitError{exitFindings, nil}
	}
	return nil
}

// visible draws control characters, so that hostile text cannot steer a
// terminal.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '⏎'
		case r == '\t':
			return '⇥'
		case r < 0x20 || r >= 0x7F && r < 0xA0 || r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069:
			return '�'
		}
		return r
	}, s)
}
