package detect

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
)

// What speaks for or against a group of changed gaps. The weights of
// gapweights.go are fitted on documents that no model was trained on, damaged on
// purpose (copydesk train gaps).
const (
	gBias        = iota
	gLattice     // log odds by the lattice, within 12 nats
	gLatticeHigh // what of it lies above 4
	gLatticeTop  // what of it lies above 10
	gPlain       // common words run together, at least one of them a function word, and nothing else explains the token
	gPlainTop    // the same, times gLattice
	gTakePlain   // pieces that are no words by themselves make a common one
	gTakeTop     // the same, times gLattice
	gDocument    // faults of the same kind elsewhere in the document: ln of their share
	gNear        // another sure fault within six words
	gShort       // a document of less than 60 words
	gContent     // no function word among the new words, lower case
	gContentName // the same, capitalised
	gContentDoc  // either of them, times gDocument
	gCombining   // a part that builds compounds
	gStrange     // new words that nobody knows
	gStrangeName // those of them that are capitalised
	gScrap       // new words of two letters that are no function words
	gListed      // a token now there is in a word list
	gSeen        // how common it is, nats above -17
	gTypo        // the token may be a word mistyped
	gTypoDoc     // a misspelling, in a document with more unknown words
	gRepeated    // a compound that the document holds elsewhere too
	gCaseGap     // a space between a small letter and a capital
	gDigitGap    // a space between a letter and a digit
	gMark        // a hyphen or another mark touches the token
	gMore        // changes beyond the first
	gShift       // a space taken out and one put in
	gTake        // only spaces taken out
	gTakeWords   // both pieces are common words
	gTakeLetter  // a piece is a single letter
	gTakeName    // the first piece is capitalised, the whole is no name
	gTakeStrange // the whole is unknown
	gTakeSeen    // how common the whole is, nats above -17
	gTakeDigits  // digits are joined
	gTakeDoc     // gTake times gDocument
	// Gaps beside marks.
	mBias
	mModel // log odds by the spacing model, at most 12
	mModelHigh
	mSame  // like faults beside other marks: ln of their share
	mOther // unlike ones
	mWords // like faults between words
	mAlone
	mNear
	mShort
	mLostStop
	mLostStopLower
	mLostComma
	mLostColon
	mLostDot
	mLostClose
	mLostOpen
	mAdded
	mAddedStop
	mAddedFrench
	mAddedClose
	mUnknown
	mUnknownLower
	mNumber
	mStarter
	gSpacing        // log odds by the spacing model that the least sure gap of words is wrong
	gSpacingStrange // the same where a word list does not help
	gSpacingTake    // the same where spaces are taken out
	gLatticeLow     // what of gLattice lies below 0
	gSpacingHigh    // what of gSpacing lies above 4
	gStranger       // only the spacing model finds the gap strange
	gSeparate       // a compound whose parts stand apart elsewhere in the document
	gTakeRepeated   // the pieces stand side by side elsewhere in the document
	gTakeElsewhere  // the whole stands elsewhere in the document
	gShortLattice   // gLattice in a short text
	gShortSpacing   // gSpacing in a short text
	gNameLattice    // gLattice of what may be a name
	gListedPlain    // gPlain of a token that only word lists know
	gForeign        // unknown words around that no change touches: another language, or a list of names
	gTakePair       // how much likelier the second piece is after the first than anywhere
	mBetweenNames   // a stop between two capitalised words, the second no word that begins sentences
	mOpens          // how much more at home what follows a stop is at the start of a sentence
	mLostNumber     // a stop between two numbers
	mLostDigit      // a digit touches what follows or goes before
	mAddedOpen      // after an opening bracket
	mAddedDigits    // between digits, or digits and what belongs to them
	mAddedHyphen    // beside a hyphen or a dash
	mLostDash       // the same, a space lost
	mOdd            // a gap that is only looked at in short or hurt texts
	gPair           // how much likelier a part is after the one before it than anywhere, nats from -1 to 8
	gCamel          // two capitalised words in one token, not behind a full stop
	gCamelPair      // gPair of such
	gCamelLattice   // gLattice of such
	gRareName       // the same of a capitalised token that small letters follow
	gQuoted         // the token stands alone between quotation marks
	gNamed          // after a word that introduces a name: called, titled
	gSlip           // how much likelier the parts are than the best word that the token may be mistyped for, nats from -8 to 8
	gTail           // a capitalised token that ends in a or I
	gNeighbours     // a capitalised token beside capitalised words, 0 to 2
	gCamelCommon    // two capitalised everyday words that rarely stand side by side
	gCamelAround    // two capitalised words beside others, 0 to 2
	gCapitalPart    // a part in small letters that nearly always has a capital
	gOpens          // how much more at home the part behind a case gap, and what follows, are at the start of a sentence: nats from -3 to 6
	gTakeForeign    // a piece is a small word of another language
	gTakeLong       // both pieces are common words of four letters or more
	gMistyped       // other words of the document that one letter makes another word of
	gTakeOpaque     // both pieces are in the training text, the whole is not
	gNet            // log odds by the second look that the least sure gap of words is wrong, within 8 nats
	gNetHigh        // what of it lies above 3
	gNetTake        // gNet where spaces are taken out
	gNetStrange     // gNet where a word list does not help
	gNetName        // gNet of what may be a name
	gNetTypo        // gNet of a token that may be mistyped
	mNet            // the same beside marks
	mNetHigh        // what of it lies above 3
	mNetAdded       // mNet where a space is taken out
	gPartSlip       // how much likelier the parts are where unknown ones are taken for mistyped words, nats from 0 to 12
	gPartSlipDoc    // gPartSlip times gMistyped
	gTakeSlip       // how much likelier a short piece is as a small word mistyped than as a piece, nats from 0 to 12
	numGapEvidence
)

