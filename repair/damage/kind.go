package damage

// Kind is one phenomenon: what a single damaged place looks like. Their names
// are the categories of labelled text.
type Kind uint8

// The kinds. A process does several of them; see Process.Kinds.
const (
	GluedWords          Kind = iota // "ofthe": a space lost between two words
	LinkEnds                        // "includedUS controlson": spaces lost at the ends of a link
	SpaceBeforeMark                 // "narcotics , including"
	SpaceAfterOpen                  // `" Protecting`
	PossSpaced                      // "SEC 's", "Russia' s", "Trump s"
	DropCap                         // "A s media jobs"
	MissingBreakNoSpace             // "process.It takes"
	MissingBreakGlued               // "visit ChinaIt comes": stop and space lost
	BlockGlued                      // "victoryIt wasn't": the line ends between two blocks lost
	CreditGlued                     // "Getty ImagesHopper's": a credit glued to the next block
	PossDropped                     // "Chinas economy"
	PossMisplaced                   // "Blinkens' visit"
	PossStripped                    // "China support"
	ItsForm                         // "it's" for "its" and the reverse
	ContrNonword                    // "dont"
	ContrRealword                   // "were" for "we're"
	QuotesStripped                  // both marks of a quotation lost
	QuoteHalf                       // one of them lost
	DashPair                        // a pair of spaced dashes lost
	DashStripped                    // one dash lost
	SpuriousBreakLC                 // "dangerous. behavior"
	SpuriousBreakCap                // "time to. Examine"
	MissingBreakSpace               // "into his speech She later"
	BreakMove                       // "He in an interview. Made the comments with"
	MoveNoBreak                     // the same without the stop
	MoveWord                        // a single word moved: "the in bank"
	RelComma                        // "Spain which hit"
	DupWord                         // "the the"
	WordSubstituted                 // a word of a closed class replaced: "on" for "to"
	DeterminerLost                  // "in bank"
	DeterminerAdded                 // "the China"
	OCRLetters                      // "remaaded", "tbe"
	OCRHyphen                       // "pro- perty"
	OCRMark                         // "head and. body"
	SpaceInserted                   // "govern ment"
	LettersSpaced                   // "p r e s e n t"
	AllGlued                        // "Thepresidentsaid"
	Typo                            // "teh"
	Mojibake1252                    // "Britainâ€™s": UTF-8 read as Windows-1252
	MojibakeLatin1                  // the same read as Latin-1: two of the three characters are invisible
	C1Marks                         // Windows-1252 read as Latin-1: "can\x92t"
	Replacement                     // U+FFFD where a character stood
	Entity                          // "caf&#233;"
	FirstMisreading                 // and all after it: text read with charsets that few programs take by mistake; see misreadings
)

// NumKinds is how many kinds there are.
const NumKinds = FirstMisreading + Kind(len(misreadings))

// kindFacts tells all about a kind but how to do it; see site.
type kindFacts struct {
	name    string
	process Process // the process it is most often seen in
	family  string  // of the repair
	doc     string
}

