package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
)

// marker is what the pipeline reads of a file's DIR/done/FILE.json, which
// copydesk run writes.
type marker struct {
	Input struct {
		Name string `json:"name"`
		Size int64  `json:"size"`
		Time string `json:"time"`
	} `json:"input"`
	Broken string `json:"broken"`
	Stats  struct {
		Records   int64 `json:"records"`
		Changed   int64 `json:"changed"`
		Edits     int64 `json:"edits"`
		Held      int64 `json:"held"`
		Fused     int64 `json:"fused"`
		Skipped   int64 `json:"skipped"`
		TextBytes int64 `json:"text_bytes"`
	} `json:"stats"`
}

func readMarker(ctx context.Context, path string) (*marker, error) {
	r, err := open(ctx, path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	m := &marker{}
	if err := json.NewDecoder(r).Decode(m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// remote reports whether an address is of a file system other than this
// machine's.
func remote(path string) bool { return strings.Contains(path, "://") }

func open(ctx context.Context, path string) (io.ReadCloser, error) {
	store, err := filesystem.New(ctx, path)
	if err != nil {
		return nil, err
	}
	r, err := store.OpenRead(ctx, path)
	if err != nil {
		store.Close()
		return nil, err
	}
	return &opened{r, store}, nil
}

// opened closes a file and its file system with it.
type opened struct {
	io.ReadCloser
	store io.Closer
}

func (o *opened) Close() error { return errors.Join(o.ReadCloser.Close(), o.store.Close()) }

// missing reports whether a file is not there, as far as its file system can
// tell: a file system that cannot be reached has nothing missing.
func missing(ctx context.Context, path string) bool {
	store, err := filesystem.New(ctx, path)
	if err != nil {
		return false
	}
	defer store.Close()
	found, err := store.List(ctx, path)
	return err == nil && !slices.Contains(found, path)
}

// list is the files that a pattern names and the part of their addresses that
// their names are told from: what stands before the first wildcard, up to a
// slash; or root, which stands before the pattern. A folder of this machine
// means all files below it.
func list(ctx context.Context, pattern string, root ...string) (string, []string, error) {
	before := strings.Join(root, "")
	if !remote(pattern) && len(root) == 0 {
		if st, err := os.Stat(pattern); err == nil && st.IsDir() {
			pattern = strings.TrimRight(filepath.ToSlash(pattern), "/") + "/"
			files, err := walk(pattern)
			return pattern, files, err
		}
	}
	pattern = before + pattern
	store, err := filesystem.New(ctx, pattern)
	if err != nil {
		return "", nil, err
	}
	defer store.Close()
	files, err := store.List(ctx, pattern)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", pattern, err)
	}
	if len(root) == 0 {
		wild := strings.IndexAny(pattern, `*?[\`)
		if wild < 0 {
			wild = len(pattern)
		}
		before = pattern[:strings.LastIndexByte(pattern[:wild], '/')+1]
	}
	slices.Sort(files)
	return before, files, nil
}

// walk is the files below a folder of this machine.
func walk(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, filepath.ToSlash(p))
		}
		return err
	})
	return files, err
}

// stat is the size of a file and when it was last changed, as markers write it.
func stat(ctx context.Context, path string) (int64, string, error) {
	store, err := filesystem.New(ctx, path)
	if err != nil {
		return 0, "", err
	}
	defer store.Close()
	size, err := store.Size(ctx, path)
	if err != nil {
		return 0, "", err
	}
	changed, err := lastChange(ctx, store, path)
	return size, changed.UTC().Format(time.RFC3339Nano), err
}

func lastChange(ctx context.Context, store filesystem.Interface, path string) (time.Time, error) {
	if g, ok := store.(filesystem.LastModifiedGetter); ok {
		return g.LastModified(ctx, path)
	}
	return time.Unix(0, 0), nil // of a file system that keeps no times
}

// copyIn copies a file to this machine, with the time of its last change.
func copyIn(ctx context.Context, from, to string) error {
	store, err := filesystem.New(ctx, from)
	if err != nil {
		return err
	}
	defer store.Close()
	r, err := store.OpenRead(ctx, from)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	w, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	changed, err := lastChange(ctx, store, from)
	if err != nil {
		return err
	}
	return os.Chtimes(to, time.Time{}, changed)
}

// put brings a file of the desk to its place below a folder: under a temporary
// name that no other try shares, then renamed. Whoever comes second, as Beam may
// try a file twice, brings the same bytes.
func (t *desk) put(ctx context.Context, name, dir string) error {
	store, err := filesystem.New(ctx, dir)
	if err != nil {
		return err
	}
	defer store.Close()
	r, err := os.Open(filepath.Join(t.out, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	defer r.Close()
	to := dir + "/" + name
	aside := dir + "/" + path.Join(path.Dir(name), "."+path.Base(name)+"."+rand.Text()+".part")
	if err := writeAside(ctx, store, aside, r); err != nil {
		return fmt.Errorf("%s: %w", aside, err)
	}
	return filesystem.Rename(ctx, store, aside, to)
}

func writeAside(ctx context.Context, store filesystem.Interface, path string, r io.Reader) error {
	w, err := store.OpenWrite(ctx, path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	if s, ok := w.(interface{ Sync() error }); ok && err == nil {
		err = s.Sync()
	}
	err = errors.Join(err, w.Close())
	if rm, ok := store.(filesystem.Remover); ok && err != nil {
		_ = rm.Remove(ctx, path)
	}
	return err
}
