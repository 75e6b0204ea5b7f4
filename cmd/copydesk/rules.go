package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"copydesk/repair"
	"copydesk/repair/detect"
	"copydesk/repair/edit"
	"copydesk/rules"

	"github.com/sahilm/fuzzy"
	"github.com/spf13/cobra"
)

// rulesFlags are what the subcommands of rules share.
type rulesFlags struct {
	dirs   []string
	asJSON bool
}

// list is every detector and rule file, those of --rules-dir included.
func (f *rulesFlags) list() ([]detect.Detector, []*rules.Set, error) {
	sets, err := readRules(f.dirs)
	if err != nil {
		return nil, nil, usageError(err)
	}
	return detect.ByID(detect.Shipped(sets...)), sets, nil
}

func newRulesCommand(a *app) *cobra.Command {
	f := new(rulesFlags)
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List, show, find, test and write rules",
		Long: "Rules are detectors, written in Go, and rule files, written in YAML by anyone.\n" +
			"Both are listed alike, with the texts that each must fix and must keep.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringArrayVar(&f.dirs, "rules-dir", nil, "a folder of your own rule files; may be given several times")
	cmd.PersistentFlags().BoolVar(&f.asJSON, "json", false, "answer in JSON")
	cmd.AddCommand(newRulesList(a, f), newRulesShow(a, f), newRulesFind(a, f), newRulesTest(a, f), newRulesNew(a), newRulesSchema(a), newRulesDocs(a, f))
	return cmd
}

// ruleInfo is a rule as list, show and find answer in JSON.
type ruleInfo struct {
	ID         string            `json:"id"`
	Family     string            `json:"family"`
	Kind       string            `json:"kind"` // detector or file
	Tier       string            `json:"tier"`
	Why        string            `json:"why"`
	Doc        string            `json:"doc"`
	Confidence float64           `json:"confidence,omitempty"`
	Where      string            `json:"where,omitempty"`
	Literals   []string          `json:"literals,omitempty"`
	Regex      []string          `json:"regex,omitempty"`
	Replace    *string           `json:"replace,omitempty"`
	Sources    []string          `json:"sources,omitempty"`
	File       string            `json:"file,omitempty"`
	Fix        []rules.Example   `json:"fix"`
	Keep       []string          `json:"keep"`
	Facts      map[string]string `json:"words,omitempty"`

	// What the examples need beside the text, in their order; nil where none needs anything.
	FixWith  []string `json:"fix_with,omitempty"`
	KeepWith []string `json:"keep_with,omitempty"`
}

// with adds what an example needs to those before it.
func with(list []string, n int, e detect.Example) []string {
	need := ""
	switch {
	case e.Page != "":
		need = "with its page"
	case e.Corpus != "":
		need = "with evidence from its site"
	}
	if list == nil && need == "" {
		return nil
	}
	for len(list) < n {
		list = append(list, "")
	}
	return append(list, need)
}

// needs is what an example needs, as it stands behind it.
func needs(list []string, n int) string {
	if n >= len(list) || list[n] == "" {
		return ""
	}
	return ", " + list[n]
}

// byEvidence is the tier of a detector: what it saw decides, case by case.
const byEvidence = "by evidence"

func infoOf(d detect.Detector) ruleInfo {
	i := ruleInfo{
		ID: d.ID, Family: edit.Family(d.ID), Kind: "detector", Tier: byEvidence, Doc: d.Doc, Why: firstSentence(d.Doc), Fix: []rules.Example{}, Keep: []string{},
	}
	for _, e := range d.Fix {
		i.FixWith = with(i.FixWith, len(i.Fix), e)
		i.Fix = append(i.Fix, rules.Example{In: e.In, Out: e.Out})
	}
	for _, e := range d.Keep {
		i.KeepWith = with(i.KeepWith, len(i.Keep), e)
		i.Keep = append(i.Keep, e.In)
	}
	if r := d.Rule; r != nil {
		i.Kind, i.Tier, i.Why, i.Doc, i.Confidence = "file", r.Tier, r.Why, r.Doc, r.Confidence
		i.Where, i.Literals, i.Regex, i.Sources, i.File = string(r.Where), r.Literals, r.Regex, r.Sources, r.File
		if r.Tier != "hint" {
			i.Replace = &r.Replace
		}
		for _, c := range r.Words {
			if i.Facts == nil {
				i.Facts = map[string]string{}
			}
			i.Facts[fmt.Sprint("$", c.Group)] = strings.Join(c.Needs, " ")
		}
	}
	return i
}

func firstSentence(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	if i := strings.Index(s, ". "); i >= 0 {
		return s[:i+1]
	}
	return s
}

func answerJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func newRulesList(a *app, f *rulesFlags) *cobra.Command {
	var family string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List every rule with its family, tier and what it looks for",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			all, _, err := f.list()
			if err != nil {
				return err
			}
			if family != "" {
				if !slices.Contains(edit.Families, family) {
					return usageError(fmt.Errorf("--family: no family %q: %s", family, orOne(family, edit.Families)))
				}
				all = slices.DeleteFunc(all, func(d detect.Detector) bool { return edit.Family(d.ID) != family })
			}
			return printRules(a, f, all)
		},
	}
	cmd.Flags().StringVar(&family, "family", "", "only this family")
	return cmd
}

func printRules(a *app, f *rulesFlags, list []detect.Detector) error {
	if f.asJSON {
		infos := make([]ruleInfo, len(list))
		for i, d := range list {
			infos[i] = infoOf(d)
		}
		return answerJSON(a.stdout, infos)
	}
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, d := range list {
		i := infoOf(d)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", i.ID, i.Kind, i.Tier, i.Why)
	}
	return w.Flush()
}

// findRule is the rule with an ID, or an error that names the nearest.
func findRule(list []detect.Detector, id string) (detect.Detector, error) {
	ids := make([]string, len(list))
	for i, d := range list {
		if d.ID == id {
			return d, nil
		}
		ids[i] = d.ID
	}
	mend := "copydesk rules list names them all"
	if n := rules.Nearest(id, ids); n != "" {
		mend = fmt.Sprintf("did you mean %s?", n)
	} else if found := search(list, id); len(found) > 0 {
		mend = fmt.Sprintf("did you mean %s?", found[0].ID)
	}
	return detect.Detector{}, usageError(fmt.Errorf("no rule %q: %s", id, mend))
}

func newRulesShow(a *app, f *rulesFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one rule: what it looks for, what it fixes and keeps",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			all, _, err := f.list()
			if err != nil {
				return err
			}
			d, err := findRule(all, args[0])
			if err != nil {
				return err
			}
			if f.asJSON {
				return answerJSON(a.stdout, infoOf(d))
			}
			fmt.Fprint(a.stdout, ruleText(infoOf(d)))
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, d := range detect.Shipped() {
				ids = append(ids, d.ID)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// ruleText is a rule for people at a terminal.
func ruleText(i ruleInfo) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n\n", i.ID, wrap(strings.ReplaceAll(i.Doc, "\n", " "), 80))
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-11s %s\n", name, value)
		}
	}
	row("kind", map[string]string{"detector": "detector (Go)", "file": "rule file " + i.File}[i.Kind])
	row("tier", i.Tier)
	if i.Confidence > 0 {
		row("confidence", fmt.Sprint(i.Confidence))
	}
	row("where", i.Where)
	row("literals", strings.Join(quoteAll(i.Literals), " "))
	for n, x := range i.Regex {
		row([]string{"regex", ""}[min(n, 1)], x)
	}
	if i.Kind == "file" && i.Replace != nil {
		row("replace", fmt.Sprintf("%q", *i.Replace))
	}
	for _, g := range slices.Sorted(maps.Keys(i.Facts)) {
		row("words", g+": "+i.Facts[g])
	}
	row("sources", strings.Join(i.Sources, " "))
	for n, e := range i.Fix {
		fmt.Fprintf(&b, "\nfixes%s\n%s\ninto\n%s\n", needs(i.FixWith, n), indent(e.In), indent(e.Out))
	}
	for n, k := range i.Keep {
		fmt.Fprintf(&b, "\nkeeps%s\n%s\n", needs(i.KeepWith, n), indent(k))
	}
	return b.String()
}

func quoteAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = fmt.Sprintf("%q", s)
	}
	return out
}

func indent(s string) string { return "    " + strings.ReplaceAll(visibleLines(s), "\n", "\n    ") }

// visibleLines is a text whose lines stay and whose other control characters show.
func visibleLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = visible(lines[i])
	}
	return strings.Join(lines, "\n")
}

