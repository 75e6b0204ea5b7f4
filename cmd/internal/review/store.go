package review

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver: pure Go, so that the program needs no C compiler
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is one project's edits and decisions. Its methods are safe for many
// goroutines; one process at a time holds the file.
type Store struct {
	path  string
	chunk int // chunkEdits, less in tests
	db    *sql.DB
	enc   *zstd.Encoder
	dec   *zstd.Decoder

	mu      sync.RWMutex // guards what follows
	cols    columns
	docs    []docInfo
	groups  []group
	groupNo map[groupKey]uint32
	rules   names
	domains names
	byID    []uint32 // rows by id, then row
	byGroup []uint32 // rows by group, then row
	groupAt []uint32 // where a group begins in byGroup, and one beyond the last
	events
	standing map[string]Standing
	words    map[string]Word

	texts *docCache
	plans plans
	saver saver
}

// docInfo is what is held of every document.
type docInfo struct{ first, edits uint32 }

type groupKey struct {
	rule          uint32
	before, after string
	hasAfter      bool
}

// group is all edits with one rule, before and after.
type group struct {
	groupKey
	shape string // see shape
}

// names numbers strings from 0.
type names struct {
	list []string
	no   map[string]uint32
}

func (n *names) add(s string) (no uint32, isNew bool) {
	if i, ok := n.no[s]; ok {
		return i, false
	}
	if n.no == nil {
		n.no = map[string]uint32{}
	}
	s = strings.Clone(s)
	i := uint32(len(n.list))
	n.list = append(n.list, s)
	n.no[s] = i
	return i, true
}

// Open opens a store, or makes one. It fails when another process holds it.
func Open(path string) (s *Store, err error) {
	if err := touchPrivate(path); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: abs}).EscapedPath()}
	// EXCLUSIVE keeps other processes out for as long as the store is open; FULL
	// syncs every commit, so what was acknowledged survives a power cut.
	dsn.RawQuery = "_pragma=locking_mode(EXCLUSIVE)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-65536)&_txlock=immediate"
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	defer func() {
		if err != nil {
			db.Close()
			err = fmt.Errorf("%s: %w", path, err)
		}
	}()
	err = migrate(db)
	if err == nil { // the first write takes the lock
		_, err = db.Exec("INSERT INTO access (at, who, what) VALUES (?, '', 'opened')", time.Now().UnixNano())
	}
	if err != nil {
		if strings.Contains(err.Error(), "locked") || strings.Contains(err.Error(), "BUSY") {
			return nil, errors.New("another copydesk has this store open; close it, or work in its window")
		}
		return nil, err
	}
	s = &Store{path: path, chunk: chunkEdits, db: db, groupNo: map[groupKey]uint32{}, standing: map[string]Standing{}, words: map[string]Word{}}
	s.plans.list, s.plans.tries = map[string]*Plan{}, map[string]int{}
	if s.enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1)); err != nil {
		return nil, err
	}
	if s.dec, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(256<<20)); err != nil {
		return nil, err
	}
	s.texts = newDocCache(s)
	if err := s.load(); err != nil {
		return nil, err
	}
	s.saver.start(s)
	return s, nil
}

// touchPrivate makes the file for its owner alone: it will hold articles.
func touchPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func migrate(db *sql.DB) error {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, sub)
	if err != nil {
		return err
	}
	_, err = p.Up(context.Background())
	return err
}

// Close waits for what is being written and closes the file.
func (s *Store) Close() error {
	err := s.saver.stop()
	return cmp.Or(err, s.db.Close())
}

// Len is the number of edits.
func (s *Store) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.cols.Len()
}

// Path is the store's file.
func (s *Store) Path() string { return s.path }

// each runs a query and gives every row to scan.
func each(q interface {
	Query(string, ...any) (*sql.Rows, error)
}, scan func(*sql.Rows) error, query string, args ...any,
) error {
	rows, err := q.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *Store) load() error {
	err := each(s.db, func(r *sql.Rows) error {
		var kind, name string
		var id int
		if err := r.Scan(&kind, &id, &name); err != nil {
			return err
		}
		to := map[string]*names{"rule": &s.rules, "domain": &s.domains}[kind]
		if to == nil {
			return nil
		}
		if no, _ := to.add(name); int(no) != id {
			return fmt.Errorf("%s %q has number %d, want %d; the store is damaged", kind, name, id, no)
		}
		return nil
	}, "SELECT kind, id, name FROM names ORDER BY kind, id")
	if err != nil {
		return err
	}
	err = each(s.db, func(r *sql.Rows) error {
		var id int
		var k groupKey
		var after sql.NullString
		if err := r.Scan(&id, &k.rule, &k.before, &after); err != nil {
			return err
		}
		k.after, k.hasAfter = after.String, after.Valid
		if id != len(s.groups) || int(k.rule) >= len(s.rules.list) {
			return errors.New("the groups are not numbered in order; the store is damaged")
		}
		s.addGroup(k)
		return nil
	}, "SELECT id, rule, before, after FROM groups ORDER BY id")
	if err != nil {
		return err
	}
	err = each(s.db, func(r *sql.Rows) error {
		var edits, docs int
		var b sql.RawBytes
		if err := r.Scan(&edits, &docs, &b); err != nil {
			return err
		}
		return s.cols.unpack(b, edits, docs)
	}, "SELECT edits, docs, columns FROM chunks ORDER BY first")
	if err != nil {
		return err
	}
	s.cols.grow()
	s.index()
	if err := s.loadStanding(); err != nil {
		return err
	}
	return s.loadEvents()
}

