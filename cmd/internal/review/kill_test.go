package review

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// TestKilled kills a process with five editors at full speed. What it had
// acknowledged is in the file, and the chain is whole.
func TestKilled(t *testing.T) {
	if path := os.Getenv("REVIEW_KILL"); path != "" {
		fiveEditors(t, path)
		return
	}
	dir := t.TempDir()
	manyLog(t, dir+"/log", 20_000)
	path := dir + "/s.db"
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(dir + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := s.ImportLog(context.Background(), LogFile{}, in, nil); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	acked := map[int]Row{}
	for round := range 4 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$", "-test.v=false")
		cmd.Env = append(os.Environ(), "REVIEW_KILL="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		sc := bufio.NewScanner(out)
		n := 0
		for sc.Scan() {
			var r Row
			if json.Unmarshal(sc.Bytes(), &r) == nil && r.Seq > 0 {
				acked[r.Seq] = r
				if n++; n == 150+round*60 {
					_ = cmd.Process.Kill() // SIGKILL; what is still in the pipe was acknowledged too
				}
			}
		}
		_ = cmd.Wait()
		if n < 150 {
			t.Fatalf("only %d answers before the end", n)
		}
	}
	if s, err = Open(path); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, err := s.Verify()
	if err != nil {
		t.Fatal(err)
	}
	for seq, want := range acked {
		h, err := s.histRow(seq - 1)
		if seq > rows || err != nil || h.By != want.By || h.Act != want.Act || h.IDs[0] != want.IDs[0] {
			t.Fatalf("row %d was acknowledged as %+v and is %+v, %v", seq, want, h.Row, err)
		}
	}
	t.Logf("%d acknowledged, %d in the file", len(acked), rows)
}

// fiveEditors decides as fast as it can and prints what was acknowledged.
func fiveEditors(t *testing.T, path string) {
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for n := range 5 {
		wg.Go(func() {
			for i := 0; ; i++ {
				row := (i*5 + n + int(time.Now().UnixNano()%997)) % s.Len()
				r := Row{}
				r.By, r.Act, r.IDs = fmt.Sprint("editor", n), []string{"accept", "reject", "skip"}[i%3], []string{s.idString(uint32(row))}
				res, err := s.Decide(Act{By: r.By, Role: Lead, Act: r.Act, IDs: r.IDs})
				if err != nil {
					t.Error(err)
					return
				}
				r.Seq = res.Seq
				b, _ := json.Marshal(r)
				mu.Lock()
				fmt.Printf("%s\n", b)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}
