package archive

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// Encode writes a text in a charset of the WHATWG Encoding Standard, with
// "+bom" behind its name for a byte order mark. The characters at the byte
// offsets odd, ascending, are written as single bytes of windows-1252.
func Encode(s, charset string, odd []int) ([]byte, error) {
	name, bom := strings.CutSuffix(charset, "+bom")
	switch name {
	case "utf-8":
		return encodeOdd(s, odd)
	case "utf-16le":
		return encode16(s, bom, binary.LittleEndian), nil
	case "utf-16be":
		return encode16(s, bom, binary.BigEndian), nil
	case "utf-32le":
		return encode32(s, bom, binary.LittleEndian), nil
	case "utf-32be":
		return encode32(s, bom, binary.BigEndian), nil
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil, fmt.Errorf("charset %q: %w", charset, err)
	}
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		return nil, fmt.Errorf("charset %q cannot hold the text: %w", charset, err)
	}
	return b, nil
}

type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

func encode16(s string, bom bool, o order) []byte {
	var b []byte
	if bom {
		b = o.AppendUint16(b, 0xFEFF)
	}
	for _, r := range s {
		if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
			b = o.AppendUint16(o.AppendUint16(b, uint16(hi)), uint16(lo))
			continue
		}
		b = o.AppendUint16(b, uint16(r))
	}
	return b
}

func encode32(s string, bom bool, o order) []byte {
	var b []byte
	if bom {
		b = o.AppendUint32(b, 0xFEFF)
	}
	for _, r := range s {
		b = o.AppendUint32(b, uint32(r))
	}
	return b
}

func encodeOdd(s string, odd []int) ([]byte, error) {
	b := make([]byte, 0, len(s))
	at := 0
	for _, i := range odd {
		if i < at || i >= len(s) {
			return nil, fmt.Errorf("no character begins at byte %d", i)
		}
		b = append(b, s[at:i]...)
		r, n := utf8.DecodeRuneInString(s[i:])
		c, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			if r < 0x80 || r > 0x9F {
				return nil, fmt.Errorf("%q is no character of windows-1252", r)
			}
			c = byte(r) // an undefined byte was read as the control of its number
		}
		b = append(b, c)
		at = i + n
	}
	return append(b, s[at:]...), nil
}

// oddBytes lists where in the decoded text the characters begin that were single
// bytes within UTF-8.
func oddBytes(raw []byte) []int {
	var odd []int
	text := 0
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n == 1 {
			odd = append(odd, text)
			r = charmap.Windows1252.DecodeByte(raw[i])
			if r == utf8.RuneError {
				r = rune(raw[i])
			}
			text += utf8.RuneLen(r)
		} else {
			text += n
		}
		i += n
	}
	return odd
}
