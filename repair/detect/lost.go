package detect

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// Limits on lost characters.
const (
	maxLost   = 500 // places looked at in one document: each tries two dozen words
	maxRun    = 4   // signs for one lost character: one for each of its bytes
	longWord  = 40  // bytes of a word on either side
	quoteFar  = 2000
	lostFloor = -18 // nats of a word that the lexicon knows, but not how common it is
)

var lost = Detector{
	ID: "characters/lost",
	Doc: "A character was lost: U+FFFD, ¿ or ? stands where it was, or only the first of its bytes is left (â before a word, Â before \"). What it may have been is guessed from the words " +
		"that it would make, from the document's own words and from the marks around; a person decides.",
	Round: Characters,
	Cues:  Lost,
	Keep: []Example{
		{In: "¿Qué? Who? What? See https://example.com/a?sdk=1 and pâté, Château"},
		{In: "Sa Âme, son âme, \"âge\" et \"âne\"; l’â \"long\""},
		{In: "The owner of the caf\uFFFD said it wasn\uFFFDt."},
	},
	Run: func(p *Pass) {
		s := p.Doc.Text
		for i, n := 0, 0; i < len(s) && n < maxLost; {
			if i = nextSign(s, i); i == len(s) {
				return
			}
			r, size := utf8.DecodeRuneInString(s[i:])
			end := i + size
			if r == utf8.RuneError {
				for end < len(s) && end-i < maxRun*size && strings.HasPrefix(s[end:], "\uFFFD") {
					end += size
				}
			}
			if !p.isReread(i, end) && p.guess(s, edit.Span{Start: i, End: end}, r) {
				n++
			}
			i = end
		}
	},
}

// nextSign is where the next sign of a lost character stands, from i on: U+FFFD,
// ¿, ?, â, or Â before a quotation mark.
func nextSign(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c < 0x80 && c != '?':
		case c == '?', strings.HasPrefix(s[i:], "¿"), strings.HasPrefix(s[i:], "â"), strings.HasPrefix(s[i:], "\uFFFD"),
			strings.HasPrefix(s[i:], `Â"`), strings.HasPrefix(s[i:], "Â'"):
			return i
		}
	}
	return i
}

// guess proposes what may have stood at a place.
func (p *Pass) guess(s string, at edit.Span, sign rune) bool {
	from, to := at.Start, at.End
	for from > 0 && at.Start-from < longWord {
		r, n := utf8.DecodeLastRuneInString(s[:from])
		if !unicode.IsLetter(r) {
			break
		}
		from -= n
	}
	for to < len(s) && to-at.End < longWord {
		r, n := utf8.DecodeRuneInString(s[to:])
		if !unicode.IsLetter(r) {
			break
		}
		to += n
	}
	left, right := s[from:at.Start], s[at.End:to]
	if sign == 'Â' {
		if left != "" || right != "" {
			return false
		}
		p.Propose(edit.Proposal{
			Span: at, Edits: []edit.Edit{{Span: at, New: ""}}, Origin: edit.Extraction, Ceiling: edit.Review,
			Why:      "the first half of a mark that was put in as \" is left",
			Evidence: []edit.Evidence{{Name: "lost", Nats: 3, Note: "nobody writes Â alone before a quotation mark"}},
		})
		return true
	}
	if sign == 'â' && left == "" {
		// “ lost all but its first byte where a quotation closes behind it: French has âme.
		if !p.Lex.Known(right) || p.Lex.Known("â"+right) || !closesSoon(s[to:]) {
			return false
		}
		p.supply(at, "“", 2, fmt.Sprintf("%q is a word, and a quotation closes behind it", right))
		return true
	}
	if sign != utf8.RuneError {
		// Only an apostrophe between letters is told from the author's own sign.
		const short = 4 // bytes: Romanian cât and Friulian prât are words
		if len(left) < short && sign == 'â' || left == "" || !clitic(right) || inAddress(s, at.Start) || p.Lex.Known(s[from:to]) || !p.Lex.Known(left) && !p.Lex.Known(left+"'"+right) {
			return false
		}
		p.supply(at, "’", 3, fmt.Sprintf("%q", left+"’"+right))
		return true
	}
	found := false
	for _, g := range p.guesses(s, at, left, right) {
		p.supply(at, g.to, g.nats, g.note)
		found = true
	}
	return found
}