var gapEvidence = [numGapEvidence]struct{ name, note string }{
	gBias:           {"prior", "before anything is known of the place"},
	gLattice:        {"lattice", "how much likelier the new spacing is, by words and by what stands around"},
	gLatticeHigh:    {"lattice-sure", "the same where it is sure"},
	gLatticeTop:     {"lattice-top", "the same where it is quite sure"},
	gPlain:          {"plain-words", "common words run together, and nothing else explains it"},
	gPlainTop:       {"plain-lattice", "common words run together, by how much they are likelier"},
	gTakePlain:      {"plain-pieces", "pieces that are no words make a common one"},
	gTakeTop:        {"plain-whole", "pieces that are no words make a common one, by how much it is likelier"},
	gDocument:       {"document-gaps", "how many other gaps of the document are surely wrong"},
	gNear:           {"near-fault", "another gap close by is surely wrong"},
	gShort:          {"short-text", "the text is short"},
	gContent:        {"compound", "no function word among the parts: authors coin compounds"},
	gContentName:    {"compound-name", "no function word among the parts, and it may be a name"},
	gContentDoc:     {"compound-document", "a compound, in a document with other wrong gaps"},
	gCombining:      {"combining-form", "a part that builds compounds"},
	gStrange:        {"strange-part", "a part that no list knows"},
	gStrangeName:    {"strange-name", "a part that may be a name"},
	gScrap:          {"scrap", "a part of two letters"},
	gListed:         {"listed", "a word list holds what stands there"},
	gSeen:           {"seen", "training text holds what stands there"},
	gTypo:           {"typo", "one letter makes another word of it"},
	gTypoDoc:        {"typo-document", "one letter makes another word of it, and the document has more unknown words"},
	gRepeated:       {"repeated", "the document writes it so elsewhere"},
	gCaseGap:        {"case", "a capital after a small letter"},
	gDigitGap:       {"digit", "a digit touches a letter"},
	gMark:           {"mark", "a mark touches the token"},
	gMore:           {"changes", "several gaps change together"},
	gShift:          {"shift", "a space moves"},
	gTake:           {"joined", "a space is taken out"},
	gTakeWords:      {"both-words", "both pieces are common words"},
	gTakeLetter:     {"letter", "a piece is a single letter"},
	gTakeName:       {"piece-name", "the first piece is capitalised"},
	gTakeStrange:    {"whole-strange", "no list knows the whole"},
	gTakeSeen:       {"whole-seen", "training text holds the whole"},
	gTakeDigits:     {"digits", "digits are joined"},
	mBias:           {"mark-prior", "before anything is known of the place"},
	mModel:          {"spacing", "what the characters on both sides say"},
	mModelHigh:      {"spacing-sure", "the same where it is sure"},
	mSame:           {"document-marks", "how many other gaps beside marks are wrong in this way"},
	mOther:          {"document-other-marks", "how many are wrong in the other way"},
	mWords:          {"document-words", "how many gaps between words are wrong in this way"},
	mAlone:          {"only-one", "nothing else in the document is wrong in this way"},
	mShort:          {"short-text", "the text is short"},
	mNear:           {"near-words", "a gap between words close by is surely wrong"},
	mLostStop:       {"after-stop", "the end of a sentence"},
	mLostStopLower:  {"stop-lower", "a full stop before a small letter"},
	mLostComma:      {"after-comma", "a comma"},
	mLostColon:      {"after-colon", "a colon"},
	mLostDot:        {"after-abbreviation", "an abbreviation"},
	mLostClose:      {"after-closing", "a closing mark"},
	mLostOpen:       {"before-opening", "an opening mark"},
	mAdded:          {"beside-mark", "a mark of another kind"},
	mAddedStop:      {"stop-follows", "a stop or a comma"},
	mAddedFrench:    {"before-high-mark", "a mark that some styles set apart"},
	mAddedClose:     {"before-closing", "a closing mark"},
	mUnknown:        {"mark-unknown", "a word beside it is unknown"},
	mUnknownLower:   {"mark-unknown-lower", "an unknown word in small letters beside it"},
	mNumber:         {"mark-number", "a number beside it"},
	mStarter:        {"starter", "a word that begins sentences"},
	gSpacingStrange: {"characters-strange", "what the characters on both sides say, for words that no list knows"},
	gSpacingTake:    {"characters-joined", "what the characters on both sides say, for pieces put together"},
	gSpacing:        {"characters", "what the characters on both sides say"},
	gLatticeLow:     {"lattice-low", "the same where it is against the new spacing"},
	gSpacingHigh:    {"characters-sure", "what the characters on both sides say, where it is sure"},
	gStranger:       {"characters-only", "the words alone would leave the gap as it is"},
	gSeparate:       {"apart-elsewhere", "the parts stand apart elsewhere in the document"},
	gTakeRepeated:   {"pieces-elsewhere", "the document holds the pieces side by side elsewhere too"},
	gTakeElsewhere:  {"whole-elsewhere", "the document holds the whole elsewhere"},
	gShortLattice:   {"short-lattice", "how much likelier the new spacing is, in a short text"},
	gShortSpacing:   {"short-characters", "what the characters on both sides say, in a short text"},
	gNameLattice:    {"name-lattice", "how much likelier the new spacing is, of what may be a name"},
	gListedPlain:    {"listed-plain", "common words run together, though a word list holds what stands there"},
	gForeign:        {"unknown-around", "unknown words stand around it"},
	gTakePair:       {"pieces-pair", "whether the pieces often stand side by side"},
	mBetweenNames:   {"mark-between-names", "a stop between two capitalised words"},
	mOpens:          {"mark-opens-sentence", "whether the words after the stop begin sentences"},
	mLostNumber:     {"stop-number", "a full stop between two numbers"},
	mLostDigit:      {"digit-touches", "a digit touches a mark or a word"},
	mAddedOpen:      {"after-opening", "an opening mark"},
	mAddedDigits:    {"digits-apart", "digits stand apart"},
	mAddedHyphen:    {"beside-dash", "a hyphen or a dash"},
	mLostDash:       {"dash-touches", "a hyphen or a dash touches a word"},
	mOdd:            {"odd-place", "a place where few spaces go wrong"},
	gPair:           {"pair", "whether the parts often stand side by side"},
	gCamel:          {"two-capitals", "both parts have a capital, as in a brand"},
	gCamelPair:      {"two-capitals-pair", "whether two names often stand side by side"},
	gCamelLattice:   {"two-capitals-lattice", "how much likelier the new spacing is, of two capitalised words"},
	gRareName:       {"rare-part-name", "how rare the rarest part is, of what may be a name"},
	gQuoted:         {"in-quotes", "it stands alone between quotation marks"},
	gNamed:          {"named", "a word before it introduces a name"},
	gSlip:           {"against-typo", "how much likelier two words are than one mistyped"},
	gTail:           {"single-letter-name", "the last part of what may be a name is a single letter"},
	gNeighbours:     {"capitals-around", "capitalised words stand on both sides or one"},
	gCamelCommon:    {"two-everyday-words", "two everyday words with capitals that rarely stand side by side, as in a brand"},
	gCamelAround:    {"two-capitals-around", "two capitalised words beside others"},
	gCapitalPart:    {"capital-part", "a part in small letters that nearly always has a capital"},
	gOpens:          {"opens-sentence", "whether a part and what follows begin sentences"},
	gTakeForeign:    {"foreign-piece", "a piece is a small word of another language"},
	gTakeLong:       {"long-pieces", "both pieces are words of four letters or more"},
	gMistyped:       {"typos-around", "other words of the document are one letter away from a word"},
	gTakeOpaque:     {"opaque-whole", "the pieces are words and the whole is none"},
	gNet:            {"second-look", "what characters, pieces and the words around say together"},
	gNetHigh:        {"second-look-sure", "the same where it is sure"},
	gNetTake:        {"second-look-joined", "the same for pieces put together"},
	gNetStrange:     {"second-look-strange", "the same for words that no list knows"},
	gNetName:        {"second-look-name", "the same of what may be a name"},
	gNetTypo:        {"second-look-typo", "the same of what may be mistyped"},
	gPartSlip:       {"mistyped-part", "an unknown part is one letter away from a word that fits"},
	gPartSlipDoc:    {"mistyped-part-document", "the same, in a document with other words mistyped"},
	gTakeSlip:       {"mistyped-piece", "a short piece is one letter away from a small word that fits"},
	mNet:            {"mark-second-look", "what characters, pieces and the words around say together"},
	mNetHigh:        {"mark-second-look-sure", "the same where it is sure"},
	mNetAdded:       {"mark-second-look-joined", "the same where a space stands"},
	gTakeDoc:        {"joined-document", "a space is taken out, in a document with other wrong gaps"},
}

