package lm_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"copydesk/repair/lm"
	"copydesk/rules"
)

// withGaps are the shipped models with those of gaps.
func withGaps(t *testing.T) *lm.Models {
	models := *shipped(t)
	var err error
	if models.Spacing, err = lm.OpenSpacing(rules.Spacing()); err != nil {
		t.Fatal(err)
	}
	if models.GapNet, err = lm.OpenGapNet(rules.GapNet()); err != nil {
		t.Fatal(err)
	}
	return &models
}

// The second look must know better than the first what a doubtful gap is, and look at
// no more than what stands close by.
func TestGapNet(t *testing.T) {
	m := lm.NewMemo(withGaps(t))
	odds := func(s string) float64 {
		k := strings.IndexByte(s, '|')
		s = s[:k] + s[k+1:]
		right := k
		if s[k] == ' ' {
			right++
		}
		return m.GapOdds(s, k, right, false)
	}
	for _, s := range []string{"They asked for a|nationwide ban.", "the product price|simply conforms to its quality", "He was|born in Bavaria.", "it has been| complaining about"} {
		if got := odds(s); got < 0 {
			t.Errorf("%q: %.2f, wants a space", s, got)
		}
	}
	for _, s := range []string{"an Eng| land side", "the Football Leag|ue", "a cheeky back|heel", "the new govern| ment said"} {
		if got := odds(s); got > 0 {
			t.Errorf("%q: %.2f, wants none", s, got)
		}
	}
	far := strings.Repeat("Nothing of this is seen. ", 20)
	for _, s := range []string{"the product price|simply conforms to it", "an Eng| land side of it"} {
		if a, b := odds("we know that "+s+" and that is so"), odds(far+"we know that "+s+" and that is so "+far); a != b {
			t.Errorf("%q: %g alone, %g in a long text", s, a, b)
		}
	}
}

// What is no model, or half of one, is refused.
func TestGapNetRefused(t *testing.T) {
	for _, s := range []string{"", "copydesk gapnet 1\n", rules.GapNet()[1:], rules.GapNet() + " "} {
		if _, err := lm.OpenGapNet(s); err == nil {
			t.Errorf("%d bytes were taken for a model", len(s))
		}
	}
}

// The trainer must learn what its samples show, and the same from the same.
func TestGapNetTrainer(t *testing.T) {
	models := withGaps(t)
	models.GapNet = nil
	build := func() (data []byte, before, after float64) {
		fit := lm.NewGapNetTrainer(lm.NewMemo(models))
		for range 150 {
			// Here all spaces that are not there belong, and those that are do not.
			for _, s := range []string{"the product pricesimply conforms", "an overnight sale", "the old cloth mill there", "a live cast of it", "the noon trade route"} {
				for k := 1; k < len(s); k++ {
					switch {
					case s[k] == ' ':
						fit.Learn(s, k, k+1, false, false)
					case s[k-1] != ' ':
						fit.Learn(s, k, k, false, true)
					}
				}
			}
		}
		before, after, n := fit.Fit(3)
		if n == 0 || fit.Gaps < n {
			t.Fatalf("%d of %d gaps were learnt from", n, fit.Gaps)
		}
		return fit.Build(), before, after
	}
	a, before, after := build()
	b, _, _ := build()
	if !bytes.Equal(a, b) {
		t.Error("another model from the same samples")
	}
	if !(after < before/2) || math.IsNaN(after) {
		t.Errorf("loss %g nats, before %g", after, before)
	}
}
