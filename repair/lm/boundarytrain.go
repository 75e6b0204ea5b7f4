package lm

import "math"

// BoundaryTrainer fits a Boundary to examples by FTRL-Proximal (McMahan et al.,
// "Ad click prediction: a view from the trenches", 2013), which leaves weights
// that are worth little at zero, one pass, the examples in the order in which they
// come, so that the same text gives the same model. The zero value is ready.
type BoundaryTrainer struct {
	z, n   []float32
	Places [2]int // examples seen: inside sentences, at their ends
}

// endWeight is how many places inside sentences come with one at an end.
const endWeight = 4.8

const (
	ftrlRate = 0.06
	ftrlBeta = 0.3
	ftrlL1   = 2   // gradients that a weight must have gathered before it is anything
	ftrlL2   = 0.1 // of its square
	dropped  = 1   // steps: so small a weight is written as zero, which costs nothing on kept-out text and halves the file
)

func (t *BoundaryTrainer) weight(f uint32) float32 {
	z := t.z[f]
	a := max(z, -z) - ftrlL1
	if a <= 0 {
		return 0
	}
	w := a / ((ftrlBeta+float32(math.Sqrt(float64(t.n[f]))))/ftrlRate + ftrlL2)
	if z > 0 {
		return -w
	}
	return w
}

// Add learns from one place.
func (t *BoundaryTrainer) Add(left, right []SideToken, end bool) {
	if t.z == nil {
		t.z, t.n = make([]float32, 1<<boundaryBits), make([]float32, 1<<boundaryBits)
	}
	var buf [maxBoundaryFeatures]uint32
	var weights [maxBoundaryFeatures]float32
	fs := boundaryFeatures(buf[:0], left, right)
	var sum float64
	for k, f := range fs {
		weights[k] = t.weight(f)
		sum += float64(weights[k])
	}
	g := 1 / (1 + math.Exp(-sum))
	if end {
		// Ends are rarer among the examples: they weigh more, for even odds.
		g = endWeight * (g - 1)
		t.Places[1]++
	} else {
		t.Places[0]++
	}
	for k, f := range fs {
		n := t.n[f] + float32(g*g)
		t.z[f] += float32(g) - float32(math.Sqrt(float64(n))-math.Sqrt(float64(t.n[f])))/ftrlRate*weights[k]
		t.n[f] = n
	}
}

// Build returns the model file.
func (t *BoundaryTrainer) Build() []byte {
	out := []byte(boundaryMagic)
	for i := range uint32(1 << boundaryBits) {
		var w float32
		if t.z != nil {
			w = t.weight(i)
		}
		steps := max(-127, min(127, math.Round(float64(w)/boundaryStep)))
		if math.Abs(steps) <= dropped {
			steps = 0
		}
		out = append(out, byte(int8(steps)))
	}
	return out
}
