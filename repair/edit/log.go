package edit

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// Schema names the form of the log that this package writes and reads.
const Schema = "copydesk.log/1"

// RunRecord is the log's first line.
type RunRecord struct {
	Schema, Tool, Rules, Model, Profile string
	Tier                                Tier
	Added                               []Added // where the repaired text was added beside the field that holds the input
}

// Added names a field and the one beside it that got the repaired text.
type Added struct{ Field, Out string }

// DocRecord is the log's line for one document.
type DocRecord struct {
	N                int    // the record's number in the input, from 0
	Doc, Field       string // the document's id and the field that holds the text
	SrcHash, OutHash string // SHA-256 of both texts, hex
	SrcLen, OutLen   [3]int // bytes, code points, UTF-16 units
	Charset          string // how the input was encoded where it was not UTF-8; the output is
	Raw              string // how the record wrote the whole text, where undoing the edits does not give it: a cell of a table that had no quotation marks
	Odd              []int  // bytes of the input text where characters begin that were single bytes of windows-1252, whatever Charset says
	Damage           []Share
	Edits            []EditRecord // sorted by Src
}

// Share is how sure the diagnosis is of one process, 0 to 1.
type Share struct {
	Process string
	P       float64
}

// EditRecord is one proposal in the log.
type EditRecord struct {
	ID             string
	Src, SrcPoints Span // in the input: bytes, code points
	Out, OutPoints Span // in the output, where the place stands, changed or not
	SrcU16, OutU16 Span // written only with Writer.UTF16
	Before, After  string
	Raw            string // how the record's own escapes write Before (\u2019, \/), where that does not follow from it
	HasAfter       bool   // false for a hint that knows no repair
	Ops            []Edit // the smallest edits, relative to Src.Start
	Segs           []Span // for a move
	Rule           string
	Origin         Origin
	Conf           float64
	Tier           Tier
	Applied        bool
	Alts           []Alt // Rule is not logged
	Why            []string
}

// SkipRecord says that a record passed through unread.
type SkipRecord struct {
	N                    int
	Doc, Reason, SrcHash string
	Len                  int // bytes of a text that stands among others in one output, whose end nothing else tells; else 0, and not written
}

// EndRecord is the log's last line.
type EndRecord struct {
	Docs, Changed, Edits, Skipped int
	Fused                         int // documents that the harm fuse left as they were; written where there are any
}

// Hash is the SHA-256 of a text, in hex.
func Hash(s string) string {
	h := sha256.New()
	_, _ = io.WriteString(h, s) // a hash never fails
	return hex.EncodeToString(h.Sum(nil))
}

// ID is the name of an edit: the first 80 bits, in hex, of the SHA-256 of these
// bytes: the source hash in hex, the field, the span's start and end in decimal,
// the rule, each followed by one NUL; then the text after, absent for a hint
// that knows none.
func ID(srcHash, field string, src Span, rule, after string) string {
	b := make([]byte, 0, 128+len(after))
	b = append(append(b, srcHash...), 0)
	b = append(append(b, field...), 0)
	b = append(strconv.AppendInt(b, int64(src.Start), 10), 0)
	b = append(strconv.AppendInt(b, int64(src.End), 10), 0)
	b = append(append(b, rule...), 0)
	b = append(b, after...)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:10])
}

// Complete fills in what follows from the texts: hashes, lengths, ids, and code
// points and UTF-16 units of every edit.
func (d *DocRecord) Complete(src, out string) {
	d.SrcHash, d.OutHash = Hash(src), Hash(out)
	us := NewUnits(src)
	uo := NewUnits(out)
	d.SrcLen, d.OutLen = us.Len(), uo.Len()
	for i := range d.Edits {
		e := &d.Edits[i]
		after := e.After
		if !e.HasAfter {
			after = ""
		}
		e.ID = ID(d.SrcHash, d.Field, e.Src, e.Rule, after)
		e.SrcPoints, e.OutPoints = us.Points(e.Src), uo.Points(e.Out)
		e.SrcU16, e.OutU16 = us.UTF16(e.Src), uo.UTF16(e.Out)
	}
}

