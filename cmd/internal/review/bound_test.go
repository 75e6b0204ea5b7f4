package review

import (
	"math"
	"math/big"
	"testing"
)

// The sizes that the design page promises, and a check against exact fractions.
func TestSampleSize(t *testing.T) {
	const many = 100_000_000 // as good as without end
	for _, c := range []struct {
		members int
		right   float64
		allow   int
		want    int
	}{
		{many, .95, 0, 59},
		{many, .98, 0, 149},
		{many, .99, 0, 299},
		{many, .995, 0, 598},
		{many, .999, 0, 2995},
		{many, .99, 1, 473},
		{many, .99, 2, 628},
		{200, .99, 0, 126},
		{50, .99, 0, 48}, // none of 50 may be wrong: 95 % sure after 48
		{1, .99, 0, 1},
		{40_112, .99, 0, 297},
	} {
		if got := SampleSize(c.members, c.right, .95, c.allow); got != c.want {
			t.Errorf("%d members, %v right, %d allowed: %d looks, want %d", c.members, c.right, c.allow, got, c.want)
		}
	}
}

// The bound holds: however many are wrong, the sample that would understate them
// is drawn at most one time in twenty. Counted exactly, with whole numbers.
func TestBoundCovers(t *testing.T) {
	choose := func(n, k int) *big.Rat { return new(big.Rat).SetInt(new(big.Int).Binomial(int64(n), int64(k))) }
	for _, members := range []int{1, 7, 40} {
		for seen := 1; seen <= members; seen++ {
			for bad := 0; bad <= members; bad++ {
				miss := new(big.Rat)
				for k := max(0, seen-(members-bad)); k <= min(bad, seen); k++ {
					if BadAtMost(members, seen, k, .95) < bad {
						p := new(big.Rat).Mul(choose(bad, k), choose(members-bad, seen-k))
						miss.Add(miss, p.Quo(p, choose(members, seen)))
					}
				}
				if f, _ := miss.Float64(); f > .05+1e-9 {
					t.Fatalf("%d members, %d bad, %d seen: the bound is too low %.4f of the time", members, bad, seen, f)
				}
			}
		}
	}
}

func TestInterval(t *testing.T) {
	for _, c := range []struct {
		k, n   int
		lo, hi float64
	}{
		{0, 10, 0, .3085},
		{10, 10, .6915, 1},
		{8, 10, .4439, .9748},
		{0, 0, 0, 1},
	} {
		lo, hi := Interval(c.k, c.n, .95)
		if math.Abs(lo-c.lo) > 1e-4 || math.Abs(hi-c.hi) > 1e-4 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.k, c.n, lo, hi, c.lo, c.hi)
		}
	}
}
