package repair

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"

	"copydesk/repair/corpus"
	"copydesk/repair/damage"
	"copydesk/repair/detect"
	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/page"
	"copydesk/repair/resolve"
	"copydesk/repair/text"
	"copydesk/rules"
)

// Version is the tool's version as the log names it.
const Version = "0.1.0"

// maxPasses bounds how often a text goes round the road until nothing changes.
const maxPasses = 6

// Options choose what a Repairer does. The zero value is the archive profile:
// the safe tier, every family.
type Options struct {
	Profile  string        // "archive" (also when empty), "nlp" or "publish": see profiles
	Tier     edit.Tier     // the least trusted tier that is applied: Safe (also when zero) or Review
	MinConf  float64       // apply nothing below this calibrated confidence, 0 to 1
	Families []string      // the families that run; nil means all
	Words    []string      // words to know and to leave alone
	Rules    []*rules.Set  // rule files beside the shipped ones; a rule with a shipped one's ID takes its place
	Corpus   *corpus.Index // what is known of the archive that the documents come from; may be nil
	Raw      bool          // take every rule's evidence at its word: to calibrate it

	// AppliedOnly says that only what is applied is asked for: proposals that
	// could not be are left out where their search is dear. The repaired text is
	// the same. It is ignored for the tier Review.
	AppliedOnly bool
}

// profiles are what a text is repaired for.
var profiles = map[string]struct {
	minConf float64 // apply nothing below
	source  bool    // repair what the publisher printed wrong too, by rules that say so
}{
	"archive": {},              // a record: what was published stays, misprints and all
	"nlp":     {minConf: 0.98}, // a pipeline reads on: rather a fault left than one made
	"publish": {source: true},  // goes out again under the publisher's own eyes
}

// Repairer repairs documents. Safe for many goroutines.
type Repairer struct {
	opts   Options
	engine *detect.Engine
	judge  *resolve.Judge
	hash   string // of the rules and the user's words
}

// New builds a Repairer. It fails only on unusable options or models.
func New(opts Options) (*Repairer, error) {
	opts.Profile = cmp.Or(opts.Profile, "archive")
	use, ok := profiles[opts.Profile]
	if !ok {
		return nil, fmt.Errorf("unknown profile %q: use archive, nlp or publish", opts.Profile)
	}
	if opts.Tier == edit.Hint {
		opts.Tier = edit.Safe
	}
	for _, f := range opts.Families {
		if !slices.Contains(edit.Families, f) {
			return nil, fmt.Errorf("unknown family %q: use some of %s", f, strings.Join(edit.Families, ", "))
		}
	}
	models, err := lm.Open(rules.Model())
	if err != nil {
		return nil, err
	}
	if models.Filter, err = lm.OpenFilter(rules.Filter()); err != nil {
		return nil, err
	}
	if models.Spacing, err = lm.OpenSpacing(rules.Spacing()); err != nil {
		return nil, err
	}
	if models.GapNet, err = lm.OpenGapNet(rules.GapNet()); err != nil {
		return nil, err
	}
	if models.Boundary, err = lm.OpenBoundary(rules.Boundary()); err != nil {
		return nil, err
	}
	if models.Classes, err = lm.OpenClasses(rules.Classes()); err != nil {
		return nil, err
	}
	if len(opts.Words) > 0 {
		models.Lexicon = models.Lexicon.With(opts.Words)
	}
	var table resolve.Table
	if !opts.Raw {
		if table, err = resolve.ParseTable(rules.Calibration()); err != nil {
			return nil, err
		}
	}
	all := detect.Running(opts.Rules...)
	var list []detect.Detector
	for _, d := range all {
		if opts.Families == nil || slices.Contains(opts.Families, edit.Family(d.ID)) {
			list = append(list, d)
		}
	}
	engine := detect.NewEngine(models, list)
	engine.Corpus = opts.Corpus
	engine.AppliedOnly = opts.AppliedOnly && opts.Tier == edit.Safe
	return &Repairer{
		opts:   opts,
		engine: engine,
		judge:  &resolve.Judge{Tier: opts.Tier, MinConf: max(opts.MinConf, use.minConf), Source: use.source, Table: table},
		hash:   hashRules(all, opts),
	}, nil
}

