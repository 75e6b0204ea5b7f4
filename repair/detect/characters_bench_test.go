package detect_test

import (
	"slices"
	"strings"
	"testing"

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

// BenchmarkCharacters is the whole cost of the family on text of each kind.
func BenchmarkCharacters(b *testing.B) {
	e := characters(b)
	for _, c := range []struct{ name, text string }{
		{"ascii", plainNews},
		{"accents", fineNews},
		{"russian", russianNews},
		{"japanese", japaneseNews},
		{"misread-1252", misread(fineNews, "windows-1252")},
		{"misread-1252-twice", misread(misread(fineNews, "windows-1252"), "windows-1252")},
		{"misread-macintosh", misread(fineNews, "macintosh")},
		{"misread-russian-1251", misread(russianNews, "windows-1251")},
		{"one-in-fifty-lines", strings.Repeat(fineNews, 49) + misread(fineNews, "windows-1252")},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := strings.Repeat(c.text, 1+200_000/len(c.text))
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
}
