package corpus

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"copydesk/repair/edit"
	"copydesk/repair/text"
)

// What is worth being counted and recorded.
const (
	maxLine  = 600 // bytes: the longest notices of copyright have 500
	minWords = 2   // words of a line

	minSiteDocs = 20 // documents of a site, below which nothing is known of it
	minLineDocs = 8  // documents that a line stands in; follow-ups repeat a paragraph that often at times
	minWordDocs = 2  // documents that write a word one way

	minWordLen, maxWordLen = 4, 64 // bytes of an unknown word
)

// The bounds of the second look, in bytes; twice as much is held at times. With
// the sketches it stays below 250 MB whatever the archive.
const (
	siteBytes, siteCost = 8 << 20, 192
	lineBytes, lineCost = 32 << 20, 352
	wordBytes, wordCost = 32 << 20, 160
)

// topics is how many kinds of documents are told apart, by the name that they say
// most: a paragraph of background stands in documents about the same people, a
// page's own line in documents about anything.
const topics = 16

type topicCounts [topics]uint32

// most is how many documents the commonest topic has.
func (t *topicCounts) most() int { return int(slices.Max(t[:])) }

type siteCount struct {
	docs   uint32
	topics topicCounts
}

type lineCount struct {
	site   string
	docs   uint32
	edge   uint32
	topics topicCounts
	bodies topicCounts
}

type wordCount struct {
	site     string
	one, two uint32
}

// Collector collects evidence from an archive. Show it every document, then call
// Again and show it every document once more, in any order. Both looks are for
// many goroutines.
type Collector struct {
	counts sketch
	words  set
	second bool

	mu    sync.Mutex
	docs  int
	sites *table[siteCount]
	lines *table[lineCount]
	parts *table[wordCount]
}

// NewCollector begins the first look. It takes 80 MB.
func NewCollector() *Collector { return &Collector{counts: newSketch(), words: newSet()} }

// Again begins the second look.
func (c *Collector) Again() {
	c.second = true
	c.sites = newTable[siteCount](siteBytes, siteCost)
	c.lines = newTable[lineCount](lineBytes, lineCost)
	c.parts = newTable[wordCount](wordBytes, wordCost)
}

// Add shows a document. unknown are the indices of its tokens that no lexicon
// knows, ascending. A document without a site shows nothing.
func (c *Collector) Add(site string, d *text.Document, unknown []int32) {
	if site == "" || len(site) > maxSite {
		return
	}
	v := view{site: site, d: d, siteKey: mix(seedOf(site, aSite))}
	v.findLines()
	v.findUnknown(unknown)
	if c.second {
		c.recount(&v)
		return
	}
	c.counts.add(v.siteKey)
	for _, l := range v.lines {
		c.counts.add(l.key)
		c.counts.add(l.any)
	}
	for _, w := range v.words {
		c.counts.add(w.key)
		c.words.add(w.key)
	}
}

// view is what one document shows.
type view struct {
	site    string
	siteKey uint64
	d       *text.Document
	lines   []seenLine
	words   []seenWord // unknown, each once
}

type seenLine struct {
	key, any uint64
	unit     Unit
}

type seenWord struct {
	key  uint64
	text string // as one
}

// once sorts what a document shows by key and drops what it shows twice.
func once[T any](list []T, key func(T) uint64) []T {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	return slices.CompactFunc(list, func(a, b T) bool { return key(a) == key(b) })
}

// Unit is what may be the page's in a document: a whole block, or a sentence at
// the begin of the first or the end of the last.
type Unit struct {
	edit.Span
	Place    int // -1 before the article, 1 behind it, 0 within
	Sentence bool
	Heading  bool // a short block without a sentence's end
}

const endSentences = 4 // at each end that are looked at: texts without line ends keep their page there

