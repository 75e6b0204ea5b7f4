package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"copydesk/cmd/internal/archive"
	"copydesk/cmd/internal/report"
	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

// maxOpen is how many shards are worked on at once, at most: each holds a
// decoder's window in memory, and the workers take records from all of them.
const maxOpen = 8

// batchFlags are the flags of run.
type batchFlags struct {
	fixFlags
	dir, part, compress, report string
	restart, dryRun             bool
	sample                      int
	seed                        uint64
	frame                       byteSize
	save                        time.Duration
}

func newRunCommand(a *app) *cobra.Command {
	f := batchFlags{}
	c := &cobra.Command{
		Use:   "run GLOB... -o DIR",
		Short: "Repair an archive: many files, resumable, with quarantine and report",
		Long: `Repair an archive: every file that the globs name (quote them; ** crosses folders) or
that lies in the named folders. What comes out has the same name below DIR:

  DIR/FILE                 the repaired file, compressed as before (.bz2 and .xz become .zst);
                           of a .warc the articles of its pages as .jsonl, of a page a .txt
  DIR/log/FILE.jsonl.zst   its log: with the repaired file it gives the input back
  DIR/quarantine/FILE.jsonl   records that passed through unchanged, with reason and byte position
  DIR/done/FILE.json       says that the file is finished, with hashes, counts and settings
  DIR/report.html, DIR/report.json
  DIR/corpus.jsonl         with --corpus auto: what the documents of each site have in common

A run that was stopped, by kill -9 too, goes on where it was and gives the same bytes. With
other settings, rules or another version it refuses to go on in the same DIR. All workers
share the records of all files, so that one large file keeps every processor busy.

Exit code 0; 3 when records were quarantined or left alone by the harm fuse; 2 when a file
failed; 130 when interrupted.`,
		Example: `  copydesk run 'ccnews/**/*.jsonl.zst' --id url -o clean/
  copydesk run 'ccnews/**/*.jsonl.zst' --source url --corpus auto -o clean/
  copydesk run 'wet/*.warc.wet.gz' -o out/ --shard $SLURM_ARRAY_TASK_ID/64
  copydesk run 'ccnews/*.jsonl.zst' --id url --dry-run --sample 20000 --seed 1 --report sample.html`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f.batch = true
			b, err := newBatch(a, &f, args)
			if err != nil {
				return asUsage(err)
			}
			if f.dryRun {
				return asUsage(b.sampled())
			}
			return asUsage(b.run())
		},
	}
	f.register(c)
	c.Flags().Lookup("log").Usage = "another folder for the logs than DIR/log: each file has its own"
	_ = c.Flags().MarkHidden("exit-code")
	if err := c.Flags().Set("max-time", "1m"); err != nil {
		panic(err)
	}
	c.Flags().Lookup("max-time").DefValue = "1m"
	c.Flags().StringArrayVar(&f.outFields, "out-field", nil, "add the repaired text as this field, beside it in JSON Lines, as a column behind all others in tables and Parquet, and leave --field as it is; one for each --field")
	c.Flags().BoolVar(&f.appliedOnly, "applied-only", false, "do not search for what could only be shown to people: the same texts, less in logs and report, several times as fast on clean text")
	c.Flags().StringVarP(&f.dir, "output", "o", "", "the folder that everything goes to")
	c.Flags().StringVar(&f.part, "shard", "", "i/n: only the i-th of n parts of the files, i from 0 to n-1 or 1 to n")
	c.Flags().StringVar(&f.compress, "compress", "auto", "what comes out: auto (as the input), none, gz or zst")
	f.frame = frameBytes
	c.Flags().Var(&f.frame, "frame", "cut what comes out into independent frames of this size, before compression: what is done again at the most after a kill")
	c.Flags().DurationVar(&f.save, "save-every", saveEvery, "the time between checkpoints, each of which waits for the disk")
	c.Flags().BoolVar(&f.restart, "restart", false, "forget what was done in DIR and begin again")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "repair a sample and write nothing but the report")
	c.Flags().IntVar(&f.sample, "sample", 10_000, "records of a dry run, drawn evenly from all files")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "another seed draws another sample")
	c.Flags().StringVar(&f.report, "report", "", "another place for the report: a file in .json or .html")
	return c
}

