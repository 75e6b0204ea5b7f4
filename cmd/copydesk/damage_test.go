package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const cleanNews = "The council's plan was read out. It didn't please the people of the harbour, who want a bridge.\n\n“We’ll see,” the mayor said on Monday – and left.\n"

func damageRun(t *testing.T, in string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(append([]string{"damage"}, args...), &app{strings.NewReader(in), &out, &errs}); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	return out.String()
}

// TestDamageGoldLogApplies damages a text, then has apply undo it with the log.
func TestDamageGoldLogApplies(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "gold.jsonl")
	for _, args := range [][]string{
		{"--process", "punct-strip", "--rate", "everywhere"},
		{"--process", "link-trim,round-trip", "--rate", "100", "--seed", "5"},
		{"--process", "wrong-charset", "--rate", "everywhere", "--seed", "3"},
	} {
		damaged := damageRun(t, cleanNews, append(args, "--log", log, "-")...)
		if damaged == cleanNews {
			t.Fatalf("%v left the text alone", args)
		}
		path := filepath.Join(dir, "damaged.txt")
		if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		if code := run([]string{"apply", path, "--log", log}, &app{strings.NewReader(""), &out, &errs}); code != 0 {
			t.Fatalf("apply: exit %d: %s", code, errs.String())
		}
		if out.String() != cleanNews {
			t.Errorf("%v: apply gave\n%q\nwant\n%q", args, out.String(), cleanNews)
		}
	}
}

func TestDamageLabelled(t *testing.T) {
	in, err := json.Marshal(map[string]string{"id": "a", "text": cleanNews})
	if err != nil {
		t.Fatal(err)
	}
	out := damageRun(t, string(in)+"\n", "--format", "jsonl", "--kind", "poss-dropped,quotes-stripped", "--rate", "everywhere")
	var rec madeRecord
	if err := json.Unmarshal([]byte(out), &rec); err != nil {
		t.Fatal(err)
	}
	text, at, restored := []rune(rec.Text), 0, ""
	for _, e := range rec.Edits {
		if string(text[e.Start:e.End]) != e.Original {
			t.Fatalf("%+v does not stand in %q", e, rec.Text)
		}
		restored += string(text[at:e.Start]) + e.Replacement
		at = e.End
	}
	restored += string(text[at:])
	if len(rec.Edits) != 3 || restored != cleanNews || rec.Gold != cleanNews || rec.ID != "a" {
		t.Errorf("got %+v\nrestored %q", rec, restored)
	}
}

func TestDamageRefuses(t *testing.T) {
	for _, args := range [][]string{{"--process", "flood"}, {"--kind", "flood"}, {"--rate", "0", "--kind", "typo"}, {"--rate", "3"}, {"--format", "xml"}} {
		var out, errs bytes.Buffer
		if code := run(append([]string{"damage"}, args...), &app{strings.NewReader(""), &out, &errs}); code != exitUsage || errs.Len() == 0 {
			t.Errorf("%v: exit %d, %q", args, code, errs.String())
		}
	}
}
