package rules

import (
	"strings"
	"testing"
	"testing/fstest"
)

func words(t *testing.T, name string, files ...string) string {
	t.Helper()
	dir := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		dir[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	ws, err := ReadWords(dir, name)
	if err != nil {
		return "error: " + err.Error()
	}
	return strings.Join(ws, " ")
}

func TestReadWords(t *testing.T) {
	cases := []struct{ name, want, aff, dic string }{
		{"suffixes and conditions", "bake baked baker bakes fly flies try tries walk walked walker walks", "SET UTF-8\nSFX S Y 2\nSFX S y ies [^aeiou]y\nSFX S 0 s [^y]\nSFX D Y 2\nSFX D 0 d e\nSFX D 0 ed [^ey]\nSFX R Y 2\nSFX R 0 r e\nSFX R 0 er [^ey]\n", "4\nbake/SDR\nwalk/SDR\ntry/S\nfly/S\n"},
		{"a prefix and a suffix together", "do redo redoing doing", "PFX A Y 1\nPFX A 0 re .\nSFX G Y 1\nSFX G 0 ing .\n", "1\ndo/AG\n"},
		{"no cross product", "do doing redo", "PFX A Y 1\nPFX A 0 re .\nSFX G N 1\nSFX G 0 ing .\n", "1\ndo/AG\n"},
		{"two suffixes deep", "drink drinkable drinkables", "SFX A Y 1\nSFX A 0 able/S .\nSFX S Y 1\nSFX S 0 s .\n", "1\ndrink/A\n"},
		{"long flags", "go goes", "FLAG long\nSFX zz Y 1\nSFX zz 0 es .\n", "1\ngo/zzqq\n"},
		{"numbered flags", "go goes", "FLAG num\nSFX 101 Y 1\nSFX 101 0 es .\n", "1\ngo/7,101\n"},
		{"flags in UTF-8", "go goes", "SET UTF-8\nFLAG UTF-8\nSFX ű Y 1\nSFX ű 0 es .\n", "1\ngo/ű\n"},
		{"aliases", "go goes", "AF 1\nAF XS\nSFX S Y 1\nSFX S 0 es .\n", "1\ngo/1\n"},
		{"a stem that needs an affix", "oxen", "NEEDAFFIX N\nSFX E Y 1\nSFX E 0 en .\n", "1\nox/NE\n"},
		{"a forbidden word", "sheep", "FORBIDDENWORD !\nSFX S Y 1\nSFX S 0 s .\n", "2\nsheep/S\nsheeps/!\n"},
		{"only in compounds", "word", "ONLYINCOMPOUND c\n", "2\nword\n1th/c\n"},
		{"Latin-1", "café", "SET ISO8859-1\n", "1\ncaf\xe9\n"},
		{"morphology and a slash", "either/or walk", "SET UTF-8\n", "2\nwalk\tpo:verb\neither\\/or po:phrase\n"},
		{"a broken affix", "error: x.aff:1: PFX A: its first line says Y or N and how many follow\n    1 | PFX A 0 re .\n      = see hunspell(5)", "PFX A 0 re .\n", "1\ndo/A\n"},
		{"a broken flag", "error: x.dic:2: flags \"abc\": FLAG long wants two characters each\n    2 | do/abc\n      = FLAG in x.aff says how flags are written", "FLAG long\n", "1\ndo/abc\n"},
		{"an unknown charset", "error: x.aff: SET KLINGON: unknown character set: save both files as UTF-8 and write SET UTF-8", "SET KLINGON\n", "1\ndo\n"},
	}
	for _, c := range cases {
		want := c.want
		if !strings.HasPrefix(want, "error") {
			want = strings.Join(tidy(strings.Fields(want)), " ")
		}
		if got := words(t, "x.dic", "x.aff", c.aff, "x.dic", c.dic); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, want)
		}
	}
	if got := words(t, "a.txt", "a.txt", "\ufeffBlinken\n# names\nAtwood # a reporter\nBlinken\n"); got != "Atwood Blinken" {
		t.Errorf("got %s", got)
	}
	if got := words(t, "a.txt", "a.txt", "two words\n"); got != "error: a.txt:1: more than one word on a line\n    1 | two words\n      = give each word a line of its own" {
		t.Errorf("got %s", got)
	}
	if got := words(t, "a.dic", "a.dic", "1\nword\n"); !strings.Contains(got, "needs its affixes beside it") {
		t.Errorf("got %s", got)
	}
}

// A dictionary that feeds on itself stays bounded.
func TestHunspellBounded(t *testing.T) {
	var aff strings.Builder
	aff.WriteString("SFX S Y 400\n")
	for i := range 400 {
		aff.WriteString("SFX S 0 " + strings.Repeat("x", i%7+1) + string(rune('a'+i%26)) + "/S .\n")
	}
	got := words(t, "x.dic", "x.aff", aff.String(), "x.dic", "1\na/S\n")
	if n := len(strings.Fields(got)); n > maxWordForms || n < 100 {
		t.Errorf("%d forms", n)
	}
}

func FuzzHunspell(f *testing.F) {
	f.Add("SET UTF-8\nFLAG long\nAF 1\nAF zz\nSFX zz Y 1\nSFX zz y ies/1 [^a]y\nPFX q Y 1\n", "1\nfly/1\n")
	f.Add("SFX A Y 1\nSFX A 0 0/A .", "a/A")
	f.Fuzz(func(t *testing.T, aff, dic string) {
		if len(aff) > 500 || len(dic) > 200 {
			return
		}
		_, _ = hunspell("x.aff", []byte(aff), "x.dic", []byte(dic))
	})
}
