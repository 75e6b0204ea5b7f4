package repair

import (
	"fmt"

	"copydesk/repair/detect"
	"copydesk/repair/edit"
)

// Failure is an example that did not come out as its rule promises.
type Failure struct {
	Rule string
	Keep bool   // the text had to stay
	In   string //
	Got  string
	Want string
}

func (f Failure) String() string {
	verb := "does not fix its example"
	if f.Keep {
		verb = "does not keep its look-alike"
	}
	return fmt.Sprintf("%s %s\n  in   %q\n  got  %q\n  want %q", f.Rule, verb, f.In, f.Got, f.Want)
}

// CheckExamples runs the examples of detectors and rule files through the whole
// road, each in the tier of its rule, and returns what failed. Options say what
// else is on.
func CheckExamples(list []detect.Detector, o Options) ([]Failure, error) {
	var byTier [edit.Safe + 1]*Repairer
	for _, t := range []edit.Tier{edit.Review, edit.Safe} {
		o.Tier = t
		r, err := New(o)
		if err != nil {
			return nil, err
		}
		byTier[t] = r
	}
	var out []Failure
	for _, d := range list {
		r := byTier[edit.Safe]
		source := ""
		if d.Rule != nil && d.Rule.Tier != "safe" {
			r = byTier[edit.Review]
		}
		if d.Rule != nil && len(d.Rule.Sources) > 0 {
			source = d.Rule.Sources[0]
		}
		for _, e := range d.Fix {
			if got := r.FixFrom(source, e.In).Text; got != e.Out {
				out = append(out, Failure{Rule: d.ID, In: e.In, Got: got, Want: e.Out})
			}
		}
		for _, e := range d.Keep {
			if got := byTier[edit.Safe].FixFrom(source, e.In).Text; got != e.In {
				out = append(out, Failure{Rule: d.ID, Keep: true, In: e.In, Got: got, Want: e.In})
			}
		}
	}
	return out, nil
}
