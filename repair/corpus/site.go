package corpus

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxSite = 253 // bytes of a site's name: no name of a host is longer

// Host is the host of an address, in lower case and without www.; "" for what is
// no address.
func Host(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	rest, _, _ = strings.Cut(rest, ":")
	if len(rest) > maxSite {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(rest), "www.")
}

// SiteOf names the site that a document comes from: the host of its address, the
// first folder of a path that is called like a host, or else a name such as
// "The Valley Gazette"; "" where the source is a path without a host.
func SiteOf(source string) string {
	if strings.Contains(source, "://") {
		return Host(source)
	}
	folder, _, path := strings.Cut(source, "/")
	if path {
		if hostLike(folder) {
			return strings.TrimPrefix(strings.ToLower(folder), "www.")
		}
		return ""
	}
	if len(source) > maxSite {
		return ""
	}
	return strings.ToLower(strings.Join(strings.Fields(source), " "))
}

// hostLike reports whether a folder is called like a host: letters behind its
// last dot.
func hostLike(s string) bool {
	i := strings.LastIndexByte(s, '.')
	if i <= 0 || len(s)-i < 3 || len(s) > maxSite {
		return false
	}
	for k := range len(s) {
		c := s[k] | 0x20
		letter := c >= 'a' && c <= 'z'
		if !letter && (k > i || s[k] != '-' && s[k] != '.' && (s[k] < '0' || s[k] > '9')) {
			return false
		}
	}
	return true
}

// Keys are FNV-1a hashes of 64 bits, begun with the site's own, so that two sites
// share none.
const (
	fnvBasis = 14695981039346656037
	fnvPrime = 1099511628211
)

// What a key names, so that a word and a line of the same letters differ.
const (
	aSite uint64 = iota + 1
	aLine
	aWord
	anywhere // a line, whatever its site
)

func seedOf(site string, kind uint64) uint64 {
	h := uint64(fnvBasis)
	for i := range len(site) {
		h = (h ^ uint64(site[i])) * fnvPrime
	}
	return (h ^ kind<<8) * fnvPrime
}

// lineKey hashes a line with its white space run together; n is the number of
// its words.
func lineKey(seed uint64, line string) (key uint64, n int) {
	h := seed
	gap := true
	for i := 0; i < len(line); {
		c := line[i]
		size := 1
		space := c == ' ' || c >= '\t' && c <= '\r'
		if c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(line[i:])
			space = unicode.IsSpace(r)
		}
		if space {
			gap = true
			i += size
			continue
		}
		if gap {
			h = (h ^ ' ') * fnvPrime
			gap = false
			n++
		}
		for end := i + size; i < end; i++ {
			h = (h ^ uint64(line[i])) * fnvPrime
		}
	}
	return mix(h), n
}

// addWord goes on with a hash by a word's letters in lower case: the hash of two
// words one after the other is that of the two run together.
func addWord(h uint64, word string) uint64 {
	for i := 0; i < len(word); i++ {
		c := word[i]
		if c-'A' < 26 {
			c += 'a' - 'A'
		}
		h = (h ^ uint64(c)) * fnvPrime
	}
	return h
}

// mix spreads a hash over all its bits (the last step of MurmurHash3).
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
