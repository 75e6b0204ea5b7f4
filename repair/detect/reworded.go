package detect

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

// A translation there and back does not only move blocks: it puts an article
// before a noun that had none, drops one, and takes one small word for another.
// Such a change is tried at the edges of the blocks of the likeliest moves.

// swap is a small word of a moved block that reads otherwise.
type swap struct {
	tok  int32
	with string // empty: left out; may be two words
}

// Limits and costs of changed words.
const (
	rewordedMoves = 2    // moves that are tried with changed words
	rewordedShown = 3    // of the results, how many are offered
	rewordedModel = 0.5  // of the language model's nats
	mostReworded  = 8.0  // nats that it may say for changes
	dropCost      = 3.0  // nats: how rarely an article was put in
	articleCost   = 3.5  // how rarely one was lost
	smallWordCost = 4.0  // how rarely a small word was taken for another
	genitiveCost  = 2.5  // how rarely a genitive was
	entityNats    = 3.0  // for a name that a change completes
	rewordedFloor = -2.0 // nats against the move alone below which a change is not offered
)

// translated holds what small words may have been before a translation.
var translated = sync.OnceValue(func() map[string][]string {
	m := map[string][]string{}
	for line := range strings.Lines(rules.TranslatedWords()) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		seen, before, _ := strings.Cut(line, ":")
		m[seen] = strings.Fields(before)
	}
	return m
})

// entities holds the names of several words that a small one joins.
var entities = sync.OnceValue(func() map[uint64]bool {
	m := map[uint64]bool{}
	for name := range strings.Lines(rules.Entities()) {
		var h uint64
		for w := range strings.FieldsSeq(name) {
			h = joinKey(h, lm.Key(w))
		}
		m[h] = true
	}
	return m
})

// entityWords holds the first and last words of those names.
var entityWords = sync.OnceValue(func() map[lm.Word]bool {
	m := map[lm.Word]bool{}
	for name := range strings.Lines(rules.Entities()) {
		words := strings.Fields(name)
		if len(words) > 0 {
			m[lm.Key(words[0])], m[lm.Key(words[len(words)-1])] = true, true
		}
	}
	return m
})

func joinKey(h uint64, w lm.Word) uint64 { return (h ^ uint64(w)) * 0x9FB21C651E98DF25 }

// listedName reports whether words are such a name.
func listedName(words []lm.Word) bool {
	var h uint64
	for _, w := range words {
		h = joinKey(h, w)
	}
	return entities()[h]
}

// namesIn counts the listed names among consecutive words.
func namesIn(words []lm.Word) int {
	const shortest, longest = 3, 6
	n := 0
	for i := range words {
		var h uint64
		for k := i; k < min(len(words), i+longest); k++ {
			if h = joinKey(h, words[k]); k-i+1 >= shortest && entities()[h] {
				n++
			}
		}
	}
	return n
}

// reads lists the words of an arrangement from three before its first block to
// three behind its last, in their new order and with its changes.
func (a *arranger) reads(g *arrangement, dst []lm.Word) []lm.Word {
	const around = 3
	add := func(lo, hi int32) {
		for i := max(lo, 0); i < min(hi, int32(len(a.p.Keys))); i++ {
			if k := slices.IndexFunc(g.swaps, func(s swap) bool { return s.tok == i }); k >= 0 {
				for w := range strings.FieldsSeq(g.swaps[k].with) {
					dst = append(dst, lm.Key(w))
				}
				continue
			}
			dst = append(dst, a.key(int(i)))
		}
	}
	add(g.x0-around, g.x0)
	add(g.y0, g.y1)
	add(g.x0, g.x1)
	add(g.rest, g.rest+around)
	return dst
}

// ln scores words, knowing nothing of what came before.
func (a *arranger) ln(words []lm.Word) (sum float64) {
	st := a.p.LM.Free()
	for _, w := range words {
		var ln float64
		ln, st = a.p.LM.Score(st, w)
		sum += ln
	}
	return sum
}

// reworded lists the moves of a sorted list with changed words.
func (a *arranger) reworded(list []arrangement) []arrangement {
	var out []arrangement
	tried := 0
	var buf []lm.Word
	for i := range list {
		g := &list[i]
		if g.shape == stopOut || g.nats < list[0].nats-shownNats {
			continue
		}
		if tried++; tried > rewordedMoves {
			break
		}
		buf = a.reads(g, buf[:0])
		base, names := a.ln(buf), namesIn(buf)
		try := func(swaps []swap, cost float64) (arrangement, bool) {
			h := *g
			h.swaps = swaps
			buf = a.reads(&h, buf[:0])
			h.nats += min(mostReworded, rewordedModel*(a.ln(buf)-base)) - cost + entityNats*float64(namesIn(buf)-names)
			return h, h.nats-g.nats > rewordedFloor
		}
		var single []arrangement
		for _, c := range a.changes(g) {
			if h, ok := try([]swap{c.swap}, c.cost); ok {
				h.cost = c.cost
				single = append(single, h)
			}
		}
		likeliest(single)
		single = single[:min(len(single), 2*rewordedShown)]
		out = append(out, single...)
		for k, x := range single {
			for _, y := range single[k+1:] {
				s, t := x.swaps[0], y.swaps[0]
				if !together(s, t) {
					continue
				}
				if h, ok := try([]swap{s, t}, x.cost+y.cost); ok {
					out = append(out, h)
				}
			}
		}
	}
	for i := range list {
		if h, ok := a.genitive(&list[i]); ok {
			out = append(out, h)
		}
	}
	likeliest(out)
	return out[:min(len(out), rewordedShown)]
}