const strangeNats = -3.89 // the log odds of shownGap

const shortText = 60 // words of a text that is too short to show what hurt it

// gapFeatures is a group of changes as the judgement sees it.
type gapFeatures [numGapEvidence]float64

// length is which of the two sets of weights hold: 0 for those of whole articles, 1
// for those of texts of a line or two, that show little of what hurt them.
func (x *gapFeatures) length() int { return int(x[gShort] + x[mShort]) }

// features measures a group.
func (p *Pass) features(f *gapFindings, k int) gapFeatures {
	g := &f.groups[k]
	var x gapFeatures
	lat := g.least()
	x[gBias] = 1
	x[gLattice] = lat / 4
	x[gLatticeHigh] = max(0, lat-4) / 4
	x[gLatticeTop] = max(0, lat-10) / 4
	x[gLatticeLow] = max(-8, min(0, lat)) / 4
	if lat < strangeNats {
		x[gStranger] = 1
	}
	span := p.span(g)
	now := p.Doc.Text[span.Start:span.End]
	words := p.words(g)
	takes, puts := 0, 0
	for _, c := range g.changes {
		if c.start < c.end {
			takes++
			continue
		}
		puts++
		left, right := p.Doc.Text[c.start-1], p.Doc.Text[c.start]
		if upperAt(p.Doc.Text, c.start) && !upperAt(p.Doc.Text, lastRune(p.Doc.Text, c.start)) && !digit(left) {
			x[gCaseGap] = 1
		}
		if digit(left) != digit(right) {
			x[gDigitGap] = 1
		}
	}
	others := f.lost
	if takes > 0 {
		others = f.added + f.lost/2
	}
	for _, c := range g.changes {
		if c.prob >= sureGap && g.witness {
			if takes == 0 || c.start < c.end {
				others -= c.prob
			} else {
				others -= c.prob / 2
			}
		}
	}
	g.alone = others < 0.5 && !f.near(k)
	share := max(0, others) / float64(p.Counts.Words+20)
	x[gDocument] = math.Log1p(share*1000) / 3
	if p.Counts.Words < shortText {
		x[gShort] = 1
	}
	if f.near(k) {
		x[gNear] = 1
	}
	x[gMore] = float64(min(3, len(g.changes)-1))
	if touchesMark(p.Doc, g.first, g.last) {
		x[gMark] = 1
	}
	for i, w := range words {
		base := w[:len(w)-cliticLen(w)]
		if base == "" || numeric(base) {
			continue
		}
		info := p.Lex.LookupKey(lm.Key(base))
		if info.Flags&lm.Known == 0 {
			x[gStrange]++
			if upperAt(base, 0) {
				x[gStrangeName]++
			}
		}
		if len(base) == 2 && info.Flags&lm.Function == 0 {
			x[gScrap] = 1
		}
		if i == 0 && combining(base) && takes == 0 {
			x[gCombining] = 1
		}
	}
	if p.engine.Models.Spacing != nil {
		least := 10.0
		for _, c := range g.changes {
			odds := p.LM.SpaceOdds(p.Doc.Text, c.start, c.end, false)
			if c.start < c.end {
				odds = -odds
			}
			least = min(least, odds)
		}
		x[gSpacing] = max(-8, least) / 4
		x[gSpacingHigh] = max(0, least-4) / 4
		if takes > 0 {
			x[gSpacingTake] = x[gSpacing]
		}
		if x[gStrange] > 0 {
			x[gSpacingStrange] = x[gSpacing]
		}
	}
	if takes == 0 {
		p.mergeFeatures(f, g, &x, now, words)
		p.partFeatures(g, &x, now, words)
	} else {
		p.splitFeatures(g, &x, span, words, puts)
	}
	if p.engine.Models.GapNet != nil {
		p.lookAgain(g, &x)
	}
	x[gForeign] = float64(p.unknownAround(f, k)) / 2
	x[gMistyped] = math.Log1p(1000*float64(f.mistyped)/float64(p.Counts.Words+20)) / 3
	x[gPartSlipDoc] = x[gPartSlip] * x[gMistyped]
	x[gNameLattice] = x[gContentName] * x[gLattice]
	if x[gShort] > 0 {
		x[gShortLattice], x[gShortSpacing] = x[gLattice], x[gSpacing]
	}
	return x
}

