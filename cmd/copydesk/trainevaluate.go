package main

import (
	"fmt"
	"math"
	"time"

	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"

	"github.com/spf13/cobra"
)

func newTrainEvaluateCommand(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "evaluate FILE...",
		Short: "Measure the shipped language model on the documents that it keeps out",
		Long: `Measure the shipped language model on the documents that it keeps out: its
perplexity, how many tokens it does not know, and how fast it scores. Files are
as for train.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			models, err := lm.Open(rules.Model())
			if err != nil {
				return err
			}
			e := evaluation{m: models}
			for _, f := range files {
				e.bytes = 0
				err := plainDocuments(f, func(doc string) error {
					if !lm.HeldOut(doc) {
						return nil
					}
					if e.bytes += len(doc); e.bytes > limit {
						return errEnough
					}
					e.document(doc)
					return nil
				})
				if err != nil && err != errEnough {
					return usageError(err)
				}
			}
			if e.tokens == 0 {
				return usageError(fmt.Errorf("none of the documents is one that the model keeps out: give more text"))
			}
			fmt.Fprintf(a.stdout, "%d tokens, ends of sentences counted, %d of them unknown (%.2f %%)\n", e.tokens, e.unknown, 100*float64(e.unknown)/float64(e.tokens))
			fmt.Fprintf(a.stdout, "perplexity %.1f, unknown tokens as one; %.1f with their spellings\n",
				math.Exp(-e.word/float64(e.tokens)), math.Exp(-(e.word+e.spelling)/float64(e.tokens)))
			fmt.Fprintf(a.stdout, "%.2f million tokens scored a second\n", float64(e.tokens)/e.spent.Seconds()/1e6)
			return nil
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 4_000_000, "bytes of kept-out text taken from each file")
	return cmd
}

// evaluation sums ln probabilities.
type evaluation struct {
	m               *lm.Models
	bytes           int
	doc             text.Document
	tokens, unknown int
	word, spelling  float64 // nats
	spent           time.Duration
}

func (e *evaluation) document(src string) {
	d := &e.doc
	text.ParseInto(d, src)
	began := time.Now()
	for _, s := range d.Sentences {
		if s.First == s.End {
			continue
		}
		st := e.m.Model.Begin()
		for i := s.First; i < s.End; i++ {
			token := d.Str(int(i))
			key := lm.Key(token)
			var ln float64
			ln, st = e.m.Model.Score(st, key)
			e.word += ln
			e.tokens++
			if e.m.Lexicon.LookupKey(key).LnProb == 0 {
				e.unknown++
				e.spelling += e.m.Speller.LnProb(token)
			}
		}
		ln, _ := e.m.Model.Score(st, lm.End)
		e.word += ln
		e.tokens++
	}
	e.spent += time.Since(began)
}
