package text

import "math/bits"

// Vocab is a document's own vocabulary: how often each word occurs as a token
// of its own, possessives folded in. Immutable once built.
type Vocab struct {
	entries []vocabEntry // open addressing; a power of two, mostly half full at most
	shift   uint         // 64 less the bits of an index
}

type vocabEntry struct {
	hash                    uint64
	all, clitic, upper, mid int32
}

// NewVocab counts the words of a document.
func NewVocab(d *Document) *Vocab {
	v := new(Vocab)
	v.Build(d)
	return v
}

// Build counts the words of a document, in the memory of what v counted before.
func (v *Vocab) Build(d *Document) {
	n := bits.Len(uint(len(d.Tokens)+len(d.Tokens)/4) + 16) // of three tokens two are words, of those many repeat
	v.shift = uint(64 - n)
	if cap(v.entries) < 1<<n {
		v.entries = make([]vocabEntry, 1<<n)
	} else {
		v.entries = v.entries[:1<<n]
		clear(v.entries)
	}
	for i := range d.Tokens {
		t := &d.Tokens[i]
		if t.Kind != Word && t.Kind != Foreign {
			continue
		}
		h := foldHash(d.Text[t.Start:t.End])
		e := v.at(h)
		e.hash = h
		e.all++
		if i+1 < len(d.Tokens) && d.Tokens[i+1].Kind == Clitic && d.Tokens[i+1].Gap == GapNone {
			e.clitic++
		}
		if t.Shape&InitialUpper != 0 {
			e.upper++
			if i > 0 && t.Gap == GapSpace && d.Tokens[i-1].Kind == Word {
				e.mid++
			}
		}
	}
}

// at is the entry of a hash, or the empty one where it belongs.
func (v *Vocab) at(h uint64) *vocabEntry {
	mask := len(v.entries) - 1
	for i := int(h * 0x9E3779B97F4A7C15 >> v.shift); ; i = (i + 1) & mask {
		if e := &v.entries[i]; e.all == 0 || e.hash == h {
			return e
		}
	}
}

// Count is how often the word stands as a token of its own, in any case.
func (v *Vocab) Count(word string) int { return int(v.at(foldHash(word)).all) }

// Clitic is how often the word is followed by 's or a bare apostrophe.
func (v *Vocab) Clitic(word string) int { return int(v.at(foldHash(word)).clitic) }

// Upper is how often the word is capitalised, anywhere.
func (v *Vocab) Upper(word string) int { return int(v.at(foldHash(word)).upper) }

// Mid is how often the word is capitalised right after another word, where no
// sentence begins.
func (v *Vocab) Mid(word string) int { return int(v.at(foldHash(word)).mid) }

// Fold is the hash of a word that grows by a byte at a time, for CountFold.
type Fold uint64

// NewFold is that of no byte yet.
func NewFold() Fold { return foldSeed }

// Grow adds a byte.
func (f *Fold) Grow(c byte) {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	*f = (*f ^ Fold(c)) * foldPrime
}

// CountFold is Count for the word of a Fold.
func (v *Vocab) CountFold(f Fold) int { return int(v.at(uint64(f)).all) }

const (
	foldSeed  = 14695981039346656037
	foldPrime = 1099511628211
)

// foldHash hashes a word with ASCII letters lowered (FNV-1a, 64 bits).
func foldHash(s string) uint64 {
	h := uint64(foldSeed)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		h = (h ^ uint64(c)) * foldPrime
	}
	return h
}
