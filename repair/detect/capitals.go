package detect

import (
	"strings"

	"copydesk/repair/edit"
	"copydesk/repair/text"
)

var boilerplateCapitals = Detector{
	ID: "boilerplate/headline-link",
	Doc: "Between two paragraphs stands another article's headline in capitals, as some sites link to it. A section's heading may look the same: a person decides. " +
		"It is Go because a rule file needs literals to look for.",
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

// Of 601 such lines in 60 MB of allsides_news 70 were read: of those with seven
// words and more in articles that name the network that prints most of them, nine
// in ten are links, of the others three in four.
const (
	headlineWords   = 7
	headlineNats    = 1.1
	headlineNetwork = 1.1
)

func (p *Pass) headlineLinks() {
	if p.skips(edit.Review) {
		return
	}
	d := p.Doc
	looked, network := false, false // the article names the network: looked for once, it may be long
	for k := 1; k+1 < len(d.Blocks); k++ {
		b := d.Blocks[k]
		if line := d.Text[b.Start:b.End]; !capitals(line) || strings.Contains(line, "CLICK ") || strings.Contains(line, "NEWSLETTER") || d.Blocks[k-1].Kind != text.Paragraph || capitals(d.Text[d.Blocks[k+1].Start:d.Blocks[k+1].End]) {
			continue
		}
		evidence := []edit.Evidence{{Name: "capitals", Nats: headlineNats, Note: "a whole sentence in capitals between two paragraphs"}}
		if !looked {
			looked, network = true, strings.Contains(d.Text, "Fox News") || strings.Contains(d.Text, "FOX NEWS")
		}
		if network {
			evidence = append(evidence, edit.Evidence{Name: "network", Nats: headlineNetwork, Note: "the article is of a site that links so"})
		}
		span := edit.Span{Start: b.Start, End: d.Blocks[k+1].Start}
		p.Propose(edit.Proposal{
			Span: span, Edits: []edit.Edit{{Span: span}}, Origin: edit.Extraction, Ceiling: edit.Review, Aside: true,
			Why: "another article's headline", Evidence: evidence,
		})
	}
}

// capitals reports whether a text is a headline's worth of words, all in capitals:
// Latin ones mostly, for numbers in a row and other scripts are no such headline.
func capitals(s string) bool {
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
