package review

import (
	"fmt"
	"unicode"
)

// shortNames are those that people know better than the number.
var shortNames = map[rune]string{
	'\u00a0': "NBSP", '\u202f': "NNBSP", '\u200b': "ZWSP", '\u200c': "ZWNJ", '\u200d': "ZWJ", '\u00ad': "SHY", '\ufeff': "BOM", '\u200e': "LRM", '\u200f': "RLM",
}

// Mark is how an invisible character is drawn, "" for one that shows itself.
func Mark(r rune) string {
	switch r {
	case ' ':
		return ""
	case '\n':
		return "⏎"
	case '\t':
		return "⇥"
	}
	if n := shortNames[r]; n != "" {
		return "⟨" + n + "⟩"
	}
	if r == unicode.ReplacementChar || !unicode.IsGraphic(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) ||
		r >= 0xFE00 && r <= 0xFE0F || r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0 {
		return fmt.Sprintf("⟨%04X⟩", r)
	}
	return ""
}
