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

const maxMerged = 64 // bytes of a token that is worth judging

var mergedWords = Detector{
	ID:    "merged/known-parts",
	Doc:   "A token that no lexicon knows reads as two or more words run together, and the words fit what stands around it.",
	Round: Words,
	Cues:  Always,
	Fix: []Example{
		{In: "They have includedUS controls on the export of goods.", Out: "They have included US controls on the export of goods."},
		{In: "It could lead to anationwide ban on the platform.", Out: "It could lead to a nationwide ban on the platform."},
		{In: "He has beencomplainingabout the law for years.", Out: "He has been complaining about the law for years."},
		{In: "The studio has unveiledMouse, a game for children.", Out: "The studio has unveiled Mouse, a game for children."},
		{ // an extractor may glue the same words again and again
			In: "They have includedUS controls on the export of goods.", Out: "They have included US controls on the export of goods.",
			Source: "https://gazette.example/us", Corpus: siteExample + `{"t":"word","one":41,"two":90,"text":"includedus"}`,
		},
	},
	Keep: []Example{
		{In: "The striker scored with a cheeky backheel in the heatwave."},
		{ // a name of the site's own
			In:     "Economists at nabCapital expected no change on Tuesday.",
			Source: "https://gazette.example/bank", Corpus: siteExample + `{"t":"word","one":16,"two":1,"text":"nabcapital"}`,
		},
		{In: "Set maxRetries=5 in the file, call setTimeout() and look for {\"unitName\":\"first\"} there."},
		{In: "Anfernee Simons met Xqzztvelle in Kraków."},
		{In: "The tests are built with libFuzzer and read with digiKam on the server."},
		{In: "They run HappyLantern and OpenVPN on the server, whose filesystems are full."},
		{In: "He hopes to setup a camp by the lake."},
		{In: "The airline's owner, easyGroup, sued the band at the loanDepot stadium."},
	},
	Run: runMerged,
}

const maxGapNats = 20.0 // what the lattice may claim

// runMerged proposes the groups of gaps that only lost spaces.
func runMerged(p *Pass) {
	f := p.gaps()
	for i := range f.groups {
		if g := &f.groups[i]; !g.takes() {
			p.proposeMerge(f, i)
		}
	}
}

// takes reports whether a group takes a space out.
func (g *gapGroup) takes() bool {
	for _, c := range g.changes {
		if c.start < c.end {
			return true
		}
	}
	return false
}

// least is the log odds of the least sure change.
func (g *gapGroup) least() float64 {
	least := g.changes[0].nats
	for _, c := range g.changes[1:] {
		least = min(least, c.nats)
	}
	return max(-maxGapNats, min(maxGapNats, least))
}

// edits are the group's changes to the text.
func (g *gapGroup) edits() []edit.Edit {
	var out []edit.Edit
	for _, c := range g.changes {
		e := edit.Edit{Span: edit.Span{Start: c.start, End: c.end}}
		if c.start == c.end {
			e.New = " "
		}
		out = append(out, e)
	}
	return out
}

// words are the words of the group's tokens after its changes.
func (p *Pass) words(g *gapGroup) []string {
	return strings.Fields(edit.Reads(p.Doc.Text, p.span(g), g.edits()))
}

// span is the group's place.
func (p *Pass) span(g *gapGroup) edit.Span {
	return edit.Span{Start: int(p.Doc.Tokens[g.first].Start), End: int(p.Doc.Tokens[g.last].End)}
}

// combining reports whether a part builds compounds rather than stands alone.
func combining(part string) bool {
	switch strings.ToLower(part) {
	case "super", "auto", "meta", "tele", "mini", "retro", "micro", "mega", "ultra", "anti", "multi", "non", "semi", "pseudo", "neuro", "cyber", "eco", "euro", "geo", "hydro", "inter", "intra", "techno", "bio", "under", "over", "out", "up", "down", "off", "counter", "cross", "self", "post", "pre", "pro", "sub", "un", "re", "co", "de":
		return true
	}
	return false
}

// sureBrand is the evidence, in nats, from which two capitalised words in one
// are taken apart though nothing else in the document is glued: names that often
// stand side by side, like Los Angeles. On 10,000 clean lines of Wikipedia it
// spares five brands and on damaged ones costs 0.07 points of F1; at 4 nats it
// would be twelve, and 0.2 points.
const sureBrand = 2.0

// rarePrefix is the ln probability of a word below which it does not stand glued before
// a capital more often than it begins the name of a program or a firm.
const rarePrefix = -13.5

// brandLower is how many fifteenths of a word's occurrences are in small letters from
// which on its capital behind small letters is likelier a brand's than its own.
const brandLower = 8

