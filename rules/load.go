package rules

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits on what a folder of rules may hold: a rule file is a page of text, and
// a folder that is a million files is a wrong path.
const (
	maxRuleFile = 64 << 10
	maxRules    = 10_000
	maxListFile = 4 << 20
	maxRegex    = 64 << 10 // a regular expression with its lists written out
	minLiteral  = 5        // the one scan for all literals needs as many
)

// SafeConfidence is the least confidence of a rule that may be applied unattended.
const SafeConfidence = 0.98

// Set is the rules of one or more folders, by ID. Immutable once loaded.
type Set struct {
	Rules []*Rule
	hash  []byte
}

// Hash identifies the set: sha256 over names and contents of its files, hex.
func (s *Set) Hash() string { return hex.EncodeToString(s.hash) }

// Find is the rule with an ID, or nil.
func (s *Set) Find(id string) *Rule {
	i, ok := slices.BinarySearchFunc(s.Rules, id, func(r *Rule, id string) int { return cmp.Compare(r.ID, id) })
	if !ok {
		return nil
	}
	return s.Rules[i]
}

// Load reads every rule file of a folder: patterns/FAMILY/PHENOMENON.yaml and
// the word lists lists/NAME.txt that they name, or FAMILY/PHENOMENON.yaml where
// there is no folder patterns. The error is of type Problems and names them all.
func Load(dir fs.FS) (*Set, error) { return load(dir, all) }

// mode is how much of a folder is read and checked.
type mode uint8

const (
	all     mode = iota // everything, every check
	trusted             // everything that a test has checked before
	running             // the same without the examples, which take most of the reading
)

// load reads a folder. Of one that a test has read with all checks before, the
// regular expressions are left for the day they are needed, which makes the
// program start 25 ms sooner.
func load(dir fs.FS, m mode) (*Set, error) {
	l := loader{fs: dir, lists: map[string]list{}, hash: sha256.New(), mode: m}
	l.readLists()
	root := "."
	if i, err := fs.Stat(dir, "patterns"); err == nil && i.IsDir() {
		root = "patterns"
	}
	set := new(Set)
	err := fs.WalkDir(dir, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ext := path.Ext(name); d.IsDir() || ext != ".yaml" && ext != ".yml" {
			return nil
		}
		if len(set.Rules) >= maxRules {
			return fmt.Errorf("more than %d rule files: is this the right folder?", maxRules)
		}
		id := strings.TrimSuffix(strings.TrimPrefix(name, root+"/"), path.Ext(name))
		if b, ok := l.read(name, maxRuleFile); ok {
			set.Rules = append(set.Rules, l.rule(name, id, b))
		}
		return nil
	})
	if err != nil {
		l.problems = append(l.problems, Problem{File: root, What: err.Error(), Mend: "name a folder that holds FAMILY/PHENOMENON.yaml"})
	}
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	slices.SortFunc(set.Rules, func(a, b *Rule) int { return cmp.Compare(a.ID, b.ID) })
	set.hash = l.hash.Sum(nil)
	return set, nil
}

// Parse reads one rule file. Its name must end in FAMILY/PHENOMENON.yaml.
func Parse(name string, src []byte) (*Rule, error) {
	l := loader{lists: map[string]list{}, hash: sha256.New()}
	id := strings.TrimSuffix(path.Join(path.Base(path.Dir(name)), path.Base(name)), path.Ext(name))
	r := l.rule(name, id, src)
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	return r, nil
}

// loader gathers rules and problems.
type loader struct {
	fs       fs.FS
	lists    map[string]list
	problems Problems
	hash     hash.Hash
	mode     mode
}

type list struct{ words []string }

func (l *loader) read(name string, limit int) ([]byte, bool) {
	f, err := l.fs.Open(name)
	var b []byte
	if err == nil {
		b, err = io.ReadAll(io.LimitReader(f, int64(limit)+1))
		f.Close()
	}
	switch {
	case err != nil:
		l.problems = append(l.problems, Problem{File: name, What: err.Error()})
		return nil, false
	case len(b) > limit:
		l.problems = append(l.problems, Problem{File: name, What: fmt.Sprintf("larger than %d bytes", limit), Mend: "one phenomenon a file"})
		return nil, false
	}
	fmt.Fprintf(l.hash, "%s\x00%d\x00", name, len(b))
	l.hash.Write(b)
	return b, true
}

