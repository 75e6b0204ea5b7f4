package detect

import (
	"unicode/utf8"

	"copydesk/repair/text"
)

// Prices of readings in which a byte is missing, in nats: how rarely a reader
// loses it.
const (
	lostNoBreak = 3 // a no-break space made a space: every program that trims does it
	lostUnknown = 2 // U+FFFD in its place: sure to be damage
	lostByte    = 5 // gone without a trace
)

// lossyLead reports whether a character alone may be what is left of a misread
// one: the leads of à, of the no-break space, of Š, Π and Р, and of marks.
func lossyLead(r rune) bool {
	switch r {
	case 'Ã', 'Â', 'Å', 'Î', 'Ð', 'â', '€', 'Ä', 'Ă', 'Ĺ', 'В', 'Г', '√', '¬', '├', '┬':
		return true
	}
	return false
}

// lossy tries the readings of a character that lost a byte on the way. Most
// readers drop or change only bytes that mean nothing to them: those that the
// charset leaves undefined, controls, and the no-break space.
func (m *misreading) lossy(cells []cell, i int, try func(r rune, size int, penalty float32, l loss)) {
	lead, ok := m.as.Byte(cells[i].r)
	if !ok || lead < 0xC2 || lead > 0xF4 {
		return
	}
	if lead == 0xED && i+5 < len(cells) && cells[i+1].r == ' ' {
		// Halves of a pair of surrogates, the no-break space of the first made a space.
		b := [maxTorn]byte{lead, 0xA0}
		for n := 2; n < maxTorn; n++ {
			b[n], _ = m.as.Byte(cells[i+n].r)
		}
		if r, size := surrogates(b[:]); size > 0 {
			try(r, size, lostNoBreak, fromSpace)
		}
		return
	}
	need := 2
	if lead >= 0xE0 {
		need = 3
	}
	if lead >= 0xF0 {
		need = 4
	}
	// What is left of its bytes: replaced ones stand as 0.
	var b [4]byte
	b[0] = lead
	n, gone, spaces := 1, 0, 0
	for n < need && i+n < len(cells) {
		c := cells[i+n].r
		if c == utf8.RuneError || c == '?' && (need == 3 && lead == 0xE2 || lead == 0xC3 && i+2 < len(cells) && !cells[i+2].ascii()) {
			// A question mark in its place as well: "bbâ€?".
			gone++
			n++
			continue
		}
		if c == ' ' && spaces == 0 && need == 3 && (n == 2 || i+n+1 < len(cells) && !cells[i+n+1].ascii()) {
			b[n] = 0xA0
			spaces++
			n++
			continue
		}
		x, ok := m.as.Byte(c)
		if !ok || x < 0x80 || x >= 0xC0 {
			break
		}
		b[n] = x
		n++
	}
	if n == need && gone > 0 {
		if spaces > 0 {
			return // "é �": two losses in one character are none
		}
		if need > 2 && cyrillic(cells[i].r) && cyrillic(cells[i+1].r) {
			return // a word of Cyrillic that lost a letter
		}
		try(utf8.RuneError, n, lostUnknown, unknown)
		return
	}
	if n == need && spaces > 0 {
		if r, size := utf8.DecodeRune(b[:n]); size == n {
			try(r, n, lostNoBreak, fromSpace)
		}
		if b[2] != 0xA0 {
			return
		}
		n-- // or it was a space, and the third byte is gone
	} else if n == need || gone > 0 || spaces > 0 {
		return
	}
	switch {
	case need == 2:
		m.lostTail(cells, i, lead, try)
	case need == 3 && n == 2:
		m.lostThird(cells, i, b, try)
	}
}

func cyrillic(r rune) bool { return r >= 0x400 && r < 0x460 }

