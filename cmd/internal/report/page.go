package report

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"copydesk/repair/edit"
)

// Page is a report: what is shown of a run.
type Page struct {
	Title      string      `json:"title"`
	Settings   [][2]string `json:"settings"`
	Files      int         `json:"files"`
	InputBytes int64       `json:"input_bytes"` // as they lie on the disk
	Broken     []string    `json:"broken"`      // files whose stream broke off
	Failed     []string    `json:"failed"`      // files that could not be repaired at all
	Sample     *Sample     `json:"sample,omitempty"`
	Stats      *Stats      `json:"stats"`
	Timing     Timing      `json:"timing"` // of the run that wrote the report; all else is the same on every run
}

// Sample says what a dry run drew.
type Sample struct {
	Records int64   `json:"records"`
	Of      int64   `json:"of"`
	Seed    uint64  `json:"seed"`
	Seconds float64 `json:"estimated_seconds"` // that the whole would take, at the speed of the sample
}

// Timing is how fast a run was.
type Timing struct {
	Seconds   float64 `json:"seconds"`
	Workers   int     `json:"workers"`
	Records   int64   `json:"records"`
	TextBytes int64   `json:"text_bytes"`
}

// JSON writes the report for programs.
func (p *Page) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(p)
}

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"n": number, "share": share, "seen": Visible, "mb": megabytes, "width": width, "conf": func(p float64) string { return fmt.Sprintf("%.3f", p) },
}).Parse(pageSource))

// HTML writes the report as one page that needs nothing else. All text from the
// archive is escaped by the template, and characters that nobody can see or that
// turn the reading direction are drawn.
func (p *Page) HTML(w io.Writer) error { return pageTemplate.Execute(w, p.view()) }

// bar is one line of a chart.
type bar struct {
	Name  string
	N     int64
	Share float64 // of the largest
	Note  string
}

// ruleView is one rule as shown.
type ruleView struct {
	Name string
	*Rule
	Bins []bin
}

// bin is a column of a histogram.
type bin struct {
	From, To string
	N        int64
	Height   float64 // 0 to 100
}

type view struct {
	*Page
	Families, Rules, Damage, Domains, Skips, Fuses []bar
	Removed, Added                                 int64
	Removal                                        []ruleView
	Bins                                           []bin
	Details                                        []ruleView
	Rate                                           string
}

func (p *Page) view() view {
	s := p.Stats
	v := view{Page: p}
	families := map[string]int64{}
	var all [histogram]int64
	for _, name := range sorted(s.Rules) {
		r := s.Rules[name]
		families[edit.Family(name)] += r.Applied
		v.Rules = append(v.Rules, bar{Name: name, N: r.Applied, Note: fmt.Sprintf("%s held", number(r.Held))})
		v.Removed += r.Removed
		v.Added += r.Added
		for i, n := range r.Histogram {
			all[i] += n
		}
		rv := ruleView{Name: name, Rule: r, Bins: bins(r.Histogram)}
		v.Details = append(v.Details, rv)
		if r.Removed > 0 || r.Added > 0 {
			v.Removal = append(v.Removal, rv)
		}
	}
	slices.SortStableFunc(v.Details, func(a, b ruleView) int { return cmp.Compare(b.Applied, a.Applied) })
	slices.SortStableFunc(v.Removal, func(a, b ruleView) int { return cmp.Compare(b.Removed, a.Removed) })
	v.Bins = bins(all)
	v.Families = bars(families, 0)
	v.Rules = scale(v.Rules, 40)
	v.Damage = bars(s.Damage, 0)
	v.Skips = bars(s.SkipReasons, 0)
	v.Fuses = bars(s.FuseReasons, 0)
	for _, name := range sorted(s.Domains) {
		d := s.Domains[name]
		note := fmt.Sprintf("%s of %s records changed", number(d.Changed), number(d.Records))
		v.Domains = append(v.Domains, bar{Name: name, N: d.Edits, Note: note})
	}
	v.Domains = scale(v.Domains, 25)
	if t := p.Timing; t.Seconds > 0 && t.Records > 0 {
		v.Rate = fmt.Sprintf("%s records and %.1f MB of text a second with %d workers", number(int64(float64(t.Records)/t.Seconds)), float64(t.TextBytes)/1e6/t.Seconds, t.Workers)
	}
	return v
}

func bars(m map[string]int64, limit int) []bar {
	var out []bar
	for _, name := range sorted(m) {
		if m[name] > 0 {
			out = append(out, bar{Name: name, N: m[name]})
		}
	}
	return scale(out, limit)
}

// scale sorts by size and cuts to a limit; 0 is none.
func scale(b []bar, limit int) []bar {
	slices.SortStableFunc(b, func(x, y bar) int { return cmp.Compare(y.N, x.N) })
	if limit > 0 && len(b) > limit {
		b = b[:limit]
	}
	for i := range b {
		if b[0].N > 0 {
			b[i].Share = float64(b[i].N) / float64(b[0].N)
		}
	}
	return b
}

func bins(h [histogram]int64) []bin {
	most := slices.Max(h[:])
	out := make([]bin, histogram)
	for i, n := range h {
		out[i] = bin{From: fmt.Sprintf("%.2f", float64(i)/histogram), To: fmt.Sprintf("%.2f", float64(i+1)/histogram), N: n}
		if most > 0 {
			out[i].Height = 100 * float64(n) / float64(most)
		}
		if n > 0 {
			out[i].Height = max(out[i].Height, 2)
		}
	}
	return out
}

func number(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func share(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}

func megabytes(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.0f kB", float64(n)/1e3)
}

func width(share float64) template.CSS {
	return template.CSS(fmt.Sprintf("width:%.1f%%", max(100*share, 0.5)))
}

// Text writes the report for a terminal: each rule with what it did and its
// first examples.
func (p *Page) Text(w io.Writer) error {
	v := p.view()
	var b strings.Builder
	if p.Sample != nil {
		fmt.Fprintf(&b, "a sample of %s of %s records in %d files, seed %d; all of it would take about %.0f s\n", number(p.Sample.Records), number(p.Sample.Of), p.Files, p.Sample.Seed, p.Sample.Seconds)
	}
	s := p.Stats
	fmt.Fprintf(&b, "%s records, %s changed (%s), %s edits, %s held; %s characters removed, %s added\n", number(s.Records), number(s.Changed), share(s.Changed, s.Records),
		number(s.Edits), number(s.Held), number(v.Removed), number(v.Added))
	for _, d := range v.Details {
		fmt.Fprintf(&b, "\n%-32s %8s applied  %8s held\n", d.Name, number(d.Applied), number(d.Held))
		for i, e := range d.Examples {
			if i == 3 {
				break
			}
			mark := " "
			if !e.Applied {
				mark = "?"
			}
			fmt.Fprintf(&b, "  %s %.3f …%s[%s → %s]%s…\n", mark, e.Conf, Visible(e.Left), Visible(e.Before), Visible(e.After), Visible(e.Right))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
