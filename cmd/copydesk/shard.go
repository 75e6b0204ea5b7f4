package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"copydesk/cmd/internal/archive"
	"copydesk/cmd/internal/report"
	"copydesk/repair/corpus"
	"copydesk/repair/edit"
)

// Sizes and times of a run.
const (
	frameBytes    = 8 << 20         // of a frame before compression: what is lost when a file is torn
	saveEvery     = 2 * time.Second // between checkpoints, each of which waits for the disk
	maxQuarantine = 1 << 20         // bytes of a record that are copied into quarantine
)

// marker is DIR/done/FILE.json.
type marker struct {
	Settings    string         `json:"settings"` // their hash
	Input       summed         `json:"input"`
	Output      summed         `json:"output"`
	Log         summed         `json:"log"`
	Quarantined int            `json:"quarantined"`
	Broken      string         `json:"broken,omitempty"` // why the stream broke off
	End         edit.EndRecord `json:"end"`
	Stats       *report.Stats  `json:"stats"`
}

// summed is a file as it was read or written.
type summed struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	Time   string `json:"time,omitempty"` // of the last change
	SHA256 string `json:"sha256"`
}

// checkpoint is where an unfinished file stands: all below it is on the disk.
type checkpoint struct {
	Settings    string         `json:"settings"`
	Input       summed         `json:"input"`
	Pieces      int            `json:"pieces"` // of the input that are finished
	Pos         int64          `json:"pos"`
	N           int            `json:"n"`
	Held        int            `json:"held"`
	Out         int64          `json:"out"` // sizes of the unfinished files
	Log         int64          `json:"log"`
	Quarantine  int64          `json:"quarantine"`
	Quarantined int            `json:"quarantined"`
	End         edit.EndRecord `json:"end"`
	Stats       *report.Stats  `json:"stats"`
}

func readMarker(path string) (*marker, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := &marker{Stats: report.New()}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// shardRun is the work on one file.
type shardRun struct {
	b          *batch
	s          shard
	rn         *runner
	in         *input
	out, log   *archive.Framed
	quarantine *archive.Framed // nil until something goes there
	cp         checkpoint
	saved      time.Time
	whole      bool // what comes out has no frames: a killed run begins the file again
	members    bool // each record is a gzip member of its own, as readers of WARC want it
}

// files are where the parts of a file's work go, each beside an unfinished one.
func (b *batch) files(s shard) (out, log, quarantine, done, state string) {
	n := filepath.FromSlash(s.out)
	dir, base := filepath.Split(n)
	logs := cmp.Or(b.f.log, b.place("log"))
	return b.place(n), filepath.Join(logs, n+".jsonl.zst"), b.place("quarantine", n+".jsonl"), b.place("done", n+".json"), b.place("done", dir, "."+base+".state")
}

func unfinished(path string) string {
	dir, base := filepath.Split(path)
	return filepath.Join(dir, "."+base+".part")
}

// shard repairs one file, unless that is done already.
func (b *batch) shard(s shard) (err error) {
	out, log, quarantine, done, state := b.files(s)
	if m, err := readMarker(done); err == nil {
		ok, err := b.already(s, m)
		if ok || err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, f := range []string{out, log, done} {
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			return err
		}
	}
	w := &shardRun{b: b, s: s, rn: &runner{
		a: b.a, f: &b.f.fixFlags, r: b.rn.r, pool: b.rn.pool, interrupted: b.rn.interrupted, progress: b.bars,
	}}
	sum := sha256.New()
	if w.in, err = b.a.openSummed(s.path, sum); err != nil {
		return b.unreadable(s, err)
	}
	defer w.in.Close()
	defer b.bars.follow(w.in)()
	if err := w.begin(state, out, log, quarantine); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	defer w.close()
	broken := ""
	err = w.work()
	switch {
	case err == nil:
	case errors.As(err, new(*fs.PathError)), errors.Is(err, errInterrupted), errors.As(err, new(*failure)):
		// An interrupt leaves the last checkpoint: a frame that ended here would be
		// another than that of a run without one.
		return fmt.Errorf("%s: %w", s.path, err)
	default: // the stream itself is damaged: what came before stays good
		broken = err.Error()
		if err := w.putAside(quarantined{N: -1, Reason: "the stream breaks off: " + broken, Offset: w.rn.pos}, nil); err != nil {
			return err
		}
	}
	if _, err := io.Copy(io.Discard, w.in.raw); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	return w.finish(hex.EncodeToString(sum.Sum(nil)), broken)
}

// failure is an error of writing, which is not the input's fault.
type failure struct{ error }

func (f *failure) Unwrap() error { return f.error }

// unreadable puts a file that cannot even be begun, such as a damaged header,
// into the report.
func (b *batch) unreadable(s shard, err error) error {
	if errors.As(err, new(*fs.PathError)) {
		return err
	}
	_, _, quarantine, done, _ := b.files(s)
	for _, f := range []string{quarantine, done} {
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			return err
		}
	}
	why := strings.TrimPrefix(err.Error(), s.path+": ") // where it lies differs from machine to machine
	line, err2 := json.Marshal(quarantined{N: -1, Reason: why, Bytes: s.size})
	if err2 != nil {
		return err2
	}
	if err := writeAside(quarantine, append(line, '\n')); err != nil {
		return err
	}
	st, err2 := os.Stat(s.path)
	if err2 != nil {
		return err2
	}
	m := marker{Settings: b.print, Input: statOf(s, st), Quarantined: 1, Broken: why, Stats: report.New()}
	b.add(m.Stats, s.path+": "+m.Broken)
	return writeJSONFile(done, m)
}

