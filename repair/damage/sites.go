package damage

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
	"copydesk/repair/text"

	"golang.org/x/text/encoding/charmap"
)

// site says how to do a kind at token i; false where it cannot be done there.
func site(k Kind) func(m *Maker, k Kind, i int) bool {
	if k >= FirstMisreading {
		return recoded
	}
	return sites[k]
}

var sites = [FirstMisreading]func(m *Maker, k Kind, i int) bool{
	GluedWords:          gluedWords,
	LinkEnds:            linkEnds,
	SpaceBeforeMark:     spaceBeforeMark,
	SpaceAfterOpen:      spaceAfterOpen,
	PossSpaced:          possessive,
	DropCap:             dropCap,
	MissingBreakNoSpace: missingBreak,
	MissingBreakGlued:   missingBreak,
	BlockGlued:          blockGlued,
	CreditGlued:         creditGlued,
	PossDropped:         possessive,
	PossMisplaced:       possessive,
	PossStripped:        possessive,
	ItsForm:             itsForm,
	ContrNonword:        contraction,
	ContrRealword:       contraction,
	QuotesStripped:      quotes,
	QuoteHalf:           quotes,
	DashPair:            dash,
	DashStripped:        dash,
	SpuriousBreakLC:     spuriousBreak,
	SpuriousBreakCap:    spuriousBreak,
	MissingBreakSpace:   missingBreak,
	BreakMove:           move,
	MoveNoBreak:         move,
	MoveWord:            move,
	RelComma:            relComma,
	DupWord:             dupWord,
	WordSubstituted:     substituted,
	DeterminerLost:      determiner,
	DeterminerAdded:     determiner,
	OCRLetters:          ocrLetters,
	OCRHyphen:           ocrHyphen,
	OCRMark:             ocrMark,
	SpaceInserted:       spaceInserted,
	LettersSpaced:       lettersSpaced,
	AllGlued:            allGlued,
	Typo:                typo,
	Mojibake1252:        recoded,
	MojibakeLatin1:      recoded,
	C1Marks:             recoded,
	Replacement:         recoded,
	Entity:              recoded,
}

func change(start, end int, s string) edit.Edit {
	return edit.Edit{Span: edit.Span{Start: start, End: end}, New: s}
}

func (m *Maker) start(i int) int  { return int(m.d.Tokens[i].Start) }
func (m *Maker) end(i int) int    { return int(m.d.Tokens[i].End) }
func (m *Maker) str(i int) string { return m.d.Str(i) }

// is reports whether token i exists and is of a kind.
func (m *Maker) is(i int, k text.Kind) bool {
	return i >= 0 && i < len(m.d.Tokens) && m.d.Tokens[i].Kind == k
}

// spaced reports whether exactly one space stands before token i, after another.
func (m *Maker) spaced(i int) bool {
	return i > 0 && i < len(m.d.Tokens) && m.d.Tokens[i].Gap == text.GapSpace
}

// touching reports whether token i touches the one before it.
func (m *Maker) touching(i int) bool {
	return i > 0 && i < len(m.d.Tokens) && m.d.Tokens[i].Gap == text.GapNone
}

// flows reports whether token i is a word after another, in the same sentence.
func (m *Maker) flows(i int) bool {
	return m.is(i, text.Word) && m.spaced(i) && !has(m.first, i) && (m.is(i-1, text.Word) || m.is(i-1, text.Clitic))
}

// free reports whether white space at token i may change: not in a URL or code.
func (m *Maker) free(i int) bool {
	return i >= 0 && i < len(m.d.Tokens) && m.d.Tokens[i].Kind != text.Protected && m.d.Tokens[i].Kind != text.Foreign
}

// letters is token i in lower case.
func (m *Maker) letters(i int) string { return strings.ToLower(m.str(i)) }

func (m *Maker) upper(i int) bool { return m.d.Tokens[i].Shape&text.InitialUpper != 0 }

func gluedWords(m *Maker, k Kind, i int) bool {
	if !m.spaced(i) || !m.free(i) || !m.free(i-1) || has(m.first, i) {
		return false
	}
	return m.put(k, change(m.end(i-1), m.start(i), ""))
}

// linkLengths are the shares of links of one to six words in news.
var linkLengths = []float64{22, 30, 20, 13, 8, 7}

