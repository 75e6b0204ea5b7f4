package main

import (
	"bufio"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"copydesk/cmd/internal/archive"
	"copydesk/repair"
	"copydesk/repair/damage"
	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

// Sizes, in code points, of what explain shows of a text.
const (
	explainContext = 32 // on each side of a place
	explainPlace   = 160
)

func newExplainCommand(a *app) *cobra.Command {
	var f fixFlags
	var applied, held bool
	cmd := &cobra.Command{
		Use:   "explain [FILE...]",
		Short: "Show every proposal, applied or not, with its evidence and rivals",
		Long: `Show every proposal of a document, applied or not: its place as line:column, the
text before and after with invisible characters drawn, how sure the program is,
and why. Evidence is in nats, the natural logarithm of odds: +2.3 makes the
proposal ten times likelier, -2.3 ten times less. Rivals for one place share its
confidence.`,
		Example: `  copydesk explain article.txt | less -R
  copydesk explain --held articles.jsonl
  copydesk explain --json article.txt | jq .rule`,
		RunE: func(cmd *cobra.Command, files []string) error {
			if applied && held {
				return usageError(fmt.Errorf("--applied and --held: give one of them; without, both are shown"))
			}
			if err := f.collectFrom(a, files); err != nil {
				return err
			}
			rn, err := newRunner(a, &f)
			if err != nil {
				return err
			}
			x := &explainer{w: bufio.NewWriter(a.stdout), ink: a.ink(), asJSON: f.asJSON, applied: !held, held: !applied}
			rn.report = x.document
			if err := rn.run(files, nil); err != nil {
				return err
			}
			if !f.asJSON && x.shown == 0 {
				fmt.Fprintf(a.stdout, "%d documents, nothing proposed\n", rn.end.Docs)
			}
			return rn.status()
		},
	}
	f.register(cmd)
	f.registerPage(cmd)
	cmd.Flags().BoolVar(&applied, "applied", false, "show only what is applied")
	cmd.Flags().BoolVar(&held, "held", false, "show only what is not applied")
	return cmd
}

// explainer writes readable accounts of documents.
type explainer struct {
	w             *bufio.Writer
	ink           ink
	asJSON        bool
	applied, held bool // what to show
	shown         int
}

func (x *explainer) document(name string, t *archive.Text, res *repair.Result) error {
	var show []*repair.Change
	applied := 0
	for i := range res.Changes {
		c := &res.Changes[i]
		if c.Applied {
			applied++
		}
		if c.Applied && x.applied || !c.Applied && x.held {
			show = append(show, c)
		}
	}
	if len(show) == 0 {
		return nil
	}
	x.shown += len(show)
	at := newPlaces(t.Text)
	if !x.asJSON {
		x.head(name, t, res, applied)
	}
	for _, c := range show {
		if !x.asJSON {
			x.change(t.Text, at, c)
			continue
		}
		f := newFinding(name, t, at, c)
		f.Why = c.Why
		for _, e := range c.Evidence {
			f.Nats = append(f.Nats, evidence(e))
		}
		for _, r := range c.Alts {
			f.Alts = append(f.Alts, alt(r))
		}
		if err := writeJSON(x.w, f); err != nil {
			return err
		}
	}
	return x.w.Flush()
}

// head says what document this is and what hurt it.
func (x *explainer) head(name string, t *archive.Text, res *repair.Result, applied int) {
	title := visible(name)
	if t.Field != "text" {
		title += " " + visible(t.Field)
	}
	fmt.Fprintf(x.w, "%s  %d applied, %d not\n", x.ink.bold(title), applied, len(res.Changes)-applied)
	var hurt []string
	for k := range damage.NumProcesses {
		if p := res.Damage.P[k]; p >= 0.05 {
			hurt = append(hurt, fmt.Sprintf("%s %.0f%%", k, 100*p))
		}
	}
	if hurt != nil {
		fmt.Fprintf(x.w, "%s %s\n", x.ink.dim("damaged by:"), strings.Join(hurt, ", "))
	}
}

func (x *explainer) change(src string, at *places, c *repair.Change) {
	line, col := at.at(c.Src.Start)
	mark, verdict := x.ink.yellow("○"), c.Verdict.String()
	switch {
	case c.Applied:
		mark = x.ink.green("●")
	case c.Verdict == edit.Outscored && c.By != "":
		verdict = "outscored by " + c.By
	case c.Verdict == edit.Protected && c.By != "":
		verdict = "protected: " + visible(c.By)
	case c.Verdict == edit.Applied:
		verdict = "held" // by the document, not by the judge: the reasons say why
	}
	fmt.Fprintf(x.w, "\n%s %s  %s  %s  %s %.3f  %s\n", mark, x.ink.bold(fmt.Sprintf("%d:%d", line, col)), x.ink.cyan(c.Rule),
		x.bar(c.Conf), c.Tier, c.Conf, x.ink.dim(verdict))
	before, after := around(src, c.Src)
	place := short(visible(c.Before))
	fmt.Fprintf(x.w, "    %s%s%s\n", x.ink.dim("…"+before), x.ink.red(orEmpty(place)), x.ink.dim(after+"…"))
	if c.HasAfter {
		fmt.Fprintf(x.w, "    %s%s%s\n", x.ink.dim("…"+before), x.ink.green(orEmpty(short(visible(c.After)))), x.ink.dim(after+"…"))
	}
	why := c.Why
	if n := len(c.Evidence); n > 0 && len(why) > n {
		why = append(why[:1:1], why[1+n:]...) // the lines of evidence are drawn below
	}
	for _, w := range why {
		fmt.Fprintf(x.w, "    %s\n", visible(w))
	}
	for _, e := range c.Evidence {
		nats := fmt.Sprintf("%+6.1f", e.Nats)
		if e.Nats >= 0 {
			nats = x.ink.green(nats)
		} else {
			nats = x.ink.red(nats)
		}
		fmt.Fprintf(x.w, "      %s  %-16s %s\n", nats, e.Name, x.ink.dim(visible(e.Note)))
	}
	for _, r := range c.Alts {
		fmt.Fprintf(x.w, "      %s %s  %s %.3f\n", x.ink.yellow("or"), orEmpty(short(visible(r.After))), x.ink.dim(r.Rule), r.Conf)
	}
}

// bar draws a confidence, 0 to 1, in ten steps.
func (x *explainer) bar(p float64) string {
	n := int(math.Round(p * 10))
	n = max(0, min(n, 10))
	full := strings.Repeat("█", n)
	switch {
	case p >= 0.98:
		full = x.ink.green(full)
	case p >= 0.5:
		full = x.ink.yellow(full)
	default:
		full = x.ink.red(full)
	}
	return full + x.ink.dim(strings.Repeat("░", 10-n))
}

// around is what stands before and behind a place, drawn, cut between words
// where it can be.
func around(src string, s edit.Span) (before, after string) {
	from, to := s.Start, s.End
	for n := 0; n < explainContext && from > 0; n++ {
		_, w := utf8.DecodeLastRuneInString(src[:from])
		from -= w
	}
	for n := 0; n < explainContext && to < len(src); n++ {
		_, w := utf8.DecodeRuneInString(src[to:])
		to += w
	}
	b, a := src[from:s.Start], src[s.End:to]
	if i := strings.IndexByte(b, ' '); from > 0 && i >= 0 && i < len(b)/2 {
		b = b[i+1:]
	}
	if i := strings.LastIndexByte(a, ' '); to < len(src) && i > len(a)/2 {
		a = a[:i]
	}
	return visible(b), visible(a)
}

// short cuts a long place in the middle.
func short(s string) string {
	r := []rune(s)
	if len(r) <= explainPlace {
		return s
	}
	return string(r[:explainPlace/2]) + " […] " + string(r[len(r)-explainPlace/2:])
}

func orEmpty(s string) string {
	if s == "" {
		return "∅"
	}
	return s
}
