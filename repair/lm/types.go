package lm

// Word is a word's key in the model: a hash of its normal form (lower case,
// digits folded to 0). See Key.
type Word uint64

// State is what the model remembers of the words before: comparable, so that a
// search can merge equal states. The zero value knows nothing of what came
// before; see Model.Begin.
type State struct{ W1, W2 Word } // W1 the word just before, W2 the one before that

// Flags are facts about a word.
type Flags uint16

// The facts. They come from curated lists unless said otherwise.
const (
	Known     Flags = 1 << iota // a word of English or a name: from a curated list, or seen often enough in training text to be one
	Dict                        // in a curated English dictionary
	FirstName                   //
	Surname                     //
	Place                       // a country, capital, demonym or region
	Abbrev                      // usually written with a dot
	Function                    // closed class: the, of, and, is, to …
	Rare                        // seen fewer than ten times in training text
)

// Info is what the lexicon knows of a word. The zero value is an unknown word.
type Info struct {
	Flags  Flags
	LnProb float32 // ln of the unigram probability, about -3 (the) to -19; 0 for unknown words
	// The shares of the word's spellings in running text away from sentence
	// starts, each 0 to 255: all lower, Initial capital, ALL CAPITALS. What is
	// left to 255 is mixed case (iPhone). All zero: nothing known.
	Lower, Title, Upper uint8
}

// Has reports whether all flags are set.
func (i Info) Has(f Flags) bool { return i.Flags&f == f }

// Lexicon says which words exist. Safe for many goroutines.
type Lexicon struct{}

// Model says how likely words follow one another. Safe for many goroutines.
type Model struct{}

// Speller says how likely a spelling is, for words the lexicon does not know.
// Safe for many goroutines.
type Speller struct{}

// Models is everything a model file holds.
type Models struct {
	Lexicon *Lexicon
	Model   *Model
	Speller *Speller
}