// hashRules identifies everything that decides what is proposed but the models
// and the program: every detector, every rule file, the user's words.
func hashRules(all []detect.Detector, opts Options) string {
	h := sha256.New()
	for _, d := range all {
		fmt.Fprintf(h, "%q %q\n", d.ID, d.Doc)
	}
	fmt.Fprintln(h, rules.Running().Hash())
	for _, s := range opts.Rules {
		fmt.Fprintln(h, s.Hash())
	}
	if opts.Corpus != nil {
		fmt.Fprintln(h, opts.Corpus.Hash())
	}
	for _, w := range opts.Words {
		fmt.Fprintf(h, "%q\n", w)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// Header describes the Repairer for the log.
func (r *Repairer) Header() Header {
	return Header{
		Tool: "copydesk " + Version, Rules: r.hash, Model: "sha256:" + rules.ModelSum(),
		Profile: r.opts.Profile, Tier: r.opts.Tier,
	}
}

// Header is what the log's run line says of a Repairer.
type Header = edit.RunRecord

// Change is one proposal as the log shows it, in positions of the input and of
// the output.
type Change struct {
	Src, Out      edit.Span // bytes; Out is where the place stands in the output, changed or not
	Before, After string
	HasAfter      bool // false for a hint without a repair
	Rule          string
	Origin        edit.Origin
	Conf          float64 // calibrated, 0 to 1
	Tier          edit.Tier
	Ceiling       edit.Tier // the highest tier that its rule may reach there, however sure
	Applied       bool
	Verdict       edit.Verdict
	By            string // what outscored it
	Alts          []edit.Alt
	Segs          []edit.Span // for a move: its pieces in the input, in their new order
	Why           []string
	Evidence      []edit.Evidence
}

// Result is what became of one document.
type Result struct {
	Text    string // the repaired text; the input itself when nothing changed
	Changes []Change
	Damage  damage.Profile // which processes hurt the document; only where something was proposed
	Fused   string         // why the harm fuse left the document as it was; empty when it did not
}

// Changed reports whether any change was applied.
func (r Result) Changed() bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return c.Applied })
}

// Fix repairs one document, given as valid UTF-8. It never fails: a text that
// does not come to rest comes back as it was, its changes held for review.
func (r *Repairer) Fix(src string) Result { return r.FixFrom("", src) }

// FixFrom repairs a document that comes from source, its address or any name
// that holds its host: the rules of that site run as well.
func (r *Repairer) FixFrom(source, src string) Result { return r.FixPage(source, nil, src) }

// FixPage repairs a document that was taken from a page, which is evidence for
// what was lost on the way; nil where it is not there.
func (r *Repairer) FixPage(source string, from *page.Page, src string) Result {
	site, _ := r.opts.Corpus.At(corpus.SiteOf(source))
	j := journey{r: r, source: source, site: site, page: from}
	out := j.road(src)
	if j.flooded {
		return Result{Text: src, Fused: fmt.Sprintf("more than %d proposals", detect.MaxProposals)}
	}
	if len(j.layers) == 0 {
		return Result{Text: src}
	}
	layers := j.layers
	rested := out == src
	for n := 0; !rested && n < maxSettle; n++ {
		// Mostly another run changes nothing, and what it would only show is known.
		proof := journey{r: r, source: source, site: site, page: from, proof: r.opts.Tier == edit.Safe}
		if rested = proof.road(out) == out; !rested {
			next := journey{r: r, source: source, site: site, page: from}
			again := next.road(out)
			layers, out = append(layers, next.layers...), again
		}
	}
	changes := trace(src, out, layers)
	profile := r.diagnose(src, &j)
	if out == src {
		return Result{Text: out, Changes: changes, Damage: profile}
	}
	if why := measure(src, changes).blown(); why != "" {
		return Result{Text: src, Changes: hold(changes, "beyond all reason: "+why), Damage: profile, Fused: why}
	}
	if !rested {
		return Result{Text: src, Changes: hold(changes, "the document does not come to rest"), Damage: profile}
	}
	if !leads(src, out, changes) { // our fault, and never the article's end
		return Result{Text: src, Damage: profile, Fused: "its changes do not lead to the repaired text: please report it"}
	}
	return Result{Text: out, Changes: changes, Damage: profile}
}

// Show shows a document to a collector of evidence, as it reads once the round of
// characters has repaired it: that is how the evidence is asked for.
func (r *Repairer) Show(c *corpus.Collector, source, src string) {
	site := corpus.SiteOf(source)
	if site == "" {
		return
	}
	j := journey{r: r, source: source}
	p := r.engine.Reparse(j.characters(src))
	defer p.Close()
	c.Add(site, p.Doc, p.At(detect.Unknown))
}

// maxSettle is how many runs over its own output a document may need until one
// changes nothing. A cleaner text is diagnosed anew, which may tip a last doubt;
// of the labelled documents none needs more than two.
const maxSettle = 4

