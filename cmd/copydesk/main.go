// Command copydesk repairs text that scraping, conversion or transcription has
// damaged, and logs every change it made.
package main

import (
	"fmt"
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
	root.DisableSuggestions = true // suggest names them, for commands and flags alike
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return suggestFlag(cmd, err) })
	return root
}

func run(args []string, a *app) int {
	root := newRoot(a)
	root.SetArgs(args)
	cmd, err := root.ExecuteC()
	err = suggestArgs(cmd, suggestCommand(cmd, err))
	if err != nil && err.Error() != "" {
		fmt.Fprintf(a.stderr, "copydesk: %v\n", err)
	}
	return exitCode(err)
}

func main() {
	os.Exit(run(os.Args[1:], &app{os.Stdin, os.Stdout, os.Stderr}))
}
