package rules

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const good = `id: boilerplate/share-bar
why: 'A row of buttons.'
where: line
literals: [FacebookTwitter]
regex: '(?:Facebook|Twitter){2,}'
tier: safe
confidence: 0.99
fix:
  - in: "One.\n\nFacebookTwitter\n\nTwo."
    out: "One.\n\nTwo."
keep:
  - Facebook and Twitter
`

func loadFile(name, src string, more ...string) (*Set, error) {
	dir := fstest.MapFS{name: {Data: []byte(src)}}
	for i := 0; i+1 < len(more); i += 2 {
		dir[more[i]] = &fstest.MapFile{Data: []byte(more[i+1])}
	}
	return Load(dir)
}

func TestLoad(t *testing.T) {
	set, err := loadFile("patterns/boilerplate/share-bar.yaml", good)
	if err != nil {
		t.Fatal(err)
	}
	r := set.Find("boilerplate/share-bar")
	if r == nil || r.Why != "A row of buttons." || r.Doc != r.Why || r.Origin != "extraction" || len(r.Fix) != 1 || r.Fix[0].Out != "One.\n\nTwo." {
		t.Fatalf("got %+v", r)
	}
	if !r.Expr().MatchString("FacebookTwitter") || r.Expr().MatchString("FacebookTwitter!") {
		t.Error("a line's pattern must match all of it")
	}
	other, err := loadFile("boilerplate/share-bar.yaml", good)
	if err != nil || len(other.Rules) != 1 {
		t.Fatalf("a folder without patterns/: %v", err)
	}
	if set.Hash() == other.Hash() {
		t.Error("two folders have one hash")
	}
}

// The shipped rules load, and there are as many as promised.
func TestShipped(t *testing.T) {
	set, err := Load(English())
	if err != nil {
		t.Fatal(err)
	}
	if set.Hash() != Shipped().Hash() || set.Hash() != Running().Hash() {
		t.Error("the quick loads read something else")
	}
	for i, r := range set.Rules {
		for _, q := range []*Rule{Shipped().Rules[i], Running().Rules[i]} {
			if q.ID != r.ID || q.Why != r.Why || q.Doc != r.Doc || q.Where != r.Where || q.Position != r.Position || !slices.Equal(q.Literals, r.Literals) ||
				q.Replace != r.Replace || q.Tier != r.Tier || q.Confidence != r.Confidence || q.IgnoreCase != r.IgnoreCase || len(q.Words) != len(r.Words) ||
				(q.Expr() == nil) != (r.Expr() == nil) || r.Expr() != nil && q.Expr().String() != r.Expr().String() {
				t.Errorf("%s: a quick load reads it differently: keep fix and keep last in the file", r.ID)
			}
		}
	}
	if n := len(Shipped().Rules); n < 40 {
		t.Errorf("%d rule files", n)
	}
}

