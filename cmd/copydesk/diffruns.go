package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

// maxGroups bounds the groups of edits that are told apart; further ones count
// in the totals only.
const maxGroups = 500_000

func newDiffRunsCommand(a *app) *cobra.Command {
	d := runDiff{a: a, groups: map[editGroup]*groupCount{}}
	var top int
	var asJSON, exitCode bool
	c := &cobra.Command{
		Use:   "diff-runs A B",
		Short: "Show what another version or other settings changed in a run",
		Long: `Show what another version or other settings changed: edits that only one of two runs
applied, in groups of the same rule, before and after, most frequent first. A and B are
folders that run wrote, or two logs.

  +  only B applies it    -  only A applied it    ~  B repairs the place otherwise`,
		Example: `  copydesk diff-runs clean-0.1/ clean-0.2/ | less -R
  copydesk diff-runs --new-only --json clean-0.1/ clean-0.2/ | jq .rule`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := d.compare(args[0], args[1]); err != nil {
				return asUsage(err)
			}
			if err := d.show(top, asJSON); err != nil {
				return asUsage(err)
			}
			if exitCode && d.added+d.gone+d.other > 0 {
				return &exitError{exitFindings, nil}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&d.newOnly, "new-only", false, "only what B applies and A did not")
	c.Flags().IntVar(&top, "top", 100, "show so many groups; 0 shows all")
	c.Flags().BoolVar(&asJSON, "json", false, "one group a line, as JSON")
	c.Flags().BoolVar(&exitCode, "exit-code", false, "exit 1 when the runs differ")
	return c
}

// editGroup are all edits with the same rule, before and after that one side
// applies: '+', '-', or '~' for a place that both repair, B as After.
type editGroup struct {
	side                       byte
	rule, before, after, other string // other is what A made of it, for '~'
}

type groupCount struct {
	n    int
	docs []string // a few, as examples
}

// runDiff compares two runs.
type runDiff struct {
	a                            *app
	newOnly                      bool
	groups                       map[editGroup]*groupCount
	same, added, gone, other     int
	changedSources, onlyA, onlyB int // texts that differ at the source; files of one side
}

// logsOf lists the logs of a run by their names.
func logsOf(path string) (map[string]string, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.IsDir() {
		return map[string]string{"": path}, nil
	}
	dir := path
	if st, err := os.Stat(filepath.Join(path, "log")); err == nil && st.IsDir() {
		dir = filepath.Join(path, "log")
	}
	logs := map[string]string{}
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") || byName(p) != "jsonl" {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		logs[rel] = p
		return err
	})
	if err == nil && len(logs) == 0 {
		err = fmt.Errorf("%s holds no logs: name a folder that copydesk run wrote, or a log", path)
	}
	return logs, err
}

func (d *runDiff) compare(a, b string) error {
	logsA, err := logsOf(a)
	if err != nil {
		return err
	}
	logsB, err := logsOf(b)
	if err != nil {
		return err
	}
	var names []string
	for name := range logsA {
		if logsB[name] == "" {
			d.onlyA++
			continue
		}
		names = append(names, name)
	}
	for name := range logsB {
		if logsA[name] == "" {
			d.onlyB++
		}
	}
	if len(names) == 0 {
		return errors.New("the two runs have no file in common")
	}
	slices.Sort(names)
	for _, name := range names {
		if err := d.file(logsA[name], logsB[name]); err != nil {
			return err
		}
	}
	return nil
}

// file compares two logs, record by record.
func (d *runDiff) file(a, b string) error {
	la, err := d.a.openLog(a)
	if err != nil {
		return err
	}
	defer la.in.Close()
	lb, err := d.a.openLog(b)
	if err != nil {
		return err
	}
	defer lb.in.Close()
	for la.held != nil || lb.held != nil {
		n := -1
		for _, l := range []*logStream{la, lb} {
			if l.held != nil && (n < 0 || number(l.held) < n) {
				n = number(l.held)
			}
		}
		docsA, _, err := la.record(n)
		if err != nil {
			return err
		}
		docsB, _, err := lb.record(n)
		if err != nil {
			return err
		}
		d.record(docsA, docsB)
	}
	return nil
}

func (d *runDiff) record(a, b []*edit.DocRecord) {
	byField := map[string][2]*edit.DocRecord{}
	var fields []string
	for side, docs := range [][]*edit.DocRecord{a, b} {
		for _, doc := range docs {
			pair, seen := byField[doc.Field]
			if !seen {
				fields = append(fields, doc.Field)
			}
			pair[side] = doc
			byField[doc.Field] = pair
		}
	}
	for _, f := range fields {
		pair := byField[f]
		if pair[0] != nil && pair[1] != nil && pair[0].SrcHash != pair[1].SrcHash {
			d.changedSources++
			continue
		}
		d.text(appliedOf(pair[0]), appliedOf(pair[1]), cmp.Or(pair[1], pair[0]).Doc)
	}
}

