package detect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"

	"copydesk/repair/text"
	"copydesk/rules"
)

// What the net of stray stops is told beside the facts of the seam. Ties are ln
// P(word | two before it) - ln P(word), in nats: a move leaves bad ones on both
// sides of its stop, a stray stop by itself does not.
const (
	seamSwap       = numFacts + iota // by how much a move explains the stop better: movedRather
	seamMoves                        // ln of the odds of a move against the place as it stands
	seamAlone                        // of the stop's plain removal, both as the search for moves has them
	seamWorstLeft                    // the worst tie of the last words of the left part
	seamNextLeft                     // the next to worst
	seamMeanLeft                     // all of them
	seamWorstRight                   // the same for the first words of the right part
	seamNextRight
	seamMeanRight
	seamSameHead  // both parts begin with the same word: "Prices are down for oil. Prices are"
	seamNextHead  // so do the right part and the sentence behind it
	seamEcho      // the right part begins with a word that the left one ends with: "Shush. Shush."
	seamHeads     // two words the same at the head of both
	seamFragment  // the right part has no verb that may be finite
	seamVerbless  // the left part has none
	seamShort     // the right part has at most four words
	seamShortLeft // the left part has
	seamAsked     // the right part ends with a question mark or a cry
	seamClosed    // it ends its paragraph
	seamOpens     // the left part begins its paragraph
	seamLeftComma // a comma in the left part
	seamComma     // a comma in the right part
	seamListed    // the sentence before the left part, or behind the right one, has at most four words
	numSeam
)

// Words whose identity the net is told, by place.
const (
	seamWords = 12 // four on each side, the first two of the left part, the last of the right one, the first behind it
	tieReach  = 6  // words on each side whose ties are looked at
)

// seamView is all that the net is told of a seam.
type seamView struct {
	X   [numSeam]float32
	IDs [seamWords]uint16
}

// view gathers what the net is told of a stop, beside the facts of its seam.
func (p *Pass) view(s *stop, f *[numFacts]float64, id func(i int) uint16) (v seamView) {
	toks := p.Doc.Tokens
	for k, x := range f {
		v.X[k] = float32(x)
	}
	is := func(k int, b bool) {
		if b {
			v.X[k] = 1
		}
	}
	const most = 12 // nats
	moves, alone := p.readings(s.mark)
	v.X[seamSwap] = float32(min(most, rather(moves, alone)))
	v.X[seamMoves] = float32(clip(math.Log(moves+1e-12), most))
	v.X[seamAlone] = float32(clip(math.Log(alone+1e-12), most))
	v.X[seamWorstLeft], v.X[seamNextLeft], v.X[seamMeanLeft] = p.ties(max(s.first+1, s.mark-tieReach), s.mark)
	v.X[seamWorstRight], v.X[seamNextRight], v.X[seamMeanRight] = p.ties(s.i+1, min(s.last, s.i+1+tieReach))
	same := func(a, b int) bool { return strings.EqualFold(p.Doc.Str(a), p.Doc.Str(b)) }
	is(seamSameHead, same(s.first, s.i))
	is(seamHeads, same(s.first, s.i) && s.i+1 < s.last && same(s.first+1, s.i+1))
	is(seamNextHead, s.last < len(toks) && same(s.last, s.i))
	is(seamEcho, same(s.left, s.i) || same(s.left-1, s.i))
	is(seamFragment, f[factRightFinite]+f[factRightMaybe] == 0)
	is(seamVerbless, f[factLeftFinite]+f[factLeftMaybe] == 0)
	is(seamShort, s.last-s.i <= 5)
	is(seamShortLeft, s.mark-s.first <= 4)
	end := s.last - 1
	is(seamAsked, toks[end].Kind == text.Punct && p.markIs(end, "?!"))
	is(seamClosed, s.last >= len(toks) || toks[s.last].Gap >= text.GapLine)
	is(seamOpens, s.first == 0 || toks[s.first].Gap >= text.GapLine)
	for k := s.first; k < s.mark; k++ {
		is(seamLeftComma, toks[k].Kind == text.Punct && p.markIs(k, ","))
	}
	for k := s.i; k < s.last; k++ {
		is(seamComma, toks[k].Kind == text.Punct && p.markIs(k, ","))
	}
	k := p.sentenceOf(s.first)
	short := func(k int) bool {
		return k >= 0 && k < len(p.Doc.Sentences) && p.Doc.Sentences[k].End-p.Doc.Sentences[k].First <= 5
	}
	is(seamListed, short(k-1) || short(p.sentenceOf(s.i)+1))
	at := func(i, lo, hi int) uint16 {
		if i < lo || i >= hi {
			return 0
		}
		return id(i)
	}
	for k := range 4 {
		v.IDs[k] = at(s.mark-4+k, s.first, s.mark)
		v.IDs[4+k] = at(s.i+k, s.i, s.last)
	}
	v.IDs[8], v.IDs[9] = at(s.first, s.first, s.mark), at(s.first+1, s.first, s.mark)
	for end > s.i && toks[end].Kind == text.Punct {
		end--
	}
	v.IDs[10], v.IDs[11] = at(end, s.i, s.last), at(s.last, s.last, len(toks))
	return v
}

