package edit

import (
	"fmt"
	"strings"
)

// Apply replaces each edit's span of src by its new text. Edits must be sorted
// by place and must not overlap (see Span.Overlaps); otherwise nothing is
// applied and the error names the first that does not fit.
func Apply(src string, edits []Edit) (string, error) {
	if len(edits) == 0 {
		return src, nil
	}
	size := len(src)
	for i, e := range edits {
		if e.Start < 0 || e.End < e.Start || e.End > len(src) {
			return "", fmt.Errorf("edit %v lies outside the text of %d bytes", e.Span, len(src))
		}
		if i > 0 && (e.Start < edits[i-1].End || e.Span.Overlaps(edits[i-1].Span)) {
			return "", fmt.Errorf("edit %v overlaps edit %v, or is out of order", e.Span, edits[i-1].Span)
		}
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

// Invert returns the edits that turn Apply(src, edits) back into src.
func Invert(src string, edits []Edit) []Edit {
	out := make([]Edit, len(edits))
	shift := 0
	for i, e := range edits {
		start := e.Start + shift
		out[i] = Edit{Span{start, start + len(e.New)}, src[e.Start:e.End]}
		shift += len(e.New) - e.Len()
	}
	return out
}
