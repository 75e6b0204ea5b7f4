package detect

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

var spacingLostBeside = Detector{
	ID:    "spacing/lost-beside-mark",
	Doc:   "No space stands beside a mark where the characters around ask for one: after what ends words, before what opens a bracket or a quotation.",
	Round: Words,
	Cues:  Always,
	Fix: []Example{
		{In: "We followed the process.It takes time to learn.", Out: "We followed the process. It takes time to learn."},
		{In: "\"It may be open to changes,\" he said.\"But full repeal is out, and we know it.\"", Out: "\"It may be open to changes,\" he said. \"But full repeal is out, and we know it.\""},
		{In: "The office(near the old bridge) was closed, said the ministry(which owns it) on Monday.", Out: "The office (near the old bridge) was closed, said the ministry (which owns it) on Monday."},
	},
	Keep: []Example{{In: "He reads Fool.com and asked about One.Tel again."}, {In: "A code of 12,2000 in May 1,300 people."}, {In: "Call f(x) or the case(s) of the actor(s) in the U.S. (1990)."}, {In: "Copper(III) is rarer than copper(II) sulphate."}, {In: "Utilities like unmount(8) and dump(5) take the directory(ies) of the user(s)."}},
	Run:  func(p *Pass) { p.proposeMarks(lostAfter, lostBefore); p.datesGlued() },
}

var spacingAddedBeside = Detector{
	ID:    "spacing/added-beside-mark",
	Doc:   "A space stands before a mark that closes the words before it, or after one that opens those behind it, against what the characters around ask for.",
	Round: Words,
	Cues:  Always,
	Fix:   []Example{{In: "They seized narcotics , including cocaine .", Out: "They seized narcotics, including cocaine."}},
	Keep:  []Example{{In: "Wait . . . what ? He said : go on ! « oui »"}},
	Run:   func(p *Pass) { p.proposeMarks(addedGap) },
}

// markSide says what is wrong with a gap beside a mark.
type markSide uint8

const (
	lostAfter markSide = iota
	lostBefore
	addedGap
)

// markGap is a gap beside a mark that the spacing model would have otherwise.
type markGap struct {
	i    int // the token after the gap
	side markSide
	odds float64 // ln odds by the spacing model that the gap is wrong
	net  float64 // the same by the second look
	odd  bool    // only looked at in short or hurt texts
}

// markDoubt is the least log odds worth a look: the spacing model alone is
// right one time in three there.
const markDoubt = -0.5

const sureMark = 4 // the log odds from which a gap beside a mark says something of the others

// markGaps lists the doubtful gaps beside marks, once a pass.
func (p *Pass) markGaps() []markGap {
	if p.marksFound {
		return p.marks
	}
	p.marksFound, p.marks, p.markFaults = true, p.marks[:0], [2]int{}
	if p.engine.Models.Spacing == nil {
		return nil
	}
	doc := p.Doc
	toks := doc.Tokens
	f := p.gaps()
	all := p.Counts.Words < shortText || f.lost+f.added >= 0.5
	quoted := false
	for i := range toks {
		t := &toks[i]
		if t.Gap >= text.GapLine {
			quoted = false
		}
		plain := i > 0 && t.Kind == text.Word && toks[i-1].Kind == text.Word && toks[i-1].Shape&text.HasDot == 0 // no mark
		if i > 0 && !plain && t.Gap <= text.GapSpace && !p.plainQuote(i, quoted) {
			side, ok := p.doubtful(i)
			odd := false
			if !ok && all {
				side, ok = p.oddGap(i)
				odd = ok
			}
			if ok {
				odds := p.LM.SpaceOdds(doc.Text, int(toks[i-1].End), int(t.Start), quoted)
				if side == addedGap {
					odds = -odds
				}
				if odds > markDoubt {
					net := p.LM.GapOdds(doc.Text, int(toks[i-1].End), int(t.Start), quoted)
					if side == addedGap {
						net = -net
					}
					p.marks = append(p.marks, markGap{i, side, odds, net, odd})
					if odds > sureMark {
						p.markFaults[side/addedGap]++
					}
				}
			}
		}
		if t.Kind == text.Punct && doc.Text[t.Start] == '"' {
			quoted = !quoted
		}
	}
	return p.marks
}

