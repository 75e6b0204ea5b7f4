package detect

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// boilerplateHovercard is Go because the pattern must find a name twice, which
// regular expressions without memory cannot.
var boilerplateHovercard = Detector{
	ID: "boilerplate/hovercard",
	Doc: "A card about a person that the page shows over a name stands in the sentence: the whole name, headlines glued to it, MORE. " +
		"The name stands once more right before, which is how it is known.",
	Round: Page,
	Cues:  Always,
	Fix: []Example{
		{In: "The bill by Sen. John Kennedy John Neely KennedyMORE (R-La.) failed on Monday.", Out: "The bill by Sen. John Kennedy (R-La.) failed on Monday."},
		{In: "A letter by Rep. Ilhan OmarIlhan OmarHillicon Valley: Court strikes down rules MORE (D-Minn.) was read.", Out: "A letter by Rep. Ilhan Omar (D-Minn.) was read."},
	},
	Keep: []Example{
		{In: "The committee asked for MORE (Measures Of Rural Employment) on Monday."},
		{In: "She met John McCain and Cindy McCainland, a park, with MORE friends."},
	},
	Run: func(p *Pass) {
		s := p.Doc.Text
		for from := 0; ; {
			i := strings.Index(s[from:], "MORE")
			if i < 0 {
				return
			}
			at := from + i
			from = at + len("MORE")
			if from < len(s) && letterByte(s[from]) {
				continue
			}
			start, ok := hovercard(s, at)
			if !ok {
				continue
			}
			nats := 4.2
			if strings.HasPrefix(s[from:], " (") {
				nats = 5.2 // party and state: 2,087 such in 6.5 M words of one archive, none wrong among 60 read
			}
			span := edit.Span{Start: start, End: from}
			p.Propose(edit.Proposal{
				Span: span, Edits: []edit.Edit{{Span: span}}, Origin: edit.Extraction, Ceiling: edit.Safe,
				Why:      "a card about a person stands in the sentence",
				Evidence: []edit.Evidence{{Name: "name-twice", Nats: nats, Note: "a name, the whole name glued to headlines, MORE"}},
			})
		}
	},
}

// Limits on a hovercard: a few headlines, and a name of six
// words between the name's two last words.
const (
	maxHovercard = 900
	maxFullName  = 70
)

func letterByte(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// hovercard finds where the card begins that ends in MORE at a byte: right after
// a last name that comes again, glued to what follows, after a few capitalised
// words.
func hovercard(s string, more int) (int, bool) {
	low := max(0, more-maxHovercard)
	if nl := strings.LastIndexByte(s[low:more], '\n'); nl >= 0 {
		low += nl + 1
	}
	// From the right: the nearest place where a lower-case letter meets a capital.
	for b := more; b > low+3; b-- {
		if !glueAt(s, b) {
			continue
		}
		a := b
		for a > low && !strings.ContainsRune(" (", rune(s[a-1])) {
			a--
		}
		// The last name may begin inside the token, where cards are glued on both sides.
		for k := a; k < b-2; k++ {
			if k != a && !glueAt(s, k) || s[k] < 'A' || s[k] > 'Z' {
				continue
			}
			if start, ok := nameBefore(s, low, k, s[k:b]); ok {
				return start, true
			}
		}
	}
	return 0, false
}

// glueAt reports whether a capital or a digit follows a lower-case letter without
// a space.
func glueAt(s string, b int) bool {
	if b <= 0 || b >= len(s) || !(s[b] >= 'A' && s[b] <= 'Z' || s[b] >= '0' && s[b] <= '9') {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(s[:b])
	return unicode.IsLower(r)
}

// nameBefore finds the name's earlier occurrence, before a few capitalised words
// that end at k, and returns where it ends.
func nameBefore(s string, low, k int, name string) (int, bool) {
	from := max(low, k-maxFullName)
	i := strings.LastIndex(s[from:k], name)
	if i < 0 {
		return 0, false
	}
	end := from + i + len(name)
	if from+i > 0 && letterByte(s[from+i-1]) && !glueAt(s, from+i) {
		return 0, false
	}
	for _, w := range strings.Fields(s[end:k]) {
		r, _ := utf8.DecodeRuneInString(strings.Trim(w, "()\"“”'’"))
		if !unicode.IsUpper(r) && w != "de" && w != "van" && w != "von" && w != "la" {
			return 0, false
		}
	}
	return end, end < k
}
