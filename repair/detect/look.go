package detect

import (
	"encoding/binary"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"copydesk/repair/text"
)

// What a character alone says about a text, for look.
const (
	hides    uint8 = 1 << iota // invisible, a control, a replacement: see invisible.go
	forms                      // a ligature, a wide form, a combining mark: see form.go
	misreads                   // a C1 control or U+FFFD: bytes were read wrongly
	readable                   // some charset has it, so it may be a misread byte: see text.SingleBytes
	greek                      // Greek or Cyrillic, which have letters that look Latin
	latin                      // a Latin letter
	quiet                      // a mark that much text has: readable, but alone it is no sign of anything
)

// lowSigns are the signs of the characters below lowChars.
var lowSigns = sync.OnceValue(func() *[lowChars]uint8 {
	t := new([lowChars]uint8)
	bits := charTable()
	for r := range rune(lowChars) {
		t[r] = signsOf(r)
		if bits[r] != (charBits{}) {
			t[r] |= readable
		}
		switch {
		case strings.ContainsRune("\u00A0«»·‘’“”„–—―…", r):
			t[r] |= quiet
		case r >= 0x370 && r < 0x530:
			t[r] |= greek
		case r >= 0xC0 && r < 0x250 && r != '×' && r != '÷':
			t[r] |= latin
		}
	}
	return t
})

// signsOf is what a character outside ASCII says by itself of what is to be
// repaired in it.
func signsOf(r rune) uint8 {
	switch {
	case r < 0x80:
		return 0
	case r < 0xA0:
		return misreads | hides
	case r == 0xFFFD:
		return misreads | hides
	case r == 0xAD, r == 0x34F, r == 0x61C, r == 0x180E, r >= 0x200B && r <= 0x200F, r >= 0x2028 && r <= 0x202E, r >= 0x2060 && r <= 0x206F,
		r == 0xFEFF, r >= 0xFFF9 && r <= 0xFFFB, r >= 0xE000 && r <= 0xF8FF, r >= 0xFDD0 && r <= 0xFDEF, r >= 0xE0000 && r <= 0xE0FFF,
		r >= 0xF0000, r&0xFFFE == 0xFFFE, r >= 0x1D173 && r <= 0x1D17A:
		return hides
	case r >= 0x300 && r <= 0x36F, r >= 0xFB00 && r <= 0xFB06, r >= 0xFF01 && r <= 0xFFEE, r == 0x3000, r == 0x132, r == 0x133,
		r == 0x212A, r == 0x212B, r == 0x2126, r == 0x3099, r == 0x309A:
		return forms
	}
	return 0
}

// unlikely is how improbable a character must be between its neighbours, in nats
// for both transitions together, before a text is worth a closer look. On clean
// text of 88 languages one line in 400 is looked at, and of texts misread in any of 15 ways
// every one.
const unlikely = 16

// unlikelyPair is the same for a capital and a small letter beyond ASCII that are one
// character of UTF-8 in some charset: "LĂłpez". What follows them tells more, but is not looked
// at yet.
const unlikelyPair = 13

// capitalThenSmall reports whether small letter r at i stands behind a capital.
func capitalThenSmall(s string, i int, r rune) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	return unicode.IsUpper(before) && unicode.IsLower(r)
}

// look scans a text once for what the round of characters repairs, and returns
// the cues of what it saw. ASCII goes by eight bytes at a time.
func look(s string) Cue {
	var seen Cue
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	m := text.Characters()
	signs := lowSigns()
	odds := float32(0) // see suspect
	for i := 0; i < len(b); {
		for i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			if odd(x) {
				break
			}
			i += 8
		}
		if i == len(b) {
			break
		}
		c := b[i]
		if c < 0x80 {
			switch {
			case c == '&':
				if i+1 < len(b) && (b[i+1] == '#' || b[i+1]|0x20-'a' < 26) {
					seen |= Escaped
				}
			case c == '<':
				if i+1 < len(b) && (b[i+1] == '/' || b[i+1]|0x20-'a' < 26) {
					seen |= Tagged
				}
			case c == '?':
				if i > 0 && i+1 < len(b) && letterASCII(b[i-1]) && letterASCII(b[i+1]) {
					seen |= Lost
				}
			case c == '\n':
				odds = 0
			case c < ' ' && c != '\t' && c != '\r' || c == 0x7F:
				seen |= Hidden
			}
			i++
			continue
		}
		i = lookAbove(s, i, m, signs, &seen, &odds)
	}
	return seen
}

// misreadLine reports whether look would say Misread of a line; it looks no further
// than it must.
func misreadLine(s string) bool {
	m, signs := text.Characters(), lowSigns()
	var seen Cue
	odds := float32(0)
	for i := 0; i < len(s) && seen&Misread == 0; {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		i = lookAbove(s, i, m, signs, &seen, &odds)
	}
	return seen&Misread != 0
}

