package review

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Desk is the review in a terminal: the same queue, keys and acts as the page.
// It holds what is on the screen; Key and Type are its only inputs, Screen its
// only output, so that the full screen and the line prompts are one program.
type Desk struct {
	s      *Store
	by     string
	role   Role
	keys   []Binding
	Ink    bool   // colour, for terminals
	Typing string // what is to be typed; "" when keys are awaited
	typed  func(string)
	Typed0 string // what the line begins with

	query    Query
	answer   *Answer
	lines    []Line
	line     int
	edits    []EditView
	all, at  int
	inside   bool
	sides    bool
	original bool
	doc      *DocView
	docAt    int
	docList  []EditView
	plan     *Plan
	planIDs  []string
	confirm  func() // waits for Enter
	choices  []func()
	page     []string // a text over the screen: help, history, rules
	message  string
	since    time.Time
}

// NewDesk opens a desk on a filter.
func NewDesk(s *Store, by string, role Role, keys []Binding, f Filter) (*Desk, error) {
	if len(f.Status) == 0 {
		f.Status = []string{"open"}
	}
	f.NotRule = append(f.NotRule, s.OnProbation()...)
	d := &Desk{s: s, by: by, role: role, keys: keys, query: Query{Filter: f, View: "groups"}}
	return d, d.refresh()
}

func (d *Desk) refresh() error {
	a, err := d.s.Ask(d.query)
	if err != nil {
		return err
	}
	d.answer = a
	if d.lines, err = d.s.Lines(a, 0, pageLimit); err != nil {
		return err
	}
	d.line = min(d.line, max(0, len(d.lines)-1))
	return d.open()
}

func (d *Desk) lineFilter() Filter {
	f, l := d.query.Filter, d.lines[d.line]
	switch d.query.View {
	case "docs":
		f.Doc = &l.Doc
	case "families":
		f.Rule, f.Shape = []string{l.Group.Rule}, l.Shape
	case "edits":
		return Filter{ID: l.ID}
	default:
		f.Group = &l.Group
	}
	return f
}

// deskEdits is how many edits of a line are held.
const deskEdits = 100

func (d *Desk) open() (err error) {
	d.edits, d.all, d.at, d.doc, d.original = nil, 0, 0, nil, false
	d.since = time.Now()
	if len(d.lines) > 0 {
		d.edits, d.all, err = d.s.Edits(d.lineFilter(), 0, deskEdits)
	}
	return err
}

// cur is the edit that acts speak of.
func (d *Desk) cur() *EditView {
	switch {
	case d.plan != nil:
		if st := d.plan.State(); st.Next != "" {
			if v, err := d.s.View(st.Next); err == nil {
				return &v
			}
		}
		return nil
	case d.doc != nil:
		return &d.docList[d.docAt]
	case d.at < len(d.edits):
		return &d.edits[d.at]
	}
	return nil
}

// Key takes a key as the table names it. It reports whether the review is over.
func (d *Desk) Key(k string) (quit bool) {
	d.message = ""
	if d.choices != nil {
		list := d.choices
		d.choices, d.page = nil, nil
		if i := strings.Index("123456789", k); i >= 0 && len(k) == 1 && i < len(list) {
			list[i]()
		}
		return false
	}
	if d.page != nil {
		d.page = nil
		return false
	}
	if d.confirm != nil {
		do := d.confirm
		d.confirm = nil
		if k == "Enter" {
			do()
		} else {
			d.message = "left as it was"
		}
		return false
	}
	i := slices.IndexFunc(d.keys, func(b Binding) bool { return slices.Contains(b.Keys, k) })
	if i < 0 {
		d.message = fmt.Sprintf("no key %s; ? shows all", Visible(k))
		return false
	}
	if d.keys[i].Do == "quit" {
		return true
	}
	if err := d.do(d.keys[i].Do, k); err != nil {
		d.message = err.Error()
		d.reload()
	}
	return false
}

// reload looks again at the edits on the screen.
func (d *Desk) reload() {
	for _, list := range [][]EditView{d.edits, d.docList} {
		for i := range list {
			if v, err := d.s.View(list[i].ID); err == nil {
				list[i] = v
			}
		}
	}
}

