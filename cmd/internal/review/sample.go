package review

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"slices"
	"sync"
	"time"

	"copydesk/repair/edit"
)

// Sampled is what a bulk accept rests on, as it is written into the decision.
// The claim is about the members that are left when the odd ones are taken away:
// at least the share Right of them is right, with confidence Sure.
type Sampled struct {
	Claim   float64 `json:"claim"`           // what was asked for before the first look
	Sure    float64 `json:"confidence"`      //
	Allow   int     `json:"allow"`           // how many wrong ones the plan allows
	N       int     `json:"n"`               // looked at, of the random sample
	Wrong   int     `json:"wrong"`           // of them
	Bound   float64 `json:"bound"`           // the share that is proven right
	Of      int     `json:"of"`              // members that the sample was drawn from
	Odd     int     `json:"odd"`             // odd ones looked at, not counted
	Seed    uint64  `json:"seed"`            // of the draw
	IDs     string  `json:"ids_sha256"`      // digest of the sample
	Attempt int     `json:"attempt"`         // how many plans of the same filter were stopped before
	Split   string  `json:"split,omitempty"` // what was put aside
}

const (
	maxOdd       = 20
	maxPlans     = 64        // open at once; the oldest gives way
	planLifetime = time.Hour // an abandoned plan is forgotten
	maxAllow     = 2
)

// Plan is an accept by sample on its way.
type Plan struct {
	s      *Store
	mu     sync.Mutex
	ID     string
	By     string
	Filter Filter
	made   time.Time

	members []uint32        // what would be accepted, odd ones taken away
	frozen  string          // their digest
	odd     []uint32        // shown first
	sample  []uint32        // drawn at random from members
	judged  map[uint32]bool // right or wrong
	left    map[string]int
	Sampled
	done bool
}

// PlanState is a plan as the page shows it.
type PlanState struct {
	ID      string         `json:"id"`
	Members int            `json:"members"` // of the claim
	Odd     int            `json:"odd"`
	OddSeen int            `json:"odd_seen"`
	Need    int            `json:"need"` // looks that the claim needs
	Seen    int            `json:"seen"`
	Wrong   int            `json:"wrong"`
	Bound   float64        `json:"bound"` // proven so far
	Claim   float64        `json:"claim"`
	Sure    float64        `json:"sure"`
	Allow   int            `json:"allow"`
	Attempt int            `json:"attempt"`
	Next    string         `json:"next"` // the edit to look at, "" when all are seen
	IsOdd   bool           `json:"is_odd"`
	Failed  bool           `json:"failed"` // more wrong ones than the plan allows
	Ready   bool           `json:"ready"`  // the claim is proven
	Splits  []Split        `json:"splits"` // after a wrong one
	Left    map[string]int `json:"left"`   // not part of it, by reason
	Text    string         `json:"text"`   // the claim in words
}

// Split is a way to put the wrong ones aside.
type Split struct {
	Feature Feature `json:"feature"`
	N       int     `json:"n"`     // members that it puts aside
	Wrong   int     `json:"wrong"` // of the wrong ones
	Text    string  `json:"text"`
}

// plans are those that are open, and how often a filter was tried.
type plans struct {
	mu    sync.Mutex
	list  map[string]*Plan
	tries map[string]int
}