func linkEnds(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Word) && !m.is(i, text.Number) {
		return false
	}
	// A link is most often a name or begins behind a small word; verbs and whole clauses are linked too.
	likely := 0.25
	if m.upper(i) && !has(m.first, i) {
		likely = 1
	} else if i > 0 && isFunction(m.letters(i-1)) && !isFunction(m.letters(i)) {
		likely = 0.6
	}
	if !m.r.Chance(likely) {
		return false
	}
	last := i
	for n := 1 + m.r.pick(linkLengths); ; {
		for m.is(last+1, text.Clitic) && m.touching(last+1) {
			last++
		}
		if n--; n == 0 || !m.spaced(last+1) || !m.is(last+1, text.Word) && !m.is(last+1, text.Number) || has(m.first, last+1) {
			break
		}
		last++
	}
	left := m.spaced(i) && m.free(i-1) && !has(m.first, i)
	right := m.spaced(last+1) && m.free(last+1) && !has(m.first, last+1)
	if !m.bothEnds && left && right {
		switch m.r.pick([]float64{1, 1, 1}) {
		case 0:
			left = false
		case 1:
			right = false
		}
	}
	var edits []edit.Edit
	if left {
		edits = append(edits, change(m.end(i-1), m.start(i), ""))
	}
	if right {
		edits = append(edits, change(m.end(last), m.start(last+1), ""))
	}
	return len(edits) > 0 && m.put(k, edits...)
}

func spaceBeforeMark(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Punct) || !m.touching(i) || !strings.Contains(",.;:!?)", m.str(i)) || !m.is(i-1, text.Word) && !m.is(i-1, text.Number) {
		return false
	}
	return m.put(k, change(m.start(i), m.start(i), " "))
}

func spaceAfterOpen(m *Maker, k Kind, i int) bool {
	if !m.is(i-1, text.Punct) || !m.touching(i) || m.touching(i-1) || !strings.Contains("\"“‘(", m.str(i-1)) || !m.is(i, text.Word) {
		return false
	}
	return m.put(k, change(m.start(i), m.start(i), " "))
}

func dropCap(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Word) || !m.upper(i) || i > 0 && m.d.Tokens[i].Gap != text.GapParagraph {
		return false
	}
	_, size := utf8.DecodeRuneInString(m.str(i))
	if m.start(i)+size+1 > m.end(i) {
		return false
	}
	return m.put(k, change(m.start(i)+size, m.start(i)+size, " "))
}

// missingBreak drops what stands between two sentences: the space, the stop, or both.
func missingBreak(m *Maker, k Kind, i int) bool {
	if i < 2 || !has(m.first, i) || !m.spaced(i) || !m.free(i) || !m.is(i-1, text.Punct) {
		return false
	}
	if k == MissingBreakNoSpace {
		return m.put(k, change(m.end(i-1), m.start(i), ""))
	}
	if m.str(i-1) != "." || !m.touching(i-1) || !m.is(i, text.Word) || !m.is(i-2, text.Word) {
		return false
	}
	if k == MissingBreakGlued {
		return m.put(k, change(m.start(i-1), m.start(i), ""))
	}
	return m.put(k, change(m.start(i-1), m.end(i-1), ""))
}

func blockGlued(m *Maker, k Kind, i int) bool {
	if i == 0 || m.d.Tokens[i].Gap < text.GapLine || !m.free(i) || !m.free(i-1) {
		return false
	}
	return m.put(k, change(m.end(i-1), m.start(i), ""))
}

var credits = []string{
	"Getty Images", "AFP/Getty Images", "Reuters", "AP", "Credit: EPA", "Credit: PA", "Photograph: AFP",
	"Image copyright Reuters", "Shutterstock", "Anadolu/Getty Images", "Courtesy photo", "File photo",
}

func creditGlued(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Word) || !m.upper(i) || i > 0 && m.d.Tokens[i].Gap != text.GapParagraph {
		return false
	}
	return m.put(k, change(m.start(i), m.start(i), credits[m.r.IntN(len(credits))]))
}

// contracts lists the words whose 's is a verb, not a possessive.
func contracts(word string) bool {
	switch word {
	case "it", "he", "she", "that", "this", "there", "here", "who", "what", "where", "how", "when", "why", "let", "one", "everyone", "something":
		return true
	}
	return false
}

