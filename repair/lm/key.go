package lm

import (
	"unicode"
	"unicode/utf8"
)

// The keys of the marks that begin and end a sentence, and of unknown words.
var (
	beginKey = Key("<s>")
	endKey   = Key("</s>")
	unkKey   = Key("<unk>")
)

// End is the token after a sentence's last one.
var End = endKey

// Unseen stands for any word that training text does not hold: what precedes
// and follows such words was counted under it.
var Unseen = unkKey

const (
	hashSeed  = 0x9E3779B97F4A7C15
	hashPrime = 0x100000001B3
	hashMul   = 0xD6E8FEB86659FD93
)

// Key hashes a word's normal form: letters lowered, digits folded to 0, a curly
// apostrophe made straight. Words that differ only in that share a key.
func Key(word string) Word {
	h := uint64(hashSeed)
	for i := 0; i < len(word); i++ {
		c := word[i]
		if c >= utf8.RuneSelf {
			return slowKey(word)
		}
		h = (h ^ uint64(lowerASCII(c))) * hashPrime
	}
	return finish(h)
}

// lowerASCII lowers a letter and folds a digit to 0.
func lowerASCII(c byte) byte {
	if c-'A' < 26 {
		c += 'a' - 'A'
	} else if c-'0' < 10 {
		c = '0'
	}
	return c
}

func slowKey(word string) Word {
	h := uint64(hashSeed)
	var buf [utf8.UTFMax]byte
	for _, r := range word {
		switch {
		case r == '’':
			r = '\''
		case r >= '0' && r <= '9':
			r = '0'
		default:
			r = unicode.ToLower(r)
		}
		n := utf8.EncodeRune(buf[:], r)
		for _, c := range buf[:n] {
			h = (h ^ uint64(c)) * hashPrime
		}
	}
	return finish(h)
}

// finish spreads the bits of the last characters over the whole word.
func finish(h uint64) Word {
	h ^= h >> 32
	h *= hashMul
	h ^= h >> 29
	if h == 0 {
		h = 1
	}
	return Word(h)
}

// pair and triple are the keys of n-grams: hashes of the keys of their words,
// in reading order.
func pair(a, b Word) uint64 {
	h := uint64(a)*0x9FB21C651E98DF25 ^ uint64(b)
	h ^= h >> 31
	return h * hashMul
}

func triple(a, b, c Word) uint64 {
	h := pair(a, b) ^ uint64(c)*0xC2B2AE3D27D4EB4F
	h ^= h >> 29
	return h * 0x9FB21C651E98DF25
}

// KeyBytes is Key for a word held in bytes, without a copy.
func KeyBytes(word []byte) Word {
	h := uint64(hashSeed)
	for _, c := range word {
		if c >= utf8.RuneSelf {
			return slowKey(string(word))
		}
		h = (h ^ uint64(lowerASCII(c))) * hashPrime
	}
	return finish(h)
}
