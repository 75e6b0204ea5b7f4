// Package report gathers what a run changed and shows it: sums that add up over
// shards in any order, a JSON form of them, and one page of HTML.
package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// Limits of what is kept.
const (
	maxExamples = 10    // of a rule
	maxHeld     = 3     // examples of a rule that were not applied
	maxContext  = 60    // code points on each side of an example
	maxShown    = 200   // code points of an example's text
	maxDomains  = 5_000 // by name; the rest counts as one: a hostile archive has as many as records
	maxReasons  = 100
	histogram   = 20 // steps of confidence
	otherDomain = "(others)"
)

// Stats is what happened to some records. Sums and examples are the same
// whatever the order in which parts were added.
type Stats struct {
	Records     int64              `json:"records"`
	Changed     int64              `json:"changed"`
	Edits       int64              `json:"edits"`
	Held        int64              `json:"held"` // proposals that were not applied
	Fused       int64              `json:"fused"`
	Skipped     int64              `json:"skipped"`
	TextBytes   int64              `json:"text_bytes"`
	Rules       map[string]*Rule   `json:"rules"`
	Domains     map[string]*Domain `json:"domains"`
	Damage      map[string]int64   `json:"damage"`       // documents, by a process that hurt them more likely than not
	SkipReasons map[string]int64   `json:"skip_reasons"` // digits left out
	FuseReasons map[string]int64   `json:"fuse_reasons"`
}

// Rule is what one rule did.
type Rule struct {
	Applied   int64            `json:"applied"`
	Held      int64            `json:"held"`
	Tiers     map[string]int64 `json:"tiers"`
	Removed   int64            `json:"chars_removed"` // code points, of what was applied
	Added     int64            `json:"chars_added"`
	Histogram [histogram]int64 `json:"confidence_histogram"` // steps of 0.05, of all proposals
	Examples  []Example        `json:"examples"`
}

// Domain is what happened to the records of one source.
type Domain struct {
	Records int64 `json:"records"`
	Changed int64 `json:"changed"`
	Edits   int64 `json:"edits"`
}

// Example is one proposal in its context.
type Example struct {
	ID      string  `json:"id"`
	Doc     string  `json:"doc"`
	Left    string  `json:"left"`
	Before  string  `json:"before"`
	After   string  `json:"after"`
	Right   string  `json:"right"`
	Conf    float64 `json:"conf"`
	Applied bool    `json:"applied"`
}

// New makes empty Stats.
func New() *Stats {
	return &Stats{
		Rules: map[string]*Rule{}, Domains: map[string]*Domain{}, Damage: map[string]int64{},
		SkipReasons: map[string]int64{}, FuseReasons: map[string]int64{},
	}
}

// Record counts a record that was read.
func (s *Stats) Record(host string, changed bool, edits int) {
	s.Records++
	d := s.domain(host)
	d.Records++
	d.Edits += int64(edits)
	if changed {
		s.Changed++
		d.Changed++
	}
}

func (s *Stats) domain(host string) *Domain {
	if host == "" {
		host = "(none)"
	}
	d := s.Domains[host]
	if d == nil && len(s.Domains) >= maxDomains {
		host = otherDomain
		d = s.Domains[host]
	}
	if d == nil {
		d = &Domain{}
		s.Domains[host] = d
	}
	return d
}

// Skip counts a record that passed through unread.
func (s *Stats) Skip(reason string) {
	s.Records++
	s.Skipped++
	count(s.SkipReasons, reason)
}

// Fuse counts a text that the harm fuse left as it was.
func (s *Stats) Fuse(reason string) {
	s.Fused++
	count(s.FuseReasons, reason)
}

// count counts a reason by its words: the digits in it differ every time.
func count(m map[string]int64, reason string) {
	reason = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '#'
		}
		return r
	}, reason)
	for strings.Contains(reason, "##") {
		reason = strings.ReplaceAll(reason, "##", "#")
	}
	if m[reason] == 0 && len(m) >= maxReasons {
		reason = "(others)"
	}
	m[reason]++
}

// Text counts what was proposed for one text.
func (s *Stats) Text(d *edit.DocRecord, text string) {
	for _, p := range d.Damage {
		if p.P >= 0.5 {
			s.Damage[p.Process]++
		}
	}
	for i := range d.Edits {
		s.edit(d, &d.Edits[i], text)
	}
}

