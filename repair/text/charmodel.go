package text

import (
	_ "embed"
	"encoding/binary"
	"sync"
)

// CharModel says how likely a character is after the one before it, in text
// that people wrote, in any language. Its bigrams are interpolated with classes
// of characters (Witten and Bell 1991), so that a character it never saw is
// weighed by what is known of its like. Immutable.
type CharModel struct {
	low  [lowRunes]uint16 // symbol of a character below lowRunes, 0 where it has none of its own
	ln   []uint8          // −ln P(symbol b | symbol a) in units of charStep, row a, column b
	syms int
}

const (
	lowRunes   = 0x2700 // the characters of all single-byte charsets but four lie below
	charStep   = 0.1    // nats
	charMagic  = "charmodel 1\n"
	firstKnown = int(numClasses) // symbols below stand for the rest of each class
)

//go:embed characters.model
var charModelFile string

// Characters is the character model that comes with the program.
var Characters = sync.OnceValue(func() *CharModel { return openCharModel(charModelFile) })

// openCharModel reads the file that buildCharModel wrote. It is our own file:
// a broken one is a broken promise.
//
// Layout after the magic line, little endian: the number of known symbols as
// uint16 and each one's rune as uint16; for each symbol the −ln of its share of
// its class; the class bigrams; for each symbol the −ln of what backs off; then
// the bigrams that stand for themselves, in rows: their number as uint16, and
// for each the column as uint16 and the value.
func openCharModel(s string) *CharModel {
	if len(s) < len(charMagic) || s[:len(charMagic)] != charMagic {
		panic("characters.model is of another version: build it anew with copydesk train --characters")
	}
	b := []byte(s[len(charMagic):])
	n := int(binary.LittleEndian.Uint16(b))
	b = b[2:]
	m := &CharModel{syms: firstKnown + n}
	class := make([]charClass, m.syms)
	for i := range firstKnown {
		class[i] = charClass(i)
	}
	for i := range n {
		r := rune(binary.LittleEndian.Uint16(b[2*i:]))
		class[firstKnown+i] = classOf(r)
		if r < lowRunes {
			m.low[r] = uint16(firstKnown + i)
		}
	}
	b = b[2*n:]
	share := b[:m.syms]
	b = b[m.syms:]
	pairs := b[:firstKnown*firstKnown]
	b = b[firstKnown*firstKnown:]
	back := b[:m.syms]
	b = b[m.syms:]
	m.ln = make([]uint8, m.syms*m.syms)
	for a := range m.syms {
		row := m.ln[a*m.syms : (a+1)*m.syms]
		for c := range row {
			row[c] = uint8(min(255, int(back[a])+int(pairs[int(class[a])*firstKnown+int(class[c])])+int(share[c])))
		}
		count := int(binary.LittleEndian.Uint16(b))
		b = b[2:]
		for range count {
			row[binary.LittleEndian.Uint16(b)] = b[2]
			b = b[3:]
		}
	}
	for r := range m.low {
		if m.low[r] == 0 {
			m.low[r] = uint16(classOf(rune(r)))
		}
	}
	m.tell()
	m.add("ʻʼ", '‘', '’')
	return m
}

// add makes one symbol of some letters that training text hardly held: they stand where any of
// some others does, and seldomer. The ʻ of Hawaiian and its kin stands where quotation marks do.
func (m *CharModel) add(letters string, like ...rune) {
	const seldomer = 10 // units of charStep
	n := m.syms + 1
	ln := make([]uint8, n*n)
	for a := range n {
		for b := range n {
			v := uint8(255)
			for _, r := range like {
				x, y := a, b
				if x == m.syms {
					x = int(m.Sym(r))
				}
				if y == m.syms {
					y = int(m.Sym(r))
				}
				v = min(v, m.ln[x*m.syms+y])
			}
			if b == m.syms {
				v = min(v, 255-seldomer) + seldomer
			}
			ln[a*n+b] = v
		}
	}
	for _, r := range letters {
		m.low[r] = uint16(m.syms)
	}
	m.ln, m.syms = ln, n
}

