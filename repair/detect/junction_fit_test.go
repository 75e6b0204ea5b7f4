package detect

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"flag"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"copydesk/repair/damage"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var (
	fitNetOut  = flag.String("fit-net-out", "", "write the model of junctions there")
	fitNetRate = flag.Float64("fit-net-rate", 0.03, "its rate")
)

const netWords = 1800

// use is a window of a sample that an arrangement makes or cuts.
type use struct {
	win  uint16
	sign int8
}

// netFit is a junctionNet in the making, fitted by AdaGrad.
type netFit struct {
	words          []uint32
	embed, ge      [][fitEmbed]float32
	inner, gi      [netSides][fitEmbed][fitHidden]float32
	bias, gb       [2][fitHidden]float32
	output, go_    [fitHidden]float32
	rows           [][netSides][fitHidden]float32 // embed x inner, where fresh
	grads          [][netSides][fitHidden]float32
	fresh, touched [][netSides]int32
	stamp          int32
	list           [][2]int32
	hidden         [][fitHidden]float32
	scores, down   []float32
}

// startWeights draws the weights that a net starts from: about normally distributed, with
// the standard deviation that is asked for.
func startWeights(r *damage.Rand) func(scale float64) float32 {
	return func(scale float64) float32 {
		return float32(scale * (r.Float64() + r.Float64() + r.Float64() + r.Float64() - 2) * 1.7)
	}
}

func newNetFit(words []uint32) *netFit {
	n := netFixed + len(words)
	f := &netFit{words: words, embed: make([][fitEmbed]float32, n), ge: make([][fitEmbed]float32, n), rows: make([][netSides][fitHidden]float32, n), grads: make([][netSides][fitHidden]float32, n), fresh: make([][netSides]int32, n), touched: make([][netSides]int32, n)}
	normal := startWeights(damage.NewRand(3))
	for i := range f.embed {
		for k := range f.embed[i] {
			f.embed[i][k] = normal(0.4)
		}
	}
	for s := range f.inner {
		for k := range f.inner[s] {
			for j := range f.inner[s][k] {
				f.inner[s][k][j] = normal(0.15)
			}
		}
	}
	for j := range f.output {
		f.output[j] = normal(0.15)
	}
	return f
}

// forward scores the windows of a sample.
func (f *netFit) forward(wins []window) {
	f.stamp++
	f.hidden, f.scores = f.hidden[:0], f.scores[:0]
	for i := range wins {
		w := &wins[i]
		h := f.bias[0]
		if w.stop {
			h = f.bias[1]
		}
		for side, id := range w.ids {
			row := &f.rows[id][side]
			if f.fresh[id][side] != f.stamp {
				f.fresh[id][side] = f.stamp
				*row = [fitHidden]float32{}
				for k, e := range f.embed[id] {
					in := &f.inner[side][k]
					for j := range row {
						row[j] += e * in[j]
					}
				}
			}
			for j := range h {
				h[j] += row[j]
			}
		}
		var sum float32
		for j, x := range h {
			sum += max(x, 0) * f.output[j]
		}
		f.hidden, f.scores = append(f.hidden, h), append(f.scores, sum)
	}
	f.down = append(f.down[:0], make([]float32, len(wins))...)
}