// Type ends the typing.
func (d *Desk) Type(text string) {
	do := d.typed
	d.Typing, d.typed, d.Typed0 = "", nil, ""
	if do != nil {
		do(text)
	}
}

func (d *Desk) ask(prompt, begin string, do func(string) error) {
	d.Typing, d.Typed0 = prompt, begin
	d.typed = func(s string) {
		if err := do(s); err != nil {
			d.message = err.Error()
			d.reload()
		}
	}
}

// Cancel ends the typing without a word.
func (d *Desk) Cancel() { d.Typing, d.typed, d.Typed0, d.page = "", nil, "", nil }

func (d *Desk) do(what, key string) error {
	e := d.cur()
	switch what {
	case "accept", "reject", "skip", "flag", "change", "note", "alternative", "never", "document", "original":
		if e == nil {
			d.message = "nothing here to decide"
			return nil
		}
	}
	switch what {
	case "accept", "reject", "skip", "flag":
		return d.decide(e, Act{Act: what})
	case "change":
		begin := e.Group.Before
		if e.Reads != nil {
			begin = *e.Reads
		} else if e.Group.After != nil {
			begin = *e.Group.After
		}
		d.ask("the place is to read", begin, func(s string) error { return d.decide(e, Act{Act: "change", After: &s}) })
	case "note":
		d.ask("note", "", func(s string) error { return d.decide(e, Act{Act: "flag", Note: s}) })
	case "alternative":
		return d.alternative(e, int(key[0]-'1'))
	case "undo":
		return d.undo()
	case "accept-group":
		return d.startPlan()
	case "reject-group":
		return d.rejectGroup()
	case "never":
		return d.never(e)
	case "next":
		return d.move(1)
	case "previous":
		return d.move(-1)
	case "next-open":
		return d.moveOpen(1)
	case "previous-open":
		return d.moveOpen(-1)
	case "enter":
		if d.plan != nil {
			return d.take()
		}
		d.inside = true
	case "leave":
		switch {
		case d.plan != nil:
			d.plan, d.planIDs = nil, nil
			d.message = "stopped; what you judged is kept"
			return d.refresh()
		case d.doc != nil:
			d.doc = nil
			d.reload()
		default:
			d.inside = false
		}
	case "groups", "edits", "families":
		d.query.View, d.line, d.inside = what, 0, false
		return d.refresh()
	case "document":
		if d.doc != nil {
			d.doc = nil
			return nil
		}
		return d.openDoc(e)
	case "diff":
		d.sides = !d.sides
	case "original":
		d.original = !d.original
	case "search":
		d.ask("search (empty takes it away)", d.query.Filter.Text, d.search)
	case "floor-up", "floor-down":
		d.floor(what == "floor-up")
		return d.refresh()
	case "refresh":
		return d.refresh()
	case "rules":
		d.page = d.rulesPage()
	case "help":
		d.page = d.helpPage()
	case "history":
		return d.historyPage()
	}
	return nil
}

func (d *Desk) put(id string) {
	v, err := d.s.View(id)
	if err != nil {
		return
	}
	for _, list := range [][]EditView{d.edits, d.docList} {
		for i := range list {
			if list[i].ID == id {
				list[i] = v
			}
		}
	}
}

var pastTense = map[string]string{"accept": "accepted", "reject": "rejected", "change": "changed", "skip": "skipped", "flag": "flagged"}

func (d *Desk) decide(e *EditView, a Act) error {
	a.By, a.Role, a.Basis, a.IDs, a.Ms = d.by, d.role, "seen", []string{e.ID}, int(time.Since(d.since).Milliseconds())
	a.Seen = &e.Version
	if d.plan != nil {
		if a.Act != "accept" && a.Act != "reject" && a.Act != "change" {
			d.message = "in a sample every edit is right (a), wrong (x) or corrected (c)"
			return nil
		}
		if _, _, err := d.plan.Judge(e.ID, a); err != nil {
			return err
		}
		d.planIDs = append(d.planIDs, e.ID)
		d.since = time.Now()
		return nil
	}
	r, err := d.s.Decide(a)
	if err != nil {
		return err
	}
	d.message = pastTense[a.Act] + ": " + Visible(e.Group.Before)
	if r.Vote {
		d.message += " (it stands beside the other answer until a lead settles)"
	}
	d.put(e.ID)
	d.since = time.Now()
	return d.advance()
}

