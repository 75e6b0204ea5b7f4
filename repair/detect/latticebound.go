package detect

import (
	"math"
	"slices"

	"copydesk/repair/lm"
	"copydesk/repair/text"
)

// A way is a word that the lattice may read from a position on. What it is worth
// after a state is asked only where it can matter: most ways lead, however well they
// began, to readings far behind the best one (Hart, Nilsson and Raphael 1968, "A
// formal basis for the heuristic determination of minimum cost paths").
type way struct {
	to    int32   // where it ends
	token int32   // the token of the text that it is, -1 for none
	arc   int32   // its arc, -1 where it is not made yet, -2 where there is none
	kind  wayKind // what is known of it
	spelt float64 // of a spelledWay, once it is told: what its spelling costs, else NaN
	top   float64 // more than it is worth after nearly any state, in nats
	mean  float64 // what it is worth after most
}

type wayKind uint8

const (
	knownWay   wayKind = iota // a token, a word that training text held, or one with marks or digits in it
	spelledWay                // a word that training text did not hold, to be told by its spelling
)

// What a way is granted beyond what is known of it when it stands alone, in nats.
const (
	likelyGain = 6.0  // what the words before a word make it likelier by, at most: one in a hundred gains more
	usualGain  = 2.0  // and mostly
	topFloor   = -2.5 // ln cacheShare: no word of the document's own is worth more as such
	letterCost = 1.0  // what each letter of a strange word costs at least: words of everyday syllables cost 1.5
)

// layout is what a lattice holds of a region that stays the same however often the
// region is judged, at whatever rates.
type layout struct {
	upTo   int          // the region's last token
	cuts   []bool       // where its words may begin
	tokens []givenToken // the text as it stands
	ways   []way        // by position, ascending
	from   []int32      // by position: its first way
	edge   []bool       // by position: edgeLike
	raw    []float64    // before each byte that may change: the ln odds by the spacing model that it is wrong, unasked where it was not asked
	arcs   []arc        // made for ways

	// What the last weighing went through.
	states []node
	heads  []int32 // by position: the newest state that ends there, -1 for none
	edges  []edge
}

// regionKey tells a region by its first token, and how it is looked at.
type regionKey struct {
	first   int
	closely bool
}

// maxLayouts is how many layouts are kept, of some 8 kB each.
const maxLayouts = 256

// recall brings back the layout of the region, or makes room for it. It reports
// whether the region is laid out already.
func (l *lattice) recall() bool {
	l.putBack()
	key := regionKey{l.first, l.closely}
	slot, known := l.keptAt[key]
	if !known {
		slot = len(l.keptAt)
		if slot >= maxLayouts {
			slot = -1
		} else {
			if l.keptAt == nil {
				l.keptAt = map[regionKey]int{}
			}
			l.keptAt[key] = slot
			if slot == len(l.kept) {
				l.kept = append(l.kept, layout{})
			}
		}
	}
	if l.slot = slot; slot >= 0 {
		l.kept[slot], l.layout = l.layout, l.kept[slot]
	}
	// Another look at the document may cut its regions otherwise.
	known = known && l.upTo == l.last && slices.Equal(l.cuts, l.cut)
	if !known {
		l.upTo, l.cuts = l.last, append(l.cuts[:0], l.cut...)
		l.tokens, l.ways, l.from, l.arcs, l.edge, l.edges = l.tokens[:0], l.ways[:0], l.from[:0], l.arcs[:0], l.edge[:0], l.edges[:0]
	}
	return known
}

// putBack puts the layout at hand back where it is kept.
func (l *lattice) putBack() {
	if k := l.slot; k >= 0 && k < len(l.kept) {
		l.kept[k], l.layout = l.layout, l.kept[k]
	}
	l.slot = -1
}

// weighSlips weighs the tokens anew that may be slips of the fingers.
func (l *lattice) weighSlips() {
	for i := range l.ways {
		if w := &l.ways[i]; w.token >= 0 {
			if t := &l.tokens[w.token]; t.letters > 0 {
				w.top, w.mean = l.top(&t.arc, likelyGain), l.top(&t.arc, usualGain)
			}
		}
	}
}

