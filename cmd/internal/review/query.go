package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"copydesk/repair/edit"
)

// Filter says which edits are meant. Within one field any of the values fits;
// all fields must fit. It is written into decisions as it was.
type Filter struct {
	Rule    []string   `json:"rule,omitempty"`
	NotRule []string   `json:"not_rule,omitempty"`
	Family  []string   `json:"family,omitempty"`
	Tier    []string   `json:"tier,omitempty"`
	Origin  []string   `json:"origin,omitempty"`
	Domain  []string   `json:"domain,omitempty"`
	Status  []string   `json:"status,omitempty"` // status names; "open" means all that are undecided
	Place   []string   `json:"place,omitempty"`  // quote, headline, url, plain
	ConfMin float64    `json:"conf_min,omitempty"`
	ConfMax float64    `json:"conf_max,omitempty"` // 0 means no limit
	Group   *GroupName `json:"group,omitempty"`
	Shape   string     `json:"shape,omitempty"` // a family of groups, see shape
	Doc     *string    `json:"doc,omitempty"`
	ID      string     `json:"id,omitempty"`
	Text    string     `json:"text,omitempty"` // in before or after, capitals or not
	By      string     `json:"by,omitempty"`   // whose decision stands
	With    []Feature  `json:"with,omitempty"` // all of these
	Except  []Feature  `json:"except,omitempty"`
}

// Feature is a property of an edit's surroundings by which groups are split.
type Feature struct {
	Kind  string `json:"kind"` // left, right, place, domain, conf (the tenth it falls in)
	Value string `json:"value"`
}

// Places of edits, as Filter.Place names them.
var places = []struct {
	name string
	flag uint16
}{{"quote", flagQuote}, {"headline", flagHeadline}, {"url", flagURL}}

// dimension is one facet.
type dimension uint8

const (
	dimRule dimension = iota
	dimFamily
	dimTier
	dimOrigin
	dimDomain
	dimStatus
	dimPlace
	dimConf
	numDims
)

var dimNames = [numDims]string{"rule", "family", "tier", "origin", "domain", "status", "place", "conf"}

// confBins are the tenths, and the last tenth again in tenths, in which the
// confidence facet counts: most edits lie above 0.9.
var confBins = []uint16{0, 5000, 7000, 8000, 9000, 9500, 9800, 9900, 9950, 10001}

// test is a filter made ready.
type test struct {
	s                *Store
	group            []uint16 // by group: the dimensions that it fails, bit hard for the rest
	domain           []bool   // nil when all fit
	tier             [4]bool
	origin           [4]bool
	status           [numStatus]bool
	place            uint16 // flags of which one must be set; 0 when all fit
	plain            bool   // no place at all fits too
	confMin, confMax uint16
	doc              []bool // by document; nil when all fit
	only             map[uint32]bool
	by               int // person, -1 for any
	with, except     []feature
	fixed            bool // no status was asked for: the caller's own test decides
}

const hard = 1 << 15

// feature is a Feature made ready.
type feature struct {
	kind string
	hash uint32
	flag uint16
	conf uint16
}

func (s *Store) feature(f Feature) (feature, error) {
	out := feature{kind: f.Kind}
	switch f.Kind {
	case "left", "right":
		out.hash = wordHash(f.Value)
	case "domain":
		no, ok := s.domains.no[f.Value]
		if !ok {
			no = 1<<32 - 1
		}
		out.hash = no
	case "place":
		for _, p := range places {
			if p.name == f.Value {
				out.flag = p.flag
			}
		}
		if out.flag == 0 {
			return out, fmt.Errorf("unknown place %q: use quote, headline or url", f.Value)
		}
	case "conf":
		if _, err := fmt.Sscanf(f.Value, "0.%1d", &out.conf); err != nil {
			return out, fmt.Errorf("a confidence feature reads 0.0 to 0.9, not %q", f.Value)
		}
	default:
		return out, fmt.Errorf("unknown feature %q", f.Kind)
	}
	return out, nil
}

func (c *columns) hasFeature(row uint32, f *feature) bool {
	switch f.kind {
	case "left":
		return c.left[row] == f.hash
	case "right":
		return c.right[row] == f.hash
	case "domain":
		return c.docDomain[c.doc[row]] == f.hash
	case "place":
		return c.has(row, f.flag)
	}
	return min(c.conf[row]/1000, 9) == f.conf
}

func anyOf(list []string, names []string, to []bool) error {
	for i := range to {
		to[i] = len(list) == 0
	}
	for _, v := range list {
		i := slices.Index(names, v)
		if i < 0 {
			return fmt.Errorf("unknown value %q: use one of %s", v, strings.Join(names, ", "))
		}
		to[i] = true
	}
	return nil
}

