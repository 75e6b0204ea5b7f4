package detect

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

var quoteStripped = Detector{
	ID: "quote/stripped",
	Doc: "A quotation lost both marks. They are put back where the text itself shows both ends: an attribution behind it (\", he said.\"), before " +
		"it (\"He said:\") or in the sentence before, and words that only a speaker would use.",
	Round: Sentences,
	Cues:  Always,
	Fix: []Example{{
		In:  "We are going to win this, and I will tell you why, he said. The mayor told reporters that the plan was ready. I don't think we have seen the end of it, said Maria Lopez, who runs a shop there. She added that the street was closed.",
		Out: `"We are going to win this, and I will tell you why," he said. The mayor told reporters that the plan was ready. "I don't think we have seen the end of it," said Maria Lopez, who runs a shop there. She added that the street was closed.`,
	}},
	Keep: []Example{
		{In: "The company will cut 200 jobs by the end of the year, the minister said. He said the plan was his."},
		{In: `"I think we should go," he said. "We have nothing left here, and I am tired."`},
	},
	Run: (*Pass).lostQuotes,
}

// reportingVerbs is a set of keys.
var reportingVerbs = wordList(rules.ReportingVerbs)

// wordList makes a set of a list of words with white space between them, on first use.
func wordList(list func() string) func() map[lm.Word]bool {
	return sync.OnceValue(func() map[lm.Word]bool {
		m := map[lm.Word]bool{}
		for _, w := range strings.Fields(list()) {
			m[lm.Key(w)] = true
		}
		return m
	})
}

// Limits of the search for quotations.
const (
	quoteSlots  = 1 << 17
	maxBefore   = 4 // sentences before an attribution that a quotation may reach back over
	maxSubject  = 8 // tokens of the speaker between a comma and the verb
	minQuotLen  = 3 // tokens of a quotation
	maxQuotLen  = 160
	quoteWeak   = -1.7 // nats of the best reading below which a place is left: conf 0.15. Of 683 readings left out by that, in 1,500 stripped articles, 28 were right
	quoteClean  = -7.0 // prior of a document that has quotation marks and shows no damage
	quoteHurt   = -0.4 // of one that has them and shows damage: it lost one quotation in fifteen, the samples one in eight
	quoteNone   = -1.0 // of one without any quotation mark and few reporting verbs
	quoteAll    = 0.7  // of one without any and many: of 45 readings there that the samples call wrong, 28 were quotations whose source had lost their marks
	quoteGoesOn = -0.7 // of a quotation that goes on behind its attribution: those at 0.95 were right in 496 of 525
	quoteLone   = -0.5 // nats of a speaker's sentences behind one that reports: of 1,046 in stripped articles of allsides_news 544 had begun a quotation, and two in three of those went on to the paragraph's end
	loneAlone   = -1.0 // the same of the first of several alone
	loneVoices  = 3    // of so many sentences at most one may hold a speaker's word, or the article's author speaks
	manyReports = 4    // reporting verbs that make a document without quotation marks suspect: 1.3 % of ordinary articles
)

// anchorKind is how the text shows that somebody speaks.
type anchorKind uint8

const (
	trailing anchorKind = iota // ", he said"
	leading                    // "He said:" or "he said, You"
	goingOn                    // the sentences behind a quotation with a trailing attribution
	lone                       // a speaker's sentences behind one that reports, without an attribution of their own
)

// anchor is a place where a quotation may have lost its marks.
type anchor struct {
	kind        anchorKind
	block       text.Block
	sentence    int32 // that holds the attribution or, for goingOn, begins the quotation
	mark        int32 // the comma or colon
	verb        int32
	subj0, subj int32 // tokens of the speaker
}

// quotation is one reading of an anchor: opening before token open, closing
// behind token last.
type quotation struct {
	open, last int32
	s0, s1     int32 // sentences it covers, half open
	nats       float64
}

// quoted marks the tokens that stand within quotation marks, and counts them:
// balanced says that none is left over in any block.
type quoted struct {
	in    []bool
	marks int
	with  int // trailing attributions behind a closing mark
	bare  int // those behind none
}

