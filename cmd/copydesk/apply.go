package main

import (
	"errors"
	"fmt"
	"os"

	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

var errNoEdits = errors.New("the log holds no edits")

func newApplyCommand(a *app) *cobra.Command {
	var log, out, decisions string
	c := &cobra.Command{
		Use:   "apply --log LOG IN [--decisions FILE] [-o OUT]",
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
			switch {
			case doc == nil && decisions != "":
				return usageError(errNoEdits)
			case doc == nil:
				// the log says that nothing was changed
			case decisions == "":
				text, err = edit.Replay(text, doc)
			default:
				text, err = applyDecisions(text, doc, decisions)
			}
			if err != nil {
				return usageError(err)
			}
			return a.writeOutput(out, text)
		},
	}
	c.Flags().StringVar(&log, "log", "", "the log of the run")
	c.Flags().StringVarP(&out, "output", "o", "-", "where the text goes; - is standard output")
	c.Flags().StringVar(&decisions, "decisions", "", "what people decided of the edits, as JSON Lines")
	return c
}

func applyDecisions(text string, doc *edit.DocRecord, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	decs, err := edit.ReadDecisions(f)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return edit.ApplyDecisions(text, doc, decs)
}
