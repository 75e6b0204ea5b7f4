package detect

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"copydesk/repair/edit"
	"copydesk/repair/text"
)

var mojibake = Detector{
	ID: "characters/mojibake",
	Doc: "Text was read with the wrong charset, once or several times: UTF-8 as windows-1252 and its kin, as macintosh or DOS charsets, " +
		"or one legacy charset as another. Each run of such characters is read again as what it was, where that is far likelier by the statistics of characters.",
	Round: Characters,
	Cues:  Misread,
	Fix: []Example{
		{In: "Britainâ€™s minister drank cafÃ© au lait.", Out: "Britain’s minister drank café au lait."},
		{In: "Britainâ\u0080\u0099s SofÃ\u00ada", Out: "Britain’s Sofía"},
		{In: "ObamaÃ¢â‚¬â„¢s tax problem", Out: "Obama’s tax problem"},
		{In: "Êîäèðîâêà òåêñòà íå òà", Out: "Кодировка текста не та"},
		{In: "«РџСЂРёРІРµС‚В», вЂ” СЃРєР°Р·Р°Р» РѕРЅ.", Out: "«Привет», — сказал он."},
		{In: "The bank can\u0092t pay \u0093anything\u0094", Out: "The bank can’t pay “anything”"},
	},
	Keep: []Example{
		{In: "Ã la carte, São Paulo, “naïve” — Škoda, Âge, œuvre"},
		{In: "Le café « très allongé… » coûte 5\u00a0€ à l’École"},
		{In: "Він сказав: «Ні»."},
		{In: "NESTLÉ® y CAFÉ…”"},
		{In: "The story ran right down the middle—for example, an interview—both of them—in the “D.C. bureau”…"},
	},
	Run: runMojibake,
}

func runMojibake(p *Pass) {
	s := p.Doc.Text
	d := newRereader()
	defer d.free()
	lines := d.document(s)
	b := runBuilder{m: d.m, s: s, runs: d.runs[:0], clean: true, whole: true}
	at := 0
	for i := range lines {
		l := &lines[i]
		if notASCII(s[at:l.start]) {
			b.undamaged(l.start)
		}
		b.add(l.was)
		at = l.end
	}
	b.whole = b.whole && !notASCII(s[at:])
	d.runs = b.runs
	runs := joinRuns(s, b.runs)
	most := min(len(runs), MaxProposals)
	p.proposals = slices.Grow(p.proposals, most)
	p.reread = slices.Grow(p.reread, most)
	var sums [math.MaxInt8]float64 // by the misreading
	for i := range runs {
		runs[i].weak = runs[i].isWeak(s)
		sums[runs[i].by] += runs[i].speaks()
	}
	stray := strays(s, runs)
	all, kept := 0.0, keptChance*float64(beyond(s))
	if b.whole {
		all = allTorn(runs)
	}
	d.ask = len(runs) <= mostAsked
	var w wording
	for i := range runs {
		r := &runs[i]
		w.left = len(runs) - i
		r.among, r.all = r.among || b.whole, max(r.all, all)
		r.weak = r.weak && d.languageSays(s, r) < nativeLetters
		r.stray = stray[r.by] && len(r.cells) < fewLetters
		p.proposeRun(d, r, &w, b.boxes, max(0, sums[r.by]-r.speaks()-kept))
	}
}

// mostAsked is how many misread places a document may have for the words that they make to be
// looked for all over it: where more are, they speak for each other.
const mostAsked = 100

// allTorn is what it says for the runs of a line or a document, in nats, that nothing
// outside ASCII stands beside them, and they are all bytes of UTF-8 by one charset: those that
// chance brings together are seldom whole, and then one. 0 where that is not so.
func allTorn(runs []run) float64 {
	units, gain := 0, 0.0
	for i := range runs {
		if runs[i].by != runs[0].by || runs[i].loss != whole {
			return 0
		}
		units += len(runs[i].cells)
		gain += runs[i].gain
	}
	if units < 2 || gain < proof || misreadings()[runs[0].by-1].was != nil {
		return 0
	}
	const (
		perTorn  = 2.5 // nats of each character
		mostTorn = 10
	)
	return min(mostTorn, perTorn*float64(units))
}

