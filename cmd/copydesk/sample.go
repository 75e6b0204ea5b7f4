package main

import (
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"path/filepath"
	"slices"
	"time"

	"copydesk/cmd/internal/archive"
	"copydesk/cmd/internal/report"
	"copydesk/repair/edit"
)

// drawn is a record of a sample: those with the smallest keys are it. Keys are
// hashes of seed, file and place, so that the draw is fair and always the same.
type drawn struct {
	key    uint64
	shard  int
	n      int
	raw    archive.Raw
	format archive.Format
	name   string
}

// lots is a heap with the largest key on top.
type lots []drawn

func (l lots) Len() int           { return len(l) }
func (l lots) Less(i, j int) bool { return l[i].key > l[j].key }
func (l lots) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *lots) Push(x any)        { *l = append(*l, x.(drawn)) }
func (l *lots) Pop() any {
	old := *l
	x := old[len(old)-1]
	*l = old[:len(old)-1]
	return x
}

// lot is the key of a record. (FNV-1a, then the finisher of MurmurHash3: FNV
// alone leaves its high bits poor.)
func lot(seed uint64, name string, n int) uint64 {
	h := fnv.New64a()
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], seed)
	binary.LittleEndian.PutUint64(b[8:], uint64(n))
	_, _ = h.Write(b[:])
	_, _ = io.WriteString(h, name)
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// sampled repairs a sample of all files and writes nothing but the report.
func (b *batch) sampled() error {
	if b.f.sample < 1 {
		return errors.New("--sample: draw at least one record")
	}
	b.bars = newTotal(b.a, b.f.quiet, b.shards)
	var l lots
	var of, disk int64
	page := &report.Page{Title: "Dry run", Settings: b.settings.list(), Stats: report.New()}
	for k, s := range b.shards {
		n, err := b.draw(&l, k, s)
		of += int64(n)
		disk += s.size
		if err != nil {
			page.Broken = append(page.Broken, fmt.Sprintf("%s: %v", s.path, err))
		}
	}
	b.bars.stop()
	slices.SortFunc(l, func(a, b drawn) int { return cmp.Or(cmp.Compare(a.shard, b.shard), cmp.Compare(a.n, b.n)) })
	start := time.Now()
	w := &shardRun{b: b, cp: checkpoint{Stats: page.Stats}}
	rn := *b.rn
	rn.log = edit.NewWriter(io.Discard) // proposals are described only for a log
	rn.finished = func(it *item) error {
		if it.err != nil {
			page.Stats.Skip(it.err.Error())
			return nil
		}
		w.count(it)
		return nil
	}
	at := 0
	err := rn.pumpItems(func() (*item, error) {
		if at == len(l) {
			return nil, io.EOF
		}
		d := &l[at]
		at++
		return &item{Raw: d.raw, format: d.format, name: cmp.Or(d.name, fmt.Sprintf("%s:%d", b.shards[d.shard].name, d.n))}, nil
	})
	if err != nil {
		return err
	}
	took := time.Since(start)
	page.Files, page.InputBytes = len(b.shards), disk
	page.Timing = report.Timing{Seconds: took.Seconds(), Workers: b.rn.pool.jobs, Records: page.Stats.Records, TextBytes: page.Stats.TextBytes}
	page.Sample = &report.Sample{Records: int64(len(l)), Of: of, Seed: b.f.seed}
	if len(l) > 0 {
		page.Sample.Seconds = took.Seconds() * float64(of) / float64(len(l))
	}
	if err := b.write(page); err != nil {
		return err
	}
	b.total = page.Stats
	b.broken = page.Broken
	if b.f.report == "" {
		if err := page.Text(b.a.stdout); err != nil {
			return err
		}
	}
	b.say(page)
	return b.status()
}

// draw reads a file and keeps what the lot falls on.
func (b *batch) draw(l *lots, k int, s shard) (n int, err error) {
	in, err := b.a.open(s.path)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	defer b.bars.follow(in)()
	format, err := in.format(&b.f.fixFlags)
	if err != nil {
		return 0, err
	}
	name := ""
	if wholeFile(format) {
		name = filepath.Base(s.path)
	}
	for {
		raw, err := format.Next()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if raw.Blank {
			continue
		}
		key := lot(b.f.seed, s.name, n)
		if l.Len() < b.f.sample || key < (*l)[0].key {
			heap.Push(l, drawn{key, k, n, raw, format, name})
			if l.Len() > b.f.sample {
				heap.Pop(l)
			}
		}
		n++
	}
}
