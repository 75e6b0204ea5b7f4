package detect

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

// Limits of the word lattice.
const (
	maxMerged    = 48   // bytes of a token that is worth splitting
	maxPart      = 20   // bytes of one part
	gapCost      = -5.0 // nats for losing one space: about one in 150 unknown tokens of scraped text
	beamWidth    = 6    // states kept at each position
	unknownPart  = -6.0 // nats more for a part that nobody knows
	maxPartCount = 5
)

var mergedWords = Detector{
	ID:    "merged/known-parts",
	Doc:   "A token that no lexicon knows reads as two or more words run together, and the words fit what stands around it.",
	Round: Words,
	Cues:  Unknown,
	Fix: []Example{
		{In: "They have includedUS controls on the export of goods.", Out: "They have included US controls on the export of goods."},
		{In: "It could lead to anationwide ban on the platform.", Out: "It could lead to a nationwide ban on the platform."},
		{In: "He has beencomplainingabout the law for years.", Out: "He has been complaining about the law for years."},
	},
	Keep: []Example{
		{In: "The striker scored with a cheeky backheel in the heatwave."},
		{In: "Anfernee Simons met Xqzztvelle in Kraków."},
	},
	Run: runMerged,
}

// compoundCost is what a reading without any function word is charged in a
// document without other glue: authors coin compounds (floorplan, factbox)
// about as often as scrapers glue two nouns.
const (
	compoundCost = -7.0
	prefixCost   = -4.0
	nameCost     = -4.0
	gluePair     = 3.0 // for each other surely glued token of the document
	gluePairMax  = 11.0
	sureGlue     = 6.0
)

// merge is one token read as several words.
type merge struct {
	i       int
	parts   []string
	nats    float64
	content bool // all parts are content words in one run of lower case or one Title
	prefix  bool // begins or ends with what builds compounds
}

func runMerged(p *Pass) {
	var found []merge
	sure := 0
	for _, i := range p.At(Unknown) {
		t := p.Doc.Tokens[i]
		if t.End-t.Start > maxMerged || t.End-t.Start < 4 {
			continue
		}
		w := p.Doc.Str(int(i))
		if p.joined(int(i)) || p.Vocab().Count(w) > 2 {
			continue
		}
		parts, nats, ok := p.segment(int(i))
		if !ok || nats < -5 {
			continue
		}
		m := merge{i: int(i), parts: parts, nats: nats, content: t.Shape&text.InnerUpper == 0 || t.Shape&text.HasDigit != 0}
		if digit(w[0]) && len(parts) == 2 && len(parts[1]) >= 4 && p.Lex.Lookup(parts[1]).Lower >= 8 {
			m.content = false // 20years
		}
		for k, part := range parts {
			if k == 0 && t.Shape&text.InitialUpper != 0 && !p.startsSentence(int(i)) {
				continue // Byfleet: no author writes By with a capital there
			}
			if p.Lex.Lookup(part).Flags&lm.Function != 0 && (len(part) > 2 || len(parts) > 2 || k == 0 || t.Shape&text.InitialUpper == 0) {
				m.content = false
			}
		}
		m.prefix = combining(parts[0]) || parts[len(parts)-1] == "something" || parts[len(parts)-1] == "somethings"
		if !m.content && !m.prefix && nats >= sureGlue {
			sure++
		}
		found = append(found, m)
	}
	for _, m := range found {
		p.proposeMerge(m, sure)
	}
}

// combining reports whether a part builds compounds rather than stands alone.
func combining(part string) bool {
	switch strings.ToLower(part) {
	case "super", "auto", "meta", "tele", "mini", "retro", "micro", "mega", "ultra", "anti", "multi", "non", "semi", "pseudo", "neuro", "cyber", "eco", "euro", "geo", "hydro", "inter", "intra", "techno", "bio", "under", "over", "out", "up", "down", "off", "counter", "cross", "self", "post", "pre", "pro", "sub", "un", "re", "co", "de":
		return true
	}
	return false
}

