package resolve

import (
	"math"
	"slices"

	"copydesk/repair/damage"
	"copydesk/repair/edit"
)

// Sample is one judged proposal for Fit.
type Sample struct {
	Evidence []edit.Evidence
	Profile  damage.Profile // of its document
	Right    bool           // a careful editor accepts it
	Clean    bool           // it stands in text that nobody damaged
	Weight   float64        // what it counts, 0 to 1: less than 1 where the gold may itself be at fault
	Proof    bool           // kept out of the fitting, to prove the safe confidence on
}

// What a rule must prove before it is applied unattended.
const (
	minFit    = 60    // samples below which a rule is not fitted
	minProof  = 120   // proposals that the safe confidence must let through
	fewProof  = 400   // proof samples below which all samples prove: a handful of weights cannot learn a rule by heart
	wantSafe  = 0.985 // lower bound of their precision
	sureBound = 1.28  // standard deviations: the bound holds in nine of ten such proofs
	maxWeight = 2.0   // of one piece of evidence
	maxDamage = 1.0   // of one process' shift
	tether    = 8.0   // how many samples' worth a weight is held to 1, a process' to 0
)

// Report is what Fit found of a rule.
type Report struct {
	Samples, Right       int
	ProofSafe, SafeRight int     // proposals on proof text at or above the safe confidence
	CleanSafe            int     // of those, how many in undamaged text
	ECE                  float64 // expected calibration error on proof text, ten bins of equal size
}

// Fit fits a rule's scale, and the confidence from which it is proved safe on
// samples that had no part in the fitting. It returns false where there are too
// few samples to fit anything.
func Fit(samples []Sample, useDamage bool) (Scale, Report, bool) {
	rep := Report{Samples: len(samples)}
	for _, s := range samples {
		if s.Right {
			rep.Right++
		}
	}
	if len(samples) < minFit {
		return Scale{}, rep, false
	}
	names := evidenceNames(samples)
	m := logit{names: names, damage: useDamage, w: make([]float64, 1+len(names)+int(damage.NumProcesses))}
	for i := range names {
		m.w[1+i] = 1
	}
	var fit, proof [][]float64
	var fitY, proofY, proofClean []bool
	var fitN, proofN []float64
	for i := range samples {
		x := m.input(&samples[i])
		weight := samples[i].Weight
		if samples[i].Proof {
			proof, proofY, proofClean = append(proof, x), append(proofY, samples[i].Right), append(proofClean, samples[i].Clean)
			proofN = append(proofN, weight)
		} else {
			fit, fitY = append(fit, x), append(fitY, samples[i].Right)
			fitN = append(fitN, weight)
		}
	}
	m.fit(fit, fitY, fitN)
	if len(proof) < fewProof {
		for i := range samples {
			if !samples[i].Proof {
				proof, proofY, proofClean, proofN = append(proof, m.input(&samples[i])), append(proofY, samples[i].Right), append(proofClean, samples[i].Clean), append(proofN, samples[i].Weight)
			}
		}
	}
	s := Scale{Bias: m.w[0], Weight: map[string]float64{}, Safe: 2}
	for i, n := range names {
		s.Weight[n] = m.w[1+i]
	}
	copy(s.Damage[:], m.w[1+len(names):])
	conf := make([]float64, len(proof))
	order := make([]int, len(proof))
	for i, x := range proof {
		conf[i], order[i] = sigmoid(max(-maxNats, min(maxNats, m.z(x)))), i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case conf[a] > conf[b]:
			return -1
		case conf[a] < conf[b]:
			return 1
		}
		return 0
	})
	rep.ECE = calibrationError(conf, proofY, proofN, order)
	// From the surest down: the lowest confidence that still proves itself.
	n, right, clean := 0.0, 0.0, 0
	for k, i := range order {
		n += proofN[i]
		if proofY[i] {
			right += proofN[i]
		}
		if proofClean[i] && !proofY[i] {
			clean++
		}
		last := k+1 == len(order) || conf[order[k+1]] < conf[i]
		if last && n >= minProof && conf[i] >= minSafe && LowerBound(right, n, sureBound) >= wantSafe {
			s.Safe, rep.ProofSafe, rep.SafeRight, rep.CleanSafe = conf[i], int(n), int(right), clean
		}
	}
	return s, rep, true
}

