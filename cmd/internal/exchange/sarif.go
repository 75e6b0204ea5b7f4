package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"copydesk/repair/edit"
)

// place is a position as people count: line from 1, column from 1 in the unit
// that the format wants.
type place struct{ line, col int }

func placeOf(src string, at int, unit func(string) int) place {
	before := src[:at]
	return place{strings.Count(before, "\n") + 1, unit(before[strings.LastIndexByte(before, '\n')+1:]) + 1}
}

func points(s string) int { return edit.NewUnits(s).Len()[1] }
func octets(s string) int { return len(s) }

func message(m *Mark) string {
	what := fmt.Sprintf("%q: %q", m.Before, m.After)
	switch {
	case m.After == "":
		what = fmt.Sprintf("%q goes", m.Before)
	case m.Before == "":
		what = fmt.Sprintf("%q comes in", m.After)
	}
	out := m.Rule + ", " + percent(m.Conf) + ": " + what
	if len(m.Why) > 0 {
		out += " (" + strings.Join(m.Why, "; ") + ")"
	}
	return out
}

// SARIF 2.1.0, the parts that are written and read.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID string `json:"id"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
		CharOffset  int `json:"charOffset"`
		CharLength  int `json:"charLength"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifReplacement struct {
		DeletedRegion   sarifRegion `json:"deletedRegion"`
		InsertedContent sarifText   `json:"insertedContent"`
	}
	sarifChange struct {
		ArtifactLocation sarifArtifact      `json:"artifactLocation"`
		Replacements     []sarifReplacement `json:"replacements"`
	}
	sarifFix struct {
		Description     sarifText     `json:"description"`
		ArtifactChanges []sarifChange `json:"artifactChanges"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           sarifRegion   `json:"region"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
	}
	sarifSuppression struct {
		Kind   string `json:"kind"`
		Status string `json:"status,omitempty"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"fingerprints"`
		Fixes        []sarifFix         `json:"fixes"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Rank         float64            `json:"rank"` // 0 to 100: the confidence
		Properties   map[string]string  `json:"properties"`
	}
)

const fingerprint = "copydesk/v1"

// sarif is SARIF 2.1.0. A result that a person suppressed (status accepted, or
// without one) comes back as a rejected edit.
func sarif() *Format {
	var log sarifLog
	log.Schema, log.Version = "https://json.schemastore.org/sarif-2.1.0.json", "2.1.0"
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver.Name = "copydesk"
	run.Tool.Driver.Rules = []sarifRule{}
	return &Format{
		Name: "sarif", Doc: "SARIF 2.1.0, with fixes; suppressions come back as rejections",
		Write: func(_ io.Writer, a *Article) error {
			for _, m := range append(slices.Clone(a.Marks), a.Rejected...) {
				if !slices.ContainsFunc(run.Tool.Driver.Rules, func(r sarifRule) bool { return r.ID == m.Rule }) {
					run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{m.Rule})
				}
				from, to := placeOf(a.Src, m.Start, points), placeOf(a.Src, m.End, points)
				u := edit.NewUnits(a.Src).Points(m.Span)
				region := sarifRegion{from.line, from.col, to.line, to.col, u.Start, u.Len()}
				at := sarifArtifact{uriOf(a.Doc)}
				r := sarifResult{
					RuleID: m.Rule, Level: "warning", Message: sarifText{message(&m)}, Fingerprints: map[string]string{fingerprint: m.ID}, Rank: 100 * m.Conf,
					Locations:  []sarifLocation{{sarifPhysical{at, region}}},
					Fixes:      []sarifFix{{sarifText{m.Rule}, []sarifChange{{at, []sarifReplacement{{region, sarifText{m.After}}}}}}},
					Properties: map[string]string{"state": m.State, "tier": m.Tier.String(), "origin": m.Origin.String()},
				}
				if m.State == "rejected" {
					r.Suppressions = []sarifSuppression{{"external", "accepted"}}
				}
				run.Results = append(run.Results, r)
			}
			return nil
		},
		End: func(w io.Writer) error {
			log.Runs = []sarifRun{run}
			enc := json.NewEncoder(w)
			enc.SetIndent("", " ")
			return enc.Encode(log)
		},
		Read: func(b []byte) (*Returned, error) {
			var in sarifLog
			if err := json.Unmarshal(b, &in); err != nil {
				return nil, err
			}
			if in.Version != "2.1.0" {
				return nil, fmt.Errorf("SARIF version %q: this program reads 2.1.0", in.Version)
			}
			out := &Returned{}
			for _, r := range in.Runs {
				for _, res := range r.Results {
					id := res.Fingerprints[fingerprint]
					for _, s := range res.Suppressions {
						if id != "" && (s.Status == "" || s.Status == "accepted") {
							out.Said = append(out.Said, Answer{ID: id, Act: "reject"})
							break
						}
					}
				}
			}
			return out, nil
		},
	}
}

// Reviewdog's diagnostic format; columns count UTF-8 bytes.
type (
	rdPosition struct {
		Line   int `json:"line"`
		Column int `json:"column"`
	}
	rdRange struct {
		Start rdPosition `json:"start"`
		End   rdPosition `json:"end"`
	}
	rdLocation struct {
		Path  string  `json:"path"`
		Range rdRange `json:"range"`
	}
	rdSuggestion struct {
		Range rdRange `json:"range"`
		Text  string  `json:"text"`
	}
	rdCode struct {
		Value string `json:"value"`
	}
	rdDiagnostic struct {
		Message     string         `json:"message"`
		Location    rdLocation     `json:"location"`
		Severity    string         `json:"severity"`
		Code        rdCode         `json:"code"`
		Suggestions []rdSuggestion `json:"suggestions"`
		Original    string         `json:"original_output"`
	}
	rdResult struct {
		Source      map[string]string `json:"source"`
		Diagnostics []rdDiagnostic    `json:"diagnostics"`
	}
)

// rdjson is what reviewdog reads: comments with suggestions on a pull request.
func rdjson() *Format {
	out := rdResult{Source: map[string]string{"name": "copydesk"}, Diagnostics: []rdDiagnostic{}}
	return &Format{
		Name: "rdjson", Doc: "reviewdog: suggestions on a pull request",
		Write: func(_ io.Writer, a *Article) error {
			for _, m := range a.Marks {
				from, to := placeOf(a.Src, m.Start, octets), placeOf(a.Src, m.End, octets)
				rg := rdRange{rdPosition{from.line, from.col}, rdPosition{to.line, to.col}}
				out.Diagnostics = append(out.Diagnostics, rdDiagnostic{message(&m), rdLocation{a.Doc, rg}, "WARNING", rdCode{m.Rule}, []rdSuggestion{{rg, m.After}}, "copydesk:" + m.ID})
			}
			return nil
		},
		End: func(w io.Writer) error { return json.NewEncoder(w).Encode(out) },
	}
}

var errNotOurs = errors.New("copydesk's own part is gone, so it is not known which document this is")
