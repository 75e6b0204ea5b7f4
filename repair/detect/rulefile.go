package detect

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

// Limits on rule files at work, so that hostile text cannot make them slow.
const (
	maxUnit  = 600  // bytes of a block, line or window that a pattern sees: boilerplate is short
	reach    = 300  // bytes that a window reaches to each side of a literal
	maxTries = 2000 // patterns tried in one document, for each rule
)

// FromRules gives each rule file the form of a detector, so that lists, pages
// and tests know one kind.
func FromRules(set *rules.Set) []Detector {
	var out []Detector
	for _, r := range set.Rules {
		d := Detector{ID: r.ID, Doc: r.Doc, Round: Page, Cues: Always, Rule: r}
		for _, e := range r.Fix {
			d.Fix = append(d.Fix, Example{In: e.In, Out: e.Out})
		}
		for _, k := range r.Keep {
			d.Keep = append(d.Keep, Example{In: k})
		}
		out = append(out, d)
	}
	return out
}

// ruleScan is the rule files of one round, found by one scan for all their
// literals. Immutable once built.
type ruleScan struct {
	rules []fileRule
	find  *literals
}

type fileRule struct {
	*rules.Rule
	nats    float64
	ceiling edit.Tier
	origin  edit.Origin
	own     bool // a user's: it may know another language than English
}

func newRuleScan(list []*rules.Rule) *ruleScan {
	s := new(ruleScan)
	type key struct {
		text string
		fold bool
	}
	index := map[key]int{}
	var entries []litEntry
	for i, r := range list {
		fr := fileRule{Rule: r, nats: math.Log(r.Confidence / (1 - r.Confidence)), own: !r.Shipped}
		switch r.Tier {
		case "safe":
			fr.ceiling = edit.Safe
		case "review":
			fr.ceiling = edit.Review
		}
		switch r.Origin {
		case "extraction":
			fr.origin = edit.Extraction
		case "source":
			fr.origin = edit.Source
		}
		s.rules = append(s.rules, fr)
		for _, l := range r.Literals {
			k := key{l, r.IgnoreCase}
			n, ok := index[k]
			if !ok {
				n = len(entries)
				index[k] = n
				entries = append(entries, litEntry{text: l, fold: r.IgnoreCase})
			}
			entries[n].rules = append(entries[n].rules, i)
		}
	}
	s.find = newLiterals(entries)
	return s
}

// ruleHit is a place where a rule's literal stands.
type ruleHit struct{ rule, start, end int }

// runRules runs the round's rule files.
func (p *Pass) runRules(s *ruleScan) {
	p.hits = p.hits[:0]
	s.find.each(p.Doc.Text, func(entry, start int) {
		e := &s.find.entries[entry]
		for _, r := range e.rules {
			p.hits = append(p.hits, ruleHit{r, start, start + len(e.text)})
		}
	})
	if len(p.hits) == 0 {
		p.proposeRules(p.repeated)
		return
	}
	slices.SortStableFunc(p.hits, func(a, b ruleHit) int {
		if a.rule != b.rule {
			return a.rule - b.rule
		}
		return a.start - b.start
	})
	p.firstLong, p.lastLong = p.Doc.Body()
	var found []ruleMatch
	last, tries, done := -1, 0, 0
	for _, h := range p.hits {
		if h.rule != last {
			last, tries, done = h.rule, 0, 0
		}
		r := &s.rules[h.rule]
		if tries++; tries > maxTries || h.start < done || !p.fromSource(r.Sources) {
			continue
		}
		ms := p.matches(r, h)
		for _, m := range ms {
			if m.span.Start >= done {
				found = append(found, m)
				done = m.span.End
			}
		}
	}
	p.proposeRules(append(found, p.repeated...))
}

// fromSource reports whether the document comes from one of the hosts.
func (p *Pass) fromSource(hosts []string) bool {
	if hosts == nil {
		return true
	}
	if p.Source == "" {
		return false
	}
	for _, part := range strings.FieldsFunc(strings.ToLower(p.Source), func(c rune) bool {
		return c != '.' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z')
	}) {
		for _, h := range hosts {
			if part == h || strings.HasSuffix(part, "."+h) {
				return true
			}
		}
	}
	return false
}