// charAt is decoding with the way of the commonest characters first.
func charAt(s string, i int) (rune, int) {
	if c := s[i]; c >= 0xC0 && c < 0xE0 && i+1 < len(s) {
		return rune(c&0x1F)<<6 | rune(s[i+1]&0x3F), 2
	} else if c >= 0xE0 && c < 0xF0 && i+2 < len(s) {
		return rune(c&0x0F)<<12 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F), 3
	}
	return utf8.DecodeRuneInString(s[i:])
}

// signsAt are the signs of a character outside ASCII that are in the table, or
// those of signsOf.
func signsAt(r rune, signs *[lowChars]uint8) uint8 {
	switch {
	case r < lowChars:
		return signs[r]
	case r >= 0x3040 && r <= 0xD7A3 && r != 0x3099 && r != 0x309A: // kana, Han and Hangul say nothing
		return 0
	}
	return signsOf(r)
}

// Characters that begin with these bytes, U+4000 to U+CFFF, have no sign: Han and Hangul.
const (
	firstSilent = 0xE4
	lastSilent  = 0xEC
)

// seek is where the next character outside ASCII with one of some signs stands,
// from i on; len(s) where none does.
func seek(s string, i int, mask uint8) int {
	signs := lowSigns()
	for i < len(s) {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		if s[i] >= firstSilent && s[i] <= lastSilent {
			i += 3
			continue
		}
		r, n := charAt(s, i)
		if signsAt(r, signs)&mask != 0 {
			return i
		}
		i += n
	}
	return min(i, len(s))
}

// lookAbove looks at the characters outside ASCII from i on, with their
// neighbours, and returns where the next ASCII begins. What no charset has was
// never misread, however unlikely it stands: clean Chinese or Arabic is done with here.
func lookAbove(s string, i int, m *text.CharModel, signs *[lowChars]uint8, seen *Cue, odds *float32) int {
	prev, prevSign := text.Break, uint8(0)
	if i > 0 {
		prev = m.Sym(rune(s[i-1]))
		if letterASCII(s[i-1]) {
			prevSign = latin
		}
	}
	before := float32(0)
	for i < len(s) {
		if s[i] < 0x80 {
			if v := before + m.LnProb(prev, m.Sym(rune(s[i]))); v < -unlikely {
				*seen |= suspect(s, i, prevSign, v, *seen, odds)
			}
			if letterASCII(s[i]) {
				switch {
				case prevSign&greek != 0:
					*seen |= Script
				case prevSign&(readable|latin|quiet) == readable:
					// A sign before a letter: "Ä°stanbul", "NicolÃ¡s".
					*seen |= suspect(s, i, prevSign|quiet, 0, *seen, odds)
				}
			}
			return i
		}
		r, n := charAt(s, i)
		sign := signsAt(r, signs)
		if r >= 0xF8FF && bitsOf(r) != (charBits{}) {
			sign |= readable
		}
		if sign&(hides|forms|misreads) != 0 {
			if sign&hides != 0 {
				*seen |= Hidden
			}
			if sign&forms != 0 {
				*seen |= Form
			}
			if sign&misreads != 0 {
				*seen |= Misread | Lost
			}
		}
		if (r == '¿' || r == 'â') && i > 0 && letterASCII(s[i-1]) && i+n < len(s) && letterASCII(s[i+n]) {
			*seen |= Lost
		}
		if r == 'Â' && i+n < len(s) && (s[i+n] == '"' || s[i+n] == '\'') || r == 'â' && (i == 0 || s[i-1] == ' ' || s[i-1] == '\n') && i+n < len(s) && letterASCII(s[i+n]) {
			*seen |= Lost
		}
		sym := m.Sym(r)
		ln := m.LnProb(prev, sym)
		if before+ln < -unlikely || r < lowChars && prevSign&sign&(readable|latin|quiet) == readable|latin && before+ln < -unlikelyPair && capitalThenSmall(s, i, r) {
			*seen |= suspect(s, i, prevSign, before+ln, *seen, odds)
		}
		if (prevSign|sign)&(greek|latin) == greek|latin {
			*seen |= Script
		}
		before, prev, prevSign = ln, sym, sign
		i += n
	}
	if v := before + m.LnProb(prev, text.Break); v < -unlikely {
		*seen |= suspect(s, i, prevSign, v, *seen, odds)
	}
	return i
}

// What places that stand unlikely, but are no bytes of UTF-8, must add up to in a
// line before one legacy charset is likelier to have been read as another: the
// least price of that, and what any reading costs a place, in nats.
const (
	legacyOdds = enterLegacy * tryEarly
	anyPlace   = 8
)

