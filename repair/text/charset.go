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
	Name   string    // WHATWG label
	toRune [256]rune // of every byte
	high   [128]struct {
		r rune
		b byte
	} // the characters of bytes 0x80 to 0xFF, ascending by rune
}

// Rune is the character that a byte is read as.
func (c *SingleByte) Rune(b byte) rune { return c.toRune[b] }

// Byte is the byte, 0x80 to 0xFF, that is read as r. C1 controls stand for
// themselves where no other byte is read as that control.
func (c *SingleByte) Byte(r rune) (byte, bool) {
	lo, hi := 0, len(c.high)
	for lo < hi {
		m := (lo + hi) / 2
		if c.high[m].r < r {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo < len(c.high) && c.high[lo].r == r {
		return c.high[lo].b, true
	}
	if r >= 0x80 && r < 0xA0 {
		return byte(r), true
	}
	return 0, false
}

func newSingleByte(name string, m *charmap.Charmap) *SingleByte {
	c := &SingleByte{Name: name}
	for b := range 256 {
		r := m.DecodeByte(byte(b))
		if r == utf8.RuneError || b < 0x80 {
			r = rune(b)
		}
		c.toRune[b] = r
	}
	// By insertion: the tables are small and built once.
	for i := range c.high {
		r, k := c.toRune[0x80+i], i
		for ; k > 0 && c.high[k-1].r > r; k-- {
			c.high[k] = c.high[k-1]
		}
		c.high[k].r, c.high[k].b = r, byte(0x80+i)
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
