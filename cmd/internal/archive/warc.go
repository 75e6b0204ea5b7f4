package archive

import (
	"bytes"
	"crypto/md5" //nolint:gosec // a digest of the format, not a secret
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"copydesk/repair/edit"

	"golang.org/x/text/encoding/htmlindex"

	doctext "copydesk/repair/text"
)

// Limits of WARC.
const (
	maxWARCHead = 64 << 10 // bytes of a record's header; real ones have some 500
	maxHTTPHead = 256 << 10
	// A length beyond a petabyte is a lie; sums of it would overflow.
	maxWARCLength = 1 << 50
)

// Reasons why a WARC record passes through unchanged.
var (
	ErrWARC   = errors.New("no sound WARC record")
	ErrNoPage = errors.New("the response holds no page that can be read")
)

// WARC is the format of web archives (ISO 28500). Conversion records (WET) are
// repaired where they stand, their lengths and digests with them. Of responses
// the article is extracted: what comes out is JSON Lines, one line a page.
type WARC struct {
	r     io.Reader
	buf   []byte // a window of the stream
	pos   int    // what stands before is done
	end   error  // why the stream gives no more
	max   int
	pages bool  // responses become JSON Lines; else conversion records are repaired
	left  int64 // bytes of a record too large to hold that are still to come
	fail  error // comes after what was read before it
}

// NewWET repairs the conversion records of a web archive.
func NewWET(r io.Reader, limit int) *WARC { return newWARC(r, limit, false) }

// NewWARC extracts the articles of a web archive's responses.
func NewWARC(r io.Reader, limit int) *WARC { return newWARC(r, limit, true) }

func newWARC(r io.Reader, limit int, pages bool) *WARC {
	if limit <= 0 {
		limit = MaxRecord
	}
	return &WARC{r: r, max: limit, pages: pages}
}

// need brings n bytes into the window, or reports that there are fewer.
func (f *WARC) need(n int) bool {
	for len(f.buf)-f.pos < n && f.end == nil {
		if f.pos > 1<<20 {
			f.buf = append(f.buf[:0], f.buf[f.pos:]...)
			f.pos = 0
		}
		have := len(f.buf)
		f.buf = append(f.buf, make([]byte, max(1<<16, min(n-(have-f.pos), 1<<20)))...)
		k, err := f.r.Read(f.buf[have:])
		f.buf = f.buf[:have+k]
		f.end = err
	}
	return len(f.buf)-f.pos >= n
}

// take hands out n bytes of the window, or all that is left.
func (f *WARC) take(n int) []byte {
	n = min(n, len(f.buf)-f.pos)
	b := bytes.Clone(f.buf[f.pos : f.pos+n])
	f.pos += n
	return b
}

// warcHead is a record's header.
type warcHead struct {
	kind, uri, id, date string
	length              int64 // of the block; -1 when it is not said
	size                int   // of the header, its empty line included
}

// parseHead reads a header that ends with an empty line.
func parseHead(b []byte) (warcHead, error) {
	h := warcHead{length: -1}
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 || !bytes.HasPrefix(b, []byte("WARC/")) {
		return h, ErrWARC
	}
	h.size = end + 4
	for line := range strings.SplitSeq(string(b[:end]), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(name) {
		case "warc-type":
			h.kind = strings.ToLower(value)
		case "warc-target-uri":
			h.uri = strings.Trim(value, "<>") // some writers put them around it
		case "warc-record-id":
			h.id = value
		case "warc-date":
			h.date = value
		case "content-length":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil || n < 0 || n > maxWARCLength || strconv.FormatInt(n, 10) != value {
				return h, fmt.Errorf("%w: Content-Length %q", ErrWARC, value)
			}
			h.length = n
		}
	}
	if h.length < 0 {
		return h, fmt.Errorf("%w: no Content-Length", ErrWARC)
	}
	return h, nil
}

