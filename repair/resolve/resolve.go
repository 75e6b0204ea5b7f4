package resolve

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"copydesk/repair/damage"
	"copydesk/repair/edit"
)

// Limits on confidence. A proposal below minShown is not worth anybody's time;
// maxNats keeps one wild feature from claiming certainty.
const (
	minShown  = 0.05
	maxNats   = 9.2 // conf 0.9999: no rule has been proved better than one in ten thousand
	minReview = 0.30
	maxRivals = 8
)

// Judge turns evidence into confidence and confidence into verdicts. Immutable.
type Judge struct {
	Tier    edit.Tier // the lowest trust that is applied: Safe or Review
	MinConf float64   // apply nothing below this
	Source  bool      // apply what mends the publisher's own errors too
	Table   Table     // a rule that it does not name is taken at its word
}

// candidate is a proposal being weighed.
type candidate struct {
	edit.Entry
	scale  Scale
	nats   float64
	rivals []int
	gone   bool // says the same as a better proposal
}

// Choose weighs all proposals of one round over src, a document hurt as the
// profile says, and returns an entry for each that is worth showing, sorted by
// place. Entries with the verdict Applied do not overlap.
func (j *Judge) Choose(src string, proposals []edit.Proposal, profile *damage.Profile) []edit.Entry {
	if len(proposals) == 0 {
		return nil
	}
	cs := make([]candidate, len(proposals))
	for i, p := range proposals {
		cs[i].Proposal = p
		cs[i].scale = j.Table.scale(p.Rule)
		cs[i].nats = cs[i].scale.nats(&p, profile)
	}
	slices.SortStableFunc(cs, func(a, b candidate) int {
		return cmp.Or(
			cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.Span.End, b.Span.End),
			strings.Compare(a.Rule, b.Rule), cmp.Compare(b.nats, a.nats))
	})
	findRivals(cs, j.Tier == edit.Safe)
	for i := range cs {
		j.judge(cs, i)
	}
	order := make([]int, len(cs))
	for i := range order {
		order[i] = i
	}
	// Best first; the sort is stable, so equals keep their order in the text.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cs[b].nats, cs[a].nats) })
	for _, i := range order {
		j.decide(cs, i)
	}
	out := make([]edit.Entry, 0, len(cs))
	for i := range cs {
		c := &cs[i]
		if c.gone || (c.Conf < minShown && c.Tier != edit.Hint) || (c.Conf < minShown && len(c.Edits) > 0) {
			continue
		}
		if c.Verdict == edit.Outscored && samePlace(cs, i) {
			continue // it stands among the winner's rivals
		}
		c.Rivals = rivalsOf(src, cs, i)
		out = append(out, c.Entry)
	}
	return out
}

// findRivals notes for each candidate which others cannot stand beside it (where
// only the safe tier is applied, none that is Aside stands against one that is not), and
// of those that say the same keeps the one that is furthest above what makes
// its rule safe. Candidates are sorted by the start of their spans.
func findRivals(cs []candidate, safe bool) {
	for i := range cs {
		if cs[i].gone {
			continue
		}
		for k := i + 1; k < len(cs); k++ {
			if cs[k].Span.Start > cs[i].Span.End {
				break
			}
			if cs[k].gone || safe && cs[i].Aside != cs[k].Aside || !conflict(&cs[i].Proposal, &cs[k].Proposal) {
				continue
			}
			if slices.Equal(cs[i].Edits, cs[k].Edits) && len(cs[i].Edits) > 0 {
				if cs[k].margin() > cs[i].margin() {
					cs[i].gone = true
					break
				}
				cs[k].gone = true
				continue
			}
			cs[i].rivals = append(cs[i].rivals, k)
			cs[k].rivals = append(cs[k].rivals, i)
		}
	}
}

// margin is how far, in nats, a candidate lies above the confidence that makes
// its rule safe: of two rules that want the same edit each has its own proof,
// and either is enough. The surer rule alone let one space in a hundred on
// damaged lines of Wikipedia stand that the other rule would have mended.
func (c *candidate) margin() float64 {
	if c.Ceiling < edit.Safe || c.scale.Safe >= 1 {
		return c.nats - 2*maxNats // never safe
	}
	return c.nats - math.Log(c.scale.Safe/(1-c.scale.Safe))
}

