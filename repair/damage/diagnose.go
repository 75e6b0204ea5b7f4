package damage

import (
	"math"
	"strings"

	"copydesk/repair/text"
)

// Lexicon says which words exist.
type Lexicon interface{ Known(word string) bool }

// feature is one sign of damage, as a rate of a document.
type feature uint8

const (
	fUnknown  feature = iota // unknown words
	fSplits                  // unknown words that are two known ones
	fPlusS                   // unknown words that are a known one and an s
	fContr                   // contractions without their apostrophe
	fCamel                   // unknown words with a capital inside
	fJoins                   // unknown words that join a neighbour to a known word
	fGlued                   // closing mark and word without a space
	fLoose                   // closing mark behind a space
	fClitic                  // 's standing alone
	fStopLow                 // full stop before lower case
	fRepeat                  // doubled words
	fBytes                   // C1 controls, U+FFFD, the openings of mojibake
	fHyphen                  // hyphen at the end of a word
	fNoQuotes                // reporting verbs of a text without a quotation mark
	fNoMarks                 // words, in hundreds, of a text without an apostrophe
	fBases                   // capitalised words in s whose base the text has too, where it has no apostrophe
	fFew                     // apostrophes: a text that has many has lost none
	numFeatures
)

type features [numFeatures]float64

// measure takes the looks that need more than counts. Each of them is spared
// where its count is zero.
func measure(d *text.Document, lex Lexicon, c *Counts, unknown []int32) features {
	var n features
	n[fUnknown], n[fGlued], n[fLoose] = float64(len(unknown)), float64(c.Glued), float64(c.LooseMark)
	n[fClitic], n[fStopLow], n[fRepeat] = float64(c.LooseClitic), float64(c.StopLower), float64(c.Repeat)
	n[fContr], n[fFew] = float64(c.BareContraction), float64(c.Apostrophes)
	if c.NameS > 0 && c.Apostrophes == 0 {
		n[fBases] = bases(d)
	}
	const maxLooks = 400 // unknown words looked at: enough to know a document by
	looked := unknown[:min(len(unknown), maxLooks)]
	scale := 1.0
	if len(looked) > 0 {
		scale = float64(len(unknown)) / float64(len(looked))
	}
	for _, i := range looked {
		w := d.Str(int(i))
		shape := d.Tokens[i].Shape
		base, isS := strings.CutSuffix(w, "s")
		switch {
		case shape&text.InnerUpper != 0:
			n[fCamel] += scale
		case isS && len(base) > 2 && lex.Known(base):
			n[fPlusS] += scale
		case joins(d, lex, int(i)):
			n[fJoins] += scale
		case splits(lex, w):
			n[fSplits] += scale
		}
	}
	n[fBytes] = float64(strings.Count(d.Text, "\ufffd") + strings.Count(d.Text, "\u00c2") + strings.Count(d.Text, "Ã") + strings.Count(d.Text, "â€") + strings.Count(d.Text, "â\u0080") + strings.Count(d.Text, "&#"))
	n[fHyphen] = float64(max(0, strings.Count(d.Text, "- ")-strings.Count(d.Text, " - ")-strings.Count(d.Text, "-- ")))
	for f := range n {
		// A rate's logarithm: the first fault says more than the tenth. Clipped,
		// so that no single sign decides alone.
		n[f] = min(math.Log1p(1000*n[f]/float64(c.Words+100)), 4)
	}
	n[fNoQuotes], n[fNoMarks] = 0, 0
	if c.Quotes == 0 {
		n[fNoQuotes] = min(math.Log1p(float64(c.Reporting)), 3)
	}
	if c.Apostrophes == 0 {
		n[fNoMarks] = min(math.Log1p(float64(c.Words)/100), 2)
	}
	return n
}

