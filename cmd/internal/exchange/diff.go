package exchange

import (
	"fmt"
	"io"
	"strings"
)

// diffContext is how many unchanged lines stand around a change.
const diffContext = 3

// diff is a unified diff: what apply would do, for mail, patch and git.
func diff() *Format {
	return &Format{
		Name: "diff", Doc: "unified diff of what apply would write; patch applies it",
		Write: func(w io.Writer, a *Article) error {
			_, err := io.WriteString(w, unified(a))
			return err
		},
	}
}

// block is lines of the source and what they become.
type block struct {
	old, new []string
	changed  bool
}

func unified(a *Article) string {
	var blocks []block
	var old, now strings.Builder
	changed := false
	flush := func() {
		if old.Len() == 0 && now.Len() == 0 {
			return
		}
		blocks = append(blocks, block{lines(old.String()), lines(now.String()), changed})
		old.Reset()
		now.Reset()
		changed = false
	}
	// A line is closed only outside of edits, and only when both sides are at its
	// end.
	text := func(t string) {
		for line := range strings.Lines(t) {
			old.WriteString(line)
			now.WriteString(line)
			if strings.HasSuffix(line, "\n") {
				flush()
			}
		}
	}
	for i, m := range a.Marks {
		text(a.Texts[i])
		old.WriteString(m.Before)
		now.WriteString(m.After)
		changed = true
	}
	text(a.Texts[len(a.Marks)])
	flush()
	var b strings.Builder
	oldAt, newAt := 1, 1
	for i := 0; i < len(blocks); {
		if !blocks[i].changed {
			oldAt += len(blocks[i].old)
			newAt += len(blocks[i].new)
			i++
			continue
		}
		from := max(0, i-diffContext)
		to := i + 1
		for quiet := 0; to < len(blocks) && quiet <= 2*diffContext; to++ {
			if quiet++; blocks[to].changed {
				quiet = 0
			}
		}
		last := i
		for j := i; j < to; j++ {
			if blocks[j].changed {
				last = j
			}
		}
		to = min(last+1+diffContext, len(blocks))
		if b.Len() == 0 {
			name := strings.ReplaceAll(oneLine(a.Doc), "\t", " ")
			fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", name, name)
		}
		var body strings.Builder
		oldN, newN := 0, 0
		for _, k := range blocks[from:to] {
			oldN += len(k.old)
			newN += len(k.new)
			if !k.changed {
				put(&body, " ", k.old)
				continue
			}
			put(&body, "-", k.old)
			put(&body, "+", k.new)
		}
		back := i - from // context before is one line a block
		fmt.Fprintf(&b, "@@ -%d,%d +%d,%d @@\n%s", start(oldAt-back, oldN), oldN, start(newAt-back, newN), newN, body.String())
		for _, k := range blocks[i:to] {
			oldAt += len(k.old)
			newAt += len(k.new)
		}
		i = to
	}
	return b.String()
}

// start is a hunk's first line; of no lines the line before counts.
func start(at, n int) int {
	if n == 0 {
		return at - 1
	}
	return at
}

func lines(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		out = append(out, l)
	}
	return out
}

func put(b *strings.Builder, sign string, ls []string) {
	for _, l := range ls {
		b.WriteString(sign + l)
		if !strings.HasSuffix(l, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
