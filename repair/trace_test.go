package repair

import (
	"testing"

	"copydesk/repair/edit"
)

// A credit glued to a player's message, from a news feed: two rules whose spans
// overlap while their edits do not. What the first place reads had ended in the
// middle of the second's edit, so that text and log said different things.
func TestChangesLeadToText(t *testing.T) {
	r, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	src := `AFP/Getty ImagesMedia playback is unsupported on your device Media caption Bernie Sanders: "The American people are sick and tired of a president who lies all the time"`
	want := `Media caption Bernie Sanders: "The American people are sick and tired of a president who lies all the time"`
	res := r.Fix(src)
	if res.Text != want || res.Fused != "" || !leads(src, want, res.Changes) {
		t.Errorf("%q %q\n%+v", res.Text, res.Fused, res.Changes)
	}
	for _, c := range res.Changes {
		if c.Applied && (c.Src != edit.Span{Start: 0, End: 62} || c.After != "M") {
			t.Errorf("%+v", c)
		}
	}
}

func TestLanded(t *testing.T) {
	cut := func(start, end int, with string) edit.Edit {
		return edit.Edit{Span: edit.Span{Start: start, End: end}, New: with}
	}
	for _, c := range []struct {
		span edit.Span
		own  []edit.Edit
		all  []edit.Edit
		want edit.Span
	}{
		{edit.Span{Start: 0, End: 22}, []edit.Edit{cut(0, 16, "")}, []edit.Edit{cut(0, 16, ""), cut(17, 62, "")}, edit.Span{Start: 0, End: 1}},
		{edit.Span{Start: 0, End: 22}, []edit.Edit{cut(0, 16, "")}, []edit.Edit{cut(0, 16, ""), cut(17, 62, "xyz")}, edit.Span{Start: 0, End: 4}},
		{edit.Span{Start: 10, End: 30}, []edit.Edit{cut(20, 30, "")}, []edit.Edit{cut(0, 12, "ab"), cut(20, 30, "")}, edit.Span{Start: 0, End: 10}},
		{edit.Span{Start: 5, End: 5}, []edit.Edit{cut(5, 5, " ")}, []edit.Edit{cut(1, 2, ""), cut(5, 5, " ")}, edit.Span{Start: 4, End: 5}},
	} {
		shifts := []int{0}
		for i, e := range c.all {
			shifts = append(shifts, shifts[i]+len(e.New)-e.Len())
		}
		if got := landed(c.span, c.own, c.all, shifts); got != c.want {
			t.Errorf("%v within %v stands at %v, want %v", c.span, c.all, got, c.want)
		}
	}
}