// apostropheLen is the length of the apostrophe that s starts with, or 0.
func apostropheLen(s string) int {
	if strings.HasPrefix(s, "'") {
		return 1
	}
	if strings.HasPrefix(s, "’") {
		return len("’")
	}
	return 0
}

func possessive(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Clitic) || !m.touching(i) || !m.is(i-1, text.Word) || contracts(m.letters(i-1)) {
		return false
	}
	s := m.str(i)
	n := apostropheLen(s)
	if n == 0 || len(s) != n+1 {
		return false
	}
	at := m.start(i)
	if m.curly && n == 1 && k == PossDropped && m.stripOnly {
		return false // a straight mark survives where the typographic ones are removed
	}
	switch k {
	case PossDropped:
		return m.put(k, change(at, at+n, ""))
	case PossMisplaced:
		return m.spaced(i+1) && m.is(i+1, text.Word) && m.put(k, change(at, at+n+1, s[n:]+s[:n]))
	case PossStripped:
		return m.put(k, change(at, at+n+1, ""))
	}
	switch m.r.IntN(3) { // PossSpaced
	case 0:
		return m.put(k, change(at, at, " "))
	case 1:
		return m.put(k, change(at+n, at+n, " "))
	}
	return m.put(k, change(at, at+n, " "))
}

func itsForm(m *Maker, k Kind, i int) bool {
	if m.is(i, text.Word) && m.letters(i) == "its" && !m.stripOnly {
		mark := "'"
		if m.curly {
			mark = "’"
		}
		return m.put(k, change(m.start(i)+2, m.start(i)+2, mark))
	}
	if m.is(i, text.Clitic) && m.touching(i) && m.is(i-1, text.Word) && m.letters(i-1) == "it" {
		n := apostropheLen(m.str(i))
		return n > 0 && m.put(k, change(m.start(i), m.start(i)+n, ""))
	}
	return false
}

func contraction(m *Maker, k Kind, i int) bool {
	var at, n int
	var word string
	switch {
	case m.is(i, text.Word) && m.d.Tokens[i].Shape&text.HasApostrophe != 0:
		s := m.letters(i)
		x := strings.IndexAny(s, "'’")
		if x <= 0 {
			return false
		}
		n = apostropheLen(s[x:])
		if len(s) != len(m.str(i)) || !contractionTail(s[:x], s[x+n:]) {
			return false // O'Brien, o'clock
		}
		at, word = m.start(i)+x, s[:x]+s[x+n:]
	case m.is(i, text.Clitic) && m.touching(i) && m.is(i-1, text.Word) && contracts(m.letters(i-1)) && m.letters(i-1) != "it":
		n = apostropheLen(m.str(i))
		at, word = m.start(i), m.letters(i-1)+m.str(i)[n:]
	}
	if n == 0 || realword(word) != (k == ContrRealword) {
		return false
	}
	return m.put(k, change(at, at+n, ""))
}

func contractionTail(base, tail string) bool {
	switch tail {
	case "t":
		return strings.HasSuffix(base, "n")
	case "re", "ve", "ll", "d", "m":
		return true
	}
	return false
}

func realword(w string) bool {
	switch w {
	case "were", "well", "wed", "hell", "shell", "shed", "hed", "id", "ill", "cant", "wont", "lets", "its", "whore":
		return true
	}
	return false
}

// closing finds the mark that ends the quotation that token i opens, or -1.
func (m *Maker) closing(i int) int {
	open := m.str(i)
	if open != `"` && open != "“" || i > 0 && m.touching(i) && m.str(i-1) != "(" || !m.touching(i+1) {
		return -1
	}
	end := `"`
	if open == "“" {
		end = "”"
	}
	const maxQuotation = 200 // tokens: longer ones are rather two that lost a mark
	for j := i + 2; j < min(len(m.d.Tokens), i+maxQuotation); j++ {
		if m.d.Tokens[j].Gap >= text.GapLine {
			return -1
		}
		if s := m.str(j); s == end {
			if m.touching(j) {
				return j
			}
			return -1
		}
	}
	return -1
}

