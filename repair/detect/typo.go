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
	var lower [longest + 4]byte
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
	consider := func(b []byte) {
		key := lm.KeyBytes(b)
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
	n := len(w)
	src := lower[:n]
	var buf [longest + 4]byte
	for k := 0; k <= n; k++ {
		if k < n && n > 2 { // one letter too many
			consider(append(append(buf[:0], src[:k]...), src[k+1:]...))
		}
		if k+1 < n && src[k] != src[k+1] {
			b := append(buf[:0], src...)
			b[k], b[k+1] = b[k+1], b[k]
			consider(b)
		}
		for c := byte('a'); c <= 'z'; c++ {
			if k < n && src[k] != c {
				b := append(buf[:0], src...)
				b[k] = c
				consider(b)
			}
			consider(append(append(append(buf[:0], src[:k]...), c), src[k:]...))
		}
	}
	return
}
