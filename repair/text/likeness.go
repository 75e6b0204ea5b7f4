package text

import "unicode"

// likeness says how much a text is like one that somebody wrote, in nats, up to
// a constant that depends only on its bytes outside ASCII.
func likeness(s string) float64 {
	var sum float64
	prev := rune('\n')
	for _, r := range s {
		if r >= 0x80 || prev >= 0x80 {
			sum += pairLikeness(prev, r)
		}
		prev = r
	}
	return sum
}

func pairLikeness(a, b rune) float64 {
	ln := 0.0
	switch {
	case b >= 0x80 && b < 0xA0:
		ln -= 9
	case b < 0x80:
	case unicode.In(b, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
		ln -= 6
	case b >= 0x2010 && b <= 0x2026:
		ln -= 2
	case unicode.IsLower(b):
		ln -= 2.5
	case unicode.IsUpper(b):
		ln -= 4.5
	default:
		ln -= 4.5
	}
	la, lb := unicode.IsLetter(a), unicode.IsLetter(b)
	switch {
	case la && lb && (unicode.Is(unicode.Latin, a) != unicode.Is(unicode.Latin, b)):
		ln -= 6
	case unicode.IsLower(a) && unicode.IsUpper(b):
		ln -= 4
	case la != lb && b >= 0x80 && !unicode.IsLetter(b) && a > ' ' && (b < 0x2010 || b > 0x2026):
		ln--
	}
	return ln
}
