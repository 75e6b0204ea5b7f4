package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"copydesk": main})
}

// TestScripts runs every testdata/script/*.txtar: what people see at the
// command line. Beside testscript's own commands there are
//
//	exits CODE PROGRAM ARG...   runs a program that must end with this code
//	hex FILE DIGITS...          writes a file of these bytes
//	repeat FILE N TEXT          writes TEXT, with Go's escapes, N times
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("..", "..", "testdata", "script"),
		Setup: func(env *testscript.Env) error {
			article, err := filepath.Abs(filepath.Join("..", "..", "testdata", "article.txt"))
			env.Setenv("ARTICLE", article)
			env.Setenv("NO_COLOR", "")
			return err
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				err = ts.Exec(args[1], args[2:]...)
				got := 0
				if e := (*exec.ExitError)(nil); errors.As(err, &e) {
					got = e.ExitCode()
				} else {
					ts.Check(err)
				}
				if got != want {
					ts.Fatalf("exit code %d, want %d", got, want)
				}
			},
			"hex": func(ts *testscript.TestScript, neg bool, args []string) {
				var b []byte
				for _, h := range args[1:] {
					c, err := strconv.ParseUint(h, 16, 8)
					ts.Check(err)
					b = append(b, byte(c))
				}
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o600))
			},
			"repeat": func(ts *testscript.TestScript, neg bool, args []string) {
				n, err := strconv.Atoi(args[1])
				ts.Check(err)
				s, err := strconv.Unquote(`"` + args[2] + `"`)
				ts.Check(err)
				f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
				ts.Check(err)
				_, err = f.WriteString(strings.Repeat(s, n))
				ts.Check(errors.Join(err, f.Close()))
			},
		},
	})
}

// TestReadmeCommands runs every copydesk command of the README.
func TestReadmeCommands(t *testing.T) {
	root := filepath.Join("..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	article, err := os.ReadFile(filepath.Join(root, "testdata", "article.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"testdata/article.txt": article,
		"names.tsv":            []byte("251\t260\tPERSON\n"),
		"articles.jsonl":       []byte("{\"url\":\"https://news.example/1\",\"text\":\"They have includedUS controls on the export of goods.\"}\n"),
	} {
		p := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o700), os.WriteFile(p, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	const prefix = "go run ./cmd/copydesk "
	ran := 0
	for line := range strings.Lines(string(readme)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, prefix) {
			continue
		}
		ran++
		command := "copydesk " + strings.TrimPrefix(line, prefix)
		if strings.Contains(line, " serve ") { // it ends when it is told to
			command += " --addr 127.0.0.1:0 & pid=$!; sleep 2; kill -INT $pid; wait $pid"
		}
		shell := exec.Command("sh", "-c", command)
		shell.Dir = dir
		var errs bytes.Buffer
		shell.Stderr = &errs
		err := shell.Run()
		if e := (*exec.ExitError)(nil); errors.As(err, &e) && e.ExitCode() == exitFindings && strings.Contains(line, " check ") {
			err = nil // it found something, as it should
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", line, err, errs.String())
		}
	}
	if ran < 3 {
		t.Errorf("found %d commands in the README", ran)
	}
}
