package main

import (
	"fmt"
	"strings"

	"copydesk/rules"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// suggestCommand adds to an error about an unknown subcommand the one that was
// meant.
func suggestCommand(cmd *cobra.Command, err error) error {
	if err == nil || !strings.HasPrefix(err.Error(), "unknown command ") {
		return err
	}
	parts := strings.SplitN(err.Error(), `"`, 3)
	if len(parts) < 3 {
		return err
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	if n := rules.Nearest(parts[1], names); n != "" {
		return usageError(fmt.Errorf("unknown command %q for %q: did you mean %s?", parts[1], cmd.CommandPath(), n))
	}
	return usageError(fmt.Errorf("unknown command %q for %q: there are %s", parts[1], cmd.CommandPath(), strings.Join(names, ", ")))
}

// suggestFlag adds to an error about an unknown flag the one that was meant.
func suggestFlag(cmd *cobra.Command, err error) error {
	name, ok := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !ok {
		return usageError(err)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if n := rules.Nearest(name, names); n != "" {
		return usageError(fmt.Errorf("unknown flag --%s: did you mean --%s?", name, n))
	}
	return usageError(fmt.Errorf("unknown flag --%s: %s --help lists them", name, cmd.CommandPath()))
}
