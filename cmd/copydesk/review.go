package main

import (
	"context"
	"errors"
	"os"

	"copydesk/cmd/internal/review"

	"github.com/spf13/cobra"
)

func newReviewCommand(a *app) *cobra.Command {
	var f reviewFlags
	var filter review.Filter
	var plain bool
	c := &cobra.Command{
		Use:   "review LOG... [--docs FILE]...",
		Short: "Review edits in the terminal, by the same keys as the page",
		Long: `Review edits in the terminal: accept, reject or correct them one by one or in groups;
? shows all keys, which are those of copydesk serve. Every decision is on the disk before
the next edit is shown; q is always safe. Nothing changes a text: that is done by
copydesk apply, with the decisions file that review leaves beside its store.

--plain asks line by line, for screen readers and scripts; so does a pipe.`,
		Example: `  copydesk review log.jsonl --docs articles.jsonl --rule merged/known-parts
  printf 'a\nx\nq\n' | copydesk review log.jsonl --docs articles.jsonl --plain`,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.review(&f, filter, plain, args); err != nil {
				return usageError(err)
			}
			return nil
		},
	}
	f.register(c)
	c.Flags().BoolVar(&plain, "plain", false, "ask line by line")
	c.Flags().StringArrayVar(&filter.Rule, "rule", nil, "only this rule; may be given several times")
	c.Flags().StringArrayVar(&filter.Tier, "tier", nil, "only this tier: safe, review or hint; may be given several times")
	c.Flags().Float64Var(&filter.ConfMin, "min-conf", 0, "nothing below this confidence, 0 to 1")
	c.Flags().StringVar(&filter.Text, "text", "", "only edits whose old or new text holds this")
	return c
}

func (a *app) review(f *reviewFlags, filter review.Filter, plain bool, args []string) error {
	keys, err := f.bindings(a)
	if err != nil {
		return err
	}
	s, err := a.openStore(context.Background(), f, args)
	if err != nil {
		return err
	}
	d, err := review.NewDesk(s, f.person(), review.Lead, keys, filter)
	if err == nil {
		in, ok := a.stdin.(*os.File)
		if plain || !ok || !isTerminal(a.stdout) || !isTerminal(in) {
			err = review.Plain(d, a.stdin, a.stdout)
		} else {
			d.Ink = a.ink().on
			err = review.Full(d, in, a.stdout)
		}
	}
	return errors.Join(err, a.leaveDecisions(s, f), s.Close())
}
