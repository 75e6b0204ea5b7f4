package review

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"copydesk/repair/edit"
)

// Role is what a person may do; each may do what those before it may.
type Role string

// The roles.
const (
	Propose Role = "propose" // answers become flags that someone else confirms
	Decider Role = "decide"  // one edit at a time
	Bulk    Role = "bulk"    // groups, with a sample
	Lead    Role = "lead"    // settles conflicts, undoes anybody's, promotes rules, invites
)

var roles = []Role{Propose, Decider, Bulk, Lead}

// May reports whether a role holds the rights of another.
func (r Role) May(need Role) bool { return slices.Index(roles, r) >= slices.Index(roles, need) }

// ParseRole reads a role's name.
func ParseRole(s string) (Role, error) {
	if !slices.Contains(roles, Role(s)) {
		return "", fmt.Errorf("unknown role %q: use propose, decide, bulk or lead", s)
	}
	return Role(s), nil
}

// Act is what a person says of edits.
type Act struct {
	By     string
	Role   Role
	Act    string
	IDs    []string // the edits, or
	Rows   []uint32 // the same by row
	After  *string  // for change
	Basis  string   // seen, sampled or auto
	Reason string
	Note   string
	Seen   *int // the version that was on the screen; nil looks at none (see version)
	Ms     int  // how long it was looked at
	Filter *Filter
	Sample *Sampled
	Never  *Never

	with  int  // goes with an earlier row
	force bool // a machine's order, nobody's answer
}

// Result says what became of an act.
type Result struct {
	Seq     int            `json:"seq"`  // of its row, 0 when nothing was left to say
	Did     int            `json:"did"`  // edits, copies counted once
	Left    map[string]int `json:"left"` // edits that were left alone, by reason
	Vote    bool           `json:"vote"` // it stands beside another's answer, or waits for one who may decide
	Undoing []int          `json:"undoing,omitempty"`
}

// Refusal is a decision that the state does not allow. Code is a word for
// programs: stale, changed, role, hint, conflict or busy.
type Refusal struct {
	Code, Message string
}

func (r *Refusal) Error() string { return r.Message }

func refuse(code, format string, args ...any) error {
	return &Refusal{code, fmt.Sprintf(format, args...)}
}

// maxText bounds what a person may type for one place, in bytes.
const maxText = 1 << 16

// Decide takes an answer on single edits. When it returns, the answer is on the
// disk.
func (s *Store) Decide(a Act) (Result, error) {
	s.mu.Lock()
	if len(a.IDs) > 0 && a.Rows == nil {
		for _, text := range a.IDs {
			id, err := parseID(text)
			if err != nil {
				s.mu.Unlock()
				return Result{}, err
			}
			rows := s.rowsOf(id)
			if len(rows) == 0 {
				s.mu.Unlock()
				return Result{}, refuse("stale", "no edit %s is in the store", text)
			}
			a.Rows = append(a.Rows, rows[0])
		}
	}
	p, err := s.decideLocked(a)
	s.mu.Unlock()
	if err != nil {
		return Result{}, err
	}
	return p.wait()
}

// pendingResult is a result whose rows are on their way to the disk.
type pendingResult struct {
	Result
	savings []*saving
}

func (p *pendingResult) wait() (Result, error) {
	for _, v := range p.savings {
		if err := v.wait(); err != nil {
			return Result{}, err
		}
	}
	return p.Result, nil
}

