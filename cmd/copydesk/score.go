package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"copydesk/cmd/internal/score"
	"copydesk/repair"
	"copydesk/repair/edit"
	"copydesk/repair/lm"

	"github.com/spf13/cobra"
)

// scorer gathers the report.
type scorer struct {
	dir, errors string
	heldOut     []string // training files, of which the documents kept out of the models are used
	all, words  *repair.Repairer
	sure        map[string]*score.Reliability // of each family, in windows and damaged documents
	md          strings.Builder
	bad         strings.Builder
}

func newScoreCommand(a *app) *cobra.Command {
	var dev, out, errs string
	var asJSON bool
	var heldOut []string
	cmd := &cobra.Command{
		Use:   "score --dev DIR",
		Short: "Measure precision, recall and false edits on labelled sets",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if !isDir(dev) {
				return usageError(fmt.Errorf("--dev %s: no folder of labelled sets is there", dev))
			}
			s := &scorer{dir: dev, errors: errs, heldOut: heldOut, sure: map[string]*score.Reliability{}}
			var err1, err2 error
			s.all, err1 = repair.New(repair.Options{})
			s.words, err2 = repair.New(repair.Options{Families: []string{"merged", "split", "spacing"}})
			if err := errors.Join(err1, err2); err != nil {
				return usageError(err)
			}
			s.md.WriteString("# Quality\n\nWritten by `copydesk score --dev DEV -o docs/quality.md`; safe tier throughout. \"Must\" and \"aim\" are the project's goals.\n\n")
			if err := errors.Join(s.gaps(), s.silence(), s.real(), s.windows(), s.orders(), s.noisy(), s.noisyKinds(), s.trust()); err != nil {
				return usageError(err)
			}
			if errs != "" {
				if err := writeAside(errs, []byte(s.bad.String())); err != nil {
					return usageError(err)
				}
			}
			if asJSON {
				if err := writeFigures(a.stdout, s.md.String()); err != nil {
					return usageError(err)
				}
			}
			switch {
			case out == "" && asJSON:
				return nil
			case out == "":
				_, err := fmt.Fprint(a.stdout, s.md.String())
				return err
			}
			return writeAside(out, []byte(s.md.String()))
		},
	}
	cmd.Flags().StringVar(&dev, "dev", "", "folder of labelled sets")
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the report there")
	cmd.Flags().StringVar(&errs, "errors", "", "list every false edit in this file")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the figures as JSON on standard output, a row of a table a line")
	cmd.Flags().StringArrayVar(&heldOut, "held-out", nil, "a training file, to measure silence on what the models never saw; repeatable")
	_ = cmd.MarkFlagRequired("dev")
	cmd.AddCommand(newScoreCharactersCommand(a))
	return cmd
}

// writeFigures writes the rows of a report's tables: what stands in each column
// by its head, numbers as numbers, and the section that the table belongs to.
func writeFigures(w io.Writer, md string) error {
	section := ""
	var heads []string
	for line := range strings.Lines(md) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = title
		}
		if !strings.HasPrefix(line, "|") {
			heads = nil
			continue
		}
		if strings.HasPrefix(line, "|--") || strings.HasPrefix(line, "| --") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i, c := range cells {
			cells[i] = strings.TrimSpace(c)
		}
		if heads == nil {
			heads = cells
			continue
		}
		row := map[string]any{"section": section}
		for i, c := range cells {
			if i >= len(heads) || heads[i] == "" || c == "" {
				continue
			}
			row[heads[i]] = c
			if n, err := strconv.ParseFloat(c, 64); err == nil {
				row[heads[i]] = n
			}
		}
		if err := writeJSON(w, row); err != nil {
			return err
		}
	}
	return nil
}

func (s *scorer) row(cells ...any) {
	for _, c := range cells {
		if f, ok := c.(float64); ok {
			fmt.Fprintf(&s.md, "| %.2f ", f)
		} else {
			fmt.Fprintf(&s.md, "| %v ", c)
		}
	}
	s.md.WriteString("|\n")
}