// lostTail reads a lead whose second byte was a no-break space or is gone.
func (m *misreading) lostTail(cells []cell, i int, lead byte, try func(rune, int, float32, loss)) {
	next := rune('\n')
	if i+1 < len(cells) {
		next = cells[i+1].r
	}
	switch lead {
	case 0xC3: // à
		switch {
		case next != ' ':
		case i+2 < len(cells) && isLetter(cells[i+2].r) && !portuguese(cells, i+2):
			try('à', 1, lostNoBreak, fromSpace)
		default:
			try('à', 2, lostNoBreak, fromSpace)
		}
	case 0xC2: // no-break space
		switch {
		case next == ' ' && i+2 < len(cells) && cells[i+2].r != '\n':
			try(0xA0, 2, lostNoBreak-behindMark(cells, i), fromSpace)
		case next == ' ' || next == '\n':
			try(0xA0, 1, lostNoBreak, guessed)
		}
	case 0xC5, 0xCE, 0xD0, 0xD9: // Š, Π, Р, ٠
		if next == ' ' && !m.leads(cells, i-1) {
			r, _ := utf8.DecodeRune([]byte{lead, 0xA0})
			try(r, 2, lostNoBreak+2, fromSpace)
		}
	}
	if next == ' ' {
		return
	}
	m.dropped([]byte{lead}, 1, try)
}

// behindMarkNats is what speaks, in nats, for the Â of a no-break space that touches the mark
// before it, or what is left of another character: "left.Â And". No word begins there.
const behindMarkNats = 7

func behindMark(cells []cell, i int) float32 {
	if i == 0 {
		return 0
	}
	switch cells[i-1].r {
	case '.', ',', '!', '?', ':', ';', ')', '"', '\'', utf8.RuneError:
		return behindMarkNats
	}
	return 0
}

// leads reports whether a cell is no last byte of a character: what stands behind it was
// not misread, or it was not.
func (m *misreading) leads(cells []cell, i int) bool {
	if i < 0 || cells[i].ascii() {
		return false
	}
	b, ok := m.as.Byte(cells[i].r)
	return !ok || b >= 0xC0
}

// dropped tries every byte that the charset leaves undefined as the last one of
// a character of two bytes or three.
func (m *misreading) dropped(b []byte, size int, try func(rune, int, float32, loss)) {
	r := rune(b[0]&0x1F) << 6
	least := rune(0xA0)
	if len(b) == 2 {
		r = rune(b[0]&0x0F)<<12 | rune(b[1]&0x3F)<<6
		least = 0x800
	}
	for x := byte(0x80); x < 0xA0; x++ {
		if c := r | rune(x&0x3F); undefined(m.as, x) && c >= least && (c < 0xD800 || c >= 0xE000) {
			try(c, size, lostByte, guessed)
		}
	}
}

// portuguese reports whether what follows "Ã " continues à as a word of
// Portuguese: àquele, àquela, àquilo, às. Everywhere else à ends its word.
func portuguese(cells []cell, i int) bool {
	if i+1 >= len(cells) {
		return false
	}
	return cells[i].r == 'q' && cells[i+1].r == 'u' || cells[i].r == 's' && (cells[i+1].r == ' ' || cells[i+1].r == '\n')
}

func isLetter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xC0 && r < 0x250 && r != 0xD7 && r != 0xF7
}

// lostThird reads two of three bytes: of the marks of U+2000 to U+203F the one whose
// third byte the charset leaves undefined, which in most is ” alone.
func (m *misreading) lostThird(cells []cell, i int, b [4]byte, try func(rune, int, float32, loss)) {
	if b[0] == 0xE2 && b[1] == 0xAC {
		try('€', 2, lostByte-2, guessed) // the second byte is gone: a control in Latin-1
		return
	}
	if b[0] != 0xE2 || b[1] != 0x80 {
		m.dropped(b[:2], 2, try)
		return
	}
	if i+2 < len(cells) {
		// A quotation mark straightened: ” “ ’ ‘ stood for the third byte of a dash.
		switch cells[i+2].r {
		case '"':
			try('—', 3, lostByte-1, guessed)
		case '\'':
			try('’', 3, lostByte+3, guessed)
		}
	}
	if undefined(m.as, 0x9D) {
		try('”', 2, lostByte-2, guessed)
	}
}

// undefined reports whether a charset leaves a byte without a meaning.
func undefined(c *text.SingleByte, b byte) bool { return c.Rune(b) == rune(b) }
