package main

import (
	"sort"
	"unicode/utf8"
)

// places finds lines and columns in a text. Columns count code points, both
// count from 1.
type places struct {
	text  string
	lines []int // where each line begins
}

func newPlaces(s string) *places {
	p := &places{text: s, lines: []int{0}}
	for i := range len(s) {
		if s[i] == '\n' {
			p.lines = append(p.lines, i+1)
		}
	}
	return p
}

// line is the index, from 0, of the line that holds a byte.
func (p *places) line(at int) int {
	return sort.SearchInts(p.lines, at+1) - 1
}

func (p *places) at(at int) (line, col int) {
	l := p.line(at)
	return l + 1, utf8.RuneCountInString(p.text[p.lines[l]:at]) + 1
}

// count is the number of lines; what follows the last line end is one only if
// it holds something.
func (p *places) count() int {
	n := len(p.lines)
	if p.lines[n-1] == len(p.text) {
		n--
	}
	return n
}

// end is where a line ends, its line end included.
func (p *places) end(line int) int {
	if line+1 < len(p.lines) {
		return p.lines[line+1]
	}
	return len(p.text)
}