// closesSoon reports whether a quotation mark closes in the line before another opens.
func closesSoon(s string) bool {
	s = s[:min(len(s), quoteFar)]
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i]
	}
	i := strings.IndexAny(s, "\"”“")
	return i > 0 && s[i] != ' ' && !strings.HasPrefix(s[i:], "“") && s[i-1] != ' '
}

// clitic reports whether letters follow an apostrophe in English.
func clitic(s string) bool {
	switch s {
	case "s", "t", "re", "ve", "ll", "d", "m", "S", "T", "RE", "VE", "LL", "D", "M":
		return true
	}
	return false
}

type lostGuess struct {
	to   string
	nats float64
	note string
}

// guesses lists what a lost character may have been, with the evidence for each.
func (p *Pass) guesses(s string, at edit.Span, left, right string) []lostGuess {
	prev, _ := utf8.DecodeLastRuneInString(s[:at.Start])
	next, _ := utf8.DecodeRuneInString(s[at.End:])
	opens := at.Start == 0 || unicode.IsSpace(prev) || strings.ContainsRune("([—–-", prev)
	closes := at.End == len(s) || unicode.IsSpace(next) || strings.ContainsRune(".,;:!?)]—–-", next)
	var out []lostGuess
	add := func(to string, nats float64, note string) { out = append(out, lostGuess{to, nats, note}) }
	switch {
	case left != "" && right != "":
		if clitic(right) && (p.Lex.Known(left) || p.Lex.Known(left+"'"+right)) {
			add("’", 3, fmt.Sprintf("%q", left+"’"+right))
		}
		out = p.letters(out, s, left, right)
		if len(out) == 0 && p.Lex.Known(left) && p.Lex.Known(right) && len(left) > 2 && len(right) > 2 {
			add("—", 0.5, "two words")
		}
	case left != "" && closes:
		out = p.letters(out, s, left, right)
		if p.Lex.Known(left) {
			if openQuote(s[max(0, at.Start-quoteFar):at.Start]) {
				add("”", 2, "a quotation is open")
			} else if strings.HasSuffix(left, "s") {
				add("’", 0.5, "a plural may own something")
			}
		}
	case right != "" && opens:
		out = p.letters(out, s, left, right)
		if p.Lex.Known(right) {
			add("“", 2, "a quotation may begin here")
		}
	case opens && unicode.IsDigit(next):
		add("£", 1, "before a number")
		add("€", -1, "before a number")
	case unicode.IsDigit(prev) && (next == 'C' || next == 'F'):
		add("°", 2, "between a number and a scale")
	case prev == ' ' && next == ' ':
		add("–", 1, "between two spaces")
		add("—", 0, "between two spaces")
	case closes && strings.ContainsRune(".,!?", prev):
		if openQuote(s[max(0, at.Start-quoteFar):at.Start]) {
			add("”", 2.5, "a quotation is open")
		} else {
			add("”", 0.5, "behind a mark")
		}
	}
	return out
}

// accented are the letters that are tried in a word, commonest in English news
// first.
var accented = strings.Split("é ñ í á ó ü ö è ç ã ú ä ê ï ë ô â î ø å à É Á Ö Ó Ü", " ")

// letters adds the accented letters that make a word.
func (p *Pass) letters(out []lostGuess, s, left, right string) []lostGuess {
	for i, c := range accented {
		w := left + c + right
		info := p.Lex.Lookup(w)
		ln := float64(info.LnProb)
		switch {
		case strings.Contains(s, w):
			out = append(out, lostGuess{c, 4, fmt.Sprintf("%q stands elsewhere in the document", w)})
		case p.Lex.Known(w):
			if ln == 0 {
				ln = lostFloor
			}
			out = append(out, lostGuess{c, 3 + (ln+14)/4 - float64(i)/20, fmt.Sprintf("%q is a word", w)})
		}
	}
	return out
}

// openQuote reports whether a quotation is open at the end of a text.
func openQuote(s string) bool {
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		s = s[i:]
	}
	return strings.LastIndex(s, "“") > strings.LastIndex(s, "”")
}

func (p *Pass) supply(at edit.Span, to string, nats float64, note string) {
	p.Propose(edit.Proposal{
		Span: at, Edits: []edit.Edit{{Span: at, New: to}}, Origin: edit.Extraction, Ceiling: edit.Review,
		Why:      fmt.Sprintf("a character was lost here; it may have been %s", to),
		Evidence: []edit.Evidence{{Name: "lost", Nats: nats, Note: note}},
	})
}
