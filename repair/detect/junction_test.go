package detect

import (
	"testing"

	"copydesk/repair/edit"
	"copydesk/rules"
)

// Asked for the best move in a scrambled sentence, the search finds the one that
// undoes it.
func TestBestMoveUndoesScrambling(t *testing.T) {
	e := testEngine(t)
	for _, c := range [][2]string{
		{"Officials said on Monday that of troops thousands had been sent to the border.", "Officials said on Monday that thousands of troops had been sent to the border."},
		{"The officer for more had been in the army than twenty years.", "The officer had been in the army for more than twenty years."},
	} {
		p := e.Reparse(c[0])
		a := p.arranger()
		a.inSentence(0, len(p.Doc.Tokens), maxTies)
		list := a.best(maxKept)
		for i := range list {
			a.weigh(shippedOrder(), &list[i])
		}
		likeliest(list)
		if len(list) == 0 {
			t.Errorf("no move in %q", c[0])
			continue
		}
		_, edits, _ := a.edits(list[0])
		if got := edit.Reads(c[0], edit.Span{End: len(c[0])}, edits); got != c[1] || list[0].nats < 0 {
			t.Errorf("%q\n got %q with %.1f nats\nwant %q", c[0], got, list[0].nats, c[1])
		}
		p.Close()
	}
}

// A model that is cut short, or another's, is not read.
func TestJunctionsRefuseOtherFiles(t *testing.T) {
	data := rules.Junctions()
	if _, err := parseJunctions(data); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", data[:100], "x" + data[1:], data + "x"} {
		if _, err := parseJunctions(bad); err == nil {
			t.Errorf("%d bytes that are no model are read", len(bad))
		}
	}
}
