package rules

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed languages.txt
var languages string

// OtherWords maps a lower-case word to the languages, other than English, whose
// function words it is one of, as bits.
var OtherWords = sync.OnceValue(func() map[string]uint64 {
	out := map[string]uint64{}
	n := 0
	for _, l := range strings.Split(languages, "\n") {
		_, words, ok := strings.Cut(l, ":")
		if !ok || l[0] == '#' {
			continue
		}
		for _, w := range strings.Fields(words) {
			out[w] |= 1 << n
		}
		n++
	}
	return out
})
