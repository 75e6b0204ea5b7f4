package lm_test

import (
	"fmt"
	"testing"

	"copydesk/repair/lm"
)

func TestFilterHoldsItsWords(t *testing.T) {
	var words []lm.Word
	for i := range 20_000 {
		words = append(words, lm.Key(fmt.Sprintf("w%dx", i*7919)))
	}
	f, err := lm.OpenFilter(string(lm.BuildFilter(words)))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		if !f.Holds(w) {
			t.Fatalf("word %x is not held", w)
		}
	}
	passed := 0
	for i := range 20_000 {
		if f.Holds(lm.Key(fmt.Sprintf("y%dz", i))) {
			passed++
		}
	}
	if passed > 20_000/40 {
		t.Errorf("%d of 20000 other words pass", passed)
	}
	t.Logf("%d of 20000 other words pass", passed)
	if _, err := lm.OpenFilter("nonsense"); err == nil {
		t.Error("nonsense opens as a filter")
	}
	if !(lm.Filter{}).Holds(1) {
		t.Error("the zero filter must hold every word")
	}
}
