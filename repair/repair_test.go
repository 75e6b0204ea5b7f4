package repair_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"copydesk/repair"
	"copydesk/repair/detect"
)

func fixer(t testing.TB) *repair.Repairer {
	t.Helper()
	r, err := repair.New(repair.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every detector fixes its own examples and keeps its look-alikes.
func TestExamples(t *testing.T) {
	failures, err := repair.CheckExamples(detect.Shipped(), repair.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures {
		t.Error(f)
	}
}

// The example article: what a safe run must repair.
func TestArticle(t *testing.T) {
	src, err := os.ReadFile("../testdata/article.txt")
	if err != nil {
		t.Fatal(err)
	}
	res := fixer(t).Fix(string(src))
	for _, want := range []string{
		"included US controls on the export", "a nationwide ban", "TikTok unless", "Atwood before",
		"Blinken's three-day", "Beijing CNN – Chinese leader", "Blinken's ride", "dangerous behavior",
	} {
		if !strings.Contains(res.Text, want) {
			t.Errorf("the repaired article lacks %q", want)
		}
	}
	checkChanges(t, string(src), res)
}

// Clean texts come out byte for byte.
func TestSilence(t *testing.T) {
	files, err := filepath.Glob("../testdata/clean/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no clean texts", err)
	}
	r := fixer(t)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Fix(string(b)).Changes {
			if c.Applied {
				t.Errorf("%s: %s %q -> %q (%.3f)", f, c.Rule, c.Before, c.After, c.Conf)
			}
		}
	}
}

// checkChanges holds a result against the contract: places, no overlaps, undo,
// and a second run that changes nothing.
func checkChanges(t *testing.T, src string, res repair.Result) {
	t.Helper()
	var back strings.Builder // changes taken back one after the other: several may have left one point
	at, out := 0, 0
	for _, c := range res.Changes {
		if src[c.Src.Start:c.Src.End] != c.Before {
			t.Fatalf("%s: before is %q, the input has %q", c.Rule, c.Before, src[c.Src.Start:c.Src.End])
		}
		if !c.Applied {
			continue
		}
		if c.Src.Start < at {
			t.Fatalf("%s at %v overlaps the change before it", c.Rule, c.Src)
		}
		at = c.Src.End
		if res.Text[c.Out.Start:c.Out.End] != c.After {
			t.Fatalf("%s: after is %q, the output has %q", c.Rule, c.After, res.Text[c.Out.Start:c.Out.End])
		}
		if c.Out.Start < out {
			t.Fatalf("%s at %v comes before the change before it in the output", c.Rule, c.Out)
		}
		back.WriteString(res.Text[out:c.Out.Start] + c.Before)
		out = c.Out.End
	}
	if back.WriteString(res.Text[out:]); back.String() != src {
		t.Fatalf("undo does not restore the input: %q", back.String())
	}
	if again := fixer(t).Fix(res.Text); again.Text != res.Text {
		t.Fatalf("a second run changes %q", res.Text)
	}
}

func FuzzFix(f *testing.F) {
	r := fixer(f)
	for _, d := range detect.Shipped() {
		for _, e := range d.Fix {
			f.Add(e.In)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		checkChanges(t, s, r.Fix(s))
	})
}
