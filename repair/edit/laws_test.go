package edit

import (
	"math/rand/v2"
	"testing"
)

var pieces = []string{"a", "b", " ", "é", "😀", "\r\n", "’", "ab"}

func randText(r *rand.Rand, n int) string {
	s := ""
	for range r.IntN(n) {
		s += pieces[r.IntN(len(pieces))]
	}
	return s
}

// randEdits makes edits that cut between code points.
func randEdits(r *rand.Rand, src string) []Edit {
	at := runeStarts(src)
	var out []Edit
	for i := 0; i < len(at); i++ {
		if r.IntN(3) > 0 {
			continue
		}
		j := min(i+r.IntN(3), len(at)-1)
		e := Edit{Span{at[i], at[j]}, randText(r, 3)}
		if k := len(out) - 1; k >= 0 && (e.Start < out[k].End || e.Span == out[k].Span) {
			continue
		}
		out = append(out, e)
		i = max(i, j-1)
	}
	return out
}

// TestLaws holds the laws of the arithmetic on many small random cases.
func TestLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 30000 {
		src := randText(r, 12)
		a := randEdits(r, src)
		mid, err := Apply(src, a)
		if err != nil {
			t.Fatalf("Apply(%q, %v): %v", src, a, err)
		}
		if back, err := Apply(mid, Invert(src, a)); err != nil || back != src {
			t.Fatalf("undoing %v of %q gave %q, %v", a, src, back, err)
		}
		b := randEdits(r, mid)
		out, _ := Apply(mid, b)
		if got, err := Apply(src, Compose(src, a, b)); err != nil || got != out {
			t.Fatalf("%q: %v then %v gives %q; composed %v gives %q, %v", src, a, b, out, Compose(src, a, b), got, err)
		}
		na, nb := 0, 0
		for _, c := range ComposeTraced(src, a, b) {
			na, nb = na+len(c.A), nb+len(c.B)
		}
		if na != len(a) || nb != len(b) {
			t.Fatalf("%q: %v then %v: provenance names %d and %d edits", src, a, b, na, nb)
		}
		if got, err := Apply(src, Diff(src, out)); err != nil || got != out {
			t.Fatalf("Diff(%q, %q) = %v gives %q, %v", src, out, Diff(src, out), got, err)
		}
		m := NewMap(a).Then(NewMap(b))
		last := Span{}
		for i := range len(src) + 1 {
			p, _, ok := m.ToOutBy(Span{i, i}, Expand)
			if !ok || p.Start < last.Start || p.End < last.End || p.End > len(out) {
				t.Fatalf("%q: %v then %v: point %d maps to %v after %v", src, a, b, i, p, last)
			}
			last = p
			for j := i; j <= len(src); j++ {
				s := Span{i, j}
				to, exact, ok := m.ToOutBy(s, Expand)
				if !ok || to.Start > to.End || to.End > len(out) {
					t.Fatalf("%q: %v then %v: %v maps to %v", src, a, b, s, to)
				}
				if exact && src[i:j] != out[to.Start:to.End] {
					t.Fatalf("%q: %v then %v: %v maps exactly to %v in %q", src, a, b, s, to, out)
				}
				if back, _, _ := m.ToSrcBy(to, Expand); exact && s.Len() > 0 && back != s {
					t.Fatalf("%q: %v then %v: %v maps to %v and back to %v", src, a, b, s, to, back)
				}
			}
		}
	}
}

func FuzzDiff(f *testing.F) {
	f.Add("toldreporters", "told reporters")
	f.Add("a\xffb", "é\xff")
	f.Fuzz(func(t *testing.T, before, after string) {
		if got, err := Apply(before, Diff(before, after)); err != nil || got != after {
			t.Fatalf("Diff(%q, %q) = %v gives %q, %v", before, after, Diff(before, after), got, err)
		}
	})
}
