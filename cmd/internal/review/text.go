package review

import (
	"container/list"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// attachBatch is how many texts are stored in one transaction.
const attachBatch = 2000

// Text is a document's text as fix saw it.
type Text struct {
	Text string
	URL  string // "" when none is known
}

// Attacher takes the documents' texts into the store. They are found by their
// SHA-256, so that no other text can slip in.
type Attacher struct {
	s     *Store
	tx    *sql.Tx
	find  *sql.Stmt
	put   *sql.Stmt
	n     int
	dirty map[uint32]bool
	found int
}

// Texts says how many documents with edits have their text, and how many there
// are.
func (s *Store) Texts() (have, all int, err error) {
	err = s.db.QueryRow("SELECT count(text), count(*) FROM docs").Scan(&have, &all)
	return have, all, err
}

// Fields lists the fields that the logs speak of, sorted.
func (s *Store) Fields() ([]string, error) {
	var out []string
	err := each(s.db, func(r *sql.Rows) error {
		var f string
		err := r.Scan(&f)
		out = append(out, f)
		return err
	}, "SELECT DISTINCT field FROM docs ORDER BY field")
	return out, err
}

// Attach begins to take texts. Nothing else may use the store until Close.
func (s *Store) Attach() *Attacher {
	s.mu.Lock()
	return &Attacher{s: s, dirty: map[uint32]bool{}}
}

func (a *Attacher) begin() (err error) {
	if a.tx, err = a.s.db.Begin(); err != nil {
		return err
	}
	if a.find, err = a.tx.Prepare("SELECT id FROM docs WHERE src = ? AND text IS NULL"); err != nil {
		return err
	}
	a.put, err = a.tx.Prepare("UPDATE docs SET text = ? WHERE id = ?")
	return err
}

// Add offers a text; one that no edit speaks of is passed over.
func (a *Attacher) Add(t Text) error {
	if a.tx == nil {
		if err := a.begin(); err != nil {
			return err
		}
	}
	sum := sha256.Sum256([]byte(t.Text))
	var ids []uint32
	rows, err := a.find.Query(sum[:])
	if err != nil {
		return err
	}
	for rows.Next() {
		var id uint32
		if err := rows.Scan(&id); err != nil {
			rows.Close()
			return err
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := a.put.Exec(a.s.enc.EncodeAll([]byte(t.Text), nil), id); err != nil {
			return err
		}
		if err := a.features(id, t); err != nil {
			return err
		}
		a.found++
		if a.n++; a.n%attachBatch == 0 {
			if err := a.commit(); err != nil {
				return err
			}
		}
	}
	return nil
}

// features computes what the columns keep of an edit's surroundings.
func (a *Attacher) features(doc uint32, t Text) error {
	s := a.s
	c := &s.cols
	d := s.docs[doc]
	if h := hostOf(t.URL); h != "" && s.domains.list[c.docDomain[doc]] == "" {
		no, isNew := s.domains.add(h)
		if isNew {
			if _, err := a.tx.Exec("INSERT INTO names (kind, id, name) VALUES ('domain',?,?)", no, h); err != nil {
				return err
			}
		}
		c.docDomain[doc] = no
	}
	for row := d.first; row < d.first+d.edits; row++ {
		at := edit.Span{Start: int(c.start[row]), End: int(c.end[row])}
		if at.End > len(t.Text) || t.Text[at.Start:at.End] != s.groups[c.group[row]].before {
			return fmt.Errorf("edit %s does not stand where the log says; the log was altered", s.idString(row))
		}
		c.left[row] = wordHash(leftWord(t.Text, at.Start))
		c.right[row] = wordHash(rightWord(t.Text, at.End))
		c.anchor[row] = s.anchorOf(row, t.Text, at)
		c.flags[row] |= flagText | placeFlags(t.Text, at)
		a.dirty[row] = true
	}
	return nil
}

func (a *Attacher) commit() error {
	if a.tx == nil {
		return nil
	}
	err := a.tx.Commit()
	a.tx = nil
	return err
}

// Close ends the taking of texts, carries decisions on to changed documents, and
// says how many texts were found.
func (a *Attacher) Close() (found int, carried, stale int, err error) {
	defer a.s.mu.Unlock()
	if err := a.commit(); err != nil {
		return a.found, 0, 0, err
	}
	if len(a.dirty) == 0 {
		return 0, 0, 0, nil
	}
	a.s.texts.clear()
	if err := a.s.saveChunks(a.dirty); err != nil {
		return a.found, 0, 0, err
	}
	carried, stale, err = a.s.carry()
	return a.found, carried, stale, err
}

// anchorLen is how many code points on each side an anchor holds.
const anchorLen = 32

// anchorOf is a hash of the edit with its surroundings, the same in any version
// of the text in which both stand unchanged.
func (s *Store) anchorOf(row uint32, text string, at edit.Span) uint64 {
	from, to := at.Start, at.End
	for range anchorLen {
		_, n := utf8.DecodeLastRuneInString(text[:from])
		from -= n
		_, n = utf8.DecodeRuneInString(text[to:])
		to += n
	}
	g := &s.groups[s.cols.group[row]]
	h := sha256.New()
	for _, part := range []string{text[from:at.Start], g.before, text[at.End:to], s.rules.list[g.rule], g.after} {
		_, _ = io.WriteString(h, part) // a hash never fails
		h.Write([]byte{0xFF})          // in no UTF-8 text
	}
	return max(1, binary.LittleEndian.Uint64(h.Sum(nil)))
}

// leftWord is the word before a place, small, with + when it touches.
func leftWord(s string, at int) string {
	t := strings.TrimRightFunc(s[max(0, at-80):at], unicode.IsSpace)
	if t == "" {
		return "^"
	}
	glued := ""
	if len(t) == at-max(0, at-80) {
		glued = "+"
	}
	i := strings.LastIndexFunc(t, unicode.IsSpace)
	return strings.ToLower(strings.ToValidUTF8(t[i+1:], "")) + glued
}

// rightWord is the word after a place, small, with + when it touches.
func rightWord(s string, at int) string {
	rest := s[at:min(len(s), at+80)]
	t := strings.TrimLeftFunc(rest, unicode.IsSpace)
	if t == "" {
		return "$"
	}
	glued := ""
	if len(t) == len(rest) {
		glued = "+"
	}
	if i := strings.IndexFunc(t, unicode.IsSpace); i > 0 {
		t = t[:i]
	}
	return glued + strings.ToLower(strings.ToValidUTF8(t, ""))
}

func wordHash(w string) uint32 {
	h := fnv.New32a()
	_, _ = io.WriteString(h, w) // a hash never fails
	return max(1, h.Sum32())
}

// placeFlags says what kind of place a span stands in.
func placeFlags(s string, at edit.Span) uint16 {
	var f uint16
	from := strings.LastIndexByte(s[:at.Start], '\n') + 1
	to := len(s)
	if i := strings.IndexByte(s[at.End:], '\n'); i >= 0 {
		to = at.End + i
	}
	depth, straight := 0, false
	for _, r := range s[from:at.Start] {
		switch r {
		case '“':
			depth = 1
		case '”':
			depth = 0
		case '"':
			straight = !straight
		}
	}
	if depth > 0 || straight {
		f |= flagQuote
	}
	line := strings.TrimSpace(s[from:to])
	if end, _ := utf8.DecodeLastRuneInString(line); len(line) < 120 && !strings.ContainsRune(".!?…:;,”\"’)", end) && strings.Contains(line, " ") || isCapitals(s[at.Start:at.End]) {
		f |= flagHeadline
	}
	a, b := at.Start, at.End
	for a > 0 && at.Start-a < 200 && !isSpace(s[a-1]) {
		a--
	}
	for b < len(s) && b-at.End < 200 && !isSpace(s[b]) {
		b++
	}
	token := strings.ToLower(s[a:b])
	for _, mark := range []string{"://", "www.", "@", ".com", ".org", ".net", ".gov", ".edu", ".co.uk"} {
		if strings.Contains(token, mark) {
			f |= flagURL
			break
		}
	}
	return f
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// isCapitals reports whether a text of four letters or more is all in capitals.
func isCapitals(s string) bool {
	n := 0
	for _, r := range s {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			n++
		}
	}
	return n >= 4
}

// carry moves decisions from edits whose document changed to the edits of the
// newer text: only where the anchor is exact and unique in both. The rest stay
// stale.
func (s *Store) carry() (carried, stale int, err error) {
	c := &s.cols
	changed := map[uint32]bool{}
	for r := range c.Len() {
		row := uint32(r)
		if !c.has(row, flagStale) {
			continue
		}
		stale++
		old := c.doc[row]
		var now uint32
		err := s.db.QueryRow(`SELECT new.id FROM docs new JOIN docs old ON old.doc = new.doc AND old.field = new.field
			WHERE old.id = ? AND new.log > old.log ORDER BY new.log DESC, new.id DESC LIMIT 1`, old).Scan(&now)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return carried, stale, err
		}
		to, ok := s.uniqueAnchor(now, c.anchor[row])
		if _, single := s.uniqueAnchor(old, c.anchor[row]); !ok || !single || c.last[to] >= 0 {
			continue
		}
		e := s.standingEvent(row)
		if e == nil {
			continue
		}
		act := Act{
			By: s.people.list[e.by], Act: e.act.String(), Rows: []uint32{to}, Basis: e.basis.String(), force: true,
			Reason: "carried on from " + s.idString(row) + ": the same words in the same surroundings, found once",
		}
		if e.extra != nil {
			act.After = e.extra.after
		}
		if _, err := s.decideLocked(act); err != nil {
			return carried, stale, err
		}
		c.flags[row] &^= flagStale
		c.status[row] = Superseded
		changed[row] = true
		carried++
		stale--
	}
	if len(changed) == 0 {
		return 0, stale, nil
	}
	return carried, stale, s.saveChunks(changed)
}

func (s *Store) uniqueAnchor(doc uint32, anchor uint64) (row uint32, ok bool) {
	d := s.docs[doc]
	for r := d.first; r < d.first+d.edits; r++ {
		if anchor != 0 && s.cols.anchor[r] == anchor {
			if ok {
				return 0, false
			}
			row, ok = r, true
		}
	}
	return row, ok
}

// docCache keeps the documents last looked at.
type docCache struct {
	s    *Store
	mu   sync.Mutex
	m    map[uint32]*list.Element
	used *list.List // newest first
	size int        // bytes of text
}

// maxCache bounds the texts that are held, in bytes.
const maxCache = 32 << 20

// Doc is a document with its text, "" when that was not given, and what the log
// says of it.
type Doc struct {
	no   uint32
	Text string
	Has  bool // the text is known; it may be empty
	Log  *edit.DocRecord
}

func newDocCache(s *Store) *docCache {
	return &docCache{s: s, m: map[uint32]*list.Element{}, used: list.New()}
}

func (c *docCache) get(no uint32) (*Doc, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.m[no]; e != nil {
		c.used.MoveToFront(e)
		return e.Value.(*Doc), nil
	}
	var line, text []byte
	if err := c.s.db.QueryRow("SELECT line, text FROM docs WHERE id = ?", no).Scan(&line, &text); err != nil {
		return nil, err
	}
	d := &Doc{no: no, Has: text != nil}
	raw, err := c.s.dec.DecodeAll(line, nil)
	if err != nil {
		return nil, err
	}
	rec, err := edit.NewReader(strings.NewReader(string(raw))).Next()
	if err != nil {
		return nil, err
	}
	log, ok := rec.(*edit.DocRecord)
	if !ok {
		return nil, errors.New("the store is damaged: a document without its line")
	}
	d.Log = log
	if d.Has {
		if raw, err = c.s.dec.DecodeAll(text, nil); err != nil {
			return nil, err
		}
		d.Text = string(raw)
	}
	c.m[no] = c.used.PushFront(d)
	c.size += len(d.Text) + 1<<12
	for c.size > maxCache && c.used.Len() > 1 {
		last := c.used.Remove(c.used.Back()).(*Doc)
		delete(c.m, last.no)
		c.size -= len(last.Text) + 1<<12
	}
	return d, nil
}

// clear forgets all, after texts were attached.
func (c *docCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.m, c.used, c.size = map[uint32]*list.Element{}, list.New(), 0
}
