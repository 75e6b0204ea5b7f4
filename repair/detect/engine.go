package detect

import (
	"math/bits"
	"sync"

	"copydesk/repair/corpus"
	"copydesk/repair/damage"
	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/page"
	"copydesk/repair/text"
	"copydesk/rules"
)

// Engine runs detectors. It is built once and safe for many goroutines.
type Engine struct {
	Models *lm.Models

	// AppliedOnly says that nobody asks for what is not applied: detectors leave
	// out proposals that are Aside. What is applied stays the same.
	AppliedOnly bool

	Corpus *corpus.Index // what is known of the archive; nil where nothing is

	families map[string]bool
	byRound  [NumRounds][]Detector
	cues     [NumRounds]Cue // what any detector of the round waits for
	scans    [NumRounds]*ruleScan
	passes   sync.Pool
}

// NewEngine builds an engine that runs the given detectors, in their order.
func NewEngine(models *lm.Models, detectors []Detector) *Engine {
	e := &Engine{Models: models, families: map[string]bool{}}
	var files [NumRounds][]*rules.Rule
	for _, d := range detectors {
		if d.Rule != nil {
			files[d.Round] = append(files[d.Round], d.Rule)
			e.families[edit.Family(d.ID)] = true
			continue
		}
		e.byRound[d.Round] = append(e.byRound[d.Round], d)
		e.cues[d.Round] |= d.Cues
		e.families[edit.Family(d.ID)] = true
	}
	for r, list := range files {
		if len(list) > 0 {
			e.scans[r] = newRuleScan(list)
		}
	}
	e.passes.New = func() any {
		m := lm.NewMemo(models)
		return &Pass{engine: e, Lex: m, LM: m}
	}
	return e
}

// Raw opens a pass over a text that is not parsed: the round of characters
// needs no tokens. One look over the bytes tells whether it has anything to do.
func (e *Engine) Raw(src string) *Pass {
	p := e.pass()
	p.bytes.Text = src
	p.Doc = &p.bytes
	p.Seen = 0
	if e.cues[Characters] != 0 {
		p.Seen = look(src)
	}
	return p
}

// Scan opens a pass over a document: one look-up a word, and the cues.
// Close it when its proposals are no longer needed.
func (e *Engine) Scan(doc *text.Document) *Pass {
	p := e.pass()
	p.forgetText()
	p.Doc = doc
	p.scan()
	return p
}

// Reparse opens a pass over a text, parsing it into memory the pass owns. What the
// pass before knew of the same text it keeps: a text goes round the road until
// nothing changes, so that each is seen twice at least.
func (e *Engine) Reparse(src string) *Pass {
	p := e.pass()
	if p.parsed && p.raw.Text == src {
		p.Doc, p.Seen = &p.raw, p.scanned
		return p
	}
	p.forgetText()
	text.ParseInto(&p.raw, src)
	p.Doc = &p.raw
	p.scan()
	p.parsed, p.scanned = true, p.Seen
	return p
}

// forgetText forgets what depends on nothing but the text.
func (p *Pass) forgetText() {
	p.parsed = false
	p.Counts = damage.Counts{}
	p.Info = p.Info[:0]
	for i := range p.at {
		p.at[i] = p.at[i][:0]
	}
	p.counted = false
	p.found, p.marksFound = nil, false
	clear(p.mistyped)
	p.lattice.forget()
}

func (e *Engine) pass() *Pass { return e.passes.Get().(*Pass) }

// Close hands the pass's memory back. Nothing that came from the pass may be
// used afterwards but strings.
func (p *Pass) Close() {
	e := p.engine
	p.Doc, p.profile, p.earlier, p.signed, p.lostKnown, p.again = nil, nil, nil, false, false, 0
	p.bytes.Text, p.Source = "", ""
	p.site, p.page, p.compared = corpus.View{}, nil, nil
	p.repeated = p.repeated[:0]
	p.proposals, p.asides, p.flooded = nil, 0, false
	p.reread = p.reread[:0]
	p.arrange.p, p.pairs.p, p.appliedOnly = nil, nil, false
	e.passes.Put(p)
}

// Idle reports whether no detector of the round has anything to look at.
func (p *Pass) Idle(r Round) bool {
	return p.engine.cues[r]&p.Seen == 0 && p.engine.scans[r] == nil
}

// Parses reports whether any detector needs the parsed text.
func (e *Engine) Parses() bool {
	for r := Characters + 1; r < NumRounds; r++ {
		if len(e.byRound[r]) > 0 || e.scans[r] != nil {
			return true
		}
	}
	return false
}

// skips reports whether proposals of this ceiling are not worth their search:
// they would be Aside, and nobody asks for them.
func (p *Pass) skips(ceiling edit.Tier) bool {
	return ceiling < edit.Safe && (p.engine.AppliedOnly || p.appliedOnly)
}

// AppliedOnly is Engine.AppliedOnly for this pass alone.
func (p *Pass) AppliedOnly() { p.appliedOnly = true }

// Run runs the round's detectors and returns their proposals, in the order of
// the list and of the text within each detector.
func (p *Pass) Run(r Round) []edit.Proposal {
	p.proposals, p.flooded = nil, false
	for i := range p.engine.byRound[r] {
		d := &p.engine.byRound[r][i]
		if d.Cues&p.Seen == 0 {
			continue
		}
		p.detector = d
		d.Run(p)
	}
	p.detector = nil
	if p.page != nil && r > Page {
		p.confirm()
	}
	if s := p.engine.scans[r]; s != nil {
		p.runRules(s)
	} else if r == Page {
		p.proposeRules(p.repeated)
	}
	return p.proposals
}

// From says where the document comes from, what the archive knows of that site,
// and which page it was taken from, nil where that is not there.
func (p *Pass) From(source string, site corpus.View, from *page.Page) {
	p.Source, p.site, p.page = source, site, from
	if from != nil {
		p.Seen |= Paged
	}
}

// Vocab is the document's own vocabulary, counted on first use.
func (p *Pass) Vocab() *text.Vocab {
	if !p.counted {
		p.vocab.Build(p.Doc)
		p.counted = true
	}
	return &p.vocab
}

// Profile tells which processes hurt the document: from this pass' own scan,
// unless Diagnosed has said what an earlier one saw. It is worked out on first
// use, for it costs a look at every unknown word.
func (p *Pass) Profile() *damage.Profile {
	if p.profile == nil {
		d := damage.Diagnose(p.Doc, p.Lex, &p.Counts, p.At(Unknown))
		p.profile = &d
	}
	return p.profile
}

// Diagnosed hands the pass what is known of the document's damage: once a round
// has repaired some of it, the text no longer shows it. Clauses are the places, in
// bytes of this text, where earlier rounds applied rules that are Garbled.
func (p *Pass) Diagnosed(d *damage.Profile, clauses []int) { p.profile, p.earlier = d, clauses }

// Garbled reports whether a rule repairs what machine translation does to whole
// clauses: stray stops, moved and doubled words.
func Garbled(rule string) bool {
	switch edit.Family(rule) {
	case "order", "duplicate":
		return true
	case "break":
		return rule == breakLower.ID || rule == breakUpper.ID
	}
	return false
}

// At lists the indices of the tokens that showed a cue, ascending.
func (p *Pass) At(c Cue) []int32 { return p.at[bits.TrailingZeros32(uint32(c))] }

func (p *Pass) mark(c Cue, i int) {
	p.Seen |= c
	k := bits.TrailingZeros32(uint32(c))
	p.at[k] = append(p.at[k], int32(i))
}

// runs reports whether any detector of the family is on.
func (e *Engine) runs(family string) bool { return e.families[family] }
