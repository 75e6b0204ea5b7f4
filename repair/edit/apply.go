package edit

import (
	"fmt"
	"strings"
)

// check says what Apply would refuse.
func check(srcLen int, edits []Edit) error {
	for i, e := range edits {
		if e.Start < 0 || e.End < e.Start || e.End > srcLen {
			return fmt.Errorf("edit %v lies outside the text of %d bytes", e.Span, srcLen)
		}
		if i > 0 && (e.Start < edits[i-1].End || e.Span == edits[i-1].Span) {
			return fmt.Errorf("edit %v overlaps edit %v, or is out of order", e.Span, edits[i-1].Span)
		}
	}
	return nil
}

// mustBeSound is check for callers that promise sound edits.
func mustBeSound(srcLen int, edits []Edit) {
	if err := check(srcLen, edits); err != nil {
		panic("edit: " + err.Error())
	}
}

// Apply replaces each edit's span of src by its new text. Edits must be sorted
// by place (an insertion goes before the replacement it touches) and must not
// overlap, as Span.Overlaps says; otherwise nothing is applied and the error
// names the first that does not fit. Without edits it returns src.
func Apply(src string, edits []Edit) (string, error) {
	if len(edits) == 0 {
		return src, nil
	}
	if err := check(len(src), edits); err != nil {
		return "", err
	}
	size := len(src)
	for _, e := range edits {
		size += len(e.New) - e.Len()
	}
	var b strings.Builder
	b.Grow(size)
	at := 0
	for _, e := range edits {
		b.WriteString(src[at:e.Start])
		b.WriteString(e.New)
		at = e.End
	}
	b.WriteString(src[at:])
	return b.String(), nil
}

// Invert returns the edits that turn Apply(src, edits) back into src. It panics
// on edits that Apply refuses. Edits that touch in the output (two deletions
// that left nothing between them) become one.
func Invert(src string, edits []Edit) []Edit {
	mustBeSound(len(src), edits)
	back := make([]Edit, 0, len(edits))
	shift := 0
	for _, e := range edits {
		at := Span{e.Start + shift, e.Start + shift + len(e.New)}
		shift += len(e.New) - e.Len()
		old := src[e.Start:e.End]
		if n := len(back); n > 0 && back[n-1].Span == at {
			back[n-1].New += old // both insert at one point
			continue
		}
		back = append(back, Edit{at, old})
	}
	return back
}

// Composed is one edit of a composition and where it came from: the indices, in
// ascending order of position, of the edits of a and of b that went into it.
type Composed struct {
	Edit
	A, B []int
}

// Compose returns edits of src that do what a does and then, on its result, b:
// Apply(src, Compose(src, a, b)) equals Apply(Apply(src, a), b). It panics on
// edits that Apply refuses.
func Compose(src string, a, b []Edit) []Edit {
	var out []Edit
	for _, c := range ComposeTraced(src, a, b) {
		if c.Len() > 0 || c.New != "" {
			out = append(out, c.Edit)
		}
	}
	return out
}

// ComposeTraced is Compose with the provenance of each edit. Every index of a
// and b occurs exactly once; edits that overlap, or whose order at one point
// would be lost, are merged. What b took back of a stays as an edit that changes
// nothing.
func ComposeTraced(src string, a, b []Edit) []Composed {
	mustBeSound(len(src), a)
	mid := make([]Span, len(a)) // where each edit of a stands in the text between
	shift := 0
	for i, e := range a {
		mid[i] = Span{e.Start + shift, e.Start + shift + len(e.New)}
		shift += len(e.New) - e.Len()
	}
	mustBeSound(len(src)+shift, b)
	joins := func(i, j int) bool {
		x, y := mid[i], b[j].Span
		if x.Start < y.End && y.Start < x.End {
			return true
		}
		// An insertion beside an insertion, or where something was deleted, would
		// have a rival or no place of its own in src.
		return y.Len() == 0 && (x.Len() == 0 || a[i].Len() == 0) && (x.Start == y.Start || x.End == y.Start)
	}
	var out []Composed
	i, j, delta := 0, 0, 0
	for i < len(a) || j < len(b) {
		i0, j0 := i, j
		if j == len(b) || i < len(a) && (mid[i].Start < b[j].Start || mid[i].Start == b[j].Start && mid[i].End <= b[j].End) {
			i++
		} else {
			j++
		}
		for {
			if i < len(a) && j > j0 && joins(i, j-1) {
				i++
			} else if j < len(b) && i > i0 && joins(i-1, j) {
				j++
			} else {
				break
			}
		}
		lo, hi := len(src)+shift, 0
		for k := i0; k < i; k++ {
			lo, hi = min(lo, mid[k].Start), max(hi, mid[k].End)
		}
		for k := j0; k < j; k++ {
			lo, hi = min(lo, b[k].Start), max(hi, b[k].End)
		}
		c := Composed{}
		c.Start = lo - delta
		var between strings.Builder
		at := c.Start
		for k := i0; k < i; k++ {
			between.WriteString(src[at:a[k].Start])
			between.WriteString(a[k].New)
			at = a[k].End
			delta += len(a[k].New) - a[k].Len()
			c.A = append(c.A, k)
		}
		c.End = hi - delta
		between.WriteString(src[at:c.End])
		text := between.String()
		var made strings.Builder
		at = lo
		for k := j0; k < j; k++ {
			made.WriteString(text[at-lo : b[k].Start-lo])
			made.WriteString(b[k].New)
			at = b[k].End
			c.B = append(c.B, k)
		}
		made.WriteString(text[at-lo:])
		c.New = made.String()
		out = append(out, c)
	}
	return out
}

// Reads is what a span of src reads after the edits that lie within it; edits
// are ascending and disjoint, those outside the span are passed over.
func Reads(src string, s Span, edits []Edit) string {
	var b strings.Builder
	at := s.Start
	for _, e := range edits {
		if e.Start < at || e.End > s.End {
			continue
		}
		b.WriteString(src[at:e.Start])
		b.WriteString(e.New)
		at = e.End
	}
	b.WriteString(src[at:s.End])
	return b.String()
}