// surelySpace is by how many nats a space must be likelier than a stop and a space
// where nothing else shows how the document lost either. In windows with one such
// fault 51 of 51 spaces are likelier by 5 nats and more, and 20 of 289 stops seem
// less likely than a space, all but 3 of them by less.
const surelySpace = 5.0

func (p *Pass) proposeMerge(f *gapFindings, n int) {
	g := &f.groups[n]
	parts := p.words(g)
	span := p.span(g)
	w := p.Doc.Text[span.Start:span.End]
	x := p.features(f, n)
	q := edit.Proposal{
		Span: span, Edits: g.edits(), Origin: edit.Extraction, Ceiling: edit.Safe,
		Why:      fmt.Sprintf("%q reads as %q", w, strings.Join(parts, " ")),
		Evidence: weigh(&x, g.alone),
	}
	if s, ok := p.siteGap(g); ok {
		q.Evidence = append(q.Evidence, s.evidence()...)
	}
	if x[gContent]+x[gContentName]-x[gCaseGap] > 0 && g.alone && x[gRepeated]+1-x[gShort] > 0 && len(parts) == 2 {
		q.Ceiling = edit.Review // the only damage of its kind, and it may be a coinage
	}
	if g.alone && upperAt(w, 0) && x[gCaseGap] == 0 && (parts[len(parts)-1] == "a" || p.Lex.LookupKey(lm.Key(parts[0])).LnProb == 0) {
		q.Ceiling = edit.Review // Shapovalova, Ettingshall: a name of its own
	}
	if g.alone && len(parts) == 2 && upperAt(w, 0) && upperAt(parts[1], 0) && q.Nats() < sureBrand {
		q.Ceiling = edit.Review // AllMusic, PokerStars: a brand, where nothing else is glued
	}
	if slices.ContainsFunc(parts, misreadScrap) {
		q.Ceiling = edit.Review // levelÂ, delegationís: what is left of a mark in a wrong character set
	}
	coined := g.alone && (x[gContent]+x[gContentName] > 0 && p.coinage(w, parts, q.Nats()) || x[gCaseGap] > 0 && p.program(g, parts))
	if g.alone && len(parts) == 2 && particle(parts[1]) && x[gSeen] > 0 {
		q.Ceiling = edit.Review // to setup a camp: authors write so, and the word is one
	}
	if x[gContent]+x[gContentName] > 0 && p.host(g.last) {
		q.Ceiling = edit.Review // ChinaNews.com
	}
	if g.first > 0 && p.Doc.Tokens[g.first].Gap == text.GapNone && p.Doc.Str(g.first-1) == "*" {
		q.Ceiling = edit.Review // #f*cktrump: the rest of a word
	}
	if p.inPath(g.first) || p.identifies(g.first, g.last) {
		q.Ceiling = edit.Review // home/myfiles/notes, maxRetries=5
	}
	nonsense := false
	for k, part := range parts[:len(parts)-1] {
		if next := parts[k+1]; determiner(part) && (strings.EqualFold(next, "and") || strings.EqualFold(next, "of") || determiner(next)) {
			nonsense = true
		}
	}
	if n := len(parts); determiner(parts[n-2]) && strings.HasSuffix(parts[n-1], "ed") && g.last+1 < len(p.Doc.Tokens) && determiner(p.Doc.Str(g.last+1)) {
		nonsense = true // "by the uncovered the fact"
	}
	if k := sentenceGap(parts); k >= 0 && !nonsense && len(parts) == len(g.changes)+1 && p.engine.runs("break") {
		// A sentence's end was lost with the space, or only the space: the model decides.
		stop, space := p.stopOrSpace(g, parts, k)
		base := min(8.5, q.Nats())
		other := q
		other.Rule, other.Why = "break/glued-sentence", fmt.Sprintf("%q holds the end of a sentence and the beginning of the next", w)
		other.Edits = slices.Clone(q.Edits)
		other.Edits[k].New = ". "
		note := "whether a stop or only a space was lost"
		lattice := edit.Evidence{Name: "lattice", Nats: base, Note: "how much likelier the words are apart"}
		q.Evidence = []edit.Evidence{lattice, {Name: "model", Nats: min(0, space-stop), Note: note}}
		other.Evidence = []edit.Evidence{lattice, {Name: "model", Nats: min(0, stop-space), Note: note}}
		p.Propose(other)
		if g.alone && space-stop < surelySpace {
			q.Ceiling = edit.Review // "trying to look busyLe Tissier puts": nothing shows what hurt the text
		}
	}
	if coined {
		q.Ceiling = edit.Review
	}
	if nonsense {
		q.Rule, q.Edits, q.Ceiling = "merged/dropped-text", nil, edit.Hint
		q.Why = "the words run together here do not fit one another: text was lost between them"
	}
	p.Propose(q)
}

