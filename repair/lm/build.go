package lm

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Builder counts text and builds a model file from it. Used by one goroutine.
// The same documents in the same order give the same bytes.
type Builder struct {
	MaxPairs, MaxTriples int // how many n-grams to keep

	ids    map[Word]uint32
	types  []wordType
	stream []uint32
	doc    uint32
	lists  map[string]Flags // curated words in lower case
}

type wordType struct {
	form                       string // first seen, as written
	n, docs, last              uint32
	lower, title, upper, mixed uint32
}

// Ids of the model's own marks.
const (
	idUnk = iota
	idBegin
	idEnd
	numMarks
)

const maxIDs = 1 << 20 // three ids fit 60 bits

// NewBuilder returns an empty Builder with the shipped model's sizes.
func NewBuilder() *Builder {
	return &Builder{
		MaxPairs: 2_300_000, MaxTriples: 4_200_000,
		ids: map[Word]uint32{}, types: make([]wordType, numMarks), lists: map[string]Flags{},
	}
}

// List adds a curated word with what the list says of it.
func (b *Builder) List(word string, f Flags) { b.lists[strings.ToLower(word)] |= f }

// Document begins a new document: words are spread over documents or not.
func (b *Builder) Document() { b.doc++ }

// Sentence counts one sentence's tokens, in reading order.
func (b *Builder) Sentence(tokens []string) {
	if len(tokens) == 0 {
		return
	}
	upper, words := 0, 0
	for _, t := range tokens {
		if c := t[0]; c >= 'a' && c <= 'z' {
			words++
		} else if c >= 'A' && c <= 'Z' {
			words++
			upper++
		}
	}
	title := upper*2 > words && words > 3
	b.stream = append(b.stream, idBegin)
	start := true
	for _, t := range tokens {
		k := Key(t)
		id, ok := b.ids[k]
		if !ok {
			id = uint32(len(b.types))
			b.ids[k] = id
			b.types = append(b.types, wordType{form: strings.Clone(t)})
		}
		w := &b.types[id]
		w.n++
		if w.last != b.doc {
			w.last = b.doc
			w.docs++
		}
		letter := isLetter(t)
		if letter && !start && !title {
			switch caseOf(t) {
			case 'l':
				w.lower++
			case 't':
				w.title++
			case 'u':
				w.upper++
			default:
				w.mixed++
			}
		}
		start = start && !letter // an opening quote leaves the start open
		b.stream = append(b.stream, id)
	}
	b.stream = append(b.stream, idEnd)
}

func isLetter(t string) bool {
	for _, r := range t {
		return unicode.IsLetter(r)
	}
	return false
}

// caseOf tells lower case, Title, UPPER and miXed apart.
func caseOf(t string) byte {
	first, upper, lower := true, 0, 0
	firstUpper := false
	for _, r := range t {
		if unicode.IsUpper(r) {
			upper++
			if first {
				firstUpper = true
			}
		} else if unicode.IsLower(r) {
			lower++
		}
		first = false
	}
	switch {
	case upper == 0:
		return 'l'
	case firstUpper && upper == 1:
		return 't'
	case lower == 0:
		return 'u'
	}
	return 'm'
}

// Stats are what a build reports.
type Stats struct {
	Tokens, Types, Known  int
	Pairs, Triples, Grams int
	Bytes                 [4]int // of the tables of words, pairs, triples, spellings
}

// Build makes the model file. Progress names each step as it begins.
func (b *Builder) Build(progress func(string)) ([]byte, Stats, error) {
	if len(b.stream) < 100 {
		return nil, Stats{}, errors.New("too little text to train on: give at least a hundred words")
	}
	progress("numbering words")
	b.renumber()
	progress("counting triples")
	tri, triN := b.countTriples()
	progress("estimating")
	k := newKN(tri, triN, len(b.types))
	progress("choosing words")
	known := b.chooseKnown(k)
	progress("pruning")
	k.prune(b.MaxPairs, b.MaxTriples)
	progress("packing")
	return b.pack(k, known)
}

