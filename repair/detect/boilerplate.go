package detect

import (
	"fmt"
	"regexp"
	"strings"

	"copydesk/repair/edit"
)

// widgets are paragraphs that pages carry around their articles: each pattern
// must match a whole paragraph, so that an article about newsletters stays.
var widgets = []struct {
	literal string // must occur, in this case, before the pattern is tried
	re      *regexp.Regexp
	first   bool // only at the start of the document
}{
	{"date ", regexp.MustCompile(`^date \d{4}-\d{2}-\d{2}$`), true},
	{"been updated", regexp.MustCompile(`^This (news )?story( and headline)? (has|have) been updated( with| to reflect) additional (developments|information|details|reporting)\.$`), false},
	{"FOX NEWS APP", regexp.MustCompile(`^CLICK HERE TO GET THE FOX NEWS APP$`), false},
	{"CLICK HERE TO", regexp.MustCompile(`^CLICK HERE TO (SIGN UP|DOWNLOAD|GET|SUBSCRIBE|READ|WATCH)[A-Z' ]{3,60}$`), false},
	{"Continued Below", regexp.MustCompile(`^Story Continued Below$`), false},
	{"playback is", regexp.MustCompile(`^Media playback is (unsupported|not supported) on (your|this) device$`), false},
	{"Ad Feedback", regexp.MustCompile(`^(Video )?Ad Feedback$`), false},
	{"SHARE THIS", regexp.MustCompile(`^(\d+[kKmM]? SHARES )?SHARE THIS STORY$`), false},
	{"Story highlights", regexp.MustCompile(`^Story highlights$`), false},
	{"dvertisement", regexp.MustCompile(`^Advertisement$`), false},
	{"FacebookTwitter", regexp.MustCompile(`^FacebookTwitter[A-Za-z ]{0,60}$`), false},
}

var boilerplateLines = Detector{
	ID:    "boilerplate/widget",
	Doc:   "A paragraph that the page put around the article: a share bar, an app's promotion, a date stamp.",
	Round: Words,
	Cues:  Always,
	Fix:   []Example{{In: "The bill passed on Monday.\n\nStory Continued Below\n\nIt goes to the Senate.", Out: "The bill passed on Monday.\n\nIt goes to the Senate."}},
	Keep:  []Example{{In: "He wrote: Story Continued Below, and went home.\n\nAn advertisement said so."}},
	Run: func(p *Pass) {
		s := p.Doc.Text
		for _, w := range widgets {
			if !strings.Contains(s, w.literal) {
				continue
			}
			for k, b := range p.Doc.Blocks {
				if w.first && k > 0 {
					break
				}
				if b.Len() > 200 || !w.re.MatchString(s[b.Start:b.End]) {
					continue
				}
				// The paragraph goes with the white space on one of its sides.
				cut := b.Span
				if k+1 < len(p.Doc.Blocks) {
					cut.End = p.Doc.Blocks[k+1].Start
					if k == 0 {
						cut.Start = 0
					}
				} else if k > 0 {
					cut.Start = p.Doc.Blocks[k-1].End
				}
				p.Propose(edit.Proposal{
					Span: cut, Edits: []edit.Edit{{Span: cut}}, Origin: edit.Extraction, Ceiling: edit.Safe,
					Why:      fmt.Sprintf("%q belongs to the page, not to the article", s[b.Start:b.End]),
					Evidence: []edit.Evidence{{Name: "phrase", Nats: 5.5, Note: "a whole paragraph that is a known widget"}},
				})
			}
		}
	},
}
