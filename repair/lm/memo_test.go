package lm_test

import (
	"testing"

	"copydesk/repair/lm"
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
