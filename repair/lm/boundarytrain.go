package lm

import "math"

// BoundaryTrainer fits a Boundary to examples, by AdaGrad (Duchi, Hazan and
// Singer 2011): one pass, the examples in the order in which they come, so that
// the same text gives the same model. The zero value is ready.
type BoundaryTrainer struct {
	weights, squares []float32
	Places           [2]int // examples seen: inside sentences, at their ends
}

// endWeight is how many places inside sentences come with one at an end.
const endWeight = 4.8

// Add learns from one place.
func (t *BoundaryTrainer) Add(left, right []SideToken, end bool) {
	if t.weights == nil {
		t.weights, t.squares = make([]float32, 1<<boundaryBits), make([]float32, 1<<boundaryBits)
	}
	var buf [maxBoundaryFeatures]uint32
	fs := boundaryFeatures(buf[:0], left, right)
	var z float64
	for _, f := range fs {
		z += float64(t.weights[f])
	}
	g := 1 / (1 + math.Exp(-z))
	if end {
		// Ends are rarer among the examples: they weigh more, for even odds.
		g = endWeight * (g - 1)
		t.Places[1]++
	} else {
		t.Places[0]++
	}
	const rate = 0.06
	for _, f := range fs {
		t.squares[f] += float32(g * g)
		t.weights[f] -= float32(rate * g / (math.Sqrt(float64(t.squares[f])) + 0.3))
	}
}

// Build returns the model file.
func (t *BoundaryTrainer) Build() []byte {
	out := []byte(boundaryMagic)
	for i := range 1 << boundaryBits {
		var w float64
		if t.weights != nil {
			w = float64(t.weights[i])
		}
		out = append(out, byte(int8(max(-127, min(127, math.Round(w/boundaryStep))))))
	}
	return out
}