// renumber gives words ids by falling frequency; those seen once become unknown.
func (b *Builder) renumber() {
	order := make([]uint32, 0, len(b.types))
	for i := numMarks; i < len(b.types); i++ {
		if b.types[i].n >= 2 {
			order = append(order, uint32(i))
		}
	}
	slices.SortFunc(order, func(x, y uint32) int {
		return cmp.Or(cmp.Compare(b.types[y].n, b.types[x].n), strings.Compare(b.types[x].form, b.types[y].form))
	})
	order = order[:min(len(order), maxIDs-numMarks)]
	to := make([]uint32, len(b.types)) // idUnk for all others
	to[idBegin], to[idEnd] = idBegin, idEnd
	types := make([]wordType, numMarks, len(order)+numMarks)
	for n, o := range order {
		to[o] = uint32(n + numMarks)
		types = append(types, b.types[o])
	}
	for i, id := range b.stream {
		b.stream[i] = to[id]
	}
	b.types = types
	b.ids = make(map[Word]uint32, len(types))
	for i := numMarks; i < len(types); i++ {
		b.ids[Key(types[i].form)] = uint32(i)
	}
}

func (b *Builder) countTriples() (keys []uint64, counts []uint32) {
	keys = make([]uint64, 0, len(b.stream))
	for i := 2; i < len(b.stream); i++ {
		if b.stream[i] == idBegin || b.stream[i-1] == idBegin {
			continue
		}
		keys = append(keys, uint64(b.stream[i-2])<<40|uint64(b.stream[i-1])<<20|uint64(b.stream[i]))
	}
	// The pair that begins a sentence is kept as a triple that begins with two marks.
	for i := 1; i < len(b.stream); i++ {
		if b.stream[i-1] == idBegin {
			keys = append(keys, uint64(idBegin)<<40|uint64(idBegin)<<20|uint64(b.stream[i]))
		}
	}
	radixSort(keys)
	n := 0
	for i := 0; i < len(keys); {
		j := i
		for j < len(keys) && keys[j] == keys[i] {
			j++
		}
		keys[n] = keys[i]
		counts = append(counts, uint32(j-i))
		n++
		i = j
	}
	return keys[:n], counts
}

// radixSort sorts keys of up to 60 bits.
func radixSort(keys []uint64) {
	const bits = 12
	buf := make([]uint64, len(keys))
	for shift := 0; shift < 60; shift += bits {
		var count [1 << bits]int
		for _, k := range keys {
			count[k>>shift&(1<<bits-1)]++
		}
		at := 0
		for i, n := range count {
			count[i] = at
			at += n
		}
		for _, k := range keys {
			d := k >> shift & (1<<bits - 1)
			buf[count[d]] = k
			count[d]++
		}
		keys, buf = buf, keys
	}
	// An odd number of passes leaves the result in what was the buffer.
	copy(buf, keys)
}

// glueShare: a word is explained as two words run together when it is seen
// fewer than this share of the times its parts are seen side by side.
const glueShare = 0.004

