package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"copydesk/cmd/internal/archive"
)

// siteArchive writes the articles of two sites in a drawn order and in several
// files: the page of one puts lines around its articles, and a name of its own is
// run together with the word before it once.
func siteArchive(t *testing.T, dir string, seed uint64, files int) {
	t.Helper()
	r := rand.New(rand.NewPCG(11, 12))
	towns := []string{"Ashford", "Marlow", "Weston", "Keswick", "Bolton", "Dunmore", "Harlan", "Pruett", "Selby", "Orford"}
	var lines []string
	for i := range 160 {
		town, other := towns[r.IntN(len(towns))], towns[r.IntN(len(towns))]
		text := []string{fmt.Sprintf("The council of %s voted on Monday to keep the old bridge open until the spring of %d. "+
			"Engineers from %s said the stone would hold %d more years, and the mayor of %s thanked them for the %d pages of their report.",
			town, 1950+i, other, 3+i%40, town, 10+i%90)}
		site := "plain.example"
		if i%2 == 0 {
			site = "gazette.example"
			if i%10 == 0 {
				text = append(text, "Critics called the vote a mistake.")
			}
			text = append(text, "Why it matters", fmt.Sprintf("The bridge carries %d cars a day.", 100+i))
			if i%3 != 0 {
				text = append(text, "The Valley Gazette has served the towns along the river since 1889.")
			}
			if i%4 == 0 {
				text = slices.Insert(text, 1, "Sign up for Valley Mornings, our free newsletter")
			}
		}
		j, err := json.Marshal(map[string]string{"url": fmt.Sprintf("https://www.%s/%d", site, i), "text": strings.Join(text, "\n\n")})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(j)+"\n")
	}
	s := rand.New(rand.NewPCG(seed, 1))
	s.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for f := range files {
		var b strings.Builder
		for i := f; i < len(lines); i += files {
			b.WriteString(lines[i])
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%c.jsonl", 'a'+f)), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// execute runs a command, which must end with the code.
func execute(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(args, &app{strings.NewReader(""), &out, &errs}); got != want {
		t.Fatalf("copydesk %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, want, errs.String())
	}
	return out.String() + errs.String()
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The evidence does not depend on workers, order, or how records lie in files;
// neither does what a run makes of it, whole or in parts.
func TestCorpusOfRun(t *testing.T) {
	dir := t.TempDir()
	in, mixed := filepath.Join(dir, "in"), filepath.Join(dir, "mixed")
	siteArchive(t, in, 1, 3)
	siteArchive(t, mixed, 2, 2)
	evidence := func(name, in, jobs string) string {
		out := filepath.Join(dir, name)
		execute(t, 0, "corpus", in, "--id", "url", "-j", jobs, "-q", "-o", out)
		_, body, _ := strings.Cut(read(t, out), "\n")
		return body
	}
	want := evidence("e1", in, "1")
	if !strings.Contains(want, `"text":"The Valley Gazette has served the towns along the river since 1889."`) {
		t.Fatalf("the evidence is\n%s", want)
	}
	if got := evidence("e2", in, "3"); got != want {
		t.Errorf("three workers give\n%s", got)
	}
	if got := evidence("e3", mixed, "2"); got != want {
		t.Errorf("another order gives\n%s", got)
	}

	whole, parts := filepath.Join(dir, "whole"), filepath.Join(dir, "parts")
	execute(t, 0, "run", in, "--id", "url", "--corpus", "auto", "-j", "1", "-q", "-o", whole)
	for _, part := range []string{"1/3", "2/3", "3/3"} {
		execute(t, 0, "run", in, "--id", "url", "--corpus", "auto", "-j", "3", "-q", "-o", parts, "--shard", part)
	}
	a, b := tree(t, whole), tree(t, parts)
	if len(a) != len(b) {
		t.Fatalf("%d files and %d", len(a), len(b))
	}
	for name, s := range a {
		if strings.HasPrefix(name, "done") { // holds the input's time
			continue
		}
		if b[name] != s {
			t.Errorf("%s differs between a run and its parts", name)
		}
	}
	_, collected, _ := strings.Cut(a["corpus.jsonl"], "\n")
	if collected != want {
		t.Error("a run collects other evidence")
	}

	// What went, what stayed, and what the log says of it.
	for name, s := range a {
		if !strings.HasSuffix(name, ".jsonl") || strings.Contains(name, "/") || name == "corpus.jsonl" {
			continue
		}
		if strings.Contains(s, "since 1889") || strings.Contains(s, "Valley Mornings") || !strings.Contains(s, "Critics called the vote a mistake.") || !strings.Contains(s, "Why it matters") {
			t.Errorf("%s:\n%.600s", name, s)
		}
	}
	f, err := os.Open(filepath.Join(whole, "log", "a.jsonl.jsonl.zst"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, _, err := archive.Decompress(f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var log bytes.Buffer
	if _, err := log.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"rule":"boilerplate/repeated-in-site"`, "of 80 documents of gazette.example"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}

	// A run goes on with its evidence, and with no other.
	execute(t, 0, "run", in, "--id", "url", "--corpus", "auto", "-q", "-o", whole)
	edited := filepath.Join(dir, "edited")
	if err := os.WriteFile(edited, []byte(strings.Replace(a["corpus.jsonl"], "since 1889", "since 1890", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := execute(t, exitUsage, "run", in, "--id", "url", "--corpus", edited, "-q", "-o", whole); !strings.Contains(got, "corpus was sha256:") {
		t.Errorf("it says %s", got)
	}
	if got := execute(t, exitUsage, "run", in, "--id", "url", "-q", "-o", whole); !strings.Contains(got, "corpus was sha256:") {
		t.Errorf("it says %s", got)
	}

	// The log gives the archive back.
	back := filepath.Join(dir, "back")
	execute(t, 0, "revert", whole, "--log", filepath.Join(whole, "log"), "-o", back)
	for name, s := range tree(t, in) {
		if read(t, back, name) != s {
			t.Errorf("%s does not come back", name)
		}
	}
}

// A second run over what came out, with the same evidence, changes nothing; and
// fix of named files collects for itself.
func TestCorpusOfFix(t *testing.T) {
	dir := t.TempDir()
	siteArchive(t, dir, 3, 1)
	in, out, ev := filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "out.jsonl"), filepath.Join(dir, "ev.zst")
	execute(t, 0, "corpus", in, "--source", "url", "-q", "-o", ev)
	once := execute(t, 0, "fix", in, "--source", "url", "--corpus", ev, "-q")
	if auto := execute(t, 0, "fix", in, "--source", "url", "--corpus", "auto", "-q"); auto != once {
		t.Error("fix collects other evidence")
	}
	if err := os.WriteFile(out, []byte(once), 0o600); err != nil {
		t.Fatal(err)
	}
	if twice := execute(t, 0, "fix", out, "--source", "url", "--corpus", ev, "-q"); twice != once {
		t.Error("a second run changes something")
	}
	if plain := execute(t, 0, "fix", in, "--source", "url", "-q"); !strings.Contains(plain, "since 1889") {
		t.Error("it goes without evidence")
	}
	if got := execute(t, exitUsage, "fix", "--corpus", "auto"); !strings.Contains(got, "needs named files") {
		t.Errorf("it says %s", got)
	}
	if got := execute(t, exitUsage, "fix", in, "--corpus", in); !strings.Contains(got, "no evidence of a corpus") {
		t.Errorf("it says %s", got)
	}
}