// diagnose is what the log says of a document's damage: what the journey saw,
// and of the wrong charset what the text showed before it was decoded anew.
func (r *Repairer) diagnose(src string, j *journey) damage.Profile {
	if j.profile != nil && j.parsed == src {
		return *j.profile
	}
	p := r.engine.Reparse(src)
	defer p.Close()
	d := *p.Profile()
	if j.profile != nil {
		q := *j.profile
		q.P[damage.WrongCharset] = max(q.P[damage.WrongCharset], d.P[damage.WrongCharset])
		return q
	}
	return d
}

// layer is one round's judgement over the text that it saw.
type layer struct {
	src     string
	entries []edit.Entry
	edits   []edit.Edit
}

// journey is one text's way round the road.
type journey struct {
	r       *Repairer
	source  string // where the text comes from
	site    corpus.View
	page    *page.Page // what it was taken from
	layers  []layer
	profile *damage.Profile // which processes hurt it, from the first parse of it that had something to judge
	parsed  string          // what that parse saw
	proof   bool            // only what is applied matters, see Options.AppliedOnly
	flooded bool            // so much was proposed that this is no text to repair
	held    []edit.Span     // what the round of characters holds for review as misread, in bytes of the current text
	clauses []int           // where rules that are Garbled were applied, in bytes of the current text
}

// road takes a text through the rounds until nothing changes, and returns what
// it became.
func (j *journey) road(src string) string {
	e := j.r.engine
	cur := src
	for range maxPasses {
		before := cur
		cur = j.characters(cur)
		if !e.Parses() {
			if cur == before {
				break
			}
			continue
		}
		p := e.Reparse(cur)
		next := j.round(p, detect.Page, cur)
		if next != cur {
			p.Close()
			cur = next
			p = e.Reparse(cur)
		}
		next = j.round(p, detect.Words, cur)
		if next != cur {
			// The pass saw the old text: the sentences need a new one.
			p.Close()
			cur = next
			p = e.Reparse(cur)
		}
		cur = j.round(p, detect.Sentences, cur)
		p.Close()
		if cur == before {
			break
		}
	}
	return cur
}

// maxCharacters bounds how often the round of characters runs before the text
// is parsed: entities within misread text within entities were seen.
const maxCharacters = 4

// characters runs the round of characters until it finds nothing more.
func (j *journey) characters(cur string) string {
	for range maxCharacters {
		p := j.r.engine.Raw(cur)
		next := j.round(p, detect.Characters, cur)
		p.Close()
		if next == cur {
			break
		}
		cur = next
	}
	return cur
}