func (l *loader) readLists() {
	files, err := fs.Glob(l.fs, "lists/*.txt")
	if err != nil {
		return
	}
	for _, name := range files {
		b, ok := l.read(name, maxListFile)
		if !ok {
			continue
		}
		var ws []string
		for _, w := range strings.Split(string(b), "\n") {
			if w = strings.TrimSpace(w); w != "" && w[0] != '#' {
				ws = append(ws, w)
			}
		}
		l.lists[strings.TrimSuffix(path.Base(name), ".txt")] = list{ws}
	}
}

// file is one rule file being read.
type file struct {
	l     *loader
	name  string
	lines []string
	node  map[string]ast.Node // the value of each key
	at    map[string]*token.Position
	items map[string][]*token.Position // of a list's entries
	bad   bool

	examplePos []*token.Position
}

// problem notes one at a place of the file; pos nil means all of it.
func (f *file) problem(pos *token.Position, mend, what string, args ...any) {
	f.bad = true
	p := Problem{File: f.name, What: fmt.Sprintf(what, args...), Mend: mend}
	if pos != nil {
		p.Line, p.Col = pos.Line, pos.Column
		if pos.Line >= 1 && pos.Line <= len(f.lines) {
			p.Quote = f.lines[pos.Line-1]
		}
	}
	f.l.problems = append(f.l.problems, p)
}

// Keys lists the keys of a rule file, in the order of the template.
var Keys = []string{
	"id", "why", "doc", "where", "position", "literals", "ignore-case", "regex", "parts", "lists", "words", "replace",
	"tier", "confidence", "origin", "sources", "fix", "keep",
}

// rule reads one file and notes what is wrong with it. The rule is unusable when
// a problem was noted.
func (l *loader) rule(name, id string, src []byte) *Rule {
	f := &file{l: l, name: name, node: map[string]ast.Node{}, at: map[string]*token.Position{}, items: map[string][]*token.Position{}}
	r := &Rule{File: name, Shipped: l.mode != all}
	if l.mode == running {
		src, _, _ = bytes.Cut(src, []byte("\nfix:\n"))
	}
	if !utf8.Valid(src) {
		f.problem(nil, "save it as UTF-8", "not valid UTF-8")
		return r
	}
	f.lines = strings.Split(string(src), "\n")
	if !f.parse(src) {
		return r
	}
	f.identity(r, id)
	r.Where = Where(f.choice("where", string(Text), string(Block), string(Line), string(LineStart), string(LineEnd), string(Text)))
	r.Position = Position(f.choice("position", "", string(First), string(Last), string(Body), string(Head), string(Foot), string(Among)))
	r.Literals = f.strings("literals")
	r.IgnoreCase = f.boolean("ignore-case")
	r.Replace = f.text("replace")
	r.Tier = f.choice("tier", "", "safe", "review", "hint")
	r.Origin = f.choice("origin", "extraction", "extraction", "source", "unknown")
	r.Sources = f.strings("sources")
	r.Confidence = f.number("confidence")
	r.Regex = f.strings("regex")
	f.examples(r)
	groups := f.pattern(r)
	f.conditions(r, groups)
	if l.mode != running {
		f.required(r)
	}
	return r
}

// parse reads the YAML and the keys of its one mapping.
func (f *file) parse(src []byte) bool {
	// The YAML reader stops at a carriage return's line differently: one form.
	tree, err := parser.ParseBytes(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), 0)
	if err != nil {
		f.problem(yamlPosition(err), "this is no YAML here: check indentation and quotation marks", "%s", yamlMessage(err))
		return false
	}
	var root ast.Node
	for _, d := range tree.Docs {
		if d.Body == nil {
			continue
		}
		if root != nil {
			f.problem(d.Body.GetToken().Position, "one rule a file: move it to a file of its own", "a second document")
			return false
		}
		root = d.Body
	}
	var values []*ast.MappingValueNode
	switch n := root.(type) {
	case nil:
		f.problem(nil, "copydesk rules new FAMILY/PHENOMENON writes a template", "the file is empty")
		return false
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		f.problem(n.GetToken().Position, "write key: value lines", "a rule is a list of keys with values")
		return false
	}
	for _, v := range values {
		key, pos := v.Key.GetToken().Value, v.Key.GetToken().Position
		switch {
		case !slices.Contains(Keys, key):
			f.problem(pos, didYouMean(key, Keys), "unknown key %q", key)
		case f.node[key] != nil:
			f.problem(pos, "keep one of them", "the key %q stands twice", key)
		default:
			f.node[key], f.at[key] = v.Value, pos
		}
	}
	return true
}

