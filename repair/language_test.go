package repair_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"copydesk/repair"
	"copydesk/repair/edit"
	"copydesk/rules"
)

// Text in other languages passes through untouched: nothing is applied, nothing
// waits for review.
func TestOtherLanguages(t *testing.T) {
	files, err := filepath.Glob("../testdata/languages/*.txt")
	if err != nil || len(files) < 7 {
		t.Fatal("no texts in other languages", err)
	}
	r, err := repair.New(repair.Options{Tier: edit.Review})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		res := r.Fix(string(b))
		if res.Text != string(b) {
			t.Errorf("%s changed", f)
		}
		for _, c := range res.Changes {
			if c.Tier >= edit.Review {
				t.Errorf("%s: %s %s %q -> %q", f, c.Tier, c.Rule, c.Before, c.After)
			}
		}
	}
}

// Text whose function words are not known, or too few in a short paragraph, is told
// by its letters: Polish, Czech, Hungarian and Latvian words are not glued.
func TestOtherLetters(t *testing.T) {
	files, err := filepath.Glob("../testdata/characters/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatal("no texts in other languages", err)
	}
	r := fixer(t)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(b)) {
			if got := r.Fix(l).Text; got != l {
				t.Errorf("%s: %q became %q", f, l, got)
			}
		}
	}
}

// English between paragraphs of another language is still repaired, and encoding
// damage is repaired in any language.
func TestEnglishBesideOtherLanguages(t *testing.T) {
	fr, err := os.ReadFile("../testdata/languages/fr.txt")
	if err != nil {
		t.Fatal(err)
	}
	english := "The ministers have includedUS controls on the export of goods, and the talks will go on next week."
	got := fixer(t).Fix(english + "\n\n" + string(fr)).Text
	if !strings.Contains(got, "included US controls") || !strings.HasSuffix(got, string(fr)) {
		t.Error(got)
	}
	got = fixer(t).Fix("Le ministre a dÃ©clarÃ© que les syndicats ont refusÃ© la rÃ©forme pour cette annÃ©e, mais que le gouvernement ne changera pas.").Text
	if !strings.Contains(got, "a déclaré que les syndicats ont refusé la réforme pour cette année") {
		t.Error(got)
	}
}

// A user's rules may know another language.
func TestRulesForOtherLanguages(t *testing.T) {
	set, err := rules.Load(fstest.MapFS{"boilerplate/lire.yaml": {Data: []byte(`id: boilerplate/lire
why: Un lien vers un autre article.
where: line
literals: ['Lire aussi']
regex: 'Lire aussi : .{5,100}'
tier: safe
confidence: 0.99
fix:
  - in: "Bonjour.\n\nLire aussi : La grève"
    out: "Bonjour."
keep: [Lire aussi est un plaisir.]
`)}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := repair.New(repair.Options{Rules: []*rules.Set{set}})
	if err != nil {
		t.Fatal(err)
	}
	fr, err := os.ReadFile("../testdata/languages/fr.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Fix(string(fr) + "\nLire aussi : La grève de jeudi\n").Text; strings.Contains(got, "Lire aussi") || !strings.HasPrefix(got, strings.TrimSpace(string(fr))) {
		t.Errorf("%q", got)
	}
}

// Lines too short to tell their language by themselves are told together: captions and
// messages in Vietnamese are not glued.
func TestOtherLines(t *testing.T) {
	r := fixer(t)
	for _, s := range []string{
		"Tạo nhóm thẻ mới\nDự án mới\nMàu nền\nLãnh thổ & ngôn ngữ\nyêu cầu bạn đồng ý\n",
		"Thêm ảnh mới\n\nĐổi tên tập tin\n\nKhông thể mở được\n\nTrình điều khiển\n\nChọn màu nền\n",
	} {
		if got := r.Fix(s).Text; got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}
