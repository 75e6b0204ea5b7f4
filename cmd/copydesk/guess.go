package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// byName is the format that a file's name says, "" for none.
func byName(name string) string {
	for _, end := range []string{".gz", ".zst", ".bz2", ".xz"} {
		name = strings.TrimSuffix(name, end)
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jsonl", ".ndjson":
		return "jsonl"
	case ".csv":
		return "csv"
	case ".tsv":
		return "tsv"
	case ".txt":
		return "text"
	case ".warc":
		return "warc"
	case ".wet":
		return "wet"
	case ".parquet", ".pq":
		return "parquet"
	case ".html", ".htm", ".xhtml":
		return "html"
	}
	return ""
}

// headBytes is how much of a stream its format is told from.
const headBytes = 1 << 16

// guess tells formats by the name, else by how the file begins. A table without a
// name is known by its header, which holds one of the fields.
func guess(name string, br *bufio.Reader, fields []string) string {
	if kind := byName(name); kind != "" {
		return kind
	}
	head, err := br.Peek(headBytes)
	start := bytes.ToLower(bytes.TrimLeft(head[:min(len(head), 1<<10)], "\ufeff \t\r\n"))
	switch {
	case bytes.HasPrefix(head, []byte("PAR1")):
		return "parquet"
	case bytes.HasPrefix(head, []byte("WARC/")) && bytes.Contains(head, []byte("conversion")):
		return "wet"
	case bytes.HasPrefix(head, []byte("WARC/")):
		return "warc"
	case bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")):
		return "html"
	}
	if kind := jsonKind(head, err == io.EOF); kind != "" {
		return kind
	}
	if isTable(head, fields) {
		return "csv"
	}
	return "text"
}

// isTable reports whether the first line is a header: several cells, all of them
// names without a space, one that of a field, and a row behind it.
func isTable(head []byte, fields []string) bool {
	line, rest, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\ufeff")), []byte("\n"))
	if len(bytes.TrimSpace(rest)) == 0 {
		return false
	}
	line = bytes.TrimRight(line, "\r")
	for _, comma := range []string{",", "\t", ";", "|"} {
		cells := strings.Split(string(line), comma)
		if len(cells) < 2 {
			continue
		}
		found := false
		for i, c := range cells {
			c = strings.Trim(c, `"`)
			if c == "" && i > 0 || strings.ContainsAny(c, " .,;|\t") {
				return false
			}
			found = found || slices.Contains(fields, c)
		}
		if found && strings.Contains(string(rest[:min(len(rest), headBytes/2)]), comma) {
			return true
		}
	}
	return false
}

// wholeJSON is the format of a file that is one JSON value over several lines, or
// one list: no text, and not read either.
const wholeJSON = "json"

var errWholeJSON = errors.New("JSON, but not JSON Lines: write a record a line, as jq -c '.[]' FILE does of a list")

// jsonLines is how many lines tell JSON Lines from text.
const jsonLines = 64

// jsonKind is "jsonl" or wholeJSON for what begins like them, "" for all else.
// One broken line, wherever it stands, makes no text of JSON Lines: as text its
// quotation marks and escapes would be repaired. whole says that head is all.
func jsonKind(head []byte, whole bool) string {
	head = bytes.TrimLeft(head, "\ufeff \t\r\n")
	opens := bytes.HasPrefix(head, []byte("{")) && bytes.HasPrefix(bytes.TrimLeft(head[1:], " \t"), []byte(`"`))
	lines, objects := 0, 0
	for rest := head; len(rest) > 0 && lines < jsonLines; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		if rest = after; !ended && !whole {
			break
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		lines++
		if line[0] == '{' && json.Valid(line) {
			objects++
		}
	}
	switch {
	case objects > 0 && (opens || 2*objects >= lines):
		return "jsonl"
	case bytes.HasPrefix(head, []byte("[")) || bytes.HasPrefix(head, []byte("{")):
		if begins(head, whole) {
			if lines <= 1 && head[0] == '{' {
				return "jsonl" // one record, cut off or longer than the head
			}
			return wholeJSON
		}
		if opens {
			return "jsonl"
		}
	case utf16JSON(head):
		return "jsonl" // each line will be reported, and none taken for text
	}
	return ""
}

// begins reports whether head is one JSON value, or the beginning of one.
func begins(head []byte, whole bool) bool {
	dec := json.NewDecoder(bytes.NewReader(head))
	depth := 0
	for {
		tok, err := dec.Token()
		if err != nil {
			return !errors.As(err, new(*json.SyntaxError)) && (!whole || err == io.ErrUnexpectedEOF || err == io.EOF)
		}
		if d, ok := tok.(json.Delim); ok && (d == '{' || d == '[') {
			depth++
		} else if ok {
			depth--
		}
		if depth == 0 {
			return len(bytes.TrimSpace(head[dec.InputOffset():])) == 0
		}
	}
}

// utf16JSON reports whether head begins as a line of JSON in UTF-16.
func utf16JSON(head []byte) bool {
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if rest, ok := bytes.CutPrefix(head, []byte(mark)); ok {
			rest = bytes.ReplaceAll(rest[:min(len(rest), 64)], []byte{0}, nil)
			return bytes.HasPrefix(rest, []byte("{")) && bytes.HasPrefix(bytes.TrimLeft(rest[1:], " "), []byte(`"`))
		}
	}
	return false
}