func (s *Store) decideLocked(a Act) (*pendingResult, error) {
	what, err := parseAct(a.Act)
	if err != nil || what >= undo {
		return nil, refuse("act", "unknown act %q: use accept, reject, change, skip or flag", a.Act)
	}
	switch {
	case a.By == "":
		return nil, refuse("who", "nobody signs this decision")
	case what == change && a.After == nil:
		return nil, refuse("act", "a change needs the text that the place is to read")
	case a.After != nil && len(*a.After) > maxText:
		return nil, refuse("act", "the text is longer than %d bytes", maxText)
	case a.After != nil && strings.ContainsRune(*a.After, 0):
		return nil, refuse("act", "the text holds a NUL")
	case what != change:
		a.After = nil
	}
	out := &pendingResult{Result: Result{Left: map[string]int{}}}
	var members, votes []uint32
	single := len(a.Rows) == 1
	taken := map[uint32]bool{} // members of this act
	for _, row := range a.Rows {
		row = s.canon(row)
		if taken[row] {
			continue
		}
		why, vote, err := s.mayDecide(a, what, row, single)
		if err != nil {
			return nil, err
		}
		if why == "" && !single && (what == accept || what == change) {
			if len(s.rivals(row)) > 0 {
				why = "overlaps another edit that is to be applied"
			}
			if why == "" && s.overlapsTaken(row, taken) {
				why = "overlaps another edit of this act"
			}
		}
		switch {
		case why != "":
			out.Left[why]++
			continue
		case vote:
			votes = append(votes, row)
		default:
			members = append(members, row)
		}
		taken[row] = true
	}
	row := Row{Decision: edit.Decision{By: a.By, Act: a.Act, After: a.After, Basis: a.Basis, Reason: a.Reason}, Note: a.Note, Ms: a.Ms, Sample: a.Sample, Never: a.Never, With: a.with}
	if a.Filter != nil {
		if row.Where, err = json.Marshal(a.Filter); err != nil {
			return nil, err
		}
	}
	put := func(row Row, rows []uint32) error {
		v, err := s.appendRow(row, rows)
		if err == nil {
			out.savings = append(out.savings, v)
			out.Seq, out.Did = v.seq, out.Did+len(rows)
		}
		return err
	}
	var lose []uint32
	if what == accept || what == change {
		for _, m := range members {
			for _, r := range s.rivals(m) {
				if c := s.canon(r); !taken[c] && !slices.Contains(lose, c) {
					lose = append(lose, c)
				}
			}
		}
	}
	if len(members) > 0 {
		if err := put(row, members); err != nil {
			return out, err
		}
		if len(lose) > 0 {
			seq := out.Seq
			err := put(Row{Decision: edit.Decision{By: a.By, Act: "reject", Basis: "auto", Reason: "gives way to an overlapping edit"}, With: seq}, lose)
			out.Seq, out.Did = seq, len(members)
			if err != nil {
				return out, err
			}
		}
	}
	if len(votes) > 0 {
		row.Vote, row.Act, row.Sample, row.Never = a.Act, "flag", nil, nil
		out.Vote = true
		if err := put(row, votes); err != nil {
			return out, err
		}
	}
	return out, nil
}

// overlapsTaken reports whether an edit overlaps a member of the act.
func (s *Store) overlapsTaken(row uint32, taken map[uint32]bool) bool {
	c := &s.cols
	at := edit.Span{Start: int(c.start[row]), End: int(c.end[row])}
	d := s.docs[c.doc[row]]
	for r := row; r > d.first; { // members come in the order of rows
		r--
		if taken[r] && at.Overlaps(edit.Span{Start: int(c.start[r]), End: int(c.end[r])}) {
			return true
		}
	}
	return false
}

// mayDecide says why an edit is left alone, or whether the answer is only a vote.
// A single edit is refused with an error, one of many is left with a reason.
func (s *Store) mayDecide(a Act, what act, row uint32, single bool) (why string, vote bool, err error) {
	c := &s.cols
	no := func(code, text string) (string, bool, error) {
		if single && !a.force {
			return "", false, refuse(code, "%s: %s", s.idString(row), text)
		}
		return text, false, nil
	}
	if a.force {
		return "", false, nil
	}
	live := false
	for _, r := range s.rowsOf(c.id[row]) {
		live = live || !c.has(r, flagDead)
	}
	switch {
	case !live && what != skip && what != flag:
		return no("stale", "its document was repaired anew; a newer log speaks of it")
	case what == accept && c.has(row, flagNoAfter):
		return no("hint", "a hint without a repair cannot be accepted; type what the place is to read")
	case !single && what == accept && c.tier(row) == edit.Hint:
		return "a hint is never accepted in bulk", false, nil
	}
	if !what.decides() {
		return "", false, nil
	}
	if single && a.Seen != nil && *a.Seen != s.version(row) {
		return "", false, refuse("changed", "%s", s.whoChanged(row))
	}
	if !a.Role.May(Decider) {
		return "", true, nil
	}
	e := s.standingEvent(row)
	if e == nil || s.people.list[e.by] == a.By || e.basis == auto && e.of > 0 || a.Role == Lead && single {
		return "", false, nil
	}
	same := e.act == what && (what != change || e.extra != nil && e.extra.after != nil && *e.extra.after == *a.After)
	switch {
	case same:
		return "", false, nil
	case single:
		return "", true, nil
	}
	return "someone else decided otherwise", false, nil
}

