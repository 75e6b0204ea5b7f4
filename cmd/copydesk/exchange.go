package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"copydesk/cmd/internal/exchange"
	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

// exchangeFlags are what export and import share.
type exchangeFlags struct {
	log, decisions, tier string
	format               string // of the documents
	docs                 []string
	min                  float64
}

func (f *exchangeFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.log, "log", "", "the log of the run; compression is told by content")
	c.Flags().StringArrayVar(&f.docs, "docs", nil, "the documents that fix read, in the same order; may be given several times")
	c.Flags().StringVar(&f.format, "docs-format", "auto", "how the documents are written: "+strings.Join(formats, ", "))
	c.Flags().StringVar(&f.decisions, "decisions", "", "what people decided so far, as JSON Lines")
	c.Flags().StringVar(&f.tier, "tier", "review", "the least trusted tier that is written: safe, review or hint")
	c.Flags().Float64Var(&f.min, "min-conf", 0, "write nothing below this confidence, 0 to 1")
}

// eachArticle cuts every document of the log at its edits.
func (a *app) eachArticle(f *exchangeFlags, do func(*exchange.Article) error) error {
	if f.log == "" || len(f.docs) == 0 {
		return errors.New("give the log with --log FILE and the documents with --docs FILE")
	}
	tier, err := edit.ParseTier(f.tier)
	if err != nil {
		return err
	}
	var said edit.Verdicts
	if f.decisions != "" {
		if said, err = a.readDecisions(f.decisions); err != nil {
			return err
		}
	}
	r := &replay{a: a, f: &replayFlags{log: f.log, format: f.format}}
	r.do = func(rec *record) ([]byte, error) {
		parsed, err := rec.format.Parse(rec.raw)
		if err != nil && len(parsed.Texts) == 0 {
			return rec.raw, err
		}
		for _, d := range rec.docs {
			for i := range parsed.Texts {
				if parsed.Texts[i].Field != d.Field {
					continue
				}
				art, err := exchange.Cut(parsed.Texts[i].Text, d, said, exchange.Options{Tier: tier, Min: f.min})
				if err != nil {
					return nil, err
				}
				if err := do(art); err != nil {
					return nil, err
				}
			}
		}
		return rec.raw, nil
	}
	if r.log, err = a.openLog(f.log); err != nil {
		return err
	}
	defer r.log.in.Close()
	for _, name := range f.docs {
		if err := r.file(name, func(*input) (io.Writer, error) { return nil, nil }); err != nil {
			return err
		}
	}
	return r.finish()
}

// exchangeFormat finds a format by its name.
func exchangeFormat(name string) (*exchange.Format, error) {
	var names []string
	for _, f := range exchange.Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return nil, fmt.Errorf("unknown format %q: use %s", name, strings.Join(names, ", "))
}
