package text

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// Charset says how a file's bytes were read, for the log and for whoever writes
// the file back.
type Charset struct {
	Name string  // label of the WHATWG Encoding Standard in lower case: "utf-8", "windows-1252", "utf-16le"
	By   string  // what told: "valid" (the bytes are UTF-8), "bom", "meta" (a declaration within) or "statistics"
	Conf float64 // how sure, 0 to 1
	Odd  int     // bytes that do not fit the charset; each was read as windows-1252 reads it
}

// UTF8 reports whether the bytes were wholly UTF-8, so that the decoded text is
// byte for byte the file.
func (c Charset) UTF8() bool { return c.Name == "utf-8" && c.Odd == 0 }

// ErrBinary says that bytes are no text in any charset known here.
var ErrBinary = errors.New("this is no text: most of its bytes are control codes; give it a format that reads it")

// Limits of detection.
const (
	maxMeta   = 4096    // bytes searched for a declaration: HTML asks for it within the first 1024
	maxSample = 1 << 16 // bytes with their neighbours that statistics are made of: more changed no verdict
)

// Decode reads a file's bytes as text. It tries, in this order: a byte order
// mark; UTF-16 without one; valid UTF-8; a declaration within the file that the
// bytes agree with; the statistics of characters. UTF-8 with a few bad bytes stays
// UTF-8, its bad bytes read as windows-1252. Valid UTF-8 comes back as it is, a
// byte order mark included. The text is always valid UTF-8; the only error is
// ErrBinary.
func Decode(b []byte) (string, Charset, error) {
	if s, c, ok := decodeMarked(b); ok {
		return s, c, nil
	}
	if s, c, ok := decodeWide(b); ok {
		return s, c, nil
	}
	if controls(b) > len(b)/8+2 {
		return "", Charset{}, ErrBinary
	}
	if utf8.Valid(b) {
		if bytes.Contains(b, []byte("\x1b$")) {
			if s, ok := strict(japanese.ISO2022JP, b); ok && s != string(b) {
				return s, Charset{Name: "iso-2022-jp", By: "statistics", Conf: 0.99}, nil
			}
		}
		return string(b), Charset{Name: "utf-8", By: "valid", Conf: 1}, nil
	}
	if s, odd, ok := mostlyUTF8(b); ok {
		return s, Charset{Name: "utf-8", By: "statistics", Conf: 0.99, Odd: odd}, nil
	}
	if s, c, ok := decodeDeclared(b); ok {
		return s, c, nil
	}
	s, c := decodeByStatistics(b)
	return s, c, nil
}

// decodeMarked reads files with a byte order mark.
func decodeMarked(b []byte) (string, Charset, bool) {
	c := Charset{By: "bom", Conf: 1}
	switch {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")) && utf8.Valid(b):
		c.Name = "utf-8"
		return string(b), c, true
	case bytes.HasPrefix(b, []byte("\xFF\xFE\x00\x00")) && len(b)%4 == 0:
		c.Name = "utf-32le"
		return utf32(b[4:], binary.LittleEndian), c, true
	case bytes.HasPrefix(b, []byte("\x00\x00\xFE\xFF")) && len(b)%4 == 0:
		c.Name = "utf-32be"
		return utf32(b[4:], binary.BigEndian), c, true
	case bytes.HasPrefix(b, []byte("\xFF\xFE")):
		c.Name, c.Odd = "utf-16le", len(b)%2
		return wide(b[2:], binary.LittleEndian), c, true
	case bytes.HasPrefix(b, []byte("\xFE\xFF")):
		c.Name, c.Odd = "utf-16be", len(b)%2
		return wide(b[2:], binary.BigEndian), c, true
	}
	return "", Charset{}, false
}

func utf32(b []byte, order binary.ByteOrder) string {
	var out strings.Builder
	for ; len(b) >= 4; b = b[4:] {
		r := rune(min(order.Uint32(b), utf8.MaxRune+1))
		out.WriteRune(r) // what is no character becomes U+FFFD
	}
	return out.String()
}