// lookAgain asks the second look about each changed gap of a group, all its other
// changes made.
func (p *Pass) lookAgain(g *gapGroup, x *gapFeatures) {
	const around, most = 64, 8.0 // bytes on each side that it may look at; nats
	span := p.span(g)
	from, to := max(0, span.Start-around), min(len(p.Doc.Text), span.End+around)
	s := p.Doc.Text[from:to]
	places := make([]int, 0, 8) // of the changes in s
	shift := -from
	for _, c := range g.changes {
		places = append(places, c.start+shift)
		shift += 1
		if c.start < c.end {
			shift -= 2
		}
	}
	if len(g.changes) > 1 {
		s = p.Doc.Text[from:span.Start] + edit.Reads(p.Doc.Text, span, g.edits()) + p.Doc.Text[span.End:to]
	}
	least := most
	for i, c := range g.changes {
		at := places[i]
		end := at // where the gap ends in s
		if len(g.changes) > 1 != (c.start < c.end) {
			end++
		}
		odds := p.LM.GapOdds(s, at, end, false)
		if c.start < c.end {
			odds = -odds
		}
		least = min(least, odds)
	}
	least = max(-most, least) / 4
	x[gNet], x[gNetHigh] = least, max(0, least-0.75)
	if g.takes() {
		x[gNetTake] = least
	}
	if x[gStrange] > 0 {
		x[gNetStrange] = least
	}
	if x[gContentName] > 0 {
		x[gNetName] = least
	}
	if x[gTypo] > 0 {
		x[gNetTypo] = least
	}
}

func (p *Pass) mergeFeatures(f *gapFindings, g *gapGroup, x *gapFeatures, now string, words []string) {
	content := p.content(g, words)
	if content {
		if upperAt(now, 0) {
			x[gContentName] = 1
		} else {
			x[gContent] = 1
		}
		x[gContentDoc] = x[gDocument]
	}
	base := now[:len(now)-cliticLen(now)]
	info := p.Lex.LookupKey(lm.Key(base))
	if info.Flags&(lm.Known|lm.Dict) != 0 {
		x[gListed] = 1
		if info.LnProb != 0 {
			x[gSeen] = max(0, float64(info.LnProb)+17) / 4
		}
	}
	if content {
		switch n := p.Vocab().Count(base) - 1; {
		case p.apart(words) > 0:
			x[gSeparate] = 1
		case n > 0:
			x[gRepeated] = math.Log1p(float64(n))
		}
	}
	unseen := x[gListed] > 0 && info.LnProb == 0
	plain := !content && (x[gListed] == 0 || unseen)
	for _, w := range words {
		if info := p.Lex.LookupKey(lm.Key(w)); info.LnProb == 0 || info.LnProb < -12 {
			plain = false
		}
	}
	if g.first == g.last && info.Flags&lm.Known == 0 {
		if p.typos(base)[0] != 0 {
			x[gTypo] = 1
			x[gTypoDoc] = math.Log1p(1000*float64(f.odd)/float64(p.Counts.Words+20)) / 3
			plain = false
		}
	}
	if plain && unseen {
		x[gListedPlain] = 1
	}
	if plain {
		x[gPlain], x[gPlainTop] = 1, x[gLattice]
	}
}

// rarelySmall is the lexicon's count up to which a word is rarely written in small
// letters, as Info.Lower scales it: fifteenths.
const rarelySmall = 2

