package text

import "unicode"

// charClass is a coarse kind of character: what one knows of a character that
// training text hardly held.
type charClass uint8

// The classes. ASCII has its own, finer than case and fewer than characters:
// which letter stands beside an accent tells little, and differs by language.
const (
	clBreak   charClass = iota // start of text, line end
	clSpace                    // space, tab
	clLower                    // a–z
	clUpper                    // A–Z
	clDigit                    // 0–9
	clOpen                     // ( [ {
	clClose                    // ) ] }
	clStop                     // . , ; : ! ?
	clQuote                    // " '
	clHyphen                   // - /
	clAscii                    // other ASCII
	clControl                  // C0, DEL
	clC1
	clNoBreak // no-break space, thin spaces and the like
	clFormat  // soft hyphen, zero width, direction marks, byte order mark
	clLatin1Lower
	clLatin1Upper
	clLatinLower // extended A
	clLatinUpper
	clLatinRare   // extended B, IPA
	clVietLower   // extended additional
	clVietUpper   //
	clModifier    // spacing modifiers: ˇ ˘ ˝
	clCombining   // combining marks for Latin, Greek, Cyrillic
	clGreekLower  //
	clGreekUpper  //
	clGreekRare   // Coptic, extended
	clCyrLower    // Russian
	clCyrUpper    //
	clCyrExtLower // Ukrainian, Serbian, Macedonian, Belarusian
	clCyrExtUpper
	clCyrRare // of other languages, historic
	clArmenian
	clHebrew
	clArabic
	clArabicMark
	clArabicRare
	clRightToLeft // Syriac, Thaana, N'Ko, Samaritan, Mandaic
	clDevanagari
	clBengali
	clGurmukhi
	clGujarati
	clOriya
	clTamil
	clTelugu
	clKannada
	clMalayalam
	clSinhala
	clThai
	clLao
	clTibetan
	clMyanmar
	clGeorgian
	clEthiopic
	clKhmer
	clHiragana
	clKatakana
	clHan
	clHanRare
	clHangul
	clCJKMark     // 、。「」
	clOpenQuote   // “ ‘ « „ ‚ ‹ ¿ ¡
	clCloseQuote  // ” ’ » ›
	clDash        // – — …
	clGeneral     // † ‡ • ‰ § ¶ and other general punctuation
	clCurrency    // £ € ¢ ¥
	clNumber      // ½ ² ¹ ª º ½ superscripts, fractions, Roman numerals
	clSign        // © ® ™ ° № letterlike
	clArrow       // arrows
	clMath        // × ÷ ± ≤ √
	clBox         // box drawing, blocks
	clShape       // geometric shapes, dingbats, miscellaneous symbols, braille
	clEmoji       //
	clLigature    // fi, fl; Arabic presentation forms
	clFullwidth   //
	clReplacement // U+FFFD
	clPrivate     //
	clRareScript  // assigned, of any other script
	clUnassigned  //
	numClasses
)

// classRange gives a class to a range of characters. Size is how many of them
// are in use, for an even share of the class's probability.
type classRange struct {
	lo, hi rune
	class  charClass
}

