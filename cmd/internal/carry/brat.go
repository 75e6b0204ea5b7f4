package carry

import (
	"fmt"
	"strconv"
	"strings"

	"copydesk/repair/edit"
)

// Brat carries a standoff file of brat (.ann). Text-bound annotations get new
// positions and the text that stands there now; what refers to a dropped one
// goes with it. Text and Target must be known.
func (c *Carrier) Brat(ann string) (string, error) {
	type line struct {
		text string
		id   string
		refs []string
	}
	var all []line
	gone := map[string]bool{}
	n := 0
	for raw := range strings.Lines(ann) {
		n++
		text := strings.TrimRight(raw, "\r\n")
		f := strings.SplitN(text, "\t", 3)
		l := line{text: text, id: f[0]}
		if len(f) > 1 && strings.HasPrefix(f[0], "T") {
			carried, ok, err := c.bratText(f)
			if err != nil {
				return "", fmt.Errorf("line %d: %w", n, err)
			}
			if !ok {
				gone[f[0]] = true
				continue
			}
			l.text = carried
		} else if len(f) > 1 {
			l.refs = bratRefs(f[1])
		}
		all = append(all, l)
	}
	for again := len(gone) > 0; again; {
		again = false
		for i, l := range all {
			for _, r := range l.refs {
				if gone[r] && !gone[l.id+"\x00"+strconv.Itoa(i)] {
					gone[l.id+"\x00"+strconv.Itoa(i)] = true
					if l.id != "*" {
						gone[l.id] = true
					}
					again = true
				}
			}
		}
	}
	var b strings.Builder
	for i, l := range all {
		if gone[l.id+"\x00"+strconv.Itoa(i)] {
			c.Count.Dropped++
			continue
		}
		b.WriteString(l.text)
		b.WriteByte('\n')
	}
	return b.String(), nil
}

// bratText carries "T1 TAB type 0 5;8 9 TAB text".
func (c *Carrier) bratText(f []string) (string, bool, error) {
	kind, spans, ok := strings.Cut(f[1], " ")
	if !ok {
		return "", false, fmt.Errorf("%q: want a type and its positions", f[1])
	}
	var to, words []string
	for frag := range strings.SplitSeq(spans, ";") {
		var s edit.Span
		if _, err := fmt.Sscanf(frag, "%d %d", &s.Start, &s.End); err != nil {
			return "", false, fmt.Errorf("%q is no pair of positions", frag)
		}
		out, ok, err := c.Span(s)
		if err != nil || !ok {
			return "", false, err
		}
		to = append(to, fmt.Sprintf("%d %d", out.Start, out.End))
		words = append(words, strings.Join(strings.FieldsFunc(c.units(true).slice(out), func(r rune) bool { return r == '\n' || r == '\r' }), " "))
	}
	return f[0] + "\t" + kind + " " + strings.Join(to, ";") + "\t" + strings.Join(words, " "), true, nil
}

// bratRefs lists the ids that a relation, event, attribute or note refers to.
func bratRefs(s string) []string {
	var refs []string
	for w := range strings.FieldsSeq(s) {
		if _, after, ok := strings.Cut(w, ":"); ok {
			w = after
		}
		if len(w) > 1 && strings.IndexByte("TREAMN", w[0]) >= 0 && w[1] >= '0' && w[1] <= '9' {
			refs = append(refs, w)
		}
	}
	return refs
}
