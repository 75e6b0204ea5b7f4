package report

import (
	"fmt"
	"strings"
	"unicode"
)

// Visible draws characters that a reader cannot see or that could steer a
// terminal: line ends as ⏎, tabs as ⇥, no-break spaces as ⍽, the others by
// number.
func Visible(s string) string {
	clean := true
	for _, r := range s {
		if unseen(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteRune('⏎')
		case r == '\t':
			b.WriteRune('⇥')
		case r == '\u00a0' || r == '\u202f':
			b.WriteRune('⍽')
		case unseen(r):
			fmt.Fprintf(&b, "⟨%04X⟩", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unseen reports whether a character is invisible, other than the plain space.
func unseen(r rune) bool {
	return r != ' ' && (r == unicode.ReplacementChar || !unicode.IsGraphic(r) || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) ||
		r >= 0xFE00 && r <= 0xFE0F || r == 0x115F || r == 0x1160 || r == 0x3164 || r == 0xFFA0)
}