func (p *Pass) proposeMerge(m merge, sure int) {
	t := p.Doc.Tokens[m.i]
	w := p.Doc.Str(m.i)
	var edits []edit.Edit
	at := int(t.Start)
	nonsense := false
	for k, part := range m.parts[:len(m.parts)-1] {
		at += len(part)
		edits = append(edits, edit.Edit{Span: edit.Span{Start: at, End: at}, New: " "})
		if next := m.parts[k+1]; determiner(part) && (strings.EqualFold(next, "and") || strings.EqualFold(next, "of") || determiner(next)) {
			nonsense = true
		}
	}
	q := edit.Proposal{
		Span: t.Span(), Edits: edits, Origin: edit.Extraction, Ceiling: edit.Safe,
		Why:      fmt.Sprintf("%q is no known word; %q fits here", w, strings.Join(m.parts, " ")),
		Evidence: []edit.Evidence{{Name: "lattice", Nats: m.nats, Note: "how much likelier the parts are than one unknown word"}},
	}
	if m.content {
		cost := compoundCost
		if t.Shape&text.InitialUpper != 0 {
			cost += nameCost
		}
		q.Evidence = append(q.Evidence, edit.Evidence{Name: "compound", Nats: cost, Note: "no function word among the parts: authors coin compounds and names"})
	}
	if m.content && sure == 0 && len(m.parts) == 2 {
		q.Ceiling = edit.Review // the only damage of its kind, and it may be a coinage
	}
	if m.prefix {
		q.Evidence = append(q.Evidence, edit.Evidence{Name: "combining-form", Nats: prefixCost, Note: "a part that builds compounds"})
	}
	if others := sure - 1; !m.content && others > 0 {
		q.Evidence = append(q.Evidence, edit.Evidence{Name: "document-glued", Nats: min(5, 1.2*float64(others)), Note: fmt.Sprintf("%d other tokens of the document are surely glued", others)})
	}
	if others := sure; m.content && others > 0 {
		q.Evidence = append(q.Evidence, edit.Evidence{Name: "document-glued", Nats: min(gluePairMax, gluePair*float64(others)), Note: fmt.Sprintf("%d tokens of the document are surely glued", others)})
	}
	if k := sentenceGap(m.parts); k >= 0 && !nonsense && p.engine.runs("break") {
		// A sentence's end was lost with the space, or only the space: the model decides.
		stop, space := p.stopOrSpace(m, k)
		base := min(8.5, q.Nats())
		other := q
		other.Rule, other.Why = "break/glued-sentence", fmt.Sprintf("%q holds the end of a sentence and the beginning of the next", w)
		other.Edits = slices.Clone(edits)
		other.Edits[k].New = ". "
		note := "whether a stop or only a space was lost"
		q.Evidence = []edit.Evidence{{Name: "lattice", Nats: base}, {Name: "model", Nats: min(0, space-stop), Note: note}}
		other.Evidence = []edit.Evidence{{Name: "lattice", Nats: base}, {Name: "model", Nats: min(0, stop-space), Note: note}}
		p.Propose(other)
	}
	if nonsense {
		q.Rule, q.Edits, q.Ceiling = "merged/dropped-text", nil, edit.Hint
		q.Why = "the words run together here do not fit one another: text was lost between them"
	}
	p.Propose(q)
}

