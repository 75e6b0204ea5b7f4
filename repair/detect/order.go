package detect

import (
	"fmt"
	"math"
	"slices"

	"copydesk/repair/damage"
	"copydesk/repair/edit"
	"copydesk/repair/text"
)

var movedAcrossStop = Detector{
	ID: "order/across-stop",
	Doc: "Two blocks of words changed places and a stray full stop stands between or behind them, as where a translator takes the text " +
		"of a link for a sentence of its own. Every exchange of two blocks around the stop is weighed, and the plain removal of the stop with them.",
	Round: Sentences,
	Cues:  Always,
	Fix: []Example{
		{In: "Officials said on Monday that of troops. thousands had been sent to the border.", Out: "Officials said on Monday that thousands of troops had been sent to the border."},
		{In: "The officer for more. had been in the army than twenty years.", Out: "The officer had been in the army for more than twenty years."},
	},
	Keep: []Example{
		{In: "The president of the board met the members in the afternoon. They said nothing about the money."},
		{In: "What is it made of? Tick. Tick. She knew what it was made of. Nobody did."},
	},
	Run: (*Pass).movesAtStops,
}

var movedInSentence = Detector{
	ID:    "order/in-sentence",
	Doc:   "Two blocks of words of one sentence changed places: \"efforts the president to defend during\".",
	Round: Sentences,
	Cues:  Always,
	Fix: []Example{
		{
			In:  "They wanted to end its dangerous. behavior at sea. Officials said on Monday that of troops thousands had been sent to the border. Talks will go on in the capital for as long. as both sides want.",
			Out: "They wanted to end its dangerous behavior at sea. Officials said on Monday that thousands of troops had been sent to the border. Talks will go on in the capital for as long as both sides want.",
		},
	},
	Keep: []Example{
		{In: "In the afternoon the members of the board met the president, who had come in by the back door."},
		{In: "To be or not to be, that is the question he came to put to them."},
	},
	Run: (*Pass).movesInSentences,
}

// Limits of what is looked at and shown.
const (
	maxShown  = 6    // arrangements of one place that are proposed
	shownNats = 5.0  // nats below the best at which an arrangement is not worth showing
	fewWords  = 110  // a text so short shows no other damage: its places speak for themselves
	fewLines  = 3    // sentences of such a text that are searched for moves within them: labelled excerpts have no more
	weakest   = -2.9 // nats of the best arrangement below which a place is left: conf 0.05
	safeGain  = 8.0  // nats of the language model's gain below which no move was ever sure enough: the least seen is 10
	shownGain = 4.0  // where a text shows no damage, of a stop's readings below which none is weighed: one in a hundred moves gains less
	surest    = 9.0  // nats of the best arrangement and its prior
	surely    = 4.5  // nats above its rivals from which an arrangement is shown alone, in its own span
)

// suspicion is what is known of a document before its places are looked at.
type suspicion struct {
	stops, plain float64 // prior log-odds of a moved place at a stop and within a sentence, against the samples that the weights were fitted on
	search       bool    // whether to look at all places, not only at stops before lower case
	damaged      bool    // whether the document shows other damage
}

// The priors. In the samples a stop in three is stray and a sentence in five is
// scrambled; in whole articles translated there and back a stop in twelve and a
// sentence in two hundred.
const (
	stopsClean   = -5.0 // an article of which nothing is known
	plainClean   = -6.2
	stopsLower   = -2.0 // before lower case, whatever the document: such a stop is odd anywhere
	stopsDamaged = -1.2 // the same in a damaged document
	stopsExcerpt = -2.2 // a few sentences that somebody chose to look at
	plainExcerpt = 0.8  // and shared among its sentences; set where the labelled excerpts find their moves among the first five in 91 of 100
	maxSuspicion = 3.5  // nats that the diagnosis may add
)

func (p *Pass) suspect() suspicion {
	c := &p.Counts
	s := suspicion{stopsClean - 1, plainClean - 1, false, false}
	if c.StopLower+c.Repeat+c.Glued+c.Unknown+c.LooseMark+c.LooseClitic > 0 {
		prof := p.Profile()
		shift := max(-1, min(maxSuspicion, prof.LnShift(damage.RoundTrip)))
		s.stops, s.plain = stopsClean+shift, plainClean+shift
		s.damaged = prof.P[damage.RoundTrip] > 0.25 || prof.P[damage.RoundTrip] > 0.05 && slices.Max(prof.P[:]) > 0.5
	}
	if c.Words < fewWords {
		s.stops, s.plain = max(s.stops, stopsExcerpt), max(s.plain, plainExcerpt-math.Log(float64(max(1, len(p.Doc.Sentences)))))
	}
	s.search = s.damaged || c.Words < fewWords
	return s
}