func undecided(e EditView) bool {
	switch e.Status {
	case "proposed", "applied", "skipped", "flagged", "conflict":
		return true
	}
	return false
}

func (d *Desk) advance() error {
	if d.doc != nil {
		for i := d.docAt + 1; i < len(d.docList); i++ {
			if undecided(d.docList[i]) {
				d.docAt = i
				return nil
			}
		}
		return nil
	}
	for i := d.at + 1; i < len(d.edits); i++ {
		if undecided(d.edits[i]) {
			d.at = i
			return nil
		}
	}
	if d.all > len(d.edits) {
		news, all, err := d.s.Edits(d.lineFilter(), 0, deskEdits)
		if err != nil {
			return err
		}
		if len(news) > 0 && undecided(news[0]) && news[0].Status != "skipped" && news[0].Status != "flagged" {
			d.edits, d.all, d.at = news, all, 0
			return nil
		}
	}
	if d.line+1 < len(d.lines) {
		d.line++
		return d.open()
	}
	d.message += "; the end of this list, r shows what is left"
	return nil
}

func (d *Desk) move(step int) error {
	switch {
	case d.plan != nil:
		return nil
	case d.doc != nil:
		d.docAt = min(max(d.docAt+step, 0), len(d.docList)-1)
		return nil
	case d.inside && d.at+step >= 0 && d.at+step < len(d.edits):
		d.at += step
		return nil
	case d.line+step < 0 || d.line+step >= len(d.lines):
		return d.more()
	}
	d.line += step
	return d.open()
}

// more fetches further lines.
func (d *Desk) more() error {
	if len(d.lines) >= len(d.answer.Entries) {
		d.message = "no further"
		return nil
	}
	l, err := d.s.Lines(d.answer, len(d.lines), pageLimit)
	if err != nil {
		return err
	}
	d.lines = append(d.lines, l...)
	d.line++
	return d.open()
}

func (d *Desk) moveOpen(step int) error {
	list, at := d.edits, &d.at
	if d.doc != nil {
		list, at = d.docList, &d.docAt
	}
	for i := *at + step; i >= 0 && i < len(list); i += step {
		if undecided(list[i]) {
			*at = i
			return nil
		}
	}
	if d.doc != nil || d.line+step < 0 || d.line+step >= len(d.lines) {
		d.message = "no further undecided edit"
		return nil
	}
	d.line += step
	return d.open()
}

func (d *Desk) alternatives(e *EditView) (texts []string, acts []Act) {
	det, err := d.s.Detail(e.ID)
	if err != nil {
		return nil, nil
	}
	for _, r := range det.Rivals {
		if r.Group.After != nil {
			texts = append(texts, fmt.Sprintf("%s → %s  %s  %s", Visible(r.Group.Before), Visible(*r.Group.After), percent(r.Conf), Visible(r.Group.Rule)))
			acts = append(acts, Act{Act: "accept", IDs: []string{r.ID}, Seen: &r.Version})
		}
	}
	for _, a := range det.Alts {
		if slices.ContainsFunc(det.Rivals, func(r EditView) bool {
			return r.Group.After != nil && *r.Group.After == a.After && r.Group.Before == e.Group.Before
		}) {
			continue
		}
		texts = append(texts, Visible(a.After)+"  "+percent(a.Conf))
		acts = append(acts, Act{Act: "change", After: &a.After})
	}
	return texts[:min(len(texts), 9)], acts[:min(len(acts), 9)]
}

