package review

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Standing is what people made of a rule.
type Standing struct {
	State string    `json:"state"` // promoted, probation or none
	At    time.Time `json:"at"`
	Who   string    `json:"who"`
	Note  string    `json:"note"`
}

// Word is an entry of the project's dictionary.
type Word struct {
	Word    string    `json:"word"`
	Suggest bool      `json:"suggest"` // it may also be the outcome of a repair
	At      time.Time `json:"at"`
	Who     string    `json:"who"`
}

// When a rule is too noisy for the default queue, and when it is proven.
const (
	probationBelow = 0.90 // the lower end of its acceptance
	probationAfter = 50   // edits seen
	promoteAfter   = 598  // edits seen, none wrong: at least 99.5 % right, 95 % sure
)

func (s *Store) loadStanding() error {
	err := each(s.db, func(r *sql.Rows) error {
		var rule string
		var st Standing
		var at int64
		if err := r.Scan(&rule, &st.State, &at, &st.Who, &st.Note); err != nil {
			return err
		}
		st.At = time.Unix(0, at).UTC()
		s.standing[rule] = st
		return nil
	}, "SELECT rule, state, at, who, note FROM standing ORDER BY id")
	if err != nil {
		return err
	}
	return each(s.db, func(r *sql.Rows) error {
		var w Word
		var gone bool
		var at int64
		if err := r.Scan(&w.Word, &w.Suggest, &gone, &at, &w.Who); err != nil {
			return err
		}
		w.At = time.Unix(0, at).UTC()
		if s.words[w.Word] = w; gone {
			delete(s.words, w.Word)
		}
		return nil
	}, "SELECT word, suggest, gone, at, who FROM words ORDER BY id")
}

// RuleStats is the page of one rule.
type RuleStats struct {
	Rule     string   `json:"rule"`
	Proposed int      `json:"proposed"` // edits in live logs
	Applied  int      `json:"applied"`  // by copydesk alone
	Seen     int      `json:"seen"`     // judged by a person who looked at them
	Accepted int      `json:"accepted"` // of the seen; a change counts as not accepted
	Changed  int      `json:"changed"`
	Rejected int      `json:"rejected"`
	Sampled  int      `json:"sampled"` // accepted by sample
	Share    float64  `json:"share"`   // accepted of seen
	Low      float64  `json:"low"`     // its 95 % interval
	High     float64  `json:"high"`
	Bins     []Bin    `json:"bins"`  // is the confidence what it says?
	Trend    []Bin    `json:"trend"` // by month of judgement
	Standing Standing `json:"standing"`
	Advice   string   `json:"advice"` // probation or promote, when the numbers say so
}