func statOf(s shard, st os.FileInfo) summed {
	return summed{Name: s.name, Size: st.Size(), Time: st.ModTime().UTC().Format(time.RFC3339Nano)}
}

func writeJSONFile(path string, v any) error {
	j, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeAside(path, append(j, '\n'))
}

// already reports whether a marked file is really there, and the input the same.
func (b *batch) already(s shard, m *marker) (bool, error) {
	st, err := os.Stat(s.path)
	if err != nil {
		return false, err
	}
	if now := statOf(s, st); now.Size != m.Input.Size || now.Time != m.Input.Time || m.Settings != b.print {
		return false, fmt.Errorf("%s has changed since it was repaired: use --restart, or delete %s", s.path, b.place("done", s.out+".json"))
	}
	if m.Output.Name != "" {
		out, log, quarantine, _, state := b.files(s)
		if err := settle(out, m.Output.Size); err != nil {
			return false, nil // it was deleted: make it again
		}
		if err := settle(log, m.Log.Size); err != nil {
			return false, nil
		}
		if m.Quarantined > 0 {
			if err := settle(quarantine, -1); err != nil {
				return false, nil
			}
		}
		_ = os.Remove(state)
	}
	b.mu.Lock()
	b.before++
	b.mu.Unlock()
	b.bars.skip(s.size)
	broken := m.Broken
	if broken != "" {
		broken = s.path + ": " + broken
	}
	b.add(report.New(), broken)
	b.mu.Lock()
	b.total.Skipped += m.Stats.Skipped
	b.total.Fused += m.Stats.Fused
	b.mu.Unlock()
	return true, nil
}

// settle brings a file that is marked as done into its place: the program may
// have been killed between the mark and the last rename.
func settle(path string, size int64) error {
	st, err := os.Stat(path)
	if err == nil && (size < 0 || st.Size() == size) {
		_ = os.Remove(unfinished(path))
		return nil
	}
	if st, err = os.Stat(unfinished(path)); err != nil {
		return err
	}
	if size >= 0 && st.Size() != size {
		return fmt.Errorf("%s has not the size that its marker says", path)
	}
	return os.Rename(unfinished(path), path)
}

