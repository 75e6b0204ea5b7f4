package rules

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxWordFile bounds a word list or an affix file, in bytes: the largest
// hunspell dictionaries have 20 MB.
const maxWordFile = 64 << 20

// ReadWords reads a list of words: one a line, # before a comment; or a hunspell
// dictionary NAME.dic, whose words are written out with the affixes of NAME.aff
// beside it. The words come sorted, each once.
func ReadWords(dir fs.FS, name string) ([]string, error) {
	src, err := readAll(dir, name)
	if err != nil {
		return nil, err
	}
	if path.Ext(name) == ".dic" {
		aff := strings.TrimSuffix(name, ".dic") + ".aff"
		affSrc, err := readAll(dir, aff)
		if err != nil {
			return nil, fmt.Errorf("%w: a hunspell dictionary needs its affixes beside it", err)
		}
		return hunspell(aff, affSrc, name, src)
	}
	if !utf8.Valid(src) {
		return nil, fmt.Errorf("%s: not valid UTF-8: save it as UTF-8", name)
	}
	var out []string
	for i, l := range strings.Split(string(src), "\n") {
		l, _, _ = strings.Cut(l, "#")
		l = strings.TrimSpace(l)
		if i == 0 {
			l = strings.TrimPrefix(l, "\ufeff")
		}
		if l == "" {
			continue
		}
		if strings.ContainsAny(l, " \t") {
			return nil, Problems{{File: name, Line: i + 1, Quote: l, What: "more than one word on a line", Mend: "give each word a line of its own"}}
		}
		out = append(out, l)
	}
	return tidy(out), nil
}

// tidy sorts words and drops those that stand twice.
func tidy(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

func readAll(dir fs.FS, name string) ([]byte, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxWordFile+1))
	if err == nil && len(b) > maxWordFile {
		err = fmt.Errorf("%s: larger than %d bytes", name, maxWordFile)
	}
	return b, err
}
