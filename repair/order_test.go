package repair_test

import (
	"slices"
	"strings"
	"testing"

	"copydesk/repair"
	"copydesk/repair/damage"
	"copydesk/repair/edit"
	"copydesk/repair/text"
)

// A move goes through judge, trace, log, undo and map: its change holds the
// whole place, its pieces are named in their new order, and positions outside
// are carried over it both ways.
func TestMoveInTheLog(t *testing.T) {
	const src = "Yes. Officials said on Monday that of troops. thousands had been sent to the border."
	res := fixer(t).Fix(src)
	checkChanges(t, src, res)
	if len(res.Changes) != 1 {
		t.Fatalf("%d changes, not one: %+v", len(res.Changes), res.Changes)
	}
	c := res.Changes[0]
	if c.Before != "of troops. thousands" || c.After != "thousands of troops" || !c.Applied {
		t.Errorf("the move reads %q -> %q, applied %v", c.Before, c.After, c.Applied)
	}
	var pieces []string
	for _, s := range c.Segs {
		pieces = append(pieces, src[s.Start:s.End])
	}
	if !slices.Equal(pieces, []string{"thousands", "of troops"}) {
		t.Errorf("its pieces are %q", pieces)
	}
	rec := res.Record(0, "d", "text", src)
	if len(rec.Edits) != 1 || len(rec.Edits[0].Segs) != 2 {
		t.Fatalf("the log holds %+v", rec.Edits)
	}
	m, err := rec.Map("bytes")
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(src, "border")
	if to, exact := m.ToOut(edit.Span{Start: at, End: at + 6}); !exact || res.Text[to.Start:to.End] != "border" {
		t.Errorf("the border is carried to %q", res.Text[to.Start:to.End])
	}
}

// Whatever is applied to made moves, undoing it restores the input.
func TestUndoMoves(t *testing.T) {
	const clean = `The two sides met on the sidelines of the United Nations General Assembly in New York on Monday. Officials said that thousands of troops had been sent to the border. The officer had been in the army for more than twenty years. "We want to go back to the table," he said. She was one of the first women to work at the ministry of defence. The president of the United States told reporters on behalf of the government that talks would go on.`
	d := text.Parse(clean)
	r, err := repair.New(repair.Options{Tier: edit.Review})
	if err != nil {
		t.Fatal(err)
	}
	safe, moves := fixer(t), 0
	rnd := damage.NewRand(3)
	for range 60 {
		kind := []damage.Kind{damage.BreakMove, damage.MoveNoBreak, damage.MoveWord, damage.QuotesStripped}[rnd.IntN(4)]
		hurt, _, ok := damage.Apply(kind, d, rnd)
		if !ok {
			continue
		}
		res := safe.Fix(hurt)
		checkChanges(t, hurt, res)
		res = r.Fix(hurt)
		var undo []edit.Edit
		for _, c := range res.Changes {
			if c.Applied {
				undo = append(undo, edit.Edit{Span: c.Out, New: c.Before})
				if len(c.Segs) > 0 {
					moves++
				}
			}
		}
		if back, err := edit.Apply(res.Text, undo); err != nil || back != hurt {
			t.Fatalf("undo does not restore %q: %v", hurt, err)
		}
	}
	if moves < 10 {
		t.Errorf("only %d moves were applied: the test sees too few", moves)
	}
}
