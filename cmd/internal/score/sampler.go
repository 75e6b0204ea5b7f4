package score

import (
	"slices"
	"strings"
	"unicode"

	"copydesk/repair/damage"
)

// Sampler writes clean text of a language after a short sample: its sentences,
// with their marks, quotation marks and numbers, around other words of the sample
// and around new ones that its letters make (a Markov chain of order two). It means
// nothing, but has the characters that the language puts beside each other. Same
// sample and seed, same text.
type Sampler struct {
	lines []string
	words map[script][]string
	next  map[[2]rune][]rune // the letters seen after two; 0 before a word and behind it
	r     *damage.Rand
}

// script is what letters of one word share: Japanese changes it within a sentence.
type script uint8

const (
	alphabet script = iota
	han
	hiragana
	katakana
)

func scriptOf(r rune) script {
	switch {
	case unicode.Is(unicode.Han, r):
		return han
	case unicode.Is(unicode.Hiragana, r):
		return hiragana
	case unicode.Is(unicode.Katakana, r):
		return katakana
	}
	return alphabet
}

// NewSampler reads a sample of at least one line.
func NewSampler(sample string, seed uint64) *Sampler {
	s := &Sampler{words: map[script][]string{}, next: map[[2]rune][]rune{}, r: damage.NewRand(seed)}
	for l := range strings.Lines(sample) {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		s.lines = append(s.lines, l)
		pieces(l, func(w string, word bool) {
			if !word {
				return
			}
			runes := []rune(w)
			k := scriptOf(runes[0])
			s.words[k] = append(s.words[k], w)
			at := [2]rune{0, -rune(k)}
			for _, r := range append(runes, 0) {
				s.next[at] = append(s.next[at], r)
				at = [2]rune{at[1], r}
			}
		})
	}
	return s
}

// pieces cuts a line into words of one script and what stands between them.
func pieces(l string, each func(piece string, word bool)) {
	runes := []rune(l)
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }
	for i := 0; i < len(runes); {
		j := i + 1
		for j < len(runes) && letter(runes[j]) == letter(runes[i]) && (!letter(runes[i]) || unicode.IsMark(runes[j]) || scriptOf(runes[j]) == scriptOf(runes[i])) {
			j++
		}
		each(string(runes[i:j]), letter(runes[i]))
		i = j
	}
}

// Shares of what a sampled text has, found by looking at newspapers.
const (
	shareKept     = 0.3  // words that stay as they are
	shareMade     = 0.5  // of the others, those that the letters make
	shareCapitals = 0.03 // sentences in capitals, as headlines are
	shareSigned   = 0.01 // words with a sign behind them
	longestMade   = 14   // letters of a made word
)

// Line writes one sentence, and says how many words it has.
func (s *Sampler) Line() (line string, words int) {
	var out strings.Builder
	pieces(s.lines[s.r.IntN(len(s.lines))], func(w string, word bool) {
		if !word {
			out.WriteString(w)
			return
		}
		words++
		if !s.r.Chance(shareKept) {
			w = s.like(w)
		}
		out.WriteString(w)
		if s.r.Chance(shareSigned) {
			signs := []string{"…", "™", "®", "²", "”", "»", "’"}
			out.WriteString(signs[s.r.IntN(len(signs))])
		}
	})
	if line = out.String(); s.r.Chance(shareCapitals) {
		line = strings.ToUpper(line)
	}
	return line, words
}

// like is another word in a word's place.
func (s *Sampler) like(w string) string {
	first := []rune(w)[0]
	k := scriptOf(first)
	other := s.words[k][s.r.IntN(len(s.words[k]))]
	if s.r.Chance(shareMade) {
		other = s.made(k)
	}
	switch {
	case len(w) > 3 && w == strings.ToUpper(w):
		return strings.ToUpper(other)
	case unicode.IsUpper(first):
		r := []rune(strings.ToLower(other))
		r[0] = unicode.ToUpper(r[0])
		return string(r)
	}
	return other
}

// made is a word that the letters make.
func (s *Sampler) made(k script) string {
	var out []rune
	at := [2]rune{0, -rune(k)}
	for len(out) < longestMade {
		list := s.next[at]
		r := list[s.r.IntN(len(list))]
		if r == 0 {
			break
		}
		out = append(out, r)
		at = [2]rune{at[1], r}
	}
	return string(out)
}

// Text writes paragraphs of at least so many words.
func (s *Sampler) Text(words int) string {
	var out strings.Builder
	for n, lines := 0, 0; n < words; lines++ {
		l, k := s.Line()
		n += max(1, k)
		out.WriteString(l)
		if lines%4 == 3 {
			out.WriteString("\n\n")
		} else {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

// Passages takes the lines of a sample that have something to misread, n of them
// evenly spread, and where it has fewer, writes the rest.
func Passages(sample string, n int, seed uint64) []string {
	const shortest, longest = 20, 2000 // bytes
	var all []string
	for l := range strings.Lines(sample) {
		l = strings.TrimSpace(l)
		if len(l) >= shortest && len(l) <= longest && aboveASCII(l) >= minDamaged {
			all = append(all, l)
		}
	}
	if len(all) > n {
		out := make([]string, n)
		for i := range out {
			out[i] = all[i*len(all)/n]
		}
		return out
	}
	s := NewSampler(sample, seed)
	for tries := 0; len(all) < n && len(s.lines) > 0 && tries < 20*n; tries++ {
		if l, _ := s.Line(); len(l) >= shortest && aboveASCII(l) >= minDamaged && !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	return all
}
