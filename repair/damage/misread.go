package damage

import (
	"strings"
	"sync"

	"copydesk/repair/text"
)

// misreading is text that was read with the wrong charset: bytes of was (UTF-8
// where it is empty) read as the first of as, what came of it written as UTF-8 and read
// as the second, and so on. Charsets are labels of the WHATWG Encoding Standard.
// Undefined bytes become the C1 control of the same number, as browsers and
// Python's "sloppy" codecs have it: nothing is lost.
type misreading struct {
	name string
	was  string
	as   []string
}

// misreadings lists what the kinds from FirstMisreading on do.
var misreadings = [...]misreading{
	{"mojibake-windows-1250", "", []string{"windows-1250"}},
	{"mojibake-windows-1251", "", []string{"windows-1251"}},
	{"mojibake-windows-1253", "", []string{"windows-1253"}},
	{"mojibake-windows-1254", "", []string{"windows-1254"}},
	{"mojibake-windows-1257", "", []string{"windows-1257"}},
	{"mojibake-iso-8859-2", "", []string{"iso-8859-2"}},
	{"mojibake-iso-8859-5", "", []string{"iso-8859-5"}},
	{"mojibake-iso-8859-7", "", []string{"iso-8859-7"}},
	{"mojibake-iso-8859-9", "", []string{"iso-8859-9"}},
	{"mojibake-iso-8859-13", "", []string{"iso-8859-13"}},
	{"mojibake-iso-8859-15", "", []string{"iso-8859-15"}},
	{"mojibake-macintosh", "", []string{"macintosh"}},
	{"mojibake-ibm437", "", []string{"ibm437"}},
	{"mojibake-ibm850", "", []string{"ibm850"}},
	{"mojibake-koi8-r", "", []string{"koi8-r"}},
	{"mojibake-ibm866", "", []string{"ibm866"}},
	{"mojibake-twice", "", []string{"windows-1252", "windows-1252"}},
	{"mojibake-thrice", "", []string{"windows-1252", "windows-1252", "windows-1252"}},
	{"mojibake-latin1-twice", "", []string{latin1, latin1}},
	{"mojibake-1252-latin1", "", []string{"windows-1252", latin1}},
	{"mojibake-1250-twice", "", []string{"windows-1250", "windows-1250"}},
	{"mojibake-1251-twice", "", []string{"windows-1251", "windows-1251"}},
	{"mojibake-1252-1251", "", []string{"windows-1252", "windows-1251"}},
	{"mojibake-1252-macintosh", "", []string{"windows-1252", "macintosh"}},
	{"mojibake-macintosh-twice", "", []string{"macintosh", "macintosh"}},
	{"mojibake-macintosh-thrice", "", []string{"macintosh", "macintosh", "macintosh"}},
	{"mojibake-ibm437-twice", "", []string{"ibm437", "ibm437"}},
	{"legacy-1251-1252", "windows-1251", []string{"windows-1252"}},
	{"legacy-1250-1252", "windows-1250", []string{"windows-1252"}},
	{"legacy-1253-1252", "windows-1253", []string{"windows-1252"}},
	{"legacy-1254-1252", "windows-1254", []string{"windows-1252"}},
	{"legacy-macintosh-1252", "macintosh", []string{"windows-1252"}},
	{"legacy-1252-macintosh", "windows-1252", []string{"macintosh"}},
	{"legacy-koi8-r-1251", "koi8-r", []string{"windows-1251"}},
}

// latin1 reads every byte as the character of the same number.
const latin1 = "iso-8859-1"

// Misreadings lists the kinds that read a text with the wrong charset and lose
// nothing.
func Misreadings() []Kind {
	list := []Kind{Mojibake1252, MojibakeLatin1}
	for k := FirstMisreading; k < NumKinds; k++ {
		list = append(list, k)
	}
	return list
}

// Misread reads a whole text with the wrong charset. It returns false where the
// charset that the kind begins with does not hold the text, and for kinds that are
// none of Misreadings.
func Misread(k Kind, s string) (string, bool) {
	switch {
	case k == Mojibake1252:
		return readAs(s, "windows-1252"), true
	case k == MojibakeLatin1:
		return readAs(s, latin1), true
	case k < FirstMisreading || k >= NumKinds:
		return "", false
	}
	m := &misreadings[k-FirstMisreading]
	if m.was != "" {
		b, ok := encode(s, charsets()[m.was])
		if !ok {
			return "", false
		}
		s = b
	}
	for _, name := range m.as {
		s = readAs(s, name)
	}
	return s, true
}

// readAs reads bytes as a charset.
func readAs(b, name string) string {
	c := charsets()[name]
	var out strings.Builder
	out.Grow(len(b) + len(b)/2)
	for i := range len(b) {
		switch {
		case b[i] < 0x80:
			out.WriteByte(b[i])
		case name == latin1:
			out.WriteRune(rune(b[i]))
		default:
			out.WriteRune(c.Rune(b[i]))
		}
	}
	return out.String()
}

// encode writes a text in a charset; false where it lacks a character. Where
// windows-1252 holds C1 controls for Latin-1's sake, its own characters come first.
func encode(s string, c *text.SingleByte) (string, bool) {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r < 0x80 {
			out = append(out, byte(r))
			continue
		}
		b, ok := c.Byte(r)
		if !ok || c.Rune(b) != r {
			return "", false
		}
		out = append(out, b)
	}
	return string(out), true
}

var charsets = sync.OnceValue(func() map[string]*text.SingleByte {
	m := map[string]*text.SingleByte{}
	for _, c := range text.SingleBytes() {
		m[c.Name] = c
	}
	return m
})

// facts are those of the misreading as a kind.
func (m *misreading) facts() kindFacts {
	was := m.was
	if was == "" {
		was = "UTF-8"
	}
	return kindFacts{m.name, WrongCharset, "characters", was + " read as " + strings.Join(m.as, ", that as ")}
}
