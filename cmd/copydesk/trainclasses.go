package main

import (
	"fmt"
	"path/filepath"

	"copydesk/repair/lm"
	"copydesk/repair/text"

	"github.com/spf13/cobra"
)

func newTrainClassesCommand(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "classes -o CLASSES FILE...",
		Short: "Sort frequent words into classes by their neighbours",
		Long: `Sort the 30,000 most frequent words into 240 classes of words that stand between
the same neighbours, from plain text in the form that train takes. The same
documents are kept out.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			var t lm.ClassTrainer
			for _, look := range []func([]lm.Word){t.Count, t.Learn} {
				for _, f := range files {
					var doc text.Document
					err := plainDocuments(f, func(src string) error {
						eachKeptSentence(&doc, src, look)
						return nil
					})
					if err != nil {
						return usageError(err)
					}
					fmt.Fprintln(a.stderr, filepath.Base(f))
				}
				if t.Words() == 0 {
					t.Choose()
				}
			}
			data, err := t.Build(func(step string) { fmt.Fprintln(a.stderr, step) })
			if err != nil {
				return err
			}
			return writeAside(out, data)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "the file to write")
	_ = cmd.MarkFlagRequired("output")
	return cmd
}

// eachKeptSentence hands the words of each sentence of a document to f, unless
// the document is kept out of the models.
func eachKeptSentence(doc *text.Document, src string, f func([]lm.Word)) {
	if lm.HeldOut(src) {
		return
	}
	text.ParseInto(doc, src)
	var words []lm.Word
	for _, s := range doc.Sentences {
		words = words[:0]
		for i := int(s.First); i < int(s.End); i++ {
			words = append(words, lm.Key(doc.Str(i)))
		}
		f(words)
	}
}
