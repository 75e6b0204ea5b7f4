package text

import (
	_ "embed"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Letters knows what the bigrams of CharModel cannot: which languages write
// which letters beyond ASCII, told by the ASCII letters around, and how common the
// letters are of scripts that CharModel knows as a class only. It decides between
// readings that are all whole: "gĂĄnger" is Swedish gånger or Spanish-looking gánger.
// Immutable.
type Letters struct {
	languages int
	english   int           // which of them is English
	pairs     []uint8       // −ln P(pair of ASCII letters | language) in letterSteps: row pair, column language
	index     map[rune]int  // a letter's row in shares
	shares    []uint8       // −ln P(letter | language) among letters beyond ASCII: row letter, column language
	common    []float32     // the mean P of each letter over all languages
	tilt      [tiltEnd]int8 // ln of a letter's share against an even one, in letterSteps
}

const (
	lettersMagic = "letters 2\n"
	letterStep   = 0.1    // nats
	tiltStart    = 0x0530 // Armenian is the first script that CharModel knows as a class only
	tiltEnd      = 0x1380
	pairKinds    = 27 * 27 // of a–z and whatever else
	noLetter     = 1e-5    // chance of a letter that a language was not seen to have
	temper       = 0.3     // pairs overlap and depend on each other: each counts so much
)

//go:embed letters.model
var lettersFile string

// KnownLetters is the model that comes with the program.
var KnownLetters = sync.OnceValue(func() *Letters { return openLetters(lettersFile) })

// openLetters reads the file that BuildLetters wrote: after the magic line the
// number of languages, which of them is English, a byte each, and the number of
// letters, two bytes; the letters, two bytes each, little endian; pairs; shares; tilt.
func openLetters(s string) *Letters {
	rest, ok := strings.CutPrefix(s, lettersMagic)
	if !ok {
		panic("letters.model is of another version: build it anew with copydesk train characters")
	}
	b := []byte(rest)
	l := &Letters{languages: int(b[0]), english: int(b[1]), index: map[rune]int{}}
	n := int(b[2]) | int(b[3])<<8
	b = b[4:]
	for i := range n {
		l.index[rune(b[2*i])|rune(b[2*i+1])<<8] = i
	}
	b = b[2*n:]
	l.pairs, b = b[:pairKinds*l.languages], b[pairKinds*l.languages:]
	l.shares, b = b[:n*l.languages], b[n*l.languages:]
	l.common = make([]float32, n)
	for i := range n {
		for _, v := range l.shares[i*l.languages : (i+1)*l.languages] {
			l.common[i] += float32(math.Exp(-letterStep*float64(v))) / float32(l.languages)
		}
	}
	for r := tiltStart; r < tiltEnd; r++ {
		l.tilt[r] = int8(b[r-tiltStart])
	}
	return l
}

// Tilt is how much more or less common a letter is than the others of its
// script, in nats; 0 for what CharModel knows itself.
func (l *Letters) Tilt(r rune) float32 {
	if r < tiltStart || r >= tiltEnd {
		return 0
	}
	return letterStep * float32(l.tilt[r])
}

// Language is what a stretch of text says of the letters beyond ASCII that its
// language uses. The zero value says nothing.
type Language struct {
	l       *Letters
	cost    []float32 // of each letter, in nats: below 0 where it is rarer than in the mean of languages
	unknown float32   // of a Latin letter that no language has
}

// Forget makes g say nothing, and keeps its memory for another guess.
func (g *Language) Forget() { *g = Language{cost: g.cost[:0]} }

// Guess reads the letters of s into g, reusing its memory. What may be misread
// must not be among them.
func (l *Letters) Guess(s string, g *Language) {
	g.l = l
	ln := make([]int32, l.languages)
	n := l.count(s, ln)
	beyond, others := l.countBeyond(s, ln)
	n += beyond + others
	least := slices.Min(ln)
	type likely struct {
		language int
		chance   float32
	}
	var some []likely
	var sum float32
	for k := range ln {
		const little = 1e-3 // what a language less likely adds does not matter
		if v := float32(math.Exp(-temper * letterStep * float64(ln[k]-least))); v > little {
			some = append(some, likely{k, v})
			sum += v
		}
	}
	if cap(g.cost) < len(l.common) {
		g.cost = make([]float32, len(l.common))
	}
	g.cost = g.cost[:len(l.common)]
	// A few letters tell little, and names come from anywhere.
	most := min(mostCost, float32(n)/6)
	for i := range g.cost {
		var p float32
		for _, k := range some {
			p += float32(k.chance * lnTable[l.shares[i*l.languages+k.language]])
		}
		g.cost[i] = max(-most, min(mostGain*most/mostCost, float32(math.Log(float64(p/sum/l.common[i])))))
	}
	g.unknown = -most
	if others > otherScripts*beyond && others > n/2 {
		for i := range g.cost { // Greek or Russian text: it has none of these letters
			g.cost[i] = -most
		}
	}
}

// otherScripts is how many letters of other scripts stand beside one accented Latin
// one in text that is in another script.
const otherScripts = 3

// mostCost bounds what a language says of one letter, in nats.
const (
	mostCost = 5
	mostGain = 2
)

// countBeyond adds the cost of each letter beyond ASCII in every language, and returns
// how many there are, and how many are of other scripts.
func (l *Letters) countBeyond(s string, ln []int32) (beyond, others int) {
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if at, ok := l.index[r]; ok {
			beyond++
			for k, v := range l.shares[at*l.languages:][:len(ln)] {
				ln[k] += int32(v)
			}
		} else if r >= 0x370 && (r < 0x1E00 || r >= 0x1F00) && unicode.IsLetter(r) {
			others++
		}
	}
	return beyond, others
}