func isQuote(s string) bool { return s == `"` || s == "“" || s == "”" }

// quotedTokens pairs the quotation marks of each block. A block with a mark left
// over counts as quoted from there to its end.
func (p *Pass) quotedTokens() quoted {
	d := p.Doc
	q := quoted{in: make([]bool, len(d.Tokens))}
	for _, b := range d.Blocks {
		if b.First == b.Next {
			continue
		}
		first, end := d.Sentences[b.First].First, d.Sentences[b.Next-1].End
		inside := false
		for i := first; i < end; i++ {
			if d.Tokens[i].Kind == text.Punct && isQuote(d.Str(int(i))) {
				q.marks++
				inside = !inside
				q.in[i] = true
				continue
			}
			q.in[i] = inside
		}
		if inside {
			// Unpaired: nothing in this block is certain.
			for i := first; i < end; i++ {
				q.in[i] = true
			}
		}
	}
	return q
}

// anchors lists the places of a document where a quotation may have lost its
// marks, in the order of the text.
func (p *Pass) anchors(q *quoted) []anchor {
	d := p.Doc
	verbs := reportingVerbs()
	var out []anchor
	alone := false
	for _, b := range d.Blocks {
		if b.Kind != text.Paragraph && b.Kind != text.Heading {
			continue
		}
		spoke := false    // the sentence before ended a quotation with its attribution
		reported := false // the sentence before reports
		for s := b.First; s < b.Next; s++ {
			first, end := d.Sentences[s].First, d.Sentences[s].End
			hasQuote := false
			for i := first; i < end; i++ {
				hasQuote = hasQuote || q.in[i]
			}
			found := anchor{kind: goingOn, block: b, sentence: s}
			ok := false
			for i := first + 1; i+1 < end && !ok; i++ {
				if d.Tokens[i].Kind != text.Punct || d.Tokens[i].End-d.Tokens[i].Start != 1 {
					continue
				}
				switch d.Text[d.Tokens[i].Start] {
				case ',', '?', '!':
					found, ok = p.trailing(verbs, b, s, i, end)
				}
			}
			if hasQuote {
				if ok && q.in[first] {
					q.with++
				}
				// Its own marks are there; what follows may have lost them.
				spoke = ok && q.in[first]
				continue
			}
			if ok {
				q.bare++
				out = append(out, found)
				spoke = true
				continue
			}
			if found, ok = p.leading(verbs, b, s, first, end); ok {
				out = append(out, found)
				spoke = false
				continue
			}
			speaks := p.voice(first, end).first > 0
			if spoke {
				out = append(out, anchor{kind: goingOn, block: b, sentence: s, mark: first, verb: -1})
			} else if reported && speaks && q.marks == 0 {
				alone = true
				out = append(out, anchor{kind: lone, block: b, sentence: s, mark: first, verb: -1})
			}
			spoke, reported = false, !speaks && p.reports(first, end)
		}
	}
	if alone {
		out = p.withoutLone(out)
	}
	return out
}

// reports reports whether tokens from first to before end hold a reporting verb.
func (p *Pass) reports(first, end int32) bool {
	verbs := reportingVerbs()
	for i := first; i < end; i++ {
		if p.Doc.Tokens[i].Kind == text.Word && verbs[p.Keys[i]] {
			return true
		}
	}
	return false
}

// withoutLone leaves the lone anchors out where many sentences hold an I or we and
// have no attribution: there the author speaks.
func (p *Pass) withoutLone(list []anchor) []anchor {
	speak := 0
	for _, s := range p.Doc.Sentences {
		if p.voice(s.First, s.End).first > 0 {
			speak++
		}
	}
	for _, a := range list {
		if s := p.Doc.Sentences[a.sentence]; a.kind == trailing && p.voice(s.First, s.End).first > 0 {
			speak--
		}
	}
	if speak*loneVoices <= len(p.Doc.Sentences) {
		return list
	}
	return slices.DeleteFunc(list, func(a anchor) bool { return a.kind == lone })
}

