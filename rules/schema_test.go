package rules

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("rule.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("rule.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON is a YAML file as the schema's reader knows values.
func asJSON(t *testing.T, src []byte) any {
	t.Helper()
	j, err := yaml.YAMLToJSON(src)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(j)))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Every shipped file, and the templates, are valid by the schema.
func TestSchemaAcceptsShipped(t *testing.T) {
	s := schema(t)
	n := 0
	err := fs.WalkDir(English(), "patterns", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(English(), name)
		if err != nil {
			return err
		}
		n++
		if err := s.Validate(asJSON(t, b)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return nil
	})
	if err != nil || n < 40 {
		t.Fatal(n, err)
	}
	for _, id := range []string{"boilerplate/x", "spacing/x", "merged/x-2"} {
		if err := s.Validate(asJSON(t, []byte(Template(id)))); err != nil {
			t.Error(err)
		}
		if _, err := Parse(id+".yaml", []byte(Template(id))); err != nil {
			t.Error(err)
		}
	}
}

// The schema refuses what the loader refuses.
func TestSchemaRefuses(t *testing.T) {
	s := schema(t)
	for _, swap := range [][2]string{
		{"tier: safe", "teir: safe"},
		{"tier: safe", "tier: sure"},
		{"literals: [FacebookTwitter]\n", ""},
		{"boilerplate/share-bar", "share-bar"},
		{"where: line", "where: everywhere"},
		{"0.99", "1"},
		{"tier: safe", "tier: safe\nwords: {1: knwon}"},
	} {
		if s.Validate(asJSON(t, []byte(strings.Replace(good, swap[0], swap[1], 1)))) == nil {
			t.Errorf("the schema takes %q for %q", swap[1], swap[0])
		}
	}
}

// The schema names the keys, facts and families that the loader knows.
func TestSchemaNames(t *testing.T) {
	var doc struct {
		Properties map[string]struct {
			Pattern              string
			AdditionalProperties json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(Schema), &doc); err != nil {
		t.Fatal(err)
	}
	for _, k := range Keys {
		if _, ok := doc.Properties[k]; !ok {
			t.Errorf("the schema lacks the key %s", k)
		}
	}
	for k := range doc.Properties {
		if !slices.Contains(Keys, k) {
			t.Errorf("the loader knows no key %s", k)
		}
	}
	if want := "^(" + strings.Join(Families, "|") + ")/[a-z0-9-]+$"; doc.Properties["id"].Pattern != want {
		t.Errorf("families: %s", doc.Properties["id"].Pattern)
	}
	if facts := strings.Join(Facts, "|"); !strings.Contains(string(doc.Properties["words"].AdditionalProperties), "("+facts+")") {
		t.Errorf("the schema's facts are not %s", facts)
	}
}
