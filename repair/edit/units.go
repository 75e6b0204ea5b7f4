package edit

import (
	"sort"
	"unicode/utf8"
)

// Units converts byte offsets of one text to code points and UTF-16 units, and
// back. Building it scans the text once; a look-up scans at most unitStep bytes.
// An invalid byte counts as one code point, as U+FFFD would.
type Units struct {
	text        string
	marks       [][3]int // every unitStep bytes or a little more: bytes, code points, UTF-16 units; nil for ASCII
	points, u16 int
}

const unitStep = 256

// NewUnits prepares the conversion for a text.
func NewUnits(s string) *Units {
	u := &Units{text: s, points: len(s), u16: len(s)}
	i := 0
	for i < len(s) && s[i] < utf8.RuneSelf {
		i++
	}
	if i == len(s) {
		return u
	}
	cp, u16, next := 0, 0, 0
	for at, r := range s {
		if at >= next {
			u.marks = append(u.marks, [3]int{at, cp, u16})
			next = at + unitStep
		}
		cp++
		u16++
		if r > 0xffff {
			u16++
		}
	}
	u.points, u.u16 = cp, u16
	return u
}

// Len is the length in bytes, code points and UTF-16 units.
func (u *Units) Len() [3]int { return [3]int{len(u.text), u.points, u.u16} }

// At gives the code points and UTF-16 units before a byte offset. An offset
// within a code point counts as its end.
func (u *Units) At(byteOffset int) (points, u16 int) {
	if u.marks == nil {
		return byteOffset, byteOffset
	}
	k := sort.Search(len(u.marks), func(i int) bool { return u.marks[i][0] > byteOffset }) - 1
	m := u.marks[k]
	points, u16 = m[1], m[2]
	for at, r := range u.text[m[0]:] {
		if m[0]+at >= byteOffset {
			break
		}
		points++
		u16++
		if r > 0xffff {
			u16++
		}
	}
	return points, u16
}

// Points is a byte span in code points.
func (u *Units) Points(s Span) Span {
	a, _ := u.At(s.Start)
	b, _ := u.At(s.End)
	return Span{a, b}
}

// UTF16 is a byte span in UTF-16 units.
func (u *Units) UTF16(s Span) Span {
	_, a := u.At(s.Start)
	_, b := u.At(s.End)
	return Span{a, b}
}

// FromPoints is the byte offset of a code point; one beyond the text gives its end.
func (u *Units) FromPoints(p int) int { return u.from(p, 1) }

// FromUTF16 is the byte offset of a UTF-16 unit; one within a surrogate pair
// gives the end of the pair.
func (u *Units) FromUTF16(p int) int { return u.from(p, 2) }

func (u *Units) from(p, unit int) int {
	if u.marks == nil {
		return min(max(p, 0), len(u.text))
	}
	k := max(0, sort.Search(len(u.marks), func(i int) bool { return u.marks[i][unit] > p })-1)
	m := u.marks[k]
	n := m[unit]
	for at, r := range u.text[m[0]:] {
		if n >= p {
			return m[0] + at
		}
		n++
		if unit == 2 && r > 0xffff {
			n++
		}
	}
	return len(u.text)
}