// trailing tells whether an attribution stands behind the mark at token i.
func (p *Pass) trailing(verbs map[lm.Word]bool, b text.Block, s, i, end int32) (anchor, bool) {
	d := p.Doc
	a := anchor{kind: trailing, block: b, sentence: s, mark: i}
	if d.Tokens[i].Gap != text.GapNone || i-d.Sentences[s].First < minQuotLen {
		return a, false
	}
	behind := i + 1
	if behind < end && d.Tokens[behind].Gap == text.GapNone && isQuote(d.Str(int(behind))) {
		behind++ // the quotation kept its mark: ," he said
	}
	for k := behind; k < min(end, behind+maxSubject); k++ {
		t := &d.Tokens[k]
		if t.Gap != text.GapSpace && t.Kind != text.Clitic || t.Kind != text.Word && t.Kind != text.Clitic && t.Kind != text.Number {
			return a, false
		}
		if t.Kind == text.Word && t.Shape&text.InitialUpper == 0 && verbs[lm.Key(d.Str(int(k)))] {
			a.verb, a.subj0, a.subj = k, behind, k
			if k == behind {
				// "said X": the speaker follows.
				if k+1 >= end || d.Tokens[k+1].Kind != text.Word || d.Tokens[k+1].Gap != text.GapSpace {
					return a, false
				}
				w := d.Str(int(k + 1))
				if d.Tokens[k+1].Shape&text.InitialUpper == 0 && !determiner(w) && w != "one" && w != "he" && w != "she" {
					return a, false
				}
				a.subj0, a.subj = k+1, min(k+3, end)
				return a, true
			}
			return a, p.speaker(a.subj0) || k > a.subj0+1 && d.Tokens[k-1].Shape&text.InitialUpper != 0 // former director Scott Gottlieb tweeted
		}
	}
	return a, false
}

// speaker reports whether a speaker's name or description may begin at token i.
func (p *Pass) speaker(i int32) bool {
	w := p.Doc.Str(int(i))
	if p.Doc.Tokens[i].Shape&text.InitialUpper != 0 || determiner(w) {
		return true
	}
	switch w {
	case "he", "she", "they", "it", "one", "officials", "police", "analysts", "experts", "researchers", "another", "critics", "prosecutors":
		return true
	}
	return false
}

// leading finds "said:" or "said, You" in a sentence.
func (p *Pass) leading(verbs map[lm.Word]bool, b text.Block, s, first, end int32) (anchor, bool) {
	d := p.Doc
	for i := first + 1; i+minQuotLen < end; i++ {
		t := &d.Tokens[i]
		if t.Kind != text.Punct || t.Gap != text.GapNone || d.Tokens[i+1].Gap != text.GapSpace {
			continue
		}
		mark := d.Text[t.Start:t.End]
		if mark != ":" && mark != "," {
			continue
		}
		next := &d.Tokens[i+1]
		if next.Kind != text.Word || mark == "," && next.Shape&text.InitialUpper == 0 {
			continue
		}
		for k := i - 1; k >= max(first, i-6); k-- {
			if d.Tokens[k].Kind == text.Word && verbs[lm.Key(d.Str(int(k)))] {
				if mark == "," && k != i-1 && d.Tokens[k+1].Kind != text.Word {
					break
				}
				return anchor{kind: leading, block: b, sentence: s, mark: i, verb: k, subj0: max(first, k-2), subj: k}, true
			}
			if d.Tokens[k].Kind == text.Punct {
				break
			}
		}
	}
	return anchor{}, false
}

