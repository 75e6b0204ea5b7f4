package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"copydesk/repair/damage"
	"copydesk/repair/lm"
	"copydesk/rules"

	"github.com/spf13/cobra"
)

func newTrainGapNetCommand(a *app) *cobra.Command {
	var out string
	var limit int64
	var rounds int
	cmd := &cobra.Command{
		Use:   "gapnet -o MODEL FILE...",
		Short: "Build the model that looks again at doubtful gaps",
		Long: `Build the model that looks again at the gaps that the spacing model is not sure
of, from plain text in the form that train takes. The same documents are kept
out.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			models, err := lm.Open(rules.Model())
			if err != nil {
				return err
			}
			var err1, err2 error
			models.Spacing, err1 = lm.OpenSpacing(rules.Spacing())
			models.Filter, err2 = lm.OpenFilter(rules.Filter())
			if err := errors.Join(err1, err2); err != nil {
				return err
			}
			fit := lm.NewGapNetTrainer(lm.NewMemo(models))
			t := spacingSampler{learn: fit.Learn, r: damage.NewRand(2), limit: limit, slips: 0.25}
			for _, f := range files {
				t.bytes = 0
				if err := plainDocuments(f, t.document); err != nil && err != errEnough {
					return usageError(err)
				}
				fmt.Fprintf(a.stderr, "%s: %d gaps\n", filepath.Base(f), fit.Gaps)
			}
			before, after, n := fit.Fit(rounds)
			fmt.Fprintf(a.stderr, "%d doubtful gaps; of those kept out each loses %.5f nats by the spacing model, %.5f by this one\n", n, before, after)
			return writeAside(out, fit.Build())
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "the model file to write")
	cmd.Flags().Int64Var(&limit, "limit", 120_000_000, "bytes of text taken from each file")
	cmd.Flags().IntVar(&rounds, "rounds", 3, "how often to go over the gaps")
	_ = cmd.MarkFlagRequired("output")
	return cmd
}
