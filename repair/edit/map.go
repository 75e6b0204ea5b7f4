package edit

import "sort"

// Map carries positions between a text and what edits made of it. A replaced
// range maps as one unit; everything else maps exactly. Immutable; the zero
// value is the identity.
type Map struct{ pieces []piece }

// piece is one replaced range on both sides.
type piece struct{ src, out Span }

// NewMap maps a text through sorted edits that do not overlap.
func NewMap(edits []Edit) *Map {
	m := new(Map)
	shift := 0
	for _, e := range edits {
		start := e.Start + shift
		m.pieces = append(m.pieces, piece{e.Span, Span{start, start + len(e.New)}})
		shift += len(e.New) - e.Len()
	}
	return m
}

// ToOut carries a span of the input to the output. A span that cuts a replaced
// range is widened to the whole of it; exact says that it was not.
func (m *Map) ToOut(s Span) (out Span, exact bool) {
	return m.carry(s, func(p piece) (Span, Span) { return p.src, p.out })
}

// ToSrc carries a span of the output back to the input, as ToOut does.
func (m *Map) ToSrc(s Span) (src Span, exact bool) {
	return m.carry(s, func(p piece) (Span, Span) { return p.out, p.src })
}

func (m *Map) carry(s Span, side func(piece) (from, to Span)) (Span, bool) {
	// Pieces before i end before the span; an insertion at the span's edge is
	// outside it unless the span is empty.
	i := sort.Search(len(m.pieces), func(i int) bool {
		from, _ := side(m.pieces[i])
		return from.End > s.Start || from.End == s.Start && from.Len() == 0 && s.Len() == 0
	})
	shift := 0
	if i > 0 {
		from, to := side(m.pieces[i-1])
		shift = to.End - from.End
	}
	out, exact := Span{s.Start + shift, s.End + shift}, true
	for first := true; i < len(m.pieces); i++ {
		from, to := side(m.pieces[i])
		if from.Start > s.End || from.Start == s.End && s.Len() > 0 || from.Start == s.End && from.Len() > 0 {
			break
		}
		if s.Len() > 0 && from.Len() == 0 && from.Start == s.Start {
			// Inserted right before the span: only shifts it.
			shift = to.End - from.End
			if first {
				out.Start = s.Start + shift
			}
			out.End = s.End + shift
			continue
		}
		if first && from.Start < s.Start {
			out.Start, exact = to.Start, false
		} else if first && from.Start == s.Start && from.Len() > 0 {
			out.Start = to.Start
		} else if first && s.Len() == 0 {
			out.Start = to.Start
		}
		first = false
		shift = to.End - from.End
		if from.End > s.End {
			out.End, exact = to.End, false
		} else {
			out.End = s.End + shift
		}
	}
	return out, exact
}
