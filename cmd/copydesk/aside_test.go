//go:build unix

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"copydesk/cmd/internal/archive"
)

// What is no file is written to, never replaced: a rename over /dev/null as root
// leaves the whole machine without it.
func TestAsideKeepsPipes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	got := make(chan string)
	go func() {
		f, err := os.Open(path)
		if err != nil {
			got <- err.Error()
			return
		}
		defer f.Close()
		b, _ := io.ReadAll(f)
		got <- string(b)
	}()
	if err := writeAside(path, []byte("text")); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != "text" {
		t.Errorf("the reader got %q", s)
	}
	st, err := os.Lstat(path)
	if err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe is gone: %v, %v", st, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAsideNamesAFolder(t *testing.T) {
	dir := t.TempDir()
	if _, err := createAside(dir, archive.Plain); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("a folder opens as a file: %v", err)
	}
}