// plainQuote reports whether the gap before token i stands beside a straight
// quotation mark as nearly all do: the mark that opens a quotation has a space before
// it and none behind, and the one that closes it none before it and a space behind,
// unless another mark or a line's end follows. Quoted says that a quotation is open
// before the token.
func (p *Pass) plainQuote(i int, quoted bool) bool {
	toks := p.Doc.Tokens
	a, b := &toks[i-1], &toks[i]
	left := a.Kind == text.Punct && p.Doc.Text[a.Start] == '"'
	right := b.Kind == text.Punct && p.Doc.Text[b.Start] == '"'
	switch {
	case left == right:
		return false
	case left && quoted: // the one before opens
		return b.Gap == text.GapNone && b.Kind == text.Word && (a.Gap != text.GapNone || i == 1)
	case left: // it closed
		return b.Gap == text.GapSpace && a.Gap == text.GapNone && b.Kind != text.Punct
	case quoted: // this one closes
		return b.Gap == text.GapNone && a.Kind == text.Punct && (i+1 == len(toks) || toks[i+1].Gap != text.GapNone)
	}
	return b.Gap == text.GapSpace && i+1 < len(toks) && toks[i+1].Gap == text.GapNone && (a.Kind != text.Punct || a.Gap == text.GapNone && toks[i+1].Kind == text.Word && closesSentence(p.Doc.Text[a.Start]))
}

// closesSentence reports whether a mark ends a sentence, or a clause before a
// quotation.
func closesSentence(c byte) bool { return c == '.' || c == ',' || c == '?' || c == '!' || c == ':' }

// doubtful reports whether the gap before token i, beside a mark, is other than
// most are.
func (p *Pass) doubtful(i int) (markSide, bool) {
	doc := p.Doc
	a, b := &doc.Tokens[i-1], &doc.Tokens[i]
	l, r := markOf(doc, a), markOf(doc, b)
	if l == 0 && r == 0 || a.Kind == text.Protected || b.Kind == text.Protected {
		if a.Shape&text.HasDot != 0 && b.Gap == text.GapNone && b.Kind == text.Word && b.End-b.Start > 1 {
			return lostAfter, true // Mr.Biden
		}
		return 0, false
	}
	if l != 0 && r != 0 && (l == r || i < 2 || markOf(doc, &doc.Tokens[i-2]) != 0) {
		return 0, false // marks among marks are no prose
	}
	if b.Gap == text.GapSpace && (l == '-' || r == '-') {
		return addedGap, p.hyphenated(i)
	}
	if b.Gap == text.GapSpace {
		switch r {
		case ',', '.', ';', ':', '!', '?', ')', ']', '}', '”', '%', '’', '\'', '/', '"':
			return addedGap, true
		}
		switch l {
		case '(', '[', '{', '“', '‘', '/', '"', '\'', '’', '#':
			return addedGap, true
		}
		return 0, false
	}
	switch l {
	case ',', '.', ';', ':', '!', '?', ')', ']', '}', '”', '%', '"', '…', '’', '\'':
		if r == 0 || r == '"' || r == '“' || r == '(' || r == '[' || r == '‘' || r == '–' || r == '—' || r == '-' && l != '"' {
			return lostAfter, true
		}
	case '–', '—':
		if r == 0 {
			return lostAfter, true
		}
	}
	switch r {
	case '(', '[', '“', '‘', '"', '–', '—', '&':
		return lostBefore, !p.belongsInside(i)
	}
	return 0, false
}

