package main

import (
	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

func newRevertCommand(a *app) *cobra.Command {
	var log, out string
	var ids []string
	c := &cobra.Command{
		Use:   "revert OUT --log LOG [-o RAW]",
		Short: "Undo a repair from the output and the log alone",
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
			case doc == nil && len(ids) == 0:
				// the log says that nothing was changed
			case doc == nil:
				return usageError(errNoEdits)
			case len(ids) > 0:
				text, err = edit.RevertSome(text, doc, ids)
			default:
				text, err = edit.Revert(text, doc)
			}
			if err != nil {
				return usageError(err)
			}
			return a.writeOutput(out, text)
		},
	}
	c.Flags().StringVar(&log, "log", "", "the log of the run")
	c.Flags().StringVarP(&out, "output", "o", "-", "where the text goes; - is standard output")
	c.Flags().StringSliceVar(&ids, "ids", nil, "undo these edits only; the rest stays applied")
	return c
}
