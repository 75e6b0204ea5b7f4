package edit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Decision is one row of a decisions file: what a person said of edits. Rows
// are only ever appended; a later one on the same edit wins, and an undo takes
// back the row that it names. Keys unknown here are passed over.
type Decision struct {
	T      string          `json:"t"` // always "dec"
	Seq    int             `json:"seq"`
	At     string          `json:"at,omitempty"`
	By     string          `json:"by,omitempty"`
	Act    string          `json:"act"` // accept, reject, change, skip, flag or undo
	IDs    []string        `json:"ids,omitempty"`
	Where  json.RawMessage `json:"where,omitempty"` // a frozen filter in place of ids
	After  *string         `json:"after,omitempty"` // for change: what the place is to read
	Of     *int            `json:"of,omitempty"`    // for undo: the row taken back
	Basis  string          `json:"basis,omitempty"` // seen, sampled or auto
	Reason string          `json:"reason,omitempty"`
}

func (d *Decision) check() error {
	switch d.Act {
	case "accept", "reject", "skip", "flag":
	case "change":
		if d.After == nil {
			return errors.New("a change needs after, the text the place is to read")
		}
	case "undo":
		if d.Of == nil || *d.Of >= d.Seq {
			return errors.New("an undo needs of, the seq of an earlier row")
		}
		return nil
	default:
		return fmt.Errorf("unknown act %q: use accept, reject, change, skip, flag or undo", d.Act)
	}
	if len(d.Where) > 0 && len(d.IDs) == 0 {
		return errors.New("a filter (where) must be resolved to ids before it can be applied")
	}
	if len(d.IDs) == 0 {
		return fmt.Errorf("%s names no ids", d.Act)
	}
	return nil
}

// ReadDecisions reads a decisions file. Errors name the line.
func ReadDecisions(r io.Reader) ([]Decision, error) {
	var out []Decision
	br := bufio.NewReader(r)
	for n := 1; ; n++ {
		b, err := br.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return nil, err
		}
		if line := bytes.TrimSpace(b); len(line) > 0 {
			var d Decision
			if err := json.Unmarshal(line, &d); err != nil {
				return nil, fmt.Errorf("decisions line %d: %w", n, err)
			}
			if d.T != "dec" {
				return nil, fmt.Errorf(`decisions line %d: kind %q, want "dec"`, n, d.T)
			}
			if err := d.check(); err != nil {
				return nil, fmt.Errorf("decisions line %d: %w", n, err)
			}
			out = append(out, d)
		}
		if err == io.EOF {
			return out, nil
		}
	}
}

// WriteDecision appends one row.
func WriteDecision(w io.Writer, d Decision) error {
	d.T = "dec"
	if err := d.check(); err != nil {
		return err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes()) // one write, so that a row is whole or absent
	return err
}

// Verdicts are decisions by edit: what was last said of each.
type Verdicts map[string]*Decision

// Said gathers decisions by edit: a later one wins, and an undo takes back the
// row that it names.
func Said(decisions []Decision) (Verdicts, error) {
	undone := map[int]bool{}
	said := Verdicts{}
	for i := len(decisions) - 1; i >= 0; i-- { // from the last, so that an undone undo does nothing
		dec := &decisions[i]
		switch {
		case undone[dec.Seq]:
		case dec.Act == "undo":
			if dec.Of == nil {
				return nil, fmt.Errorf("decision %d: an undo needs of", dec.Seq)
			}
			undone[*dec.Of] = true
		case dec.Act == "accept" || dec.Act == "reject" || dec.Act == "change":
			for _, id := range dec.IDs {
				if said[id] == nil {
					said[id] = dec
				}
			}
		}
	}
	return said, nil
}

// Edits are the logged edits as people decided: accepted and changed ones, and
// applied ones that nobody rejected, in positions of the input. What a person
// decided takes the place of an applied edit that it overlaps and nobody spoke
// of; two that people want in one place are an error.
func (v Verdicts) Edits(input string, d *DocRecord) ([]Edit, error) {
	if Hash(input) != d.SrcHash {
		return nil, fmt.Errorf("document %s is not the text that the log was made from: its SHA-256 differs from %s", d.Doc, d.SrcHash)
	}
	for i := range d.Edits {
		e := &d.Edits[i]
		if s := v[e.ID]; s != nil && s.Act == "accept" && !e.HasAfter {
			return nil, fmt.Errorf("document %s, edit %s: a hint without a repair cannot be accepted; decide change", d.Doc, e.ID)
		} else if s != nil && s.Act == "change" && s.After == nil {
			return nil, fmt.Errorf("document %s, edit %s: a change needs after", d.Doc, e.ID)
		}
	}
	wanted := v.wanted(d)
	for i := 1; i < len(wanted); i++ {
		if a, b := wanted[i-1], wanted[i]; a.Src.Overlaps(b.Src) {
			return nil, fmt.Errorf("document %s: the decisions want two edits of one place, %s (%q) and %s (%q): reject one of them", d.Doc, a.ID, a.Before, b.ID, b.Before)
		}
	}
	edits, err := picked(input, d, func(e *EditRecord) (string, bool) {
		switch s := v[e.ID]; {
		case s == nil:
			return e.After, e.Applied && !slices.ContainsFunc(wanted, func(w *EditRecord) bool { return w.Src.Overlaps(e.Src) })
		case s.Act == "change":
			return *s.After, true
		default:
			return e.After, s.Act == "accept"
		}
	})
	if err != nil {
		return nil, err
	}
	if err := check(len(input), edits); err != nil {
		return nil, fmt.Errorf("document %s: %w", d.Doc, err)
	}
	return edits, nil
}

// wanted are the edits that people accepted or changed.
func (v Verdicts) wanted(d *DocRecord) []*EditRecord {
	var out []*EditRecord
	for i := range d.Edits {
		if s := v[d.Edits[i].ID]; s != nil && (s.Act == "accept" || s.Act == "change") {
			out = append(out, &d.Edits[i])
		}
	}
	return out
}

// ApplyDecisions makes the logged edits as people decided: accepted and changed
// ones, and applied ones that nobody rejected. Decisions on ids of other
// documents are passed over. Two accepted edits that overlap are an error.
func ApplyDecisions(input string, d *DocRecord, decisions []Decision) (string, error) {
	said, err := Said(decisions)
	if err != nil {
		return "", err
	}
	edits, err := said.Edits(input, d)
	if err != nil {
		return "", err
	}
	return Apply(input, edits)
}