// joined reports whether token i is part of a compound with hyphens or slashes,
// where unknown pieces are common and splitting is not ours.
func (p *Pass) joined(i int) bool {
	toks := p.Doc.Tokens
	mark := func(k int) bool {
		switch p.Doc.Str(k) {
		case "-", "/", "_", "\\", "=", "@", "#", "&", "+", "‑", "–":
			return true
		}
		return false
	}
	return i > 0 && toks[i].Gap == text.GapNone && mark(i-1) && toks[i-1].Gap == text.GapNone && p.Doc.Str(i-1) != "–" && toks[i].Shape&text.InnerUpper == 0 && len(p.Doc.Str(i)) < 8 ||
		i+1 < len(toks) && toks[i+1].Gap == text.GapNone && mark(i+1) && p.Doc.Str(i+1) != "-"
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func determiner(w string) bool {
	switch strings.ToLower(w) {
	case "the", "a", "an", "their", "its", "our", "your", "his":
		return true
	}
	return false
}

// before is the model's state before token i.
func (p *Pass) before(i int) lm.State {
	st := p.LM.Begin()
	k := i
	for k > 0 && i-k < 2 && !p.startsSentence(k) {
		k--
	}
	if i-k == 2 && !p.startsSentence(k) {
		st = p.LM.Free()
	}
	for ; k < i; k++ {
		_, st = p.LM.Score(st, lm.Key(p.Doc.Str(k)))
	}
	return st
}

func (p *Pass) startsSentence(i int) bool {
	return i == 0 || p.Doc.Tokens[i].Gap >= text.GapLine || p.Doc.Tokens[i].Gap != text.GapNone && p.Doc.EndsSentence(i-1)
}

// after scores the two tokens that follow token i.
func (p *Pass) after(st lm.State, i int) float64 {
	var sum float64
	for k := i + 1; k <= i+2; k++ {
		if k >= len(p.Doc.Tokens) || p.startsSentence(k) {
			ln, _ := p.LM.Score(st, lm.End)
			return sum + ln
		}
		var ln float64
		ln, _, st = p.engine.Models.ScoreToken(st, p.Doc.Str(k))
		sum += ln
	}
	return sum
}

// caseCost is the ln probability of a word's spelling in this case.
func caseCost(info lm.Info, part string, first bool) float64 {
	n := info.Lower + info.Title + info.Upper
	if n == 0 && info.Flags&lm.Cased == 0 {
		return -1
	}
	r, size := utf8.DecodeRuneInString(part)
	var share uint8
	switch {
	case !unicode.IsUpper(r):
		share = info.Lower
	case len(part) > size && strings.ToUpper(part) == part:
		share = info.Upper
	case part == "I" || part == "A":
		share = 8
	default:
		share = info.Title
		if first {
			share = max(share, 8) // a sentence may begin here
		}
	}
	return math.Log((float64(share) + 0.1) / 15.4)
}

type latticeState struct {
	lm    lm.State
	nats  float64
	from  int // index into the states of the position before
	pos   int // where the last part begins
	parts int
}

// segment finds the likeliest way to read token i as two or more words, and how
// many nats likelier that is than one unknown word.
func (p *Pass) segment(i int) ([]string, float64, bool) {
	w := p.Doc.Str(i)
	start := p.before(i)
	vocab := p.Vocab()
	states := make([][]latticeState, len(w)+1)
	states[0] = []latticeState{{lm: start}}
	for a := 0; a < len(w); a++ {
		if len(states[a]) == 0 || !utf8.RuneStart(w[a]) {
			continue
		}
		for b := a + 1; b <= len(w) && b-a <= maxPart; b++ {
			if b < len(w) && !utf8.RuneStart(w[b]) || a == 0 && b == len(w) {
				continue
			}
			if b < len(w) && digit(w[b-1]) && digit(w[b]) {
				continue // a number is never cut
			}
			part := w[a:b]
			cost, ok := p.partCost(part, a == 0, vocab)
			if !ok {
				continue
			}
			for k := range states[a] {
				s := &states[a][k]
				if s.parts >= maxPartCount {
					continue
				}
				ln, _, next := p.engine.Models.ScoreToken(s.lm, part)
				n := latticeState{lm: next, nats: s.nats + ln + cost, from: k, pos: a, parts: s.parts + 1}
				if a > 0 {
					n.nats += gapCost
				}
				states[b] = keep(states[b], n)
			}
		}
	}
	best, bestNats := -1, math.Inf(-1)
	for k, s := range states[len(w)] {
		if v := s.nats + p.after(s.lm, i); v > bestNats {
			best, bestNats = k, v
		}
	}
	if best < 0 {
		return nil, 0, false
	}
	ln, _, next := p.engine.Models.ScoreToken(start, w)
	whole := ln + p.after(next, i)
	if p.Doc.Tokens[i].Shape&text.InitialUpper != 0 && p.Doc.Tokens[i].Shape&text.InnerUpper == 0 {
		whole += 5 // an unknown name: new ones are met every day
	}
	if p.Doc.Tokens[i].Shape&text.InnerUpper != 0 {
		whole -= 2
	}
	if c := vocab.Count(w); c > 1 {
		whole += 4 // the document writes it so more than once
	}
	var parts []string
	for b, k := len(w), best; b > 0; {
		s := states[b][k]
		parts = append(parts, w[s.pos:b])
		b, k = s.pos, s.from
	}
	for l, r := 0, len(parts)-1; l < r; l, r = l+1, r-1 {
		parts[l], parts[r] = parts[r], parts[l]
	}
	return parts, max(-20, min(20, bestNats-whole)), true
}

func keep(states []latticeState, n latticeState) []latticeState {
	for k := range states {
		if states[k].lm == n.lm {
			if n.nats > states[k].nats {
				states[k] = n
			}
			return states
		}
	}
	if len(states) < beamWidth {
		return append(states, n)
	}
	worst := 0
	for k := range states {
		if states[k].nats < states[worst].nats {
			worst = k
		}
	}
	if states[worst].nats < n.nats {
		states[worst] = n
	}
	return states
}

// partCost judges a part by itself: no words of one letter but a and I, no
// rare scraps, its case as the word is written.
func (p *Pass) partCost(part string, first bool, vocab *text.Vocab) (float64, bool) {
	if base, ok := strings.CutSuffix(part, "’s"); ok || strings.HasSuffix(part, "'s") {
		if !ok {
			base = part[:len(part)-2]
		}
		if len(base) < 3 {
			return 0, false
		}
		cost, good := p.partCost(base, first, vocab)
		return cost + 4, good // what the speller charges for the clitic
	}
	if part[0] == '\'' || strings.HasPrefix(part, "’") {
		return 0, false
	}
	info := p.Lex.Lookup(part)
	if len(part) == 1 {
		if part == "a" || part == "I" || part == "A" {
			return -0.5, true
		}
		if digit(part[0]) {
			return -1, true
		}
		return 0, false
	}
	for k := 1; k < len(part); k++ {
		if part[k] >= 'A' && part[k] <= 'Z' && part[k-1] >= 'a' && part[k-1] <= 'z' && info.Flags&lm.Cased == 0 {
			return 0, false // an upper-case letter after a lower-case one is a gap
		}
	}
	own := vocab.Count(part)
	cost := min(3, 1.2*math.Log1p(float64(own)))
	if digit(part[0]) && digit(part[len(part)-1]) && strings.Trim(part, "0123456789,.") == "" {
		return -0.5, true
	}
	if info.Flags&lm.Known == 0 || info.LnProb == 0 {
		if own == 0 {
			if len(part) < 4 {
				return 0, false
			}
			cost += unknownPart
		}
		return cost, true
	}
	if len(part) == 2 && info.LnProb < -9.5 && info.Flags&lm.Function == 0 && vocab.Count(part) == 0 || len(part) == 3 && info.LnProb < -14.5 {
		return 0, false
	}
	return cost + caseCost(info, part, first), true
}

// sentenceGap is the gap before the only part that begins with a capital after
// one that ends in lower case, or -1.
func sentenceGap(parts []string) int {
	found := -1
	for k := 1; k < len(parts); k++ {
		c, l := parts[k][0], parts[k-1][len(parts[k-1])-1]
		if c >= 'A' && c <= 'Z' && l >= 'a' && l <= 'z' {
			if found >= 0 {
				return -1
			}
			found = k - 1
		}
	}
	return found
}

// stopOrSpace scores, in nats, a merged token read with a full stop in its gap
// k and with a space there.
func (p *Pass) stopOrSpace(m merge, k int) (stop, space float64) {
	st := p.before(m.i)
	for _, part := range m.parts[:k+1] {
		_, _, st = p.engine.Models.ScoreToken(st, part)
	}
	rest := func(st lm.State) (sum float64) {
		for _, part := range m.parts[k+1:] {
			var ln float64
			ln, _, st = p.engine.Models.ScoreToken(st, part)
			sum += ln
		}
		return sum + p.after(st, m.i)
	}
	right := p.Lex.Lookup(m.parts[k+1])
	space = rest(st) + caseCost(right, m.parts[k+1], false)
	ln, next := p.LM.Score(st, lm.Key("."))
	ln2, _ := p.LM.Score(next, lm.End)
	stop = ln + ln2 + rest(p.LM.Begin())
	if w := m.parts[k+1]; len(w) > 1 && strings.ToUpper(w) == w {
		stop -= 7 // capitals throughout: US is no sentence's "us"
	} else if right.Lower < 8 {
		stop -= 4 // a name: its capital says nothing of a sentence
	}
	return stop, space
}
