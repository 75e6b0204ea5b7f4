package detect

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"copydesk/repair/edit"
	"copydesk/repair/page"
)

// The rules of the page, by what was lost.
const (
	ruleMergedPage      = "merged/page-has-space"
	ruleSpacingPage     = "spacing/page-gap"
	ruleSplitPage       = "split/page-has-none"
	ruleHyphenPage      = "hyphen/page-has-none"
	rulePossessivePage  = "possessive/page-apostrophe"
	ruleContractionPage = "contraction/page-apostrophe"
	ruleQuotePage       = "quote/page-mark"
	ruleDashPage        = "dash/page-mark"
	ruleCharacterPage   = "characters/page-character"
)

// What the page that a text was taken from says of it: one detector a family, so
// that each can be measured and trusted by itself. Without a page they do
// nothing.
var (
	mergedPage = pageDetector(ruleMergedPage, "The page that the text was taken from has white space, the end of a link or of a block between two words that touch here.",
		Example{In: "They have includedUS controls on the export of goods.", Out: "They have included US controls on the export of goods.", Page: `<p>They have <a href="/x">included</a> US controls on the export of goods.</p>`},
		Example{In: "They have included backheels on the export of goods.", Page: `<p>They have <a href="/x">included</a> backheels on the export of goods.</p>`})
	spacingPage = pageDetector(ruleSpacingPage, "The page has white space beside a mark where the text has none, or none where the text has some.",
		Example{In: "The vote on the old bridge was close , the mayor said.It was held on Monday in Ashford.", Out: "The vote on the old bridge was close, the mayor said. It was held on Monday in Ashford.", Page: `<div>The vote on the old bridge <a href="/x">was close</a>, the mayor said.</div><div>It was held on Monday in Ashford.</div>`},
		Example{In: "The band The The. played on the old bridge at Ashford on Monday.", Page: `<p>The band The The. played on the old bridge at Ashford on Monday.`})
	splitPage = pageDetector(ruleSplitPage, "The page has no white space, and no tag, within a word that stands in two pieces here.",
		Example{In: "The council of Ash ford voted on Monday to keep the old bridge.", Out: "The council of Ashford voted on Monday to keep the old bridge.", Page: `<p>The council of Ashford voted on Monday to keep the old bridge.</p>`},
		Example{In: "The council of Ash ford voted on Monday to keep the old bridge.", Page: `<p>The council of <span>Ash</span><span>ford</span> voted on Monday to keep the old bridge.</p>`})
	hyphenPage = pageDetector(ruleHyphenPage, "The page has neither the hyphen nor the white space within a word that was cut at a line's end.",
		Example{In: "The council of Ashford kept the pro- perty by the old bridge.", Out: "The council of Ashford kept the property by the old bridge.", Page: `<p>The council of Ashford kept the property by the old bridge.</p>`},
		Example{In: "The council of Ashford kept pre- and post-war houses by the bridge.", Page: `<p>The council of Ashford kept pre- and post-war houses by the bridge.</p>`})
	possessivePage = pageDetector(rulePossessivePage, "The page has an apostrophe before the s, or behind it.",
		Example{In: "The mayor said that Ashfords bridge would be kept for years.", Out: "The mayor said that Ashford’s bridge would be kept for years.", Page: `<p>The mayor said that Ashford’s bridge would be kept for years.</p>`},
		Example{In: "The mayor said that Ashfords bridge would be kept for years.", Page: `<p>The mayor said that Ashfords bridge would be kept for years.</p>`})
	contractionPage = pageDetector(ruleContractionPage, "The page has an apostrophe within a word that lost it.",
		Example{In: "The mayor of Ashford said that they cant keep the bridge.", Out: "The mayor of Ashford said that they can’t keep the bridge.", Page: `<p>The mayor of Ashford said that they can’t keep the bridge.</p>`},
		Example{In: "The mayor of Ashford said that the cant of the town was hard.", Page: `<p>The mayor of Ashford said that the cant of the town was hard.</p>`})
	quotePage = pageDetector(ruleQuotePage, "The page has a quotation mark where the text has none.",
		Example{In: "The mayor of Ashford called it a dangerous bridge and left the town hall.", Out: "The mayor of Ashford called it a “dangerous bridge” and left the town hall.", Page: `<p>The mayor of Ashford called it a “dangerous bridge” and left the town hall.</p>`},
		Example{In: "The mayor of Ashford called it a 'dangerous bridge' and left the town hall.", Page: `<p>The mayor of Ashford called it a “dangerous bridge” and left the town hall.</p>`})
	dashPage = pageDetector(ruleDashPage, "The page has a dash where the text has none.",
		Example{In: "The old bridge at Ashford the oldest of them was kept for years.", Out: "The old bridge at Ashford — the oldest of them — was kept for years.", Page: `<p>The old bridge at Ashford — the oldest of them — was kept for years.</p>`},
		Example{In: "The old bridge at Ashford, the oldest of them, was kept for years.", Page: `<p>The old bridge at Ashford — the oldest of them — was kept for years.</p>`})
	characterPage = pageDetector(ruleCharacterPage, "The page has a character where the text has a question mark or another sign for what could not be read.",
		Example{In: "The mayor said that Ashford?s caf? by the old bridge would be kept.", Out: "The mayor said that Ashford’s café by the old bridge would be kept.", Page: `<p>The mayor said that Ashford’s café by the old bridge would be kept.</p>`},
		Example{In: "Would the mayor keep the old bridge at Ashford? Nobody knew for years.", Page: `<p>Would the mayor keep the old bridge at Ashford? Nobody knew for years.</p>`})
)