// quotations lists the readings of an anchor.
func (p *Pass) quotations(a *anchor, q *quoted, out []quotation) []quotation {
	d := p.Doc
	out = out[:0]
	clean := func(s int32) bool {
		for i := d.Sentences[s].First; i < d.Sentences[s].End; i++ {
			if q.in[i] {
				return false
			}
		}
		return true
	}
	verbs := reportingVerbs()
	attributed := func(s int32) bool {
		first, end := d.Sentences[s].First, d.Sentences[s].End
		for i := first + 1; i+1 < end; i++ {
			if d.Tokens[i].Kind == text.Punct && d.Text[d.Tokens[i].Start] == ',' {
				if _, ok := p.trailing(verbs, a.block, s, i, end); ok {
					return true
				}
			}
		}
		return false
	}
	switch a.kind {
	case trailing:
		for s := a.sentence; s >= a.block.First && s >= a.sentence-maxBefore; s-- {
			if s < a.sentence && (!clean(s) || attributed(s)) {
				break
			}
			first := d.Sentences[s].First
			if a.mark-first > maxQuotLen {
				break
			}
			out = append(out, quotation{open: first, last: a.mark, s0: s, s1: a.sentence + 1})
		}
		// "But, he said" and "X said that Y, he said": the quotation may begin behind a comma.
		first := d.Sentences[a.sentence].First
		for i := first + 1; i < a.mark-minQuotLen && i < first+8; i++ {
			if d.Tokens[i].Kind == text.Punct && d.Text[d.Tokens[i].Start] == ',' {
				out = append(out, quotation{open: i + 1, last: a.mark, s0: a.sentence, s1: a.sentence + 1})
				break
			}
		}
	case leading, goingOn, lone:
		open := d.Sentences[a.sentence].First
		if a.kind == leading {
			open = a.mark + 1
		}
		for s := a.sentence; s < a.block.Next && s <= a.sentence+maxBefore; s++ {
			if s > a.sentence && (!clean(s) || attributed(s)) {
				break
			}
			last := d.Sentences[s].End - 1
			if last-open > maxQuotLen || last-open < minQuotLen {
				break
			}
			if d.Tokens[last].Kind != text.Punct && s+1 < a.block.Next {
				continue
			}
			out = append(out, quotation{open: open, last: last, s0: a.sentence, s1: s + 1})
		}
	}
	return out
}

// voice is what the words of a stretch say of who speaks.
type voice struct{ first, second, contr, past, present, question, n int }

func (p *Pass) voice(from, to int32) (v voice) {
	d := p.Doc
	for i := from; i < to; i++ {
		t := &d.Tokens[i]
		switch t.Kind {
		case text.Word:
			v.n++
			w := d.Str(int(i))
			if t.Shape&text.HasApostrophe != 0 {
				v.contr++
				w, _, _ = strings.Cut(strings.ReplaceAll(w, "’", "'"), "'")
			}
			if len(w) > 6 {
				continue
			}
			switch strings.ToLower(w) {
			case "i", "we", "my", "me", "our", "us", "ours", "mine":
				if w != "US" {
					v.first++
				}
			case "you", "your", "yours":
				v.second++
			case "was", "were", "had", "did", "would", "could":
				v.past++
			case "is", "are", "have", "has", "do", "does", "will", "can", "am", "be":
				v.present++
			case "im", "ive", "dont", "isnt", "cant", "thats":
				v.contr++
			}
		case text.Clitic:
			switch strings.ToLower(d.Str(int(i - 1))) {
			case "it", "that", "he", "she", "there", "what", "let", "who":
				v.contr++
			}
		case text.Punct:
			switch d.Text[t.Start] {
			case '?', '!':
				v.question++
			}
		}
	}
	return v
}

// bucket cuts a count to what the weights tell apart.
func bucket(n, top int) uint32 { return uint32(min(n, top)) }

// setting is what of a document bears on all its places.
type setting uint32

const (
	hasQuotes  setting = iota
	noQuotes           // none at all, and many reporting verbs
	fewReports         // none at all, but few reporting verbs
)

func (p *Pass) quoteSetting(q *quoted) setting {
	switch {
	case q.marks > 0:
		return hasQuotes
	case p.Counts.Reporting >= manyReports:
		return noQuotes
	}
	return fewReports
}