// together reports whether two words may change at once: not one word twice, and not
// two articles in a row, which dropped may leave a block empty.
func together(s, t swap) bool {
	if s.with == "" && t.with == "" {
		return s.tok-t.tok > 1 || t.tok-s.tok > 1
	}
	return s.tok != t.tok
}

// genitive is the plain removal of a stop behind a preposition, with a genitive for
// both: "the U.S. in. growing protection" for "the U.S.'s growing protection".
func (a *arranger) genitive(g *arrangement) (arrangement, bool) {
	d := a.p.Doc
	i := int(g.x0) - 1
	if !g.onlyStop() || i < 2 || int(g.rest) >= len(d.Tokens) || d.Tokens[i-1].Kind != text.Word || d.Tokens[i].Gap != text.GapSpace || a.p.startsSentence(i) || a.p.startsSentence(i-1) ||
		!genitiveFor(d.Str(i)) || a.p.Info[i-1].Flags&lm.Function != 0 || d.Tokens[g.rest].Shape&text.InitialUpper != 0 {
		return arrangement{}, false
	}
	h := *g
	base := a.ln(a.reads(g, nil))
	h.swaps = []swap{{int32(i), "'s"}}
	h.nats += min(mostReworded, rewordedModel*(a.ln(a.reads(&h, nil))-base)) - genitiveCost
	return h, h.nats-g.nats > rewordedFloor
}

// genitiveFor reports whether a preposition says what a genitive does.
func genitiveFor(w string) bool {
	switch w {
	case "of", "in", "by", "for", "from", "at", "to":
		return true
	}
	return false
}

// likeliest sorts arrangements by their nats, the likeliest first.
func likeliest(list []arrangement) {
	slices.SortStableFunc(list, func(x, y arrangement) int { return cmp.Compare(y.nats, x.nats) })
}

// wordChange is a swap and what it costs.
type wordChange struct {
	swap
	cost float64
}

// changes lists the changed words that are worth a try at the edges of a move's
// blocks.
func (a *arranger) changes(g *arrangement) []wordChange {
	var out []wordChange
	d := a.p.Doc
	seen := [...]int32{g.y0, g.y0 + 1, g.y1 - 1, g.x0, g.x0 + 1, g.x1 - 1}
	for k, i := range seen {
		inY, inX := i >= g.y0 && i < g.y1, i >= g.x0 && i < g.x1
		if !inY && !inX || slices.Contains(seen[:k], i) {
			continue
		}
		t, w := d.Tokens[i], d.Str(int(i))
		if t.Kind != text.Word || t.Shape&text.InitialUpper != 0 {
			continue
		}
		alone := inY && g.y1-g.y0 == 1 || inX && g.x1-g.x0 == 1
		if (w == "the" || w == "a" || w == "an") && !alone {
			out = append(out, wordChange{swap{i, ""}, dropCost})
		}
		for _, o := range translated()[w] {
			out = append(out, wordChange{swap{i, o}, smallWordCost})
		}
		last := i == g.y1-1 || i == g.x1-1
		if !last && takesArticle(w) && a.p.Info[i+1].Flags&lm.Function == 0 && d.Tokens[i+1].Kind == text.Word {
			out = append(out, wordChange{swap{i, w + " the"}, articleCost})
		}
	}
	return out
}

func takesArticle(w string) bool {
	switch w {
	case "of", "in", "on", "at", "to", "for", "with", "by", "from", "about", "after", "before", "during", "under", "over", "into", "through", "against":
		return true
	}
	return false
}

// swapped is the text of tokens lo to hi-1 with an arrangement's changes.
func (a *arranger) swapped(g *arrangement, lo, hi int32) string {
	d := a.p.Doc
	at, end := int(d.Tokens[lo].Start), int(d.Tokens[hi-1].End)
	var b strings.Builder
	for _, e := range a.swapEdits(g, lo, hi) {
		b.WriteString(d.Text[at:e.Start])
		b.WriteString(e.New)
		at = e.End
	}
	b.WriteString(d.Text[at:end])
	return b.String()
}

// swapEdits writes an arrangement's changes within tokens lo to hi-1 as edits.
func (a *arranger) swapEdits(g *arrangement, lo, hi int32) []edit.Edit {
	d := a.p.Doc
	var out []edit.Edit
	for _, s := range g.swaps {
		if s.tok < lo || s.tok >= hi {
			continue
		}
		e := edit.Edit{Span: d.Tokens[s.tok].Span(), New: s.with}
		switch {
		case s.with != "":
		case s.tok+1 < hi:
			e.End = int(d.Tokens[s.tok+1].Start)
		case s.tok > lo:
			e.Start = int(d.Tokens[s.tok-1].End)
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(x, y edit.Edit) int { return cmp.Compare(x.Start, y.Start) })
	return out
}
