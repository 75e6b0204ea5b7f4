package archive

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

type pqSource struct {
	Name string  `parquet:"name,dict"`
	Body *string `parquet:"body,optional"`
}

type pqRow struct {
	ID     int64             `parquet:"id"`
	Text   string            `parquet:"text,zstd"`
	Source pqSource          `parquet:"source"`
	Tags   []string          `parquet:"tags,list"`
	Meta   map[string]string `parquet:"meta"`
	Score  float64           `parquet:"score"`
}

func pqFile(t *testing.T, rows []pqRow, perGroup int) string {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[pqRow](&b, parquet.KeyValueMetadata("who", "us"), parquet.Compression(&parquet.Snappy))
	for i, r := range rows {
		if _, err := w.Write([]pqRow{r}); err != nil {
			t.Fatal(err)
		}
		if (i+1)%perGroup == 0 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "in.parquet")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParquet(t *testing.T) {
	var rows []pqRow
	for i := range 500 {
		body := fmt.Sprintf("body X %d", i)
		r := pqRow{
			ID: int64(i) << 40, Text: fmt.Sprintf("text \"X\"\n%d", i), Source: pqSource{Name: fmt.Sprint("n", i%3), Body: &body},
			Tags: []string{"X", "b"}[:i%3%2], Meta: map[string]string{"k": "X"}, Score: float64(i) / 3,
		}
		if i%7 == 0 {
			r.Source.Body = nil
		}
		rows = append(rows, r)
	}
	f, err := os.Open(pqFile(t, rows, 200))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := NewParquet(f, []string{"text", "/source/body"}, "id", "", "")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	sink, err := p.Sink(&out, 2000)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		raw, err := p.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rec, err := p.Parse(raw.Bytes)
		if err != nil || rec.ID != fmt.Sprint(int64(n)<<40) {
			t.Fatal(rec, err)
		}
		patches := make([][]Patch, len(rec.Texts))
		for i := range rec.Texts {
			patches[i] = replaceAll("X", "YZ")(rec.Texts[i].Text)
		}
		line, err := p.Splice(raw.Bytes, &rec, patches)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sink.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		rows[i].Text = strings.ReplaceAll(rows[i].Text, "X", "YZ")
		if rows[i].Source.Body != nil {
			s := strings.ReplaceAll(*rows[i].Source.Body, "X", "YZ")
			rows[i].Source.Body = &s
		}
	}
	back, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if who, _ := back.Lookup("who"); who != "us" || len(back.RowGroups()) != 3 || back.RowGroups()[0].NumRows() != 200 || back.Schema().String() != p.file.Schema().String() {
		t.Errorf("metadata %q, %d row groups, schema\n%s\nwant\n%s", who, len(back.RowGroups()), back.Schema(), p.file.Schema())
	}
	for i, c := range back.Metadata().RowGroups[0].Columns {
		if was := p.file.Metadata().RowGroups[0].Columns[i]; c.MetaData.Codec != was.MetaData.Codec {
			t.Errorf("column %v was compressed with %v, is with %v", c.MetaData.PathInSchema, was.MetaData.Codec, c.MetaData.Codec)
		}
	}
	got, err := parquet.Read[pqRow](bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if len(rows[i].Tags) == 0 {
			rows[i].Tags = nil
		}
		if len(got[i].Tags) == 0 {
			got[i].Tags = nil
		}
		if !reflect.DeepEqual(got[i], rows[i]) {
			t.Fatalf("row %d is %+v, want %+v", i, got[i], rows[i])
		}
	}
}

func TestParquetRefuses(t *testing.T) {
	path := pqFile(t, []pqRow{{Text: "a"}}, 10)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ field, want string }{
		{"nosuch", "the file has no column"}, {"/tags/list/element", "is a list"},
	} {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := NewParquet(f, []string{c.field}, "", "", ""); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.field, err)
		}
		f.Close()
	}
	// Damage anywhere is an error or passes, never a panic.
	for i := 0; i < len(whole); i += 7 {
		bad := bytes.Clone(whole)
		bad[i] ^= 0x55
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := NewParquet(f, []string{"text"}, "id", "", ""); err == nil {
			for range 10 {
				if _, err := p.Next(); err != nil {
					break
				}
			}
		}
		f.Close()
	}
}

