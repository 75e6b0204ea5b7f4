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
	Rivals   float64        // ln(1 + the odds of all its rivals): what they take from its odds
	Right    bool           // a careful editor accepts it
	Clean    bool           // it stands in text that nobody damaged
	Weight   float64        // what it counts, 0 to 1: less than 1 where the gold may itself be at fault
	Review   bool           // it may never be applied unattended: no part of a proof
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
	ProofRight           int     // right proposals on proof text, at any confidence
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
	m := &logit{names: names, damage: useDamage, w: make([]float64, 1+len(names)+int(damage.NumProcesses))}
	for i := range names {
		m.w[1+i] = 1
	}
	var fit, proof lot
	for i := range samples {
		switch {
		case samples[i].Proof && samples[i].Review:
		case samples[i].Proof:
			proof.add(m, &samples[i])
		default:
			fit.add(m, &samples[i])
		}
	}
	m.fit(&fit)
	if len(proof.x) < fewProof {
		for i := range samples {
			if !samples[i].Proof && !samples[i].Review {
				proof.add(m, &samples[i])
			}
		}
	}
	s := Scale{Bias: m.w[0], Weight: map[string]float64{}, Safe: 2}
	for i, n := range names {
		s.Weight[n] = m.w[1+i]
	}
	copy(s.Damage[:], m.w[1+len(names):])
	conf := make([]float64, len(proof.x))
	for i, x := range proof.x {
		conf[i] = sigmoid(max(-maxNats, min(maxNats, m.z(x))) - proof.rivals[i])
	}
	s.Safe = proof.prove(conf, &rep)
	return s, rep, true
}

// Prove is the confidence from which a rule that is taken at its word is proved
// safe: where its detector weighs its evidence by a model of its own, fitted
// elsewhere, with every reading of a place in view.
func Prove(samples []Sample) (safe float64, rep Report) {
	rep.Samples = len(samples)
	var all lot
	var conf []float64
	for i := range samples {
		s := &samples[i]
		if s.Right {
			rep.Right++
		}
		if s.Review {
			continue
		}
		all.y, all.clean, all.n = append(all.y, s.Right), append(all.clean, s.Clean), append(all.n, s.Weight)
		conf = append(conf, s.AtWord())
	}
	return all.prove(conf, &rep), rep
}

// AtWord is the confidence of a sample whose evidence is taken at its word.
func (s *Sample) AtWord() float64 {
	z := 0.0
	for _, e := range s.Evidence {
		z += e.Nats
	}
	return sigmoid(max(-maxNats, min(maxNats, z)) - s.Rivals)
}

// Applies reports whether a table holds a sample of a rule safe: sure enough, and of what
// may be applied unattended.
func (t Table) Applies(rule string, s *Sample) bool {
	scale := t.scale(rule)
	return !s.Review && sigmoid(scale.nats(&edit.Proposal{Evidence: s.Evidence}, &s.Profile)-s.Rivals) >= scale.Safe
}

// lot is a set of samples, as columns.
type lot struct {
	x        [][]float64
	y, clean []bool
	n        []float64
	rivals   []float64
}

func (l *lot) add(m *logit, s *Sample) {
	l.x, l.y, l.clean = append(l.x, m.input(s)), append(l.y, s.Right), append(l.clean, s.Clean)
	l.n, l.rivals = append(l.n, s.Weight), append(l.rivals, s.Rivals)
}

// prove finds the lowest confidence from which the samples prove a rule safe, 2
// where there is none, and notes in the report how many it lets through.
func (l *lot) prove(conf []float64, rep *Report) float64 {
	safe := 2.0
	order := make([]int, len(conf))
	for i := range order {
		order[i] = i
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
	rep.ECE = calibrationError(conf, l.y, l.n, order)
	// From the surest down: the lowest confidence that still proves itself.
	n, right, clean := 0.0, 0.0, 0
	for k, i := range order {
		n += l.n[i]
		if l.y[i] {
			right += l.n[i]
		}
		if l.clean[i] && !l.y[i] {
			clean++
		}
		last := k+1 == len(order) || conf[order[k+1]] < conf[i]
		if last && n >= minProof && conf[i] >= minSafe && LowerBound(right, n, sureBound) >= wantSafe && l.lowest(order[:k+1]) >= wantLowest {
			safe, rep.ProofSafe, rep.SafeRight, rep.CleanSafe = conf[i], int(n), int(right), clean
		}
	}
	for _, y := range l.y {
		if y {
			rep.ProofRight++
		}
	}
	return safe
}

// minSafe is the lowest confidence that may be called safe, whatever a proof says.
const minSafe = 0.8

// The average of a mixed lot is no promise for its worst part: so many of the
// lowest proposals that are let through must be right.
const (
	lowestPart = 0.1  // of all that is let through
	wantLowest = 0.93 // share of them that is right
)

// lowest is the share of right proposals in the lowest part of a list, the
// surest first.
func (l *lot) lowest(order []int) float64 {
	part := order[len(order)-max(min(minProof/2, len(order)), int(lowestPart*float64(len(order)))):]
	n, right := 0.0, 0.0
	for _, i := range part {
		n += l.n[i]
		if l.y[i] {
			right += l.n[i]
		}
	}
	return right / max(1, n)
}

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
func (m *logit) fit(l *lot) {
	xs, ys, weight := l.x, l.y, l.n
	z := make([]float64, len(xs))
	for i, x := range xs {
		z[i] = m.z(x) - l.rivals[i]
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
