package main

import (
	"fmt"
	"slices"
	"strings"

	"copydesk/repair/detect"
	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

func newRulesDocs(a *app, f *rulesFlags) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Write the page of all rules in Markdown: docs/rules.md",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			all, _, err := f.list()
			if err != nil {
				return err
			}
			page := rulesPage(all)
			if out == "" {
				_, err := fmt.Fprint(a.stdout, page)
				return err
			}
			if err := writeAside(out, []byte(page)); err != nil {
				return usageError(err)
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write the page there")
	return cmd
}

// familyDocs says what each family repairs.
var familyDocs = map[string]string{
	"characters":  "Text that was read in the wrong charset, entities, invisible and control characters.",
	"spacing":     "White space missing or too much beside marks; changes nothing but white space.",
	"merged":      "Words that lost the space between them; changes nothing but white space.",
	"split":       "Words torn apart by a space; changes nothing but white space.",
	"hyphen":      "Hyphens of line ends that stayed inside words.",
	"possessive":  "Possessives that lost or misplaced their apostrophe.",
	"contraction": "Contractions that lost their apostrophe.",
	"break":       "Sentences and paragraphs cut or glued in the wrong place.",
	"order":       "Clauses out of order.",
	"quote":       "Quotation marks that were lost.",
	"dash":        "Dashes that were lost.",
	"duplicate":   "Words that stand twice.",
	"boilerplate": "What the page put around and into the article.",
	"ocr":         "Letters that a scanner misread.",
	"case":        "Capitals in the wrong place.",
}

// rulesPage is docs/rules.md.
func rulesPage(all []detect.Detector) string {
	var b strings.Builder
	fmt.Fprint(&b, `# Rules

Written by `+"`copydesk rules docs -o docs/rules.md`"+` from the rules themselves; a test fails when it is stale.
Detectors, in Go, weigh what they see case by case; rule files (rules/en/patterns) state how often they are right.
To write one: [writing-rules.md](writing-rules.md). In examples ⏎ is a line end.
`)
	for _, family := range edit.Families {
		var list []ruleInfo
		for _, d := range all {
			if edit.Family(d.ID) == family {
				list = append(list, infoOf(d))
			}
		}
		if len(list) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", family, familyDocs[family])
		for _, i := range list {
			rulesEntry(&b, i)
		}
	}
	return b.String()
}

func rulesEntry(b *strings.Builder, i ruleInfo) {
	fmt.Fprintf(b, "\n### %s\n\n%s\n\n", i.ID, strings.Join(slices.Compact([]string{strings.ReplaceAll(i.Why, "\n", " "), strings.ReplaceAll(i.Doc, "\n", " ")}), " "))
	if i.Kind == "file" {
		fmt.Fprintf(b, "Rule file, tier %s, confidence %v, looks at: %s.", i.Tier, i.Confidence, i.Where)
		if len(i.Sources) > 0 {
			fmt.Fprintf(b, " Only for %s.", strings.Join(i.Sources, ", "))
		}
		b.WriteString("\n\n")
	}
	for n, e := range i.Fix {
		fmt.Fprintf(b, "- fixes %s into %s%s\n", code(e.In), code(e.Out), needs(i.FixWith, n))
	}
	for n, k := range i.Keep {
		fmt.Fprintf(b, "- keeps %s%s\n", code(k), needs(i.KeepWith, n))
	}
}

// code is a text as Markdown shows it in one line, whatever it holds.
func code(s string) string {
	s = visible(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	pad := ""
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.TrimSpace(s) != s {
		pad = " "
	}
	return fence + pad + s + pad + fence
}
