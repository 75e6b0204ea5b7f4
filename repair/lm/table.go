package lm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"unsafe"
)

// table is a static function from 64-bit keys to small values with a
// fingerprint, read in place: each key's value is the exclusive or of three
// slots (Graf and Lemire, "Binary Fuse Filters", 2022, sections 3 and 4). A key
// that was not stored is found with probability 2^-fp.
type table struct {
	seed          uint64
	segment, mask uint32 // a segment's length, a power of two, and that less one
	count         uint32 // segments that the first slot may lie in
	width, fp     uint32 // bits of a slot, and of the fingerprint within it
	data          string // slots, packed, little endian; padded by 8 bytes
}

const tableHeader = 8 + 4*5

func mix(key, seed uint64) uint64 {
	h := key + seed
	h ^= h >> 33
	h *= 0xFF51AFD7ED558CCD
	h ^= h >> 33
	h *= 0xC4CEB9FE1A85EC53
	h ^= h >> 33
	return h
}

func (t *table) slots(h uint64) (a, b, c uint32) {
	hi, _ := bits.Mul64(h, uint64(t.count)*uint64(t.segment))
	a = uint32(hi)
	b = a + t.segment
	c = b + t.segment
	b ^= uint32(h>>18) & t.mask
	c ^= uint32(h) & t.mask
	return
}

func (t *table) slot(i uint32) uint64 {
	at := uint64(i) * uint64(t.width)
	o := at >> 3
	s := t.data[o : o+8]
	v := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	return v >> (at & 7)
}

// get returns the value stored for the key.
func (t *table) get(key uint64) (uint64, bool) {
	if t.count == 0 {
		return 0, false
	}
	h := mix(key, t.seed)
	a, b, c := t.slots(h)
	v := (t.slot(a) ^ t.slot(b) ^ t.slot(c) ^ h>>7) & (1<<t.width - 1) // the fingerprint is mixed into the low bits
	return v >> t.fp, v&(1<<t.fp-1) == 0
}

// touch asks for what the table holds for a key to come from main memory, and does not
// wait for it: a key that was touched some hundred instructions ago costs get a tenth.
func (t *table) touch(key uint64) {
	if t.count == 0 {
		return
	}
	a, b, c := t.slots(mix(key, t.seed))
	width := uintptr(t.width)
	prefetch(unsafe.Pointer(unsafe.StringData(t.data)), uintptr(a)*width>>3, uintptr(b)*width>>3, uintptr(c)*width>>3)
}

// buildTable packs keys (distinct) and values of at most valueBits bits. A slot
// is at most 56 bits wide.
func buildTable(keys, values []uint64, valueBits, fp uint32) ([]byte, error) {
	n := uint32(len(keys))
	t := table{width: valueBits + fp, fp: fp}
	if t.width > 56 {
		return nil, fmt.Errorf("a slot of %d bits is wider than 56", t.width)
	}
	t.segment = 1 << max(4, min(18, bits.Len32(n)*2/3))
	t.mask = t.segment - 1
	size := uint64(float64(n)*1.13) + uint64(t.segment)*2 + 64
	t.count = uint32(size/uint64(t.segment)) + 1
	total := uint64(t.count+2) * uint64(t.segment)
	for attempt := range 64 {
		t.seed = mix(uint64(attempt)+1, 0x5851F42D4C957F2D)
		if slots, ok := t.peel(keys, values, total); ok {
			return t.pack(slots), nil
		}
	}
	return nil, errors.New("no seed places all keys: are they distinct?")
}

// peel orders the keys so that each has a slot of its own that no later one
// uses, then fills the slots backwards.
func (t *table) peel(keys, values []uint64, total uint64) ([]uint64, bool) {
	degree := make([]uint32, total)
	sum := make([]uint64, total) // exclusive or of the indices of the keys at a slot
	for i, k := range keys {
		a, b, c := t.slots(mix(k, t.seed))
		for _, s := range [...]uint32{a, b, c} {
			degree[s]++
			sum[s] ^= uint64(i)
		}
	}
	var queue []uint32
	for s := range degree {
		if degree[s] == 1 {
			queue = append(queue, uint32(s))
		}
	}
	type step struct{ key, slot uint32 }
	order := make([]step, 0, len(keys))
	for len(queue) > 0 {
		s := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if degree[s] != 1 {
			continue
		}
		i := sum[s]
		order = append(order, step{uint32(i), s})
		a, b, c := t.slots(mix(keys[i], t.seed))
		for _, o := range [...]uint32{a, b, c} {
			degree[o]--
			sum[o] ^= i
			if degree[o] == 1 {
				queue = append(queue, o)
			}
		}
	}
	if len(order) != len(keys) {
		return nil, false
	}
	slots := make([]uint64, total)
	for _, st := range slices.Backward(order) {
		h := mix(keys[st.key], t.seed)
		a, b, c := t.slots(h)
		v := values[st.key]<<t.fp ^ h>>7
		slots[st.slot] = 0
		slots[st.slot] = (v ^ slots[a] ^ slots[b] ^ slots[c]) & (1<<t.width - 1)
	}
	// The fingerprint's bits must come out as zero: clear what h left there by
	// construction, since v's low bits are those of h alone.
	return slots, true
}

func (t *table) pack(slots []uint64) []byte {
	out := make([]byte, tableHeader, tableHeader+len(slots)*int(t.width)/8+16)
	binary.LittleEndian.PutUint64(out, t.seed)
	for i, v := range [...]uint32{t.segment, t.count, t.width, t.fp, uint32(len(slots))} {
		binary.LittleEndian.PutUint32(out[8+4*i:], v)
	}
	var acc uint64
	var have uint32
	for _, v := range slots {
		acc |= v << have
		have += t.width
		for have >= 8 {
			out = append(out, byte(acc))
			acc >>= 8
			have -= 8
		}
	}
	out = append(out, byte(acc))
	return append(out, 0, 0, 0, 0, 0, 0, 0, 0)
}

// openTable reads a packed table in place.
func openTable(s string) (table, error) {
	if len(s) == 0 {
		return table{}, nil
	}
	if len(s) < tableHeader {
		return table{}, errors.New("a table is cut short")
	}
	u32 := func(i int) uint32 {
		return uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24
	}
	t := table{
		seed:    uint64(u32(0)) | uint64(u32(4))<<32,
		segment: u32(8), count: u32(12), width: u32(16), fp: u32(20), data: s[tableHeader:],
	}
	slots := u32(24)
	t.mask = t.segment - 1
	if t.segment == 0 || t.segment&t.mask != 0 || t.segment > 1<<20 || t.count == 0 || t.count > 1<<28 ||
		uint64(t.count+2)*uint64(t.segment) != uint64(slots) || t.width == 0 || t.width > 56 || t.fp >= t.width ||
		uint64(len(t.data)) < (uint64(slots)*uint64(t.width)+7)/8+8 {
		return table{}, errors.New("a table's sizes do not fit together")
	}
	return t, nil
}
