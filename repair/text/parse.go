package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Classes of ASCII bytes.
const (
	cSpace = 1 << iota
	cLower
	cUpper
	cDigit
	cQuote // ' only
	cOther // prints, none of the above
	cNonASCII
	cEnd // ends a word before it without a second look: white space, and marks that no word, address or number holds
)

var class = func() (t [256]uint8) {
	for i := range t {
		switch {
		case i >= 0x80:
			t[i] = cNonASCII
		case i == ' ' || i >= '\t' && i <= '\r':
			t[i] = cSpace
		case i >= 'a' && i <= 'z':
			t[i] = cLower
		case i >= 'A' && i <= 'Z':
			t[i] = cUpper
		case i >= '0' && i <= '9':
			t[i] = cDigit
		case i == '\'':
			t[i] = cQuote
		default:
			t[i] = cOther
		}
	}
	for _, c := range " \t\n\v\f\r,;!?)]}\"" {
		t[c] |= cEnd
	}
	return t
}()

// maxToken bounds one token's bytes: longer runs are cut, so that hostile input
// cannot make any later step quadratic in a token's length.
const maxToken = 4096

// Parse parses a valid UTF-8 string of less than 2 GiB.
func Parse(s string) *Document {
	d := new(Document)
	ParseInto(d, s)
	return d
}

// ParseInto parses s into d, reusing d's memory: what was in d is gone.
func ParseInto(d *Document, s string) {
	d.Text = s
	d.Tokens = d.Tokens[:0]
	d.codeMarks = 0
	if need := len(s)/5 + 16; cap(d.Tokens) < need {
		d.Tokens = make([]Token, 0, need)
	}
	tokenize(d)
	structure(d)
}

func tokenize(d *Document) {
	s := d.Text
	for i := 0; i < len(s); {
		// Nearly every token is one lower-case word behind one space: that way
		// takes no call.
		start, gap := i, GapNone
		if s[i] == ' ' && i+1 < len(s) && class[s[i+1]]&(cSpace|cNonASCII) == 0 && i > 0 {
			i++
			gap = GapSpace
		}
		if gap == GapSpace || class[s[i]]&(cLower|cUpper) != 0 && i > 0 {
			if c := class[s[i]]; c&(cLower|cUpper) != 0 {
				j := i + 1
				for j < len(s) && class[s[j]]&cLower != 0 && j-i < maxToken {
					j++
				}
				if j < len(s) && class[s[j]]&cEnd != 0 && j-i < maxToken {
					t := Token{Start: int32(i), End: int32(j), Kind: Word, Gap: gap}
					if c&cUpper != 0 {
						t.Shape = InitialUpper
					}
					d.Tokens = append(d.Tokens, t)
					i = j
					continue
				}
			}
			t := next(d, s, i)
			t.Gap = gap
			d.Tokens = append(d.Tokens, t)
			i = int(t.End)
			continue
		}
		for i < len(s) {
			if class[s[i]]&cSpace != 0 {
				i++
			} else if n := wideSpace(s[i:]); n > 0 {
				i += n
			} else {
				break
			}
		}
		if i >= len(s) {
			break
		}
		if i > start {
			gap = gapKind(s[start:i])
		}
		if start == 0 {
			gap = GapParagraph
		}
		t := next(d, s, i)
		t.Gap = gap
		d.Tokens = append(d.Tokens, t)
		i = int(t.End)
	}
}

// wideSpace is the length in bytes of a white-space character beyond ASCII.
func wideSpace(s string) int {
	switch s[0] {
	case 0xC2:
		if len(s) > 1 && (s[1] == 0xA0 || s[1] == 0x85) {
			return 2
		}
	case 0xE2:
		if len(s) > 2 && s[1] == 0x80 && (s[2] >= 0x80 && s[2] <= 0x8A || s[2] == 0xA8 || s[2] == 0xA9 || s[2] == 0xAF) {
			return 3
		}
	case 0xE3:
		if strings.HasPrefix(s, "\u3000") {
			return 3
		}
	}
	return 0
}