// yamlPosition finds the place of a YAML error, which its text begins with.
func yamlPosition(err error) *token.Position {
	m := regexp.MustCompile(`^\[(\d+):(\d+)\]`).FindStringSubmatch(err.Error())
	if m == nil {
		return nil
	}
	line, _ := strconv.Atoi(m[1])
	col, _ := strconv.Atoi(m[2])
	return &token.Position{Line: line, Column: col}
}

func yamlMessage(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	if i := strings.Index(s, "] "); strings.HasPrefix(s, "[") && i > 0 {
		s = s[i+2:]
	}
	return s
}

// str reads a node that holds one string. Numbers count as the text they are.
func (f *file) str(n ast.Node, key string) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	case *ast.NullNode:
		return "", true
	}
	f.problem(n.GetToken().Position, "write one string", "%s is no text", key)
	return "", false
}

func (f *file) text(key string) string {
	n := f.node[key]
	if n == nil {
		return ""
	}
	s, _ := f.str(n, key)
	return s
}

// strings reads a list of strings; a single one may stand alone.
func (f *file) strings(key string) []string {
	n := f.node[key]
	if n == nil {
		return nil
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		if s, ok := f.str(n, key); ok && s != "" {
			f.items[key] = append(f.items[key], n.GetToken().Position)
			return []string{s}
		}
		return nil
	}
	var out []string
	for _, v := range seq.Values {
		if s, ok := f.str(v, key); ok {
			f.items[key] = append(f.items[key], v.GetToken().Position)
			out = append(out, s)
		}
	}
	return out
}

func (f *file) choice(key, otherwise string, names ...string) string {
	n := f.node[key]
	if n == nil {
		return otherwise
	}
	s, ok := f.str(n, key)
	if ok && !slices.Contains(names, s) {
		f.problem(n.GetToken().Position, didYouMean(s, names), "%s: %q is none of %s", key, s, strings.Join(names, ", "))
	}
	return s
}

func (f *file) boolean(key string) bool {
	n := f.node[key]
	if n == nil {
		return false
	}
	b, ok := n.(*ast.BoolNode)
	if !ok {
		f.problem(n.GetToken().Position, "write true or false", "%s: %q is neither true nor false", key, n.GetToken().Value)
		return false
	}
	return b.Value
}

func (f *file) number(key string) float64 {
	n := f.node[key]
	if n == nil {
		return 0
	}
	x, err := strconv.ParseFloat(n.GetToken().Value, 64)
	if err != nil {
		f.problem(n.GetToken().Position, "write a number such as 0.99", "%s: %q is no number", key, n.GetToken().Value)
	}
	return x
}

// identity reads who the rule is.
func (f *file) identity(r *Rule, id string) {
	r.ID = f.text("id")
	r.Why = strings.TrimSpace(f.text("why"))
	r.Doc = strings.TrimSpace(f.text("doc"))
	if r.Doc == "" {
		r.Doc = r.Why
	}
	family, phenomenon, ok := strings.Cut(id, "/")
	switch {
	case !ok || strings.Contains(phenomenon, "/"):
		f.problem(nil, "put it at FAMILY/PHENOMENON.yaml, below the folder that is named", "the file lies in no family's folder")
		return
	case !slices.Contains(Families, family):
		f.problem(nil, didYouMean(family, Families), "the folder %q is no family", family)
		return
	}
	for _, c := range phenomenon {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			f.problem(nil, "use small letters, digits and hyphens", "the name %q will stand in logs for years", phenomenon)
			return
		}
	}
	if f.node["id"] != nil && r.ID != id {
		f.problem(f.node["id"].GetToken().Position, fmt.Sprintf("write id: %s, or move the file to %s.yaml", id, r.ID), "the id is %q, but the file's place says %q", r.ID, id)
	}
	r.ID = id
}

