package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"copydesk/cmd/internal/archive"
)

// aside is a file that is written beside its place, synced, and renamed there,
// so that nobody ever sees half of it.
type aside struct {
	*bufio.Writer
	path   string
	file   *os.File
	z      io.WriteCloser
	direct bool // a device or a pipe, /dev/null or /dev/fd/3: nothing can be put in its place
}

// createAside begins a file, compressed as asked. It ends with keep or drop.
func createAside(path string, codec archive.Codec) (*aside, error) {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		path = to // the link stays, and what it names is replaced
	}
	w := &aside{path: path}
	st, err := os.Stat(path)
	switch {
	case err == nil && st.IsDir():
		return nil, fmt.Errorf("%s is a folder: name a file in it", path)
	case err == nil && !st.Mode().IsRegular():
		w.direct = true
		w.file, err = os.OpenFile(path, os.O_WRONLY, 0)
	default:
		w.file, err = os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	}
	if e := (*os.PathError)(nil); errors.As(err, &e) {
		e.Path = path // not that of the file aside
	}
	if err != nil {
		return nil, err
	}
	if w.z, err = archive.Compress(w.file, codec); err != nil {
		w.drop()
		return nil, err
	}
	w.Writer = bufio.NewWriterSize(w.z, 1<<16)
	return w, nil
}

// finish writes everything to the disk, still beside its place.
func (w *aside) finish(mode os.FileMode) error {
	if w.direct {
		return cmp.Or(w.Flush(), w.z.Close(), w.file.Close())
	}
	err := cmp.Or(w.Flush(), w.z.Close(), w.file.Chmod(mode), w.file.Sync())
	return cmp.Or(err, w.file.Close())
}

// keep puts the file into its place.
func (w *aside) keep() error {
	if err := w.finish(0o644); err != nil {
		w.drop()
		return err
	}
	if w.direct {
		return nil
	}
	return os.Rename(w.file.Name(), w.path)
}

// drop forgets what was written. It may follow finish.
func (w *aside) drop() {
	w.file.Close()
	if !w.direct {
		os.Remove(w.file.Name())
	}
}

// writeAside writes a whole file aside and renames it.
func writeAside(path string, data []byte) error { return writeAsideAs(path, archive.Plain, data) }

func writeAsideAs(path string, codec archive.Codec, data []byte) error {
	w, err := createAside(path, codec)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		w.drop()
		return err
	}
	return w.keep()
}

// ownFile refuses to write to a file that is read as well, or that standard
// output goes to: what was there would be lost.
func ownFile(flag, path string, read []string, stdout io.Writer) error {
	if path == "-" {
		return fmt.Errorf("%s -: standard output is for the text; name a file", flag)
	}
	st, err := os.Stat(path)
	if err != nil || !st.Mode().IsRegular() {
		return nil // nothing is there yet, or nothing that could be lost
	}
	for _, name := range read {
		if other, err := os.Stat(name); name != "" && err == nil && os.SameFile(st, other) {
			return fmt.Errorf("%s %s is read as well: give it a file of its own", flag, path)
		}
	}
	if f, ok := stdout.(*os.File); ok {
		if other, err := f.Stat(); err == nil && os.SameFile(st, other) {
			return fmt.Errorf("%s %s is where standard output goes: give it a file of its own", flag, path)
		}
	}
	return nil
}

// codecOf is the compression that a file's name asks for.
func codecOf(path string) archive.Codec {
	switch c := archive.Codec(filepath.Ext(path)); c {
	case archive.Gzip, archive.Zstd, archive.XZ:
		return c
	}
	return archive.Plain
}

// create opens a file to write aside, or standard output for "-".
func (a *app) create(path string) (output, error) {
	if path == "-" {
		return stdout{bufio.NewWriterSize(a.stdout, 1<<16)}, nil
	}
	return createAside(path, codecOf(path))
}

// output is where a command writes; nothing of a dropped file is seen.
type output interface {
	io.Writer
	keep() error
	drop()
}

type stdout struct{ *bufio.Writer }

func (s stdout) keep() error { return s.Flush() }
func (s stdout) drop()       { _ = s.Flush() }

// replacements are files repaired in place. They are put into their places only
// when all are written, and after the log that can undo them.
type replacements []*replacement

type replacement struct {
	*aside
	was  os.FileInfo
	name string
	same bool // nothing changed: the file stays as it is
}

func (r *replacements) begin(in *input) (*replacement, error) {
	path, err := filepath.EvalSymlinks(in.name)
	if err != nil {
		return nil, err
	}
	w, err := createAside(path, in.codec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	p := &replacement{aside: w, was: in.stat, name: in.name}
	*r = append(*r, p)
	return p, nil
}

func (r replacements) commit() error {
	for i, p := range r {
		if p.same {
			p.drop()
			continue
		}
		now, err := os.Stat(p.path)
		if err == nil && (!now.ModTime().Equal(p.was.ModTime()) || now.Size() != p.was.Size()) {
			err = errors.New("changed while it was being repaired; it was left alone")
		}
		if err == nil {
			err = os.Rename(p.file.Name(), p.path)
		}
		if err != nil {
			r[i:].abort()
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

func (r replacements) abort() {
	for _, p := range r {
		p.drop()
	}
}
