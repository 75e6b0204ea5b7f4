package main

import (
	"io"

	"copydesk/cmd/internal/lsp"
	"copydesk/repair"

	"github.com/spf13/cobra"
)

func newLSPCommand(a *app) *cobra.Command {
	var f fixFlags
	c := &cobra.Command{
		Use:   "lsp",
		Short: "Language server over standard input and output, for editors",
		Long: `Language server over standard input and output. What copydesk would change in an open
text shows as a diagnostic, with its reasons; quick fixes make the repair or an alternative,
or silence it: this edit, this document, everywhere, or the whole rule, until the server ends.
The action source.fixAll.copydesk makes what is safe. Positions count UTF-16 units, or bytes
where the editor offers utf-8.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			r, err := repair.New(o)
			if err != nil {
				return usageError(err)
			}
			ctx, stop := interruptible()
			defer stop()
			(&lsp.Server{Fix: r.Fix}).Run(ctx, stdio{a.stdin, a.stdout})
			return nil
		},
	}
	f.register(c)
	for _, name := range []string{"format", "field", "id", "log", "log-all", "offsets", "jobs", "quiet", "verbose", "json", "exit-code"} {
		_ = c.Flags().MarkHidden(name) // they speak of files; a missing one is nothing to hide
	}
	return c
}

// stdio is standard input and output as one stream.
type stdio struct {
	io.Reader
	io.Writer
}

func (stdio) Close() error { return nil }
