package arrow

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"pgregory.net/rapid"
)

// texts are what the repaired column holds, and what becomes of it.
var texts = map[string]string{
	"": "",
	"They have includedUS controls on the export of goods.":                  "They have included US controls on the export of goods.",
	"The council voted on Monday to close the old bridge.":                   "The council voted on Monday to close the old bridge.",
	"They imposed controlson the export of goods.\nNobody was “hurt” in it.": "They imposed controls on the export of goods.\nNobody was “hurt” in it.",
	"Tab\tand \\ and \"marks\" stay, as does 東京 and 😀.":                      "Tab\tand \\ and \"marks\" stay, as does 東京 and 😀.",
}

// column is a type that a table may have beside its text, and how a value of it
// is drawn, as JSON.
type column struct {
	kind arrow.DataType
	draw func(t *rapid.T) any
}

func any2[T any](g *rapid.Generator[T]) func(t *rapid.T) any {
	return func(t *rapid.T) any { return g.Draw(t, "value") }
}

var number = any2(rapid.Int32())

var columns = []column{
	{arrow.PrimitiveTypes.Int64, any2(rapid.Int64())},
	{arrow.PrimitiveTypes.Int32, number},
	{arrow.PrimitiveTypes.Uint8, any2(rapid.Uint8())},
	{arrow.PrimitiveTypes.Uint64, any2(rapid.Uint64())},
	{arrow.PrimitiveTypes.Float64, func(t *rapid.T) any {
		f := rapid.Float64().Draw(t, "value")
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return 0.1
		}
		return f
	}},
	{arrow.PrimitiveTypes.Float32, any2(rapid.Float32Range(-1e30, 1e30))},
	{arrow.FixedWidthTypes.Boolean, any2(rapid.Bool())},
	{arrow.BinaryTypes.String, any2(rapid.String())},
	{arrow.BinaryTypes.Binary, func(t *rapid.T) any {
		return base64.StdEncoding.EncodeToString(rapid.SliceOf(rapid.Byte()).Draw(t, "value"))
	}},
	{&arrow.FixedSizeBinaryType{ByteWidth: 16}, func(t *rapid.T) any {
		return base64.StdEncoding.EncodeToString(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "value"))
	}},
	{&arrow.Decimal128Type{Precision: 38, Scale: 4}, func(t *rapid.T) any { return fmt.Sprintf("%d.0625", rapid.Int64().Draw(t, "value")) }},
	{arrow.FixedWidthTypes.Date32, func(t *rapid.T) any { return fmt.Sprintf("20%02d-03-04", rapid.IntRange(10, 30).Draw(t, "value")) }},
	{&arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, func(t *rapid.T) any {
		return fmt.Sprintf("2024-04-26T10:00:%02d.123456Z", rapid.IntRange(0, 59).Draw(t, "value"))
	}},
	{&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, any2(rapid.SampledFrom([]string{"politics", "sport", "They have includedUS controls"}))},
	{arrow.ListOf(arrow.BinaryTypes.String), any2(rapid.SliceOfN(rapid.StringN(0, 5, -1), 0, 4))},
	{arrow.ListOf(arrow.ListOf(arrow.PrimitiveTypes.Int32)), any2(rapid.SliceOfN(rapid.SliceOfN(rapid.Int32(), 0, 3), 0, 3))},
	{arrow.StructOf(arrow.Field{Name: "a", Type: arrow.PrimitiveTypes.Int32, Nullable: true}, arrow.Field{Name: "text", Type: arrow.BinaryTypes.String, Nullable: true}), func(t *rapid.T) any {
		return map[string]any{"a": number(t), "text": "They have includedUS controls"}
	}},
	{arrow.ListOf(arrow.StructOf(arrow.Field{Name: "k", Type: arrow.BinaryTypes.String}, arrow.Field{Name: "v", Type: arrow.PrimitiveTypes.Int32, Nullable: true})), func(t *rapid.T) any {
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			list = append(list, map[string]any{"k": "x", "v": number(t)})
		}
		return list
	}},
}

// table is a drawn file: columns, one of them the text, in row groups.
type table struct {
	schema *arrow.Schema
	text   int // which column
	groups []arrow.RecordBatch
	want   []string // the texts repaired; "null" for none, since no text reads so
}

func drawTable(t *rapid.T) table {
	var fields []arrow.Field
	var draws []func(t *rapid.T) any
	for i, c := range rapid.SliceOfN(rapid.SampledFrom(columns), 0, 6).Draw(t, "columns") {
		fields = append(fields, arrow.Field{Name: fmt.Sprintf("c%d", i), Type: c.kind, Nullable: rapid.Bool().Draw(t, "nullable")})
		draws = append(draws, c.draw)
	}
	x := table{text: rapid.IntRange(0, len(fields)).Draw(t, "place of the text")}
	var keys []string
	for k := range texts {
		keys = append(keys, k)
	}
	slices.Sort(keys) // the order of a map is another in every run, the draw must not be
	fields = append(fields[:x.text:x.text], append([]arrow.Field{{Name: "text", Type: arrow.BinaryTypes.String, Nullable: true}}, fields[x.text:]...)...)
	draws = append(draws[:x.text:x.text], append([]func(t *rapid.T) any{any2(rapid.SampledFrom(keys))}, draws[x.text:]...)...)
	meta := arrow.NewMetadata([]string{"publisher"}, []string{rapid.StringMatching(`[a-z é]{0,9}`).Draw(t, "metadata")})
	x.schema = arrow.NewSchema(fields, &meta)
	for range rapid.IntRange(0, 3).Draw(t, "row groups") {
		b := array.NewRecordBuilder(memory.DefaultAllocator, x.schema)
		for range rapid.IntRange(1, 70).Draw(t, "rows") {
			row := map[string]any{}
			for i, f := range fields {
				row[f.Name] = nil
				if !f.Nullable || rapid.IntRange(0, 4).Draw(t, "null") > 0 {
					row[f.Name] = draws[i](t)
				}
			}
			if s, ok := row["text"].(string); ok {
				x.want = append(x.want, texts[s])
			} else {
				x.want = append(x.want, "null")
			}
			line, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.UnmarshalJSON(line); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
		}
		x.groups = append(x.groups, b.NewRecordBatch())
		b.Release()
	}
	return x
}

