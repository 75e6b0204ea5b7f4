package detect

import (
	"strings"
	"sync"
	"unicode/utf8"

	"copydesk/repair/text"
)

// misreading is one way in which bytes were read with the wrong charset: bytes
// of charset was, read as charset as. A nil was is UTF-8.
type misreading struct {
	as, was *text.SingleByte
	bit     uint32             // for UTF-8 only: this misreading's bit in charBits
	enter   float32            // nats that the first place in a document must pay: how rare this misreading is
	marks   bool               // only the C1 controls change: windows-1252 read as Latin-1
	name    string             // for people
	rare    string             // what the price says, for people
	then    []*text.SingleByte // and what the result was read as before that, the last one first; for UTF-8 only
}

// label names the misreading for people.
func (m *misreading) label() string {
	was := "UTF-8"
	if m.was != nil {
		was = m.was.Name
	}
	for i := len(m.then) - 1; i >= 0; i-- {
		was += " read as " + m.then[i].Name + ", that"
	}
	if m.marks {
		return was + " read as iso-8859-1"
	}
	return was + " read as " + m.as.Name
}

// maxTorn is the most characters that one character becomes: four bytes of
// UTF-8, or six where a pair of surrogates was encoded one by one (CESU-8).
const maxTorn = 6

// The price of a misreading's first place in a document, in nats. UTF-8 read as
// windows-1252 is by far the commonest; charsets of the 1980s are rare; reading
// one legacy charset as another leaves no trace but improbable letters.
const (
	enterCommon = 10
	enterRare   = 12
	enterLegacy = 20
	besides     = 2 // more for a charset that a commoner one of the same letters stands beside
)

// misreadings lists all that are tried, likeliest first.
var misreadings = sync.OnceValue(func() []*misreading {
	named := map[string]*text.SingleByte{}
	var all []*misreading
	for i, c := range text.SingleBytes() {
		named[c.Name] = c
		m := &misreading{as: c, bit: 1 << i, enter: enterRare}
		switch c.Name {
		case "windows-1252":
			m.enter = enterCommon
		case "koi8-r":
			m.enter = enterLegacy
		case "ibm866":
			m.enter = enterLegacy - besides // half of each character is a piece of a box, which Russian does not write
		case "iso-8859-7", "iso-8859-13", "iso-8859-15":
			m.enter = enterRare + besides
		}
		all = append(all, m)
	}
	// What lies between two misreadings is less likely than what was there at
	// first: "ÃƒÂ©" would be given up for any other charset's reading. So the
	// common charsets are read several times at once.
	for i, c := range text.SingleBytes() {
		for n, inner := range [][]string{{"windows-1252"}, {c.Name}, {"windows-1252", "windows-1252"}, {c.Name, c.Name}} {
			if n%2 == 1 && c == named["windows-1252"] {
				continue // the same as the one before
			}
			switch c.Name {
			case "windows-1252", "macintosh", "ibm437", "ibm850", "windows-1251", "windows-1250":
				m := &misreading{as: c, bit: 1 << i, enter: enterRare + 2*float32(len(inner))}
				for _, n := range inner {
					m.then = append(m.then, named[n])
				}
				all = append(all, m)
			}
		}
	}
	all = append(all, &misreading{as: named["windows-1252"], was: named["windows-1252"], enter: 7, marks: true})
	for _, p := range [][2]string{ // was, as
		{"windows-1251", "windows-1252"},
		{"macintosh", "windows-1252"},
		{"windows-1250", "windows-1252"},
		{"windows-1253", "windows-1252"},
		{"windows-1254", "windows-1252"},
		{"windows-1257", "windows-1252"},
		{"koi8-r", "windows-1252"},
		{"ibm437", "windows-1252"},
		{"ibm866", "windows-1252"},
		{"windows-1252", "windows-1251"},
		{"koi8-r", "windows-1251"},
		{"iso-8859-5", "windows-1251"},
		{"ibm866", "windows-1251"},
		{"windows-1252", "windows-1250"},
		{"windows-1251", "windows-1250"},
		{"windows-1252", "macintosh"},
		{"windows-1251", "macintosh"},
		{"windows-1252", "ibm437"},
		{"windows-1252", "ibm850"},
		{"windows-1251", "ibm866"},
		{"windows-1251", "koi8-r"},
		{"windows-1252", "windows-1253"},
	} {
		all = append(all, &misreading{as: named[p[1]], was: named[p[0]], enter: enterLegacy})
	}
	for _, m := range all {
		m.name = m.label()
		m.rare = m.name + " is rare"
	}
	return all
})

// What a character can be the misreading of, for each charset that UTF-8 is
// read as: bit i stands for text.SingleBytes()[i].
type charBits struct {
	lead2, lead3, lead4, tail uint32
	other                     uint32 // it has a byte there that no UTF-8 holds
	same                      uint32 // it has the byte that windows-1252 has
}

// lowChars bounds the table of charBits: the characters of all charsets but four.
const lowChars = 0x2700

var charTable = sync.OnceValue(func() *[lowChars]charBits {
	t := new([lowChars]charBits)
	for r := range t {
		t[r] = findBits(rune(r))
	}
	return t
})

