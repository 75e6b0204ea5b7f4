package lm

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// The file: a magic line, then sections, each with its length before it.
const (
	magic       = "copydesk model 1\n"
	numSections = 5 // words, pairs, triples, spelling, constants
)

// Models is everything a model file holds.
type Models struct {
	Lexicon  *Lexicon
	Model    *Model
	Speller  *Speller
	Spacing  *Spacing  // nil where nobody opened one: see OpenSpacing
	GapNet   *GapNet   // nil where nobody opened one: see OpenGapNet
	Boundary *Boundary // nil where nobody opened one: see OpenBoundary
	Filter   Filter    // of the words with a LnProb; see OpenFilter
	Classes  *Classes  // nil where nobody opened them: see OpenClasses
}

// Lexicon says which words exist. Safe for many goroutines.
type Lexicon struct {
	words table
	extra map[Word]Info // a user's words
}

// Model is an interpolated modified Kneser-Ney model of trigrams (Chen and
// Goodman 1999), pruned and quantised. Safe for many goroutines.
type Model struct {
	lex            *Lexicon
	pairs, triples table
	unk            float64 // ln of the probability of all unknown words together
}

// Speller says how likely a spelling is, for words the lexicon does not know.
// Safe for many goroutines.
type Speller struct{ grams table }

// Open reads a model in place: the string must stay as it is.
func Open(data string) (*Models, error) {
	rest, ok := strings.CutPrefix(data, magic)
	if !ok {
		return nil, errors.New("not a copydesk model, or one of another version: build it anew with copydesk train")
	}
	var sections [numSections]string
	for i := range sections {
		if len(rest) < 8 {
			return nil, errors.New("the model is cut short: copy or build it again")
		}
		var n uint64
		for k := range 8 {
			n |= uint64(rest[k]) << (8 * k)
		}
		rest = rest[8:]
		if n > uint64(len(rest)) {
			return nil, fmt.Errorf("section %d of the model is cut short: copy or build it again", i)
		}
		sections[i], rest = rest[:n], rest[n:]
	}
	var ts [4]table
	for i := range ts {
		var err error
		if ts[i], err = openTable(sections[i]); err != nil {
			return nil, fmt.Errorf("section %d of the model: %w", i, err)
		}
	}
	widths := [4]uint32{wordBits + wordFP, pairBits + pairFP, tripleBits + tripleFP, spellBits + spellFP}
	for i, w := range widths {
		if ts[i].width != w && ts[i].count != 0 {
			return nil, fmt.Errorf("section %d of the model has slots of %d bits, not %d: build it anew with copydesk train", i, ts[i].width, w)
		}
	}
	if len(sections[4]) != 8 {
		return nil, errors.New("the model's constants are cut short")
	}
	var c uint64
	for k := range 8 {
		c |= uint64(sections[4][k]) << (8 * k)
	}
	lex := &Lexicon{words: ts[0]}
	m := &Model{lex: lex, pairs: ts[1], triples: ts[2], unk: math.Float64frombits(c)}
	if !(m.unk < 0 && m.unk > -100) {
		return nil, errors.New("the model's constants make no sense")
	}
	return &Models{Lexicon: lex, Model: m, Speller: &Speller{grams: ts[3]}}, nil
}

// Layout of the tables' values.
const (
	wordFP     = 17
	wordBits   = 8 + 7 + 12 + flagBits // ln probability, ln back-off, casing, flags
	pairFP     = 11
	pairBits   = 8 + 6 // ln probability, ln back-off
	tripleFP   = 11
	tripleBits = 7
	spellFP    = 9
	spellBits  = 6
)

// Quantisation: 0 is certainty, the largest value the floor.
const (
	probStep   = 20.0 / 255 // nats, 8 bits
	tripleStep = 16.0 / 127 // nats, 7 bits
	backStep   = 8.0 / 127  // nats, 7 bits
	pairBack   = 8.0 / 63   // nats, 6 bits
	spellStep  = 10.0 / 63  // nats, 6 bits
)

func quantise(ln, step float64, top uint64) uint64 {
	q := math.Round(-ln / step)
	return uint64(max(0, min(float64(top), q)))
}

// Lookup finds a word by any of its spellings.
func (l *Lexicon) Lookup(word string) Info { return l.LookupKey(Key(word)) }

// LookupKey finds a word by its key.
func (l *Lexicon) LookupKey(w Word) Info {
	v, ok := l.words.get(uint64(w))
	if l.extra != nil {
		if i, user := l.extra[w]; user {
			return i
		}
	}
	if !ok {
		return Info{}
	}
	return wordInfo(v)
}

const noProb = 255 // of a word that training text did not hold

// wordInfo reads a value of the table of words.
func wordInfo(v uint64) Info {
	i := Info{
		Flags: Flags(v & (1<<flagBits - 1)),
		Lower: uint8(v >> flagBits & 15), Title: uint8(v >> (flagBits + 4) & 15), Upper: uint8(v >> (flagBits + 8) & 15),
	}
	if p := v >> (flagBits + 12 + 7); p != noProb {
		i.LnProb = -float32(p) * probStep
	}
	return i
}

// Known reports whether the word, in any spelling, is one.
func (l *Lexicon) Known(word string) bool { return l.LookupKey(Key(word)).Flags&Known != 0 }

