package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"copydesk/cmd/internal/archive"
	"copydesk/repair"
	"copydesk/repair/corpus"
	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

// autoCorpus asks fix and run to collect the evidence themselves.
const autoCorpus = "auto"

func newCorpusCommand(a *app) *cobra.Command {
	f := fixFlags{tier: "safe"}
	var out string
	c := &cobra.Command{
		Use:   "corpus GLOB... -o FILE",
		Short: "Collect what the documents of each site have in common, as evidence for repairs",
		Long: `Collect what the documents of each site have in common: lines that recur in many of them,
and how the site writes words that no lexicon holds, as one word or as two. With it,
fix, check, explain and run (--corpus FILE) take out lines that the page put around its
articles, and are surer of merged and split words. Every change says in how many
documents what was seen.

A document's site is the host of its address: the field that --source names, else its id.
Where that field holds no address but a name, such as a newspaper's, the name is the site.
Of a text file it is the first folder of its path, if that is called like a host.
Nothing is known of a site with fewer than 20 documents.

The files are read twice, in memory that does not grow with them (some 250 MB). The same
files give the same evidence for any number of workers. It is JSON Lines, to be read and
edited: a line that is deleted is not taken out of any text.`,
		Example: `  copydesk corpus 'ccnews/**/*.jsonl.zst' --source url -o ccnews.corpus.jsonl
  copydesk run 'ccnews/**/*.jsonl.zst' --source url --corpus ccnews.corpus.jsonl -o clean/
  jq -c 'select(.t == "line")' ccnews.corpus.jsonl | head`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if out == "" {
				return usageError(errors.New("give the file for the evidence with -o FILE; - is standard output"))
			}
			files, err := expand(args, "", "none", f.format)
			if err != nil {
				return usageError(err)
			}
			files = slices.DeleteFunc(files, func(s shard) bool { return samePath(s.path, out) })
			k, err := newCollecting(a, &f, files)
			if err != nil {
				return err
			}
			if err := k.collect(); err != nil {
				return asUsage(err)
			}
			return asUsage(k.save(out))
		},
	}
	f.registerInput(c)
	c.Flags().StringVarP(&out, "output", "o", "", "the file for the evidence; .gz and .zst compress it")
	return c
}

// samePath reports whether two names are one file's: evidence is not evidence of
// itself.
func samePath(a, b string) bool {
	x, err1 := filepath.Abs(a)
	y, err2 := filepath.Abs(b)
	return err1 == nil && err2 == nil && x == y
}

// collecting is the two looks at an archive.
type collecting struct {
	a           *app
	f           *fixFlags
	r           *repair.Repairer
	files       []shard
	jobs        int
	interrupted <-chan struct{}
	evidence    *corpus.Evidence

	mu     sync.Mutex
	unread []string // files that could not be read to their ends
}

func newCollecting(a *app, f *fixFlags, files []shard) (*collecting, error) {
	plain := *f
	plain.corpus = ""
	o, err := plain.options()
	if err != nil {
		return nil, err
	}
	r, err := repair.New(o)
	if err != nil {
		return nil, usageError(err)
	}
	return &collecting{a: a, f: f, r: r, files: files, jobs: workers(f.jobs), interrupted: interrupts()}, nil
}

// input identifies what the evidence is collected from, and how.
func (k *collecting) input() string {
	type file struct {
		Name string
		Size int64
	}
	h := k.r.Header()
	all := struct {
		Tool, Rules, Model, Format, ID, Source, MaxDoc string
		Fields                                         []string
		Files                                          []file
	}{h.Tool, h.Rules, h.Model, k.f.format, k.f.id, k.f.source, k.f.maxDoc.String(), k.f.fields, nil}
	for _, s := range k.files {
		all.Files = append(all.Files, file{s.name, s.size})
	}
	j, err := json.Marshal(all)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return "sha256:" + edit.Hash(string(j))
}

// save writes the evidence.
func (k *collecting) save(path string) error {
	w, err := k.a.create(path)
	if err != nil {
		return err
	}
	if err := k.evidence.Write(w, corpus.Head{Tool: "copydesk " + repair.Version, Input: k.input()}); err != nil {
		w.drop()
		return err
	}
	if err := w.keep(); err != nil {
		return err
	}
	lines, words := 0, 0
	for _, s := range k.evidence.Sites {
		lines += len(s.Lines)
		words += len(s.Words)
	}
	if !k.f.quiet {
		fmt.Fprintf(k.a.stderr, "%s documents of sites, %s sites with 20 and more: %s lines that recur, %s words that no lexicon holds\n",
			thousands(int64(k.evidence.Docs)), thousands(int64(len(k.evidence.Sites))), thousands(int64(lines)), thousands(int64(words)))
	}
	return nil
}

// collectGarbage is the share, in per cent, by which memory may grow until it is
// cleaned up: 20 keeps 124 MB of JSON Lines within 250 MB for 365, at no cost of
// time that could be measured.
const collectGarbage = 20

