package text

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

func encoded(t *testing.T, e encoding.Encoding, s string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Charsets that read a file alike are no rivals: which of them it was does not
// matter, and its bytes come back by either.
func TestCharsetsThatReadAlike(t *testing.T) {
	for _, s := range []string{
		"The café said “they have controls on the export of goods”, and the minister’s office agreed.\n",
		"The café is closed now, and will not open again until the spring.\n",
	} {
		b := encoded(t, charmap.Windows1252, s)
		got, c, err := Decode(b)
		if err != nil || got != s || c.Conf < 0.9 {
			t.Errorf("%q is read as %q by %s, %.2f, %v", s, got, c.Name, c.Conf, err)
		}
		back := encoded(t, charmap.Windows1252, got)
		if string(back) != string(b) {
			t.Errorf("%q does not come back", s)
		}
	}
}

func TestDecode(t *testing.T) {
	const (
		english = "The café’s owner said: “We won’t close” – and she didn’t.\n"
		pound   = "Price £ 9 and so on for the month of May.\n" // Ł 9 in windows-1250
		russian = "Министр заявил, что закон будет принят до конца года.\n"
		kanji   = "大統領は火曜日に東京で記者会見を開いた。新しい法律について話した。\n"
	)
	for _, c := range []struct {
		name, by, want string
		in             []byte
	}{
		{"utf-8", "valid", "", nil},
		{"utf-8", "valid", english, []byte(english)},
		{"utf-8", "bom", "\uFEFF" + english, []byte("\uFEFF" + english)},
		{"utf-16le", "bom", russian, encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), russian)},
		{"utf-16be", "bom", russian, encoded(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), russian)},
		{"utf-16le", "statistics", english, encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), english)},
		{"utf-16be", "statistics", russian, encoded(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), russian)},
		{"windows-1252", "statistics", english, encoded(t, charmap.Windows1252, english)},
		{"windows-1251", "statistics", russian, encoded(t, charmap.Windows1251, russian)},
		{"windows-1252", "statistics", pound, encoded(t, charmap.Windows1252, pound)},
		{"koi8-r", "statistics", russian, encoded(t, charmap.KOI8R, russian)},
		{"shift_jis", "statistics", kanji, encoded(t, japanese.ShiftJIS, kanji)},
		{"iso-2022-jp", "statistics", kanji, encoded(t, japanese.ISO2022JP, kanji)},
		{"koi8-r", "meta", `<meta charset="koi8-r">` + russian, encoded(t, charmap.KOI8R, `<meta charset="koi8-r">`+russian)},
	} {
		s, cs, err := Decode(c.in)
		if err != nil || s != c.want || cs.Name != c.name || cs.By != c.by {
			t.Errorf("%s by %s: got %q, %+v, %v", c.name, c.by, s, cs, err)
		}
	}
	if _, cs, _ := Decode(encoded(t, charmap.Windows1252, pound)); cs.Conf < 0.9 {
		t.Errorf("a pound sign in English: %+v is not sure enough", cs)
	}
	s, cs, err := Decode([]byte(strings.Repeat(english, 3) + "caf\xE9"))
	if err != nil || !strings.HasSuffix(s, "café") || cs.Name != "utf-8" || cs.Odd != 1 || cs.UTF8() {
		t.Errorf("UTF-8 with one bad byte: %q, %+v, %v", s, cs, err)
	}
	if _, _, err := Decode([]byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00>\x00\x01")); !errors.Is(err, ErrBinary) {
		t.Errorf("a program was read as text: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("caf\xE9 \x93x\x94"))
	f.Add([]byte("\xFF\xFEa\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, c, err := Decode(b)
		if err == nil && (!utf8.ValidString(s) || c.Name == "") {
			t.Errorf("%+v: %q", c, s)
		}
		if err == nil && utf8.Valid(b) && c.By == "valid" && s != string(b) {
			t.Errorf("valid UTF-8 changed: %q", s)
		}
	})
}
