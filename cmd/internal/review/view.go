package review

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"copydesk/repair/edit"
)

// contextLen is how many code points on each side of an edit a list shows.
const contextLen = 90

// EditView is an edit as people see it. Every string is text, never markup.
type EditView struct {
	ID      string    `json:"id"`
	Group   GroupName `json:"group"`
	Conf    float64   `json:"conf"`
	Tier    string    `json:"tier"`
	Origin  string    `json:"origin"`
	Status  string    `json:"status"`
	Applied bool      `json:"applied"` // copydesk made it by itself
	Doc     string    `json:"doc"`
	Field   string    `json:"field"`
	Domain  string    `json:"domain"`
	Places  []string  `json:"places"`
	Version int       `json:"version"`
	Left    string    `json:"left"`  // what stands before it
	Right   string    `json:"right"` // and after
	HasText bool      `json:"has_text"`
	Pieces  []Piece   `json:"pieces"`
	Reads   *string   `json:"reads"` // what the place will read after apply; null for as it was
	By      string    `json:"by"`    // whose decision stands
	Votes   []Vote    `json:"votes"` // answers that stand against it
	Label   string    `json:"label"` // one sentence
	Copies  int       `json:"copies"`
}

// Piece is a stretch of a difference: = stays, - goes, + comes.
type Piece struct {
	Op   string `json:"op"`
	Text string `json:"text"`
}

// Vote is someone's differing answer.
type Vote struct {
	Seq int    `json:"seq"`
	By  string `json:"by"`
	Act string `json:"act"`
}

// pieces is the difference of an edit: what stays, goes and comes.
func pieces(before, after string) []Piece {
	out := []Piece{}
	add := func(op, text string) {
		if text == "" {
			return
		}
		if n := len(out); n > 0 && out[n-1].Op == op {
			out[n-1].Text += text
			return
		}
		out = append(out, Piece{op, text})
	}
	diff := edit.Diff(before, after)
	for i, e := range diff {
		last := len(before)
		if i+1 < len(diff) {
			last = diff[i+1].Start - 1
		}
		diff[i] = betweenWords(before, e, last)
	}
	// A letter that goes or turns into another is hard to see: whole words are shown
	// going and coming. White space that comes or goes is shown by itself.
	var spans []edit.Span
	for _, e := range diff {
		at := e.Span
		if strings.TrimSpace(before[e.Start:e.End]) != "" || strings.TrimSpace(e.New) != "" && e.Len() > 0 {
			at = words(before, at)
		}
		for n := len(spans); n > 0 && at.Start <= spans[n-1].End; n = len(spans) {
			last := spans[n-1]
			at = edit.Span{Start: min(at.Start, last.Start), End: max(at.End, last.End)}
			spans = spans[:n-1]
		}
		spans = append(spans, at)
	}
	at := 0
	for _, sp := range spans {
		add("=", before[at:sp.Start])
		var now strings.Builder
		from := sp.Start
		for _, e := range diff {
			if sp.Contains(e.Span) && e.Start >= from {
				now.WriteString(before[from:e.Start] + e.New)
				from = e.End
			}
		}
		now.WriteString(before[from:sp.End])
		add("-", before[sp.Start:sp.End])
		add("+", now.String())
		at = sp.End
	}
	add("=", before[at:])
	return out
}

// betweenWords moves an insertion that cuts a word to where it cuts none, if it reads
// the same there: "protectio" "n i" "n relations" as "protection" " in" " relations".
// Last is how far it may go.
func betweenWords(s string, e edit.Edit, last int) edit.Edit {
	cuts := func(e edit.Edit) bool {
		if e.Start == 0 || e.Start == len(s) {
			return false
		}
		l, _ := utf8.DecodeLastRuneInString(s[:e.Start])
		r, _ := utf8.DecodeRuneInString(s[e.Start:])
		return inWord(l) && inWord(r)
	}
	if e.Len() > 0 || strings.IndexFunc(e.New, inWord) < 0 {
		return e
	}
	moved := e
	for range len(e.New) {
		if !cuts(moved) {
			return moved
		}
		if c := moved.New[0]; moved.Start >= last || c >= utf8.RuneSelf || s[moved.Start] != c {
			break
		}
		moved = edit.Edit{Span: edit.Span{Start: moved.Start + 1, End: moved.Start + 1}, New: moved.New[1:] + moved.New[:1]}
	}
	return e
}