// compile makes a filter ready; the caller holds the lock.
func (s *Store) compile(f *Filter) (*test, error) {
	t := &test{s: s, confMax: 10001, by: -1, fixed: len(f.Status) == 0}
	if err := anyOf(f.Tier, []string{"hint", "review", "safe"}, t.tier[:3]); err != nil {
		return nil, fmt.Errorf("tier: %w", err)
	}
	if err := anyOf(f.Origin, []string{"unknown", "extraction", "source"}, t.origin[:3]); err != nil {
		return nil, fmt.Errorf("origin: %w", err)
	}
	var statuses []string
	for _, v := range f.Status {
		if v != "open" {
			statuses = append(statuses, v)
			continue
		}
		for st := range numStatus {
			if st.Undecided() {
				statuses = append(statuses, st.String())
			}
		}
	}
	if err := anyOf(statuses, statusNames[:], t.status[:]); err != nil {
		return nil, fmt.Errorf("status: %w", err)
	}
	for _, v := range f.Place {
		i := slices.IndexFunc(places, func(p struct {
			name string
			flag uint16
		},
		) bool {
			return p.name == v
		})
		switch {
		case v == "plain":
			t.plain = true
		case i < 0:
			return nil, fmt.Errorf("unknown place %q: use quote, headline, url or plain", v)
		default:
			t.place |= places[i].flag
		}
	}
	if f.ConfMin < 0 || f.ConfMax < 0 || f.ConfMin > 1 || f.ConfMax > 1 {
		return nil, fmt.Errorf("a confidence is a number from 0 to 1")
	}
	t.confMin = uint16(f.ConfMin*1e4 + .5)
	if f.ConfMax > 0 {
		t.confMax = uint16(f.ConfMax*1e4 + .5)
	}
	t.compileGroups(f)
	if len(f.Domain) > 0 {
		t.domain = make([]bool, len(s.domains.list))
		for _, d := range f.Domain {
			if no, ok := s.domains.no[d]; ok {
				t.domain[no] = true
			}
		}
	}
	if f.Doc != nil {
		t.doc = make([]bool, len(s.docs))
		rows, err := s.db.Query("SELECT id FROM docs WHERE doc = ?", *f.Doc)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var id int
			if err := rows.Scan(&id); err != nil {
				return nil, err
			}
			t.doc[id] = true
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	if f.ID != "" {
		id, err := parseID(f.ID)
		if err != nil {
			return nil, err
		}
		t.only = map[uint32]bool{}
		for _, r := range s.rowsOf(id) {
			t.only[r] = true
		}
	}
	if f.By != "" {
		no, ok := s.people.no[f.By]
		if t.by = int(no); !ok {
			t.by = 1 << 30
		}
	}
	for to, list := range map[*[]feature][]Feature{&t.with: f.With, &t.except: f.Except} {
		for _, v := range list {
			x, err := s.feature(v)
			if err != nil {
				return nil, err
			}
			*to = append(*to, x)
		}
	}
	return t, nil
}

// compileGroups notes of every group which dimensions it fails.
func (t *test) compileGroups(f *Filter) {
	s := t.s
	t.group = make([]uint16, len(s.groups))
	ruleFails := make([]uint16, len(s.rules.list))
	for i, name := range s.rules.list {
		if len(f.Rule) > 0 && !slices.Contains(f.Rule, name) {
			ruleFails[i] |= 1 << dimRule
		}
		if slices.Contains(f.NotRule, name) {
			ruleFails[i] |= hard
		}
		if len(f.Family) > 0 && !slices.Contains(f.Family, edit.Family(name)) {
			ruleFails[i] |= 1 << dimFamily
		}
	}
	text := strings.ToLower(f.Text)
	for i := range s.groups {
		g := &s.groups[i]
		t.group[i] = ruleFails[g.rule]
		if text != "" && !strings.Contains(strings.ToLower(g.before), text) && !strings.Contains(strings.ToLower(g.after), text) || f.Shape != "" && g.shape != f.Shape {
			t.group[i] |= hard
		}
	}
	if f.Group != nil {
		want, ok := s.findGroup(*f.Group)
		for i := range t.group {
			if !ok || uint32(i) != want {
				t.group[i] |= hard
			}
		}
	}
}

// fails is the set of dimensions that a row fails.
func (t *test) fails(row uint32) uint16 {
	c := &t.s.cols
	bad := t.group[c.group[row]]
	if bad&hard != 0 {
		return bad
	}
	f := c.flags[row]
	if !t.tier[f&3] {
		bad |= 1 << dimTier
	}
	if !t.origin[f>>2&3] {
		bad |= 1 << dimOrigin
	}
	if !t.status[c.status[row]] {
		bad |= 1 << dimStatus
	}
	if (t.place != 0 || t.plain) && f&t.place == 0 && (!t.plain || f&(flagQuote|flagHeadline|flagURL) != 0) {
		bad |= 1 << dimPlace
	}
	if conf := c.conf[row]; conf < t.confMin || conf > t.confMax {
		bad |= 1 << dimConf
	}
	if t.domain != nil && !t.domain[c.docDomain[c.doc[row]]] {
		bad |= 1 << dimDomain
	}
	if t.only == nil && t.doc == nil && t.by < 0 && t.with == nil && t.except == nil {
		return bad
	}
	if t.only != nil && !t.only[row] || t.doc != nil && !t.doc[c.doc[row]] {
		return hard
	}
	if t.by >= 0 {
		if e := t.s.standingEvent(row); e == nil || int(e.by) != t.by {
			return hard
		}
	}
	for i := range t.with {
		if !c.hasFeature(row, &t.with[i]) {
			return hard
		}
	}
	for i := range t.except {
		if c.hasFeature(row, &t.except[i]) {
			return hard
		}
	}
	return bad
}

// selectLocked gives the rows of a filter, in their order; the status test also
// holds where the filter names none.
func (s *Store) selectLocked(f Filter, status func(Status) bool) ([]uint32, error) {
	t, err := s.compile(&f)
	if err != nil {
		return nil, err
	}
	var out []uint32
	test := func(row uint32) {
		if t.fixed && (s.cols.has(row, flagDead) || status != nil && !status(s.cols.status[row])) {
			return
		}
		if t.fails(row) == 0 {
			out = append(out, row)
		}
	}
	if f.Group != nil { // the commonest question, and a short answer: 11 ms of a million rows saved
		if g, ok := s.findGroup(*f.Group); ok {
			for _, row := range s.byGroup[s.groupAt[g]:s.groupAt[g+1]] {
				test(row)
			}
		}
		return out, nil
	}
	for r := range s.cols.Len() {
		test(uint32(r))
	}
	return out, nil
}

// Query asks for a page of the queue.
type Query struct {
	Filter Filter `json:"filter"`
	View   string `json:"view"`  // groups, families, docs or edits
	Order  string `json:"order"` // work, doubt, rare, conf, size or text
}

// FacetValue is one line of a facet: how many edits would be there if this value
// was chosen.
type FacetValue struct {
	Value string `json:"value"`
	N     int    `json:"n"`
	On    bool   `json:"on"`
}

// Entry is one line of the queue: a group, a family, a document or one edit.
type Entry struct {
	key   uint32 // group, first group of the family, document or row
	n     int
	docs  int
	work  float64
	doubt float64
	min   uint16
	max   uint16
	last  uint32 // the document last counted
	first uint32 // the first row
}

// Answer is what a Query gives. The list is a snapshot: it stays as it is while
// decisions are made, so that nothing jumps under the cursor.
type Answer struct {
	Query   Query
	Edits   int // that fit
	Open    int // of them undecided
	Facets  map[string][]FacetValue
	Digest  string // changes when the list would
	Lines   int    // groups, families, documents or edits, also those beyond maxLines
	Entries []Entry
}

// Ask answers a query.
func (s *Store) Ask(q Query) (*Answer, error) {
	if q.Order != "" && !slices.Contains(orders, q.Order) {
		return nil, fmt.Errorf("unknown order %q: use one of %s", q.Order, strings.Join(orders, ", "))
	}
	if q.View != "" && !slices.Contains(views, q.View) {
		return nil, fmt.Errorf("unknown view %q: use one of %s", q.View, strings.Join(views, ", "))
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, err := s.compile(&q.Filter)
	if err != nil {
		return nil, err
	}
	c := &s.cols
	var counts [numDims][]int
	counts[dimRule] = make([]int, len(s.rules.list))
	counts[dimFamily] = make([]int, len(edit.Families)+1)
	counts[dimTier] = make([]int, 4)
	counts[dimOrigin] = make([]int, 4)
	counts[dimDomain] = make([]int, len(s.domains.list))
	counts[dimStatus] = make([]int, numStatus)
	counts[dimPlace] = make([]int, len(places)+1)
	counts[dimConf] = make([]int, len(confBins))
	familyOf := make([]int, len(s.rules.list))
	for i, name := range s.rules.list {
		if familyOf[i] = slices.Index(edit.Families, edit.Family(name)); familyOf[i] < 0 {
			familyOf[i] = len(edit.Families)
		}
	}
	ruleOf := make([]uint32, len(s.groups))
	for i := range s.groups {
		ruleOf[i] = s.groups[i].rule
	}
	var binOf [10002]uint8
	for v, bin := 0, 0; v < len(binOf); v++ {
		for bin+1 < len(confBins) && v >= int(confBins[bin+1]) {
			bin++
		}
		binOf[v] = uint8(bin)
	}
	a := &Answer{Query: q}
	col := collector{s: s, view: q.View}
	col.begin()
	for r := range c.Len() {
		row := uint32(r)
		bad := t.fails(row)
		if bad&hard != 0 || bad&(bad-1) != 0 {
			continue // fails outright, or in two facets
		}
		f := c.flags[row]
		if t.fixed && f&flagDead != 0 {
			continue
		}
		rule := ruleOf[c.group[row]]
		if bad == 0 {
			counts[dimRule][rule]++
			counts[dimFamily][familyOf[rule]]++
			counts[dimTier][f&3]++
			counts[dimOrigin][f>>2&3]++
			counts[dimDomain][c.docDomain[c.doc[row]]]++
			counts[dimStatus][c.status[row]]++
			counts[dimConf][binOf[min(c.conf[row], 10000)]]++
			countPlaces(counts[dimPlace], f)
			a.Edits++
			if c.status[row].Undecided() {
				a.Open++
			}
			col.add(row)
			continue
		}
		switch d := dimension(bits.TrailingZeros16(bad)); d { // it fits but for this facet, so it counts there
		case dimRule:
			counts[d][rule]++
		case dimFamily:
			counts[d][familyOf[rule]]++
		case dimTier:
			counts[d][f&3]++
		case dimOrigin:
			counts[d][f>>2&3]++
		case dimDomain:
			counts[d][c.docDomain[c.doc[row]]]++
		case dimStatus:
			counts[d][c.status[row]]++
		case dimConf:
			counts[d][binOf[min(c.conf[row], 10000)]]++
		case dimPlace:
			countPlaces(counts[d], f)
		}
	}
	a.Lines = max(len(col.entries), len(col.rows))
	a.Entries = col.sorted(q.Order, counts[dimRule])
	a.Facets = s.facets(&q.Filter, &counts)
	h := sha256.New()
	_ = json.NewEncoder(h).Encode(q) // a hash never fails
	fmt.Fprint(h, s.seq(), c.Len())
	a.Digest = hex.EncodeToString(h.Sum(nil)[:8])
	return a, nil
}

func countPlaces(n []int, f uint16) {
	if f&(flagQuote|flagHeadline|flagURL) == 0 {
		n[len(places)]++
		return
	}
	for i, p := range places {
		if f&p.flag != 0 {
			n[i]++
		}
	}
}

// maxFacet is how many values of a facet are sent; the page searches for more.
const maxFacet = 40

func (s *Store) facets(f *Filter, counts *[numDims][]int) map[string][]FacetValue {
	confNames := make([]string, len(confBins)-1)
	for i := range confNames {
		confNames[i] = confName(i)
	}
	placeNames := []string{}
	for _, p := range places {
		placeNames = append(placeNames, p.name)
	}
	placeNames = append(placeNames, "plain")
	lists := [numDims][]string{
		s.rules.list,
		append(slices.Clone(edit.Families), "other"),
		{"hint", "review", "safe"},
		{"unknown", "extraction", "source"},
		s.domains.list, statusNames[:], placeNames, confNames,
	}
	on := [numDims][]string{f.Rule, f.Family, f.Tier, f.Origin, f.Domain, f.Status, f.Place, {}}
	out := map[string][]FacetValue{}
	for d := range numDims {
		var vs []FacetValue
		for i, name := range lists[d] {
			chosen := slices.Contains(on[d], name)
			if n := counts[d][i]; n > 0 && name != "" || chosen {
				vs = append(vs, FacetValue{name, n, chosen})
			}
		}
		if d != dimConf {
			slices.SortStableFunc(vs, func(a, b FacetValue) int { return cmp.Compare(b.N, a.N) })
		}
		if len(vs) > maxFacet {
			kept := vs[:maxFacet:maxFacet]
			for _, v := range vs[maxFacet:] {
				if v.On {
					kept = append(kept, v)
				}
			}
			vs = kept
		}
		if vs == nil {
			vs = []FacetValue{}
		}
		out[dimNames[d]] = vs
	}
	return out
}

// confName is a bin of the confidence facet, "0.9-0.95".
func confName(i int) string {
	return fmt.Sprintf("%g-%g", float64(confBins[i])/1e4, float64(min(confBins[i+1], 10000))/1e4)
}
