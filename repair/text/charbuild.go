package text

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
)

// CharSource is text of one language to train the character model on. Weight is
// its share of the whole; the length of the text does not count.
type CharSource struct {
	Text   io.Reader
	Weight float64
}

// Limits of the character model.
const (
	trainMass    = 20e6 // characters that all sources together stand for
	minMass      = 2.0  // expected count, of trainMass, from which a character is known by itself
	minPairGain  = 0.35 // nats by which a bigram must differ from its classes to stand for itself
	unseenClass  = 0.02 // expected count of a bigram of classes that was never seen
	maxCharModel = 1400 // characters known by themselves
	mixedScripts = 0.02 // what a Latin letter beside another script's counts: manuals glue program names to words, people do not
)

// BuildCharModel counts the sources and writes the model: see openCharModel for
// its layout.
func BuildCharModel(w io.Writer, sources []CharSource) error {
	var total float64
	for _, s := range sources {
		total += s.Weight
	}
	single := map[rune]bool{}
	for _, c := range SingleBytes() {
		for b := 0x80; b < 0x100; b++ {
			if r := c.Rune(byte(b)); r < lowRunes {
				single[r] = true
			}
		}
	}
	type pair struct{ a, b rune }
	mass := map[pair]float64{}
	for _, s := range sources {
		counts := map[pair]int{}
		n := 0
		in := bufio.NewReaderSize(s.Text, 1<<20)
		prev := rune('\n')
		for {
			r, _, err := in.ReadRune()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			counts[pair{fold(prev), fold(r)}]++
			prev = r
			n++
		}
		if n == 0 {
			continue
		}
		unit := s.Weight / total * trainMass / float64(n)
		for p, c := range counts {
			w := unit
			if mixes(p.a, p.b) {
				w *= mixedScripts
			}
			mass[p] += float64(c) * w
		}
	}
	if len(mass) == 0 {
		return errors.New("no text to count")
	}
	// Sums of floating point depend on their order: take the pairs in order.
	order := make([]pair, 0, len(mass))
	for p := range mass {
		order = append(order, p)
	}
	slices.SortFunc(order, func(x, y pair) int {
		if x.a != y.a {
			return int(x.a - y.a)
		}
		return int(x.b - y.b)
	})
	uni := map[rune]float64{}
	for _, p := range order {
		uni[p.b] += mass[p]
	}
	var known []rune
	for r, c := range uni {
		if r < lowRunes && (r >= 0x80 || letterASCII(r)) && (c >= minMass || single[r]) && individual(r) {
			known = append(known, r)
		}
	}
	for r := range single {
		if uni[r] == 0 && individual(r) {
			known = append(known, r)
		}
	}
	slices.Sort(known)
	if len(known) > maxCharModel {
		return errors.New("too many characters are known by themselves: raise minMass")
	}
	sym := map[rune]int{}
	for i, r := range known {
		sym[r] = firstKnown + i
	}
	of := func(r rune) int {
		if k, ok := sym[r]; ok {
			return k
		}
		return int(classOf(r))
	}
	syms := firstKnown + len(known)
	class := make([]int, syms)
	for i := range firstKnown {
		class[i] = i
	}
	for i, r := range known {
		class[firstKnown+i] = int(classOf(r))
	}
	counts := make([]float64, syms*syms)
	classPairs := make([]float64, firstKnown*firstKnown)
	symMass, classMass := make([]float64, syms), make([]float64, firstKnown)
	for _, p := range order {
		a, b := of(p.a), of(p.b)
		counts[a*syms+b] += mass[p]
		classPairs[class[a]*firstKnown+class[b]] += mass[p]
		symMass[b] += mass[p]
		classMass[class[b]] += mass[p]
	}
	// The share of a symbol in its class: the rest of the class is one symbol
	// that stands for many characters.
	share := make([]float64, syms)
	members := make([]float64, firstKnown)
	for i := firstKnown; i < syms; i++ {
		members[class[i]]++
	}
	for i := range share {
		c := class[i]
		size := max(classSizes[c]-members[c], 1)
		if members[c] == 0 {
			share[i] = 1 / size
			if i < int(clControl) {
				share[i] = 1
			}
			continue
		}
		const unseen = 0.5 // as if each character had been seen so often
		sum := classMass[c] + unseen*(members[c]+1)
		if i < firstKnown {
			share[i] = (symMass[i] + unseen) / sum / size
		} else {
			share[i] = (symMass[i] + unseen) / sum
		}
	}
	lnClass := make([]float64, len(classPairs))
	var all float64
	for _, c := range classMass {
		all += c
	}
	for a := range firstKnown {
		row := classPairs[a*firstKnown : (a+1)*firstKnown]
		var sum float64
		for _, c := range row {
			sum += c
		}
		// Half of the unseen mass follows how common a class is anywhere.
		const prior = 20.0
		for b := range row {
			p := (row[b] + prior*classMass[b]/all + unseenClass) / (sum + prior + unseenClass*float64(firstKnown))
			lnClass[a*firstKnown+b] = math.Log(p)
		}
	}
	out := bufio.NewWriter(w)
	out.WriteString(charMagic)
	put16 := func(v int) { _ = binary.Write(out, binary.LittleEndian, uint16(v)) }
	q := func(ln float64) uint8 { return uint8(max(0, min(255, math.Round(-ln/charStep)))) }
	put16(len(known))
	for _, r := range known {
		put16(int(r))
	}
	for _, s := range share {
		out.WriteByte(q(math.Log(s)))
	}
	for _, l := range lnClass {
		out.WriteByte(q(l))
	}
	type entry struct {
		b int
		v uint8
	}
	rows := make([][]entry, syms)
	back := make([]uint8, syms)
	for a := range syms {
		row := counts[a*syms : (a+1)*syms]
		var n, types float64
		for _, c := range row {
			n += c
			if c >= 0.5 {
				types++
			}
		}
		types += 0.5
		lambda := n / (n + types)
		back[a] = q(math.Log(1 - lambda))
		if a < int(clControl) {
			back[a] = max(back[a], 0)
		}
		for b, c := range row {
			if c == 0 {
				continue
			}
			lower := lnClass[class[a]*firstKnown+class[b]] + math.Log(share[b])
			if b < firstKnown && members[b] > 0 || b < firstKnown && classSizes[b] > 1 && b >= int(clControl) {
				c /= max(classSizes[b]-members[b], 1) // one symbol for many characters
			}
			p := lambda*c/n + (1-lambda)*math.Exp(lower)
			v := q(math.Log(p))
			if math.Abs(charStep*(float64(v)-float64(q(lower)+back[a]))) >= minPairGain {
				rows[a] = append(rows[a], entry{b, v})
			}
		}
	}
	out.Write(back)
	for _, row := range rows {
		put16(len(row))
		for _, e := range row {
			put16(e.b)
			out.WriteByte(e.v)
		}
	}
	return out.Flush()
}