func quotes(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Punct) {
		return false
	}
	j := m.closing(i)
	if j < 0 || m.curlyMarks && m.str(i) == `"` {
		return false
	}
	a, b := change(m.start(i), m.end(i), ""), change(m.start(j), m.end(j), "")
	if k == QuotesStripped {
		return m.put(k, a, b)
	}
	if m.r.Chance(0.5) {
		return m.put(k, a)
	}
	return m.put(k, b)
}

// dashAt is the change that loses the dash at token i; false when there is none.
func (m *Maker) dashAt(i int) (edit.Edit, bool) {
	if !m.is(i, text.Punct) || i == 0 {
		return edit.Edit{}, false
	}
	switch s := m.str(i); s {
	case "–", "—", "--", "-":
		if m.spaced(i) && m.spaced(i+1) {
			return change(m.end(i-1), m.start(i+1), " "), true
		}
		if s == "—" && m.touching(i) && m.touching(i+1) {
			return change(m.start(i), m.end(i), ""), true
		}
	}
	return edit.Edit{}, false
}

func dash(m *Maker, k Kind, i int) bool {
	a, ok := m.dashAt(i)
	if !ok {
		return false
	}
	if k == DashStripped {
		return m.put(k, a)
	}
	if a.New != " " {
		return false
	}
	for j := i + 1; j < len(m.d.Tokens) && !has(m.first, j); j++ {
		if b, ok := m.dashAt(j); ok {
			return b.New == " " && m.put(k, a, b)
		}
	}
	return false
}

func spuriousBreak(m *Maker, k Kind, i int) bool {
	if !m.flows(i) || m.upper(i) || !m.is(i-1, text.Word) || m.d.Tokens[i-1].Shape&text.HasDot != 0 {
		return false
	}
	at := m.end(i - 1)
	if k == SpuriousBreakLC {
		return m.put(k, change(at, at, "."))
	}
	r, size := utf8.DecodeRuneInString(m.str(i))
	return m.put(k, change(at, m.start(i)+size, ". "+string(unicode.ToUpper(r))))
}

func isPreposition(w string) bool {
	switch w {
	case "of", "in", "to", "for", "on", "with", "at", "by", "from", "as", "into", "over", "after", "under", "about", "between", "during", "against":
		return true
	}
	return false
}

func isDeterminer(w string) bool {
	switch w {
	case "the", "a", "an", "this", "that", "these", "those", "his", "her", "its", "their", "our", "my", "your":
		return true
	}
	return false
}

func isFunction(w string) bool {
	if isPreposition(w) || isDeterminer(w) {
		return true
	}
	switch w {
	case "and", "or", "but", "is", "are", "was", "were", "be", "been", "has", "have", "had", "not", "who", "which", "it", "he", "she", "they", "we", "will", "would", "could", "than", "said":
		return true
	}
	return false
}

// move exchanges two neighbouring blocks of words: tokens i to j-1 with j to
// end-1. One of them begins with a preposition, as in all of 1,200 labelled moves, the
// first in one of three; of single words it is the preposition itself that moves.
func move(m *Maker, k Kind, i int) bool {
	if !m.flows(i) {
		return false
	}
	firstLeads := m.r.Chance(0.35)
	a, b := 1+m.r.pick([]float64{3, 3, 2, 1, 1}), 2+m.r.pick([]float64{3, 3, 2, 1})
	if k == MoveWord {
		a, b = 1+m.r.pick([]float64{3, 2, 1}), 1
		if firstLeads {
			a, b = b, a
		}
	}
	end := i + 1
	for ; end < i+a+b; end++ {
		if !m.flows(end) {
			return false
		}
	}
	j := i + a
	if !m.flows(end) || m.d.Tokens[end-1].Shape&text.HasDot != 0 {
		return false
	}
	head := j
	if firstLeads {
		head = i
	}
	if !isPreposition(m.letters(head)) || isDeterminer(m.letters(end-1)) && k != MoveWord {
		return false
	}
	first, second := m.d.Text[m.start(i):m.end(j-1)], m.d.Text[m.start(j):m.end(end-1)]
	between := " "
	if k == BreakMove || k == MoveWord && m.r.Chance(0.35) {
		between = ". "
		if k == BreakMove && m.r.Chance(0.5) {
			r, size := utf8.DecodeRuneInString(first)
			first = string(unicode.ToUpper(r)) + first[size:]
		}
	}
	return m.put(k, change(m.start(i), m.end(end-1), second+between+first))
}