func (s *Store) addGroup(k groupKey) uint32 {
	no := uint32(len(s.groups))
	s.groups = append(s.groups, group{groupKey: k, shape: shape(k.before, k.after, k.hasAfter)})
	s.groupNo[k] = no
	return no
}

// index rebuilds what follows from the columns.
func (s *Store) index() {
	c := &s.cols
	s.docs = s.docs[:0]
	for range c.docDomain {
		s.docs = append(s.docs, docInfo{})
	}
	for row, doc := range c.doc {
		if d := &s.docs[doc]; d.edits == 0 {
			*d = docInfo{uint32(row), 1}
		} else {
			d.edits++
		}
	}
	s.groupAt = make([]uint32, len(s.groups)+1)
	for _, g := range c.group {
		s.groupAt[g+1]++
	}
	for g := range s.groups {
		s.groupAt[g+1] += s.groupAt[g]
	}
	s.byGroup = make([]uint32, c.Len())
	next := slices.Clone(s.groupAt)
	for row, g := range c.group {
		s.byGroup[next[g]] = uint32(row)
		next[g]++
	}
	s.byID = s.byID[:0]
	for row := range c.Len() {
		s.byID = append(s.byID, uint32(row))
	}
	slices.SortFunc(s.byID, func(a, b uint32) int {
		return cmp.Or(bytes.Compare(c.id[a][:], c.id[b][:]), cmp.Compare(a, b))
	})
}

// rowsOf are all rows with an id: copies of one text share their ids.
func (s *Store) rowsOf(id [10]byte) []uint32 {
	c := &s.cols
	i, ok := slices.BinarySearchFunc(s.byID, id, func(row uint32, id [10]byte) int { return bytes.Compare(c.id[row][:], id[:]) })
	if !ok {
		return nil
	}
	to := i
	for to < len(s.byID) && c.id[s.byID[to]] == id {
		to++
	}
	return s.byID[i:to]
}

func parseID(s string) (id [10]byte, err error) {
	if n, err := hex.Decode(id[:], []byte(s)); err != nil || n != 10 || len(s) != 20 {
		return id, fmt.Errorf("%q is no edit id: want 20 hex digits", s)
	}
	return id, nil
}

func (s *Store) idString(row uint32) string { return hex.EncodeToString(s.cols.id[row][:]) }

func (s *Store) ruleOf(row uint32) string { return s.rules.list[s.groups[s.cols.group[row]].rule] }

// shape is a group's form with the words taken out, so that all "two words stuck
// together" of a rule stand in one family: letters become a or A, digits 9.
func shape(before, after string, hasAfter bool) string {
	form := func(s string) string {
		var b strings.Builder
		var last rune
		for i, r := range s {
			if i > 400 { // boilerplate: its beginning tells enough
				b.WriteString("…")
				break
			}
			switch {
			case r >= 'a' && r <= 'z' || r > 0xDF && r < 0x250:
				r = 'a'
			case r >= 'A' && r <= 'Z' || r >= 0xC0 && r <= 0xDE:
				r = 'A'
			case r >= '0' && r <= '9':
				r = '9'
			}
			if r != last || r != 'a' && r != 'A' && r != '9' {
				b.WriteRune(r)
			}
			last = r
		}
		return b.String()
	}
	if !hasAfter {
		return form(before) + " →"
	}
	return form(before) + " → " + form(after)
}

// GroupName names a group to people and programs.
type GroupName struct {
	Rule   string  `json:"rule"`
	Before string  `json:"before"`
	After  *string `json:"after"` // null for a hint without a repair
}

func (s *Store) groupName(no uint32) GroupName {
	g := &s.groups[no]
	n := GroupName{Rule: s.rules.list[g.rule], Before: g.before}
	if g.hasAfter {
		n.After = &g.after
	}
	return n
}

func (s *Store) findGroup(n GroupName) (uint32, bool) {
	rule, ok := s.rules.no[n.Rule]
	if !ok {
		return 0, false
	}
	k := groupKey{rule: rule, before: n.Before}
	if n.After != nil {
		k.after, k.hasAfter = *n.After, true
	}
	no, ok := s.groupNo[k]
	return no, ok
}

// confidence is a logged confidence, 0 to 1.
func (s *Store) confidence(row uint32) float64 { return float64(s.cols.conf[row]) / 1e4 }