// What a person reads who made a mistake.
func TestErrors(t *testing.T) {
	sub := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the good rule", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	const name = "boilerplate/share-bar.yaml"
	cases := []struct{ name, src, want string }{
		{name, sub("tier: safe", "teir: safe"), `boilerplate/share-bar.yaml:6: unknown key "teir"
    6 | teir: safe
      | ^
      = did you mean "tier"?
boilerplate/share-bar.yaml: the key "tier" is missing
      = tier: review, until you have seen it on a few hundred texts`},
		{name, sub("tier: safe", "tier: sure"), `boilerplate/share-bar.yaml:6: tier: "sure" is none of safe, review, hint
    6 | tier: sure
      |       ^
      = use one of safe, review, hint`},
		{name, sub("id: boilerplate/share-bar", "id: boilerplate/sharebar"), `boilerplate/share-bar.yaml:1: the id is "boilerplate/sharebar", but the file's place says "boilerplate/share-bar"
    1 | id: boilerplate/sharebar
      |     ^
      = write id: boilerplate/share-bar, or move the file to boilerplate/sharebar.yaml`},
		{"boilerplat/share-bar.yaml", good, `boilerplat/share-bar.yaml: the folder "boilerplat" is no family
      = did you mean "boilerplate"?`},
		{name, sub("literals: [FacebookTwitter]\n", ""), `boilerplate/share-bar.yaml: the key "literals" is missing
      = name at least one string that every match holds: text is searched for all rules' literals at once, a regular expression runs only there`},
		{name, sub("[FacebookTwitter]", "[Face]"), `boilerplate/share-bar.yaml:4: the literal "Face" is too short to search for
    4 | literals: [Face]
      |            ^
      = use at least 5 bytes, such as the words around it`},
		{name, sub("[FacebookTwitter]", "[Pinterest]"), `boilerplate/share-bar.yaml:9: this example holds none of the literals: the rule would never see it
    9 |   - in: "One.\n\nFacebookTwitter\n\nTwo."
      |     ^
      = add the words that mark it to literals`},
		{name, sub("{2,}'", "{2,'"), `boilerplate/share-bar.yaml:9: the regular expression matches nothing in this example
    9 |   - in: "One.\n\nFacebookTwitter\n\nTwo."
      |     ^
      = mend the pattern or the example`},
		{name, sub("(?:Facebook", "(Facebook"), ``},
		{name, sub("(?:Facebook", "(?:(Facebook"), "boilerplate/share-bar.yaml:5: missing closing ): `(?:(Facebook|Twitter){2,}`" + `
    5 | regex: '(?:(Facebook|Twitter){2,}'
      |        ^
      = see https://pkg.go.dev/regexp/syntax for what may stand there`},
		{name, sub("tier: safe", "replace: '$1'\ntier: safe"), `boilerplate/share-bar.yaml:6: replace: there is no group $1
    6 | replace: '$1'
      |          ^
      = the pattern has 0 groups; ${1}x keeps a letter or digit apart from the number`},
		{name, sub("tier: safe", "words: {0: knwon}\ntier: safe"), `boilerplate/share-bar.yaml:6: words: unknown fact "knwon"
    6 | words: {0: knwon}
      |         ^
      = did you mean "known"? Each may have not- before it`},
		{name, sub("0.99", "0.9"), `boilerplate/share-bar.yaml:6: confidence 0.9 is too low for the safe tier, which needs 0.98
    6 | tier: safe
      |       ^
      = use tier: review, or prove that it is right more often`},
		{name, sub("Facebook|Twitter", "{{networks}}"), `boilerplate/share-bar.yaml:5: no part or list is named "networks"
    5 | regex: '(?:{{networks}}){2,}'
      |        ^
      = did you mean {{network}}? Else write it under parts: or lists:, or as the file lists/networks.txt`},
		{name, sub("regex: '(?:Facebook|Twitter){2,}'", "parts:\n  site: 'Facebook|Twitter'\nregex:\n  - '{{site}}{2,}'\n  - 'x{{site}'"), ``},
		{name, sub("regex: '(?:Facebook|Twitter){2,}'", "parts:\n  a: '{{b}}'\n  b: '{{a}}'\nregex: '{{a}}'"), `boilerplate/share-bar.yaml:8: the part "a" goes round in a circle
    8 | regex: '{{a}}'
      |        ^
      = let no part name itself`},
		{name, sub("regex: '(?:Facebook|Twitter){2,}'", "regex:\n  - '(?:Facebook|Twitter){2,}'\n  - '(x'"), "boilerplate/share-bar.yaml:7: missing closing ): `(x`" + `
    7 |   - '(x'
      |     ^
      = see https://pkg.go.dev/regexp/syntax for what may stand there`},
		{name, sub("    out: \"One.\\n\\nTwo.\"\n", ""), `boilerplate/share-bar.yaml:9: an example to fix needs what goes in and what comes out
    9 |   - in: "One.\n\nFacebookTwitter\n\nTwo."
      |     ^
      = give both, in: and out:`},
		{name, "", `boilerplate/share-bar.yaml: the file is empty
      = copydesk rules new FAMILY/PHENOMENON writes a template`},
		{name, "tier: [safe", `boilerplate/share-bar.yaml:1: sequence end token ']' not found
    1 | tier: [safe
      |       ^
      = this is no YAML here: check indentation and quotation marks`},
	}
	for _, c := range cases {
		_, err := loadFile(c.name, c.src, "lists/network.txt", "Facebook\nTwitter\n")
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("got\n%s\nwant\n%s\n", got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"boilerplate", "spacing", "merged", "split", "hyphen", "possessive", "tier"}
	for word, want := range map[string]string{"teir": "tier", "boilerplat": "boilerplate", "spacings": "spacing", "posessive": "possessive", "mergd": "merged", "xyzzy": "", "": "", "hyphens": "hyphen"} {
		if got := Nearest(word, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

// Any bytes give a rule or problems that name their file; a rule that loads can
// be compiled.
func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	files, err := os.ReadDir("en/patterns/boilerplate")
	if err != nil {
		f.Fatal(err)
	}
	for _, d := range files {
		b, err := os.ReadFile("en/patterns/boilerplate/" + d.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("a: &a [*a, *a]"))
	f.Add([]byte("fix:\n- {in: 1}\nkeep: {}\nliterals: {a: b}\nwords: [1]\nconfidence: .inf\nlists: 1"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<14 {
			return
		}
		r, err := Parse("boilerplate/share-bar.yaml", src)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "boilerplate/share-bar.yaml") {
				t.Fatal(err)
			}
			return
		}
		r.Expr()
	})
}
