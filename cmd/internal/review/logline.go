package review

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// scanEdit is what the store's columns need of one logged edit.
type scanEdit struct {
	id         [10]byte
	start, end uint32
	before     string
	after      string
	hasAfter   bool
	rule       string
	conf       uint16 // ten-thousandths
	tier       edit.Tier
	origin     edit.Origin
	applied    bool
}

// scanDoc is a log's doc line.
type scanDoc struct {
	n          int
	doc, field string
	src        [32]byte
	edits      []scanEdit
	line       []byte // as read
}

// scanLine reads a doc line for import. encoding/json takes 10 s for a million
// edits, this 0.7 s. It gives nil for other kinds of lines.
func scanLine(line []byte) (*scanDoc, error) {
	if !bytes.HasPrefix(line, []byte(`{"t":"doc",`)) {
		return slowLine(line)
	}
	s := scanner{b: line}
	d := &scanDoc{line: line, n: -1}
	var src string
	s.object(func(key []byte) {
		switch string(key) {
		case "n":
			d.n = s.int()
		case "doc":
			d.doc = s.string()
		case "field":
			d.field = s.string()
		case "src_sha256":
			src = s.string()
		case "edits":
			s.array(func() { d.edits = append(d.edits, s.edit()) })
		default:
			s.skip()
		}
	})
	if n, err := hex.Decode(d.src[:], []byte(src)); s.bad || s.at != len(line) || err != nil || n != 32 || d.n < 0 {
		return slowLine(line)
	}
	return d, nil
}

// slowLine reads any line by edit.Reader.
func slowLine(line []byte) (*scanDoc, error) {
	rec, err := edit.NewReader(bytes.NewReader(line)).Next()
	if err == io.EOF {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l, ok := rec.(*edit.DocRecord)
	if !ok {
		return nil, nil
	}
	d := &scanDoc{n: l.N, doc: l.Doc, field: l.Field, line: line}
	if n, err := hex.Decode(d.src[:], []byte(l.SrcHash)); err != nil || n != 32 {
		return nil, fmt.Errorf("document %s: src_sha256 %q is no SHA-256", l.Doc, l.SrcHash)
	}
	for i := range l.Edits {
		e := &l.Edits[i]
		x := scanEdit{
			start: uint32(e.Src.Start), end: uint32(e.Src.End), before: e.Before, after: e.After, hasAfter: e.HasAfter,
			rule: e.Rule, conf: uint16(min(max(e.Conf, 0), 1)*1e4 + .5), tier: e.Tier, origin: e.Origin, applied: e.Applied,
		}
		if n, err := hex.Decode(x.id[:], []byte(e.ID)); err != nil || n != 10 {
			return nil, fmt.Errorf("document %s: edit id %q: want 20 hex digits", l.Doc, e.ID)
		}
		d.edits = append(d.edits, x)
	}
	return d, nil
}

// scanner reads JSON as edit.Writer writes it: no space between tokens. Anything
// else sets bad, and the rest reads as nothing.
type scanner struct {
	b   []byte
	at  int
	bad bool
}

func (s *scanner) fail() { s.bad, s.at = true, len(s.b) }

func (s *scanner) peek() byte {
	if s.at < len(s.b) {
		return s.b[s.at]
	}
	return 0
}

func (s *scanner) take(c byte) bool {
	if s.peek() == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) object(member func(key []byte)) {
	if !s.take('{') {
		s.fail()
		return
	}
	if s.take('}') {
		return
	}
	for !s.bad {
		key := s.raw()
		if !s.take(':') {
			s.fail()
			return
		}
		member(key)
		if s.take('}') {
			return
		}
		if !s.take(',') {
			s.fail()
		}
	}
}

func (s *scanner) array(element func()) {
	if !s.take('[') {
		s.fail()
		return
	}
	if s.take(']') {
		return
	}
	for !s.bad {
		element()
		if s.take(']') {
			return
		}
		if !s.take(',') {
			s.fail()
		}
	}
}

// raw is what stands between the quotation marks of a string, escapes unread.
func (s *scanner) raw() []byte {
	if !s.take('"') {
		s.fail()
		return nil
	}
	from := s.at
	for i := from; i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '"':
			s.at = i + 1
			return s.b[from:i]
		case c == '\\':
			i++
		case c < ' ':
			s.fail()
			return nil
		}
	}
	s.fail()
	return nil
}

