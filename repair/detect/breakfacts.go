package detect

import (
	"math"

	"copydesk/repair/lm"
	"copydesk/repair/text"
)

// seam is a place between two words where a sentence may end: the left part runs
// from token first to token l-1, the right from token r to last-1; what stands
// between them, a full stop or nothing, belongs to neither.
type seam struct{ first, l, r, last int }

// A seam's facts. Sums of ln probabilities are in nats; counts are few.
const (
	factBias     = iota
	factEnds     // a full stop after the left part
	factBegins   // the right part at the beginning of a sentence, its first word by what it has more than anywhere
	factBegins2  // its next two
	factFlows    // the right part behind the left
	factFlows2   // its next two
	factComma    // a comma after the left part, and the right part behind it, by what it has more than reading on
	factBoundary // the boundary model
	factAgree    // the lesser of what trigrams and boundary say for one sentence
	factWord     // the first word of the right part: how frequent it is
	factStops    // a full stop after the last word of the left part, by itself
	factLeftFunction
	factLeftNumber
	factLeftCapital
	factLeftAll // in capitals
	factLeftNoun
	factLeftVerb
	factLeftAdj
	factRightFunction
	factRightNoun
	factRightVerb
	factRightAdj
	factLeftLength // ln of the tokens, and one
	factRightLength
	factLeftFinite // verbs that are surely finite, at most 2
	factLeftMaybe  // verbs that may be
	factRightFinite
	factRightMaybe
	factQuoted    // within quotation marks
	factNextComma // behind the first word of the right part
	factNextName  // a capital there
	factCapital   // ln odds that the first word has its capital for another reason
	numFacts
)

// seamWeights weighs a seam's facts.
type seamWeights [numFacts]float64

// split is what the facts of the trigram model say, and those of the words
// themselves; the boundary model stands by itself.
func (w *seamWeights) split(f *[numFacts]float64) (model, words float64) {
	for k, x := range f {
		switch {
		case k == factBoundary || k == factAgree:
		case factEnds <= k && k <= factStops:
			model += w[k] * x
		default:
			words += w[k] * x
		}
	}
	return model, words
}

// Fitted by TestFitBreak on the documents of allsides_news, bbc2005,
// rssnews_quality and thinktank_pen0 that no model has counted (2.4 M words), as
// they are, with stray stops, and with stops lost; even odds before anything is
// known.
var (
	strayWeights = seamWeights{
		factBias:          2.081,
		factEnds:          -0.383,
		factBegins:        -0.205,
		factBegins2:       -0.340,
		factFlows:         0.403,
		factFlows2:        0.361,
		factComma:         -0.024,
		factBoundary:      -0.806,
		factAgree:         0.067,
		factWord:          0.006,
		factStops:         0.214,
		factLeftFunction:  0.014,
		factLeftNumber:    -1.532,
		factLeftCapital:   0.037,
		factLeftAll:       -0.107,
		factLeftNoun:      0.108,
		factLeftVerb:      -0.036,
		factLeftAdj:       0.022,
		factRightFunction: -0.044,
		factRightNoun:     0.050,
		factRightVerb:     -0.002,
		factRightAdj:      -0.088,
		factLeftLength:    -0.483,
		factRightLength:   -0.508,
		factLeftFinite:    -0.084,
		factLeftMaybe:     -0.086,
		factRightFinite:   -0.090,
		factRightMaybe:    -0.087,
		factQuoted:        0.075,
		factNextComma:     0.376,
		factNextName:      -0.068,
		factCapital:       -0.002,
	}
	lostWeights = seamWeights{
		factBias:          0.181,
		factEnds:          0.620,
		factBegins:        -0.048,
		factBegins2:       0.244,
		factFlows:         -0.296,
		factFlows2:        -0.269,
		factComma:         0.067,
		factBoundary:      0.924,
		factAgree:         0.509,
		factWord:          0.259,
		factStops:         -0.176,
		factLeftFunction:  0.125,
		factLeftNumber:    -2.014,
		factLeftCapital:   -0.936,
		factLeftAll:       0.057,
		factLeftNoun:      0.237,
		factLeftVerb:      -0.221,
		factLeftAdj:       0.277,
		factRightFunction: 0.659,
		factRightNoun:     -0.283,
		factRightVerb:     0.185,
		factRightAdj:      0.148,
		factLeftLength:    0.507,
		factRightLength:   0.033,
		factLeftFinite:    0.409,
		factLeftMaybe:     0.390,
		factRightFinite:   0.054,
		factRightMaybe:    0.160,
		factQuoted:        0.695,
		factNextComma:     -0.076,
		factNextName:      -0.865,
		factCapital:       -0.531,
	}
)

