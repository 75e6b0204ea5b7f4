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
plain text, one file a language.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := scoreCharacters(a, args[0], most, errs); err != nil {
				return usageError(err)
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&most, "most", 40, "passages of each language, spread over its file")
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
		t.Add(passagesOf(string(b), most), uint64(i), func(s string) string { return r.Fix(s).Text })
	}
	if errs != "" {
		if err := writeAside(errs, []byte(lost.String())); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(a.stdout, "%s\nClean passages beside misread ones that were changed: %d.\n", t.Table(), t.Spoilt)
	return err
}

// passagesOf takes at most n lines of a text, evenly spread, of those that are
// of a passage's length.
func passagesOf(s string, n int) []string {
	const shortest, longest = 20, 2000 // bytes
	var all []string
	for l := range strings.Lines(s) {
		l = strings.TrimSpace(l)
		if len(l) >= shortest && len(l) <= longest && notASCII(l) {
			all = append(all, l)
		}
	}
	if len(all) <= n {
		return all
	}
	out := make([]string, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}

func notASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) >= 0
}
