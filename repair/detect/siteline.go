package detect

import (
	"fmt"
	"math"
	"strings"
	"sync"

	"copydesk/repair/corpus"
	"copydesk/repair/edit"
	"copydesk/rules"
)

const boilerplateRepeatedID = "boilerplate/repeated-in-site"

// boilerplateRepeated asks the evidence of the archive that the document comes
// from; without it, it does nothing.
var boilerplateRepeated = Detector{
	ID: boilerplateRepeatedID,
	Doc: "A whole line, or a sentence at the very begin or end, stands in so many documents of one site, whatever they are about, that it is the page's " +
		"and not the article's. " +
		"It runs only with evidence from an archive (copydesk corpus), and takes out unattended only what stands before or behind the article " +
		"or speaks to the page's reader; quotations, bylines and headings are left for review.",
	Round: Page,
	Cues:  Always,
	Fix: []Example{
		{
			In:     "The dam held through the night, engineers said on Friday.\n\nThe Valley Gazette has served Ashford and the towns around it since 1889.",
			Out:    "The dam held through the night, engineers said on Friday.",
			Source: "https://gazette.example/dam",
			Corpus: siteExample + `{"t":"line","docs":96,"edge":96,"elsewhere":0,"topic":9,"copies":8,"text":"The Valley Gazette has served Ashford and the towns around it since 1889."}`,
		},
		{
			In:     "The dam held through the night.\n\nSign up for Valley Mornings, our free newsletter, and join 12,000 readers\n\nEngineers said on Friday that the water would fall.",
			Out:    "The dam held through the night.\n\nEngineers said on Friday that the water would fall.",
			Source: "https://gazette.example/dam",
			Corpus: siteExample + `{"t":"line","docs":31,"edge":2,"elsewhere":0,"topic":3,"copies":4,"text":"Sign up for Valley Mornings, our free newsletter, and join 12,000 readers"}`,
		},
		{ // a text without line ends
			In:     "The dam held through the night. Engineers said so on Friday. The Valley Gazette has served Ashford and the towns around it since 1889.",
			Out:    "The dam held through the night. Engineers said so on Friday.",
			Source: "https://gazette.example/dam",
			Corpus: siteExample + `{"t":"line","docs":96,"edge":96,"elsewhere":0,"topic":9,"copies":8,"text":"The Valley Gazette has served Ashford and the towns around it since 1889."}`,
		},
	},
	Keep: []Example{
		{ // background that follow-ups repeat: all on one topic
			In:     "The inquest was adjourned.\n\nThe ferry sank off Ashford Point on 3 March with the loss of 41 lives.",
			Source: "https://gazette.example/ferry",
			Corpus: siteExample + `{"t":"line","docs":14,"edge":9,"elsewhere":0,"topic":13,"copies":3,"text":"The ferry sank off Ashford Point on 3 March with the loss of 41 lives."}`,
		},
		{ // a heading that the author chose, in every other article
			In:     "The council met.\n\nWhy it matters\n\nThe vote decides the budget.",
			Source: "https://gazette.example/council",
			Corpus: siteExample + `{"t":"line","docs":160,"edge":20,"elsewhere":0,"topic":12,"copies":14,"text":"Why it matters"}`,
		},
		{ // in another site's documents, not in this one's
			In:     "The dam held.\n\nThe Valley Gazette has served Ashford and the towns around it since 1889.",
			Source: "https://herald.example/dam",
			Corpus: siteExample + `{"t":"line","docs":96,"edge":96,"elsewhere":0,"topic":9,"copies":8,"text":"The Valley Gazette has served Ashford and the towns around it since 1889."}`,
		},
	},
	Run: runRepeated,
}

const siteExample = `{"t":"corpus","schema":"copydesk.corpus/1","docs":300}
{"t":"site","site":"gazette.example","docs":240,"topic":20}
`

// The evidence of a line that recurs, in nats. Set by hand, and then tried on
// what authors repeat: 33,000 documents (14,000 of the White House, 6,500 speeches
// at the United Nations, 12,000 of news as three sites) with each sentence on a
// line of its own. Of 1,700 sentences that recur there, formulas of law and of
// courtesy, none is taken out unattended.
const (
	linePrior   = -4.5
	lineMany    = 6.0  // the most that the number of documents may say
	linePhrase  = 3.5  // it speaks to the page's reader
	lineEdge    = 1.5  // it stands at the head or foot of nearly all
	lineWithin  = -1.0 // it stands within most
	lineTopical = -4.0 // the documents are about the same
	lineCopies  = -4.0 // the documents are copies of one another
	lineCommon  = -3.0 // other sites hold it as often: a phrase of everybody's
	lineSpeech  = -4.0 // it holds quotation marks
	lineByline  = -4.0 // it names who wrote
	lineHeading = -2.0 // a few words without a sentence's end
)

// Without a phrase of the page's, only what stands behind the article of this
// many documents, in this share of the site's, may go unattended.
const (
	plainDocs  = 20
	plainShare = 0.25
)

// What stands behind nearly every article need not be a sentence: an address, a
// list of links.
const (
	everyDocs  = 50
	everyShare = 0.6
)

var pagePhrases = sync.OnceValue(func() []string {
	var out []string
	for l := range strings.Lines(rules.PagePhrases()) {
		if l = strings.TrimSpace(l); l != "" && l[0] != '#' {
			out = append(out, l)
		}
	}
	return out
})

