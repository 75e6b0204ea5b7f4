package damage

// Process is one way in which scraping, conversion or transcription damages a
// whole document.
type Process uint8

// The processes. Their names are the keys of "damage" in the log.
const (
	LinkTrim     Process = iota // white space lost at the ends of inline tags: "includedUS controlson"
	SpaceForced                 // a space put at every tag: "narcotics , including", "Trump ’s"
	BlockJoin                   // block tags dropped: "victoryIt wasn't", "process.It takes"
	PunctStrip                  // typographic punctuation removed: "Israels", quotes and dashes gone
	RoundTrip                   // machine translation there and back: "said below. of the State. The"
	OCR                         // optical character recognition
	WrongCharset                // decoded with the wrong table
	RandomSpace                 // spaces lost and inserted anywhere: "govern ment", "ofthe"
	NumProcesses
)

var processNames = [NumProcesses]string{
	"link-trim", "space-forced", "block-join", "punct-strip", "round-trip", "ocr", "wrong-charset", "random-space",
}

func (p Process) String() string { return processNames[p] }

// Profile holds, for each process, the probability that it damaged the
// document, 0 to 1. The zero value is an undamaged document.
type Profile struct{ P [NumProcesses]float64 }

// Counts is what one cheap scan over a document's tokens found: the input of
// the diagnosis.
type Counts struct {
	Tokens                                                                                                            int // all tokens
	Words                                                                                                             int // tokens of kind Word
	Unknown                                                                                                           int // words that the lexicon does not know
	Glued, LooseMark, OddSpace, LooseClitic, StopLower, BareContraction, Camel, NameS, HyphenSpace, Repeat, OneLetter int // tokens with the cue of the same name (package detect)
	Quotes                                                                                                            int // quotation marks, curly or straight
	CurlyOrDash                                                                                                       int // characters of U+2010 to U+206F
	Apostrophes                                                                                                       int // clitics and words with an apostrophe
	Reporting                                                                                                         int // reporting verbs: said, told, added
}