// begin opens everything, where the last checkpoint left it.
func (w *shardRun) begin(state, out, log, quarantine string) error {
	w.cp = checkpoint{Settings: w.b.print, Input: statOf(w.s, w.in.stat), Stats: report.New()}
	if b, err := os.ReadFile(state); err == nil {
		was := checkpoint{Stats: report.New()}
		if json.Unmarshal(b, &was) == nil && was.Settings == w.cp.Settings && was.Input == w.cp.Input && w.there(&was, out, log, quarantine) {
			w.cp = was
		}
	}
	w.rn.n, w.rn.pos, w.rn.held, w.rn.end = w.cp.N, w.cp.Pos, w.cp.Held, w.cp.End
	codec := codecOf(out)
	if codec == archive.XZ {
		codec = archive.Plain // a name only: what comes out is not compressed
	}
	var err error
	if w.out, err = archive.OpenFramed(unfinished(out), codec, w.cp.Out); err != nil {
		return err
	}
	if w.log, err = archive.OpenFramed(unfinished(log), archive.Zstd, w.cp.Log); err != nil {
		return err
	}
	if w.cp.Quarantined > 0 {
		if w.quarantine, err = archive.OpenFramed(unfinished(quarantine), archive.Plain, w.cp.Quarantine); err != nil {
			return err
		}
	} else {
		_ = os.Remove(unfinished(quarantine)) // of a run that got no further
		_ = os.Remove(quarantine)
	}
	w.saved = time.Now()
	w.rn.out = w.out
	w.rn.log = edit.NewWriter(w.log)
	w.rn.log.UTF16 = w.b.f.offsets == "+utf16"
	if w.cp.Log == 0 {
		head := w.rn.r.Header()
		head.Added = w.b.f.added()
		return w.rn.log.Run(head)
	}
	return nil
}

// there reports whether the unfinished files hold what a checkpoint says.
func (w *shardRun) there(cp *checkpoint, out, log, quarantine string) bool {
	holds := func(path string, size int64) bool {
		st, err := os.Stat(unfinished(path))
		return err == nil && st.Size() >= size
	}
	return holds(out, cp.Out) && holds(log, cp.Log) && (cp.Quarantined == 0 || holds(quarantine, cp.Quarantine))
}

func (w *shardRun) close() {
	for _, f := range []*archive.Framed{w.out, w.log, w.quarantine} {
		if f != nil {
			f.Close()
		}
	}
}

// work repairs what is left of the file.
func (w *shardRun) work() error {
	format, err := w.in.format(&w.b.f.fixFlags)
	if err != nil {
		return &failure{err} // a wrong --field, not a damaged file
	}
	to, end, err := sink(format, w.out, w.rn.pool.jobs)
	if err != nil {
		return &failure{err}
	}
	w.rn.out = to
	_, w.whole = format.(*archive.Parquet)
	for range w.cp.Pieces {
		if _, err := format.Next(); err != nil {
			return err
		}
	}
	name := ""
	if wholeFile(format) {
		name = w.s.name
	}
	if _, ok := format.(*archive.WARC); ok && w.s.out == outName(w.s.name, w.b.f.compress, "wet") {
		w.members = true
	}
	w.rn.finished = w.finished
	if err := w.rn.pump(name, format); err != nil {
		if w.whole && !errors.Is(err, errInterrupted) {
			return &failure{err} // half a table is none
		}
		return err
	}
	if err := end(); err != nil {
		return &failure{err}
	}
	return nil
}

// finished counts a record and ends frames and checkpoints where they are due.
func (w *shardRun) finished(it *item) error {
	w.cp.Pieces++
	s := w.cp.Stats
	switch {
	case it.Blank:
	case it.err != nil:
		s.Skip(it.err.Error())
		q := quarantined{N: w.rn.n - 1, Doc: it.name, Reason: it.err.Error(), Offset: w.rn.pos, Bytes: int64(len(it.Bytes))}
		if err := w.putAside(q, it.Bytes); err != nil {
			return &failure{err}
		}
	default:
		w.count(it)
	}
	if w.whole {
		return nil
	}
	if w.members {
		if _, err := w.out.Cut(); err != nil {
			return &failure{err}
		}
		if w.cp.Pieces%1000 != 0 && w.log.Pending() < int64(w.b.f.frame) {
			return nil
		}
	} else if frame := int64(w.b.f.frame); w.out.Pending() < frame && w.log.Pending() < frame {
		return nil
	}
	w.rn.pos += int64(len(it.Bytes))
	err := w.cut()
	if err == nil && time.Since(w.saved) >= w.b.f.save {
		_, _, _, _, state := w.b.files(w.s)
		err = w.save(state)
	}
	w.rn.pos -= int64(len(it.Bytes))
	if err != nil {
		return &failure{err}
	}
	return nil
}

