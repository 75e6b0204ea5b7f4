package review

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/url"
	"runtime"
	"slices"
	"strings"

	"copydesk/repair/edit"
)

const (
	chunkEdits = 1 << 16  // edits a transaction: 0.5 s of work, the most that a kill can cost
	batchBytes = 1 << 18  // bytes of lines that a worker parses at a time
	maxLogLine = 1 << 30  // bytes; a document beyond it has no place in an editor's queue
	maxEdits   = 50 << 20 // rows; status, index and columns are then 3 GB
)

// LogFile says what a log's file looked like when it was read.
type LogFile struct {
	Name        string
	Size, Mtime int64
}

// Imported says what ImportLog did.
type Imported struct {
	Docs, Edits int  // that are new in the store
	Known       bool // the whole log was in the store already
	Resumed     bool // an import that was cut off was taken up again
	Carried     int  // decisions carried on to a document whose text changed
	Stale       int  // decisions that found no exact and unique place
	Superseded  int  // edits of which a newer log speaks no more
}

// Has reports whether a file that looks the same has been imported whole.
func (s *Store) Has(f LogFile) bool {
	if f.Size <= 0 {
		return false
	}
	var n int
	err := s.db.QueryRow("SELECT count(*) FROM logs WHERE name = ? AND size = ? AND mtime = ? AND done = 1", f.Name, f.Size, f.Mtime).Scan(&n)
	return err == nil && n > 0
}

// logRow is a log's line in the store.
type logRow struct {
	id, read, docs, edits int
	prefix                []byte
	run                   string
	done                  bool
}

// ImportLog reads a log, decompressed, into the store. What was read is safe
// every chunkEdits; an import that was cut off goes on where it stopped, and one
// that was finished is known by its bytes. Where the log speaks of a document
// of an earlier one, the earlier edits are superseded: decisions hold on by id,
// or by an exact and unique anchor (see carry), or become stale.
func (s *Store) ImportLog(ctx context.Context, f LogFile, r io.Reader, progress func(edits int)) (Imported, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	im := &importer{s: s, ctx: ctx, file: f, sum: sha256.New(), progress: progress, firstRow: s.cols.Len(), firstDoc: len(s.cols.docDomain)}
	err := im.run(bufio.NewReaderSize(r, 1<<20))
	if err != nil {
		// What was committed stays; what was not must leave the memory too.
		return im.out, errors.Join(fmt.Errorf("%s: %w", f.Name, err), s.reload())
	}
	return im.out, nil
}

// reload forgets the memory and reads the file again.
func (s *Store) reload() error {
	s.cols, s.groups, s.groupNo, s.rules, s.domains, s.events = columns{}, nil, map[groupKey]uint32{}, names{}, names{}, events{}
	return s.load()
}

type importer struct {
	s                  *Store
	ctx                context.Context
	file               LogFile
	log                logRow
	sum                hash.Hash // of the bytes that are in the store
	progress           func(int)
	firstRow, firstDoc int // before this import
	out                Imported

	pending []*parsed // a chunk that is not yet written
	edits   int
	ended   bool // the end line was seen
}

// parsed is a doc line ready for the store.
type parsed struct {
	scanDoc
	packed []byte // the line, zstd
}

func (im *importer) run(r *bufio.Reader) (err error) {
	r, err = im.resume(r)
	if err != nil || im.out.Known {
		return err
	}
	// A log can be read again, so its chunks need no sync of their own: after a
	// power cut the import goes on from the last that reached the disk.
	if _, err := im.s.db.Exec("PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=16384"); err != nil {
		return err
	}
	defer func() {
		_, err2 := im.s.db.Exec("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000")
		err = errors.Join(err, err2)
	}()
	if err := im.lines(r); err != nil {
		return err
	}
	if !im.ended {
		err := errors.New("the log has no end line: the run that wrote it was cut off; what it holds was taken in")
		return errors.Join(im.flush(false), err)
	}
	if err := im.flush(true); err != nil {
		return err
	}
	s := im.s
	s.cols.grow()
	s.index()
	s.refold(uint32(im.firstRow))
	if err := im.supersede(); err != nil {
		return err
	}
	return s.applyNever(uint32(im.firstRow))
}

