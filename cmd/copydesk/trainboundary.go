package main

import (
	"fmt"
	"path/filepath"

	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"

	"github.com/spf13/cobra"
)

func newTrainBoundaryCommand(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "boundary -o MODEL FILE...",
		Short: "Build the model that tells sentence ends from the words around them",
		Long: `Build the model that tells sentence ends from the words around them, from plain
text in the form that train takes. It knows the words by the shipped lexicon: train
that first. The same documents are kept out.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			models, err := lm.Open(rules.Model())
			if err != nil {
				return err
			}
			t := boundaryTrainer{lex: models.Lexicon}
			if t.classes, err = lm.OpenClasses(rules.Classes()); err != nil {
				return err
			}
			for _, f := range append(files, files...) { // two rounds: 0.004 nats a place
				if err := plainDocuments(f, t.document); err != nil {
					return usageError(err)
				}
				fmt.Fprintf(a.stderr, "%s: %d places inside sentences, %d at their ends\n", filepath.Base(f), t.fit.Places[0], t.fit.Places[1])
			}
			return writeAsideAs(out, codecOf(out), t.fit.Build())
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "the model file to write, compressed where its name ends in .gz")
	_ = cmd.MarkFlagRequired("output")
	return cmd
}

// boundaryTrainer feeds documents to the fit.
type boundaryTrainer struct {
	lex     *lm.Lexicon
	classes *lm.Classes
	fit     lm.BoundaryTrainer
	doc     text.Document
	tokens  []lm.SideToken
	seen    uint64
}

func (t *boundaryTrainer) document(src string) error {
	if lm.HeldOut(src) {
		return nil
	}
	d := &t.doc
	text.ParseInto(d, src)
	t.tokens = t.tokens[:0]
	for i := range d.Tokens {
		s := d.Str(i)
		t.tokens = append(t.tokens, lm.NewSideToken(s, t.lex.Lookup(s), t.classes))
	}
	for _, b := range d.Blocks {
		if b.Kind != text.Paragraph {
			continue
		}
		for k := b.First; k < b.Next; k++ {
			t.sentence(int(k), int(b.Next))
		}
	}
	return nil
}

// sentence learns from the end of sentence k, when another of the same paragraph
// follows, and from places inside it.
func (t *boundaryTrainer) sentence(k, next int) {
	d := &t.doc
	s := d.Sentences[k]
	stop := int(s.End) - 1
	if stop <= int(s.First) || d.Str(stop) != "." || d.Tokens[stop-1].Kind != text.Word && d.Tokens[stop-1].Kind != text.Number {
		return
	}
	if k+1 < next {
		n := d.Sentences[k+1]
		last := int(n.End)
		for last > int(n.First) && d.Tokens[last-1].Kind == text.Punct {
			last--
		}
		if d.Tokens[n.First].Kind == text.Word && last > int(n.First) {
			t.fit.Add(t.tokens[s.First:stop], t.tokens[n.First:last], true)
		}
	}
	for i := int(s.First) + 1; i < stop; i++ {
		left, tok := d.Tokens[i-1], d.Tokens[i]
		if tok.Kind != text.Word || tok.Gap != text.GapSpace || left.Kind == text.Punct {
			continue
		}
		// A sentence has some twenty such places: one in eight is taken, by a
		// count that runs on.
		if t.seen = t.seen*6364136223846793005 + 1442695040888963407; t.seen>>61 == 0 {
			t.fit.Add(t.tokens[s.First:i], t.tokens[i:stop], false)
		}
	}
}