// partFeatures measures how well the parts of a glued token go together, and what
// speaks for a name written in one word.
func (p *Pass) partFeatures(g *gapGroup, x *gapFeatures, now string, words []string) {
	st := p.before(g.first)
	split, pair, rare := 0.0, 8.0, -9.0
	slips := 0.0
	for i, w := range words {
		base := w[:len(w)-cliticLen(w)]
		from := st
		var ln float64
		ln, _, st = p.LM.ScoreToken(st, w)
		split += ln
		slips += p.partSlip(from, base, ln)
		if base == "" || numeric(base) {
			pair = min(pair, 0)
			continue
		}
		info := p.Lex.LookupKey(lm.Key(base))
		if info.LnProb == 0 {
			pair = -1
			continue
		}
		rare = min(rare, float64(info.LnProb))
		if info.Lower <= rarelySmall && !upperAt(base, 0) {
			x[gCapitalPart] = 1
		}
		if i > 0 {
			ln, _ := p.LM.Score(p.LM.Free().Next(lm.Key(words[i-1])), lm.Key(base))
			pair = min(pair, ln-float64(info.LnProb))
		}
	}
	x[gPartSlip] = min(12, slips) / 4
	x[gPair] = max(-1, pair) / 4
	upper := upperAt(now, 0)
	if upper && len(words) > 1 {
		if upperAt(words[1], 0) {
			if x[gCaseGap] > 0 {
				x[gCamel], x[gCamelPair], x[gCamelLattice] = 1, x[gPair], x[gLattice]
			}
		} else {
			x[gRareName] = min(6, -9-rare) / 3
			if last := words[len(words)-1]; len(last) == 1 && !digit(last[0]) {
				x[gTail] = 1
			}
		}
	}
	toks := p.Doc.Tokens
	if k := sentenceGap(words); k >= 0 && x[gCamel] > 0 {
		x[gCamelCommon] = p.everydayBrand(words, pair)
		x[gOpens] = p.opensAfter(words[k+1:], g.last) / 3
	}
	mark := func(i int) bool {
		if i < 0 || i >= len(toks) {
			return false
		}
		switch p.Doc.Str(i) {
		case `"`, "“", "”", "‘", "’", "'", "«", "»":
			return true
		}
		return false
	}
	if g.first == g.last && toks[g.first].Gap == text.GapNone && mark(g.first-1) && mark(g.last+1) && toks[g.last+1].Gap == text.GapNone {
		x[gQuoted] = 1
	}
	if g.first > 0 && namesNext[p.Doc.Str(g.first-1)] || g.first > 1 && mark(g.first-1) && namesNext[p.Doc.Str(g.first-2)] {
		x[gNamed] = 1
	}
	if upper {
		for _, i := range [2]int{g.first - 1, g.last + 1} {
			if i >= 0 && i < len(toks) && toks[i].Kind == text.Word && toks[i].Shape&text.InitialUpper != 0 && (i > g.last || !p.opens(i)) {
				x[gNeighbours]++
			}
		}
		if x[gCamel] > 0 {
			x[gCamelAround] = x[gNeighbours]
		}
	}
	if x[gTypo] > 0 {
		best := math.Inf(-1)
		from := p.before(g.first)
		for _, alt := range p.typos(now[:len(now)-cliticLen(now)]) {
			if alt != 0 {
				ln, next := p.LM.Score(from, alt)
				best = max(best, ln+p.after(next, g.last))
			}
		}
		x[gSlip] = clip(split+p.after(st, g.last)-best, 8) / 4
	}
}

// partSlip is by how many nats an unknown word in small letters is likelier as the
// best word it may be mistyped for, after a state, than as it stands, worth ln there.
func (p *Pass) partSlip(from lm.State, w string, ln float64) (gain float64) {
	const shortest = 4 // bytes: shorter ones are near too many words
	if len(w) < shortest || w[0] < 'a' || w[0] > 'z' || p.Lex.LookupKey(lm.Key(w)).Flags&lm.Known != 0 {
		return 0
	}
	slip := p.slip(len(w))
	for _, alt := range p.typos(w) {
		if alt != 0 {
			v, _ := p.LM.Score(from, alt)
			gain = max(gain, v+slip-ln)
		}
	}
	return gain
}

// everydayBrand is 1 where all words are everyday ones that carry a capital, and
// none is likelier after the one before it than anywhere: NoiseTrade, PetCloud.
func (p *Pass) everydayBrand(words []string, pair float64) float64 {
	const rarely = 1.5 // nats
	if pair > rarely {
		return 0
	}
	for _, w := range words {
		if info := p.Lex.LookupKey(lm.Key(w)); info.LnProb == 0 || info.Lower < everyday || info.Flags&lm.Function != 0 {
			return 0
		}
	}
	return 1
}

// opensAfter tells how much more at home words, and token last+1 behind them, are
// at the start of a sentence than anywhere, in nats: two words are looked at.
func (p *Pass) opensAfter(words []string, last int) (nats float64) {
	if len(words) < 2 && last+1 < len(p.Doc.Tokens) && !p.startsSentence(last+1) {
		words = []string{words[0], p.Doc.Str(last + 1)}
	}
	st := p.LM.Begin()
	for _, w := range words[:min(2, len(words))] {
		info := p.Lex.LookupKey(lm.Key(w))
		if info.LnProb == 0 {
			break
		}
		var ln float64
		ln, st = p.LM.Score(st, lm.Key(w))
		nats += ln - float64(info.LnProb)
	}
	return max(-3, min(6, nats))
}

// namesNext are words that a name follows.
var namesNext = map[string]bool{
	"called": true, "named": true, "titled": true, "entitled": true, "dubbed": true, "nicknamed": true, "renamed": true, "codenamed": true, "app": true, "website": true, "magazine": true, "newspaper": true, "startup": true,
}

// apart counts how often the document holds the first two words side by side,
// with a space between them, in any case.
func (p *Pass) apart(words []string) (n int) {
	if len(words) < 2 || p.Vocab().Count(words[0]) == 0 || p.Vocab().Count(words[1]) == 0 {
		return 0
	}
	toks := p.Doc.Tokens
	for i := 1; i < len(toks); i++ {
		t := &toks[i]
		if t.Gap == text.GapSpace && int(t.End-t.Start) == len(words[1]) && int(toks[i-1].End-toks[i-1].Start) == len(words[0]) &&
			strings.EqualFold(p.Doc.Str(i), words[1]) && strings.EqualFold(p.Doc.Str(i-1), words[0]) {
			n++
		}
	}
	return n
}

