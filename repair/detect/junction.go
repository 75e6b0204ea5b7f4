package detect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

// junctionNet says how well four words to the left of a gap go with four to its
// right: a network with one hidden layer over embedded words, as in Bengio et al.,
// "A neural probabilistic language model" (2003), but trained to tell the right
// arrangement of a place from all others. Frequent words are known one by one,
// others by their class. It reckons in whole numbers, so that every machine finds
// the same. Safe for many goroutines.
type junctionNet struct {
	words  []uint32              // keys of the words known one by one, ascending
	embed  string                // netEmbed numbers for each identity, a signed byte each
	inner  string                // weights of the hidden layer: by side, number and unit, a signed byte each
	rows   []atomic.Pointer[row] // what each word adds to the hidden layer, worked out on first use
	bias   [2][netHidden]int32   // of a gap, and of one with a full stop in it
	output [netHidden]int32
	step   float64 // nats
}

const (
	netSides  = 8  // words looked at
	fitEmbed  = 24 // numbers that stand for a word in one fitting
	fitHidden = 48 // units of its hidden layer
	netFits   = 2  // fittings that stand side by side: the mean of their words is what counts
	netEmbed  = netFits * fitEmbed
	netHidden = netFits * fitHidden
	netFixed  = 2 + 16 + 64 + 256 // identities that are no word known one by one
	netShift  = 4                 // binary places that the hidden layer drops
	netMagic  = "copydesk junctions 1\n"
)

// row is what a word adds to the hidden layer from each side, in 16 bits each, the
// least of them as 0. Three stand in one number, each in a lane of 21 bits that holds
// the sum of all sides: one addition adds three.
type row [netSides][netLanes]uint64

const (
	netLanes = (netHidden + 2) / 3
	laneBits = 21
	leastRow = -1 << 15
)

// of is a word's row: 20 million sums for all of them, of which a text needs few.
func (n *junctionNet) of(id uint16) *row {
	if r := n.rows[id].Load(); r != nil {
		return r
	}
	r := new(row)
	e := n.embed[int(id)*netEmbed:][:netEmbed]
	for side := range netSides {
		var sum [netHidden]int32
		for k := range netEmbed {
			x := int32(int8(e[k]))
			w := n.inner[(side*netEmbed+k)*netHidden:][:netHidden]
			for j := range sum {
				sum[j] += x * int32(int8(w[j]))
			}
		}
		for j := range sum {
			r[side][j/3] |= uint64(max(leastRow, min(1<<15-1, sum[j]>>netShift))-leastRow) << (j % 3 * laneBits)
		}
	}
	n.rows[id].Store(r)
	return r
}

// window is a gap with the words around it, by their identities.
type window struct {
	ids  [netSides]uint16
	stop bool // a full stop stands in the gap
}

// identity is what the net knows a token by: 0 stands before a sentence, 1
// behind it.
func (n *junctionNet) identity(a *arranger, i int) uint16 {
	if a.ids[i] == 0 {
		a.ids[i] = a.identity(n.words, i)
	}
	return a.ids[i]
}

// identity is what a net knows token i by that knows some words one by one, by their
// keys, ascending, and all others by their kind.
func (a *arranger) identity(known []uint32, i int) uint16 {
	if k, ok := slices.BinarySearch(known, netKey(a.key(i))); ok {
		return uint16(netFixed + k)
	}
	if k := a.kindOf(i); k < 80 {
		return 2 + k
	} else if k < 80+256 && a.p.Doc.Tokens[i].Kind == text.Word {
		return 2 + 16 + 64 + (k - 80)
	}
	return 2
}

func netKey(w lm.Word) uint32 { return uint32(w >> 32) }

// score is what the net says of a gap, in its own steps.
func (n *junctionNet) score(w *window) int64 {
	var lanes [netLanes]uint64
	for side, id := range w.ids {
		from := &n.of(id)[side]
		for j := range lanes {
			lanes[j] += from[j]
		}
	}
	bias := &n.bias[0]
	if w.stop {
		bias = &n.bias[1]
	}
	var sum int64
	for j, o := range n.output {
		x := int32(lanes[j/3]>>(j%3*laneBits)&(1<<laneBits-1)) + netSides*leastRow + bias[j]
		sum += int64(max(x, 0)) * int64(o)
	}
	return sum
}

// netMemo remembers what the net said of a gap: the arrangements of a place share
// most of theirs.
type netMemo [1 << 10]struct {
	ids   [2]uint64
	score int64
}

