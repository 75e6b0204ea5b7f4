package review

import "math"

// DefaultSure is the confidence at which bounds are stated.
const DefaultSure = 0.95

// lnChoose is ln C(n, k).
func lnChoose(n, k int) float64 {
	if k < 0 || k > n {
		return math.Inf(-1)
	}
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// hypergeomTail is the probability of at most wrong bad ones among seen drawn
// without return from members of which bad are bad.
func hypergeomTail(members, bad, seen, wrong int) float64 {
	sum := 0.0
	all := lnChoose(members, seen)
	for k := max(0, seen-(members-bad)); k <= min(wrong, bad, seen); k++ {
		sum += math.Exp(lnChoose(bad, k) + lnChoose(members-bad, seen-k) - all)
	}
	return min(sum, 1)
}

// BadAtMost is the exact upper bound, at the confidence sure (0 to 1), on how
// many of members are wrong, when wrong of the seen ones were: the largest number
// that the sample does not rule out (Wright 1991, Exact confidence bounds when
// sampling from small finite universes).
func BadAtMost(members, seen, wrong int, sure float64) int {
	if seen >= members {
		return wrong
	}
	lo, hi := wrong, members-(seen-wrong) // lo is possible; everything above hi is not
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if hypergeomTail(members, mid, seen, wrong) > 1-sure {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}

// RightAtLeast is the share of members, 0 to 1, that the sample proves right.
func RightAtLeast(members, seen, wrong int, sure float64) float64 {
	if members == 0 {
		return 0
	}
	return 1 - float64(BadAtMost(members, seen, wrong, sure))/float64(members)
}

// SampleSize is how many of members must be seen, with at most allow of them
// wrong, for the claim that at least the share right of all of them is right. It
// is members when no smaller sample can carry the claim.
func SampleSize(members int, right, sure float64, allow int) int {
	mayBad := int(math.Floor((1-right)*float64(members) + 1e-9))
	if mayBad < allow {
		return members
	}
	lo, hi := min(allow+1, members), members
	for lo < hi {
		mid := (lo + hi) / 2
		if hypergeomTail(members, mayBad+1, mid, allow) <= 1-sure {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// Interval is the exact binomial interval (Clopper and Pearson 1934) for a share
// of which k of n was seen; sure is two-sided.
func Interval(k, n int, sure float64) (lo, hi float64) {
	if n == 0 {
		return 0, 1
	}
	a := (1 - sure) / 2
	lo, hi = 0, 1
	if k > 0 {
		lo = bisect(func(p float64) bool { return 1-binomTail(n, k-1, p) < a })
	}
	if k < n {
		hi = bisect(func(p float64) bool { return binomTail(n, k, p) > a })
	}
	return lo, hi
}

// binomTail is the probability of at most k of n.
func binomTail(n, k int, p float64) float64 {
	if p <= 0 {
		return 1
	}
	if p >= 1 {
		if k >= n {
			return 1
		}
		return 0
	}
	sum := 0.0
	for i := 0; i <= k; i++ {
		sum += math.Exp(lnChoose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(sum, 1)
}

// bisect is where low, true at 0, turns false.
func bisect(low func(float64) bool) float64 {
	a, b := 0.0, 1.0
	for range 60 {
		if m := (a + b) / 2; low(m) {
			a = m
		} else {
			b = m
		}
	}
	return a
}
