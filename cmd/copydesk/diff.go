package main

import (
	"bufio"
	"fmt"
	"strings"

	"copydesk/cmd/internal/archive"
	"copydesk/repair"
)

// diffContext is how many unchanged lines stand around a change, as in diff -u.
const diffContext = 3

// differ writes what would change as unified diffs, one a text.
type differ struct {
	w    *bufio.Writer
	ink  ink
	draw bool // for a terminal: control characters are drawn
}

// hunk is a run of lines that differ: half-open, on both sides, from 0.
type hunk struct{ src0, src1, out0, out1 int }

// document writes one text's diff. What differs is known from the changes: there
// is nothing to search for.
func (d *differ) document(name string, t *archive.Text, res *repair.Result) error {
	if !res.Changed() {
		return nil
	}
	title := visible(name)
	if t.Field != "text" {
		title += "#" + visible(t.Field)
	}
	fmt.Fprintf(d.w, "%s\n%s\n", d.ink.bold("--- "+title), d.ink.bold("+++ "+title))
	src, out := newPlaces(t.Text), newPlaces(res.Text)
	var hunks []hunk
	for _, c := range res.Changes {
		if !c.Applied {
			continue
		}
		h := hunk{src.line(c.Src.Start), min(src.line(c.Src.End)+1, src.count()), out.line(c.Out.Start), min(out.line(c.Out.End)+1, out.count())}
		if n := len(hunks); n > 0 && (h.src0 < hunks[n-1].src1 || h.out0 < hunks[n-1].out1) {
			hunks[n-1].src1, hunks[n-1].out1 = h.src1, h.out1
			continue
		}
		hunks = append(hunks, h)
	}
	for i := 0; i < len(hunks); {
		k := i + 1
		for k < len(hunks) && hunks[k].src0-hunks[k-1].src1 <= 2*diffContext {
			k++
		}
		d.group(src, out, hunks[i:k])
		i = k
	}
	return d.w.Flush()
}

func (d *differ) group(src, out *places, hunks []hunk) {
	first, last := hunks[0], hunks[len(hunks)-1]
	before := min(diffContext, first.src0)
	after := min(diffContext, src.count()-last.src1)
	fmt.Fprintln(d.w, d.ink.cyan(fmt.Sprintf("@@ -%d,%d +%d,%d @@", first.src0-before+1, last.src1+after-first.src0+before,
		first.out0-before+1, last.out1+after-first.out0+before)))
	at := first.src0 - before
	same := func(to int) {
		for ; at < to; at++ {
			d.line(" ", src, at)
		}
	}
	for _, h := range hunks {
		same(h.src0)
		for l := h.src0; l < h.src1; l++ {
			d.line("-", src, l)
		}
		for l := h.out0; l < h.out1; l++ {
			d.line("+", out, l)
		}
		at = h.src1
	}
	same(last.src1 + after)
}

// line writes one line. For a terminal control characters are drawn; in a pipe
// they stay, so that patch can use the diff.
func (d *differ) line(sign string, p *places, l int) {
	text := p.text[p.lines[l]:p.end(l)]
	body := strings.TrimSuffix(text, "\n")
	if d.draw {
		body = strings.ReplaceAll(visible(strings.TrimSuffix(body, "\r")), "⇥", "\t")
	}
	switch sign {
	case "-":
		body = d.ink.red(sign + body)
	case "+":
		body = d.ink.green(sign + body)
	default:
		body = sign + body
	}
	fmt.Fprintln(d.w, body)
	if !strings.HasSuffix(text, "\n") && text != "" {
		fmt.Fprintln(d.w, `\ No newline at end of file`)
	}
}