// shard is one file of a run.
type shard struct {
	path string // where it lies
	name string // below the output folder, with slashes
	out  string // the same, as the output is compressed
	size int64
}

// settings decide the bytes that come out. A run goes on only with the same.
type settings struct {
	Tool      string   `json:"tool"`
	Rules     string   `json:"rules"`
	Model     string   `json:"model"`
	Profile   string   `json:"profile"`
	Tier      string   `json:"tier"`
	MinConf   float64  `json:"min_conf"`
	Families  string   `json:"families"`
	Format    string   `json:"format"`
	Fields    []string `json:"fields"`
	OutFields []string `json:"out_fields"`
	ID        string   `json:"id"`
	Source    string   `json:"source"`
	PageField string   `json:"page_field"`
	Offsets   string   `json:"offsets"`
	LogAll    bool     `json:"log_all"`
	Applied   bool     `json:"applied_only"`
	MaxDoc    string   `json:"max_doc"`
	MaxTime   string   `json:"max_time"`
	Corpus    string   `json:"corpus"` // hash of the evidence; "" without
	Compress  string   `json:"compress"`
	Frame     string   `json:"frame"`
}

// batch is one run over many files.
type batch struct {
	a        *app
	f        *batchFlags
	rn       *runner // the repairer and the workers that all files share
	shards   []shard
	settings settings
	print    string // of the settings, for done-markers
	bars     *progress

	mu     sync.Mutex
	total  *report.Stats
	broken []string // files whose stream broke off
	failed []error
	before int // files that were done before this run began
}

func newBatch(a *app, f *batchFlags, args []string) (*batch, error) {
	if f.dir == "" && !f.dryRun {
		return nil, errors.New("give the folder for the output with -o DIR")
	}
	if byName(f.log) == "jsonl" {
		return nil, fmt.Errorf("--log %s: each file of a run has a log of its own: name a folder for them", f.log)
	}
	if !slices.Contains([]string{"auto", "none", "gz", "zst"}, f.compress) {
		return nil, fmt.Errorf("--compress %q: use auto, none, gz or zst", f.compress)
	}
	all, err := expand(args, f.dir, f.compress, f.format)
	if err != nil {
		return nil, err
	}
	if f.corpus == autoCorpus {
		if f.evidence, err = ownCorpus(a, f, all); err != nil {
			return nil, err
		}
	}
	rn, err := newRunner(a, &f.fixFlags)
	if err != nil {
		return nil, err
	}
	b := &batch{a: a, f: f, rn: rn, total: report.New()}
	if b.shards, err = pick(all, f.part); err != nil {
		return nil, err
	}
	h := rn.r.Header()
	b.settings = settings{
		h.Tool, h.Rules, h.Model, h.Profile, h.Tier.String(), f.minConf, strings.Join(f.rules, ","), f.format, f.fields, f.outFields, f.id, f.source, f.pageField,
		f.offsets, f.logAll, f.appliedOnly, f.maxDoc.String(), f.maxTime.String(), "", f.compress, f.frame.String(),
	}
	if f.evidence != nil {
		b.settings.Corpus = f.evidence.Hash()
	}
	j, err := json.Marshal(b.settings)
	b.print = edit.Hash(string(j))
	return b, err
}

// reserved are the names below the output folder that are the run's own.
var reserved = []string{"log", "quarantine", "done", "run.json", "report.json", "report.html", corpusName}

// corpusName is what a run collects as evidence for itself.
const corpusName = "corpus.jsonl"

