package carry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// pairs are the names under which annotation formats keep positions.
var pairs = [][2]string{{"start", "end"}, {"start_offset", "end_offset"}, {"start_char", "end_char"}, {"startOffset", "endOffset"}}

// listed are the members whose elements may be [start, end, label] (doccano,
// spaCy's older training format).
var listed = []string{"label", "labels", "entities"}

// JSON carries every span of a JSON value: members start and end of any object,
// [start, end, label] in lists of labels, and W3C selectors. The elements whose
// span is dropped are taken out of their list; when nothing but the whole value
// can go, it is empty. A text that is the Text becomes the Target.
func (c *Carrier) JSON(row []byte) ([]byte, error) {
	if !json.Valid(row) {
		return nil, errors.New("not valid JSON")
	}
	w := &walk{c: c, b: row}
	_, drop := w.value(skip(row, 0), "")
	if w.err != nil {
		return nil, w.err
	}
	if drop {
		return nil, nil
	}
	out := make([]byte, 0, len(row)+16)
	at := 0
	for _, e := range w.edits {
		out = append(append(out, row[at:e.Start]...), e.New...)
		at = e.End
	}
	return append(out, row[at:]...), nil
}

// walk goes through a valid JSON value once and gathers edits, in order.
type walk struct {
	c     *Carrier
	b     []byte
	edits []edit.Edit
	err   error
	note  *annotation
}

// annotation is the W3C target being walked through.
type annotation struct {
	src, out   edit.Span
	same, have bool
	quotes     []quote
}

// quote is a TextQuoteSelector; each part is where its string stands, both
// quotation marks included.
type quote struct{ exact, prefix, suffix edit.Span }