func (d *Desk) alternative(e *EditView, n int) error {
	_, acts := d.alternatives(e)
	switch {
	case n >= len(acts):
		d.message = fmt.Sprintf("there is no alternative %d", n+1)
		return nil
	case acts[n].Act == "accept" && d.plan == nil:
		v, err := d.s.View(acts[n].IDs[0])
		if err != nil {
			return err
		}
		err = d.decide(&v, Act{Act: "accept"})
		d.reload()
		return err
	case acts[n].Act == "accept":
		d.message = "in a sample, type it with c"
		return nil
	}
	return d.decide(e, acts[n])
}

func (d *Desk) undo() error {
	r, err := d.s.Undo(UndoQuery{By: d.by, Last: true}, d.by, d.role, "", false)
	if err != nil {
		return err
	}
	if len(r.Undoing) == 0 {
		d.message = "nothing of yours to undo"
		return nil
	}
	if n := len(d.planIDs); d.plan != nil && n > 0 {
		d.plan.Unjudge(d.planIDs[n-1])
		d.planIDs = d.planIDs[:n-1]
	}
	d.reload()
	d.message = fmt.Sprintf("undone: row %d, %d edits", r.Undoing[0], r.Did)
	for i := range d.edits { // where the work goes on
		if h := d.edits[i]; undecided(h) && i < d.at {
			d.at = i
			break
		}
	}
	return nil
}

func (d *Desk) startPlan() error {
	if d.plan != nil || len(d.lines) == 0 {
		return nil
	}
	f := d.lineFilter()
	d.ask("claim: how many per cent are right at least", "99", func(s string) error {
		var claim float64
		if _, err := fmt.Sscanf(strings.TrimSpace(s), "%g", &claim); err != nil {
			return fmt.Errorf("%q is no number", s)
		}
		p, err := d.s.NewPlan(f, d.by, d.role, claim/100, 0, 0)
		if err != nil {
			return err
		}
		d.plan, d.since = p, time.Now()
		return nil
	})
	return nil
}

func (d *Desk) take() error {
	st := d.plan.State()
	if st.Next != "" {
		d.message = "the sample is not judged yet: a right, x wrong, Esc stops"
		return nil
	}
	if !st.Ready {
		d.message = "it cannot be accepted as one; Esc stops, what you judged is kept"
		return nil
	}
	r, err := d.plan.Accept(Act{By: d.by, Role: d.role})
	if err != nil {
		return err
	}
	d.plan, d.planIDs = nil, nil
	if err := d.refresh(); err != nil {
		return err
	}
	d.message = fmt.Sprintf("%d accepted, %s", r.Did, st.Text)
	return nil
}

func (d *Desk) rejectGroup() error {
	if d.plan != nil || len(d.lines) == 0 {
		return nil
	}
	f := d.lineFilter()
	a := Act{By: d.by, Role: d.role, Act: "reject", Filter: &f}
	n, digest, _, err := d.s.Bulk(a, "")
	if err != nil {
		return err
	}
	if n == 0 {
		d.message = "nothing undecided here"
		return nil
	}
	d.message = fmt.Sprintf("reject all %d undecided edits of this line? Enter does it, any other key leaves them", n)
	d.confirm = func() {
		_, _, r, err := d.s.Bulk(a, digest)
		if err != nil {
			d.message = err.Error()
			return
		}
		d.message = fmt.Sprintf("%d rejected; u undoes it", r.Did)
		d.reload()
		if d.line+1 < len(d.lines) {
			d.line++
			_ = d.open() // what cannot be read shows on the next key
		}
	}
	return nil
}

