package lm

import (
	"errors"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Spacing tells from the characters on both sides whether a space belongs
// between them: a logistic regression on hashed runs of characters and shapes
// (Weinberger et al., "Feature hashing for large scale multitask learning",
// 2009), its weights one signed byte each, read in place. It sees what a model of
// words does not: marks, quotation marks, digits, the endings of names. Safe for
// many goroutines.
type Spacing struct{ weights string }

const (
	spacingMagic = "copydesk spacing 2\n"
	spacingBits  = 22
	spacingStep  = 1.0 / 24 // nats: a weight reaches 5.3
	spacingReach = 8        // characters looked at on each side
)

// OpenSpacing reads a model in place: the string must stay as it is.
func OpenSpacing(data string) (*Spacing, error) {
	w, ok := strings.CutPrefix(data, spacingMagic)
	if !ok || len(w) != 1<<spacingBits {
		return nil, errors.New("not a copydesk spacing model, or one of another version: build it anew with copydesk train spacing")
	}
	return &Spacing{w}, nil
}

// LogOdds is the ln odds that a space belongs into s between the bytes before
// left and those from right on: left == right where none stands there. Quoted
// says that an odd number of straight quotation marks stand before it in its
// paragraph.
func (m *Spacing) LogOdds(s string, left, right int, quoted bool) float64 {
	return float64(m.sum(s, left, right, quoted)) * spacingStep
}

// sum is LogOdds in steps.
func (m *Spacing) sum(s string, left, right int, quoted bool) int32 {
	var f spacingFeatures
	f.fill(s, left, right, quoted)
	sum := int32(0)
	for _, k := range f.at {
		sum += int32(int8(m.weights[k]))
	}
	return sum
}

// spacingWindow is how many bytes to each side may say something of a gap: two
// pieces of words and what parts them, or spacingReach characters and a broken one.
const spacingWindow = 40

// spacingKey hashes all that LogOdds looks at.
func spacingKey(s string, left, right int, quoted bool) uint64 {
	from, to := max(0, left-spacingWindow), min(len(s), right+spacingWindow)
	h := uint64(left-from)<<32 | uint64(to-right)<<1
	if quoted {
		h |= 1
	}
	return hashOn(hashOn(h, s[from:left]), s[right:to])
}

func hashOn(h uint64, s string) uint64 {
	for len(s) >= 8 {
		v := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		h = (h ^ v) * hashMul
		h ^= h >> 29
		s = s[8:]
	}
	v := uint64(0)
	for i := 0; i < len(s); i++ {
		v = v<<8 | uint64(s[i])
	}
	h = (h ^ v) * hashMul
	return h ^ h>>32
}

// spacingPairs are how many characters left and right a feature joins.
var spacingPairs = [...][2]int{
	{1, 0},
	{2, 0},
	{3, 0},
	{4, 0},
	{5, 0},
	{6, 0},
	{8, 0},
	{0, 1},
	{0, 2},
	{0, 3},
	{0, 4},
	{0, 5},
	{0, 6},
	{0, 8},
	{1, 1},
	{1, 2},
	{2, 1},
	{2, 2},
	{1, 3},
	{3, 1},
	{2, 3},
	{3, 2},
	{3, 3},
	{4, 4},
	{2, 5},
	{5, 2},
}

// shapePairs are the same for shapes.
var shapePairs = [...][2]int{{1, 1}, {2, 2}, {3, 3}, {4, 4}, {6, 2}, {2, 6}, {8, 1}, {1, 8}}

type spacingFeatures struct {
	at [len(spacingPairs) + len(shapePairs) + 4 + 8]uint32
}

func (f *spacingFeatures) fill(s string, left, right int, quoted bool) {
	// Hashes of the first n characters outwards, and of their shapes.
	var l, r, ls, rs [spacingReach + 1]uint64
	l[0], r[0], ls[0], rs[0] = 1, 2, 3, 4
	at := left
	for n := 1; n <= spacingReach; n++ {
		c, shape := uint64('\n'), uint64('\n')
		if at > 0 {
			ch, size := rune(s[at-1]), 1
			if ch >= utf8.RuneSelf {
				ch, size = utf8.DecodeLastRuneInString(s[:at])
			}
			at -= size
			c, shape = spacingChar(ch)
		}
		l[n], ls[n] = (l[n-1]+c)*0x9E3779B97F4A7C15, (ls[n-1]+shape)*0x9E3779B97F4A7C15
	}
	at = right
	for n := 1; n <= spacingReach; n++ {
		c, shape := uint64('\n'), uint64('\n')
		if at < len(s) {
			ch, size := rune(s[at]), 1
			if ch >= utf8.RuneSelf {
				ch, size = utf8.DecodeRuneInString(s[at:])
			}
			at += size
			c, shape = spacingChar(ch)
		}
		r[n], rs[n] = (r[n-1]+c)*0xC2B2AE3D27D4EB4F, (rs[n-1]+shape)*0xC2B2AE3D27D4EB4F
	}
	k := 0
	put := func(h uint64) {
		h ^= h >> 29
		h *= 0xD6E8FEB86659FD93
		f.at[k] = uint32(h >> (64 - spacingBits))
		k++
	}
	for i, p := range spacingPairs {
		put(l[p[0]] ^ r[p[1]]*3 + uint64(i)*0x51ED270B)
	}
	for i, p := range shapePairs {
		put(ls[p[0]] ^ rs[p[1]]*3 + uint64(i+64)*0x51ED270B)
	}
	var q uint64
	if quoted {
		q = 0x1234567
	}
	// The pieces of words on both sides, and what they make together.
	from, to := pieceStart(s[:left]), right+pieceEnd(s[right:])
	lw, rw, both := uint64(Key(s[from:left]))|1, uint64(Key(s[right:to]))|1, uint64(Key(s[from:left]+s[right:to]))|1
	// The words before and after them.
	pw, nw := uint64(1), uint64(1)
	if from > 1 && s[from-1] == ' ' {
		pw |= uint64(Key(s[pieceStart(s[:from-1]) : from-1]))
	}
	if to+1 < len(s) && s[to] == ' ' {
		nw |= uint64(Key(s[to+1 : to+1+pieceEnd(s[to+1:])]))
	}
	put(lw + 81)
	put(rw + 82)
	put(both + 83)
	put(lw ^ r[3]*5 + 84)
	put(l[3] ^ rw*5 + 85)
	put(lw*3 ^ rw*5 + 86)
	put(pw*7 ^ lw*3 + 87)
	put(rw*3 ^ nw*7 + 88)
	put(ls[1] ^ rs[1]*3 + q + 91)
	put(ls[2] ^ rs[2]*3 + q + 92)
	put(l[1] ^ rs[3]*3 + q + 93)
	put(ls[3] ^ r[1]*3 + q + 94)
}

const longestPiece = 12 // bytes of a piece of a word

// pieceStart is where the letters that end a text begin, at most longestPiece
// bytes of them.
func pieceStart(s string) int {
	a := len(s)
	for a > 0 && len(s)-a < longestPiece && inWord(s[a-1]) {
		a--
	}
	return a
}

// pieceEnd is where the letters that begin a text end, at most longestPiece
// bytes of them.
func pieceEnd(s string) int {
	b := 0
	for b < len(s) && b < longestPiece && inWord(s[b]) {
		b++
	}
	return b
}

func inWord(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= utf8.RuneSelf }

// spacingChar is a character as the model sees it, and its shape.
func spacingChar(c rune) (char, shape uint64) {
	switch {
	case c >= 'a' && c <= 'z':
		return uint64(c), 'a'
	case c >= 'A' && c <= 'Z':
		return uint64(c + 'a' - 'A'), 'A'
	case c >= '0' && c <= '9':
		return '0', '0'
	case c == '\n' || c == '\r':
		return '\n', '\n'
	case c == ' ' || c == '\t' || c == 0xA0:
		return ' ', ' '
	case c < utf8.RuneSelf:
		return uint64(c), uint64(c)
	case c == '‘':
		return 0x2018, 0x2018
	case c == '’':
		return '\'', '\''
	case unicode.IsLetter(c):
		b := uint64(baseLetter(c))
		if unicode.IsUpper(c) {
			return b, 'A'
		}
		return b, 'a'
	}
	return uint64(c), uint64(c)
}

// SpacingTrainer fits a Spacing by stochastic gradient descent with a step of
// its own for each weight (Duchi et al. 2011, "Adaptive subgradient methods").
// The same samples in the same order give the same bytes.
type SpacingTrainer struct {
	w, g    []float32
	Samples int
	Loss    float64 // summed, in nats, each sample judged before it is learned
}

// Learn takes one gap.
func (t *SpacingTrainer) Learn(s string, left, right int, quoted, space bool) {
	if t.w == nil {
		t.w, t.g = make([]float32, 1<<spacingBits), make([]float32, 1<<spacingBits)
	}
	var f spacingFeatures
	f.fill(s, left, right, quoted)
	var z float32
	for _, k := range f.at {
		z += t.w[k]
	}
	q := float32(1 / (1 + math.Exp(-float64(z))))
	e := q
	if space {
		e--
		t.Loss -= math.Log(max(1e-9, float64(q)))
	} else {
		t.Loss -= math.Log(max(1e-9, float64(1-q)))
	}
	t.Samples++
	if e < 1e-4 && e > -1e-4 {
		return
	}
	const rate = 0.08
	g2 := e * e
	for _, k := range f.at {
		t.g[k] += g2
		t.w[k] -= rate * e / float32(math.Sqrt(float64(t.g[k])+1e-3))
	}
}

// Build packs the weights.
func (t *SpacingTrainer) Build() []byte {
	out := []byte(spacingMagic)
	for _, w := range t.w {
		q := math.Round(float64(w) / spacingStep)
		out = append(out, byte(int8(max(-127, min(127, q)))))
	}
	return out
}
