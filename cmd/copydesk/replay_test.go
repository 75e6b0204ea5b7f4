package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"copydesk/repair/edit"
)

func TestReplayCommands(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	raw, clean := "😀 They includedUS rules\n", "😀 They included US rules\n"
	d := &edit.DocRecord{Doc: "raw", Field: "text", Edits: []edit.EditRecord{{
		Src: edit.Span{Start: 10, End: 20}, Out: edit.Span{Start: 10, End: 21}, Before: "includedUS", After: "included US",
		HasAfter: true, Rule: "merged/known-parts", Tier: edit.Safe, Applied: true, Conf: 0.99,
	}}}
	d.Complete(raw, clean)
	var b bytes.Buffer
	w := edit.NewWriter(&b)
	_ = w.Run(edit.RunRecord{Tier: edit.Safe})
	_ = w.Doc(d)
	_ = w.End(edit.EndRecord{Docs: 1, Changed: 1, Edits: 1})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	log, rawF, cleanF, other := file("log", b.String()), file("raw", raw), file("clean", clean), file("other", "x"+clean)
	spans := file("spans", "0\t1\n7\t17\tMISC\n18\t23\n7\t10\n")
	for _, c := range []struct {
		args string
		code int
		out  string
	}{
		{"revert --log " + log + " " + cleanF, 0, raw},
		{"revert --log " + log + " " + other, 2, ""},
		{"revert --ids " + d.Edits[0].ID + " --log " + log + " " + cleanF, 0, raw},
		{"apply --log " + log + " " + rawF, 0, clean},
		{"apply --log " + log + " " + cleanF, 2, ""},
		{"verify " + cleanF + " --log " + log, 0, ""},
		{"verify " + other + " --log " + log, 1, ""},
		{"verify " + rawF + " --against " + cleanF, 1, ""},
		{"verify " + rawF + " --against " + rawF, 0, ""},
		{"map --log " + log + " --in " + spans, 0, "0\t1\n7\t18\tMISC\n19\t24\n7\t18\n"},
		{"map --straddle drop --log " + log + " --in " + spans, 0, "0\t1\n7\t18\tMISC\n19\t24\n"},
		{"map --straddle error --log " + log + " --in " + spans, 2, ""},
	} {
		var out, errs bytes.Buffer
		code := run(strings.Fields(c.args), &app{strings.NewReader(""), &out, &errs})
		if code != c.code || out.String() != c.out {
			t.Errorf("%s: exit %d, wrote %q; want %d, %q\n%s", c.args, code, out.String(), c.code, c.out, errs.String())
		}
	}
}
