package archive

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"

	"copydesk/repair/edit"

	"pgregory.net/rapid"
)

// all reads a whole stream, and patches the texts of every record by edit.
func all(t interface{ Fatal(...any) }, f Format, change func(text string) []Patch) (out string, errs []error) {
	var b strings.Builder
	for {
		raw, err := f.Next()
		if err == io.EOF {
			return b.String(), errs
		}
		if err != nil {
			t.Fatal(err)
		}
		if raw.Blank || raw.Err != nil {
			if raw.Err != nil {
				errs = append(errs, raw.Err)
			}
			b.Write(raw.Bytes)
			continue
		}
		rec, err := f.Parse(raw.Bytes)
		if err != nil {
			errs = append(errs, err)
			b.Write(raw.Bytes)
			continue
		}
		patches := make([][]Patch, len(rec.Texts))
		for i := range rec.Texts {
			patches[i] = change(rec.Texts[i].Text)
		}
		spliced, err := f.Splice(raw.Bytes, &rec, patches)
		if err != nil {
			errs = append(errs, err)
			spliced = raw.Bytes
		}
		b.Write(spliced)
	}
}

func replaceAll(old, with string) func(string) []Patch {
	return func(text string) (out []Patch) {
		for at := 0; ; {
			i := strings.Index(text[at:], old)
			if i < 0 {
				return out
			}
			out = append(out, Patch{Edit: edit.Edit{Span: edit.Span{Start: at + i, End: at + i + len(old)}, New: with}})
			at += i + len(old)
		}
	}
}

func TestCSV(t *testing.T) {
	for _, c := range []struct{ name, in, old, with, want string }{
		{"bare", "id,text\n1,abX\n2,cd\n", "X", "Y", "id,text\n1,abY\n2,cd\n"},
		{"crlf, order, no end", "text;id\r\naX;1\r\n\"b;X\";2", "X", "Y", "text;id\r\naY;1\r\n\"b;Y\";2"},
		{"mark and lines", "\ufeffid\ttext\n1\t\"a \"\"X\"\"\n\nX\"\n", "X", "\"", "\ufeffid\ttext\n1\t\"a \"\"\"\"\"\"\n\n\"\"\"\n"},
		{"needs quotes", "id,text\n1,aX\n", "X", ", b", "id,text\n1,\"a, b\"\n"},
		{"formula", "id,text\n1,X=1+1\n", "X", "", "id,text\n1,X=1+1\n"},
		{"formula stays", "id,text\n1,=X\n", "X", "1", "id,text\n1,=1\n"},
		{"width", "id,text\n1,X,3\n2,X\n", "X", "Y", "id,text\n1,X,3\n2,Y\n"},
		{"stray", "id,text\n1,\"a, b\"\n1,\"a, b\"\n1,\"a, b\"\n1,\"X\n2,X\n3,X\n", "X", "Y", "id,text\n1,\"a, b\"\n1,\"a, b\"\n1,\"a, b\"\n1,\"X\n2,Y\n3,Y\n"},
		{"speech in a table without quotes", "id\ttext\n1\t\"Xs\" he said\n2\t\"X\n3\tX\" he\n4\tX\n", "X", "Y", "id\ttext\n1\t\"Ys\" he said\n2\t\"\"\"Y\"\n3\tY\" he\n4\tY\n"},
		{"empty lines", "id,text\n\n1,X\n\n", "X", "Y", "id,text\n\n1,Y\n\n"},
		{"by number", "1,X\n2,X\n", "X", "Y", "1,Y\n2,Y\n"},
	} {
		fields := []string{"text"}
		if c.name == "by number" {
			fields = []string{"#2"}
		}
		f, err := NewCSV(strings.NewReader(c.in), 0, 0, fields, "id")
		if err != nil {
			t.Fatal(err)
		}
		if got, errs := all(t, f, replaceAll(c.old, c.with)); got != c.want {
			t.Errorf("%s:\n got %q %v\nwant %q", c.name, got, errs, c.want)
		}
	}
}

// Against encoding/csv: the repaired column changes, every other cell stays, and
// without edits every byte stays.
func TestCSVProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		comma := rapid.SampledFrom([]rune{',', ';', '\t', '|'}).Draw(t, "comma")
		cellGen := rapid.StringMatching(`[a-zX"\n ,;|é=]{0,12}`)
		rows := rapid.SliceOfN(rapid.SliceOfN(cellGen, 3, 3), 1, 8).Draw(t, "rows")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Comma = comma
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		_ = w.Write([]string{"id", "text", "more"})
		for _, r := range rows {
			_ = w.Write(r)
		}
		w.Flush()
		in := b.String()
		run := func(change func(string) []Patch) (string, []error) {
			f, err := NewCSV(strings.NewReader(in), 0, byte(comma), []string{"text"}, "id")
			if err != nil {
				t.Fatal(err)
			}
			f.quotes = true // the sample may look as if it had none
			return all(t, f, change)
		}
		if got, _ := run(func(string) []Patch { return nil }); got != in {
			t.Fatalf("no edits changed\n%q to\n%q", in, got)
		}
		got, errs := run(replaceAll("X", `, "x"`))
		r := csv.NewReader(strings.NewReader(got))
		r.Comma = comma
		back, err := r.ReadAll()
		if err != nil {
			t.Fatalf("%q became %q: %v", in, got, err)
		}
		if len(errs) > 0 {
			return
		}
		orig := csv.NewReader(strings.NewReader(in))
		orig.Comma = comma
		want, err := orig.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if i > 0 {
				want[i][1] = strings.ReplaceAll(want[i][1], "X", `, "x"`)
			}
			for k := range want[i] {
				if back[i][k] != want[i][k] {
					t.Fatalf("row %d cell %d: %q, want %q", i, k, back[i][k], want[i][k])
				}
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add("id,text\n1,\"a\"\"X\n\"\n2,\"X", uint8(0))
	f.Add("text\ttext\n\"X\"y\tX\r\n\"\n", uint8(40))
	f.Fuzz(func(t *testing.T, in string, limit uint8) {
		c, err := NewCSV(strings.NewReader(in), int(limit), 0, []string{"#1"}, "id")
		if err != nil {
			return
		}
		if got, _ := all(t, c, func(string) []Patch { return nil }); got != in {
			t.Fatalf("%q became %q", in, got)
		}
	})
}
