package detect

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
	"copydesk/repair/text"
)

var mojibake = Detector{
	ID: "characters/mojibake",
	Doc: "Text was read with the wrong charset, once or several times: UTF-8 as windows-1252 and its kin, as macintosh or DOS charsets, " +
		"or one legacy charset as another. Each run of such characters is read again as what it was, where that is far likelier by the statistics of characters.",
	Round: Characters,
	Cues:  Misread,
	Fix: []Example{
		{In: "Britainâ€™s minister drank cafÃ© au lait.", Out: "Britain’s minister drank café au lait."},
		{In: "Britainâ\u0080\u0099s SofÃ\u00ada", Out: "Britain’s Sofía"},
		{In: "ObamaÃ¢â‚¬â„¢s tax problem", Out: "Obama’s tax problem"},
		{In: "Êîäèðîâêà òåêñòà íå òà", Out: "Кодировка текста не та"},
		{In: "«РџСЂРёРІРµС‚В», вЂ” СЃРєР°Р·Р°Р» РѕРЅ.", Out: "«Привет», — сказал он."},
		{In: "The bank can\u0092t pay \u0093anything\u0094", Out: "The bank can’t pay “anything”"},
	},
	Keep: []Example{
		{In: "Ã la carte, São Paulo, “naïve” — Škoda, Âge, œuvre"},
		{In: "Le café « très allongé… » coûte 5\u00a0€ à l’École"},
		{In: "Він сказав: «Ні»."},
		{In: "NESTLÉ® y CAFÉ…”"},
		{In: "The story ran right down the middle—for example, an interview—both of them—in the “D.C. bureau”…"},
	},
	Run: runMojibake,
}

func runMojibake(p *Pass) {
	s := p.Doc.Text
	is, was := reread(s)
	m := text.Characters()
	runs := runsOf(m, s, is, was)
	boxes := false
	for _, c := range was {
		boxes = boxes || boxed(c.r)
	}
	sums := map[int8]float64{}
	for _, r := range runs {
		sums[was[r.first].by] += max(0, r.gain)
	}
	for _, r := range runs {
		r.boxes = boxes
		p.proposeRun(s, was, r, sums[was[r.first].by]-max(0, r.gain))
	}
}

// run is a stretch of neighbouring cells that changed.
type run struct {
	first, end int // in the cells as they were
	gain       float64
	loss       loss
	boxes      bool // lines of boxes stay in the text
	among      bool // the characters outside ASCII before and after it were misread too
}

// within is how many cells after a run an undamaged one speaks against it.
const within = 40

// runsOf groups the cells that changed: neighbours in the text stand or fall
// together.
func runsOf(m *text.CharModel, s string, is, was []cell) []run {
	var runs []run
	clean := true // since the last run
	for i := 0; i < len(was); {
		if !changed(s, was[i]) {
			if !was[i].ascii() {
				clean = true
				if n := len(runs); n > 0 {
					runs[n-1].among = runs[n-1].among && i > runs[n-1].end+within
				}
			}
			i++
			continue
		}
		r := run{first: i, among: !clean || i == 0}
		clean = false
		for i < len(was) && changed(s, was[i]) && (was[i].loss == guessed) == (was[r.first].loss == guessed) {
			r.loss = max(r.loss, was[i].loss)
			i++
		}
		r.end = i
		prev, next := text.Break, text.Break
		if r.first > 0 {
			prev = was[r.first-1].sym
		}
		if r.end < len(was) {
			next = was[r.end].sym
		}
		ln := func(syms func(func(text.Sym))) float64 {
			sum, p := 0.0, prev
			syms(func(q text.Sym) {
				sum += float64(m.LnProb(p, q))
				p = q
			})
			return sum + float64(m.LnProb(p, next))
		}
		now := ln(func(f func(text.Sym)) {
			for _, c := range was[r.first:r.end] {
				f(c.sym)
			}
		})
		before := ln(func(f func(text.Sym)) {
			for _, c := range s[was[r.first].start:was[r.end-1].end] {
				f(m.Sym(c))
			}
		})
		r.gain = now - before
		runs = append(runs, r)
	}
	return runs
}

func changed(s string, c cell) bool {
	r, n := utf8.DecodeRuneInString(s[c.start:])
	return r != c.r || n != int(c.end-c.start)
}

// Bounds of the evidence of one run, in nats.
const maxGain = 25