// speaks is what a run says of others in the document: gains that chance makes
// of capitals within words ("СевернаДакота") must not vouch for each other.
func (r *run) speaks() float64 {
	if r.weak {
		return 0
	}
	if misreadings()[r.by-1].was != nil && r.gain < chanceLegacy {
		return 0
	}
	if r.gain < chance {
		return max(0, r.gain-chance/2)
	}
	return r.gain
}

// isWeak reports whether a run may be what it seems to be, whatever it gains: a
// single character that ends as trade marks do, that signs become, or one alone of
// a script written in words.
func (r *run) isWeak(s string) bool {
	if len(r.cells) > 1 {
		return false
	}
	c := r.cells[0]
	at := edit.Span{Start: int(c.start), End: int(c.end)}
	return c.r >= 0x530 && c.r < 0x1D00 || signEnds(s, at) || unicode.IsLetter(c.r) && ofSigns(s, at)
}

// ofSigns reports whether a place holds signs alone and no letter stands beside
// it: "∆°".
func ofSigns(s string, at edit.Span) bool {
	for _, r := range s[at.Start:at.End] {
		if unicode.IsLetter(r) {
			return false
		}
	}
	before, _ := utf8.DecodeLastRuneInString(s[:at.Start])
	after, _ := utf8.DecodeRuneInString(s[at.End:])
	return !unicode.IsLetter(before) && !unicode.IsLetter(after)
}

// The most that unlikely but undamaged text gains, in nats, in 15 MB of 95
// languages: by a reading as UTF-8, and by one as a legacy charset.
const (
	chance       = 15
	chanceLegacy = 16
)

// fewLetters of one legacy charset that was read as another say nothing where the
// document holds more such letters that stand well.
const fewLetters = 3

// strays tells of which legacy misreadings the document holds more letters that
// stay than letters that would change: Russian text with a Cyrillic letter in a
// Latin word was not read as windows-1251 by mistake.
func strays(s string, runs []run) map[int8]bool {
	change := map[int8]int{}
	for i := range runs {
		if m := misreadings()[runs[i].by-1]; m.was != nil && !m.marks {
			change[runs[i].by] += len(runs[i].cells)
		}
	}
	if len(change) == 0 {
		return nil
	}
	all := map[int8]int{}
	for _, r := range s {
		if r < utf8.RuneSelf || !unicode.IsLetter(r) {
			continue
		}
		for by := range change {
			m := misreadings()[by-1]
			if b, ok := m.as.Byte(r); ok && m.was.Rune(b) != r {
				all[by]++
			}
		}
	}
	out := map[int8]bool{}
	for by, n := range change {
		out[by] = all[by] > 2*n
	}
	return out
}

// Limits on joining runs into one proposal.
const (
	longestJoint = 300              // bytes: a person can take it in
	manyRuns     = MaxProposals / 4 // runs from which clean text between them is taken in too
)

// joinRuns makes one run of those that stand side by side and are each sure: the
// words of a misread line. In a long text, where there would be more proposals
// than one document may have, it takes in the clean text between them as well; the
// edits are the same.
func joinRuns(s string, runs []run) []run {
	reach, gap := longestJoint, 3
	if len(runs) > manyRuns {
		reach = longestJoint * (1 + len(runs)/manyRuns)
		gap = reach
	}
	out := runs[:0]
	for _, r := range runs {
		if n := len(out); n > 0 && joins(s, &out[n-1], &r, reach, gap) {
			l := &out[n-1]
			if !l.grown { // the line's own cells are behind them
				const some = 32 // a joint run has about as many
				l.cells, l.grown = append(make([]cell, 0, len(l.cells)+some), l.cells...), true
			}
			l.cells = append(l.cells, r.cells...)
			l.gain += r.gain
			l.loss = max(l.loss, r.loss)
			l.line = l.line && r.line
			l.all = min(l.all, r.all)
			continue
		}
		out = append(out, r)
	}
	return out
}

