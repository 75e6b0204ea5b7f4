package archive

import (
	"encoding/json"
	"errors"
	"testing"

	"copydesk/repair/edit"
)

func TestSplice(t *testing.T) {
	for _, c := range []struct{ line, field, text, want string }{
		{`{"id":12345678901234567890,"text":"abcd"}`, "text", "abcd", `{"id":12345678901234567890,"text":"ab cd"}`},
		{`{ "text" : "\u00e9\nbc" , "x":[1,"]"]}`, "text", "é\nbc", `{ "text" : "\u00e9 \nbc" , "x":[1,"]"]}`},
		{`{"a":{"b~/":["x","aé"]}}`, "/a/b~0~1/1", "aé", ""},
		{`{"text":"one","text":"ab"}`, "text", "ab", `{"text":"one","text":"ab "}`},
		{"{\"text\":\"ab\\ud83d\\ude00c\"}\r", "text", "ab😀c", "{\"text\":\"ab \\ud83d\\ude00c\"}\r"},
	} {
		s, err := Find([]byte(c.line), c.field)
		if err != nil || s.Text != c.text {
			t.Errorf("%s: found %q, %v", c.line, s.Text, err)
			continue
		}
		if c.want == "" {
			continue
		}
		if got := splice(t, c.line, s, edit.Edit{Span: edit.Span{Start: 2, End: 2}, New: " "}); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.line, got, c.want)
		}
	}
}

func splice(t *testing.T, line string, s Str, edits ...edit.Edit) string {
	t.Helper()
	var patches []Patch
	for _, e := range edits {
		patches = append(patches, Patch{Edit: e})
	}
	out, err := (&JSONL{}).Splice([]byte(line), &Record{Texts: []Text{{Str: s}}}, [][]Patch{patches})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestFindRefuses(t *testing.T) {
	for line, want := range map[string]error{
		`{"text":1}`: ErrNotText, `{"body":"x"}`: ErrNoField, `{"text":"x"`: ErrNotJSON, ``: ErrNotJSON, `[]`: ErrNoField, `"text"`: ErrNoField,
	} {
		if _, err := Find([]byte(line), "text"); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", line, err, want)
		}
	}
}

func FuzzSplice(f *testing.F) {
	f.Add(`{"text":"a\u00e9\ud800b"}`, 1, "x\"")
	f.Fuzz(func(t *testing.T, line string, at int, insert string) {
		s, err := Find([]byte(line), "text")
		if err != nil {
			return
		}
		var m map[string]any
		if json.Unmarshal([]byte(line), &m) == nil {
			if v, ok := m["text"].(string); ok && json.Valid([]byte(s.Text)) && v != s.Text && len(v) == len(s.Text) {
				t.Fatalf("%q decodes to %q, not %q", line, s.Text, v)
			}
		}
		if got := splice(t, line, s); got != line {
			t.Fatalf("no edits changed %q to %q", line, got)
		}
		if at < 0 || at > len(s.Text) || at < len(s.Text) && s.Text[at]&0xC0 == 0x80 {
			return
		}
		out := splice(t, line, s, edit.Edit{Span: edit.Span{Start: at, End: at}, New: insert})
		if !json.Valid([]byte(out)) {
			t.Fatalf("%q became %q, no JSON", line, out)
		}
	})
}
