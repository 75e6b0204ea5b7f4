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
	"time"

	"copydesk/cmd/internal/archive"
	"copydesk/repair"
	"copydesk/repair/edit"
	"copydesk/repair/page"
)

// maxInFlight bounds the bytes of the records that are in memory at once, read
// but not yet written, however many workers there are.
const maxInFlight = 2 * archive.MaxRecord

// runner repairs one stream of records, or several behind one another, and
// keeps the account.
type runner struct {
	a           *app
	f           *fixFlags
	r           *repair.Repairer
	pool        *pool
	out         io.Writer // repaired records; nil writes none
	log         *edit.Writer
	end         edit.EndRecord
	n           int   // records finished
	pos         int64 // bytes finished, decompressed
	held        int
	said        int            // records of which something was told
	dry         bool           // nothing is written
	several     bool           // texts of several files go behind one another
	format      archive.Format // of the file that is read
	ended       bool           // what was written last ends with a line end
	progress    *progress
	interrupted <-chan struct{}
	report      func(name string, t *archive.Text, res *repair.Result) error // called in order, for check and explain
	finished    func(it *item) error                                         // called in order, after a record's output and log; may be nil
}

// item is a record on its way through the workers.
type item struct {
	archive.Raw
	outcome
	rn     *runner
	format archive.Format
	name   string
	done   chan struct{}
}

// outcome is what a worker makes of a record.
type outcome struct {
	rec  archive.Record
	res  []repair.Result // by rec.Texts
	docs []edit.DocRecord
	out  []byte
	err  error // why it passes through unchanged
}

// pool is the workers that repair the records of all runners, and bounds the
// bytes that are in memory.
type pool struct {
	jobs   int
	work   chan *item
	memory *budget
}

// workers is how many documents are worked on at once, as -j asks for.
func workers(jobs int) int {
	if jobs <= 0 {
		return runtime.NumCPU()
	}
	return jobs
}

func newPool(jobs int) *pool {
	jobs = workers(jobs)
	if jobs == 1 {
		// Reader, worker and writer take turns on one core: waking another one up for
		// each record took a tenth of the time.
		runtime.GOMAXPROCS(1)
	}
	p := &pool{jobs: jobs, work: make(chan *item, jobs), memory: newBudget()}
	for range jobs {
		go func() {
			for it := range p.work {
				it.rn.fixItem(it)
			}
		}()
	}
	return p
}

// fixItem repairs one record, or gives up when it takes too long: the time
// counts against the one that hangs, not against the run.
func (rn *runner) fixItem(it *item) {
	defer close(it.done)
	if it.Blank || it.Err != nil {
		it.outcome = outcome{out: it.Bytes, err: it.Err}
		switch {
		case it.Aside:
			it.out = nil
		case it.Raw.Instead != nil:
			it.out = it.Raw.Instead
		}
		return
	}
	defer func() {
		if it.err == nil {
			return
		}
		if w, ok := it.format.(archive.Widened); ok {
			it.out = w.Unrepaired(it.Bytes)
		}
		if it.Aside {
			it.out = it.rec.Instead
		}
	}()
	if rn.f.maxTime <= 0 {
		it.outcome = rn.fix(it.format, it.name, it.Bytes)
		return
	}
	got := make(chan outcome, 1)
	go func() { got <- rn.fix(it.format, it.name, it.Bytes) }()
	timer := time.NewTimer(rn.f.maxTime)
	defer timer.Stop()
	select {
	case it.outcome = <-got:
	case <-timer.C:
		it.outcome = outcome{out: it.Bytes, err: fmt.Errorf("it took more than %v: --max-time raises the limit", rn.f.maxTime)}
	}
}

