package edit

import (
	"bytes"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/vectors; read the diff afterwards")

const vectorsFile = "../../testdata/vectors/map.json"

// vector is one case that a mapper in any language can be held against. Spans
// are half-open; src_cp and out_cp are code points, the rest bytes of UTF-8.
type vector struct {
	Name  string       `json:"name"`
	Src   string       `json:"src"`
	Out   string       `json:"out"`
	Edits []vectorEdit `json:"edits"`
	Spans []vectorSpan `json:"spans"` // how spans of src carry over, widened where they cut an edit
}

type vectorEdit struct {
	Src   [2]int `json:"src"`
	After string `json:"after"`
}

type vectorSpan struct {
	Src   [2]int `json:"src"`
	Out   [2]int `json:"out"`
	SrcCP [2]int `json:"src_cp"`
	OutCP [2]int `json:"out_cp"`
	Exact bool   `json:"exact"`
}

func fill(t *testing.T, name, src string, edits []Edit) vector {
	out, err := Apply(src, edits)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	v := vector{Name: name, Src: src, Out: out, Edits: []vectorEdit{}, Spans: []vectorSpan{}}
	for _, e := range edits {
		v.Edits = append(v.Edits, vectorEdit{[2]int{e.Start, e.End}, e.New})
	}
	m, us, uo := NewMap(edits), NewUnits(src), NewUnits(out)
	pair := func(s Span) [2]int { return [2]int{s.Start, s.End} }
	at := runeStarts(src)
	for i := range at {
		for j := i; j < min(i+3, len(at)); j++ {
			s := Span{at[i], at[j]}
			o, exact := m.ToOut(s)
			v.Spans = append(v.Spans, vectorSpan{pair(s), pair(o), pair(us.Points(s)), pair(uo.Points(o)), exact})
		}
	}
	return v
}

// TestVectors checks the shipped vectors; go test -update makes them anew.
func TestVectors(t *testing.T) {
	var vs []vector
	if *update {
		e := func(a, b int, s string) Edit { return Edit{Span{a, b}, s} }
		vs = []vector{
			fill(t, "no edits", "abc", nil),
			fill(t, "insert at both ends", "abc", []Edit{e(0, 0, "<"), e(3, 3, ">")}),
			fill(t, "insert into an empty text", "", []Edit{e(0, 0, "x")}),
			fill(t, "delete everything", "abc", []Edit{e(0, 3, "")}),
			fill(t, "after an astral character", "😀ab", []Edit{e(5, 5, " ")}),
			fill(t, "replace an astral character", "a😀b", []Edit{e(1, 5, "é")}),
			fill(t, "CRLF", "a\r\nb", []Edit{e(1, 3, "\n")}),
			fill(t, "adjacent edits", "abcd", []Edit{e(0, 2, "x"), e(2, 4, "yz")}),
			fill(t, "adjacent deletions", "abcd", []Edit{e(1, 2, ""), e(2, 3, "")}),
			fill(t, "a move as cut and insertion", "one two ", []Edit{e(0, 4, ""), e(8, 8, "one ")}),
		}
		r := rand.New(rand.NewPCG(7, 8))
		for len(vs) < 50 {
			src := randText(r, 8)
			vs = append(vs, fill(t, "mixed "+strconv.Itoa(len(vs)), src, randEdits(r, src)))
		}
		var b bytes.Buffer
		b.WriteString("[\n")
		for i, v := range vs {
			line, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(line)
			if i < len(vs)-1 {
				b.WriteByte(',')
			}
			b.WriteByte('\n')
		}
		b.WriteString("]\n")
		if err := os.WriteFile(vectorsFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &vs); err != nil {
		t.Fatal(err)
	}
	for _, v := range vs {
		var edits []Edit
		for _, e := range v.Edits {
			edits = append(edits, Edit{Span{e.Src[0], e.Src[1]}, e.After})
		}
		want, _ := json.Marshal(v)
		if got, _ := json.Marshal(fill(t, v.Name, v.Src, edits)); !bytes.Equal(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", v.Name, got, want)
		}
	}
}