func (p *Pass) splitFeatures(g *gapGroup, x *gapFeatures, span edit.Span, words []string, puts int) {
	if puts > 0 {
		x[gShift] = 1
	} else {
		x[gTake] = 1
	}
	x[gTakeDoc] = x[gDocument]
	for i := g.first; i <= g.last; i++ {
		t := &p.Doc.Tokens[i]
		n := t.End - t.Start
		if n == 1 && p.Doc.Text[t.Start] != 'a' && p.Doc.Text[t.Start] != 'I' {
			x[gTakeLetter] = 1
		}
		if digit(p.Doc.Text[t.Start]) && t.Kind == text.Number && (i == g.last || digit(p.Doc.Text[p.Doc.Tokens[i+1].Start])) {
			x[gTakeDigits] = 1
		}
	}
	if p.bothWords(g) {
		x[gTakeWords] = 1
	}
	shortest, known := 1<<30, true
	for i := g.first; i <= g.last; i++ {
		t := &p.Doc.Tokens[i]
		if t.Kind != text.Word {
			continue
		}
		w := p.Doc.Str(i)
		shortest = min(shortest, len(w))
		known = known && len(w) > 1 && p.Info[i].LnProb != 0
		if foreignWords[w] {
			x[gTakeForeign] = 1
		}
	}
	if x[gTakeWords] > 0 && shortest >= 4 {
		x[gTakeLong] = 1
	}
	if puts == 0 && g.last == g.first+1 && p.Info[g.first].LnProb != 0 && p.Info[g.last].LnProb != 0 {
		ln, _ := p.LM.Score(p.LM.Free().Next(lm.Key(p.Doc.Str(g.first))), lm.Key(p.Doc.Str(g.last)))
		x[gTakePair] = max(-1, min(8, ln-float64(p.Info[g.last].LnProb))) / 4
	}
	if puts == 0 && g.last == g.first+1 {
		x[gTakeSlip] = p.pieceSlip(g.first, words[0]) / 4
	}
	odd := false // a piece is no word
	for i := g.first; i <= g.last; i++ {
		t := &p.Doc.Tokens[i]
		if info := &p.Info[i]; t.Kind == text.Word && (info.LnProb == 0 || info.Flags&lm.Known == 0 || info.LnProb < -12.5) || x[gTakeLetter] == 1 {
			odd = true
		}
	}
	// The longest new word.
	whole := ""
	for _, w := range words {
		if len(w) > len(whole) {
			whole = w
		}
	}
	info := p.Lex.LookupKey(lm.Key(whole[:len(whole)-cliticLen(whole)]))
	if info.Flags&lm.Known == 0 {
		x[gTakeStrange] = 1
		if known {
			x[gTakeOpaque] = 1
		}
	}
	if info.LnProb != 0 {
		x[gTakeSeen] = max(0, float64(info.LnProb)+17) / 4
	}
	if odd && info.LnProb != 0 && info.LnProb > -13 && puts == 0 {
		x[gTakePlain], x[gTakeTop] = 1, x[gLattice]
	}
	if len(words) == 1 {
		if p.Vocab().Count(whole[:len(whole)-cliticLen(whole)]) > 0 {
			x[gTakeElsewhere] = 1
		}
		if len(g.changes) == 1 {
			if n := p.apart([]string{p.Doc.Text[span.Start:g.changes[0].start], strings.TrimSuffix(p.Doc.Text[g.changes[0].end:span.End], whole[len(whole)-cliticLen(whole):])}); n > 1 {
				x[gTakeRepeated] = math.Log(float64(n))
			}
		}
	}
	if upperAt(p.Doc.Str(g.first), 0) && !p.opens(g.first) && info.Title < 8 {
		x[gTakeName] = 1
	}
}

// pieceSlip is by how many nats the pieces i and i+1 are likelier as two words, a
// short one of them a small word mistyped (Pakpattan iz) or a possessive (priest s),
// than as the whole that they make: from 0, four short of as likely, to 12.
func (p *Pass) pieceSlip(i int, whole string) (best float64) {
	const doubt, most, longest = 4.0, 12.0, 3 // bytes of a short piece
	const apostrophe = -6.0                   // nats that a lost one costs
	from := p.before(i)
	ln, _, st := p.LM.ScoreToken(from, whole)
	ln += p.after(st, i+1)
	if p.Doc.Str(i+1) == "s" {
		v, _, st := p.LM.ScoreToken(from, p.Doc.Str(i))
		own, st := p.LM.Score(st, lm.Key("'s"))
		best = max(best, v+own+p.after(st, i+1)+apostrophe-ln+doubt)
	}
	for k := i; k <= i+1; k++ {
		w := p.Doc.Str(k)
		if len(w) > longest || w[0] < 'a' || w[0] > 'z' || p.Doc.Tokens[k].Kind != text.Word {
			continue
		}
		for _, alt := range smallWords {
			if !oneLetterApart(w, alt) {
				continue
			}
			v, st := 0.0, from
			var own float64
			for m := i; m <= i+1; m++ {
				if m == k {
					own, st = p.LM.Score(st, lm.Key(alt))
				} else {
					own, _, st = p.LM.ScoreToken(st, p.Doc.Str(m))
				}
				v += own
			}
			best = max(best, v+p.after(st, i+1)+p.slip(len(alt))-ln+doubt)
		}
	}
	return min(best, most)
}

// smallWords are those that a slip of the fingers most often makes a scrap of.
var smallWords = []string{"a", "an", "and", "are", "as", "at", "be", "but", "by", "did", "for", "from", "had", "has", "he", "her", "his", "if", "in", "is", "it", "its", "no", "not", "of", "on", "one", "or", "she", "so", "the", "to", "up", "was", "we", "who"}

// oneLetterApart reports whether a letter more, less, exchanged or in its
// neighbour's place makes one word of another.
func oneLetterApart(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	k := 0
	for k < len(a) && a[k] == b[k] {
		k++
	}
	switch len(b) - len(a) {
	case 0:
		return k < len(a) && (a[k+1:] == b[k+1:] || k+1 < len(a) && a[k] == b[k+1] && a[k+1] == b[k] && a[k+2:] == b[k+2:])
	case 1:
		return a[k:] == b[k+1:]
	}
	return false
}