func joins(s string, a, b *run, reach, gap int) bool {
	from, to := int(a.cells[len(a.cells)-1].end), int(b.cells[0].start)
	if a.by != b.by || misreadings()[a.by-1].was != nil || a.loss == guessed || b.loss == guessed || a.gain < plenty || b.gain < plenty ||
		to-from > gap || int(b.cells[len(b.cells)-1].end)-int(a.cells[0].start) > reach {
		return false
	}
	if gap > longestJoint {
		return true
	}
	for i := from; i < to; i++ {
		if c := s[i]; c == '\n' || c >= utf8.RuneSelf || letterASCII(c) || c >= '0' && c <= '9' {
			return false
		}
	}
	return true
}

// keptChance is what each character beyond ASCII may bring to a misreading by chance, in
// nats, and more: 100,000 words of Greek headlines brought 60 in all.
const keptChance = 0.01

// beyond counts the characters outside ASCII.
func beyond(s string) (n int) {
	for i := range len(s) {
		if s[i] >= 0xC0 {
			n++
		}
	}
	return n
}

func notASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// maxLine bounds the bytes that are read together.
const maxLine = 1 << 14

// document rereads the lines of a text that need it: those that look unlikely,
// and then, where the document has shown how it was misread, all others that
// could have been.
func (d *rereader) document(s string) []line {
	lines := d.lines[:0]
	doubtful := false
	for at := 0; at < len(s); {
		end := lineEnd(s, at)
		if notASCII(s[at:end]) {
			l := line{start: at, end: end}
			if misreadLine(s[at:end]) {
				l.was, l.direct = d.reread(s, at, end)
				l.was = d.keptCells(l.was)
			}
			doubtful = doubtful || !l.direct
			lines = append(lines, l)
		}
		at = end
	}
	d.lines = lines
	if doubtful {
		d.again(s, lines)
	}
	return slices.DeleteFunc(lines, func(l line) bool { return l.was == nil })
}

// again rereads the lines that no single charset explained, now that the document
// has shown how it was misread. What could explain the most comes first: of the
// places of one misreading each by itself may be read by others too. What the document
// shows beside it is then what that does not explain.
func (d *rereader) again(s string, lines []line) {
	main := 0
	for k := range d.could {
		if d.could[k]-d.price[k] > d.could[main]-d.price[main] {
			main = k
		}
	}
	chance := proof + keptChance*float32(beyond(s))
	if d.could[main] < chance || slices.Max(d.gains) <= 0 {
		return
	}
	d.setPrices(main)
	for range 2 {
		clear(d.gains)
		for i := range lines {
			if l := &lines[i]; !l.direct && l.was != nil {
				was, _ := d.reread(s, l.start, l.end)
				l.was = d.keptCells(was)
			}
		}
		more := false
		for k, g := range d.gains {
			if g > chance && d.price[k] != again {
				d.price[k], more = again, true
			}
		}
		if !more {
			return
		}
	}
}

// lineEnd is where the line that begins at i ends, its line end included; a
// very long one is cut at white space or else anywhere between characters.
func lineEnd(s string, i int) int {
	end := min(len(s), i+maxLine)
	if k := strings.IndexByte(s[i:end], '\n'); k >= 0 {
		return i + k + 1
	}
	if end == len(s) {
		return end
	}
	if k := strings.LastIndexByte(s[i:end], ' '); k > 0 {
		return i + k + 1
	}
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return end
}

// run is a stretch of neighbouring cells that changed.
type run struct {
	cells []cell
	by    int8
	gain  float64
	loss  loss
	line  bool    // all characters outside ASCII of its line were misread so
	weak  bool    // see isWeak
	stray bool    // see strays
	grown bool    // cells are no longer a part of a line's
	among bool    // the characters outside ASCII before and after it were misread too
	all   float64 // see allTorn
}

