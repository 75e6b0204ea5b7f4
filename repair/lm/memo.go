package lm

// Sizes of a Memo, as bits of an index. News asks for few words and again and again for
// the same: 65,536 words, pieces of words among them, take a megabyte and answer more than
// nine in ten look-ups, where 2,048 answered three in four.
const (
	memoWords  = 16
	memoScores = 16
	memoPairs  = 15
	memoChars  = 14
	memoSpaces = 13
)

// Memo answers as the Models it was made from, and remembers: a look-up in their
// tables waits for three lines of main memory, a score for up to twelve. Used by
// one goroutine.
type Memo struct {
	models *Models
	words  [1 << memoWords]Entry
	scores [1 << memoScores]memoScore
	pairs  [1 << memoPairs]memoPair
	chars  [1 << memoChars]memoChar
	spaces [1 << memoSpaces]memoSpace
}

// Entry is what a Memo holds of a word: sixteen bytes, for the fewer cache lines its table
// takes the more of it stays near the processor.
type Entry struct {
	key        Word
	flags      Flags  // and entryHeld, entryClassed
	shares     uint16 // Lower, Title and Upper, four bits each
	prob, back uint8  // as the table has them
	Tag        uint8  // of the caller: 0 until it says otherwise
	class      uint8  // by Classes, once entryClassed
}

// What an Entry says beside the lexicon's flags.
const (
	entryHeld    Flags = 1 << (flagBits + iota) // see Memo.held
	entryClassed                                // class is known
)

// Info is what the lexicon says of the word.
func (e *Entry) Info() Info {
	i := Info{Flags: e.flags &^ (entryHeld | entryClassed), Lower: uint8(e.shares & 15), Title: uint8(e.shares >> 4 & 15), Upper: uint8(e.shares >> 8)}
	if e.prob != noProb {
		i.LnProb = -float32(e.prob) * probStep
	}
	return i
}

type memoScore struct {
	key uint64
	ln  float64
}

type memoPair struct {
	key   uint64
	value uint16 // as the table has it
	held  bool
}

// memoChar is what the speller says of a gram: see gramPlace.
type memoChar struct {
	rest uint32 // 0 for none yet
	how  gramFound
}

type memoSpace struct {
	key uint64
	sum int32
}

// SpaceOdds is Spacing.LogOdds: a gap is asked about again and again, in every round,
// and each time it waits for half a hundred weights all over the model.
func (m *Memo) SpaceOdds(s string, left, right int, quoted bool) float64 {
	key := spacingKey(s, left, right, quoted)
	e := &m.spaces[key>>(64-memoSpaces)]
	if e.key != key {
		*e = memoSpace{key, m.models.Spacing.sum(s, left, right, quoted)}
	}
	return float64(e.sum) * spacingStep
}

// SideToken is NewSideToken of a word whose key is known, and of which is known what
// Word says.
func (m *Memo) SideToken(w Word, token string, i Info) SideToken {
	e := m.Word(w)
	if e.flags&entryClassed == 0 {
		e.flags, e.class = e.flags|entryClassed, m.models.Classes.Of(w)
	}
	t := SideToken{word: w, kind: e.class}
	t.describe(token, i)
	return t
}

// NewMemo returns a Memo that has yet to learn everything.
func NewMemo(m *Models) *Memo { return &Memo{models: m} }

// Word is what is known of a word. The entry holds until the next call.
func (m *Memo) Word(w Word) *Entry {
	e := &m.words[w%(1<<memoWords)]
	if e.key != w {
		m.learn(e, w)
	}
	return e
}

// Touch tells that a word will be asked for: what the table holds of it may come from
// main memory meanwhile.
func (m *Memo) Touch(w Word) {
	if m.words[w%(1<<memoWords)].key != w {
		m.models.Lexicon.words.touch(uint64(w))
	}
}

func (m *Memo) learn(e *Entry, w Word) {
	*e = Entry{key: w, prob: noProb}
	l := m.models.Lexicon
	if v, ok := l.words.get(uint64(w)); ok {
		e.flags, e.shares = Flags(v&(1<<flagBits-1)), uint16(v>>flagBits&(1<<12-1))
		e.prob, e.back = uint8(v>>(flagBits+12+7)), uint8(v>>(flagBits+12)&127)
	}
	if l.extra != nil {
		if i, user := l.extra[w]; user {
			e.flags = i.Flags
		}
	}
	if m.mayBeHeld(w) {
		e.flags |= entryHeld
	}
}