func gapKind(g string) Gap {
	if g == " " {
		return GapSpace
	}
	lines := 0
	for i := 0; i < len(g); i++ {
		if g[i] == '\n' || g[i] == '\r' && (i+1 == len(g) || g[i+1] != '\n') {
			lines++
		}
	}
	switch lines {
	case 0:
		return GapOdd
	case 1:
		return GapLine
	}
	return GapParagraph
}

// next reads the token at i, which is no white space.
func next(d *Document, s string, i int) Token {
	c := class[s[i]]
	var prev *Token
	touching := false
	if n := len(d.Tokens); n > 0 {
		prev = &d.Tokens[n-1]
		touching = int(prev.End) == i
	}
	switch {
	case c&(cLower|cUpper) != 0:
		if t, ok := special(s, i); ok {
			return t
		}
		return word(s, i)
	case c&cDigit != 0:
		if t, ok := special(s, i); ok {
			return t
		}
		return number(s, i)
	case s[i] == '\'':
		return apostrophe(s, i, 1, prev, touching)
	case c&cNonASCII != 0:
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '’' || r == '‘':
			return apostrophe(s, i, n, prev, touching)
		case unicode.Is(unicode.Latin, r):
			return word(s, i)
		case unicode.IsLetter(r) || unicode.IsMark(r):
			return foreign(s, i)
		case unicode.IsPunct(r):
			return token(i, i+n, Punct)
		case unicode.IsDigit(r):
			return token(i, i+n, Number)
		default:
			return token(i, i+n, Symbol)
		}
	}
	switch s[i] {
	case '{', '}', '=', '<', '>', '\\', '|':
		d.codeMarks++
	}
	switch s[i] {
	case '.', '-', '_', '*', '=', '~':
		j := i + 1
		for j < len(s) && s[j] == s[i] && j-i < maxToken {
			j++
		}
		return token(i, j, Punct)
	case ',', ';', ':', '!', '?', '(', ')', '[', ']', '{', '}', '"', '/', '\\', '&', '%':
		return token(i, i+1, Punct)
	case '@', '#':
		if j := handle(s, i+1); j > i+1 {
			return token(i, j, Protected)
		}
	case '$':
		if i+1 < len(s) && class[s[i+1]]&cDigit != 0 {
			t := number(s, i+1)
			t.Start = int32(i)
			return t
		}
	}
	return token(i, i+1, Symbol)
}

func token(i, j int, k Kind) Token { return Token{Start: int32(i), End: int32(j), Kind: k} }

// handle is the end of the letters, digits and underscores from i on.
func handle(s string, i int) int {
	for i < len(s) && (class[s[i]]&(cLower|cUpper|cDigit) != 0 || s[i] == '_') {
		i++
	}
	return i
}

// word reads letters and digits with inner apostrophes and an abbreviation's
// dots.
func word(s string, i int) Token {
	start, upper, letters := i, 0, 0
	var shape Shape
	lowerBefore := false
	for i < len(s) && i-start < maxToken {
		c := class[s[i]]
		switch {
		case c&cLower != 0:
			letters++
			lowerBefore = true
			i++
			continue
		case c&cUpper != 0:
			if letters == 0 {
				shape |= InitialUpper
			} else if lowerBefore {
				shape |= InnerUpper
			}
			upper++
			letters++
			i++
			continue
		case c&cDigit != 0:
			shape |= HasDigit
			i++
			continue
		case c&cQuote != 0:
			if n := inner(s, i, 1); n > 0 {
				shape |= HasApostrophe
				i++
				lowerBefore = false // O'Brien, D'Souza
				continue
			}
		case c&cNonASCII != 0:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == '’' {
				if inner(s, i, n) > 0 {
					shape |= HasApostrophe | NonASCII
					i += n
					lowerBefore = false
					continue
				}
				break
			}
			if unicode.Is(unicode.Latin, r) || unicode.Is(unicode.Mn, r) || r == 0xAD || r == 0x200D {
				shape |= NonASCII
				if unicode.IsUpper(r) {
					if letters == 0 {
						shape |= InitialUpper
					} else if lowerBefore {
						shape |= InnerUpper
					}
					upper++
				} else if unicode.IsLower(r) {
					lowerBefore = true
				}
				if !unicode.Is(unicode.Mn, r) {
					letters++
				}
				i += n
				continue
			}
		}
		break
	}
	if letters > 1 && upper == letters {
		shape |= AllUpper
	}
	// The dots of an abbreviation: U.S., a.m., Mr.
	if i < len(s) && s[i] == '.' && shape&(HasDigit|HasApostrophe|NonASCII) == 0 {
		if j := dotted(s, start, i); j > i {
			i = j
			shape |= HasDot
		}
	}
	t := token(start, i, Word)
	t.Shape = shape
	return t
}

