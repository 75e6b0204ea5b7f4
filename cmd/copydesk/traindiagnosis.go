package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"copydesk/repair/damage"
	"copydesk/repair/detect"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"

	"github.com/spf13/cobra"
)

func newDiagnosisCommand(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "diagnosis [-o WEIGHTS.go] FILE...",
		Short: "Fit the diagnosis of which process hurt a document, and measure it",
		Long: `Fit the diagnosis of which process hurt a document to the documents kept out of
the models, clean and damaged, whole and in excerpts, and write it as Go; then
measure it on a third of them that had no part in the fitting. Without -o the
shipped diagnosis is measured.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			models, err := lm.Open(rules.Model())
			if err != nil {
				return usageError(err)
			}
			d := diagnoser{engine: detect.NewEngine(models, nil)}
			for _, f := range files {
				if err := plainDocuments(f, func(doc string) error {
					if lm.HeldOut(doc) && healthy(doc) {
						d.document(strings.TrimSpace(doc))
					}
					return nil
				}); err != nil {
					return usageError(err)
				}
				fmt.Fprintf(a.stderr, "%s: %d samples so far\n", filepath.Base(f), len(d.fit)+len(d.proof))
			}
			if len(d.fit) < 1000 {
				return usageError(fmt.Errorf("only %d samples: give more text", len(d.fit)))
			}
			if out != "" {
				return writeAside(out, []byte(damage.Fit(d.fit)))
			}
			d.measure(a)
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "the Go file to write, repair/damage/weights.go")
	return cmd
}

// diagnoser gathers documents of known damage.
type diagnoser struct {
	engine     *detect.Engine
	maker      damage.Maker
	fit        []damage.Sample
	proof      []proofSample
	proofClean []proofSample
}

// proofSample is a diagnosed document that had no part in the fitting.
type proofSample struct {
	damage.Profile
	hurt  damage.Process
	rate  int // index into proofRates
	short bool
}

// proofRates are the rates the diagnosis is measured at, in damaged places per
// 1,000 words.
var proofRates = []float64{1, 3, 10, 50}

func (d *diagnoser) document(doc string) {
	rnd := damage.NewRand(uint64(lm.Key(doc)))
	proof := rnd.IntN(3) == 0
	for _, src := range []string{doc, excerpt(doc, rnd)} {
		short := src != doc
		if proof {
			d.proofClean = append(d.proofClean, proofSample{Profile: d.diagnose(src), short: short})
			for p := range damage.NumProcesses {
				for k, rate := range proofRates {
					if hurt, gold := d.maker.Make(text.Parse(src), damage.Of(p, rate), rnd); len(gold) > 0 {
						d.proof = append(d.proof, proofSample{d.diagnose(hurt), p, k, short})
					}
				}
			}
			continue
		}
		for range 3 {
			d.sample(src, [damage.NumProcesses]bool{})
			recipe := damage.Mixed(rnd)
			if rnd.IntN(2) == 0 { // a single process, at any rate
				p := damage.Process(rnd.IntN(int(damage.NumProcesses)))
				recipe = damage.Of(p, proofRates[rnd.IntN(len(proofRates))])
			}
			var done [damage.NumProcesses]bool
			hurt, gold := d.maker.Make(text.Parse(src), recipe, rnd)
			for _, g := range gold {
				done[g.Process] = true
			}
			d.sample(hurt, done)
		}
	}
}

func (d *diagnoser) sample(src string, hurt [damage.NumProcesses]bool) {
	p := d.engine.Reparse(src)
	defer p.Close()
	d.fit = append(d.fit, damage.NewSample(p.Doc, p.Lex, &p.Counts, p.At(detect.Unknown), hurt))
}

func (d *diagnoser) diagnose(src string) damage.Profile {
	p := d.engine.Reparse(src)
	defer p.Close()
	return *p.Profile()
}

// measure prints the share of damaged documents whose process gets a
// probability of a half or more, and the share of clean ones that any gets.
func (d *diagnoser) measure(a *app) {
	for _, short := range []bool{true, false} {
		called, all := 0, 0
		for _, s := range d.proofClean {
			if s.short == short {
				all++
				for _, q := range s.P {
					if q >= 0.5 {
						called++
						break
					}
				}
			}
		}
		name := "whole documents"
		if short {
			name = "excerpts of about 60 words"
		}
		fmt.Fprintf(a.stdout, "%s: %.3f of %d clean ones are called damaged\n\n| process |", name, float64(called)/float64(max(1, all)), all)
		for _, r := range proofRates {
			fmt.Fprintf(a.stdout, " %v |", r)
		}
		fmt.Fprintf(a.stdout, "\n|---|%s\n", strings.Repeat("---|", len(proofRates)))
		for p := range damage.NumProcesses {
			fmt.Fprintf(a.stdout, "| %s |", p)
			for k := range proofRates {
				found, n := 0, 0
				for _, s := range d.proof {
					if s.hurt == p && s.rate == k && s.short == short {
						n++
						if s.P[p] >= 0.5 {
							found++
						}
					}
				}
				fmt.Fprintf(a.stdout, " %.3f |", float64(found)/float64(max(1, n)))
			}
			fmt.Fprintln(a.stdout)
		}
		fmt.Fprintln(a.stdout)
	}
}