func (p *Pass) proposeRun(s string, was []cell, r run, others float64) {
	span := edit.Span{Start: int(was[r.first].start), End: int(was[r.end-1].end)}
	var edits []edit.Edit
	for _, c := range was[r.first:r.end] {
		edits = append(edits, edit.Edit{Span: edit.Span{Start: int(c.start), End: int(c.end)}, New: string(c.r)})
	}
	before, after := s[span.Start:span.End], applied(s, span, edits)
	m := misreadings()[was[r.first].by-1]
	ceiling := edit.Safe
	if r.loss == guessed || m.was != nil && !m.marks && (!lettersOnly(before) || r.gain+others < 2*proof && before[0] != 0xC2) {
		ceiling = edit.Review
	}
	evidence := []edit.Evidence{
		{Name: "characters", Nats: min(r.gain, maxGain), Note: fmt.Sprintf("%q is likelier here than %q", after, before)},
		{Name: "rarity", Nats: -float64(m.enter), Note: m.label() + " is rare"},
	}
	if support := min(others, float64(m.enter)-again); support > 0 {
		note := "other places were misread too"
		if r.among && others > proof {
			support, note = float64(m.enter)+again, "all around was misread too"
		}
		evidence = append(evidence, edit.Evidence{Name: "document", Nats: support, Note: note})
	}
	if first, _ := utf8.DecodeRuneInString(before); r.boxes && boxed(first) {
		evidence = append(evidence, edit.Evidence{Name: "boxes", Nats: -6, Note: "other lines of boxes are none of a misread letter"})
	}
	if v, note := p.wordEvidence(s, span, after); v != 0 {
		evidence = append(evidence, edit.Evidence{Name: "lexicon", Nats: v, Note: note})
	}
	p.reread = append(p.reread, span)
	p.Propose(edit.Proposal{
		Span: span, Edits: edits, Origin: edit.Extraction, Ceiling: ceiling,
		Why:      fmt.Sprintf("%s: %q", m.label(), after),
		Evidence: evidence,
	})
}

// applied is a span of s with edits made.
func applied(s string, span edit.Span, edits []edit.Edit) string {
	var b strings.Builder
	at := span.Start
	for _, e := range edits {
		b.WriteString(s[at:e.Start])
		b.WriteString(e.New)
		at = e.End
	}
	b.WriteString(s[at:span.End])
	return b.String()
}

// boxed reports whether a character is a line or a block of a drawn box.
func boxed(r rune) bool { return r >= 0x2500 && r < 0x25A0 }

// isReread reports whether bytes [from, to) are part of misread text: what seems
// to be wrong with them there is not.
func (p *Pass) isReread(from, to int) bool {
	k := sort.Search(len(p.reread), func(k int) bool { return p.reread[k].End > from })
	return k < len(p.reread) && p.reread[k].Start < to
}

// lettersOnly reports whether a text holds letters and C1 controls alone.
func lettersOnly(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && (r < 0x80 || r >= 0xA0) {
			return false
		}
	}
	return true
}

// wordEvidence weighs a repair by the words that it makes and unmakes.
func (p *Pass) wordEvidence(s string, span edit.Span, after string) (float64, string) {
	from, to := span.Start, span.End
	const longest = 40 // bytes of a word on either side
	for from > 0 && span.Start-from < longest && letterASCII(s[from-1]) {
		from--
	}
	for to < len(s) && to-span.End < longest && letterASCII(s[to]) {
		to++
	}
	if from == span.Start && to == span.End {
		if r, n := utf8.DecodeRuneInString(after); n == len(after) && r >= 0x100 && unicode.IsLetter(r) {
			return -4, "a letter by itself"
		}
		return 0, ""
	}
	before, now := s[from:to], s[from:span.Start]+after+s[span.End:to]
	if p.Lex.Known(before) {
		return -4, fmt.Sprintf("%q is a word", before)
	}
	for _, w := range strings.FieldsFunc(now, func(r rune) bool { return !unicode.IsLetter(r) && r != '’' && r != '\'' }) {
		w = strings.Trim(w, "’'")
		if i := strings.LastIndexAny(w, "’'"); i > 0 && !p.Lex.Known(w) {
			w = w[:i]
		}
		if !p.Lex.Known(w) {
			return 0, ""
		}
	}
	return 3.5, fmt.Sprintf("%q is no word, %q is", before, now)
}

func letterASCII(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