var named = [FirstMisreading]kindFacts{
	GluedWords:          {"glued-words", RandomSpace, "merged", `a space lost between two words: "ofthe"`},
	LinkEnds:            {"link-ends", LinkTrim, "merged", `white space lost at one or both ends of a link: "includedUS controlson"`},
	SpaceBeforeMark:     {"space-before-mark", SpaceForced, "spacing", `a space before a closing mark: "narcotics , including"`},
	SpaceAfterOpen:      {"space-after-open", SpaceForced, "spacing", `a space after an opening quotation mark`},
	PossSpaced:          {"poss-spaced", SpaceForced, "possessive", `a space inside a possessive: "SEC 's", "Russia' s", "Trump s"`},
	DropCap:             {"drop-cap", SpaceForced, "split", `the first letter of a paragraph set apart: "A s media jobs"`},
	MissingBreakNoSpace: {"missing-break-nospace", BlockJoin, "spacing", `the space between two sentences lost: "process.It"`},
	MissingBreakGlued:   {"missing-break-glued", BlockJoin, "break", `stop and space between two sentences lost: "visit ChinaIt"`},
	BlockGlued:          {"block-glued", BlockJoin, "break", `the line ends between two blocks lost: "victoryIt wasn't"`},
	CreditGlued:         {"credit-glued", BlockJoin, "boilerplate", `a picture credit glued to a paragraph: "Getty ImagesHopper's"`},
	PossDropped:         {"poss-dropped", PunctStrip, "possessive", `a possessive that lost its apostrophe: "Chinas economy"`},
	PossMisplaced:       {"poss-misplaced", RoundTrip, "possessive", `the apostrophe behind the s: "Blinkens' visit"`},
	PossStripped:        {"poss-stripped", RoundTrip, "possessive", `a possessive that lost its 's: "China support"`},
	ItsForm:             {"its-it's", RoundTrip, "contraction", `its and it's confused`},
	ContrNonword:        {"contr-nonword", PunctStrip, "contraction", `a contraction without its apostrophe, no word: "dont"`},
	ContrRealword:       {"contr-realword", PunctStrip, "contraction", `a contraction without its apostrophe, another word: "were"`},
	QuotesStripped:      {"quotes-stripped", PunctStrip, "quote", `both marks of a quotation lost`},
	QuoteHalf:           {"quote-half", PunctStrip, "quote", `one mark of a quotation lost`},
	DashPair:            {"dash-pair", PunctStrip, "dash", `a pair of spaced dashes lost`},
	DashStripped:        {"dash-stripped", PunctStrip, "dash", `one dash lost: "CAIRO Two flash bombs"`},
	SpuriousBreakLC:     {"spurious-break-lc", RoundTrip, "break", `a stray stop before lower case: "dangerous. behavior"`},
	SpuriousBreakCap:    {"spurious-break-cap", RoundTrip, "break", `a stray stop, the next word capitalised: "time to. Examine"`},
	MissingBreakSpace:   {"missing-break-space", RoundTrip, "break", `a stop lost, the space kept: "his speech She later"`},
	BreakMove:           {"break-move", RoundTrip, "order", `two blocks of words exchanged, a stray stop between: "He in an interview. Made the comments with"`},
	MoveNoBreak:         {"move-nobreak", RoundTrip, "order", `two blocks of words exchanged: "efforts the president to defend during"`},
	MoveWord:            {"move-word", RoundTrip, "order", `one word moved over its neighbours, with or without a stray stop: "the in bank"`},
	RelComma:            {"rel-comma", RoundTrip, "break", `the comma before a relative clause lost`},
	DupWord:             {"dup-word", RoundTrip, "duplicate", `a word doubled: "of of"`},
	WordSubstituted:     {"word-substituted", RoundTrip, "order", `a small word replaced by its neighbour in translation: "trip on China"`},
	DeterminerLost:      {"determiner-lost", RoundTrip, "order", `a determiner lost: "in bank"`},
	DeterminerAdded:     {"determiner-added", RoundTrip, "order", `a determiner added: "in the China"`},
	OCRLetters:          {"ocr-letters", OCR, "ocr", `letters misread: "remaaded", "tbe"`},
	OCRHyphen:           {"ocr-hyphen", OCR, "hyphen", `a word broken at a line end: "pro- perty"`},
	OCRMark:             {"ocr-mark", OCR, "ocr", `a mark misread or seen where there was dirt: "head and. body"`},
	SpaceInserted:       {"space-inserted", RandomSpace, "split", `a space inside a word: "govern ment"`},
	LettersSpaced:       {"letters-spaced", RandomSpace, "split", `a space after every letter of some words: "p r e s e n t"`},
	AllGlued:            {"all-glued", RandomSpace, "merged", `all spaces of a sentence lost`},
	Typo:                {"typo", RandomSpace, "ocr", `a slip of the fingers: "teh"; done by no process, only when asked for`},
	Mojibake1252:        {"mojibake-1252", WrongCharset, "characters", `UTF-8 read as Windows-1252: "Britainâ€™s"`},
	MojibakeLatin1:      {"mojibake-latin1", WrongCharset, "characters", `UTF-8 read as Latin-1: "Britainâs", with two invisible characters`},
	C1Marks:             {"c1-marks", WrongCharset, "characters", `Windows-1252 read as Latin-1: an invisible U+0092 for ’`},
	Replacement:         {"replacement", WrongCharset, "characters", `U+FFFD where a character stood`},
	Entity:              {"entity", WrongCharset, "characters", `a character left as an HTML entity: "caf&#233;"`},
}

