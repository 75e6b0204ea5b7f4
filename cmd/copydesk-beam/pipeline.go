package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

// config is what every step needs to know; Beam carries it to the workers.
type config struct {
	Inputs  []string
	Output  string
	Tool    string
	ToolSum string // SHA-256 of the program, in hex; "" when only the workers have it
	Jobs    int
	Args    []string // further flags of copydesk run
}

// shard is one file to repair.
type shard struct {
	Path string // where it lies
	Name string // below the output folder, with slashes
	Out  string // what it came out as; "" while it is not repaired
}

// finished is what became of one file.
type finished struct {
	Name string
	Out  string
	Why  string // why it could not be repaired at all
}

func init() {
	register.DoFn3x1[context.Context, []byte, func(shard), error](&listFiles{})
	register.DoFn3x1[context.Context, shard, func(finished), error](&repairFile{})
	register.DoFn3x1[context.Context, []byte, func(*finished) bool, error](&writeReport{})
	register.Emitter1[shard]()
	register.Emitter1[finished]()
	register.Iter1[finished]()
}

// build makes the pipeline: list, repair each, report.
func (c *config) build(s beam.Scope) {
	files := beam.ParDo(s.Scope("list"), &listFiles{Config: *c}, beam.Impulse(s))
	files = beam.Reshuffle(s, files) // spreads them over the workers, and keeps the list when a worker is lost
	done := beam.ParDo(s.Scope("repair"), &repairFile{Config: *c}, files)
	beam.ParDo0(s.Scope("report"), &writeReport{Config: *c}, beam.Impulse(s), beam.SideInput{Input: done})
}

// namespace is that of the counters.
const namespace = "copydesk"

// counters that every finished file adds to, named as the report's sums are.
var counters = map[string]beam.Counter{}

// counted lists them.
var counted = []string{"files", "files_done_before", "files_failed", "files_broken", "records", "changed", "edits", "held", "skipped", "fused", "text_bytes", "input_bytes"}

func init() {
	for _, name := range counted {
		counters[name] = beam.NewCounter(namespace, name)
	}
}

var milliseconds = beam.NewDistribution(namespace, "file_milliseconds")

// count adds a marker to the counters.
func (m *marker) count(ctx context.Context) {
	s := &m.Stats
	for name, n := range map[string]int64{
		"files": 1, "records": s.Records, "changed": s.Changed, "edits": s.Edits, "held": s.Held, "skipped": s.Skipped, "fused": s.Fused,
		"text_bytes": s.TextBytes, "input_bytes": m.Input.Size,
	} {
		counters[name].Inc(ctx, n)
	}
	if m.Broken != "" {
		counters["files_broken"].Inc(ctx, 1)
	}
}

// sums is the counters by name; the same counter in two steps is one.
func sums(results []metrics.CounterResult) map[string]int64 {
	sum := map[string]int64{}
	for _, r := range results {
		if r.Namespace() == namespace {
			sum[r.Name()] += r.Result()
		}
	}
	return sum
}

// account prints the sums and makes an exit code of them.
func account(sum map[string]int64) (int, error) {
	for _, name := range counted {
		fmt.Printf("%-18s %d\n", name, sum[name])
	}
	switch {
	case sum["files_failed"] > 0:
		return exitUsage, fmt.Errorf("%d files could not be repaired at all: the workers' logs name them, and the same pipeline tries them again", sum["files_failed"])
	case sum["skipped"]+sum["fused"]+sum["files_broken"] > 0:
		return exitSkipped, nil
	}
	return 0, nil
}

// listFiles names the files. Before that it makes sure that the output folder
// was made with the same settings, by the same rules and version.
type listFiles struct{ Config config }

// ProcessElement is part of Beam's contract for steps.
func (f *listFiles) ProcessElement(ctx context.Context, _ []byte, emit func(shard)) error {
	c := &f.Config
	if err := c.claim(ctx); err != nil {
		return err
	}
	files, err := c.list(ctx)
	if err != nil {
		return err
	}
	if err := c.markDone(ctx, files); err != nil {
		return err
	}
	for _, s := range files {
		emit(s)
	}
	return nil
}