// runBuilder groups the cells that changed: neighbours in the text stand or fall
// together, but what is guessed does not hold back what is certain.
type runBuilder struct {
	m     *text.CharModel
	s     string
	runs  []run
	clean bool // since the last run
	whole bool // nothing outside ASCII stays as it is in all the text
	boxes bool // lines of boxes stay in the text
}

// wholeLine is how many characters of a line must all be bytes of UTF-8, read by one
// charset, to speak for those among them that seem to stand well: "RISKÄ’".
const wholeLine = 3

// within is how many bytes after a run an undamaged character speaks against it.
const within = 100

// undamaged notes a character at a place that stays as it is.
func (b *runBuilder) undamaged(at int) {
	b.clean, b.whole = true, false
	if n := len(b.runs); n > 0 {
		r := &b.runs[n-1]
		r.among = r.among && at > int(r.cells[len(r.cells)-1].end)+within
	}
}

func (b *runBuilder) add(was []cell) {
	before := len(b.runs)
	all, by, units := true, int8(0), 0
	for i := range was {
		if c := &was[i]; !c.ascii() {
			if by == 0 {
				by = c.by
			}
			c.changed = changed(b.s, c)
			all = all && c.by == by && c.changed
			units++
		}
	}
	defer func() {
		var sum float64
		for i := before; i < len(b.runs); i++ {
			sum += max(0, b.runs[i].gain)
		}
		torn := 0.0
		if all {
			torn = allTorn(b.runs[before:])
		}
		for i := before; i < len(b.runs); i++ {
			r := &b.runs[i]
			r.all = torn
			r.line = all && units >= wholeLine && sum-max(0, r.gain) > proof
		}
	}()
	for i := 0; i < len(was); {
		if !was[i].changed {
			if !was[i].ascii() {
				b.undamaged(int(was[i].start))
				b.boxes = b.boxes || boxed(was[i].r)
			}
			i++
			continue
		}
		r := run{among: !b.clean || len(b.runs) == 0 && i == 0, by: was[i].by}
		b.clean = false
		first := i
		for i < len(was) && was[i].changed && (was[i].loss == guessed) == (was[first].loss == guessed) {
			r.loss = max(r.loss, was[i].loss)
			i++
		}
		r.cells = was[first:i]
		prev, next := text.Break, text.Break
		if first > 0 {
			prev = was[first-1].sym
		}
		if i < len(was) {
			next = was[i].sym
		}
		r.gain = b.gain(r.cells, prev, next)
		r.gain += b.drawnInWord(r.cells)
		b.runs = append(b.runs, r)
	}
}

// What the lines and blocks of drawn boxes are less likely beside a letter than the
// character model knows, in nats: it must let them stand anywhere.
const (
	inWord = 6
	onWord = 3 // where they become a sign
)

// drawnInWord is the price of a run that was part of a box beside a letter, where it
// becomes something else.
func (b *runBuilder) drawnInWord(cells []cell) float64 {
	from, to := int(cells[0].start), int(cells[len(cells)-1].end)
	first, _ := utf8.DecodeRuneInString(b.s[from:])
	before, _ := utf8.DecodeLastRuneInString(b.s[:from])
	after, _ := utf8.DecodeRuneInString(b.s[to:])
	second, _ := utf8.DecodeRuneInString(b.s[from+utf8.RuneLen(first):])
	if boxed(first) && second >= 0x370 && unicode.IsLetter(second) && !boxed(before) {
		return inWord // half a box: ".┬л"
	}
	if !boxed(first) || !unicode.IsLetter(before) && !unicode.IsLetter(after) {
		return 0
	}
	for i := range cells {
		if r := cells[i].r; !unicode.IsLetter(r) || r == 'ſ' {
			return onWord
		}
	}
	return inWord
}

