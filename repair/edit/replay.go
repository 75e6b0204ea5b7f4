package edit

import (
	"fmt"
	"strings"
)

// Replay makes the logged edits that were applied. It checks the text and the
// result against the log's hashes and each edit against the text.
func Replay(input string, d *DocRecord) (string, error) {
	if Hash(input) != d.SrcHash {
		return "", fmt.Errorf("document %s is not the text that the log was made from: its SHA-256 differs from %s", d.Doc, d.SrcHash)
	}
	out, err := forward(input, d, func(e *EditRecord) (string, bool) { return e.After, e.Applied })
	if err != nil {
		return "", err
	}
	if Hash(out) != d.OutHash {
		return "", fmt.Errorf("document %s: replaying gives another text than the log's out_sha256; the log was altered", d.Doc)
	}
	return out, nil
}

// forward makes those edits that pick takes, with the text it gives.
func forward(input string, d *DocRecord, pick func(*EditRecord) (string, bool)) (string, error) {
	edits, err := picked(input, d, pick)
	if err != nil {
		return "", err
	}
	out, err := Apply(input, edits)
	if err != nil {
		return "", fmt.Errorf("document %s: %w", d.Doc, err)
	}
	return out, nil
}

// picked lists those edits that pick takes, after it has held them against the
// input.
func picked(input string, d *DocRecord, pick func(*EditRecord) (string, bool)) ([]Edit, error) {
	var edits []Edit
	for i := range d.Edits {
		e := &d.Edits[i]
		after, ok := pick(e)
		if !ok {
			continue
		}
		if e.Src.Start < 0 || e.Src.End < e.Src.Start || e.Src.End > len(input) || input[e.Src.Start:e.Src.End] != e.Before {
			return nil, fmt.Errorf("document %s, edit %s: %q does not stand at %v", d.Doc, e.ID, e.Before, e.Src)
		}
		edits = append(edits, Edit{e.Src, after})
	}
	return edits, nil
}

// Revert gives the input back from the output and the log alone, and proves it
// by the hash.
func Revert(output string, d *DocRecord) (string, error) {
	if Hash(output) != d.OutHash {
		return "", fmt.Errorf("document %s is not the text that the log describes: its SHA-256 differs from %s; it was changed since", d.Doc, d.OutHash)
	}
	// The edits are spliced here and not by Apply: two deletions that touch stand
	// at one point of the output.
	var b strings.Builder
	at := 0
	for i := range d.Edits {
		e := &d.Edits[i]
		if !e.Applied {
			continue
		}
		if e.Out.Start < at || e.Out.End < e.Out.Start || e.Out.End > len(output) || output[e.Out.Start:e.Out.End] != e.After {
			return "", fmt.Errorf("document %s, edit %s: %q does not stand at %v of the output", d.Doc, e.ID, e.After, e.Out)
		}
		b.WriteString(output[at:e.Out.Start])
		b.WriteString(e.Before)
		at = e.Out.End
	}
	b.WriteString(output[at:])
	if Hash(b.String()) != d.SrcHash {
		return "", fmt.Errorf("document %s: undoing gives another text than the log's src_sha256; the log was altered", d.Doc)
	}
	return b.String(), nil
}

// RevertSome undoes the edits with these ids; the others stay applied. Every id
// must name an applied edit.
func RevertSome(output string, d *DocRecord, ids []string) (string, error) {
	input, err := Revert(output, d)
	if err != nil {
		return "", err
	}
	undo := make(map[string]bool, len(ids))
	for _, id := range ids {
		undo[id] = true
	}
	found := make(map[string]bool, len(ids))
	out, err := forward(input, d, func(e *EditRecord) (string, bool) {
		if e.Applied && undo[e.ID] {
			found[e.ID] = true
			return "", false
		}
		return e.After, e.Applied
	})
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		if !found[id] {
			return "", fmt.Errorf("document %s has no applied edit %s", d.Doc, id)
		}
	}
	return out, nil
}