// Units lists what may be the page's.
func Units(d *text.Document) []Unit {
	var out []Unit
	first, last := d.Body()
	for k, b := range d.Blocks {
		if b.Kind == text.Code {
			continue
		}
		u := Unit{Span: b.Span, Heading: b.Kind == text.Heading}
		switch {
		case k > last && (k >= first || 2*k >= len(d.Blocks)): // of a few short blocks the second half
			u.Place = 1
		case k < first:
			u.Place = -1
		}
		out = append(out, u)
		// Of a block that is both the first and the last, no more than half is head.
		head := b.First
		if k == 0 {
			head = min(b.First+endSentences, (b.First+b.Next)/2)
			out = appendSentences(out, d, b.First, head, -1)
		}
		if k == len(d.Blocks)-1 {
			out = appendSentences(out, d, max(b.Next-endSentences, head, b.First+1), b.Next, 1)
		}
	}
	return out
}

func appendSentences(out []Unit, d *text.Document, from, to int32, place int) []Unit {
	for _, s := range d.Sentences[from:to] {
		span := edit.Span{Start: int(d.Tokens[s.First].Start), End: int(d.Tokens[s.End-1].End)}
		out = append(out, Unit{Span: span, Place: place, Sentence: true})
	}
	return out
}

// findLines lists the document's units that may be lines of the page.
func (v *view) findLines() {
	seed, any := seedOf(v.site, aLine), seedOf("", anywhere)
	for _, u := range Units(v.d) {
		if u.Len() > maxLine {
			continue
		}
		s := v.d.Text[u.Start:u.End]
		key, n := lineKey(seed, s)
		if n < minWords {
			continue
		}
		other, _ := lineKey(any, s)
		v.lines = append(v.lines, seenLine{key, other, u})
	}
	v.lines = once(v.lines, func(l seenLine) uint64 { return l.key })
}

// findUnknown lists the document's unknown words.
func (v *view) findUnknown(unknown []int32) {
	seed := seedOf(v.site, aWord)
	for _, i := range unknown {
		t := &v.d.Tokens[i]
		if n := t.End - t.Start; t.Kind != text.Word || n < minWordLen || n > maxWordLen {
			continue
		}
		w := v.d.Str(int(i))
		v.words = append(v.words, seenWord{mix(addWord(seed, w)), w})
	}
	v.words = once(v.words, func(w seenWord) uint64 { return w.key })
}

// joins lists the pairs and triples of adjoining words that an unknown word of
// the site may be, run together.
func (v *view) joins(unknown set) []seenWord {
	var out []seenWord
	seed := seedOf(v.site, aWord)
	toks := v.d.Tokens
	for i := range toks {
		if toks[i].Kind != text.Word {
			continue
		}
		h := addWord(seed, v.d.Str(i))
		for k := i + 1; k < len(toks) && k <= i+2; k++ {
			if toks[k].Kind != text.Word || toks[k].Gap != text.GapSpace || toks[k].End-toks[i].Start > maxWordLen {
				break
			}
			h = addWord(h, v.d.Str(k))
			if key := mix(h); unknown.has(key) {
				out = append(out, seenWord{key, v.d.Text[toks[i].Start:toks[k].End]})
			}
		}
	}
	return once(out, func(w seenWord) uint64 { return w.key })
}

// topic is the kind of document, by the capitalised word that it says most where
// no sentence begins; of several that of the lowest hash. Words of the line at
// hand count as well: they are in all documents that hold it, and in one topic
// more than in others only where nothing else is said there.
func (v *view) topic() int {
	counts := map[uint64]int{}
	best, most := uint64(0), 0
	for i := 1; i < len(v.d.Tokens); i++ {
		t, before := &v.d.Tokens[i], &v.d.Tokens[i-1]
		if t.Kind != text.Word || t.Shape&text.InitialUpper == 0 || t.Gap != text.GapSpace || before.Kind != text.Word || t.End-t.Start < 4 {
			continue
		}
		h := mix(addWord(fnvBasis, v.d.Str(i)))
		counts[h]++
		if n := counts[h]; n > most || n == most && h < best {
			best, most = h, n
		}
	}
	return int(best % topics)
}