// farBits are those of the few characters of the charsets beyond lowChars.
var farBits = sync.OnceValue(func() map[rune]charBits {
	far := map[rune]charBits{}
	for _, c := range text.SingleBytes() {
		for b := 0x80; b < 0x100; b++ {
			if r := c.Rune(byte(b)); r >= lowChars {
				far[r] = findBits(r)
			}
		}
	}
	return far
})

// bitsOf is what a character can be the misreading of.
func bitsOf(r rune) charBits {
	switch {
	case uint32(r) < lowChars:
		return charTable()[r]
	case r < 0xF8FF: // the apple of macintosh is the first
		return charBits{}
	}
	return farBits()[r]
}

func findBits(r rune) charBits {
	var cb charBits
	if r < 0x80 {
		return cb
	}
	first, _ := text.SingleBytes()[0].Byte(r)
	for i, c := range text.SingleBytes() {
		b, ok := c.Byte(r)
		bit := uint32(1) << i
		switch {
		case !ok:
			continue
		case b < 0xC0:
			cb.tail |= bit
		case b >= 0xC2 && b < 0xE0:
			cb.lead2 |= bit
		case b >= 0xE0 && b < 0xF0:
			cb.lead3 |= bit
		case b >= 0xF0 && b < 0xF5:
			cb.lead4 |= bit
		default:
			cb.other |= bit
		}
		if b == first {
			cb.same |= bit
		}
	}
	return cb
}

// unit reads the character that begins at cell i again; n is the number of cells
// it was torn into, 0 where no character begins there.
func (m *misreading) unit(cells []cell, i int) (r rune, n int) {
	b, ok := m.as.Byte(cells[i].r)
	if m.was != nil {
		switch {
		case m.marks && (cells[i].r >= 0xA0 || m.was.Rune(byte(cells[i].r)) < 0xA0):
			if cells[i].r >= 0xA0 {
				return cells[i].r, 1
			}
			return 0, 0
		case !ok:
			return 0, 0
		}
		return m.was.Rune(b), 1
	}
	if !ok || b < 0xC2 || b > 0xF4 {
		return 0, 0
	}
	return m.torn(cells, i, len(m.then)+1)
}

// torn reads the character at cell i that was torn into bytes, times times over:
// the outermost misreading is undone first.
func (m *misreading) torn(cells []cell, i, times int) (rune, int) {
	if i >= len(cells) {
		return 0, 0
	}
	if times == 0 {
		return cells[i].r, 1
	}
	as := m.as
	if times > 1 {
		as = m.then[times-2]
	}
	var buf [maxTorn]byte
	var ends [maxTorn]int
	n, at := 0, i
	for n < maxTorn {
		r, size := m.torn(cells, at, times-1)
		if size == 0 {
			break
		}
		if n > 0 && times == 1 && m.spaced(cells, at) {
			r = 0xA0
		}
		x, ok := as.Byte(r)
		if !ok || n == 0 && (x < 0xC2 || x > 0xF4) || n > 0 && x >= 0xC0 && buf[0] != 0xED {
			break
		}
		at += size
		buf[n], ends[n] = x, at-i
		n++
	}
	r, size := utf8.DecodeRune(buf[:n])
	if size < 2 || n == 0 {
		r, size = surrogates(buf[:n])
	}
	if size == 0 || times > len(m.then) && cells[i+ends[size-1]-1].r == ' ' {
		return 0, 0
	}
	if r < 0xA0 {
		// A mark of windows-1252 that was read as Latin-1 before; but what the next
		// charset leaves undefined is read once more.
		next := as
		if times <= len(m.then) {
			next = m.then[times-1]
		}
		switch {
		case undefined(next, byte(r)):
		case len(m.then) == 0 && (strings.HasPrefix(as.Name, "mac") || strings.HasPrefix(as.Name, "ibm")):
			return 0, 0 // "o¬ô" is a face, not o™
		default:
			r = text.SingleBytes()[0].Rune(byte(r))
		}
	}
	return r, ends[size-1]
}

// spaced reports whether the space at cell i may have been a no-break space within a
// character that was torn more than once: "Р С—" for п, where the space stands between
// two pieces. At its end it may as well be a space.
func (m *misreading) spaced(cells []cell, i int) bool {
	return m.then != nil && cells[i].r == ' ' && i+1 < len(cells) && !cells[i+1].ascii()
}

// surrogates reads a pair of surrogates that were encoded one by one.
func surrogates(b []byte) (rune, int) {
	if len(b) < 6 || b[0] != 0xED || b[1] < 0xA0 || b[1] > 0xAF || b[3] != 0xED || b[4] < 0xB0 || b[4] > 0xBF || b[2]&0xC0 != 0x80 || b[5]&0xC0 != 0x80 {
		return 0, 0
	}
	high := rune(b[1]&0x0F)<<6 | rune(b[2]&0x3F)
	low := rune(b[4]&0x0F)<<6 | rune(b[5]&0x3F)
	return 0x10000 + high<<10 + low, 6
}
