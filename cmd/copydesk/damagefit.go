package main

import (
	"fmt"
	"io"
	"strings"

	"copydesk/repair/damage"
	"copydesk/repair/detect"
	"copydesk/repair/lm"
	"copydesk/repair/text"
	"copydesk/rules"
)

// fitRates are the rates the diagnosis is fitted and measured at, in damaged
// places per 1,000 words.
var fitRates = []float64{1, 3, 10, 50}

// fitDiagnosis fits the diagnosis to documents (separated by blank lines) from
// standard input and writes repair/damage/weights.go; with confuse it measures
// the shipped one instead.
func fitDiagnosis(a *app, seed uint64, confuse bool) error {
	models, err := lm.Open(rules.Model())
	if err != nil {
		return err
	}
	b, err := io.ReadAll(a.stdin)
	if err != nil {
		return err
	}
	engine := detect.NewEngine(models, nil)
	docs := strings.Split(string(b), "\n\n")
	r := damage.NewRand(seed)
	if confuse {
		for _, short := range []bool{true, false} {
			fmt.Fprintf(a.stdout, "short %v: share called damaged (P >= 0.5), clean documents: %.3f\n", short, confusion(engine, docs, damage.NumProcesses, 0, short, r))
			for p := range damage.NumProcesses {
				fmt.Fprintf(a.stdout, "%-14s", p)
				for _, rate := range fitRates {
					fmt.Fprintf(a.stdout, " %.3f", confusion(engine, docs, p, rate, short, r))
				}
				fmt.Fprintln(a.stdout)
			}
		}
		return nil
	}
	var samples []damage.Sample
	for i, clean := range docs {
		var hurt [damage.NumProcesses]bool
		src := clean
		if i%2 == 1 {
			p := damage.Process(r.IntN(int(damage.NumProcesses)))
			made, gold := damage.Make(clean, damage.Of(p, fitRates[r.IntN(len(fitRates))]), r.Uint64())
			src, hurt[p] = made, len(gold) > 0
		}
		pass := engine.Scan(text.Parse(src))
		samples = append(samples, damage.NewSample(pass.Doc, engine.Lex, &pass.Counts, pass.At(detect.Unknown), hurt))
		pass.Close()
	}
	_, err = io.WriteString(a.stdout, damage.Fit(samples))
	return err
}

// confusion is the share of damaged documents in which the process is found; of
// clean ones (process NumProcesses) the share in which any is.
func confusion(engine *detect.Engine, docs []string, p damage.Process, rate float64, short bool, r *damage.Rand) float64 {
	found, all := 0, 0
	for _, clean := range docs {
		words := strings.Count(clean, " ")
		if (words < 200) != short {
			continue
		}
		src := clean
		if p < damage.NumProcesses {
			made, gold := damage.Make(clean, damage.Of(p, rate), r.Uint64())
			if len(gold) == 0 {
				continue
			}
			src = made
		}
		pass := engine.Scan(text.Parse(src))
		profile := damage.Diagnose(pass.Doc, engine.Lex, &pass.Counts, pass.At(detect.Unknown))
		pass.Close()
		all++
		for q := range damage.NumProcesses {
			if profile.P[q] >= 0.5 && (p == q || p == damage.NumProcesses) {
				found++
				break
			}
		}
	}
	return float64(found) / float64(max(all, 1))
}
