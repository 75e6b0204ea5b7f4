package rules

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// Limits on what a dictionary writes out to, so that a hostile one cannot fill
// the memory: the largest shipped with hunspell give some 2 million forms, and
// Hungarian a few thousand for one word.
const (
	maxForms     = 8_000_000
	maxWordForms = 20_000
)

// affixes is what is read of an .aff file (hunspell(5)): enough to write out
// the words, nothing about compounds or suggestions.
type affixes struct {
	file    string
	decode  func([]byte) (string, error)
	kind    byte // of flags: 'c' one character, 'l' two bytes, 'n' numbers
	aliases []map[string]bool

	needAffix, forbidden, onlyInCompound, circumfix string

	prefixes, suffixes map[string]*affixClass
}

type affixClass struct {
	cross   bool // may stand together with one of the other side
	entries []affix
}

type affix struct {
	strip, add string
	flags      map[string]bool // of the form it makes
	cond       []condition
}

// condition is what one character of the stem must be.
type condition struct {
	any, not bool
	set      string
}

// hunspell writes out a dictionary.
func hunspell(affName string, aff []byte, dicName string, dic []byte) ([]string, error) {
	a, err := parseAffixes(affName, aff)
	if err != nil {
		return nil, err
	}
	text, err := a.decode(dic)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dicName, err)
	}
	var out []string
	bad := map[string]bool{}
	for i, l := range strings.Split(text, "\n") {
		l = strings.TrimRight(l, "\r")
		if i == 0 {
			l = strings.TrimPrefix(l, "\ufeff")
			if _, err := strconv.Atoi(strings.TrimSpace(l)); err == nil {
				continue // how many words there are
			}
		}
		word, flags, err := a.entry(l)
		if err != nil {
			return nil, Problems{{File: dicName, Line: i + 1, Quote: l, What: err.Error(), Mend: "FLAG in " + affName + " says how flags are written"}}
		}
		if word == "" {
			continue
		}
		if a.has(flags, a.forbidden) {
			bad[word] = true
			continue
		}
		forms := a.forms(word, flags)
		if len(out)+len(forms) > maxForms {
			return nil, fmt.Errorf("%s writes out to more than %d words: use a smaller dictionary", dicName, maxForms)
		}
		out = append(out, forms...)
	}
	out = tidy(out)
	if len(bad) > 0 {
		out = slices.DeleteFunc(out, func(w string) bool { return bad[w] })
	}
	return out, nil
}

// entry reads one line of a dictionary: a word, perhaps with flags after a slash,
// perhaps with fields of its morphology after white space.
func (a *affixes) entry(l string) (string, map[string]bool, error) {
	if l == "" || l[0] == '#' || l[0] == '\t' {
		return "", nil, nil
	}
	if i := strings.IndexByte(l, '\t'); i >= 0 {
		l = l[:i]
	}
	if i := strings.Index(l, " po:"); i >= 0 {
		l = l[:i]
	}
	word, rest := l, ""
	for i := 1; i < len(l); i++ {
		if l[i] == '/' && l[i-1] != '\\' {
			word, rest = l[:i], l[i+1:]
			break
		}
	}
	rest, _, _ = strings.Cut(rest, " ")
	word = strings.TrimSpace(strings.ReplaceAll(word, `\/`, "/"))
	flags, err := a.flags(rest)
	return word, flags, err
}

// flags reads a run of flags, or the number of an alias.
func (a *affixes) flags(s string) (map[string]bool, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, nil
	}
	if a.aliases != nil {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > len(a.aliases) {
			return nil, fmt.Errorf("no alias %q of flags", s)
		}
		return a.aliases[n-1], nil
	}
	return a.readFlags(s)
}

func (a *affixes) readFlags(s string) (map[string]bool, error) {
	out := map[string]bool{}
	switch a.kind {
	case 'l':
		if len(s)%2 != 0 {
			return nil, fmt.Errorf("flags %q: FLAG long wants two characters each", s)
		}
		for i := 0; i < len(s); i += 2 {
			out[s[i:i+2]] = true
		}
	case 'n':
		for _, n := range strings.Split(s, ",") {
			if _, err := strconv.ParseUint(n, 10, 32); err != nil {
				return nil, fmt.Errorf("flags %q: FLAG num wants numbers and commas", s)
			}
			out[n] = true
		}
	default:
		for _, r := range s {
			out[string(r)] = true
		}
	}
	return out, nil
}