// words widens a span to the ends of the words that it cuts.
func words(s string, at edit.Span) edit.Span {
	for at.Start > 0 {
		r, n := utf8.DecodeLastRuneInString(s[:at.Start])
		if !inWord(r) {
			break
		}
		at.Start -= n
	}
	for at.End < len(s) {
		r, n := utf8.DecodeRuneInString(s[at.End:])
		if !inWord(r) {
			break
		}
		at.End += n
	}
	return at
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'' || r == '’'
}

// view makes the view of a row; the caller holds the lock.
func (s *Store) view(row uint32) (EditView, error) {
	c := &s.cols
	no := c.doc[row]
	d, err := s.texts.get(no)
	if err != nil {
		return EditView{}, err
	}
	v := EditView{
		ID: s.idString(row), Group: s.groupName(c.group[row]), Conf: s.confidence(row), Tier: c.tier(row).String(), Origin: c.origin(row).String(),
		Status: c.status[row].String(), Applied: c.has(row, flagApplied), Doc: d.Log.Doc, Field: d.Log.Field, Domain: s.domains.list[c.docDomain[no]],
		Places: []string{}, Version: s.version(row), HasText: d.Has, Votes: []Vote{}, Copies: len(s.rowsOf(c.id[row])),
	}
	for _, p := range places {
		if c.has(row, p.flag) {
			v.Places = append(v.Places, p.name)
		}
	}
	if d.Has {
		v.Left, v.Right = before(d.Text, int(c.start[row])), after(d.Text, int(c.end[row]))
	}
	reads := ""
	if v.Group.After != nil {
		reads = *v.Group.After
	}
	if e := s.standingEvent(row); e != nil {
		v.By = s.people.list[e.by]
		if e.act == change && e.extra != nil && e.extra.after != nil {
			reads = *e.extra.after
		}
	}
	if s.willApply(row) {
		v.Reads = &reads
	}
	if v.Group.After != nil || v.Reads != nil {
		v.Pieces = pieces(v.Group.Before, reads)
	} else {
		v.Pieces = []Piece{{"=", v.Group.Before}}
	}
	for t := c.last[s.canon(row)]; t >= 0; t = s.touches[t].prev {
		n := s.touches[t].event
		e := &s.list[n]
		if e.undone {
			continue
		}
		if e.act.decides() {
			break
		}
		if e.vote != noAct {
			v.Votes = append(v.Votes, Vote{int(n) + 1, s.people.list[e.by], e.vote.String()})
		}
	}
	v.Label = label(&v)
	return v, nil
}

// label says an edit in one sentence, for people who hear it.
func label(v *EditView) string {
	what := strings.ReplaceAll(v.Group.Rule, "/", ", ")
	to := "no repair known"
	switch {
	case v.Group.After != nil && *v.Group.After == "":
		to = "take it away"
	case v.Group.After != nil:
		to = "to “" + Visible(*v.Group.After) + "”"
	}
	return what + ": “" + Visible(v.Group.Before) + "” " + to + ", " + percent(v.Conf) + ", " + v.Status
}

func percent(p float64) string {
	s := []byte{}
	n := int(p*1000 + .5)
	s = append(s, []byte(itoa(n/10))...)
	if n%10 != 0 {
		s = append(s, '.', byte('0'+n%10))
	}
	return string(s) + " percent"
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) } // an int never fails

func before(s string, at int) string {
	from := at
	for range contextLen {
		_, n := utf8.DecodeLastRuneInString(s[:from])
		from -= n
	}
	return s[from:at]
}

func after(s string, at int) string {
	to := at
	for range contextLen {
		_, n := utf8.DecodeRuneInString(s[to:])
		to += n
	}
	return s[at:to]
}

