package corpus

import (
	"cmp"
	"slices"
	"sync/atomic"
)

// The sizes of the first look. In 4 rows of 4 M counters (64 MB), a million
// documents put some six into each; a line that stands once then passes for one
// of eight documents in one case of forty, and is found out by the second look.
// 128 M bits (16 MB) hold the unknown words of as many documents, some 4 M, with
// one stranger in a thousand taken for one of them.
const (
	rows    = 4
	rowBits = 22
	setBits = 27
	probes  = 3
)

// sketch is a count-min sketch. Adding commutes, so that neither the order of
// documents nor the number of goroutines shows.
type sketch []uint32

func newSketch() sketch { return make(sketch, rows<<rowBits) }

func (s sketch) cell(key uint64, row uint64) *uint32 {
	h := key + row*(key>>32|1)*0x9E3779B97F4A7C15
	return &s[row<<rowBits|mix(h)>>(64-rowBits)]
}

func (s sketch) add(key uint64) {
	for r := range uint64(rows) {
		atomic.AddUint32(s.cell(key, r), 1)
	}
}

// count is at least how often key was added.
func (s sketch) count(key uint64) uint32 {
	n := ^uint32(0)
	for r := range uint64(rows) {
		n = min(n, atomic.LoadUint32(s.cell(key, r)))
	}
	return n
}

// set is a Bloom filter: what was added is in it, and hardly anything else.
type set []uint64

func newSet() set { return make(set, 1<<(setBits-6)) }

func (s set) add(key uint64) {
	for i := range uint64(probes) {
		b := probe(key, i)
		atomic.OrUint64(&s[b>>6], 1<<(b&63))
	}
}

func (s set) has(key uint64) bool {
	for i := range uint64(probes) {
		b := probe(key, i)
		if atomic.LoadUint64(&s[b>>6])&(1<<(b&63)) == 0 {
			return false
		}
	}
	return true
}

func probe(key, i uint64) uint64 {
	return mix(key+i*0x9E3779B97F4A7C15) >> (64 - setBits)
}

// rank orders what competes for memory: the higher count of the first look
// first, then by key. It does not depend on what was seen when.
type rank struct {
	count uint32
	key   uint64
}

func (a rank) compare(b rank) int {
	return cmp.Or(cmp.Compare(a.count, b.count), cmp.Compare(a.key, b.key))
}

// table counts exactly, in a bounded number of bytes. What it keeps is what a
// table without bounds would hold, cut by rank: an entry that stays in the end
// has outranked the others all along, so that no document of it was missed.
type table[V any] struct {
	entries map[uint64]*entry[V]
	bytes   int
	limit   int  // of bytes, once pruned; twice as many are held before
	floor   rank // the highest that was dropped; none of it or below comes in again
	cost    int  // bytes of an entry beside its text
}

type entry[V any] struct {
	rank rank
	text string
	val  V
}

func newTable[V any](limit, cost int) *table[V] {
	return &table[V]{entries: map[uint64]*entry[V]{}, limit: limit, cost: cost}
}

// at is the entry of a key, or nil where there is no room for it. text is copied
// when the entry is new.
func (t *table[V]) at(key uint64, count uint32, text func() string) *V {
	if e, ok := t.entries[key]; ok {
		return &e.val
	}
	r := rank{count, key}
	if r.compare(t.floor) <= 0 {
		return nil
	}
	e := &entry[V]{rank: r, text: text()}
	t.entries[key] = e
	if t.bytes += t.cost + len(e.text); t.bytes > 2*t.limit {
		t.prune()
		if _, ok := t.entries[key]; !ok {
			return nil
		}
	}
	return &e.val
}

// prune drops what ranks lowest until the rest fits.
func (t *table[V]) prune() {
	if t.bytes <= t.limit {
		return
	}
	all := make([]*entry[V], 0, len(t.entries))
	for _, e := range t.entries {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *entry[V]) int { return b.rank.compare(a.rank) })
	kept := 0
	for i, e := range all {
		if kept+t.cost+len(e.text) > t.limit {
			t.floor = e.rank
			for _, out := range all[i:] {
				delete(t.entries, out.rank.key)
			}
			break
		}
		kept += t.cost + len(e.text)
	}
	t.bytes = kept
}
