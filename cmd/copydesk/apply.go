package main

import (
	"errors"

	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

var errNoEdits = errors.New("the log holds no edits")

func newApplyCommand(a *app) *cobra.Command {
	var log, out string
	c := &cobra.Command{
		Use:   "apply --log LOG IN [-o OUT]",
		Short: "Replay a log: make the edits it applied, and prove the result",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			doc, err := readOneDoc(log)
			if err != nil {
				return err
			}
			text, err := a.readInput(args[0])
			if err != nil {
				return err
			}
			if doc != nil {
				if text, err = edit.Replay(text, doc); err != nil {
					return usageError(err)
				}
			}
			return a.writeOutput(out, text)
		},
	}
	c.Flags().StringVar(&log, "log", "", "the log of the run")
	c.Flags().StringVarP(&out, "output", "o", "-", "where the text goes; - is standard output")
	return c
}
