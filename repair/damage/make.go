package damage

import (
	"math"
	"slices"
	"strings"

	"copydesk/repair/edit"
	"copydesk/repair/text"
)

// Gold is one repair of made damage: it counts bytes of the damaged text, and
// New is what the author wrote there. Applying all of them restores the clean
// text exactly.
type Gold struct {
	edit.Edit
	Kind    Kind
	Process Process // what did it
	Place   int     // repairs of one place (the two marks of a quotation, the two ends of a link) share a number; they ascend, but not without gaps
}

// Everywhere as a rate damages every place that can be damaged.
var Everywhere = math.Inf(1)

// Recipe says what damage to make. Rates count damaged places per 1,000 words
// of the clean text; the mean over many texts is the rate, as far as the text
// has places to damage. The zero value leaves the text alone.
type Recipe struct {
	Process [NumProcesses]float64 // rates of whole processes, spread over their kinds as in real articles
	Kind    [NumKinds]float64     // rates of single kinds, besides those of the processes

	// Recode, when not nil, replaces the ways in which WrongCharset garbles a
	// run of characters outside ASCII. It returns false to leave a run alone,
	// and must return valid UTF-8 that depends on the run alone.
	Recode func(run string) (string, bool)
}

// Of is the recipe of a single process.
func Of(p Process, rate float64) Recipe {
	var r Recipe
	r.Process[p] = rate
	return r
}

// OfKind is the recipe of a single kind.
func OfKind(k Kind, rate float64) Recipe {
	var r Recipe
	r.Kind[k] = rate
	return r
}

// Usual is the rate at which a process damages an article when it does, in
// places per 1,000 words: from 1 for what few sites do to 80 for what hits every
// link of a page, or Everywhere. It is drawn at random, for rates found in the
// wild are anything but alike.
func (p Process) Usual(r *Rand) float64 {
	lo, hi := 1.0, 30.0
	switch p {
	case LinkTrim:
		lo, hi = 3, 80
	case SpaceForced:
		lo, hi = 1, 10
	case BlockJoin:
		lo, hi = 0.7, 25
	case PunctStrip, WrongCharset:
		if r.Chance(0.6) {
			return Everywhere
		}
		lo, hi = 1, 15
	case RoundTrip:
		lo, hi = 2, 25
	case OCR:
		lo, hi = 20, 150
	case RandomSpace:
		lo, hi = 5, 120
	}
	return lo * math.Pow(hi/lo, r.Float64())
}

// Mixed draws the recipe of a damaged article: one process, sometimes two or
// three together, each at one of its usual rates.
func Mixed(r *Rand) Recipe {
	var recipe Recipe
	for n := 1 + r.pick([]float64{6, 3, 1}); n > 0; n-- {
		p := Process(r.IntN(int(NumProcesses)))
		recipe.Process[p] = p.Usual(r)
	}
	return recipe
}

// Make damages a clean text. The same text, recipe and seed give the same
// bytes on every machine. The gold ascends; its spans never overlap.
func Make(clean string, recipe Recipe, seed uint64) (damaged string, gold []Gold) {
	var m Maker
	return m.Make(text.Parse(clean), recipe, NewRand(seed))
}

// Apply damages one place of a document, or one group of places that belong
// together, chosen at random among all that allow it. It returns false when
// there is none.
func Apply(k Kind, d *text.Document, r *Rand) (damaged string, gold []Gold, ok bool) {
	var m Maker
	return m.Apply(k, d, r)
}

// Maker makes damage, keeping its buffers between calls: for those who call it
// millions of times. The zero value is ready. It belongs to one goroutine; the
// gold it returns is valid until its next call, the text for ever.
type Maker struct {
	d     *text.Document
	r     *Rand
	ops   []op
	taken []uint64 // a bit for each position between bytes: no two ops may share one
	first []uint64 // a bit for each token that starts a sentence
	gold  []Gold
	place int

	process    Process // that is at work
	stripOnly  bool    // apostrophes may go, not come
	curly      bool    // the text uses ’ for apostrophes
	curlyMarks bool    // the text uses “ for quotations
	bothEnds   bool    // a trimmed link loses the space at both ends
	recode     func(string) (string, bool)
}

// op is a change to the clean text.
type op struct {
	edit.Edit
	kind    Kind
	process Process
	place   int
}

func (m *Maker) begin(d *text.Document, r *Rand) {
	m.d, m.r = d, r
	m.ops, m.gold = m.ops[:0], m.gold[:0]
	m.place, m.stripOnly, m.recode = 0, false, nil
	m.taken = cleared(m.taken, len(d.Text)+1)
	m.first = cleared(m.first, len(d.Tokens))
	for _, s := range d.Sentences {
		if s.First < s.End {
			set(m.first, int(s.First))
		}
	}
	m.curly = strings.Contains(d.Text, "’")
	m.curlyMarks = strings.Contains(d.Text, "“")
	m.bothEnds = r.Chance(0.4)
}

func cleared(b []uint64, bits int) []uint64 {
	n := bits/64 + 1
	if cap(b) < n {
		return make([]uint64, n)
	}
	b = b[:n]
	clear(b)
	return b
}

