package text

// Vocab is a document's own vocabulary: how often each word occurs as a token
// of its own, possessives folded in. Immutable once built.
type Vocab struct {
	counts map[uint64]vocabEntry
}

type vocabEntry struct{ all, clitic, upper, mid int32 }

// NewVocab counts the words of a document.
func NewVocab(d *Document) *Vocab {
	v := &Vocab{counts: make(map[uint64]vocabEntry, len(d.Tokens)/3)}
	for i := range d.Tokens {
		t := &d.Tokens[i]
		if t.Kind != Word && t.Kind != Foreign {
			continue
		}
		// A word that touches another word's stop is no witness: it is damage.
		h := foldHash(d.Text[t.Start:t.End])
		e := v.counts[h]
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
		v.counts[h] = e
	}
	return v
}

// Count is how often the word stands as a token of its own, in any case.
func (v *Vocab) Count(word string) int { return int(v.counts[foldHash(word)].all) }

// Clitic is how often the word is followed by 's or a bare apostrophe.
func (v *Vocab) Clitic(word string) int { return int(v.counts[foldHash(word)].clitic) }

// Upper is how often the word is capitalised, anywhere.
func (v *Vocab) Upper(word string) int { return int(v.counts[foldHash(word)].upper) }

// Mid is how often the word is capitalised right after another word, where no
// sentence begins.
func (v *Vocab) Mid(word string) int { return int(v.counts[foldHash(word)].mid) }

// foldHash hashes a word with ASCII letters lowered (FNV-1a, 64 bits).
func foldHash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}
