package lm

// Word is a word's key in the model: a hash of its normal form (lower case,
// digits folded to 0, ’ to '). See Key. Zero is no word.
type Word uint64

// State is what the model remembers of the words before: comparable, so that a
// search can merge equal states. The zero value knows nothing of what came
// before; see Model.Begin.
type State struct{ W1, W2 Word } // W1 the word just before, W2 the one before that

// Flags are facts about a word.
type Flags uint16

// The facts. They come from curated lists unless said otherwise.
const (
	Known    Flags = 1 << iota // a word of English or a name: from a curated list, or seen often enough in training text to be one
	Dict                       // in a curated English dictionary
	Name                       // a first name or a surname
	Place                      // a country, capital, demonym or region
	Function                   // closed class: the, of, and, is, to …
	Noun                       // may be a noun
	Verb                       // may be a verb, in any form
	Adj                        // may be an adjective
	Misspelt                   // a common misspelling of another word: never Known
	Cased                      // seen often in mixed case: iPhone, McDonald
)

const flagBits = 10

// Own marks a word that only the user's list knows: it is to be left alone. It
// is in no model file.
const Own Flags = 1 << 15

// Info is what the lexicon knows of a word. The zero value is an unknown word.
type Info struct {
	Flags  Flags
	LnProb float32 // ln of the unigram probability, about -3 (the) to -19; 0 for words that training text did not hold
	// The shares of the word's spellings in running text away from sentence
	// starts, in fifteenths: all lower, Initial capital, ALL CAPITALS. What is
	// left to 15 is mixed case. All zero: not seen.
	Lower, Title, Upper uint8
}

// Has reports whether all flags are set.
func (i Info) Has(f Flags) bool { return i.Flags&f == f }
