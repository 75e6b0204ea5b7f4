package detect

import (
	"strings"

	"copydesk/repair/edit"
	"copydesk/repair/text"
)

var breakTranscript = Detector{
	ID: "break/transcript-label",
	Doc: "In a transcript whose lines begin with the speaker's name, a speaker's label stands in the middle of a line: a line end was lost before it. " +
		"Only labels that begin another line of the transcript, or that name nobody.",
	Round: Page,
	Cues:  Always,
	Fix: []Example{{
		In:  "WATERS: What is it?\nSMITH: I do not know. WATERS: A garlic broth. UNIDENTIFIED MALE: A garlic broth.",
		Out: "WATERS: What is it?\nSMITH: I do not know.\nWATERS: A garlic broth.\nUNIDENTIFIED MALE: A garlic broth.",
	}},
	Keep: []Example{
		{In: "WATERS: What is it? NOTE: nobody knew. It was said that WATERS: was a brand."},
		{In: "The talk went on. SMITH: I do not know. WATERS: A garlic broth."},
	},
	Run: (*Pass).transcript,
}

// Limits of a transcript's label, in bytes.
const (
	minLabel = 3
	maxLabel = 40
)

// labelAt returns the label in capitals that begins a text: WATERS, SEN. MARY
// SMITH, and its colon; nothing where none does.
func labelAt(s string) string {
	n := strings.IndexByte(s[:min(len(s), maxLabel+1)], ':')
	if n < minLabel || n+1 >= len(s) || s[n+1] != ' ' {
		return ""
	}
	letters := 0
	for i := range n {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z':
			letters++
		case c != ' ' && c != '.' && c != '-' && c != '\'':
			return ""
		}
	}
	if letters < minLabel {
		return ""
	}
	return s[:n]
}

func (p *Pass) transcript() {
	var labels []string
	for _, b := range p.Doc.Blocks {
		if l := labelAt(p.Doc.Text[b.Start:b.End]); l != "" && len(labels) < maxLabels {
			labels = append(labels, l)
		}
	}
	if len(labels) < 2 {
		return
	}
	known := make(map[string]bool, len(labels))
	for _, l := range labels {
		known[l] = true
	}
	for _, b := range p.Doc.Blocks {
		for k := b.First + 1; k < b.Next; k++ {
			i := p.Doc.Sentences[k].First
			t, left := p.Doc.Tokens[i], p.Doc.Tokens[i-1]
			if t.Gap != text.GapSpace && t.Gap != text.GapOdd || t.Shape&text.AllUpper == 0 {
				continue
			}
			l := labelAt(p.Doc.Text[t.Start:b.End])
			if l == "" || !known[l] && !strings.HasPrefix(l, "UNIDENTIFIED ") {
				continue
			}
			gap := edit.Span{Start: int(left.End), End: int(t.Start)}
			p.Propose(edit.Proposal{
				Span: edit.Span{Start: int(left.Start), End: int(t.Start) + len(l) + 1}, Edits: []edit.Edit{{Span: gap, New: "\n"}}, Origin: edit.Extraction, Ceiling: edit.Safe,
				Why:      "a speaker's label in the middle of a line",
				Evidence: []edit.Evidence{{Name: "label", Nats: 4.5, Note: "the label begins other lines"}},
			})
		}
	}
}

// maxLabels bounds the labels that are kept: a transcript has a few dozen speakers.
const maxLabels = 4000
