package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Framed is a file written in independent frames, gzip members or zstd frames,
// so that one that was torn can be cut back to its last whole frame and go on.
// The same writes and cuts give the same bytes.
type Framed struct {
	file  *os.File
	codec Codec
	sum   hash.Hash // of what lies on the disk
	size  int64     // of it, in bytes
	z     interface {
		io.WriteCloser
		Reset(io.Writer)
	}
	open    bool  // within a frame
	pending int64 // bytes given since the frame began
}

// gzipLevel is quick: writing must not cost more than repairing. On news, level
// 1 writes some 200 MB/s where level 6 writes 60, and is 12 % larger.
const gzipLevel = gzip.BestSpeed

// OpenFramed opens a file to go on behind its first keep bytes; what stands
// after them is cut off. Zero begins a new file.
func OpenFramed(path string, codec Codec, keep int64) (*Framed, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	w := &Framed{file: f, codec: codec, sum: sha256.New(), size: keep}
	if err := w.start(keep); err != nil {
		f.Close()
		return nil, err
	}
	return w, nil
}

func (w *Framed) start(keep int64) error {
	if n, err := io.Copy(w.sum, io.LimitReader(w.file, keep)); err != nil || n < keep {
		return fmt.Errorf("%s is shorter than the %d bytes that were written to it: %v", w.file.Name(), keep, err)
	}
	if err := w.file.Truncate(keep); err != nil {
		return err
	}
	var err error
	switch w.codec {
	case Plain:
	case Gzip:
		w.z, err = gzip.NewWriterLevel(w.disk(), gzipLevel)
	case Zstd:
		w.z, err = zstd.NewWriter(w.disk(), zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithZeroFrames(true))
	default:
		err = fmt.Errorf("cannot write %s in frames: use .gz or .zst", w.codec)
	}
	return err
}

// disk counts and sums what goes to the file.
func (w *Framed) disk() io.Writer { return (*framedDisk)(w) }

type framedDisk Framed

func (d *framedDisk) Write(b []byte) (int, error) {
	n, err := d.file.Write(b)
	d.sum.Write(b[:n])
	d.size += int64(n)
	return n, err
}

// Write writes into the current frame.
func (w *Framed) Write(b []byte) (int, error) {
	w.pending += int64(len(b))
	w.open = true
	if w.z == nil {
		return w.disk().Write(b)
	}
	return w.z.Write(b)
}

// Pending is how many bytes the current frame holds before compression.
func (w *Framed) Pending() int64 { return w.pending }

// Cut ends the frame. It returns the size of the file, whose end is then the end
// of a frame.
func (w *Framed) Cut() (int64, error) {
	if w.open && w.z != nil {
		if err := w.z.Close(); err != nil {
			return 0, err
		}
		w.z.Reset(w.disk())
	}
	w.open, w.pending = false, 0
	return w.size, nil
}

// Finish ends the last frame and brings everything to the disk. A file without a
// frame gets an empty one, since no bytes are no gzip.
func (w *Framed) Finish() error {
	if w.size == 0 && !w.open && w.z != nil {
		w.open = true
	}
	if _, err := w.Cut(); err != nil {
		return err
	}
	return w.Sync()
}

// Size is that of the file up to the last cut.
func (w *Framed) Size() int64 { return w.size }

// Sync brings what was written to the disk.
func (w *Framed) Sync() error { return w.file.Sync() }

// Sum is the SHA-256, in hex, of the file up to the last cut.
func (w *Framed) Sum() string { return hex.EncodeToString(w.sum.Sum(nil)) }

// Close closes the file; an open frame is lost.
func (w *Framed) Close() error { return w.file.Close() }
