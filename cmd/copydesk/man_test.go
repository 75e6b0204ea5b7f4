package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/cli.md; read the diff afterwards")

func TestReference(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "cli.md")
	want := reference(newRoot(&app{}))
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/cli.md is stale: run go test ./cmd/copydesk -run TestReference -update")
	}
}

func TestManPages(t *testing.T) {
	dir := t.TempDir()
	if _, errs, code := command(t, "", "man", dir); code != 0 {
		t.Fatal(errs)
	}
	b, err := os.ReadFile(filepath.Join(dir, "copydesk-fix.1"))
	if err != nil || !strings.Contains(string(b), `.TH "COPYDESK-FIX" "1" "Nov 2026"`) || !strings.Contains(string(b), "--out-field") {
		t.Errorf("%v\n%s", err, b)
	}
}