// lay lists the ways from each position, those of the text as it stands among them.
func (l *lattice) lay() {
	n := len(l.str)
	for k := range n + 1 {
		l.edge = append(l.edge, l.edgeLike(k))
	}
	for a := range n {
		l.from = append(l.from, int32(len(l.ways)))
		if a > 0 && !l.cut[a] {
			continue
		}
		prefix, fold, plain := lm.NewPrefix(), text.NewFold(), true
		for b := a + 1; b <= n; b++ {
			if plain = plain && plainLetter(l.str[b-1]); plain {
				prefix.Grow(l.str[b-1])
				fold.Grow(l.str[b-1])
			}
			if b < n && !l.cut[b] {
				continue
			}
			if b-a > maxArc && l.spSum[b-1] > l.spSum[a] {
				break
			}
			if b-a > maxArc && !(l.whole[a] && (b == n || l.whole[b])) {
				continue
			}
			if l.whole[a] && (b == n || l.whole[b]) && l.tokenAt[b-1] == l.tokenAt[a] {
				if t := &l.tokens[l.tokenAt[a]]; t.ok {
					l.ways = append(l.ways, way{to: int32(b), token: l.tokenAt[a], top: l.top(&t.arc, likelyGain), mean: l.top(&t.arc, usualGain)})
				}
				continue
			}
			if plain {
				l.layPlain(a, b, prefix.Key(), fold)
			} else {
				l.layOther(a, b)
			}
		}
	}
	l.from = append(l.from, int32(len(l.ways)))
}

// layPlain adds the way for the letters a to b, which no token of the text is alone,
// unless word would have none of it.
func (l *lattice) layPlain(a, b int, key lm.Word, fold text.Fold) {
	p := l.p
	w := way{to: int32(b), token: -1, arc: -1, spelt: math.NaN()}
	if b-a < 2 {
		if c := l.str[a]; c != 'a' && c != 'I' && c != 'A' {
			return
		}
	}
	edge := l.edge[a] || l.edge[b]
	strange := p.LM.Unseen() + listed - letterCost*float64(b-a)
	if p.LM.Seen(key) {
		info := p.Lex.LookupKey(key)
		known := info.Flags&lm.Known != 0
		if !known && info.LnProb > gluedProb {
			info.LnProb = 0
		}
		if (!known || info.LnProb == 0) && (!edge || b-a < 3 && !known) {
			return
		}
		if info.LnProb != 0 {
			w.top = min(0, float64(info.LnProb)+likelyGain)
			w.mean = min(0, float64(info.LnProb)+usualGain)
		} else {
			w.top, w.mean = strange, strange
		}
		if known && b-a == 2 && info.LnProb != 0 && info.LnProb < -10.5 && info.Flags&lm.Function == 0 && p.Vocab().CountFold(fold) == 0 {
			return
		}
	} else {
		if !edge {
			return
		}
		w.kind, w.top, w.mean = spelledWay, strange, strange
	}
	if w.top < topFloor {
		if c := p.Vocab().CountFold(fold); c > 0 {
			w.top = max(w.top, l.floor(c))
		}
	}
	l.ways = append(l.ways, w)
}

// layOther is layPlain for a word with marks, digits or letters beyond ASCII.
func (l *lattice) layOther(a, b int) {
	s := l.text[a:b]
	if base := s[:len(s)-cliticLen(s)]; base != "" && !numeric(base) && !ordinal(base) && !l.p.LM.Seen(lm.Key(base)) {
		if l.edge[a] || l.edge[b] {
			top := l.p.LM.Unseen() + listed - letterCost*float64(len(base))
			l.ways = append(l.ways, way{to: int32(b), token: -1, arc: -1, top: max(top, l.floorOf(base)), mean: top})
		}
		return
	}
	if x, ok := l.word(a, b); ok {
		l.ways = append(l.ways, way{to: int32(b), token: -1, arc: int32(len(l.arcs)), top: l.top(&x, likelyGain), mean: l.top(&x, usualGain)})
		l.arcs = append(l.arcs, x)
	}
}

// floorOf is floor for a word, -Inf where the document does not hold it.
func (l *lattice) floorOf(w string) float64 {
	if c := l.p.Vocab().Count(w); c > 0 {
		return l.floor(c)
	}
	return math.Inf(-1)
}