// write writes the table as drawn: codec, pages, dictionaries.
func (x *table) write(t *rapid.T, path string) {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	// Not Brotli: arrow-go 18.8 takes an empty page of it for one that is too long.
	codec := rapid.SampledFrom([]compress.Compression{compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Gzip, compress.Codecs.Zstd}).Draw(t, "codec")
	props := parquet.NewWriterProperties(
		parquet.WithCompression(codec), parquet.WithDictionaryDefault(rapid.Bool().Draw(t, "dictionary")),
		parquet.WithDataPageVersion(rapid.SampledFrom([]parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2}).Draw(t, "pages")),
		parquet.WithDataPageSize(rapid.SampledFrom([]int64{100, 1 << 20}).Draw(t, "page size")),
		parquet.WithStats(rapid.Bool().Draw(t, "statistics")))
	w, err := pqarrow.NewFileWriter(x.schema, f, props, pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range x.groups {
		if err := w.Write(g); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// opened is a file as arrow-go reads it.
type opened struct {
	*file.Reader
	arrow.Table
}

func read(t *rapid.T, path string) opened {
	r, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	fr, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := fr.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return opened{r, tab}
}

// What another implementation wrote comes back to it with only the texts changed:
// schema, metadata, row groups and every value of the other columns are the same.
func TestOtherColumns(t *testing.T) {
	dir := t.TempDir()
	tool := filepath.Join(dir, "copydesk")
	build := exec.Command("go", "build", "-o", tool, "./cmd/copydesk")
	build.Dir = filepath.Join("..", "..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		x := drawTable(t)
		in, out := filepath.Join(dir, "in.parquet"), filepath.Join(dir, fmt.Sprint("out", n))
		x.write(t, in)
		if said, err := exec.Command(tool, "run", in, "-o", out, "-q", "-j", "1").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		defer os.RemoveAll(out)
		was, is := read(t, in), read(t, filepath.Join(out, "in.parquet"))
		defer was.Close()
		defer is.Close()
		same(t, was, is, x.text)
		texts := column1(is.Column(x.text).Data())
		if strings.Join(texts, "\x00") != strings.Join(x.want, "\x00") {
			t.Fatalf("texts are %q, want %q", texts, x.want)
		}
	})
}

func same(t *rapid.T, was, is opened, text int) {
	if a, b := was.MetaData().Schema, is.MetaData().Schema; a.String() != b.String() {
		t.Fatalf("the schema was\n%s\nand is\n%s", a, b)
	}
	if !was.Schema().Equal(is.Schema()) || was.Schema().Metadata().String() != is.Schema().Metadata().String() {
		t.Fatalf("the schema was %s and is %s", was.Schema(), is.Schema())
	}
	pairs := func(o opened) string { // a set: the writer sorts them
		var all []string
		kv := o.MetaData().KeyValueMetadata()
		for i, k := range kv.Keys() {
			all = append(all, k+"="+kv.Values()[i])
		}
		slices.Sort(all)
		return strings.Join(all, "\n")
	}
	if a, b := pairs(was), pairs(is); a != b {
		t.Fatalf("the metadata was %s and is %s", a, b)
	}
	if was.NumRowGroups() != is.NumRowGroups() || was.Reader.NumRows() != is.Reader.NumRows() {
		t.Fatalf("%d rows in %d groups were %d in %d", is.Reader.NumRows(), is.NumRowGroups(), was.Reader.NumRows(), was.NumRowGroups())
	}
	for i := range was.NumRowGroups() {
		a, b := was.RowGroup(i), is.RowGroup(i)
		if a.NumRows() != b.NumRows() {
			t.Fatalf("row group %d had %d rows and has %d", i, a.NumRows(), b.NumRows())
		}
		for k := range a.NumColumns() {
			ca, err := a.MetaData().ColumnChunk(k)
			if err != nil {
				t.Fatal(err)
			}
			cb, err := b.MetaData().ColumnChunk(k)
			if err != nil {
				t.Fatal(err)
			}
			if ca.Compression() != cb.Compression() {
				t.Fatalf("column %d was compressed with %s and is with %s", k, ca.Compression(), cb.Compression())
			}
		}
	}
	for i := range int(was.NumCols()) {
		if i != text && !array.ChunkedEqual(was.Column(i).Data(), is.Column(i).Data()) {
			t.Fatalf("column %s was %v and is %v", was.Column(i).Name(), was.Column(i).Data(), is.Column(i).Data())
		}
	}
}

// column1 is a column of texts, "null" for none.
func column1(c *arrow.Chunked) (all []string) {
	for _, chunk := range c.Chunks() {
		s := chunk.(*array.String)
		for i := range s.Len() {
			if s.IsNull(i) {
				all = append(all, "null")
			} else {
				all = append(all, s.Value(i))
			}
		}
	}
	return all
}
