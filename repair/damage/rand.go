package damage

import (
	"math"
	"math/bits"
)

// Rand is a small pseudo-random generator (splitmix64, Steele, Lea and Flood
// 2014). Unlike math/rand it promises the same numbers in every version, on
// every machine. The zero value is a generator with seed 0. It belongs to one
// goroutine.
type Rand struct{ state uint64 }

// NewRand returns a generator for a seed.
func NewRand(seed uint64) *Rand { return &Rand{seed} }

// Uint64 returns the next 64 bits.
func (r *Rand) Uint64() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// IntN returns a number from 0 to n-1; n must be positive.
func (r *Rand) IntN(n int) int {
	hi, _ := bits.Mul64(r.Uint64(), uint64(n))
	return int(hi)
}

// Float64 returns a number from 0 up to, not including, 1.
func (r *Rand) Float64() float64 { return float64(r.Uint64()>>11) / (1 << 53) }

// Chance is true with probability p.
func (r *Rand) Chance(p float64) bool { return r.Float64() < p }

// round returns x rounded up or down by chance, so that its mean is x.
func (r *Rand) round(x float64) int {
	if x >= math.MaxInt32 {
		return math.MaxInt32
	}
	whole := math.Floor(x)
	n := int(whole)
	if r.Chance(x - whole) {
		n++
	}
	return n
}

// pick returns an index of weights, each as likely as its weight.
func (r *Rand) pick(weights []float64) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	at := r.Float64() * sum
	last := 0
	for i, w := range weights {
		if w > 0 {
			last = i
		}
		if at < w {
			return i
		}
		at -= w
	}
	return last
}

// order visits 0 to n-1, each once, in an order that looks random, without a
// list: a full-period linear congruential generator over the next power of two
// (Hull and Dobell 1962: mul is 1 modulo 4, add is odd), its poor low bits
// scattered by a bijection.
type order struct{ at, mul, add, mask, left, n uint64 }

func newOrder(n int, r *Rand) order {
	size := uint64(1)
	for size < uint64(n) {
		size <<= 1
	}
	seed := r.Uint64()
	return order{at: seed & (size - 1), mul: (seed>>20)<<3 | 5, add: r.Uint64() | 1, mask: size - 1, left: size, n: uint64(n)}
}

// next returns the next index, or -1 after the last.
func (o *order) next() int {
	half := uint(bits.Len64(o.mask)+1) / 2
	for o.left > 0 {
		o.left--
		x := o.at
		o.at = (o.at*o.mul + o.add) & o.mask
		if half > 0 {
			x ^= x >> half
		}
		x = x * o.mul & o.mask
		if half > 0 {
			x ^= x >> half
		}
		if x < o.n {
			return int(x)
		}
	}
	return -1
}