func (p *Pass) movesAtStops() {
	s := p.suspect()
	lower := p.At(StopLower)
	if !s.search && len(lower) == 0 {
		return
	}
	a := p.arranger()
	toks := p.Doc.Tokens
	unsure := edit.Review // without other damage only a stop before lower case is hard evidence
	atLower := stopsLower
	if s.damaged {
		unsure, atLower = edit.Safe, stopsDamaged
	}
	if !s.search || p.skips(unsure) {
		for _, i := range lower {
			if a.stop(int(i) - 1) {
				p.propose(a, a.atStop(int(i)-1), atLower, edit.Safe, math.Inf(-1))
			}
		}
		return
	}
	second, taken := -1, 0.0 // the second stop of the likeliest reading of the place before, and its nats
	for i := 2; i+1 < len(toks); i++ {
		least := math.Inf(-1)
		if i == second {
			least = taken // its own readings are but rivals of the likelier one
		}
		propose := func(list []arrangement, prior float64, tier edit.Tier) {
			if g, ok := p.propose(a, list, prior, tier, least); ok && g.shape == twoStops {
				second, taken = int(g.rest)-1, g.nats+prior
			}
		}
		switch {
		case toks[i].Kind != text.Punct || !a.stop(i):
		case toks[i+1].Kind == text.Word && toks[i+1].Shape&text.InitialUpper == 0:
			propose(a.atStop(i), atLower, edit.Safe)
		case a.endsHere(i) < plainEnd:
			list, tier := a.atStop(i), unsure
			switch gain := a.most(); {
			case gain >= safeGain:
			case gain < shownGain && tier < edit.Safe:
				continue
			default:
				if tier = edit.Review; p.skips(tier) {
					continue
				}
			}
			propose(list, s.stops, tier)
		}
	}
}

// movedRather is by how many nats it is less likely that the stop at token i is
// all that is wrong there, for blocks around it may have changed places too.
func (p *Pass) movedRather(i int) float64 {
	const most = 9
	return min(most, rather(p.readings(i)))
}

// rather is by how many nats the removal of a stop alone is less likely than that or
// any move, by their odds.
func rather(moves, alone float64) float64 { return math.Log1p(moves / max(alone, 1e-12)) }

// readings are the odds, against the place as it stands, of all exchanges of blocks
// around the stop at token i, and of its plain removal; both 0 where there is nothing to
// search.
func (p *Pass) readings(i int) (moves, alone float64) {
	a := p.arranger()
	if !a.stop(i) {
		return 0, 0
	}
	a.atStop(i)
	list := a.weighed(math.Inf(-1))
	for k := range list {
		if n := math.Exp(min(list[k].nats, 50)); list[k].shape == stopOut {
			alone += n
		} else {
			moves += n
		}
	}
	return moves, alone
}

func (p *Pass) movesInSentences() {
	sus := p.suspect()
	if !sus.damaged && (!sus.search || len(p.Doc.Sentences) > fewLines) {
		return
	}
	ceiling := edit.Review
	if sus.damaged {
		ceiling = edit.Safe
	}
	if p.skips(ceiling) {
		return
	}
	a := p.arranger()
	for _, b := range p.Doc.Blocks {
		if b.Kind == text.Code || b.Kind == text.OtherLang {
			continue
		}
		for _, s := range p.Doc.Sentences[b.First:b.Next] {
			tier, first, end := ceiling, int(s.First), int(s.End)
			if p.skips(edit.Review) {
				if a.inSentence(first, end, safeTies); !a.sure {
					continue
				}
			}
			a.inSentence(first, end, maxTies)
			list := a.clearOfStray()
			if tier == edit.Safe && !a.sure {
				tier = edit.Review
			}
			p.propose(a, list, sus.plain, tier, math.Inf(-1))
		}
	}
}

// clearOfStray is the list of moves within a sentence without those that end before a
// stray stop ("a series scandals of. is now"): the search at the stop finds the same move
// and takes the stop out with it.
func (a *arranger) clearOfStray() []arrangement {
	toks := a.p.Doc.Tokens
	a.list = slices.DeleteFunc(a.list, func(g arrangement) bool {
		s := int(g.y1)
		return s+1 < len(toks) && toks[s].Kind == text.Punct && a.stop(s) && toks[s+1].Kind == text.Word && toks[s+1].Shape&text.InitialUpper == 0
	})
	return a.list
}

