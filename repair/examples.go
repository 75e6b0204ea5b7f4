package repair

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"copydesk/repair/corpus"
	"copydesk/repair/detect"
	"copydesk/repair/edit"
	"copydesk/repair/page"
)

// Failure is an example that did not come out as its rule promises.
type Failure struct {
	Rule string   `json:"rule"`
	Keep bool     `json:"keep"` // the text had to stay
	In   string   `json:"in"`
	Got  string   `json:"got"`
	Want string   `json:"want"`
	By   []string `json:"by,omitempty"` // the rules whose changes were applied
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
	o.Profile = "publish" // rules for the publisher's own errors run too
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
		check := func(r *Repairer, x detect.Example, want string, keep bool) {
			in := x.In
			if x.Corpus != "" {
				own := o
				own.Tier = edit.Safe
				var err error
				if own.Corpus, err = corpus.Read(strings.NewReader(x.Corpus)); err == nil {
					r, err = New(own)
				}
				if err != nil {
					out = append(out, Failure{Rule: d.ID, Keep: keep, In: in, Got: err.Error(), Want: want})
					return
				}
			}
			var from *page.Page
			if x.Page != "" {
				from = page.Parse([]byte(x.Page))
			}
			res := r.FixPage(cmp.Or(x.Source, source), from, in)
			// A hint changes nothing: it must be given, or must not.
			hinted := slices.ContainsFunc(res.Changes, func(c Change) bool { return c.Rule == d.ID })
			if res.Text == want && (d.Rule == nil || d.Rule.Tier != "hint" || hinted != keep) {
				return
			}
			f := Failure{Rule: d.ID, Keep: keep, In: in, Got: res.Text, Want: want}
			for _, c := range res.Changes {
				if c.Applied && !slices.Contains(f.By, c.Rule) {
					f.By = append(f.By, c.Rule)
				}
			}
			out = append(out, f)
		}
		for _, e := range d.Fix {
			check(r, e, e.Out, false)
		}
		for _, e := range d.Keep {
			check(byTier[edit.Safe], e, e.In, true)
		}
	}
	return out, nil
}
