package lm

import (
	"errors"
	"fmt"
	"strings"
)

// Classes puts frequent words into classes of words that stand between the same
// neighbours: months, verbs of saying, surnames. They say of words that the
// counts hardly know together how well they fit. Safe for many goroutines.
type Classes struct{ words table }

const (
	classesMagic = "copydesk classes 1\n"
	classBits    = 8
	classFP      = 10 // a word that has no class is given one in one case of a thousand
)

// OpenClasses reads classes in place: the string must stay as it is.
func OpenClasses(data string) (*Classes, error) {
	rest, ok := strings.CutPrefix(data, classesMagic)
	if !ok {
		return nil, errors.New("no word classes, or of another version: build them anew with copydesk train classes")
	}
	t, err := openTable(rest)
	if err != nil {
		return nil, err
	}
	if t.width != classBits+classFP {
		return nil, fmt.Errorf("the word classes have slots of %d bits, not %d: build them anew with copydesk train classes", t.width, classBits+classFP)
	}
	return &Classes{t}, nil
}

// Of is the class of a word, 0 for a word that has none.
func (c *Classes) Of(w Word) uint8 {
	if c == nil {
		return 0
	}
	v, ok := c.words.get(uint64(w))
	if !ok {
		return 0
	}
	return uint8(v)
}
