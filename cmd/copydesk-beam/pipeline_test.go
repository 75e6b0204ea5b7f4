package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/memfs"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
)

func TestMain(m *testing.M) { ptest.Main(m) }

// pipeline runs one on Beam's local runner.
func pipeline(t *testing.T, input, output, tool string, args ...string) (map[string]int64, error) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir()) // the runner leaves a file behind
	ctx := t.Context()
	cfg, err := newConfig(ctx, input, output, tool, 2, args)
	if err != nil {
		return nil, err
	}
	p, s := beam.NewPipelineWithRoot()
	cfg.build(s)
	res, err := prism.Execute(ctx, p)
	if err != nil {
		return nil, err
	}
	return sums(res.Metrics().AllMetrics().Counters()), nil
}

// buildTool builds copydesk from the module above.
func buildTool(t *testing.T) string {
	t.Helper()
	tool := filepath.Join(t.TempDir(), "copydesk")
	cmd := exec.Command("go", "build", "-o", tool, "./cmd/copydesk")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return tool
}

// archive writes files of several formats, some of them broken.
func archive(t *testing.T, dir string) {
	t.Helper()
	line := func(i int) string {
		return fmt.Sprintf("{\"url\":\"https://www.news%d.example/%d\",\"text\":\"They have includedUS controls on the export of goods. Nobody was hurt, the police said.\"}\n", i%3, i)
	}
	var lines strings.Builder
	for i := range 40 {
		lines.WriteString(line(i))
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(lines.String())); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"a.jsonl":            line(1) + "{\"url\": broken\n" + line(2),
		"b.jsonl.gz":         z.String(),
		"sub/deep/b.csv":     "id,text\n1,They have includedUS controls on the export of goods.\n2,All is well here.\n",
		"sub/torn.jsonl.gz":  z.String()[:z.Len()/2],
		"sub/bad.jsonl.gz":   "\x1f\x8b\x08\xff\x00",
		"sub/page.html":      "<html><body><article><p>They have includedUS controls on the export of goods to the country.</p></article></body></html>",
		"sub/empty.jsonl":    "",
		"sub/half.parquet":   "PAR1 and no more",
		"sub/plain text.txt": "They have includedUS controls on the export of goods.\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// tree reads all files below a folder; of a report all but how fast it was.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "report.html" {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if d.Name() == "report.json" {
			var page map[string]any
			if err := json.Unmarshal(b, &page); err != nil {
				return err
			}
			delete(page, "timing")
			delete(page, "failed") // the workers' logs have it
			if b, err = json.Marshal(page); err != nil {
				return err
			}
		}
		rel, err := filepath.Rel(dir, p)
		files[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// The pipeline makes the bytes of a plain run, goes on where one was stopped,
// and refuses to mix settings.
func TestSameAsRun(t *testing.T) {
	tool, dir := buildTool(t), t.TempDir()
	in := filepath.Join(dir, "in")
	archive(t, in)
	plain, beamed := filepath.Join(dir, "plain", "clean"), filepath.Join(dir, "beamed", "clean")
	said, err := exec.Command(tool, "run", in, "-o", plain, "--id", "url", "-q").CombinedOutput()
	if code := err.(*exec.ExitError).ExitCode(); code != exitUsage || !strings.Contains(string(said), "half.parquet") {
		t.Fatalf("exit %d: %s", code, said)
	}
	sum, err := pipeline(t, in, beamed, tool, "--id", "url")
	if err != nil {
		t.Fatal(err)
	}
	want, got := tree(t, plain), tree(t, beamed)
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is not in the plain run", name)
		}
	}
	for name := range want {
		if strings.HasSuffix(name, ".part") {
			continue // of the file that failed
		}
		if got[name] != want[name] {
			t.Errorf("%s differs:\n%q\nplain run:\n%q", name, short(got[name]), short(want[name]))
		}
	}
	if sum["files"] != 8 || sum["files_failed"] != 1 || sum["files_broken"] != 2 || sum["records"] < 45 || sum["edits"] < 40 || sum["files_done_before"] != 0 {
		t.Errorf("counters: %v", sum)
	}
	if code, err := account(sum); code != exitUsage || err == nil {
		t.Errorf("exit %d: %v", code, err)
	}

	// Again: nothing is left but the file that failed; what was lost is made again.
	if err := os.Remove(filepath.Join(in, "sub", "half.parquet")); err != nil {
		t.Fatal(err)
	}
	for _, lost := range []string{"done/a.jsonl.json", "a.jsonl"} {
		if err := os.Remove(filepath.Join(beamed, lost)); err != nil {
			t.Fatal(err)
		}
	}
	if sum, err = pipeline(t, in, beamed, tool, "--id", "url"); err != nil || sum["files_done_before"] != 7 || sum["files"] != 8 {
		t.Errorf("%v: %v", err, sum)
	}
	if again := tree(t, beamed); again["a.jsonl"] != want["a.jsonl"] || again["report.json"] != want["report.json"] {
		t.Errorf("the second pipeline made something else: %q", again["a.jsonl"])
	}
	if code, err := account(sum); code != exitSkipped || err != nil {
		t.Errorf("exit %d: %v", code, err)
	}
	// A plain run takes the folder for its own.
	if said, err := exec.Command(tool, "run", in, "-o", beamed, "--id", "url").CombinedOutput(); !strings.Contains(string(said), "8 files (8 done before)") {
		t.Errorf("%v: %s", err, said)
	}
	if _, err = pipeline(t, in, beamed, tool, "--id", "url", "--tier", "review"); err == nil || !strings.Contains(err.Error(), "made with other settings (tier was safe and is review)") {
		t.Errorf("other settings: %v", err)
	}
	if err := os.WriteFile(filepath.Join(in, "a.jsonl"), []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = pipeline(t, in, beamed, tool, "--id", "url"); err == nil || !strings.Contains(err.Error(), "a.jsonl has changed since it was repaired") {
		t.Errorf("a changed file: %v", err)
	}
}

