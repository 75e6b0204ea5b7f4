package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"copydesk/repair/lm"
	"copydesk/repair/text"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/spf13/cobra"
)

func newTrainCommand(a *app) *cobra.Command {
	var out, lexicon string
	var words []string
	cmd := &cobra.Command{
		Use:   "train -o MODEL FILE...",
		Short: "Build the lexicon and the language model from plain text",
		Long: `Build the lexicon and the language model from plain text: one paragraph a
line, documents separated by a blank line. Files may be compressed with gzip or
zstd. One document in twenty-five, by its content, is kept out of the model so
that calibration and tests can use it.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			b := lm.NewBuilder()
			for _, w := range words {
				if err := wordList(b, w, lm.Dict); err != nil {
					return usageError(err)
				}
			}
			if lexicon != "" {
				if err := curated(b, lexicon); err != nil {
					return usageError(err)
				}
			}
			for _, f := range files {
				n, err := trainFile(b, f)
				if err != nil {
					return usageError(err)
				}
				fmt.Fprintf(a.stderr, "%s: %d documents\n", filepath.Base(f), n)
			}
			data, st, err := b.Build(func(step string) { fmt.Fprintln(a.stderr, step) })
			if err != nil {
				return usageError(err)
			}
			fmt.Fprintf(a.stderr, "%d tokens, %d types, %d known words, %d pairs, %d triples, %d spelling grams; bytes %v\n",
				st.Tokens, st.Types, st.Known, st.Pairs, st.Triples, st.Grams, st.Bytes)
			return writeAside(out, data)
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "the model file to write")
	cmd.Flags().StringVar(&lexicon, "lexicon", "", "folder of curated lists (harper, names, typos, google-books-ngram-frequency)")
	cmd.Flags().StringArrayVar(&words, "words", nil, "a plain word list, one word a line; repeatable")
	_ = cmd.MarkFlagRequired("output")
	cmd.AddCommand(newCalibrateCommand(a), newDiagnosisCommand(a), newTrainBoundaryCommand(a), newTrainClassesCommand(a), newTrainEntitiesCommand(a), newTrainGapsCommand(a), newTrainGapNetCommand(a), newTrainSpacingCommand(a), newTrainEvaluateCommand(a), newTrainFilterCommand(a), newTrainCharactersCommand(a))
	return cmd
}

// openPlain opens a file and undoes its compression, told by its first bytes.
func openPlain(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(f, 1<<20)
	head, _ := r.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("%s: looks like gzip but is not: %w", path, err)
		}
		return readCloser{z, f}, nil
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(1<<27), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return readCloser{z, f}, nil
	}
	return readCloser{r, f}, nil
}

type readCloser struct {
	io.Reader
	c io.Closer
}

func (r readCloser) Close() error { return r.c.Close() }

// plainDocuments calls f with each document of a file of plain text.
func plainDocuments(path string, f func(doc string) error) error {
	r, err := openPlain(path)
	if err != nil {
		return err
	}
	defer r.Close()
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 1<<20), 64<<20)
	var doc strings.Builder
	line := 0
	flush := func() error {
		if doc.Len() == 0 {
			return nil
		}
		s := doc.String()
		doc.Reset()
		return f(s)
	}
	for sc.Scan() {
		line++
		b := sc.Bytes()
		if !utf8.Valid(b) {
			return fmt.Errorf("%s:%d: not UTF-8: convert the file first, for example with iconv", path, line)
		}
		if bytes.IndexByte(b, 0) >= 0 {
			return fmt.Errorf("%s:%d: a NUL byte: this is not plain text", path, line)
		}
		if len(b) == 0 {
			if err := flush(); err != nil {
				return err
			}
			continue
		}
		doc.Write(b)
		doc.WriteByte('\n')
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w: put one paragraph on a line", path, line+1, err)
	}
	return flush()
}

func trainFile(b *lm.Builder, path string) (int, error) {
	n := 0
	d := new(text.Document)
	var tokens []string
	err := plainDocuments(path, func(doc string) error {
		if lm.HeldOut(doc) {
			return nil
		}
		n++
		b.Document()
		text.ParseInto(d, doc)
		for _, s := range d.Sentences {
			tokens = tokens[:0]
			for i := s.First; i < s.End; i++ {
				tokens = append(tokens, d.Str(int(i)))
			}
			b.Sentence(tokens)
		}
		return nil
	})
	if err == nil && n == 0 {
		err = fmt.Errorf("%s: no text in it", path)
	}
	return n, err
}

func eachLine(path string, f func(string)) error {
	r, err := openPlain(path)
	if err != nil {
		return err
	}
	defer r.Close()
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 1<<20), 16<<20)
	for sc.Scan() {
		f(strings.TrimSpace(strings.TrimPrefix(sc.Text(), "\ufeff")))
	}
	return sc.Err()
}

func wordList(b *lm.Builder, path string, f lm.Flags) error {
	return eachLine(path, func(w string) {
		w = strings.TrimSuffix(w, "'s")
		if len(w) > 2 && !strings.ContainsAny(w, " \t,") {
			b.List(w, f)
		}
	})
}

// curated reads the lists of a lexicon folder; a missing one is no error, none
// at all is.
func curated(b *lm.Builder, dir string) error {
	found := 0
	try := func(name string, f func(string)) error {
		p := filepath.Join(dir, name)
		if _, err := os.Stat(p); errors.Is(err, os.ErrNotExist) {
			return nil
		}
		found++
		return eachLine(p, f)
	}
	names := func(w string) {
		for _, p := range strings.FieldsFunc(w, func(r rune) bool { return r == ' ' || r == '-' }) {
			if len(p) > 2 {
				b.List(p, lm.Name)
			}
		}
	}
	err := errors.Join(
		try("harper/dictionary.dict.zst", func(l string) {
			w, flags, _ := strings.Cut(l, "/")
			if len(w) == 0 || strings.ContainsAny(w, " #") {
				return
			}
			for form, f := range harperForms(w, flags) {
				b.List(form, f|lm.Dict)
			}
		}),
		try("names/firstnames_all.txt.zst", names),
		try("names/surnames_all.txt.zst", names),
		try("google-books-ngram-frequency/1grams_english.csv.zst", func(l string) {
			if w, _, ok := strings.Cut(l, ","); ok && len(w) > 2 {
				b.List(w, lm.Known)
			}
		}),
		try("typos/words.csv.zst", func(l string) {
			if rec, err := csv.NewReader(strings.NewReader(l)).Read(); err == nil && len(rec) > 1 {
				b.List(rec[0], lm.Misspelt)
			}
		}),
	)
	if err == nil && found == 0 {
		err = fmt.Errorf("%s: none of the known lists is there", dir)
	}
	return err
}

// harperForms expands a dictionary entry's inflections: plurals, -ed, -ing and
// the like, with what part of speech they are.
func harperForms(w, flags string) map[string]lm.Flags {
	out := map[string]lm.Flags{}
	var base lm.Flags
	if strings.ContainsAny(flags, "NOg") {
		base |= lm.Noun
	}
	if strings.Contains(flags, "V") {
		base |= lm.Verb
	}
	if strings.Contains(flags, "J") {
		base |= lm.Adj
	}
	out[w] = base
	n := len(w)
	if n < 2 {
		return out
	}
	last, before := w[n-1], w[n-2]
	vowel := func(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }
	consonantY := last == 'y' && !vowel(before)
	for _, f := range flags {
		switch f {
		case 'S':
			switch {
			case consonantY:
				out[w[:n-1]+"ies"] = base
			case strings.IndexByte("sxzh", last) >= 0:
				out[w+"es"] = base
			default:
				out[w+"s"] = base
			}
		case 'd':
			switch {
			case last == 'e':
				out[w+"d"] = lm.Verb
			case consonantY:
				out[w[:n-1]+"ied"] = lm.Verb
			default:
				out[w+"ed"] = lm.Verb
			}
		case 'G':
			out[strings.TrimSuffix(w, "e")+"ing"] = lm.Verb | lm.Noun
		case 'Y':
			out[w+"ly"] = 0
		}
	}
	return out
}