// Next returns the next record with the empty lines behind it.
func (f *WARC) Next() (Raw, error) {
	switch {
	case f.fail != nil:
		return Raw{}, f.fail
	case f.left > 0:
		return f.piece(true), nil
	case !f.need(1):
		return Raw{}, f.end
	}
	lead := 0
	for lead < 1024 && f.need(lead+1) && (f.buf[f.pos+lead] == '\r' || f.buf[f.pos+lead] == '\n') {
		lead++
	}
	if lead > 0 { // empty lines too many between records
		return f.aside(Raw{Bytes: f.take(lead), Blank: true}), nil
	}
	f.need(1 << 10)
	for n := 2 << 10; !bytes.Contains(f.buf[f.pos:min(len(f.buf), f.pos+n)], []byte("\r\n\r\n")) && n <= maxWARCHead; n *= 2 {
		if !f.need(n) {
			break
		}
	}
	h, err := parseHead(f.buf[f.pos:min(len(f.buf), f.pos+maxWARCHead)])
	if err != nil {
		return f.resync(err), nil
	}
	if h.length > int64(f.max-h.size) {
		f.left = int64(h.size) + h.length + 4
		return f.piece(false), nil
	}
	whole := h.size + int(h.length)
	switch sound := f.need(whole + 4); {
	case sound && string(f.buf[f.pos+whole:f.pos+whole+4]) == "\r\n\r\n":
		return f.raw(f.take(whole+4), h), nil
	case !sound && f.end == io.EOF && len(f.buf)-f.pos >= whole && blank(f.buf[f.pos+whole:]):
		return f.raw(f.take(whole+4), h), nil // the last record lacks its empty lines
	case !sound:
		return f.resync(fmt.Errorf("%w: it ends %d bytes early", ErrWARC, whole+4-(len(f.buf)-f.pos))), nil
	}
	return f.resync(fmt.Errorf("%w: its length is wrong", ErrWARC)), nil
}

// raw is a sound record; those that hold no text to repair pass through.
func (f *WARC) raw(b []byte, h warcHead) Raw {
	if !f.pages {
		return Raw{Bytes: b, Blank: h.kind != "conversion"}
	}
	if h.kind == "response" && isPage(b[h.size:]) {
		return Raw{Bytes: b, Aside: true}
	}
	return Raw{Bytes: b, Blank: true, Aside: true}
}

// aside marks bytes that have no place in JSON Lines.
func (f *WARC) aside(r Raw) Raw {
	r.Aside = f.pages
	return r
}

// resync passes bytes through up to what looks like the next record.
func (f *WARC) resync(why error) Raw {
	mark := []byte("\nWARC/1.")
	for from, n := 0, 1<<12; ; n *= 2 {
		full := f.need(n)
		window := f.buf[f.pos:min(len(f.buf), f.pos+max(n, f.max))]
		if i := bytes.Index(window[from:], mark); i >= 0 {
			return f.aside(Raw{Bytes: f.take(from + i + 1), Err: why})
		}
		from = max(0, len(window)-len(mark))
		if !full && f.end != io.EOF {
			f.fail = f.end
			return f.aside(broken(f.take(n), f.end))
		}
		if !full || len(window) > f.max {
			return f.aside(Raw{Bytes: f.take(len(window)), Err: why}) // the next call goes on looking
		}
	}
}

// piece is a part of a record too large to hold. The first stands for it.
func (f *WARC) piece(more bool) Raw {
	n := int(min(f.left, 1<<20))
	full := f.need(n)
	r := f.aside(Raw{Bytes: f.take(n), Blank: more})
	f.left -= int64(len(r.Bytes))
	if !full {
		f.left = 0
		if f.end != io.EOF {
			f.fail = f.end
		}
	}
	if !more {
		r.Err = fmt.Errorf("%w: more than %d bytes", ErrTooLarge, f.max)
	}
	return r
}