// wide reads UTF-16. Half a pair becomes U+FFFD; half a unit at the end is lost,
// as in a file that was cut short.
func wide(b []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// decodeWide reads UTF-16 without a byte order mark: nearly no text is without
// spaces, line ends or other ASCII, and in UTF-16 half of each such pair is a
// zero byte, always the same half. Text in one byte or in UTF-8 has no zeros.
func decodeWide(b []byte) (string, Charset, bool) {
	if len(b) < 4 || len(b)%2 != 0 {
		return "", Charset{}, false
	}
	sample := b[:min(len(b), maxSample)&^1]
	var zeros, ascii [2]int // zeros at even and odd places; pairs that are ASCII, big endian and little endian
	for i := 0; i+1 < len(sample); i += 2 {
		hi, lo := sample[i], sample[i+1]
		if hi == 0 {
			zeros[0]++
			if plain(lo) {
				ascii[0]++
			}
		}
		if lo == 0 {
			zeros[1]++
			if plain(hi) {
				ascii[1]++
			}
		}
	}
	pairs := len(sample) / 2
	for k, name := range []string{"utf-16be", "utf-16le"} {
		if ascii[k] < max(1, pairs/50) || ascii[k] < zeros[k]*9/10 || zeros[1-k] > zeros[k]/20 {
			continue
		}
		order := binary.ByteOrder(binary.BigEndian)
		if k == 1 {
			order = binary.LittleEndian
		}
		s := wide(b, order)
		if n := strings.Count(s, "\uFFFD"); n > pairs/100 {
			continue
		}
		return s, Charset{Name: name, By: "statistics", Conf: 1 - 0.5/float64(1+ascii[k])}, true
	}
	if utf8.Valid(b) {
		return "", Charset{}, false // "ab0x" would be Han and kana
	}
	for k, order := range []binary.ByteOrder{binary.BigEndian, binary.LittleEndian} {
		if eastAsian(wide(sample, order)) {
			return wide(b, order), Charset{Name: []string{"utf-16be", "utf-16le"}[k], By: "statistics", Conf: 0.99}, true
		}
	}
	return "", Charset{}, false
}

// eastAsian reports whether a reading as UTF-16 is Chinese or Japanese, which need no ASCII: all but
// a few of its characters are Han, kana, their marks or ASCII, and enough are kana and marks. In
// the charsets of two bytes no pair of bytes makes those.
func eastAsian(s string) bool {
	all, fit, marks := 0, 0, 0
	for _, r := range s {
		all++
		switch {
		case r >= 0x3000 && r < 0x3100, r >= 0xFF01 && r < 0xFF60:
			marks++
			fit++
		case r >= 0x4E00 && r <= 0x9FA5, r >= 0x2010 && r <= 0x2030, r < 0x80 && plain(byte(r)):
			fit++
		}
	}
	const few, some = 20, 50 // one in so many
	return (all-fit)*few < all && marks*some > all
}

// plain reports whether a byte is ASCII that text holds.
func plain(b byte) bool { return b >= ' ' && b < 0x7F || b == '\n' || b == '\r' || b == '\t' }

// controls counts the bytes below 0x20 that text does not hold.
func controls(b []byte) int {
	n := 0
	for _, c := range b[:min(len(b), maxSample)] {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1B {
			n++
		}
	}
	return n
}

// mostlyUTF8 reads UTF-8 in which a few bytes are not: two files were joined,
// or one was cut. Legacy text is full of bytes that break UTF-8 and all but free
// of whole sequences.
func mostlyUTF8(b []byte) (s string, odd int, ok bool) {
	whole := 0
	for i := 0; i < len(b); {
		if b[i] < 0x80 {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			odd++
		} else {
			whole++
		}
		i += n
	}
	if odd*3 > whole {
		return "", 0, false
	}
	cp1252 := SingleBytes()[0]
	out := make([]byte, 0, len(b)+2*odd)
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			out = utf8.AppendRune(out, cp1252.Rune(b[i]))
		} else {
			out = append(out, b[i:i+n]...)
		}
		i += n
	}
	return string(out), odd, true
}

var declaration = regexp.MustCompile(`(?i)(?:<meta[^>]{0,200}charset\s*=\s*["']?|<\?xml[^>]{0,100}encoding\s*=\s*["'])([a-z0-9_:.-]{2,40})`)

// decodeDeclared reads a file by the charset that it declares, where its bytes
// are defined there: declarations are often copied from another page.
func decodeDeclared(b []byte) (string, Charset, bool) {
	m := declaration.FindSubmatch(b[:min(len(b), maxMeta)])
	if m == nil {
		return "", Charset{}, false
	}
	enc, err := htmlindex.Get(string(m[1]))
	if err != nil {
		return "", Charset{}, false
	}
	name, err := htmlindex.Name(enc)
	if err != nil || name == "utf-8" || strings.HasPrefix(name, "utf-16") || name == "replacement" || name == "x-user-defined" {
		return "", Charset{}, false // no UTF-8, as was seen before
	}
	for _, c := range SingleBytes() {
		if c.Name == name {
			s := c.decode(b)
			if implausible(s) {
				return "", Charset{}, false
			}
			return s, Charset{Name: name, By: "meta", Conf: 0.99}, true
		}
	}
	s, ok := strict(enc, b)
	if !ok {
		return "", Charset{}, false
	}
	return s, Charset{Name: name, By: "meta", Conf: 0.99}, true
}