// gaps scores the whitespace sets: rows of one document are read together, and
// each line of the ad-freiburg sets is a document.
func (s *scorer) gaps() error {
	s.md.WriteString("## Words: families merged, split, spacing\n\n| set | P | R | F1 | must | aim | rows exact | false edits / 100k words |\n|---|---|---|---|---|---|---|---|\n")
	goals := map[string][2]string{"link-merge": {"97.5", "99.0"}, "sentence-merge": {"96.5", "98.5"}, "random": {"97.5", "99.0"}, "Wiki": {"95", "99"}, "Wiki.typos": {"88", "94"}}
	report := func(name string, g score.Gaps) {
		p, r, f := score.PRF(g.TP, g.FP, g.FN)
		s.row(name, p, r, f, goals[name][0], goals[name][1], fmt.Sprintf("%d of %d", g.Right, g.Rows), float64(g.FP)*1e5/float64(max(1, g.Words)))
	}
	var sure score.Reliability
	fix := func(set, id, corrupt, correct string) string {
		res := s.words.Fix(corrupt)
		gold, ok := score.NewSpaces(corrupt, correct)
		for _, c := range res.Changes {
			if !ok || !c.HasAfter {
				continue
			}
			right := gold.Right(c.Src, c.Before, c.After)
			sure.Add(c.Conf, right)
			if c.Applied && !right {
				const around = 30 // bytes of context
				fmt.Fprintf(&s.bad, "gaps %s\t%s\t%s\t%.4f\t%q\t%q\t%q\n", set, id, c.Rule, c.Conf, c.Before, c.After,
					strings.ToValidUTF8(corrupt[max(0, c.Src.Start-around):min(len(corrupt), c.Src.End+around)], ""))
			}
		}
		return res.Text
	}
	for _, set := range []string{"link-merge", "sentence-merge", "random", "clean"} {
		var g score.Gaps
		var corrupt, correct []string
		doc, n := "", 0
		flush := func() error {
			if len(corrupt) == 0 {
				return nil
			}
			got := strings.Split(fix(set, doc, strings.Join(corrupt, "\n"), strings.Join(correct, "\n")), "\n")
			if len(got) != len(corrupt) {
				return fmt.Errorf("%s: document %s lost or gained lines", set, doc)
			}
			for i := range got {
				if err := g.Add(corrupt[i], correct[i], got[i]); err != nil {
					return err
				}
			}
			corrupt, correct = nil, nil
			return nil
		}
		var inner error
		err := eachLine(filepath.Join(s.dir, "whitespace", set+".tsv"), func(l string) {
			if n++; n == 1 || inner != nil || l == "" {
				return
			}
			c := strings.Split(l, "\t")
			if len(c) < 5 {
				inner = fmt.Errorf("%s.tsv:%d: %d columns, not 5", set, n, len(c))
				return
			}
			if c[1] != doc {
				inner = flush()
				doc = c[1]
			}
			corrupt, correct = append(corrupt, c[3]), append(correct, c[4])
		})
		if err := errors.Join(err, inner, flush()); err != nil {
			return err
		}
		report(set, g)
	}
	for _, set := range []string{"Wiki", "Wiki.typos"} {
		corrupt, correct, err := linePairs(filepath.Join(s.dir, "whitespace", "adfreiburg", "dev", set))
		if err != nil {
			return err
		}
		var g score.Gaps
		for i := range corrupt {
			if err := g.Add(corrupt[i], correct[i], fix(set, strconv.Itoa(i+1), corrupt[i], correct[i])); err != nil {
				return err
			}
		}
		report(set, g)
	}
	s.md.WriteString("\nConfidence of all proposals on these sets, applied or not, and how many of them are right:\n\n| confidence | proposals | mean | right |\n|---|---|---|---|\n")
	s.md.WriteString(sure.Table())
	fmt.Fprintf(&s.md, "\nExpected calibration error %.4f (goal: at most 0.01).\n", sure.ECE())
	return nil
}

// labelled is a record of the labelled sets; offsets count code points.
type labelled struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Kind  string `json:"kind"`
	Edits []struct {
		Start       int    `json:"start"`
		End         int    `json:"end"`
		Replacement string `json:"replacement"`
		Repl        string `json:"repl"`
		Tier        string `json:"tier"`
		Kind        string `json:"kind"`
	} `json:"edits"`
}

