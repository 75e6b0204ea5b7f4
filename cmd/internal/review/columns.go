package review

import (
	"encoding/binary"
	"fmt"

	"copydesk/repair/edit"
)

// columns hold what filters ask of every edit, by row: 51 bytes an edit in
// memory. Rows are numbered from 0 in the order of import; the edits of one
// document stand together.
type columns struct {
	id          [][10]byte
	group, doc  []uint32
	start, end  []uint32 // the span in the source, bytes
	left, right []uint32 // hashes of the neighbouring words; 0 without the text
	conf        []uint16 // ten-thousandths
	flags       []uint16
	anchor      []uint64 // hash of the edit and 32 code points on both sides; 0 without the text
	docDomain   []uint32 // by document
	docLog      []uint32 // by document

	status []Status // follows from the events; not saved
	last   []int32  // the newest touch of an edit, -1 for none; not saved
}

// Bits of flags. The lowest two are the tier, the next two the origin.
const (
	flagApplied = 1 << (4 + iota)
	flagNoAfter
	flagQuote    // within quotation marks
	flagHeadline // in a line without a full stop, or in capitals
	flagURL      // touches a web address
	flagText     // the text is known
	flagDead     // a newer log speaks of the same document
	flagStale    // dead, and a decision on it could not be carried on
)

func packFlags(e *scanEdit) uint16 {
	f := uint16(e.tier) | uint16(e.origin)<<2
	if e.applied {
		f |= flagApplied
	}
	if !e.hasAfter {
		f |= flagNoAfter
	}
	return f
}

func (c *columns) tier(row uint32) edit.Tier     { return edit.Tier(c.flags[row] & 3) }
func (c *columns) origin(row uint32) edit.Origin { return edit.Origin(c.flags[row] >> 2 & 3) }
func (c *columns) has(row uint32, f uint16) bool { return c.flags[row]&f != 0 }

// Len is the number of edits.
func (c *columns) Len() int { return len(c.group) }

// pack writes the edits [from, to) and the documents [fromDoc, toDoc).
func (c *columns) pack(from, to, fromDoc, toDoc int) []byte {
	b := make([]byte, 0, (to-from)*46+(toDoc-fromDoc)*8)
	for _, id := range c.id[from:to] {
		b = append(b, id[:]...)
	}
	for _, col := range [][]uint32{c.group[from:to], c.doc[from:to], c.start[from:to], c.end[from:to], c.left[from:to], c.right[from:to]} {
		for _, v := range col {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
	}
	for _, col := range [][]uint16{c.conf[from:to], c.flags[from:to]} {
		for _, v := range col {
			b = binary.LittleEndian.AppendUint16(b, v)
		}
	}
	for _, v := range c.anchor[from:to] {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	for _, col := range [][]uint32{c.docDomain[fromDoc:toDoc], c.docLog[fromDoc:toDoc]} {
		for _, v := range col {
			b = binary.LittleEndian.AppendUint32(b, v)
		}
	}
	return b
}

// unpack appends what pack wrote.
func (c *columns) unpack(b []byte, edits, docs int) error {
	if len(b) != edits*46+docs*8 {
		return fmt.Errorf("a chunk of %d edits and %d documents has %d bytes; the store is damaged", edits, docs, len(b))
	}
	for range edits {
		c.id = append(c.id, [10]byte(b))
		b = b[10:]
	}
	read := func(to *[]uint32, n int) {
		for range n {
			*to = append(*to, binary.LittleEndian.Uint32(b))
			b = b[4:]
		}
	}
	for _, col := range []*[]uint32{&c.group, &c.doc, &c.start, &c.end, &c.left, &c.right} {
		read(col, edits)
	}
	for _, col := range []*[]uint16{&c.conf, &c.flags} {
		for range edits {
			*col = append(*col, binary.LittleEndian.Uint16(b))
			b = b[2:]
		}
	}
	for range edits {
		c.anchor = append(c.anchor, binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	read(&c.docDomain, docs)
	read(&c.docLog, docs)
	return nil
}

// grow gives new rows their status.
func (c *columns) grow() {
	for row := uint32(len(c.status)); int(row) < c.Len(); row++ {
		c.status = append(c.status, c.plain(row))
		c.last = append(c.last, -1)
	}
}

// plain is the status of an edit that nobody spoke of.
func (c *columns) plain(row uint32) Status {
	switch f := c.flags[row]; {
	case f&flagStale != 0:
		return Stale
	case f&flagDead != 0:
		return Superseded
	case f&flagApplied != 0:
		return Applied
	}
	return Proposed
}

// Status is where an edit stands.
type Status uint8

// The statuses.
const (
	Proposed   Status = iota // not applied, nobody spoke of it
	Applied                  // by copydesk alone, nobody spoke of it
	Accepted                 //
	Rejected                 //
	Changed                  // a person gave another text
	Skipped                  // put off
	Flagged                  // for a colleague
	Conflict                 // two people said different things; a lead settles
	Stale                    // its text changed since, and the decision found no exact and unique place
	Superseded               // a newer log speaks of its document
	numStatus
)

var statusNames = [numStatus]string{"proposed", "applied", "accepted", "rejected", "changed", "skipped", "flagged", "conflict", "stale", "superseded"}

func (s Status) String() string { return statusNames[s] }

// Undecided reports whether a person is still to say something.
func (s Status) Undecided() bool {
	return s == Proposed || s == Applied || s == Skipped || s == Flagged || s == Conflict
}
