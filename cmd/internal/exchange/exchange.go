package exchange

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"copydesk/repair/edit"
)

// Options says which edits are written.
type Options struct {
	Tier edit.Tier // the least trusted tier; hints without a repair are never written
	Min  float64   // the lowest confidence
}

// Mark is an edit in its place.
type Mark struct {
	edit.Span     // in the input, bytes
	ID, Rule      string
	Before, After string
	Conf          float64
	Tier          edit.Tier
	Origin        edit.Origin
	Why           []string
	State         string // applied, proposed, accepted or changed
	By            string // whose decision it is
}

// Article is a text cut at its marks: Texts[0], Marks[0], Texts[1], … so that
// there is one text more than marks.
type Article struct {
	Doc, Field, SrcHash string
	Src                 string
	Texts               []string
	Marks               []Mark
	Rejected            []Mark // not written into the text
}

// Cut makes the article of a document. Edits that people rejected stay out. Of
// edits that overlap, the one that apply would make stands, else the likelier.
func Cut(src string, d *edit.DocRecord, said edit.Verdicts, o Options) (*Article, error) {
	if edit.Hash(src) != d.SrcHash {
		return nil, fmt.Errorf("document %s is not the text that the log was made from: its SHA-256 differs from %s", d.Doc, d.SrcHash)
	}
	a := &Article{Doc: d.Doc, Field: d.Field, SrcHash: d.SrcHash, Src: src}
	var all []Mark
	for i := range d.Edits {
		e := &d.Edits[i]
		m := Mark{Span: e.Src, ID: e.ID, Rule: e.Rule, Before: e.Before, After: e.After, Conf: e.Conf, Tier: e.Tier, Origin: e.Origin, Why: e.Why, State: "proposed"}
		if e.Applied {
			m.State = "applied"
		}
		if src[e.Src.Start:e.Src.End] != e.Before {
			return nil, fmt.Errorf("document %s, edit %s: %q does not stand at %v; the log was altered", d.Doc, e.ID, e.Before, e.Src)
		}
		switch s := said[e.ID]; {
		case s == nil:
			if !e.HasAfter || e.Tier < o.Tier || e.Conf < o.Min {
				continue
			}
		case s.Act == "reject":
			m.State, m.By = "rejected", s.By
			a.Rejected = append(a.Rejected, m)
			continue
		case s.Act == "change":
			m.State, m.By, m.After = "changed", s.By, *s.After
		default:
			m.State, m.By = "accepted", s.By
		}
		all = append(all, m)
	}
	rank := map[string]int{"accepted": 0, "changed": 0, "applied": 1, "proposed": 2}
	slices.SortStableFunc(all, func(a, b Mark) int { return cmp.Or(rank[a.State]-rank[b.State], cmp.Compare(b.Conf, a.Conf)) })
	for _, m := range all {
		if m.Before != m.After && !slices.ContainsFunc(a.Marks, func(o Mark) bool { return o.Overlaps(m.Span) }) {
			a.Marks = append(a.Marks, m)
		}
	}
	slices.SortFunc(a.Marks, func(x, y Mark) int { return cmp.Or(x.Start-y.Start, x.End-y.End) })
	at := 0
	for _, m := range a.Marks {
		a.Texts = append(a.Texts, src[at:m.Start])
		at = m.End
	}
	a.Texts = append(a.Texts, src[at:])
	return a, nil
}

// Final is the text with every mark made.
func (a *Article) Final() string {
	var b strings.Builder
	for i, m := range a.Marks {
		b.WriteString(a.Texts[i])
		b.WriteString(m.After)
	}
	b.WriteString(a.Texts[len(a.Marks)])
	return b.String()
}

// Format is a way to write articles.
type Format struct {
	Name string
	Ext  string // of a file for each article, "" when one file takes all
	Doc  string
	// Write writes one article to its file, or the next into the one file.
	Write func(w io.Writer, a *Article) error
	// Around writes what stands before and after all articles; nil for nothing.
	Begin, End func(w io.Writer) error
	// Read gives back a file; nil where the format keeps no answers.
	Read func(b []byte) (*Returned, error)
	// Plain is how characters that the format cannot hold come back; nil changes
	// none.
	Plain func(string) string
}

// Formats lists all formats. Some keep state between articles, so each call makes
// them new.
func Formats() []*Format {
	return []*Format{critic(), diff(), docx(), lsp(), rdjson(), sarif(), tei()}
}

// Returned is a file that came back.
type Returned struct {
	Doc, SrcHash string
	Parts        []Part
	Said         []Answer // for formats that name edits and answers outright
}

// Part is a stretch of a returned text: plain, or a mark that still stands.
type Part struct {
	Text   string
	Mark   bool
	ID     string // "" when the format lost it
	Before string
	After  string
}