// whoChanged tells what happened to an edit since it was on the screen.
func (s *Store) whoChanged(row uint32) string {
	v := s.version(row)
	if v == 0 {
		return "a decision on this edit was taken back meanwhile; look again"
	}
	e := &s.list[v-1]
	return fmt.Sprintf("%s said %s meanwhile (%s); look again", s.people.list[e.by], e.act, time.Unix(0, e.at).UTC().Format("15:04:05"))
}

// UndoQuery names what is to be taken back: one row, or all rows that fit.
type UndoQuery struct {
	Of    int       `json:"of,omitempty"`
	By    string    `json:"by,omitempty"`
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
	Rule  string    `json:"rule,omitempty"`
	Last  bool      `json:"last,omitempty"` // only the newest that fits
}

// Undo takes back what fits, newest first. With preview it only says what that
// would be. Only a lead takes back what others said.
func (s *Store) Undo(q UndoQuery, by string, role Role, note string, preview bool) (Result, error) {
	s.mu.Lock()
	p, err := s.undoLocked(q, by, role, note, preview)
	s.mu.Unlock()
	if err != nil {
		return Result{}, err
	}
	return p.wait()
}

func (s *Store) undoLocked(q UndoQuery, by string, role Role, note string, preview bool) (*pendingResult, error) {
	out := &pendingResult{Result: Result{Left: map[string]int{}}}
	var seqs []int
	for i := len(s.list) - 1; i >= 0; i-- {
		e := &s.list[i]
		who := s.people.list[e.by]
		switch {
		case e.undone, q.Of > 0 && i+1 != q.Of, q.Of == 0 && e.act == undo, q.Of == 0 && e.of > 0,
			q.By != "" && who != q.By, !q.Since.IsZero() && e.at < q.Since.UnixNano(), !q.Until.IsZero() && e.at > q.Until.UnixNano():
			continue
		}
		if q.Rule != "" {
			if in, all := s.touchesRule(e, q.Rule); !in {
				continue
			} else if !all {
				out.Left["also spoke of other rules: undo them one by one"]++
				continue
			}
		}
		if who != by && !role.May(Lead) {
			if q.Of > 0 {
				return nil, refuse("role", "row %d is %s's; only a lead takes back what others said", i+1, who)
			}
			out.Left["is another person's"]++
			continue
		}
		seqs = append(seqs, i+1)
		if q.Last || q.Of > 0 {
			break
		}
	}
	if q.Of > 0 && len(seqs) == 0 {
		return nil, refuse("changed", "row %d is not there, or was taken back already", q.Of)
	}
	// What went with a row goes with it again.
	for _, seq := range slices.Clone(seqs) {
		for i := seq; i < len(s.list); i++ {
			if e := &s.list[i]; int(e.of) == seq && e.act != undo && !e.undone && !slices.Contains(seqs, i+1) {
				seqs = append(seqs, i+1)
			}
			if i > seq+2 && s.list[seq-1].extra == nil {
				break // only a standing order has followers later than the next rows
			}
		}
	}
	sort.Sort(sort.Reverse(sort.IntSlice(seqs)))
	for _, seq := range seqs {
		e := &s.list[seq-1]
		out.Did += int(e.to - e.from)
		out.Undoing = append(out.Undoing, seq)
		if preview {
			continue
		}
		of := seq
		v, err := s.appendRow(Row{Decision: edit.Decision{By: by, Act: "undo", Of: &of}, Note: note}, nil)
		if err != nil {
			return out, err
		}
		out.savings = append(out.savings, v)
		out.Seq = v.seq
	}
	return out, nil
}

func (s *Store) touchesRule(e *event, rule string) (some, all bool) {
	all = true
	for _, t := range s.touches[e.from:e.to] {
		if s.ruleOf(uint32(t.row)) == rule {
			some = true
		} else {
			all = false
		}
	}
	return some, all
}

// Never is a standing order: reject these now and in every later import.
type Never struct {
	Scope  string `json:"scope"`
	Filter Filter `json:"filter"`
}

// Scopes of never-again, from narrow to wide.
var Scopes = []string{"edit", "document", "source", "group", "rule"}

