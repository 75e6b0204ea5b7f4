package edit

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"unicode/utf8"
)

// Map carries positions between a text and what edits made of it. What no edit
// touched maps exactly; a replaced range maps as one unit. A Map is immutable
// and safe to share; nil and the
// zero value change nothing. A look-up costs O(log n) for each chained round.
type Map struct{ rounds []round }

type round struct {
	src, out []Span // the edits' places on both sides, ascending
	moved    []move // what moved within them, ascending by src
	whole    []move // the places that people see as one edit where src holds its smallest parts
}

// move is a stretch of text that stands elsewhere, unchanged, on the other side.
type move struct{ src, out Span }

// through carries a span that lies within one moved stretch, or as it is when
// none holds it.
func through(moved []move, s Span, back bool) (Span, bool) {
	for _, m := range moved {
		from, to := m.src, m.out
		if back {
			from, to = to, from
		}
		if from.Contains(s) && from.Len() > 0 {
			return Span{s.Start - from.Start + to.Start, s.End - from.Start + to.Start}, true
		}
	}
	return s, false
}

// NewMap maps a text through edits that Apply takes; it panics on others.
func NewMap(edits []Edit) *Map {
	mustBeSound(math.MaxInt, edits)
	r := round{src: make([]Span, len(edits)), out: make([]Span, len(edits))}
	shift := 0
	for i, e := range edits {
		r.src[i] = e.Span
		r.out[i] = Span{e.Start + shift, e.Start + shift + len(e.New)}
		shift += len(e.New) - e.Len()
	}
	return &Map{[]round{r}}
}

// widen takes an insertion at the very end of an edited place into a span that
// holds the whole place: "Blinkens'" becomes "Blinken's", its last s included.
func widen(whole []move, was, to Span, back bool) Span {
	side := func(m move) (from, there Span) {
		if back {
			return m.out, m.src
		}
		return m.src, m.out
	}
	// Of the places that end at or behind the start, the first may begin there; of
	// those that end at or before the end, the last may end there.
	i := sort.Search(len(whole), func(i int) bool { from, _ := side(whole[i]); return from.End > was.Start })
	if i < len(whole) {
		if from, there := side(whole[i]); from.Start == was.Start && from.End <= was.End {
			to.Start = there.Start
		}
	}
	k := sort.Search(len(whole), func(i int) bool { from, _ := side(whole[i]); return from.End > was.End })
	if k > 0 {
		if from, there := side(whole[k-1]); from.End == was.End && from.Start >= was.Start && from.Len() > 0 {
			to.End = there.End
		}
	}
	return to
}

// Then is the map of m followed by next: the same as looking up one after the
// other.
func (m *Map) Then(next *Map) *Map {
	rounds := append(make([]round, 0, len(m.rounds)+len(next.rounds)), m.rounds...)
	return &Map{append(rounds, next.rounds...)}
}

// Straddle says what becomes of a span that begins or ends inside a changed
// place.
type Straddle uint8

// The policies.
const (
	Expand Straddle = iota // it takes in the whole changed place
	Trim                   // it leaves the changed place out; nothing left is not ok
	Drop                   // not ok; also the policy of callers who report an error
)

// ToOut carries a span of the input to the output. A span that cuts a replaced
// range is widened to the whole of it; exact says that it was not.
func (m *Map) ToOut(s Span) (out Span, exact bool) {
	out, _, exact = m.ToOutBy(s, Drop)
	if !exact {
		out, _, _ = m.ToOutBy(s, Expand)
	}
	return out, exact
}

// ToSrc carries a span of the output back to the input, as ToOut does.
func (m *Map) ToSrc(s Span) (src Span, exact bool) {
	src, _, exact = m.ToSrcBy(s, Drop)
	if !exact {
		src, _, _ = m.ToSrcBy(s, Expand)
	}
	return src, exact
}

// ToOutBy carries a span of the input to the output by a policy. Same says that
// no edit touched the span, so that both sides read alike; ok that the policy
// gave a span.
func (m *Map) ToOutBy(s Span, how Straddle) (to Span, same, ok bool) {
	same = true
	if m != nil {
		for i := range m.rounds {
			r := &m.rounds[i]
			e, in := false, false
			if s, in = through(r.moved, s, false); in {
				continue
			}
			was := s
			if s, e, ok = carry(r.src, r.out, s, how); !ok {
				return Span{}, false, false
			}
			s = widen(r.whole, was, s, false)
			same = same && e
		}
	}
	return s, same, true
}

// ToSrcBy carries a span of the output to the input, as ToOutBy does.
func (m *Map) ToSrcBy(s Span, how Straddle) (to Span, same, ok bool) {
	same = true
	if m != nil {
		for i := len(m.rounds) - 1; i >= 0; i-- {
			r := &m.rounds[i]
			e, in := false, false
			if s, in = through(r.moved, s, true); in {
				continue
			}
			was := s
			if s, e, ok = carry(r.out, r.src, s, how); !ok {
				return Span{}, false, false
			}
			s = widen(r.whole, was, s, true)
			same = same && e
		}
	}
	return s, same, true
}

