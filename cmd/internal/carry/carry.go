// Package carry takes annotations from a text to what edits made of it, or
// back: plain spans, JSON with start and end (spaCy, Prodigy, doccano), W3C Web
// Annotations, and brat's standoff files. Every byte that is no position stays.
//
// For example, with the edit "includedUS" to "included US" at 5, the row
// {"text":"They includedUS","ents":[{"start":13,"end":15,"label":"GPE"}]}
// becomes {"text":"They included US","ents":[{"start":14,"end":16,"label":"GPE"}]}.
package carry

import (
	"errors"
	"fmt"
	"strings"

	"copydesk/repair/edit"
)

// Carrier takes the spans of one text to the other side. Text and Target are
// empty where they are not known.
type Carrier struct {
	Map          *edit.Map
	Back         bool // from the output to the input
	How          edit.Straddle
	Strict       bool   // a span that cuts a changed place is an error
	Text, Target string // the text that the annotations belong to, and the other
	Known        bool   // Text and Target are known
	Units        string // what positions count: "cp", "bytes" or "utf16"
	Len          int    // where Bounded: how long, in Units, the text is that the annotations belong to
	Bounded      bool
	Count        Count
	from, to     *units
}

// Count is what became of spans.
type Count struct {
	Spans   int `json:"spans"`
	Same    int `json:"same"`    // no edit touched them
	Changed int `json:"changed"` // they read otherwise now
	Dropped int `json:"dropped"`
}

// Add sums up.
func (c *Count) Add(o Count) {
	c.Spans += o.Spans
	c.Same += o.Same
	c.Changed += o.Changed
	c.Dropped += o.Dropped
}

// ErrStraddle is a span that begins or ends inside a changed place.
var ErrStraddle = errors.New("begins or ends inside a changed place; choose another --straddle")

// span carries one span; ok is false when it is dropped.
func (c *Carrier) span(s edit.Span) (to edit.Span, same, ok bool, err error) {
	if s.Start < 0 || s.End < s.Start {
		return to, false, false, fmt.Errorf("%v is no span: want two numbers, the first not above the second", s)
	}
	length := c.Len
	if c.Known {
		length = c.units(false).len()
	}
	if (c.Known || c.Bounded) && s.End > length {
		return to, false, false, fmt.Errorf("%v lies outside the text of %d %s: it belongs to another text, or counts other units", s, length, c.Units)
	}
	c.Count.Spans++
	carry := c.Map.ToOutBy
	if c.Back {
		carry = c.Map.ToSrcBy
	}
	to, same, ok = carry(s, c.How)
	switch {
	case !ok && c.Strict:
		return to, false, false, fmt.Errorf("%v %w", s, ErrStraddle)
	case !ok:
		c.Count.Dropped++
	case same:
		c.Count.Same++
	default:
		c.Count.Changed++
	}
	return to, same, ok, nil
}

// Span carries one span.
func (c *Carrier) Span(s edit.Span) (to edit.Span, ok bool, err error) {
	to, _, ok, err = c.span(s)
	return to, ok, err
}

// units converts positions of a side to bytes: the annotations' or the target's.
type units struct {
	text string
	conv *edit.Units
	kind string
}

func (c *Carrier) units(target bool) *units {
	p, text := &c.from, c.Text
	if target {
		p, text = &c.to, c.Target
	}
	if *p == nil {
		*p = &units{text, edit.NewUnits(text), c.Units}
	}
	return *p
}

func (u *units) len() int {
	n := u.conv.Len()
	switch u.kind {
	case "cp":
		return n[1]
	case "utf16":
		return n[2]
	}
	return n[0]
}

func (u *units) byteOf(p int) int {
	switch u.kind {
	case "cp":
		return u.conv.FromPoints(p)
	case "utf16":
		return u.conv.FromUTF16(p)
	}
	return min(p, len(u.text))
}

func (u *units) ofByte(b int) int {
	points, u16 := u.conv.At(b)
	switch u.kind {
	case "cp":
		return points
	case "utf16":
		return u16
	}
	return b
}

// slice is the text of a span.
func (u *units) slice(s edit.Span) string {
	a := u.byteOf(s.Start)
	return u.text[a:max(a, u.byteOf(s.End))]
}

// quote finds the one place where exact stands between prefix and suffix.
func (u *units) quote(exact, prefix, suffix string) (edit.Span, error) {
	if exact == "" {
		return edit.Span{}, errors.New("a quote of nothing")
	}
	for _, ends := range [][2]string{{prefix, suffix}, {"", ""}} {
		whole := ends[0] + exact + ends[1]
		switch n := strings.Count(u.text, whole); {
		case n == 1:
			at := strings.Index(u.text, whole) + len(ends[0])
			return edit.Span{Start: u.ofByte(at), End: u.ofByte(at + len(exact))}, nil
		case n > 1:
			return edit.Span{}, fmt.Errorf("the quote %q stands %d times in the text: it needs a longer prefix or suffix", exact, n)
		}
	}
	return edit.Span{}, fmt.Errorf("the quote %q does not stand in the text", exact)
}
