package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// maxComplaint bounds what is kept, in bytes, of what copydesk says about a file.
const maxComplaint = 4 << 10

// desk is a worker's own folder for one file: in/ and out/.
type desk struct{ dir, in, out, tool string }

// desk makes one, with the output folder's settings in it.
func (c *config) desk(ctx context.Context) (*desk, error) {
	tool, err := c.fetchTool(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "copydesk-beam-")
	if err != nil {
		return nil, err
	}
	t := &desk{dir: dir, in: filepath.Join(dir, "in"), out: filepath.Join(dir, "out"), tool: tool}
	for _, d := range []string{t.in, t.out} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.remove()
			return nil, err
		}
	}
	// copydesk itself refuses to mix settings, rules and versions, by this file.
	if err := copyIn(ctx, c.Output+"/run.json", filepath.Join(t.out, "run.json")); err != nil && !missing(ctx, c.Output+"/run.json") {
		t.remove()
		return nil, err
	}
	return t, nil
}

func (t *desk) remove() { _ = os.RemoveAll(t.dir) }

// fetch brings a file to the desk. On one machine a second name of the file is
// enough: nothing writes to it.
func (t *desk) fetch(ctx context.Context, s shard) error {
	local := filepath.Join(t.in, filepath.FromSlash(s.Name))
	if !remote(s.Path) {
		if err := os.MkdirAll(filepath.Dir(local), 0o700); err != nil {
			return err
		}
		if os.Link(s.Path, local) == nil {
			return nil
		}
	}
	return copyIn(ctx, s.Path, local)
}

// run repairs what lies on the desk. A badFile says that copydesk cannot.
func (t *desk) run(ctx context.Context, c *config) error {
	flags, err := c.flags(ctx)
	if err != nil {
		return err
	}
	return t.exec(ctx, append([]string{"run", t.in, "-o", t.out, "-q", "-j", fmt.Sprint(c.Jobs)}, flags...)...)
}

// report adds up the markers on the desk.
func (t *desk) report(ctx context.Context, c *config) error {
	return t.exec(ctx, "report", t.out, "--title", path.Base(c.Output), "-o", filepath.Join(t.out, "report.json"), "-o", filepath.Join(t.out, "report.html"))
}

// badFile is an error that another try would bring again.
type badFile struct{ error }

func (e *badFile) Unwrap() error { return e.error }

func (t *desk) exec(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, t.tool, args...)
	said := &tail{}
	cmd.Stderr = said
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	code := cmd.ProcessState.ExitCode()
	switch {
	case err == nil, code == exitSkipped:
		return nil
	case code == exitUsage:
		return &badFile{errors.New(strings.ReplaceAll(strings.TrimPrefix(strings.TrimSpace(said.String()), "copydesk: "), t.dir, ""))}
	}
	return fmt.Errorf("copydesk: %w: %s", err, said)
}

// tail keeps the end of what is written to it.
type tail struct{ bytes.Buffer }

func (t *tail) Write(b []byte) (int, error) {
	n, err := t.Buffer.Write(b)
	if over := t.Len() - maxComplaint; over > 0 {
		t.Next(over)
	}
	return n, err
}

// fetched are the files that this worker has fetched for all its steps, by address.
var fetched = struct {
	sync.Mutex
	paths map[string]string
}{paths: map[string]string{}}

// fetchOnce is the path of a file on this worker: fetched from elsewhere once, or
// as it is where it is a path.
func fetchOnce(ctx context.Context, address string) (string, error) {
	if !remote(address) {
		return address, nil
	}
	fetched.Lock()
	defer fetched.Unlock()
	if p := fetched.paths[address]; p != "" {
		return p, nil
	}
	f, err := os.CreateTemp("", "copydesk-*-"+path.Base(address))
	if err != nil {
		return "", err
	}
	f.Close()
	if err := copyIn(ctx, address, f.Name()); err != nil {
		return "", err
	}
	if err := os.Chmod(f.Name(), 0o700); err != nil {
		return "", err
	}
	fetched.paths[address] = f.Name()
	return f.Name(), nil
}

// fetchTool is the path of copydesk on this worker, the very bytes that the
// pipeline was started with.
func (c *config) fetchTool(ctx context.Context) (string, error) {
	local, err := fetchOnce(ctx, c.Tool)
	if err != nil {
		return "", err
	}
	checked.Lock()
	defer checked.Unlock()
	if checked.sum[local] == "" {
		if checked.sum[local], err = sumOf(ctx, local); err != nil {
			return "", fmt.Errorf("this worker has no copydesk: %w; build the program into the workers' image, or name an address that they can read with --copydesk", err)
		}
	}
	if sum := checked.sum[local]; c.ToolSum != "" && sum != c.ToolSum {
		return "", fmt.Errorf("%s is another build of copydesk here (SHA-256 %.12s) than where the pipeline was started (%.12s)", c.Tool, sum, c.ToolSum)
	}
	return local, nil
}

// checked are the sums of the programs, each taken once.
var checked = struct {
	sync.Mutex
	sum map[string]string
}{sum: map[string]string{}}

// flags are those of copydesk run, with addresses among them, as of --corpus or
// --words, fetched to this worker.
func (c *config) flags(ctx context.Context) ([]string, error) {
	var all []string
	for _, a := range c.Args {
		name, value, pair := strings.Cut(a, "=")
		if !pair {
			name, value = "", a
		}
		local, err := fetchOnce(ctx, value)
		if err != nil {
			return nil, err
		}
		if pair {
			local = name + "=" + local
		}
		all = append(all, local)
	}
	return all, nil
}

// sumOf is the SHA-256 of a file, in hex.
func sumOf(ctx context.Context, path string) (string, error) {
	r, err := open(ctx, path)
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