// gain is what a run is worth over leaving its source alone.
func (b *runBuilder) gain(cells []cell, prev, next text.Sym) float64 {
	var now, before float32
	p := prev
	for _, c := range cells {
		now += b.m.LnProb(p, c.sym)
		p = c.sym
	}
	now += b.m.LnProb(p, next)
	p = prev
	for _, r := range b.s[cells[0].start:cells[len(cells)-1].end] {
		q := b.m.Sym(r)
		before += b.m.LnProb(p, q)
		p = q
	}
	before += b.m.LnProb(p, next)
	return float64(now - before)
}

// changed reports whether a cell outside ASCII is not what the text has there. Nothing becomes ASCII.
func changed(s string, c *cell) bool {
	if c.by == 0 {
		return false
	}
	r, n := charAt(s, int(c.start))
	return r != c.r || n != int(c.end-c.start)
}

// Bounds of the evidence of one run, in nats.
const (
	maxGain  = 25
	nextGain = 3  // more for each character after the first, up to the fourth
	plenty   = 12 // beyond this what words say changes nothing
)

func (p *Pass) proposeRun(d *rereader, r *run, w *wording, boxes bool, others float64) {
	s := d.text
	span := edit.Span{Start: int(r.cells[0].start), End: int(r.cells[len(r.cells)-1].end)}
	before := s[span.Start:span.End]
	m := d.all[r.by-1]
	if m.was != nil && before == "¿" {
		return // the sign of a lost mark: see lost
	}
	if m.was != nil && !m.marks && masked(s, span) {
		return // "Mоscow": see lookalike
	}
	edits, after := w.edits(s, r)
	ceiling := edit.Safe
	if r.loss == guessed || r.stray || m.was != nil && !m.marks && (!lettersOnly(before) || r.gain+others < 2*proof && before[0] != 0xC2) {
		ceiling = edit.Review
	}
	single := len(r.cells) == 1
	lone := single && others < proof/2
	switch {
	case single && text.Rare(r.cells[0].r), r.weak && others < proof && !r.line && (r.all == 0 || before[0] < 0xC6), m.was != nil && (mixesScripts(s, span, r.cells) || r.cells[0].r == 0xA0):
		ceiling = edit.Review
	}
	var kinds [mostKinds]edit.Evidence
	evidence := append(
		kinds[:0],
		edit.Evidence{Name: "characters", Nats: min(r.gain, maxGain+nextGain*float64(min(len(r.cells), 4)-1)), Note: "these characters are likelier here than those"},
		edit.Evidence{Name: "rarity", Nats: -float64(m.enter), Note: m.rare},
	)
	if support := min(others, float64(m.enter)-again); support > 0 {
		note := "other places were misread too"
		if others > 2*proof {
			support = float64(m.enter)
		}
		if r.among && others > proof {
			support, note = float64(m.enter)+again, "all around was misread too"
		}
		evidence = append(evidence, edit.Evidence{Name: "document", Nats: support, Note: note})
	}
	if lone && lowerAmongCapitals(s, span, r.cells[0].r) {
		evidence = append(evidence, edit.Evidence{Name: "case", Nats: -8, Note: "a small letter at the end of a word in capitals"})
	}
	if r.all > 0 && others < 2*proof {
		evidence = append(evidence, edit.Evidence{Name: "all", Nats: r.all, Note: "nothing outside ASCII is anything else"})
	}
	if signInWord(s, span, r.cells) {
		evidence = append(evidence, edit.Evidence{Name: "within", Nats: 5, Note: "a sign or a letter of another script stands within a word"})
	}
	if r.line {
		evidence = append(evidence, edit.Evidence{Name: "line", Nats: 8, Note: "all of its line was misread so"})
	}
	switch {
	case others < proof:
	case r.loss == unknown:
		evidence = append(evidence, edit.Evidence{Name: "lost", Nats: 4, Note: "what is left of a character is damage for sure"})
	case r.loss == fromSpace:
		evidence = append(evidence, edit.Evidence{Name: "space", Nats: 3, Note: "a space is a no-break space that was changed"})
	}
	if first, _ := utf8.DecodeRuneInString(before); boxes && boxed(first) && others < 2*proof {
		evidence = append(evidence, edit.Evidence{Name: "boxes", Nats: -6, Note: "other lines of boxes are none of a misread letter"})
	}
	var sum float64
	for _, e := range evidence {
		sum += e.Nats
	}
	if sum < plenty {
		if v := d.languageSays(s, r); v != 0 {
			evidence = append(evidence, edit.Evidence{Name: "language", Nats: v, Note: "these letters are likelier in the language around"})
		}
	}
	if sum < plenty && r.loss != guessed && d.ask && standsElsewhere(s, span, after) {
		evidence = append(evidence, edit.Evidence{Name: "elsewhere", Nats: 4, Note: "the word that it makes stands elsewhere in the document"})
	}
	if sum < plenty && others < 2*proof && (!r.among || others < proof) {
		if v, note := p.wordEvidence(s, span, after); v != 0 {
			evidence = append(evidence, edit.Evidence{Name: "lexicon", Nats: v, Note: note})
		}
	}
	p.reread = append(p.reread, span)
	p.Propose(edit.Proposal{
		Span: span, Edits: edits, Origin: edit.Extraction, Ceiling: ceiling,
		Why:      m.name,
		Evidence: w.keep(evidence),
	})
}

