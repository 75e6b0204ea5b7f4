package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"copydesk/repair"

	"github.com/spf13/cobra"
)

// place is the line and column, in code points from 1, of a byte offset.
func place(s string, at int) (line, col int) {
	before := s[:at]
	line = strings.Count(before, "\n") + 1
	return line, len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
}

func newCheckCommand(a *app) *cobra.Command {
	var f fixFlags
	cmd := &cobra.Command{
		Use:   "check [FILE...]",
		Short: "Say what fix would change; exit 1 when there is something",
		RunE: func(cmd *cobra.Command, files []string) error {
			rn, err := newRunner(a, &f)
			if err != nil {
				return err
			}
			rn.report = func(name, src string, res repair.Result) {
				for _, c := range res.Changes {
					if !c.Applied {
						continue
					}
					line, col := place(src, c.Src.Start)
					if f.asJSON {
						b, err := json.Marshal(map[string]any{"doc": name, "line": line, "col": col, "rule": c.Rule, "before": c.Before, "after": c.After, "conf": c.Conf})
						if err == nil {
							fmt.Fprintf(a.stdout, "%s\n", b)
						}
						continue
					}
					fmt.Fprintf(a.stdout, "%s:%d:%d: %s: %s → %s (%.3f)\n", visible(name), line, col, c.Rule, visible(c.Before), visible(c.After), c.Conf)
				}
			}
			if err := rn.run(files); err != nil {
				return err
			}
			f.exitCode = true
			return rn.status()
		},
	}
	f.register(cmd)
	return cmd
}

func newExplainCommand(a *app) *cobra.Command {
	var f fixFlags
	cmd := &cobra.Command{
		Use:   "explain [FILE...]",
		Short: "Show every proposal, applied or not, with its evidence and rivals",
		RunE: func(cmd *cobra.Command, files []string) error {
			rn, err := newRunner(a, &f)
			if err != nil {
				return err
			}
			rn.report = func(name, src string, res repair.Result) {
				fmt.Fprintf(a.stdout, "%s: %d proposals\n", visible(name), len(res.Changes))
				for _, c := range res.Changes {
					line, col := place(src, c.Src.Start)
					from, to := max(0, c.Src.Start-30), min(len(src), c.Src.End+30)
					for from > 0 && src[from]&0xC0 == 0x80 {
						from--
					}
					for to < len(src) && src[to]&0xC0 == 0x80 {
						to++
					}
					fmt.Fprintf(a.stdout, "\n%d:%d  %s  %s, %s, confidence %.3f\n", line, col, c.Rule, c.Verdict, c.Tier, c.Conf)
					fmt.Fprintf(a.stdout, "    …%s[%s]%s…\n", visible(src[from:c.Src.Start]), visible(c.Before), visible(src[c.Src.End:to]))
					if c.HasAfter {
						fmt.Fprintf(a.stdout, "    %s → %s\n", visible(c.Before), visible(c.After))
					}
					for _, w := range c.Why {
						fmt.Fprintf(a.stdout, "      %s\n", visible(w))
					}
					for _, alt := range c.Alts {
						fmt.Fprintf(a.stdout, "      or %s (%.3f, %s)\n", visible(alt.After), alt.Conf, alt.Rule)
					}
				}
			}
			if err := rn.run(files); err != nil {
				return err
			}
			return rn.status()
		},
	}
	f.register(cmd)
	return cmd
}
