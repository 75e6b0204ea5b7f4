package repair

import (
	"fmt"
	"unicode"

	"copydesk/repair/edit"
)

// The harm fuse. Beyond these a document is not damaged text that was repaired
// but something else: a table, code, a list of words, another language. Of 9,800
// labelled damaged texts the worst has one edit in 7 words, one of white space in
// 9, and, beyond the floor, 9 % of its characters changed.
const (
	fuseFloor = 20   // edits that a text may always have: a short one may be damaged all over
	fuseWords = 4    // words for each edit, at the least
	fuseSpace = 1.5  // the same where only white space changes: text may have lost every other space
	fuseChars = 400  // characters, white space apart, that may always change
	fuseShare = 0.20 // of a document's characters, white space apart
	fusePage  = 0.60 // the same for what the page put around the article: galleries and cards can outweigh it
)

// harm is how much was changed in a document.
type harm struct {
	edits, spaces int // applied edits; those of white space alone are counted apart
	chars         int // characters changed, white space apart
	page          int // characters of the page's furniture that went; not among chars, nor their edits among edits
	words, size   int // of the document: words, characters other than white space
}

// measure adds up the applied changes. Those of the characters family do not
// count: bytes that prove to be UTF-8 when read again are right however many.
func measure(src string, changes []Change) harm {
	var h harm
	inWord := false
	for _, r := range src {
		space := unicode.IsSpace(r)
		if !space {
			h.size++
			if !inWord {
				h.words++
			}
		}
		inWord = !space
	}
	for i := range changes {
		c := &changes[i]
		if !c.Applied {
			continue
		}
		if edit.Family(c.Rule) == "characters" {
			continue
		}
		n := changedChars(c.Before, c.After)
		if edit.Family(c.Rule) == "boilerplate" {
			h.page += n
			continue
		}
		if n > 0 {
			h.edits++
			h.chars += n
		} else {
			h.spaces++
		}
	}
	return h
}

// changedChars counts the characters, white space apart, that one text holds
// more often than the other: what was moved does not count.
func changedChars(before, after string) int {
	count := map[rune]int{}
	for _, r := range before {
		count[r]++
	}
	for _, r := range after {
		count[r]--
	}
	gone, come := 0, 0
	for r, n := range count {
		if unicode.IsSpace(r) {
			continue
		}
		if n > 0 {
			gone += n
		} else {
			come -= n
		}
	}
	return max(gone, come)
}

// blown says why the fuse blows, or nothing.
func (h harm) blown() string {
	switch {
	case h.edits > fuseFloor && h.edits*fuseWords > h.words:
		return fmt.Sprintf("%d edits in %d words", h.edits, h.words)
	case h.spaces > fuseFloor && float64(h.spaces)*fuseSpace > float64(h.words):
		return fmt.Sprintf("%d edits of white space in %d words", h.spaces, h.words)
	case h.chars > fuseChars && float64(h.chars) > fuseShare*float64(h.size):
		return fmt.Sprintf("%d of %d characters would change", h.chars, h.size)
	case h.page > fuseChars && float64(h.page) > fusePage*float64(h.size):
		return fmt.Sprintf("%d of %d characters would go as boilerplate", h.page, h.size)
	}
	return ""
}

// hold takes every applied change back into review: the text stays as it was.
func hold(changes []Change, why string) []Change {
	for i := range changes {
		if c := &changes[i]; c.Applied {
			c.Applied, c.Tier = false, edit.Review
			c.Why = append(c.Why, "held back: "+why)
		}
	}
	return relocate(changes)
}