// foreignWords are small words of other languages, in small letters, that names
// and titles hold: Sogn og Fjordane, Es ist ein Ros, Habib ur Rehman. Those that
// are English too are left out.
var foreignWords = map[string]bool{
	"de": true, "la": true, "le": true, "les": true, "du": true, "des": true, "di": true, "da": true, "del": true, "della": true, "dei": true, "degli": true, "el": true, "los": true, "las": true,
	"en": true, "et": true, "und": true, "der": true, "das": true, "ein": true, "eine": true, "ist": true, "von": true, "zu": true, "zum": true, "zur": true, "im": true, "og": true, "av": true, "på": true, "för": true, "och": true,
	"i": true, "e": true, "o": true, "y": true, "u": true, "al": true, "ul": true, "ur": true, "un": true, "une": true, "una": true, "uno": true, "il": true, "lo": true, "gli": true, "van": true, "het": true, "een": true,
	"née": true, "né": true, "na": true, "ve": true, "ka": true, "ki": true, "ke": true, "ni": true, "wa": true, "ng": true, "ang": true, "dos": true,
}

// oddWords counts the unknown words in small letters that no change touches, and
// those of them that one letter makes a known word of.
func (p *Pass) oddWords(f *gapFindings) (odd, mistyped int) {
	groups := f.groups
	k := 0
	for _, i := range p.At(Unknown) {
		for k < len(groups) && groups[k].last < int(i) {
			k++
		}
		if k < len(groups) && groups[k].first <= int(i) {
			continue
		}
		if c := p.Doc.Text[p.Doc.Tokens[i].Start]; c >= 'a' && c <= 'z' {
			odd++
			if p.typos(p.Doc.Str(int(i)))[0] != 0 {
				mistyped++
			}
		}
	}
	return odd, mistyped
}

// unknownAround counts the unknown words within three tokens of group k that no
// change touches, four at most.
func (p *Pass) unknownAround(f *gapFindings, k int) (n int) {
	const reach, most = 3, 4
	g := &f.groups[k]
	count := func(i int) {
		t := &p.Doc.Tokens[i]
		if t.Kind != text.Word && t.Kind != text.Foreign || t.Kind == text.Word && (t.End-t.Start < 2 || p.Info[i].Flags&lm.Known != 0 && p.Info[i].LnProb != 0) {
			return
		}
		for j := max(0, k-reach); j < min(len(f.groups), k+reach+1); j++ {
			if f.groups[j].first <= i && i <= f.groups[j].last {
				return
			}
		}
		n++
	}
	for i := g.first - 1; i >= 0 && i >= g.first-reach && !p.startsSentence(i+1); i-- {
		count(i)
	}
	for i := g.last + 1; i < len(p.Doc.Tokens) && i <= g.last+reach && !p.startsSentence(i); i++ {
		count(i)
	}
	return min(n, most)
}

// near reports whether a sure group lies within six words of group k.
func (f *gapFindings) near(k int) bool {
	const reach = 6
	g := &f.groups[k]
	sure := func(o *gapGroup) bool { return o.witness && o.least() > 3 }
	for i := k - 1; i >= 0 && f.groups[i].last >= g.first-reach; i-- {
		if sure(&f.groups[i]) {
			return true
		}
	}
	for i := k + 1; i < len(f.groups) && f.groups[i].first <= g.last+reach; i++ {
		if sure(&f.groups[i]) {
			return true
		}
	}
	return false
}

