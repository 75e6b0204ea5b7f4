package detect_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"copydesk/repair/damage"
	"copydesk/repair/detect"
	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

// characters is an engine of the round of characters alone.
func characters(t testing.TB) *detect.Engine {
	t.Helper()
	models, err := lm.Open(rules.Model())
	if err != nil {
		t.Fatal(err)
	}
	list := slices.DeleteFunc(slices.Clone(detect.All), func(d detect.Detector) bool { return edit.Family(d.ID) != "characters" })
	return detect.NewEngine(models, list)
}

const (
	plainNews = `The council said on Monday that it would rebuild the old harbour, which closed in March, after years of argument. "We do not have another ten years," the mayor told reporters. The plan is the first of its kind in the region, and engineers from two cities made the drawings.
`
	fineNews = `The council said on Monday that it would rebuild the “old harbour”, which closed in March — after years of argument. “We don’t have another ten years,” the mayor, Renée Müller, told reporters. The plan is the first of its kind in the region, and São Paulo’s engineers made the drawings.
`
	russianNews  = "Министр заявил, что закон будет принят до конца года: «Мы не можем ждать ещё десять лет», — сказал он журналистам. Её поддержали все.\n"
	japaneseNews = "大統領は火曜日に東京で記者会見を開いた。「新しい法律について話した」と述べた。カフェは休みだった。\n"
)

// misread reads the UTF-8 of a text with a charset.
func misread(s, charset string) string {
	if charset == "iso-8859-1" {
		var out strings.Builder
		for _, b := range []byte(s) {
			out.WriteRune(rune(b))
		}
		return out.String()
	}
	for _, c := range text.SingleBytes() {
		if c.Name != charset {
			continue
		}
		var out strings.Builder
		for _, r := range s {
			if r < 0x80 {
				out.WriteRune(r)
				continue
			}
			for _, b := range []byte(string(r)) {
				out.WriteRune(c.Rune(b))
			}
		}
		return out.String()
	}
	panic("no charset " + charset)
}

// language is the sample of a language.
func language(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../testdata/characters/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// BenchmarkCharacters is the whole cost of the family on text of each kind, clean
// and misread. MB/cpu-s is what docs/characters.md tells: of the text as it is read.
func BenchmarkCharacters(b *testing.B) {
	e := characters(b)
	run := func(name, sample string) {
		b.Run(name, func(b *testing.B) {
			s := strings.Repeat(sample, 1+200_000/len(sample))
			b.SetBytes(int64(len(s)))
			began := cpuTime(b)
			for b.Loop() {
				p := e.Raw(s)
				if !p.Idle(detect.Characters) {
					p.Run(detect.Characters)
				}
				p.Close()
			}
			b.ReportMetric(float64(len(s))*float64(b.N)/1e6/(cpuTime(b)-began).Seconds(), "MB/cpu-s")
		})
	}
	run("clean/ascii", plainNews)
	run("clean/accents", fineNews)
	for lang := range strings.FieldsSeq("fr de pl tr vi el ru uk ar he ko ja zh") {
		run("clean/"+lang, language(b, lang))
	}
	for _, c := range []struct{ kind, lang string }{
		{"mojibake-1252", "fr"},
		{"mojibake-latin1", "fr"},
		{"mojibake-twice", "fr"},
		{"mojibake-windows-1250", "cs"},
		{"mojibake-windows-1251", "ru"},
		{"mojibake-windows-1253", "el"},
		{"mojibake-windows-1254", "tr"},
		{"mojibake-windows-1257", "lv"},
		{"mojibake-iso-8859-2", "pl"},
		{"mojibake-iso-8859-15", "fr"},
		{"mojibake-macintosh", "fr"},
		{"mojibake-ibm437", "de"},
		{"mojibake-ibm850", "es"},
		{"mojibake-koi8-r", "ru"},
	} {
		k, ok := damage.ParseKind(c.kind)
		if !ok {
			b.Fatal(c.kind)
		}
		bad, _ := damage.Misread(k, language(b, c.lang))
		run("misread/"+c.kind+"/"+c.lang, bad)
	}
	fine, _ := damage.Misread(damage.Mojibake1252, fineNews)
	run("one-in-fifty-lines", strings.Repeat(fineNews, 49)+fine)
}
