package main

import (
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"copydesk/cmd/internal/score"
	"copydesk/repair"
	"copydesk/repair/damage"
	"copydesk/repair/edit"
	"copydesk/repair/lm"
	"copydesk/repair/resolve"
	"copydesk/repair/text"
	"copydesk/rules"

	"github.com/spf13/cobra"
)

func newCalibrateCommand(a *app) *cobra.Command {
	var out, errs string
	var every, rounds, parts int
	var unfitted bool
	var families []string
	cmd := &cobra.Command{
		Use:   "calibrate -o TABLE FILE...",
		Short: "Calibrate every rule's confidence on text kept out of the models",
		Long: `Calibrate every rule's confidence. The documents that training keeps out of the
models are repaired as they are and after damage of known gold: whole documents
with a mixture of processes, and excerpts with a single fault. Each rule's
evidence is weighed anew, and the confidence from which it is safe is proved on
the third of the documents that had no part in any fitting. A proposal is weighed
beside its rivals, as it is when a text is repaired; what may never be applied
unattended takes part in the weighing, not in the proof. The report says what each rule
would reach if its evidence were taken at its word.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			r, err := repair.New(repair.Options{Raw: true})
			if err != nil {
				return usageError(err)
			}
			c := calibrator{r: r, samples: map[string][]resolve.Sample{}, rounds: rounds, parts: parts, kinds: kindsOf(families)}
			if len(c.kinds) == 0 {
				return usageError(fmt.Errorf("--family %s: no damage is made that these families repair", strings.Join(families, ",")))
			}
			for _, f := range files {
				n := 0
				if err := plainDocuments(f, func(doc string) error {
					if lm.HeldOut(doc) && healthy(doc) && (!unfitted || lm.Proof(doc)) {
						if n++; n%every == 0 {
							c.document(doc)
						}
					}
					return nil
				}); err != nil {
					return usageError(err)
				}
				fmt.Fprintf(a.stderr, "%s: %d healthy documents kept out\n", filepath.Base(f), n)
			}
			if c.docs < 100 {
				return usageError(fmt.Errorf("only %d documents are kept out of the models: give more text", c.docs))
			}
			table := c.fit(a)
			if err := c.reliability(a); err != nil {
				return err
			}
			if errs != "" {
				if err := writeAside(errs, []byte(c.wrong.String())); err != nil {
					return usageError(err)
				}
			}
			return writeAside(out, []byte("# Written by copydesk train calibrate.\n"+table.String()))
		},
	}
	cmd.Flags().BoolVar(&unfitted, "proof", false, "judge only the third of the documents that no weights were fitted on: nothing is weighed anew")
	cmd.Flags().StringVarP(&out, "output", "o", "", "the table to write")
	cmd.Flags().StringVar(&errs, "errors", "", "list every proposal that the gold does not want in this file")
	cmd.Flags().IntVar(&every, "every", 1, "take only every Nth of the documents that are kept out")
	cmd.Flags().IntVar(&parts, "excerpts", excerpts, "excerpts with a single fault for each document; 0 judges whole documents only")
	cmd.Flags().IntVar(&rounds, "rounds", 1, "damage each document so many times")
	cmd.Flags().StringSliceVar(&families, "family", nil, "damage excerpts only as these families repair: more samples of their rules")
	_ = cmd.MarkFlagRequired("output")
	return cmd
}

// kindsOf lists the kinds of damage that the families repair; all of them where
// none is named.
func kindsOf(families []string) []damage.Kind {
	var kinds []damage.Kind
	for k := range damage.FirstMisreading {
		if len(families) == 0 || slices.Contains(families, k.Family()) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// calibrator gathers judged proposals by rule.
type calibrator struct {
	r       *repair.Repairer
	maker   damage.Maker
	docs    int
	rounds  int           // how often each document is damaged
	parts   int           // excerpts with a single fault for each damaged document
	kinds   []damage.Kind // of the excerpts' damage
	samples map[string][]resolve.Sample
	wrong   strings.Builder
}

// Shares of the calibration's material.
const (
	excerpts     = 16 // excerpts with a single fault for each whole damaged document
	excerptWords = 60 // words of an excerpt, about: as much as an editor reads around a place
)

// document takes one clean document through its clean and damaged forms.
func (c *calibrator) document(doc string) {
	c.docs++
	rnd := damage.NewRand(uint64(lm.Key(doc)))
	proof := lm.Proof(doc)
	doc = strings.TrimSpace(doc)
	c.judge(doc, nil, proof)
	for range c.rounds {
		for _, recipe := range []damage.Recipe{damage.Mixed(rnd), translated(rnd)} {
			if hurt, gold := c.maker.Make(text.Parse(doc), recipe, rnd); len(gold) > 0 {
				c.judge(hurt, gold, proof)
			}
		}
		for range c.parts {
			part := excerpt(doc, rnd)
			kind := c.kinds[rnd.IntN(len(c.kinds))]
			if hurt, gold, ok := c.maker.Apply(kind, text.Parse(part), rnd); ok {
				c.judge(hurt, gold, proof)
			} else {
				c.judge(part, nil, proof)
			}
		}
	}
}

// translated draws the recipe of an article that an aggregator took from a page,
// spaces at its links and some of its marks lost, and had translated there and
// back.
func translated(rnd *damage.Rand) damage.Recipe {
	r := damage.Of(damage.RoundTrip, damage.RoundTrip.Usual(rnd))
	r.Kind[damage.GluedWords] = 6 * rnd.Float64()
	for _, k := range []damage.Kind{damage.QuotesStripped, damage.PossDropped, damage.PossMisplaced, damage.MissingBreakGlued, damage.MissingBreakSpace, damage.DupWord, damage.ItsForm} {
		r.Kind[k] = 1.5 * rnd.Float64()
	}
	return r
}

// minHealthy is the shortest document that shows whether it is healthy, in bytes.
const minHealthy = 900

// faults are signs that text given as clean is not: stops that lost their
// space, contractions that lost their apostrophe, mojibake.
var faults = regexp.MustCompile(`[a-z][.!?][A-Z][a-z]|\b(?i:dont|doesnt|didnt|isnt|wasnt|cant|wont|thats|theyre|couldnt|wouldnt|arent|hasnt|havent|hes|theres|youre|ive)\b|â€|Ã|\x{FFFD}| [,.] |[a-z] ['’]s `)

// healthy reports whether a document may stand for clean text. Training text
// has its own share of stripped and glued articles; what is right to repair in
// them would count as wrong.
func healthy(doc string) bool {
	return len(doc) >= minHealthy && strings.ContainsAny(doc, "'’") && strings.ContainsAny(doc, "\"“") && !faults.MatchString(doc)
}

// sureOfFault is the confidence, at its word, from which a proposal on text that
// nobody damaged may show a fault of the source.
const sureOfFault = 0.97

// wrongShare is how many of a rule's sure proposals on undamaged text were
// wrong when all of them, on 1,700 documents, were read one by one; the others
// mended faults of the source. For rules not named here it is 1.
var wrongShare = map[string]float64{
	"spacing/lost-after-mark": 0.07, // of 73: "News,announced", "Comey:Lessons" against "tl;dr"
	"merged/known-parts":      0.85, // of 111: "CardHub", "congressgirls" against "PelosiGiuliani"
	"break/before-lower":      0.5,  // of 4
}

// weight is what a sample counts for the fitting.
func weight(rule string, conf float64, right, damaged bool) float64 {
	if share, ok := wrongShare[rule]; ok && !right && !damaged && conf >= sureOfFault {
		return share
	}
	return 1
}

// near reports whether made damage touches a place or stands close to it.
func near(made []damage.Gold, s edit.Span) bool {
	const close = 12 // bytes: a neighbouring word
	return slices.ContainsFunc(made, func(g damage.Gold) bool { return g.Start <= s.End+close && s.Start <= g.End+close })
}

// madeNear lists the damage that was made close to a place, for whoever reads errors.
func madeNear(src string, made []damage.Gold, s edit.Span) string {
	var b strings.Builder
	for i := range made {
		if g := &made[i]; near(made[i:i+1], s) {
			fmt.Fprintf(&b, "%s %q %q; ", g.Kind, src[g.Start:g.End], g.New)
		}
	}
	return strings.TrimSuffix(b.String(), "; ")
}

// excerpt is some whole lines of a document, about excerptWords long.
func excerpt(doc string, rnd *damage.Rand) string {
	lines := strings.Split(doc, "\n")
	from := rnd.IntN(len(lines))
	to, words := from, 0
	for to < len(lines) && words < excerptWords {
		words += strings.Count(lines[to], " ") + 1
		to++
	}
	return strings.Join(lines[from:to], "\n")
}

func (c *calibrator) judge(src string, made []damage.Gold, proof bool) {
	var gold []score.Gold
	for _, g := range made {
		gold = append(gold, score.Gold{Span: g.Span, After: g.New})
	}
	allowed := score.NewAllowed(src, gold, alike)
	res := c.r.Fix(src)
	for _, ch := range res.Changes {
		if !ch.HasAfter || len(ch.Evidence) == 0 || edit.Family(ch.Rule) == "boilerplate" {
			continue // no gold says what boilerplate the sources kept
		}
		right := allowed.Right(edit.Edit{Span: ch.Src, New: ch.After})
		c.samples[ch.Rule] = append(c.samples[ch.Rule], resolve.Sample{
			Evidence: ch.Evidence, Profile: res.Damage, Rivals: rivals(&ch), Proof: proof, Review: ch.Ceiling < edit.Safe, Clean: len(made) == 0, Right: right,
			Weight: weight(ch.Rule, ch.Conf, right, near(made, ch.Src)),
		})
		if !right {
			lo, hi := max(0, ch.Src.Start-40), min(len(src), ch.Src.End+40)
			fmt.Fprintf(&c.wrong, "%s\t%.4f\tclean=%v\t%q\t%q\t%q\t%s\n", ch.Rule, ch.Conf, len(made) == 0, ch.Before, ch.After, src[lo:hi], madeNear(src, made, ch.Src))
		}
	}
}

// rivals is ln(1 + the odds of a proposal's rivals), from its own odds and the
// confidence that they left it.
func rivals(ch *repair.Change) float64 {
	const most = 9.2 // nats: as the judge clips them
	var nats float64
	for _, e := range ch.Evidence {
		nats += e.Nats
	}
	nats = max(-most, min(most, nats))
	return max(0, nats-math.Log(ch.Conf/(1-min(ch.Conf, 0.9999))))
}

var plainMarks = strings.NewReplacer("’", "'", "“", `"`, "”", `"`)

// alike writes insertions that an editor accepts either way in one form: which
// apostrophe, which quotation mark, which white space.
func alike(insertion string) string {
	if strings.TrimSpace(insertion) == "" {
		return " "
	}
	return plainMarks.Replace(insertion)
}

// reliability reports how many proposals are right of those that the shipped table holds
// safe, and of those that may be applied from some confidences on, at their word.
func (c *calibrator) reliability(a *app) error {
	shipped, err := resolve.ParseTable(rules.Calibration())
	if err != nil {
		return err
	}
	from := [...]float64{0.75, 0.8, 0.85, 0.9, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99}
	names := make([]string, 0, len(c.samples))
	for n := range c.samples {
		names = append(names, n)
	}
	slices.Sort(names)
	fmt.Fprintf(a.stderr, "\nright of those that the shipped table holds safe, and of those from a confidence on, at their word:\n%-32s %11s", "rule", "shipped")
	for _, f := range from {
		fmt.Fprintf(a.stderr, " %11.2f", f)
	}
	type share struct{ right, all int }
	for _, n := range names {
		var safe share
		var at [len(from)]share
		take := func(to *share, right bool) {
			if to.all++; right {
				to.right++
			}
		}
		for i := range c.samples[n] {
			s := &c.samples[n][i]
			if shipped.Applies(n, s) {
				take(&safe, s.Right)
			}
			for k, f := range from {
				if s.Review || s.AtWord() < f {
					break
				}
				take(&at[k], s.Right)
			}
		}
		if safe.all == 0 && at[0].all == 0 {
			continue
		}
		fmt.Fprintf(a.stderr, "\n%-32s %5d/%5d", n, safe.right, safe.all)
		for k := range from {
			fmt.Fprintf(a.stderr, " %5d/%5d", at[k].right, at[k].all)
		}
	}
	fmt.Fprintln(a.stderr)
	return nil
}

func (c *calibrator) fit(a *app) resolve.Table {
	names := make([]string, 0, len(c.samples))
	for n := range c.samples {
		names = append(names, n)
	}
	slices.Sort(names)
	table := resolve.Table{}
	fmt.Fprintf(a.stderr, "%-32s %7s %7s %6s %7s %7s %6s %6s %6s    at its word: %6s %7s %7s %6s %6s %6s\n",
		"rule", "samples", "right", "safe", "proof", "right", "clean", "found%", "ECE", "safe", "proof", "right", "clean", "found%", "ECE")
	found := func(r resolve.Report) float64 { return 100 * float64(r.SafeRight) / float64(max(1, r.ProofRight)) }
	for _, n := range names {
		s, rep, ok := resolve.Fit(c.samples[n], edit.Family(n) != "characters")
		if ok {
			table[n] = s
		}
		safe, word := resolve.Prove(c.samples[n])
		fmt.Fprintf(a.stderr, "%-32s %7d %7d %6.3f %7d %7d %6d %6.1f %6.3f                 %6.3f %7d %7d %6d %6.1f %6.3f\n", n, rep.Samples, rep.Right,
			s.Safe, rep.ProofSafe, rep.SafeRight, rep.CleanSafe, found(rep), rep.ECE, safe, word.ProofSafe, word.SafeRight, word.CleanSafe, found(word), word.ECE)
	}
	return table
}
