package detect

import (
	"fmt"
	"strings"

	"copydesk/repair/damage"
	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var dashApposition = Detector{
	ID: "dash/apposition",
	Doc: "An ordinal or a superlative says something of the name before it, and stood between dashes: \"his visit to China his second in a year also comes\". " +
		"Only where all typographic marks were lost, and for a person to decide.",
	Round: Sentences,
	Cues:  Always,
	Keep: []Example{
		{In: "The minister said that he gave China his first speech and was glad. The mayor said no. The council said yes. The board said that Poland the largest buyer is gone."},
	},
	Run: (*Pass).appositions,
}

// In 9,000 articles of allsides_news, stripped of their marks, ten such places are
// found: four had stood between dashes, two more behind one.
const appositionNats = -0.4

// typographyLost reports whether the document lost its quotation marks and dashes.
func (p *Pass) typographyLost() bool {
	return p.Counts.Quotes == 0 && p.Counts.Reporting >= manyReports && p.Counts.Words >= fewWords || p.Profile().P[damage.PunctStrip] > 0.5
}

func (p *Pass) appositions() {
	if p.skips(edit.Review) || !p.typographyLost() {
		return
	}
	d := p.Doc
	dash := "" // looked for in all of the text, once
	for _, s := range d.Sentences {
		for i := int(s.First) + 2; i+3 < int(s.End); i++ {
			if t := d.Tokens[i]; t.Kind != text.Word || t.Gap != text.GapSpace || !possessive(d.Str(i)) && !articleLike(d.Str(i)) || !p.ranks(i+1) || !p.namesSomething(i-1) || p.gives(int(s.First), i-1) {
				continue
			}
			if j := p.appositionEnd(i, int(s.End)); j > 0 {
				if dash == "" {
					dash = p.dashMark()
				}
				p.apposition(i, j, dash)
			}
		}
	}
}

// ranks reports whether token i is an ordinal or a superlative.
func (p *Pass) ranks(i int) bool {
	switch p.Doc.Str(i) {
	case "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "only", "last", "latest", "largest", "biggest", "oldest", "smallest", "highest", "lowest", "longest", "most", "best", "worst", "greatest", "youngest", "richest", "poorest":
		return true
	}
	return false
}

// namesSomething reports whether token i is a name, or the end of one.
func (p *Pass) namesSomething(i int) bool {
	t, info := p.Doc.Tokens[i], p.Info[i]
	return t.Kind == text.Word && t.Shape&text.InitialUpper != 0 && info.Flags&lm.Function == 0 && info.Title+info.Upper >= 11 && !calendar[p.Doc.Str(i)]
}

// gives reports whether a verb with two objects stands before token i: "gave China
// its first".
func (p *Pass) gives(first, i int) bool {
	for k := i - 1; k >= max(first, i-4); k-- {
		switch p.Doc.Str(k) {
		case "give", "gives", "gave", "given", "giving", "cost", "costs", "hand", "handed", "handing", "win", "won", "earn", "earned", "offer", "offered", "show", "showed", "teach", "taught", "deal", "dealt", "call", "called", "calling", "make", "made", "making",
			"considered", "crowned", "named", "declared":
			return true
		}
	}
	return false
}

// appositionEnd is the token behind an apposition that begins with token i, the
// verb of the name before it; 0 where there is none.
func (p *Pass) appositionEnd(i, end int) int {
	for j := i + 2; j < min(end-1, i+maxFragment); j++ {
		if t := p.Doc.Tokens[j]; t.Kind == text.Punct || t.Gap != text.GapSpace {
			return 0
		}
		switch w := p.Doc.Str(j); {
		case w == "that" || w == "who" || w == "which":
			return 0
		case w == "to" && j == i+2, strings.HasPrefix(w, "be") && finiteSmall(w), w == "do":
			return 0
		case j > i+2 && (w == "also" || finiteSmall(w)):
			return j
		}
	}
	return 0
}

func (p *Pass) apposition(i, j int, dash string) {
	d := p.Doc
	from, to := int(d.Tokens[i].Start), int(d.Tokens[j-1].End)
	p.Propose(edit.Proposal{
		Span:   edit.Span{Start: from, End: to},
		Edits:  []edit.Edit{{Span: edit.Span{Start: from, End: from}, New: dash + " "}, {Span: edit.Span{Start: to, End: to}, New: " " + dash}},
		Apart:  true,
		Origin: edit.Extraction, Ceiling: edit.Review, Aside: true,
		Why:      fmt.Sprintf("%q may have stood between dashes", d.Text[from:to]),
		Evidence: []edit.Evidence{{Name: "apposition", Nats: appositionNats, Note: fmt.Sprintf("it says which %s is meant, and the verb follows", d.Str(i-1))}},
	})
}
