package detect

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// maxHidden bounds the invisible characters looked at in one document.
const maxHidden = 20_000

var control = Detector{
	ID: "characters/control",
	Doc: "Control characters and terminal escapes were left in the text. A typographic mark that lost the high byte of its number (U+2019 became U+0019) " +
		"is put back, a vertical tab and a Unicode line separator become a line end, the rest is removed.",
	Round: Characters,
	Cues:  Hidden,
	Fix: []Example{
		{In: "It\x00 wasn\x19t \x1Chere\x1D \x13 he said", Out: "It wasn’t “here” – he said"},
		{In: "\x1b[36;44mI'm blue\x1b[0m", Out: "I'm blue"},
		{In: "One line.\u2028Another.", Out: "One line.\nAnother."},
	},
	Keep: []Example{{In: "A tab\tand a line end\r\nand a page\fstay."}},
	Run: func(p *Pass) {
		s := p.Doc.Text
		for i, n := 0, 0; i < len(s) && n < maxHidden; {
			r, size := rune(s[i]), 1
			if r >= utf8.RuneSelf {
				if r, size = charAt(s, i); r != 0x2028 && r != 0x2029 {
					i += size
					continue
				}
			} else if r >= ' ' && r != 0x7F {
				i++
				continue
			}
			end, to, why := i+size, "", ""
			switch {
			case r == 0x1B:
				end, why = escapeEnd(s, i), "a terminal escape"
			case r == 0x0B, r == 0x2028, r == 0x2029:
				to, why = "\n", "a line end of another kind"
			case r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f', r == 0x7F:
				to, why = halfMark(s, i)
			}
			if why != "" {
				n++
				p.remove(i, end, to, why, 5.5, edit.Safe)
			}
			i = end
		}
	},
}

// remove proposes to replace what is between two places.
func (p *Pass) remove(from, to int, by, why string, nats float64, ceiling edit.Tier) {
	if p.isReread(from, to) {
		return
	}
	span := edit.Span{Start: from, End: to}
	p.Propose(edit.Proposal{
		Span: span, Edits: []edit.Edit{{Span: span, New: by}}, Origin: edit.Extraction, Ceiling: ceiling, Why: why,
		Evidence: []edit.Evidence{{Name: "invisible", Nats: nats, Note: why}},
	})
}

// escapeEnd is where the terminal escape that begins at i ends (ECMA-48, 5.4,
// and the title sequence of xterm).
func escapeEnd(s string, i int) int {
	if i+1 >= len(s) {
		return i + 1
	}
	const longest = 64 // bytes of parameters
	switch s[i+1] {
	case '[':
		j := i + 2
		for j < len(s) && j < i+longest && s[j] >= 0x20 && s[j] < 0x40 {
			j++
		}
		if j < len(s) && s[j] >= 0x40 && s[j] < 0x7F {
			return j + 1
		}
	case ']':
		if k := strings.IndexByte(s[i:min(len(s), i+256)], 0x07); k > 0 {
			return i + k + 1
		}
	case '(', ')':
		if i+2 < len(s) && s[i+2] < 0x80 {
			return i + 3
		}
	}
	return i + 1
}

// halfMark reads a control character as the low byte of a typographic mark,
// where it stands as that mark does.
func halfMark(s string, i int) (to, why string) {
	prev, _ := utf8.DecodeLastRuneInString(s[:i])
	next, _ := utf8.DecodeRuneInString(s[i+1:])
	begins := unicode.IsLetter(next) || unicode.IsDigit(next)
	ends := prev != utf8.RuneError && !unicode.IsSpace(prev) && !unicode.IsControl(prev)
	mark := rune(0x2000) + rune(s[i])
	switch s[i] {
	case 0x19:
		if ends {
			return string(mark), "U+2019 lost its high byte"
		}
	case 0x1D:
		if ends && !begins {
			return string(mark), "U+201D lost its high byte"
		}
	case 0x18, 0x1C:
		if begins && !unicode.IsLetter(prev) {
			return string(mark), "a quotation mark lost its high byte"
		}
	case 0x13, 0x14:
		if prev == ' ' && next == ' ' || unicode.IsLetter(prev) && unicode.IsLetter(next) {
			return string(mark), "a dash lost its high byte"
		}
	}
	return "", "a control character"
}

var invisible = Detector{
	ID: "characters/invisible",
	Doc: "Characters that nobody sees: soft hyphens, zero-width spaces and joiners, byte order marks, direction marks. They go, but where a script or an emoji needs them; " +
		"direction marks stay in text that is read from right to left.",
	Round: Characters,
	Cues:  Hidden,
	Fix: []Example{
		{In: "\uFEFFThe gov\u00ADern\u00ADment\u200B said\u200E so\u2060.", Out: "The government said so."},
		{In: "user \u202Etxt.exe\u202C file", Out: "user txt.exe file"},
	},
	Keep: []Example{
		{In: "👩\u200D👩\u200D👧 می\u200Cخواهم क्\u200Dष 🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F ไทย\u200Bไทย"},
		{In: "\u200Fשלום\u200F (HTML\u200E) — \u202Bשלום\u202C"},
	},
	Run: runInvisible,
}

