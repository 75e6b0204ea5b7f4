package detect

import (
	"strings"
	"sync"

	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

// homographSlots is the number of weights that tell two words apart that differ
// by an apostrophe (its and it's, were and we're) by the words on both sides: a
// logistic regression on hashed features, fitted on every place where training
// text has either. Such sets are the oldest use of such models (Golding and Roth,
// "A Winnow-based approach to context-sensitive spelling correction", 1999).
const homographSlots = 1 << 17

var shippedHomographs = sync.OnceValue(func() *hashed {
	w, err := parseHashed(rules.Homograph(), homographSlots)
	if err != nil {
		panic("the embedded weights of homographs: " + err.Error())
	}
	return w
})

// apostrophe is by how many nats the form with the apostrophe is likelier than the
// one without where training text has either, tokens i to j-1 being the form.
func (p *Pass) apostrophe(pair uint32, i, j int) float64 {
	var buf [homographFeatures]uint32
	return shippedHomographs().sumOf(p.homograph(pair, i, j, buf[:0]))
}

const homographFeatures = 32

// homograph appends the features of a place.
func (p *Pass) homograph(pair uint32, i, j int, fs []uint32) []uint32 {
	const edge = 1
	slot := func(kind, a, b, c uint32) {
		h := uint64(pair)*0xFF51AFD7ED558CCD ^ uint64(kind)*0x9E3779B97F4A7C15 ^ uint64(a)*0xD6E8FEB86659FD93 ^ uint64(b)*0xC2B2AE3D27D4EB4F ^ uint64(c)*0x165667B19E3779F9
		h ^= h >> 29
		h *= 0xBF58476D1CE4E5B9
		fs = append(fs, uint32(h>>32)%homographSlots)
	}
	first, last := 0, len(p.Doc.Tokens)
	if k := p.sentenceOf(i); k < len(p.Doc.Sentences) {
		first, last = int(p.Doc.Sentences[k].First), int(p.Doc.Sentences[k].End)
	}
	word := func(k int) uint32 {
		if k < first || k >= last {
			return edge
		}
		return uint32(uint64(lm.Key(p.Doc.Str(k))) >> 32)
	}
	class := func(k int) uint32 {
		if k < first || k >= last {
			return edge
		}
		return p.wordClass(k)
	}
	l1, l2 := word(i-1), word(i-2)
	r1, r2, r3, r4 := word(j), word(j+1), word(j+2), word(j+3)
	cl1, cl2 := class(i-1), class(i-2)
	c1, c2, c3 := class(j), class(j+1), class(j+2)
	slot(0, 0, 0, 0)
	slot(1, l1, 0, 0)
	slot(2, l2, 0, 0)
	slot(3, r1, 0, 0)
	slot(4, r2, 0, 0)
	slot(5, r3, 0, 0)
	slot(6, l1, r1, 0)
	slot(7, r1, r2, 0)
	slot(8, l2, l1, 0)
	slot(10, l1, r1, r2)
	slot(11, cl1, c1, 0)
	slot(12, c1, c2, 0)
	slot(13, c1, c2, c3)
	slot(14, cl2, cl1, c1)
	slot(15, cl1, c1, c2)
	slot(16, cl1, r1, 0)
	slot(17, l1, c1, 0)
	slot(18, c1, r2, 0)
	slot(19, r1, c2, 0)
	slot(20, c1, c2, r3)
	slot(21, c1, 0, 0)
	slot(22, cl1, 0, 0)
	slot(23, c2, c3, r4)
	slot(25, cl1, c2, 0)
	// Where the next verb stands, and whether one stood before.
	verb := uint32(7)
	for k := j; k < min(last, j+6); k++ {
		if p.Info[k].Flags&lm.Verb != 0 && p.Info[k].Flags&(lm.Noun|lm.Adj) == 0 {
			verb = uint32(k - j)
			break
		}
	}
	slot(26, verb, c1, 0)
	slot(27, verb, cl1, 0)
	return fs
}

// wordClass is what kind of word token k is: itself, where it is a small word.
func (p *Pass) wordClass(k int) uint32 {
	t, info := &p.Doc.Tokens[k], p.Info[k]
	switch t.Kind {
	case text.Word:
		if info.Flags&lm.Function != 0 {
			return uint32(uint64(lm.Key(p.Doc.Str(k))) >> 32)
		}
		c := 64 + uint32(info.Flags>>5&7)*8 + suffixClass(p.Doc.Str(k))
		if t.Shape&text.InitialUpper != 0 {
			c += 64
			if info.Lower < 4 {
				c += 64
			}
		}
		return c
	case text.Number:
		return 5
	case text.Punct, text.Clitic:
		return uint32(uint64(lm.Key(p.Doc.Str(k))) >> 32)
	}
	return 6
}

// pairOf names a pair by its plain form.
func pairOf(plain string) uint32 {
	return uint32(uint64(lm.Key(strings.ToLower(plain))) >> 32)
}