// chooseKnown decides which words are words.
func (b *Builder) chooseKnown(k *kn) map[string]Flags {
	known := make(map[string]Flags, len(b.lists)+len(b.types))
	strong := func(w string) bool { // may be a part of glue
		id, ok := b.ids[Key(w)]
		return ok && b.types[id].n >= 400
	}
	glued := func(w string, n float64) bool {
		for i := 1; i < len(w); i++ {
			x, y := w[:i], w[i:]
			if !strong(x) || !strong(y) {
				continue
			}
			if len(x) == 1 && x != "a" && x != "i" {
				continue
			}
			if together := k.raw(b.ids[Key(x)], b.ids[Key(y)]); float64(together)*glueShare > n {
				return true
			}
		}
		return false
	}
	for w, f := range b.lists {
		if f&Misspelt != 0 && f&^Misspelt == 0 {
			continue
		}
		n := 0.0
		if id, ok := b.ids[Key(w)]; ok {
			n = float64(b.types[id].n)
		}
		if f&Dict == 0 && glued(w, n+0.5) {
			continue
		}
		known[w] = f&^Misspelt | Known
	}
	for id := numMarks; id < len(b.types); id++ {
		t := &b.types[id]
		w := strings.ToLower(strings.ReplaceAll(t.form, "’", "'"))
		var f Flags
		if t.mixed >= 5 && t.mixed*3 > t.n {
			f |= Cased
		}
		if _, ok := known[w]; ok {
			known[w] |= f
			continue
		}
		bad := b.lists[w]&Misspelt != 0 && t.n < 200
		if bad {
			known[w] = Misspelt
			continue
		}
		if !isLetter(t.form) || t.n < 4 || t.docs < 3 {
			continue
		}
		if glued(w, float64(t.n)) {
			continue
		}
		known[w] = f | Known
	}
	for w := range b.lists {
		if _, ok := known[w]; !ok && b.lists[w] == Misspelt {
			known[w] = Misspelt
		}
	}
	for _, w := range strings.Fields(functionWords) {
		known[w] |= Function | Known
	}
	return known
}

const functionWords = `a an the this that these those and or but nor so yet if because as until while of at by for with about
against between into through during before after above below to from up down in out on off over under again than
is am are was were be been being have has had having do does did can could will would shall should may might must
i me my we us our you your he him his she her it its they them their who whom whose which what when where why how
not no there here all any both each few more most other some such only own same very just also then now`

func (b *Builder) pack(k *kn, known map[string]Flags) ([]byte, Stats, error) {
	st := Stats{Tokens: len(b.stream), Types: len(b.types) - numMarks}
	// Words: all that are known, and all that the model counts.
	type entry struct {
		key   uint64
		value uint64
	}
	seen := map[uint64]bool{}
	var words []entry
	add := func(w Word, id int, f Flags) {
		if seen[uint64(w)] {
			return
		}
		seen[uint64(w)] = true
		p, back, casing := uint64(255), uint64(0), uint64(0)
		if id >= 0 {
			p = min(254, quantise(k.lnUni(uint32(id)), probStep, 255))
			back = quantise(k.lnBack1(uint32(id)), backStep, 127)
			if id >= numMarks {
				t := b.types[id]
				all := t.lower + t.title + t.upper + t.mixed
				if all > 0 {
					share := func(n uint32) uint64 { return uint64(math.Round(15 * float64(n) / float64(all))) }
					casing = share(t.lower) | share(t.title)<<4 | share(t.upper)<<8
				}
			}
		}
		words = append(words, entry{uint64(w), ((p<<7|back)<<12|casing)<<flagBits | uint64(f)})
	}
	add(beginKey, idBegin, 0)
	add(endKey, idEnd, 0)
	for id := numMarks; id < len(b.types); id++ {
		w := strings.ToLower(strings.ReplaceAll(b.types[id].form, "’", "'"))
		add(Key(w), id, known[w])
	}
	rest := make([]string, 0, len(known))
	for w := range known {
		rest = append(rest, w)
	}
	slices.Sort(rest)
	for _, w := range rest {
		if known[w]&Known != 0 {
			st.Known++
		}
		add(Key(w), -1, known[w])
	}
	tables := make([][]byte, 0, 4)
	build := func(entries []entry, value, fp uint32) error {
		keys, values := make([]uint64, len(entries)), make([]uint64, len(entries))
		for i, e := range entries {
			keys[i], values[i] = e.key, e.value
		}
		t, err := buildTable(keys, values, value, fp)
		tables = append(tables, t)
		return err
	}
	if err := build(words, wordBits, wordFP); err != nil {
		return nil, st, fmt.Errorf("packing words: %w", err)
	}
	keyOf := func(id uint32) Word {
		switch id {
		case idUnk:
			return unkKey
		case idBegin:
			return beginKey
		case idEnd:
			return endKey
		}
		return Key(b.types[id].form)
	}
	wordKeys := make([]Word, len(b.types))
	for i := range wordKeys {
		wordKeys[i] = keyOf(uint32(i))
	}
	var pairs, triples []entry
	k.keptPairs(func(x, y uint32, ln, back float64) {
		pairs = append(pairs, entry{pair(wordKeys[x], wordKeys[y]), quantise(ln, probStep, 255)<<6 | quantise(back, pairBack, 63)})
	})
	k.keptTriples(func(x, y, z uint32, ln float64) {
		triples = append(triples, entry{triple(wordKeys[x], wordKeys[y], wordKeys[z]), quantise(ln, tripleStep, 127)})
	})
	st.Pairs, st.Triples = len(pairs), len(triples)
	if err := build(pairs, pairBits, pairFP); err != nil {
		return nil, st, fmt.Errorf("packing pairs: %w", err)
	}
	if err := build(triples, tripleBits, tripleFP); err != nil {
		return nil, st, fmt.Errorf("packing triples: %w", err)
	}
	var spell []entry
	for _, g := range spellGrams(rest, known) {
		spell = append(spell, entry{gramKey([]byte(g.gram)), quantise(g.ln, spellStep, 63)})
	}
	st.Grams = len(spell)
	if err := build(spell, spellBits, spellFP); err != nil {
		return nil, st, fmt.Errorf("packing spellings: %w", err)
	}
	out := []byte(magic)
	for i, t := range tables {
		st.Bytes[i] = len(t)
		out = binary.LittleEndian.AppendUint64(out, uint64(len(t)))
		out = append(out, t...)
	}
	out = binary.LittleEndian.AppendUint64(out, 8)
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(k.lnUni(idUnk)))
	return out, st, nil
}

