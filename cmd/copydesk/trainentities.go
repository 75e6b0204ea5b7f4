package main

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"copydesk/repair/lm"
	"copydesk/repair/text"

	"github.com/spf13/cobra"
)

// What a name must have to be listed.
const (
	minEntity   = 25  // times seen
	minEntityMI = 2.0 // nats by which its halves stand together more often than chance has it
	minPairMI   = 5.0 // the same where "and" joins them: Moscow and Tehran are no name
	maxHead     = 3   // words before the small one
	maxEntity   = 6   // words
)

func newTrainEntitiesCommand(a *app) *cobra.Command {
	var out string
	most := 3000
	cmd := &cobra.Command{
		Use:   "entities -o LIST FILE...",
		Short: "List names of several words that hold a small one: Department of State",
		Long: `List names of several words in capitals that a small word joins (Department of
State, House of Representatives), from plain text in the form that train takes: those
whose halves stand together more often than chance has it, the strongest first. The
same documents are kept out.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			c := entityCounts{names: map[string]int{}, heads: map[string]int{}, tails: map[string]int{}}
			for _, f := range files {
				if err := plainDocuments(f, c.document); err != nil {
					return usageError(err)
				}
				fmt.Fprintf(a.stderr, "%s: %d names so far\n", filepath.Base(f), len(c.names))
			}
			list := c.best(most)
			return writeAside(out, []byte(strings.Join(list, "\n")+"\n"))
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "the list to write")
	cmd.Flags().IntVar(&most, "most", most, "names to list")
	_ = cmd.MarkFlagRequired("output")
	return cmd
}

// entityCounts counts names as a head, a small word and a tail.
type entityCounts struct {
	doc                 text.Document
	names, heads, tails map[string]int
	all                 int
}

var joinsNames = map[string]bool{"of": true, "for": true, "and": true}

func (c *entityCounts) document(src string) error {
	if lm.HeldOut(src) {
		return nil
	}
	d := &c.doc
	text.ParseInto(d, src)
	for _, s := range d.Sentences {
		for i := int(s.First) + 1; i+1 < int(s.End); i++ {
			if joinsNames[d.Str(i)] && d.Tokens[i].Gap == text.GapSpace {
				c.around(i, int(s.First)+1, int(s.End))
			}
		}
	}
	return nil
}

// around counts the names that token i joins, within tokens lo to hi-1: every run
// of words in capitals before it with every one behind it.
func (c *entityCounts) around(i, lo, hi int) {
	d := &c.doc
	name := func(k int) bool {
		t := d.Tokens[k]
		return t.Kind == text.Word && t.Gap == text.GapSpace && t.Shape&text.InitialUpper != 0 && t.Shape&(text.HasDot|text.AllUpper) == 0 && d.Str(k) != "The"
	}
	first, last := i, i+1
	for first > lo && i-first < maxHead && name(first-1) {
		first--
	}
	for last < hi && last-i < maxEntity-1 && name(last) {
		last++
	}
	if first == i || last == i+1 {
		return
	}
	c.all++
	for end := i + 2; end <= last; end++ {
		c.tails[d.Text[d.Tokens[i+1].Start:d.Tokens[end-1].End]]++
	}
	for ; first < i; first++ {
		head := d.Text[d.Tokens[first].Start:d.Tokens[i].End]
		c.heads[head]++
		for end := i + 2; end <= last && end-first <= maxEntity; end++ {
			c.names[head+d.Text[d.Tokens[i].End:d.Tokens[end-1].End]]++
		}
	}
}

// best lists the strongest names. A name that mostly is a part of one and the same
// longer one is left to that.
func (c *entityCounts) best(most int) []string {
	longer := map[string]int{} // how often a name went on, by its commonest longer one
	for name, n := range c.names {
		k := strings.LastIndexByte(name, ' ')
		longer[name[:k]] = max(longer[name[:k]], n)
		k = strings.IndexByte(name, ' ')
		longer[name[k+1:]] = max(longer[name[k+1:]], n)
	}
	type scored struct {
		name string
		nats float64
	}
	var list []scored
	for name, n := range c.names {
		if n < minEntity || longer[name] > n/2 {
			continue
		}
		head, tail := c.split(name)
		mi := math.Log(float64(n) * float64(c.all) / float64(c.heads[head]) / float64(c.tails[tail]))
		if mi >= minPairMI || mi >= minEntityMI && !strings.HasSuffix(head, " and") {
			list = append(list, scored{name, mi * float64(n)})
		}
	}
	slices.SortFunc(list, func(a, b scored) int { return cmp.Or(cmp.Compare(b.nats, a.nats), cmp.Compare(a.name, b.name)) })
	var out []string
	for _, s := range list[:min(len(list), most)] {
		out = append(out, s.name)
	}
	slices.Sort(out)
	return out
}

// split parts a name behind its first small word.
func (c *entityCounts) split(name string) (head, tail string) {
	at := 0
	for w := range strings.SplitSeq(name, " ") {
		at += len(w)
		if joinsNames[w] {
			break
		}
		at++
	}
	return name[:at], name[at+1:]
}