// required notes the keys that no rule may lack.
func (f *file) required(r *Rule) {
	need := []struct{ key, mend string }{
		{"id", "id: " + r.ID},
		{"why", "say in one sentence what is wrong with such a text; the log shows it"},
		{"literals", "name at least one string that every match holds: text is searched for all rules' literals at once, a regular expression runs only there"},
		{"tier", "tier: review, until you have seen it on a few hundred texts"},
		{"confidence", "confidence: 0.95, the share of its edits that a careful editor would accept"},
		{"fix", "give one text to fix, as in: and out:"},
		{"keep", "give one text that looks like it and must stay"},
	}
	for _, n := range need {
		if f.node[n.key] == nil {
			f.problem(nil, n.mend, "the key %q is missing", n.key)
		}
	}
	if f.node["why"] != nil && r.Why == "" {
		f.problem(f.at["why"], "say in one sentence what is wrong with such a text", "why is empty")
	}
	if n := f.node["confidence"]; n != nil && (r.Confidence < 0.05 || r.Confidence > 0.9999) {
		f.problem(n.GetToken().Position, "use 0.05 to 0.9999", "confidence %v: nothing is that sure", n.GetToken().Value)
	}
	if n := f.node["fix"]; n != nil && len(r.Fix) == 0 && !f.bad {
		f.problem(f.at["fix"], "give one text to fix, as in: and out:", "fix holds no example")
	}
	if n := f.node["keep"]; n != nil && len(r.Keep) == 0 && !f.bad {
		f.problem(f.at["keep"], "give one text that looks like it and must stay", "keep holds no example")
	}
	if n := f.node["tier"]; n != nil && r.Tier == "safe" && r.Confidence < SafeConfidence && !f.bad {
		f.problem(n.GetToken().Position, "use tier: review, or prove that it is right more often", "confidence %v is too low for the safe tier, which needs %v", r.Confidence, SafeConfidence)
	}
	for i, s := range r.Sources {
		if !strings.Contains(s, ".") || strings.ContainsAny(s, "/: ") || s != strings.ToLower(s) {
			f.problem(f.items["sources"][i], "write it as in example.com", "sources: %q is no host name", s)
		}
	}
}

// examples reads fix and keep.
func (f *file) examples(r *Rule) {
	r.Keep = f.strings("keep")
	n := f.node["fix"]
	if n == nil {
		return
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		f.problem(f.at["fix"], "write a list: - in: …, and below it out: …", "fix is no list")
		return
	}
	for _, v := range seq.Values {
		var e Example
		values := mapping(v)
		pos := v.GetToken().Position
		if len(values) > 0 {
			pos = values[0].Key.GetToken().Position
		}
		seen := map[string]bool{}
		for _, kv := range values {
			key := kv.Key.GetToken().Value
			s, _ := f.str(kv.Value, key)
			switch key {
			case "in":
				e.In = s
			case "out":
				e.Out = s
			default:
				f.problem(kv.Key.GetToken().Position, didYouMean(key, []string{"in", "out"}), "unknown key %q in an example", key)
			}
			seen[key] = true
		}
		if !seen["in"] || !seen["out"] {
			f.problem(pos, "give both, in: and out:", "an example to fix needs what goes in and what comes out")
			continue
		}
		if spacesOnly(r.Family()) && strings.Join(strings.Fields(e.In), "") != strings.Join(strings.Fields(e.Out), "") {
			f.problem(pos, "choose another family for it", "the family %s changes nothing but white space, this example does more", r.Family())
		}
		r.Fix = append(r.Fix, e)
		f.examplePos = append(f.examplePos, pos)
		if len(r.Literals) > 0 && !holdsLiteral(r, e.In) {
			f.problem(pos, "add the words that mark it to literals", "this example holds none of the literals: the rule would never see it")
		}
	}
}

func holdsLiteral(r *Rule, s string) bool {
	return slices.ContainsFunc(r.Literals, func(l string) bool {
		return strings.Contains(s, l) || r.IgnoreCase && strings.Contains(strings.ToLower(s), strings.ToLower(l))
	})
}

var listName = regexp.MustCompile(`\{\{([a-z0-9-]+)\}\}`)