// masked reports whether a place is one letter that looks like a Latin one, beside a letter
// of ASCII.
func masked(s string, at edit.Span) bool {
	r, n := utf8.DecodeRuneInString(s[at.Start:at.End])
	_, same := lookalikes[r]
	return same && n == at.End-at.Start && (at.Start > 0 && letterASCII(s[at.Start-1]) || at.End < len(s) && letterASCII(s[at.End]))
}

// languageSays is what the language around says for a run, in nats.
func (d *rereader) languageSays(s string, r *run) float64 {
	if misreadings()[r.by-1].was != nil || slices.ContainsFunc(r.cells, func(c cell) bool { return !c.ascii() && !unicode.IsLetter(c.r) }) {
		return 0
	}
	d.line.Start = int(r.cells[0].start)
	d.guess()
	v := d.foreign(r.cells)
	for _, c := range s[r.cells[0].start:r.cells[len(r.cells)-1].end] {
		v -= d.against(c)
	}
	return float64(max(-mostLanguage/2, min(mostLanguage, v)))
}

// nativeLetters is what the language must say, in nats, for a place that may end a word as
// a trade mark does: Polish has ą, and neither Ä nor Ă.
const nativeLetters = 3

// mostLanguage bounds what the language says of one run, in nats: names come from anywhere.
const mostLanguage = 6

// mostKinds is how many kinds of evidence a run has at most.
const mostKinds = 12

// wording holds the memory of what is told of many runs: a document read with the wrong charset
// has thousands, and each by itself took four pieces of memory.
type wording struct {
	left     int // runs to come, this one included
	after    []byte
	changes  []edit.Edit
	evidence []edit.Evidence
}

// Bounds of memory that many runs share.
const (
	sharedRuns = 32 // runs
	runBytes   = 16 // bytes of what a run reads then
	runEdits   = 4
	runKinds   = 4
)

// edits are the changes of a run, one for each character that was torn, and
// what the run reads then. They share the memory of that.
func (w *wording) edits(s string, r *run) ([]edit.Edit, string) {
	most := int(r.cells[len(r.cells)-1].end-r.cells[0].start) + utf8.UTFMax*len(r.cells)
	if cap(w.after)-len(w.after) < most {
		w.after = make([]byte, 0, max(most, runBytes*min(w.left, sharedRuns)))
	}
	if cap(w.changes)-len(w.changes) < len(r.cells) {
		w.changes = make([]edit.Edit, 0, max(len(r.cells), runEdits*min(w.left, sharedRuns)))
	}
	first := len(w.after)
	at := r.cells[0].start
	for i := range r.cells {
		w.after = append(w.after, s[at:r.cells[i].start]...)
		w.after = utf8.AppendRune(w.after, r.cells[i].r)
		at = r.cells[i].end
	}
	after := unsafe.String(&w.after[first], len(w.after)-first) // written once
	edits := w.changes[len(w.changes) : len(w.changes) : len(w.changes)+len(r.cells)]
	w.changes = w.changes[:len(w.changes)+len(r.cells)]
	from := 0
	at = r.cells[0].start
	for i := range r.cells {
		c := &r.cells[i]
		from += int(c.start - at)
		n := utf8.RuneLen(c.r)
		edits = append(edits, edit.Edit{Span: edit.Span{Start: int(c.start), End: int(c.end)}, New: after[from : from+n]})
		from, at = from+n, c.end
	}
	return edits, after
}