func runInvisible(p *Pass) {
	s := p.Doc.Text
	rtl, known := false, false
	n := 0
	for i := seek(s, 0, hides); i < len(s) && n < maxHidden; i = seek(s, i, hides) {
		r, size := charAt(s, i)
		n++
		prev, next := seenBefore(s, i), seenAfter(s, i+size)
		at := i
		i += size
		switch {
		case r == 0xAD:
			if next == '\n' || next == ' ' {
				continue // it ends a line: hyphenation decides
			}
			p.remove(at, i, "", "a soft hyphen", 5.5, edit.Safe)
		case r == 0x200B:
			if !spaceless(prev) && !spaceless(next) {
				p.remove(at, i, "", "a zero-width space", 5, edit.Safe)
			}
		case r == 0x200C, r == 0x200D:
			if !joined(prev) && !joined(next) {
				p.remove(at, i, "", "a zero-width joiner where nothing joins", 5, edit.Safe)
			}
		case r == 0xFEFF, r == 0x2060:
			p.remove(at, i, "", "a byte order mark or word joiner", 5.5, edit.Safe)
		case r == 0x200E, r == 0x200F, r == 0x61C, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			if !known {
				rtl, known = rightToLeft(s), true
			}
			switch {
			case !rtl:
				p.remove(at, i, "", fmt.Sprintf("a direction mark (U+%04X) in text that is read from left to right", r), 5, edit.Safe)
			case r == 0x202D || r == 0x202E:
				p.remove(at, i, "", fmt.Sprintf("a direction override (U+%04X): what is read is not what is written", r), 2, edit.Review)
			}
		case r >= 0x206A && r <= 0x206F, r >= 0xFFF9 && r <= 0xFFFB, r >= 0x1D173 && r <= 0x1D17A:
			p.remove(at, i, "", fmt.Sprintf("a formatting character (U+%04X) that no text needs", r), 5, edit.Safe)
		case r >= 0xE0000 && r <= 0xE007F:
			if from := flagBefore(s[:at]); !from {
				p.remove(at, i, "", "a tag character: hidden text", 5, edit.Safe)
			}
		case r >= 0xFFF0 && r <= 0xFFFF && r != 0xFFFD, r >= 0xFDD0 && r <= 0xFDEF:
			p.remove(at, i, "", "a number that is no character", 2, edit.Review)
		case r >= 0x80 && r < 0xA0:
			p.remove(at, i, "", fmt.Sprintf("a control character (U+%04X)", r), 1, edit.Review)
		case r >= 0xE000 && r <= 0xF8FF:
			p.privateUse(at, i, r)
		}
	}
}

// seenBefore and seenAfter are the nearest characters that are not zero-width
// themselves, U+FFFD where there are none near.
func seenBefore(s string, i int) rune {
	for range 8 {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		if r < 0x200B || r > 0x200D {
			return r
		}
		i -= size
	}
	return utf8.RuneError
}

func seenAfter(s string, i int) rune {
	for range 8 {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r < 0x200B || r > 0x200D {
			return r
		}
		i += size
	}
	return utf8.RuneError
}

// spaceless reports whether a letter is of a script that is written without
// spaces, where a zero-width space parts words.
func spaceless(r rune) bool {
	return unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Tibetan, unicode.Javanese, unicode.Balinese)
}

// joined reports whether a character takes part in joining: emoji and their
// modifiers, and scripts that join or form conjuncts.
func joined(r rune) bool {
	switch {
	case r < 0x300, r == utf8.RuneError:
		return false
	case r == 0xFE0F, r >= 0x1F000 && r <= 0x1FAFF, r >= 0x2600 && r <= 0x27BF, r >= 0x2B00 && r <= 0x2BFF, r == 0x2640, r == 0x2642:
		return true
	}
	return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya,
		unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Myanmar, unicode.Khmer, unicode.Tibetan, unicode.Hebrew)
}

// rightToLeft reports whether a text holds letters that are read from right to
// left.
func rightToLeft(s string) bool {
	for _, r := range s {
		if r >= 0x590 && r < 0x900 || r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFC || r >= 0x10800 && r <= 0x10FFF || r >= 0x1E800 && r <= 0x1EFFF {
			if unicode.IsLetter(r) {
				return true
			}
		}
	}
	return false
}

// flagBefore reports whether the text ends with a black flag and tag characters:
// the flags of England, Scotland and Wales are written so.
func flagBefore(s string) bool {
	for len(s) > 0 {
		r, size := utf8.DecodeLastRuneInString(s)
		if r == 0x1F3F4 {
			return true
		}
		if r < 0xE0020 || r > 0xE007F {
			return false
		}
		s = s[:len(s)-size]
	}
	return false
}

// symbolFont is what the private characters of Symbol and Wingdings, as word
// processors export them, look like.
var symbolFont = map[rune]string{
	0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0E0: "→", 0xF0FC: "✓", 0xF04A: "☺", 0xF0A8: "◻", 0xF076: "❖",
}

// privateUse shows a character whose meaning only a font knows.
func (p *Pass) privateUse(from, to int, r rune) {
	if by, ok := symbolFont[r]; ok {
		p.remove(from, to, by, "a sign of the fonts Symbol or Wingdings", 2.5, edit.Review)
		return
	}
	p.Propose(edit.Proposal{
		Span: edit.Span{Start: from, End: to}, Origin: edit.Extraction, Ceiling: edit.Hint,
		Why:      fmt.Sprintf("a private character (U+%04X): only its font knows what it means", r),
		Evidence: []edit.Evidence{{Name: "invisible", Nats: 1, Note: "private use"}},
	})
}