// propose hands in the arrangements of one place that are worth showing: the
// likeliest, those that come near it, and the plain removal of the stop; none if the
// likeliest has less than least nats, its prior with it. It returns the likeliest.
func (p *Pass) propose(a *arranger, list []arrangement, prior float64, ceiling edit.Tier, least float64) (first arrangement, ok bool) {
	if len(list) == 0 {
		return first, false
	}
	if list = a.joined(weakest - prior); len(list) == 0 || ceiling < edit.Safe && !a.reaches(list, weakest-prior) {
		return first, false
	}
	list = a.seamed(list)
	if ceiling == edit.Safe {
		list = append(list, a.reworded(list)...)
		likeliest(list)
	}
	best := list[0].nats
	first = list[0]
	alone := len(list) == 1 || best-list[1].nats > surely
	if best+prior < max(weakest, least) || list[0].onlyStop() && alone {
		return first, false // nothing to see, or a matter of the stop alone
	}
	// The judge takes no single proposal for surer than one in ten thousand: what
	// all of them have beyond that is taken off all of them, so that they keep
	// their distances. Cut one by one, two good readings would come out equal.
	over := max(0, best+prior-surest)
	for i := range list {
		list[i].nats -= over
	}
	best -= over
	n := 0
	aside := ceiling < edit.Safe
	hull := edit.Span{Start: len(p.Doc.Text)}
	var shown []edit.Proposal
	same := -1 // another detector's proposal to take the stop out
	for i := range list {
		g := &list[i]
		if (n == maxShown || g.nats < best-shownNats) && !g.onlyStop() {
			continue
		}
		n++
		q := p.arranged(a, g, prior, ceiling)
		hull.Start, hull.End = min(hull.Start, q.Span.Start), max(hull.End, q.Span.End)
		if g.onlyStop() {
			same = slices.IndexFunc(p.proposals, func(o edit.Proposal) bool { return slices.Equal(o.Edits, q.Edits) })
			if same >= 0 {
				if !aside { // what is aside has no say in what is applied
					p.agree(same, best+prior, g.nats-best)
				}
				continue
			}
		}
		shown = append(shown, q)
	}
	// All of them say what the same place would read, unless one is sure.
	if !alone && same >= 0 && !aside {
		p.proposals[same].Span = hull
	}
	for _, q := range shown {
		if !alone {
			q.Span = hull
		}
		q.Aside = aside
		p.Propose(q)
	}
	return first, true
}

// agree brings the break family's word on a stray stop, proposal k, down to what
// the search says of it: moved has the nats of the likeliest reading, and the plain
// removal lies behind it by so many. That the stop is stray both say alike.
func (p *Pass) agree(k int, moved, behind float64) {
	q := &p.proposals[k]
	own := sum(q.Evidence)
	if most := max(own, moved) + behind; own > most {
		q.Evidence = append(q.Evidence[:len(q.Evidence):len(q.Evidence)],
			edit.Evidence{Name: "moves", Nats: most - own, Note: "blocks that changed places around the stop are a likelier reading"})
	}
}

// arranged writes an arrangement as a proposal.
func (p *Pass) arranged(a *arranger, g *arrangement, prior float64, ceiling edit.Tier) edit.Proposal {
	span, edits, segs := a.edits(*g)
	q := edit.Proposal{Span: span, Edits: edits, Segs: segs, Origin: edit.Extraction, Ceiling: ceiling}
	if g.shape == stopOut || g.swaps != nil {
		q.Ceiling = edit.Review
	}
	w, x := shippedOrder(), a.dense(*g)
	model := w.dense[denseGain]*x[denseGain] + w.dense[denseSoft]*x[denseSoft]
	casing := w.dense[denseCase] * x[denseCase]
	var form float64
	for i, v := range x {
		if i < denseGain || i > denseCase {
			form += w.dense[i] * v
		}
	}
	q.Evidence = []edit.Evidence{
		{Name: "model", Nats: model, Note: fmt.Sprintf("by %.0f nats likelier in the language model", g.gain)},
		{Name: "words", Nats: g.nats - model - casing - form, Note: "how well the words fit that now stand side by side"},
		{Name: "form", Nats: form + casing, Note: "how common such a move is, and its capitals"},
		{Name: "document", Nats: prior, Note: "how much the document looks translated there and back"},
	}
	d := p.Doc
	switch {
	case g.onlyStop():
		q.Why = "the full stop may be all that is wrong"
	case g.shape == stopOut:
		q.Why = fmt.Sprintf("%q and the stop may stand for a genitive", d.Str(int(g.x0)-1))
	default:
		x, y := edit.Span{Start: int(d.Tokens[g.x0].Start), End: int(d.Tokens[g.x1-1].End)}, edit.Span{Start: int(d.Tokens[g.y0].Start), End: int(d.Tokens[g.y1-1].End)}
		q.Why = fmt.Sprintf("%q may belong before %q", d.Text[y.Start:y.End], d.Text[x.Start:x.End])
	}
	return q
}