// ties are the worst of the ties of tokens lo to hi-1 with what stands before
// each, the next to worst, and their mean; 0 where there are none.
func (p *Pass) ties(lo, hi int) (worst, next, mean float32) {
	const most = 12
	worst, next = most, most
	n := 0
	for k := lo; k < hi; k++ {
		if t := p.Doc.Tokens[k]; t.Kind == text.Punct || p.Doc.Tokens[k-1].Kind == text.Punct || p.Keys[k] == p.Keys[k-1] {
			continue
		}
		st := p.LM.Free()
		if k > 1 && p.Doc.Tokens[k-2].Kind != text.Punct {
			st = st.Next(p.Keys[k-2])
		}
		ln, _ := p.LM.Score(st.Next(p.Keys[k-1]), p.Keys[k])
		alone, _ := p.LM.Score(p.LM.Free(), p.Keys[k])
		tie := float32(max(-most, min(most, ln-alone)))
		mean += tie
		n++
		if tie < worst {
			worst, next = tie, worst
		} else if tie < next {
			next = tie
		}
	}
	if n == 0 {
		return 0, 0, 0
	}
	if n == 1 {
		next = worst
	}
	return worst, next, mean / float32(n)
}

// strayNet weighs what a seam's facts leave open: a network with one hidden layer
// over the facts, the ties and the words around, beside a sum of them, fitted to
// correct strayWeights where these find a stop stray. Immutable.
type strayNet struct {
	known     []uint32 // keys of the words known one by one, ascending; others are known by their class
	embed     []float64
	mean, div []float64 // of each input: what is taken from it, and by what it is multiplied
	dense     []float64 // by input and unit
	words     []float64 // by place, number and unit
	bias, out []float64 // by unit
	sum       []float64 // by input, and one for all
}

// strayGate is the sum of a seam's facts, in nats, below which its stop is no
// business of the net's: 27 in 28 real stops, and three stray ones in a hundred.
const strayGate = 0

const (
	strayEmbed  = 8 // numbers that stand for a word
	strayHidden = 40
	strayClip   = 4 // standard deviations of an input
	strayMagic  = "copydesk stray stops 1\n"
)

// score is in nats, above 0 for a stray stop. Every product is rounded by itself,
// so that every machine finds the same.
func (n *strayNet) score(v *seamView) float64 {
	var h [strayHidden]float64
	copy(h[:], n.bias)
	sum := n.sum[numSeam]
	for k, x := range v.X {
		x := max(-strayClip, min(strayClip, (float64(x)-n.mean[k])*n.div[k]))
		sum += float64(x * n.sum[k])
		for j, w := range n.dense[k*strayHidden:][:strayHidden] {
			h[j] += float64(x * w)
		}
	}
	for side, id := range v.IDs {
		for k, e := range n.embed[int(id)*strayEmbed:][:strayEmbed] {
			for j, w := range n.words[(side*strayEmbed+k)*strayHidden:][:strayHidden] {
				h[j] += float64(e * w)
			}
		}
	}
	for j, x := range h {
		sum += float64(max(x, 0) * n.out[j])
	}
	return sum
}

var shippedStray = sync.OnceValue(func() *strayNet {
	n, err := parseStray(rules.StrayStops())
	if err != nil {
		panic("the embedded model of stray stops: " + err.Error())
	}
	return n
})

// parseStray reads a net: a line of magic, the number of words and their keys, four
// bytes each, then the weights in the order of strayNet's fields, each a step of
// eight bytes and two bytes a weight, of the embeddings one.
func parseStray(data string) (*strayNet, error) {
	if len(data) < len(strayMagic)+4 || data[:len(strayMagic)] != strayMagic {
		return nil, errors.New("not a model of this version: fit it anew")
	}
	b := []byte(data[len(strayMagic):])
	words := int(binary.LittleEndian.Uint32(b))
	if words > 1<<15 {
		return nil, fmt.Errorf("%d words are more than any model holds: fit it anew", words)
	}
	n := &strayNet{}
	blocks := n.blocks(words)
	want := 4 + 4*words
	for _, k := range blocks {
		want += 8 + k.width*k.size
	}
	if len(b) != want {
		return nil, fmt.Errorf("%d bytes, not %d: copy or fit it again", len(b), want)
	}
	b = b[4:]
	for range words {
		n.known = append(n.known, binary.LittleEndian.Uint32(b))
		b = b[4:]
	}
	for _, k := range blocks {
		step := math.Float64frombits(binary.LittleEndian.Uint64(b))
		b = b[8:]
		for range k.size {
			w := int16(int8(b[0]))
			if k.width == 2 {
				w = int16(binary.LittleEndian.Uint16(b))
			}
			*k.to = append(*k.to, step*float64(w))
			b = b[k.width:]
		}
	}
	return n, nil
}

// strayBlock is a part of a net's weights.
type strayBlock struct {
	to          *[]float64
	size, width int // weights, and bytes of each
}

func (n *strayNet) blocks(words int) []strayBlock {
	return []strayBlock{
		{&n.embed, (netFixed + words) * strayEmbed, 1},
		{&n.mean, numSeam, 2},
		{&n.div, numSeam, 2},
		{&n.dense, numSeam * strayHidden, 2},
		{&n.words, seamWords * strayEmbed * strayHidden, 2},
		{&n.bias, strayHidden, 2},
		{&n.out, strayHidden, 2},
		{&n.sum, numSeam + 1, 2},
	}
}