func (d *Desk) never(e *EditView) error {
	if d.plan != nil {
		return nil
	}
	names := map[string]string{"edit": "this edit", "document": "this repair in this document", "source": "this repair in this source", "group": "this repair everywhere", "rule": "the whole rule " + Visible(e.Group.Rule)}
	d.page = []string{"Never again:", ""}
	d.choices = nil
	var acts []func()
	for i, scope := range Scopes {
		r, err := d.s.Never(e.ID, scope, d.by, d.role, "", true)
		n := fmt.Sprintf("removes %d undecided edits", r.Did)
		if err != nil {
			n = err.Error()
		}
		d.page = append(d.page, fmt.Sprintf("  %d  %s — %s", i+1, names[scope], n))
		acts = append(acts, func() {
			r, err := d.s.Never(e.ID, scope, d.by, d.role, "", false)
			d.after(r, err, "never again: "+names[scope])
		})
	}
	d.page = append(d.page, "  6  add a word to the dictionary", "", "any other key leaves it")
	word := strings.Trim(e.Group.Before, " .,;:!?\"'“”‘’()")
	acts = append(acts, func() {
		d.ask("word", word, func(s string) error {
			r, err := d.s.AddWord(s, false, false, d.by, d.role, false)
			d.after(r, err, "a word now: "+Visible(s))
			return nil
		})
	})
	d.choices = acts
	return nil
}

func (d *Desk) after(r Result, err error, what string) {
	if err != nil {
		d.message = err.Error()
		return
	}
	d.reload()
	d.message = fmt.Sprintf("%s; %d rejected", what, r.Did)
	if e := d.cur(); e != nil && !undecided(*e) {
		_ = d.advance() // what cannot be read shows on the next key
	}
}

func (d *Desk) openDoc(e *EditView) error {
	if d.plan != nil {
		return nil
	}
	v, err := d.s.DocOf(e.ID)
	if err != nil {
		return err
	}
	d.doc, d.docList, d.docAt = &v, nil, 0
	for _, p := range v.Parts {
		if p.Edit != nil {
			if p.Edit.ID == e.ID {
				d.docAt = len(d.docList)
			}
			d.docList = append(d.docList, *p.Edit)
		}
	}
	return nil
}

func (d *Desk) search(s string) error {
	d.query.Filter.Text, d.query.Filter.Rule, d.query.Filter.Group, d.line = s, nil, nil, 0
	if s != "" {
		a, err := d.s.Ask(d.query)
		if err != nil {
			return err
		}
		if hits := d.s.Search(s); a.Edits == 0 && len(hits) > 0 { // nothing holds it: the likeliest name
			d.query.Filter.Text = ""
			switch h := hits[0]; h.Kind {
			case "rule":
				d.query.Filter.Rule = []string{h.Text}
			case "domain":
				d.query.Filter.Domain = []string{h.Text}
			default:
				d.query.Filter.Group = h.Group
			}
			d.message = "nothing holds that; showing " + Visible(hits[0].Text)
		}
	} else {
		d.query.Filter.Domain = nil
	}
	return d.refresh()
}

var floors = []float64{0, .5, .7, .8, .9, .95, .98, .99}

func (d *Desk) floor(up bool) {
	i := slices.Index(floors, d.query.Filter.ConfMin)
	if up {
		i = min(i+1, len(floors)-1)
	} else {
		i = max(i-1, 0)
	}
	d.query.Filter.ConfMin = floors[i]
	d.message = "confidence from " + percent(floors[i])
}

var keyNames = map[string]string{" ": "space", "ArrowDown": "↓", "ArrowUp": "↑", "ArrowLeft": "←", "ArrowRight": "→", "Escape": "Esc"}

func keyName(k string) string {
	if n := keyNames[k]; n != "" {
		return n
	}
	return k
}

func (d *Desk) helpPage() []string {
	out := []string{}
	for _, b := range d.keys {
		if b.Web {
			continue
		}
		var ks []string
		for _, k := range b.Keys {
			ks = append(ks, keyName(k))
		}
		if len(ks) > 4 {
			ks = []string{ks[0] + "–" + ks[len(ks)-1]}
		}
		out = append(out, fmt.Sprintf("  %-14s %s", strings.Join(ks, " "), b.Help))
	}
	return append(out, "", "Every decision is on the disk before the next edit is shown.")
}

func (d *Desk) rulesPage() []string {
	out := []string{fmt.Sprintf("%-34s %9s %7s %9s  %s", "rule", "proposed", "seen", "accepted", "right, 95 % sure")}
	for _, r := range d.s.Rules() {
		right := "—"
		if r.Seen > 0 {
			right = fmt.Sprintf("%.1f to %.1f %%  %s", 100*r.Low, 100*r.High, r.Advice)
		}
		out = append(out, fmt.Sprintf("%-34s %9d %7d %9d  %s", Visible(r.Rule), r.Proposed, r.Seen, r.Accepted, right))
	}
	return out
}

