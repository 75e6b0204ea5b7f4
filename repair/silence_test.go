package repair_test

import (
	"os"
	"strings"
	"testing"

	"copydesk/repair"
)

// Sentences that stand alone show nothing of their document: no rule may take
// that for leave. They are of the kind that grammar checkers keep as examples of
// what is correct; each is a text of its own.
func TestCorrectSentencesStay(t *testing.T) {
	b, err := os.ReadFile("../testdata/clean/sentences.txt")
	if err != nil {
		t.Fatal(err)
	}
	r, err := repair.New(repair.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) < 300 {
		t.Fatalf("only %d sentences", len(lines))
	}
	for _, l := range lines {
		if got := r.Fix(l); got.Text != l {
			t.Errorf("%q became %q", l, got.Text)
		}
	}
}