func set(b []uint64, i int)      { b[i/64] |= 1 << (i % 64) }
func has(b []uint64, i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// Make is like the function Make, for a parsed text.
func (m *Maker) Make(d *text.Document, recipe Recipe, r *Rand) (damaged string, gold []Gold) {
	m.begin(d, r)
	m.recode = recipe.Recode
	thousands := float64(words(d)) / 1000
	for p := range NumProcesses {
		if rate := recipe.Process[p]; rate > 0 && thousands > 0 {
			m.process = p
			m.spread(p, rate, thousands)
		}
	}
	for k := range NumKinds {
		if rate := recipe.Kind[k]; rate > 0 && thousands > 0 {
			m.process = k.Process()
			m.stripOnly = false
			m.some(k, r.round(rate*thousands))
		}
	}
	return m.finish()
}

// Apply is like the function Apply.
func (m *Maker) Apply(k Kind, d *text.Document, r *Rand) (damaged string, gold []Gold, ok bool) {
	m.begin(d, r)
	m.process = k.Process()
	m.some(k, 1)
	damaged, gold = m.finish()
	return damaged, gold, len(gold) > 0
}

// words counts what a rate refers to.
func words(d *text.Document) int {
	n := 0
	for _, t := range d.Tokens {
		if t.Kind == text.Word || t.Kind == text.Number {
			n++
		}
	}
	return n
}

// spread shares the places of a process out among its kinds. What a kind finds
// no place for, the others get.
func (m *Maker) spread(p Process, rate, thousands float64) {
	mix := mixes[p]
	m.stripOnly = p == PunctStrip
	if math.IsInf(rate, 1) {
		only := -1
		if p == WrongCharset {
			// One wrong table a document, not all of them at once.
			only = m.r.pick(weightsOf(mix))
		}
		for i, s := range mix {
			if (only < 0 || i == only) && s.kind != LettersSpaced && s.kind != AllGlued {
				m.some(s.kind, math.MaxInt)
			}
		}
		return
	}
	want := m.r.round(rate * thousands)
	weights := weightsOf(mix)
	if p == WrongCharset {
		only := m.r.pick(weights)
		for i := range weights {
			if i != only {
				weights[i] = 0
			}
		}
	}
	for want > 0 {
		var sum float64
		for _, w := range weights {
			sum += w
		}
		if sum == 0 {
			return
		}
		// Shares are drawn one place at a time while few are wanted, so that a
		// short text gets each kind as often as its weight says.
		quota := make([]int, len(mix))
		if want <= 64 {
			for range want {
				quota[m.r.pick(weights)]++
			}
		} else {
			for i, w := range weights {
				quota[i] = m.r.round(float64(want) * w / sum)
			}
		}
		done := 0
		for i, s := range mix {
			if quota[i] == 0 {
				continue
			}
			n := m.some(s.kind, quota[i])
			done += n
			if n < quota[i] {
				weights[i] = 0
			}
		}
		want -= done
	}
}

func weightsOf(mix []share) []float64 {
	weights := make([]float64, len(mix))
	for i, s := range mix {
		weights[i] = s.weight
	}
	return weights
}

// some damages up to n places with a kind and says how many it did: the two
// ends of a link count twice, for a rate counts what a reader stumbles over.
func (m *Maker) some(k Kind, n int) int {
	done := 0
	at := site(k)
	for o := newOrder(len(m.d.Tokens), m.r); done < n; {
		i := o.next()
		if i < 0 {
			break
		}
		before := len(m.ops)
		if !at(m, k, i) {
			continue
		}
		if k == LinkEnds {
			done += len(m.ops) - before
		} else {
			done++
		}
	}
	return done
}

// put makes one place of damage out of changes to the clean text, all or none:
// none where one of them comes too near to damage already done. At least one
// byte stays between any two changes, so that each can be told apart in the
// damaged text.
func (m *Maker) put(k Kind, edits ...edit.Edit) bool {
	for n, e := range edits {
		for at := e.Start; at <= e.End; at++ {
			if has(m.taken, at) {
				return false
			}
		}
		if m.d.Text[e.Start:e.End] == e.New || n > 0 && edits[n-1].End >= e.Start {
			return false
		}
	}
	for _, e := range edits {
		for at := e.Start; at <= e.End; at++ {
			set(m.taken, at)
		}
		m.ops = append(m.ops, op{e, k, m.process, m.place})
	}
	m.place++
	return true
}

// finish writes the damaged text and turns the changes around.
func (m *Maker) finish() (string, []Gold) {
	if len(m.ops) == 0 {
		return m.d.Text, nil
	}
	slices.SortFunc(m.ops, func(a, b op) int { return a.Start - b.Start })
	size := len(m.d.Text)
	for _, o := range m.ops {
		size += len(o.New) - o.Len()
	}
	var out strings.Builder
	out.Grow(size)
	at := 0
	for _, o := range m.ops {
		out.WriteString(m.d.Text[at:o.Start])
		start := out.Len()
		out.WriteString(o.New)
		at = o.End
		m.gold = append(m.gold, Gold{
			Edit: edit.Edit{Span: edit.Span{Start: start, End: out.Len()}, New: m.d.Text[o.Start:o.End]},
			Kind: o.kind, Process: o.process, Place: o.place,
		})
	}
	out.WriteString(m.d.Text[at:])
	return out.String(), m.gold
}

// Restore applies the gold to the damaged text.
func Restore(damaged string, gold []Gold) string {
	var out strings.Builder
	at := 0
	for _, g := range gold {
		out.WriteString(damaged[at:g.Start])
		out.WriteString(g.New)
		at = g.End
	}
	out.WriteString(damaged[at:])
	return out.String()
}
