package rules

import (
	"regexp"
	"strings"
	"sync"
)

// Where says which piece of the text a rule looks at.
type Where string

// The pieces.
const (
	Block     Where = "block"      // a whole block: the lines between two blank lines
	Line      Where = "line"       // a whole line
	LineStart Where = "line-start" // the beginning of a line
	LineEnd   Where = "line-end"   // the end of a line
	Text      Where = "text"       // anywhere
)

// Position says where in the document a block or line must stand.
type Position string

// The positions. The zero value is anywhere.
const (
	First Position = "first" // the very first block
	Last  Position = "last"  // the very last block
	Body  Position = "body"  // any but the very first block, which is often the headline
	Head  Position = "head"  // before the article's first long paragraph
	Foot  Position = "foot"  // after the article's last long paragraph
	Among Position = "among" // anywhere but in a text of one line, which it would empty
)

// Example is a text that a rule must fix.
type Example struct {
	In  string `json:"in" jsonschema:"description=The damaged text."`
	Out string `json:"out" jsonschema:"description=What the whole program makes of it."`
}

// Condition is what the words of one group of the pattern must be.
type Condition struct {
	Group int      // 0 is the whole match
	Needs []string // each one of Facts, or not-FACT
}

// Facts lists what a condition may ask of every word in a group.
var Facts = []string{
	"known", "dict", "function", "name", "place", "noun", "verb", "adjective", "common", // what the lexicon says
	"lower", "title", "upper", "number", // how it is written
	"seen", // it stands as a word of its own elsewhere in the document
}

// Rule is one phenomenon as a rule file describes it. Immutable once loaded.
type Rule struct {
	ID         string
	Why        string // one sentence, for the log
	Doc        string // a few sentences for docs and lists; Why where the file has none
	Where      Where
	Position   Position
	Literals   []string // one of these must occur, in this case unless IgnoreCase
	IgnoreCase bool     // letters of A to Z only
	Regex      []string // alternatives, as written in the file; none: the literals are the pattern
	Words      []Condition
	Replace    string // $1 or ${1} stands for a group; empty removes the match
	Tier       string // the highest tier it may reach: safe, review or hint
	Confidence float64
	Origin     string   // extraction, source or unknown
	Sources    []string // hosts whose documents it is for, subdomains included; nil: all
	Fix        []Example
	Keep       []string

	File    string // where it came from, as the loader was told
	Shipped bool   // part of the program, not a user's
	expr    func() *regexp.Regexp
}

// Family is the ID's part before the slash.
func (r *Rule) Family() string { family, _, _ := strings.Cut(r.ID, "/"); return family }

// Expr is the compiled pattern, nil when the literals are the pattern. Anchors
// follow Where: a block's or a line's pattern matches all of it.
func (r *Rule) Expr() *regexp.Regexp {
	if r.expr == nil {
		return nil
	}
	return r.expr()
}

// anchored is a regular expression held to the ends that where demands.
func anchored(expr string, where Where) string {
	switch where {
	case Block, Line:
		return `^(?:` + expr + `)$`
	case LineStart:
		return `^(?:` + expr + `)`
	case LineEnd:
		return `(?:` + expr + `)$`
	}
	return expr
}

// lazy compiles a checked expression on first use: most documents need none.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// Families lists the families a rule may belong to. A test holds it against
// those of the log.
var Families = []string{
	"characters", "spacing", "merged", "split", "hyphen", "possessive", "contraction", "break",
	"order", "quote", "dash", "duplicate", "boilerplate", "ocr", "case",
}

// spacesOnly are the families that promise to change nothing but white space.
func spacesOnly(family string) bool {
	return family == "merged" || family == "split" || family == "spacing"
}
