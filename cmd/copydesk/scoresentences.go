package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"copydesk/cmd/internal/score"
	"copydesk/repair"
	"copydesk/repair/edit"
)

// orders scores moved blocks as a ranking: how often the repair of a window is
// the first that is offered for its place, applied or not, and how often among
// the first five.
func (s *scorer) orders() error {
	type rank struct{ n, offered, first, five int }
	ranks := map[string]*rank{"break-move": {}, "move-nobreak": {}, "move-word": {}}
	clean := map[string]int{}
	words := 0
	err := s.records("sentences/dev.jsonl", func(r labelled) {
		m := ranks[r.Kind]
		if m == nil {
			return
		}
		m.n++
		gold := r.gold(func(string, string) bool { return true })
		if len(gold) != 1 {
			return
		}
		want := r.Text[:gold[0].Start] + gold[0].After + r.Text[gold[0].End:]
		offers := offered(r.Text, gold[0].Span, s.all.Fix(r.Text))
		if len(offers) > 0 {
			m.offered++
		}
		switch k := slices.Index(offers, want); {
		case k == 0:
			m.first++
			m.five++
		case k > 0 && k < 5:
			m.five++
		}
		if len(offers) == 0 || offers[0] != want {
			s.bad.WriteString(r.Kind + "\t" + r.ID + "\t" + r.Text[gold[0].Start:gold[0].End] + "\t" + gold[0].After + "\t" + first(offers, gold[0].Span, r.Text) + "\n")
		}
	})
	if err != nil {
		return err
	}
	err = s.records("sentences/docs.jsonl", func(r labelled) {
		words += len(strings.Fields(r.Text))
		for _, c := range s.all.Fix(r.Text).Changes {
			if f := edit.Family(c.Rule); !c.Applied && (f == "order" || f == "quote" || f == "dash") {
				clean[f+" "+c.Tier.String()]++
			}
		}
	})
	if err != nil {
		return err
	}
	s.md.WriteString("\n## Moved blocks as a ranking, applied or not\n\n| kind | windows | something offered % | exact first % | among five % | must | aim |\n|---|---|---|---|---|---|---|\n")
	goals := map[string][2]string{"break-move": {"62 / 85", "75 / 93"}, "move-nobreak": {"72 / 90", "80 / 95"}}
	for _, k := range []string{"break-move", "move-nobreak", "move-word"} {
		m := ranks[k]
		share := func(n int) float64 { return 100 * float64(n) / float64(max(1, m.n)) }
		s.row(k, m.n, share(m.offered), share(m.first), share(m.five), goals[k][0], goals[k][1])
	}
	s.md.WriteString("\nShown on clean news but not applied, per 100,000 words:")
	keys := make([]string, 0, len(clean))
	for k := range clean {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		s.md.WriteString(" " + k + " " + fmt.Sprintf("%.1f", float64(clean[k])*1e5/float64(max(1, words))) + ".")
	}
	s.md.WriteString("\n")
	return nil
}

// noisyKinds counts what is found in whole damaged documents, by kind.
func (s *scorer) noisyKinds() error {
	kinds := map[string]*score.Edits{}
	var order []string
	err := s.records("sentences/noisy-docs.jsonl", func(r labelled) {
		res := s.all.Fix(r.Text)
		done := applied(res)
		allowed := score.NewAllowed(r.Text, r.gold(func(string, string) bool { return true }), nil)
		for _, c := range res.Changes {
			if c.Applied && !allowed.Right(edit.Edit{Span: c.Src, New: c.After}) {
				fmt.Fprintf(&s.bad, "noisy\t%s\t%s\t%.4f\t%q\t%q\t%q\n", r.ID, c.Rule, c.Conf, c.Before, c.After, r.Text[max(0, c.Src.Start-30):min(len(r.Text), c.Src.End+30)])
			}
		}
		for _, e := range r.Edits {
			if kinds[e.Kind] == nil {
				kinds[e.Kind] = new(score.Edits)
				order = append(order, e.Kind)
			}
		}
		for _, k := range order {
			kinds[k].Add(r.Text, done, r.gold(func(_, kind string) bool { return kind == k }))
		}
	})
	if err != nil {
		return err
	}
	slices.Sort(order)
	s.md.WriteString("\n| kind | gold edits | repaired % |\n|---|---|---|\n")
	for _, k := range order {
		rec, _, _ := score.PRF(kinds[k].Found, kinds[k].Lost, 0)
		s.row(k, kinds[k].Found+kinds[k].Lost, rec)
	}
	return nil
}

// offered lists what a window would read after each repair of order or breaks
// that is offered for a place, the likeliest first.
func offered(src string, place edit.Span, res repair.Result) []string {
	var cs []repair.Change
	for _, c := range res.Changes {
		f := edit.Family(c.Rule)
		if c.HasAfter && (f == "order" || f == "break") && c.Src.Start <= place.End && place.Start <= c.Src.End {
			cs = append(cs, c)
		}
	}
	slices.SortStableFunc(cs, func(a, b repair.Change) int { return cmp.Compare(b.Conf, a.Conf) })
	var out []string
	add := func(span edit.Span, after string) {
		if t := src[:span.Start] + after + src[span.End:]; !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for _, c := range cs {
		add(c.Src, c.After)
		for _, alt := range c.Alts {
			add(c.Src, alt.After)
		}
	}
	return out
}

// first is what the first offer reads near a place, for the list of errors.
func first(offers []string, place edit.Span, src string) string {
	if len(offers) == 0 {
		return "nothing"
	}
	return offers[0][max(0, place.Start-10):max(0, min(len(offers[0]), len(offers[0])-len(src)+place.End+10))]
}
