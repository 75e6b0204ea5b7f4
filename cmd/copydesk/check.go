package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"

	"copydesk/cmd/internal/archive"
	"copydesk/repair"

	"github.com/spf13/cobra"
)

// finding is what check and explain say of a proposal with --json: one object a
// line.
type finding struct {
	Doc     string     `json:"doc"`
	Field   string     `json:"field"`
	Line    int        `json:"line"`
	Col     int        `json:"col"` // in code points
	Rule    string     `json:"rule"`
	Before  string     `json:"before"`
	After   *string    `json:"after"`
	Conf    float64    `json:"conf"`
	Tier    string     `json:"tier"`
	Verdict string     `json:"verdict"`
	By      string     `json:"by,omitempty"`
	Origin  string     `json:"origin"`
	Why     []string   `json:"why,omitempty"`
	Nats    []evidence `json:"evidence,omitempty"`
	Alts    []alt      `json:"alts,omitempty"`
}

type evidence struct {
	Name string  `json:"name"`
	Nats float64 `json:"nats"`
	Note string  `json:"note,omitempty"`
}

type alt struct {
	After string  `json:"after"`
	Rule  string  `json:"rule"`
	Conf  float64 `json:"conf"`
}

func newFinding(name string, t *archive.Text, at *places, c *repair.Change) finding {
	line, col := at.at(c.Src.Start)
	f := finding{
		Doc: name, Field: t.Field, Line: line, Col: col, Rule: c.Rule, Before: c.Before, Conf: c.Conf,
		Tier: c.Tier.String(), Verdict: c.Verdict.String(), By: c.By, Origin: c.Origin.String(),
	}
	if c.HasAfter {
		f.After = &c.After
	}
	return f
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func newCheckCommand(a *app) *cobra.Command {
	var f fixFlags
	var diff bool
	cmd := &cobra.Command{
		Use:   "check [FILE...]",
		Short: "Say what fix would change; exit 1 when there is something",
		Long: `Say what fix would change; exit 1 when there is something, 3 when a record could
not be read or is left alone by the harm fuse. With --quiet only the exit code speaks.`,
		Example: `  copydesk check article.txt
  copydesk check --json data/*.jsonl
  copydesk check --quiet *.txt || echo damaged`,
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := f.collectFrom(a, files); err != nil {
				return err
			}
			rn, err := newRunner(a, &f)
			if err != nil {
				return err
			}
			out, ink := bufio.NewWriter(a.stdout), a.ink()
			d := &differ{w: out, ink: ink, draw: isTerminal(a.stdout) || ink.on}
			rn.report = func(name string, t *archive.Text, res *repair.Result) error {
				switch {
				case f.quiet || len(res.Changes) == 0:
					return nil
				case diff:
					return d.document(name, t, res)
				}
				at := newPlaces(t.Text)
				for i := range res.Changes {
					c := &res.Changes[i]
					if !c.Applied {
						continue
					}
					if f.asJSON {
						if err := writeJSON(out, newFinding(name, t, at, c)); err != nil {
							return err
						}
						continue
					}
					line, col := at.at(c.Src.Start)
					fmt.Fprintf(out, "%s:%d:%d: %s: %s → %s (%.3f)\n", visible(name), line, col, ink.cyan(c.Rule),
						ink.red(visible(c.Before)), ink.green(visible(c.After)), c.Conf)
				}
				return out.Flush()
			}
			if err := rn.run(files, nil); err != nil {
				return err
			}
			f.exitCode = true
			return cmp.Or(out.Flush(), rn.status())
		},
	}
	f.register(cmd)
	f.registerPage(cmd)
	cmd.Flags().BoolVar(&diff, "diff", false, "show it as a unified diff")
	return cmd
}