// Parse finds the text of a conversion record, or the article of a response.
func (f *WARC) Parse(raw []byte) (Record, error) {
	h, err := parseHead(raw)
	if err != nil {
		return Record{}, err
	}
	rec := Record{ID: h.uri, Source: h.uri}
	block := raw[h.size : h.size+int(h.length)]
	if f.pages {
		return f.parsePage(rec, h, block)
	}
	if !utf8.Valid(block) {
		return rec, ErrNotUTF8
	}
	rec.Texts = []Text{{Field: "text", Str: Str{Start: h.size, End: h.size + len(block), Text: string(block)}}}
	return rec, nil
}

// Splice returns the record with its text patched, its Content-Length and its
// digest with it; or the line of JSON that a page becomes.
func (f *WARC) Splice(raw []byte, rec *Record, patches [][]Patch) ([]byte, error) {
	t := &rec.Texts[0]
	var b []byte
	at := 0
	for _, p := range patches[0] {
		b = append(append(b, t.Text[at:p.Start]...), p.New...)
		at = p.End
	}
	b = append(b, t.Text[at:]...)
	if f.pages {
		return append(append(rec.head, appendEscaped(nil, string(b), false)...), "\"}\n"...), nil
	}
	head := redigest(raw[:t.Start], raw[t.Start:t.End], b)
	return append(append(head, b...), raw[t.End:]...), nil
}

// redigest writes a header for a changed block. A digest that was right for the
// old block is made anew; one that was wrong, or is of a kind unknown here,
// stays. So undoing a change gives the old header back.
func redigest(head, old, block []byte) []byte {
	var out []byte
	for line := range bytes.SplitAfterSeq(head, []byte("\r\n")) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			out = append(out, line...)
			continue
		}
		text := strings.TrimSpace(string(value))
		with := text
		switch strings.ToLower(string(name)) {
		case "content-length":
			with = strconv.Itoa(len(block))
		case "warc-block-digest", "warc-payload-digest":
			if d := digest(text, old); d == text {
				with = digest(text, block)
			}
		}
		out = append(append(out, name...), ':')
		out = append(out, bytes.Replace(value, []byte(text), []byte(with), 1)...)
	}
	return out
}

// digest sums a block the way an existing digest was made; "" when that is not
// known.
func digest(like string, block []byte) string {
	name, sum, _ := strings.Cut(like, ":")
	var b []byte
	switch strings.ToLower(name) {
	case "sha1":
		s := sha1.Sum(block) //nolint:gosec // see above
		b = s[:]
	case "sha256":
		s := sha256.Sum256(block)
		b = s[:]
	case "md5":
		s := md5.Sum(block) //nolint:gosec // see above
		b = s[:]
	default:
		return ""
	}
	if len(sum) == hex.EncodedLen(len(b)) {
		return name + ":" + hex.EncodeToString(b)
	}
	return name + ":" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
}

// Source returns how a span of the text is written: as it is.
func (f *WARC) Source(_ []byte, t *Text, s edit.Span) string {
	return f.Plain(t, t.Text[s.Start:s.End])
}

// Plain is how a text is written.
func (f *WARC) Plain(_ *Text, s string) string {
	if f.pages {
		return string(appendEscaped(nil, s, false))
	}
	return s
}

// isPage reports whether a response looks like a page that was found.
func isPage(block []byte) bool {
	head, _, ok := cutHTTP(block)
	if !ok {
		return false
	}
	_, rest, _ := bytes.Cut(head, []byte(" "))
	if !bytes.HasPrefix(rest, []byte("2")) {
		return false
	}
	kind := strings.ToLower(httpHeader(head, "content-type"))
	return strings.Contains(kind, "text/html") || strings.Contains(kind, "application/xhtml") || kind == ""
}

func cutHTTP(block []byte) (head, body []byte, ok bool) {
	if !bytes.HasPrefix(block, []byte("HTTP/")) {
		return nil, nil, false
	}
	search := block[:min(len(block), maxHTTPHead)]
	if i := bytes.Index(search, []byte("\r\n\r\n")); i >= 0 {
		return block[:i], block[i+4:], true
	}
	if i := bytes.Index(search, []byte("\n\n")); i >= 0 {
		return block[:i], block[i+2:], true
	}
	return nil, nil, false
}

