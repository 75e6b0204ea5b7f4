package main

import (
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// --out-field adds a column to Parquet, in a run as in fix; revert takes it away,
// verify proves it.
func TestParquetOutField(t *testing.T) {
	type row struct {
		URL   string  `parquet:"url"`
		Title string  `parquet:"title"`
		Text  *string `parquet:"text,optional"`
	}
	type wide struct {
		row
		Clean      *string `parquet:"clean,optional"`
		TitleClean *string `parquet:"title_clean,optional"`
	}
	text := func(s string) *string { return &s }
	rows := []row{
		{"https://a.example/1", "They have includedUS controls on goods", text("They imposed controlson the export of goods.")},
		{"https://a.example/2", "All is well", nil},
		{"https://a.example/3", "Too long", text("This text is longer than the limit that the command line gives, and so it passes through as it stands there.")},
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.parquet"), filepath.Join(dir, "out", "in.parquet")
	if err := parquet.WriteFile(in, rows); err != nil {
		t.Fatal(err)
	}
	execute(t, exitSkipped, "run", in, "--id", "url", "--field", "text", "--field", "title", "--out-field", "clean", "--out-field", "title_clean",
		"--max-doc", "100", "-q", "-o", filepath.Join(dir, "out"))
	got, err := parquet.ReadFile[wide](out)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2]string{
		{"They imposed controls on the export of goods.", "They have included US controls on goods"},
		{"", "All is well"},
		{*rows[2].Text, "Too long"},
	} {
		clean := ""
		if got[i].Clean != nil {
			clean = *got[i].Clean
		}
		if got[i].URL != rows[i].URL || got[i].Title != rows[i].Title || clean != want[0] || got[i].TitleClean == nil || *got[i].TitleClean != want[1] {
			t.Errorf("row %d: %+v, clean %q", i, got[i], clean)
		}
	}
	log := filepath.Join(dir, "out", "log", "in.parquet.jsonl.zst")
	execute(t, 0, "verify", out, "--log", log)
	back := filepath.Join(dir, "back.parquet")
	execute(t, 0, "revert", out, "--log", log, "-o", back)
	again, err := parquet.ReadFile[row](back)
	if err != nil || len(again) != len(rows) {
		t.Fatal(len(again), err)
	}
	for i := range again {
		a, b := again[i], rows[i]
		if a.URL != b.URL || a.Title != b.Title || (a.Text == nil) != (b.Text == nil) || a.Text != nil && *a.Text != *b.Text {
			t.Errorf("row %d comes back as %+v", i, a)
		}
	}
	redone := filepath.Join(dir, "redone.parquet")
	execute(t, 0, "apply", in, "--log", log, "-o", redone)
	if read(t, redone) != read(t, out) {
		t.Error("apply makes another file than the run")
	}
}