// fix repairs one record. A panic is our fault, never the article's end.
func (rn *runner) fix(format archive.Format, name string, raw []byte) (o outcome) {
	o.out = raw
	defer func() {
		if p := recover(); p != nil {
			o = outcome{rec: archive.Record{ID: o.rec.ID}, out: raw, err: fmt.Errorf("internal error: %v", p)}
		}
	}()
	if o.rec, o.err = format.Parse(raw); o.err != nil {
		return o
	}
	if o.rec.ID != "" {
		name = o.rec.ID
	}
	source := name
	if o.rec.Source != "" {
		source = o.rec.Source
	}
	from := rn.f.from
	if o.rec.Page != "" {
		from = page.Parse([]byte(o.rec.Page))
	}
	texts := o.rec.Texts
	o.res = make([]repair.Result, len(texts))
	o.docs = make([]edit.DocRecord, len(texts))
	patches := make([][]archive.Patch, len(texts))
	changed := false
	for i := range texts {
		t := &texts[i]
		if len(t.Text) > int(rn.f.maxDoc) {
			err := fmt.Errorf("the text has %d bytes, more than %s: --max-doc raises the limit", len(t.Text), &rn.f.maxDoc)
			return outcome{rec: o.rec, out: raw, err: err}
		}
		res := &o.res[i]
		*res = rn.r.FixPage(source, from, t.Text)
		if rn.log != nil && (rn.f.logAll || len(res.Changes) > 0 || o.rec.Charset != "" || rn.several && wholeFile(format)) {
			o.docs[i] = res.Record(0, name, t.Field, t.Text)
			o.docs[i].Charset, o.docs[i].Odd = o.rec.Charset, o.rec.Odd
			if o.rec.Charset == "" {
				describe(format, raw, t, res, &o.docs[i])
			}
		}
		if res.Changed() {
			changed = true
			patches[i] = patch(res.Changes)
		}
	}
	if !changed && len(rn.f.outFields) == 0 && o.rec.Charset == "" && !o.rec.Convert {
		return o
	}
	out, err := format.Splice(raw, &o.rec, patches)
	if err != nil {
		return outcome{rec: o.rec, out: raw, err: err}
	}
	o.out = out
	return o
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
		if n := len(it.out); n > 0 {
			rn.ended = it.out[n-1] == '\n'
		}
	}
	if !it.Blank {
		if err := rn.account(it); err != nil {
			return err
		}
	}
	if rn.finished != nil {
		if err := rn.finished(it); err != nil {
			return err
		}
	}
	rn.pos += int64(len(it.Bytes))
	return nil
}

// account counts a record, and writes its log lines.
func (rn *runner) account(it *item) error {
	n := rn.n
	rn.n++
	rn.progress.finished()
	rn.end.Docs++
	if it.rec.ID != "" {
		it.name = it.rec.ID
	}
	if it.name == "" {
		it.name = fmt.Sprint(n)
	}
	if it.err != nil {
		rn.end.Skipped++
		rn.say("record %d (%s) passed through unchanged: %s", n, it.name, it.err.Error())
		if rn.log != nil {
			skip := edit.SkipRecord{N: n, Doc: it.name, Reason: it.err.Error(), SrcHash: edit.Hash(string(it.Bytes))}
			if rn.several && wholeFile(it.format) && !errors.Is(it.err, archive.ErrTooLarge) {
				skip.Len = len(it.out)
			}
			return rn.log.Skip(skip)
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
			rn.say("record %d (%s) left as it was, its edits held for review: %s", n, it.name, why)
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
			fmt.Fprintf(rn.progress.above(rn.a.stderr), "copydesk: record %d (%s): %d changes\n", n, visible(it.name), changed)
		}
	}
	return nil
}

// say tells of one record on standard error; a run keeps such things for its
// quarantine and report.
func (rn *runner) say(form string, n int, name, why string) {
	if rn.f.quiet || rn.f.batch {
		return
	}
	switch rn.said++; {
	case rn.said <= maxSaid || rn.f.verbose:
		fmt.Fprintf(rn.progress.above(rn.a.stderr), "copydesk: "+form+"\n", n, visible(name), visible(why))
	case rn.said == maxSaid+1:
		fmt.Fprintf(rn.progress.above(rn.a.stderr), "copydesk: further records are counted only: --verbose names them, and the log does\n")
	}
}

// maxSaid is how many records are named of which something is to be told: a wrong
// --field would name all of a million.
const maxSaid = 20

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

// pump runs records through the workers and finishes them in order. name is the
// id of records that have none of their own.
func (rn *runner) pump(name string, format archive.Format) error {
	return rn.pumpItems(func() (*item, error) {
		raw, err := format.Next()
		return &item{Raw: raw, format: format, name: name}, err
	})
}

func (rn *runner) pumpItems(next func() (*item, error)) error {
	p := rn.pool
	order := make(chan *item, orderPerJob*p.jobs)
	stop := make(chan struct{})
	var readErr error
	go func() {
		defer close(order)
		for {
			it, err := next()
			if err != nil {
				if err != io.EOF {
					readErr = err
				}
				return
			}
			p.memory.take(len(it.Bytes))
			it.rn, it.done = rn, make(chan struct{})
			select {
			case order <- it:
			case <-stop:
				p.memory.give(len(it.Bytes))
				return
			}
			p.work <- it
		}
	}()
	var err error
	fail := func(e error) {
		if err == nil {
			err = e
			close(stop)
		}
	}
	interrupted := rn.interrupted
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
			p.memory.give(len(it.Bytes))
		case <-interrupted:
			if !rn.f.batch {
				return errInterrupted // the reader may wait for standard input for ever
			}
			interrupted = nil
			fail(errInterrupted)
		}
	}
}

// orderPerJob is how many records of a stream may be read for each worker before
// the first of them is written.
const orderPerJob = 16

// maxAhead bounds how many records of a stream are read but not yet written.
func maxAhead(jobs int) int { return orderPerJob*jobs + jobs + 8 }

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