// keep copies evidence to memory that it shares with that of other runs.
func (w *wording) keep(evidence []edit.Evidence) []edit.Evidence {
	if cap(w.evidence)-len(w.evidence) < len(evidence) {
		w.evidence = make([]edit.Evidence, 0, max(len(evidence), runKinds*min(w.left, sharedRuns)))
	}
	first := len(w.evidence)
	w.evidence = append(w.evidence, evidence...)
	return w.evidence[first:len(w.evidence):len(w.evidence)]
}

// mixesScripts reports whether a place becomes letters of another script beside
// a letter of ASCII.
func mixesScripts(s string, at edit.Span, cells []cell) bool {
	other := func(r rune) bool { return r >= 0x370 && unicode.IsLetter(r) }
	return at.Start > 0 && letterASCII(s[at.Start-1]) && other(cells[0].r) || at.End < len(s) && letterASCII(s[at.End]) && other(cells[len(cells)-1].r)
}

// signEnds reports whether a place is a letter and a sign that ends a word as
// trade marks do, or follows a word of one letter: "NICIODATĂ™", "В 5 °C", "Ο…". After
// Ã and Â no word goes on with one.
func signEnds(s string, at edit.Span) bool {
	first, n := utf8.DecodeRuneInString(s[at.Start:])
	sign, m := utf8.DecodeRuneInString(s[at.Start+n:])
	next, _ := utf8.DecodeRuneInString(s[at.End:])
	if at.Start > 0 && s[at.Start-1] >= 'a' && s[at.Start-1] <= 'z' && unicode.IsUpper(first) {
		return false // "JosĂ© and": no capital ends a word in small letters
	}
	if at.Start+n+m != at.End || !unicode.IsLetter(first) || first == 'Ã' || first == 'Â' || unicode.IsLetter(sign) || unicode.IsLetter(next) {
		return false
	}
	if first >= 0x370 {
		return !latinAround(s, at)
	}
	return sign == '™' || sign == '®' || sign == '©' || sign == '…'
}

// latinAround reports whether the nearest letters on both sides of a place are
// Latin: one of another script among them is no word.
func latinAround(s string, at edit.Span) bool {
	const reach = 40 // bytes
	other := false
	for i := at.Start; i > max(0, at.Start-reach); {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		i -= n
		if unicode.IsLetter(r) {
			other = other || r >= 0x370
			break
		}
	}
	for i := at.End; i < min(len(s), at.End+reach); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if unicode.IsLetter(r) {
			other = other || r >= 0x370
			break
		}
	}
	return !other
}

// lowerAmongCapitals reports whether a place behind two capitals becomes a small
// letter.
func lowerAmongCapitals(s string, at edit.Span, r rune) bool {
	if !unicode.IsLower(r) || r >= 0x370 { // "TGFβR"
		return false
	}
	one, n := utf8.DecodeLastRuneInString(s[:at.Start])
	two, _ := utf8.DecodeLastRuneInString(s[:at.Start-n])
	return n > 0 && unicode.IsUpper(one) && unicode.IsUpper(two)
}

