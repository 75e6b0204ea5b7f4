package main

import (
	"errors"
	"fmt"
	"go/format"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"copydesk/repair/damage"
	"copydesk/repair/detect"
	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/rules"

	"github.com/spf13/cobra"
)

func newTrainGapsCommand(a *app) *cobra.Command {
	var limit int
	var seed uint64
	var pairs []string
	cmd := &cobra.Command{
		Use:   "gaps FILE...",
		Short: "Fit the weights of the evidence on wrong gaps",
		Long: `Fit the weights of the evidence on wrong gaps to documents that no model was
trained on, damaged on purpose, and print them as repair/detect/gapweights.go.
Files are as for train. --pairs takes folders whose corrupt.txt and correct.txt hold
the same lines damaged and as they were: each is a document.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			models, err := lm.Open(rules.Model())
			if err != nil {
				return err
			}
			if models.Spacing, err = lm.OpenSpacing(rules.Spacing()); err != nil {
				return err
			}
			if models.GapNet, err = lm.OpenGapNet(rules.GapNet()); err != nil {
				return err
			}
			s := &gapSampler{engine: detect.NewEngine(models, nil), r: damage.NewRand(seed), limit: limit}
			for _, f := range files {
				s.bytes = 0
				if err := plainDocuments(f, s.document); err != nil && err != errEnough {
					return usageError(err)
				}
			}
			for _, dir := range pairs {
				if err := s.pairs(dir); err != nil {
					return usageError(err)
				}
			}
			right := 0
			for _, x := range s.samples {
				if x.Right {
					right++
				}
			}
			fmt.Fprintf(a.stderr, "%d places in %d documents, %d of them wrong gaps; %d gaps were damaged\n", len(s.samples), s.docs, right, s.gold)
			source, table := detect.FitGaps(s.samples)
			fmt.Fprint(a.stderr, table)
			out, err := format.Source([]byte(source))
			if err != nil {
				return err
			}
			_, err = a.stdout.Write(out)
			return err
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 500_000, "bytes of text taken from each file")
	cmd.Flags().StringArrayVar(&pairs, "pairs", nil, "a folder of damaged lines and what they were; repeatable")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "seed of the damage")
	return cmd
}

// pairs judges lines that somebody else damaged.
func (s *gapSampler) pairs(dir string) error {
	corrupt, correct, err := linePairs(dir)
	if err != nil {
		return err
	}
	for k, src := range corrupt {
		gold, ok := spaceFaults(src, correct[k])
		if !ok {
			continue // more than spaces differ
		}
		s.docs++
		s.judge(src, gold)
	}
	return nil
}

// linePairs reads a folder whose corrupt.txt and correct.txt hold the same lines
// damaged and as they were.
func linePairs(dir string) (corrupt, correct []string, err error) {
	err = errors.Join(
		eachLine(filepath.Join(dir, "corrupt.txt"), func(l string) { corrupt = append(corrupt, l) }),
		eachLine(filepath.Join(dir, "correct.txt"), func(l string) { correct = append(correct, l) }))
	if err == nil && len(corrupt) != len(correct) {
		err = fmt.Errorf("%s: %d damaged lines and %d as they were: they must pair", dir, len(corrupt), len(correct))
	}
	return corrupt, correct, err
}

// spaceFaults lists where single spaces must come into a text or go to make
// another of it, and whether nothing else differs.
func spaceFaults(src, want string) (gold []damage.Gold, ok bool) {
	j := 0
	for i := 0; i <= len(src); i++ {
		switch {
		case i < len(src) && j < len(want) && src[i] == want[j]:
			j++
		case j < len(want) && want[j] == ' ':
			gold = append(gold, damage.Gold{Edit: edit.Edit{Span: edit.Span{Start: i, End: i}, New: " "}})
			j++
			i--
		case i < len(src) && src[i] == ' ':
			gold = append(gold, damage.Gold{Edit: edit.Edit{Span: edit.Span{Start: i, End: i + 1}}})
		case i < len(src):
			return nil, false
		}
	}
	return gold, j == len(want)
}

var errEnough = fmt.Errorf("enough text")

type gapSampler struct {
	engine      *detect.Engine
	r           *damage.Rand
	limit       int // bytes from each file
	bytes, docs int
	gold        int
	samples     []detect.GapSample
}

// document damages one document as processes do and notes what the detectors
// find in it.
func (s *gapSampler) document(doc string) error {
	if !lm.HeldOut(doc) {
		return nil
	}
	if s.bytes > s.limit {
		return errEnough
	}
	const longest = 12_000 // bytes taken of one document
	if len(doc) > longest {
		doc = doc[:strings.LastIndexByte(doc[:longest], '\n')+1]
	}
	doc = strings.TrimSpace(doc)
	if s.r.Chance(0.4) {
		s.sentences(doc)
		return nil
	}
	s.sample(doc, false)
	return nil
}

// sentences damages each sentence as a document of its own.
func (s *gapSampler) sentences(doc string) {
	const most = 20
	n := 0
	for _, p := range strings.Split(doc, "\n") {
		for _, x := range strings.SplitAfter(p, ". ") {
			if x = strings.TrimSpace(x); len(x) > 10 && n < most {
				s.sample(x, true)
				n++
			}
		}
	}
}

// sample damages a text in one of many ways. Lines that stand alone are hurt all over
// more often than articles are.
func (s *gapSampler) sample(clean string, line bool) {
	if len(clean) < 10 {
		return
	}
	p := s.engine.Reparse(clean)
	hurt := slices.ContainsFunc(p.GapSamples(), detect.GapSample.Plain)
	p.Close()
	if hurt {
		return // text that passes for clean and is not
	}
	s.bytes += len(clean)
	s.docs++
	careless := s.r.Chance(0.35) // an author whose slips are not ours to mend
	if careless {
		rate := []float64{3, 10, 30, 80}[s.r.IntN(4)]
		clean, _ = damage.Make(clean, damage.OfKind(damage.Typo, rate), s.r.Uint64())
	}
	var recipe damage.Recipe
	switch n := s.r.IntN(20); {
	case n < 7 || careless && n < 11:
	case line && n > 9 && n < 19:
		s.scattered(clean)
		return
	case line && n > 7 && n < 10:
		recipe.Process[damage.BlockJoin] = damage.BlockJoin.Usual(s.r)
	case n < 11:
		recipe.Process[damage.LinkTrim] = damage.LinkTrim.Usual(s.r)
	case n < 14:
		recipe.Process[damage.BlockJoin] = damage.BlockJoin.Usual(s.r)
	case n < 16:
		recipe.Process[damage.RandomSpace] = damage.RandomSpace.Usual(s.r)
	case n < 19:
		s.scattered(clean)
		return
	default:
		recipe = damage.Mixed(s.r)
	}
	src, gold := damage.Make(clean, recipe, s.r.Uint64())
	s.judge(src, gold)
}

// scattered damages gaps of all sorts alike, those beside marks too.
func (s *gapSampler) scattered(clean string) {
	lost := []float64{0.01, 0.03, 0.1}[s.r.IntN(3)]
	added := lost / 5 * float64(s.r.IntN(3))
	var b strings.Builder
	var gold []damage.Gold
	last := byte('\n')
	for i := 0; i < len(clean); i++ {
		c := clean[i]
		switch {
		case c == ' ' && last != '\n' && s.r.Chance(lost):
			gold = append(gold, damage.Gold{Edit: edit.Edit{Span: edit.Span{Start: b.Len(), End: b.Len()}, New: " "}})
			last = c
			continue
		case c != ' ' && c != '\n' && last != ' ' && last != '\n' && utf8.RuneStart(c) && s.r.Chance(added):
			gold = append(gold, damage.Gold{Edit: edit.Edit{Span: edit.Span{Start: b.Len(), End: b.Len() + 1}}})
			b.WriteByte(' ')
		}
		b.WriteByte(c)
		last = c
	}
	s.judge(b.String(), gold)
}

// judge notes what the detectors find in a damaged text.
func (s *gapSampler) judge(src string, gold []damage.Gold) {
	right := map[edit.Span]bool{}
	var unclear []edit.Span // other damage touches the place
	for _, g := range gold {
		if g.Len() == 0 && strings.ContainsAny(g.New, " \n") || g.New == "" && src[g.Start:g.End] == " " {
			right[g.Span] = true
			s.gold++
		} else {
			unclear = append(unclear, edit.Span{Start: g.Start - 1, End: g.End + 1})
		}
	}
	p := s.engine.Reparse(src)
	defer p.Close()
	for _, x := range p.GapSamples() {
		x.Right = true
		for _, e := range x.Edits {
			x.Right = x.Right && right[e.Span]
		}
		if !x.Right && slices.ContainsFunc(unclear, func(u edit.Span) bool {
			return u.Start <= x.Edits[len(x.Edits)-1].End && x.Edits[0].Start <= u.End
		}) {
			continue
		}
		s.samples = append(s.samples, x)
	}
}