var errNoLog = errors.New(`not a log of copydesk: its first line must be {"t":"run",…}`)

// resume looks whether the store holds a beginning of this log, and gives the
// reader of what is new.
func (im *importer) resume(r *bufio.Reader) (*bufio.Reader, error) {
	head, err := r.Peek(4)
	if err != nil || !bytes.HasPrefix(head, []byte(`{"t"`)) {
		return nil, errNoLog
	}
	run, err := readLine(r)
	if err != nil {
		return nil, err
	}
	first, err := edit.NewReader(bytes.NewReader(run)).Next()
	if err != nil {
		return nil, err
	}
	if _, ok := first.(*edit.RunRecord); !ok {
		return nil, errNoLog
	}
	im.sum.Write(run)
	im.log.run, im.log.read = string(run), len(run)
	var found []logRow
	err = each(im.s.db, func(q *sql.Rows) error {
		l := logRow{run: string(run)}
		if err := q.Scan(&l.id, &l.read, &l.prefix, &l.docs, &l.edits, &l.done); err != nil {
			return err
		}
		found = append(found, l)
		return nil
	}, "SELECT id, read, prefix, docs, edits, done FROM logs WHERE run = ? ORDER BY read", string(run))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return r, im.begin()
	}
	// Many logs begin alike. The bytes up to the place where each stopped decide;
	// those that turn out to be new are kept to be read again.
	var ahead bytes.Buffer
	at := len(run)
	look := sha256.New()
	look.Write(run)
	for _, l := range found {
		n, err := io.CopyN(io.MultiWriter(look, &ahead), r, int64(l.read-at))
		at += int(n)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(look.Sum(nil), l.prefix) {
			continue
		}
		_, end := r.Peek(1)
		switch {
		case l.done && end == io.EOF:
			im.out.Known = true
			_, err := im.s.db.Exec("UPDATE logs SET name = ?, size = ?, mtime = ? WHERE id = ?", im.file.Name, im.file.Size, im.file.Mtime, l.id)
			return nil, err
		case !l.done:
			im.log, im.out.Resumed = l, true
			im.firstRow, im.firstDoc = im.rowsOfLog(l.id)
			im.sum = look
			return r, nil
		}
	}
	return bufio.NewReaderSize(io.MultiReader(&ahead, r), 1<<20), im.begin()
}

// rowsOfLog is where a log's edits and documents begin.
func (im *importer) rowsOfLog(log int) (row, doc int) {
	c := &im.s.cols
	doc = slices.Index(c.docLog, uint32(log))
	if doc < 0 {
		return c.Len(), len(c.docLog)
	}
	return int(im.s.docs[doc].first), doc
}

func (im *importer) begin() error {
	res, err := im.s.db.Exec("INSERT INTO logs (name, size, mtime, read, prefix, docs, edits, run, done) VALUES (?,?,?,?,?,0,0,?,0)",
		im.file.Name, im.file.Size, im.file.Mtime, im.log.read, im.sum.Sum(nil), im.log.run)
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	im.log.id = int(id)
	return err
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLogLine {
			return nil, fmt.Errorf("a line of more than %d bytes", maxLogLine)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err == io.EOF && len(line) > 0 {
			err = nil
		}
		return line, err
	}
}

// batch is some lines on their way through the workers.
type batch struct {
	raw  []byte
	docs []*parsed
	end  bool // the end line is among them
	err  error
	done chan struct{}
}

// lines parses on all processors and stores in order.
func (im *importer) lines(r *bufio.Reader) error {
	workers := runtime.GOMAXPROCS(0)
	work, order := make(chan *batch, workers), make(chan *batch, 2*workers)
	stop := make(chan struct{})
	var readErr error
	go func() {
		defer close(order)
		defer close(work)
		for {
			b := &batch{raw: make([]byte, 0, batchBytes+1<<14), done: make(chan struct{})}
			for len(b.raw) < batchBytes && readErr == nil {
				var line []byte
				if line, readErr = readLine(r); len(line) > 0 {
					b.raw = append(b.raw, line...)
				}
			}
			if len(b.raw) > 0 {
				select {
				case order <- b:
					work <- b
				case <-stop:
					return
				}
			}
			if readErr != nil {
				return
			}
		}
	}()
	for range workers {
		go func() {
			for b := range work {
				im.parse(b)
				close(b.done)
			}
		}()
	}
	var err error
	for b := range order {
		<-b.done
		if err != nil {
			continue
		}
		if err = im.store(b); err != nil {
			close(stop)
		}
	}
	if err == nil && readErr != io.EOF {
		err = readErr
	}
	return err
}