// Writer writes a log. Its methods keep the first error; Flush reports it.
type Writer struct {
	UTF16 bool // also write spans in UTF-16 units
	w     *bufio.Writer
	buf   []byte
	err   error
}

// NewWriter makes a Writer. Call Flush at the end.
func NewWriter(w io.Writer) *Writer { return &Writer{w: bufio.NewWriterSize(w, 1<<16)} }

// Flush writes what is buffered and reports the first error.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}

func (w *Writer) put(b []byte) error {
	w.buf = b[:0]
	if cap(b) > 1<<20 {
		w.buf = nil // one huge document must not hold memory for ever
	}
	if w.err == nil {
		_, w.err = w.w.Write(append(b, '\n'))
	}
	return w.err
}

// Run writes the first line.
func (w *Writer) Run(r RunRecord) error {
	b := appendString(append(w.buf[:0], `{"t":"run","schema":`...), Schema)
	b = appendString(append(b, `,"tool":`...), r.Tool)
	b = appendString(append(b, `,"rules":`...), r.Rules)
	b = appendString(append(b, `,"model":`...), r.Model)
	b = appendString(append(b, `,"profile":`...), r.Profile)
	b = appendString(append(b, `,"tier":`...), r.Tier.String())
	for i, a := range r.Added {
		b = append(b, map[bool]string{true: `,"added":{`, false: `,`}[i == 0]...)
		b = appendString(append(appendString(b, a.Field), ':'), a.Out)
		if i == len(r.Added)-1 {
			b = append(b, '}')
		}
	}
	b = append(b, `,"units":{"src":"utf-8 bytes","src_cp":"code points"`...)
	if w.UTF16 {
		b = append(b, `,"src_utf16":"utf-16 units"`...)
	}
	return w.put(append(b, "}}"...))
}