// classRanges ascends; what lies between its ranges is of a rare script.
var classRanges = [...]classRange{
	{0x80, 0x9F, clC1},
	{0xA0, 0xA0, clNoBreak},
	{0xA1, 0xA1, clOpenQuote},
	{0xA2, 0xA5, clCurrency},
	{0xA6, 0xA7, clGeneral},
	{0xA8, 0xA8, clModifier},
	{0xA9, 0xA9, clSign},
	{0xAA, 0xAA, clNumber},
	{0xAB, 0xAB, clOpenQuote},
	{0xAC, 0xAC, clMath},
	{0xAD, 0xAD, clFormat},
	{0xAE, 0xAE, clSign},
	{0xAF, 0xAF, clModifier},
	{0xB0, 0xB0, clSign},
	{0xB1, 0xB1, clMath},
	{0xB2, 0xB3, clNumber},
	{0xB4, 0xB4, clModifier},
	{0xB5, 0xB5, clSign},
	{0xB6, 0xB7, clGeneral},
	{0xB8, 0xB8, clModifier},
	{0xB9, 0xBA, clNumber},
	{0xBB, 0xBB, clCloseQuote},
	{0xBC, 0xBE, clNumber},
	{0xBF, 0xBF, clOpenQuote},
	{0xC0, 0xD6, clLatin1Upper},
	{0xD7, 0xD7, clMath},
	{0xD8, 0xDE, clLatin1Upper},
	{0xDF, 0xF6, clLatin1Lower},
	{0xF7, 0xF7, clMath},
	{0xF8, 0xFF, clLatin1Lower},
	{0x100, 0x17F, clLatinLower}, // case decided below
	{0x180, 0x2AF, clLatinRare},
	{0x2B0, 0x2FF, clModifier},
	{0x300, 0x36F, clCombining},
	{0x370, 0x385, clGreekRare},
	{0x386, 0x3AB, clGreekUpper},
	{0x3AC, 0x3CE, clGreekLower},
	{0x3CF, 0x3FF, clGreekRare},
	{0x400, 0x40F, clCyrExtUpper},
	{0x410, 0x42F, clCyrUpper},
	{0x430, 0x44F, clCyrLower},
	{0x450, 0x45F, clCyrExtLower},
	{0x460, 0x52F, clCyrRare},
	{0x530, 0x58F, clArmenian},
	{0x590, 0x5FF, clHebrew},
	{0x600, 0x61F, clArabicMark},
	{0x620, 0x64A, clArabic},
	{0x64B, 0x670, clArabicMark},
	{0x671, 0x6FF, clArabicRare},
	{0x700, 0x8FF, clRightToLeft},
	{0x900, 0x97F, clDevanagari},
	{0x980, 0x9FF, clBengali},
	{0xA00, 0xA7F, clGurmukhi},
	{0xA80, 0xAFF, clGujarati},
	{0xB00, 0xB7F, clOriya},
	{0xB80, 0xBFF, clTamil},
	{0xC00, 0xC7F, clTelugu},
	{0xC80, 0xCFF, clKannada},
	{0xD00, 0xD7F, clMalayalam},
	{0xD80, 0xDFF, clSinhala},
	{0xE00, 0xE7F, clThai},
	{0xE80, 0xEFF, clLao},
	{0xF00, 0xFFF, clTibetan},
	{0x1000, 0x109F, clMyanmar},
	{0x10A0, 0x10FF, clGeorgian},
	{0x1200, 0x139F, clEthiopic},
	{0x1780, 0x17FF, clKhmer},
	{0x1D00, 0x1DBF, clLatinRare},
	{0x1E00, 0x1EFF, clVietLower}, // case decided below
	{0x1F00, 0x1FFF, clGreekRare},
	{0x2000, 0x200A, clNoBreak},
	{0x200B, 0x200F, clFormat},
	{0x2010, 0x2015, clDash},
	{0x2016, 0x2017, clGeneral},
	{0x2018, 0x2018, clOpenQuote},
	{0x2019, 0x2019, clCloseQuote},
	{0x201A, 0x201C, clOpenQuote},
	{0x201D, 0x201D, clCloseQuote},
	{0x201E, 0x201F, clOpenQuote},
	{0x2020, 0x2025, clGeneral},
	{0x2026, 0x2026, clDash},
	{0x2027, 0x2027, clGeneral},
	{0x2028, 0x202E, clFormat},
	{0x202F, 0x202F, clNoBreak},
	{0x2030, 0x2038, clGeneral},
	{0x2039, 0x2039, clOpenQuote},
	{0x203A, 0x203A, clCloseQuote},
	{0x203B, 0x205E, clGeneral},
	{0x205F, 0x205F, clNoBreak},
	{0x2060, 0x206F, clFormat},
	{0x2070, 0x209F, clNumber},
	{0x20A0, 0x20CF, clCurrency},
	{0x20D0, 0x20FF, clCombining},
	{0x2100, 0x214F, clSign},
	{0x2150, 0x218F, clNumber},
	{0x2190, 0x21FF, clArrow},
	{0x2200, 0x22FF, clMath},
	{0x2300, 0x23FF, clShape},
	{0x2400, 0x243F, clSign},
	{0x2460, 0x24FF, clNumber},
	{0x2500, 0x259F, clBox},
	{0x25A0, 0x28FF, clShape},
	{0x2900, 0x297F, clArrow},
	{0x2980, 0x2AFF, clMath},
	{0x2B00, 0x2BFF, clShape},
	{0x3000, 0x303F, clCJKMark},
	{0x3040, 0x309F, clHiragana},
	{0x30A0, 0x30FF, clKatakana},
	{0x3130, 0x318F, clHangul},
	{0x3400, 0x4DBF, clHanRare},
	{0x4E00, 0x9FA5, clHan},
	{0x9FA6, 0x9FFF, clHanRare},
	{0xAC00, 0xD7A3, clHangul},
	{0xE000, 0xF8FF, clPrivate},
	{0xF900, 0xFAFF, clHanRare},
	{0xFB00, 0xFB4F, clLigature},
	{0xFB50, 0xFDFF, clLigature},
	{0xFE00, 0xFE0F, clFormat},
	{0xFE20, 0xFE2F, clCombining},
	{0xFE30, 0xFE4F, clCJKMark},
	{0xFE70, 0xFEFE, clLigature},
	{0xFEFF, 0xFEFF, clFormat},
	{0xFF00, 0xFFEF, clFullwidth},
	{0xFFF0, 0xFFFC, clFormat},
	{0xFFFD, 0xFFFD, clReplacement},
	{0x1F000, 0x1FAFF, clEmoji},
	{0x20000, 0x3134F, clHanRare},
	{0xE0000, 0xE0FFF, clFormat},
	{0xF0000, 0x10FFFF, clPrivate},
}

