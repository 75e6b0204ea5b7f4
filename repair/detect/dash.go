package detect

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"copydesk/repair/damage"
	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var dashDateline = Detector{
	ID:    "dash/dateline",
	Doc:   "A dateline lost the dash behind it: \"CAIRO Two flash bombs\" for \"CAIRO — Two flash bombs\".",
	Round: Sentences,
	Cues:  Always,
	Fix: []Example{
		{In: "JACKSON, MS In a recent company audit, three of the books were found to be missing.", Out: "JACKSON, MS — In a recent company audit, three of the books were found to be missing."},
	},
	Keep: []Example{
		{In: "CAIRO (AP) — The minister said on Monday that talks would go on."},
		{In: "BREAKING The minister said on Monday that talks would go on."},
		{In: "EURO WEAKENS, YIELDS FALL The dollar rose on Monday, and the banks said that talks would go on."},
		{In: "NASA The agency said on Monday that the launch would go on."},
		{In: "CNN Polling found that 40 % of them do not agree. It was sure that they can do better, the director said."},
		{In: "HALIFAX, Nova Scotia — Four people are missing after the rain, the director said."},
	},
	Run: (*Pass).datelines,
}

// dateline matches a place in capitals with what may follow it: a state or
// country, a date, an agency in brackets; and the first word of the report.
var dateline = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^((?:[A-Z][A-Z.'’]+)(?:[ -][A-Z][A-Z.'’]+){0,3})(, (?:[A-Z]{2}|[A-Z]\.[A-Z]\.|[A-Z][a-z]+\.?)(?: [A-Z][a-z]+)?)?(, [A-Z][a-z]+\.? \d{1,2}(?:, \d{4})?)?( \([A-Z][A-Za-z. ]{1,24}\))? ([A-Z][a-z]*) `)
})

// maxDateline is how far into a paragraph its dateline may reach, in bytes.
const maxDateline = 110

func (p *Pass) datelines() {
	d := p.Doc
	for _, b := range d.Blocks {
		if b.Kind != text.Paragraph || b.First == b.Next {
			continue
		}
		// Cheap first: two capitals begin the paragraph.
		s := d.Text[b.Start:b.End]
		if len(s) < 30 || s[0]-'A' > 25 || s[1]-'A' > 25 {
			continue
		}
		m := dateline().FindStringSubmatchIndex(s[:min(len(s), maxDateline)])
		if m == nil {
			continue
		}
		// "DUBAI, United Arab Emirates (AP)", "HALIFAX, Nova Scotia — Four"
		if behind := s[m[11]+1:]; strings.HasPrefix(behind, "(") || strings.HasPrefix(behind, "-") || strings.HasPrefix(behind, "–") || strings.HasPrefix(behind, "—") {
			continue
		}
		group := func(k int) string {
			if m[2*k] < 0 {
				return ""
			}
			return s[m[2*k]:m[2*k+1]]
		}
		place, next := group(1), group(5)
		info := p.Lex.Lookup(next)
		nats := -2.0
		var notes []string
		add := func(n float64, note string) {
			nats += n
			notes = append(notes, note)
		}
		if group(2) != "" || group(3) != "" {
			add(4, "a state, a country or a date follows the place")
		}
		if group(4) != "" {
			add(6, "an agency follows in brackets")
		}
		named, everyday, short := p.placeName(place)
		switch {
		case short:
			add(-4, "such words are always written in capitals")
		case everyday:
			add(-4, "the words in capitals are everyday words")
		case named:
			add(2, "the words in capitals are a name")
		}
		if info.Flags&lm.Function != 0 || info.Lower >= 12 {
			add(2.5, fmt.Sprintf("%q begins a sentence", next))
		}
		ceiling := edit.Safe
		switch stripped := p.lostApostrophe() == "’" || p.Profile().P[damage.PunctStrip] > 0.2; {
		case strings.ContainsAny(d.Text, "–—“”’"):
			add(-1, "the document has typographic marks")
		case stripped && named:
			add(2, "the document has lost its typographic marks")
		case stripped:
			add(1, "the document has lost its typographic marks")
		case group(4) != "":
			ceiling = edit.Review // some sites print "(CNN) The"
		}
		dash := "—"
		if strings.Contains(d.Text, "–") && !strings.Contains(d.Text, "—") {
			dash = "–"
		}
		at := b.Start + m[10]
		p.Propose(edit.Proposal{
			Span:   edit.Span{Start: b.Start, End: b.Start + m[11]},
			Edits:  []edit.Edit{{Span: edit.Span{Start: at, End: at}, New: dash + " "}},
			Origin: edit.Extraction, Ceiling: ceiling, Why: "a dateline without its dash",
			Evidence: []edit.Evidence{{Name: "dateline", Nats: clip(nats, 6), Note: strings.Join(notes, "; ")}},
		})
	}
}

// placeName tells what words in capitals are, as far as the lexicon knows: named
// says that running text writes them as a name with one capital, so that the
// capitals are a dateline's; everyday that one of them is an everyday word; short
// that one is always in capitals ("CNN", "US", "II").
func (p *Pass) placeName(s string) (named, everyday, short bool) {
	named = true
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '-' }) {
		if partOfPlace(w) {
			continue
		}
		w = strings.TrimSuffix(w, ".")
		info := p.Lex.Lookup(w)
		named = named && info.Title >= 11 && info.Upper <= 4
		everyday = everyday || info.Lower >= 10
		short = short || info.Upper >= 6 || len(w) <= 2
	}
	return named, everyday, short
}

// partOfPlace reports whether an everyday word is part of many places' names.
func partOfPlace(w string) bool {
	switch w {
	case "NEW", "SAN", "SANTA", "FORT", "PORT", "MOUNT", "LAKE", "SALT", "CITY", "ST.", "EL", "LA", "LAS", "LOS", "NORTH", "SOUTH", "EAST", "WEST", "PALM", "BEACH", "CAPE", "ROCK", "SPRINGS", "FALLS":
		return true
	}
	return false
}