func skip(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// value walks the value at i; it returns its end, and whether it must go.
func (w *walk) value(i int, name string) (end int, drop bool) {
	switch w.b[i] {
	case '{':
		return w.object(i)
	case '[':
		return w.array(i, name)
	}
	return scalar(w.b, i), false
}

// scalar is the end of a string, number or name.
func scalar(b []byte, i int) int {
	if b[i] == '"' {
		for i++; b[i] != '"'; i++ {
			if b[i] == '\\' {
				i++
			}
		}
		return i + 1
	}
	for i < len(b) && bytes.IndexByte([]byte(",]} \t\r\n"), b[i]) < 0 {
		i++
	}
	return i
}

func (w *walk) array(i int, name string) (end int, drop bool) {
	type element struct {
		edit.Span
		gone        bool
		first, last int // its edits
	}
	var all []element
	for i = skip(w.b, i+1); w.b[i] != ']'; {
		e := element{first: len(w.edits)}
		e.Start = i
		if w.b[i] == '[' && slices.Contains(listed, name) && w.isLabel(i) {
			e.End, e.gone = w.label(i)
		} else {
			e.End, e.gone = w.value(i, "")
		}
		if e.gone {
			w.edits = w.edits[:e.first]
		}
		e.last = len(w.edits)
		all = append(all, e)
		if i = skip(w.b, e.End); w.b[i] == ',' {
			i = skip(w.b, i+1)
		}
	}
	// Commas go with what is gone.
	if slices.ContainsFunc(all, func(e element) bool { return e.gone }) {
		var edits []edit.Edit
		head := len(w.edits)
		if len(all) > 0 {
			head = all[0].first
		}
		kept := slices.Clone(w.edits[head:])
		lastKept := -1
		for k, e := range all {
			if !e.gone {
				edits = append(edits, kept[e.first-head:e.last-head]...)
				lastKept = k
				continue
			}
			cut := edit.Span{Start: e.Start, End: e.End}
			if k+1 < len(all) {
				cut.End = all[k+1].Start
			} else if lastKept >= 0 {
				cut.Start = all[lastKept].End
				edits = slices.DeleteFunc(edits, func(x edit.Edit) bool { return x.Start >= cut.Start && x.New == "" })
			}
			edits = append(edits, edit.Edit{Span: cut})
		}
		w.edits = append(w.edits[:head], edits...)
	}
	return i + 1, false
}

// isLabel reports whether an array begins with two whole numbers.
func (w *walk) isLabel(i int) bool {
	i = skip(w.b, i+1)
	for k := range 2 {
		end := scalarOrSelf(w.b, i)
		if _, err := strconv.Atoi(string(w.b[i:end])); err != nil {
			return false
		}
		i = skip(w.b, end)
		if k == 0 {
			if w.b[i] != ',' {
				return false
			}
			i = skip(w.b, i+1)
		}
	}
	return true
}

func scalarOrSelf(b []byte, i int) int {
	if b[i] == '{' || b[i] == '[' || b[i] == ']' {
		return i
	}
	return scalar(b, i)
}

// label carries [start, end, …].
func (w *walk) label(i int) (end int, drop bool) {
	a := skip(w.b, i+1)
	aEnd := scalar(w.b, a)
	b := skip(w.b, skip(w.b, aEnd)+1)
	bEnd := scalar(w.b, b)
	drop = w.carry(edit.Span{Start: a, End: aEnd}, edit.Span{Start: b, End: bEnd})
	i = skip(w.b, bEnd)
	for w.b[i] == ',' {
		i = skip(w.b, i+1)
		e, _ := w.value(i, "")
		i = skip(w.b, e)
	}
	return i + 1, drop
}

// carry rewrites two numbers.
func (w *walk) carry(start, end edit.Span) (drop bool) {
	s, e1 := strconv.Atoi(string(w.b[start.Start:start.End]))
	e, e2 := strconv.Atoi(string(w.b[end.Start:end.End]))
	if e1 != nil || e2 != nil || w.err != nil {
		return false // no positions after all
	}
	src := edit.Span{Start: s, End: e}
	to, same, ok, err := w.c.span(src)
	if err != nil {
		w.err = err
		return false
	}
	if !ok {
		return true
	}
	if w.note != nil {
		w.note.src, w.note.out, w.note.same, w.note.have = src, to, same, true
	}
	w.put(start, strconv.Itoa(to.Start))
	w.put(end, strconv.Itoa(to.End))
	return false
}

// put adds an edit in its order: end may stand before start.
func (w *walk) put(s edit.Span, text string) {
	if string(w.b[s.Start:s.End]) == text {
		return
	}
	k := len(w.edits)
	for k > 0 && w.edits[k-1].Start > s.Start {
		k--
	}
	w.edits = slices.Insert(w.edits, k, edit.Edit{Span: s, New: text})
}

func (w *walk) object(i int) (end int, drop bool) {
	member := map[string]edit.Span{}
	first := len(w.edits)
	outer := w.note
	for i = skip(w.b, i+1); w.b[i] != '}'; {
		keyEnd := scalar(w.b, i)
		var key string
		if err := json.Unmarshal(w.b[i:keyEnd], &key); err != nil {
			w.err = err
		}
		i = skip(w.b, skip(w.b, keyEnd)+1)
		if key == "target" || key == "selector" && w.note == nil {
			w.note = &annotation{}
		}
		e, gone := w.value(i, key)
		member[key] = edit.Span{Start: i, End: e}
		drop = drop || gone
		if (key == "target" || key == "selector") && w.note != outer {
			drop = w.settle() || drop
			w.note = outer
		}
		if i = skip(w.b, e); w.b[i] == ',' {
			i = skip(w.b, i+1)
		}
	}
	if drop {
		w.edits = w.edits[:first]
		return i + 1, true
	}
	if exact, ok := member["exact"]; ok && w.note != nil && w.b[exact.Start] == '"' {
		w.note.quotes = append(w.note.quotes, quote{exact, member["prefix"], member["suffix"]})
	}
	for _, p := range pairs {
		s, ok1 := member[p[0]]
		e, ok2 := member[p[1]]
		if ok1 && ok2 {
			drop = w.carry(s, e)
			break
		}
	}
	if t, ok := member["text"]; ok && w.c.Known && w.b[t.Start] == '"' && w.text(t) == w.c.Text {
		w.put(t, quoted(w.c.Target))
	}
	if drop {
		w.edits = w.edits[:first]
	}
	return i + 1, drop
}

// settle rewrites the quotes of a target from where its span stands now.
func (w *walk) settle() (drop bool) {
	n := w.note
	if w.err != nil || len(n.quotes) == 0 {
		return false
	}
	from, to := w.c.units(false), w.c.units(true)
	for _, q := range n.quotes {
		exact, prefix, suffix := w.text(q.exact), w.text(q.prefix), w.text(q.suffix)
		if !n.have {
			if !w.c.Known {
				w.err = errors.New("a TextQuoteSelector alone needs the text: give it with --text")
				return false
			}
			src, err := from.quote(exact, prefix, suffix)
			if err != nil {
				w.err = err
				return false
			}
			var ok bool
			n.src = src
			if n.out, n.same, ok, w.err = w.c.span(src); w.err != nil || !ok {
				return !ok && w.err == nil
			}
			n.have = true
		}
		if !w.c.Known {
			if !n.same {
				w.err = errors.New("a quote has changed: give the text with --text, so that it can be written anew")
				return false
			}
			continue
		}
		if got := from.slice(n.src); got != exact {
			w.err = fmt.Errorf("the quote %q does not stand at %v, where the text reads %q", exact, n.src, got)
			return false
		}
		w.put(q.exact, quoted(to.slice(n.out)))
		a, b := to.byteOf(n.out.Start), to.byteOf(n.out.End)
		if q.prefix.Len() > 0 {
			w.put(q.prefix, quoted(tail(to.text[:a], utf8.RuneCountInString(prefix))))
		}
		if q.suffix.Len() > 0 {
			w.put(q.suffix, quoted(head(to.text[b:], utf8.RuneCountInString(suffix))))
		}
	}
	return false
}

func (w *walk) text(s edit.Span) string {
	var t string
	if s.Len() > 0 {
		if err := json.Unmarshal(w.b[s.Start:s.End], &t); err != nil {
			return ""
		}
	}
	return t
}

// head and tail are n code points of a text.
func head(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func tail(s string, n int) string {
	at := len(s)
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
	}
	return s[at:]
}

// quoted is a JSON string.
func quoted(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string always has a JSON form
	}
	return string(bytes.TrimRight(b.Bytes(), "\n"))
}