// belongsInside reports whether a bracket opens at token i that touches the word
// before it for good: an ending that may be left out, file(s); a section of a manual,
// mount(8); a call, exit(); a mark of trade, Java(TM).
func (p *Pass) belongsInside(i int) bool {
	s := p.Doc.Text[p.Doc.Tokens[i].Start:]
	if s[0] != '(' {
		return false
	}
	const longest = 8 // bytes within the brackets
	n := strings.IndexByte(s[:min(len(s), longest+2)], ')')
	if n < 0 {
		return false
	}
	switch in := s[1:n]; in {
	case "", "s", "es", "ies", "n", "en", "ed", "ing", "er", "TM", "tm", "R", "C":
		return true
	default:
		if i > 1 && (strings.EqualFold(p.Doc.Str(i-2), "a") || strings.EqualFold(p.Doc.Str(i-2), "an")) {
			return false // a child(4)
		}
		return digit(in[0]) && !upperAt(p.Doc.Str(i-1), 0) && strings.Trim(in[1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	}
}

// oddGap reports whether the gap before token i, which doubtful passes over, is
// worth asking about in a text that is short or hurt: at numbers, and at marks
// that may stand either way.
func (p *Pass) oddGap(i int) (markSide, bool) {
	a, b := &p.Doc.Tokens[i-1], &p.Doc.Tokens[i]
	if a.Kind == text.Protected || b.Kind == text.Protected || a.Kind == text.Foreign || b.Kind == text.Foreign || b.Kind == text.Clitic {
		return 0, false
	}
	l, r := markOf(p.Doc, a), markOf(p.Doc, b)
	number := a.Kind == text.Number || b.Kind == text.Number
	if r == '(' && p.belongsInside(i) {
		return 0, false
	}
	if l == 0 && r == 0 && !number || l != 0 && l == r {
		return 0, false
	}
	if b.Gap != text.GapSpace {
		return lostAfter, true
	}
	return addedGap, !number || l != 0 || r != 0 || p.digitsTorn(i)
}

// digitsTorn reports whether token i reads as the end of the number before it:
// 197 0s, 1 9th, but not 4 500.
func (p *Pass) digitsTorn(i int) bool {
	left, right := p.Doc.Str(i-1), p.Doc.Str(i)
	if strings.Trim(left, "0123456789") != "" {
		return false
	}
	return right == "s" || right[0] == '0' && len(right) < 4 && !strings.ContainsAny(right, ".,:") || ordinal(right) && len(left) < 3
}

// hyphenated reports whether the space before token i, beside a hyphen, may
// stand inside a compound: the hyphen touches the word on its other side, and
// neither is it a suspended one (two- to three-day) nor one that broke a line.
func (p *Pass) hyphenated(i int) bool {
	toks := p.Doc.Tokens
	a, b := i-1, i // the words on both sides
	switch {
	case markOf(p.Doc, &toks[i]) == '-':
		if b++; b >= len(toks) || toks[b].Gap != text.GapNone || toks[i].End-toks[i].Start > 1 {
			return false
		}
	default:
		if a--; a < 0 || toks[i-1].Gap != text.GapNone || toks[i-1].End-toks[i-1].Start > 1 {
			return false
		}
	}
	if toks[a].Kind != text.Word && toks[a].Kind != text.Number || toks[b].Kind != text.Word && toks[b].Kind != text.Number {
		return false
	}
	if p.Info[b].Flags&lm.Function != 0 || p.Doc.Str(a) == p.Doc.Str(b) {
		return false // two- or three-day; wink- wink
	}
	return p.Lex.LookupKey(lm.Key(p.Doc.Str(a)+p.Doc.Str(b))).LnProb == 0
}

// markOf is a token's mark, or 0 for a word or a number.
func markOf(d *text.Document, t *text.Token) rune {
	switch t.Kind {
	case text.Punct, text.Symbol:
		if c := d.Text[t.Start]; c < utf8.RuneSelf {
			return rune(c)
		}
		r, _ := utf8.DecodeRuneInString(d.Text[t.Start:])
		return r
	}
	return 0
}

// proposeMarks proposes the doubtful gaps of some kinds.
func (p *Pass) proposeMarks(sides ...markSide) {
	for k, g := range p.markGaps() {
		if !slices.Contains(sides, g.side) {
			continue
		}
		x, ok := p.markFeatures(k)
		if !ok {
			continue
		}
		a, b := &p.Doc.Tokens[g.i-1], &p.Doc.Tokens[g.i]
		first := g.i - 1
		if g.i >= 2 && b.Gap == text.GapNone && a.Gap == text.GapNone {
			first--
		}
		q := edit.Proposal{
			Span:  edit.Span{Start: int(p.Doc.Tokens[first].Start), End: int(b.End)},
			Edits: []edit.Edit{{Span: edit.Span{Start: int(a.End), End: int(b.Start)}}}, Origin: edit.Extraction, Ceiling: edit.Safe,
			Evidence: weigh(&x, x[mAlone] != 0),
		}
		if g.side == lostAfter && p.quotesOn(g.i) {
			q.Evidence = append(q.Evidence, edit.Evidence{Name: "attribution", Nats: quotesOnNats, Note: "an attribution ended the sentence, and the quotation goes on"})
		}
		left, right := p.Doc.Text[q.Span.Start:a.End], p.Doc.Text[b.Start:b.End]
		if g.side == addedGap && x[mShort] == 0 && x[mSame] == 0 && markOf(p.Doc, b) != ',' && markOf(p.Doc, b) != '.' {
			q.Ceiling = edit.Review // 3 %, (NRW ): the only one of its kind in a long text, 11 of 24 of which were meant
		}
		if g.side == addedGap {
			q.Why = fmt.Sprintf("a space stands between %q and %q", left, right)
		} else {
			q.Edits[0].New = " "
			q.Why = fmt.Sprintf("no space stands between %q and %q", left, right)
		}
		p.Propose(q)
	}
}

// quotesOnNats is what an attribution before a quotation that goes on is worth: all
// of 51 such places in naturally damaged text, read one by one, lacked the space.
const quotesOnNats = 4.0

// quotesOn reports whether the straight mark at token i opens a quotation that goes
// on behind its attribution: "it," he said."But.
func (p *Pass) quotesOn(i int) bool {
	d := p.Doc
	toks := d.Tokens
	if i < 4 || i+1 >= len(toks) || d.Str(i) != `"` || d.Str(i-1) != "." || toks[i-1].Gap != text.GapNone || toks[i+1].Gap != text.GapNone || toks[i+1].Shape&text.InitialUpper == 0 && d.Str(i+1) != "[" {
		return false
	}
	verbs := reportingVerbs()
	verb := false
	for k := i - 2; k > max(0, i-2-maxSubject); k-- {
		switch t := &toks[k]; {
		case t.Kind == text.Word:
			verb = verb || t.Shape&text.InitialUpper == 0 && verbs[p.Keys[k]]
		case d.Str(k) == `"`:
			mark := d.Str(k - 1)
			return verb && t.Gap == text.GapNone && (mark == "," || mark == "?" || mark == "!")
		case t.Kind == text.Punct && d.Str(k) != ".":
			return false
		}
	}
	return false
}

// datesGlued proposes the space after the comma of a date: March 1,1928.
func (p *Pass) datesGlued() {
	toks := p.Doc.Tokens
	for i := 1; i < len(toks); i++ {
		t := &toks[i]
		if t.Kind != text.Number || t.Gap != text.GapSpace || t.End-t.Start < 6 || t.End-t.Start > 7 || !months[p.Doc.Str(i-1)] {
			continue
		}
		day, year, ok := strings.Cut(p.Doc.Str(i), ",")
		if !ok || len(day) > 2 || !yearLike(year) {
			continue
		}
		at := int(t.Start) + len(day) + 1
		p.Propose(edit.Proposal{
			Span: t.Span(), Edits: []edit.Edit{{Span: edit.Span{Start: at, End: at}, New: " "}}, Origin: edit.Extraction, Ceiling: edit.Safe,
			Why:      fmt.Sprintf("no space stands between %q and %q", day+",", year),
			Evidence: []edit.Evidence{{Name: "date", Nats: 5, Note: "a month, a day, a comma and a year"}},
		})
	}
}

var months = map[string]bool{
	"January": true, "February": true, "March": true, "April": true, "May": true, "June": true, "July": true, "August": true,
	"September": true, "October": true, "November": true, "December": true,
	"Jan.": true, "Feb.": true, "Mar.": true, "Apr.": true, "Aug.": true, "Sept.": true, "Oct.": true, "Nov.": true, "Dec.": true,
}

// markFeatures measures a doubtful gap. It returns false for one that is none
// of ours.
func (p *Pass) markFeatures(k int) (x gapFeatures, ok bool) {
	g := p.marks[k]
	doc := p.Doc
	a, b := &doc.Tokens[g.i-1], &doc.Tokens[g.i]
	l, r := markOf(doc, a), markOf(doc, b)
	x[mBias] = 1
	x[mModel] = min(g.odds, 12) / 4
	x[mModelHigh] = max(0, min(g.odds, 12)-5) / 4
	x[mNet] = clip(g.net, 8) / 4
	x[mNetHigh] = max(0, x[mNet]-0.75)
	if g.side == addedGap {
		x[mNetAdded] = x[mNet]
	}
	same, other := float64(p.markFaults[g.side/addedGap]), float64(p.markFaults[1-g.side/addedGap])
	if g.odds > sureMark {
		same--
	}
	words := float64(p.Counts.Words + 20)
	f := p.gaps()
	inWords := f.lost
	if g.side == addedGap {
		inWords = f.added
	}
	x[mSame] = math.Log1p(same*1000/words) / 3
	x[mOther] = math.Log1p(other*1000/words) / 3
	x[mWords] = math.Log1p(inWords*1000/words) / 3
	if same+inWords == 0 {
		x[mAlone] = 1
	}
	if p.Counts.Words < shortText {
		x[mShort] = 1
	}
	// Groups ascend.
	const reach = 6
	j, _ := slices.BinarySearchFunc(f.groups, g.i-reach, func(o gapGroup, i int) int { return o.last - i })
	for ; j < len(f.groups) && f.groups[j].first <= g.i+reach; j++ {
		if o := &f.groups[j]; o.witness && o.least() > 3 {
			x[mNear] = 1
		}
	}
	style := same+inWords < 0.5 // what stands here may be the author's way
	switch {
	case p.address(g.i):
		return x, false
	case g.side == lostAfter && l == '"' && p.quotesOn(g.i-1):
		return x, false // he said."But
	case g.side == lostBefore && r == '(' && g.i+1 < len(doc.Tokens) && strings.Trim(doc.Str(g.i+1), "IVX") == "":
		return x, false // Copper(III)
	case style && g.side == addedGap && (l == '$' || l == '£' || l == '€'):
		return x, false // € 14 is somebody's style
	case style && (l == '–' || l == '—' || r == '–' || r == '—'):
		return x, false
	case g.side == addedGap && inWords < 0.5 && r != ',' && r != '.' &&
		(x[mShort] == 0 || l != '(' && l != '[' && r != ')' && r != ']' && l != '-' && r != '-' && l != '"' && r != '"' && !g.odd):
		return x, false // the French do so, and some authors with brackets
	case g.side == lostAfter && l == '.' && b.Kind == text.Number && (g.i < 2 || doc.Tokens[g.i-2].Kind == text.Word && (len(doc.Str(g.i-2)) < 3 || upperAt(doc.Text, int(doc.Tokens[g.i-2].Start)))):
		return x, false // No.7, St.2
	case style && g.side == lostAfter && l == '.' && g.i >= 2 && doc.Tokens[g.i-2].Kind == text.Number:
		return x, false // 2.Bundesliga
	case g.side == lostAfter && l == '.' && (a.Gap != text.GapNone || a.End-a.Start > 1):
		return x, false // .357, ellipses
	case g.side == lostAfter && l == 0 && a.Shape&text.HasDot != 0 && b.Kind == text.Number:
		return x, false // No.7
	case g.side == lostAfter && l == ',' && thousands(doc, g.i):
		return x, false // lifted41,000troops
	case g.side == lostAfter && l == ';' && g.i >= 3 && a.Gap == text.GapNone && doc.Str(g.i-3) == "&":
		return x, false // Q&amp;A
	case g.side == lostBefore && r == '–' && p.rangeDash(g.i):
		return x, false // 6– 3
	case g.side == lostBefore && r == '(' && p.bracketed(g.i):
		return x, false // O(1), inform(ed)
	case g.side == addedGap && (l == '(' || l == '[') && emptied(doc, g.i):
		return x, false // ( or ): what stood there is gone
	case g.side == addedGap && (r == '°' || l == '°'):
		return x, false // 40 °C is as right as 40°C
	case g.side == addedGap && (r == '.' && b.End-b.Start > 1 || r == '.' && l == '.'):
		return x, false
	case g.side == addedGap && r == '.' && g.i+1 < len(doc.Tokens) && doc.Tokens[g.i+1].Gap == text.GapNone && doc.Tokens[g.i+1].Kind != text.Punct && !g.odd:
		return x, false
	}
	at := mAdded
	switch g.side {
	case lostAfter:
		at = mLostStop
		switch l {
		case '.':
			if !upperAt(doc.Text, int(b.Start)) {
				at = mLostStopLower
			}
		case ',', ';':
			at = mLostComma
		case ':':
			at = mLostColon
		case '!', '?':
		case 0:
			at = mLostDot
		default:
			at = mLostClose
		}
	case lostBefore:
		at = mLostOpen
	default:
		switch r {
		case ',', '.':
			at = mAddedStop
		case '!', '?', ':', ';':
			at = mAddedFrench
		case ')', ']', '}', '”':
			at = mAddedClose
		}
	}
	digits := a.Kind == text.Number || b.Kind == text.Number
	switch {
	case g.side == addedGap && digits && (l == 0 && r == 0 || l == '.' || l == ',' || r == '.' || r == ',' || l == '$' || l == '£' || l == '€' || r == '%'):
		at = mAddedDigits
	case g.side == addedGap && (dash(l) || dash(r)):
		at = mAddedHyphen
	case g.side == addedGap && (l == '(' || l == '['):
		at = mAddedOpen
	case g.side == lostAfter && l == '.' && b.Kind == text.Number && g.i >= 2 && doc.Tokens[g.i-2].Kind == text.Number:
		at = mLostNumber
	case g.side == lostAfter && l == '.' && b.Kind == text.Number:
		at = mLostStop
	case g.side != addedGap && (dash(l) || dash(r)):
		at = mLostDash
	case g.side != addedGap && digits:
		x[mLostDigit] = 1
	}
	if g.odd {
		x[mOdd] = 1
	}
	x[at] = 1
	for _, t := range []int{g.i - 2, g.i - 1, g.i, g.i + 1} {
		if t < 0 || t >= len(doc.Tokens) {
			continue
		}
		switch w := &doc.Tokens[t]; w.Kind {
		case text.Word:
			if p.Info[t].Flags&lm.Known == 0 && (t == g.i || t == g.i-1 || t == g.i-2 && l != 0) {
				x[mUnknown] = 1
				if !upperAt(doc.Text, int(w.Start)) {
					x[mUnknownLower] = 1
				}
			}
		case text.Number:
			if t == g.i || t == g.i-1 || t == g.i-2 && l != 0 {
				x[mNumber] = 1
			}
		}
	}
	if g.side == lostAfter && sentenceStart(doc.Str(g.i)) {
		x[mStarter] = 1
	}
	if g.side == lostAfter && l == '.' && upperAt(doc.Text, int(b.Start)) {
		x[mOpens] = p.opensSentence(g.i).Nats / 3
		if x[mStarter] == 0 && g.i >= 2 && upperAt(doc.Str(g.i-2), 0) {
			x[mBetweenNames] = 1
			if same == 0 && x[mOpens] < 0.2 {
				return x, false // One.Tel, V.League: other marks kept their spaces
			}
		}
	}
	return x, true
}

// thousands reports whether the comma before token i parts the digits of a number
// that words are glued to.
func thousands(doc *text.Document, i int) bool {
	if i < 2 {
		return false
	}
	left, right := doc.Str(i-2), doc.Str(i)
	n := 0
	for n < len(right) && digit(right[n]) {
		n++
	}
	return n == 3 && digit(left[len(left)-1])
}

// rangeDash reports whether the dash at token i stands between two numbers, a space
// behind it, where no date follows: then that space is the one too many.
func (p *Pass) rangeDash(i int) bool {
	toks := p.Doc.Tokens
	if i+1 >= len(toks) || toks[i+1].Gap == text.GapNone {
		return false
	}
	return toks[i-1].Kind == text.Number && toks[i+1].Kind == text.Number && (i+2 >= len(toks) || toks[i+2].Shape&text.InitialUpper == 0)
}

// bracketed reports whether the bracket at token i belongs to the word it touches:
// a function's argument, or the ending that a word may have.
func (p *Pass) bracketed(i int) bool {
	toks := p.Doc.Tokens
	if a := &toks[i-1]; a.Kind == text.Word && a.End-a.Start == 1 {
		return true
	}
	const ending = 3 // bytes
	if i+2 >= len(toks) || toks[i+1].Gap != text.GapNone || toks[i+2].Gap != text.GapNone {
		return false
	}
	switch w := p.Doc.Str(i + 1); {
	case w == "'" || w == "‘":
		return true // Program('hello-world.c')
	case p.Doc.Str(i+2) != ")":
		return false
	default:
		return toks[i+1].Kind == text.Word && len(w) <= ending && !upperAt(w, 0) && toks[i-1].Kind == text.Word
	}
}

// emptied reports whether token i, behind an opening bracket and a space, shows
// that the first words of the bracket were taken out.
func emptied(doc *text.Document, i int) bool {
	switch doc.Str(i) {
	case "or", "and", ",", ";", ")", "]", ":":
		return true
	case "'", "‘":
		return i+1 < len(doc.Tokens) && doc.Tokens[i+1].Kind == text.Punct
	}
	return false
}

func dash(c rune) bool { return c == '-' || c == '–' || c == '—' }

// address reports whether the run of characters without white space around the
// gap before token i looks like a host, a path or code rather than prose.
func (p *Pass) address(i int) bool {
	s := p.Doc.Text
	a, b := int(p.Doc.Tokens[i].Start), int(p.Doc.Tokens[i].Start)
	const look = 80 // bytes on each side
	lo, hi := max(0, a-look), min(len(s), b+look)
	for a > lo && !unicode.IsSpace(rune(s[a-1])) {
		a--
	}
	for b < hi && !unicode.IsSpace(rune(s[b])) {
		b++
	}
	run := s[a:b]
	return strings.Contains(run, "://") || strings.Contains(run, "www.") || strings.Count(run, ".") > 3 || strings.ContainsAny(run, "@\\_={}<>|")
}
