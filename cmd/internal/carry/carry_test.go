package carry

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"copydesk/repair/edit"
)

// carrier deletes "old " of "an old text here, old " and replaces "text" by "texts".
func carrier(how edit.Straddle, strict bool) *Carrier {
	edits := []edit.Edit{{Span: edit.Span{Start: 3, End: 7}}, {Span: edit.Span{Start: 7, End: 11}, New: "books"}}
	src := "an old text here, old"
	out, err := edit.Apply(src, edits)
	if err != nil {
		panic(err)
	}
	return &Carrier{Map: edit.NewMap(edits), How: how, Strict: strict, Text: src, Target: out, Known: true, Units: "cp"}
}

func TestJSONDropsElements(t *testing.T) {
	for in, want := range map[string]string{
		`[{"start":8,"end":10},{"start":12,"end":16}]`:                         `[{"start":9,"end":13}]`,
		`[{"start":12,"end":16}, {"start":8,"end":10} ]`:                       `[{"start":9,"end":13} ]`,
		`[{"start":0,"end":2},{"start":8,"end":10},{"start":9,"end":10}]`:      `[{"start":0,"end":2}]`,
		`{"ents":[{"start":8,"end":10}],"n":1}`:                                `{"ents":[],"n":1}`,
		`{"labels":[[12,16,"X"],[8,9,"Y"]],"other":[[8,9,"Y"]]}`:               `{"labels":[[9,13,"X"]],"other":[[8,9,"Y"]]}`,
		`{"text":"an old text here, old","spans":{"a":[{"end":2,"start":0}]}}`: `{"text":"an books here, old","spans":{"a":[{"end":2,"start":0}]}}`,
		`{"start":"x","end":1.5}`:                                              `{"start":"x","end":1.5}`,
		`{"start":8,"end":9}`:                                                  ``,
		`{"a":{"start":8,"end":9}}`:                                            ``,
	} {
		got, err := carrier(edit.Drop, false).JSON([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%s\n got %s, %v\nwant %s", in, got, err, want)
		}
	}
}

func TestJSONErrors(t *testing.T) {
	for in, want := range map[string]string{
		`{"start":5,"end":3}`:                      "is no span",
		`{"start":0,"end":300}`:                    "lies outside the text of 21 cp",
		`{"start":`:                                "not valid JSON",
		`{"target":{"selector":{"exact":"old"}}}`:  "stands 2 times",
		`{"target":{"selector":{"exact":"none"}}}`: "does not stand in the text",
		`{"target":{"selector":[{"exact":"here"},{"start":0,"end":2}]}}`: "where the text reads",
	} {
		if _, err := carrier(edit.Expand, false).JSON([]byte(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
	if _, err := carrier(edit.Drop, true).JSON([]byte(`{"start":8,"end":9}`)); !errors.Is(err, ErrStraddle) {
		t.Error(err)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add(`{"text":"an old text here, old","ents":[{"start":8,"end":10},{"start":12,"end":16}],"label":[[0,1],[8,9,[]]]}`, true)
	f.Add(`{"target":{"selector":[{"exact":"here","prefix":"text "},{"end":2,"start":0}]},"selector":{"exact":"an"}}`, false)
	f.Fuzz(func(t *testing.T, in string, drop bool) {
		how := edit.Expand
		if drop {
			how = edit.Drop
		}
		out, err := carrier(how, false).JSON([]byte(in))
		if err == nil && out != nil && !json.Valid(out) {
			t.Fatalf("%q became %q, no JSON", in, out)
		}
	})
}