func (a *affixes) has(flags map[string]bool, f string) bool { return f != "" && flags[f] }

// forms writes out a word: itself, with suffixes up to two deep, with prefixes,
// and with both where both allow it.
func (a *affixes) forms(word string, flags map[string]bool) []string {
	var out []string
	add := func(form string, own map[string]bool) {
		if !a.has(own, a.needAffix) && !a.has(own, a.onlyInCompound) && !a.has(own, a.circumfix) && len(out) < maxWordForms {
			out = append(out, form)
		}
	}
	add(word, flags)
	prefixed := func(stem string, flags map[string]bool, crossOnly bool) {
		for _, f := range sorted(flags) {
			c := a.prefixes[f]
			if c == nil || crossOnly && !c.cross {
				continue
			}
			for _, p := range c.entries {
				if len(out) >= maxWordForms {
					return
				}
				if form, ok := p.prefix(stem); ok {
					add(form, p.flags)
				}
			}
		}
	}
	prefixed(word, flags, false)
	var suffixed func(stem string, flags map[string]bool, depth int)
	suffixed = func(stem string, own map[string]bool, depth int) {
		for _, f := range sorted(own) {
			c := a.suffixes[f]
			if c == nil {
				continue
			}
			for _, s := range c.entries {
				form, ok := s.suffix(stem)
				if !ok || len(out) >= maxWordForms {
					continue
				}
				add(form, s.flags)
				if c.cross {
					prefixed(form, flags, true)
				}
				prefixed(form, s.flags, false)
				if depth < 2 {
					suffixed(form, s.flags, depth+1)
				}
			}
		}
	}
	suffixed(word, flags, 1)
	return out
}

func sorted(flags map[string]bool) []string {
	if len(flags) == 0 {
		return nil
	}
	out := make([]string, 0, len(flags))
	for f := range flags {
		out = append(out, f)
	}
	slices.Sort(out)
	return out
}

func (e *affix) suffix(stem string) (string, bool) {
	if !strings.HasSuffix(stem, e.strip) || len(e.strip) >= len(stem) && e.strip != "" {
		return "", false
	}
	rest := stem
	for i := len(e.cond) - 1; i >= 0; i-- {
		r, n := utf8.DecodeLastRuneInString(rest)
		if n == 0 || !e.cond[i].holds(r) {
			return "", false
		}
		rest = rest[:len(rest)-n]
	}
	return stem[:len(stem)-len(e.strip)] + e.add, true
}

func (e *affix) prefix(stem string) (string, bool) {
	if !strings.HasPrefix(stem, e.strip) || len(e.strip) >= len(stem) && e.strip != "" {
		return "", false
	}
	rest := stem
	for i := range e.cond {
		r, n := utf8.DecodeRuneInString(rest)
		if n == 0 || !e.cond[i].holds(r) {
			return "", false
		}
		rest = rest[n:]
	}
	return e.add + stem[len(e.strip):], true
}

func (c condition) holds(r rune) bool { return c.any || strings.ContainsRune(c.set, r) != c.not }

// parseCondition reads the regular expression of hunspell: characters, sets in
// brackets, dots.
func parseCondition(s string) ([]condition, error) {
	if s == "." || s == "" {
		return nil, nil
	}
	var out []condition
	for len(s) > 0 {
		switch s[0] {
		case '.':
			out, s = append(out, condition{any: true}), s[1:]
		case '[':
			end := strings.IndexByte(s, ']')
			if end < 0 {
				return nil, fmt.Errorf("condition %q: [ without ]", s)
			}
			set, not := strings.CutPrefix(s[1:end], "^")
			out, s = append(out, condition{set: set, not: not}), s[end+1:]
		default:
			_, n := utf8.DecodeRuneInString(s)
			out, s = append(out, condition{set: s[:n]}), s[n:]
		}
	}
	return out, nil
}

