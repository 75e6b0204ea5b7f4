package detect

import (
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

// A run of words within a sentence is another language's when what its words weigh
// comes to so much: a line of its own, or a quotation in English text. A word
// weighs what it says of its language, in nats and roughly: the weights are set by
// hand, and what they do to damaged English and to translations is measured.
const (
	minRun         = 5.5 // what a run must weigh
	minRunWords    = 3   // a shorter run is a name, or the pieces of a torn word
	minRunTold     = 3   // a function word of the language tells 2, or a letter beyond ASCII, a word of one letter or two 1
	minPlain       = 2   // of its words are in small letters: the others may be names
	minLine        = 4.5 // what a line must weigh that has no word of English
	minOdd         = 1.5 // the sum of what English does not know from which on a sentence is weighed
	weighUnknown   = 0.4
	weighTheirs    = 2.6 // a function word of the language
	weighTwo       = 1.8 // one of two letters
	weighLetter    = 0.6 // one of a single letter
	weighBoth      = 0.2 // a common word of English as well
	weighBeyond    = 1.4 // letters beyond ASCII
	weighFunction  = -3.5
	weighCommon    = -1.6 // an everyday English word
	weighPlain     = -0.8 // an English word
	plainLnProb    = -11.5
	rareLnProb     = -13.5
	lettersShare   = 0.5 // pairs of letters depend on each other: each counts so much
	mostLetters    = 2.0 // what letters say of one word, for English or against it
	mostWeighed    = 200 // tokens at once: each run found has the rest weighed again
	minOtherScript = 4   // letters of another script that make a line one of it
)

// weighed is a word of a sentence that may hold another language.
type weighed struct {
	token  int32
	weigh  float32 // without the language's function words
	theirs float32 // with them
	set    uint64  // the languages that have it as a function word
	tells  int8    // that it is of one of set's, or of any where that is empty: see minRunTold
	plain  bool    // in small letters, more than one, and told for the first time
	single bool    // one letter
}

// foreignRuns adds the runs of other languages within the blocks that are not
// themselves of one, and says how many words are in them.
func (p *Pass) foreignRuns() (words int) {
	before := len(p.foreign)
	toks := p.Doc.Tokens
	next := 0 // of p.oddAt
	for k := range p.Doc.Blocks {
		b := &p.Doc.Blocks[k]
		if b.First == b.Next || before > 0 && isAmong(p.foreign[:before], b.Start) {
			continue
		}
		for s := b.First; s < b.Next && next < len(p.oddAt); s++ {
			first, end := p.Doc.Sentences[s].First, p.Doc.Sentences[s].End
			for next < len(p.oddAt) && p.oddAt[next] < first {
				next++
			}
			if next == len(p.oddAt) || p.oddAt[next] >= end {
				continue
			}
			odd, peak := float32(0), float32(0)
			from := first
			for i := first; i < end; i++ {
				if i > from && (toks[i].Gap >= text.GapLine || i-from >= mostWeighed) {
					if peak >= minOdd {
						words += p.weighRuns(from, i)
					}
					from, odd, peak = i, 0, 0
				}
				odd = max(0, odd+p.oddity(i))
				peak = max(peak, odd)
			}
			if peak >= minOdd {
				words += p.weighRuns(from, end)
			}
		}
	}
	if len(p.foreign) > before && before > 0 {
		slices.SortFunc(p.foreign, func(a, b edit.Span) int { return a.Start - b.Start })
	}
	return words
}

// oddity is how little English a token is.
func (p *Pass) oddity(i int32) float32 {
	t := &p.Doc.Tokens[i]
	switch t.Kind {
	case text.Foreign:
		return foreignOdd
	case text.Word:
		return p.wordOddity(t, p.Info[i])
	}
	return 0
}

const foreignOdd = 2

// wordOddity is oddity for a word: cheap, for every one is asked.
func (p *Pass) wordOddity(t *text.Token, info lm.Info) float32 {
	switch {
	case t.End-t.Start == 1 && p.Doc.Text[t.Start] != 'a' && p.Doc.Text[t.Start] != 'I':
		return 0.5
	case info.Flags&lm.Function != 0:
		return -1
	case info.Flags&lm.Known == 0:
		return 1
	case info.LnProb == 0 || info.LnProb < rareLnProb:
		return 0.5
	case info.LnProb > commonLnProb:
		return -0.7
	}
	return 0
}

// isAmong reports whether a place lies in one of some spans that ascend.
func isAmong(spans []edit.Span, at int) bool {
	_, found := slices.BinarySearchFunc(spans, at, func(f edit.Span, at int) int {
		switch {
		case f.End <= at:
			return -1
		case f.Start > at:
			return 1
		}
		return 0
	})
	return found
}

// weighRuns looks for runs of other languages among the tokens of a sentence.
func (p *Pass) weighRuns(first, end int32) (words int) {
	if p.otherScript(first, end) {
		p.foreign = append(p.foreign, edit.Span{Start: int(p.Doc.Tokens[first].Start), End: int(p.Doc.Tokens[end-1].End)})
		return int(end - first)
	}
	list := p.weighWords(first, end)
	for len(list) >= minRunWords {
		a, b := bestRun(list, p.wholeLine(first, end) && !slices.ContainsFunc(list, weighed.english))
		if b == a {
			return words
		}
		if 3*(b-a) >= 2*len(list) && !slices.ContainsFunc(list[:a], weighed.english) && !slices.ContainsFunc(list[b:], weighed.english) {
			a, b = 0, len(list)
		}
		for a > 0 && list[a-1].goesAlong() {
			a--
		}
		for b < len(list) && list[b].goesAlong() {
			b++
		}
		from, to := list[a].token, list[b-1].token
		if a == 0 {
			from = first
		}
		if b == len(list) {
			to = end - 1
		}
		p.foreign = append(p.foreign, edit.Span{Start: int(p.Doc.Tokens[from].Start), End: int(p.Doc.Tokens[to].End)})
		words += b - a
		list, first = list[b:], to+1
	}
	return words
}

// wholeLine reports whether tokens are all of their line.
func (p *Pass) wholeLine(first, end int32) bool {
	toks := p.Doc.Tokens
	return first < end && (first == 0 || toks[first].Gap >= text.GapLine) && (int(end) == len(toks) || toks[end].Gap >= text.GapLine)
}

// goesAlong reports whether a word beside a run may be of its language.
func (w weighed) goesAlong() bool { return w.plain && w.weigh >= 0 }

// english reports whether a word is a common one of English and of no other language.
func (w weighed) english() bool { return w.theirs <= weighCommon }

// otherScript reports whether much of a sentence is in another script than Latin.
func (p *Pass) otherScript(first, end int32) bool {
	other, latin := 0, 0
	for i := first; i < end; i++ {
		switch n := utf8.RuneCountInString(p.Doc.Str(int(i))); p.Doc.Tokens[i].Kind {
		case text.Foreign:
			other += n
			if fullWidth(p.Doc.Text[p.Doc.Tokens[i].Start:]) {
				other += 2 * n // each is a syllable or a word
			}
		case text.Word:
			latin += n
		}
	}
	return other >= minOtherScript && other >= latin
}

// fullWidth reports whether a text begins with a Chinese, Japanese or Korean character.
func fullWidth(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r >= 0x3040
}

// weighWords says what each word of a sentence weighs.
func (p *Pass) weighWords(first, end int32) []weighed {
	known := rules.OtherWords()
	list := make([]weighed, 0, end-first)
	var odd strings.Builder
	for i := first; i < end; i++ {
		t := &p.Doc.Tokens[i]
		if t.Kind != text.Word && t.Kind != text.Foreign {
			continue
		}
		w := weighed{token: i}
		s := p.Doc.Str(int(i))
		info := p.Info[i]
		single := t.End-t.Start == 1
		if !(single && s == "i") && t.Shape&text.AllUpper == 0 && t.End-t.Start <= 16 {
			l := strings.ToLower(s)
			if k := strings.IndexAny(l, "'’"); k > 0 { // l'opposition, qu’il
				l = l[:k]
			}
			w.set = known[l]
		} else if s == "i" {
			w.set, info = known[s], lm.Info{}
		}
		if n := len(list); single && n > 0 && list[n-1].single {
			w.set, list[n-1].set, list[n-1].theirs, list[n-1].tells = 0, 0, list[n-1].weigh, 0 // spaced out letters
		}
		w.single = single
		capital := t.Shape&(text.InitialUpper|text.InnerUpper) != 0
		w.plain = !single && !capital
		beyond := t.Kind == text.Word && t.Shape&text.NonASCII != 0 && strings.ContainsFunc(s, func(r rune) bool { return r >= 0xC0 && unicode.IsLetter(r) })
		switch {
		case t.Kind == text.Foreign:
			w.weigh = weighBeyond
		case info.Flags&lm.Function != 0:
			w.weigh = weighFunction
		case single:
			w.weigh = 0
		case info.Flags&lm.Known == 0:
			w.weigh = weighUnknown
		case info.LnProb == 0 || info.LnProb < rareLnProb:
			w.weigh = 0
		case info.LnProb < plainLnProb:
			w.weigh = weighPlain / 2
		case info.LnProb < commonLnProb:
			w.weigh = weighPlain
		default:
			w.weigh = weighCommon
		}
		if beyond {
			w.weigh = max(w.weigh, 0) + weighBeyond
			if w.plain {
				w.tells = 2
			}
		}
		if t.Shape&text.InnerUpper != 0 { // glued words
			w.weigh = min(w.weigh, weighPlain)
		}
		if capital && w.weigh > 0 { // names come from anywhere
			w.weigh /= 4
		}
		w.theirs = w.weigh
		if w.set != 0 {
			switch {
			case single:
				w.theirs += weighLetter
				w.tells = 1
			case info.Flags&lm.Function != 0 || info.LnProb < 0 && info.LnProb > commonLnProb: // English as well: die, in, was
				w.theirs = weighBoth
			case capital:
				w.theirs = max(w.theirs, 0) + weighTheirs/2
			case t.End-t.Start == 2: // pieces of torn words are: se ssion, di rection
				w.theirs = max(w.theirs, 0) + weighTwo
				w.tells = max(w.tells, 1)
			default:
				w.theirs = max(w.theirs, 0) + weighTheirs
				w.tells = 2
			}
		}
		if w.weigh > weighCommon || w.set != 0 {
			odd.WriteString(s)
			odd.WriteByte(' ')
		}
		if w.tells > 0 && slices.ContainsFunc(list, func(v weighed) bool { return v.tells > 0 && strings.EqualFold(p.Doc.Str(int(v.token)), s) }) {
			w.tells, w.plain = 0, false // dont, again and again, is no French
		}
		list = append(list, w)
	}
	letters := text.KnownLetters()
	if language, ok := letters.Likeliest(odd.String()); ok {
		for k := range list {
			w := &list[k]
			shape := p.Doc.Tokens[w.token].Shape
			if w.weigh <= weighPlain && w.set == 0 || shape&text.InnerUpper != 0 {
				continue
			}
			v := lettersShare * letters.Likelier(p.Doc.Str(int(w.token)), language)
			if shape&text.InitialUpper != 0 {
				v /= 2
			}
			v = max(-mostLetters, min(mostLetters, v))
			w.weigh += v
			w.theirs += v
		}
	}
	return list
}

// bestRun is the run that weighs most in any one language; an empty one where none
// weighs enough. A line without English needs less.
func bestRun(list []weighed, line bool) (a, b int) {
	var any uint64
	for i := range list {
		any |= list[i].set
	}
	best, least := float32(minRun), minRunTold
	if line {
		best, least = minLine, 1
	}
	for set := any; ; set &= set - 1 {
		n := bits.TrailingZeros64(set) // 64 where no language is left: letters alone
		from, told, plain, sum := 0, 0, 0, float32(0)
		for i := range list {
			if sum <= 0 {
				from, told, plain, sum = i, 0, 0, 0
			}
			w := &list[i]
			if w.plain {
				plain++
			}
			switch theirs := n < 64 && w.set>>n&1 != 0; {
			case theirs:
				sum += w.theirs
				told += int(w.tells)
			default:
				sum += w.weigh
				if w.set == 0 {
					told += int(w.tells)
				}
			}
			if sum > best && i+1-from >= minRunWords && told >= least && plain >= minPlain {
				a, b, best = from, i+1, sum
			}
		}
		if set == 0 {
			return a, b
		}
	}
}
