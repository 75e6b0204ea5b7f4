package score

import (
	"fmt"
	"math"
	"strings"

	"copydesk/repair/edit"
)

// Spaces are the places where two texts that are equal but for single spaces
// differ: in bytes of the first, a space that must go or, at an insertion point,
// one that must come.
type Spaces struct{ lost, added map[int]bool }

// NewSpaces compares a text with its gold. It returns false where they differ in
// more than single spaces.
func NewSpaces(corrupt, correct string) (Spaces, bool) {
	s := Spaces{map[int]bool{}, map[int]bool{}}
	i, j := 0, 0
	for i < len(corrupt) || j < len(correct) {
		switch {
		case i < len(corrupt) && j < len(correct) && corrupt[i] == correct[j]:
			i++
			j++
		case i < len(corrupt) && corrupt[i] == ' ':
			s.added[i] = true
			i++
		case j < len(correct) && correct[j] == ' ':
			s.lost[i] = true
			j++
		default:
			return s, false
		}
	}
	return s, true
}

// Right reports whether a change does nothing but mend such places.
func (s Spaces) Right(span edit.Span, before, after string) bool {
	own, ok := NewSpaces(before, after)
	if !ok || len(own.lost)+len(own.added) == 0 {
		return false
	}
	for k := range own.lost {
		if !s.lost[span.Start+k] {
			return false
		}
	}
	for k := range own.added {
		if !s.added[span.Start+k] {
			return false
		}
	}
	return true
}

// Reliability compares confidences with how often they were right.
type Reliability struct {
	n, right, conf [len(reliabilityCuts) + 1]float64
}

// The lower bounds of the bins but the first.
var reliabilityCuts = [...]float64{0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99}

// Add counts one proposal.
func (r *Reliability) Add(conf float64, right bool) {
	b := 0
	for b < len(reliabilityCuts) && conf >= reliabilityCuts[b] {
		b++
	}
	r.n[b]++
	r.conf[b] += conf
	if right {
		r.right[b]++
	}
}

// ECE is the expected calibration error: the mean distance between confidence
// and share of right ones, by bins (Naeini et al. 2015, "Obtaining well
// calibrated probabilities using Bayesian binning").
func (r *Reliability) ECE() float64 {
	var sum, all float64
	for b, n := range r.n {
		if n > 0 {
			sum += math.Abs(r.conf[b] - r.right[b])
			all += n
		}
	}
	return sum / max(1, all)
}

// Head is the head of a Markdown table of rows; the first column is named.
func Head(name string) string {
	h, line := "| "+name+" | below 0.3", "|---|---"
	for _, c := range reliabilityCuts {
		h += fmt.Sprintf(" | from %.2g", c)
		line += "|---"
	}
	return h + " | error |\n" + line + "|---|\n"
}

// Row writes the bins as one row: how many proposals, and the share of right ones.
func (r *Reliability) Row(name string) string {
	row := "| " + name
	for k, n := range r.n {
		if n == 0 {
			row += " |"
			continue
		}
		row += fmt.Sprintf(" | %.3f of %.0f", r.right[k]/n, n)
	}
	return row + fmt.Sprintf(" | %.3f |\n", r.ECE())
}

// Table writes the bins as rows of a Markdown table.
func (r *Reliability) Table() string {
	var b strings.Builder
	for k, n := range r.n {
		if n == 0 {
			continue
		}
		lo, hi := 0.0, 1.0
		if k > 0 {
			lo = reliabilityCuts[k-1]
		}
		if k < len(reliabilityCuts) {
			hi = reliabilityCuts[k]
		}
		fmt.Fprintf(&b, "| %.2f to %.2f | %.0f | %.3f | %.3f |\n", lo, hi, n, r.conf[k]/n, r.right[k]/n)
	}
	return b.String()
}