// NeverFilter is what a scope covers, seen from one edit.
func (s *Store) NeverFilter(id, scope string) (Filter, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	row, err := s.rowByID(id)
	if err != nil {
		return Filter{}, err
	}
	c := &s.cols
	g := s.groupName(c.group[row])
	f := Filter{Group: &g}
	switch scope {
	case "edit":
		f = Filter{ID: id}
	case "document":
		d, err := s.texts.get(c.doc[row])
		if err != nil {
			return Filter{}, err
		}
		f.Doc = &d.Log.Doc
	case "source":
		h := s.domains.list[c.docDomain[c.doc[row]]]
		if h == "" {
			return Filter{}, refuse("scope", "this document has no web address, so no source is known")
		}
		f.Domain = []string{h}
	case "group":
	case "rule":
		f = Filter{Rule: []string{g.Rule}}
	default:
		return Filter{}, refuse("scope", "unknown scope %q: use %s", scope, strings.Join(Scopes, ", "))
	}
	return f, nil
}

func (s *Store) rowByID(id string) (uint32, error) {
	b, err := parseID(id)
	if err != nil {
		return 0, err
	}
	rows := s.rowsOf(b)
	if len(rows) == 0 {
		return 0, refuse("stale", "no edit %s is in the store", id)
	}
	for _, r := range rows {
		if !s.cols.has(r, flagDead) {
			return r, nil
		}
	}
	return rows[0], nil
}

// Never rejects what a scope covers, now and later. Undoing its row lifts it.
// With preview it only counts.
func (s *Store) Never(id, scope, by string, role Role, reason string, preview bool) (Result, error) {
	f, err := s.NeverFilter(id, scope)
	if err != nil {
		return Result{}, err
	}
	need := Bulk
	switch scope {
	case "edit":
		need = Decider
	case "rule":
		need = Lead
	}
	if !role.May(need) && !preview {
		return Result{}, refuse("role", "never again for a %s needs the role %s", scope, need)
	}
	s.mu.Lock()
	rows, err := s.selectLocked(f, undecidedOrApplied)
	if err != nil || preview {
		s.mu.Unlock()
		return Result{Did: len(rows)}, err
	}
	if len(rows) == 0 {
		one, err := s.rowByID(id)
		if err != nil {
			s.mu.Unlock()
			return Result{}, err
		}
		rows = []uint32{one}
	}
	p, err := s.decideLocked(Act{By: by, Role: role, Act: "reject", Rows: rows, Basis: basisOf(rows), Reason: reason, Filter: &f, Never: &Never{scope, f}})
	s.mu.Unlock()
	if err != nil {
		return Result{}, err
	}
	return p.wait()
}

// basisOf is the basis of a reject: only a single edit was looked at.
func basisOf(rows []uint32) string {
	if len(rows) == 1 {
		return seen.String()
	}
	return auto.String()
}

func undecidedOrApplied(st Status) bool { return st.Undecided() }

// applyNever carries standing orders out on rows from a new import.
func (s *Store) applyNever(from uint32) error {
	if int(from) >= s.cols.Len() {
		return nil
	}
	for _, no := range s.orders {
		e := &s.list[no]
		if e.undone {
			continue
		}
		rows, err := s.selectLocked(e.extra.never.Filter, undecidedOrApplied)
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(r uint32) bool { return r < from })
		if len(rows) == 0 {
			continue
		}
		p, err := s.decideLocked(Act{
			By: s.people.list[e.by], Act: "reject", Rows: rows, Basis: "auto",
			Reason: fmt.Sprintf("never again, as row %d says", no+1), with: int(no) + 1, force: true,
		})
		if err != nil {
			return err
		}
		if _, err := p.wait(); err != nil {
			return err
		}
	}
	return nil
}

// Export writes all decisions as JSON Lines, as `copydesk apply` reads them.
func (s *Store) Export(w io.Writer) error {
	bw := bufio.NewWriterSize(w, 1<<16)
	from := 0
	for {
		lines, err := s.exportSome(from)
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			return bw.Flush()
		}
		for _, l := range lines {
			if _, err := bw.Write(append(l, '\n')); err != nil {
				return err
			}
		}
		from += len(lines)
	}
}

// exportSome reads a few rows at a time, so that a slow reader holds nobody up.
func (s *Store) exportSome(from int) (lines [][]byte, err error) {
	rows, err := s.db.Query("SELECT line FROM decisions WHERE seq > ? ORDER BY seq LIMIT 1000", from)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l []byte
		if err := rows.Scan(&l); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
}

