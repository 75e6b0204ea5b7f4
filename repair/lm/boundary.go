package lm

import (
	"errors"
	"fmt"
	"strings"
)

// Boundary tells the end of a sentence from its inside by the words on both
// sides: what an n-gram cannot see, such as two finite verbs and no conjunction
// between them. It is a logistic regression on hashed features (Weinberger et
// al., "Feature hashing for large scale multitask learning", 2009), its weights
// one signed byte each, read in place. Safe for many goroutines.
type Boundary struct{ weights string }

const (
	boundaryMagic = "copydesk boundary 2\n"
	boundaryBits  = 21
	boundaryStep  = 1.0 / 16 // nats: a weight reaches 8
)

// MaxSide is how many tokens of each side a Boundary looks at.
const MaxSide = 40

// SideToken is a token beside a place that may be the end of a sentence.
type SideToken struct {
	word  Word
	class uint32
	kind  uint8 // its class among words with the same neighbours, 0 for none
	verb  uint8 // 2 surely finite, 1 perhaps
	sub   bool  // opens a clause of its own: which, because
	mark  bool  // a comma, semicolon, dash or colon
	begin bool  // to, a modal or a determiner: no finite verb follows it
}

// Suffix classes of a token.
const (
	sufNone = iota
	sufEd
	sufIng
	sufLy
	sufS
)

// finite holds verb forms that are finite and nothing else.
var finite = wordSet("is are was were has had does did will would can could may might must should says said 's 're 've 'll 'd isn't aren't wasn't weren't hasn't haven't hadn't doesn't didn't don't won't wouldn't can't couldn't shouldn't am became began came went took told wrote gave knew saw got made found kept held left led lost met paid sent spent stood thought won")

// opensClause holds words after which one more finite verb is due.
var opensClause = wordSet("which who whom whose that because if when while where whether although though since unless until after before as than what how why")

// noFinite holds words that no finite verb follows.
var noFinite = wordSet("to the a an this these those his her its their our my your will would can could may might must should of in on at by with from for not been be being have has had")

func wordSet(words string) map[Word]bool {
	m := map[Word]bool{}
	for _, w := range strings.Fields(words) {
		m[Key(w)] = true
	}
	return m
}

// NewSideToken describes a token as written.
func NewSideToken(token string, i Info, classes *Classes) SideToken {
	t := SideToken{word: Key(token)}
	t.kind = classes.Of(t.word)
	t.describe(token, i)
	return t
}

// Finite is 2 for a word that is surely a finite verb, 1 for one that may be.
func (t *SideToken) Finite() uint8 { return t.verb }

func (t *SideToken) describe(token string, i Info) {
	suffix := sufNone
	if c := token[len(token)-1]; len(token) > 3 {
		switch {
		case c == 'd' && strings.HasSuffix(token, "ed"):
			suffix = sufEd
		case c == 'g' && strings.HasSuffix(token, "ing"):
			suffix = sufIng
		case c == 'y' && strings.HasSuffix(token, "ly"):
			suffix = sufLy
		case c == 's':
			suffix = sufS
		}
	}
	switch {
	case i.Flags&Function != 0 || i.Flags == 0 && i.LnProb != 0 && len(token) < 4:
		t.class = uint32(t.word)
	case i.Title > 8 && i.Lower < 4:
		t.class = 1
	case i.Upper > 8:
		t.class = 2
	default:
		t.class = 8 | uint32(i.Flags&(Noun|Verb|Adj))<<4 | uint32(suffix)
	}
	c := token[0]
	switch {
	case c < '0' && c != '\'' && c != '$':
		t.mark = c == ',' || c == '-'
		return
	case c == ':' || c == ';':
		t.mark = true
		return
	case c >= '0' && c <= '9':
		t.class = 3
		return
	}
	t.sub, t.begin = opensClause[t.word], noFinite[t.word]
	switch {
	case finite[t.word]:
		t.verb = 2
	case i.Flags&Verb != 0 && i.Flags&Function == 0 && suffix != sufIng && (i.Flags&(Noun|Adj) == 0 || suffix == sufEd):
		t.verb = 1
	}
}

