package main

import (
	"bufio"
	"fmt"
	"hash"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"copydesk/cmd/internal/archive"
)

// input is an opened file or standard input, decompressed.
type input struct {
	*bufio.Reader
	name  string
	codec archive.Codec
	stat  os.FileInfo  // nil for standard input
	read  atomic.Int64 // bytes as they lie on the disk
	raw   *counter     // the bytes before decompression
	disk  *os.File     // nil for standard input
	file  io.Closer
	z     io.Closer
}

// open opens a file, or standard input for "-". Compression is told by content.
func (a *app) open(name string) (*input, error) { return a.openSummed(name, nil) }

// openSummed is open with a sum of the bytes as they lie on the disk.
func (a *app) openSummed(name string, sum hash.Hash) (*input, error) {
	in := &input{name: name, file: io.NopCloser(nil)}
	r := a.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		if in.stat, err = f.Stat(); err == nil && in.stat.IsDir() {
			err = fmt.Errorf("%s is a directory: name its files", name)
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		r, in.disk, in.file = f, f, f
	}
	in.raw = &counter{r: r, n: &in.read, sum: sum}
	z, codec, err := archive.Decompress(in.raw)
	if err != nil {
		in.file.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	in.codec, in.z, in.Reader = codec, z, bufio.NewReaderSize(z, 1<<18)
	return in, nil
}

func (in *input) Close() error {
	in.z.Close()
	return in.file.Close()
}

// counter counts what is read, and sums it where sum is set.
type counter struct {
	r   io.Reader
	n   *atomic.Int64
	sum hash.Hash
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	if c.sum != nil {
		c.sum.Write(b[:n])
	}
	return n, err
}

// formats are those that fix reads, as --format names them.
var formats = []string{"auto", "text", "jsonl", "csv", "tsv", "parquet", "html", "warc", "wet"}

// format is the reader of the input's records.
func (in *input) format(f *fixFlags) (archive.Format, error) {
	kind := f.format
	if kind == "auto" {
		kind = guess(in.name, in.Reader, f.fields)
	}
	switch kind {
	case "wet", "warc", "html", "text":
		if len(f.outFields) > 0 {
			return nil, fmt.Errorf("%s: --out-field needs records with fields: JSON Lines, tables or Parquet", in.name)
		}
	}
	switch kind {
	case "jsonl":
		lines := archive.NewJSONL(in, f.maxRecord(), f.fields, f.outFields, f.id)
		lines.From, lines.Page = f.source, f.pageField
		return lines, nil
	case "csv", "tsv":
		return newCSV(in, f.maxRecord(), kind, f)
	case "parquet":
		return in.parquet(f)
	case "wet":
		return archive.NewWET(in, f.maxRecord()), nil
	case "warc":
		return archive.NewWARC(in, f.maxRecord()), nil
	case "html":
		return archive.NewHTML(in, f.maxRecord()), nil
	case "text":
		return archive.NewText(in, f.maxRecord()), nil
	case wholeJSON:
		return archive.NewUnread(in, f.maxRecord(), errWholeJSON), nil
	}
	return nil, fmt.Errorf("--format %q: use one of %s", f.format, strings.Join(formats, ", "))
}

// newCSV reads a table; what separates its cells is found out, but for a file
// that says so by its name.
func newCSV(in *input, limit int, kind string, f *fixFlags) (archive.Format, error) {
	comma := byte(0)
	if kind == "tsv" {
		comma = '\t'
	}
	t, err := archive.NewCSV(in, limit, comma, f.fields, f.id)
	if err != nil {
		return nil, err
	}
	t.From, t.Page, t.Out, t.Has = f.source, f.pageField, f.outFields, f.has && len(f.outFields) > 0
	return t, nil
}

// parquet reads the input as Parquet, which needs a file to jump about in:
// standard input goes to a temporary one first.
func (in *input) parquet(f *fixFlags) (archive.Format, error) {
	if in.codec != archive.Plain {
		return nil, fmt.Errorf("%s: a compressed Parquet file cannot be read in places: decompress it first", in.name)
	}
	if in.disk == nil {
		tmp, err := os.CreateTemp("", "copydesk-*.parquet")
		if err != nil {
			return nil, err
		}
		in.file = removed{tmp}
		if _, err := io.Copy(tmp, in.Reader); err != nil {
			return nil, err
		}
		in.disk = tmp
	}
	p, err := archive.NewParquet(in.disk, f.fields, f.id, f.source, f.pageField)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	if err := p.Add(f.outFields, f.has); err != nil {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	return p, nil
}

// removed is a temporary file that goes when it is closed.
type removed struct{ *os.File }

func (f removed) Close() error {
	os.Remove(f.Name())
	return f.File.Close()
}

// sink wraps where the records of a format go, when they do not go there as
// they are; end is to be called behind the last.
func sink(format archive.Format, w io.Writer, jobs int) (io.Writer, func() error, error) {
	p, ok := format.(*archive.Parquet)
	if !ok || w == nil {
		return w, func() error { return nil }, nil
	}
	s, err := p.Sink(w, maxAhead(jobs))
	if err != nil {
		return nil, nil, err
	}
	return s, s.Close, nil
}

// maxDoc is the largest text, in bytes, that is repaired: a book of 300,000
// words. At work a text takes some 40 times its size; a hostile one more.
const maxDoc = 2 << 20

// maxRecord is the largest record that is held in memory.
func (f *fixFlags) maxRecord() int { return max(archive.MaxRecord, 2*int(f.maxDoc)) }

// byteSize is a flag's number of bytes: 65536, 64K or 2M.
type byteSize int64

func (b *byteSize) String() string {
	switch n := int64(*b); {
	case n > 0 && n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + "M"
	case n > 0 && n%(1<<10) == 0:
		return strconv.FormatInt(n>>10, 10) + "K"
	default:
		return strconv.FormatInt(n, 10)
	}
}

// Set reads the flag.
func (b *byteSize) Set(s string) error {
	digits, unit := strings.TrimRight(strings.ToUpper(s), "KMGB"), int64(1)
	switch strings.TrimSuffix(strings.ToUpper(s)[len(digits):], "B") {
	case "":
	case "K":
		unit = 1 << 10
	case "M":
		unit = 1 << 20
	case "G":
		unit = 1 << 30
	default:
		return fmt.Errorf("%q is no size: write 65536, 64K or 2M", s)
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || n < 1 || n*unit > 1<<31-1 {
		return fmt.Errorf("%q is no size up to 2G: write 65536, 64K or 2M", s)
	}
	*b = byteSize(n * unit)
	return nil
}

// Type is the flag's type in help texts.
func (b *byteSize) Type() string { return "size" }

// wholeFile reports whether a format takes a file as one record, which then
// bears the file's name.
func wholeFile(f archive.Format) bool {
	switch f.(type) {
	case *archive.TextFile, *archive.HTML, *archive.Unread:
		return true
	}
	return false
}

// inLines reports whether a format's records are lines.
func inLines(f archive.Format) bool {
	switch f.(type) {
	case *archive.JSONL, *archive.CSV:
		return true
	}
	return false
}
