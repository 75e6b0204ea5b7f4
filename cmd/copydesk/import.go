package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"copydesk/cmd/internal/exchange"
	"copydesk/repair/edit"

	"github.com/spf13/cobra"
)

// maxImport is the largest file that import reads, in bytes.
const maxImport = 256 << 20

func newImportCommand(a *app) *cobra.Command {
	var f exchangeFlags
	var out, by, store string
	var asJSON bool
	c := &cobra.Command{
		Use:   "import FILE... --log LOG --docs FILE... [-o DECISIONS] [--store STORE]",
		Short: "Read people's answers back from Word, CriticMarkup, TEI or SARIF files",
		Long: `Read answers back from files that copydesk export wrote and people worked on. A change
that still stands is undecided; where it is gone, the new text means accepted, the old one
rejected, another one changed. Where the text around it changed too, no answer is taken,
and the edit is named.

The flags --tier, --min-conf and --decisions must be those of the export. The decisions go
to -o, for apply, or into a review store, where an answer that differs from another
person's becomes a conflict. A file of decisions (.jsonl) goes into a store likewise.`,
		Example: `  copydesk import article.docx --log log.jsonl --docs article.txt -o decisions.jsonl
  copydesk import ben.jsonl --store log.review.db`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if by == "" {
				by = (&reviewFlags{}).person()
			}
			said, err := a.importAnswers(&f, out, by, store, args)
			switch {
			case err != nil:
				return asUsage(err)
			case asJSON:
				return asUsage(writeJSON(a.stderr, said))
			}
			fmt.Fprintln(a.stderr, said)
			return nil
		},
	}
	f.register(c)
	c.Flags().StringVarP(&out, "output", "o", "-", "where the decisions go; - is standard output")
	c.Flags().StringVar(&by, "by", "", "whose answers these are (default: the name of the user of this machine)")
	c.Flags().StringVar(&store, "store", "", "put the decisions into this review store")
	c.Flags().BoolVar(&asJSON, "json", false, "report counts as JSON on standard error")
	return c
}

// imported is what import reports; of a store only the later half is told.
type imported struct {
	Answers   int  `json:"answers"`
	Files     int  `json:"files"`
	Store     bool `json:"-"`
	New       int  `json:"new,omitempty"`
	Same      int  `json:"same,omitempty"`
	Conflicts int  `json:"conflicts,omitempty"`
	Unknown   int  `json:"unknown,omitempty"`
}

func (i imported) String() string {
	s := fmt.Sprintf("%d answers read from %d files", i.Answers, i.Files)
	if i.Store {
		s += fmt.Sprintf("\n%d decisions new, %d the same as here, %d in conflict, %d on edits that are not in the store", i.New, i.Same, i.Conflicts, i.Unknown)
	}
	return s
}

func (a *app) importAnswers(f *exchangeFlags, out, by, store string, files []string) (said imported, err error) {
	var buf bytes.Buffer
	if len(files) == 1 && strings.HasSuffix(files[0], ".jsonl") {
		if store == "" {
			return said, errors.New("decisions are imported into a store: give --store FILE")
		}
		in, err := a.open(files[0])
		if err != nil {
			return said, err
		}
		defer in.Close()
		if _, err := buf.ReadFrom(in); err != nil {
			return said, err
		}
		said.Files, said.Answers = 1, bytes.Count(buf.Bytes(), []byte("\n"))
		return a.intoStore(said, store, by, filepath.Base(files[0]), &buf)
	}
	answers, n, err := a.readAnswers(f, files)
	if err != nil {
		return said, err
	}
	said.Files, said.Answers = n, len(answers)
	for i, an := range answers {
		d := edit.Decision{Seq: i + 1, By: by, Act: an.Act, IDs: []string{an.ID}, After: an.After, Basis: "seen"}
		if err := edit.WriteDecision(&buf, d); err != nil {
			return said, err
		}
	}
	if store != "" {
		return a.intoStore(said, store, by, filepath.Base(files[0]), &buf)
	}
	w, err := a.create(out)
	if err != nil {
		return said, err
	}
	if _, err := w.Write(buf.Bytes()); err != nil {
		w.drop()
		return said, err
	}
	return said, w.keep()
}

func (a *app) intoStore(said imported, store, by, from string, r io.Reader) (imported, error) {
	s, err := a.openStore(context.Background(), &reviewFlags{store: store, quiet: true}, nil)
	if err != nil {
		return said, err
	}
	defer s.Close()
	im, err := s.ImportDecisions(context.Background(), r, by, from)
	said.Store, said.New, said.Same, said.Conflicts, said.Unknown = true, im.New, im.Same, im.Conflicts, im.Unknown
	return said, err
}

// back is a file that came back, and how its format reads.
type back struct {
	name string
	*exchange.Returned
	plain func(string) string
	used  bool
}

// readAnswers reads files and folders of files, and matches them to the documents
// by the hash that each carries; n is the number of files.
func (a *app) readAnswers(f *exchangeFlags, files []string) (out []exchange.Answer, n int, err error) {
	var backs []*back
	for _, name := range files {
		err := filepath.WalkDir(name, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := readReturned(path)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			backs = append(backs, b)
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	byHash := map[string][]*back{}
	for _, b := range backs {
		if len(b.Said) > 0 || b.SrcHash == "" {
			out = append(out, b.Said...)
			b.used = true
			continue
		}
		byHash[b.SrcHash] = append(byHash[b.SrcHash], b)
	}
	if len(byHash) > 0 {
		lost := 0
		err := a.eachArticle(f, func(art *exchange.Article) error {
			for _, b := range byHash[art.SrcHash] {
				b.used = true
				answers, gone := exchange.Answers(art, b.Returned, b.plain)
				out = append(out, answers...)
				for _, l := range gone {
					lost++
					fmt.Fprintf(a.stderr, "%s: edit %s: no answer taken: %s\n", visible(b.name), l.ID, l.Why)
				}
			}
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
		if lost > 0 {
			fmt.Fprintf(a.stderr, "%d edits without an answer that could be read\n", lost)
		}
	}
	for _, b := range backs {
		if !b.used {
			return nil, 0, fmt.Errorf("%s belongs to a document that --docs does not have", visible(b.name))
		}
	}
	return out, len(backs), nil
}

func readReturned(path string) (*back, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.Size() > maxImport {
		return nil, fmt.Errorf("larger than %d bytes", int64(maxImport))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	kind := "critic"
	switch head := bytes.TrimSpace(data[:min(len(data), 4096)]); {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		kind = "docx"
	case bytes.HasPrefix(head, []byte("<")):
		kind = "tei"
	case bytes.HasPrefix(head, []byte("{")) && bytes.Contains(head, []byte("sarif")):
		kind = "sarif"
	}
	format, err := exchangeFormat(kind)
	if err != nil {
		return nil, err
	}
	r, err := format.Read(data)
	if err != nil {
		return nil, err
	}
	return &back{path, r, format.Plain, false}, nil
}