func (s *scorer) records(name string, f func(labelled)) error {
	path := filepath.Join(s.dir, name)
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	sc := bufio.NewScanner(file)
	sc.Buffer(nil, 64<<20)
	for n := 1; sc.Scan(); n++ {
		var r labelled
		if err := json.Unmarshal(sc.Bytes(), &r); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
		f(r)
	}
	return sc.Err()
}

// gold is a record's edits in bytes.
func (r labelled) gold(counts func(tier, kind string) bool) []score.Gold {
	u := edit.NewUnits(r.Text)
	var out []score.Gold
	for _, e := range r.Edits {
		out = append(out, score.Gold{Span: edit.Span{Start: u.FromPoints(e.Start), End: u.FromPoints(e.End)}, After: e.Replacement + e.Repl, Counts: counts(e.Tier, e.Kind)})
	}
	return out
}

func applied(res repair.Result) []edit.Edit {
	var out []edit.Edit
	for _, c := range res.Changes {
		if c.Applied {
			out = append(out, edit.Edit{Span: c.Src, New: c.After})
		}
	}
	return out
}

// silence counts edits on clean text, every family on: news, lines of Wikipedia
// each by itself, and, where training text is given, what the models never saw.
func (s *scorer) silence() error {
	s.md.WriteString("\n## Silence: clean text, every family\n\n| set | words | edits | per 100,000 (must 3, aim 1) | texts changed | by family |\n|---|---|---|---|---|---|\n")
	q := s.newQuiet("news: sentences/docs.jsonl")
	if err := s.records("sentences/docs.jsonl", func(r labelled) { q.add(r.ID, r.Text) }); err != nil {
		return err
	}
	q.report()
	q = s.newQuiet("Wikipedia: a line at a time")
	n := 0
	if err := eachLine(filepath.Join(s.dir, "whitespace", "adfreiburg", "dev", "Wiki", "correct.txt"), func(l string) {
		n++
		q.add(fmt.Sprint(n), l)
	}); err != nil {
		return err
	}
	q.report()
	if len(s.heldOut) > 0 {
		q = s.newQuiet("news kept out of the models, with the faults of its sources")
		for _, f := range s.heldOut {
			if err := plainDocuments(f, func(doc string) error {
				if lm.HeldOut(doc) && healthy(doc) {
					n++
					q.add(fmt.Sprint(n), doc)
				}
				return nil
			}); err != nil {
				return err
			}
		}
		q.report()
	}
	return nil
}

// quiet is the account of one set of clean texts.
type quiet struct {
	s                            *scorer
	name                         string
	words, edits, texts, changed int
	families                     map[string]int
}

func (s *scorer) newQuiet(name string) *quiet {
	return &quiet{s: s, name: name, families: map[string]int{}}
}

func (q *quiet) add(id, src string) {
	q.texts++
	q.words += len(strings.Fields(src))
	res := q.s.all.Fix(src)
	if res.Changed() {
		q.changed++
	}
	for _, c := range res.Changes {
		if !c.Applied {
			continue
		}
		q.edits++
		q.families[edit.Family(c.Rule)]++
		lo, hi := max(0, c.Src.Start-40), min(len(src), c.Src.End+40)
		fmt.Fprintf(&q.s.bad, "clean %s\t%s\t%s\t%.4f\t%q\t%q\t%q\n", q.name, id, c.Rule, c.Conf, c.Before, c.After, src[lo:hi])
	}
}

func (q *quiet) report() {
	var by []string
	for _, f := range edit.Families {
		if n := q.families[f]; n > 0 {
			by = append(by, fmt.Sprintf("%s %d", f, n))
		}
	}
	q.s.row(q.name, q.words, q.edits, float64(q.edits)*1e5/float64(max(1, q.words)), fmt.Sprintf("%d of %d", q.changed, q.texts), strings.Join(by, ", "))
}