// LnOdds is the ln odds, even before anything is known, that a sentence ends
// between left and right: left holds the tokens from the sentence's beginning,
// right those up to its end. Neither holds the mark or the case at the place.
func (b *Boundary) LnOdds(left, right []SideToken) float64 {
	var buf [maxBoundaryFeatures]uint32
	sum := 0
	for _, f := range boundaryFeatures(buf[:0], left, right) {
		sum += int(int8(b.weights[f]))
	}
	return float64(sum) * boundaryStep
}

// OpenBoundary reads a boundary model in place: the string must stay as it is.
func OpenBoundary(data string) (*Boundary, error) {
	rest, ok := strings.CutPrefix(data, boundaryMagic)
	if !ok {
		return nil, errors.New("not a boundary model, or one of another version: build it anew with copydesk train boundary")
	}
	if len(rest) != 1<<boundaryBits {
		return nil, fmt.Errorf("the boundary model holds %d weights, not %d: copy or build it again", len(rest), 1<<boundaryBits)
	}
	return &Boundary{rest}, nil
}

// bagSize is how many words next to the place count by themselves, wherever
// they stand.
const bagSize = 10

const maxBoundaryFeatures = 65 + 2*bagSize

// boundaryFeatures appends the buckets of what is seen around a place.
func boundaryFeatures(dst []uint32, left, right []SideToken) []uint32 {
	left, right = left[max(0, len(left)-MaxSide):], right[:min(len(right), MaxSide)]
	add := func(template uint64, a, b, c, d uint64) {
		h := template*0x9E3779B97F4A7C15 ^ a
		h = (h ^ h>>29) * hashMul
		h = (h ^ b) * 0x9FB21C651E98DF25
		h = (h ^ h>>31 ^ c) * hashMul
		h = (h ^ h>>29 ^ d) * 0xC2B2AE3D27D4EB4F
		dst = append(dst, uint32(h>>(64-boundaryBits)))
	}
	var none SideToken
	at := func(side []SideToken, i int) *SideToken {
		if i < 0 || i >= len(side) {
			return &none
		}
		return &side[i]
	}
	n := len(left)
	l1, l2, l3 := at(left, n-1), at(left, n-2), at(left, n-3)
	r1, r2, r3 := at(right, 0), at(right, 1), at(right, 2)
	w := func(t *SideToken) uint64 { return uint64(t.word) }
	c := func(t *SideToken) uint64 { return uint64(t.class) }
	add(0, 0, 0, 0, 0)
	add(1, w(l1), 0, 0, 0)
	add(2, w(l2), 0, 0, 0)
	add(3, w(l3), 0, 0, 0)
	add(4, w(r1), 0, 0, 0)
	add(5, w(r2), 0, 0, 0)
	add(6, w(r3), 0, 0, 0)
	add(7, w(l1), w(r1), 0, 0)
	add(8, w(l2), w(l1), 0, 0)
	add(9, w(r1), w(r2), 0, 0)
	add(10, w(l2), w(l1), w(r1), 0)
	add(11, w(l1), w(r1), w(r2), 0)
	add(12, w(l1), w(r2), 0, 0)
	add(13, w(l2), w(r1), 0, 0)
	add(14, c(l1), c(r1), 0, 0)
	add(15, c(l2), c(l1), c(r1), 0)
	add(16, c(l1), c(r1), c(r2), 0)
	add(17, c(l2), c(l1), c(r1), c(r2))
	add(18, c(l1), w(r1), 0, 0)
	add(19, w(l1), c(r1), 0, 0)
	add(20, c(l3), c(l2), c(l1), 0)
	add(21, c(r1), c(r2), c(r3), 0)
	lenL, lenR := bucket(n), bucket(len(right))
	add(22, lenL, 0, 0, 0)
	add(23, lenR, 0, 0, 0)
	add(24, lenL, lenR, 0, 0)
	add(25, lenL, w(r1), 0, 0)
	add(26, lenR, w(l1), 0, 0)
	sl, sr := survey(left), survey(right)
	vl, vr := sl.verbs(), sr.verbs()
	add(27, vl, lenL, 0, 0)
	add(28, vr, lenR, 0, 0)
	add(29, vl, vr, 0, 0)
	add(30, vl, vr, c(r1), 0)
	add(31, vl, vr, c(l1), 0)
	add(32, vl, w(l1), 0, 0)
	add(33, vr, w(r1), 0, 0)
	add(34, vr, c(r1), c(r2), 0)
	f1, f2 := at(left, 0), at(left, 1)
	add(35, w(f1), w(r1), 0, 0)
	add(36, w(f1), w(f2), 0, 0)
	add(37, w(f1), vl, vr, 0)
	add(38, uint64(sl.lastSub), uint64(sl.verbsSince), vr, 0)
	add(39, uint64(sl.lastSub), uint64(sl.verbsSince), w(r1), 0)
	add(40, uint64(sr.firstVerb), uint64(min(sr.firstVerbAt, 6)), 0, 0)
	add(41, min(uint64(sr.firstVerbAt), 6), c(r1), vl, 0)
	add(42, uint64(min(sl.marks, 3)), uint64(min(sr.marks, 3)), 0, 0)
	add(43, uint64(min(sl.lastMark, 6)), w(r1), 0, 0)
	add(44, uint64(min(sr.firstMark, 6)), w(r1), 0, 0)
	add(45, uint64(min(sr.firstSub, 6)), uint64(min(sr.firstVerbAt, 6)), vl, 0)
	for i := max(0, n-bagSize); i < n; i++ {
		add(46, w(&left[i]), 0, 0, 0)
	}
	for i := 0; i < min(bagSize, len(right)); i++ {
		add(47, w(&right[i]), 0, 0, 0)
	}
	// Of words that have classes by their neighbours, those say more.
	k := func(t *SideToken) uint64 {
		if t.kind == 0 {
			return uint64(t.class) | 1<<40
		}
		return uint64(t.kind)
	}
	add(48, k(l1), k(r1), 0, 0)
	add(49, k(l2), k(l1), k(r1), 0)
	add(50, k(l1), k(r1), k(r2), 0)
	add(51, k(l2), k(l1), k(r1), k(r2))
	add(52, k(l1), w(r1), 0, 0)
	add(53, w(l1), k(r1), 0, 0)
	add(54, k(l3), k(l2), k(l1), k(r1))
	add(55, k(l1), k(r1), k(r2), k(r3))
	add(56, k(l2), k(r1), 0, 0)
	add(57, k(l1), k(r2), 0, 0)
	add(58, k(l1), 0, 0, 0)
	add(59, k(r1), 0, 0, 0)
	add(60, k(l2), k(l1), 0, 0)
	add(61, k(r1), k(r2), 0, 0)
	add(62, vl, vr, k(l1), k(r1))
	add(63, vr, lenR, k(r1), 0)
	add(64, vl, lenL, k(l1), 0)
	return dst
}