// expand lists the files that globs and folders name, by name.
func expand(args []string, dir, compress, format string) ([]shard, error) {
	byOut := map[string]shard{}
	for _, arg := range args {
		root, files, err := matches(arg)
		if err != nil {
			return nil, err
		}
		found, own := 0, 0
		for _, file := range files {
			st, err := os.Stat(file)
			if err != nil {
				return nil, err
			}
			if !st.Mode().IsRegular() {
				continue
			}
			if dir != "" && inside(dir, file) {
				own++
				continue
			}
			found++
			rel, err := filepath.Rel(root, file)
			if err != nil {
				return nil, err
			}
			s := shard{path: file, name: filepath.ToSlash(rel), size: st.Size()}
			s.out = outName(s.name, compress, format)
			if first, _, _ := strings.Cut(s.out, "/"); dir != "" && slices.Contains(reserved, first) {
				return nil, fmt.Errorf("%s would come out as %s, which is a name of the run's own: name it from the folder above, as DIR/**", file, s.out)
			}
			if was, ok := byOut[s.out]; ok && was.path != s.path {
				return nil, fmt.Errorf("%s and %s would both come out as %s: run them into folders of their own", was.path, s.path, s.out)
			}
			byOut[s.out] = s
		}
		switch {
		case found == 0 && own > 0:
			return nil, fmt.Errorf("what %q names lies in the output folder %s: give another one with -o", arg, dir)
		case found == 0:
			return nil, fmt.Errorf("no file matches %q", arg)
		}
	}
	var all []shard
	for _, s := range byOut {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b shard) int { return strings.Compare(a.out, b.out) })
	return all, nil
}

// outName is what a file is called when it comes out.
func outName(name, compress, format string) string {
	ext := archive.Codec(path.Ext(name))
	base := name
	switch ext {
	case archive.Gzip, archive.Zstd, archive.Bzip2, archive.XZ:
		base = strings.TrimSuffix(name, string(ext))
	default:
		ext = archive.Plain
	}
	kind := format
	if kind == "auto" {
		kind = byName(base)
	}
	switch kind { // pages become articles
	case "warc":
		base = strings.TrimSuffix(base, ".warc") + ".jsonl"
	case "html":
		base = strings.TrimSuffix(base, path.Ext(base)) + ".txt"
	}
	switch compress {
	case "none":
		return base
	case "gz", "zst":
		return base + "." + compress
	}
	if ext == archive.Bzip2 || ext == archive.XZ {
		ext = archive.Zstd
	}
	return base + string(ext)
}

func inside(dir, file string) bool {
	d, err1 := filepath.Abs(dir)
	f, err2 := filepath.Abs(file)
	return err1 == nil && err2 == nil && strings.HasPrefix(f, d+string(filepath.Separator))
}

