package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manDate stands in every page, so that the same sources give the same pages.
var manDate = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

func newManCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "man DIR",
		Short: "Write manual pages",
		Long:  "Write manual pages, one a command, into a folder: man -l DIR/copydesk-fix.1",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return usageError(err)
			}
			return asUsage(manPages(cmd.Root(), args[0]))
		},
	}
}

func manPages(c *cobra.Command, dir string) error {
	var b bytes.Buffer
	name := strings.ReplaceAll(c.CommandPath(), " ", "-")
	head := &doc.GenManHeader{Title: strings.ToUpper(name), Section: "1", Date: &manDate, Source: "copydesk"}
	c.DisableAutoGenTag = true
	if err := doc.GenMan(c, head, &b); err != nil {
		return err
	}
	if err := writeAside(filepath.Join(dir, name+".1"), b.Bytes()); err != nil {
		return err
	}
	for _, sub := range documented(c) {
		if err := manPages(sub, dir); err != nil {
			return err
		}
	}
	return nil
}

// documented lists the subcommands that have a page.
func documented(c *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "completion" {
			out = append(out, sub)
		}
	}
	return out
}

// reference is docs/cli.md: every command's help, as it prints itself.
func reference(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Commands\n\nWritten by `go test ./cmd/copydesk -run TestReference -update` from the commands themselves.\n" +
		"`copydesk man DIR` writes the same as manual pages; `copydesk completion bash|zsh|fish|powershell` completes commands and flags.\n")
	var write func(c *cobra.Command)
	write = func(c *cobra.Command) {
		fmt.Fprintf(&b, "\n## %s\n\n", c.CommandPath())
		text := c.Long
		if text == "" {
			text = c.Short
		}
		fmt.Fprintf(&b, "```\n%s\n\n%s\n```\n", strings.TrimSpace(text), strings.TrimSpace(c.UsageString()))
		for _, sub := range documented(c) {
			write(sub)
		}
	}
	for _, c := range documented(root) {
		write(c)
	}
	return b.String()
}