// round runs one round of detectors, and applies what the judge chooses.
func (j *journey) round(p *detect.Pass, round detect.Round, cur string) string {
	p.From(j.source, j.site, j.page)
	if j.proof {
		p.AppliedOnly()
	}
	if round == detect.Characters {
		j.held = nil
	}
	if p.Idle(round) {
		return cur
	}
	if j.profile != nil {
		p.Diagnosed(j.profile, j.clauses)
	}
	proposals := p.Run(round)
	if p.Flooded() {
		j.flooded = true
	}
	if len(proposals) == 0 || j.flooded {
		return cur
	}
	if j.profile == nil && round != detect.Characters {
		d := *p.Profile()
		j.profile, j.parsed = &d, cur
	}
	if round != detect.Characters {
		guard(p.Doc, proposals)
		j.guardHeld(proposals)
		if len(j.r.opts.Words) > 0 {
			guardOwn(p, proposals)
		}
	}
	profile := j.profile
	if profile == nil {
		profile = &damage.Profile{} // the round of characters judges before the first parse
	}
	entries := j.r.judge.Choose(cur, proposals, profile)
	if len(entries) == 0 {
		return cur
	}
	l := layer{src: cur, entries: entries}
	garbled, held := j.clauses, j.held
	for _, e := range entries {
		if round == detect.Characters && e.Verdict == edit.Held && detect.Misreads(e.Rule) {
			held = append(held, e.Span)
		}
		if e.Verdict == edit.Applied {
			l.edits = append(l.edits, e.Edits...)
			if detect.Garbled(e.Rule) {
				garbled = append(garbled, e.Span.Start)
			}
		}
	}
	slices.SortFunc(l.edits, func(a, b edit.Edit) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	out, err := edit.Apply(cur, l.edits)
	if err != nil {
		panic("the resolver applied rivals: " + err.Error())
	}
	m := edit.NewMap(l.edits)
	j.clauses = nil
	for _, at := range garbled {
		there, _ := m.ToOut(edit.Span{Start: at, End: at})
		j.clauses = append(j.clauses, there.Start)
	}
	j.held = nil
	for _, s := range held {
		there, _ := m.ToOut(s)
		j.held = append(j.held, there)
	}
	j.layers = append(j.layers, l)
	return out
}

// guardHeld marks the proposals that touch what may be misread: the letters of
// â€ are none, and what stands beside them lacks no space.
func (j *journey) guardHeld(proposals []edit.Proposal) {
	for i := range proposals {
		p := &proposals[i]
		if slices.ContainsFunc(p.Edits, func(e edit.Edit) bool {
			k := sort.Search(len(j.held), func(k int) bool { return j.held[k].End >= e.Start })
			return k < len(j.held) && j.held[k].Start <= e.End
		}) {
			p.Guard = "characters that may be misread"
		}
	}
}

// guard marks the proposals that would change a protected place.
func guard(d *text.Document, proposals []edit.Proposal) {
	guards := d.Guards()
	for i := range proposals {
		p := &proposals[i]
		k := sort.Search(len(guards), func(k int) bool { return guards[k].End > p.Span.Start })
		for ; k < len(guards) && guards[k].Start < p.Span.End; k++ {
			if slices.ContainsFunc(p.Edits, func(e edit.Edit) bool { return !guards[k].Allows(e) }) {
				p.Guard = guards[k].What
				break
			}
		}
	}
}

// guardOwn marks the proposals that would change a word that only the user's
// list knows. Taking such a word away with what stands around it is allowed.
func guardOwn(p *detect.Pass, proposals []edit.Proposal) {
	toks := p.Doc.Tokens
	for i := range proposals {
		q := &proposals[i]
		for _, e := range q.Edits {
			k := sort.Search(len(toks), func(k int) bool { return int(toks[k].End) > e.Start })
			for ; k < len(toks) && int(toks[k].Start) < max(e.End, e.Start+1); k++ {
				t := toks[k]
				inside := e.Start > int(t.Start) || e.End < int(t.End) && e.Start != e.End || e.New != "" && e.Start != e.End
				if t.Kind == text.Word && inside && p.Lex.Lookup(p.Doc.Str(k)).Flags&lm.Own != 0 {
					q.Guard = "a word of the user's list"
				}
			}
		}
	}
}

// said is what the id of an edit is made of, within one text.
type said struct {
	src         edit.Span
	rule, after string
}

// trace turns the layers into changes in positions of the input and the output.
// Applied edits of different rounds over one place become one change.
func trace(src, out string, layers []layer) []Change {
	maps := make([]*edit.Map, len(layers))
	for i, l := range layers {
		maps[i] = edit.NewMap(l.edits)
	}
	shifts := make([][]int, len(layers)) // by how much the edits before each one move what follows
	for i, l := range layers {
		shifts[i] = make([]int, len(l.edits)+1)
		for k, e := range l.edits {
			shifts[i][k+1] = shifts[i][k] + len(e.New) - e.Len()
		}
	}
	toSrc := func(s edit.Span, layer int) edit.Span {
		for k := layer - 1; k >= 0; k-- {
			s, _ = maps[k].ToSrc(s)
		}
		return s
	}
	toOut := func(s edit.Span, layer int) edit.Span {
		for k := layer; k < len(maps); k++ {
			s, _ = maps[k].ToOut(s)
		}
		return s
	}
	var applied, held []Change
	for i, l := range layers {
		for _, e := range l.entries {
			c := Change{
				Rule: e.Rule, Origin: e.Origin, Conf: e.Conf, Tier: e.Tier, Ceiling: e.Ceiling, Verdict: e.Verdict, By: e.By,
				Alts: e.Rivals, Why: why(e), Evidence: e.Evidence,
			}
			for _, s := range e.Segs {
				c.Segs = append(c.Segs, toSrc(s, i))
			}
			if e.Verdict == edit.Applied {
				c.Applied, c.HasAfter = true, true
				spans := []edit.Span{e.Span}
				if e.Apart {
					spans = spans[:0]
					for _, x := range e.Edits {
						spans = append(spans, x.Span)
					}
				}
				for _, s := range spans {
					c.Src, c.Out = toSrc(s, i), toOut(landed(s, e.Edits, l.edits, shifts[i]), i+1)
					applied = append(applied, c)
				}
				continue
			}
			c.Src, c.Out = toSrc(e.Span, i), toOut(e.Span, i)
			if len(e.Edits) > 0 {
				// What the place would read, seen from the input.
				here := c.Src
				for k := range i {
					here, _ = maps[k].ToOut(here)
				}
				c.HasAfter = true
				c.After = edit.Reads(l.src, here, e.Edits)
			}
			held = append(held, c)
		}
	}
	slices.SortStableFunc(applied, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Src.Start, b.Src.Start), cmp.Compare(a.Src.End, b.Src.End))
	})
	var merged []Change
	for _, c := range applied {
		if n := len(merged); n > 0 && (merged[n-1].Src.End > c.Src.Start || merged[n-1].Out.End > c.Out.Start) {
			m := &merged[n-1]
			m.Src.End, m.Out.End = max(m.Src.End, c.Src.End), max(m.Out.End, c.Out.End)
			m.Out.Start = min(m.Out.Start, c.Out.Start)
			m.Conf = min(m.Conf, c.Conf)
			m.Tier = min(m.Tier, c.Tier)
			m.Why = append(m.Why, c.Why...)
			m.Alts, m.Evidence, m.Segs = nil, nil, nil // of two rules: no one's evidence
			continue
		}
		merged = append(merged, c)
	}
	for i := range merged {
		m := &merged[i]
		m.Before, m.After = src[m.Src.Start:m.Src.End], out[m.Out.Start:m.Out.End]
	}
	merged = slices.DeleteFunc(merged, func(c Change) bool { return c.Before == c.After }) // a round took back what one before it did
	// A later round proposes again what an earlier one weighed, with other evidence:
	// the log says each thing once, for its id must name one edit.
	seen := map[said]bool{}
	for i := range merged {
		seen[said{merged[i].Src, merged[i].Rule, merged[i].After}] = true
	}
	all := merged
	for _, c := range held {
		c.Before = src[c.Src.Start:c.Src.End]
		if c.HasAfter && c.After == c.Before {
			continue // it would undo what an earlier round did: seen from the input, nothing
		}
		key := said{c.Src, c.Rule, c.After}
		if seen[key] {
			continue
		}
		seen[key] = true
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Src.Start, b.Src.Start), cmp.Compare(a.Src.End, b.Src.End))
	})
	return all
}