// pattern checks literals and regular expression, and compiles it. It returns
// the number of groups.
func (f *file) pattern(r *Rule) int {
	for i, s := range r.Literals {
		if len(s) < minLiteral {
			f.problem(f.items["literals"][i], fmt.Sprintf("use at least %d bytes, such as the words around it", minLiteral), "the literal %q is too short to search for", s)
		}
	}
	if len(r.Regex) == 0 {
		if f.node["regex"] != nil {
			f.problem(f.at["regex"], "leave the key out where the literals are the pattern", "the regular expression is empty")
		}
		f.template(r, 0)
		return 0
	}
	pos := f.node["regex"].GetToken().Position
	expr := f.alternatives(r)
	if len(expr) > maxRegex {
		f.problem(pos, "use shorter lists", "the regular expression is longer than %d bytes with its lists written out", maxRegex)
		return 0
	}
	if f.l.mode != all {
		return f.compiled(r, expr, 9)
	}
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		if !f.bad { // only all of them together are wrong
			f.syntaxProblem(pos, err)
		}
		return 0
	}
	if r.Where == Text && anchors(re) {
		f.problem(pos, "use where: line-start, line-end, line or block", "^ and $ have no meaning anywhere in a text")
	}
	if re.Op == syntax.OpEmptyMatch || minWidth(re) == 0 {
		f.problem(pos, "let it match at least one character", "the regular expression matches the empty text")
	}
	groups := re.MaxCap()
	f.template(r, groups)
	if f.bad {
		return groups
	}
	if re, err := regexp.Compile(caseless(r, expr)); err == nil {
		for i, e := range r.Fix {
			if !re.MatchString(e.In) {
				f.problem(f.examplePos[i], "mend the pattern or the example", "the regular expression matches nothing in this example")
			}
		}
	}
	return f.compiled(r, expr, groups)
}

func caseless(r *Rule, expr string) string {
	if r.IgnoreCase {
		return "(?i:" + expr + ")"
	}
	return expr
}

// compiled leaves the pattern to be compiled when it is needed.
func (f *file) compiled(r *Rule, expr string, groups int) int {
	r.expr = lazy(anchored(caseless(r, expr), r.Where))
	return groups
}

// alternatives joins the entries of regex, each checked by itself.
func (f *file) alternatives(r *Rule) string {
	parts, own := f.ownParts(), f.ownLists()
	out := make([]string, len(r.Regex))
	for i, x := range r.Regex {
		pos := f.items["regex"][i]
		out[i] = f.expand(x, pos, parts, own, 0)
		if f.l.mode == all {
			if _, err := syntax.Parse(out[i], syntax.Perl); err != nil {
				f.syntaxProblem(pos, err)
			}
		}
		if len(r.Regex) > 1 {
			out[i] = "(?:" + out[i] + ")"
		}
	}
	return strings.Join(out, "|")
}

func (f *file) syntaxProblem(pos *token.Position, err error) {
	f.problem(pos, "see https://pkg.go.dev/regexp/syntax for what may stand there", "%s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
}

// maxDepth bounds parts within parts: deeper they go round in a circle.
const maxDepth = 6

// expand writes out {{name}}: a part, or the words of a list, longest first.
func (f *file) expand(expr string, pos *token.Position, parts map[string]string, own map[string][]string, depth int) string {
	return listName.ReplaceAllStringFunc(expr, func(m string) string {
		name := m[2 : len(m)-2]
		if part, ok := parts[name]; ok {
			if depth == maxDepth {
				f.problem(pos, "let no part name itself", "the part %q goes round in a circle", name)
				return "x"
			}
			return "(?:" + f.expand(part, pos, parts, own, depth+1) + ")"
		}
		words, ok := own[name]
		if !ok {
			l, shared := f.l.lists[name]
			words, ok = l.words, shared
		}
		if !ok {
			f.problem(pos, f.noList(name, parts, own), "no part or list is named %q", name)
			return "x"
		}
		words = slices.Clone(words)
		slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
		for i := range words {
			words[i] = regexp.QuoteMeta(words[i])
		}
		return "(?:" + strings.Join(words, "|") + ")"
	})
}

// noList is the mend for an unknown name in double braces.
func (f *file) noList(name string, parts map[string]string, own map[string][]string) string {
	names := slices.Concat(slices.Collect(maps.Keys(parts)), slices.Collect(maps.Keys(own)), slices.Collect(maps.Keys(f.l.lists)))
	slices.Sort(names)
	mend := fmt.Sprintf("write it under parts: or lists:, or as the file lists/%s.txt", name)
	if n := Nearest(name, names); n != "" {
		mend = fmt.Sprintf("did you mean {{%s}}? Else %s", n, mend)
	}
	return mend
}

// ownParts reads the parts of regular expressions that the file names.
func (f *file) ownParts() map[string]string {
	out := map[string]string{}
	n := f.node["parts"]
	if n == nil {
		return out
	}
	values := mapping(n)
	if values == nil {
		f.problem(f.at["parts"], "write name: 'regular expression' lines below it", "parts is no mapping of names to regular expressions")
	}
	for _, kv := range values {
		name := kv.Key.GetToken().Value
		if !listName.MatchString("{{" + name + "}}") {
			f.problem(kv.Key.GetToken().Position, "use small letters, digits and hyphens", "the part's name %q", name)
		}
		if s, ok := f.str(kv.Value, name); ok {
			out[name] = s
		}
	}
	return out
}

// ownLists reads the lists of the file itself.
func (f *file) ownLists() map[string][]string {
	out := map[string][]string{}
	n := f.node["lists"]
	if n == nil {
		return out
	}
	for _, kv := range mapping(n) {
		name := kv.Key.GetToken().Value
		if !listName.MatchString("{{" + name + "}}") {
			f.problem(kv.Key.GetToken().Position, "use small letters, digits and hyphens", "the list's name %q", name)
		}
		seq, ok := kv.Value.(*ast.SequenceNode)
		if !ok || len(seq.Values) == 0 {
			f.problem(kv.Key.GetToken().Position, "write it as in [one, two]", "the list %q holds no words", name)
			continue
		}
		for _, v := range seq.Values {
			if s, ok := f.str(v, name); ok {
				out[name] = append(out[name], s)
			}
		}
	}
	return out
}

func mapping(n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	return nil
}

// anchors reports whether an expression looks at the beginning or the end of
// its text.
func anchors(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText:
		return true
	}
	return slices.ContainsFunc(re.Sub, anchors)
}