func pageDetector(id, doc string, fix, keep Example) Detector {
	d := Detector{
		ID: id, Doc: doc + " The letters around agree; no word of the page is ever brought in. It runs only with the page (--page, --page-field).",
		Round: Page, Cues: Always, Fix: []Example{fix}, Keep: []Example{keep},
		Run: func(p *Pass) { p.proposePage(id) },
	}
	if edit.Family(id) == "characters" {
		d.Round = Characters
		d.Cues = Paged
	}
	return d
}

// Evidence of the page, in nats. A fault is a difference between two copies of
// the same letters: in the texts of 169 real pages, as the pages have them, none
// was seen, and of 7,034 words that were damaged in them 6,144 read again as in
// the page, 2,925 without it. What is left is the risk that the page says it
// otherwise elsewhere.
const (
	pageNats   = 6.5
	pageTag    = 1.0  // a tag stands there, which explains the loss
	pageAgree  = 0.02 // for each letter that agrees on the shorter side, up to pageLetters
	pageFew    = -4.5 // less than half a dozen agree on one side: a phrase may go on otherwise
	pageSame   = -6.0 // for a proposal of others: the page reads as the text does
	pageEnough = 6
)

const pageLetters = 50

// minPageShare is the share of the text's letters that the page must hold: with
// less, it is another article's.
const minPageShare = 0.3

// comparison holds the text against its page, once a pass.
func (p *Pass) comparison() *page.Comparison {
	if p.page == nil {
		return nil
	}
	if p.compared == nil {
		c := p.page.Compare(p.Doc.Text)
		if c.Share < minPageShare {
			c = page.Comparison{}
		}
		p.compared = &c
	}
	return p.compared
}

// proposePage hands in the faults that are one rule's.
func (p *Pass) proposePage(id string) {
	c := p.comparison()
	if c == nil {
		return
	}
	for i := range c.Faults {
		f := &c.Faults[i]
		if p.pageRule(f) != id {
			continue
		}
		span := p.pageSpan(c.Faults, i)
		q := edit.Proposal{
			Rule: id, Span: span, Edits: []edit.Edit{{Span: edit.Span{Start: f.Start, End: f.End}, New: f.New}}, Origin: edit.Extraction, Ceiling: edit.Safe,
			Why:      fmt.Sprintf("the page reads %q here", edit.Reads(p.Doc.Text, span, []edit.Edit{{Span: edit.Span{Start: f.Start, End: f.End}, New: f.New}})),
			Evidence: []edit.Evidence{{Name: "page", Nats: pageNats, Note: pageNote(f)}},
		}
		if f.Tag != "" {
			q.Evidence = append(q.Evidence, edit.Evidence{Name: "page-tag", Nats: pageTag, Note: f.Tag + " begins or ends there"})
		}
		note := fmt.Sprintf("at least %d letters agree on each side", f.Agree)
		nats := pageAgree * float64(min(f.Agree, pageLetters))
		if f.Agree < pageEnough {
			nats, note = pageFew, fmt.Sprintf("only %d letters agree on one side", f.Agree)
			q.Ceiling = edit.Review
		}
		q.Evidence = append(q.Evidence, edit.Evidence{Name: "page-agrees", Nats: math.Round(1000*nats) / 1000, Note: note})
		p.Propose(q)
	}
}