// backward learns from the slopes of the windows' scores in down.
func (f *netFit) backward(wins []window, rate float32) {
	step := func(w, g *float32, d float32) {
		*g += d * d
		*w -= rate * d / float32(math.Sqrt(float64(*g)+1e-3))
	}
	f.list = f.list[:0]
	var dOut [fitHidden]float32
	var dBias [2][fitHidden]float32
	for i := range wins {
		d := f.down[i]
		if d > -1e-4 && d < 1e-4 {
			continue
		}
		w, h := &wins[i], &f.hidden[i]
		var dh [fitHidden]float32
		k := 0
		if w.stop {
			k = 1
		}
		for j, x := range h {
			if x > 0 {
				dOut[j] += d * x
				dh[j] = d * f.output[j]
				dBias[k][j] += dh[j]
			}
		}
		for side, id := range w.ids {
			g := &f.grads[id][side]
			if f.touched[id][side] != f.stamp {
				f.touched[id][side] = f.stamp
				*g = [fitHidden]float32{}
				f.list = append(f.list, [2]int32{int32(id), int32(side)})
			}
			for j := range g {
				g[j] += dh[j]
			}
		}
	}
	if len(f.list) == 0 {
		return
	}
	var dInner [netSides][fitEmbed][fitHidden]float32
	dEmbed := map[int32]*[fitEmbed]float32{}
	var order []int32
	for _, t := range f.list {
		id, side := t[0], t[1]
		g := &f.grads[id][side]
		de := dEmbed[id]
		if de == nil {
			de = new([fitEmbed]float32)
			dEmbed[id] = de
			order = append(order, id)
		}
		for k, e := range f.embed[id] {
			in, din := &f.inner[side][k], &dInner[side][k]
			var sum float32
			for j, x := range g {
				sum += x * in[j]
				din[j] += e * x
			}
			de[k] += sum
		}
	}
	for _, id := range order {
		for k, d := range dEmbed[id] {
			step(&f.embed[id][k], &f.ge[id][k], d)
		}
	}
	for s := range dInner {
		for k := range dInner[s] {
			for j, d := range dInner[s][k] {
				if d != 0 {
					step(&f.inner[s][k][j], &f.gi[s][k][j], d)
				}
			}
		}
	}
	for j := range dOut {
		step(&f.output[j], &f.go_[j], dOut[j])
		step(&f.bias[0][j], &f.gb[0][j], dBias[0][j])
		step(&f.bias[1][j], &f.gb[1][j], dBias[1][j])
	}
}

// pack rounds the net to whole numbers and writes it as parseJunctions reads it, but
// of a single fitting.
func (f *netFit) pack() []byte {
	var topE, topI, topO float64
	for i := range f.embed {
		for _, x := range f.embed[i] {
			topE = max(topE, math.Abs(float64(x)))
		}
	}
	for s := range f.inner {
		for k := range f.inner[s] {
			for _, x := range f.inner[s][k] {
				topI = max(topI, math.Abs(float64(x)))
			}
		}
	}
	for _, x := range f.output {
		topO = max(topO, math.Abs(float64(x)))
	}
	// The largest few are clipped, so that the others keep their places.
	topE, topI = min(topE, 4), min(topI, 2)
	stepE, stepI, stepO := topE/127, topI/127, topO/8191
	byteOf := func(x float32, step float64) byte {
		return byte(int8(max(-127, min(127, math.Round(float64(x)/step)))))
	}
	out := binary.LittleEndian.AppendUint32([]byte(netMagic), uint32(len(f.words)))
	for _, w := range f.words {
		out = binary.LittleEndian.AppendUint32(out, w)
	}
	for i := range f.embed {
		for _, x := range f.embed[i] {
			out = append(out, byteOf(x, stepE))
		}
	}
	for s := range f.inner {
		for k := range f.inner[s] {
			for _, x := range f.inner[s][k] {
				out = append(out, byteOf(x, stepI))
			}
		}
	}
	stepH := stepE * stepI * (1 << netShift)
	for i := range f.bias {
		for _, x := range f.bias[i] {
			out = binary.LittleEndian.AppendUint32(out, uint32(int32(math.Round(float64(x)/stepH))))
		}
	}
	for _, x := range f.output {
		out = binary.LittleEndian.AppendUint32(out, uint32(int32(math.Round(float64(x)/stepO))))
	}
	return binary.LittleEndian.AppendUint64(out, math.Float64bits(stepH*stepO))
}