func relComma(m *Maker, k Kind, i int) bool {
	if !m.spaced(i) || i < 2 || m.str(i-1) != "," || !m.touching(i-1) || !m.is(i-2, text.Word) {
		return false
	}
	switch m.str(i) {
	case "who", "which", "where", "whose":
		return m.put(k, change(m.start(i-1), m.end(i-1), ""))
	}
	return false
}

func dupWord(m *Maker, k Kind, i int) bool {
	if !m.flows(i) || m.upper(i) || !isFunction(m.str(i)) && !m.r.Chance(0.2) {
		return false
	}
	return m.put(k, change(m.end(i), m.end(i), " "+m.str(i)))
}

var substitutes = map[string][]string{
	"to": {"for", "in", "on"}, "for": {"to", "of"}, "in": {"on", "at"}, "on": {"in", "to", "of"}, "of": {"from", "in"}, "from": {"of", "in"},
	"at": {"in", "on"}, "with": {"to", "by"}, "by": {"from", "with"}, "its": {"her", "his"}, "it": {"she", "he"}, "she": {"it"},
	"an": {"one"}, "a": {"one"}, "that": {"which"}, "which": {"that"}, "about": {"on"}, "into": {"in"}, "this": {"that"},
}

func substituted(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Word) || !m.flows(i) {
		return false
	}
	other := substitutes[m.str(i)]
	return len(other) > 0 && m.put(k, change(m.start(i), m.end(i), other[m.r.IntN(len(other))]))
}

func determiner(m *Maker, k Kind, i int) bool {
	if !m.flows(i) {
		return false
	}
	w := m.str(i)
	if k == DeterminerLost {
		return (w == "the" || w == "a" || w == "an") && m.flows(i+1) && m.put(k, change(m.start(i), m.start(i+1), ""))
	}
	return isPreposition(m.letters(i-1)) && !isFunction(w) && m.put(k, change(m.start(i), m.start(i), "the "))
}

// misread holds pairs that recognition confuses, either way.
var misread = [...][2]string{
	{"rn", "m"},
	{"h", "b"},
	{"e", "c"},
	{"n", "u"},
	{"l", "1"},
	{"l", "I"},
	{"i", "l"},
	{"o", "0"},
	{"s", "a"},
	{"cl", "d"},
	{"t", "f"},
	{"v", "y"},
	{"m", "in"},
	{"w", "vv"},
	{"g", "q"},
	{"li", "h"},
	{"n", "a"},
	{"M", "lvl"},
	{"O", "0"},
	{"S", "8"},
	{"B", "8"},
	{"T", "J"},
}

func ocrLetters(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Word) || m.d.Tokens[i].Shape&(text.NonASCII|text.HasApostrophe) != 0 {
		return false
	}
	s := m.str(i)
	if len(s) < 3 {
		return false
	}
	for range 8 {
		pair := misread[m.r.IntN(len(misread))]
		if m.r.Chance(0.5) {
			pair[0], pair[1] = pair[1], pair[0]
		}
		if x := strings.Index(s, pair[0]); x >= 0 {
			return m.put(k, change(m.start(i)+x, m.start(i)+x+len(pair[0]), pair[1]))
		}
	}
	return false
}

func isVowel(b byte) bool { return strings.IndexByte("aeiouyAEIOUY", b) >= 0 }

func ocrHyphen(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Word) || m.d.Tokens[i].Shape&(text.NonASCII|text.HasApostrophe|text.HasDot) != 0 {
		return false
	}
	s := m.str(i)
	if m.is(i+2, text.Word) && m.str(i+1) == "-" && m.touching(i+1) && m.touching(i+2) { // lines end at hyphens first of all
		return m.put(k, change(m.end(i+1), m.end(i+1), " "))
	}
	if len(s) < 6 {
		return false
	}
	for range 6 {
		x := 2 + m.r.IntN(len(s)-4)
		// Between two consonants, or before a consonant with a vowel on either side: near enough to a syllable.
		if !isVowel(s[x]) && (isVowel(s[x-1]) && isVowel(s[x+1]) || !isVowel(s[x-1]) && isVowel(s[x+1])) && s[x] != '-' && s[x-1] != '-' {
			return m.put(k, change(m.start(i)+x, m.start(i)+x, "- "))
		}
	}
	return false
}