// inner reports, as the apostrophe's length n or 0, whether the apostrophe at i
// belongs to the word around it: letters on both sides, and no clitic 's.
func inner(s string, i, n int) int {
	if i == 0 || !letterAt(s, i+n) {
		return 0
	}
	j := i + n
	if s[j] == 's' || s[j] == 'S' {
		if !letterAt(s, j+1) && !(j+1 < len(s) && class[s[j+1]]&cDigit != 0) {
			return 0
		}
	}
	return n
}

func letterAt(s string, i int) bool {
	if i >= len(s) {
		return false
	}
	if c := class[s[i]]; c&cNonASCII == 0 {
		return c&(cLower|cUpper) != 0
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return unicode.Is(unicode.Latin, r)
}

// dotted returns the end of an abbreviation whose first part is s[start:i] and
// whose first dot is at i, or i when it is none.
func dotted(s string, start, i int) int {
	if i-start == 1 {
		// U.S., a.m., D.C.: single letters, each with a dot.
		j, parts := i+1, 1
		for j+1 < len(s) && class[s[j]]&(cLower|cUpper) != 0 && s[j+1] == '.' {
			j += 2
			parts++
		}
		if parts > 1 {
			return j
		}
		// An initial: one capital and a dot before white space or a letter.
		if class[s[start]]&cUpper != 0 && s[start] != 'I' && i+1 < len(s) && s[i+1] != '.' &&
			(class[s[i+1]]&(cSpace|cUpper) != 0) {
			return i + 1
		}
		return i
	}
	if i-start <= 8 && abbreviations[lower(s[start:i])] {
		if strings.HasPrefix(s[i:], ".D.") && s[start:i] == "Ph" {
			return i + 3
		}
		if i+1 < len(s) && s[i+1] == '.' {
			return i // an ellipsis
		}
		if keepsDot(s[start:i], s[i+1:]) {
			return i + 1
		}
	}
	return i
}

// keepsDot tells an abbreviation's dot from a sentence's end for those that are
// words as well (no, sun, art): capitalised and before a digit or a capital.
func keepsDot(word, rest string) bool {
	switch lower(word) {
	case "no", "nos":
		return len(rest) > 1 && (class[rest[0]]&cDigit != 0 || rest[0] == ' ' && class[rest[1]]&cDigit != 0)
	case "fig", "art", "sec", "sat", "sun", "mon", "gen", "mar", "est", "al", "ave", "rd", "jan", "dec", "oct", "aug", "sept", "nov", "feb", "apr", "wed", "thu", "fri", "mt", "pt", "vol", "ed", "eds", "cir", "min":
		return len(rest) > 1 && rest[0] == ' ' && (class[rest[1]]&(cDigit|cLower) != 0 || class[rest[1]]&cUpper != 0 && class[word[0]]&cUpper != 0)
	}
	return true
}

func lower(s string) string { return strings.ToLower(s) } // no copy when lower already

// apostrophe reads a clitic, a leading apostrophe's word ('em, ’90s) or a
// quotation mark.
func apostrophe(s string, i, n int, prev *Token, touching bool) Token {
	j := i + n
	isS := j < len(s) && (s[j] == 's' || s[j] == 'S') && !letterAt(s, j+1)
	afterWord := prev != nil && touching && (prev.Kind == Word || prev.Kind == Number || prev.Kind == Foreign || prev.Kind == Protected)
	open := strings.HasPrefix(s[i:], "‘")
	switch {
	case isS && !open && (afterWord || prev != nil && prev.Kind == Punct && touching && s[prev.Start] != '"'):
		return token(i, j+1, Clitic)
	case isS && !open && prev != nil && !touching && prev.Kind == Word && i > 0 && s[i-1] == ' ':
		return token(i, j+1, Clitic) // "Trump 's": standing alone, damage that must be seen
	case afterWord && !open && !letterAt(s, j) && prev.Kind != Number:
		if e := s[prev.End-1]; e == 's' || e == 'S' || e == 'z' || e == 'x' {
			return token(i, j, Clitic)
		}
	}
	return token(i, j, Punct)
}

// foreign reads a run of letters of another script than Latin.
func foreign(s string, i int) Token {
	start := i
	for i < len(s) && i-start < maxToken {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.Is(unicode.Latin, r) || !(unicode.IsLetter(r) || unicode.IsMark(r) || r == 0x200C || r == 0x200D) {
			break
		}
		i += n
	}
	t := token(start, i, Foreign)
	t.Shape = NonASCII
	return t
}

// number reads digits with their inner marks and a unit's letters: 1,000.50,
// 10:30, 2024-04-26, 5th, 1990s, 10m, 2pm.
func number(s string, i int) Token {
	start := i
	for i < len(s) && i-start < maxToken {
		c := s[i]
		if class[c]&cDigit != 0 {
			i++
			continue
		}
		if (c == ',' || c == '.' || c == ':' || c == '/' || c == '-') && i+1 < len(s) && class[s[i+1]]&cDigit != 0 {
			if c == ',' || c == '.' || c == ':' || c == '/' {
				i++
				continue
			}
			// A hyphen joins digits only in dates: 2024-04-26.
			if i-start == 4 && i+2 < len(s) && class[s[i+2]]&cDigit != 0 && i+3 < len(s) && s[i+3] == '-' || i-start == 7 && s[start+4] == '-' {
				i++
				continue
			}
		}
		break
	}
	// Letters that touch: a unit, or the start of a word ("3years").
	j := i
	for j < len(s) && class[s[j]]&(cLower|cUpper) != 0 {
		j++
	}
	if j == i {
		return token(start, i, Number)
	}
	if units[lower(s[i:j])] && (j == len(s) || class[s[j]]&(cDigit|cNonASCII) == 0) {
		return token(start, j, Number)
	}
	for j < len(s) && class[s[j]]&(cLower|cUpper|cDigit) != 0 && j-start < maxToken {
		j++
	}
	t := token(start, j, Word)
	t.Shape = HasDigit
	return t
}

var units = set("th st nd rd s m bn tn k km kg g mg cm mm mph kph pm am ft in lb lbs oz hz khz mhz ghz w kw mw gw kwh mwh gwh twh gb mb tb kb x p c f b t d g gs ml l min h hr hrs sec yd yds ha mpg fps bps bpd nm au ad bc ce mw v kv")

// IsUnit reports whether letters after a number are a unit or an ending of it:
// km, th, pm.
func IsUnit(letters string) bool { return units[lower(letters)] }

var abbreviations = set("mr mrs ms dr prof gov sen rep sens reps gen col lt sgt maj capt cmdr adm rev hon st ste mt ft jr sr messrs mme mlle corp inc ltd co cos llc plc bros dept govt assn univ no nos vs vol fig art sec jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thurs fri sat sun approx est etc al ave blvd rd ln supt det insp pvt spc cpl ph ed eds pres atty dist cir min pt esp eg ie viz resp incl ca tel ext misc")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