// Answer is what a person said of one edit.
type Answer struct {
	ID, Act string
	After   *string // for change
}

// Lost is a mark whose answer could not be read.
type Lost struct{ ID, Why string }

// minUnique is the shortest text, in bytes, by which a place is found again.
const minUnique = 8

// Answers reads the answers from an article that came back. Marks that stand
// unchanged have none.
func Answers(a *Article, r *Returned, plain func(string) string) (out []Answer, lost []Lost) {
	if plain == nil {
		plain = func(s string) string { return s }
	}
	// The returned text with each standing mark as one sign, so that one search
	// finds texts and marks alike.
	var b strings.Builder
	marks := map[int]Part{} // by where the sign stands
	for _, p := range r.Parts {
		if !p.Mark {
			b.WriteString(strings.ReplaceAll(p.Text, sign, "\uFFFD"))
			continue
		}
		marks[b.Len()] = p
		b.WriteString(sign)
	}
	text := b.String()
	at := 0
	if !strings.HasPrefix(text, plain(a.Texts[0])) {
		i := strings.Index(text, plain(a.Texts[0]))
		if i < 0 || len(a.Texts[0]) < minUnique {
			return nil, []Lost{{"", "the text before the first edit changed"}}
		}
		at = i
	}
	at += len(plain(a.Texts[0]))
	for i, m := range a.Marks {
		next := plain(a.Texts[i+1])
		last := i+1 == len(a.Marks)
		fits := func(middle string, strict bool) bool {
			rest, ok := strings.CutPrefix(text[at:], middle)
			if !ok || !strings.HasPrefix(rest, next) {
				return false
			}
			rest = rest[len(next):]
			if last {
				return strings.TrimSpace(rest) == ""
			}
			// Where both answers fit, the next mark must stand behind the next text.
			n := a.Marks[i+1]
			return !strict || strings.HasPrefix(rest, sign) || strings.HasPrefix(rest, plain(n.After)) || strings.HasPrefix(rest, plain(n.Before))
		}
		if p, ok := marks[at]; ok && fits(sign, false) {
			if p.ID != "" && p.ID != m.ID {
				lost = append(lost, Lost{m.ID, "another edit stands in its place"})
			} else if p.After != plain(m.After) && p.Before == plain(m.Before) {
				after := p.After
				out = append(out, Answer{m.ID, "change", &after})
			}
			at += len(sign) + len(next)
			continue
		}
		yes, no := fits(plain(m.After), false), fits(plain(m.Before), false)
		if yes && no {
			yes, no = fits(plain(m.After), true), fits(plain(m.Before), true)
		}
		switch {
		case yes && no:
			lost = append(lost, Lost{m.ID, "old and new text both fit"})
			at += len(plain(m.After)) + len(next)
		case yes:
			out = append(out, Answer{m.ID, "accept", nil})
			at += len(plain(m.After)) + len(next)
		case no:
			out = append(out, Answer{m.ID, "reject", nil})
			at += len(plain(m.Before)) + len(next)
		default:
			j := found(text[at:], next, last, func(rest string) bool {
				n := a.Marks[i+1]
				return strings.HasPrefix(rest, sign) || n.After != "" && strings.HasPrefix(rest, plain(n.After)) || n.Before != "" && strings.HasPrefix(rest, plain(n.Before))
			})
			if j < 0 || strings.Contains(text[at:at+j], sign) {
				lost = append(lost, Lost{m.ID, "the text behind it changed"})
				for _, rest := range a.Marks[i+1:] {
					lost = append(lost, Lost{rest.ID, "the text before it changed"})
				}
				return out, lost
			}
			after := text[at : at+j]
			out = append(out, Answer{m.ID, "change", &after})
			at += j + len(next)
		}
	}
	return out, lost
}

// found is where the text behind a changed place begins, or -1: at the end for the
// last, else where it occurs with the next mark behind it, or by itself when it
// is long; only once in each case.
func found(s, next string, last bool, markBehind func(string) bool) int {
	if last {
		if strings.HasSuffix(s, next) && (next != "" || !strings.Contains(s, "\n")) {
			return len(s) - len(next)
		}
		return -1
	}
	at, n, alone, nAlone := -1, 0, -1, 0
	for i := 0; i <= len(s)-len(next); {
		j := strings.Index(s[i:], next)
		if j < 0 {
			break
		}
		i += j
		if nAlone++; nAlone == 1 {
			alone = i
		}
		if markBehind(s[i+len(next):]) {
			if n++; n == 1 {
				at = i
			}
		}
		i++
	}
	switch {
	case n == 1:
		return at
	case n == 0 && nAlone == 1 && len(next) >= minUnique:
		return alone
	}
	return -1
}

// sign stands for a mark: a character that no text holds.
const sign = "\U0010FFFF"

func percent(p float64) string { return fmt.Sprintf("%.1f %%", 100*p) }
