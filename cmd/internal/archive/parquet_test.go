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
