package main

import (
	"errors"
	"fmt"
	"regexp"
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
	if names == nil {
		return usageError(fmt.Errorf("%s takes no %q; usage: %s", cmd.CommandPath(), parts[1], cmd.UseLine()))
	}
	if n := rules.Nearest(parts[1], names); n != "" {
		return usageError(fmt.Errorf("unknown command %q for %q: did you mean %s?", parts[1], cmd.CommandPath(), n))
	}
	return usageError(fmt.Errorf("unknown command %q for %q: there are %s", parts[1], cmd.CommandPath(), strings.Join(names, ", ")))
}

// suggestFlag adds to an error about an unknown flag the one that was meant.
func suggestFlag(cmd *cobra.Command, err error) error {
	name, ok := strings.CutPrefix(err.Error(), "unknown flag: --")
	switch {
	case ok:
	case strings.HasPrefix(err.Error(), "unknown shorthand flag"):
		return usageError(fmt.Errorf("%w: %s --help lists them", err, cmd.CommandPath()))
	default:
		return usageError(errors.New(numberWanted(err.Error())))
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if n := rules.Nearest(name, names); n != "" {
		return usageError(fmt.Errorf("unknown flag --%s: did you mean --%s?", name, n))
	}
	return usageError(fmt.Errorf("unknown flag --%s: %s --help lists them", name, cmd.CommandPath()))
}

// conversion is how Go's conversions name what they could not read.
var conversion = regexp.MustCompile(`(?:strconv\.(Parse\w+): parsing "[^"]*": .*|time: (?:invalid|unknown|missing).*)$`)

// numberWanted says what a flag's value must be, where only the name of a
// function of Go's stands.
func numberWanted(s string) string {
	m := conversion.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	want := map[string]string{
		"ParseInt": "a whole number", "ParseUint": "a whole number from 0 up", "ParseFloat": "a number, such as 0.98", "ParseBool": "true or false",
	}[m[1]]
	if want == "" {
		want = "a time, such as 90s or 2m"
	}
	return conversion.ReplaceAllLiteralString(s, "give "+want)
}

// suggestArgs says what a command takes, where cobra counts only.
func suggestArgs(cmd *cobra.Command, err error) error {
	if err == nil || !strings.Contains(err.Error(), "arg(s), ") {
		return err
	}
	return usageError(fmt.Errorf("%w; usage: %s", err, strings.TrimSuffix(cmd.UseLine(), " [flags]")))
}
