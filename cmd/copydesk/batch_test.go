package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// left are the names of small files on their way to their places: a kill may
// leave one, which a run an hour later sweeps away.
var left = regexp.MustCompile(`^(\.run\.json|\.report\..*|done/(.*/)?\..*)\.\d+\.part$`)

// tree reads all files below a folder but those that say when and how fast.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil || rel == "report.json" || rel == "report.html" || left.MatchString(rel) {
			return err
		}
		b, err := os.ReadFile(p)
		files[rel] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// archiveOf writes n records, some damaged, some broken, in three files.
func archiveOf(t *testing.T, dir string, n int) {
	t.Helper()
	sentences := []string{
		"They have includedUS controls on the export of goods. ",
		"The council voted on Monday to close the old bridge for two years. ",
		"It was the last day of a three-day visit to the harbour. ",
		"They imposed controlson the export of goods to the country. ",
		"Nobody was hurt, the police said. ",
	}
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	for i := range n {
		if i%97 == 5 {
			fmt.Fprintf(&b, "{\"id\":%d, broken\n", i)
			continue
		}
		fmt.Fprintf(&b, "{\"url\":\"https://www.news%d.example/%d\",\"text\":\"", i%7, i)
		for range 2 + r.IntN(8) {
			b.WriteString(sentences[r.IntN(len(sentences))])
		}
		b.WriteString("\"}\n")
	}
	lines := strings.SplitAfter(b.String(), "\n")
	if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string][]string{"a.jsonl": lines[:n/2], "sub/b.jsonl.gz": lines[n/2 : n*3/4], "c.jsonl.zst": lines[n*3/4:]} {
		path := filepath.Join(dir, name)
		w, err := createAside(path, codecOf(path))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range part {
			if _, err := w.WriteString(l); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.keep(); err != nil {
			t.Fatal(err)
		}
	}
}

// A run that is killed again and again ends with the same bytes as one that is
// not, every record accounted for.
func TestRunSurvivesKill(t *testing.T) {
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	archiveOf(t, in, 1500)
	args := func(out string) []string {
		return []string{"run", in, "-o", filepath.Join(dir, out), "--id", "url", "-q", "--frame", "32K", "--save-every", "0s"}
	}
	out, errs, code := command(t, "", args("whole")...)
	if code != exitSkipped {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	kills := 0
	for tries := 0; ; tries++ {
		cmd := exec.Command("copydesk", args("killed")...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		var after <-chan time.Time
		if tries < 8 {
			after = time.After(time.Duration(10+r.IntN(80)) * time.Millisecond)
		}
		select {
		case <-after:
			_ = cmd.Process.Kill()
			<-done
			kills++
			continue
		case <-done:
		}
		if cmd.ProcessState.ExitCode() != exitSkipped {
			t.Fatalf("exit %d", cmd.ProcessState.ExitCode())
		}
		break
	}
	want, got := tree(t, filepath.Join(dir, "whole")), tree(t, filepath.Join(dir, "killed"))
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s was left behind", name)
		}
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("after %d kills %s has %d bytes that differ from the %d of a whole run", kills, name, len(got[name]), len(want[name]))
		}
	}
	t.Logf("%d kills", kills)
	// Every record is accounted for.
	if out, _, _ := command(t, "", "report", filepath.Join(dir, "killed")); !strings.HasPrefix(out, "3 files, 1,500 records,") || !strings.Contains(out, " 16 records in quarantine") {
		t.Error(out)
	}
	// Output and log give the input back.
	for _, name := range []string{"a.jsonl", "sub/b.jsonl.gz", "c.jsonl.zst"} {
		o := filepath.Join(dir, "killed")
		if _, errs, code := command(t, "", "verify", filepath.Join(o, name), "--log", filepath.Join(o, "log", name+".jsonl.zst"), "--against", filepath.Join(in, name)); code != 0 {
			t.Errorf("%s: %s", name, errs)
		}
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-2 * maxAside)
	for name, stays := range map[string]bool{
		".run.json.123.part": false, ".report.html.5.part": false, "done/.a.jsonl.state.7.part": false, "done/sub/b/.a.jsonl.json.7.part": false,
		".a.jsonl.part": true, ".x.7.part": true, "log/.a.jsonl.jsonl.zst.part": true, "done/.a.jsonl.state": true,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, young := range []bool{true, false} {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if !young {
				if err := os.Chtimes(path, old, old); err != nil {
					t.Fatal(err)
				}
			}
			(&batch{f: &batchFlags{dir: dir}}).sweep()
			if _, err := os.Stat(path); (err == nil) != (stays || young) {
				t.Errorf("%s (young: %v): %v", name, young, err)
			}
		}
	}
}