// runRepeated finds the lines that the site's other documents hold as well. They
// are handed in together with what rule files find: lines that go side by side
// share the white space between them.
func runRepeated(p *Pass) {
	p.repeated = p.repeated[:0]
	if p.site.Docs == 0 {
		return
	}
	for _, u := range corpus.Units(p.Doc) {
		if !u.Sentence && !p.wholeLines(u.Span) {
			continue
		}
		s := p.Doc.Text[u.Start:u.End]
		l, ok := p.site.Line(s)
		if !ok || l.Docs > p.site.Docs {
			continue
		}
		if m := p.repeatedLine(u, s, l); m.nats() > 0 { // less is not worth anybody's time: authors repeat phrases
			p.repeated = append(p.repeated, m)
		}
	}
}

// repeatedLine weighs a line that recurs.
func (p *Pass) repeatedLine(u corpus.Unit, s string, l corpus.Line) ruleMatch {
	share := float64(l.Docs) / float64(p.site.Docs)
	m := ruleMatch{span: u.Span, whole: !u.Sentence, ceiling: edit.Safe}
	if u.Sentence { // it goes with the white space on the side of the article
		if u.Place > 0 {
			m.span.Start = len(strings.TrimRight(p.Doc.Text[:u.Start], " \t\u00a0"))
		} else {
			m.span.End = len(p.Doc.Text) - len(strings.TrimLeft(p.Doc.Text[u.End:], " \t\u00a0"))
		}
	}
	m.why = fmt.Sprintf("occurs in %d of %d documents of %s", l.Docs, p.site.Docs, p.site.Site)
	say := func(name string, nats float64, note string) {
		m.evidence = append(m.evidence, edit.Evidence{Name: name, Nats: math.Round(nats*1000) / 1000, Note: note})
	}
	say("prior", linePrior, "before anything is known of the line")
	say("documents", min(lineMany, math.Log(float64(l.Docs))), fmt.Sprintf("%d documents of the site hold it", l.Docs))
	say("share", math.Log1p(50*share), fmt.Sprintf("%.1f %% of the site's documents", 100*share))
	phrase := pagePhrase(s)
	if phrase != "" {
		say("page-phrase", linePhrase, fmt.Sprintf("it says %q", phrase))
	}
	switch edge := float64(l.Edge) / float64(l.Docs); {
	case edge >= 0.9:
		say("edge", lineEdge, "it stands before or behind the article")
	case edge < 0.5:
		say("within", lineWithin, "it stands within most articles")
	}
	// A topic takes a sixteenth of the documents or what the site's commonest does.
	if usual := float64(p.site.Topic) / float64(p.site.Docs); float64(l.Topic)/float64(l.Docs) > max(0.5, usual+0.2) {
		say("one-topic", lineTopical, "the documents are about the same: background that follow-ups repeat")
		m.ceiling = edit.Review
	}
	if 2*l.Copies > l.Docs {
		say("copies", lineCopies, "most of the documents may be copies of one article")
		m.ceiling = edit.Review
	}
	if l.Elsewhere > l.Docs {
		say("elsewhere", lineCommon, "as many documents of other sites hold it")
	}
	words := len(strings.Fields(s))
	plain := phrase == ""
	switch {
	case strings.ContainsAny(s, "\"“”«»"):
		say("quotation", lineSpeech, "it holds quotation marks")
		m.ceiling = edit.Review
	case byline(s):
		say("byline", lineByline, "it says who wrote or added")
		m.ceiling = edit.Review
	case plain && (words < 5 || u.Heading && !(u.Place > 0 && l.Docs >= everyDocs && share >= everyShare) || strings.HasSuffix(s, ":")):
		say("heading", lineHeading, "it may be a heading of the author's")
		m.ceiling = edit.Review
	}
	if plain && (u.Place <= 0 || l.Docs < plainDocs || share < plainShare || personal(s)) {
		m.ceiling = edit.Review
	}
	return m
}

// pagePhrase is what a line says to a page's reader; "" when it says nothing such.
func pagePhrase(line string) string {
	s := strings.ToLower(strings.ReplaceAll(line, "’", "'"))
	for _, phrase := range pagePhrases() {
		for from := 0; ; {
			i := strings.Index(s[from:], phrase)
			if i < 0 {
				break
			}
			at, end := from+i, from+i+len(phrase)
			if (at == 0 || !letterByte(s[at-1])) && (end == len(s) || !letterByte(s[end])) {
				return phrase
			}
			from = end
		}
	}
	return ""
}

// byline reports whether a line says who wrote, edited or added to an article:
// it is the article's, though page after page has it.
func byline(s string) bool {
	l := strings.ToLower(strings.TrimLeft(s, "([—–- "))
	for _, lead := range []string{"by ", "reporting by ", "additional reporting", "editing by ", "writing by ", "compiled by ", "from our ", "photographs by ", "story by "} {
		if strings.HasPrefix(l, lead) {
			return true
		}
	}
	return strings.Contains(l, "contributed to this") || strings.Contains(l, "contributed reporting")
}

// personal reports whether a line speaks of or to persons, as an author who signs
// off does.
func personal(s string) bool {
	for w := range strings.FieldsFuncSeq(strings.ToLower(s), func(r rune) bool { return r != '\'' && (r < 'a' || r > 'z') }) {
		switch w {
		case "i", "i'm", "i'll", "we", "we'll", "we're", "my", "me", "you", "your", "thanks", "thank":
			return true
		}
	}
	return false
}