// fold brings ASCII other than letters to one character a class.
func fold(r rune) rune {
	if r < 0x80 && classOf(r) != clLower && classOf(r) != clUpper {
		for c, class := range asciiClasses {
			if class == asciiClasses[r] {
				return rune(c)
			}
		}
	}
	return r
}

// individual reports whether a character of this kind is worth knowing by
// itself. Large scripts that no single-byte charset holds are not.
func individual(r rune) bool {
	switch classOf(r) {
	case clC1, clPrivate, clUnassigned, clRareScript, clEmoji, clHan, clHangul, clDevanagari, clBengali, clGurmukhi, clGujarati, clOriya, clTamil,
		clTelugu, clKannada, clMalayalam, clSinhala, clThai, clLao, clTibetan, clMyanmar, clGeorgian, clEthiopic, clKhmer, clArmenian, clRightToLeft:
		return false
	}
	return true
}

// mixes reports whether two neighbours are letters of the Latin script and of
// another.
func mixes(a, b rune) bool {
	return latin(a) && otherScript(b) || otherScript(a) && latin(b)
}

func letterASCII(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func latin(r rune) bool {
	switch classOf(r) {
	case clLower, clUpper, clLatin1Lower, clLatin1Upper, clLatinLower, clLatinUpper, clVietLower, clVietUpper:
		return true
	}
	return false
}

func otherScript(r rune) bool {
	c := classOf(r)
	return c >= clGreekLower && c <= clHangul || c == clRareScript
}
