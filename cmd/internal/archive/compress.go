package archive

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// Codec is a way to compress a stream.
type Codec string

// The codecs, each named as its files end.
const (
	Plain Codec = ""
	Gzip  Codec = ".gz"
	Zstd  Codec = ".zst"
	Bzip2 Codec = ".bz2"
	XZ    Codec = ".xz"
)

// maxWindow is the most memory, in bytes, that decoding a stream may take: what
// `zstd --long=27` needs, the most that zstd itself takes without being asked.
const maxWindow = 128 << 20

var magics = []struct {
	codec Codec
	magic string
}{
	{Gzip, "\x1f\x8b\x08"},
	{Zstd, "\x28\xb5\x2f\xfd"},
	{Bzip2, "BZh"},
	{XZ, "\xfd7zXZ\x00"},
}

// Decompress reads a stream that may be compressed, told by its first bytes and
// not by its name. The reader decodes as it goes: a bomb costs no memory.
func Decompress(r io.Reader) (io.ReadCloser, Codec, error) {
	br := bufio.NewReaderSize(r, 1<<18)
	head, err := br.Peek(6)
	if err != nil && err != io.EOF {
		return nil, Plain, err
	}
	codec := Plain
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			codec = m.codec
		}
	}
	if len(head) >= 4 && head[0]&0xF0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18" {
		codec = Zstd // a skippable frame, such as a pipe of pzstd begins with
	}
	switch codec {
	case Gzip:
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, codec, fmt.Errorf("gzip: %w", err)
		}
		return z, codec, nil
	case Zstd:
		z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, codec, err
		}
		return z.IOReadCloser(), codec, nil
	case Bzip2:
		if len(head) < 6 || head[3] < '1' || head[3] > '9' {
			break // a text that begins with "BZh"
		}
		return io.NopCloser(bzip2.NewReader(br)), codec, nil
	case XZ:
		if err := checkXZ(br); err != nil {
			return nil, codec, err
		}
		z, err := xz.NewReader(br)
		if err != nil {
			return nil, codec, fmt.Errorf("xz: %w", err)
		}
		return io.NopCloser(z), codec, nil
	}
	return io.NopCloser(br), Plain, nil
}

// checkXZ refuses a first block whose header asks for a larger dictionary than
// maxWindow: the decoder would allocate it on sight. (Section 3.1 and 5.3.1 of
// the .xz file format.)
func checkXZ(br *bufio.Reader) error {
	head, _ := br.Peek(12 + 24)
	if len(head) < 24 {
		return nil // the decoder will say what is wrong
	}
	const lzma2 = 0x21
	block := head[12:]
	at := 2
	for _, present := range []bool{block[1]&0x40 != 0, block[1]&0x80 != 0} {
		for present && at < len(block)-1 && block[at] >= 0x80 {
			at++
		}
		if present {
			at++
		}
	}
	if block[0] == 0 || at+3 > len(block) || block[at] != lzma2 || block[at+1] != 1 {
		return nil
	}
	bits := uint(block[at+2] & 0x3F)
	if bits > 40 {
		return errors.New("xz: impossible dictionary size")
	}
	size := uint64(1<<32 - 1)
	if bits < 40 {
		size = (2 | uint64(bits&1)) << (bits/2 + 11)
	}
	if size > maxWindow {
		return fmt.Errorf("xz: a dictionary of %d MB: compress it again with at most -9", size>>20)
	}
	return nil
}

// Compress writes a stream in a codec; closing it does not close w.
func Compress(w io.Writer, codec Codec) (io.WriteCloser, error) {
	switch codec {
	case Plain:
		return nopWriteCloser{w}, nil
	case Gzip:
		return gzip.NewWriter(w), nil
	case Zstd:
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	case XZ:
		return xz.NewWriter(w)
	}
	return nil, fmt.Errorf("cannot write %s: use .gz or .zst", codec)
}

type nopWriteCloser struct{ io.Writer }

func (nopWriteCloser) Close() error { return nil }