// ImportedDecisions says what ImportDecisions did.
type ImportedDecisions struct {
	New, Same, Conflicts, Unknown int
}

// ImportDecisions takes answers that were given elsewhere. They are matched by
// id; each keeps its author and basis. An answer that differs from one that
// stands here becomes a conflict: both are kept, and a lead settles.
func (s *Store) ImportDecisions(ctx context.Context, r io.Reader, by string, from string) (ImportedDecisions, error) {
	list, err := edit.ReadDecisions(r)
	if err != nil {
		return ImportedDecisions{}, err
	}
	var out ImportedDecisions
	for _, d := range standing(list) {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		s.mu.Lock()
		p, err := s.importOne(&out, d, by, from)
		s.mu.Unlock()
		if err != nil {
			return out, err
		}
		if _, err := p.wait(); err != nil {
			return out, err
		}
	}
	return out, nil
}

// standing drops what was taken back or overruled, and from each row the edits
// on which a later row speaks.
func standing(list []edit.Decision) []edit.Decision {
	undone := map[int]bool{}
	said := map[string]bool{}
	var out []edit.Decision
	for _, d := range slices.Backward(list) {
		switch {
		case undone[d.Seq]:
		case d.Act == "undo":
			undone[*d.Of] = true
		case d.Act == "accept" || d.Act == "reject" || d.Act == "change":
			d.IDs = slices.DeleteFunc(slices.Clone(d.IDs), func(id string) bool { return said[id] })
			for _, id := range d.IDs {
				said[id] = true
			}
			if len(d.IDs) > 0 {
				out = append(out, d)
			}
		}
	}
	slices.Reverse(out)
	return out
}

func (s *Store) importOne(out *ImportedDecisions, d edit.Decision, by, from string) (*pendingResult, error) {
	what, err := parseAct(d.Act)
	if err != nil {
		return nil, err
	}
	author := d.By
	if author == "" {
		author = by
	}
	var news, votes []uint32
	for _, text := range d.IDs {
		id, err := parseID(text)
		if err != nil {
			return nil, fmt.Errorf("decision %d: %w", d.Seq, err)
		}
		rows := s.rowsOf(id)
		if len(rows) == 0 || what == accept && s.cols.has(rows[0], flagNoAfter) {
			out.Unknown++
			continue
		}
		e := s.standingEvent(rows[0])
		switch {
		case e == nil:
			news = append(news, rows[0])
			out.New++
		case e.act == what && (what != change || *e.extra.after == *d.After):
			out.Same++
		case s.voted(rows[0], what, author):
			out.Same++
		default:
			votes = append(votes, rows[0])
			out.Conflicts++
		}
	}
	p := &pendingResult{}
	row := Row{Decision: edit.Decision{By: author, Act: d.Act, After: d.After, Basis: d.Basis, Reason: d.Reason}, Note: "said at " + d.At + ", brought in by " + by, From: from}
	if len(news) > 0 {
		v, err := s.appendRow(row, news)
		if err != nil {
			return p, err
		}
		p.savings = append(p.savings, v)
	}
	if len(votes) > 0 {
		row.Vote, row.Act = d.Act, "flag"
		v, err := s.appendRow(row, votes)
		if err != nil {
			return p, err
		}
		p.savings = append(p.savings, v)
	}
	return p, nil
}

// voted reports whether a person's differing answer is on file already.
func (s *Store) voted(row uint32, what act, by string) bool {
	for t := s.cols.last[s.canon(row)]; t >= 0; t = s.touches[t].prev {
		if e := &s.list[s.touches[t].event]; !e.undone && e.vote == what && s.people.list[e.by] == by {
			return true
		}
	}
	return false
}

// VerifyDecisions checks the chain of an exported file.
func VerifyDecisions(r io.Reader) (rows int, err error) {
	br := bufio.NewReaderSize(r, 1<<16)
	prev := ""
	for {
		line, err := readLine(br)
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var row Row
		if err := json.Unmarshal(line, &row); err != nil {
			return rows, fmt.Errorf("decisions line %d: %w", rows+1, err)
		}
		rows++
		if prev, err = checkLink(line, row.Seq, rows, prev); err != nil {
			return rows, err
		}
	}
}