func short(s string) string { return s[:min(len(s), 500)] }

func TestRefuses(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		input, output, tool string
		args                []string
		want                string
	}{
		{"", "out", self, nil, "name the files"},
		{"in", "", self, nil, "give the folder"},
		{"in", "out", self, []string{"--shard", "1/2"}, "--shard is not for a file of a pipeline"},
		{"in", "out", self, []string{"--id", "url", "--corpus", "auto"}, "collect the evidence first"},
		{"in", "out", self, []string{"-o=x"}, "is not for a file of a pipeline"},
		{"in", "out", "nosuch://bucket/copydesk", nil, "nosuch"},
	} {
		if _, err := newConfig(context.Background(), c.input, c.output, c.tool, 1, c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	other, err := exec.LookPath("false")
	if err != nil {
		t.Skip(err)
	}
	if _, err := pipeline(t, "nosuch/*.jsonl", t.TempDir(), other); err == nil {
		t.Error("a program that is not copydesk was taken for it")
	}
}

// Two inputs that come out under one name are told apart from one that is
// repaired twice.
func TestOneNameForTwo(t *testing.T) {
	tool, in := buildTool(t), t.TempDir()
	for _, name := range []string{"x.htm", "x.html"} {
		if err := os.WriteFile(filepath.Join(in, name), []byte("<html><body><p>All is well here, the council said on Monday.</p></body></html>"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Which of them is refused, or that both are when they meet, hangs on the order.
	sum, err := pipeline(t, in, filepath.Join(t.TempDir(), "out"), tool)
	if err != nil && !strings.Contains(err.Error(), "out as x.txt") || err == nil && sum["files_failed"] != 1 {
		t.Errorf("x.htm and x.html both came out as x.txt: %v %v", sum, err)
	}
}

// Addresses among the flags are fetched to the worker, each once.
func TestFlagsFetched(t *testing.T) {
	ctx := t.Context()
	memfs.New(ctx) // registers itself
	store, err := filesystem.New(ctx, "memfs://x")
	if err != nil {
		t.Fatal(err)
	}
	if err := filesystem.Write(ctx, store, "memfs://words/words.txt", []byte("includedUS\n")); err != nil {
		t.Fatal(err)
	}
	c := config{Args: []string{"--id", "url", "--words", "memfs://words/words.txt", "--words=memfs://words/words.txt", "--tier=safe"}}
	got, err := c.flags(ctx)
	if err != nil || len(got) != 6 || got[4] != "--words="+got[3] || got[5] != "--tier=safe" {
		t.Fatalf("%v %q", err, got)
	}
	if b, err := os.ReadFile(got[3]); string(b) != "includedUS\n" {
		t.Errorf("%v %q", err, b)
	}
	_ = os.Remove(got[3])
}
