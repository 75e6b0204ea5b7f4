package text

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// SingleByte is a charset of one byte a character, as lenient readers use it:
// a byte that the charset leaves undefined stands for the C1 control of the
// same number, as the WHATWG Encoding Standard reads the windows charsets.
// Immutable.
type SingleByte struct {
	Name   string         // WHATWG label
	toRune [256]rune      // of every byte
	toByte [lowRunes]byte // of every character below lowRunes; 0 where it has none
	far    map[rune]byte  // of the others: ligatures and the apple of macintosh
}

// Rune is the character that a byte is read as.
func (c *SingleByte) Rune(b byte) rune { return c.toRune[b] }

// Byte is the byte, 0x80 to 0xFF, that is read as r. In windows-1252 every C1
// control stands for itself besides: Latin-1 and windows-1252 are mixed up
// within one text.
func (c *SingleByte) Byte(r rune) (byte, bool) {
	if uint32(r) < lowRunes {
		b := c.toByte[r]
		return b, b != 0
	}
	b, ok := c.far[r]
	return b, ok
}

func newSingleByte(name string, m *charmap.Charmap) *SingleByte {
	c := &SingleByte{Name: name, far: map[rune]byte{}}
	for b := range 256 {
		r := m.DecodeByte(byte(b))
		if r == utf8.RuneError || b < 0x80 {
			r = rune(b)
		}
		c.toRune[b] = r
	}
	for b := 0x80; b < 0xA0 && m == charmap.Windows1252; b++ {
		c.toByte[b] = byte(b)
	}
	for b := 0x80; b < 0x100; b++ {
		if r := c.toRune[b]; r < lowRunes {
			c.toByte[r] = byte(b)
		} else {
			c.far[r] = byte(b)
		}
	}
	return c
}

// SingleBytes lists the charsets of one byte a character that text is known to
// be read with, rightly or wrongly, commonest first. Latin-1 is not among them:
// it is windows-1252 with every C1 control standing for itself.
var SingleBytes = sync.OnceValue(func() []*SingleByte {
	return []*SingleByte{
		newSingleByte("windows-1252", charmap.Windows1252),
		newSingleByte("windows-1251", charmap.Windows1251),
		newSingleByte("windows-1250", charmap.Windows1250),
		newSingleByte("macintosh", charmap.Macintosh),
		newSingleByte("windows-1254", charmap.Windows1254),
		newSingleByte("windows-1253", charmap.Windows1253),
		newSingleByte("windows-1257", charmap.Windows1257),
		newSingleByte("iso-8859-2", charmap.ISO8859_2),
		newSingleByte("iso-8859-5", charmap.ISO8859_5),
		newSingleByte("iso-8859-7", charmap.ISO8859_7),
		newSingleByte("iso-8859-9", charmap.ISO8859_9),
		newSingleByte("ibm437", charmap.CodePage437),
		newSingleByte("ibm850", charmap.CodePage850),
		newSingleByte("koi8-r", charmap.KOI8R),
		newSingleByte("ibm866", charmap.CodePage866),
		newSingleByte("iso-8859-15", charmap.ISO8859_15),
		newSingleByte("iso-8859-13", charmap.ISO8859_13),
	}
})

// decode reads bytes with the charset.
func (c *SingleByte) decode(b []byte) string {
	out := make([]byte, 0, len(b)+len(b)/8)
	for _, x := range b {
		if x < 0x80 {
			out = append(out, x)
		} else {
			out = utf8.AppendRune(out, c.toRune[x])
		}
	}
	return string(out)
}
