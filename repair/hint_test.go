package repair_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"copydesk/repair"
	"copydesk/repair/detect"
	"copydesk/repair/edit"
	"copydesk/rules"
)

// A rule of tier hint says where something is wrong and repairs nothing; its
// examples are held to that.
func TestHintRules(t *testing.T) {
	const rule = `id: order/said-below
why: A clause that a translator moved.
literals: [said below]
tier: hint
confidence: 0.8
fix:
  - in: The department said below of the state.
    out: The department said below of the state.
keep: [%s]
`
	for keep, failures := range map[string]int{"'What was said, below all, was true.'": 0, "'It was said below deck.'": 1} {
		set, err := rules.Load(fstest.MapFS{"order/said-below.yaml": {Data: fmt.Appendf(nil, rule, keep)}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := repair.CheckExamples(detect.FromRules(set), repair.Options{Rules: []*rules.Set{set}})
		if err != nil || len(got) != failures {
			t.Errorf("%s: %v %v", keep, got, err)
		}
		r, err := repair.New(repair.Options{Rules: []*rules.Set{set}, Tier: edit.Review})
		if err != nil {
			t.Fatal(err)
		}
		res := r.Fix("The department said below of the state.")
		for _, c := range res.Changes {
			if c.Rule == "order/said-below" && (c.Applied || c.HasAfter || c.Tier != edit.Hint) {
				t.Errorf("%+v", c)
			}
		}
	}
}