type spellGram struct {
	gram string
	ln   float64
}

// spellGrams estimates the speller on the known words, one vote each, by
// interpolated Witten-Bell smoothing (Chen and Goodman 1999, section 2.5).
func spellGrams(words []string, known map[string]Flags) []spellGram {
	type context struct{ total, kinds float64 }
	grams := map[string]float64{}
	contexts := map[string]context{}
	var buf []byte
	for _, w := range words {
		if known[w]&Known == 0 {
			continue
		}
		buf = spelling(w, buf[:0])
		for i := spellOrder - 1; i < len(buf); i++ {
			for n := 1; n <= spellOrder; n++ {
				g := string(buf[i-n+1 : i+1])
				c := contexts[g[:n-1]]
				if grams[g] == 0 {
					c.kinds++
				}
				c.total++
				contexts[g[:n-1]] = c
				grams[g]++
			}
		}
	}
	p := func(g string) float64 { return 0 }
	p = func(g string) float64 {
		lower := 1.0 / 40
		if len(g) > 1 {
			lower = p(g[1:])
		}
		c := contexts[g[:len(g)-1]]
		return (grams[g] + c.kinds*lower) / (c.total + c.kinds)
	}
	var out []spellGram
	for g, n := range grams {
		if len(g) >= 4 && n < 3 {
			continue
		}
		out = append(out, spellGram{g, math.Log(p(g))})
	}
	slices.SortFunc(out, func(a, b spellGram) int { return strings.Compare(a.gram, b.gram) })
	return out
}

// HeldOut reports whether a document is kept out of every model: one in
// twenty-five, by its content, so that calibration and tests can use it.
func HeldOut(doc string) bool {
	return uint64(Key(strings.TrimSpace(doc)))%25 == 0
}

// Proof reports whether a document that is kept out of the models is kept out of
// every fitting as well, also of weights that are fitted on what models have not
// counted: a third of those that are HeldOut. Thresholds are proved on it.
func Proof(doc string) bool {
	k := uint64(Key(strings.TrimSpace(doc)))
	return k%25 == 0 && k/25%3 == 0
}
