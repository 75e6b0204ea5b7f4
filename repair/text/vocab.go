package text

// Vocab is a document's own vocabulary.
type Vocab struct{}

// NewVocab counts the words of a document.
func NewVocab(d *Document) *Vocab { return &Vocab{} }
