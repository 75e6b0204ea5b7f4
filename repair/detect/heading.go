package detect

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var breakGluedHeading = Detector{
	ID: "break/glued-heading",
	Doc: "A heading lost the line end before the paragraph: a few words without a verb at the beginning of a block, glued to a word that " +
		"begins sentences. No stop is added, the heading had none.",
	Round: Page,
	Cues:  Unknown,
	Fix:   []Example{{In: "Household objectsWhen people feel sympathy for things, they think of them as people.", Out: "Household objects\nWhen people feel sympathy for things, they think of them as people."}},
	Keep: []Example{
		{In: "The new PayPal office opened on Monday in the town."},
		{In: "Household objects, with WeAre cards, are dear."},
	},
	Run: func(p *Pass) {
		k := 0
		for _, i32 := range p.At(Unknown) {
			i := int(i32)
			t := p.Doc.Tokens[i]
			if t.Shape&text.InnerUpper == 0 || t.Shape&(text.AllUpper|text.HasDigit|text.HasDot|text.HasApostrophe) != 0 {
				continue
			}
			for k < len(p.Doc.Blocks) && p.Doc.Blocks[k].End <= int(t.Start) {
				k++
			}
			if k == len(p.Doc.Blocks) {
				return
			}
			first := int(p.Doc.Sentences[p.Doc.Blocks[k].First].First)
			w := p.Doc.Str(i)
			at := glue(w)
			if at == 0 || !p.headingWords(first, i) || !p.gluedStart(w, at, i) {
				continue
			}
			cut := int(t.Start) + at
			p.Propose(edit.Proposal{
				Span: t.Span(), Edits: []edit.Edit{{Span: edit.Span{Start: cut, End: cut}, New: "\n"}}, Origin: edit.Extraction, Ceiling: edit.Safe,
				Why:      fmt.Sprintf("%q holds the end of a heading and the beginning of the paragraph", w),
				Evidence: []edit.Evidence{{Name: "shape", Nats: 4.6, Note: "a few words without a verb, then a word that begins sentences"}},
			})
		}
	},
}

var breakPullQuote = Detector{
	ID: "break/pull-quote",
	Doc: "A quotation that the page sets apart, without a mark at its end, lost the line end behind it: it begins its block, and a capitalised word touches " +
		"its closing mark. No stop is added, it had none.",
	Round: Words,
	Cues:  Glued,
	Fix: []Example{
		{In: "“The only way out is to plant trees on a large scale”Such projects are not new.", Out: "“The only way out is to plant trees on a large scale”\nSuch projects are not new."},
	},
	Keep: []Example{{In: "“The only way out,” he said, is to plant trees. The “smart” tree is a brand."}},
	Run: func(p *Pass) {
		for _, i := range p.At(Glued) {
			t := &p.Doc.Tokens[i]
			if i < minPullQuote || t.Kind != text.Word || t.Shape&text.InitialUpper == 0 || p.Doc.Str(int(i)-1) != "”" || !p.pullQuote(int(i)-1) {
				continue
			}
			at := int(t.Start)
			p.Propose(edit.Proposal{
				Span: edit.Span{Start: int(p.Doc.Tokens[i-1].Start), End: int(t.End)}, Edits: []edit.Edit{{Span: edit.Span{Start: at, End: at}, New: "\n"}}, Origin: edit.Extraction, Ceiling: edit.Safe,
				Why:      fmt.Sprintf("a quotation set apart ends before %q", p.Doc.Str(int(i))),
				Evidence: []edit.Evidence{{Name: "shape", Nats: 10.5, Note: "it begins its block and has no mark at its end; a mere space is the rival"}},
			})
		}
	},
}

// minPullQuote is how many tokens a quotation has that a page sets apart.
const minPullQuote = 8

// pullQuote reports whether the closing mark at token k ends a quotation that
// begins its block and ends without a mark of its own.
func (p *Pass) pullQuote(k int) bool {
	if w := p.Doc.Tokens[k-1]; w.Kind != text.Word || w.Shape&text.HasDot != 0 {
		return false
	}
	first := p.blockOf(k).first
	if k-first < minPullQuote || p.Doc.Str(first) != "“" {
		return false
	}
	for i := first + 1; i < k; i++ {
		if isQuote(p.Doc.Str(i)) {
			return false
		}
	}
	return true
}

// maxHeading is how many words a heading has at the most.
const maxHeading = 7

// glue is where the last capital of a word follows a lower-case letter, or 0.
func glue(w string) int {
	for b := len(w) - 1; b > 1; b-- {
		if glueAt(w, b) {
			return b
		}
	}
	return 0
}

// headingWords reports whether the tokens from the block's first to before end
// are a heading's: capitalised at the start, words only, no verb or pronoun that
// makes a sentence.
func (p *Pass) headingWords(first, end int) bool {
	if end-first < 1 || end-first > maxHeading || p.Doc.Tokens[first].Shape&text.InitialUpper == 0 {
		return false
	}
	for j := first; j < end; j++ {
		if p.Doc.Tokens[j].Kind != text.Word && p.Doc.Tokens[j].Kind != text.Number && p.Doc.Tokens[j].Kind != text.Clitic {
			return false
		}
		switch strings.ToLower(p.Doc.Str(j)) {
		case "is", "was", "are", "were", "has", "had", "have", "be", "been", "will", "would", "can", "could", "may", "might", "must", "should", "said", "says", "did", "does", "do",
			"he", "she", "it", "they", "we", "i", "you", "who", "which", "that", "there", "this":
			return false
		}
	}
	return true
}

// gluedStart reports whether token i, cut at a byte, is a known word and one that
// begins sentences. A name in front is a hovercard's more often than a heading's.
func (p *Pass) gluedStart(w string, at, i int) bool {
	left, right := w[:at], w[at:]
	r, _ := utf8.DecodeRuneInString(left)
	if info := p.Lex.Lookup(left); !sentenceStart(right) || len(left) < 3 || !unicode.IsLower(r) || info.Flags&lm.Known == 0 || info.Flags&lm.Function != 0 {
		return false // the notAfter field
	}
	return i+1 < len(p.Doc.Tokens) && p.Doc.Tokens[i+1].Gap == text.GapSpace && p.Doc.Tokens[i+1].Kind == text.Word
}
