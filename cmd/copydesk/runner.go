package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"

	"copydesk/cmd/internal/archive"
	"copydesk/repair"
	"copydesk/repair/edit"
)

// maxInFlight bounds the bytes of the records that are in memory at once, read
// but not yet written, however many workers there are.
const maxInFlight = 2 * archive.MaxRecord

// runner repairs a stream of documents and keeps the account.
type runner struct {
	a           *app
	f           *fixFlags
	r           *repair.Repairer
	out         io.Writer // repaired records; nil writes none
	log         *edit.Writer
	end         edit.EndRecord
	n           int
	held        int
	progress    *progress
	interrupted <-chan struct{}
	report      func(name string, t *archive.Text, res *repair.Result) error // called in order, for check and explain
}

// item is a record on its way through the workers.
type item struct {
	archive.Raw
	format archive.Format
	name   string
	rec    archive.Record
	res    []repair.Result // by rec.Texts
	docs   []edit.DocRecord
	out    []byte
	done   chan struct{}
}

// fixItem repairs one record. A panic is our fault, never the article's end.
func (rn *runner) fixItem(it *item) {
	defer close(it.done)
	it.out = it.Bytes
	if it.Blank || it.Err != nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			it.res, it.docs, it.out, it.Err = nil, nil, it.Bytes, fmt.Errorf("internal error: %v", p)
		}
	}()
	rec, err := it.format.Parse(it.Bytes)
	it.rec = rec
	if rec.ID != "" {
		it.name = rec.ID
	}
	if err != nil {
		it.Err = err
		return
	}
	it.res = make([]repair.Result, len(rec.Texts))
	it.docs = make([]edit.DocRecord, len(rec.Texts))
	patches := make([][]archive.Patch, len(rec.Texts))
	changed := false
	for i := range rec.Texts {
		t := &rec.Texts[i]
		if len(t.Text) > int(rn.f.maxDoc) {
			it.Err = fmt.Errorf("the text has %d bytes, more than %s: --max-doc raises the limit", len(t.Text), &rn.f.maxDoc)
			it.res, it.docs = nil, nil
			return
		}
		it.res[i] = rn.r.FixFrom(it.name, t.Text)
		res := &it.res[i]
		if rn.log != nil && (rn.f.logAll || len(res.Changes) > 0 || rec.Charset != "") {
			it.docs[i] = res.Record(0, it.name, t.Field, t.Text)
			it.docs[i].Charset, it.docs[i].Odd = rec.Charset, rec.Odd
			if rec.Charset == "" {
				describe(it.format, it.Bytes, t, res, &it.docs[i])
			}
		}
		if res.Changed() {
			changed = true
			patches[i] = patch(res.Changes)
		}
	}
	if !changed && len(rn.f.outFields) == 0 && rec.Charset == "" {
		return
	}
	if it.out, err = it.format.Splice(it.Bytes, &it.rec, patches); err != nil {
		it.out, it.Err = it.Bytes, err
	}
}

// patch is what was applied, as the smallest edits.
func patch(changes []repair.Change) []archive.Patch {
	var out []archive.Patch
	for _, c := range changes {
		if !c.Applied {
			continue
		}
		for _, e := range edit.Diff(c.Before, c.After) {
			e.Start += c.Src.Start
			e.End += c.Src.Start
			out = append(out, archive.Patch{Edit: e})
		}
	}
	return out
}

// describe notes in the log how the record wrote what was replaced, so that
// revert can give its very bytes back.
func describe(f archive.Format, raw []byte, t *archive.Text, res *repair.Result, d *edit.DocRecord) {
	if table, ok := f.(*archive.CSV); ok && res.Changed() {
		d.Raw = table.Restyled(raw, t, res.Text)
	}
	for i := range d.Edits {
		e := &d.Edits[i]
		if !e.Applied {
			continue
		}
		if src := f.Source(raw, t, e.Src); src != f.Plain(t, e.Before) {
			e.Raw = src
		}
	}
}