// LookupKey is Lexicon.LookupKey.
func (m *Memo) LookupKey(w Word) Info { return m.Word(w).Info() }

// Lookup is Lexicon.Lookup.
func (m *Memo) Lookup(word string) Info { return m.Word(Key(word)).Info() }

// Known is Lexicon.Known.
func (m *Memo) Known(word string) bool { return m.Word(Key(word)).flags&Known != 0 }

// Begin is Model.Begin.
func (m *Memo) Begin() State { return State{W1: beginKey} }

// Free is Model.Free.
func (m *Memo) Free() State { return State{} }

// Score is Model.Score.
func (m *Memo) Score(s State, w Word) (float64, State) {
	next := s.Next(w)
	key := triple(s.W2, s.W1, w)
	e := &m.scores[key>>(64-memoScores)]
	if e.key == key {
		return e.ln, next
	}
	ln := m.score(s, w, key)
	*e = memoScore{key, ln}
	return ln, next
}

// Prepare tells that the words will be scored, one after the other from a state
// on: what the tables hold of them comes from main memory all at once instead of
// one by one. It changes no score.
func (m *Memo) Prepare(s State, words ...Word) {
	t := m.models.Model
	ctx := pair(s.W2, s.W1)
	before := m.held(s.W1)
	for _, w := range words {
		held, next := m.held(w), pair(s.W1, w)
		if held && before {
			// No triple begins with a pair that is not held.
			if e := &m.pairs[ctx>>(64-memoPairs)]; e.key != ctx || e.held {
				if key := triple(s.W2, s.W1, w); m.scores[key>>(64-memoScores)].key != key {
					t.triples.touch(key)
				}
			}
			if m.pairs[next>>(64-memoPairs)].key != next {
				t.pairs.touch(next)
			}
		}
		ctx, before, s = next, held, s.Next(w)
	}
}

// PrepareEach is Prepare for words that will each be scored from the same state.
func (m *Memo) PrepareEach(s State, words ...Word) {
	t := m.models.Model
	ctx := pair(s.W2, s.W1)
	e := &m.pairs[ctx>>(64-memoPairs)]
	held := e.key != ctx || e.held
	if !m.held(s.W1) {
		return
	}
	for _, w := range words {
		if !m.held(w) {
			continue
		}
		if key := triple(s.W2, s.W1, w); held && m.scores[key>>(64-memoScores)].key != key {
			t.triples.touch(key)
		}
		if ctx := pair(s.W1, w); m.pairs[ctx>>(64-memoPairs)].key != ctx {
			t.pairs.touch(ctx)
		}
	}
}

// score is the ln probability of a word after a state. Every triple that is held
// begins with a pair that is: where there is none, none is looked for.
func (m *Memo) score(s State, w Word, key uint64) float64 {
	t := m.models.Model
	if s.W1 == 0 {
		if p := m.Word(w).prob; p != noProb {
			return -float64(p) * probStep
		}
		return t.unk
	}
	var ln float64
	held := m.held(w)
	if s.W2 != 0 {
		if ctx := m.pair(s.W2, s.W1); ctx.held {
			if held {
				if v, ok := t.triples.get(key); ok {
					return -float64(v) * tripleStep
				}
			}
			ln = -float64(ctx.value&63) * pairBack
		}
	}
	if held {
		if e := m.pair(s.W1, w); e.held {
			return ln - float64(e.value>>6)*probStep
		}
	}
	ln -= float64(m.Word(s.W1).back) * backStep
	if p := m.Word(w).prob; p != noProb {
		return ln - float64(p)*probStep
	}
	return ln + t.unk
}

// pair is what the model holds of two words in a row.
func (m *Memo) pair(a, b Word) memoPair {
	key := pair(a, b)
	e := &m.pairs[key>>(64-memoPairs)]
	if e.key != key {
		*e = memoPair{key: key}
		if m.held(a) && m.held(b) {
			v, ok := m.models.Model.pairs.get(key)
			*e = memoPair{key, uint16(v), ok}
		}
	}
	return *e
}