func (s *Stats) edit(d *edit.DocRecord, e *edit.EditRecord, text string) {
	r := s.Rules[e.Rule]
	if r == nil {
		r = &Rule{Tiers: map[string]int64{}}
		s.Rules[e.Rule] = r
	}
	r.Tiers[e.Tier.String()]++
	r.Histogram[min(histogram-1, int(e.Conf*histogram))]++
	if e.Applied {
		s.Edits++
		r.Applied++
		for _, op := range e.Ops {
			r.Removed += int64(utf8.RuneCountInString(e.Before[op.Start:op.End]))
			r.Added += int64(utf8.RuneCountInString(op.New))
		}
	} else {
		s.Held++
		r.Held++
	}
	if !e.HasAfter || !r.wants(e.ID, e.Applied) {
		return
	}
	from, to := e.Src.Start, e.Src.End
	for n := 0; n < maxContext && from > 0; n++ {
		_, w := utf8.DecodeLastRuneInString(text[:from])
		from -= w
	}
	for n := 0; n < maxContext && to < len(text); n++ {
		_, w := utf8.DecodeRuneInString(text[to:])
		to += w
	}
	r.keep(Example{
		ID: e.ID, Doc: short(d.Doc), Left: text[from:e.Src.Start], Before: short(e.Before), After: short(e.After),
		Right: text[e.Src.End:to], Conf: float64(int(e.Conf*1e4+0.5)) / 1e4, Applied: e.Applied,
	})
}

// wants reports whether an example belongs to those with the smallest ids: ids
// are hashes, so that is a fair sample, and the same whatever came first.
func (r *Rule) wants(id string, applied bool) bool {
	n, limit := 0, maxExamples
	if !applied {
		limit = maxHeld
	}
	for _, x := range r.Examples {
		if x.Applied == applied {
			n++
			if x.ID > id {
				return true
			}
		}
	}
	return n < limit
}

func (r *Rule) keep(e Example) {
	r.Examples = append(r.Examples, e)
	slices.SortFunc(r.Examples, func(a, b Example) int {
		if a.Applied != b.Applied {
			if a.Applied {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Doc, b.Doc))
	})
	applied, held := 0, 0
	kept := r.Examples[:0]
	for i, x := range r.Examples {
		if i > 0 && x.ID == r.Examples[i-1].ID {
			continue // a copy of the same text
		}
		if x.Applied {
			applied++
		} else {
			held++
		}
		if x.Applied && applied <= maxExamples || !x.Applied && held <= maxHeld {
			kept = append(kept, x)
		}
	}
	r.Examples = kept
}

func short(s string) string {
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	r := []rune(s)
	return string(r[:maxShown/2]) + " […] " + string(r[len(r)-maxShown/2:])
}

// Merge adds what another part counted.
func (s *Stats) Merge(o *Stats) {
	s.Records += o.Records
	s.Changed += o.Changed
	s.Edits += o.Edits
	s.Held += o.Held
	s.Fused += o.Fused
	s.Skipped += o.Skipped
	s.TextBytes += o.TextBytes
	for _, name := range sorted(o.Domains) {
		d, add := s.domain(name), o.Domains[name]
		d.Records += add.Records
		d.Changed += add.Changed
		d.Edits += add.Edits
	}
	for name, n := range o.Damage {
		s.Damage[name] += n
	}
	for name, n := range o.SkipReasons {
		s.SkipReasons[name] += n
	}
	for name, n := range o.FuseReasons {
		s.FuseReasons[name] += n
	}
	for name, add := range o.Rules {
		r := s.Rules[name]
		if r == nil {
			r = &Rule{Tiers: map[string]int64{}}
			s.Rules[name] = r
		}
		r.Applied += add.Applied
		r.Held += add.Held
		r.Removed += add.Removed
		r.Added += add.Added
		for t, n := range add.Tiers {
			r.Tiers[t] += n
		}
		for i, n := range add.Histogram {
			r.Histogram[i] += n
		}
		for _, e := range add.Examples {
			if r.wants(e.ID, e.Applied) {
				r.keep(e)
			}
		}
	}
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
