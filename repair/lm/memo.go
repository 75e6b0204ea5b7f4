package lm

// Sizes of a Memo, powers of two. News asks for few words and again and again for
// the same: 16,384 words stay in the second-level cache and answer nine in ten
// look-ups, where 2,048 answered three in four.
const (
	memoWords  = 1 << 14
	memoScores = 1 << 13
	memoChars  = 1 << 12
)

// Memo answers as the Models it was made from, and remembers: a look-up in their
// tables waits for three lines of main memory, a score for up to twelve. Used by
// one goroutine.
type Memo struct {
	models *Models
	words  [memoWords]Entry
	scores [memoScores]memoScore
	chars  [memoChars]memoChar
}

// Entry is what a Memo holds of a word.
type Entry struct {
	key Word
	Info
	prob, back uint8 // as the table has them
	Tag        uint8 // of the caller: 0 until it says otherwise
}

type memoScore struct {
	key uint64
	ln  float64
}

type memoChar struct {
	key uint64
	ln  float64
}

// NewMemo returns a Memo that has yet to learn everything.
func NewMemo(m *Models) *Memo { return &Memo{models: m} }

// Word is what is known of a word. The entry holds until the next call.
func (m *Memo) Word(w Word) *Entry {
	e := &m.words[w%memoWords]
	if e.key != w {
		m.learn(e, w)
	}
	return e
}

func (m *Memo) learn(e *Entry, w Word) {
	*e = Entry{key: w, prob: noProb}
	l := m.models.Lexicon
	v, ok := l.words.get(uint64(w))
	if ok {
		e.Info, e.prob, e.back = wordInfo(v), uint8(v>>(flagBits+12+7)), uint8(v>>(flagBits+12)&127)
	}
	if l.extra != nil {
		if i, user := l.extra[w]; user {
			e.Info = i
		}
	}
}

// LookupKey is Lexicon.LookupKey.
func (m *Memo) LookupKey(w Word) Info { return m.Word(w).Info }

// Lookup is Lexicon.Lookup.
func (m *Memo) Lookup(word string) Info { return m.Word(Key(word)).Info }

// Known is Lexicon.Known.
func (m *Memo) Known(word string) bool { return m.Word(Key(word)).Flags&Known != 0 }

// Begin is Model.Begin.
func (m *Memo) Begin() State { return State{W1: beginKey} }

// Free is Model.Free.
func (m *Memo) Free() State { return State{} }

// Score is Model.Score.
func (m *Memo) Score(s State, w Word) (float64, State) {
	next := s.Next(w)
	key := triple(s.W2, s.W1, w)
	e := &m.scores[key>>(64-13)]
	if e.key == key {
		return e.ln, next
	}
	ln := m.score(s, w, key)
	*e = memoScore{key, ln}
	return ln, next
}

func (m *Memo) score(s State, w Word, key uint64) float64 {
	t := m.models.Model
	if s.W1 != 0 && s.W2 != 0 {
		if v, ok := t.triples.get(key); ok {
			return -float64(v) * tripleStep
		}
	}
	var ln float64
	if s.W1 != 0 {
		if s.W2 != 0 {
			if v, ok := t.pairs.get(pair(s.W2, s.W1)); ok {
				ln -= float64(v&63) * pairBack
			}
		}
		if v, ok := t.pairs.get(pair(s.W1, w)); ok {
			return ln - float64(v>>6)*probStep
		}
		ln -= float64(m.Word(s.W1).back) * backStep
	}
	if p := m.Word(w).prob; p != noProb {
		return ln - float64(p)*probStep
	}
	return ln + t.unk
}

// ScoreToken is Models.ScoreToken.
func (m *Memo) ScoreToken(s State, token string) (ln float64, known bool, next State) {
	w := Key(token)
	ln, next = m.Score(s, w)
	if m.Word(w).LnProb != 0 {
		return ln, true, next
	}
	return ln + m.LnProb(token), false, next
}

// LnProb is Speller.LnProb.
func (m *Memo) LnProb(word string) float64 {
	var buf [64]byte
	w := spelling(word, buf[:0])
	var ln float64
	for i := spellOrder - 1; i < len(w); i++ {
		key := gramKey(w[i-spellOrder+1 : i+1])
		e := &m.chars[key>>(64-12)]
		if e.key != key {
			*e = memoChar{key, m.models.Speller.char(w, i)}
		}
		ln += e.ln
	}
	return ln
}