// With returns a lexicon that knows these words as well.
func (l *Lexicon) With(words []string) *Lexicon {
	n := &Lexicon{words: l.words, extra: make(map[Word]Info, len(words)+len(l.extra))}
	for k, i := range l.extra {
		n.extra[k] = i
	}
	for _, w := range words {
		i := l.Lookup(w)
		if i.Flags&Known == 0 {
			i.Flags |= Own
		}
		i.Flags = i.Flags&^Misspelt | Known
		n.extra[Key(w)] = i
	}
	return n
}

// Begin is the state at the start of a sentence.
func (m *Model) Begin() State { return State{W1: beginKey} }

// Next is the state after a word.
func (s State) Next(w Word) State { return State{W1: w, W2: s.W1} }

// Score returns the ln probability of a word after a state, and the state after
// it. A word that training text did not hold gets the ln probability of all
// unknown words together: add Speller.LnProb for its own.
func (m *Model) Score(s State, w Word) (float64, State) {
	next := s.Next(w)
	var ln float64
	if s.W1 != 0 {
		if s.W2 != 0 {
			// Every triple that is held begins with a pair that is: without one, what
			// looks like a triple is a fingerprint's mistake.
			if back, ok := m.pairs.get(pair(s.W2, s.W1)); ok {
				if v, ok := m.triples.get(triple(s.W2, s.W1, w)); ok {
					return -float64(v) * tripleStep, next
				}
				ln -= float64(back&63) * pairBack
			}
		}
		if v, ok := m.pairs.get(pair(s.W1, w)); ok {
			return ln - float64(v>>6)*probStep, next
		}
		if v, ok := m.lex.words.get(uint64(s.W1)); ok {
			ln -= float64(v>>(flagBits+12)&127) * backStep
		}
	}
	if v, ok := m.lex.words.get(uint64(w)); ok {
		if p := v >> (flagBits + 12 + 7); p != noProb {
			return ln - float64(p)*probStep, next
		}
	}
	return ln + m.unk, next
}

// ScoreToken is Score for a token as written: an unknown one is charged for its
// spelling too. Known says whether training text held it.
func (m *Models) ScoreToken(s State, token string) (ln float64, known bool, next State) {
	w := Key(token)
	ln, next = m.Model.Score(s, w)
	if i := m.Lexicon.LookupKey(w); i.LnProb != 0 {
		return ln, true, next
	}
	return ln + m.Speller.LnProb(token), false, next
}

// LnProb is the ln probability of a spelling, its end included, by characters
// of which each depends on the four before it.
func (s *Speller) LnProb(word string) float64 {
	var buf [64]byte
	w := spelling(word, buf[:0])
	var ln float64
	for i := spellOrder - 1; i < len(w); i++ {
		ln += s.char(w, i)
	}
	return ln
}

const spellOrder = 5

// char is the ln probability of w[i] after the characters before it.
func (s *Speller) char(w []byte, i int) float64 { return s.find(w, i).ln() }

// gramFound is the longest gram that was seen of the five that end with a character: its
// length, 0 for none, and the table's value.
type gramFound struct{ length, value uint8 }

// find looks for the longest gram that ends with w[i].
func (s *Speller) find(w []byte, i int) gramFound {
	for n := spellOrder; n > 0; n-- {
		if v, ok := s.grams.get(gramKey(w[i-n+1 : i+1])); ok {
			return gramFound{uint8(n), uint8(v)}
		}
	}
	return gramFound{}
}

// ln is the ln probability: that of the gram, with a charge for each longer one.
func (g gramFound) ln() float64 {
	const charge = -0.9 // ln 0.4, Brants et al. 2007, "Large language models in machine translation"
	if g.length == 0 {
		return charge*spellOrder - 6
	}
	return charge*float64(spellOrder-g.length) - float64(g.value)*spellStep
}

// gramKey is the key of a run of up to eight spelling bytes.
func gramKey(g []byte) uint64 {
	k := uint64(len(g))
	for _, c := range g {
		k = k<<7 | uint64(c&127)
	}
	return k * 0x9FB21C651E98DF25
}

// spelling brings a word into the speller's alphabet: lower-case letters, 0 for
// digits, ' and a few accented letters as their base, # for the rest; with
// starting and ending marks.
func spelling(word string, buf []byte) []byte {
	for range spellOrder - 1 {
		buf = append(buf, '^')
	}
	for _, r := range word {
		if len(buf) > 48 {
			break
		}
		switch {
		case r >= 'a' && r <= 'z':
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r >= '0' && r <= '9':
			r = '0'
		case r == '\'' || r == '’':
			r = '\''
		default:
			r = baseLetter(r)
		}
		buf = append(buf, byte(r))
	}
	return append(buf, '$')
}

// baseLetter is the plain letter under a Latin letter's accent, or #.
func baseLetter(r rune) rune {
	const (
		accented = "àáâãäåāăąçćčèéêëēęěìíîïīıñńňòóôõöøōőùúûüūůűýÿžźżšśşłđðţťğř"
		plain    = "aaaaaaaaaccceeeeeeeiiiiiinnnoooooooouuuuuuuyyzzzsssldddttgr"
	)
	if r < 'À' || r > 'ž' {
		return '#' // quotation marks, dashes and other scripts: most that comes here
	}
	k := 0
	for _, a := range accented {
		if a == r || a == r+32 {
			if k < len(plain) {
				return rune(plain[k])
			}
			break
		}
		k++
	}
	return '#'
}

// Free is the state that knows nothing of what came before.
func (m *Model) Free() State { return State{} }
