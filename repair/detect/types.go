package detect

import (
	"fmt"

	"copydesk/repair/corpus"
	"copydesk/repair/damage"
	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/page"
	"copydesk/repair/text"
	"copydesk/rules"
)

// Round is when a detector runs: each round sees what the one before cleaned.
type Round uint8

// The rounds, in order.
const (
	Characters Round = iota
	Page             // rule files: what the page put around the article goes; what a person wrote down outranks the general detectors
	Words
	Sentences
	NumRounds
)

// Cue is a set of cheap signs that one scan over the tokens finds. A detector
// runs only where one of its cues was seen, so clean text costs next to nothing.
type Cue uint32

// The cues. Each but Always and those of the round of characters has a list of token indices in Pass.At.
const (
	Unknown         Cue = 1 << iota // a word that the lexicon does not know
	Camel                           // a lower-case letter followed by an upper-case one inside a token
	Mixed                           // letters and digits in one token
	Glued                           // a word, number or opening mark touches the closing mark before it: "process.It", "file,posted", `was"Under`
	LooseMark                       // white space before a closing mark: "narcotics ,", or after an opening one
	OddSpace                        // doubled or odd white space within a line
	OneLetter                       // a single letter standing alone, not "a", "I" or an initial
	LooseClitic                     // 's or ’s standing alone: "Trump 's"
	HyphenSpace                     // a hyphen at the end of a word before white space: "pro- perty"
	Repeat                          // the same word as the one before
	StopLower                       // a full stop followed by a lower-case word
	MidUpper                        // an everyday word with a capital behind a word: "his speech She later"
	ItsForm                         // its, it's, were, we're, and other pairs of real words that differ by an apostrophe
	BareContraction                 // dont, isnt, wont: contractions that lost their apostrophe
	NameS                           // a capitalised word in s, of four letters at least
	Scrap                           // a known word that training text hardly holds: may be a piece of another
	LineBreak                       // a line end within what may be one paragraph
	Misread                         // characters that are unlikely beside each other, or stand for lost bytes
	Script                          // a Latin letter beside a Greek or Cyrillic one
	Escaped                         // what may be an HTML entity
	Tagged                          // what may be a tag
	Hidden                          // control and invisible characters, private use, U+FFFD
	Lost                            // U+FFFD, or another sign where a character stood
	Paged                           // the page is there that the text was taken from
	Form                            // ligatures, wide forms, combining marks
	EndsS                           // a word in s that may be a possessive without its apostrophe, or with one misplaced: a name, or a noun with an s
	Always                          // run on every document; for detectors that look at blocks or the whole text
)

// Example is a text a detector must fix or must keep.
type Example struct {
	In  string
	Out string // equal to In in a Keep example, where it may be left empty
	Lex string // words to add to the lexicon, separated by spaces; rarely needed

	Source string // the address the text comes from; rarely needed
	Page   string // the page it was taken from, as HTML; rarely needed
	Corpus string // what is known of its archive, as corpus.Read takes it; rarely needed
}

// Detector finds one phenomenon. It is a value: list it in All.
type Detector struct {
	ID    string // the rule: family/phenomenon
	Doc   string // two or three sentences for docs/rules.md and the review page
	Round Round
	Cues  Cue // run when any of these was seen
	Fix   []Example
	Keep  []Example
	Run   func(*Pass)
	Rule  *rules.Rule // the rule file that stands behind it; Run is nil then
}

// Pass is one run of the detectors over one document. It is used by one
// goroutine; everything it points to is shared and immutable.
type Pass struct {
	Doc  *text.Document
	Lex  *lm.Memo // the words of LM: one memory
	LM   *lm.Memo
	Keys []lm.Word // of each token's text
	Info []lm.Info // what the lexicon knows of each token (zero for tokens that are no words)
	Seen Cue       // the cues found in this document

	Counts damage.Counts // what the scan counted, for the diagnosis

	Source string // the document's name or address, for rules of one site; may be empty

	site     corpus.View // what the archive says of that site; of no documents where nothing is known
	repeated []ruleMatch // lines that recur in it

	page     *page.Page       // the page the text was taken from; nil where it is not there
	compared *page.Comparison // once it is held against it

	engine              *Engine
	hits                []ruleHit
	firstLong, lastLong int           // the article's first and last long block, for rules' positions
	foreign             []edit.Span   // blocks in other languages, ascending
	oddAt               []int32       // tokens at the end of so little English that their sentence is weighed: see foreignRuns
	anyLang             bool          // what is proposed now is a user's rule, which may know another language
	raw                 text.Document // memory of its own, for Reparse
	parsed              bool          // raw is parsed, and what depends on the text alone is known of it
	scanned             Cue           // the cues that the scan of raw found
	bytes               text.Document // for Raw
	vocab               text.Vocab
	counted             bool // vocab is this document's
	gapState
	profile   *damage.Profile
	earlier   []int   // where earlier rounds repaired clauses; see Diagnosed
	signs     int     // see clauseSigns
	signed    bool    // signs have been counted
	lost      []int32 // see lostMarks
	lostKnown bool    // lost has been counted
	again     uint8   // see lostAgain: 0 unknown, 1 no, 2 yes
	sides     [2][]lm.SideToken
	capitals  []capitalStop // memory for straysBeforeCapitals
	at        [32][]int32
	reread    []edit.Span // what the detector of misread text proposes to change, ascending
	detector  *Detector
	proposals []edit.Proposal
	asides    int  // of the proposals, those that are Aside
	flooded   bool // more was proposed than is kept

	appliedOnly bool // see AppliedOnly
	arrange     arranger
	pairs       sentencePairs
}

// Propose hands in a proposal; beyond MaxProposals none is kept. A proposal with
// unusable spans is our own broken promise: it panics, naming the detector.
func (p *Pass) Propose(q edit.Proposal) {
	if q.Rule == "" {
		q.Rule = p.detector.ID
	}
	if q.Span.Start < 0 || q.Span.End > len(p.Doc.Text) || q.Span.Start > q.Span.End {
		panic(fmt.Sprintf("detector %s proposed the span %v in a text of %d bytes", q.Rule, q.Span, len(p.Doc.Text)))
	}
	switch {
	case q.Aside: // has no say in whether the document floods
		if p.asides >= MaxProposals {
			return
		}
		p.asides++
	case len(p.proposals)-p.asides >= MaxProposals:
		p.flooded = true
		return
	}
	at := q.Span.Start
	for _, e := range q.Edits {
		if e.Start < at || e.End < e.Start || e.End > q.Span.End {
			panic(fmt.Sprintf("detector %s proposed the edit %v outside or out of order in %v", q.Rule, e.Span, q.Span))
		}
		at = e.End
	}
	if !p.anyLang && p.isForeign(q.Span) && edit.Family(q.Rule) != "characters" {
		return // what the detectors know is English
	}
	p.proposals = append(p.proposals, q)
}

// MaxProposals bounds what one round may propose for one document: each takes
// some 3 kB until it is judged. It is one for every fifth word of a book of
// 250,000 words; what has more is no text.
const MaxProposals = 50_000

// Flooded reports whether more was proposed than is kept.
func (p *Pass) Flooded() bool { return p.flooded }
