package edit

import "fmt"

// Span is a half-open range of bytes, Start <= End.
type Span struct{ Start, End int }

// Len is the number of bytes in the span.
func (s Span) Len() int { return s.End - s.Start }

// Overlaps reports whether two spans are rivals: they share a byte, or one is
// an insertion point strictly inside the other, or both are the same insertion
// point. Spans that merely touch are friends.
func (s Span) Overlaps(o Span) bool {
	if s == o {
		return true
	}
	return s.Start < o.End && o.Start < s.End
}

// Contains reports whether o lies within s.
func (s Span) Contains(o Span) bool { return s.Start <= o.Start && o.End <= s.End }

func (s Span) String() string { return fmt.Sprintf("[%d,%d)", s.Start, s.End) }

// Edit replaces the bytes of Span by New. An empty span inserts; an empty New
// deletes.
type Edit struct {
	Span
	New string
}

// Tier says who may apply a change. The zero value is Hint.
type Tier uint8

// The tiers, in rising order of trust.
const (
	Hint   Tier = iota // shown; says where something is wrong, repairs nothing in bulk
	Review             // needs a person
	Safe               // applied unattended
)

var tierNames = [...]string{"hint", "review", "safe"}

func (t Tier) String() string { return tierNames[t] }

// ParseTier reads a tier's name.
func ParseTier(s string) (Tier, error) {
	for i, n := range tierNames {
		if s == n {
			return Tier(i), nil
		}
	}
	return 0, fmt.Errorf("unknown tier %q: use safe, review or hint", s)
}

// Origin says whose error a change repairs. The zero value is Unknown.
type Origin uint8

// The origins. By default only extraction damage is repaired.
const (
	Unknown    Origin = iota
	Extraction        // scraping, conversion, encoding, transcription
	Source            // the publisher's own error
)

var originNames = [...]string{"unknown", "extraction", "source"}

func (o Origin) String() string { return originNames[o] }

// Evidence is one reason for or against a proposal. Nats is its weight as a
// difference of log-probabilities (natural logarithm): positive favours the
// change. Note is for people: short, free of positions, the same on every run.
type Evidence struct {
	Name string  // the feature, a word such as "bigram" or "doc-has-base"
	Nats float64 // clipped by the detector to a sane range
	Note string  // what was seen, such as `"US" stands alone 7 times`
}

// Proposal is one thing that might be wrong with a text. Its edits stand or
// fall together. Alternatives need no type of their own: they are proposals
// whose spans overlap.
type Proposal struct {
	Rule     string // family/phenomenon; never reused for anything else
	Why      string // one sentence for people
	Span     Span   // what a person sees as the damaged place; covers every edit
	Edits    []Edit // ascending and disjoint, inside Span; none for a hint without a repair
	Segs     []Span // for a move: the pieces of the source in their new order
	Apart    bool   // the edits are shown and logged each at its own place (a pair of quotation marks)
	Evidence []Evidence
	Origin   Origin
	Ceiling  Tier   // the highest tier this proposal may reach, however sure
	Aside    bool   // shown for people, and weighs nothing against what else is proposed for its place, where only the safe tier is applied
	Guard    string // what protects the place, such as "code": it is then shown as a hint and never applied
}

// Nats sums the evidence.
func (p *Proposal) Nats() float64 {
	var sum float64
	for _, e := range p.Evidence {
		sum += e.Nats
	}
	return sum
}

// Family is the part of a rule before its slash.
func Family(rule string) string {
	for i := range len(rule) {
		if rule[i] == '/' {
			return rule[:i]
		}
	}
	return rule
}

// Families lists every family of the log, in the order of the contract.
var Families = []string{
	"characters", "spacing", "merged", "split", "hyphen", "possessive", "contraction", "break",
	"order", "quote", "dash", "duplicate", "boilerplate", "ocr", "case",
}

// Verdict says what became of a proposal.
type Verdict uint8

// The verdicts.
const (
	Applied   Verdict = iota
	Held              // would be right often enough for its tier, but that tier is not applied in this run
	Weak              // not sure enough for any tier that repairs
	Outscored         // a rival over the same place was likelier
	Protected         // the place must not be changed (a URL, code, a word of the user's list)
)

var verdictNames = [...]string{"applied", "held", "weak", "outscored", "protected"}

func (v Verdict) String() string { return verdictNames[v] }

// Entry is a proposal after judgement.
type Entry struct {
	Proposal
	Round   int     // the round it was proposed in, from 1; spans count bytes of that round's text
	Verdict Verdict //
	Conf    float64 // calibrated probability, 0 to 1, that a careful editor accepts it
	Tier    Tier    // as judged, never above Ceiling
	By      string  // the rule that outscored it, or what protects the place
	Rivals  []Alt   // what else was proposed for the same place, best first
}

// Alt is a rival repair of the same place: what the whole place would read.
type Alt struct {
	After string
	Rule  string
	Conf  float64
}
