package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"copydesk/cmd/internal/score"
	"copydesk/repair"
	"copydesk/repair/damage"

	"github.com/spf13/cobra"
)

func newScoreCharactersCommand(a *app) *cobra.Command {
	var errs string
	var most int
	cmd := &cobra.Command{
		Use:   "characters DIR",
		Short: "Misread clean text with every charset, and measure how much of it comes back",
		Long: `Misread the passages (lines) of clean text in every way that "copydesk damage
--list" names, alone, between clean ones, in part, and beside one that was misread
otherwise, and measure how many the family of characters restores exactly. DIR holds
plain text, one file a language; where a file has few passages, more are written
after them, with other words of the same letters.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := scoreCharacters(a, args[0], most, errs); err != nil {
				return usageError(err)
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&most, "most", 40, "passages of each language")
	cmd.Flags().StringVar(&errs, "errors", "", "list every passage that does not come back in this file")
	return cmd
}

func scoreCharacters(a *app, dir string, most int, errs string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s holds no .txt file: put plain text there, one file a language", dir)
	}
	r, err := repair.New(repair.Options{Families: []string{"characters"}, AppliedOnly: true})
	if err != nil {
		return err
	}
	slices.Sort(files)
	var t score.RoundTrips
	var lost strings.Builder
	lang := ""
	t.Lost = func(k damage.Kind, s score.Setting, clean, bad, got string) {
		fmt.Fprintf(&lost, "%s\t%s\t%s\n  clean   %+q\n          %s\n  damaged %q\n  got     %q\n", k, s, lang, clean, clean, bad, got)
	}
	for i, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		lang = strings.TrimSuffix(filepath.Base(f), ".txt")
		t.Add(score.Passages(string(b), most, uint64(i)), uint64(i), func(s string) string { return r.Fix(s).Text })
	}
	if errs != "" {
		if err := writeAside(errs, []byte(lost.String())); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(a.stdout, "%s\nClean passages beside misread ones that were changed: %d.\n", t.Table(), t.Spoilt)
	return err
}
