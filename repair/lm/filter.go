package lm

import (
	"encoding/binary"
	"errors"
	"strings"
)

// Filter tells most words that training text did not hold from those it did, by
// eight bytes read in place: a blocked Bloom filter (Putze, Sanders and Singler,
// "Cache-, Hash- and Space-Efficient Bloom Filters", 2007, section 3). It stays in
// the second-level cache, where the table of words does not. Safe for many
// goroutines; the zero value holds every word.
type Filter struct{ blocks string }

const (
	filterMagic = "copydesk filter 1\n"
	filterBits  = 12 // bits a word: of the words not held one in 80 passes
	filterTests = 4  // bits of its block that a word sets
)

// OpenFilter reads a filter in place: the string must stay as it is.
func OpenFilter(data string) (Filter, error) {
	b, ok := strings.CutPrefix(data, filterMagic)
	if !ok || len(b) == 0 || len(b)%8 != 0 || len(b) > 1<<30 {
		return Filter{}, errors.New("not a copydesk filter, or one of another version: build it anew with copydesk train")
	}
	return Filter{b}, nil
}

// Holds reports whether training text may have held the word: never false where
// it did.
func (f Filter) Holds(w Word) bool {
	if f.blocks == "" {
		return true
	}
	at, tests := filterPlace(w, uint64(len(f.blocks)/8))
	b := f.blocks[at*8 : at*8+8]
	v := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	return v&tests == tests
}

// filterPlace is a word's block, and its bits there.
func filterPlace(w Word, blocks uint64) (at, tests uint64) {
	h := uint64(w) * 0x9FB21C651E98DF25
	at = (h >> 32) * blocks >> 32
	for k := range filterTests {
		tests |= 1 << (h >> (6 * k) & 63)
	}
	return at, tests
}

// BuildFilter makes a filter of words, in any order.
func BuildFilter(words []Word) []byte {
	blocks := make([]uint64, max(1, len(words)*filterBits/64))
	for _, w := range words {
		at, tests := filterPlace(w, uint64(len(blocks)))
		blocks[at] |= tests
	}
	out := []byte(filterMagic)
	for _, b := range blocks {
		out = binary.LittleEndian.AppendUint64(out, b)
	}
	return out
}