func writeNet(t *testing.T, f *netFit) {
	if err := os.WriteFile(*fitNetOut, f.pack(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// netVocabulary lists the most frequent words of a file of documents.
func netVocabulary(t *testing.T, path string) []uint32 {
	counts := map[uint32]int{}
	eachHeld(t, path, func(n int, doc string) {
		if n > 20000 {
			return
		}
		d := text.Parse(doc)
		for i := range d.Tokens {
			counts[netKey(lm.Key(d.Str(i)))]++
		}
	})
	var words []uint32
	for w := range counts {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b uint32) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	words = words[:min(len(words), netWords)]
	slices.Sort(words)
	return words
}

var (
	meanOf  = flag.String("mean-order", "", "two fittings, A,B: of ORDER.gz and JUNCTIONS, the names that -fit-order-out and -fit-net-out gave them, as A.gz and A.net")
	meanOne = flag.Float64("mean-order-share", 0.5, "what the first counts, at most 1")
	meanOut = flag.String("mean-order-out", "", "write their mean there, with .gz and .net.gz behind the name")
)

// oneFit is a fitting as it was written: the weights of moves, and a net.
type oneFit struct {
	order         *orderWeights
	words         string // their number and keys, as in the file
	embed, inner  []byte
	biases, outer []int32
	step          float64
}

func readFit(t *testing.T, name string) (f oneFit) {
	packed, err := os.Open(name + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if f.order, err = parseOrder(string(plain)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name + ".net")
	if err != nil {
		t.Fatal(err)
	}
	b = b[len(netMagic):]
	n := int(binary.LittleEndian.Uint32(b))
	take := func(size int) []byte {
		head := b[:size]
		b = b[size:]
		return head
	}
	ints := func(n int) (out []int32) {
		for range n {
			out = append(out, int32(binary.LittleEndian.Uint32(take(4))))
		}
		return out
	}
	f.words = string(take(4 + 4*n))
	f.embed, f.inner = take((netFixed+n)*fitEmbed), take(netSides*fitEmbed*fitHidden)
	f.biases, f.outer = ints(2*fitHidden), ints(fitHidden)
	f.step = math.Float64frombits(binary.LittleEndian.Uint64(b))
	return f
}

// TestMeanOrder joins two fittings on the same text into the model that is shipped,
// which says the mean of what they say:
//
//	go test ./repair/detect -run MeanOrder -mean-order A,B -mean-order-share 0.65 -mean-order-out OUT
func TestMeanOrder(t *testing.T) {
	if *meanOf == "" {
		t.Skip("no -mean-order fittings")
	}
	var fits [netFits]oneFit
	for i, name := range strings.SplitN(*meanOf, ",", netFits) {
		fits[i] = readFit(t, name)
	}
	if fits[0].words != fits[1].words {
		t.Fatal("the fittings know different words")
	}
	share := [netFits]float64{*meanOne, 1 - *meanOne}
	m := &fitModel{dense: make([]float64, numDense), table: make([]float64, orderSlots)}
	for i := range fits {
		w := fits[i].order
		for k, x := range w.dense {
			m.dense[k] += x * share[i]
		}
		for k := range m.table {
			m.table[k] += w.step * float64(int8(w.table[k])) * share[i]
		}
	}
	*fitOut = *meanOut + ".gz"
	writeOrder(t, m)

	out := append([]byte(netMagic), fits[0].words...)
	for k := 0; k < len(fits[0].embed); k += fitEmbed {
		for i := range fits {
			out = append(out, fits[i].embed[k:][:fitEmbed]...)
		}
	}
	for side := range netSides {
		for i := range fits { // each fitting's numbers feed its own units alone
			for k := range fitEmbed {
				row := make([]byte, netHidden)
				copy(row[i*fitHidden:], fits[i].inner[(side*fitEmbed+k)*fitHidden:][:fitHidden])
				out = append(out, row...)
			}
		}
	}
	for k := range 2 {
		for i := range fits {
			for _, x := range fits[i].biases[k*fitHidden:][:fitHidden] {
				out = binary.LittleEndian.AppendUint32(out, uint32(x))
			}
		}
	}
	step := fits[0].step / 64 // the first's, with room for rounding the others'
	for i := range fits {
		for _, x := range fits[i].outer {
			out = binary.LittleEndian.AppendUint32(out, uint32(int32(math.Round(float64(x)*fits[i].step/step*share[i]))))
		}
	}
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(step))
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(out); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*meanOut+".net.gz", b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