// program reports whether a rare word in small letters and one with a capital may be a
// program's or a firm's name: libFuzzer, digiKam, eniferBio; or a plain one and one that
// is mostly written small, where no sentence may begin: easyGroup, dearMoon. Behind what
// a link follows, "unveiledMouse", "viaPolygon", it is a title.
func (p *Pass) program(g *gapGroup, parts []string) bool {
	if len(parts) != 2 || upperAt(parts[0], 0) {
		return false
	}
	a, b := p.Lex.Lookup(parts[0]), p.Lex.Lookup(parts[1])
	switch {
	case a.LnProb == 0 || a.LnProb < rarePrefix:
		return true
	case a.Flags&lm.Function != 0 || b.Flags&lm.Function != 0 || b.Lower < brandLower || parts[0] == "via" || reporting[parts[0]],
		strings.HasSuffix(parts[0], "ed") && a.Flags&lm.Adj == 0, strings.HasSuffix(parts[0], "ing") && a.Flags&(lm.Adj|lm.Noun) == 0:
		return false
	}
	stop, space := p.stopOrSpace(g, parts, 0)
	return space > stop
}

// misreadScrap reports whether a part is a letter or two that English does not have.
func misreadScrap(part string) bool {
	n := 0
	for _, c := range part {
		if c >= utf8.RuneSelf {
			n++
		}
	}
	return n > 0 && utf8.RuneCountInString(part) <= 2 && part != "à"
}

// coinage reports whether content words in one, where nothing else of a document
// is glued, are likelier a name made up of them than run together: two words that
// are written small but begin with capitals there, and do not belong together
// (QuietMeadow, but not WhiteHouse); I before a name (IPython); and three or more
// that a program's author strung together (maxItemCount).
func (p *Pass) coinage(w string, parts []string, nats float64) bool {
	const (
		small   = 8   // fifteenths: a word that is mostly written small
		strange = 1.0 // nats: the second word is hardly likelier behind the first than anywhere
		sure    = 3.5 // nats of evidence that overrule it
	)
	if len(parts) > 2 {
		for _, part := range parts[1:] {
			if !upperAt(part, 0) || p.Lex.Lookup(part).Title >= small {
				return false // greatKeithMiller
			}
		}
		return !upperAt(w, 0)
	}
	if !upperAt(parts[0], 0) || !upperAt(parts[1], 0) {
		return false
	}
	if parts[0] == "I" {
		return true
	}
	a, b := p.Lex.Lookup(parts[0]), p.Lex.Lookup(parts[1])
	if nats >= sure || a.Lower < small || b.Lower < small-2 || a.Flags&lm.Function != 0 {
		return false
	}
	ln, _ := p.LM.Score(p.LM.Free().Next(lm.Key(parts[0])), lm.Key(parts[1]))
	return ln-float64(b.LnProb) < strange
}

// particle reports whether a word makes phrasal verbs whose noun is one word:
// set up, a setup.
func particle(w string) bool {
	switch w {
	case "up", "out", "in", "on", "off", "down", "over", "back", "away":
		return true
	}
	return false
}

// inPath reports whether slashes touch token i on both sides.
func (p *Pass) inPath(i int) bool {
	toks := p.Doc.Tokens
	return i > 0 && i+1 < len(toks) && toks[i].Gap == text.GapNone && toks[i+1].Gap == text.GapNone && p.Doc.Str(i-1) == "/" && p.Doc.Str(i+1) == "/"
}

// identifies reports whether the tokens first to last are an identifier of a program
// or of its data: they touch a mark that words do not touch, or are a key ("unitName":)
// or a call (exit()).
func (p *Pass) identifies(first, last int) bool {
	toks := p.Doc.Tokens
	touches := func(i int, marks string) bool {
		return i < len(toks) && toks[i].Gap == text.GapNone && strings.IndexByte(marks, p.Doc.Text[toks[i].Start]) >= 0
	}
	const code = "=_\\{}`|^~"
	if first > 0 && toks[first].Gap == text.GapNone {
		if c := p.Doc.Text[toks[first-1].Start]; strings.IndexByte(code, c) >= 0 || c == '$' && toks[first].Kind == text.Word && !digit(p.Doc.Text[toks[first].Start]) {
			return true
		}
	}
	if touches(last+1, code) {
		return true
	}
	return touches(last+1, `"`) && touches(last+2, ":") || touches(last+1, "(") && touches(last+2, ")")
}

