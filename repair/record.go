package repair

import (
	"copydesk/repair/damage"
	"copydesk/repair/edit"
)

// minDamage is the probability from which a process is worth a word in the log.
const minDamage = 0.05

// Record is the log's line for this result: document number n, its id and the
// field that held src.
func (res Result) Record(n int, doc, field, src string) edit.DocRecord {
	d := edit.DocRecord{N: n, Doc: doc, Field: field}
	for k := range damage.NumProcesses {
		if q := res.Damage.P[k]; q >= minDamage {
			d.Damage = append(d.Damage, edit.Share{Process: k.String(), P: q})
		}
	}
	for _, c := range res.Changes {
		e := edit.EditRecord{
			Src: c.Src, Out: c.Out, Before: c.Before, After: c.After, HasAfter: c.HasAfter,
			Rule: c.Rule, Origin: c.Origin, Conf: c.Conf, Tier: c.Tier, Applied: c.Applied, Alts: c.Alts, Segs: c.Segs, Why: c.Why,
		}
		if c.HasAfter {
			e.Ops = edit.Diff(c.Before, c.After)
		}
		d.Edits = append(d.Edits, e)
	}
	d.Complete(src, res.Text)
	return d
}
