package detect

import (
	"testing"

	"copydesk/repair/edit"
	"copydesk/repair/text"
)

// TestSwapsApart holds every pair of changed words that may come together against
// the text: their edits do not overlap, not even where a block is two articles.
func TestSwapsApart(t *testing.T) {
	p := testEngine(t).Scan(text.Parse("They said of the house in the a. city had gone."))
	defer p.Close()
	a := p.arranger()
	// X "of the house", Y "in the a", and Y "the a".
	for _, g := range []arrangement{
		{shape: beforeStop, x0: 2, x1: 5, y0: 5, y1: 8, rest: 9},
		{shape: beforeStop, x0: 2, x1: 6, y0: 6, y1: 8, rest: 9},
	} {
		changes := a.changes(&g)
		if len(changes) < 2 {
			t.Fatalf("%d changes of words are offered, want at least 2", len(changes))
		}
		for i, x := range changes {
			for _, y := range changes[i+1:] {
				if !together(x.swap, y.swap) {
					continue
				}
				g.swaps = []swap{x.swap, y.swap}
				end := 0
				var all []edit.Edit
				all = append(append(all, a.swapEdits(&g, g.x0, g.x1)...), a.swapEdits(&g, g.y0, g.y1)...)
				for _, e := range all {
					if e.Start < end {
						t.Errorf("changes %v overlap: %v", g.swaps, all)
					}
					end = e.End
				}
				a.swapped(&g, g.y0, g.y1)
			}
		}
	}
}
