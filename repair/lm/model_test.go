package lm_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"copydesk/repair/lm"
	"copydesk/rules"
)

func shipped(t testing.TB) *lm.Models {
	t.Helper()
	m, err := lm.Open(rules.Model())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestKnown(t *testing.T) {
	lex := shipped(t).Lexicon
	for _, w := range strings.Fields("the China Blinken heatwave backheel tracksuit healthcare colour color don't Zelenskyy per won’t TikTok") {
		if !lex.Known(w) {
			t.Errorf("%s is not known", w)
		}
	}
	for _, w := range strings.Fields("ofthe includedus controlson anationwide tiktokunless saidthat inthe atwoodbefore xqzzt") {
		if lex.Known(w) {
			t.Errorf("%s is known", w)
		}
	}
}

func ln(m *lm.Models, s string) float64 {
	st, sum := m.Model.Begin(), 0.0
	for _, w := range append(strings.Fields(s), "</s>") {
		var p float64
		p, _, st = m.ScoreToken(st, w)
		sum += p
	}
	return sum
}

func TestScorePrefersEnglish(t *testing.T) {
	m := shipped(t)
	for _, c := range [][2]string{
		{"the president said on Monday .", "president the said Monday on ."},
		{"they have included US controls on the export", "they have includedUS controlson the export"},
		{"one of the most important", "one ofthe most important"},
	} {
		if a, b := ln(m, c[0]), ln(m, c[1]); a < b+3 {
			t.Errorf("%q %.1f nats, %q %.1f", c[0], a, c[1], b)
		}
	}
}

func TestOpenRefusesGarbage(t *testing.T) {
	good := rules.Model()
	for _, s := range []string{"", "x", good[:100], good[:len(good)/2], good[:len(good)-1]} {
		if _, err := lm.Open(s); err == nil {
			t.Errorf("a model of %d bytes was taken", len(s))
		}
	}
}

// A model built from random sentences is a probability: it sums to one over the
// words that can follow, whatever was pruned.
func TestBuiltModelSumsToOne(t *testing.T) {
	words := strings.Fields("a b c d e f g h")
	r := rand.New(rand.NewPCG(5, 6))
	b := lm.NewBuilder()
	b.MaxPairs, b.MaxTriples = 20, 20
	for range 3000 {
		b.Document()
		var s []string
		for range 3 + r.IntN(5) {
			s = append(s, words[int(math.Abs(r.NormFloat64())*3)%len(words)])
		}
		b.Sentence(s)
	}
	data, _, err := b.Build(func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	m, err := lm.Open(string(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range words {
		for _, y := range words {
			_, st := m.Model.Score(m.Model.Free(), lm.Key(x))
			_, st = m.Model.Score(st, lm.Key(y))
			sum := 0.0
			for _, z := range append(words, "</s>") {
				p, _ := m.Model.Score(st, lm.Key(z))
				sum += math.Exp(p)
			}
			if sum < 0.85 || sum > 1.15 {
				t.Errorf("after %s %s the probabilities sum to %.3f", x, y, sum)
			}
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	lex := shipped(b).Lexicon
	words := strings.Fields("They have included US controls on the export to China of high tech goods that could have military uses")
	for b.Loop() {
		for _, w := range words {
			lex.Lookup(w)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(words)), "ns/word")
}
