// Command copydesk-beam repairs an archive with Apache Beam, for where one
// machine is not enough: on Beam's local runner, Flink, Spark or Dataflow.
//
// An element of the pipeline is a file, not a record. A worker fetches the file
// to its own disk, lets `copydesk run` repair it there, and puts what came out
// into the output folder under temporary names that are then renamed, the marker
// of the finished file last. The names, and every byte of output, log and
// quarantine, are those of `copydesk run` on one machine; a pipeline that was
// stopped goes on where it was, on Beam or without it.
//
// copydesk is a program of its own here, fetched by the workers: what a hostile
// record does to memory ends one child and not the worker, and Beam's
// dependencies stay out of the tool's.
//
//	copydesk-beam --input 'gs://news/2021/*.jsonl.zst' --output gs://news/clean \
//	  --copydesk gs://news/bin/copydesk --runner dataflow ... -- --id url
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
)

var (
	input  = flag.String("input", "", "the files to repair: patterns of one of Beam's file systems (gs://, s3:// or paths), or folders on this machine, separated by commas")
	output = flag.String("output", "", "the folder that everything goes to, as copydesk run lays it out")
	tool   = flag.String("copydesk", "", "the copydesk program: an address that the workers can read, or a path in the workers' own image (default: beside this program, else on PATH)")
	jobs   = flag.Int("jobs", 1, "records of one file that are repaired at once; the runner decides how many files are")
)

// Exit codes, as those of copydesk run.
const (
	exitUsage   = 2 // or a file that could not be repaired at all
	exitSkipped = 3 // records passed through unchanged
)

func main() {
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), "Usage: copydesk-beam --input FILES --output DIR [flags of Beam] [-- flags of copydesk run]\n\n")
		flag.PrintDefaults()
	}
	flag.Parse()
	beam.Init() // a worker never comes back from here
	code, err := repairAll(context.Background(), flag.Args())
	if err != nil {
		fmt.Fprintf(os.Stderr, "copydesk-beam: %v\n", err)
	}
	os.Exit(code)
}

func repairAll(ctx context.Context, args []string) (int, error) {
	cfg, err := newConfig(ctx, *input, *output, *tool, *jobs, args)
	if err != nil {
		return exitUsage, err
	}
	p, s := beam.NewPipelineWithRoot()
	cfg.build(s)
	res, err := beamx.RunWithMetrics(ctx, p)
	if err != nil {
		return exitUsage, err
	}
	if res == nil { // submitted, not waited for
		return 0, nil
	}
	return account(sums(res.Metrics().AllMetrics().Counters()))
}

// newConfig checks what can be checked before anything is sent away.
func newConfig(ctx context.Context, input, output, tool string, jobs int, args []string) (*config, error) {
	switch {
	case input == "":
		return nil, errors.New("name the files to repair with --input")
	case output == "":
		return nil, errors.New("give the folder for the output with --output")
	}
	cfg := &config{Inputs: strings.Split(input, ","), Output: strings.TrimRight(output, "/"), Tool: tool, Jobs: jobs, Args: args}
	for i, a := range args {
		if a == "--corpus=auto" || a == "auto" && i > 0 && args[i-1] == "--corpus" {
			return nil, errors.New("--corpus auto would see one file only: collect the evidence first (copydesk corpus) and name its file")
		}
		switch name, _, _ := strings.Cut(strings.TrimLeft(a, "-"), "="); name {
		case "o", "output", "shard", "restart", "dry-run", "report", "j", "jobs", "json":
			return nil, fmt.Errorf("%s is not for a file of a pipeline: see --help for what is", a)
		}
	}
	if cfg.Tool == "" {
		found, err := findTool()
		if err != nil {
			return nil, err
		}
		cfg.Tool = found
	}
	// A path in the workers' image need not be there on this machine.
	sum, err := sumOf(ctx, cfg.Tool)
	if err != nil && remote(cfg.Tool) {
		return nil, err
	}
	cfg.ToolSum = sum
	return cfg, nil
}

// findTool looks for copydesk beside this program, then on PATH.
func findTool() (string, error) {
	name := "copydesk"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		if path := filepath.Join(filepath.Dir(self), name); isFile(path) {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", errors.New("there is no copydesk beside this program or on PATH: build it (go build ./cmd/copydesk) and name it with --copydesk")
	}
	return filepath.Abs(path)
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}
