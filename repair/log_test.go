package repair

import (
	"strings"
	"testing"
	"testing/fstest"

	"copydesk/repair/detect"
	"copydesk/repair/edit"
	"copydesk/rules"
)

// rounds are made-up texts in which a later round sees more faults mended and
// thus weighs anew what an earlier one held.
const rounds = `He said that that the vote would be held on Friday. The minister was aware aware of the plan. It was the the first time in ten years.`

const roundsOrder = `He said that that the vote would be held on Friday. The plan to leave the to. vote was not safe. The price of rare earth. Exports rose in March.`

// What a log says of one document: each thing once, nothing that changes
// nothing, and applied only what is damage.
func TestLogSaysEachThingOnce(t *testing.T) {
	texts := []string{
		rounds, roundsOrder, translatedText,
		// At tier review its becomes it's in one round and its again in the next.
		"They have to accept the impact of emigration over the two previous centuries. But its best known and most spectacular source has been forced emigration.",
	}
	var joined []string
	for i, d := range detect.Running() {
		for _, x := range d.Fix {
			joined = append(joined, x.In)
		}
		if i%4 == 3 {
			texts, joined = append(texts, strings.Join(joined, "\n\n")), nil
		}
	}
	for _, tier := range []edit.Tier{edit.Safe, edit.Review} {
		r, err := New(Options{Tier: tier})
		if err != nil {
			t.Fatal(err)
		}
		saysOnce(t, r, texts)
	}
}

func saysOnce(t *testing.T, r *Repairer, texts []string) {
	t.Helper()
	for _, src := range texts {
		d := r.Fix(src).Record(0, "doc", "text", src)
		seen := map[string]bool{}
		for _, e := range d.Edits {
			if seen[e.ID] {
				t.Errorf("%s %q stands twice, with the same id", e.Rule, e.Before)
			}
			seen[e.ID] = true
			for _, why := range e.Why {
				if strings.HasSuffix(strings.TrimSpace(why), ":") {
					t.Errorf("%s says %q and no more", e.Rule, why)
				}
			}
			if e.HasAfter && e.After == e.Before {
				t.Errorf("%s %q changes nothing", e.Rule, e.Before)
			}
			if e.Applied && e.Tier == edit.Safe && e.Origin != edit.Extraction {
				t.Errorf("%s %q is applied, its origin %v", e.Rule, e.Before, e.Origin)
			}
		}
	}
}

// A publisher's own error is repaired only to be published again.
func TestProfiles(t *testing.T) {
	set, err := rules.Load(fstest.MapFS{"case/own-name.yaml": {Data: []byte(`id: case/own-name
why: The house writes its own name otherwise.
literals: [Harbour news]
replace: Harbour News
tier: safe
confidence: 0.99
origin: source
fix:
  - in: She reads the Harbour news every day.
    out: She reads the Harbour News every day.
keep:
  - She reads the harbour news every day.
`)}})
	if err != nil {
		t.Fatal(err)
	}
	const wrong, right = "She reads the Harbour news every day.", "She reads the Harbour News every day."
	for profile, want := range map[string]string{"archive": wrong, "nlp": wrong, "publish": right} {
		for _, tier := range []edit.Tier{edit.Safe, edit.Review} {
			r, err := New(Options{Profile: profile, Tier: tier, Rules: []*rules.Set{set}})
			if err != nil {
				t.Fatal(err)
			}
			res := r.Fix(wrong)
			if res.Text != want {
				t.Errorf("%s, %v: %q", profile, tier, res.Text)
			}
			if len(res.Changes) != 1 || res.Changes[0].Origin != edit.Source {
				t.Errorf("%s, %v: %+v", profile, tier, res.Changes)
			}
		}
	}
	r, err := New(Options{Profile: "nlp"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Fix(rounds + roundsOrder).Changes {
		if c.Applied && c.Conf < 0.98 {
			t.Errorf("nlp applies %s %q at %v", c.Rule, c.Before, c.Conf)
		}
	}
}
