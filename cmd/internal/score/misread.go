package score

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"copydesk/repair/damage"
)

// Setting is what stands around a misread passage.
type Setting uint8

// The settings.
const (
	Whole  Setting = iota // the passage is all there is
	Beside                // a clean passage stands before and after it
	Part                  // half of its runs outside ASCII are misread, the others are as written
	Mixed                 // the next passage was misread in another way
	NumSettings
)

func (s Setting) String() string {
	return [...]string{"alone", "between clean", "in part", "of two kinds"}[s]
}

// minDamaged is the fewest misread characters that a passage is measured with:
// a single one may be anything.
const minDamaged = 2

// RoundTrips counts how many misread passages come back, for each kind of
// misreading and each setting. Its zero value is ready.
type RoundTrips struct {
	Tried, Right [damage.NumKinds][NumSettings]int
	Spoilt       int // clean passages beside a misread one that were changed
	Lost         func(k damage.Kind, s Setting, clean, damaged, got string)
}

// Add misreads every passage in every way, and counts those that fix restores
// exactly. Passages hold no line ends; those that have fewer than two characters to
// misread, or that fix changes as they are, are left out.
func (t *RoundTrips) Add(passages []string, seed uint64, fix func(string) string) {
	var clean []string
	for _, p := range passages {
		if aboveASCII(p) >= minDamaged && fix(p) == p {
			clean = append(clean, p)
		}
	}
	kinds := damage.Misreadings()
	for i, p := range clean {
		before, after := clean[(i+len(clean)-1)%len(clean)], clean[(i+1)%len(clean)]
		for n, k := range kinds {
			bad, ok := damage.Misread(k, p)
			if !ok || bad == p {
				continue
			}
			t.count(k, Whole, p, bad, fix(bad))
			got := strings.Split(fix(before+"\n"+bad+"\n"+after), "\n")
			if len(got) != 3 {
				got = []string{"", strings.Join(got, "\n"), ""}
			}
			t.count(k, Beside, p, bad, got[1])
			if got[0] != before || got[2] != after {
				t.Spoilt++
				if t.Lost != nil {
					t.Lost(k, Beside, before+"\n"+after, bad, got[0]+"\n"+got[2])
				}
			}
			r := damage.NewRand(seed + uint64(i)<<8 + uint64(n))
			if part, n := partly(k, p, r); n >= minDamaged && part != p {
				t.count(k, Part, p, part, fix(part))
			}
			if other, ok := damage.Misread(kinds[r.IntN(len(kinds))], after); ok {
				line, _, _ := strings.Cut(fix(bad+"\n"+other), "\n")
				t.count(k, Mixed, p, bad, line)
			}
		}
	}
}

func (t *RoundTrips) count(k damage.Kind, s Setting, clean, bad, got string) {
	t.Tried[k][s]++
	if got == clean {
		t.Right[k][s]++
	} else if t.Lost != nil {
		t.Lost(k, s, clean, bad, got)
	}
}

// partly misreads about half of the runs outside ASCII, and says how many
// characters it misread.
func partly(k damage.Kind, s string, r *damage.Rand) (string, int) {
	var out strings.Builder
	n := 0
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && (s[j] >= utf8.RuneSelf) == (s[i] >= utf8.RuneSelf) {
			j++
		}
		run := s[i:j]
		if s[i] >= utf8.RuneSelf && r.Chance(0.5) {
			if bad, ok := damage.Misread(k, run); ok && bad != run {
				n += utf8.RuneCountInString(run)
				run = bad
			}
		}
		out.WriteString(run)
		i = j
	}
	return out.String(), n
}

func aboveASCII(s string) int {
	n := 0
	for _, r := range s {
		if r >= utf8.RuneSelf {
			n++
		}
	}
	return n
}

// Table writes a row for each kind, in percent.
func (t *RoundTrips) Table() string {
	var b strings.Builder
	b.WriteString("| kind | ")
	for s := range NumSettings {
		fmt.Fprintf(&b, "%s | ", s)
	}
	b.WriteString("passages |\n|---|" + strings.Repeat("---|", int(NumSettings)+1) + "\n")
	for _, k := range damage.Misreadings() {
		fmt.Fprintf(&b, "| %s ", k)
		for s := range NumSettings {
			if n := t.Tried[k][s]; n > 0 {
				fmt.Fprintf(&b, "| %.2f ", 100*float64(t.Right[k][s])/float64(n))
			} else {
				b.WriteString("| ")
			}
		}
		fmt.Fprintf(&b, "| %d |\n", t.Tried[k][Whole])
	}
	return b.String()
}