// ruleMatch is a place where a rule's whole pattern matches, or, without a rule,
// a line that recurs in the site.
type ruleMatch struct {
	rule     *fileRule
	block    int
	span     edit.Span
	new      string
	whole    bool // a block or a line goes as a whole, with its white space
	ceiling  edit.Tier
	why      string          // of a line that recurs
	evidence []edit.Evidence // the same
}

func (m *ruleMatch) nats() float64 {
	if m.rule != nil {
		return m.rule.nats
	}
	sum := 0.0
	for _, e := range m.evidence {
		sum += e.Nats
	}
	return sum
}

// proposal is what a match says of its place.
func (m *ruleMatch) proposal() edit.Proposal {
	if m.rule == nil {
		return edit.Proposal{Rule: boilerplateRepeatedID, Why: m.why, Origin: edit.Extraction, Ceiling: m.ceiling, Evidence: m.evidence}
	}
	return edit.Proposal{
		Rule: m.rule.ID, Why: m.rule.Why, Origin: m.rule.origin, Ceiling: m.ceiling,
		Evidence: []edit.Evidence{{Name: "pattern", Nats: m.rule.nats, Note: "how often this pattern is right"}},
	}
}

// matches are the pattern's matches around a literal.
func (p *Pass) matches(r *fileRule, h ruleHit) []ruleMatch {
	k, ok := p.blockAt(h.start)
	if !ok {
		return nil
	}
	b := p.Doc.Blocks[k]
	if b.Kind == text.Code || !p.positioned(r.Position, k) {
		return nil
	}
	unit, ok := p.unit(r.Where, h, b.Span)
	if !ok {
		return nil
	}
	s := p.Doc.Text[unit.Start:unit.End]
	re := r.Expr()
	if re == nil {
		m, ok := literalMatch(r.Where, s, edit.Span{Start: h.start - unit.Start, End: h.end - unit.Start})
		if !ok {
			return nil
		}
		return p.accept(nil, r, k, unit, s, []int{m.Start, m.End}, nil)
	}
	var out []ruleMatch
	if r.Where != rules.Text {
		if g := re.FindStringSubmatchIndex(s); g != nil {
			out = p.accept(out, r, k, unit, s, g, re)
		}
		return out
	}
	for _, g := range re.FindAllStringSubmatchIndex(s, -1) {
		if unit.Start+g[0] < h.end && unit.Start+g[1] > h.start {
			out = p.accept(out, r, k, unit, s, g, re)
		}
	}
	return out
}

// literalMatch holds a literal that is the whole pattern to where it must stand.
func literalMatch(where rules.Where, unit string, m edit.Span) (edit.Span, bool) {
	switch where {
	case rules.Block, rules.Line:
		return m, m.Start == 0 && m.End == len(unit)
	case rules.LineStart:
		return m, m.Start == 0
	case rules.LineEnd:
		return m, m.End == len(unit)
	}
	return m, true
}

// accept checks a match's words and adds what would come in its place.
func (p *Pass) accept(out []ruleMatch, r *fileRule, block int, unit edit.Span, s string, g []int, re *regexp.Regexp) []ruleMatch {
	for _, c := range r.Words {
		if 2*c.Group+1 >= len(g) || g[2*c.Group] < 0 {
			continue
		}
		if !p.holds(s[g[2*c.Group]:g[2*c.Group+1]], c.Needs) {
			return out
		}
	}
	m := ruleMatch{rule: r, ceiling: r.ceiling, block: block, span: edit.Span{Start: unit.Start + g[0], End: unit.Start + g[1]}}
	if re != nil {
		m.new = string(re.ExpandString(nil, r.Replace, s, g))
	} else {
		m.new = strings.ReplaceAll(r.Replace, "$$", "$")
	}
	m.whole = m.new == "" && p.wholeLines(m.span)
	if m.new == p.Doc.Text[m.span.Start:m.span.End] {
		return out
	}
	return append(out, m)
}

// wholeLines reports whether nothing else stands on a span's lines.
func (p *Pass) wholeLines(s edit.Span) bool {
	before := strings.TrimRight(p.Doc.Text[:s.Start], " \t\u00a0")
	after := strings.TrimLeft(p.Doc.Text[s.End:], " \t\r\u00a0")
	return (before == "" || before[len(before)-1] == '\n') && (after == "" || after[0] == '\n')
}