// leads reports whether applied changes make a text of another: what is written
// into records and logs is the changes.
func leads(src, out string, changes []Change) bool {
	at, to := 0, 0
	for i := range changes {
		c := &changes[i]
		if !c.Applied {
			continue
		}
		if c.Src.Start < at || c.Out.Start < to || src[at:c.Src.Start] != out[to:c.Out.Start] ||
			c.Before != src[c.Src.Start:c.Src.End] || c.After != out[c.Out.Start:c.Out.End] {
			return false
		}
		at, to = c.Src.End, c.Out.End
	}
	return src[at:] == out[to:]
}

// landed is where a span stands after a round's edits, with all that its own
// edits put there, at its very ends too. An edit of another's that reaches over
// one of its ends is taken in whole. Edits ascend; shifts are the sums of what
// those before each one add.
func landed(s edit.Span, own, all []edit.Edit, shifts []int) edit.Span {
	k := sort.Search(len(all), func(k int) bool { return all[k].End >= s.Start })
	to := edit.Span{Start: s.Start + shifts[k], End: s.End + shifts[k]}
	for ; k < len(all) && all[k].Start <= s.End; k++ {
		e := all[k]
		shift := len(e.New) - e.Len()
		if e.Start < s.Start && s.Start < e.End {
			to.Start -= s.Start - e.Start
		}
		if e.Start < s.End && s.End < e.End {
			to.End += e.Start + len(e.New) - s.End
		}
		mine := s.Start <= e.Start && e.End <= s.End && holds(own, e)
		if e.End <= s.Start && !mine {
			to.Start += shift
		}
		if e.End <= s.End && (mine || e.Len() > 0 || e.End < s.End || e.End <= s.Start) {
			to.End += shift
		}
	}
	return to
}

// holds reports whether an edit is among some that ascend.
func holds(own []edit.Edit, e edit.Edit) bool {
	k := sort.Search(len(own), func(k int) bool { return own[k].Start >= e.Start })
	for ; k < len(own) && own[k].Start == e.Start; k++ {
		if own[k] == e {
			return true
		}
	}
	return false
}

// relocate places changes in an output that is the input.
func relocate(cs []Change) []Change {
	for i := range cs {
		cs[i].Out = cs[i].Src
	}
	return cs
}

func why(e edit.Entry) []string {
	out := []string{e.Why}
	for _, v := range e.Evidence {
		says := fmt.Sprintf("%s %+.1f", v.Name, v.Nats)
		if v.Note != "" {
			says += ": " + v.Note
		}
		out = append(out, says)
	}
	return out
}
