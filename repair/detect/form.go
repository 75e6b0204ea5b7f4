package detect

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

var ligature = Detector{
	ID:    "characters/ligature",
	Doc:   "A typographic ligature of Latin letters (ﬁ, ﬂ, ﬀ), as PDF has them, stands in a word: it is written in letters again where that makes a word.",
	Round: Characters,
	Cues:  Form,
	Fix:   []Example{{In: "The ofﬁce of the chief was the ﬁrst to ﬂood.", Out: "The office of the chief was the first to flood."}},
	Keep:  []Example{{In: "Ĳsselmeer, œuvre, Æsop, straße"}},
	Run: func(p *Pass) {
		s := p.Doc.Text
		for i := seek(s, 0, forms); i < len(s); i = seek(s, i, forms) {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r < 0xFB00 || r > 0xFB04 && r != 0xFB06 {
				i += size
				continue
			}
			from, to := wordAround(s, i, i+size)
			var edits []edit.Edit
			for k := from; k < to; {
				r, size := utf8.DecodeRuneInString(s[k:])
				if r >= 0xFB00 && r <= 0xFB06 {
					edits = append(edits, edit.Edit{Span: edit.Span{Start: k, End: k + size}, New: norm.NFKC.String(string(r))})
				}
				k += size
			}
			span := edit.Span{Start: from, End: to}
			after := applied(s, span, edits)
			nats, note := 2.0, fmt.Sprintf("%q is not known", after)
			if p.Lex.Known(after) {
				nats, note = 6, fmt.Sprintf("%q is a word", after)
			}
			p.Propose(edit.Proposal{
				Span: span, Edits: edits, Origin: edit.Extraction, Ceiling: edit.Safe, Why: "a ligature in a word, as PDF has them",
				Evidence: []edit.Evidence{{Name: "ligature", Nats: nats, Note: note}},
			})
			i = to
		}
	},
}

// wordAround is the run of letters and marks around [from, to).
func wordAround(s string, from, to int) (int, int) {
	for from > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:from])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			break
		}
		from -= size
	}
	for to < len(s) {
		r, size := utf8.DecodeRuneInString(s[to:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			break
		}
		to += size
	}
	return from, to
}

var decomposed = Detector{
	ID: "characters/decomposed",
	Doc: "A Latin, Greek or Cyrillic letter and its accent are two characters: they become one (NFC). Text that is written so throughout is its author's system " +
		"at work: there it is only proposed.",
	Round: Characters,
	Cues:  Form,
	Fix:   []Example{{In: "Cafe\u0301 Nin\u0303o and café", Out: "Café Niño and café"}},
	Keep:  []Example{{In: "q\u0307 and x\u0302 have no other form; कि\u093C"}},
	Run: func(p *Pass) {
		s := p.Doc.Text
		type pair struct {
			edit.Span
			to string
		}
		var pairs []pair
		for i := seek(s, 0, forms); i < len(s); i = seek(s, i, forms) {
			r, size := utf8.DecodeLastRuneInString(s[:i])
			from := i - size
			for i < len(s) {
				m, n := utf8.DecodeRuneInString(s[i:])
				if m < 0x300 || m > 0x36F {
					break
				}
				i += n
			}
			if i == from+size {
				_, n := utf8.DecodeRuneInString(s[i:])
				i += n // another form
				continue
			}
			if unicode.IsLetter(r) {
				if to := norm.NFC.String(s[from:i]); utf8.RuneCountInString(to) < utf8.RuneCountInString(s[from:i]) {
					pairs = append(pairs, pair{edit.Span{Start: from, End: i}, to})
				}
			}
		}
		const few = 5 // in a text that composes nothing, more are a habit
		ceiling := edit.Safe
		if len(pairs) > few && seek(s, 0, latin) == len(s) {
			ceiling = edit.Review
		}
		for _, q := range pairs[:min(len(pairs), maxHidden)] {
			p.Propose(edit.Proposal{
				Span: q.Span, Edits: []edit.Edit{{Span: q.Span, New: q.to}}, Origin: edit.Extraction, Ceiling: ceiling, Why: "a letter and its accent are two characters",
				Evidence: []edit.Evidence{{Name: "decomposed", Nats: 5, Note: "the same to every reader, not to a search"}},
			})
		}
	},
}

var wide = Detector{
	ID:    "characters/width",
	Doc:   "Fullwidth letters and digits, or halfwidth katakana, stand in text that has the usual ones. The author may have meant it, so it is only proposed.",
	Round: Characters,
	Cues:  Form,
	Keep:  []Example{{In: "ＬＯＵＤ　ＮＯＩＳＥＳ and ｶﾞｷﾞ, （日本）！"}},
	Run: func(p *Pass) {
		s := p.Doc.Text
		n := 0
		for i := seek(s, 0, forms); i < len(s) && n < maxHidden; i = seek(s, i, forms) {
			from := i
			letters := 0
			for i < len(s) {
				r, size := utf8.DecodeRuneInString(s[i:])
				fullwidth := r >= 0xFF10 && r <= 0xFF19 || r >= 0xFF21 && r <= 0xFF3A || r >= 0xFF41 && r <= 0xFF5A
				if !fullwidth && (r < 0xFF66 || r > 0xFF9F) && (r != 0x3000 || letters == 0) {
					break
				}
				letters++
				i += size
			}
			if letters == 0 {
				_, size := utf8.DecodeRuneInString(s[i:])
				i += size
				continue
			}
			n++
			span := edit.Span{Start: from, End: i}
			to := strings.ReplaceAll(norm.NFC.String(width.Fold.String(s[from:i])), "\u3000", " ")
			p.Propose(edit.Proposal{
				Span: span, Edits: []edit.Edit{{Span: span, New: to}}, Ceiling: edit.Review, Why: "letters of another width",
				Evidence: []edit.Evidence{{Name: "width", Nats: 1, Note: "East Asian width forms"}},
			})
		}
	},
}
