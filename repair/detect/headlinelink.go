package detect

import (
	"strings"

	"copydesk/repair/edit"
	"copydesk/repair/text"
)

// boilerplateHeadline is no rule file, for it has no literal to look for.
var boilerplateHeadline = Detector{
	ID:    "boilerplate/headline-link",
	Doc:   "Between two paragraphs stands another article's headline in capitals, as some sites link to it. A section's heading may look the same: a person decides.",
	Round: Page,
	Cues:  Always,
	Keep: []Example{
		{In: "THE COUNCIL CLOSES THE OLD BRIDGE ON MONDAY\n\nThe council voted on Monday to close the old bridge, and all of its members were there."},
		{In: "The council voted on Monday to close the old bridge.\n\nSHARES RISE AGAIN\n\nThe council voted on Monday to close the old bridge."},
		{In: "The council voted on Monday to close the old bridge.\n\n2019, 2020, 2021, 2022, 2023, 2024, 2025\n\nThe council voted on Monday to close the old bridge."},
		{In: "The council voted on Monday to close the old bridge.\n\nминистр сказал во вторник, что мост закрыт\n\nThe council voted on Monday to close the old bridge."},
	},
	Run: (*Pass).headlineLinks,
}

// Of 601 such lines in 60 MB of allsides_news 70 were read: three in four are links
// at least.
const (
	headlineWords = 7
	headlineNats  = 1.1
)

func (p *Pass) headlineLinks() {
	if p.skips(edit.Review) {
		return
	}
	d := p.Doc
	for k := 1; k+1 < len(d.Blocks); k++ {
		b := d.Blocks[k]
		if line := d.Text[b.Start:b.End]; !headline(line) || strings.Contains(line, "CLICK ") || strings.Contains(line, "NEWSLETTER") || d.Blocks[k-1].Kind != text.Paragraph || headline(d.Text[d.Blocks[k+1].Start:d.Blocks[k+1].End]) {
			continue
		}
		span := edit.Span{Start: b.Start, End: d.Blocks[k+1].Start}
		p.Propose(edit.Proposal{
			Span: span, Edits: []edit.Edit{{Span: span}}, Origin: edit.Extraction, Ceiling: edit.Review, Aside: true,
			Why: "another article's headline", Evidence: []edit.Evidence{{Name: "capitals", Nats: headlineNats, Note: "a whole sentence in capitals between two paragraphs"}},
		})
	}
}

// headline reports whether a text is a headline's worth of words, all in capitals:
// Latin ones mostly, for numbers in a row and other scripts are no such headline.
func headline(s string) bool {
	words, letters := 1, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			return false
		case c == '\n':
			return false
		case c == ' ':
			words++
		case c >= 'A' && c <= 'Z':
			letters++
		}
	}
	return words >= headlineWords && letters*2 > len(s)
}