// host reports whether a stop and a small letter touch the end of token i: what
// follows is the rest of an address.
func (p *Pass) host(i int) bool {
	toks := p.Doc.Tokens
	return i+2 < len(toks) && toks[i+1].Gap == text.GapNone && toks[i+2].Gap == text.GapNone && p.Doc.Str(i+1) == "." &&
		toks[i+2].Kind == text.Word && !upperAt(p.Doc.Text, int(toks[i+2].Start))
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func determiner(w string) bool {
	switch strings.ToLower(w) {
	case "the", "a", "an", "their", "its", "our", "your", "his":
		return true
	}
	return false
}

// before is the model's state before token i.
func (p *Pass) before(i int) lm.State {
	st := p.LM.Begin()
	k := i
	for k > 0 && i-k < 2 && !p.startsSentence(k) {
		k--
	}
	if i-k == 2 && !p.startsSentence(k) {
		st = p.LM.Free()
	}
	for ; k < i; k++ {
		st = st.Next(p.Keys[k])
	}
	return st
}

func (p *Pass) startsSentence(i int) bool {
	return i == 0 || p.Doc.Tokens[i].Gap >= text.GapLine || p.Doc.Tokens[i].Gap != text.GapNone && p.Doc.EndsSentence(i-1)
}

// prepare is LM.Prepare for words in place of those up to token i, with the two
// that follow it.
func (p *Pass) prepare(st lm.State, i int, words ...lm.Word) {
	k := i + 1
	for ; k <= i+2 && k < len(p.Keys); k++ {
		words = append(words, p.Keys[k])
	}
	p.LM.Prepare(st, words...)
}

// after scores the two tokens that follow token i.
func (p *Pass) after(st lm.State, i int) float64 {
	var sum float64
	for k := i + 1; k <= i+2; k++ {
		if k >= len(p.Doc.Tokens) || p.startsSentence(k) {
			ln, _ := p.LM.Score(st, lm.End)
			return sum + ln
		}
		var ln float64
		ln, _, st = p.LM.ScoreKey(st, p.Keys[k], p.Doc.Str(k))
		sum += ln
	}
	return sum
}

// caseCost is the ln probability of a word's spelling in this case.
func caseCost(info lm.Info, part string, first bool) float64 {
	n := info.Lower + info.Title + info.Upper
	if n == 0 && info.Flags&lm.Cased == 0 {
		return -1
	}
	r, size := utf8.DecodeRuneInString(part)
	var share uint8
	switch {
	case !unicode.IsUpper(r):
		share = info.Lower
	case len(part) > size && strings.ToUpper(part) == part:
		share = info.Upper
	case part == "I" || part == "A":
		share = 8
	default:
		share = info.Title
		if first {
			share = max(share, 8) // a sentence may begin here
		}
	}
	return math.Log((float64(share) + 0.1) / 15.4)
}

// sentenceGap is the gap before the only part that begins with a capital after
// one that ends in lower case, or -1.
func sentenceGap(parts []string) int {
	found := -1
	for k := 1; k < len(parts); k++ {
		c, l := parts[k][0], parts[k-1][len(parts[k-1])-1]
		if c >= 'A' && c <= 'Z' && l >= 'a' && l <= 'z' {
			if found >= 0 {
				return -1
			}
			found = k - 1
		}
	}
	return found
}

// stopOrSpace scores, in nats, a merged token read with a full stop in its gap
// k and with a space there.
func (p *Pass) stopOrSpace(g *gapGroup, parts []string, k int) (stop, space float64) {
	st := p.before(g.first)
	for _, part := range parts[:k+1] {
		_, _, st = p.LM.ScoreToken(st, part)
	}
	rest := func(st lm.State) (sum float64) {
		for _, part := range parts[k+1:] {
			var ln float64
			ln, _, st = p.LM.ScoreToken(st, part)
			sum += ln
		}
		return sum + p.after(st, g.last)
	}
	right := p.Lex.Lookup(parts[k+1])
	space = rest(st) + caseCost(right, parts[k+1], false)
	ln, next := p.LM.Score(st, lm.Key("."))
	ln2, _ := p.LM.Score(next, lm.End)
	stop = ln + ln2 + rest(p.LM.Begin()) + gluedBoundary*p.gluedBoundary(g, parts, k)
	if w := parts[k+1]; len(w) > 1 && strings.ToUpper(w) == w {
		stop -= 5 // capitals throughout: US is no sentence's "us"
	} else if right.Lower < 8 {
		stop -= 2.5 // a name: its capital says nothing of a sentence
	}
	return stop, space
}
