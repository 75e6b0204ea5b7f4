package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"
)

// proof is what verify reports.
type proof struct {
	OK      bool   `json:"ok"`
	Files   int    `json:"files,omitempty"`
	Records int    `json:"records,omitempty"`
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256,omitempty"`
	Error   string `json:"error,omitempty"`
}

func newVerifyCommand(a *app) *cobra.Command {
	var f replayFlags
	var against string
	var asJSON, quiet bool
	c := &cobra.Command{
		Use:   "verify OUT --log LOG [--against RAW] | verify A --against B",
		Short: "Prove that a log undoes and redoes an output, or that two files are the same bytes",
		Long: `Prove that a log undoes and redoes an output: every text is undone, held against
the hash of its input, made again and held against the output's bytes. With --against
the undone bytes are held against a file as well. Without --log two files are compared.

Exit code 0 when all is proved, 1 when something differs.`,
		Example: `  copydesk verify clean.jsonl --log log.jsonl.zst --against raw.jsonl
  copydesk verify clean/ --against raw/ --log clean/log
  copydesk verify a.txt --against b.txt`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if f.log == "" && against == "" && !isDir(args[0]) {
				return usageError(errors.New("give --log LOG, --against FILE, or both"))
			}
			p, err := a.verifyAll(args[0], against, &f)
			if err != nil && !errors.As(err, new(*exitError)) {
				err = &exitError{exitFindings, err}
			}
			p.OK = err == nil
			if err != nil {
				p.Error = err.Error()
			}
			switch {
			case asJSON:
				if err2 := writeJSON(a.stdout, p); err2 != nil {
					return err2
				}
			case quiet || err != nil:
			case p.Files > 0:
				fmt.Fprintf(a.stderr, "proved: %d files, %d records, %d bytes\n", p.Files, p.Records, p.Bytes)
			case f.log == "":
				fmt.Fprintf(a.stderr, "identical: %d bytes, sha256 %s\n", p.Bytes, p.SHA256)
			default:
				fmt.Fprintf(a.stderr, "proved: %d records undone and made again; the input had %d bytes, sha256 %s\n", p.Records, p.Bytes, p.SHA256)
			}
			return err
		},
	}
	f.register(c)
	c.Flags().StringVar(&against, "against", "", "the file that must come out, byte for byte")
	c.Flags().BoolVar(&asJSON, "json", false, "report as JSON on standard output")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "say nothing but errors")
	return c
}

// verifyAll is verify for one file, or for every file of a folder: of a run by
// its logs, else by the names below the other folder.
func (a *app) verifyAll(name, against string, f *replayFlags) (proof, error) {
	if !isDir(name) {
		return a.verify(name, against, f)
	}
	var all []logged
	var err error
	if f.log == "" && against != "" {
		files, err2 := walk(name, func(string) bool { return true })
		for _, file := range files {
			rel, err3 := filepath.Rel(name, file)
			err2 = cmp.Or(err2, err3)
			all = append(all, logged{name: rel, file: file})
		}
		err = err2
	} else {
		all, err = ofRun(name, f.log)
	}
	if err != nil {
		return proof{}, usageError(err)
	}
	var sum proof
	for _, l := range all {
		one := *f
		one.log = l.log
		other := ""
		if against != "" {
			other = filepath.Join(against, l.name)
		}
		p, err := a.verify(l.file, other, &one)
		sum.Records += p.Records
		sum.Bytes += p.Bytes
		sum.Files++
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

func (a *app) verify(name, against string, f *replayFlags) (p proof, err error) {
	sum, size := sha256.New(), &length{}
	sinks := []io.Writer{sum, size}
	var compare *same
	if against != "" {
		want, err := a.open(against)
		if err != nil {
			return p, usageError(err)
		}
		defer want.Close()
		compare = &same{want: want.Reader}
		sinks = append(sinks, compare)
	}
	out := bufio.NewWriterSize(io.MultiWriter(sinks...), 1<<16)
	in, err := a.open(name)
	if err != nil {
		return p, usageError(err)
	}
	defer in.Close()
	if f.log == "" {
		_, err = io.Copy(out, in)
	} else {
		r := replay{a: a, f: f, has: true, alone: true, do: proveRecord}
		if r.log, err = a.openLog(f.log); err != nil {
			return p, err
		}
		defer r.log.in.Close()
		err = r.stream(in, out)
		if err == nil {
			err = r.log.finish(r.n)
		}
		p.Records = r.n
	}
	if err == nil {
		err = out.Flush()
	}
	if err == nil && compare != nil {
		err = compare.done()
	}
	if errors.Is(err, errDiffer) {
		what := name
		if f.log != "" {
			what += ", undone,"
		}
		err = fmt.Errorf("%s and %s differ from byte %d on", what, against, compare.at)
	} else if err != nil && !errors.As(err, new(*exitError)) {
		err = fmt.Errorf("%s: %w", name, err)
	}
	p.Bytes, p.SHA256 = size.n, hex.EncodeToString(sum.Sum(nil))
	return p, err
}

// proveRecord undoes a record, makes it again and compares.
func proveRecord(r *record) ([]byte, error) {
	raw, err := r.undo(nil, nil)
	if err != nil {
		return nil, err
	}
	again, err := (&record{n: r.n, raw: raw, docs: r.docs, format: r.format, widened: r.widened}).redo(nil)
	if err != nil {
		return nil, fmt.Errorf("undone, but not made again: %w", err)
	}
	if !bytes.Equal(again, r.raw) {
		return nil, errors.New("undone and made again it reads otherwise: bytes outside the logged edits were changed")
	}
	return raw, nil
}

// length counts what is written to it.
type length struct{ n int64 }

func (l *length) Write(b []byte) (int, error) {
	l.n += int64(len(b))
	return len(b), nil
}
