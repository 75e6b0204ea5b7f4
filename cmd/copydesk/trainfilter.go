package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"

	"github.com/spf13/cobra"
)

func newTrainFilterCommand(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "filter -o FILTER FILE...",
		Short: "Build the filter of the words that the model counts",
		Long: `Build the filter of the words that the shipped model counts, from the plain text that
it was trained on: those of its words for which the model has a probability.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			models, err := lm.Open(rules.Model())
			if err != nil {
				return err
			}
			asked := map[lm.Word]bool{}
			held := []lm.Word{lm.Key("<s>"), lm.End}
			d := new(text.Document)
			for _, f := range files {
				err := plainDocuments(f, func(src string) error {
					text.ParseInto(d, src)
					for i := range d.Tokens {
						w := lm.Key(d.Str(i))
						if !asked[w] {
							asked[w] = true
							if models.Lexicon.LookupKey(w).LnProb != 0 {
								held = append(held, w)
							}
						}
					}
					return nil
				})
				if err != nil {
					return usageError(err)
				}
				fmt.Fprintf(a.stderr, "%s: %d words so far\n", filepath.Base(f), len(held))
			}
			if len(held) < 1000 {
				return usageError(errors.New("hardly any word of these texts is in the model: give the texts that it was trained on"))
			}
			slices.Sort(held)
			return writeAside(out, lm.BuildFilter(held))
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "the filter file to write")
	_ = cmd.MarkFlagRequired("output")
	return cmd
}