// suspect judges the character that ends at i, which stands as unlikely as ln
// says and has these signs. It may have been misread if it and a neighbour are bytes of
// one character in some charset, or it is what is left of one; or, but for marks that
// much text has, if there is enough like it in the line: odds adds that up.
func suspect(s string, i int, sign uint8, ln float32, seen Cue, odds *float32) Cue {
	if seen&Misread != 0 || sign&readable == 0 || sign&greek != 0 && ln > -unlikelyWord {
		return 0
	}
	r, n := utf8.DecodeLastRuneInString(s[:i])
	var around [2*maxTail + 1]rune // the character in the middle
	around[maxTail] = r
	for k, at := maxTail-1, i-n; k >= 0 && at > 0; k-- {
		c, size := utf8.DecodeLastRuneInString(s[:at])
		around[k] = c
		at -= size
	}
	for k, at := maxTail+1, i; k < len(around) && at < len(s); k++ {
		c, size := utf8.DecodeRuneInString(s[at:])
		around[k] = c
		at += size
	}
	if tornAround(&around) {
		return Misread
	}
	if sign&quiet != 0 {
		return 0
	}
	before, after := around[maxTail-1], around[maxTail+1]
	if leftAlone(r, after) {
		return Misread
	}
	if inCapitals(r, before) || inCapitals(r, after) {
		return 0
	}
	if *odds += -ln - anyPlace; *odds >= legacyOdds {
		return Misread
	}
	return 0
}

// unlikelyWord is how improbable Greek and Cyrillic letters must stand: their
// words hold pairs that DOS charsets take for bytes.
const unlikelyWord = 18.2

// leftAlone reports whether a character may be what is left of a misread one: of
// some only where no word goes on behind them.
func leftAlone(r, after rune) bool {
	switch r {
	case '€':
		return false
	case 'Ã', 'Ă', 'Ĺ', '√', '├':
		return true
	}
	return lossyLead(r) && !unicode.IsLetter(after)
}

// inCapitals reports whether a letter and its neighbour are capitals of one
// headline: the neighbour is ASCII, or of no charset, or both are Greek.
func inCapitals(r, neighbour rune) bool {
	if !unicode.IsUpper(r) || !unicode.IsUpper(neighbour) {
		return false
	}
	return neighbour < utf8.RuneSelf || bitsOf(neighbour) == (charBits{}) || r >= 0x370 && r < 0x400 && neighbour >= 0x370 && neighbour < 0x400
}

// maxTail is how many bytes follow the first of a character in UTF-8 at most.
const maxTail = 3

// tornAround reports whether the character in the middle may be one of those
// that a character was torn into: some charset has them as its first byte and all
// others, or all but the last of a mark's.
func tornAround(c *[2*maxTail + 1]rune) bool {
	for from := range maxTail + 1 {
		b := bitsOf(c[from])
		if b.lead2|b.lead3|b.lead4 == 0 {
			continue
		}
		one := bitsOf(c[from+1]).tail
		if from >= maxTail-1 && b.lead2&one != 0 && written(c[from], c[from+1], b.lead2&one) {
			return true
		}
		if b = (charBits{lead3: b.lead3 & one, lead4: b.lead4 & one}); b.lead3|b.lead4 == 0 {
			continue
		}
		if from >= maxTail-1 && lossyLead(c[from]) {
			return true
		}
		two := bitsOf(c[from+2]).tail
		if from >= maxTail-2 && b.lead3&two != 0 {
			return true
		}
		if b.lead4&two != 0 && b.lead4&two&bitsOf(c[from+3]).tail != 0 {
			return true
		}
	}
	return false
}

// written reports whether two characters are the bytes of one that anybody writes, by one
// of some charsets: in Ukrainian capitals ЖІ is Ʋ by windows-1251.
func written(a, b rune, charsets uint32) bool {
	for k, c := range text.SingleBytes() {
		if charsets&(1<<k) == 0 {
			continue
		}
		x, _ := c.Byte(a)
		y, _ := c.Byte(b)
		switch r := rune(x&0x1F)<<6 | rune(y&0x3F); {
		case r >= 0x180 && r < 0x250 && !strings.ContainsRune("ƏƠơƯưȘșȚț", r), r >= 0x460 && r < 0x490, r >= 0x500 && r < 0x530:
		default:
			return true
		}
	}
	return false
}

// odd reports whether one of eight bytes is outside plain text: not ASCII, a
// control, DEL, &, < or ?. A line end counts as one: it is looked at alone.
func odd(x uint64) bool {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	equal := func(c uint64) uint64 { y := x ^ c*ones; return (y - ones) &^ y }
	return (x|(x-0x20*ones)|equal('&')|equal('<')|equal('?')|equal(0x7F))&highs != 0
}