// wrap breaks a text into lines of at most width code points where it can.
func wrap(s string, width int) string {
	var b strings.Builder
	n := 0
	for i, w := range strings.Fields(s) {
		l := len([]rune(w))
		switch {
		case i == 0:
		case n+1+l > width:
			b.WriteByte('\n')
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(w)
		n += l
	}
	return b.String()
}

// search ranks rules by what a person typed: words that stand in the ID, what it
// looks for or its examples first, then letters in that order (sahilm/fuzzy).
func search(list []detect.Detector, query string) []detect.Detector {
	type hit struct {
		d     detect.Detector
		score int
	}
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = d.ID + " " + infoOf(d).Why
	}
	fuzzyScore := map[int]int{}
	for _, m := range fuzzy.Find(query, names) {
		fuzzyScore[m.Index] = m.Score
	}
	var hits []hit
	for i, d := range list {
		score := 0
		for _, w := range strings.Fields(strings.ToLower(query)) {
			switch {
			case strings.Contains(d.ID, w):
				score += 100
			case strings.Contains(strings.ToLower(d.Doc), w) || strings.Contains(strings.ToLower(infoOf(d).Why), w):
				score += 60
			case slices.ContainsFunc(slices.Concat(d.Fix, d.Keep), func(e detect.Example) bool { return strings.Contains(strings.ToLower(e.In), w) }):
				score += 40
			default:
				score -= 50
			}
		}
		s, ok := fuzzyScore[i]
		if ok {
			score = max(score, 0) + max(1, min(30, s))
		}
		if score > 0 {
			hits = append(hits, hit{d, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	out := make([]detect.Detector, len(hits))
	for i, h := range hits {
		out[i] = h.d
	}
	return out
}

// maxFound is how many rules find names: more is a list.
const maxFound = 12

func newRulesFind(a *app, f *rulesFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "find WORDS...",
		Short: "Find rules by what they look for or by their examples, best first",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			all, _, err := f.list()
			if err != nil {
				return err
			}
			query := strings.Join(args, " ")
			found := search(all, query)
			if len(found) == 0 && !f.asJSON {
				return &exitError{exitFindings, fmt.Errorf("no rule is like %q: copydesk rules list names them all", query)}
			}
			return printRules(a, f, found[:min(len(found), maxFound)])
		},
	}
}

func newRulesTest(a *app, f *rulesFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "test [DIR...]",
		Short: "Run every rule's examples: of a folder of yours, or of all that is shipped",
		Long: "Checks every rule file of the folders and runs the examples of its rules through the\n" +
			"whole program, all other rules on. Without a folder, the shipped rules are tested.\n" +
			"Exit code 1 when an example fails, 2 when a file cannot be read.",
		RunE: func(_ *cobra.Command, dirs []string) error {
			all, sets, err := (&rulesFlags{dirs: append(slices.Clone(f.dirs), dirs...)}).list()
			if err != nil {
				return err
			}
			list := all
			if len(sets) > 0 {
				list = nil
				for _, s := range sets {
					list = append(list, detect.FromRules(s)...)
				}
			}
			failures, err := repair.CheckExamples(list, repair.Options{Rules: sets})
			if err != nil {
				return usageError(err)
			}
			examples := 0
			for _, d := range list {
				examples += len(d.Fix) + len(d.Keep)
			}
			if f.asJSON {
				if err := answerJSON(a.stdout, map[string]any{"rules": len(list), "examples": examples, "failures": append([]repair.Failure{}, failures...)}); err != nil {
					return err
				}
			} else {
				for _, x := range failures {
					fmt.Fprintln(a.stdout, failureText(x))
				}
				fmt.Fprintf(a.stdout, "%d rules, %d examples, %d failures\n", len(list), examples, len(failures))
			}
			if len(failures) > 0 {
				return &exitError{code: exitFindings}
			}
			return nil
		},
	}
}

// failureText shows a failed example so that its difference catches the eye.
func failureText(x repair.Failure) string {
	head, want := x.Rule+": does not fix its example", "want"
	if x.Keep {
		head, want = x.Rule+": changes a text that it must keep", "keep"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  in    %s\n  got   %s\n  %-5s %s\n", head, visible(x.In), visible(x.Got), want, visible(x.Want))
	if x.Got == x.In && !x.Keep {
		b.WriteString("  Nothing was applied: copydesk explain shows what was proposed, if anything.\n")
	}
	for _, by := range x.By {
		fmt.Fprintf(&b, "  changed by %s\n", by)
	}
	return b.String()
}

func newRulesNew(a *app) *cobra.Command {
	var dir string
	var force bool
	cmd := &cobra.Command{
		Use:   "new FAMILY/PHENOMENON",
		Short: "Write a template of a rule file, every key explained",
		Long:  "Writes the template to standard output, or with --dir DIR to DIR/FAMILY/PHENOMENON.yaml.",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			family, name, ok := strings.Cut(args[0], "/")
			switch {
			case !slices.Contains(edit.Families, family):
				return usageError(fmt.Errorf("no family %q: %s", family, orOne(family, edit.Families)))
			case !ok || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
				return usageError(fmt.Errorf("%q: name it FAMILY/PHENOMENON in small letters, digits and hyphens, such as %s/share-bar", args[0], family))
			}
			text := rules.Template(args[0])
			if dir == "" {
				_, err := io.WriteString(a.stdout, text)
				return err
			}
			path := filepath.Join(dir, family, name+".yaml")
			if _, err := os.Stat(path); err == nil && !force {
				return usageError(fmt.Errorf("%s is there already: choose another name, or --force", path))
			}
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), writeAside(path, []byte(text))); err != nil {
				return usageError(err)
			}
			fmt.Fprintf(a.stderr, "%s: fill it in, then run: copydesk rules test %s\n", path, dir)
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "write the file into this folder")
	cmd.Flags().BoolVar(&force, "force", false, "overwrite a file that is there")
	return cmd
}

func newRulesSchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of rule files, for completion in editors",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(a.stdout, rules.Schema)
			return err
		},
	}
}