// floor is what a word is worth at least that the document holds so often.
func (l *lattice) floor(count int) float64 {
	return math.Log(cacheShare * float64(count) / float64(len(l.p.Doc.Tokens)))
}

// top is what an arc is worth after a state that makes its word likelier by gain.
func (l *lattice) top(x *arc, gain float64) float64 {
	alone := func(w lm.Word) float64 {
		if ln := l.p.Lex.LookupKey(w).LnProb; ln != 0 {
			return min(0, float64(ln)+gain)
		}
		return min(0, l.p.LM.Unseen()+gain)
	}
	ln := x.own
	if x.key == 1 {
		ln += l.p.LM.Unseen()
	} else {
		ln += alone(x.key)
	}
	for _, alt := range x.alts {
		if alt == 0 {
			break
		}
		ln = max(ln, x.slip+alone(alt))
	}
	return max(ln, x.floor)
}

// arcOf makes the arc of a way from a on, nil where there is none.
func (l *lattice) arcOf(a int, w *way) *arc {
	switch {
	case w.token >= 0:
		return &l.tokens[w.token].arc
	case w.arc == -1:
		x, ok := l.spell(a, int(w.to), w)
		if !ok {
			w.arc = -2
			return nil
		}
		w.arc = int32(len(l.arcs))
		l.arcs = append(l.arcs, x)
	case w.arc == -2:
		return nil
	}
	return &l.arcs[w.arc]
}

// spell makes the arc of a way.
func (l *lattice) spell(a, b int, w *way) (arc, bool) {
	if w.kind == spelledWay {
		return l.wordSpelled(a, b, w.spelt)
	}
	return l.word(a, b)
}

// changed is what the gaps cost that a way from a to b changes, in nats, where those
// that come in are worth odds.
func (l *lattice) changed(a, b int, r rates, odds float64) float64 {
	change := 0.0
	if a > 0 && !l.space[a] {
		change = r.lost + odds
	}
	return change + float64(l.spSum[b-1]-l.spSum[a])*r.added + l.join[b-1] - l.join[a]
}

// aim looks ahead: hope[k] is more than what follows position k is worth by nearly any
// reading. It returns the weight of the best reading at hand: the text as it stands,
// or what looks best without the words' context, and says whether that is better.
func (l *lattice) aim(start lm.State, r rates) float64 {
	n := len(l.str)
	l.hope, l.plan, l.onward = append(l.hope[:0], make([]float64, n+1)...), append(l.plan[:0], make([]float64, n+1)...), append(l.onward[:0], make([]int32, n+1)...)
	l.hope[n] = l.hopeAfter()
	for a := n - 1; a >= 0; a-- {
		hope, plan, onward := math.Inf(-1), math.Inf(-1), int32(-1)
		most, odds := 0.0, 0.0 // the second where nobody knows
		if l.from[a] < l.from[a+1] {
			if most = l.oddsNear(a); !math.IsNaN(l.raw[a]) {
				odds = most
			}
		}
		for i := l.from[a]; i < l.from[a+1]; i++ {
			w := &l.ways[i]
			hope = max(hope, l.changed(a, int(w.to), r, most)+w.top+l.hope[w.to])
			if v := l.changed(a, int(w.to), r, odds) + w.mean + l.plan[w.to]; v > plan && w.arc != -2 {
				plan, onward = v, i
			}
		}
		l.hope[a], l.plan[a], l.onward[a] = hope, plan, onward
	}
	l.better = false
	best := l.given[n]
	if !math.IsInf(best, -1) {
		best += l.after(l.givenEnd)
	}
	sum, st := 0.0, start
	given := true
	for a := 0; a < n; {
		if l.onward[a] < 0 {
			return best
		}
		w := &l.ways[l.onward[a]]
		x := l.arcOf(a, w)
		if x == nil {
			return best
		}
		given = given && w.token >= 0
		var ln float64
		ln, st = l.step(st, x)
		sum += ln + l.changed(a, int(w.to), r, l.oddsAt(a))
		a = int(w.to)
	}
	sum += l.after(st)
	l.better = !given && sum >= best
	return max(best, sum)
}
