package edit

import "testing"

// Within an edit the ops say what changed: a name inside a merged word carries
// over exactly. A moved piece carries over to where it stands now.
func TestDocMap(t *testing.T) {
	src := "😀 includedUS said the mayor on Monday."
	out := "😀 included US on Monday said the mayor."
	d := &DocRecord{Edits: []EditRecord{
		{Src: Span{5, 15}, Out: Span{5, 16}, Before: "includedUS", After: "included US", HasAfter: true, Applied: true, Ops: []Edit{{Span{8, 8}, " "}}},
		{
			Src: Span{16, 40}, Out: Span{17, 41}, Before: "said the mayor on Monday", After: "on Monday said the mayor", HasAfter: true, Applied: true,
			Segs: []Span{{30, 40}, {16, 30}},
		},
	}}
	d.Complete(src, out)
	find := func(s, piece string) Span {
		for i := range s {
			if len(s)-i >= len(piece) && s[i:i+len(piece)] == piece {
				return Span{i, i + len(piece)}
			}
		}
		t.Fatalf("%q holds no %q", s, piece)
		return Span{}
	}
	us, uo := NewUnits(src), NewUnits(out)
	for units, conv := range map[string]func(*Units, Span) Span{
		"bytes": func(_ *Units, s Span) Span { return s }, "cp": (*Units).Points, "utf16": (*Units).UTF16,
	} {
		m, err := d.Map(units)
		if err != nil {
			t.Fatal(err)
		}
		for _, piece := range []string{"US", "included", "the mayor", "Monday", "said the mayor", "."} {
			s, o := conv(us, find(src, piece)), conv(uo, find(out, piece))
			if got, same, ok := m.ToOutBy(s, Drop); got != o || !same || !ok {
				t.Errorf("%s %q: %v to %v, %v %v, want %v", units, piece, s, got, same, ok, o)
			}
			if got, same, ok := m.ToSrcBy(o, Drop); got != s || !same || !ok {
				t.Errorf("%s %q back: %v to %v, %v %v, want %v", units, piece, o, got, same, ok, s)
			}
		}
		cut := conv(us, find(src, "mayor on Monday"))
		if _, _, ok := m.ToOutBy(cut, Drop); ok {
			t.Errorf("%s: a span over two pieces was carried", units)
		}
		if got, _, ok := m.ToOutBy(cut, Expand); !ok || got != conv(uo, Span{17, 41}) {
			t.Errorf("%s: expanded to %v", units, got)
		}
	}
}
