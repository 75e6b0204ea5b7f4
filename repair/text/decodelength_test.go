package text

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gogs/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// englishNews is news with few characters outside ASCII, as most English files have.
const englishNews = `The council said on Monday that it would rebuild the “old harbour”, which closed in March — after years of argument.
“We don’t have another ten years,” the mayor, Renée Müller, told reporters near the water. Nobody else spoke, and the meeting ended at noon.
The first engineers arrived two weeks ago, and the work is expected to take until the end of the year, officials said.
A spokesman for the company said that it wouldn’t comment on the price, which two people close to the talks put at £40m.
`

// Texts of 23 languages in the charsets they were kept in, cut to a length at places
// all over, are read as what they are. go test -v prints the table of docs/characters.md.
func TestDecodeByLength(t *testing.T) {
	little, big := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	cases := []struct {
		name      string
		enc       encoding.Encoding
		languages string
	}{
		{"windows-1252", charmap.Windows1252, "en da de es fr pt sv"},
		{"windows-1250", charmap.Windows1250, "en cs hu pl"},
		{"windows-1251", charmap.Windows1251, "en ru uk"},
		{"windows-1253", charmap.Windows1253, "el"},
		{"windows-1254", charmap.Windows1254, "tr"},
		{"windows-1257", charmap.Windows1257, "lt lv"},
		{"macintosh", charmap.Macintosh, "en de es fr pt sv"},
		{"iso-8859-2", charmap.ISO8859_2, "cs hu pl"},
		{"iso-8859-5", charmap.ISO8859_5, "ru uk"},
		{"iso-8859-7", charmap.ISO8859_7, "el"},
		{"iso-8859-9", charmap.ISO8859_9, "tr"},
		{"iso-8859-15", charmap.ISO8859_15, "de es fr pt sv"},
		{"ibm437", charmap.CodePage437, "de es fr"},
		{"ibm850", charmap.CodePage850, "de es fr pt sv"},
		{"koi8-r", charmap.KOI8R, "ru"},
		{"ibm866", charmap.CodePage866, "ru"},
		{"utf-16le, no mark", little, "en de ja ru zh"},
		{"utf-16be, no mark", big, "en de ja ru zh"},
	}
	lengths := []int{200, 1000, 10_000, 1_000_000}
	right, all := 0, 0
	ours, theirs := 0, 0 // of the shortest files
	for _, c := range cases {
		row, peer := "| "+c.name+" | "+c.languages+" |", ""
		for _, n := range lengths {
			ok, icu, tried := 0, 0, 0
			for i, lang := range strings.Fields(c.languages) {
				if i > 0 && n > 10_000 {
					break // one language of so much text tells enough
				}
				clean := held(t, c.enc, lang, n)
				most := 60
				if n > 10_000 {
					most = 2
				}
				step := max(1, (len(clean)-n)/most)
				for from := 0; from+n <= len(clean); from += step {
					s := string(clean[from : from+n])
					raw, err := c.enc.NewEncoder().String(s)
					if err != nil {
						t.Fatal(c.name, err)
					}
					if raw == s {
						continue // ASCII
					}
					got, _, err := Decode([]byte(raw))
					tried++
					if err == nil && got == s {
						ok++
					}
					if n == lengths[0] && detected(raw) == s {
						icu++
					}
				}
			}
			right, all = right+ok, all+tried
			row += fmt.Sprintf(" %.1f |", 100*float64(ok)/float64(tried))
			if n == lengths[0] {
				ours, theirs = ours+ok, theirs+icu
				peer = fmt.Sprintf(" %.1f |", 100*float64(icu)/float64(tried))
			}
		}
		t.Log(row + peer)
	}
	if right*100 < all*99 {
		t.Errorf("%d of %d files are read as what they are", right, all)
	}
	if ours <= theirs {
		t.Errorf("%d short files are read as what they are, by a detector alone %d", ours, theirs)
	}
}

// detected is a file as it reads in the charset that a detector names, one that ports what
// ICU does.
func detected(raw string) string {
	best, err := chardet.NewTextDetector().DetectBest([]byte(raw))
	if err != nil {
		return ""
	}
	enc, err := htmlindex.Get(best.Charset)
	if err != nil {
		return ""
	}
	s, _ := enc.NewDecoder().String(raw)
	return s
}

// typewriter writes marks as charsets without them had them.
var typewriter = strings.NewReplacer("’", "'", "‘", "'", "“", `"`, "”", `"`, "„", `"`, "–", "-", "—", "-", "…", "...", "œ", "oe", "€", "EUR")

// held is the text of a language, as far as its lines stand in a charset, repeated until
// it is longer than n characters by as much again as it has.
func held(t *testing.T, enc encoding.Encoding, lang string, n int) []rune {
	sample := englishNews
	if lang != "en" {
		b, err := os.ReadFile("../../testdata/characters/" + lang + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		sample = string(b)
	}
	if _, err := enc.NewEncoder().String("’"); err != nil {
		sample = typewriter.Replace(sample)
	}
	var out strings.Builder
	for l := range strings.Lines(sample) {
		if _, err := enc.NewEncoder().String(l); err == nil {
			out.WriteString(l)
		}
	}
	once := []rune(out.String())
	if len(once) == 0 {
		t.Fatalf("nothing of %s stands in this charset", lang)
	}
	return []rune(strings.Repeat(out.String(), n/len(once)+2))
}
