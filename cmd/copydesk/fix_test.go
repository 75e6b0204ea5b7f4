package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func command(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(args, &app{strings.NewReader(stdin), &out, &errs})
	return out.String(), errs.String(), code
}

func TestFixJSONLines(t *testing.T) {
	in := "{\"id\":12345678901234567890,\"text\":\"They have includedUS controls on the export of goods.\"}\r\n" +
		"{\"text\" : \"All is well.\\u00e9\" , \"n\":1.0}\n" +
		"{broken\n\n" +
		"{\"text\":\"It is fine.\"}"
	want := strings.Replace(in, "includedUS", "included US", 1)
	for _, j := range []string{"1", "4"} {
		log := filepath.Join(t.TempDir(), "log.jsonl")
		out, errs, code := command(t, in, "fix", "--format", "jsonl", "-j", j, "--log", log)
		if out != want || code != exitSkipped {
			t.Fatalf("code %d, %s\n got %q\nwant %q", code, errs, out, want)
		}
		b, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(b)), "\n")
		if len(lines) != 4 || !strings.Contains(lines[2], `"t":"skip","n":2`) || !strings.Contains(lines[3], `"docs":4,"changed":1,"edits":1,"skipped":1`) {
			t.Fatalf("the log reads\n%s", b)
		}
	}
}

// Fixed, then reverted from output and log alone: the same bytes.
func TestFixRevert(t *testing.T) {
	article := filepath.Join("..", "..", "testdata", "article.txt")
	src, err := os.ReadFile(article)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	log, clean, raw := filepath.Join(dir, "log.jsonl"), filepath.Join(dir, "clean.txt"), filepath.Join(dir, "raw.txt")
	out, errs, code := command(t, "", "fix", "--log", log, article)
	if code != 0 {
		t.Fatal(errs)
	}
	if err := os.WriteFile(clean, []byte(out), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, errs, code = command(t, "", "revert", clean, "--log", log, "-o", raw); code != 0 {
		t.Fatal(errs)
	}
	back, err := os.ReadFile(raw)
	if err != nil || !bytes.Equal(back, src) {
		t.Fatalf("revert gave other bytes: %v", err)
	}
}

func TestCheck(t *testing.T) {
	out, _, code := command(t, "They have includedUS controls on the export of goods.\n", "check")
	if want := "-:1:11: merged/known-parts: includedUS → included US"; code != exitFindings || !strings.HasPrefix(out, want) {
		t.Errorf("code %d, %q", code, out)
	}
	if out, _, code = command(t, "All is well here.\n", "check"); code != 0 || out != "" {
		t.Errorf("code %d, %q", code, out)
	}
}

func TestOnlyFamilies(t *testing.T) {
	in := "They have includedUS controls. The ministers dont agree.\n"
	out, _, code := command(t, in, "fix", "--rules", "merged,split,spacing")
	if want := strings.Replace(in, "includedUS", "included US", 1); out != want || code != 0 {
		t.Errorf("code %d, %q", code, out)
	}
	if _, errs, code := command(t, in, "fix", "--rules", "merge"); code != exitUsage || !strings.Contains(errs, "no family") {
		t.Errorf("code %d, %q", code, errs)
	}
}

func TestBinaryPassesThrough(t *testing.T) {
	for _, in := range []string{"a\x00b includedUS", "Prices in \xa3 rose: includedUS"} {
		if out, _, code := command(t, in, "fix"); out != in || code != exitSkipped {
			t.Errorf("%q: code %d, %q", in, code, out)
		}
	}
}