// conflict reports whether two proposals cannot both be applied.
func conflict(a, b *edit.Proposal) bool {
	if !a.Span.Overlaps(b.Span) || a.Guard != "" || b.Guard != "" {
		return false
	}
	if len(a.Edits) == 0 || len(b.Edits) == 0 {
		return false // a hint changes nothing
	}
	if a.Segs != nil || b.Segs != nil {
		return hull(a).Overlaps(hull(b))
	}
	for _, x := range a.Edits {
		for _, y := range b.Edits {
			if x.Span.Overlaps(y.Span) {
				return true
			}
		}
	}
	// Two ways to mend one token are rivals even where their edits differ in
	// place: "presidentsoffice" is "presidents office" or "president's office".
	return !a.Apart && !b.Apart && a.Span == b.Span
}

// hull is the smallest span that holds every edit.
func hull(p *edit.Proposal) edit.Span {
	return edit.Span{Start: p.Edits[0].Start, End: p.Edits[len(p.Edits)-1].End}
}

// judge sets a candidate's confidence among its rivals and its tier.
func (j *Judge) judge(cs []candidate, i int) {
	c := &cs[i]
	if c.gone {
		return
	}
	sum := 1 + math.Exp(c.nats)
	for _, k := range c.rivals {
		if !cs[k].gone {
			sum += math.Exp(cs[k].nats)
		}
	}
	c.Conf = math.Exp(c.nats) / sum
	switch {
	case len(c.Edits) == 0 || c.Guard != "":
		c.Tier = edit.Hint
	case c.Ceiling >= edit.Safe && c.Conf >= c.scale.Safe && (c.Origin != edit.Source || j.Source):
		c.Tier = edit.Safe
		if c.Origin == edit.Unknown {
			// So sure, by evidence that holds how badly the document was hurt, that it is
			// repaired as damage: only what nobody would call sure stays open.
			c.Origin = edit.Extraction
		}
	case c.Ceiling >= edit.Review && c.Conf >= minReview:
		c.Tier = edit.Review
	default:
		c.Tier = edit.Hint
	}
}

// decide gives a candidate its verdict, after all likelier ones have theirs.
func (j *Judge) decide(cs []candidate, i int) {
	c := &cs[i]
	if c.gone {
		return
	}
	if c.Guard != "" {
		c.Verdict, c.By = edit.Protected, c.Guard
		return
	}
	for _, k := range c.rivals {
		if r := &cs[k]; !r.gone && r.Verdict == edit.Applied && r.decided() {
			c.Verdict, c.By = edit.Outscored, r.Rule
			return
		}
	}
	limit := j.MinConf
	if j.Tier == edit.Review {
		limit = max(limit, 0.5) // likelier than not, whatever the tier says
	}
	switch {
	case len(c.Edits) == 0 || c.Tier == edit.Hint:
		c.Verdict = edit.Weak
	case c.Tier < j.Tier || c.Conf < limit || c.Origin == edit.Source && !j.Source:
		c.Verdict = edit.Held
	default:
		c.Verdict, c.Round = edit.Applied, -1
	}
	if c.Verdict != edit.Applied {
		// The best of several that are all held speaks for its place.
		for _, k := range c.rivals {
			if r := &cs[k]; !r.gone && r.By == "" && (r.nats > c.nats || r.nats == c.nats && k < i) {
				c.Verdict, c.By = edit.Outscored, r.Rule
				return
			}
		}
	}
}

// decided reports whether decide has applied the candidate: the zero verdict
// alone does not say so.
func (c *candidate) decided() bool { return c.Round == -1 }

// samePlace reports whether an outscored candidate's whole span lies within
// that of a rival which stands.
func samePlace(cs []candidate, i int) bool {
	for _, k := range cs[i].rivals {
		if r := &cs[k]; !r.gone && r.Verdict != edit.Outscored && r.Span.Contains(cs[i].Span) {
			return true
		}
	}
	return false
}

// rivalsOf lists what else was proposed for a candidate's place, best first, as
// the text that its span would read.
func rivalsOf(src string, cs []candidate, i int) []edit.Alt {
	c := &cs[i]
	var alts []edit.Alt
	for _, k := range c.rivals {
		r := &cs[k]
		if r.gone || !c.Span.Contains(r.Span) {
			continue
		}
		alts = append(alts, edit.Alt{After: edit.Reads(src, c.Span, r.Edits), Rule: r.Rule, Conf: r.Conf})
	}
	slices.SortStableFunc(alts, func(a, b edit.Alt) int { return cmp.Compare(b.Conf, a.Conf) })
	own := edit.Reads(src, c.Span, c.Edits)
	seen := map[string]bool{own: true}
	alts = slices.DeleteFunc(alts, func(a edit.Alt) bool {
		dup := seen[a.After]
		seen[a.After] = true
		return dup
	})
	return alts[:min(len(alts), maxRivals)]
}