// matches lists the files of one argument and the folder that their names are
// told from: the part of a glob before its first wildcard.
func matches(arg string) (root string, files []string, err error) {
	st, err := os.Stat(arg)
	switch {
	case err == nil && !st.IsDir():
		return filepath.Dir(arg), []string{arg}, nil
	case err == nil:
		files, err = walk(arg, func(string) bool { return true })
		return arg, files, err
	}
	root = filepath.Dir(arg[:len(arg)-len(strings.TrimLeftFunc(arg, func(r rune) bool { return !strings.ContainsRune(`*?[\`, r) }))] + "x")
	before, after, deep := strings.Cut(filepath.ToSlash(arg), "**/")
	if !deep {
		files, err = filepath.Glob(arg)
		if err != nil {
			err = fmt.Errorf("%q: %w", arg, err)
		}
		return root, files, err
	}
	if strings.ContainsAny(before, `*?[\`) || strings.Contains(after, "**") {
		return "", nil, fmt.Errorf("%q: ** may stand once, with no wildcard before it", arg)
	}
	depth := strings.Count(after, "/") + 1
	var bad error
	files, err = walk(cmp.Or(before, "."), func(p string) bool {
		parts := strings.Split(filepath.ToSlash(p), "/")
		if len(parts) < depth {
			return false
		}
		ok, err := path.Match(after, strings.Join(parts[len(parts)-depth:], "/"))
		bad = cmp.Or(bad, err)
		return ok
	})
	return root, files, cmp.Or(err, bad)
}

func walk(dir string, want func(string) bool) (files []string, err error) {
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && want(p) {
			files = append(files, p)
		}
		return err
	})
	return files, err
}

// pick is the i-th of n parts of the files, as --shard names it.
func pick(all []shard, part string) ([]shard, error) {
	if part == "" {
		return all, nil
	}
	var i, n int
	if _, err := fmt.Sscanf(part, "%d/%d", &i, &n); err != nil || n < 1 || i < 0 || i > n {
		return nil, fmt.Errorf("--shard %q: write i/n, such as 3/64", part)
	}
	var mine []shard
	for k, s := range all {
		if k%n == i%n {
			mine = append(mine, s)
		}
	}
	return mine, nil
}

// place is a file of the run's own.
func (b *batch) place(parts ...string) string {
	return filepath.Join(append([]string{b.f.dir}, parts...)...)
}

// maxAside is how long a small file may be on its way to its place. What is older
// was left by a kill.
const maxAside = time.Hour

// sweep removes what kills left beside the run's own small files.
func (b *batch) sweep() {
	var left []string
	for _, pattern := range []string{".run.json.*.part", "." + corpusName + ".*.part", ".report.*.part"} {
		found, _ := filepath.Glob(b.place(pattern))
		left = append(left, found...)
	}
	markers, _ := walk(b.place("done"), func(p string) bool { return strings.HasPrefix(filepath.Base(p), ".") && strings.HasSuffix(p, ".part") })
	for _, f := range append(left, markers...) {
		if st, err := os.Stat(f); err == nil && time.Since(st.ModTime()) > maxAside {
			_ = os.Remove(f)
		}
	}
}

// claim checks that the folder was made with these settings, or marks it.
func (b *batch) claim() error {
	if err := os.MkdirAll(b.f.dir, 0o755); err != nil {
		return err
	}
	b.sweep()
	file := b.place("run.json")
	if b.f.restart {
		if err := os.RemoveAll(b.place("done")); err != nil {
			return err
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	was, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		j, err := json.MarshalIndent(b.settings, "", " ")
		if err != nil {
			return err
		}
		return writeAside(file, append(j, '\n'))
	}
	if err != nil {
		return err
	}
	var old, now map[string]any
	j, err := json.Marshal(b.settings)
	if err = cmp.Or(err, json.Unmarshal(j, &now)); err != nil {
		return err
	}
	if err := json.Unmarshal(was, &old); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var differ []string
	for _, k := range sortedKeys(now) {
		if a, b := fmt.Sprint(old[k]), fmt.Sprint(now[k]); a != b {
			differ = append(differ, fmt.Sprintf("%s was %s and is %s", k, a, b))
		}
	}
	if differ != nil {
		return fmt.Errorf("%s was made with other settings (%s): use --restart to begin again, or another -o; they are never mixed",
			b.f.dir, strings.Join(differ, "; "))
	}
	return nil
}

func sortedKeys(m map[string]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Resident memory is to stay within 300 MB and 20 MB a worker. The collector
// counts the heap, not the program's own pages with its models, some 50 MB: it is
// told 60 MB less. Eight texts of 1.9 MB took 361 MB with two workers without it.
const (
	heapBase      = 240 << 20
	heapPerWorker = 20 << 20
)

// boundHeap makes the collector run before memory grows beyond the bound; who
// sets GOMEMLIMIT knows better.
func boundHeap(jobs int) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapBase + heapPerWorker*int64(jobs))
	}
}

// run works on all files, several at once.
func (b *batch) run() error {
	boundHeap(b.rn.pool.jobs)
	if err := b.claim(); err != nil {
		return err
	}
	start := time.Now()
	b.bars = newTotal(b.a, b.f.quiet, b.shards)
	queue := make(chan shard)
	var wg sync.WaitGroup
	for range min(b.rn.pool.jobs, maxOpen) {
		wg.Go(func() {
			for s := range queue {
				if err := b.shard(s); err != nil {
					b.mu.Lock()
					b.failed = append(b.failed, err)
					b.mu.Unlock()
				}
			}
		})
	}
	interrupted := false
feed:
	for _, s := range b.shards {
		select {
		case queue <- s:
		case <-b.rn.interrupted:
			interrupted = true
			break feed
		}
	}
	close(queue)
	wg.Wait()
	b.bars.stop()
	for _, err := range b.failed {
		interrupted = interrupted || errors.Is(err, errInterrupted)
	}
	if interrupted {
		if !b.f.quiet {
			fmt.Fprintln(b.a.stderr, "copydesk: interrupted; the same command goes on from here")
		}
		return &exitError{exitInterrupted, nil}
	}
	if err := b.finish(time.Since(start)); err != nil {
		return err
	}
	return b.status()
}

func (b *batch) status() error {
	if b.failed != nil {
		return usageError(errors.Join(b.failed...))
	}
	if b.total.Skipped > 0 || b.total.Fused > 0 || b.broken != nil {
		return &exitError{exitSkipped, nil}
	}
	return nil
}

// add counts a finished file.
func (b *batch) add(s *report.Stats, broken string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total.Merge(s)
	if broken != "" {
		b.broken = append(b.broken, broken)
	}
}

// finish writes the report of everything that is done below DIR, the parts of
// other machines included.
func (b *batch) finish(took time.Duration) error {
	page, err := gather(b.f.dir)
	if err != nil {
		return err
	}
	page.Title, page.Settings = filepath.Base(filepath.Clean(b.f.dir)), b.settings.list()
	for _, err := range b.failed {
		page.Failed = append(page.Failed, err.Error())
	}
	slices.Sort(page.Failed)
	page.Timing = report.Timing{Seconds: took.Seconds(), Workers: b.rn.pool.jobs, Records: b.total.Records, TextBytes: b.total.TextBytes}
	if err := b.write(page, b.place("report.json"), b.place("report.html")); err != nil {
		return err
	}
	b.say(page)
	return nil
}

// list is the settings as lines of text.
func (s settings) list() [][2]string {
	j, err := json.Marshal(s)
	var m map[string]any
	if err != nil || json.Unmarshal(j, &m) != nil {
		return nil
	}
	var out [][2]string
	for _, k := range sortedKeys(m) {
		if v := fmt.Sprint(m[k]); v != "" && v != "<nil>" {
			out = append(out, [2]string{k, v})
		}
	}
	return out
}

// write puts the report where it belongs, and where --report says.
func (b *batch) write(page *report.Page, files ...string) error {
	if b.f.report != "" {
		files = append(files, b.f.report)
	}
	return writeReport(page, files...)
}

// say tells on standard error what was done.
func (b *batch) say(page *report.Page) {
	s := page.Stats
	switch {
	case b.f.quiet:
		return
	case b.f.asJSON:
		_ = writeJSON(b.a.stderr, map[string]any{
			"files": page.Files, "done_before": b.before, "records": s.Records, "changed": s.Changed, "edits": s.Edits, "held": s.Held,
			"skipped": s.Skipped, "fused": s.Fused, "broken": len(page.Broken), "failed": len(page.Failed), "seconds": page.Timing.Seconds,
		})
		return
	}
	fmt.Fprintf(b.a.stderr, "%s files (%d done before), %s records, %s changed by %s edits; %s proposals held\n",
		thousands(int64(page.Files)), b.before, thousands(s.Records), thousands(s.Changed), thousands(s.Edits), thousands(s.Held))
	if s.Skipped > 0 {
		fmt.Fprintf(b.a.stderr, "%s records passed through unchanged, see quarantine/\n", thousands(s.Skipped))
	}
	if s.Fused > 0 {
		fmt.Fprintf(b.a.stderr, "%s texts left as they were by the harm fuse\n", thousands(s.Fused))
	}
	for _, f := range page.Broken {
		fmt.Fprintf(b.a.stderr, "copydesk: %s\n", visible(f))
	}
	if b.f.dir != "" {
		fmt.Fprintf(b.a.stderr, "report: %s\n", b.place("report.html"))
	}
}