// held reports whether a word may be in any pair or triple: one that was never seen is
// in none, nor need the tables be asked. The answer is the same whether the word is in
// the memory or not: tables hold a wrong pair now and then, and what a text is repaired
// to must not depend on the texts before it.
func (m *Memo) held(w Word) bool {
	if e := &m.words[w%(1<<memoWords)]; e.key == w {
		return e.flags&entryHeld != 0
	}
	return m.mayBeHeld(w)
}

func (m *Memo) mayBeHeld(w Word) bool { return w == unkKey || w == beginKey || m.Seen(w) }

// ScoreToken is Models.ScoreToken.
func (m *Memo) ScoreToken(s State, token string) (ln float64, known bool, next State) {
	return m.ScoreKey(s, Key(token), token)
}

// ScoreKey is ScoreToken where the token's key is known.
func (m *Memo) ScoreKey(s State, w Word, token string) (ln float64, known bool, next State) {
	ln, next = m.Score(s, w)
	if m.Word(w).prob != noProb {
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
		ln += m.char([spellOrder]byte(w[i-spellOrder+1 : i+1]))
	}
	return ln
}

// char is the ln probability of a gram's last character after those before it.
func (m *Memo) char(gram [spellOrder]byte) float64 {
	at, rest := gramPlace(gram)
	e := &m.chars[at]
	if e.rest != rest {
		*e = memoChar{rest, m.models.Speller.find(gram[:], spellOrder-1)}
	}
	return e.how.ln()
}

// gramPlace is where a Memo keeps a gram: it and the rest tell the gram again.
func gramPlace(g [spellOrder]byte) (at, rest uint32) {
	k := uint64(g[0]&127)<<28 | uint64(g[1]&127)<<21 | uint64(g[2]&127)<<14 | uint64(g[3]&127)<<7 | uint64(g[4]&127)
	const mask = 1<<memoChars - 1
	return uint32(k^k>>11^k>>memoChars) & mask, uint32(k>>memoChars) | 1<<31
}

// Seen reports whether the word may have a LnProb: one in 80 of those without
// passes. It costs a tenth of Word.
func (m *Memo) Seen(w Word) bool { return m.models.Filter.Holds(w) }

// Unseen is the ln probability of all words together that training text did not
// hold.
func (m *Memo) Unseen() float64 { return m.models.Model.unk }

// Prefix is the key of a word of ASCII letters and digits that grows by one of
// them at a time.
type Prefix struct{ hash uint64 }

// NewPrefix is that of no character yet.
func NewPrefix() Prefix { return Prefix{hashSeed} }

// Grow adds a character.
func (p *Prefix) Grow(c byte) { p.hash = (p.hash ^ uint64(lowerASCII(c))) * hashPrime }

// GrowSmall is Grow for a small letter.
func (p *Prefix) GrowSmall(c byte) { p.hash = (p.hash ^ uint64(c)) * hashPrime }

// Key is the key of the word so far.
func (p *Prefix) Key() Word { return finish(p.hash) }

// Spelling is the spelling of such a word.
type Spelling struct {
	last [spellOrder]byte // the last characters, of which the first is of no more use
	ln   float64
	n    int
}

// NewSpelling is that of no character yet.
func NewSpelling() Spelling {
	return Spelling{last: [spellOrder]byte{'^', '^', '^', '^', '^'}}
}

// Len is how many characters it has, in bytes.
func (s *Spelling) Len() int { return s.n }

// Sum is the ln probability of its characters, in nats, its end left out.
func (s *Spelling) Sum() float64 { return s.ln }

// Spell adds a character.
func (m *Memo) Spell(s *Spelling, c byte) {
	s.last = [spellOrder]byte{s.last[1], s.last[2], s.last[3], s.last[4], lowerASCII(c)}
	s.ln += m.char(s.last)
	s.n++
}

// Spelled is the LnProb of the spelling, were it to end here.
func (m *Memo) Spelled(s *Spelling) float64 {
	return s.ln + m.char([spellOrder]byte{s.last[1], s.last[2], s.last[3], s.last[4], '$'})
}