// Edits gives edits under a filter, from the one numbered from in their order, at
// most limit.
func (s *Store) Edits(f Filter, from, limit int) (out []EditView, all int, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	rows, err := s.selectLocked(f, nil)
	if err != nil {
		return nil, 0, err
	}
	c := &s.cols
	// The undecided first, hints last among them, then the doubtful: what a person
	// must look at.
	rank := func(r uint32) int {
		switch {
		case !c.status[r].Undecided():
			return 2
		case c.tier(r) == edit.Hint:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(rows, func(a, b uint32) int {
		return cmp.Or(rank(a)-rank(b), int(c.conf[a])-int(c.conf[b]))
	})
	out = []EditView{}
	for _, r := range rows[min(from, len(rows)):min(from+limit, len(rows))] {
		v, err := s.view(r)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, v)
	}
	return out, len(rows), nil
}

// IDs lists the edits under a filter.
func (s *Store) IDs(f Filter) ([]string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	rows, err := s.selectLocked(f, nil)
	out := make([]string, 0, len(rows))
	for _, r := range rows {
		out = append(out, s.idString(r))
	}
	return out, err
}

// View is one edit.
func (s *Store) View(id string) (EditView, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	row, err := s.rowByID(id)
	if err != nil {
		return EditView{}, err
	}
	return s.view(row)
}

// Detail is all that is known of an edit.
type Detail struct {
	EditView
	Why     []string   `json:"why"`
	Alts    []AltView  `json:"alts"`   // rival repairs, best first
	Rivals  []EditView `json:"rivals"` // other edits over the same place
	History []HistRow  `json:"history"`
}

// AltView is a rival repair.
type AltView struct {
	After string  `json:"after"`
	Conf  float64 `json:"conf"`
}

// HistRow is an event in the history.
type HistRow struct {
	Row
	Undone bool `json:"undone"`
	Count  int  `json:"count"` // edits it spoke of
}

// Detail tells all of an edit.
func (s *Store) Detail(id string) (Detail, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	row, err := s.rowByID(id)
	if err != nil {
		return Detail{}, err
	}
	v, err := s.view(row)
	if err != nil {
		return Detail{}, err
	}
	out := Detail{EditView: v, Why: []string{}, Alts: []AltView{}, Rivals: []EditView{}, History: []HistRow{}}
	d, err := s.texts.get(s.cols.doc[row])
	if err != nil {
		return out, err
	}
	if n := int(row - s.docs[s.cols.doc[row]].first); n < len(d.Log.Edits) {
		e := &d.Log.Edits[n]
		out.Why = append(out.Why, e.Why...)
		for _, a := range e.Alts {
			out.Alts = append(out.Alts, AltView{a.After, a.Conf})
		}
	}
	c := &s.cols
	at := edit.Span{Start: int(c.start[row]), End: int(c.end[row])}
	di := s.docs[c.doc[row]]
	for r := di.first; r < di.first+di.edits; r++ {
		if r != row && at.Overlaps(edit.Span{Start: int(c.start[r]), End: int(c.end[r])}) {
			rv, err := s.view(r)
			if err != nil {
				return out, err
			}
			out.Rivals = append(out.Rivals, rv)
		}
	}
	for t := c.last[s.canon(row)]; t >= 0 && len(out.History) < 50; t = s.touches[t].prev {
		h, err := s.histRow(int(s.touches[t].event))
		if err != nil {
			return out, err
		}
		out.History = append(out.History, h)
	}
	return out, nil
}

// histRow tells of the event numbered no, from 0, without its ids.
func (s *Store) histRow(no int) (HistRow, error) {
	e := &s.list[no]
	h := HistRow{Undone: e.undone, Count: int(e.to - e.from)}
	for of := e; of.act == undo; h.Count = int(of.to - of.from) {
		of = &s.list[of.of-1]
	}
	var line []byte
	err := s.db.QueryRow("SELECT line FROM decisions WHERE seq = ?", no+1).Scan(&line)
	if err == sql.ErrNoRows { // on its way to the disk
		h.Seq, h.By, h.Act, h.Basis, h.At = no+1, s.people.list[e.by], e.act.String(), e.basis.String(), time.Unix(0, e.at).UTC().Format(time.RFC3339)
		return h, nil
	}
	if err != nil {
		return h, err
	}
	err = json.Unmarshal(line, &h.Row)
	h.IDs = h.IDs[:min(len(h.IDs), 3)]
	return h, err
}

// History gives events, newest first, from before the seq before (0 for all).
func (s *Store) History(beforeSeq, limit int, by string) ([]HistRow, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := []HistRow{}
	from := len(s.list)
	if beforeSeq > 0 {
		from = min(from, beforeSeq-1)
	}
	for no := from - 1; no >= 0 && len(out) < limit; no-- {
		if by != "" && s.people.list[s.list[no].by] != by {
			continue
		}
		h, err := s.histRow(no)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// Part is a stretch of an article: plain text, or an edit in its place.
type Part struct {
	Text string    `json:"text,omitempty"`
	Edit *EditView `json:"edit,omitempty"`
	N    int       `json:"n,omitempty"` // the edit's number in the article, from 1
}

// DocView is a whole article with every edit in its place. Where edits overlap,
// the one that is to be applied, or else the likeliest, stands in the text.
type DocView struct {
	Doc     string     `json:"doc"`
	Field   string     `json:"field"`
	Domain  string     `json:"domain"`
	HasText bool       `json:"has_text"`
	Parts   []Part     `json:"parts"`
	Others  []EditView `json:"others"` // that overlap one in the text
	Damage  []Share    `json:"damage"`
}

// Share is how sure the diagnosis is of one process.
type Share struct {
	Process string  `json:"process"`
	P       float64 `json:"p"`
}

// DocOf shows the article that an edit stands in.
func (s *Store) DocOf(id string) (DocView, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	row, err := s.rowByID(id)
	if err != nil {
		return DocView{}, err
	}
	c := &s.cols
	no := c.doc[row]
	d, err := s.texts.get(no)
	if err != nil {
		return DocView{}, err
	}
	v := DocView{Doc: d.Log.Doc, Field: d.Log.Field, Domain: s.domains.list[c.docDomain[no]], HasText: d.Has, Parts: []Part{}, Others: []EditView{}, Damage: []Share{}}
	for _, sh := range d.Log.Damage {
		v.Damage = append(v.Damage, Share{sh.Process, sh.P})
	}
	di := s.docs[no]
	var rows []uint32
	for r := di.first; r < di.first+di.edits; r++ {
		rows = append(rows, r)
	}
	rank := func(r uint32) int {
		switch {
		case r == row:
			return 0
		case s.willApply(r):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(rows, func(a, b uint32) int {
		if x := rank(a) - rank(b); x != 0 {
			return x
		}
		return int(c.conf[b]) - int(c.conf[a])
	})
	var shown []uint32
	for _, r := range rows {
		at := edit.Span{Start: int(c.start[r]), End: int(c.end[r])}
		if slices.ContainsFunc(shown, func(o uint32) bool { return at.Overlaps(edit.Span{Start: int(c.start[o]), End: int(c.end[o])}) }) {
			ev, err := s.view(r)
			if err != nil {
				return v, err
			}
			v.Others = append(v.Others, ev)
			continue
		}
		shown = append(shown, r)
	}
	slices.SortFunc(shown, func(a, b uint32) int {
		if x := int(c.start[a]) - int(c.start[b]); x != 0 {
			return x
		}
		return int(c.end[a]) - int(c.end[b])
	})
	at := 0
	for i, r := range shown {
		ev, err := s.view(r)
		if err != nil {
			return v, err
		}
		if d.Has && int(c.start[r]) >= at {
			if t := d.Text[at:c.start[r]]; t != "" {
				v.Parts = append(v.Parts, Part{Text: t})
			}
		}
		v.Parts = append(v.Parts, Part{Edit: &ev, N: i + 1})
		at = int(c.end[r])
	}
	if d.Has && at < len(d.Text) {
		v.Parts = append(v.Parts, Part{Text: d.Text[at:]})
	}
	return v, nil
}

// Line is one line of the queue as the page shows it.
type Line struct {
	Group GroupName `json:"group"`           // of a family its first group
	Shape string    `json:"shape,omitempty"` // for a family
	Doc   string    `json:"doc,omitempty"`
	ID    string    `json:"id"` // of the first edit
	N     int       `json:"n"`
	Docs  int       `json:"docs"`
	Min   float64   `json:"min"`
	Max   float64   `json:"max"`
	Work  float64   `json:"work"`
	Here  string    `json:"here,omitempty"` // who else is at it
	// The difference, for texts too long to show twice.
	Pieces []Piece `json:"pieces,omitempty"`
}

// longText is from which length, in bytes, a line of the queue shows only the
// difference.
const longText = 48

// Lines gives some lines of an answer.
func (s *Store) Lines(a *Answer, from, limit int) ([]Line, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := []Line{}
	for _, e := range a.Entries[min(from, len(a.Entries)):min(from+limit, len(a.Entries))] {
		l := Line{ID: s.idString(e.first), N: e.n, Docs: e.docs, Min: float64(e.min) / 1e4, Max: float64(e.max) / 1e4, Work: e.work}
		switch a.Query.View {
		case "docs":
			if err := s.db.QueryRow("SELECT doc FROM docs WHERE id = ?", e.key).Scan(&l.Doc); err != nil {
				return nil, err
			}
			l.Group = s.groupName(s.cols.group[e.first])
		case "edits":
			l.Group = s.groupName(s.cols.group[e.key])
		case "families":
			l.Group = s.groupName(e.key)
			l.Shape = s.groups[e.key].shape
		default:
			l.Group = s.groupName(e.key)
		}
		if l.Group.After != nil && len(l.Group.Before) > longText {
			l.Pieces = pieces(l.Group.Before, *l.Group.After)
		}
		out = append(out, l)
	}
	return out, nil
}

// Visible draws characters that a reader cannot see or that could steer a
// terminal or turn a line about: line ends as ⏎, tabs as ⇥, others by their short
// name or number.
func Visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		if m := Mark(r); m != "" {
			b.WriteString(m)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
