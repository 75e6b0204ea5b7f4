package edit

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// record logs edits of a text as all applied.
func record(src string, edits []Edit) (*DocRecord, string) {
	out, err := Apply(src, edits)
	if err != nil {
		panic(err)
	}
	d := &DocRecord{Doc: "d\x01\"é", Field: "text", Damage: []Share{{"round-trip", 0.5}, {"link-trim", 0.97123}}}
	shift := 0
	for _, e := range edits {
		start := e.Start + shift
		shift += len(e.New) - e.Len()
		before := src[e.Start:e.End]
		d.Edits = append(d.Edits, EditRecord{
			Src: e.Span, Out: Span{start, start + len(e.New)}, Before: before, After: e.New, HasAfter: true,
			Ops: Diff(before, e.New), Rule: "merged/known-parts", Origin: Extraction, Conf: 0.997, Tier: Safe, Applied: true,
			Alts: []Alt{{After: "x<y", Conf: 0.04}}, Why: []string{"a", "b\n"},
		})
	}
	d.Complete(src, out)
	return d, out
}

func TestLogRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		src := randText(r, 12)
		d, out := record(src, randEdits(r, src))
		write := func(d *DocRecord) string {
			var b bytes.Buffer
			w := NewWriter(&b)
			w.UTF16 = true
			_ = w.Run(RunRecord{Tool: "copydesk 0.1.0", Tier: Safe})
			if err := w.Doc(d); err != nil {
				t.Fatal(err)
			}
			_ = w.End(EndRecord{1, 1, len(d.Edits), 0, 0})
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
		text := write(d)
		rd := NewReader(strings.NewReader(text))
		if _, err := rd.Next(); err != nil {
			t.Fatal(err)
		}
		rec, err := rd.Next()
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		d2 := rec.(*DocRecord)
		if again := write(d2); again != text {
			t.Fatalf("read and written again:\n%s\n%s", text, again)
		}
		if got, err := Replay(src, d2); err != nil || got != out {
			t.Fatalf("Replay(%q) = %q, %v, want %q", src, got, err, out)
		}
		if got, err := Revert(out, d2); err != nil || got != src {
			t.Fatalf("Revert(%q) = %q, %v, want %q", out, got, err, src)
		}
		var ids []string
		var rest []Edit
		for _, e := range d2.Edits {
			if r.IntN(2) == 0 {
				ids = append(ids, e.ID)
			} else {
				rest = append(rest, Edit{e.Src, e.After})
			}
		}
		want, _ := Apply(src, rest)
		if got, err := RevertSome(out, d2, ids); err != nil || got != want {
			t.Fatalf("RevertSome(%q, %v) = %q, %v, want %q", out, ids, got, err, want)
		}
		if _, err := Revert(out+"x", d2); err == nil {
			t.Fatal("a changed output was reverted")
		}
	}
}

func TestLogLine(t *testing.T) {
	d, _ := record("😀 includedUS", []Edit{{Span{5, 15}, "included US"}})
	d.Doc = "ID"
	var b strings.Builder
	w := NewWriter(&b)
	_ = w.Doc(d)
	_ = w.Flush()
	want := `{"t":"doc","n":0,"doc":"ID","field":"text","src_sha256":"` + d.SrcHash + `","out_sha256":"` + d.OutHash +
		`","src_len":[15,12,13],"out_len":[16,13,14],"damage":{"round-trip":0.5,"link-trim":0.9712},"edits":[{"id":"` + d.Edits[0].ID +
		`","src":[5,15],"src_cp":[2,12],"out":[5,16],"out_cp":[2,13],"before":"includedUS","after":"included US","ops":[[8,0," "]],` +
		`"rule":"merged/known-parts","origin":"extraction","conf":0.997,"tier":"safe","applied":true,` +
		`"alts":[{"after":"x<y","conf":0.04}],"why":["a","b\n"]}]}` + "\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(`{"t":"doc","damage":{"a":1},"edits":[{"id":"x","src":[0,1],"before":"a","tier":"safe","ops":[[0,1]]}]}`))
	f.Add([]byte(`{"t":"end","edits":3}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(bytes.NewReader(b))
		for {
			rec, err := r.Next()
			if err == io.EOF || err != nil {
				return
			}
			if d, ok := rec.(*DocRecord); ok {
				_, _ = Replay("abc", d)
				_, _ = Revert("abc", d)
			}
		}
	})
}

// A log is cut at no line end but its own, whoever cuts it: Python's splitlines
// takes U+0085, U+2028 and U+2029 for ends too.
func TestLogHasNoOtherLineEnds(t *testing.T) {
	var b strings.Builder
	w := NewWriter(&b)
	before := "a\u0085b\u2028c\u2029d\v\f\x1ce\u00a0"
	d := &DocRecord{Doc: "x", Edits: []EditRecord{{Src: Span{0, len(before)}, Before: before, HasAfter: true, Rule: "a/b"}}}
	d.Complete(before, before)
	if err := w.Doc(d); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(strings.TrimSuffix(b.String(), "\n"), "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029") || !strings.Contains(b.String(), `a\u0085b\u2028c\u2029d\u000b`) {
		t.Errorf("%q", b.String())
	}
	rec, err := NewReader(strings.NewReader(b.String())).Next()
	if got, ok := rec.(*DocRecord); err != nil || !ok || got.Edits[0].Before != before {
		t.Errorf("read back as %+v, %v", rec, err)
	}
}
