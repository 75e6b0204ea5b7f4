package detect

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"copydesk/repair/edit"
	"copydesk/rules"
)

// The scan finds what strings.Index finds, in any text.
func FuzzLiterals(f *testing.F) {
	f.Add("Share this STORY: SHARES", "share this", "SHARES")
	f.Add("ababababab", "ababa", "babab")
	f.Add("\x80\xff\x00aaaa", "\x80\xff\x00a", "aaaaa")
	f.Fuzz(func(t *testing.T, s, a, b string) {
		if len(a) < 5 || len(b) < 5 || len(a) > 300 || len(b) > 300 || len(s) > 4096 {
			return
		}
		entries := []litEntry{{text: a}, {text: b, fold: true}}
		got := map[[2]int]bool{}
		newLiterals(entries).each(s, func(e, at int) {
			if got[[2]int{e, at}] {
				t.Fatalf("literal %d found twice at %d", e, at)
			}
			got[[2]int{e, at}] = true
		})
		n := 0
		for i := range len(s) {
			if strings.HasPrefix(s[i:], a) {
				n++
				if !got[[2]int{0, i}] {
					t.Fatalf("%q not found at %d in %q", a, i, s)
				}
			}
			if i+len(b) <= len(s) && equalFoldASCII(s[i:i+len(b)], b) {
				n++
				if !got[[2]int{1, i}] {
					t.Fatalf("%q not found at %d in %q", b, i, s)
				}
			}
		}
		if n != len(got) {
			t.Fatalf("found %d, want %d", len(got), n)
		}
	})
}

// The one scan for all literals of the shipped rules, over clean news.
func BenchmarkLiterals(b *testing.B) {
	var text strings.Builder
	files, err := filepath.Glob("../../testdata/clean/*.txt")
	if err != nil || len(files) == 0 {
		b.Fatal("no clean texts", err)
	}
	for text.Len() < 1<<20 {
		for _, f := range files {
			s, err := os.ReadFile(f)
			if err != nil {
				b.Fatal(err)
			}
			text.Write(s)
		}
	}
	s := newRuleScan(rules.Shipped().Rules)
	b.SetBytes(int64(text.Len()))
	hits := 0
	for b.Loop() {
		s.find.each(text.String(), func(int, int) { hits++ })
	}
	b.ReportMetric(float64(len(s.find.entries)), "literals")
}

// The families of rule files are those of the log.
func TestRuleFamilies(t *testing.T) {
	if !slices.Equal(rules.Families, edit.Families) {
		t.Errorf("rules knows the families %v, the log %v", rules.Families, edit.Families)
	}
}

// Every regular expression of a shipped rule compiles.
func TestShippedPatternsCompile(t *testing.T) {
	for _, r := range rules.Shipped().Rules {
		r.Expr()
	}
}