// Doc writes one document's line. It refuses an edit whose text is not valid
// UTF-8, since JSON could not give it back.
func (w *Writer) Doc(d *DocRecord) error {
	b := strconv.AppendInt(append(w.buf[:0], `{"t":"doc","n":`...), int64(d.N), 10)
	b = appendString(append(b, `,"doc":`...), d.Doc)
	b = appendString(append(b, `,"field":`...), d.Field)
	b = appendString(append(b, `,"src_sha256":`...), d.SrcHash)
	b = appendString(append(b, `,"out_sha256":`...), d.OutHash)
	b = appendInts(append(b, `,"src_len":`...), d.SrcLen[:]...)
	b = appendInts(append(b, `,"out_len":`...), d.OutLen[:]...)
	if d.Charset != "" {
		b = appendString(append(b, `,"charset":`...), d.Charset)
	}
	if len(d.Odd) > 0 {
		b = appendInts(append(b, `,"odd":`...), d.Odd...)
	}
	if d.Raw != "" {
		b = appendString(append(b, `,"raw":`...), d.Raw)
	}
	b = append(b, `,"damage":{`...)
	for i, s := range d.Damage {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendConf(append(appendString(b, s.Process), ':'), s.P)
	}
	b = append(b, `},"edits":[`...)
	for i := range d.Edits {
		e := &d.Edits[i]
		if !utf8.ValidString(e.Before) || !utf8.ValidString(e.After) {
			return fmt.Errorf("document %d (%s): the edit at %v is not valid UTF-8 and cannot be logged: decode the text first", d.N, d.Doc, e.Src)
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = w.appendEdit(b, e)
	}
	return w.put(append(b, "]}"...))
}

func (w *Writer) appendEdit(b []byte, e *EditRecord) []byte {
	span := func(key string, s Span) {
		b = appendInts(append(b, key...), s.Start, s.End)
	}
	b = appendString(append(b, `{"id":`...), e.ID)
	span(`,"src":`, e.Src)
	span(`,"src_cp":`, e.SrcPoints)
	span(`,"out":`, e.Out)
	span(`,"out_cp":`, e.OutPoints)
	if w.UTF16 {
		span(`,"src_utf16":`, e.SrcU16)
		span(`,"out_utf16":`, e.OutU16)
	}
	b = appendString(append(b, `,"before":`...), e.Before)
	if e.Raw != "" {
		b = appendString(append(b, `,"raw":`...), e.Raw)
	}
	if e.HasAfter {
		b = appendString(append(b, `,"after":`...), e.After)
	}
	for i, o := range e.Ops {
		b = append(b, map[bool]string{true: `,"ops":[[`, false: `,[`}[i == 0]...)
		b = strconv.AppendInt(b, int64(o.Start), 10)
		b = strconv.AppendInt(append(b, ','), int64(o.Len()), 10)
		b = append(appendString(append(b, ','), o.New), ']')
		if i == len(e.Ops)-1 {
			b = append(b, ']')
		}
	}
	if len(e.Segs) > 0 {
		b = append(b, `,"segs":[`...)
		for i, s := range e.Segs {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendInts(b, s.Start, s.End)
		}
		b = append(b, ']')
	}
	b = appendString(append(b, `,"rule":`...), e.Rule)
	b = appendString(append(b, `,"origin":`...), e.Origin.String())
	b = appendConf(append(b, `,"conf":`...), e.Conf)
	b = appendString(append(b, `,"tier":`...), e.Tier.String())
	b = strconv.AppendBool(append(b, `,"applied":`...), e.Applied)
	b = append(b, `,"alts":[`...)
	for i, a := range e.Alts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"after":`...), a.After)
		b = append(appendConf(append(b, `,"conf":`...), a.Conf), '}')
	}
	b = append(b, `],"why":[`...)
	for i, s := range e.Why {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, "]}"...)
}

// Skip writes the line of a record that could not be read.
func (w *Writer) Skip(s SkipRecord) error {
	b := strconv.AppendInt(append(w.buf[:0], `{"t":"skip","n":`...), int64(s.N), 10)
	b = appendString(append(b, `,"doc":`...), s.Doc)
	b = appendString(append(b, `,"reason":`...), s.Reason)
	b = appendString(append(b, `,"src_sha256":`...), s.SrcHash)
	if s.Len > 0 {
		b = strconv.AppendInt(append(b, `,"len":`...), int64(s.Len), 10)
	}
	return w.put(append(b, '}'))
}

// End writes the last line.
func (w *Writer) End(e EndRecord) error {
	b := fmt.Appendf(w.buf[:0], `{"t":"end","docs":%d,"changed":%d,"edits":%d,"skipped":%d`, e.Docs, e.Changed, e.Edits, e.Skipped)
	if e.Fused > 0 {
		b = fmt.Appendf(b, `,"fused":%d`, e.Fused)
	}
	return w.put(append(b, '}'))
}

func appendInts(b []byte, n ...int) []byte {
	b = append(b, '[')
	for i, v := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(v), 10)
	}
	return append(b, ']')
}

// appendConf writes a probability with at most four digits after the point.
func appendConf(b []byte, p float64) []byte {
	if !(p > 0) { // also NaN, which JSON lacks
		return append(b, '0')
	}
	b = strconv.AppendFloat(b, min(p, 1), 'f', 4, 64)
	return bytes.TrimSuffix(bytes.TrimRight(b, "0"), []byte("."))
}

func appendString(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			switch {
			case r == utf8.RuneError && n == 1:
				b = append(append(b, s[from:i]...), "\ufffd"...)
				from = i + 1
			case r == '\u0085' || r == '\u2028' || r == '\u2029':
				// Ends of lines to many readers, who would cut the log there.
				b = fmt.Appendf(append(b, s[from:i]...), `\u%04x`, r)
				from = i + n
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		b = append(b, s[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
		i++
		from = i
	}
	return append(append(b, s[from:]...), '"')
}

// Reader reads a log line by line; it holds one line in memory.
type Reader struct {
	r    *bufio.Reader
	line int
}

// NewReader makes a Reader.
func NewReader(r io.Reader) *Reader { return &Reader{r: bufio.NewReaderSize(r, 1<<16)} }

// Next returns the next line as a *RunRecord, *DocRecord, *SkipRecord or
// *EndRecord, and io.EOF at the end. Errors name the line. Keys that it does
// not know are passed over, since the schema may grow.
func (r *Reader) Next() (any, error) {
	for {
		b, err := r.r.ReadBytes('\n')
		if len(b) == 0 && err != nil {
			return nil, err
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
		r.line++
		if b = bytes.TrimSpace(b); len(b) == 0 {
			continue
		}
		rec, err := parseLine(b)
		if err != nil {
			return nil, fmt.Errorf("log line %d: %w", r.line, err)
		}
		return rec, nil
	}
}

type jsonLine struct {
	T       string          `json:"t"`
	Schema  string          `json:"schema"`
	Tool    string          `json:"tool"`
	Rules   string          `json:"rules"`
	Model   string          `json:"model"`
	Profile string          `json:"profile"`
	Tier    string          `json:"tier"`
	N       int             `json:"n"`
	Doc     string          `json:"doc"`
	Field   string          `json:"field"`
	Reason  string          `json:"reason"`
	SrcHash string          `json:"src_sha256"`
	OutHash string          `json:"out_sha256"`
	SrcLen  [3]int          `json:"src_len"`
	OutLen  [3]int          `json:"out_len"`
	Charset string          `json:"charset"`
	Odd     []int           `json:"odd"`
	Raw     string          `json:"raw"`
	Added   json.RawMessage `json:"added"`
	Damage  json.RawMessage `json:"damage"`
	Edits   json.RawMessage `json:"edits"` // a list in a doc line, a number in the end line
	Docs    int             `json:"docs"`
	Changed int             `json:"changed"`
	Skipped int             `json:"skipped"`
	Fused   int             `json:"fused"`
	Len     int             `json:"len"`
}

type jsonEdit struct {
	ID      string               `json:"id"`
	Src     [2]int               `json:"src"`
	SrcCP   [2]int               `json:"src_cp"`
	Out     [2]int               `json:"out"`
	OutCP   [2]int               `json:"out_cp"`
	SrcU16  [2]int               `json:"src_utf16"`
	OutU16  [2]int               `json:"out_utf16"`
	Before  string               `json:"before"`
	Raw     string               `json:"raw"`
	After   *string              `json:"after"`
	Ops     [][3]json.RawMessage `json:"ops"`
	Segs    [][2]int             `json:"segs"`
	Rule    string               `json:"rule"`
	Origin  string               `json:"origin"`
	Conf    float64              `json:"conf"`
	Tier    string               `json:"tier"`
	Applied bool                 `json:"applied"`
	Alts    []struct {
		After string  `json:"after"`
		Conf  float64 `json:"conf"`
	} `json:"alts"`
	Why []string `json:"why"`
}

func parseLine(b []byte) (any, error) {
	var l jsonLine
	if err := json.Unmarshal(b, &l); err != nil {
		return nil, fmt.Errorf("not a line of a log: %w", err)
	}
	switch l.T {
	case "run":
		if l.Schema != Schema {
			return nil, fmt.Errorf("schema %q: this program reads %s", l.Schema, Schema)
		}
		tier, err := ParseTier(l.Tier)
		if err != nil {
			return nil, err
		}
		run := &RunRecord{Schema: l.Schema, Tool: l.Tool, Rules: l.Rules, Model: l.Model, Profile: l.Profile, Tier: tier}
		err = pairs(l.Added, "added", func(field string, dec *json.Decoder) error {
			a := Added{Field: field}
			err := dec.Decode(&a.Out)
			run.Added = append(run.Added, a)
			return err
		})
		return run, err
	case "skip":
		return &SkipRecord{l.N, l.Doc, l.Reason, l.SrcHash, l.Len}, nil
	case "end":
		n := 0
		if len(l.Edits) > 0 {
			if err := json.Unmarshal(l.Edits, &n); err != nil {
				return nil, err
			}
		}
		return &EndRecord{l.Docs, l.Changed, n, l.Skipped, l.Fused}, nil
	case "doc":
		return parseDoc(&l)
	}
	return nil, fmt.Errorf("unknown kind of line %q: want run, doc, skip or end", l.T)
}

func parseDoc(l *jsonLine) (*DocRecord, error) {
	d := &DocRecord{N: l.N, Doc: l.Doc, Field: l.Field, SrcHash: l.SrcHash, OutHash: l.OutHash, SrcLen: l.SrcLen, OutLen: l.OutLen, Charset: l.Charset, Odd: l.Odd, Raw: l.Raw}
	err := pairs(l.Damage, "damage", func(process string, dec *json.Decoder) error {
		share := Share{Process: process}
		err := dec.Decode(&share.P)
		d.Damage = append(d.Damage, share)
		return err
	})
	if err != nil {
		return nil, err
	}
	var edits []jsonEdit
	if len(l.Edits) > 0 {
		if err := json.Unmarshal(l.Edits, &edits); err != nil {
			return nil, fmt.Errorf("edits: %w", err)
		}
	}
	span := func(s [2]int) Span { return Span{s[0], s[1]} }
	for i := range edits {
		j := &edits[i]
		e := EditRecord{
			ID: j.ID, Src: span(j.Src), SrcPoints: span(j.SrcCP), Out: span(j.Out), OutPoints: span(j.OutCP),
			SrcU16: span(j.SrcU16), OutU16: span(j.OutU16), Before: j.Before, Raw: j.Raw, Rule: j.Rule, Conf: j.Conf, Applied: j.Applied, Why: j.Why,
		}
		if e.Src.Len() != len(e.Before) || e.Src.Start < 0 || e.Out.Start < 0 || e.Out.End < e.Out.Start {
			return nil, fmt.Errorf("edit %s: span %v does not fit its text of %d bytes; the log was altered", e.ID, e.Src, len(e.Before))
		}
		if j.After != nil {
			e.After, e.HasAfter = *j.After, true
		} else if e.Applied {
			return nil, fmt.Errorf("edit %s is applied but lacks after; the log was altered", e.ID)
		}
		var err error
		if e.Tier, err = ParseTier(j.Tier); err != nil {
			return nil, fmt.Errorf("edit %s: %w", e.ID, err)
		}
		for o, name := range originNames {
			if name == j.Origin {
				e.Origin = Origin(o)
			}
		}
		for _, o := range j.Ops {
			var at, del int
			var ins string
			if json.Unmarshal(o[0], &at) != nil || json.Unmarshal(o[1], &del) != nil || json.Unmarshal(o[2], &ins) != nil {
				return nil, fmt.Errorf(`edit %s: an op must read [at, delete, "insert"]`, e.ID)
			}
			e.Ops = append(e.Ops, Edit{Span{at, at + del}, ins})
		}
		for _, s := range j.Segs {
			e.Segs = append(e.Segs, span(s))
		}
		for _, a := range j.Alts {
			e.Alts = append(e.Alts, Alt{After: a.After, Conf: a.Conf})
		}
		d.Edits = append(d.Edits, e)
	}
	return d, nil
}

// pairs reads an object in the order of its members, which a map would lose.
func pairs(object json.RawMessage, name string, value func(key string, dec *json.Decoder) error) error {
	if len(object) == 0 {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(object))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("%s must be an object", name)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := value(key.(string), dec); err != nil {
			return fmt.Errorf("%s %v: %w", name, key, err)
		}
	}
	return nil
}