func pageNote(f *page.Fault) string {
	switch f.Kind {
	case page.LostSpace:
		if strings.Contains(f.New, "\n") {
			return "a block ends there in the page"
		}
		return "the page has white space there"
	case page.AddedSpace:
		return "the page has no white space there"
	case page.Hyphen:
		return "the page has neither hyphen nor white space there"
	case page.Character:
		return "the page has a character there"
	}
	return "the page has a mark there"
}

// pageRule is the rule that a fault belongs to.
func (p *Pass) pageRule(f *page.Fault) string {
	switch f.Kind {
	case page.LostSpace:
		if f.Marked {
			return ruleSpacingPage
		}
		return ruleMergedPage
	case page.AddedSpace:
		if f.Marked {
			return ruleSpacingPage
		}
		return ruleSplitPage
	case page.Hyphen:
		return ruleHyphenPage
	case page.Quote:
		return ruleQuotePage
	case page.Dash:
		return ruleDashPage
	case page.Character:
		return ruleCharacterPage
	}
	if rest := p.Doc.Text[f.End:]; len(rest) > 0 && (rest[0] == 's' || rest[0] == 'S') && (len(rest) == 1 || !letterByte(rest[1])) {
		// it's, that's, let's and who's are contractions far more often.
		before := strings.ToLower(p.Doc.Text[max(0, f.Start-8):f.Start])
		for _, w := range []string{"it", "that", "he", "she", "what", "there", "let", "who", "here", "where", "how"} {
			if rest, ok := strings.CutSuffix(before, w); ok && (rest == "" || !letterByte(rest[len(rest)-1])) {
				return ruleContractionPage
			}
		}
		return rulePossessivePage
	}
	if f.Start > 0 && p.Doc.Text[f.Start-1]|0x20 == 's' && f.New != "" && strings.HasSuffix(f.New, " ") {
		return rulePossessivePage
	}
	return ruleContractionPage
}

// pageSpan is the place of a fault as a person sees it: the words that it touches,
// up to the next fault, for each stands by itself.
func (p *Pass) pageSpan(faults []page.Fault, i int) edit.Span {
	const most = 40 // bytes of a word on one side
	s, f := p.Doc.Text, &faults[i]
	start, end := f.Start, f.End
	least, last := max(0, start-most), min(len(s), end+most)
	if i > 0 {
		least = min(start, max(least, faults[i-1].End))
	}
	if i+1 < len(faults) {
		last = max(end, min(last, faults[i+1].Start))
	}
	for start > least && s[start-1] > ' ' {
		start--
	}
	for end < last && s[end] > ' ' {
		end++
	}
	for start < f.Start && !utf8.RuneStart(s[start]) {
		start++
	}
	for end > f.End && end < len(s) && !utf8.RuneStart(s[end]) {
		end--
	}
	return edit.Span{Start: start, End: end}
}

// confirm speaks against what other detectors propose where the page reads as the
// text does: it is as it was published, and what is wrong is not the extraction's. What the page has around its article, and
// bytes that were misread, are none of its business.
func (p *Pass) confirm() {
	c := p.comparison()
	if c == nil || len(c.Same) == 0 {
		return
	}
	for i := range p.proposals {
		q := &p.proposals[i]
		if f := edit.Family(q.Rule); f == "boilerplate" || f == "characters" || len(q.Edits) == 0 || strings.Contains(q.Rule, "/page-") {
			continue
		}
		start, end := q.Edits[0].Start, q.Edits[len(q.Edits)-1].End
		k := sort.Search(len(c.Same), func(k int) bool { return c.Same[k].End >= end })
		if k < len(c.Same) && c.Same[k].Start < start && c.Same[k].End > end {
			q.Origin, q.Ceiling = edit.Source, min(q.Ceiling, edit.Review)
			q.Evidence = append(slices.Clip(q.Evidence), edit.Evidence{Name: "page-reads-so", Nats: pageSame, Note: "the page reads as the text does"})
		}
	}
}