// count adds the cost of each pair of letters in every language, in letterSteps,
// and returns how many pairs there are.
func (l *Letters) count(s string, ln []int32) (n int) {
	prev := 0
	for i := range len(s) {
		c := pairKind(s[i])
		if prev|c != 0 {
			n++
			row := l.pairs[(prev*27+c)*l.languages:][:len(ln)]
			for k := range ln {
				ln[k] += int32(row[k])
			}
		}
		prev = c
	}
	return n
}

// Foreign is how much likelier another language is than English, by the pairs of
// ASCII letters in a text: nats for each pair. It is below 0 for English, and 0 for no letters.
func (l *Letters) Foreign(s string) float32 {
	ln := make([]int32, l.languages)
	n := l.count(s, ln)
	if n == 0 {
		return 0
	}
	english := ln[l.english]
	ln[l.english] = math.MaxInt32
	return letterStep * float32(english-slices.Min(ln)) / float32(n)
}

// Likeliest is the language, other than English, that the pairs of ASCII letters in a
// text speak for; ok is false where it has none.
func (l *Letters) Likeliest(s string) (language int, ok bool) {
	ln := make([]int32, l.languages)
	if l.count(s, ln) == 0 {
		return 0, false
	}
	ln[l.english] = math.MaxInt32
	return slices.Index(ln, slices.Min(ln)), true
}

// Likelier is how much likelier a word is in a language than in English by its pairs of
// ASCII letters, with the ends of the word, in nats.
func (l *Letters) Likelier(word string, language int) float32 {
	var diff int32
	prev := 0
	for i := 0; i <= len(word); i++ {
		c := 0
		if i < len(word) {
			c = pairKind(word[i])
		}
		if prev|c != 0 {
			row := l.pairs[(prev*27+c)*l.languages:]
			diff += int32(row[l.english]) - int32(row[language])
		}
		prev = c
	}
	return letterStep * float32(diff)
}

// lnTable holds e to the power of minus a stored value.
var lnTable = func() (t [256]float32) {
	for v := range t {
		t[v] = float32(math.Exp(-letterStep * float64(v)))
	}
	return t
}()

// Cost is how much likelier a letter is in this language than in the mean of all,
// in nats: below 0 for letters that it does not have.
func (g *Language) Cost(r rune) float32 {
	if g.l == nil || r < 0xC0 || r > 0x1EFF || r == '×' || r == '÷' {
		return 0
	}
	if i, ok := g.l.index[r]; ok {
		return g.cost[i]
	}
	switch {
	case r < 0x180 || r >= 0x1E00:
		return g.unknown
	case r < 0x250:
		return 2 * g.unknown // hardly anybody writes it
	}
	return g.l.Tilt(r)
}

// pairKind is a–z as 1 to 26, whatever else as 0.
func pairKind(c byte) int {
	if c |= 0x20; c >= 'a' && c <= 'z' {
		return int(c-'a') + 1
	}
	return 0
}