// Sym is a character's symbol in the model.
func (m *CharModel) Sym(r rune) Sym {
	if uint32(r) < lowRunes {
		return Sym(m.low[r])
	}
	switch { // the scripts of whole articles, before the search through all ranges
	case r >= 0x4E00 && r <= 0x9FA5:
		return Sym(clHan)
	case r >= 0xAC00 && r <= 0xD7A3:
		return Sym(clHangul)
	case r >= 0x3041 && r <= 0x3096:
		return Sym(clHiragana)
	case r >= 0x30A1 && r <= 0x30FA:
		return Sym(clKatakana)
	case r == 0x3001 || r == 0x3002:
		return Sym(clCJKMark)
	}
	return Sym(classOf(r))
}

// Sym is a character as the model sees it.
type Sym uint16

// Break is the symbol of a line's start and end, Unassigned that of what is no
// character.
const (
	Break      = Sym(clBreak)
	Unassigned = Sym(clUnassigned)
)

// Rare reports whether a character is of a script or block that is nobody's
// everyday writing, or is no character.
func Rare(r rune) bool {
	switch classOf(r) {
	case clRareScript, clHanRare, clUnassigned, clPrivate:
		return true
	}
	return r >= 0x1D00 && r < 0x1DC0
}

// LnProb is the ln probability of b after a, in nats.
func (m *CharModel) LnProb(a, b Sym) float32 {
	return -charStep * float32(m.ln[int(a)*m.syms+int(b)])
}

// ASCII reports whether a symbol stands for characters of ASCII.
func (m *CharModel) ASCII(a Sym) bool {
	return a < Sym(clC1) || a >= Sym(firstKnown) && a < Sym(firstKnown+52)
}

// tell adds what counting rare characters cannot show.
func (m *CharModel) tell() {
	const (
		never  = 60  // for what nobody writes, on top of what was counted; units of charStep
		atMost = 150 // for what anybody may write anywhere
		shapes = 170 // for what ornaments posts
		near   = 60  // lines of boxes go on
		beside = 110 // and stand beside anything
		glued  = 140 // but seldom words
	)
	class := make([]charClass, m.syms)
	for i := range firstKnown {
		class[i] = charClass(i)
	}
	for r := range rune(lowRunes) {
		class[m.Sym(r)] = classOf(r)
	}
	// Signs and invisible marks may stand anywhere; a Latin and a Cyrillic or Greek letter are
	// neighbours where one was taken for the other by its look.
	for a := range m.syms {
		row := m.ln[a*m.syms : (a+1)*m.syms]
		for b := range row {
			switch k := class[b]; {
			case k == clSign, k == clGeneral, k == clFormat && b != int(clFormat), k == clNoBreak,
				alike(class[a]) && alike(k) && m.ASCII(Sym(a)) != m.ASCII(Sym(b)):
				row[b] = min(row[b], atMost)
			case k == clShape, k == clEmoji, k == clArrow:
				row[b] = min(row[b], shapes)
			case k == clBox && class[a] == clBox:
				row[b] = min(row[b], near)
			case k == clBox && wordy(class[a]) || class[a] == clBox && wordy(k):
				row[b] = min(row[b], glued)
			case k == clBox || class[a] == clBox:
				row[b] = min(row[b], beside)
			}
		}
	}
	// â ends French and Romanian words, but no mark of a name or sum stands behind it.
	row := m.ln[int(m.Sym('â'))*m.syms : (int(m.Sym('â'))+1)*m.syms]
	for b := range row {
		switch class[b] {
		case clCurrency, clSign, clModifier, clGeneral:
			row[b] = uint8(min(255, int(row[b])+never))
		}
	}
	// Â and Ã, as capitals are, stand before letters. Before any other character
	// but what may follow a word they are the first half of a misread one.
	for _, r := range "ÂÃ" {
		a := int(m.Sym(r))
		row := m.ln[a*m.syms : (a+1)*m.syms]
		for b := range row {
			switch k := class[b]; {
			case k < clControl, k >= clLatin1Lower && k < clOpenQuote, k == clCloseQuote, k == clDash:
			default:
				row[b] = uint8(min(255, int(row[b])+never))
			}
		}
	}
}

// wordy reports whether a class is of Latin letters or of digits.
func wordy(c charClass) bool {
	return c >= clLower && c <= clDigit || c >= clLatin1Lower && c <= clLatinRare
}

// alike reports whether letters of a class look like those of another script.
func alike(c charClass) bool {
	return c == clLower || c == clUpper || c >= clGreekLower && c <= clGreekUpper || c >= clCyrLower && c <= clCyrExtUpper
}
