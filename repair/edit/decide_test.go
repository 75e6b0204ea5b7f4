package edit

import (
	"strings"
	"testing"
)

func TestApplyDecisions(t *testing.T) {
	src := "aa bb cc"
	d, _ := record(src, []Edit{{Span{0, 2}, "AA"}, {Span{3, 5}, "BB"}, {Span{6, 8}, "CC"}})
	d.Edits[1].Applied = false
	d.OutHash = Hash("AA bb CC")
	id := func(i int) []string { return []string{d.Edits[i].ID} }
	new, one, two := "Xx", 1, 2
	for _, c := range []struct {
		decs []Decision
		want string
	}{
		{nil, "AA bb CC"},
		{[]Decision{{Seq: 1, Act: "accept", IDs: id(1)}}, "AA BB CC"},
		{[]Decision{{Seq: 1, Act: "reject", IDs: id(0)}, {Seq: 2, Act: "change", IDs: id(1), After: &new}}, "aa Xx CC"},
		{[]Decision{{Seq: 1, Act: "reject", IDs: id(0)}, {Seq: 2, Act: "undo", Of: &one}}, "AA bb CC"},
		{[]Decision{{Seq: 1, Act: "reject", IDs: id(0)}, {Seq: 2, Act: "undo", Of: &one}, {Seq: 3, Act: "undo", Of: &two}}, "aa bb CC"},
		{[]Decision{{Seq: 1, Act: "reject", IDs: id(0)}, {Seq: 2, Act: "accept", IDs: id(0)}}, "AA bb CC"},
	} {
		var b strings.Builder
		for _, dec := range c.decs {
			if err := WriteDecision(&b, dec); err != nil {
				t.Fatal(err)
			}
		}
		decs, err := ReadDecisions(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ApplyDecisions(src, d, decs); err != nil || got != c.want {
			t.Errorf("%s gives %q, %v, want %q", b.String(), got, err, c.want)
		}
	}
}

// What a person wants gives way to nothing but what another one wants.
func TestDecisionsOnRivals(t *testing.T) {
	src := "aabb cc"
	d, _ := record(src, []Edit{{Span{0, 4}, "aa bb"}})
	for _, e := range []Edit{{Span{2, 4}, "BB"}, {Span{2, 7}, "bb-cc"}} {
		d.Edits = append(d.Edits, EditRecord{Src: e.Span, Out: Span{0, 5}, Before: src[e.Start:e.End], After: e.New, HasAfter: true, Rule: "test/rival"})
	}
	d.Complete(src, "aa bb cc")
	for _, c := range []struct {
		accept     []int
		want, fail string
	}{
		{nil, "aa bb cc", ""},
		{[]int{2}, "aabb-cc", ""},
		{[]int{1}, "aaBB cc", ""},
		{[]int{0, 1}, "", `two edits of one place`},
		{[]int{1, 2}, "", `reject one of them`},
	} {
		var decs []Decision
		for _, i := range c.accept {
			decs = append(decs, Decision{Seq: i + 1, Act: "accept", IDs: []string{d.Edits[i].ID}})
		}
		got, err := ApplyDecisions(src, d, decs)
		if got != c.want || (err == nil) != (c.fail == "") || err != nil && !strings.Contains(err.Error(), c.fail) {
			t.Errorf("accepting %v gives %q, %v", c.accept, got, err)
		}
	}
}

func TestUnits(t *testing.T) {
	for _, s := range []string{"", "abc", strings.Repeat("a😀é’", 200)} {
		u := NewUnits(s)
		cp, u16 := 0, 0
		for at, r := range s + "$" {
			if p, q := u.At(at); p != cp || q != u16 || u.FromPoints(cp) != at || u.FromUTF16(u16) != at {
				t.Fatalf("byte %d: %d, %d, back %d, %d; want %d, %d", at, p, q, u.FromPoints(cp), u.FromUTF16(u16), cp, u16)
			}
			cp++
			u16 += len([]rune{r})
			if r > 0xffff {
				u16++
			}
		}
	}
}

func benchEdits() (string, []Edit) {
	src := strings.Repeat("They have includedUS controls. ", 1000)
	var es []Edit
	for i := 18; i < len(src); i += 31 {
		es = append(es, Edit{Span{i, i}, " "})
	}
	return src, es
}

func BenchmarkApply(b *testing.B) {
	src, es := benchEdits()
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		_, _ = Apply(src, es)
	}
}

func BenchmarkMapLookup(b *testing.B) {
	_, es := benchEdits()
	m := NewMap(es)
	for b.Loop() {
		m.ToOut(Span{15000, 15010})
	}
}

func BenchmarkWriteDoc(b *testing.B) {
	src, es := benchEdits()
	d, _ := record(src, es)
	w := NewWriter(discard{})
	b.ReportAllocs()
	for b.Loop() {
		_ = w.Doc(d)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(es)), "ns/edit")
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
