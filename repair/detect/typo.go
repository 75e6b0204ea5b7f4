package detect

import (
	"math"
	"unicode/utf8"

	"copydesk/repair/lm"
)

const typoTries = 3 // words that an unknown one is compared with

// slip is the ln probability that one given slip of the fingers made a token of
// so many letters: there are some sixty ways for each of them. The rate is that
// of mistyped words in the document: a careless author shows it.
func (p *Pass) slip(letters int) float64 {
	return math.Log(p.slips / (60 * float64(letters)))
}

// slipRate is the share of mistyped words in a document of so many words, of
// which odd are unknown: 0.002 in a long clean one. A fifth more or less of it moves nothing.
func slipRate(odd, words int) float64 {
	return min(0.05, (float64(odd)+1.5)/float64(words+150))
}

// typos lists the commonest words that one letter dropped, doubled, exchanged or
// mistaken turns into w.
func (p *Pass) typos(w string) (best [typoTries]lm.Word) {
	if known, ok := p.mistyped[w]; ok {
		return known
	}
	if p.mistyped == nil {
		p.mistyped = map[string][typoTries]lm.Word{}
	}
	defer func() { p.mistyped[w] = best }()
	const longest = 16 // bytes: longer ones cost more look-ups than they are worth
	if len(w) < 3 || len(w) > longest {
		return
	}
	var lower [longest]byte
	for k := 0; k < len(w); k++ {
		c := w[k]
		if c >= utf8.RuneSelf || digit(c) {
			return
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[k] = c
	}
	var lns [typoTries]float32
	consider := func(key lm.Word) {
		if !p.LM.Seen(key) {
			return
		}
		info := p.Lex.LookupKey(key)
		if info.LnProb == 0 || info.LnProb < -15 || info.Flags&lm.Known == 0 {
			return
		}
		for k := range best {
			if best[k] == key {
				return
			}
			if best[k] == 0 || info.LnProb > lns[k] {
				copy(best[k+1:], best[k:])
				copy(lns[k+1:], lns[k:])
				best[k], lns[k] = key, info.LnProb
				return
			}
		}
	}
	src := lower[:len(w)]
	head := lm.NewPrefix() // of the letters before k
	for k := 0; k <= len(src); k++ {
		if k < len(src) && len(src) > 2 { // one letter too many
			consider(spell(head, src[k+1:]))
		}
		if k+1 < len(src) && src[k] != src[k+1] {
			h := head
			h.GrowSmall(src[k+1])
			h.GrowSmall(src[k])
			consider(spell(h, src[k+2:]))
		}
		// Another letter at k, and one more before it: all of them side by side, for
		// each step of a hash waits for the one before.
		var other, more [letters]lm.Prefix
		for c := range more {
			more[c] = head
			more[c].GrowSmall('a' + byte(c))
		}
		other = more
		for m, c := range src[k:] {
			for i := range more {
				more[i].GrowSmall(c)
			}
			if m > 0 {
				for i := range other {
					other[i].GrowSmall(c)
				}
			}
		}
		for c := range more {
			if k < len(src) && src[k] != 'a'+byte(c) {
				consider(other[c].Key())
			}
			consider(more[c].Key())
		}
		if k < len(src) {
			head.GrowSmall(src[k])
		}
	}
	return
}

const letters = 'z' - 'a' + 1

// spell is the key of a word that begins with head and ends with tail, in small
// letters.
func spell(head lm.Prefix, tail []byte) lm.Word {
	for _, c := range tail {
		head.GrowSmall(c)
	}
	return head.Key()
}
