package main

import (
	"errors"
	"fmt"

	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

func newApplyCommand(a *app) *cobra.Command {
	var f replayFlags
	var decisions string
	c := &cobra.Command{
		Use:   "apply IN... --log LOG [--decisions FILE] [-o OUT]",
		Short: "Replay a log: make the edits it applied, and prove the result",
		Long: `Replay a log: make the edits it applied, and prove the result by the log's
hashes. With --decisions the edits are made as people decided: accepted and changed
ones, and applied ones that nobody rejected.

The input is what fix read: plain text or JSON Lines, in the same order.`,
		Example: `  copydesk apply raw.jsonl --log log.jsonl > clean.jsonl
  copydesk apply raw.jsonl --log log.jsonl.zst --decisions decisions.jsonl -o published.jsonl.zst`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			var said edit.Verdicts
			if decisions != "" {
				var err error
				if said, err = a.readDecisions(decisions); err != nil {
					return usageError(err)
				}
			}
			met := map[string]bool{}
			r := replay{a: a, f: &f, what: "made", do: func(r *record) ([]byte, error) {
				for _, d := range r.docs {
					for i := range d.Edits {
						if id := d.Edits[i].ID; said[id] != nil {
							met[id] = true
						}
					}
				}
				return r.redo(said)
			}}
			err := r.say(r.run(files))
			if n := len(said) - len(met); err == nil && n > 0 && !f.quiet {
				fmt.Fprintf(a.stderr, "copydesk: %s: %d edits were decided on that this log does not hold: they belong to another one\n", decisions, n)
			}
			return err
		},
	}
	f.registerOut(c)
	c.Flags().StringVar(&decisions, "decisions", "", "what people decided of the edits, as JSON Lines")
	return c
}

func (a *app) readDecisions(path string) (edit.Verdicts, error) {
	in, err := a.open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	list, err := edit.ReadDecisions(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return edit.Said(list)
}

func newRevertCommand(a *app) *cobra.Command {
	var f replayFlags
	var ids []string
	c := &cobra.Command{
		Use:   "revert OUT... --log LOG [-o RAW]",
		Short: "Undo a repair from the output and the log alone",
		Long: `Undo a repair from the output and the log alone: the very bytes that fix read come
back, proved by the log's hashes. With --ids only some edits are undone.`,
		Example: `  copydesk revert clean.jsonl --log log.jsonl.zst -o raw.jsonl
  copydesk revert clean/ --log clean/log -o raw/
  copydesk revert clean.txt --log log.jsonl --ids eca71833b83b73151c71`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			var some, found map[string]bool
			if len(ids) > 0 {
				some, found = map[string]bool{}, map[string]bool{}
				for _, id := range ids {
					some[id] = true
				}
			}
			r := replay{a: a, f: &f, has: true, what: "undone", do: func(r *record) ([]byte, error) { return r.undo(some, found) }}
			r.check = func() error {
				for _, id := range ids {
					if !found[id] {
						return errors.New("the log has no applied edit " + id)
					}
				}
				return nil
			}
			return r.say(r.run(files))
		},
	}
	f.registerOut(c)
	c.Flags().StringSliceVar(&ids, "ids", nil, "undo these edits only; the rest stays applied")
	return c
}