// NewPlan draws a sample for accepting what is undecided under a filter. seed 0
// draws one; claim is the share to be proven; allow is how many wrong ones it
// may take, fixed now.
func (s *Store) NewPlan(f Filter, by string, role Role, claim float64, allow int, seed uint64) (*Plan, error) {
	if !role.May(Bulk) {
		return nil, refuse("role", "accepting by sample needs the role bulk")
	}
	if claim < .5 || claim >= 1 || allow < 0 || allow > maxAllow {
		return nil, fmt.Errorf("a claim is a share from 0.5 to below 1 with 0 to %d wrong ones, not %g with %d", maxAllow, claim, allow)
	}
	if seed == 0 {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails
		seed = binary.LittleEndian.Uint64(b[:]) >> 11
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	p := &Plan{s: s, By: by, Filter: f, made: time.Now(), judged: map[uint32]bool{}}
	p.Sampled = Sampled{Claim: claim, Sure: DefaultSure, Allow: allow, Seed: seed}
	rows, left, err := s.acceptable(f)
	if err != nil {
		return nil, err
	}
	p.left = left
	if len(rows) == 0 {
		return nil, refuse("empty", "nothing here can be accepted by sample")
	}
	p.odd = s.oddOnes(rows)
	odd := map[uint32]bool{}
	for _, r := range p.odd {
		odd[r] = true
	}
	p.members = slices.DeleteFunc(rows, func(r uint32) bool { return odd[r] })
	slices.SortFunc(p.members, func(a, b uint32) int { return slices.Compare(s.cols.id[a][:], s.cols.id[b][:]) })
	p.frozen = s.digest(p.members)
	p.Of = len(p.members)
	need := 0
	if p.Of > 0 {
		need = SampleSize(p.Of, claim, p.Sure, allow)
	}
	for _, i := range mathrand.New(mathrand.NewPCG(seed, 0)).Perm(p.Of)[:need] {
		p.sample = append(p.sample, p.members[i])
	}
	p.IDs = s.digest(p.sample)
	var id [9]byte
	_, _ = rand.Read(id[:]) // never fails
	p.ID = hex.EncodeToString(id[:])
	key := filterKey(f)
	s.plans.mu.Lock()
	defer s.plans.mu.Unlock()
	p.Attempt = s.plans.tries[key] + 1
	s.plans.tries[key]++
	var oldest *Plan
	for id, q := range s.plans.list {
		if time.Since(q.made) > planLifetime {
			delete(s.plans.list, id)
		} else if oldest == nil || q.made.Before(oldest.made) {
			oldest = q
		}
	}
	if len(s.plans.list) >= maxPlans {
		delete(s.plans.list, oldest.ID)
	}
	s.plans.list[p.ID] = p
	return p, nil
}

// filterKey names what a filter is about, splits aside: a fresh sample after a
// split is a further attempt at the same group.
func filterKey(f Filter) string {
	f.With, f.Except = nil, nil
	h := sha256.New()
	fmt.Fprintf(h, "%+v", f)
	if f.Group != nil {
		fmt.Fprintf(h, "%+v", *f.Group)
		if f.Group.After != nil {
			fmt.Fprint(h, *f.Group.After)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Plan finds an open plan of a person.
func (s *Store) Plan(id, by string) (*Plan, error) {
	s.plans.mu.Lock()
	defer s.plans.mu.Unlock()
	p := s.plans.list[id]
	if p == nil || p.By != by {
		return nil, refuse("stale", "this sample is not open any more; press A again")
	}
	return p, nil
}

// acceptable are the undecided edits under a filter that may be accepted without
// a look at each, and why the others may not.
func (s *Store) acceptable(f Filter) (rows []uint32, left map[string]int, err error) {
	all, err := s.selectLocked(f, undecidedOrApplied)
	if err != nil {
		return nil, nil, err
	}
	left = map[string]int{}
	taken := map[uint32]bool{}
	for _, row := range all {
		row = s.canon(row)
		c := &s.cols
		why := ""
		switch {
		case taken[row]:
			continue
		case !c.status[row].Undecided() && !c.has(row, flagDead):
			continue
		case c.status[row] == Conflict || c.status[row] == Flagged:
			why = "flagged, or in conflict"
		case c.tier(row) == edit.Hint || c.has(row, flagNoAfter):
			why = "a hint is never accepted in bulk"
		case c.origin(row) == edit.Source:
			why = "the publisher's own error is never accepted by sample"
		case len(s.rivals(row)) > 0:
			why = "overlaps another edit that is to be applied"
		case s.overlapsTaken(row, taken):
			why = "overlaps another edit of this act"
		}
		if why != "" {
			left[why]++
			continue
		}
		taken[row] = true
		rows = append(rows, row)
	}
	return rows, left, nil
}

// oddOnes are the edits among rows that are most unlike the rest: low scores,
// rare neighbours, quotations, headlines, addresses.
func (s *Store) oddOnes(rows []uint32) []uint32 {
	c := &s.cols
	left, right := map[uint32]int{}, map[uint32]int{}
	for _, r := range rows {
		left[c.left[r]]++
		right[c.right[r]]++
	}
	odd := func(r uint32) float64 {
		v := 1 - float64(c.conf[r])/1e4
		if c.has(r, flagText) {
			v += .3/float64(left[c.left[r]]) + .3/float64(right[c.right[r]])
		}
		for _, p := range places {
			if c.has(r, p.flag) {
				v += .5
			}
		}
		return v
	}
	type scored struct {
		row uint32
		odd float64
	}
	list := make([]scored, len(rows))
	for i, r := range rows {
		list[i] = scored{r, odd(r)}
	}
	slices.SortFunc(list, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.odd, a.odd), slices.Compare(c.id[a.row][:], c.id[b.row][:]))
	})
	var out []uint32
	for _, l := range list[:min(maxOdd, len(list)/3)] { // a small group is a sample by itself
		out = append(out, l.row)
	}
	return out
}

// State tells where a plan stands.
func (p *Plan) State() PlanState {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.s.mu.RLock()
	defer p.s.mu.RUnlock()
	return p.state()
}

func (p *Plan) state() PlanState {
	st := PlanState{
		ID: p.ID, Members: p.Of, Odd: len(p.odd), Need: len(p.sample), Claim: p.Claim, Sure: p.Sure, Allow: p.Allow,
		Attempt: p.Attempt, Left: p.left, Splits: []Split{},
	}
	wrongOdd := 0
	for _, r := range p.odd {
		right, ok := p.judged[r]
		switch {
		case !ok && st.Next == "":
			st.Next, st.IsOdd = p.s.idString(r), true
		case ok:
			st.OddSeen++
			if !right {
				wrongOdd++
			}
		}
	}
	for _, r := range p.sample {
		right, ok := p.judged[r]
		switch {
		case !ok && st.Next == "":
			st.Next = p.s.idString(r)
		case ok:
			st.Seen++
			if !right {
				st.Wrong++
			}
		}
	}
	st.Bound = RightAtLeast(p.Of, st.Seen, st.Wrong, p.Sure)
	st.Failed = st.Wrong > p.Allow
	// Only the whole sample counts: to stop as soon as the bound looks good enough
	// would make it too good.
	st.Ready = !st.Failed && st.Seen == len(p.sample)
	if st.Wrong+wrongOdd > 0 {
		st.Splits = p.splits()
	}
	if st.Failed {
		st.Next = ""
	}
	st.Text = fmt.Sprintf("at least %.4g %% right, %g %% sure: %d of %d seen, %s wrong", 100*st.Bound, 100*p.Sure, st.Seen, p.Of, noneOr(st.Wrong))
	return st
}

func noneOr(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}

// Judge takes an answer on one edit of the plan. It is a decision like any other,
// kept whatever becomes of the plan.
func (p *Plan) Judge(id string, a Act) (Result, PlanState, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return Result{}, PlanState{}, refuse("stale", "this sample is closed")
	}
	b, err := parseID(id)
	if err != nil {
		return Result{}, PlanState{}, err
	}
	p.s.mu.RLock()
	rows := p.s.rowsOf(b)
	p.s.mu.RUnlock()
	if len(rows) == 0 || !slices.Contains(p.odd, rows[0]) && !slices.Contains(p.sample, rows[0]) {
		return Result{}, PlanState{}, refuse("stale", "edit %s is not part of this sample", id)
	}
	a.IDs, a.Rows, a.Basis = []string{id}, nil, "seen"
	res, err := p.s.Decide(a)
	if err != nil {
		return res, PlanState{}, err
	}
	p.judged[rows[0]] = a.Act == "accept"
	p.s.mu.RLock()
	defer p.s.mu.RUnlock()
	return res, p.state(), nil
}

