package lm_test

import (
	"strconv"
	"testing"

	"copydesk/repair/lm"
	"copydesk/rules"
)

// A Prefix must say what Key and LnProb say of the whole word.
func TestPrefix(t *testing.T) {
	m := lm.NewMemo(shipped(t))
	for _, w := range []string{"a", "Ab", "cats", "UNHCR", "Shapovalova", "antidisestablishment"} {
		p, s := lm.NewPrefix(), lm.NewSpelling()
		for i := range w {
			p.Grow(w[i])
			m.Spell(&s, w[i])
		}
		if p.Key() != lm.Key(w) {
			t.Errorf("%q: another key", w)
		}
		if got, want := m.Spelled(&s), m.LnProb(w); got != want {
			t.Errorf("%q: spelled %g, LnProb %g", w, got, want)
		}
	}
}

// A Memo must say what the models say, asked for the first time and again.
func TestMemo(t *testing.T) {
	models := shipped(t)
	m := lm.NewMemo(models)
	words := []string{"the", "president", "of", "China", "Xqzzt", "said", "that", "it", "'s", "backheel", "."}
	for range 2 {
		s, q := models.Model.Begin(), m.Begin()
		for _, w := range words {
			ln, known, next := models.ScoreToken(s, w)
			ln2, known2, next2 := m.ScoreToken(q, w)
			if ln != ln2 || known != known2 || next != next2 {
				t.Errorf("%q: %g %v, from the memo %g %v", w, ln, known, ln2, known2)
			}
			if a, b := models.Lexicon.Lookup(w), m.Lookup(w); a != b {
				t.Errorf("%q: %+v, from the memo %+v", w, a, b)
			}
			s, q = next, next2
		}
	}
}

// What a Memo says of words in a row does not depend on which words it was asked about
// before, not even where the tables hold a wrong pair of words that were never seen.
func TestMemoForgetsOrder(t *testing.T) {
	models := shipped(t)
	var err error
	if models.Filter, err = lm.OpenFilter(rules.Filter()); err != nil {
		t.Fatal(err)
	}
	known := []lm.Word{lm.Key("the"), lm.Key("of"), lm.Key("said"), lm.Key("president")}
	cold, warm := lm.NewMemo(models), lm.NewMemo(models)
	passed := 0
	for k := range 400_000 {
		w := lm.Key(strconv.FormatUint(mixed(uint64(k)), 36))
		if !cold.Seen(w) {
			continue
		}
		passed++
		warm.Word(w)
		for _, v := range known {
			for _, s := range []lm.State{cold.Free().Next(v), cold.Begin().Next(v), cold.Free().Next(w)} {
				a, _ := cold.Score(s, w)
				b, _ := warm.Score(s, w)
				if a != b {
					t.Fatalf("word %d: %v nats, %v once it was looked up", k, a, b)
				}
			}
		}
	}
	if passed < 100 {
		t.Errorf("%d words that were never seen pass the filter: too few to show anything", passed)
	}
}

func mixed(k uint64) uint64 {
	k = (k + 1) * 0x9E3779B97F4A7C15
	return (k ^ k>>29) * 0xBF58476D1CE4E5B9
}
