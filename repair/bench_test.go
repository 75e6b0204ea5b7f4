package repair_test

import (
	"os"
	"testing"
)

func BenchmarkFixClean(b *testing.B) {
	src, err := os.ReadFile("../testdata/clean/market.txt")
	if err != nil {
		b.Fatal(err)
	}
	r := fixer(b)
	s := string(src)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		r.Fix(s)
	}
}
