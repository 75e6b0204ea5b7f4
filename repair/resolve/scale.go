package resolve

import (
	"bufio"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"copydesk/repair/damage"
	"copydesk/repair/edit"
)

// Scale calibrates one rule: a logistic model over its named evidence and the
// document's damage (Platt, "Probabilistic outputs for support vector machines",
// 1999, with a weight for each input instead of one for their sum). Weights of
// evidence are never negative: a detector says which way it points.
type Scale struct {
	Bias   float64                      // nats
	Weight map[string]float64           // of each piece of evidence by name; one that is missing weighs 1
	Damage [damage.NumProcesses]float64 // of each process' damage.Profile.LnShift
	Safe   float64                      // the confidence from which the rule is safe; above 1: never
}

// DefaultSafe is the confidence from which a rule without a Scale is safe.
const DefaultSafe = 0.98

// nats is the log-odds that the proposal is right, rivals aside.
func (s *Scale) nats(p *edit.Proposal, profile *damage.Profile) float64 {
	sum := s.Bias
	for _, e := range p.Evidence {
		w, ok := s.Weight[e.Name]
		if !ok {
			w = 1
		}
		sum += w * e.Nats
	}
	for k, w := range s.Damage {
		if w != 0 {
			sum += w * profile.LnShift(damage.Process(k))
		}
	}
	return max(-maxNats, min(maxNats, sum))
}

// Table holds the scales of rules, and of whole families for rules that have
// none of their own.
type Table map[string]Scale

var taken = Scale{Safe: DefaultSafe}

func (t Table) scale(rule string) Scale {
	if s, ok := t[rule]; ok {
		return s
	}
	if s, ok := t[edit.Family(rule)]; ok {
		return s
	}
	return taken
}

// String writes the table as ParseTable reads it: one rule a line, sorted, with
// its bias, the confidence from which it is safe, the weights of its evidence
// and, behind @, those of the damaging processes.
func (t Table) String() string {
	var b strings.Builder
	rules := make([]string, 0, len(t))
	for r := range t {
		rules = append(rules, r)
	}
	slices.Sort(rules)
	for _, r := range rules {
		s := t[r]
		fmt.Fprintf(&b, "%s\tbias=%.3f\tsafe=%.4g", r, s.Bias, s.Safe)
		names := make([]string, 0, len(s.Weight))
		for n := range s.Weight {
			names = append(names, n)
		}
		slices.Sort(names)
		for _, n := range names {
			fmt.Fprintf(&b, "\t%s=%.3f", n, s.Weight[n])
		}
		for k, w := range s.Damage {
			if w != 0 {
				fmt.Fprintf(&b, "\t@%s=%.3f", damage.Process(k), w)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// ParseTable reads a calibration file. Empty lines and those that begin with #
// say nothing.
func ParseTable(text string) (Table, error) {
	t := Table{}
	sc := bufio.NewScanner(strings.NewReader(text))
	for n := 1; sc.Scan(); n++ {
		line := sc.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "\t")
		s := Scale{Safe: DefaultSafe, Weight: map[string]float64{}}
		for _, c := range cells[1:] {
			name, value, ok := strings.Cut(c, "=")
			v, err := strconv.ParseFloat(value, 64)
			if !ok || err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("calibration line %d: %q is no name=number", n, c)
			}
			switch {
			case name == "bias":
				s.Bias = v
			case name == "safe":
				s.Safe = v
			case strings.HasPrefix(name, "@"):
				k, ok := damage.ParseProcess(name[1:])
				if !ok {
					return nil, fmt.Errorf("calibration line %d: no process %q", n, name[1:])
				}
				s.Damage[k] = v
			default:
				s.Weight[name] = v
			}
		}
		t[cells[0]] = s
	}
	return t, sc.Err()
}