// judge is n.score.
func (m *netMemo) judge(n *junctionNet, w *window) int64 {
	var ids [2]uint64
	for side, id := range w.ids {
		ids[side/4] = ids[side/4]<<16 | uint64(id)
	}
	if w.stop {
		ids[0] |= 1 << 63 // beyond any identity
	}
	e := &m[(ids[0]*0x9E3779B97F4A7C15^ids[1]*0xD6E8FEB86659FD93)>>(64-10)]
	if e.ids != ids {
		e.ids, e.score = ids, n.score(w)
	}
	return e.score
}

// windows calls f with every gap that an arrangement makes, and with every one
// that it cuts.
func (a *arranger) windows(n *junctionNet, g *arrangement, f func(w *window, made bool)) {
	lo, hi := a.around(g)
	id := func(i int32) uint16 {
		switch {
		case i < lo:
			return 0
		case i >= hi:
			return 1
		}
		return n.identity(a, int(i))
	}
	nx, ny := g.x1-g.x0, g.y1-g.y0
	var w window
	gap := func(i, after int32, stop, made bool) { // between token i-1 and token after
		w.stop = stop
		for k := range int32(netSides / 2) {
			w.ids[k], w.ids[k+netSides/2] = id(i-netSides/2+k), id(after+k)
		}
		f(&w, made)
	}
	if g.shape == stopOut {
		gap(g.x0, g.x0+1, false, true)
		gap(g.x0, g.x0+1, true, false)
		return
	}
	at := func(k int32) uint16 {
		switch {
		case k < 0:
			return id(g.x0 + k)
		case k < ny:
			return id(g.y0 + k)
		case k < ny+nx:
			return id(g.x0 + k - ny)
		}
		return id(g.rest + k - ny - nx)
	}
	w.stop = false
	for _, k := range [3]int32{0, ny, ny + nx} {
		for s := range int32(netSides) {
			w.ids[s] = at(k - netSides/2 + s)
		}
		f(&w, true)
	}
	gap(g.x0, g.x0, false, false)
	gap(g.x1, g.y0, g.y0 > g.x1, false)
	gap(g.y1, g.rest, g.rest > g.y1, false)
}

// junctions is what the net says of an arrangement, in nats.
func (a *arranger) junctions(n *junctionNet, g *arrangement) float64 {
	var sum int64
	a.windows(n, g, func(w *window, made bool) {
		if made {
			sum += a.nets.judge(n, w)
		} else {
			sum -= a.nets.judge(n, w)
		}
	})
	return float64(sum) * n.step
}

var shippedJunctions = sync.OnceValue(func() *junctionNet {
	n, err := parseJunctions(rules.Junctions())
	if err != nil {
		panic("the embedded model of junctions: " + err.Error())
	}
	return n
})

// parseJunctions reads a net: a line of magic, the number of words and their
// keys, four bytes each, the embeddings, the weights of the hidden layer for each
// side, one byte each, its biases and the weights of the output, four bytes each,
// and the step, eight bytes.
func parseJunctions(data string) (*junctionNet, error) {
	if len(data) < len(netMagic)+4 || data[:len(netMagic)] != netMagic {
		return nil, errors.New("not a model of this version: fit it anew")
	}
	b := []byte(data[len(netMagic):])
	words := int(binary.LittleEndian.Uint32(b))
	if words > 1<<15 {
		return nil, fmt.Errorf("%d words are more than any model holds: fit it anew", words)
	}
	rows := netFixed + words
	if want := 4 + 4*words + rows*netEmbed + netSides*netEmbed*netHidden + 4*3*netHidden + 8; len(b) != want {
		return nil, fmt.Errorf("%d bytes, not %d: copy or fit it again", len(b), want)
	}
	n := &junctionNet{words: make([]uint32, words), rows: make([]atomic.Pointer[row], rows)}
	b = b[4:]
	next := func() uint32 {
		v := binary.LittleEndian.Uint32(b)
		b = b[4:]
		return v
	}
	for i := range n.words {
		n.words[i] = next()
	}
	n.embed, b = string(b[:rows*netEmbed]), b[rows*netEmbed:]
	n.inner, b = string(b[:netSides*netEmbed*netHidden]), b[netSides*netEmbed*netHidden:]
	for i := range n.bias {
		for j := range n.bias[i] {
			n.bias[i][j] = int32(next())
		}
	}
	for j := range n.output {
		n.output[j] = int32(next())
	}
	n.step = math.Float64frombits(binary.LittleEndian.Uint64(b))
	return n, nil
}