// kinds are the facts of all kinds: those with a name, and the misreadings.
var kinds = func() (all [NumKinds]kindFacts) {
	copy(all[:], named[:])
	for i := range misreadings {
		all[FirstMisreading+Kind(i)] = misreadings[i].facts()
	}
	return all
}()

// Kinds lists every kind in a fixed order.
func Kinds() []Kind {
	all := make([]Kind, NumKinds)
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

func (k Kind) String() string { return kinds[k].name }

// Family is the family of rules that repairs the kind.
func (k Kind) Family() string { return kinds[k].family }

// Process is the process that does this kind of damage most often.
func (k Kind) Process() Process { return kinds[k].process }

// Rule is what the gold log calls the repair: family/kind.
func (k Kind) Rule() string { return kinds[k].family + "/" + kinds[k].name }

// Doc says in a few words what the damage looks like.
func (k Kind) Doc() string { return kinds[k].doc }

// ParseKind finds a kind by its name.
func ParseKind(name string) (Kind, bool) {
	for k := range kinds {
		if kinds[k].name == name {
			return Kind(k), true
		}
	}
	return 0, false
}

// share is a kind with its share of the places a process damages.
type share struct {
	kind   Kind
	weight float64
}

// mixes follow the categories of hand-labelled, naturally damaged documents.
var mixes = [NumProcesses][]share{
	LinkTrim:    {{LinkEnds, 1}},
	SpaceForced: {{SpaceBeforeMark, 12}, {SpaceAfterOpen, 2}, {PossSpaced, 1}, {DropCap, 1}},
	BlockJoin:   {{MissingBreakNoSpace, 4}, {BlockGlued, 4}, {MissingBreakGlued, 1.5}, {CreditGlued, 1}},
	PunctStrip: {
		{PossDropped, 50},
		{QuotesStripped, 12},
		{ContrNonword, 8},
		{DashStripped, 6},
		{ContrRealword, 3},
		{ItsForm, 2},
	},
	RoundTrip: {
		{SpuriousBreakLC, 6},
		{BreakMove, 4},
		{SpuriousBreakCap, 3},
		{MoveWord, 3},
		{MoveNoBreak, 2},
		{PossStripped, 2},
		{WordSubstituted, 2},
		{DupWord, 1.5},
		{MissingBreakSpace, 1},
		{PossMisplaced, 1},
		{DeterminerLost, 1},
		{DeterminerAdded, 1},
		{RelComma, 0.5},
		{ItsForm, 0.3},
	},
	OCR:          {{OCRLetters, 14}, {OCRHyphen, 2}, {OCRMark, 2}, {SpaceInserted, 0.7}, {GluedWords, 0.7}},
	WrongCharset: {{Mojibake1252, 3}, {MojibakeLatin1, 3}, {C1Marks, 1}, {Replacement, 1}, {Entity, 1}},
	RandomSpace:  {{GluedWords, 51}, {SpaceInserted, 39}, {LettersSpaced, 0.2}, {AllGlued, 0.1}},
}

// Kinds lists what a process does, most frequent first.
func (p Process) Kinds() []Kind {
	var all []Kind
	for _, s := range mixes[p] {
		all = append(all, s.kind)
	}
	return all
}

// ParseProcess finds a process by its name.
func ParseProcess(name string) (Process, bool) {
	for p, n := range processNames {
		if n == name {
			return Process(p), true
		}
	}
	return 0, false
}

var processDocs = [NumProcesses]string{
	LinkTrim:     "a converter trimmed each piece of text between tags: the ends of links are glued to their neighbours",
	SpaceForced:  "a converter put a space at every tag",
	BlockJoin:    "block tags were dropped without a separator",
	PunctStrip:   "typographic punctuation was removed: apostrophes, quotation marks and dashes",
	RoundTrip:    "the text was translated by a machine and back, piece by piece",
	OCR:          "the text was read from a picture",
	WrongCharset: "the bytes were decoded with the wrong table",
	RandomSpace:  "spaces were lost and inserted anywhere",
}

// Doc says in a few words what happened to the text.
func (p Process) Doc() string { return processDocs[p] }
