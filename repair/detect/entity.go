package detect

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// maxEntities bounds the entities looked at in one document.
const maxEntities = 10_000

var entityForm = regexp.MustCompile(`&(?:amp;)?(?:#[0-9]{2,7}|#[xX][0-9a-fA-F]{2,6}|[a-zA-Z]{2,8}[0-9]{0,2});`)

var entity = Detector{
	ID:    "characters/entity",
	Doc:   "An HTML entity was left in plain text, once or doubly escaped.",
	Round: Characters,
	Cues:  Escaped,
	Fix:   []Example{{In: "The caf&#233; sold fish &amp; chips for &amp;quot;nothing&amp;quot;.", Out: "The café sold fish & chips for \"nothing\"."}},
	Keep:  []Example{{In: "AT&T; R&D; <p>&nbsp;</p> write &lt; in HTML"}, {In: "Marks & Spencer; M&S;"}},
	Run: func(p *Pass) {
		s := p.Doc.Text
		if strings.IndexByte(s, '&') < 0 || strings.Contains(s, "</") || strings.Contains(s, "HTML") {
			return // markup, or a text about markup
		}
		for _, m := range entityForm.FindAllStringIndex(s, maxEntities) {
			raw := s[m[0]:m[1]]
			to := html.UnescapeString(html.UnescapeString(raw))
			r, n := utf8.DecodeRuneInString(to)
			if to == raw || n != len(to) || r == utf8.RuneError || unicode.IsControl(r) || to == "<" || to == ">" {
				continue
			}
			span := edit.Span{Start: m[0], End: m[1]}
			p.Propose(edit.Proposal{
				Span: span, Edits: []edit.Edit{{Span: span, New: to}}, Origin: edit.Extraction, Ceiling: edit.Safe,
				Why:      fmt.Sprintf("%s is the entity of %q", raw, to),
				Evidence: []edit.Evidence{{Name: "entity", Nats: 5.5, Note: "a whole entity in plain text"}},
			})
		}
	},
}
