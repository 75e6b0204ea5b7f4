package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"copydesk/cmd/internal/exchange"

	"github.com/spf13/cobra"
)

func newExportCommand(a *app) *cobra.Command {
	var f exchangeFlags
	var kind, out string
	c := &cobra.Command{
		Use:   "export --format FORMAT --log LOG --docs FILE... [-o OUT] | export --format decisions|words STORE",
		Short: "Write edits for other programs: Word, CriticMarkup, TEI, diff, SARIF, reviewdog, LSP",
		Long: `Write the edits of a log, in their text, for other programs:

  docx       Word and LibreOffice: tracked changes, the reason as a comment
  critic     CriticMarkup
  tei        TEI P5: choice, sic and corr
  diff       unified diff of what apply would write
  sarif      SARIF 2.1.0
  rdjson     reviewdog
  lsp        a line a document: what a language server publishes (uri, diagnostics; lines and
             UTF-16 characters from 0), each diagnostic with its edits in data
  decisions  from a review store: what apply reads
  words      from a review store: the project's dictionary, for fix --words

docx, critic and tei make a file for each document: with several, -o names a folder.
copydesk import reads them, and sarif, back. Edits that people rejected stay out.`,
		Example: `  copydesk export --format docx --log log.jsonl --docs article.txt -o article.docx
  copydesk export --format tei --log log.jsonl.zst --docs articles.jsonl -o tei/
  copydesk export --format decisions log.review.db -o decisions.jsonl`,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.export(&f, kind, out, args); err != nil {
				return asUsage(err)
			}
			return nil
		},
	}
	f.register(c)
	c.Flags().StringVar(&kind, "format", "", "docx, critic, tei, diff, sarif, rdjson, lsp, decisions or words")
	c.Flags().StringVarP(&out, "output", "o", "-", "where it goes, a folder for many documents; - is standard output")
	return c
}

func (a *app) export(f *exchangeFlags, kind, out string, args []string) error {
	switch kind {
	case "":
		return errors.New("name the format with --format: docx, critic, tei, diff, sarif, rdjson, lsp, decisions or words")
	case "decisions", "words":
		return a.exportStore(kind, out, args)
	}
	if len(args) > 0 {
		return fmt.Errorf("%s: the documents are named with --docs, the log with --log", args[0])
	}
	format, err := exchangeFormat(kind)
	if err != nil {
		return err
	}
	if format.Ext != "" {
		return a.exportFiles(f, format, out)
	}
	if strings.HasSuffix(out, "/") {
		return fmt.Errorf("-o %s: %s is one file for all documents: name it", out, kind)
	}
	w, err := a.create(out)
	if err != nil {
		return err
	}
	if format.Begin != nil {
		err = format.Begin(w)
	}
	if err == nil {
		err = a.eachArticle(f, func(art *exchange.Article) error { return format.Write(w, art) })
	}
	if err == nil && format.End != nil {
		err = format.End(w)
	}
	if err != nil {
		w.drop()
		return err
	}
	return w.keep()
}

// exportFiles writes a file for each article: to the one file that -o names, or
// into the folder.
func (a *app) exportFiles(f *exchangeFlags, format *exchange.Format, out string) error {
	st, err := os.Stat(out)
	folder := strings.HasSuffix(out, "/") || err == nil && st.IsDir()
	n := 0
	err = a.eachArticle(f, func(art *exchange.Article) error {
		if len(art.Marks) == 0 {
			return nil
		}
		n++
		path := out
		if folder {
			if err := os.MkdirAll(out, 0o755); err != nil {
				return err
			}
			path = filepath.Join(out, fileName(art, n)+format.Ext)
		} else if n > 1 {
			return fmt.Errorf("there are several documents: name a folder with -o DIR/")
		}
		w, err := a.create(path)
		if err != nil {
			return err
		}
		if err := format.Write(w, art); err != nil {
			w.drop()
			return err
		}
		return w.keep()
	})
	if err == nil && n == 0 {
		return errors.New("no edit of the log is to be written: lower --tier or --min-conf")
	}
	return err
}

// fileName is a safe name for an article's file: its number, and what its own
// name has of letters and digits.
func fileName(a *exchange.Article, n int) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, a.Doc)
	name = strings.Trim(name[max(0, len(name)-60):], "-")
	return fmt.Sprintf("%06d-%s", n, name)
}

func (a *app) exportStore(kind, out string, args []string) error {
	if len(args) != 1 || !strings.HasSuffix(args[0], ".db") {
		return fmt.Errorf("--format %s takes one review store: copydesk export --format %s LOG.review.db", kind, kind)
	}
	f := &reviewFlags{quiet: true}
	s, err := a.openStore(context.Background(), f, args)
	if err != nil {
		return err
	}
	defer s.Close()
	if kind == "decisions" {
		return a.writeDecisions(s, out)
	}
	w, err := a.create(out)
	if err != nil {
		return err
	}
	for _, word := range s.Words() {
		if _, err := fmt.Fprintln(w, word.Word); err != nil {
			w.drop()
			return err
		}
	}
	return w.keep()
}
