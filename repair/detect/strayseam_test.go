package detect

import (
	"testing"

	"copydesk/rules"
)

func TestParseStrayRefusesBrokenModels(t *testing.T) {
	data := rules.StrayStops()
	if _, err := parseStray(data); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", strayMagic, data[:len(data)-1], data + "x", "copydesk stray stops 0\n" + data[len(strayMagic):]} {
		if _, err := parseStray(bad); err == nil {
			t.Errorf("%d bytes were taken for a model", len(bad))
		}
	}
}

// A stop that cut a clause must weigh more than one between blocks that changed places,
// and more than an author's.
func TestStrayNetTellsStopsApart(t *testing.T) {
	e := testEngine(t)
	weigh := func(text string) float64 {
		p := e.Reparse(text)
		defer p.Close()
		s, ok := p.stopBefore(int(p.Doc.Sentences[1].First))
		if !ok {
			t.Fatalf("%s: no stop", text)
		}
		c, ok := p.weighCapital(s)
		if !ok {
			return strayGate
		}
		return c.model + c.boundary + c.words + c.seam
	}
	stray := weigh("Officials said on Monday that the president had been sent to the. House of a friend in the city.")
	for _, other := range []string{
		"He said that the Republican National Committee had that he. Said earlier in the day had discussed the vote.",
		"The nation must think about what the officials say. The vast majority of them will come back in the spring.",
	} {
		if z := weigh(other); z >= stray-1.5 {
			t.Errorf("%s: %.1f nats for a stray stop, and %.1f for one that is", other, z, stray)
		}
	}
}
