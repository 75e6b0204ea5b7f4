package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"
)

type story struct {
	ID   string  `parquet:"id"`
	Text string  `parquet:"text"`
	Lead *string `parquet:"lead,optional"`
	N    int64   `parquet:"n"`
}

// Through fix, run and revert: texts change and come back, all else stays.
func TestParquetCommands(t *testing.T) {
	dir := t.TempDir()
	lead := "They have includedUS controls on goods."
	stories := []story{
		{"a", "They have includedUS controls on the export of goods.", &lead, 1 << 60},
		{"b", "All is well.", nil, 2},
		{"c", "They have includedUS controls on goods.", nil, 3},
	}
	in := filepath.Join(dir, "in.parquet")
	var b bytes.Buffer
	if err := parquet.Write(&b, stories); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	read := func(data []byte) []story {
		rows, err := parquet.Read[story](bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	check := func(what string, rows []story, text, lead string) {
		t.Helper()
		if len(rows) != 3 || rows[0].Text != text || *rows[0].Lead != lead || rows[1].Text != "All is well." || rows[1].Lead != nil || rows[0].N != 1<<60 {
			t.Errorf("%s: %+v", what, rows)
		}
	}
	fixed, fixedLead := "They have included US controls on the export of goods.", "They have included US controls on goods."
	log := filepath.Join(dir, "log.jsonl")
	out, errs, code := command(t, "", "fix", "--field", "text", "--field", "lead", "--log", log, in)
	if code != 0 {
		t.Fatal(errs)
	}
	check("fix", read([]byte(out)), fixed, fixedLead)
	clean := filepath.Join(dir, "clean.parquet")
	if err := os.WriteFile(clean, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, code = command(t, "", "revert", clean, "--log", log); code != 0 {
		t.Fatal(errs)
	}
	check("revert", read([]byte(out)), stories[0].Text, lead)
	if out, errs, code = command(t, b.String(), "fix", "-q", "-"); code != 0 {
		t.Fatal(errs)
	}
	check("standard input", read([]byte(out)), fixed, lead)
	if _, errs, code = command(t, "", "run", in, "-o", filepath.Join(dir, "out"), "-q"); code != 0 {
		t.Fatal(errs)
	}
	data, err := os.ReadFile(filepath.Join(dir, "out", "in.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	check("run", read(data), fixed, lead)
	if err := os.WriteFile(in, b.Bytes()[:b.Len()/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code = command(t, "", "run", in, "-o", filepath.Join(dir, "out2"), "-q"); code != exitUsage {
		t.Errorf("half a file: exit %d %s", code, errs)
	}
}