func (s *scorer) real() error {
	s.md.WriteString("\n## Naturally damaged documents, every family\n\n| set | precision | recall of tier auto | must | aim |\n|---|---|---|---|---|\n")
	for _, set := range []string{"real/gold.jsonl", "real/newsapi.jsonl", "article/gold.jsonl"} {
		var m score.Edits
		err := s.records(set, func(r labelled) {
			res := s.all.Fix(r.Text)
			before := m.Wrong
			m.Add(r.Text, applied(res), r.gold(func(tier, _ string) bool { return tier == "auto" }))
			if m.Wrong > before {
				for _, c := range res.Changes {
					if c.Applied {
						fmt.Fprintf(&s.bad, "%s\t%s\t%s\t%.4f\t%q\t%q\n", set, r.ID, c.Rule, c.Conf, c.Before, c.After)
					}
				}
			}
		})
		if err != nil {
			return err
		}
		must, aim := "", ""
		if set == "real/gold.jsonl" {
			must, aim = "92 / 75", "97 / 90"
		}
		p, _, _ := score.PRF(m.Right, m.Wrong, 0)
		rec, _, _ := score.PRF(m.Found, m.Lost, 0)
		s.row(set, fmt.Sprintf("%.1f (%d of %d)", p, m.Right, m.Right+m.Wrong), fmt.Sprintf("%.1f (%d of %d)", rec, m.Found, m.Found+m.Lost), must, aim)
	}
	return nil
}

// windows counts what is repaired in windows of one kind of damage each.
func (s *scorer) windows() error {
	kinds := map[string]*score.Edits{}
	var order []string
	err := s.records("sentences/dev.jsonl", func(r labelled) {
		kind := r.Kind
		if strings.HasPrefix(kind, "clean:") {
			kind = "clean"
		}
		if kinds[kind] == nil {
			kinds[kind] = new(score.Edits)
			order = append(order, kind)
		}
		res := s.all.Fix(r.Text)
		gold := r.gold(func(string, string) bool { return true })
		kinds[kind].Add(r.Text, applied(res), gold)
		s.rely(r.Text, res, gold)
	})
	if err != nil {
		return err
	}
	s.md.WriteString("\n## Windows of one kind of damage, every family\n\n| kind | gold edits | repaired % | right edits | other edits |\n|---|---|---|---|---|\n")
	for _, k := range order {
		m := kinds[k]
		rec, _, _ := score.PRF(m.Found, m.Lost, 0)
		s.row(k, m.Found+m.Lost, rec, m.Right, m.Wrong)
	}
	return nil
}

func (s *scorer) noisy() error {
	var m score.Edits
	err := s.records("sentences/noisy-docs.jsonl", func(r labelled) {
		res := s.all.Fix(r.Text)
		gold := r.gold(func(string, string) bool { return true })
		m.Add(r.Text, applied(res), gold)
		s.rely(r.Text, res, gold)
	})
	if err != nil {
		return err
	}
	p, _, _ := score.PRF(m.Right, m.Wrong, 0)
	rec, _, _ := score.PRF(m.Found, m.Lost, 0)
	fmt.Fprintf(&s.md, "\n## Whole damaged documents, every family\n\nPrecision %.1f (%d of %d), recall of all gold edits %.1f (%d of %d); must 98.5 / 52, aim 99.5 / 65.\n",
		p, m.Right, m.Right+m.Wrong, rec, m.Found, m.Found+m.Lost)
	return nil
}

// trust writes how often each family's proposals were right, by confidence.
func (s *scorer) trust() error {
	s.md.WriteString("\n## How far confidence can be trusted, by family\n\nAll proposals in windows and whole damaged documents, applied or not: the share of right ones by confidence, and the expected calibration error.\n\n" + score.Head("family"))
	for _, f := range slices.Sorted(maps.Keys(s.sure)) {
		s.md.WriteString(s.sure[f].Row(f))
	}
	return nil
}

// rely notes what each proposal claimed, and whether it was right.
func (s *scorer) rely(src string, res repair.Result, gold []score.Gold) {
	allowed := score.NewAllowed(src, gold, nil)
	for _, c := range res.Changes {
		if !c.HasAfter {
			continue
		}
		f := edit.Family(c.Rule)
		if s.sure[f] == nil {
			s.sure[f] = new(score.Reliability)
		}
		s.sure[f].Add(c.Conf, allowed.Right(edit.Edit{Span: c.Src, New: c.After}))
	}
}