// minSafe is the lowest confidence that may be called safe, whatever a proof
// says: the average of a mixed lot is no promise for its worst part.
const minSafe = 0.95

func evidenceNames(samples []Sample) []string {
	seen := map[string]bool{}
	for _, s := range samples {
		for _, e := range s.Evidence {
			seen[e.Name] = true
		}
	}
	names := make([]string, 0, len(seen))
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// logit is a logistic model: a bias, a weight a name, a weight a process.
type logit struct {
	names  []string
	damage bool
	w      []float64
}

func (m *logit) input(s *Sample) []float64 {
	x := make([]float64, len(m.w))
	x[0] = 1
	for _, e := range s.Evidence {
		i, _ := slices.BinarySearch(m.names, e.Name)
		x[1+i] += e.Nats
	}
	if m.damage {
		for k := range damage.NumProcesses {
			x[1+len(m.names)+int(k)] = s.Profile.LnShift(k)
		}
	}
	return x
}

func (m *logit) z(x []float64) float64 {
	var z float64
	for i, v := range x {
		z += v * m.w[i]
	}
	return z
}

// fit descends the penalised log-loss by projected coordinate Newton steps:
// deterministic, and the bounds hold at every step.
func (m *logit) fit(xs [][]float64, ys []bool, weight []float64) {
	z := make([]float64, len(xs))
	for i, x := range xs {
		z[i] = m.z(x)
	}
	const rounds = 200
	for range rounds {
		moved := 0.0
		for k := range m.w {
			if k > len(m.names) && !m.damage {
				break
			}
			home, strength, lo, hi := 0.0, 0.05, -20.0, 20.0
			switch {
			case k > len(m.names):
				strength, lo, hi = tether, -maxDamage, maxDamage
			case k > 0:
				home, strength, lo, hi = 1, tether, 0, maxWeight
			}
			g, h := strength*(m.w[k]-home), strength
			for i, x := range xs {
				if x[k] == 0 {
					continue
				}
				p := sigmoid(z[i])
				d := p
				if ys[i] {
					d--
				}
				g += weight[i] * d * x[k]
				h += weight[i] * p * (1 - p) * x[k] * x[k]
			}
			w := max(lo, min(hi, m.w[k]-max(-1, min(1, g/h))))
			if step := w - m.w[k]; step != 0 {
				for i, x := range xs {
					z[i] += step * x[k]
				}
				m.w[k] = w
				moved = max(moved, math.Abs(step))
			}
		}
		if moved < 1e-5 {
			return
		}
	}
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// calibrationError is the expected calibration error over ten bins of equally
// many samples (Naeini, Cooper and Hauskrecht, AAAI 2015).
func calibrationError(conf []float64, right []bool, weight []float64, order []int) float64 {
	const bins = 10
	var sum, all float64
	for b := range bins {
		lo, hi := b*len(order)/bins, (b+1)*len(order)/bins
		var c, r float64
		for _, i := range order[lo:hi] {
			c += weight[i] * conf[i]
			all += weight[i]
			if right[i] {
				r += weight[i]
			}
		}
		sum += math.Abs(c - r)
	}
	return sum / max(1, all)
}

// LowerBound is the one-sided lower bound of the share of which right in n were
// seen, z standard deviations below (Wilson, JASA 1927).
func LowerBound(right, n, z float64) float64 {
	if n == 0 {
		return 0
	}
	p := right / n
	return (p + z*z/(2*n) - z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))) / (1 + z*z/n)
}