// parseAffixes reads an .aff file.
func parseAffixes(name string, src []byte) (*affixes, error) {
	a := &affixes{file: name, kind: 'c', prefixes: map[string]*affixClass{}, suffixes: map[string]*affixClass{}}
	if err := a.charset(src); err != nil {
		return nil, err
	}
	text, err := a.decode(src)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	for i, l := range lines {
		fs := strings.Fields(l)
		if len(fs) < 2 || fs[0][0] == '#' {
			continue
		}
		if err := a.line(fs); err != nil {
			return nil, Problems{{File: name, Line: i + 1, Quote: strings.TrimSpace(l), What: err.Error(), Mend: "see hunspell(5)"}}
		}
	}
	return a, nil
}

// charset finds SET and FLAG, on which the rest depends.
func (a *affixes) charset(src []byte) error {
	set := "ISO8859-1"
	for _, l := range bytes.Split(src, []byte("\n")) {
		fs := bytes.Fields(bytes.TrimPrefix(l, []byte("\ufeff")))
		if len(fs) < 2 {
			continue
		}
		switch string(fs[0]) {
		case "SET":
			set = string(fs[1])
		case "FLAG":
			switch string(fs[1]) {
			case "long":
				a.kind = 'l'
			case "num":
				a.kind = 'n'
			}
		}
	}
	if strings.EqualFold(set, "UTF-8") || strings.EqualFold(set, "UTF8") {
		a.decode = func(b []byte) (string, error) {
			if !utf8.Valid(b) {
				return "", fmt.Errorf("SET says UTF-8, but it is not valid UTF-8")
			}
			return string(b), nil
		}
		return nil
	}
	enc, err := htmlindex.Get(strings.TrimPrefix(strings.ToLower(set), "microsoft-"))
	if err != nil {
		return fmt.Errorf("%s: SET %s: unknown character set: save both files as UTF-8 and write SET UTF-8", a.file, set)
	}
	a.decode = func(b []byte) (string, error) {
		out, err := enc.NewDecoder().Bytes(b)
		return string(out), err
	}
	return nil
}

// line reads one line of at least two fields.
func (a *affixes) line(fs []string) error {
	switch fs[0] {
	case "NEEDAFFIX", "PSEUDOROOT":
		a.needAffix = fs[1]
	case "FORBIDDENWORD":
		a.forbidden = fs[1]
	case "ONLYINCOMPOUND":
		a.onlyInCompound = fs[1]
	case "CIRCUMFIX":
		a.circumfix = fs[1]
	case "AF":
		if a.aliases == nil {
			a.aliases = []map[string]bool{} // the first line says how many follow
			return nil
		}
		flags, err := a.readFlags(fs[1])
		if err != nil {
			return err
		}
		a.aliases = append(a.aliases, flags)
	case "PFX":
		return a.affix(a.prefixes, fs)
	case "SFX":
		return a.affix(a.suffixes, fs)
	}
	return nil
}

// affix reads a class's head, PFX A Y 3, or an entry, PFX A strip add condition.
func (a *affixes) affix(classes map[string]*affixClass, fs []string) error {
	if len(fs) < 4 {
		return fmt.Errorf("%s wants a flag, what to strip, what to add and a condition", fs[0])
	}
	c := classes[fs[1]]
	if c == nil {
		if fs[2] != "Y" && fs[2] != "N" {
			return fmt.Errorf("%s %s: its first line says Y or N and how many follow", fs[0], fs[1])
		}
		classes[fs[1]] = &affixClass{cross: fs[2] == "Y"}
		return nil
	}
	e := affix{strip: fs[2], add: fs[3]}
	if e.strip == "0" {
		e.strip = ""
	}
	var err error
	if add, flags, ok := strings.Cut(e.add, "/"); ok {
		e.add = add
		if e.flags, err = a.flags(flags); err != nil {
			return err
		}
	}
	if e.add == "0" {
		e.add = ""
	}
	if len(fs) > 4 {
		if e.cond, err = parseCondition(fs[4]); err != nil {
			return err
		}
	}
	c.entries = append(c.entries, e)
	return nil
}
