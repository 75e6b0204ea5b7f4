package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// jsonText writes a text as JSON in one of the many ways there are.
func jsonText(t *rapid.T, s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		q, err := json.Marshal(string(r))
		if err != nil {
			t.Fatal(err)
		}
		plain := string(q[1 : len(q)-1])
		switch rapid.IntRange(0, 9).Draw(t, "how") {
		case 0:
			if r < 0x10000 {
				const hex = "0123456789abcdef"
				b.WriteString(`\u` + string([]byte{hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15]}))
				continue
			}
		case 1:
			if r == '/' {
				b.WriteString(`\/`)
				continue
			}
		case 2:
			if rapid.IntRange(0, 30).Draw(t, "half") == 0 {
				b.WriteString(`\ud800`) // half a pair
			}
		}
		b.WriteString(plain)
	}
	b.WriteByte('"')
	return b.String()
}

// Generated lines, in every way of writing JSON: what stands outside the text
// stays byte for byte, and revert gives every byte back from output and log.
func TestRevertProperty(t *testing.T) {
	dir := t.TempDir()
	pieces := []string{
		"They have includedUS controls. ", "It’s Britainâ€™s plan. ", "He said &quot;no&quot;. ", "the and/or rule ", "\t\"so\" ", "café – 😀 ", "They dont know. ",
		"Blinken met Blinken on Blinkens' visit. ", "All is well.\n\n", "a \\ b ",
	}
	rapid.Check(t, func(rt *rapid.T) {
		var in strings.Builder
		var heads, tails []string
		for range rapid.IntRange(1, 4).Draw(rt, "lines") {
			text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 5).Draw(rt, "text"), "")
			head := rapid.SampledFrom([]string{`{"text":`, `{"id":12345678901234567890123,"text" : `, `{ "text":"first" ,"x":[1.0e+2,{"text":"includedUS"}],"text":`, "{\"k\\u00e9y\":null,\t\"text\":"}).Draw(rt, "head")
			tail := rapid.SampledFrom([]string{"}\n", " , \"z\":-0.0}\r\n", ",\"b\":[]}  \n"}).Draw(rt, "tail")
			heads, tails = append(heads, head), append(tails, tail)
			in.WriteString(head + jsonText(rt, text) + tail)
		}
		log, out := filepath.Join(dir, "log.jsonl"), filepath.Join(dir, "out.jsonl")
		fixed, errs, code := command(t, in.String(), "fix", "-q", "--format", "jsonl", "--tier", "review", "--log", log, "-")
		if code != 0 {
			rt.Fatalf("exit %d: %s\n%q", code, errs, in.String())
		}
		for i, line := range strings.SplitAfter(strings.TrimSuffix(fixed, ""), "\n")[:len(heads)] {
			if !strings.HasPrefix(line, heads[i]) || !strings.HasSuffix(line, tails[i]) || !json.Valid([]byte(line)) {
				rt.Fatalf("%q became %q", in.String(), fixed)
			}
		}
		if err := os.WriteFile(out, []byte(fixed), 0o600); err != nil {
			rt.Fatal(err)
		}
		back, errs, code := command(t, "", "revert", out, "--log", log)
		if code != 0 || back != in.String() {
			rt.Fatalf("exit %d: %s\n in  %q\n out %q\nback %q", code, errs, in.String(), fixed, back)
		}
		again, errs, code := command(t, in.String(), "apply", "-", "--format", "jsonl", "--log", log)
		if code != 0 || again != fixed {
			rt.Fatalf("apply: exit %d: %s\n%q\n%q", code, errs, again, fixed)
		}
	})
}
