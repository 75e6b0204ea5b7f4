// Package score measures repairs against labelled text.
package score

import (
	"fmt"
	"slices"
	"strings"

	"copydesk/repair/edit"

	"golang.org/x/text/unicode/norm"
)

// Gaps counts spaces put in and taken out, micro-averaged over all gaps: the
// whitespace correction measure of Bast, Hertel and Walter (ACL 2023).
type Gaps struct{ TP, FP, FN, Words, Rows, Right int }

// clean brings text to the form in which gaps are counted: white space
// collapsed, NFKC.
func clean(s string) string {
	s = norm.NFKC.String(strings.Join(strings.Fields(s), " "))
	return strings.Join(strings.Fields(s), " ")
}

// gaps is the text without its spaces, and before which characters they stood.
func gaps(s string) (string, map[int]bool) {
	at, n := map[int]bool{}, 0
	var b strings.Builder
	for _, r := range s {
		if r == ' ' {
			at[n] = true
			continue
		}
		b.WriteRune(r)
		n++
	}
	return b.String(), at
}

// Add counts one row. A prediction that changed more than white space counts as
// no change at all. Rows whose gold does so are an error of the set.
func (g *Gaps) Add(corrupt, correct, predicted string) error {
	c, cs := gaps(clean(corrupt))
	w, ws := gaps(clean(correct))
	p, ps := gaps(clean(predicted))
	if c != w {
		return fmt.Errorf("input and gold differ in more than white space: %q", corrupt)
	}
	if p != c {
		ps = cs
	}
	g.Rows++
	g.Words += len(ws) + 1
	right := true
	for i := range len(c) + 1 {
		gold, pred := ws[i] != cs[i], ps[i] != cs[i]
		switch {
		case gold && pred:
			g.TP++
		case pred:
			g.FP++
			right = false
		case gold:
			g.FN++
			right = false
		}
	}
	if right && p == c {
		g.Right++
	}
	return nil
}

// PRF are precision, recall and F1 in percent.
func PRF(tp, fp, fn int) (p, r, f float64) {
	if tp == 0 {
		return 0, 0, 0
	}
	p = 100 * float64(tp) / float64(tp+fp)
	r = 100 * float64(tp) / float64(tp+fn)
	return p, r, 2 * p * r / (p + r)
}

// Edits matches applied changes with gold edits by their smallest operations.
type Edits struct {
	Right, Wrong int // applied changes
	Found, Lost  int // gold edits that are counted
}

// op is a deleted byte or an inserted string.
type op struct {
	at  int
	ins string
}

func ops(src string, s edit.Span, after string) []op {
	var out []op
	for _, e := range edit.Diff(src[s.Start:s.End], after) {
		for i := e.Start; i < e.End; i++ {
			out = append(out, op{at: s.Start + i})
		}
		if e.New != "" {
			out = append(out, op{s.Start + e.Start, e.New})
		}
	}
	return out
}

// Gold is a labelled edit, in bytes.
type Gold struct {
	edit.Span
	After  string
	Counts bool // its loss counts; others are only allowed
}

// Allowed holds the smallest operations of a document's gold edits.
type Allowed struct {
	src   string
	alike func(insertion string) string
	ops   map[op]bool
}

// NewAllowed gathers the gold edits of a document. Insertions that alike writes
// alike count as the same; nil holds them to the letter.
func NewAllowed(src string, gold []Gold, alike func(insertion string) string) Allowed {
	a := Allowed{src, alike, map[op]bool{}}
	for _, g := range gold {
		for _, o := range a.of(edit.Edit{Span: g.Span, New: g.After}) {
			a.ops[o] = true
		}
	}
	return a
}

func (a Allowed) of(e edit.Edit) []op {
	all := ops(a.src, e.Span, e.New)
	if a.alike != nil {
		for i := range all {
			if all[i].ins != "" {
				all[i].ins = a.alike(all[i].ins)
			}
		}
	}
	return all
}

// Right reports whether an edit does only what gold edits do.
func (a Allowed) Right(e edit.Edit) bool {
	return !slices.ContainsFunc(a.of(e), func(o op) bool { return !a.ops[o] })
}

// Add matches one document.
func (m *Edits) Add(src string, applied []edit.Edit, gold []Gold) {
	allowed, done := NewAllowed(src, gold, nil), map[op]bool{}
	for _, a := range applied {
		for _, o := range ops(src, a.Span, a.New) {
			done[o] = true
		}
		if allowed.Right(a) {
			m.Right++
		} else {
			m.Wrong++
		}
	}
	for _, g := range gold {
		if !g.Counts {
			continue
		}
		if slices.ContainsFunc(ops(src, g.Span, g.After), func(o op) bool { return !done[o] }) {
			m.Lost++
		} else {
			m.Found++
		}
	}
}
