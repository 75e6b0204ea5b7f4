package review

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// cpuTime is what this process used of the processors.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestMany measures what docs/review.md states. It runs only when asked:
//
//	REVIEW_EDITS=1000000 go test ./cmd/internal/review -run TestMany -v
func TestMany(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("REVIEW_EDITS"))
	if n == 0 {
		t.Skip("set REVIEW_EDITS=1000000 to measure")
	}
	dir := t.TempDir()
	log := dir + "/log.jsonl"
	manyLog(t, log, n)
	step := func(name string, limit time.Duration, f func()) {
		t.Helper()
		at, cpu := time.Now(), cpuTime()
		f()
		took, used := time.Since(at), cpuTime()-cpu
		t.Logf("%-40s %8v, processor %8v", name, took.Round(time.Millisecond/10), used.Round(time.Millisecond/10))
		if n <= 1_000_000 && used > limit { // of the processor: the wall depends on who else works
			t.Errorf("%s took %v, the limit is %v", name, used, limit)
		}
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(dir + "/store.db")
	check(err)
	in, err := os.Open(log)
	check(err)
	defer in.Close()
	step("import", time.Duration(n)*10*time.Microsecond, func() {
		_, err := s.ImportLog(context.Background(), LogFile{Name: log}, in, nil)
		check(err)
	})
	check(s.Close())
	step("open", 2*time.Second, func() {
		s, err = Open(dir + "/store.db")
		check(err)
	})
	defer s.Close()
	var a *Answer
	for _, q := range []struct {
		name string
		q    Query
	}{
		{"facets, all", Query{}},
		{"facets, undecided", Query{Filter: Filter{Status: []string{"open"}}}},
		{"facets, one rule, above 0.9", Query{Filter: Filter{Rule: []string{"merged/known-parts"}, ConfMin: .9}}},
		{"facets, text", Query{Filter: Filter{Text: "word77"}}},
		{"single edits, undecided", Query{View: "edits", Filter: Filter{Status: []string{"proposed"}}}},
		{"documents", Query{View: "docs"}},
	} {
		step(q.name, 100*time.Millisecond, func() {
			a, err = s.Ask(q.q)
			check(err)
		})
		t.Logf("    %d edits, %d lines", a.Edits, len(a.Entries))
	}
	a, err = s.Ask(Query{Order: "size"})
	check(err)
	lines, err := s.Lines(a, 0, 60)
	check(err)
	step("60 lines", 50*time.Millisecond, func() { _, err = s.Lines(a, 60, 60); check(err) })
	step("60 edits of the largest group", 50*time.Millisecond, func() {
		_, _, err := s.Edits(Filter{Group: &lines[0].Group}, 0, 60)
		check(err)
	})
	id := lines[3].ID
	step("detail", 50*time.Millisecond, func() { _, err := s.Detail(id); check(err) })
	step("one decision, on the disk", 50*time.Millisecond, func() {
		_, err := s.Decide(Act{By: "ana", Role: Lead, Act: "reject", IDs: []string{id}})
		check(err)
	})
	f := Filter{Rule: []string{"spacing/after-stop"}, ConfMin: .75}
	var plan *Plan
	step("draw a sample", 500*time.Millisecond, func() { plan, err = s.NewPlan(f, "ana", Lead, .99, 0, 7); check(err) })
	for st := plan.State(); st.Next != ""; {
		_, st, err = plan.Judge(st.Next, Act{By: "ana", Role: Lead, Act: "accept"})
		check(err)
	}
	step("accept the rest", 500*time.Millisecond, func() {
		res, err := plan.Accept(Act{By: "ana", Role: Lead})
		check(err)
		t.Logf("    %d edits accepted: %s", res.Did, plan.State().Text)
	})
	step("undo it", 500*time.Millisecond, func() {
		_, err := s.Undo(UndoQuery{By: "ana", Last: true}, "ana", Lead, "", false)
		check(err)
	})
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("heap %d MB, from the system %d MB", m.HeapAlloc>>20, m.Sys>>20)
}