// holds reports whether every word of a group is what a condition asks.
func (p *Pass) holds(group string, needs []string) bool {
	words := strings.FieldsFunc(group, func(c rune) bool { return c == ' ' || c == '-' || c == '/' || c == ',' || c == '.' || c == '&' })
	if len(words) == 0 {
		return false
	}
	for _, w := range words {
		for _, need := range needs {
			fact, not := strings.CutPrefix(need, "not-")
			if p.is(w, fact) == not {
				return false
			}
		}
	}
	return true
}

// is reports whether one word has a fact of rules.Facts.
func (p *Pass) is(w, fact string) bool {
	flag := func(f lm.Flags) bool { return p.Lex.Lookup(w).Flags&f != 0 }
	switch fact {
	case "known":
		return flag(lm.Known)
	case "dict":
		return flag(lm.Dict)
	case "function":
		return flag(lm.Function)
	case "name":
		return flag(lm.Name)
	case "place":
		return flag(lm.Place)
	case "noun":
		return flag(lm.Noun)
	case "verb":
		return flag(lm.Verb)
	case "adjective":
		return flag(lm.Adj)
	case "common":
		i := p.Lex.Lookup(w)
		return i.LnProb != 0 && i.LnProb > -10 // one word in 22,000
	case "lower":
		return strings.ToLower(w) == w
	case "upper":
		return strings.ToUpper(w) == w && strings.ToLower(w) != w
	case "title":
		c, n := utf8.DecodeRuneInString(w)
		return strings.ToUpper(w[:n]) == w[:n] && strings.ToLower(string(c)) != string(c)
	case "number":
		return strings.Trim(w, "0123456789") == ""
	case "seen":
		return p.Vocab().Count(w) > 0
	}
	return false
}

// blockAt is the block that holds a byte.
func (p *Pass) blockAt(at int) (int, bool) {
	k, ok := slices.BinarySearchFunc(p.Doc.Blocks, at, func(b text.Block, at int) int {
		switch {
		case b.End <= at:
			return -1
		case b.Start > at:
			return 1
		}
		return 0
	})
	return k, ok
}

// positioned reports whether a block stands where a rule wants it.
func (p *Pass) positioned(pos rules.Position, k int) bool {
	switch pos {
	case rules.First:
		return k == 0
	case rules.Last:
		return k == len(p.Doc.Blocks)-1
	case rules.Body:
		return k > 0
	case rules.Head:
		return k < p.firstLong
	case rules.Foot:
		return k > p.lastLong
	case rules.Among:
		return strings.Contains(strings.TrimSpace(p.Doc.Text), "\n")
	}
	return true
}

// unit is the piece of the text that a pattern sees, or none when it is too
// long to be what the rule means.
func (p *Pass) unit(where rules.Where, h ruleHit, block edit.Span) (edit.Span, bool) {
	if where == rules.Block {
		return block, block.Len() <= maxUnit && h.end <= block.End
	}
	s := p.Doc.Text
	from, to := h.start, h.end
	for from > block.Start && s[from-1] != '\n' && h.start-from < reach {
		from--
	}
	for to < block.End && s[to] != '\n' && to-h.end < reach {
		to++
	}
	opens := from == block.Start || s[from-1] == '\n'
	closes := to >= block.End || s[to] == '\n'
	switch where {
	case rules.Line:
		if !opens || !closes {
			return edit.Span{}, false
		}
	case rules.LineStart:
		if !opens {
			return edit.Span{}, false
		}
	case rules.LineEnd:
		if !closes {
			return edit.Span{}, false
		}
	}
	for from < to && !utf8.RuneStart(s[from]) {
		from++
	}
	for to < len(s) && !utf8.RuneStart(s[to]) {
		to--
	}
	t := s[from:to]
	from += len(t) - len(strings.TrimLeft(t, " \t\r\u00a0"))
	to -= len(t) - len(strings.TrimRight(t, " \t\r\u00a0"))
	return edit.Span{Start: from, End: max(from, to)}, from <= h.start && to >= h.end
}

