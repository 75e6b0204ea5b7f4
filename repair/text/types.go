package text

import "copydesk/repair/edit"

// Kind is what a token is.
type Kind uint8

// The kinds of tokens. White space is no token: it is the Gap of the token
// after it.
const (
	Word      Kind = iota // letters, with inner apostrophes that are no clitic (don't, o'clock, O'Brien) and the dots of abbreviations (U.S., Mr.)
	Clitic                // 's, ’s, or the bare apostrophe after a plural s; touches the word before it
	Number                // digits with their inner marks: 1,000.50  3  2024  5th 1990s 10m
	Punct                 // one punctuation mark; a run of equal dots or hyphens is one token ("...", "--")
	Symbol                // anything else that prints: $, %, emoji
	Protected             // a URL, an address, a handle, code: one token, never changed inside
	Foreign               // a word in another script than Latin
)

// Shape is a set of facts about a token's letters.
type Shape uint16

// The facts.
const (
	InitialUpper  Shape = 1 << iota // the first letter is upper case
	AllUpper                        // two letters or more, all upper case
	InnerUpper                      // an upper-case letter after a lower-case one (TikTok, includedUS)
	HasDigit                        // letters and digits in one token (signeda3)
	NonASCII                        // a byte of 0x80 or more
	HasApostrophe                   // an inner ' or ’ (don't)
	HasDot                          // an abbreviation's dot (U.S., Mr.)
)

// Gap is what stands before a token.
type Gap uint8

// The gaps.
const (
	GapNone      Gap = iota // the token touches the one before it
	GapSpace                // exactly one U+0020
	GapOdd                  // other white space within a line: doubled, tab, non-breaking
	GapLine                 // one line end
	GapParagraph            // two line ends or more, or the start of the text
)

// Token is a piece of the text. It holds no string: see Document.Str.
type Token struct {
	Start, End int32 // bytes, half open
	Kind       Kind
	Gap        Gap // what stands before it
	Shape      Shape
}

// Span is the token's place.
func (t Token) Span() edit.Span { return edit.Span{Start: int(t.Start), End: int(t.End)} }

// Sentence is a range of tokens, half open.
type Sentence struct{ First, End int32 }

// BlockKind is what a block looks like.
type BlockKind uint8

// The kinds of blocks.
const (
	Paragraph BlockKind = iota
	Heading             // short, without a sentence's end
	ListItem
	Code      // never changed
	OtherLang // in another language or script: never changed
)

// Block is a run of lines between blank lines, or one line where the text has
// one paragraph a line.
type Block struct {
	edit.Span
	Kind        BlockKind
	First, Next int32 // its sentences, half open
}

// Document is a parsed text. It is immutable and safe to share.
type Document struct {
	Text      string
	Blocks    []Block
	Sentences []Sentence
	Tokens    []Token

	codeMarks int // bytes that code has and prose hardly: most texts have none, and no block needs a look
}

// Str is a token's text, sharing the document's memory.
func (d *Document) Str(i int) string { t := d.Tokens[i]; return d.Text[t.Start:t.End] }
