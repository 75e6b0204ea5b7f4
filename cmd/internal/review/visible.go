package review

import (
	"fmt"
	"unicode"
)

// Mark is how an invisible character is drawn, "" for one that shows itself.
func Mark(r rune) string {
	switch r {
	case ' ':
		return ""
	case '\n':
		return "⏎"
	case '\t':
		return "⇥"
	case '\u00a0', '\u202f':
		return "⍽"
	}
	if r == unicode.ReplacementChar || !unicode.IsGraphic(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) ||
		r >= 0xFE00 && r <= 0xFE0F || r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0 {
		return fmt.Sprintf("⟨%04X⟩", r)
	}
	return ""
}