// quoteFeatures lists the features of a reading.
func (p *Pass) quoteFeatures(a *anchor, h *quotation, q *quoted, set setting, fs []uint32) []uint32 {
	arr := p.arranger()
	d := p.Doc
	slots := func(kind, x, y, z uint32) { fs = append(fs, quoteSlot(kind, x, y, z)) }
	c := func(i int32) uint32 { return uint32(arr.classOf(int(i))) }
	k := uint32(a.kind)
	v := p.voice(h.open, h.last+1)
	stripped := uint32(set)
	slots(0, k, 0, 0)
	slots(0, k, stripped+1, 0)
	person := bucket(v.first, 2)*3 + bucket(v.second, 2)
	slots(1, k, person, stripped)
	slots(2, k, person, bucket(v.contr, 2))
	slots(3, k, bucket(v.past, 2)*3+bucket(v.present, 2), bucket(v.question, 1))
	slots(4, k, bucket(v.n/5, 8), 0)
	sent := uint32(h.s1 - h.s0)
	para := uint32(0)
	if h.s0 == a.block.First {
		para = 1
	}
	if h.s1 == a.block.Next {
		para += 2
	}
	slots(5, k, sent, para)
	mid := uint32(0)
	if h.open != d.Sentences[h.s0].First {
		mid = 1
	}
	slots(6, k, mid, c(h.open))
	slots(7, k, c(h.open), c(h.open+1))
	slots(8, k, person, min(sent, 2)*2+mid)
	if a.verb >= 0 {
		form := uint32(0)
		if a.subj0 > a.verb {
			form = 1
		}
		slots(9, k, form, c(a.verb))
		slots(10, k, form, c(a.subj0))
		slots(11, k, c(a.verb), c(a.verb+1))
		slots(12, k, uint32(a.subj-a.subj0), c(a.mark))
	}
	// The sentence at the far end, and the first one left out.
	if a.kind == trailing {
		if sent > 1 {
			f := p.voice(h.open, d.Sentences[h.s0].End)
			slots(13, bucket(f.first, 1)*2+bucket(f.second, 1), bucket(f.past, 1)*2+bucket(f.present, 1), bucket(f.contr, 1))
		}
		if h.s0 > a.block.First && mid == 0 {
			f := p.voice(d.Sentences[h.s0-1].First, d.Sentences[h.s0-1].End)
			slots(14, bucket(f.first, 1)*2+bucket(f.second, 1), bucket(f.past, 1)*2+bucket(f.present, 1), bucket(f.contr, 1))
		}
	} else {
		if sent > 1 {
			f := p.voice(d.Sentences[h.s1-1].First, h.last)
			slots(15, bucket(f.first, 1)*2+bucket(f.second, 1), bucket(f.past, 1)*2+bucket(f.present, 1), bucket(f.contr, 1))
		}
		if h.s1 < a.block.Next {
			f := p.voice(d.Sentences[h.s1].First, d.Sentences[h.s1].End)
			slots(16, bucket(f.first, 1)*2+bucket(f.second, 1), bucket(f.past, 1)*2+bucket(f.present, 1), bucket(f.contr, 1))
		}
	}
	slots(18, stripped, bucket(q.with, 5), bucket(q.bare, 3))
	slots(19, stripped*4+k, bucket(q.bare, 5), person)
	if a.verb >= 0 {
		slots(20, c(a.verb), person, min(sent, 2))
		slots(21, c(h.open), person, k)
		slots(22, bucket(v.past, 2)*3+bucket(v.present, 2), bucket(v.contr, 2), person)
	}
	// The marks around: a quotation goes on behind its attribution, or one stood before it.
	first, end := d.Sentences[h.s0].First, d.Sentences[h.s1-1].End
	around := uint32(0)
	if int(end) < len(d.Tokens) && q.in[end] {
		around = 1
		if h.s1 < a.block.Next {
			around = 2
		}
	}
	if first > 0 && q.in[first-1] {
		around += 3
		if h.s0 > a.block.First {
			around += 3
		}
	}
	slots(23, k, around, stripped)
	slots(24, around, person, bucket(q.bare, 2))
	slots(25, around, sent, para)
	word := func(i int32) uint32 {
		if i < 0 || int(i) >= len(d.Tokens) {
			return 0
		}
		return uint32(uint64(arr.key(int(i))) >> 20)
	}
	if a.verb >= 0 {
		slots(26, word(a.verb), k, 0)
		slots(27, word(a.subj0), k, 0)
		slots(28, word(a.verb), word(a.subj0), 0)
		if behind := max(a.verb+1, a.subj); a.kind == trailing {
			slots(29, c(behind), k, 0)
			slots(30, c(behind), c(behind+1), uint32(a.subj-a.subj0))
		}
		slots(31, word(h.open), word(a.verb), 0)
	}
	slots(32, word(h.open), k, mid)
	slots(33, word(h.open), word(h.open+1), 0)
	slots(34, word(h.last-1), k, 0)
	// Words of the body that only one of the two would use.
	before := uint32(0)
	for i := h.open; i <= h.last && i < h.open+60; i++ {
		t := &p.Doc.Tokens[i]
		if t.Kind == text.Word && t.Shape&text.InitialUpper == 0 && p.Info[i].LnProb < 0 && p.Info[i].LnProb > -11 {
			w := word(i)
			slots(17, w, min(k, 1), 0)
			if p.Info[i].LnProb > -7 {
				if before != 0 {
					slots(35, before, w, 0)
				}
				before = w
			} else {
				before = 0
			}
			continue
		}
		before = 0
		if t.Kind == text.Clitic || t.Kind == text.Word && t.Shape&text.HasApostrophe != 0 {
			slots(36, word(i), min(k, 1), 0)
		}
	}
	return fs
}