// proposeRules hands in the matches. Blocks and lines that go as a whole take
// the white space after them along, those at the end of the text what stands
// before them.
func (p *Pass) proposeRules(found []ruleMatch) {
	found = outermost(found)
	gone := p.goners(found)
	for _, m := range found {
		span := m.span
		if m.whole {
			var ok bool
			if span, ok = p.cut(span, gone); !ok {
				continue
			}
		}
		e := edit.Shrink(p.Doc.Text, edit.Edit{Span: span, New: m.new})
		q := m.proposal()
		if spacesOnly(edit.Family(q.Rule)) && strings.TrimSpace(p.Doc.Text[e.Start:e.End])+strings.TrimSpace(e.New) != "" {
			continue // the family promises to change nothing but white space
		}
		if !m.whole && m.new != "" {
			span = m.span
		}
		q.Span = span
		if q.Ceiling != edit.Hint {
			q.Edits = []edit.Edit{e}
		}
		p.anyLang = m.rule != nil && m.rule.own
		p.Propose(q)
	}
	p.anyLang = false
}

// outermost drops matches that lie within others which may go as far: they would
// only stand in each other's way.
func outermost(found []ruleMatch) []ruleMatch {
	slices.SortStableFunc(found, func(a, b ruleMatch) int {
		return cmp.Or(cmp.Compare(a.span.Start, b.span.Start), cmp.Compare(b.span.End, a.span.End),
			cmp.Compare(b.ceiling, a.ceiling), cmp.Compare(b.nats(), a.nats()))
	})
	var out []ruleMatch
	for _, m := range found {
		if n := len(out); n > 0 && out[n-1].span.Contains(m.span) && out[n-1].ceiling >= m.ceiling {
			continue
		}
		out = append(out, m)
	}
	return out
}

func spacesOnly(family string) bool {
	return family == "merged" || family == "split" || family == "spacing"
}

// goners are the spans that go as a whole, ascending.
func (p *Pass) goners(found []ruleMatch) []edit.Span {
	var out []edit.Span
	for _, m := range found {
		if m.whole {
			out = append(out, m.span)
		}
	}
	slices.SortFunc(out, func(a, b edit.Span) int { return a.Start - b.Start })
	return out
}

// cut widens a block or line that goes by white space on one side. It refuses
// when nothing else would be left of the text.
func (p *Pass) cut(s edit.Span, gone []edit.Span) (edit.Span, bool) {
	t := p.Doc.Text
	first, last := p.Doc.Blocks[0].Start, p.Doc.Blocks[len(p.Doc.Blocks)-1].End
	// Whether everything after it, or before it, goes as well.
	end := s.End
	for _, g := range gone {
		if g.Start >= end && strings.TrimSpace(t[end:g.Start]) == "" {
			end = g.End
		}
	}
	if strings.TrimSpace(t[end:last]) == "" {
		start := s.Start
		for i := len(gone) - 1; i >= 0; i-- {
			if g := gone[i]; g.End <= start && strings.TrimSpace(t[g.End:start]) == "" {
				start = g.Start
			}
		}
		if strings.TrimSpace(t[first:start]) == "" {
			return s, false
		}
		return edit.Span{Start: len(strings.TrimRight(t[:s.Start], " \t\r\n\u00a0")), End: s.End}, true
	}
	rest := t[s.End:]
	next := s.End + len(rest) - len(strings.TrimLeft(rest, " \t\r\n\u00a0"))
	start := s.Start
	for i := len(gone) - 1; i >= 0; i-- {
		if g := gone[i]; g.End <= start && strings.TrimSpace(t[g.End:start]) == "" {
			start = g.Start
		}
	}
	before := len(strings.TrimRight(t[:start], " \t\r\n\u00a0"))
	if before == 0 {
		start = 0
	}
	if start > 0 && strings.Count(t[before:start], "\n") == 1 && strings.Count(t[s.End:next], "\n") > 1 {
		// The last line of its block leaves the blank line behind it.
		return edit.Span{Start: s.Start, End: s.End + strings.IndexByte(t[s.End:next], '\n') + 1}, true
	}
	if before == 0 && start == 0 && s.Start > 0 && strings.TrimSpace(t[:s.Start]) == "" {
		s.Start = 0
	}
	s.End = next
	return s, true
}