// Repaired texts go into columns of their own, and out of the file again; all
// other values, the schema's order and the metadata stay.
func TestParquetAddedColumns(t *testing.T) {
	var rows []pqRow
	for i := range 300 {
		body := fmt.Sprintf("body X %d", i)
		r := pqRow{ID: int64(i), Text: fmt.Sprintf("text \"X\" é\n%d", i), Source: pqSource{Name: "n", Body: &body}, Tags: []string{"X"}, Meta: map[string]string{"k": "X"}}
		if i%3 == 0 {
			r.Source.Body = nil
		}
		rows = append(rows, r)
	}
	open := func(path string, has bool) *Parquet {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		p, err := NewParquet(f, []string{"text", "/source/body"}, "id", "", "")
		if err == nil {
			err = p.Add([]string{"clean", "body_clean"}, has)
		}
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	through := func(p *Parquet, do func(line []byte) []byte) string {
		path := filepath.Join(t.TempDir(), "out.parquet")
		var out bytes.Buffer
		sink, err := p.Sink(&out, 2000)
		if err != nil {
			t.Fatal(err)
		}
		for {
			raw, err := p.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := sink.Write(do(raw.Bytes)); err != nil {
				t.Fatal(err)
			}
		}
		if err := sink.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	repaired := func(p *Parquet) func([]byte) []byte {
		n := 0
		return func(line []byte) []byte {
			if n++; n%10 == 0 {
				return p.Unrepaired(line)
			}
			rec, err := p.Parse(line)
			if err != nil {
				t.Fatal(err)
			}
			patches := make([][]Patch, len(rec.Texts))
			for i := range rec.Texts {
				patches[i] = replaceAll("X", "YZ")(rec.Texts[i].Text)
			}
			out, err := p.Splice(line, &rec, patches)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
	}
	in := pqFile(t, rows, 100)
	p := open(in, false)
	wide := through(p, repaired(p))

	type wideRow struct {
		pqRow
		Clean     *string `parquet:"clean,optional"`
		BodyClean *string `parquet:"body_clean,optional"`
	}
	got, err := parquet.ReadFile[wideRow](wide)
	if err != nil || len(got) != len(rows) {
		t.Fatal(len(got), err)
	}
	for i, r := range got {
		with := "YZ"
		if (i+1)%10 == 0 {
			with = "X"
		}
		if !reflect.DeepEqual(r.pqRow, rows[i]) || *r.Clean != strings.ReplaceAll(rows[i].Text, "X", with) {
			t.Fatalf("row %d: %+v %q", i, r.pqRow, *r.Clean)
		}
		if body := rows[i].Source.Body; body == nil && r.BodyClean != nil || body != nil && *r.BodyClean != strings.ReplaceAll(*body, "X", with) {
			t.Fatalf("row %d: body %v", i, r.BodyClean)
		}
	}

	q := open(wide, true)
	back := through(q, func(line []byte) []byte {
		rest, rec, added, err := q.Cut(line)
		if err != nil || len(added) != len(rec.Texts) {
			t.Fatal(err, added)
		}
		for i := range added {
			if s := rec.Texts[i].Text; added[i] != s && added[i] != strings.ReplaceAll(s, "X", "YZ") {
				t.Fatalf("%q for %q", added[i], s)
			}
		}
		return rest
	})
	narrow, err := parquet.ReadFile[pqRow](back)
	if err != nil || !reflect.DeepEqual(narrow, rows) {
		t.Fatal("the rows do not come back", err)
	}
	r := open(back, false)
	if who, _ := r.file.Lookup("who"); who != "us" || r.file.Schema().String() != p.file.Schema().String() || len(r.file.RowGroups()) != 3 {
		t.Errorf("schema\n%s\nwant\n%s", r.file.Schema(), p.file.Schema())
	}
	f, err := os.Open(wide)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	again, err := NewParquet(f, []string{"text"}, "id", "", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Add([]string{"clean"}, false); err == nil || !strings.Contains(err.Error(), "already has a column") {
		t.Error(err)
	}
}