// minWidth is 0 when an expression may match nothing, else at least 1.
func minWidth(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return minWidth(re.Sub[0])
	case syntax.OpRepeat:
		return min(1, re.Min) * minWidth(re.Sub[0])
	case syntax.OpConcat:
		for _, s := range re.Sub {
			if minWidth(s) > 0 {
				return 1
			}
		}
	case syntax.OpAlternate:
		for _, s := range re.Sub {
			if minWidth(s) == 0 {
				return 0
			}
		}
		return 1
	}
	return 0
}

var groupName = regexp.MustCompile(`\$(?:(\d+)|\{(\d+)\}|(.?))`)

// template checks the groups that replace names.
func (f *file) template(r *Rule, groups int) {
	n := f.node["replace"]
	if n == nil {
		return
	}
	pos := n.GetToken().Position
	if l, ok := n.(*ast.LiteralNode); ok {
		pos = l.Start.Position
	}
	for _, m := range groupName.FindAllStringSubmatch(r.Replace, -1) {
		if m[1] == "" && m[2] == "" {
			if m[3] != "$" {
				f.problem(pos, "write $1 or ${1} for a group, $$ for a dollar sign", "replace: a lone $")
			}
			continue
		}
		if g, err := strconv.Atoi(m[1] + m[2]); err != nil || g > groups {
			f.problem(pos, fmt.Sprintf("the pattern has %d groups; ${1}x keeps a letter or digit apart from the number", groups), "replace: there is no group $%s", m[1]+m[2])
		}
	}
	if r.Tier == "hint" && r.Replace != "" {
		f.problem(pos, "leave replace out, or use tier: review", "a hint repairs nothing")
	}
}

// conditions reads words: for each group, what its words must be.
func (f *file) conditions(r *Rule, groups int) {
	n := f.node["words"]
	if n == nil {
		return
	}
	values := mapping(n)
	if values == nil {
		f.problem(f.at["words"], "write it as in {1: known lower, 2: title}", "words is no mapping of groups to facts")
	}
	for _, kv := range values {
		pos := kv.Key.GetToken().Position
		g, err := strconv.Atoi(kv.Key.GetToken().Value)
		if err != nil || g < 0 || g > groups {
			f.problem(pos, fmt.Sprintf("the pattern has %d groups; 0 is the whole match", groups), "words: there is no group %s", kv.Key.GetToken().Value)
			continue
		}
		s, _ := f.str(kv.Value, "words")
		c := Condition{Group: g, Needs: strings.Fields(s)}
		for _, need := range c.Needs {
			if fact := strings.TrimPrefix(need, "not-"); !slices.Contains(Facts, fact) {
				f.problem(pos, didYouMean(fact, Facts)+" Each may have not- before it", "words: unknown fact %q", fact)
			}
		}
		if len(c.Needs) == 0 {
			f.problem(pos, "name some of "+strings.Join(Facts, ", "), "words: group %d needs nothing", g)
		}
		r.Words = append(r.Words, c)
	}
}
