package detect

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// lookalikes are the Cyrillic and Greek letters that look like Latin ones in
// nearly every typeface (Unicode Technical Standard 39, confusables).
var lookalikes = func() map[rune]rune {
	m := map[rune]rune{}
	const (
		other = "аеорсухіјѕԁһАВЕКМНОРСТУХІЈЅοΟΑΒΕΖΗΙΚΜΝΡΤΥΧ"
		latin = "aeopcyxijsdhABEKMHOPCTYXIJSoOABEZHIKMNPTYX"
	)
	l := []rune(latin)
	n := 0
	for _, r := range other {
		m[r] = l[n]
		n++
	}
	return m
}()

var lookalike = Detector{
	ID: "characters/lookalike",
	Doc: "A Cyrillic or Greek letter stands in a Latin word that it looks right in: by a slip of the keyboard layout, or to deceive filters. " +
		"It becomes Latin where that makes a word; a Latin letter in a Cyrillic word is only proposed.",
	Round: Characters,
	Cues:  Script,
	Fix:   []Example{{In: "The gоvernment said the miniѕter would not.", Out: "The government said the minister would not."}},
	Keep:  []Example{{In: "Привет, CDУ; the α-helix, µm, iPhoneом; Кока-Кола"}},
	Run: func(p *Pass) {
		s := p.Doc.Text
		n := 0
		latinBefore := false
		for i := 0; i < len(s) && n < maxHidden; {
			if s[i] < utf8.RuneSelf {
				latinBefore = letterASCII(s[i])
				i++
				continue
			}
			r, size := utf8.DecodeRuneInString(s[i:])
			if r < 0x370 || r > 0x52F {
				latinBefore = r < 0x250 && unicode.IsLetter(r)
				i += size
				continue
			}
			if next, _ := utf8.DecodeRuneInString(s[i+size:]); !latinBefore && (next >= 0x250 || !unicode.IsLetter(next)) {
				i += size
				continue
			}
			latinBefore = false
			from, to := wordAround(s, i, i+size)
			i = to
			if p.isReread(from, to) {
				continue
			}
			if q, ok := p.unmask(s, edit.Span{Start: from, End: to}); ok {
				n++
				p.Propose(q)
			}
		}
	},
}

// unmask weighs a word of two scripts.
func (p *Pass) unmask(s string, span edit.Span) (edit.Proposal, bool) {
	var edits, back []edit.Edit
	latin, others := 0, 0
	for i := span.Start; i < span.End; {
		r, size := utf8.DecodeRuneInString(s[i:])
		here := edit.Span{Start: i, End: i + size}
		switch to, same := lookalikes[r]; {
		case unicode.Is(unicode.Latin, r):
			latin++
			if c, ok := cyrillicOf[r]; ok {
				back = append(back, edit.Edit{Span: here, New: string(c)})
			}
		case same:
			others++
			edits = append(edits, edit.Edit{Span: here, New: string(to)})
		default:
			others++
			edits = append(edits, edit.Edit{Span: here}) // no Latin letter looks so
		}
		i += size
	}
	if latin == 0 || others == 0 {
		return edit.Proposal{}, false
	}
	toLatin := true
	for _, e := range edits {
		toLatin = toLatin && e.New != ""
	}
	q := edit.Proposal{Span: span, Origin: edit.Extraction, Ceiling: edit.Review, Why: "letters of two scripts in one word"}
	switch {
	case toLatin && latin >= others:
		after := applied(s, span, edits)
		q.Edits = edits
		if latin+others >= 4 && p.Lex.Known(after) && after != strings.ToUpper(after) { // capitals are names and signs
			q.Ceiling = edit.Safe
			q.Evidence = []edit.Evidence{{Name: "lookalike", Nats: 6, Note: fmt.Sprintf("%q is a word", after)}}
		} else {
			q.Evidence = []edit.Evidence{{Name: "lookalike", Nats: 1, Note: fmt.Sprintf("%q is not known", after)}}
		}
	case latin < others && len(back) == latin:
		q.Edits = back
		q.Evidence = []edit.Evidence{{Name: "lookalike", Nats: 2, Note: "most letters are Cyrillic"}}
	default:
		return edit.Proposal{}, false
	}
	return q, true
}

// cyrillicOf is the Cyrillic letter that looks like a Latin one.
var cyrillicOf = map[rune]rune{
	'a': 'а', 'e': 'е', 'o': 'о', 'p': 'р', 'c': 'с', 'y': 'у', 'x': 'х', 'i': 'і',
	'A': 'А', 'B': 'В', 'E': 'Е', 'K': 'К', 'M': 'М', 'H': 'Н', 'O': 'О', 'P': 'Р', 'C': 'С', 'T': 'Т', 'X': 'Х',
}