func httpHeader(head []byte, name string) string {
	for line := range bytes.SplitSeq(head, []byte("\n")) {
		if n, v, ok := bytes.Cut(line, []byte(":")); ok && strings.EqualFold(strings.TrimSpace(string(n)), name) {
			return strings.TrimSpace(string(v))
		}
	}
	return ""
}

func (f *WARC) parsePage(rec Record, h warcHead, block []byte) (Record, error) {
	line := func(a Article) []byte {
		b := append([]byte(`{"url":"`), appendEscaped(nil, strings.ToValidUTF8(h.uri, "\ufffd"), false)...)
		for _, m := range [][2]string{{"fetched", h.date}, {"title", a.Title}, {"byline", a.Byline}, {"date", a.Date}} {
			if m[1] != "" {
				b = append(append(append(b, `","`...), m[0]...), `":"`...)
				b = appendEscaped(b, strings.ToValidUTF8(m[1], "\ufffd"), false)
			}
		}
		return append(b, `","text":"`...)
	}
	page, err := httpPage(block)
	a := Article{}
	if err == nil {
		if a = Page([]byte(page)); a.Text == "" {
			err = ErrNoPage
		}
	}
	rec.head = line(a)
	if err != nil {
		rec.Instead = append(rec.head, "\"}\n"...)
		return rec, err
	}
	rec.Convert = true
	rec.Texts = []Text{{Field: "text", Str: Str{Text: a.Text}}}
	return rec, nil
}

// httpPage decodes the body of a response.
func httpPage(block []byte) (string, error) {
	head, body, ok := cutHTTP(block)
	if !ok {
		return "", ErrNoPage
	}
	if strings.Contains(strings.ToLower(httpHeader(head, "transfer-encoding")), "chunked") {
		if b, ok := dechunk(body); ok {
			body = b // many archives store it joined and leave the header as it was
		}
	}
	switch enc := strings.ToLower(httpHeader(head, "content-encoding")); enc {
	case "", "identity":
	case "gzip", "x-gzip", "zstd":
		z, codec, err := Decompress(bytes.NewReader(body))
		if err != nil {
			return "", fmt.Errorf("%w: %w", ErrNoPage, err)
		}
		defer z.Close()
		if codec != Plain {
			if body, err = io.ReadAll(io.LimitReader(z, maxPage)); err != nil && len(body) == 0 {
				return "", fmt.Errorf("%w: %w", ErrNoPage, err)
			}
		}
	default:
		if !utf8.Valid(body) {
			return "", fmt.Errorf("%w: Content-Encoding %s", ErrNoPage, enc)
		}
	}
	if utf8.Valid(body) {
		return string(body), nil
	}
	if _, name, ok := strings.Cut(strings.ToLower(httpHeader(head, "content-type")), "charset="); ok {
		if e, err := htmlindex.Get(strings.Trim(strings.TrimSpace(name), `"';`)); err == nil {
			if b, err := e.NewDecoder().Bytes(body); err == nil && utf8.Valid(b) {
				return string(b), nil
			}
		}
	}
	s, _, err := doctext.Decode(body)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoPage, err)
	}
	return s, nil
}

// dechunk joins a chunked body; ok is false when it is none.
func dechunk(b []byte) (out []byte, ok bool) {
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 || i > 64 {
			return out, false
		}
		size, _, _ := strings.Cut(strings.TrimSpace(string(b[:i])), ";")
		n, err := strconv.ParseUint(size, 16, 31)
		if err != nil {
			return out, false
		}
		b = b[i+1:]
		if n == 0 {
			return out, true
		}
		if uint64(len(b)) < n {
			return append(out, b...), true // cut off: what came is good
		}
		out = append(out, b[:n]...)
		b = bytes.TrimPrefix(bytes.TrimPrefix(b[n:], []byte("\r")), []byte("\n"))
	}
}
