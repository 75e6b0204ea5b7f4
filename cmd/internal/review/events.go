package review

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"copydesk/repair/edit"
)

// act is what an event does.
type act uint8

const (
	accept act = iota
	reject
	change
	skip
	flag
	undo
	noAct
)

var actNames = [...]string{"accept", "reject", "change", "skip", "flag", "undo", ""}

func (a act) String() string { return actNames[a] }

// decides reports whether an act says what the text is to read.
func (a act) decides() bool { return a <= change }

func parseAct(s string) (act, error) {
	for i, n := range actNames {
		if s == n {
			return act(i), nil
		}
	}
	return noAct, fmt.Errorf("unknown act %q: use accept, reject, change, skip, flag or undo", s)
}

// basis says how a decision came to be.
type basis uint8

const (
	seen    basis = iota // by a person who looked at this very edit
	sampled              // by a person who looked at a sample of it and its like
	auto                 // by a standing order of a person
)

var basisNames = [...]string{"seen", "sampled", "auto"}

func (b basis) String() string { return basisNames[b] }

func parseBasis(s string) (basis, error) {
	if s == "" {
		return seen, nil
	}
	for i, n := range basisNames {
		if s == n {
			return basis(i), nil
		}
	}
	return 0, fmt.Errorf("unknown basis %q: use seen, sampled or auto", s)
}

// Row is one line of the decisions file: edit.Decision, and what the chain and
// the audit need beside it.
type Row struct {
	edit.Decision
	Prev    string   `json:"prev"`                     // SHA-256 of the row before, hex; "" in the first
	Members int      `json:"members,omitempty"`        // of a bulk act
	Digest  string   `json:"members_sha256,omitempty"` // see digest
	Sample  *Sampled `json:"sample,omitempty"`         // what a bulk accept rests on
	Vote    string   `json:"vote,omitempty"`           // of a flag: the answer that its author would give
	Never   *Never   `json:"never,omitempty"`          // later imports are rejected likewise
	With    int      `json:"with,omitempty"`           // the row that this one goes with, and is undone with
	Ms      int      `json:"ms,omitempty"`             // how long it was looked at
	Note    string   `json:"note,omitempty"`           //
	From    string   `json:"imported_from,omitempty"`  // the file that it came in
}

// event is a row as the state needs it.
type event struct {
	at       int64
	of       int32 // as in the table
	from, to int32 // touches
	by       uint32
	act      act
	basis    basis
	vote     act
	undone   bool
	extra    *extra
}

type extra struct {
	after *string
	never *Never
}

// touch joins an event to an edit.
type touch struct {
	event, row, prev int32 // prev is the edit's touch before, or -1
}

// events are all that was said, in order; the seq of list[i] is i+1.
type events struct {
	list    []event
	touches []touch
	people  names
	hash    [32]byte // of the last row
	orders  []int32  // events with a standing order, for later imports
}

func (ev *events) seq() int { return len(ev.list) }

// canon is the row that stands for all copies of an edit.
func (s *Store) canon(row uint32) uint32 { return s.rowsOf(s.cols.id[row])[0] }

func (s *Store) loadEvents() error {
	var last []byte
	err := each(s.db, func(r *sql.Rows) error {
		var seq, of int
		var at int64
		var who, actName, basisName, vote string
		var never bool
		var rows, line, hash sql.RawBytes
		if err := r.Scan(&seq, &at, &who, &actName, &basisName, &of, &vote, &never, &rows, &line, &hash); err != nil {
			return err
		}
		if seq != s.seq()+1 {
			return fmt.Errorf("decision %d follows decision %d; the store was altered", seq, s.seq())
		}
		e := event{at: at, of: int32(of)}
		var err error
		if e.act, err = parseAct(actName); err != nil {
			return err
		}
		if e.basis, err = parseBasis(basisName); err != nil {
			return err
		}
		if e.vote, err = parseAct(vote); err != nil {
			return err
		}
		if len(line) > 0 {
			var row Row
			if err := json.Unmarshal(line, &row); err != nil {
				return fmt.Errorf("decision %d: %w", seq, err)
			}
			e.extra = &extra{row.After, row.Never}
		}
		e.by, _ = s.people.add(who)
		members := make([]uint32, len(rows)/4)
		for i := range members {
			members[i] = binary.LittleEndian.Uint32(rows[4*i:])
			if int(members[i]) >= s.cols.Len() {
				return fmt.Errorf("decision %d names an edit that is not there; the store was altered", seq)
			}
		}
		s.take(e, members)
		last = append(last[:0], hash...)
		return nil
	}, `SELECT seq, at, who, act, basis, of, vote, never, rows, CASE WHEN act = 'change' OR never THEN line END, hash FROM decisions ORDER BY seq`)
	if err != nil {
		return err
	}
	copy(s.hash[:], last)
	s.refold(0)
	return nil
}

