package edit

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// randomEdits makes sorted edits that do not overlap.
func randomEdits(r *rand.Rand, n int) []Edit {
	var out []Edit
	at := r.IntN(3)
	for at <= n {
		e := Edit{Span{at, min(n, at+r.IntN(3))}, strings.Repeat("x", r.IntN(3))}
		out = append(out, e)
		at = e.End + 1 + r.IntN(4)
	}
	return out
}

func TestApplyThenInvert(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		src := "abcdefghijklmnop"[:r.IntN(16)]
		es := randomEdits(r, len(src))
		out, err := Apply(src, es)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Apply(out, Invert(src, es))
		if err != nil || back != src {
			t.Fatalf("%q %v: came back as %q, %v", src, es, back, err)
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	for _, es := range [][]Edit{
		{{Span{2, 9}, ""}},
		{{Span{2, 3}, ""}, {Span{1, 2}, ""}},
		{{Span{1, 3}, ""}, {Span{2, 4}, ""}},
		{{Span{1, 1}, "a"}, {Span{1, 1}, "b"}},
	} {
		if out, err := Apply("abcde", es); err == nil {
			t.Errorf("%v gave %q, no error", es, out)
		}
	}
}

// Outside edits the map is exact: a character maps to itself.
func TestMapExact(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		src := "abcdefghijklmnop"[:r.IntN(16)]
		es := randomEdits(r, len(src))
		out, _ := Apply(src, es)
		m := NewMap(es)
		changed := make([]bool, len(src))
		for _, e := range es {
			for i := e.Start; i < e.End; i++ {
				changed[i] = true
			}
		}
		for i := range src {
			s := Span{i, i + 1}
			o, exact := m.ToOut(s)
			if o.Start < 0 || o.End > len(out) || o.Start > o.End {
				t.Fatalf("%q %v: %v maps to %v in %q", src, es, s, o, out)
			}
			if changed[i] {
				continue
			}
			if !exact || out[o.Start:o.End] != src[i:i+1] {
				t.Fatalf("%q %v: %v maps to %v, exact %v, in %q", src, es, s, o, exact, out)
			}
			if back, _ := m.ToSrc(o); back != s {
				t.Fatalf("%q %v: %v maps to %v and back to %v", src, es, s, o, back)
			}
		}
	}
}

func TestReads(t *testing.T) {
	const src = "includedUS controlson the"
	edits := []Edit{{Span: Span{8, 8}, New: " "}, {Span: Span{19, 19}, New: " "}}
	if got := Reads(src, Span{0, 10}, edits); got != "included US" {
		t.Errorf("the first word reads %q", got)
	}
	if got := Reads(src, Span{11, len(src)}, edits); got != "controls on the" {
		t.Errorf("the rest reads %q: the edit before it is none of its own", got)
	}
}
