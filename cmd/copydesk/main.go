// Command copydesk repairs text that scraping, conversion or transcription has
// damaged, and logs every change it made.
package main

import (
	"fmt"
	"io"
	"os"

	"copydesk/repair"

	"github.com/spf13/cobra"
)

// commands lists every subcommand: one line each.
var commands = []func(*app) *cobra.Command{
	newApplyCommand,
	newAuditCommand,
	newCheckCommand,
	newCorpusCommand,
	newDamageCommand,
	newDiffRunsCommand,
	newExplainCommand,
	newExportCommand,
	newFixCommand,
	newImportCommand,
	newLSPCommand,
	newManCommand,
	newMapCommand,
	newReportCommand,
	newRevertCommand,
	newReviewCommand,
	newRulesCommand,
	newRunCommand,
	newScoreCommand,
	newServeCommand,
	newTrainCommand,
	newVerifyCommand,
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "copydesk",
		Short:         "Repair text that scraping damaged, and show every change",
		Version:       repair.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	for _, c := range commands {
		root.AddCommand(c(a))
	}
	completeValues(root)
	// Commands that report as they go have a --quiet of their own.
	root.PersistentFlags().BoolP("quiet", "q", false, "say nothing but errors")
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) {
		if f := cmd.InheritedFlags().Lookup("quiet"); f != nil && f.Changed && f.Value.String() == "true" {
			a.stderr = io.Discard
		}
	}
	root.DisableSuggestions = true // suggest names them, for commands and flags alike
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return suggestFlag(cmd, err) })
	return root
}

func run(args []string, a *app) int {
	errs := a.stderr
	root := newRoot(a)
	root.SetArgs(args)
	cmd, err := root.ExecuteC()
	err = suggestArgs(cmd, suggestCommand(cmd, err))
	if err != nil && err.Error() != "" {
		fmt.Fprintf(errs, "copydesk: %v\n", err)
	}
	return exitCode(err)
}

func main() {
	os.Exit(run(os.Args[1:], &app{os.Stdin, os.Stdout, os.Stderr}))
}