// take appends an event to the memory; statuses are left to refold or settle.
func (s *Store) take(e event, members []uint32) {
	no := int32(len(s.list))
	e.from = int32(len(s.touches))
	for _, row := range members {
		s.touches = append(s.touches, touch{no, int32(row), s.cols.last[row]})
		s.cols.last[row] = int32(len(s.touches) - 1)
	}
	e.to = int32(len(s.touches))
	s.list = append(s.list, e)
	if e.extra != nil && e.extra.never != nil {
		s.orders = append(s.orders, no)
	}
	if e.act == undo {
		s.setUndone(e.of-1, true)
	}
}

// setUndone marks an event; undoing an undo brings its event back.
func (s *Store) setUndone(no int32, undone bool) {
	e := &s.list[no]
	if e.undone == undone {
		return
	}
	e.undone = undone
	if e.act == undo {
		s.setUndone(e.of-1, !undone)
	}
}

// settle computes the statuses of an event's members anew.
func (s *Store) settle(no int32) {
	e := &s.list[no]
	if e.act == undo {
		s.settle(e.of - 1)
	}
	for _, t := range s.touches[e.from:e.to] {
		s.fold(s.rowsOf(s.cols.id[t.row]))
	}
}

// refold computes all statuses anew, after an import.
func (s *Store) refold(uint32) {
	for i := 0; i < len(s.byID); {
		j := i + 1
		for j < len(s.byID) && s.cols.id[s.byID[j]] == s.cols.id[s.byID[i]] {
			j++
		}
		s.fold(s.byID[i:j])
		i = j
	}
}

// fold computes the status of an edit and its copies.
func (s *Store) fold(copies []uint32) {
	c := &s.cols
	st, known := s.said(copies[0])
	for _, row := range copies {
		if c.has(row, flagDead) || !known {
			c.status[row] = c.plain(row)
		} else {
			c.status[row] = st
		}
	}
}

// said is the status that the events give an edit: the newest decision that
// nobody took back, unless a later flag or another's vote stands beside it.
func (s *Store) said(row uint32) (st Status, known bool) {
	conflict := false
	for t := s.cols.last[row]; t >= 0; t = s.touches[t].prev {
		e := &s.list[s.touches[t].event]
		if e.undone {
			continue
		}
		switch e.act {
		case accept, reject, change:
			switch {
			case conflict:
				return Conflict, true
			case known && st == Flagged:
				return Flagged, true
			}
			return Status(e.act) + Accepted, true
		case flag:
			conflict = conflict || e.vote != noAct
			st, known = Flagged, true
		case skip:
			if !known {
				st, known = Skipped, true
			}
		}
	}
	return st, known
}

// standingEvent is the decision that holds for an edit, nil when there is none.
func (s *Store) standingEvent(row uint32) *event {
	for t := s.cols.last[s.canon(row)]; t >= 0; t = s.touches[t].prev {
		if e := &s.list[s.touches[t].event]; !e.undone && e.act.decides() {
			return e
		}
	}
	return nil
}

// version is the seq of the newest event on an edit that nobody took back, 0 for
// none. Who decides says which version was on the screen.
func (s *Store) version(row uint32) int {
	for t := s.cols.last[s.canon(row)]; t >= 0; t = s.touches[t].prev {
		if no := s.touches[t].event; !s.list[no].undone {
			return int(no) + 1
		}
	}
	return 0
}

// willApply reports whether apply would make this edit.
func (s *Store) willApply(row uint32) bool {
	if e := s.standingEvent(row); e != nil {
		return e.act != reject
	}
	return s.cols.has(row, flagApplied)
}

// rivals are the edits of the same document that overlap this one and would be
// applied.
func (s *Store) rivals(row uint32) []uint32 {
	c := &s.cols
	at := edit.Span{Start: int(c.start[row]), End: int(c.end[row])}
	d := s.docs[c.doc[row]]
	var out []uint32
	for r := d.first; r < d.first+d.edits; r++ {
		if r != row && at.Overlaps(edit.Span{Start: int(c.start[r]), End: int(c.end[r])}) && s.willApply(r) {
			out = append(out, r)
		}
	}
	return out
}

