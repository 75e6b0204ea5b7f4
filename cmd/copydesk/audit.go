package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"copydesk/cmd/internal/review"

	"github.com/spf13/cobra"
)

// auditFlags choose which decisions are told.
type auditFlags struct {
	by, rule, doc, edit string
	asJSON, quiet       bool
}

func newAuditCommand(a *app) *cobra.Command {
	var f auditFlags
	c := &cobra.Command{
		Use:   "audit DECISIONS|STORE",
		Short: "Say who decided what, and prove that no decision was changed or taken out",
		Long: `Say who decided what, when and on what ground, from a decisions file or a review store.
The rows are a chain: each holds the SHA-256 of the one before, so a changed, moved or
missing row is found; the exit code is then 1. Each row can be taken back: in serve or
review, press U. --doc and --rule need a store.`,
		Example: `  copydesk audit log.decisions.jsonl --by ana
  copydesk audit log.review.db --doc https://news.example/1`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.audit(&f, args[0])
		},
	}
	c.Flags().StringVar(&f.by, "by", "", "only decisions of this person")
	c.Flags().StringVar(&f.rule, "rule", "", "only decisions on edits of this rule")
	c.Flags().StringVar(&f.doc, "doc", "", "only decisions on edits of this document")
	c.Flags().StringVar(&f.edit, "edit", "", "only decisions on the edit with this id")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print the rows as they are")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "say nothing but the rows and errors")
	return c
}

func (a *app) audit(f *auditFlags, name string) error {
	var rows bytes.Buffer
	var only map[string]bool // ids; nil for all
	if strings.HasSuffix(name, ".db") {
		s, err := a.openStore(context.Background(), &reviewFlags{quiet: true}, []string{name})
		if err != nil {
			return usageError(err)
		}
		defer s.Close()
		if only, err = f.ids(s); err != nil {
			return usageError(err)
		}
		if err := s.Export(&rows); err != nil {
			return usageError(err)
		}
	} else {
		if f.rule != "" || f.doc != "" {
			return usageError(errors.New("--rule and --doc need a review store: a decisions file knows only ids"))
		}
		in, err := a.open(name)
		if err != nil {
			return usageError(err)
		}
		defer in.Close()
		if _, err := rows.ReadFrom(in); err != nil {
			return usageError(err)
		}
	}
	n, broken := review.VerifyDecisions(bytes.NewReader(rows.Bytes()))
	if broken != nil {
		return &exitError{exitFindings, fmt.Errorf("%s: the chain is broken after %d rows: %w", name, n-1, broken)}
	}
	if err := f.print(a.stdout, rows.Bytes(), only); err != nil {
		return usageError(err)
	}
	if !f.quiet {
		fmt.Fprintf(a.stderr, "%s: %d decisions, the chain is whole\n", name, n)
	}
	return nil
}

// ids are the edits that the flags name; nil for all.
func (f *auditFlags) ids(s *review.Store) (map[string]bool, error) {
	if f.rule == "" && f.doc == "" {
		return nil, nil
	}
	filter := review.Filter{}
	if f.rule != "" {
		filter.Rule = []string{f.rule}
	}
	if f.doc != "" {
		filter.Doc = &f.doc
	}
	list, err := s.IDs(filter)
	only := make(map[string]bool, len(list))
	for _, id := range list {
		only[id] = true
	}
	return only, err
}

func (f *auditFlags) print(w io.Writer, lines []byte, only map[string]bool) error {
	for line := range bytes.Lines(lines) {
		var r review.Row
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		about := only == nil || slices.ContainsFunc(r.IDs, func(id string) bool { return only[id] })
		if !about || f.by != "" && r.By != f.by || f.edit != "" && !slices.Contains(r.IDs, f.edit) {
			continue
		}
		if f.asJSON {
			if _, err := w.Write(line); err != nil {
				return err
			}
			continue
		}
		what, on := r.Act, fmt.Sprintf("%d edits", len(r.IDs))
		if r.Of != nil {
			what, on = fmt.Sprintf("undo of %d", *r.Of), ""
		}
		if len(r.IDs) == 1 {
			on = "1 edit " + r.IDs[0]
		}
		at, _, _ := strings.Cut(r.At, ".")
		ground := []string{}
		if r.Basis != "" {
			ground = append(ground, r.Basis)
		}
		if r.Sample != nil {
			ground = append(ground, fmt.Sprintf("%d of %d seen, %d wrong: ≥ %.4g %% right", r.Sample.N, r.Sample.Of, r.Sample.Wrong, 100*r.Sample.Bound))
		}
		if r.Never != nil {
			ground = append(ground, "never again: "+r.Never.Scope)
		}
		if r.Vote != "" {
			ground = append(ground, "says "+r.Vote)
		}
		if r.After != nil {
			ground = append(ground, fmt.Sprintf("reads %q", *r.After))
		}
		for _, s := range []string{r.Reason, r.Note, r.From} {
			if s != "" {
				ground = append(ground, s)
			}
		}
		if _, err := fmt.Fprintf(w, "%6d  %s  %-12s %-12s %s  %s\n", r.Seq, at, visible(r.By), what, on, visible(strings.Join(ground, "; "))); err != nil {
			return err
		}
	}
	return nil
}
