package detect

import (
	"os"
	"testing"
)

// BenchmarkBlockSearch looks for moved blocks at every stop and in every
// sentence of a clean text, whatever it looks like; the goal is 50,000 tokens a
// second.
func BenchmarkBlockSearch(b *testing.B) {
	src, err := os.ReadFile("../../testdata/clean/market.txt")
	if err != nil {
		b.Fatal(err)
	}
	e := testEngine(b)
	p := e.Reparse(string(src))
	defer p.Close()
	n := 0
	for b.Loop() {
		a := p.arranger()
		for i := range p.Doc.Tokens {
			if a.stop(i) {
				a.atStop(i)
				for _, g := range a.best(maxKept) {
					a.weigh(shippedOrder(), &g)
				}
			}
		}
		for _, s := range p.Doc.Sentences {
			a.inSentence(int(s.First), int(s.End), maxTies)
			for _, g := range a.best(maxKept) {
				a.weigh(shippedOrder(), &g)
			}
		}
		n += len(p.Doc.Tokens)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "tokens/s")
}
