package review

import (
	"cmp"
	"slices"
	"strings"

	"copydesk/repair/edit"
)

// maxLines is how many lines of the queue are kept in order: nobody pages beyond,
// and to sort a million took a second.
const maxLines = 5000

// collector gathers the lines of the queue.
type collector struct {
	s       *Store
	view    string
	rows    []uint32 // for single edits
	entries []Entry
	slot    []int32 // by group or document, -1 for none
	shapes  map[string]int32
}

func (c *collector) begin() {
	n := len(c.s.groups)
	switch c.view {
	case "docs":
		n = len(c.s.docs)
	case "edits":
		return
	}
	c.slot = make([]int32, n)
	for i := range c.slot {
		c.slot[i] = -1
	}
	c.shapes = map[string]int32{}
}

// work is what an edit adds to the work that a group saves: the chance that it is
// right, less what copydesk is already certain of. An applied edit of 0.999 is
// worth one thousandth of a look, a proposal of 0.7 seven tenths. A hint is never
// accepted with others, so it counts a tenth.
func (c *columns) work(row uint32) float64 {
	if !c.status[row].Undecided() {
		return 0
	}
	p := float64(c.conf[row]) / 1e4
	switch {
	case c.has(row, flagApplied):
		return p * (1 - p)
	case c.tier(row) == edit.Hint:
		return p / 10
	}
	return p
}

func (c *collector) add(row uint32) {
	s := c.s
	cols := &s.cols
	var at int32
	key := cols.group[row]
	switch c.view {
	case "edits":
		c.rows = append(c.rows, row)
		return
	case "docs":
		key = cols.doc[row]
		at = c.slot[key]
	case "families":
		if at = c.slot[key]; at < 0 {
			g := &s.groups[key]
			name := s.rules.list[g.rule] + "\x00" + g.shape
			if i, ok := c.shapes[name]; ok {
				at = i
			} else {
				c.shapes[name] = int32(len(c.entries))
			}
			if at >= 0 {
				c.slot[key] = at
			}
		}
	default:
		at = c.slot[key]
	}
	if at < 0 {
		at = int32(len(c.entries))
		c.entries = append(c.entries, Entry{key: key, min: cols.conf[row], max: cols.conf[row], last: 1<<32 - 1, first: row})
		c.slot[key] = at
	}
	c.entries[at].count(cols, row)
}

func (e *Entry) count(cols *columns, row uint32) {
	e.n++
	if doc := cols.doc[row]; doc != e.last {
		e.docs++
		e.last = doc
	}
	e.work += cols.work(row)
	conf := cols.conf[row]
	p := float64(conf) / 1e4
	e.doubt += p * (1 - p)
	e.min, e.max = min(e.min, conf), max(e.max, conf)
}

// Views and orders of the queue, as Query names them.
var (
	views  = []string{"groups", "families", "docs", "edits"}
	orders = []string{"work", "doubt", "rare", "conf", "size", "text"}
)

func (c *collector) sorted(order string, perRule []int) []Entry {
	s := c.s
	if c.view == "edits" {
		cols := &s.cols
		rule := func(r uint32) int { return perRule[s.groups[cols.group[r]].rule] }
		var by func(a, b uint32) int
		switch order {
		case "doubt":
			doubt := func(r uint32) int { return max(int(cols.conf[r]), 10000-int(cols.conf[r])) }
			by = func(a, b uint32) int { return doubt(a) - doubt(b) }
		case "rare":
			by = func(a, b uint32) int { return rule(a) - rule(b) }
		case "conf":
			by = func(a, b uint32) int { return int(cols.conf[b]) - int(cols.conf[a]) }
		case "text":
			by = func(a, b uint32) int {
				return strings.Compare(s.groups[cols.group[a]].before, s.groups[cols.group[b]].before)
			}
		case "size":
			by = func(a, b uint32) int { return 0 }
		default:
			by = func(a, b uint32) int { return cmp.Compare(cols.work(b), cols.work(a)) }
		}
		c.rows = first(c.rows, maxLines, func(a, b uint32) int { return cmp.Or(by(a, b), cmp.Compare(a, b)) })
		for _, r := range c.rows {
			e := Entry{key: r, min: cols.conf[r], max: cols.conf[r], last: 1<<32 - 1, first: r}
			e.count(cols, r)
			c.entries = append(c.entries, e)
		}
		return c.entries
	}
	rule := func(e *Entry) int {
		if c.view == "docs" {
			return 0
		}
		return perRule[s.groups[e.key].rule]
	}
	text := func(e *Entry) string { return s.groups[s.cols.group[e.first]].before }
	var by func(a, b *Entry) int
	switch order {
	case "doubt":
		by = func(a, b *Entry) int { return cmp.Compare(b.doubt/float64(b.n), a.doubt/float64(a.n)) }
	case "rare":
		by = func(a, b *Entry) int { return cmp.Compare(rule(a), rule(b)) }
	case "conf":
		by = func(a, b *Entry) int { return cmp.Compare(b.max, a.max) }
	case "size":
		by = func(a, b *Entry) int { return cmp.Compare(b.n, a.n) }
	case "text":
		by = func(a, b *Entry) int { return strings.Compare(text(a), text(b)) }
	default:
		by = func(a, b *Entry) int { return cmp.Compare(b.work, a.work) }
	}
	return first(c.entries, maxLines, func(a, b Entry) int { return cmp.Or(by(&a, &b), cmp.Compare(a.first, b.first)) })
}

// first gives the k first of list in order. A heap whose root is the last of the
// k chosen refuses most of a long list with one comparison each.
func first[T any](list []T, k int, less func(a, b T) int) []T {
	if len(list) > k {
		h := list[:k]
		down := func(i int) {
			for {
				c := 2*i + 1
				if c >= k {
					return
				}
				if c+1 < k && less(h[c+1], h[c]) > 0 {
					c++
				}
				if less(h[c], h[i]) <= 0 {
					return
				}
				h[i], h[c] = h[c], h[i]
				i = c
			}
		}
		for i := k / 2; i >= 0; i-- {
			down(i)
		}
		for _, v := range list[k:] {
			if less(v, h[0]) < 0 {
				h[0] = v
				down(0)
			}
		}
		list = h
	}
	slices.SortFunc(list, less)
	return list
}