// appliedOf lists the applied edits of a document, by place.
func appliedOf(d *edit.DocRecord) []*edit.EditRecord {
	if d == nil {
		return nil
	}
	var out []*edit.EditRecord
	for i := range d.Edits {
		if d.Edits[i].Applied {
			out = append(out, &d.Edits[i])
		}
	}
	return out
}

// text compares the edits of one text; both lists are sorted and do not overlap.
func (d *runDiff) text(a, b []*edit.EditRecord, doc string) {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Src.End <= b[0].Src.Start && a[0].Src != b[0].Src:
			d.gone++
			d.count(editGroup{'-', a[0].Rule, a[0].Before, a[0].After, ""}, doc)
			a = a[1:]
		case len(a) == 0 || b[0].Src.End <= a[0].Src.Start && a[0].Src != b[0].Src:
			d.added++
			d.count(editGroup{'+', b[0].Rule, b[0].Before, b[0].After, ""}, doc)
			b = b[1:]
		case a[0].Src == b[0].Src && a[0].After == b[0].After:
			d.same++ // another rule may have found it: the text is the same
			a, b = a[1:], b[1:]
		default: // they meet: what one place becomes, on both sides
			d.other++
			d.count(editGroup{'~', b[0].Rule, b[0].Before, b[0].After, a[0].After}, doc)
			end := max(a[0].Src.End, b[0].Src.End)
			a, b = a[1:], b[1:]
			for len(a) > 0 && a[0].Src.Start < end {
				a = a[1:]
			}
			for len(b) > 0 && b[0].Src.Start < end {
				b = b[1:]
			}
		}
	}
}

func (d *runDiff) count(g editGroup, doc string) {
	if d.newOnly && g.side != '+' {
		return
	}
	c := d.groups[g]
	if c == nil {
		if len(d.groups) >= maxGroups {
			return
		}
		c = &groupCount{}
		d.groups[g] = c
	}
	c.n++
	if len(c.docs) < 3 {
		c.docs = append(c.docs, doc)
	}
}

func (d *runDiff) show(top int, asJSON bool) error {
	var all []editGroup
	for g := range d.groups {
		all = append(all, g)
	}
	slices.SortFunc(all, func(x, y editGroup) int {
		return cmp.Or(cmp.Compare(d.groups[y].n, d.groups[x].n), cmp.Compare(x.rule, y.rule), cmp.Compare(x.before, y.before),
			cmp.Compare(x.after, y.after), cmp.Compare(x.other, y.other), cmp.Compare(x.side, y.side))
	})
	left := 0
	if top > 0 && len(all) > top {
		left = len(all) - top
		all = all[:top]
	}
	w, ink := bufio.NewWriter(d.a.stdout), d.a.ink()
	for _, g := range all {
		c := d.groups[g]
		if asJSON {
			if err := writeJSON(w, struct {
				Side   string   `json:"side"`
				N      int      `json:"n"`
				Rule   string   `json:"rule"`
				Before string   `json:"before"`
				After  string   `json:"after"`
				Was    string   `json:"was,omitempty"`
				Docs   []string `json:"docs"`
			}{string(g.side), c.n, g.rule, g.before, g.after, g.other, c.docs}); err != nil {
				return err
			}
			continue
		}
		side := string(g.side)
		switch g.side {
		case '+':
			side = ink.green(side)
		case '-':
			side = ink.red(side)
		default:
			side = ink.yellow(side)
		}
		fmt.Fprintf(w, "%s %7d  %s  %s → %s", side, c.n, ink.cyan(g.rule), short(visible(g.before)), orEmpty(short(visible(g.after))))
		if g.side == '~' {
			fmt.Fprintf(w, "  %s", ink.dim("was "+orEmpty(short(visible(g.other)))))
		}
		fmt.Fprintf(w, "  %s\n", ink.dim(visible(strings.Join(c.docs, " "))))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(d.a.stderr, "%s edits the same, %s only in B, %s only in A, %s otherwise\n",
		thousands(int64(d.same)), thousands(int64(d.added)), thousands(int64(d.gone)), thousands(int64(d.other)))
	if left > 0 {
		fmt.Fprintf(d.a.stderr, "%s more groups: --top 0 shows all\n", thousands(int64(left)))
	}
	if d.changedSources+d.onlyA+d.onlyB > 0 {
		fmt.Fprintf(d.a.stderr, "not compared: %d texts that differ at the source, %d files only in A, %d only in B\n", d.changedSources, d.onlyA, d.onlyB)
	}
	return nil
}
