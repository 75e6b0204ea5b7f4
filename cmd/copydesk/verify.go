package main

import (
	"errors"
	"fmt"

	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

func newVerifyCommand(a *app) *cobra.Command {
	var log, against string
	c := &cobra.Command{
		Use:   "verify RAW --against ORIGINAL | verify OUT --log LOG",
		Short: "Prove that two texts are the same bytes, or that a log undoes and redoes a text",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if (log == "") == (against == "") {
				return usageError(errors.New("give either --against ORIGINAL or --log LOG"))
			}
			text, err := a.readInput(args[0])
			if err != nil {
				return err
			}
			if against != "" {
				want, err := a.readInput(against)
				if err != nil {
					return err
				}
				if text != want {
					n := 0
					for n < min(len(text), len(want)) && text[n] == want[n] {
						n++
					}
					return &exitError{exitFindings, fmt.Errorf("%s and %s differ from byte %d on", args[0], against, n)}
				}
				fmt.Fprintf(a.stderr, "identical: %d bytes, sha256 %s\n", len(text), edit.Hash(text))
				return nil
			}
			doc, err := readOneDoc(log)
			if err != nil {
				return err
			}
			if doc == nil {
				return usageError(fmt.Errorf("%s: %w, so there is no hash to prove the text by", log, errNoEdits))
			}
			raw, err := edit.Revert(text, doc)
			if err == nil {
				_, err = edit.Replay(raw, doc)
			}
			if err != nil {
				return &exitError{exitFindings, err}
			}
			fmt.Fprintf(a.stderr, "proved: undone to sha256 %s and made again\n", doc.SrcHash)
			return nil
		},
	}
	c.Flags().StringVar(&log, "log", "", "the log of the run")
	c.Flags().StringVar(&against, "against", "", "the original text")
	return c
}
