package repair_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"copydesk/repair"
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

// BenchmarkDocs repairs the field "text" of the JSON Lines that COPYDESK_DOCS
// names; with -cpuprofile it shows where the time of docs/performance.md goes. With
// COPYDESK_LOG set it looks for what can only be shown as well, as fix --log does.
func BenchmarkDocs(b *testing.B) {
	f, err := os.Open(os.Getenv("COPYDESK_DOCS"))
	if err != nil {
		b.Skip("set COPYDESK_DOCS to a file of JSON Lines")
	}
	defer f.Close()
	var docs []string
	n := 0
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 64<<20)
	for sc.Scan() {
		var d struct{ Text string }
		if err := json.Unmarshal(sc.Bytes(), &d); err != nil {
			b.Fatal(err)
		}
		docs = append(docs, d.Text)
		n += len(d.Text)
	}
	if err := sc.Err(); err != nil {
		b.Fatal(err)
	}
	r, err := repair.New(repair.Options{AppliedOnly: os.Getenv("COPYDESK_LOG") == ""})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(n))
	for b.Loop() {
		for _, d := range docs {
			r.Fix(d)
		}
	}
}
