package resolve

import (
	"math"
	"testing"

	"copydesk/repair/damage"
	"copydesk/repair/edit"
)

func TestTableRoundTrip(t *testing.T) {
	in := Table{
		"merged/known-parts": {Bias: -1.5, Safe: 0.97, Weight: map[string]float64{"lattice": 0.25, "compound": 1}},
		"order":              {Bias: 2, Safe: 2, Weight: map[string]float64{}},
	}
	s := in["order"]
	s.Damage[damage.RoundTrip] = 0.5
	in["order"] = s
	out, err := ParseTable("# a comment\n\n" + in.String())
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != in.String() {
		t.Errorf("got  %s\nwant %s", out, in)
	}
	if got := out.scale("order/move").Damage[damage.RoundTrip]; got != 0.5 {
		t.Errorf("a rule without a scale of its own takes its family's: got %v", got)
	}
	for _, bad := range []string{"a/b\tbias", "a/b\tbias=x", "a/b\tbias=NaN", "a/b\t@nothing=1"} {
		if _, err := ParseTable(bad); err == nil {
			t.Errorf("%q is no calibration, and was taken", bad)
		}
	}
}

// Fit finds back the model that drew the samples, proves it safe where it is,
// and refuses what it cannot prove.
func TestFit(t *testing.T) {
	r := damage.NewRand(1)
	draw := func(n int, bias, weight float64) []Sample {
		var all []Sample
		for range n {
			x := 12*r.Float64() - 4
			all = append(all, Sample{
				Evidence: []edit.Evidence{{Name: "model", Nats: x}},
				Right:    r.Chance(sigmoid(bias + weight*x)), Proof: r.Chance(0.5), Weight: 1,
			})
		}
		return all
	}
	s, rep, ok := Fit(draw(20000, -1, 1.5), false)
	if !ok || math.Abs(s.Bias+1) > 0.15 || math.Abs(s.Weight["model"]-1.5) > 0.1 {
		t.Errorf("fitted bias %.2f and weight %.2f, drawn with -1 and 1.5", s.Bias, s.Weight["model"])
	}
	if rep.ECE > 0.01 {
		t.Errorf("calibration error %.3f", rep.ECE)
	}
	if s.Safe > 1 || float64(rep.SafeRight) < 0.98*float64(rep.ProofSafe) {
		t.Errorf("safe from %.3f: %d of %d right", s.Safe, rep.SafeRight, rep.ProofSafe)
	}
	if s, _, _ := Fit(draw(20000, 0, 0), false); s.Safe <= 1 {
		t.Errorf("coin tosses are called safe from %.3f", s.Safe)
	}
	if _, _, ok := Fit(draw(minFit-1, 0, 1), false); ok {
		t.Error("a handful of samples was fitted")
	}
}

func TestLowerBound(t *testing.T) {
	// Wilson's interval at 1.96 for 9 of 10: 0.596 (Brown, Cai and DasGupta 2001).
	if got := LowerBound(9, 10, 1.96); math.Abs(got-0.596) > 0.001 {
		t.Errorf("got %.4f", got)
	}
}