// facts gathers what is known of a seam.
func (p *Pass) facts(s seam) (f [numFacts]float64) {
	toks := p.Doc.Tokens
	left, right := &toks[s.l-1], &toks[s.r]
	word := p.Doc.Str(s.r)
	f[factBias] = 1
	f[factWord] = float64(p.Info[s.r].LnProb)
	st := p.before(s.l)
	ln, next := p.LM.Score(st, lm.Key("."))
	ln2, _ := p.LM.Score(next, lm.End)
	f[factEnds] = ln + ln2
	ln, _, next = p.LM.ScoreToken(p.LM.Begin(), word)
	f[factBegins], f[factBegins2] = ln-f[factWord], p.after(next, s.r)
	ln, _, next = p.LM.ScoreToken(st, word)
	f[factFlows], f[factFlows2] = ln-f[factWord], p.after(next, s.r)
	ln, next = p.LM.Score(st, lm.Key(","))
	ln2, _, next = p.LM.ScoreToken(next, word)
	f[factComma] = ln + ln2 + p.after(next, s.r) - (f[factFlows] + f[factWord] + f[factFlows2])
	f[factBoundary] = p.boundary(s.first, s.l, s.r, s.last)
	f[factAgree] = min(clip(strayModel*(f[factFlows]+f[factFlows2]-f[factBegins]-f[factBegins2])-strayEnds*f[factEnds], 9), clip(-strayBoundary*f[factBoundary], 5))
	f[factStops], _ = p.LM.Score(p.LM.Free().Next(p.Keys[s.l-1]), lm.Key("."))
	is := func(k int, b bool) {
		if b {
			f[k] = 1
		}
	}
	l, r := p.Info[s.l-1], p.Info[s.r]
	is(factLeftFunction, l.Has(lm.Function))
	is(factLeftNumber, left.Kind == text.Number)
	is(factLeftCapital, left.Shape&text.InitialUpper != 0)
	is(factLeftAll, left.Shape&text.AllUpper != 0)
	is(factLeftNoun, l.Has(lm.Noun))
	is(factLeftVerb, l.Has(lm.Verb))
	is(factLeftAdj, l.Has(lm.Adj))
	is(factRightFunction, r.Has(lm.Function))
	is(factRightNoun, r.Has(lm.Noun))
	is(factRightVerb, r.Has(lm.Verb))
	is(factRightAdj, r.Has(lm.Adj))
	count := func(length, sure, maybe int, side []lm.SideToken) {
		f[length] = math.Log1p(float64(len(side)))
		for k := range side {
			switch side[k].Finite() {
			case 2:
				f[sure] = min(2, f[sure]+1)
			case 1:
				f[maybe] = min(2, f[maybe]+1)
			}
		}
	}
	count(factLeftLength, factLeftFinite, factLeftMaybe, p.sides[0])
	count(factRightLength, factRightFinite, factRightMaybe, p.sides[1])
	is(factQuoted, p.quoted(s.l))
	if s.r+1 < len(toks) {
		is(factNextComma, p.markIs(s.r+1, ","))
		is(factNextName, toks[s.r+1].Shape&text.InitialUpper != 0)
	}
	if right.Shape&text.InitialUpper != 0 {
		f[factCapital] = clip(p.arranger().capitalOdds(s.r, s.l-1, s.r+1), 8)
	}
	return f
}

// quoted reports whether a quotation of token i's paragraph is open before it.
func (p *Pass) quoted(i int) bool {
	if p.Counts.Quotes == 0 {
		return false
	}
	open := false
	for k := p.blockOf(i).first; k < i; k++ {
		if p.Doc.Tokens[k].Kind != text.Punct {
			continue
		}
		switch p.Doc.Str(k) {
		case `"`:
			open = !open
		case "“":
			open = true
		case "”":
			open = false
		}
	}
	return open
}
