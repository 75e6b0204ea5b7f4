package main

import (
	"copydesk/repair/edit"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// values lists what the flags of one name take, for shells to complete. Where
// commands differ, the command's path stands before the flag.
var values = map[string][]string{
	"copydesk damage --format": {"auto", "text", "jsonl"},
	"copydesk export --format": {"docx", "critic", "tei", "diff", "sarif", "rdjson", "lsp", "decisions", "words"},
	"copydesk export --tier":   {"safe", "review", "hint"},
	"copydesk import --tier":   {"safe", "review", "hint"},
	"copydesk map --format":    {"auto", "spans", "spacy", "w3c", "brat"},
	"copydesk review --tier":   {"safe", "review", "hint"},
	"copydesk review --format": {"auto", "text", "jsonl"},
	"copydesk serve --format":  {"auto", "text", "jsonl"},
	"--compress":               {"auto", "none", "gz", "zst"},
	"--direction":              {"raw2clean", "clean2raw"},
	"--docs-format":            formats,
	"--family":                 edit.Families,
	"--format":                 formats,
	"--match":                  {"order", "id"},
	"--offsets":                {"+utf16"},
	"--profile":                {"archive", "nlp", "publish"},
	"--rules":                  edit.Families,
	"--straddle":               {"expand", "shrink", "drop", "error"},
	"--tier":                   {"safe", "review"},
	"--units":                  {"cp", "bytes", "utf16"},
}

// completeValues lets shells complete the values of the flags of a command and
// of all below it.
func completeValues(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		list := values[cmd.CommandPath()+" --"+f.Name]
		if list == nil {
			list = values["--"+f.Name]
		}
		if list != nil {
			// It fails only where a function is registered already, which none is.
			_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp))
		}
	})
	for _, sub := range cmd.Commands() {
		completeValues(sub)
	}
}