// digest names a set of edits: SHA-256 of their ids, sorted, each once.
func (s *Store) digest(rows []uint32) string {
	ids := make([][10]byte, len(rows))
	for i, r := range rows {
		ids[i] = s.cols.id[r]
	}
	slices.SortFunc(ids, func(a, b [10]byte) int { return bytes.Compare(a[:], b[:]) })
	h := sha256.New()
	for _, id := range slices.Compact(ids) {
		h.Write(id[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// appendRow writes a row into the memory and hands it to the saver. The caller
// holds the lock, has checked everything, and waits on the result before it
// acknowledges anything.
func (s *Store) appendRow(row Row, members []uint32) (*saving, error) {
	if err := s.saver.failed(); err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	row.T, row.Seq, row.At = "dec", s.seq()+1, now.Format(time.RFC3339Nano)
	if row.Seq > 1 {
		row.Prev = hex.EncodeToString(s.hash[:])
	}
	a, err := parseAct(row.Act)
	if err != nil {
		return nil, err
	}
	if a != undo {
		for _, m := range members {
			row.IDs = append(row.IDs, s.idString(m))
		}
		if len(members) > 1 {
			row.Members, row.Digest = len(members), s.digest(members)
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(row); err != nil {
		return nil, err
	}
	line := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	e := event{at: now.UnixNano(), act: a, of: int32(row.With), vote: noAct}
	if e.basis, err = parseBasis(row.Basis); err != nil {
		return nil, err
	}
	if e.vote, err = parseAct(row.Vote); err != nil {
		return nil, err
	}
	if row.Of != nil {
		e.of = int32(*row.Of)
	}
	if a == change || row.Never != nil {
		e.extra = &extra{row.After, row.Never}
	}
	e.by, _ = s.people.add(row.By)
	s.hash = sha256.Sum256(line)
	s.take(e, members)
	s.settle(int32(len(s.list) - 1))
	packed := make([]byte, 0, 4*len(members))
	for _, m := range members {
		packed = binary.LittleEndian.AppendUint32(packed, m)
	}
	return s.saver.put(&saving{seq: row.Seq, e: e, row: &row, rows: packed, line: line, hash: s.hash, done: make(chan struct{})}), nil
}

// Verify reads the whole chain from the file and checks every link.
func (s *Store) Verify() (rows int, err error) {
	prev := ""
	err = each(s.db, func(r *sql.Rows) error {
		var seq int
		var line, hash sql.RawBytes
		if err := r.Scan(&seq, &line, &hash); err != nil {
			return err
		}
		rows++
		prev, err = checkLink(line, seq, rows, prev)
		if err == nil && prev != hex.EncodeToString(hash) {
			err = fmt.Errorf("decision %d: its hash is not that of its line", seq)
		}
		return err
	}, "SELECT seq, line, hash FROM decisions ORDER BY seq")
	return rows, err
}

// checkLink checks that a line is number want of the chain, and gives its hash.
func checkLink(line []byte, seq, want int, prev string) (string, error) {
	var row Row
	if err := json.Unmarshal(line, &row); err != nil {
		return "", fmt.Errorf("decision %d: %w", want, err)
	}
	if row.Seq != want || seq != want {
		return "", fmt.Errorf("decision %d stands where %d is due: rows were taken out or moved", row.Seq, want)
	}
	if row.Prev != prev {
		return "", fmt.Errorf("decision %d does not follow the row before it: prev is %q, that row's hash %q", want, row.Prev, prev)
	}
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:]), nil
}

// saving is a row on its way to the disk.
type saving struct {
	seq  int
	e    event
	row  *Row
	rows []byte
	line []byte
	hash [32]byte
	done chan struct{}
	err  error
}

func (v *saving) wait() error {
	<-v.done
	return v.err
}

// saver commits rows; those that come in together share one sync.
type saver struct {
	queue chan *saving
	ended chan struct{}
	broke chan struct{} // closed after the first error
	err   error
}

// maxTogether is how many rows one commit takes.
const maxTogether = 512

var errBroken = errors.New("the store could not be written, and takes nothing more until it is opened again")

func (v *saver) start(s *Store) {
	v.queue, v.ended, v.broke = make(chan *saving, maxTogether), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(v.ended)
		for first := range v.queue {
			batch := []*saving{first}
		drain:
			for len(batch) < maxTogether {
				select {
				case next, ok := <-v.queue:
					if !ok {
						break drain
					}
					batch = append(batch, next)
				default:
					break drain
				}
			}
			err := v.err
			if err == nil {
				if err = s.commit(batch); err != nil {
					v.err = fmt.Errorf("%w: %w", errBroken, err)
					err = v.err
					close(v.broke)
				}
			}
			for _, b := range batch {
				b.err = err
				close(b.done)
			}
		}
	}()
}

func (v *saver) failed() error {
	select {
	case <-v.broke:
		return v.err
	default:
		return nil
	}
}

func (v *saver) put(b *saving) *saving {
	v.queue <- b
	return b
}

func (v *saver) stop() error {
	if v.queue == nil {
		return nil
	}
	close(v.queue)
	<-v.ended
	v.queue = nil
	return v.err
}

func (s *Store) commit(batch []*saving) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	put, err := tx.Prepare("INSERT INTO decisions (seq, at, who, act, basis, of, vote, never, rows, line, hash) VALUES (?,?,?,?,?,?,?,?,?,?,?)")
	if err != nil {
		return err
	}
	for _, b := range batch {
		if _, err := put.Exec(b.seq, b.e.at, b.row.By, b.e.act.String(), b.e.basis.String(), b.e.of, b.e.vote.String(), b.row.Never != nil, b.rows, b.line, b.hash[:]); err != nil {
			return err
		}
	}
	return tx.Commit()
}