// body tells documents apart by their longest block: copies of one article, which
// crawls are full of, share it.
func (v *view) body() int {
	longest := -1
	for k, b := range v.d.Blocks {
		if longest < 0 || b.Len() > v.d.Blocks[longest].Len() {
			longest = k
		}
	}
	if longest < 0 {
		return 0
	}
	b := v.d.Blocks[longest]
	key, _ := lineKey(fnvBasis, v.d.Text[b.Start:b.End])
	return int(key % topics)
}

// recount is the second look at a document.
func (c *Collector) recount(v *view) {
	topic, body := v.topic(), v.body()
	pairs := v.joins(c.words)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.docs++
	if n := c.counts.count(v.siteKey); n >= minSiteDocs {
		if s := c.sites.at(v.siteKey, n, func() string { return strings.Clone(v.site) }); s != nil {
			s.docs++
			s.topics[topic]++
		}
	} else {
		return
	}
	for _, l := range v.lines {
		n := c.counts.count(l.key)
		if n < minLineDocs {
			continue
		}
		e := c.lines.at(l.key, n, func() string { return strings.Join(strings.Fields(v.d.Text[l.unit.Start:l.unit.End]), " ") })
		if e == nil {
			continue
		}
		if e.docs == 0 {
			e.site = strings.Clone(v.site)
		}
		e.docs++
		e.topics[topic]++
		e.bodies[body]++
		if l.unit.Place != 0 {
			e.edge++
		}
	}
	word := func(w seenWord) *wordCount {
		e := c.parts.at(w.key, c.counts.count(w.key), func() string { return joined(w.text) })
		if e != nil && e.one == 0 && e.two == 0 {
			e.site = strings.Clone(v.site)
		}
		return e
	}
	for _, w := range v.words {
		if e := word(w); e != nil {
			e.one++
		}
	}
	for _, w := range pairs {
		if e := word(w); e != nil {
			e.two++
		}
	}
}

// joined is words run together, in lower case: what their key was made of.
func joined(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.Join(strings.Fields(s), ""))
}

// Evidence is what both looks showed.
func (c *Collector) Evidence() *Evidence {
	c.sites.prune()
	c.lines.prune()
	c.parts.prune()
	e := &Evidence{Docs: c.docs}
	sites := map[string]*Site{}
	for _, s := range c.sites.entries {
		if s.val.docs >= minSiteDocs {
			sites[s.text] = &Site{Name: s.text, Docs: int(s.val.docs), Topic: s.val.topics.most()}
		}
	}
	any := seedOf("", anywhere)
	for _, l := range c.lines.entries {
		s := sites[l.val.site]
		if s == nil || l.val.docs < minLineDocs {
			continue
		}
		key, _ := lineKey(any, l.text)
		s.Lines = append(s.Lines, Line{
			Docs: int(l.val.docs), Edge: int(l.val.edge), Topic: l.val.topics.most(), Copies: l.val.bodies.most(), Text: l.text,
			Elsewhere: max(0, int(c.counts.count(key))-int(l.val.docs)),
		})
	}
	for _, w := range c.parts.entries {
		s := sites[w.val.site]
		if s == nil || w.val.one == 0 || w.val.one < minWordDocs && w.val.two < minWordDocs {
			continue
		}
		s.Words = append(s.Words, Word{One: int(w.val.one), Two: int(w.val.two), Text: w.text})
	}
	for _, s := range sites {
		slices.SortFunc(s.Lines, func(a, b Line) int { return cmp.Or(cmp.Compare(b.Docs, a.Docs), strings.Compare(a.Text, b.Text)) })
		slices.SortFunc(s.Words, func(a, b Word) int { return strings.Compare(a.Text, b.Text) })
		e.Sites = append(e.Sites, *s)
	}
	slices.SortFunc(e.Sites, func(a, b Site) int { return strings.Compare(a.Name, b.Name) })
	return e
}