func (d *Desk) historyPage() error {
	rows, err := d.s.History(0, 20, "")
	if err != nil {
		return err
	}
	for _, h := range rows {
		what := h.Act
		if h.Of != nil {
			what += fmt.Sprintf(" of %d", *h.Of)
		}
		if h.Undone {
			what += " (undone)"
		}
		at, _, _ := strings.Cut(h.At, ".")
		d.page = append(d.page, fmt.Sprintf("%6d  %s  %-12s %-20s %d edits  %s", h.Seq, at, Visible(h.By), what, h.Count, Visible(h.Reason+h.Note)))
	}
	d.page = append(d.page, "")
	d.ask("undo which row (empty: none)", "", func(s string) error {
		d.page = nil
		var of int
		if _, err := fmt.Sscanf(strings.TrimSpace(s), "%d", &of); err != nil {
			return nil
		}
		r, err := d.s.Undo(UndoQuery{Of: of}, d.by, d.role, "", false)
		if err != nil {
			return err
		}
		d.reload()
		d.message = fmt.Sprintf("row %d is undone, %d edits", of, r.Did)
		return nil
	})
	return nil
}

// Screen draws what there is to see, each line at most width code points.
func (d *Desk) Screen(width int) string {
	var b strings.Builder
	w := func(style, s string) {
		for _, line := range wrap(s, width) {
			b.WriteString(d.paint(style, line) + "\n")
		}
	}
	a := d.answer
	w("1", fmt.Sprintf("copydesk review · %d undecided of %d edits · %s %d/%d", a.Open, a.Edits, d.query.View, min(d.line+1, len(d.lines)), a.Lines))
	if d.page != nil {
		for _, l := range d.page {
			w("", l)
		}
		if d.Typing == "" {
			w("2", "any key goes on")
		}
		return b.String()
	}
	if d.plan != nil {
		st := d.plan.State()
		w("1", fmt.Sprintf("Accept %d edits?  claim: ≥ %g %% right (95 %% sure), needs %d judged, none wrong", st.Members, 100*st.Claim, st.Need))
		if st.IsOdd {
			w("", fmt.Sprintf("odd ones first: %d of %d (not counted)", st.OddSeen+1, st.Odd))
		} else {
			w("", st.Text)
		}
		for _, s := range st.Splits[:min(len(st.Splits), 3)] {
			w("2", "  "+Visible(s.Text))
		}
		if st.Ready && st.Next == "" {
			w("1", fmt.Sprintf("Enter accepts the other %d, Esc leaves them", st.Members-st.Seen))
		} else if st.Failed {
			w("1", "more wrong than the plan allows; Esc stops, what you judged is kept")
		}
	}
	e := d.cur()
	if e == nil {
		w("", map[bool]string{true: "All done here; r looks again, / searches elsewhere.", false: ""}[d.plan == nil])
		w("", d.message)
		return b.String()
	}
	to := "?"
	if e.Group.After != nil {
		if to = Visible(*e.Group.After); to == "" {
			to = "(taken away)"
		}
	}
	w("1", fmt.Sprintf("%s   %s → %s", Visible(e.Group.Rule), Visible(e.Group.Before), to))
	info := fmt.Sprintf("%s · %s · %s · %s", e.Status, percent(e.Conf), e.Tier, e.Origin)
	for _, p := range e.Places {
		info += " · " + p
	}
	if d.plan == nil && d.doc == nil && d.line < len(d.lines) {
		info += fmt.Sprintf(" · edit %d of %d here", d.at+1, d.all)
	}
	if e.By != "" {
		info += " · by " + Visible(e.By)
	}
	w("2", info)
	w("2", Visible(e.Doc))
	for _, v := range e.Votes {
		w("33", fmt.Sprintf("%s says %s", Visible(v.By), v.Act))
	}
	b.WriteByte('\n')
	switch {
	case d.doc != nil:
		d.article(w)
	case d.original:
		w("", "original: …"+flat(e.Left)+"["+Visible(e.Group.Before)+"]"+flat(e.Right)+"…")
	case d.sides:
		reads := Visible(e.Group.Before)
		if e.Reads != nil {
			reads = Visible(*e.Reads)
		} else if e.Group.After != nil {
			reads = Visible(*e.Group.After)
		}
		w("31", "− …"+flat(tail(e.Left, 40))+"["+Visible(e.Group.Before)+"]"+flat(head(e.Right, 40))+"…")
		w("32", "+ …"+flat(tail(e.Left, 40))+"["+reads+"]"+flat(head(e.Right, 40))+"…")
	default:
		w("", "…"+flat(e.Left)+inline(e.Pieces)+flat(e.Right)+"…")
	}
	b.WriteByte('\n')
	if det, err := d.s.Detail(e.ID); err == nil && d.doc == nil {
		for _, why := range det.Why[:min(len(det.Why), 6)] {
			w("2", "  "+Visible(why))
		}
	}
	alts, _ := d.alternatives(e)
	for i, t := range alts {
		w("", fmt.Sprintf("  %d  %s", i+1, t))
	}
	if d.message != "" {
		w("1", d.message)
	}
	return b.String()
}

