package main

import (
	"fmt"
	"path/filepath"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/damage"
	"copydesk/repair/lm"

	"github.com/spf13/cobra"
)

func newTrainSpacingCommand(a *app) *cobra.Command {
	var out string
	var limit int64
	cmd := &cobra.Command{
		Use:   "spacing -o MODEL FILE...",
		Short: "Build the model that tells from characters where spaces belong",
		Long: `Build the model that tells from the characters on both sides whether a space
belongs between them, from plain text in the form that train takes. The same
documents are kept out.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			var fit lm.SpacingTrainer
			t := spacingSampler{learn: fit.Learn, thin: 6, r: damage.NewRand(1), limit: limit}
			for _, f := range files {
				t.bytes = 0
				if err := plainDocuments(f, t.document); err != nil && err != errEnough {
					return usageError(err)
				}
				fmt.Fprintf(a.stderr, "%s: %d gaps, %.5f nats each\n", filepath.Base(f), fit.Samples, fit.Loss/float64(fit.Samples))
			}
			return writeAside(out, fit.Build())
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "the model file to write")
	cmd.Flags().Int64Var(&limit, "limit", 60_000_000, "bytes of text taken from each file")
	_ = cmd.MarkFlagRequired("output")
	return cmd
}

// spacingSampler feeds gaps of documents to the fit.
type spacingSampler struct {
	learn func(s string, left, right int, quoted, space bool)
	thin  int     // of gaps between letters, which tell the least, one in so many is learnt from; 0 for all
	slips float64 // the share of documents with slips of the fingers
	r     *damage.Rand
	limit int64
	bytes int64
	text  []byte
	chars []spacingChar
}

func (t *spacingSampler) document(doc string) error {
	if lm.HeldOut(doc) {
		return nil
	}
	if t.bytes += int64(len(doc)); t.bytes > t.limit {
		return errEnough
	}
	if t.slips > 0 && t.r.Chance(t.slips) {
		rate := []float64{3, 10, 30, 80}[t.r.IntN(4)]
		doc, _ = damage.Make(doc, damage.OfKind(damage.Typo, rate), t.r.Uint64())
	}
	// In two documents of five other gaps are wrong as well, as they will be.
	noise := 0.0
	if t.r.Chance(0.4) {
		noise = 0.01 + 0.09*t.r.Float64()
	}
	t.text, t.chars = t.text[:0], t.chars[:0]
	space := false
	var last rune
	for _, c := range doc {
		switch {
		case c == '\n':
			t.text = append(t.text, '\n')
			space, last = false, 0
			continue
		case unicode.IsSpace(c):
			space = true
			continue
		}
		if last != 0 {
			shown := space
			if noise > 0 && (space && t.r.Chance(noise) || !space && t.r.Chance(noise/6)) {
				shown = !space
			}
			left := len(t.text)
			if shown {
				t.text = append(t.text, ' ')
			}
			t.chars = append(t.chars, spacingChar{left, len(t.text), last, c, space})
		}
		t.text = utf8.AppendRune(t.text, c)
		space, last = false, c
	}
	s := string(t.text)
	quoted := false
	line := -1
	for _, x := range t.chars {
		for ; line < x.left-1; line++ {
			switch s[line+1] {
			case '"':
				quoted = !quoted
			case '\n':
				quoted = false
			}
		}
		between := unicode.IsLetter(x.before) && unicode.IsLetter(x.after)
		if between && t.thin > 0 && t.r.IntN(t.thin) > 0 {
			continue
		}
		// Between letters no judge knows of quotation marks.
		t.learn(s, x.left, x.right, quoted && !(between && t.thin == 0), x.space)
	}
	return nil
}

// spacingChar is a gap of the text that is learned from.
type spacingChar struct {
	left, right   int // what ends before it and begins after it
	before, after rune
	space         bool // the author's
}
