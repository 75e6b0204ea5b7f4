package text

import (
	"errors"
	"io"
	"math"
	"slices"
)

// leastLatin is the fewest letters beyond ASCII that make a text one of the
// languages in Latin script that Letters tells apart.
const leastLatin = 300

// BuildLetters counts the texts, one a language, of which one is English, and writes
// the model: see openLetters for its layout. Languages in other scripts count for the letters of
// their script alone.
func BuildLetters(w io.Writer, texts []string, english int) error {
	type counts struct {
		pairs   [pairKinds]float64
		letters map[rune]float64
		sum     float64
	}
	var languages []*counts
	var script [tiltEnd]float64
	known := map[rune]bool{}
	is := -1
	for i, s := range texts {
		c := &counts{letters: map[rune]float64{}}
		prev, other := 0, 0.0
		for _, r := range s {
			k := 0
			if r < 0x80 {
				k = pairKind(byte(r))
			}
			if prev|k != 0 {
				c.pairs[prev*27+k]++
			}
			prev = k
			switch {
			case latin(r) && r >= 0x80 || classOf(r) == clLatinRare:
				c.letters[r]++
				c.sum++
			case otherScript(r):
				other++
			}
			if r >= tiltStart && r < tiltEnd {
				script[r]++
			}
		}
		if c.sum < leastLatin || other > c.sum {
			continue
		}
		if i == english {
			is = len(languages)
		}
		languages = append(languages, c)
		for r, n := range c.letters {
			if n >= 3 {
				known[r] = true
			}
		}
	}
	if len(languages) == 0 || len(languages) > 255 {
		return errors.New("between 1 and 255 texts in Latin script are needed to tell their letters")
	}
	if is < 0 {
		return errors.New("no English text: its file is en.txt")
	}
	letters := make([]rune, 0, len(known))
	for r := range known {
		letters = append(letters, r)
	}
	slices.Sort(letters)
	q := func(ln float64) byte { return byte(max(0, min(255, math.Round(-ln/letterStep)))) }
	out := []byte(lettersMagic)
	out = append(out, byte(len(languages)), byte(is), byte(len(letters)), byte(len(letters)>>8))
	for _, r := range letters {
		out = append(out, byte(r), byte(r>>8))
	}
	for p := range pairKinds {
		for _, c := range languages {
			var row float64
			for k := range 27 {
				row += c.pairs[p/27*27+k]
			}
			const unseen = 0.5
			out = append(out, q(math.Log((c.pairs[p]+unseen)/(row+27*unseen))))
		}
	}
	for _, r := range letters {
		for _, c := range languages {
			out = append(out, q(math.Log(c.letters[r]/c.sum+noLetter)))
		}
	}
	var sums, sizes [numClasses]float64
	for r := rune(tiltStart); r < tiltEnd; r++ {
		if !individual(r) {
			sums[classOf(r)] += script[r]
			sizes[classOf(r)]++
		}
	}
	for r := rune(tiltStart); r < tiltEnd; r++ {
		v := 0.0
		if class := classOf(r); !individual(r) && sums[class] > 0 {
			const most = 3.0 // nats
			v = max(-most, min(most, math.Log((script[r]+0.5)*sizes[class]/(sums[class]+0.5*sizes[class]))))
		}
		out = append(out, byte(int8(math.Round(v/letterStep))))
	}
	_, err := w.Write(out)
	return err
}
