package rules

import (
	"fmt"
	"strings"

	"github.com/sahilm/fuzzy"
)

// Problem is one thing wrong with a rule file or a word list.
type Problem struct {
	File      string
	Line, Col int    // from 1; Col counts code points; 0 when the whole file is meant
	Quote     string // the offending line, without its line end
	What      string
	Mend      string // what to do about it
}

// maxQuote bounds a quoted line, in bytes.
const maxQuote = 160

func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": " + p.What)
	if p.Line > 0 && p.Quote != "" {
		q := strings.ToValidUTF8(p.Quote[:min(len(p.Quote), maxQuote)], "")
		fmt.Fprintf(&b, "\n%5d | %s", p.Line, strings.ReplaceAll(q, "\t", " "))
		if p.Col > 0 && p.Col <= len([]rune(q))+1 {
			b.WriteString("\n      | " + strings.Repeat(" ", p.Col-1) + "^")
		}
	}
	if p.Mend != "" {
		b.WriteString("\n      = " + p.Mend)
	}
	return b.String()
}

// Problems is every problem of a load, in the order of files and lines.
type Problems []Problem

func (ps Problems) Error() string {
	out := make([]string, len(ps))
	for i, p := range ps {
		out[i] = p.String()
	}
	return strings.Join(out, "\n")
}

// Nearest is the name that a person may have meant by word, or "". A name is
// near when it holds the word's letters in order, less two at most (sahilm/fuzzy
// looks for subsequences, so that letters are dropped before it is asked), or
// when the word holds the name's.
func Nearest(word string, names []string) string {
	word = strings.ToLower(word)
	if word == "" || len(word) > 64 {
		return ""
	}
	best, bestCost := "", 1<<30
	consider := func(try string, dropped int) {
		for _, m := range fuzzy.Find(try, names) {
			// What the name has beyond the word counts as much as what was dropped.
			cost := 10*dropped + 4*max(len(m.Str)-len(try), 0) - min(m.Score, 3)
			if len(m.Str) <= 2*len(word)+4 && cost < bestCost {
				best, bestCost = m.Str, cost
			}
		}
	}
	consider(word, 0)
	for i := range word {
		one := word[:i] + word[i+1:]
		if len(one) < 2 {
			break
		}
		consider(one, 1)
		for k := i; k < len(one) && len(one) > 3 && len(word) < 24; k++ {
			consider(one[:k]+one[k+1:], 2)
		}
	}
	return best
}

// didYouMean is the mend for an unknown word.
func didYouMean(word string, names []string) string {
	if n := Nearest(word, names); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return "use one of " + strings.Join(names, ", ")
}