// implausible reports whether a text holds C1 controls: the bytes were of
// another charset.
func implausible(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == 0xC2 && s[i+1] < 0xA0 {
			return true
		}
	}
	return false
}

// strict decodes bytes; false where one of them is undefined.
func strict(enc encoding.Encoding, b []byte) (string, bool) {
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return "", false
	}
	return string(out), true
}

// doubleBytes are the charsets of East Asia, in the order in which they are
// preferred where two read a file equally well.
var doubleBytes = []struct {
	name string
	enc  encoding.Encoding
}{
	{"shift_jis", japanese.ShiftJIS},
	{"euc-jp", japanese.EUCJP},
	{"gb18030", simplifiedchinese.GB18030},
	{"big5", traditionalchinese.Big5},
	{"euc-kr", korean.EUCKR},
}

// reading is what a charset makes of the bytes that tell charsets apart.
type reading struct {
	name   string
	ln     float64
	text   string // of the sample
	decode func([]byte) string
}

// decodeByStatistics reads legacy text by the likeliest charset. How sure it is says
// how much likelier than the next one that reads the bytes otherwise: English with
// curly quotes and é is the same in windows-1252 and in windows-1254.
func decodeByStatistics(b []byte) (string, Charset) {
	sample := sampleOf(b)
	plain := letterShare(b[:min(len(b), maxSample)])
	var all []reading
	for i, c := range SingleBytes() {
		s := c.decode(sample)
		ln := likeness(s) - float64(i)/4
		ln -= unused * float64(strings.Count(s, "¤"))
		if plain > latinText && strayLetter(s) {
			ln -= strayScript
		}
		if plain > englishText && i > 0 {
			ln -= rareInEnglish
		}
		all = append(all, reading{c.Name, ln, s, c.decode})
	}
	for _, d := range doubleBytes {
		if s, ok := strict(d.enc, sample); ok {
			whole := func(b []byte) string {
				out, _ := d.enc.NewDecoder().Bytes(b)
				return strings.ToValidUTF8(string(out), "\uFFFD")
			}
			all = append(all, reading{d.name, likeness(s) - 3, s, whole})
		}
	}
	best := 0
	for i := range all {
		if all[i].ln > all[best].ln {
			best = i
		}
	}
	second := math.Inf(-1)
	for i := range all {
		if all[i].text != all[best].text {
			second = max(second, all[i].ln)
		}
	}
	conf := 1 / (1 + math.Exp(second-all[best].ln))
	return all[best].decode(b), Charset{Name: all[best].name, By: "statistics", Conf: conf}
}

// sampleOf is the lines that hold bytes outside ASCII, up to maxSample of them.
func sampleOf(b []byte) []byte {
	var out []byte
	for line := range bytes.Lines(b) {
		if bytes.IndexFunc(line, func(r rune) bool { return r >= 0x80 }) >= 0 {
			out = append(out, line...)
			if len(out) >= maxSample {
				break
			}
		}
	}
	return out
}

// A charset that puts letters of another script into a text of Latin ones is less
// likely, by so many nats: bytes of no charset are яюЂ in windows-1251. And where
// hardly a letter is outside ASCII, in English, any but windows-1252 is: £ 9 is Ł 9 in
// windows-1250. Of the letters of Polish one in 14 is outside ASCII, of those of Romanian
// one in 16.
const (
	latinText     = 8 // ASCII letters to each byte outside ASCII
	englishText   = 22
	strayScript   = 6.0
	rareInEnglish = 3.0
)

// unused is what each ¤ speaks against a reading, in nats: nobody writes it, and Latin-9 has €
// in its place.
const unused = 6.0

// letterShare is how many ASCII letters there are to each byte outside ASCII.
func letterShare(b []byte) float64 {
	letters, high := 0, 0
	for _, c := range b {
		switch {
		case c >= utf8.RuneSelf:
			high++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters++
		}
	}
	return float64(letters) / float64(max(1, high))
}

// strayLetter reports whether a text holds a letter of Greek, Cyrillic, Hebrew,
// Arabic or Thai.
func strayLetter(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r >= 0x370 && unicode.IsLetter(r) && unicode.In(r, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic, unicode.Thai)
	})
}