// signInWord reports whether a place ends with a sign that is no letter, or holds a
// letter of another script, between two letters of ASCII, or begins as a capital of another script
// behind a small letter.
func signInWord(s string, at edit.Span, cells []cell) bool {
	if first, _ := utf8.DecodeRuneInString(s[at.Start:]); at.Start > 0 && foreignCapital(rune(s[at.Start-1]), first) && len(cells) == 1 {
		return true
	}
	if at.Start == 0 || at.End >= len(s) || !letterASCII(s[at.Start-1]) || !letterASCII(s[at.End]) {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(s[at.Start:at.End])
	if !unicode.IsLetter(last) && !unicode.IsSpace(last) && last >= 0xA0 {
		return true
	}
	for i := range cells {
		if !latinLetter(cells[i].r) {
			return false
		}
	}
	return strings.ContainsFunc(s[at.Start:at.End], func(r rune) bool { return r >= utf8.RuneSelf && !isLetter(r) })
}

// applied is a span of s with edits made.
func applied(s string, span edit.Span, edits []edit.Edit) string {
	var b strings.Builder
	at := span.Start
	for _, e := range edits {
		b.WriteString(s[at:e.Start])
		b.WriteString(e.New)
		at = e.End
	}
	b.WriteString(s[at:span.End])
	return b.String()
}

// boxed reports whether a character is a line or a block of a drawn box.
func boxed(r rune) bool { return r >= 0x2500 && r < 0x25A0 }

// isReread reports whether bytes [from, to) are part of misread text: what seems
// to be wrong with them there is not.
func (p *Pass) isReread(from, to int) bool {
	k := sort.Search(len(p.reread), func(k int) bool { return p.reread[k].End > from })
	return k < len(p.reread) && p.reread[k].Start < to
}

// lettersOnly reports whether a text holds letters and C1 controls alone.
func lettersOnly(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && (r < 0x80 || r >= 0xA0) {
			return false
		}
	}
	return true
}

// standsElsewhere reports whether the word that a repair makes, of three letters or more or
// between spaces, is another one of the text too.
func standsElsewhere(s string, span edit.Span, after string) bool {
	from, to := wordAround(s, span.Start, span.End)
	const shortest, longest = 3, 80 // bytes
	word := s[from:span.Start] + after + s[span.End:to]
	if len(word) < shortest || len(word) > longest || from == span.Start && to == span.End {
		return false
	}
	for i := 0; ; {
		k := strings.Index(s[i:], word)
		if k < 0 {
			return false
		}
		i += k
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		i += len(word)
		next, _ := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(before) && !unicode.IsLetter(next) {
			return true
		}
	}
}

// wordEvidence weighs a repair by the words that it makes and unmakes.
func (p *Pass) wordEvidence(s string, span edit.Span, after string) (float64, string) {
	from, to := span.Start, span.End
	const longest = 40 // bytes of a word on either side
	for from > 0 && span.Start-from < longest && letterASCII(s[from-1]) {
		from--
	}
	for to < len(s) && to-span.End < longest && letterASCII(s[to]) {
		to++
	}
	if from == span.Start && to == span.End {
		if r, n := utf8.DecodeRuneInString(after); n == len(after) && r >= 0x100 && unicode.IsLetter(r) {
			return -4, "a letter by itself"
		}
		return 0, ""
	}
	before, now := s[from:to], s[from:span.Start]+after+s[span.End:to]
	if p.Lex.Known(before) {
		return -4, fmt.Sprintf("%q is a word", before)
	}
	for _, w := range strings.FieldsFunc(now, func(r rune) bool { return !unicode.IsLetter(r) && r != '’' && r != '\'' }) {
		w = strings.Trim(w, "’'")
		if i := strings.LastIndexAny(w, "’'"); i > 0 && !p.Lex.Known(w) {
			w = w[:i]
		}
		if !p.Lex.Known(w) {
			return 0, ""
		}
	}
	return 3.5, fmt.Sprintf("%q is no word, %q is", before, now)
}

func letterASCII(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// Misreads reports whether a rule undoes a wrong charset.
func Misreads(rule string) bool { return rule == mojibake.ID }