// collect takes both looks.
func (k *collecting) collect() error {
	// Its counters are large and hold no pointers: to collect garbage as seldom as
	// beside small things would double them.
	defer debug.SetGCPercent(debug.SetGCPercent(collectGarbage))
	c := corpus.NewCollector()
	for look := range 2 {
		if look == 1 {
			c.Again()
		}
		k.unread = nil
		if err := k.look(c); err != nil {
			return err
		}
	}
	if !k.f.quiet {
		for _, why := range k.unread {
			fmt.Fprintf(k.a.stderr, "copydesk: no evidence from all of %s\n", visible(why))
		}
	}
	k.evidence = c.Evidence()
	return nil
}

// shown is a record on its way to the collector.
type shown struct {
	format archive.Format
	raw    []byte
	name   string
}

// look shows every document once.
func (k *collecting) look(c *corpus.Collector) error {
	bars := newTotal(k.a, k.f.quiet, k.files)
	defer bars.stop()
	memory := newBudget()
	queue, work := make(chan shard), make(chan shown, k.jobs)
	var readers, counters sync.WaitGroup
	for range k.jobs {
		counters.Go(func() {
			for s := range work {
				k.show(c, s)
				bars.finished()
				memory.give(len(s.raw))
			}
		})
	}
	for range min(k.jobs, maxOpen) {
		readers.Go(func() {
			for s := range queue {
				if err := k.read(s, bars, memory, work); err != nil {
					k.mu.Lock()
					k.unread = append(k.unread, fmt.Sprintf("%s: %v", s.path, err))
					k.mu.Unlock()
				}
			}
		})
	}
	var err error
feed:
	for _, s := range k.files {
		select {
		case queue <- s:
		case <-k.interrupted:
			err = errInterrupted
			break feed
		}
	}
	close(queue)
	readers.Wait()
	close(work)
	counters.Wait()
	return err
}

// read takes the records of one file. Why some cannot be read is for the repair
// to report; what was read counts.
func (k *collecting) read(s shard, bars *progress, memory *budget, work chan<- shown) error {
	in, err := k.a.open(s.path)
	if err != nil {
		return err
	}
	defer in.Close()
	defer bars.follow(in)()
	plain := *k.f
	plain.outFields = nil
	format, err := in.format(&plain)
	if err != nil {
		return err
	}
	name := ""
	if wholeFile(format) {
		name = s.name
	}
	for {
		raw, err := format.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if raw.Blank || raw.Err != nil {
			continue
		}
		select {
		case <-k.interrupted:
			return errInterrupted
		default:
		}
		memory.take(len(raw.Bytes))
		work <- shown{format, raw.Bytes, name}
	}
}

// show shows the texts of a record, as one document.
func (k *collecting) show(c *corpus.Collector, s shown) {
	defer func() {
		_ = recover() // our fault, and the repair's to report
	}()
	rec, err := s.format.Parse(s.raw)
	if err != nil {
		return
	}
	source := cmp.Or(rec.Source, rec.ID, s.name)
	var texts []string
	for i := range rec.Texts {
		if t := rec.Texts[i].Text; len(t) <= int(k.f.maxDoc) {
			texts = append(texts, t)
		}
	}
	k.r.Show(c, source, strings.Join(texts, "\n\n"))
}

// readCorpus reads a file of evidence.
func readCorpus(path string) (*corpus.Index, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--corpus: %w", err)
	}
	defer f.Close()
	r, _, err := archive.Decompress(f)
	if err != nil {
		return nil, fmt.Errorf("--corpus: %s: %w", path, err)
	}
	defer r.Close()
	x, err := corpus.Read(r)
	if err != nil {
		return nil, fmt.Errorf("--corpus: %s: %w", path, err)
	}
	return x, nil
}

// ownCorpus is the evidence that a run collects for itself, from all files,
// whatever part of them it repairs: it stands below its folder, so that a run
// that goes on, and the runs of other machines, take the same.
func ownCorpus(a *app, f *batchFlags, files []shard) (*corpus.Index, error) {
	k, err := newCollecting(a, &f.fixFlags, files)
	if err != nil {
		return nil, err
	}
	if f.dryRun {
		if err := k.collect(); err != nil {
			return nil, err
		}
		return k.index()
	}
	path := filepath.Join(f.dir, corpusName)
	if x, err := readCorpus(path); err == nil && x.Head.Input == k.input() && !f.restart {
		return x, nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return nil, err
	}
	if err := k.collect(); err != nil {
		return nil, err
	}
	if err := k.save(path); err != nil {
		return nil, err
	}
	return readCorpus(path)
}

// index is the evidence as a file of it would be read.
func (k *collecting) index() (*corpus.Index, error) {
	r, w := io.Pipe()
	go func() {
		w.CloseWithError(k.evidence.Write(w, corpus.Head{Tool: "copydesk " + repair.Version, Input: k.input()}))
	}()
	return corpus.Read(r)
}