func ocrMark(m *Maker, k Kind, i int) bool {
	if m.is(i, text.Punct) && m.touching(i) {
		switch m.str(i) {
		case ",":
			return m.put(k, change(m.start(i), m.end(i), []string{".", "", ",,", " ,-"}[m.r.IntN(4)]))
		case ".":
			return m.put(k, change(m.start(i), m.end(i), []string{",", "", "..", " ."}[m.r.IntN(4)]))
		}
		return false
	}
	if !m.flows(i) || !m.r.Chance(0.3) {
		return false
	}
	at := m.end(i - 1)
	return m.put(k, change(at, at, []string{".", ",", " -", " ."}[m.r.IntN(4)]))
}

func spaceInserted(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Word) && !m.is(i, text.Number) {
		return false
	}
	s := m.str(i)
	n := utf8.RuneCountInString(s)
	// Longer words have more places to break.
	if n < 2 || !m.r.Chance(float64(n-1)/10) {
		return false
	}
	left := 1 + m.r.IntN(n-1)
	for at := range s {
		if left == 0 {
			return m.put(k, change(m.start(i)+at, m.start(i)+at, " "))
		}
		left--
	}
	return false
}

func lettersSpaced(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Word) {
		return false
	}
	var edits []edit.Edit
	for n := 1 + m.r.IntN(8); n > 0 && m.is(i, text.Word); n, i = n-1, i+1 {
		for at := range m.str(i) {
			if at > 0 {
				edits = append(edits, change(m.start(i)+at, m.start(i)+at, " "))
			}
		}
	}
	return len(edits) > 1 && m.put(k, edits...)
}

func allGlued(m *Maker, k Kind, i int) bool {
	if !has(m.first, i) {
		return false
	}
	const maxWords = 60
	var edits []edit.Edit
	for j := i + 1; j < min(len(m.d.Tokens), i+maxWords) && !has(m.first, j) && m.free(j); j++ {
		if m.spaced(j) {
			edits = append(edits, change(m.end(j-1), m.start(j), ""))
		}
	}
	return len(edits) > 2 && m.put(k, edits...)
}

func typo(m *Maker, k Kind, i int) bool {
	if !m.is(i, text.Word) || m.d.Tokens[i].Shape&text.NonASCII != 0 || len(m.str(i)) < 2 {
		return false
	}
	s := m.str(i)
	x := m.r.IntN(len(s) - 1)
	if s[x] < 'A' || s[x+1] < 'A' {
		return false
	}
	at := m.start(i) + x
	letter := string("etaoinshrdlu"[m.r.IntN(12)])
	switch m.r.IntN(4) {
	case 0:
		return m.put(k, change(at, at+2, string([]byte{s[x+1], s[x]})))
	case 1:
		return m.put(k, change(at+1, at+2, ""))
	case 2: // before the word, within it or behind it: "ofa"
		at = m.start(i) + m.r.IntN(len(s)+1)
		return m.put(k, change(at, at, letter))
	}
	return m.put(k, change(at+1, at+2, letter))
}

// recoded garbles the run of characters outside ASCII that begins in token i.
func recoded(m *Maker, k Kind, i int) bool {
	s := m.str(i)
	from := strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 })
	if from < 0 {
		return false
	}
	to := from
	for to < len(s) && s[to] >= 0x80 {
		to++
	}
	garble := m.recode
	if garble == nil {
		garble = func(run string) (string, bool) { return garbled(k, run) }
	}
	bad, ok := garble(s[from:to])
	if !ok || !utf8.ValidString(bad) {
		return false
	}
	return m.put(k, change(m.start(i)+from, m.start(i)+to, bad))
}

func garbled(k Kind, run string) (string, bool) {
	var out strings.Builder
	switch k {
	default:
		return Misread(k, run)
	case C1Marks:
		for _, r := range run {
			b, ok := charmap.Windows1252.EncodeRune(r)
			if !ok || b < 0x80 || b >= 0xA0 {
				return "", false
			}
			out.WriteRune(rune(b))
		}
	case Replacement:
		for range run {
			out.WriteRune(utf8.RuneError)
		}
	case Entity:
		for _, r := range run {
			fmt.Fprintf(&out, "&#%d;", r)
		}
	}
	return out.String(), true
}