func (s *scanner) string() string {
	raw := s.raw()
	if bytes.IndexByte(raw, '\\') < 0 {
		if !utf8.Valid(raw) {
			s.fail()
		}
		return string(raw)
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c != '\\' {
			out = append(out, c)
			continue
		}
		i++ // raw saw to it that one follows
		switch c = raw[i]; c {
		case '"', '\\', '/':
			out = append(out, c)
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case 'u':
			if i+5 > len(raw) {
				s.fail()
				return ""
			}
			r, err := strconv.ParseUint(string(raw[i+1:i+5]), 16, 16)
			if err != nil || utf16.IsSurrogate(rune(r)) {
				s.fail()
				return ""
			}
			out = utf8.AppendRune(out, rune(r))
			i += 4
		default:
			s.fail()
			return ""
		}
	}
	if !utf8.Valid(out) {
		s.fail()
	}
	return string(out)
}

func (s *scanner) int() int {
	from := s.at
	n := 0
	for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
		if n = n*10 + int(c-'0'); n > 1<<31 {
			s.fail()
			return 0
		}
		s.at++
	}
	if s.at == from {
		s.fail()
	}
	return n
}

// share reads a number from 0 to 1 as ten-thousandths.
func (s *scanner) share() uint16 {
	n := s.int()
	if !s.take('.') {
		if n > 1 {
			s.fail()
		}
		return uint16(n * 10_000)
	}
	unit := 1000
	if n > 0 {
		s.fail()
	}
	for c := s.peek(); c >= '0' && c <= '9'; c = s.peek() {
		n += int(c-'0') * unit
		unit /= 10
		s.at++
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.fail()
	}
	return uint16(n)
}

func (s *scanner) literal(v string) bool {
	if bytes.HasPrefix(s.b[s.at:], []byte(v)) {
		s.at += len(v)
		return true
	}
	return false
}

func (s *scanner) skip() {
	switch c := s.peek(); c {
	case '"':
		s.raw()
	case '{':
		s.object(func([]byte) { s.skip() })
	case '[':
		s.array(s.skip)
	default:
		from := s.at
		for c := s.peek(); c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || c >= 'a' && c <= 'z' || c == 'E'; c = s.peek() {
			s.at++
		}
		if s.at == from {
			s.fail()
		}
	}
}

func (s *scanner) edit() scanEdit {
	var e scanEdit
	var id, tier string
	s.object(func(key []byte) {
		switch string(key) {
		case "id":
			id = string(s.raw())
		case "src":
			i := 0
			s.array(func() {
				n := uint32(s.int())
				switch i {
				case 0:
					e.start = n
				case 1:
					e.end = n
				}
				i++
			})
			if i != 2 {
				s.fail()
			}
		case "before":
			e.before = s.string()
		case "after":
			e.after, e.hasAfter = s.string(), true
		case "rule":
			e.rule = s.string()
		case "origin":
			switch string(s.raw()) {
			case "extraction":
				e.origin = edit.Extraction
			case "source":
				e.origin = edit.Source
			}
		case "conf":
			e.conf = s.share()
		case "tier":
			tier = string(s.raw())
		case "applied":
			if e.applied = s.literal("true"); !e.applied && !s.literal("false") {
				s.fail()
			}
		default:
			s.skip()
		}
	})
	var err error
	if e.tier, err = edit.ParseTier(tier); err != nil || int(e.end)-int(e.start) != len(e.before) || e.applied && !e.hasAfter {
		s.fail()
	}
	if n, err := hex.Decode(e.id[:], []byte(id)); err != nil || n != 10 {
		s.fail()
	}
	return e
}
