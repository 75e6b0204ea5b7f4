package detect

import (
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkBlockSearch looks for moved blocks at every stop and in every
// sentence of a clean text, whatever it looks like; the goal is 50,000 tokens a
// second.
func BenchmarkBlockSearch(b *testing.B) {
	files, err := filepath.Glob("../../testdata/clean/*.txt")
	if err != nil || len(files) < 2 {
		b.Fatal(files, err)
	}
	texts := make([]string, len(files))
	for k, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		texts[k] = string(src)
	}
	e := testEngine(b)
	n := 0
	for k := 0; b.Loop(); k++ {
		// Of the same text twice in a row all that was found would be known.
		b.StopTimer()
		p := e.Reparse(texts[k%len(texts)])
		b.StartTimer()
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
		p.Close()
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "tokens/s")
}