// Unjudge forgets an answer that was taken back.
func (p *Plan) Unjudge(id string) PlanState {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.s.mu.RLock()
	defer p.s.mu.RUnlock()
	if b, err := parseID(id); err == nil {
		if rows := p.s.rowsOf(b); len(rows) > 0 {
			delete(p.judged, rows[0])
		}
	}
	return p.state()
}

// Accept takes the rest, if the claim is proven and nobody changed the set since
// the plan was made.
func (p *Plan) Accept(a Act) (Result, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.s
	s.mu.Lock()
	st := p.state()
	unlock := true
	defer func() {
		if unlock {
			s.mu.Unlock()
		}
	}()
	switch {
	case p.done:
		return Result{}, refuse("stale", "this sample is closed")
	case !st.Ready:
		return Result{}, refuse("proof", "the claim is not proven yet: %s", st.Text)
	case st.OddSeen < len(p.odd):
		return Result{}, refuse("proof", "%d odd ones are still to be looked at", len(p.odd)-st.OddSeen)
	}
	now, _, err := s.acceptable(p.Filter)
	if err != nil {
		return Result{}, err
	}
	present := make(map[uint32]bool, len(now))
	for _, r := range now {
		present[r] = true
	}
	odd := map[uint32]bool{}
	for _, r := range p.odd {
		odd[r] = true
	}
	rest, gone := make([]uint32, 0, len(p.members)), 0
	mine := make(map[uint32]bool, len(p.members))
	for _, r := range p.members {
		mine[r] = true
		if _, judged := p.judged[r]; judged {
			continue
		}
		if !present[r] {
			gone++
			continue
		}
		rest = append(rest, r)
	}
	added := 0
	for _, r := range now {
		if _, judged := p.judged[r]; !mine[r] && !odd[r] && !judged {
			added++
		}
	}
	if gone+added > 0 || s.digest(p.members) != p.frozen {
		return Result{}, refuse("changed", "the set changed since the sample was drawn: %d edits left it, %d came in; press A for a fresh sample", gone, added)
	}
	slices.Sort(rest)
	sample := p.Sampled
	sample.N, sample.Wrong, sample.Bound, sample.Odd = st.Seen, st.Wrong, st.Bound, st.OddSeen
	for _, f := range p.Filter.Except {
		sample.Split += f.Kind + "=" + f.Value + " "
	}
	p.done = true
	if len(rest) == 0 {
		return Result{Left: map[string]int{}}, nil
	}
	a.Act, a.Rows, a.IDs, a.Basis, a.Filter, a.Sample = "accept", rest, nil, "sampled", &p.Filter, &sample
	res, err := s.decideLocked(a)
	unlock = false
	s.mu.Unlock()
	if err != nil {
		return Result{}, err
	}
	return res.wait()
}

