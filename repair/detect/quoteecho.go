package detect

import (
	"cmp"
	"fmt"
	"slices"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var quoteEcho = Detector{
	ID: "quote/echo",
	Doc: "Words at the head of an article that a quotation below says again were quoted there, too: \"said they should be partners, not adversaries, as he met\". " +
		"Only where all quotation marks were lost, and for a person to decide.",
	Round: Sentences,
	Cues:  Always,
	Keep: []Example{
		{In: "The minister said the old wooden bridge would be closed. \"We close the old wooden bridge tonight, and I am sorry for it,\" the minister said. She added that boats will run. He told reporters so."},
	},
	Run: (*Pass).echoes,
}

// Of 200 runs of this kind in 9,000 articles of allsides_news, stripped of their
// marks, 44 had been quoted; further down or of more common words, one in ten.
const (
	echoHead  = 4    // sentences of the article's head that may anticipate a quotation
	echoWords = 3    // words said again
	echoRare  = 18.0 // nats by which the lower-case words among them that are no small ones are rare, at least two
	echoNats  = -1.3
	echoMost  = 16 // places of the same words that are looked at: a hostile text repeats itself without end
)

func (p *Pass) echoes() {
	if p.skips(edit.Review) || p.Counts.Quotes > 0 || p.Counts.Reporting < manyReports || p.singleQuoted() {
		return
	}
	said := map[[echoWords]lm.Word][]int{} // where the words of the proposed quotations begin
	d := p.Doc
	a := p.arranger()
	inside := make([]bool, len(d.Tokens))
	for _, q := range p.proposals {
		if q.Rule != quoteStripped.ID || q.Nats() < 0 {
			continue
		}
		i, _ := slices.BinarySearchFunc(d.Tokens, q.Span.Start, func(t text.Token, at int) int { return cmp.Compare(int(t.Start), at) })
		for ; i < len(d.Tokens) && int(d.Tokens[i].End) <= q.Span.End; i++ {
			inside[i] = true
		}
	}
	for i := range inside {
		if i+echoWords <= len(inside) && inside[i] && inside[i+echoWords-1] {
			if key := p.echoKey(a, i); len(said[key]) < echoMost {
				said[key] = append(said[key], i)
			}
		}
	}
	if len(said) == 0 {
		return
	}
	open, shut := p.quoteMarks()
	for _, s := range d.Sentences[:min(len(d.Sentences), echoHead)] {
		reported := false
		for i := int(s.First); i+echoWords <= int(s.End); i++ {
			reported = reported || reportingVerbs()[p.Keys[i]]
			if !reported || inside[i] {
				continue
			}
			best := 0
			for _, o := range said[p.echoKey(a, i)] {
				n := 0
				for i+n < int(s.End) && o+n < len(inside) && inside[o+n] && a.key(i+n) == a.key(o+n) {
					n++
				}
				best = max(best, n)
			}
			if best > 0 {
				p.echo(i, i+best, open, shut)
				i += best
			}
		}
	}
}

func (p *Pass) echoKey(a *arranger, i int) (key [echoWords]lm.Word) {
	for k := range key {
		key[k] = a.key(i + k)
	}
	return key
}

// echo proposes the marks open and shut around tokens from i to before end, without
// the small words at their ends and with the mark that closes them.
func (p *Pass) echo(i, end int, open, shut string) {
	d := p.Doc
	idle := func(k int) bool { return d.Tokens[k].Kind != text.Word || p.Info[k].Flags&lm.Function != 0 }
	for i < end && idle(i) {
		i++
	}
	for end > i && idle(end-1) {
		end--
	}
	rare, words := 0.0, 0
	for k := i; k < end; k++ {
		if !idle(k) && d.Tokens[k].Shape&text.InitialUpper == 0 {
			rare -= float64(p.Info[k].LnProb)
			words++
		}
	}
	if words < 2 || end-i < echoWords || rare < echoRare {
		return
	}
	last := end - 1
	if end < len(d.Tokens) && d.Tokens[end].Kind == text.Punct && d.Tokens[end].Gap == text.GapNone && (d.Str(end) == "," || d.Str(end) == ".") {
		last = end
	}
	from, to := int(d.Tokens[i].Start), int(d.Tokens[last].End)
	p.Propose(edit.Proposal{
		Span:   edit.Span{Start: from, End: to},
		Edits:  []edit.Edit{{Span: edit.Span{Start: from, End: from}, New: open}, {Span: edit.Span{Start: to, End: to}, New: shut}},
		Apart:  true,
		Origin: edit.Extraction, Ceiling: edit.Review, Aside: true,
		Why:      fmt.Sprintf("%q is said again in a quotation below", d.Text[from:to]),
		Evidence: []edit.Evidence{{Name: "echo", Nats: echoNats, Note: "of such words one run in five had been quoted"}},
	})
}