// article shows the whole text around the current edit.
func (d *Desk) article(w func(style, s string)) {
	var s strings.Builder
	n := 0
	for _, p := range d.doc.Parts {
		if p.Edit == nil {
			s.WriteString(multi(p.Text))
			continue
		}
		e := d.docList[n]
		n++
		open, end := "[", "]"
		if n-1 == d.docAt {
			open, end = "»[", "]«"
		}
		switch {
		case d.original:
			s.WriteString(open + Visible(e.Group.Before) + end)
		default:
			s.WriteString(open + inline(e.Pieces) + end)
		}
	}
	for line := range strings.Lines(s.String()) {
		w("", strings.TrimRight(line, "\n"))
	}
}

// inline writes a difference in letters: [-old-]{+new+}.
func inline(ps []Piece) string {
	var b strings.Builder
	for _, p := range ps {
		t := Visible(p.Text)
		switch p.Op {
		case "-":
			t = "[-" + strings.ReplaceAll(t, " ", "␣") + "-]"
		case "+":
			t = "{+" + strings.ReplaceAll(t, " ", "␣") + "+}"
		}
		b.WriteString(t)
	}
	return b.String()
}

func flat(s string) string { return Visible(s) }

// multi draws what cannot be seen but keeps the lines.
func multi(s string) string {
	parts := strings.Split(s, "\n")
	for i := range parts {
		parts[i] = Visible(parts[i])
	}
	return strings.Join(parts, "\n")
}

func head(s string, n int) string {
	r := []rune(s)
	return string(r[:min(n, len(r))])
}

func tail(s string, n int) string {
	r := []rune(s)
	return string(r[max(0, len(r)-n):])
}

// paint colours a line that Visible has made harmless.
func (d *Desk) paint(codes, s string) string {
	if !d.Ink || codes == "" || s == "" {
		return s
	}
	return "\x1b[" + codes + "m" + s + "\x1b[0m"
}

// wrap cuts a line at spaces.
func wrap(s string, width int) []string {
	if width < 20 {
		width = 20
	}
	var out []string
	for utf8.RuneCountInString(s) > width {
		cut, at, n := 0, 0, 0
		for i := range s {
			if n == width {
				at = i
				break
			}
			if s[i] == ' ' {
				cut = i
			}
			n++
		}
		if cut == 0 {
			cut = at
		}
		out = append(out, strings.TrimRight(s[:cut], " "))
		s = strings.TrimLeft(s[cut:], " ")
	}
	return append(out, s)
}

// Keys is the last line of the screen.
func (d *Desk) Keys() string {
	return "(a)ccept (x)reject (c)hange (space)skip (A)ccept group (X)reject group (N)ever (u)ndo (D)ocument (/)search (?)keys (q)uit"
}