// Bin is one step of a calibration or a trend.
type Bin struct {
	Name     string  `json:"name"`
	Said     float64 `json:"said"` // mean confidence
	Seen     int     `json:"seen"`
	Accepted int     `json:"accepted"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// Rules gives the page of every rule, the busiest first.
func (s *Store) Rules() []RuleStats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := &s.cols
	out := make([]RuleStats, len(s.rules.list))
	bins := make([][]Bin, len(out))
	trend := make([]map[string]*Bin, len(out))
	for i := range out {
		out[i].Rule = s.rules.list[i]
		out[i].Standing = s.standing[s.rules.list[i]]
		bins[i] = make([]Bin, len(confBins)-1)
		trend[i] = map[string]*Bin{}
	}
	for r := range c.Len() {
		row := uint32(r)
		if c.has(row, flagDead) {
			continue
		}
		rule := s.groups[c.group[row]].rule
		o := &out[rule]
		o.Proposed++
		if c.has(row, flagApplied) {
			o.Applied++
		}
		if c.last[row] < 0 {
			continue
		}
		e := s.standingEvent(row)
		if e == nil {
			continue
		}
		if e.basis != seen {
			if e.basis == sampled {
				o.Sampled++
			}
			continue
		}
		o.Seen++
		ok := 0
		switch e.act {
		case accept:
			o.Accepted++
			ok = 1
		case change:
			o.Changed++
		case reject:
			o.Rejected++
		}
		i := 0
		for i+2 < len(confBins) && c.conf[row] >= confBins[i+1] {
			i++
		}
		b := &bins[rule][i]
		b.Seen, b.Accepted, b.Said = b.Seen+1, b.Accepted+ok, b.Said+float64(c.conf[row])/1e4
		month := time.Unix(0, e.at).UTC().Format("2006-01")
		t := trend[rule][month]
		if t == nil {
			t = &Bin{Name: month}
			trend[rule][month] = t
		}
		t.Seen, t.Accepted = t.Seen+1, t.Accepted+ok
	}
	for i := range out {
		o := &out[i]
		o.Low, o.High = Interval(o.Accepted, o.Seen, DefaultSure)
		if o.Seen > 0 {
			o.Share = float64(o.Accepted) / float64(o.Seen)
		}
		switch {
		case o.Seen >= probationAfter && o.Low < probationBelow && o.Standing.State != "probation":
			o.Advice = "probation"
		case o.Seen >= promoteAfter && o.Accepted == o.Seen && o.Standing.State != "promoted":
			o.Advice = "promote"
		}
		o.Bins, o.Trend = []Bin{}, []Bin{}
		for j := range bins[i] {
			b := &bins[i][j]
			if b.Seen > 0 {
				b.Name, b.Said = confName(j), b.Said/float64(b.Seen)
				b.Low, b.High = Interval(b.Accepted, b.Seen, DefaultSure)
				o.Bins = append(o.Bins, *b)
			}
		}
		for _, t := range trend[i] {
			t.Low, t.High = Interval(t.Accepted, t.Seen, DefaultSure)
			o.Trend = append(o.Trend, *t)
		}
		slices.SortFunc(o.Trend, func(a, b Bin) int { return strings.Compare(a.Name, b.Name) })
	}
	slices.SortStableFunc(out, func(a, b RuleStats) int { return b.Proposed - a.Proposed })
	return out
}

// SetStanding promotes a rule, puts it on probation, or neither. A rule on
// probation leaves the default queue; a promoted one is listed for the next
// calibration. A lead decides.
func (s *Store) SetStanding(rule, state, who string, role Role, note string) error {
	if !role.May(Lead) {
		return refuse("role", "only a lead promotes rules or puts them on probation")
	}
	if state != "promoted" && state != "probation" && state != "none" {
		return fmt.Errorf("unknown state %q: use promoted, probation or none", state)
	}
	if state == "promoted" {
		for _, r := range s.Rules() {
			if r.Rule == rule && (r.Seen < promoteAfter || r.Accepted < r.Seen) {
				return refuse("proof", "%s: %d seen, %d accepted; a promotion needs %d seen, none wrong", rule, r.Seen, r.Accepted, promoteAfter)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.rules.no[rule]; !ok {
		return fmt.Errorf("no rule %q in the store", rule)
	}
	now := time.Now().UTC()
	if _, err := s.db.Exec("INSERT INTO standing (rule, state, at, who, note) VALUES (?,?,?,?,?)", rule, state, now.UnixNano(), who, note); err != nil {
		return err
	}
	s.standing[rule] = Standing{state, now, who, note}
	return nil
}

// OnProbation lists the rules that the default queue leaves out.
func (s *Store) OnProbation() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []string
	for rule, st := range s.standing {
		if st.State == "probation" {
			out = append(out, rule)
		}
	}
	slices.Sort(out)
	return out
}

// Words is the project's dictionary, sorted.
func (s *Store) Words() []Word {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]Word, 0, len(s.words))
	for _, w := range s.words {
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b Word) int { return strings.Compare(a.Word, b.Word) })
	return out
}

// AddWord puts a word into the dictionary, or takes it out, and rejects what is
// undecided and would change the word. With preview it only counts.
func (s *Store) AddWord(word string, suggest, gone bool, who string, role Role, preview bool) (Result, error) {
	word = strings.TrimSpace(word)
	if word == "" || len(word) > 200 || strings.ContainsAny(word, "\n\r\t\x00") {
		return Result{}, fmt.Errorf("%q is no word", word)
	}
	if !role.May(Bulk) && !preview {
		return Result{}, refuse("role", "adding words needs the role bulk")
	}
	s.mu.Lock()
	var rows []uint32
	if !gone {
		for r := range s.cols.Len() {
			row := uint32(r)
			if s.cols.status[row].Undecided() && strings.Trim(s.groups[s.cols.group[row]].before, " .,;:!?'\"“”‘’()") == word {
				rows = append(rows, row)
			}
		}
	}
	if preview {
		s.mu.Unlock()
		return Result{Did: len(rows)}, nil
	}
	now := time.Now().UTC()
	if _, err := s.db.Exec("INSERT INTO words (word, suggest, gone, at, who) VALUES (?,?,?,?,?)", word, suggest, gone, now.UnixNano(), who); err != nil {
		s.mu.Unlock()
		return Result{}, err
	}
	if s.words[word] = (Word{word, suggest, now, who}); gone {
		delete(s.words, word)
	}
	if len(rows) == 0 {
		s.mu.Unlock()
		return Result{}, nil
	}
	p, err := s.decideLocked(Act{By: who, Role: role, Act: "reject", Rows: rows, Basis: basisOf(rows), Reason: "a word of the project's dictionary: " + word})
	s.mu.Unlock()
	if err != nil {
		return Result{}, err
	}
	return p.wait()
}