// quoteSlot is the weight of a feature.
func quoteSlot(kind, a, b, c uint32) uint32 {
	h := uint64(kind)*0x9E3779B97F4A7C15 ^ uint64(a)*0xD6E8FEB86659FD93 ^ uint64(b)*0xC2B2AE3D27D4EB4F ^ uint64(c)*0x165667B19E3779F9
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	return uint32(h>>32) % quoteSlots
}

// hashed are fitted weights: a signed byte a slot.
type hashed struct {
	table string
	step  float64
}

func (w *hashed) sum(fs []orderFeature) float64 {
	n := 0
	for _, f := range fs {
		n += int(f.sign) * int(int8(w.table[f.slot]))
	}
	return float64(n) * w.step
}

// sumOf is the sum of the weights of features that are all present.
func (w *hashed) sumOf(slots []uint32) float64 { return float64(w.steps(slots)) * w.step }

// steps is sumOf in the steps that weights are kept in.
func (w *hashed) steps(slots []uint32) int {
	n := 0
	for _, f := range slots {
		n += int(int8(w.table[f]))
	}
	return n
}

// at is the weight in a slot, in steps.
func (w *hashed) at(slot uint32) int { return int(int8(w.table[slot])) }

var shippedQuotes = sync.OnceValue(func() *hashed {
	w, err := parseHashed(rules.Quote(), quoteSlots)
	if err != nil {
		panic("the embedded weights of lost quotations: " + err.Error())
	}
	return w
})

// parseHashed reads weights: a line of magic, the step, and the table.
func parseHashed(data string, slots int) (*hashed, error) {
	head := strings.SplitN(data, "\n", 3)
	if len(head) != 3 || head[0] != "copydesk hashed 1" || len(head[2]) != slots {
		return nil, errors.New("not weights of this version: fit them anew")
	}
	step, err := strconv.ParseFloat(head[1], 64)
	return &hashed{head[2], step}, err
}

// quoteMarks are the quotation marks that the document's author used, as far as
// what is left shows.
func (p *Pass) quoteMarks() (open, shut string) {
	s := p.Doc.Text
	switch {
	case strings.Contains(s, "“"), strings.Contains(s, "”"):
		return "“", "”"
	case strings.Contains(s, `"`):
		return `"`, `"`
	case p.lostApostrophe() == "’":
		return "“", "”"
	}
	return `"`, `"`
}

