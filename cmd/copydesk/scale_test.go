//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// snippet is a fenced block of docs/scale.md.
type snippet struct{ run, kind, code string }

var fence = regexp.MustCompile("(?s)(?:<!-- run: (\\w+) -->\n)?```(\\w+)\n(.*?)```")

func snippets(t *testing.T) []snippet {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "scale.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all []snippet
	for _, m := range fence.FindAllStringSubmatch(string(page), -1) {
		all = append(all, snippet{m[1], m[2], m[3]})
	}
	return all
}

// scaled is a folder with an archive in files, and in one file, for the commands
// of the page.
type scaled struct {
	*testing.T
	dir string
}

func newScaled(t *testing.T) *scaled {
	t.Helper()
	s := &scaled{t, t.TempDir()}
	var big strings.Builder
	for n := range 6 {
		var part strings.Builder
		for i := range 20 {
			fmt.Fprintf(&part, "{\"url\":\"https://news%d.example/%d\",\"text\":\"They have includedUS controls on the export of goods. Nobody was hurt in it.\"}\n", n, i)
		}
		if n == 3 {
			part.WriteString("{\"url\": broken\n")
		}
		s.write(fmt.Sprintf("ccnews/%d.jsonl", n), part.String())
		big.WriteString(part.String())
	}
	s.write("big.jsonl", big.String())
	s.sh(`copydesk run ccnews --id url -o want -q || [ $? -eq 3 ]; copydesk fix -q --format jsonl < big.jsonl > want.jsonl || [ $? -eq 3 ]`)
	return s
}

func (s *scaled) write(name, data string) {
	s.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o700); err != nil {
		s.Fatal(err)
	}
}

// sh runs a script in the folder.
func (s *scaled) sh(code string, env ...string) {
	s.Helper()
	cmd := exec.Command("bash", "-c", code)
	cmd.Dir, cmd.Env = s.dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.Fatalf("%v: %s\n%s", err, code, out)
	}
}

// same compares what a folder holds below another with the plain run.
func (s *scaled) same(dir string) {
	s.Helper()
	want, got := tree(s.T, filepath.Join(s.dir, "want")), tree(s.T, filepath.Join(s.dir, dir))
	for name := range want {
		if name != "run.json" && got[name] != want[name] {
			s.Errorf("%s differs from the plain run: %d bytes, want %d", name, len(got[name]), len(want[name]))
		}
	}
}

// hdfs does on this machine what the commands of Hadoop do in the page's mapper.
const hdfs = `#!/bin/bash
set -e
shift
case $1 in
-get) cp -p "$2" "$3" ;;
-put) cp -p "$3" "$4" ;;
-mkdir) mkdir -p "$3" ;;
-rm) rm -f "$3" ;;
-mv) mv "$2" "$3" ;;
*) exit 9 ;;
esac
`

// Every command of docs/scale.md is one that its shell can read, and those marked
// as run make what a plain run makes.
func TestScaleSnippets(t *testing.T) {
	code := map[string]string{}
	for _, s := range snippets(t) {
		switch s.kind {
		case "sh":
			cmd := exec.Command("bash", "-n")
			cmd.Stdin = strings.NewReader(s.code)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s\n%s", err, out, s.code)
			}
		case "python":
			if _, err := exec.LookPath("python3"); err != nil {
				continue
			}
			cmd := exec.Command("python3", "-c", "import ast, sys; ast.parse(sys.stdin.read())")
			cmd.Stdin = strings.NewReader(s.code)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s\n%s", err, out, s.code)
			}
		}
		if s.run != "" {
			code[s.run] = s.code
		}
	}
	for name, check := range map[string]func(s *scaled, code string){
		"slurm": func(s *scaled, code string) {
			for i := range 4 {
				s.sh(code, fmt.Sprint("SLURM_ARRAY_TASK_ID=", i), "SLURM_ARRAY_TASK_COUNT=4", "SLURM_CPUS_PER_TASK=1")
			}
			s.same("clean")
		},
		"parallel": func(s *scaled, code string) {
			s.needs("parallel")
			s.sh(strings.Replace(code, "--block 64M", "--block 2k", 1))
			s.sh("cmp clean.jsonl want.jsonl")
		},
		"files": func(s *scaled, code string) {
			s.needs("parallel")
			s.sh(code)
			s.sh(`cat out/*.jsonl | cmp - want.jsonl; for f in ccnews/*; do copydesk verify -q out/${f##*/} --log out/${f##*/}.log.zst --against $f; done`)
		},
		"hadoop": func(s *scaled, code string) {
			s.write("mapper.sh", code)
			s.write("bin/hdfs", hdfs)
			s.sh(`ln -s "$(command -v copydesk)" copydesk; n=0; for f in ccnews/*; do printf '%d\t%s\n' $n $f; n=$((n + 10)); done | PATH=bin:$PATH ./mapper.sh > finished; [ $(wc -l < finished) -eq 6 ]`)
			s.same("clean")
		},
		"filter": func(s *scaled, code string) {
			s.write("filter.sh", code)
			s.sh(`for f in ccnews/*; do sh filter.sh < $f; done | cmp - want.jsonl`)
			s.sh(`if echo '{}' | PATH=/nosuch /bin/sh filter.sh; then exit 1; fi`) // a worker without copydesk is no success
		},
		"report": func(s *scaled, code string) {
			s.sh(`for i in 0 1 2; do copydesk run ccnews --id url -o clean$i -q --shard $i/3 || [ $? -eq 3 ]; done`)
			s.sh(code)
			s.sh(`grep -q '"records": 121' report.json && cmp <(sed '/"title"/d; /"timing"/,$d' report.json) <(sed '/"title"/d; /"timing"/,$d' want/report.json)`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if code[name] == "" {
				t.Fatal("the page has no such snippet")
			}
			check(newScaled(t), code[name])
		})
		delete(code, name)
	}
	var untested bytes.Buffer
	for name := range code {
		fmt.Fprintln(&untested, name)
	}
	if untested.Len() > 0 {
		t.Errorf("marked as run, and not run:\n%s", &untested)
	}
}

// needs skips where a program is not there.
func (s *scaled) needs(program string) {
	s.Helper()
	if _, err := exec.LookPath(program); err != nil {
		s.Skip(err)
	}
}
