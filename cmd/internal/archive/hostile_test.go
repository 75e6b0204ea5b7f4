package archive

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"io"
	"runtime"
	"strings"
	"testing"
)

// endless is n bytes of one piece of text over and over.
type endless struct {
	piece string
	n, at int64
}

func (e *endless) Read(b []byte) (int, error) {
	if e.at == e.n {
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), e.n-e.at)]
	for i := 0; i < len(b); {
		i += copy(b[i:], e.piece[(e.at+int64(i))%int64(len(e.piece)):])
	}
	e.at += int64(len(b))
	return len(b), nil
}

// sinking reads a stream to its end as its format cuts it, and holds against
// what went in: nothing may be lost, and the memory in use may not grow with it.
func sinking(t *testing.T, f Format, want int64, sum uint64) (errs []error) {
	t.Helper()
	const most = 96 << 20 // bytes in use: a record at its limit, its copy while it grows, and the window
	var h maphash.Hash
	h.SetSeed(seed)
	var got int64
	var m runtime.MemStats
	for n := 0; ; n++ {
		raw, err := f.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return append(errs, err)
		}
		if raw.Err != nil {
			errs = append(errs, raw.Err)
		}
		got += int64(len(raw.Bytes))
		h.Write(raw.Bytes)
		if n%64 == 0 {
			if runtime.ReadMemStats(&m); m.HeapInuse > most {
				runtime.GC()
				if runtime.ReadMemStats(&m); m.HeapInuse > most {
					t.Fatalf("%d MB in use after %d MB", m.HeapInuse>>20, got>>20)
				}
			}
		}
	}
	if got != want || sum != 0 && h.Sum64() != sum {
		t.Errorf("%d bytes came through, want %d, or they differ", got, want)
	}
	return errs
}

var seed = maphash.MakeSeed()

// readers make the formats of streams over one.
var readers = map[string]func(r io.Reader) (Format, error){
	"jsonl": func(r io.Reader) (Format, error) { return NewJSONL(r, 0, []string{"text"}, nil, "id"), nil },
	"csv":   func(r io.Reader) (Format, error) { return NewCSV(r, 0, ',', []string{"#1"}, "") },
	"text":  func(r io.Reader) (Format, error) { return NewText(r, 0), nil },
	"html":  func(r io.Reader) (Format, error) { return NewHTML(r, 0), nil },
	"wet":   func(r io.Reader) (Format, error) { return NewWET(r, 0), nil },
	"warc":  func(r io.Reader) (Format, error) { return NewWARC(r, 0), nil },
}

// A gigabyte on one line of JSON, and less of it in every other format, goes
// through in pieces: the record is reported, no byte is lost, and memory stays
// what a record may take.
func TestGigabyteOnOneLine(t *testing.T) {
	const piece = `{"text":"They have includedUS controls on the export of goods. `
	for name, open := range readers {
		t.Run(name, func(t *testing.T) {
			size := int64(100 << 20)
			if name == "jsonl" && !testing.Short() {
				size = 1 << 30
			}
			var h maphash.Hash
			h.SetSeed(seed)
			if _, err := io.Copy(&h, &endless{piece: piece, n: size}); err != nil {
				t.Fatal(err)
			}
			f, err := open(&endless{piece: piece, n: size})
			if err != nil {
				t.Fatal(err)
			}
			errs := sinking(t, f, size, h.Sum64())
			if len(errs) == 0 || name == "jsonl" && len(errs) != 1 {
				t.Errorf("reported %d times", len(errs))
			}
		})
	}
}

// Some hundred kilobytes that decompress to a hundred megabytes cost time, not
// memory, in every format.
func TestBombs(t *testing.T) {
	const size = 100 << 20
	for _, codec := range []Codec{Gzip, Zstd} {
		var bomb bytes.Buffer
		w, err := Compress(&bomb, codec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, &endless{piece: "\x00", n: size}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if bomb.Len() > size/500 {
			t.Fatalf("%s: %d bytes are no bomb", codec, bomb.Len())
		}
		for name, open := range readers {
			t.Run(string(codec[1:])+"/"+name, func(t *testing.T) {
				z, _, err := Decompress(bytes.NewReader(bomb.Bytes()))
				if err != nil {
					t.Fatal(err)
				}
				defer z.Close()
				f, err := open(z)
				if err != nil {
					t.Fatal(err)
				}
				if errs := sinking(t, f, size, 0); len(errs) == 0 {
					t.Error("nothing was reported")
				}
			})
		}
	}
}

// A window that only a hostile frame asks for is refused, not allocated.
func TestZstdWindow(t *testing.T) {
	// A frame header (RFC 8878, 3.1.1.1): magic, descriptor, window descriptor
	// with exponent 31: 2 TB.
	z, _, err := Decompress(strings.NewReader("\x28\xb5\x2f\xfd\x00\xf8\x01\x00\x00"))
	if err == nil {
		_, err = io.ReadAll(z)
	}
	if err == nil || !strings.Contains(err.Error(), "window") {
		t.Errorf("a window of 2 TB: %v", err)
	}
}

// Of members behind one another those before the torn one are good, and the torn
// record is told from the whole ones.
func TestTruncatedMembers(t *testing.T) {
	for _, codec := range []Codec{Gzip, Zstd} {
		var stream bytes.Buffer
		for i := range 3 {
			w, err := Compress(&stream, codec)
			if err != nil {
				t.Fatal(err)
			}
			for k := range 50 {
				if _, err := fmt.Fprintf(w, "{\"id\":%d,\"text\":\"They have includedUS %x controls on goods.\"}\n", 50*i+k, k*k*7919); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		whole := stream.Bytes()
		for cut := len(whole) - 1; cut > 0; cut -= 97 {
			z, _, err := Decompress(bytes.NewReader(whole[:cut]))
			if err != nil {
				continue // not even a header
			}
			f := NewJSONL(z, 0, []string{"text"}, nil, "id")
			good := 0
			for {
				raw, err := f.Next()
				if err == io.EOF {
					t.Fatalf("%s cut at %d of %d: a torn stream ended as if it were whole, after %d records", codec, cut, len(whole), good)
				}
				if err != nil {
					break
				}
				if raw.Err != nil || raw.Blank {
					continue
				}
				rec, err := f.Parse(raw.Bytes)
				if err != nil || rec.ID != fmt.Sprint(good) {
					t.Fatalf("%s cut at %d: record %q after %d good ones: %v", codec, cut, rec.ID, good, err)
				}
				good++
			}
			if third := len(whole) / 3; good < cut/third*50-50 {
				t.Fatalf("%s cut at %d of %d: only %d records", codec, cut, len(whole), good)
			}
		}
	}
}

// Lengths that lie: too long, too short, none, negative, larger than any number.
func TestWARCLengths(t *testing.T) {
	sound := wet("conversion", "http://b/", "two X")
	for _, length := range []string{"500", "2", "0", "-1", "", "x", "5 5", "+5", "005", "1e3", "16777217", "4294967296", "9223372036854775807", "9223372036854775808", "99999999999999999999999"} {
		lying := strings.Replace(sound, "Content-Length: 5", "Content-Length: "+length, 1)
		for _, in := range []string{lying, lying + sound, sound + lying + sound} {
			got, errs := all(t, NewWET(strings.NewReader(in), 0), func(string) []Patch { return nil })
			if got != in || len(errs) == 0 {
				t.Errorf("length %q: %d errors, %d bytes of %d came through", length, len(errs), len(got), len(in))
			}
			w := NewWARC(strings.NewReader(in), 0)
			for {
				if _, err := w.Next(); err != nil {
					break
				}
			}
		}
	}
}
