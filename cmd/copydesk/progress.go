package main

import (
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// minProgress is the size, in bytes on the disk, from which a bar is worth a
// reader's eye: a second's work or more.
const minProgress = 8 << 20

// progress is one bar over the bytes of all files as they lie on the disk,
// compressed or not, so that its estimate is honest. nil shows nothing.
type progress struct {
	all  *mpb.Progress
	bar  *mpb.Bar
	docs atomic.Int64
}

// newProgress begins a bar on standard error; it is nil where nobody would see
// it, or there is little to do.
func newProgress(a *app, quiet bool, files []string) *progress {
	var shards []shard
	for _, f := range files {
		st, err := os.Stat(f)
		if err != nil || !st.Mode().IsRegular() {
			return nil // its size is not known
		}
		shards = append(shards, shard{size: st.Size()})
	}
	return newTotal(a, quiet, shards)
}

// newTotal begins a bar over files of known sizes.
func newTotal(a *app, quiet bool, shards []shard) *progress {
	var total int64
	for _, s := range shards {
		total += s.size
	}
	if quiet || total < minProgress || !isTerminal(a.stderr) {
		return nil
	}
	p := &progress{all: mpb.New(mpb.WithOutput(a.stderr), mpb.WithWidth(64))}
	p.bar = p.all.AddBar(total,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.CountersKibiByte("% .1f / % .1f")),
		mpb.AppendDecorators(
			decor.Percentage(decor.WCSyncSpace),
			decor.AverageSpeed(decor.SizeB1024(0), "% .1f", decor.WCSyncSpace),
			decor.Name(" left ", decor.WCSyncSpace), decor.AverageETA(decor.ET_STYLE_GO),
			decor.Any(func(decor.Statistics) string { return "  " + thousands(p.docs.Load()) + " records" })))
	return p
}

// follow moves the bar with a file until the function it gives is called.
func (p *progress) follow(in *input) func() {
	if p == nil {
		return func() {}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		var seen int64
		move := func() {
			now := in.read.Load()
			p.bar.IncrInt64(now - seen)
			seen = now
		}
		for {
			select {
			case <-tick.C:
				move()
			case <-stop:
				move()
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

// skip counts a file that was done before; it says nothing about the speed.
func (p *progress) skip(size int64) {
	if p != nil {
		p.bar.IncrInt64(size)
		p.bar.DecoratorAverageAdjust(time.Now())
	}
}

// finished counts a record.
func (p *progress) finished() {
	if p != nil {
		p.docs.Add(1)
	}
}

// above is where to write while the bar is shown: above it.
func (p *progress) above(w io.Writer) io.Writer {
	if p == nil {
		return w
	}
	return p.all
}

// stop takes the bar away.
func (p *progress) stop() {
	if p == nil {
		return
	}
	p.bar.Abort(true)
	p.all.Wait()
}

// thousands writes a number in groups: 1,234,567.
func thousands(n int64) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	var b []byte
	for i := 0; n > 0 || i == 0; i++ {
		if i > 0 && i%3 == 0 {
			b = append(b, ',')
		}
		b = append(b, byte('0'+n%10))
		n /= 10
	}
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}