// list is the files that the inputs name, by their names.
func (c *config) list(ctx context.Context) ([]shard, error) {
	byName := map[string]shard{}
	for _, pattern := range c.Inputs {
		root, paths, err := list(ctx, pattern)
		if err != nil {
			return nil, err
		}
		found := 0
		for _, p := range paths {
			if strings.HasPrefix(p, c.Output+"/") {
				continue
			}
			found++
			s := shard{Path: p, Name: strings.TrimPrefix(p, root)}
			if was, ok := byName[s.Name]; ok && was.Path != p {
				return nil, fmt.Errorf("%s and %s would both come out as %s: repair them into folders of their own", was.Path, p, s.Name)
			}
			byName[s.Name] = s
		}
		if found == 0 {
			return nil, fmt.Errorf("no file matches %q", pattern)
		}
	}
	var all []shard
	for _, s := range byName {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b shard) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// claim brings run.json into the output folder, or checks that the one there
// was made with the same settings: copydesk itself does both, over an empty text.
func (c *config) claim(ctx context.Context) error {
	t, err := c.desk(ctx)
	if err != nil {
		return err
	}
	defer t.remove()
	if err := os.WriteFile(filepath.Join(t.in, "empty.txt"), nil, 0o600); err != nil {
		return err
	}
	if err := t.run(ctx, c); err != nil {
		return err
	}
	return t.put(ctx, "run.json", c.Output)
}

// markDone finds the files that are finished already.
func (c *config) markDone(ctx context.Context, files []shard) error {
	dirs := map[string]bool{}
	for _, s := range files {
		dirs[path.Dir(s.Name)] = true
	}
	done := map[string]*marker{}
	outs := map[string]string{}
	for dir := range dirs {
		prefix := c.Output + "/done/"
		_, markers, err := list(ctx, path.Join("/", dir, "*.json")[1:], prefix)
		if err != nil {
			return err
		}
		for _, p := range markers {
			m, err := readMarker(ctx, p)
			if err != nil {
				return err
			}
			done[m.Input.Name] = m
			outs[m.Input.Name] = strings.TrimSuffix(strings.TrimPrefix(p, prefix), ".json")
		}
	}
	for i := range files {
		m := done[files[i].Name]
		if m == nil {
			continue
		}
		size, changed, err := stat(ctx, files[i].Path)
		if err != nil {
			return err
		}
		if size != m.Input.Size || changed != m.Input.Time {
			return fmt.Errorf("%s has changed since it was repaired: delete %s/done/%s.json", files[i].Path, c.Output, outs[files[i].Name])
		}
		files[i].Out = outs[files[i].Name]
	}
	return nil
}

// repairFile repairs one file.
type repairFile struct{ Config config }

// ProcessElement is part of Beam's contract for steps.
func (f *repairFile) ProcessElement(ctx context.Context, s shard, emit func(finished)) error {
	c := &f.Config
	if s.Out != "" {
		m, err := readMarker(ctx, c.Output+"/done/"+s.Out+".json")
		if err != nil {
			return err
		}
		counters["files_done_before"].Inc(ctx, 1)
		m.count(ctx)
		emit(finished{Name: s.Name, Out: s.Out})
		return nil
	}
	start := time.Now()
	m, out, err := c.repair(ctx, s)
	if bad := (*badFile)(nil); errors.As(err, &bad) { // the file's own fault: to try again would not help
		counters["files_failed"].Inc(ctx, 1)
		log.Errorf(ctx, "%s: %v", s.Path, err)
		emit(finished{Name: s.Name, Why: err.Error()})
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.Path, err)
	}
	milliseconds.Update(ctx, time.Since(start).Milliseconds())
	m.count(ctx)
	emit(finished{Name: s.Name, Out: out})
	return nil
}

// repair lets copydesk repair a file on this worker's disk, and brings what came
// out to its place, the marker last: from then on the file is finished.
func (c *config) repair(ctx context.Context, s shard) (*marker, string, error) {
	t, err := c.desk(ctx)
	if err != nil {
		return nil, "", err
	}
	defer t.remove()
	if err := t.fetch(ctx, s); err != nil {
		return nil, "", err
	}
	if err := t.run(ctx, c); err != nil {
		return nil, "", err
	}
	out, err := t.only()
	if err != nil {
		return nil, "", err
	}
	there := c.Output + "/done/" + out + ".json"
	if m, err := readMarker(ctx, there); err == nil && m.Input.Name != s.Name {
		return nil, "", &badFile{fmt.Errorf("it and %s would both come out as %s: repair them into folders of their own", m.Input.Name, out)}
	}
	for _, f := range []string{out, "log/" + out + ".jsonl.zst", "quarantine/" + out + ".jsonl", "done/" + out + ".json"} {
		if !isFile(filepath.Join(t.out, filepath.FromSlash(f))) {
			continue // an input that cannot even be opened has a marker and a quarantine only
		}
		if err := t.put(ctx, f, c.Output); err != nil {
			return nil, "", err
		}
	}
	m, err := readMarker(ctx, there)
	return m, out, err
}

// writeReport adds everything up, once all files are done.
type writeReport struct{ Config config }

// ProcessElement is part of Beam's contract for steps.
func (f *writeReport) ProcessElement(ctx context.Context, _ []byte, files func(*finished) bool) error {
	c := &f.Config
	t, err := c.desk(ctx)
	if err != nil {
		return err
	}
	defer t.remove()
	made := map[string]string{}
	for x := (finished{}); files(&x); {
		if x.Out == "" {
			continue
		}
		if was, ok := made[x.Out]; ok && was != x.Name {
			return fmt.Errorf("%s and %s both came out as %s, one over the other: repair them into folders of their own", was, x.Name, x.Out)
		}
		made[x.Out] = x.Name
		local := filepath.Join(t.out, "done", filepath.FromSlash(x.Out)+".json")
		if err := copyIn(ctx, c.Output+"/done/"+x.Out+".json", local); err != nil {
			return err
		}
	}
	if len(made) == 0 {
		return nil // every file failed: the workers' logs say why
	}
	if err := t.report(ctx, c); err != nil {
		return err
	}
	for _, name := range []string{"report.json", "report.html"} {
		if err := t.put(ctx, name, c.Output); err != nil {
			return err
		}
	}
	return nil
}

// only is the name of the one file that a desk made.
func (t *desk) only() (string, error) {
	var found []string
	root := filepath.Join(t.out, "done")
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		rel, err := filepath.Rel(root, p)
		found = append(found, strings.TrimSuffix(filepath.ToSlash(rel), ".json"))
		return err
	})
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("copydesk marked %d files as done, not one", len(found))
	}
	if err != nil {
		return "", err
	}
	return found[0], nil
}