// singleQuoted reports whether the document sets its quotations between single
// marks.
func (p *Pass) singleQuoted() bool {
	d := p.Doc
	n := 0
	for i := range d.Tokens {
		t := &d.Tokens[i]
		if t.Gap == text.GapNone || i+1 >= len(d.Tokens) || d.Tokens[i+1].Gap != text.GapNone {
			continue
		}
		if s := d.Text[t.Start:t.End]; s == "'" || s == "‘" {
			if n++; n > 1 {
				return true
			}
		}
	}
	return false
}

func (p *Pass) lostQuotes() {
	if p.Counts.Reporting == 0 {
		return
	}
	if p.Counts.Quotes > 0 && !p.suspect().search || p.Counts.Quotes == 0 && p.Counts.Reporting < manyReports && p.Counts.Words >= fewWords {
		return
	}
	q := p.quotedTokens()
	set := p.quoteSetting(&q)
	prior, ceiling := 0.0, edit.Safe
	switch set {
	case hasQuotes:
		s := p.suspect()
		prior = quoteClean
		if s.damaged {
			prior = quoteHurt
		} else {
			ceiling = edit.Review
		}
	case noQuotes:
		prior = quoteAll
	case fewReports:
		prior, ceiling = quoteNone, edit.Review
	}
	if p.skips(ceiling) || set != hasQuotes && p.singleQuoted() {
		return
	}
	open, shut := p.quoteMarks()
	var list []quotation
	var fs []uint32
	w := shippedQuotes()
	anchors := p.anchors(&q)
	for i := range anchors {
		a := &anchors[i]
		list = p.quotations(a, &q, list)
		for k := range list {
			if a.kind == lone {
				list[k].nats = quoteLone - prior
				if list[k].s1 < a.block.Next {
					list[k].nats += loneAlone
				}
				continue
			}
			fs = p.quoteFeatures(a, &list[k], &q, set, fs[:0])
			list[k].nats = w.sumOf(fs)
			if a.kind == goingOn {
				list[k].nats += quoteGoesOn
			}
		}
		slices.SortStableFunc(list, func(x, y quotation) int { return cmp.Compare(y.nats, x.nats) })
		if len(list) == 0 || list[0].nats+prior < quoteWeak {
			continue
		}
		for k := range list[:min(len(list), maxShown)] {
			if h := &list[k]; h.nats > list[0].nats-shownNats {
				top := ceiling
				if a.kind == lone || a.kind == goingOn && set == hasQuotes {
					top = edit.Review // where marks are left, of 68 that went on at 0.95 in documents kept out 62 were right
				}
				p.proposeQuotation(a, h, prior, top, open, shut)
			}
		}
	}
}

func (p *Pass) proposeQuotation(a *anchor, h *quotation, prior float64, ceiling edit.Tier, open, shut string) {
	d := p.Doc
	from, to := int(d.Tokens[h.open].Start), int(d.Tokens[h.last].End)
	v := p.voice(h.open, h.last+1)
	who := "an attribution behind it"
	switch a.kind {
	case leading:
		who = "an attribution before it"
	case goingOn:
		who = "it goes on after a quotation"
	case lone:
		who = "a speaker's words behind a sentence that reports"
	}
	p.Propose(edit.Proposal{
		Span:   edit.Span{Start: from, End: to},
		Edits:  []edit.Edit{{Span: edit.Span{Start: from, End: from}, New: open}, {Span: edit.Span{Start: to, End: to}, New: shut}},
		Apart:  true,
		Origin: edit.Extraction, Ceiling: ceiling, Aside: ceiling < edit.Safe,
		Why: "a quotation without its marks: " + who,
		Evidence: []edit.Evidence{
			{Name: "speech", Nats: h.nats, Note: fmt.Sprintf("%d words of a speaker, %d contractions, %d sentences", v.first+v.second, v.contr, h.s1-h.s0)},
			{Name: "document", Nats: prior, Note: fmt.Sprintf("%d quotation marks and %d reporting verbs in the document", p.Counts.Quotes, p.Counts.Reporting)},
		},
	})
}
