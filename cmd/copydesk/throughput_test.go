//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"copydesk/cmd/internal/archive"

	"github.com/parquet-go/parquet-go"
)

// TestThroughput measures `copydesk run` over the articles of a JSON Lines file
// in every format, and with two workers: the table of docs/performance.md. It is
// no check, since what it says depends on what else the machine does.
//
//	COPYDESK_ARTICLES=big.jsonl go test ./cmd/copydesk -run Throughput -v -timeout 1h
func TestThroughput(t *testing.T) {
	path := os.Getenv("COPYDESK_ARTICLES")
	if path == "" {
		t.Skip("COPYDESK_ARTICLES names no file of articles")
	}
	dir := t.TempDir()
	files, texts := inFormats(t, dir, path)
	t.Logf("%d MB of text", texts>>20)
	t.Log("| input | workers | CPU seconds | seconds | ratio to .jsonl, CPU | without repair, CPU | format's share | resident |")
	var first cost
	for _, c := range []struct {
		name string
		jobs int
	}{{"a.jsonl", 1}, {"a.jsonl", 2}, {"a.jsonl.gz", 1}, {"a.jsonl.zst", 1}, {"a.csv", 1}, {"a.parquet", 1}, {"a.wet", 1}, {"a.warc.gz", 1}} {
		whole := least(t, dir, files[c.name], c.jobs)
		bare := least(t, dir, files[c.name], c.jobs, "--rules", "dash")
		if first.cpu == 0 {
			first = whole
		}
		t.Logf("| %s | %d | %.2f | %.2f | %.2f | %.2f | %.0f %% | %d MB |", c.name, c.jobs, whole.cpu, whole.wall, whole.cpu/first.cpu,
			bare.cpu, 100*bare.cpu/(whole.cpu-bare.cpu), whole.resident>>20)
	}
}

// cost is what a run took.
type cost struct {
	cpu, wall float64 // seconds
	resident  int64   // bytes, at most
}

// least is the least of three runs: what else the machine does only adds.
func least(t *testing.T, dir, in string, jobs int, args ...string) cost {
	t.Helper()
	var best cost
	for range 3 {
		out := filepath.Join(dir, "out")
		cmd := exec.Command("copydesk", append([]string{"run", in, "-o", out, "-q", "-j", fmt.Sprint(jobs)}, args...)...)
		start := time.Now()
		said, err := cmd.CombinedOutput()
		wall := time.Since(start).Seconds()
		if code := cmd.ProcessState.ExitCode(); err != nil && code != exitSkipped {
			t.Fatalf("%v: %s", err, said)
		}
		cpu := (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
		if best.cpu == 0 || cpu < best.cpu {
			best.cpu = cpu
		}
		if best.wall == 0 || wall < best.wall {
			best.wall = wall
		}
		if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			best.resident = max(best.resident, u.Maxrss<<10)
		}
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
	}
	return best
}

// inFormats writes the articles in every format; it returns the files by name
// and the bytes of their texts.
func inFormats(t *testing.T, dir, path string) (map[string]string, int64) {
	t.Helper()
	type article struct {
		ID   string `json:"id" parquet:"id"`
		Text string `json:"text" parquet:"text"`
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	writers := map[string]io.Writer{}
	for _, name := range []string{"a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.csv", "a.wet", "a.warc.gz", "a.parquet"} {
		files[name] = filepath.Join(dir, name)
		f, err := os.Create(files[name])
		if err != nil {
			t.Fatal(err)
		}
		z, err := archive.Compress(f, codecOf(name))
		if err != nil {
			t.Fatal(err)
		}
		w := bufio.NewWriterSize(z, 1<<20)
		writers[name] = w
		defer func() {
			if err := w.Flush(); err != nil {
				t.Error(err)
			}
			z.Close()
			f.Close()
		}()
	}
	table := csv.NewWriter(writers["a.csv"])
	columns := parquet.NewGenericWriter[article](writers["a.parquet"], parquet.Compression(&parquet.Zstd))
	put := func(name, s string) {
		if _, err := io.WriteString(writers[name], s); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(table.Write([]string{"id", "text"}))
	var texts int64
	lines := bufio.NewReader(bytes.NewReader(data))
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break
		}
		must(err)
		var a article
		must(json.Unmarshal([]byte(line), &a))
		if a.ID == "" {
			a.ID = fmt.Sprint(n)
		}
		texts += int64(len(a.Text))
		put("a.jsonl", line)
		put("a.jsonl.gz", line)
		put("a.jsonl.zst", line)
		must(table.Write([]string{a.ID, a.Text}))
		_, err = columns.Write([]article{a})
		must(err)
		put("a.wet", warcRecord("conversion", a.ID, a.Text))
		page := "<!doctype html><html><head><title>News</title></head><body><article><p>" +
			strings.ReplaceAll(html.EscapeString(a.Text), "\n", "</p>\n<p>") + "</p></article></body></html>"
		put("a.warc.gz", warcRecord("response", a.ID, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"+page))
	}
	table.Flush()
	must(table.Error())
	must(columns.Close())
	return files, texts
}

func warcRecord(kind, id, block string) string {
	return fmt.Sprintf("WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: https://news.example/%s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
		kind, id, len(block), block)
}
