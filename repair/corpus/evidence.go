package corpus

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// Schema names the form of the evidence's file.
const Schema = "copydesk.corpus/1"

// Evidence is what an archive shows of its sites, sorted by their names.
type Evidence struct {
	Docs  int
	Sites []Site
}

// Site is what is known of one site.
type Site struct {
	Name  string
	Docs  int // of the site
	Topic int // how many of them are of the commonest topic
	Lines []Line
	Words []Word
}

// Line is a line that many documents of a site hold. All counts are exact but
// Elsewhere, which may be too high.
type Line struct {
	Docs      int    `json:"docs"`      // documents of the site that hold it
	Edge      int    `json:"edge"`      // of these, in their head or foot
	Elsewhere int    `json:"elsewhere"` // documents of other sites, at the most
	Topic     int    `json:"topic"`     // of the site's, on the commonest topic of them
	Copies    int    `json:"copies"`    // of the site's, that may be copies of one article
	Text      string `json:"text"`      // with its white space run together
}

// Word is how a site writes what no lexicon knows as one word.
type Word struct {
	One  int    `json:"one"` // documents with one word
	Two  int    `json:"two"` // documents with two or three
	Text string `json:"text"`
}

type record struct {
	T      string `json:"t"`
	Schema string `json:"schema,omitempty"`
	Tool   string `json:"tool,omitempty"`
	Input  string `json:"input,omitempty"`
	Site   string `json:"site,omitempty"`
	Docs   int    `json:"docs"`
	Topic  int    `json:"topic"`
}

// Head is the first line of the file.
type Head struct {
	Tool  string // what collected it
	Input string // a hash of what it was collected from
	Docs  int
}

// Write writes the file.
func (e *Evidence) Write(w io.Writer, h Head) error {
	b := bufio.NewWriter(w)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		T      string `json:"t"`
		Schema string `json:"schema"`
		Tool   string `json:"tool"`
		Input  string `json:"input"`
		Docs   int    `json:"docs"`
	}{"corpus", Schema, h.Tool, h.Input, e.Docs})
	for i := range e.Sites {
		s := &e.Sites[i]
		if err == nil {
			err = enc.Encode(struct {
				T     string `json:"t"`
				Site  string `json:"site"`
				Docs  int    `json:"docs"`
				Topic int    `json:"topic"`
			}{"site", s.Name, s.Docs, s.Topic})
		}
		for k := 0; k < len(s.Lines) && err == nil; k++ {
			err = enc.Encode(struct {
				T string `json:"t"`
				Line
			}{"line", s.Lines[k]})
		}
		for k := 0; k < len(s.Words) && err == nil; k++ {
			err = enc.Encode(struct {
				T string `json:"t"`
				Word
			}{"word", s.Words[k]})
		}
	}
	if err != nil {
		return err
	}
	return b.Flush()
}

// Index answers what the evidence says of a place. Immutable; the zero value
// knows nothing.
type Index struct {
	Head  Head
	hash  string
	sites map[string]siteEntry
	lines map[uint64]lineEntry
	words map[uint64]wordEntry
}

type (
	siteEntry struct{ docs, topic int32 }
	lineEntry struct{ docs, edge, elsewhere, topic, copies int32 }
	wordEntry struct{ one, two int32 }
)

const maxRecord = 1 << 20 // bytes of a line of the file

// Read reads the file. Lines and words belong to the site before them.
func Read(r io.Reader) (*Index, error) {
	x := &Index{sites: map[string]siteEntry{}, lines: map[uint64]lineEntry{}, words: map[uint64]wordEntry{}}
	sum := sha256.New()
	sc := bufio.NewScanner(io.TeeReader(r, sum))
	sc.Buffer(nil, maxRecord)
	var lineSeed, wordSeed uint64
	n, site := 0, false
	for sc.Scan() {
		n++
		b := bytes.TrimSpace(sc.Bytes())
		if len(b) == 0 {
			continue
		}
		var rec record
		if err := json.Unmarshal(b, &rec); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if x.Head.Tool == "" && (rec.T != "corpus" || rec.Schema != Schema) {
			return nil, fmt.Errorf("line %d: no evidence of a corpus: it must begin with a line whose schema is %s, as copydesk corpus writes it", n, Schema)
		}
		switch rec.T {
		case "corpus":
			x.Head = Head{rec.Tool, rec.Input, rec.Docs}
			if x.Head.Tool == "" {
				x.Head.Tool = "unknown"
			}
		case "site":
			site = true
			x.sites[rec.Site] = siteEntry{small(rec.Docs), small(rec.Topic)}
			lineSeed, wordSeed = seedOf(rec.Site, aLine), seedOf(rec.Site, aWord)
		case "line", "word":
			if !site {
				return nil, fmt.Errorf("line %d: a %s before any site", n, rec.T)
			}
			if err := x.add(rec.T, b, lineSeed, wordSeed); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
		default:
			return nil, fmt.Errorf("line %d: %q is no kind of line: use site, line or word", n, rec.T)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	if n == 0 {
		return nil, errors.New("it is empty")
	}
	x.hash = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return x, nil
}

func (x *Index) add(kind string, b []byte, lineSeed, wordSeed uint64) error {
	if kind == "line" {
		var l Line
		if err := json.Unmarshal(b, &l); err != nil {
			return err
		}
		key, _ := lineKey(lineSeed, l.Text)
		x.lines[key] = lineEntry{small(l.Docs), small(l.Edge), small(l.Elsewhere), small(l.Topic), small(l.Copies)}
		return nil
	}
	var w Word
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	x.words[mix(addWord(wordSeed, w.Text))] = wordEntry{small(w.One), small(w.Two)}
	return nil
}

// small brings a count that a person may have written into its bounds.
func small(n int) int32 { return int32(max(0, min(n, math.MaxInt32))) }

// Hash identifies the evidence.
func (x *Index) Hash() string { return x.hash }

// View is what the evidence says of one site. The zero value knows nothing.
type View struct {
	x     *Index
	Site  string
	Docs  int // of the site
	Topic int // of the commonest topic
}

// At is the view of a site; ok is false where nothing is known of it.
func (x *Index) At(site string) (v View, ok bool) {
	if x == nil {
		return View{}, false
	}
	s, ok := x.sites[site]
	if !ok {
		return View{}, false
	}
	return View{x, site, int(s.docs), int(s.topic)}, true
}

// Line is what is known of a line, whatever its white space.
func (v *View) Line(line string) (Line, bool) {
	if v.x == nil || len(line) > 2*maxLine {
		return Line{}, false
	}
	key, _ := lineKey(seedOf(v.Site, aLine), line)
	l, ok := v.x.lines[key]
	if !ok {
		return Line{}, false
	}
	return Line{int(l.docs), int(l.edge), int(l.elsewhere), int(l.topic), int(l.copies), line}, true
}

// Word is how the site writes a word, or words run together, that no lexicon
// knows.
func (v *View) Word(word string) (Word, bool) {
	if v.x == nil {
		return Word{}, false
	}
	w, ok := v.x.words[mix(addWord(seedOf(v.Site, aWord), word))]
	if !ok {
		return Word{}, false
	}
	return Word{int(w.one), int(w.two), word}, true
}