// splits are features that all wrong ones share, those first that put the fewest
// aside. The caller holds the locks.
func (p *Plan) splits() []Split {
	s := p.s
	c := &s.cols
	var wrong []uint32
	for r, right := range p.judged {
		if !right {
			wrong = append(wrong, r)
		}
	}
	slices.Sort(wrong)
	var candidates []Feature
	first := wrong[0]
	if d, err := s.texts.get(c.doc[first]); err == nil && d.Has {
		at := edit.Span{Start: int(c.start[first]), End: int(c.end[first])}
		candidates = append(candidates, Feature{"right", rightWord(d.Text, at.End)}, Feature{"left", leftWord(d.Text, at.Start)})
	}
	for _, pl := range places {
		candidates = append(candidates, Feature{"place", pl.name})
	}
	if h := s.domains.list[c.docDomain[c.doc[first]]]; h != "" {
		candidates = append(candidates, Feature{"domain", h})
	}
	candidates = append(candidates, Feature{"conf", fmt.Sprintf("0.%d", min(c.conf[first]/1000, 9))})
	out := []Split{}
	for _, f := range candidates {
		x, err := s.feature(f)
		if err != nil {
			continue
		}
		sp := Split{Feature: f}
		for _, r := range wrong {
			if c.hasFeature(r, &x) {
				sp.Wrong++
			}
		}
		for _, r := range p.members {
			if _, judged := p.judged[r]; !judged && c.hasFeature(r, &x) {
				sp.N++
			}
		}
		if sp.Wrong < len(wrong) || sp.N > p.Of/2 { // more than half is no exception
			continue
		}
		what := map[string]string{
			"right": "the %d with %q to the right", "left": "the %d with %q to the left", "place": "the %d in a %s", "domain": "the %d from %s", "conf": "the %d with confidence %s…",
		}[f.Kind]
		sp.Text = fmt.Sprintf("put aside "+what+", as every wrong one has it; draw anew from the rest", sp.N, f.Value)
		out = append(out, sp)
	}
	slices.SortStableFunc(out, func(a, b Split) int { return cmp.Compare(a.N, b.N) })
	return out
}
