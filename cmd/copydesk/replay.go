package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"copydesk/repair/edit"
)

// errManyDocs is what commands for one plain text say of a log of many.
var errManyDocs = errors.New("describes several documents; this command takes the log of one plain text")

// readInput reads a file, or standard input for "-".
func (a *app) readInput(path string) (string, error) {
	if strings.HasSuffix(path, ".jsonl") {
		return "", usageError(fmt.Errorf("%s: JSON Lines are not supported here yet; give one plain text and its log", path))
	}
	var b []byte
	var err error
	if path == "-" {
		b, err = io.ReadAll(a.stdin)
	} else {
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return "", usageError(err)
	}
	return string(b), nil
}

// writeOutput writes a file aside and renames it, or standard output for "-".
func (a *app) writeOutput(path, text string) error {
	if path == "-" {
		_, err := io.WriteString(a.stdout, text)
		return err
	}
	return writeAside(path, []byte(text))
}

// readOneDoc reads the log of one plain text. It gives nil for a log that says
// that its one document was not changed.
func readOneDoc(path string) (*edit.DocRecord, error) {
	if path == "" {
		return nil, usageError(errors.New("give the log with --log FILE"))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, usageError(err)
	}
	defer f.Close()
	var doc *edit.DocRecord
	ended := false
	for r := edit.NewReader(f); ; {
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, usageError(fmt.Errorf("%s: %w", path, err))
		}
		switch rec := rec.(type) {
		case *edit.DocRecord:
			if doc != nil {
				return nil, usageError(fmt.Errorf("%s: %w", path, errManyDocs))
			}
			doc = rec
		case *edit.SkipRecord:
			return nil, usageError(fmt.Errorf("%s: record %d was skipped: %s", path, rec.N, rec.Reason))
		case *edit.EndRecord:
			ended = true
			if rec.Docs > 1 {
				return nil, usageError(fmt.Errorf("%s: %w", path, errManyDocs))
			}
		}
	}
	if doc == nil && !ended {
		return nil, usageError(fmt.Errorf("%s: the log has no end line: the run that wrote it was cut off", path))
	}
	return doc, nil
}