// bucket puts a length into one of ten classes.
func bucket(n int) uint64 {
	switch {
	case n < 5:
		return uint64(n)
	case n < 8:
		return 5
	case n < 12:
		return 6
	case n < 18:
		return 7
	case n < 28:
		return 8
	}
	return 9
}

// clause is what a survey of one side found. Distances count tokens.
type clause struct {
	sure, maybe           int
	firstVerb             Word
	firstVerbAt, firstSub int // from the beginning of the side
	lastSub               Word
	verbsSince            int // finite verbs since lastSub, at most 2
	marks                 int
	firstMark, lastMark   int // from the beginning; from the end
}

func (c *clause) verbs() uint64 { return uint64(min(c.sure, 2))<<2 | uint64(min(c.maybe, 2)) }

func survey(side []SideToken) clause {
	c := clause{firstVerbAt: MaxSide, firstSub: MaxSide, firstMark: MaxSide, lastMark: MaxSide}
	for i := range side {
		t := &side[i]
		switch {
		case t.mark:
			if c.marks++; c.marks == 1 {
				c.firstMark = i
			}
			c.lastMark = len(side) - 1 - i
		case t.sub:
			if c.firstSub == MaxSide {
				c.firstSub = i
			}
			c.lastSub, c.verbsSince = t.word, 0
		case t.verb == 2 || t.verb == 1 && (i == 0 || !side[i-1].begin):
			if t.verb == 2 {
				c.sure++
			} else {
				c.maybe++
			}
			c.verbsSince = min(2, c.verbsSince+1)
			if c.firstVerbAt == MaxSide {
				c.firstVerb, c.firstVerbAt = t.word, i
			}
		}
	}
	return c
}