// asciiClasses are the classes of ASCII.
var asciiClasses = func() (t [128]charClass) {
	for c := range t {
		switch c := rune(c); {
		case c == '\n' || c == '\r':
			t[c] = clBreak
		case c == ' ' || c == '\t':
			t[c] = clSpace
		case c < ' ' || c == 0x7F:
			t[c] = clControl
		case c >= 'a' && c <= 'z':
			t[c] = clLower
		case c >= 'A' && c <= 'Z':
			t[c] = clUpper
		case c >= '0' && c <= '9':
			t[c] = clDigit
		default:
			t[c] = clAscii
		}
	}
	for class, chars := range map[charClass]string{clOpen: "([{", clClose: ")]}", clStop: ".,;:!?", clQuote: `"'`, clHyphen: "-/"} {
		for _, c := range chars {
			t[c] = class
		}
	}
	return t
}()

// classOf is a character's class.
func classOf(r rune) charClass {
	if r < 0x80 {
		return asciiClasses[r]
	}
	lo, hi := 0, len(classRanges)
	for lo < hi {
		m := (lo + hi) / 2
		if classRanges[m].hi < r {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo == len(classRanges) || classRanges[lo].lo > r {
		if !unicode.IsGraphic(r) {
			return clUnassigned
		}
		return clRareScript
	}
	c := classRanges[lo].class
	switch c {
	case clLatinLower, clVietLower:
		if unicode.IsUpper(r) {
			c++
		}
	case clGreekUpper, clGreekLower:
		if !unicode.IsUpper(r) {
			c = clGreekLower
		} else {
			c = clGreekUpper
		}
		if r == 0x387 {
			c = clGeneral
		}
	case clC1, clFormat, clPrivate, clNoBreak, clHan, clHangul, clEmoji:
		return c
	}
	if !unicode.IsGraphic(r) {
		return clUnassigned
	}
	return c
}

// classSizes is about how many characters share a class's probability where
// training text knows no better.
var classSizes = func() (t [numClasses]float64) {
	for i := range t {
		t[i] = 1
	}
	for _, r := range classRanges {
		t[r.class] += float64(r.hi-r.lo+1) * 0.7
	}
	t[clLatinLower], t[clLatinUpper] = 64, 64
	t[clVietLower], t[clVietUpper] = 128, 128
	t[clHan], t[clHangul], t[clPrivate] = 5000, 2400, 6400
	t[clRareScript], t[clUnassigned] = 20000, 100000
	return t
}()
