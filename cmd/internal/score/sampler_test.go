package score

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"copydesk/repair"
)

// Clean text of every language comes out of the family of characters as it went
// in: 100,000 words each, made after the short texts of testdata/characters.
func TestCleanLanguages(t *testing.T) {
	r, err := repair.New(repair.Options{Families: []string{"characters"}})
	if err != nil {
		t.Fatal(err)
	}
	const wanted, document = 100_000, 500 // words
	for i, lang := range strings.Fields("fr de pl tr vi el ru ja ar") {
		b, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "characters", lang+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		s := NewSampler(string(b), uint64(i))
		edits := 0
		for n := 0; n < wanted; n += document {
			clean := s.Text(document)
			res := r.Fix(clean)
			if res.Text == clean {
				continue
			}
			for _, c := range res.Changes {
				if c.Applied {
					if edits++; edits <= 5 {
						t.Errorf("%s: %s %q -> %q (%s) in %q", lang, c.Rule, c.Before, c.After, c.Why, strings.ToValidUTF8(clean[max(0, c.Src.Start-30):min(len(clean), c.Src.End+30)], ""))
					}
				}
			}
		}
		if edits > 0 {
			t.Errorf("%s: %d edits in %d words", lang, edits, wanted)
		}
	}
}

func TestSampler(t *testing.T) {
	const sample = "Ça va, « l’été » arrive.\nOù est l’œuf ?"
	a, b := NewSampler(sample, 7).Text(200), NewSampler(sample, 7).Text(200)
	if a != b || a == NewSampler(sample, 8).Text(200) {
		t.Error("the seed does not decide what is written")
	}
	if !strings.Contains(a, "«") || !strings.Contains(a, "œ") {
		t.Errorf("%q", a)
	}
	for _, p := range Passages(sample, 10, 1) {
		if aboveASCII(p) < minDamaged {
			t.Errorf("%q has nothing to misread", p)
		}
	}
}