// finish writes one record's output and log lines, in input order.
func (rn *runner) finish(it *item) error {
	if rn.out != nil {
		if _, err := rn.out.Write(it.out); err != nil {
			return err
		}
	}
	if it.Blank {
		return nil
	}
	n := rn.n
	rn.n++
	rn.progress.finished()
	rn.end.Docs++
	if it.name == "" {
		it.name = fmt.Sprint(n)
	}
	if it.Err != nil {
		rn.end.Skipped++
		if !rn.f.quiet {
			fmt.Fprintf(rn.a.stderr, "copydesk: record %d (%s) passed through unchanged: %s\n", n, visible(it.name), visible(it.Err.Error()))
		}
		if rn.log != nil {
			return rn.log.Skip(edit.SkipRecord{N: n, Doc: it.name, Reason: it.Err.Error(), SrcHash: edit.Hash(string(it.Bytes))})
		}
		return nil
	}
	changed := 0
	for i := range it.res {
		for _, c := range it.res[i].Changes {
			if c.Applied {
				changed++
			} else {
				rn.held++
			}
		}
		if why := it.res[i].Fused; why != "" {
			rn.end.Fused++
			if !rn.f.quiet {
				fmt.Fprintf(rn.a.stderr, "copydesk: record %d (%s) left as it was, its edits held for review: %s\n", n, visible(it.name), why)
			}
		}
		if rn.report != nil {
			if err := rn.report(it.name, &it.rec.Texts[i], &it.res[i]); err != nil {
				return err
			}
		}
		if d := &it.docs[i]; d.SrcHash != "" {
			d.N, d.Doc = n, it.name
			if err := rn.log.Doc(d); err != nil {
				return err
			}
		}
	}
	rn.end.Edits += changed
	if changed > 0 {
		rn.end.Changed++
		if rn.f.verbose {
			fmt.Fprintf(rn.a.stderr, "copydesk: record %d (%s): %d changes\n", n, visible(it.name), changed)
		}
	}
	return nil
}

// budget lets bytes into memory up to a limit; one record is always let in.
type budget struct {
	mu   sync.Mutex
	free *sync.Cond
	used int
}

func newBudget() *budget {
	b := &budget{}
	b.free = sync.NewCond(&b.mu)
	return b
}

func (b *budget) take(n int) {
	b.mu.Lock()
	for b.used > 0 && b.used+n > maxInFlight {
		b.free.Wait()
	}
	b.used += n
	b.mu.Unlock()
}

func (b *budget) give(n int) {
	b.mu.Lock()
	b.used -= n
	b.mu.Unlock()
	b.free.Signal()
}

// pump runs records through the workers and finishes them in order.
func (rn *runner) pump(name string, format archive.Format) error {
	jobs := rn.f.jobs
	if jobs <= 0 {
		jobs = runtime.NumCPU()
	}
	work, order := make(chan *item, jobs), make(chan *item, 16*jobs)
	for range jobs {
		go func() {
			for it := range work {
				rn.fixItem(it)
			}
		}()
	}
	stop := make(chan struct{})
	memory := newBudget()
	var readErr error
	go func() {
		defer close(order)
		defer close(work)
		for {
			raw, err := format.Next()
			if err != nil {
				if err != io.EOF {
					readErr = err
				}
				return
			}
			memory.take(len(raw.Bytes))
			it := &item{Raw: raw, format: format, name: name, done: make(chan struct{})}
			select {
			case order <- it:
			case <-stop:
				return
			}
			work <- it
		}
	}()
	var err error
	fail := func(e error) {
		if err == nil {
			err = e
			close(stop)
		}
	}
	for {
		select {
		case it, more := <-order:
			if !more {
				return cmp.Or(err, readErr)
			}
			<-it.done
			if err == nil {
				if e := rn.finish(it); e != nil {
					fail(e)
				}
			}
			memory.give(len(it.Bytes))
		case <-rn.interrupted:
			return errInterrupted
		}
	}
}

var errInterrupted = &exitError{exitInterrupted, errors.New("interrupted")}

// interrupts is closed by the first interrupt; a second one ends the program on
// the spot.
func interrupts() <-chan struct{} {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx.Done()
}

// status is the exit code of a finished run.
func (rn *runner) status() error {
	switch {
	case rn.end.Skipped > 0 || rn.end.Fused > 0:
		return &exitError{exitSkipped, nil}
	case rn.f.exitCode && rn.end.Changed > 0:
		return &exitError{exitFindings, nil}
	}
	return nil
}

// added pairs fields with those that get the repaired text.
func (f *fixFlags) added() []edit.Added {
	var out []edit.Added
	for i, o := range f.outFields {
		out = append(out, edit.Added{Field: f.fields[i], Out: o})
	}
	return out
}