func (w *shardRun) count(it *item) {
	s := w.cp.Stats
	edits, changed := 0, false
	for i := range it.rec.Texts {
		s.TextBytes += int64(len(it.rec.Texts[i].Text))
		if why := it.res[i].Fused; why != "" {
			s.Fuse(why)
		}
		if d := &it.docs[i]; d.SrcHash != "" {
			s.Text(d, it.rec.Texts[i].Text)
			for k := range d.Edits {
				if d.Edits[k].Applied {
					edits++
					changed = true
				}
			}
		}
	}
	source := it.rec.Source
	if source == "" {
		source = it.rec.ID
	}
	s.Record(corpus.Host(source), changed, edits)
}

// quarantined is a line of DIR/quarantine/FILE.jsonl.
type quarantined struct {
	N      int    `json:"n"` // the record's number, as in the log; -1 for the stream itself
	Doc    string `json:"doc,omitempty"`
	Reason string `json:"reason"`
	Offset int64  `json:"offset"` // where it begins in the input, decompressed, in bytes
	Bytes  int64  `json:"bytes"`
	Raw    string `json:"raw,omitempty"`        // the record, when it is text of at most 1 MB
	Base64 string `json:"raw_base64,omitempty"` // when it is none
}

func (w *shardRun) putAside(q quarantined, raw []byte) error {
	if w.quarantine == nil {
		_, _, path, _, _ := w.b.files(w.s)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		var err error
		if w.quarantine, err = archive.OpenFramed(unfinished(path), archive.Plain, 0); err != nil {
			return err
		}
	}
	w.cp.Quarantined++
	if len(raw) <= maxQuarantine {
		if utf8.Valid(raw) {
			q.Raw = string(raw)
		} else {
			q.Base64 = base64.StdEncoding.EncodeToString(raw)
		}
	}
	return writeJSON(w.quarantine, q)
}

// cut ends the frames of all files at one record.
func (w *shardRun) cut() (err error) {
	if err = w.rn.log.Flush(); err != nil {
		return err
	}
	if w.cp.Out, err = w.out.Cut(); err != nil {
		return err
	}
	if w.cp.Log, err = w.log.Cut(); err != nil {
		return err
	}
	if w.quarantine != nil {
		w.cp.Quarantine, err = w.quarantine.Cut()
	}
	w.cp.N, w.cp.Pos, w.cp.Held, w.cp.End = w.rn.n, w.rn.pos, w.rn.held, w.rn.end
	return err
}

// save makes a cut a checkpoint; it must follow on it.
func (w *shardRun) save(state string) error {
	w.saved = time.Now()
	for _, f := range []*archive.Framed{w.out, w.log, w.quarantine} {
		if f != nil {
			if err := f.Sync(); err != nil {
				return err
			}
		}
	}
	return writeJSONFile(state, &w.cp)
}

// finish marks the file as done and puts everything into its place.
func (w *shardRun) finish(inputSum, broken string) error {
	if err := w.rn.log.End(w.rn.end); err != nil {
		return err
	}
	if err := w.cut(); err != nil {
		return err
	}
	for _, f := range []*archive.Framed{w.out, w.log, w.quarantine} {
		if f != nil {
			if err := f.Finish(); err != nil {
				return err
			}
		}
	}
	out, log, quarantine, done, state := w.b.files(w.s)
	m := marker{
		Settings: w.b.print, Input: w.cp.Input, Quarantined: w.cp.Quarantined, Broken: broken, End: w.rn.end, Stats: w.cp.Stats,
		Output: summed{Name: w.s.out, Size: w.out.Size(), SHA256: w.out.Sum()},
		Log:    summed{Name: w.s.out + ".jsonl.zst", Size: w.log.Size(), SHA256: w.log.Sum()},
	}
	m.Input.SHA256 = inputSum
	// The mark comes first: from then on the files beside their places count.
	if err := writeJSONFile(done, m); err != nil {
		return err
	}
	places := []string{out, log}
	if w.quarantine != nil {
		places = append(places, quarantine)
	}
	for _, path := range places {
		if err := os.Rename(unfinished(path), path); err != nil {
			return err
		}
	}
	if err := os.Remove(state); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if broken != "" {
		broken = w.s.path + ": " + broken
	}
	w.b.add(w.cp.Stats, broken)
	return nil
}