func (im *importer) parse(b *batch) {
	for line := range bytes.Lines(b.raw) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		d, err := scanLine(line)
		if err != nil {
			b.err = err
			return
		}
		if d == nil {
			b.end = b.end || bytes.HasPrefix(line, []byte(`{"t":"end"`))
			continue
		}
		if len(d.edits) > 0 {
			b.docs = append(b.docs, &parsed{*d, im.s.enc.EncodeAll(line, nil)})
		}
	}
}

// store takes a batch into the chunk that is being filled.
func (im *importer) store(b *batch) error {
	if err := im.ctx.Err(); err != nil {
		return err
	}
	if b.err != nil {
		return b.err
	}
	im.pending = append(im.pending, b.docs...)
	for _, d := range b.docs {
		im.edits += len(d.edits)
	}
	im.ended = im.ended || b.end
	im.sum.Write(b.raw)
	im.log.read += len(b.raw)
	if im.edits >= im.s.chunk {
		return im.flush(false)
	}
	return nil
}

// flush writes a chunk in one transaction.
func (im *importer) flush(done bool) error {
	s := im.s
	c := &s.cols
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	addDoc, err := tx.Prepare("INSERT INTO docs (id, log, n, doc, field, src, first, edits, line) VALUES (?,?,?,?,?,?,?,?,?)")
	if err != nil {
		return err
	}
	addGroup, err := tx.Prepare("INSERT INTO groups (id, rule, before, after) VALUES (?,?,?,?)")
	if err != nil {
		return err
	}
	addName, err := tx.Prepare("INSERT INTO names (kind, id, name) VALUES (?,?,?)")
	if err != nil {
		return err
	}
	from, fromDoc := c.Len(), len(c.docDomain)
	for _, d := range im.pending {
		doc := len(c.docDomain)
		if _, err := addDoc.Exec(doc, im.log.id, d.n, d.doc, d.field, d.src[:], c.Len(), len(d.edits), d.packed); err != nil {
			return err
		}
		domain, isNew := s.domains.add(hostOf(d.doc))
		if isNew {
			if _, err := addName.Exec("domain", domain, s.domains.list[domain]); err != nil {
				return err
			}
		}
		c.docDomain = append(c.docDomain, domain)
		c.docLog = append(c.docLog, uint32(im.log.id))
		for i := range d.edits {
			e := &d.edits[i]
			rule, isNew := s.rules.add(e.rule)
			if isNew {
				if _, err := addName.Exec("rule", rule, s.rules.list[rule]); err != nil {
					return err
				}
			}
			k := groupKey{rule, e.before, e.after, e.hasAfter}
			no, ok := s.groupNo[k]
			if !ok {
				no = s.addGroup(k)
				if _, err := addGroup.Exec(no, rule, k.before, sql.NullString{String: k.after, Valid: k.hasAfter}); err != nil {
					return err
				}
			}
			c.id = append(c.id, e.id)
			c.group, c.doc = append(c.group, no), append(c.doc, uint32(doc))
			c.start, c.end = append(c.start, e.start), append(c.end, e.end)
			c.left, c.right = append(c.left, 0), append(c.right, 0)
			c.conf, c.flags = append(c.conf, e.conf), append(c.flags, packFlags(e))
			c.anchor = append(c.anchor, 0)
		}
	}
	if c.Len() > maxEdits {
		return fmt.Errorf("more than %d edits: review them in parts", maxEdits)
	}
	if docs := len(c.docDomain); docs > fromDoc {
		if _, err := tx.Exec("INSERT INTO chunks (first, edits, docs, columns) VALUES (?,?,?,?)",
			from, c.Len()-from, docs-fromDoc, c.pack(from, c.Len(), fromDoc, docs)); err != nil {
			return err
		}
	}
	im.log.docs += len(im.pending)
	im.log.edits += im.edits
	if _, err := tx.Exec("UPDATE logs SET name = ?, size = ?, mtime = ?, read = ?, prefix = ?, docs = ?, edits = ?, done = ? WHERE id = ?",
		im.file.Name, im.file.Size, im.file.Mtime, im.log.read, im.sum.Sum(nil), im.log.docs, im.log.edits, done, im.log.id); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	im.out.Docs += len(im.pending)
	im.out.Edits += im.edits
	im.pending, im.edits = im.pending[:0], 0
	if im.progress != nil {
		im.progress(im.out.Edits)
	}
	return nil
}

