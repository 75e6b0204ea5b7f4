package repair_test

import (
	"os"
	"strings"
	"testing"

	"copydesk/repair"
	"copydesk/repair/damage"
	"copydesk/repair/detect"
	"copydesk/repair/edit"
	"copydesk/repair/text"
)

// The families merged, split and spacing change nothing but white space, applied
// or not: the contract promises it.
func TestWhiteSpaceFamilies(t *testing.T) {
	r, err := repair.New(repair.Options{Families: []string{"merged", "split", "spacing"}, Tier: edit.Review})
	if err != nil {
		t.Fatal(err)
	}
	bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
	var texts []string
	for _, d := range detect.All {
		for _, e := range append(d.Fix, d.Keep...) {
			texts = append(texts, e.In)
		}
	}
	b, err := os.ReadFile("../testdata/article.txt")
	if err != nil {
		t.Fatal(err)
	}
	rnd := damage.NewRand(3)
	for range 20 {
		var m damage.Maker
		hurt, _ := m.Make(text.Parse(string(b)), damage.Mixed(rnd), rnd)
		texts = append(texts, hurt)
	}
	for _, s := range texts {
		res := r.Fix(s)
		if bare(res.Text) != bare(s) {
			t.Errorf("%q became %q", s, res.Text)
		}
		for _, c := range res.Changes {
			if c.HasAfter && bare(c.Before) != bare(c.After) {
				t.Errorf("%s: %q -> %q", c.Rule, c.Before, c.After)
			}
		}
	}
}