func carry(from, to []Span, s Span, how Straddle) (Span, bool, bool) {
	// lo is the first place that ends after the start, hi the first that does not
	// begin before the end. An insertion at the start lies outside the span, as
	// does one at its end.
	lo := sort.Search(len(from), func(i int) bool { return from[i].End > s.Start })
	hi := sort.Search(len(from), func(i int) bool { return from[i].Start >= s.End })
	if s.Len() == 0 {
		// A point stands before what was inserted there.
		lo = sort.Search(len(from), func(i int) bool { return from[i].End > s.Start || from[i].Start >= s.Start })
		hi = lo
		if lo < len(from) && from[lo].Start < s.Start {
			hi++
		}
	}
	start, end, cutStart, cutEnd := 0, 0, false, false
	if lo < len(from) && from[lo].Start < s.Start {
		start, cutStart = to[lo].Start, true
		if how == Trim {
			start = to[lo].End
		}
	} else {
		start = s.Start + shiftBefore(from, to, lo)
	}
	if hi > 0 && from[hi-1].End > s.End {
		end, cutEnd = to[hi-1].End, true
		if how == Trim {
			end = to[hi-1].Start
		}
	} else {
		end = s.End + shiftBefore(from, to, hi)
	}
	if (cutStart || cutEnd) && (how == Drop || how == Trim && start >= end) {
		return Span{}, false, false
	}
	return Span{start, max(start, end)}, hi <= lo && !cutStart && !cutEnd, true
}

// shiftBefore is how far places move that stand after i edits.
func shiftBefore(from, to []Span, i int) int {
	if i == 0 {
		return 0
	}
	return to[i-1].End - from[i-1].End
}

// Map carries positions between the logged document's two texts, in bytes,
// code points ("cp") or UTF-16 units, using nothing but the log. Within an edit
// its ops say what changed and its segs what only moved; the rest maps exactly.
func (d *DocRecord) Map(units string) (*Map, error) {
	var r round
	for i := range d.Edits {
		e := &d.Edits[i]
		if !e.Applied {
			continue
		}
		var src, out Span
		measure := func(s string) int { return len(s) }
		switch units {
		case "bytes":
			src, out = e.Src, e.Out
		case "cp":
			src, out = e.SrcPoints, e.OutPoints
			measure = utf8.RuneCountInString
		case "utf16":
			src, out = e.SrcU16, e.OutU16
			if src == (Span{}) && out == (Span{}) && len(e.Before)+len(e.After) > 0 {
				return nil, fmt.Errorf("document %s: the log has no UTF-16 offsets: write it with --offsets +utf16", d.Doc)
			}
			measure = func(s string) int { return NewUnits(s).Len()[2] }
		default:
			return nil, fmt.Errorf("unknown units %q: use cp, bytes or utf16", units)
		}
		if n := len(r.src); n > 0 && (src.Start < r.src[n-1].End || out.Start < r.out[n-1].End) {
			return nil, fmt.Errorf("document %s, edit %s: overlaps the edit before it; the log was altered", d.Doc, e.ID)
		}
		switch {
		case len(e.Segs) > 0:
			r.src, r.out = append(r.src, src), append(r.out, out)
			r.moved = append(r.moved, e.moves(src, out, measure)...)
		case e.opsFit():
			r.whole = append(r.whole, move{src, out})
			at := out.Start - src.Start
			for _, op := range e.Ops {
				s := Span{src.Start + measure(e.Before[:op.Start]), src.Start + measure(e.Before[:op.End])}
				o := Span{s.Start + at, s.Start + at + measure(op.New)}
				r.src, r.out = append(r.src, s), append(r.out, o)
				at += o.Len() - s.Len()
			}
		default:
			r.src, r.out = append(r.src, src), append(r.out, out)
		}
	}
	return &Map{[]round{r}}, nil
}

// opsFit reports whether the ops turn Before into After.
func (e *EditRecord) opsFit() bool {
	if len(e.Ops) == 0 {
		return false
	}
	after, err := Apply(e.Before, e.Ops)
	return err == nil && after == e.After
}

// moves lists the pieces of a move that stand unchanged behind one another in
// After, white space between them apart.
func (e *EditRecord) moves(src, out Span, measure func(string) int) []move {
	var all []move
	at := 0
	for _, seg := range e.Segs {
		from, to := seg.Start-e.Src.Start, seg.End-e.Src.Start
		if from < 0 || to > len(e.Before) || from > to {
			return nil
		}
		piece := strings.TrimSpace(e.Before[from:to])
		if piece == "" {
			continue
		}
		from += strings.Index(e.Before[from:to], piece)
		k := strings.Index(e.After[at:], piece)
		if k < 0 || strings.TrimSpace(e.After[at:at+k]) != "" {
			return nil // it was changed as well: the edit maps as one unit
		}
		n := measure(piece)
		s := src.Start + measure(e.Before[:from])
		o := out.Start + measure(e.After[:at+k])
		all = append(all, move{Span{s, s + n}, Span{o, o + n}})
		at += k + len(piece)
	}
	return all
}