// bases counts the capitalised words in s whose base, or whose 's form, the
// document has as well: Blinkens beside Blinken.
func bases(d *text.Document) float64 {
	v := text.NewVocab(d)
	n := 0.0
	for i, t := range d.Tokens {
		if t.Kind != text.Word || t.Shape&text.InitialUpper == 0 || t.End-t.Start < 4 {
			continue
		}
		if base, ok := strings.CutSuffix(d.Str(i), "s"); ok && v.Mid(base) > 0 {
			n++
		}
	}
	return n
}

func joins(d *text.Document, lex Lexicon, i int) bool {
	near := func(a, b int) bool {
		return a >= 0 && b < len(d.Tokens) && d.Tokens[b].Gap == text.GapSpace && d.Tokens[a].Kind == text.Word &&
			d.Tokens[b].Kind == text.Word && lex.Known(d.Str(a)+d.Str(b))
	}
	return near(i-1, i) || near(i, i+1)
}

func splits(lex Lexicon, w string) bool {
	const maxLen = 40
	if len(w) > maxLen {
		return false
	}
	for i := 1; i < len(w); i++ {
		if i == 1 && w[0] != 'a' && w[0] != 'A' || i == len(w)-1 || w[i]&0xC0 == 0x80 {
			continue
		}
		if lex.Known(w[:i]) && lex.Known(w[i:]) {
			return true
		}
	}
	return false
}

// Diagnose tells which processes hurt a document, from the counts of the scan
// and the indices of its unknown words.
func Diagnose(d *text.Document, lex Lexicon, c *Counts, unknown []int32) Profile {
	x := measure(d, lex, c, unknown)
	var p Profile
	for i := range p.P {
		w := &weights[i]
		z := w.bias
		for f := range x {
			z += w.at[f] * x[f]
		}
		p.P[i] = 1 / (1 + math.Exp(-z))
	}
	return p
}

// model is the logistic model of one process.
type model struct {
	bias, prior float64 // prior: its share of the documents it was fitted on
	at          features
}

// maxShift bounds what a diagnosis may say for or against a detector, in nats.
const maxShift = 4

// LnShift is by how many nats the diagnosis raises (or, negative, lowers) the
// odds of a process' artifacts against the odds among the documents it was
// fitted on; between -4 and 4.
func (p *Profile) LnShift(process Process) float64 {
	const tiny = 1e-9
	q := min(max(p.P[process], tiny), 1-tiny)
	prior := weights[process].prior
	if prior <= 0 || prior >= 1 {
		return 0
	}
	return min(max(math.Log(q/(1-q))-math.Log(prior/(1-prior)), -maxShift), maxShift)
}

// Sample is a document with what is known of its damage, for Fit.
type Sample struct {
	x    features
	Hurt [NumProcesses]bool
}

// NewSample measures a document.
func NewSample(d *text.Document, lex Lexicon, c *Counts, unknown []int32, hurt [NumProcesses]bool) Sample {
	return Sample{measure(d, lex, c, unknown), hurt}
}

// Fit fits the models to samples, by gradient descent with a small penalty, and
// returns them as the source of weights.go.
func Fit(samples []Sample) string {
	var fitted [NumProcesses]model
	for p := range fitted {
		m := &fitted[p]
		for _, s := range samples {
			if s.Hurt[p] {
				m.prior += 1 / float64(len(samples))
			}
		}
		const rounds, penalty = 1500, 1e-4
		step := 0.5
		for range rounds {
			var g features
			var gb float64
			for i := range samples {
				s := &samples[i]
				z := m.bias
				for f := range s.x {
					z += m.at[f] * s.x[f]
				}
				e := 1 / (1 + math.Exp(-z))
				if s.Hurt[p] {
					e--
				}
				gb += e
				for f := range s.x {
					g[f] += e * s.x[f]
				}
			}
			m.bias -= step * gb / float64(len(samples))
			for f := range g {
				m.at[f] -= step * (g[f]/float64(len(samples)) + penalty*m.at[f])
			}
		}
	}
	return source(fitted)
}