func upperAt(s string, i int) bool {
	if i >= len(s) {
		return false
	}
	if c := s[i]; c < utf8.RuneSelf {
		return c >= 'A' && c <= 'Z'
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return unicode.IsUpper(r)
}

// lastRune is where the character before byte i begins.
func lastRune(s string, i int) int {
	_, n := utf8.DecodeLastRuneInString(s[:i])
	return i - n
}

// touchesMark reports whether a mark other than closing punctuation touches the
// tokens a to b.
func touchesMark(d *text.Document, a, b int) bool {
	odd := func(i int) bool {
		switch d.Str(i) {
		case "-", "/", "_", "\\", "=", "@", "#", "&", "+", "‑", "–", "|", "*":
			return true
		}
		return false
	}
	return a > 0 && d.Tokens[a].Gap == text.GapNone && odd(a-1) ||
		b+1 < len(d.Tokens) && d.Tokens[b+1].Gap == text.GapNone && odd(b+1)
}

// alone is the shift of the prior, in nats, from the documents the weights were
// fitted on, two in three of which were damaged, towards an archive's.
// A text of a line or two cannot show more.
const (
	alone      = -1.6
	aloneShort = -0.6
	aloneMark  = -1.0 // names hold marks: One.Tel
)

// weigh turns features into evidence. Only says that nothing else in the
// document is surely wrong.
func weigh(x *gapFeatures, only bool) []edit.Evidence {
	var out []edit.Evidence
	if only {
		shift := alone
		switch {
		case x[gShort] > 0:
			shift = aloneShort
		case x[mShort] > 0:
			shift = aloneMark
		}
		out = append(out, edit.Evidence{Name: "alone", Nats: shift, Note: "no other gap of the document is surely wrong, and most documents are clean"})
	}
	for k, v := range x {
		if n := v * gapWeights[x.length()][k]; n != 0 {
			out = append(out, edit.Evidence{Name: gapEvidence[k].name, Nats: math.Round(n*1000) / 1000, Note: gapEvidence[k].note})
		}
	}
	return out
}

// GapSample is a group of changes with whether it is right, for FitGaps.
type GapSample struct {
	x     gapFeatures
	Edits []edit.Edit
	Right bool
}

// GapSamples lists the groups of changes that the pass finds.
func (p *Pass) GapSamples() []GapSample {
	f := p.gaps()
	var out []GapSample
	for k := range f.groups {
		out = append(out, GapSample{x: p.features(f, k), Edits: f.groups[k].edits()})
	}
	for k, g := range p.markGaps() {
		if x, ok := p.markFeatures(k); ok {
			out = append(out, GapSample{x: x, Edits: []edit.Edit{{Span: edit.Span{Start: int(p.Doc.Tokens[g.i-1].End), End: int(p.Doc.Tokens[g.i].Start)}}}})
		}
	}
	return out
}

// gapSigns hold the signs that a weight may have: 1 for what can only speak for a
// change, -1 for what can only speak against it, 0 for either. What few samples
// show cannot turn a reason around.
var gapSigns = gapFeatures{
	gPair: 1, gPartSlip: 1, gCamelPair: 1, gOpens: 1, gSlip: 1,
	gMistyped: -1, gCapitalPart: -1, gCamelCommon: -1, gCamel: -1, gRareName: -1, gQuoted: -1, gNamed: -1, gTail: -1, gNeighbours: -1,
	gTakeForeign: -1, gTakeSlip: -1, gTakeLong: -1, gTakeOpaque: -1,
}

// FitGaps fits the weights of the evidence by logistic regression (Newton's
// method with a small penalty) and returns them as the source of gapweights.go.
func FitGaps(samples []GapSample) (source, table string) {
	var b strings.Builder
	b.WriteString("// Code generated by copydesk train gaps; DO NOT EDIT.\n\npackage detect\n\n// By length: whole articles, then texts of a line or two.\nvar gapWeights = [2]gapFeatures{\n")
	var w [2]gapFeatures
	for length := range w {
		var part []GapSample
		for i := range samples {
			if samples[i].x.length() == length {
				part = append(part, samples[i])
			}
		}
		w[length] = fitGaps(part)
		b.WriteString("{\n")
		for k, v := range w[length] {
			fmt.Fprintf(&b, "\t%.3f, // %s\n", v, gapEvidence[k].name)
		}
		b.WriteString("},\n")
	}
	b.WriteString("}\n")
	return b.String(), reliability(samples, &w)
}

// fitGaps fits the weights of texts of one length.
func fitGaps(samples []GapSample) gapFeatures {
	const rounds, penalty, trimAfter, trim = 20, 2.0, 10, 5.5
	var w gapFeatures
	dropped := make([]bool, len(samples))
	for round := range rounds {
		var grad gapFeatures
		var hess [numGapEvidence][numGapEvidence]float64
		for i := range samples {
			s := &samples[i]
			z := 0.0
			for k, v := range s.x {
				z += w[k] * v
			}
			// Text that passes for clean holds glue of its own: what looks most
			// like damage and was not made is taken out once the fit has settled.
			if round == trimAfter && !s.Right && z > trim {
				dropped[i] = true
			}
			if dropped[i] {
				continue
			}
			q := 1 / (1 + math.Exp(-z))
			e := q
			if s.Right {
				e--
			}
			h := q * (1 - q)
			for a, va := range s.x {
				if va == 0 {
					continue
				}
				grad[a] += e * va
				for b, vb := range s.x {
					hess[a][b] += h * va * vb
				}
			}
		}
		for k := range w {
			grad[k] += penalty * w[k]
			hess[k][k] += penalty
		}
		// What stands at the bound of its sign and is pushed against it stays out.
		for k, sign := range gapSigns {
			if sign != 0 && w[k] == 0 && grad[k]*sign > 0 {
				grad[k] = 0
				for j := range hess {
					hess[k][j], hess[j][k] = 0, 0
				}
				hess[k][k] = 1
			}
		}
		step := solve(&hess, grad)
		for k := range w {
			w[k] -= max(-3, min(3, step[k]))
			if w[k]*gapSigns[k] < 0 {
				w[k] = 0
			}
		}
	}
	return w
}

// reliability tells, for several confidences, how many proposals from there on
// are right and how many of all right ones they are.
func reliability(samples []GapSample, w *[2]gapFeatures) string {
	var b strings.Builder
	loss := 0.0
	for i := range samples {
		z := 0.0
		for k, v := range samples[i].x {
			z += w[samples[i].x.length()][k] * v
		}
		if !samples[i].Right {
			z = -z
		}
		loss += math.Log1p(math.Exp(-z)) / float64(len(samples))
	}
	fmt.Fprintf(&b, "log loss %.5f nats a place\n", loss)
	for _, t := range []float64{0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.5} {
		var n, right, all float64
		for i := range samples {
			s := &samples[i]
			z := 0.0
			for k, v := range s.x {
				z += w[s.x.length()][k] * v
			}
			if s.Right {
				all++
			}
			if 1/(1+math.Exp(-z)) >= t {
				n++
				if s.Right {
					right++
				}
			}
		}
		fmt.Fprintf(&b, "confidence %.2f and above: %.2f %% right, %.2f %% of all right ones\n", t, 100*right/n, 100*right/all)
	}
	return b.String()
}

// solve solves a x = b for a symmetric positive a, by elimination.
func solve(a *[numGapEvidence][numGapEvidence]float64, b gapFeatures) gapFeatures {
	for i := range b {
		for j := i + 1; j < len(b); j++ {
			f := a[j][i] / a[i][i]
			if f == 0 {
				continue
			}
			for k := i; k < len(b); k++ {
				a[j][k] -= f * a[i][k]
			}
			b[j] -= f * b[i]
		}
	}
	for i := len(b) - 1; i >= 0; i-- {
		for k := i + 1; k < len(b); k++ {
			b[i] -= a[i][k] * b[k]
		}
		b[i] /= a[i][i]
	}
	return b
}

// Plain reports whether the place is surely damage, whatever made it: words run
// together that the lattice tells apart without doubt, a function word among
// them, and no word mistyped.
func (s GapSample) Plain() bool {
	return s.x[gLattice] > 2 && s.x[gContent]+s.x[gContentName]+s.x[gTypo]+s.x[gListed]+s.x[gTake]+s.x[gShift]+s.x[mBias] == 0
}