// hostOf is the host of a web address, "" for anything else.
func hostOf(doc string) string {
	if !strings.Contains(doc, "://") {
		return ""
	}
	u, err := url.Parse(doc)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

// supersede ends the edits of earlier logs of the same documents. The same text
// under the same name is the same document; another text is only where the
// name is more than a number, since numbers count the records of every file.
func (im *importer) supersede() error {
	if im.firstDoc == 0 {
		return nil
	}
	s := im.s
	type pair struct {
		old  uint32
		name string
		same bool
	}
	var pairs []pair
	err := each(s.db, func(r *sql.Rows) error {
		var p pair
		if err := r.Scan(&p.old, &p.name, &p.same); err != nil {
			return err
		}
		pairs = append(pairs, p)
		return nil
	}, `SELECT old.id, old.doc, old.src = new.src FROM docs new JOIN docs old ON old.doc = new.doc AND old.field = new.field AND old.log < new.log
		WHERE new.log = ? ORDER BY old.id`, im.log.id)
	if err != nil {
		return err
	}
	dirty := map[uint32]bool{}
	for _, p := range pairs {
		if p.same || !isNumber(p.name) {
			im.retire(p.old, dirty)
		}
	}
	if len(dirty) == 0 {
		return nil
	}
	if err := s.saveChunks(dirty); err != nil {
		return err
	}
	s.refold(0)
	return nil
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

// retire marks the edits of an old document. Those that the new log has too live
// on there, under the same id.
func (im *importer) retire(old uint32, dirty map[uint32]bool) {
	s := im.s
	c := &s.cols
	d := s.docs[old]
	for row := d.first; row < d.first+d.edits; row++ {
		if c.has(row, flagDead) {
			continue
		}
		c.flags[row] |= flagDead
		dirty[row] = true
		im.out.Superseded++
		if len(s.rowsOf(c.id[row])) > 1 {
			continue // the same edit, so its decisions stand
		}
		if st := c.status[row]; st != Accepted && st != Rejected && st != Changed {
			continue
		}
		c.flags[row] |= flagStale
		im.out.Stale++
	}
}

// saveChunks writes the chunks that hold these rows.
func (s *Store) saveChunks(rows map[uint32]bool) error {
	type span struct{ first, edits, docs, firstDoc int }
	var spans []span
	doc := 0
	err := each(s.db, func(r *sql.Rows) error {
		var p span
		if err := r.Scan(&p.first, &p.edits, &p.docs); err != nil {
			return err
		}
		p.firstDoc = doc
		doc += p.docs
		spans = append(spans, p)
		return nil
	}, "SELECT first, edits, docs FROM chunks ORDER BY first")
	if err != nil {
		return err
	}
	hit := make([]bool, len(spans))
	for row := range rows {
		i, ok := slices.BinarySearchFunc(spans, int(row), func(p span, row int) int { return p.first - row })
		if !ok {
			i--
		}
		hit[i] = true
	}
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	for i, p := range spans {
		if !hit[i] {
			continue
		}
		b := s.cols.pack(p.first, p.first+p.edits, p.firstDoc, p.firstDoc+p.docs)
		if _, err := tx.Exec("UPDATE chunks SET columns = ? WHERE first = ?", b, p.first); err != nil {
			return err
		}
	}
	return tx.Commit()
}
