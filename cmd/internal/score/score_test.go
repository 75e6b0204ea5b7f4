package score

import (
	"testing"

	"copydesk/repair/edit"
)

func TestGaps(t *testing.T) {
	var g Gaps
	for _, r := range [][3]string{
		{"ab c de", "a bc de", "a b c de"}, // one put in rightly, one not taken out
		{"x y", "x y", "xy"},               // one taken out wrongly
		{"é  z", "é z", "é z"},
		{"ab", "a b", "a x"}, // altered: counts as unchanged
	} {
		if err := g.Add(r[0], r[1], r[2]); err != nil {
			t.Fatal(err)
		}
	}
	if want := (Gaps{TP: 1, FP: 1, FN: 2, Words: 9, Rows: 4, Right: 1}); g != want {
		t.Errorf("got %+v, want %+v", g, want)
	}
	if err := g.Add("a", "b", "a"); err == nil {
		t.Error("a row whose gold changes letters was taken")
	}
}

func TestEdits(t *testing.T) {
	var m Edits
	src := "the includedUS controlson it"
	m.Add(src, []edit.Edit{
		{Span: edit.Span{Start: 4, End: 14}, New: "included US"},
		{Span: edit.Span{Start: 15, End: 25}, New: "control son"},
	}, []Gold{
		{Span: edit.Span{Start: 12, End: 12}, After: " ", Counts: true},
		{Span: edit.Span{Start: 15, End: 25}, After: "controls on", Counts: true},
	})
	if want := (Edits{Right: 1, Wrong: 1, Found: 1, Lost: 1}); m != want {
		t.Errorf("got %+v, want %+v", m, want)
	}
}
