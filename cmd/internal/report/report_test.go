package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"copydesk/repair/edit"
)

// part counts a few records of a made-up run.
func part(r *rand.Rand, n int) *Stats {
	s := New()
	for i := range n {
		text := "They have includedUS controls on goods."
		d := edit.DocRecord{Doc: fmt.Sprint("doc", r.Uint32()), Damage: []edit.Share{{Process: "link-trim", P: r.Float64()}}}
		for range r.IntN(3) {
			d.Edits = append(d.Edits, edit.EditRecord{
				ID: fmt.Sprintf("%08x", r.Uint32()), Src: edit.Span{Start: 10, End: 20}, Before: "includedUS", After: "included US", HasAfter: true,
				Ops: []edit.Edit{{Span: edit.Span{Start: 8, End: 8}, New: " "}}, Rule: fmt.Sprint("merged/r", r.IntN(3)), Conf: r.Float64(),
				Tier: edit.Safe, Applied: r.IntN(2) == 0,
			})
		}
		s.Text(&d, text)
		s.Record(fmt.Sprint("host", r.IntN(4)), len(d.Edits) > 0, len(d.Edits))
		if i%7 == 0 {
			s.Skip(fmt.Sprintf("byte %d is bad", i))
		}
	}
	return s
}

// Parts add up to the same, whatever the order, through JSON too.
func TestMergeInAnyOrder(t *testing.T) {
	var parts []*Stats
	for i := range 6 {
		parts = append(parts, part(rand.New(rand.NewPCG(uint64(i), 1)), 40))
	}
	sum := func(order []int) string {
		total := New()
		for _, i := range order {
			b, err := json.Marshal(parts[i])
			if err != nil {
				t.Fatal(err)
			}
			s := New()
			if err := json.Unmarshal(b, s); err != nil {
				t.Fatal(err)
			}
			total.Merge(s)
		}
		b, err := json.Marshal(total)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	want := sum([]int{0, 1, 2, 3, 4, 5})
	for _, order := range [][]int{{5, 4, 3, 2, 1, 0}, {2, 0, 5, 1, 4, 3}} {
		if got := sum(order); got != want {
			t.Errorf("order %v gives another sum", order)
		}
	}
	var s Stats
	if err := json.Unmarshal([]byte(want), &s); err != nil {
		t.Fatal(err)
	}
	if s.SkipReasons["byte # is bad"] != 36 || len(s.Rules["merged/r0"].Examples) != maxExamples+maxHeld {
		t.Errorf("reasons %v, %d examples", s.SkipReasons, len(s.Rules["merged/r0"].Examples))
	}
}

// Text from the archive can neither become markup nor hide.
func TestHTMLIsSafe(t *testing.T) {
	evil := `</div><script>alert(1)</script><img src=x onerror=alert(2)>` + "\u202e\x1b[31m"
	s := New()
	d := edit.DocRecord{Doc: evil, Edits: []edit.EditRecord{{
		ID: "1", Before: evil, After: evil, HasAfter: true, Src: edit.Span{End: len(evil)}, Rule: "merged/x", Applied: true, Tier: edit.Safe, Conf: 1,
	}}}
	s.Text(&d, evil)
	s.Record(evil, true, 1)
	s.Skip(evil)
	s.Fuse(evil)
	var b bytes.Buffer
	p := &Page{Title: evil, Settings: [][2]string{{"id", evil}}, Stats: s, Broken: []string{evil}, Failed: []string{evil}, Timing: Timing{Seconds: 1, Records: 1}}
	if err := p.HTML(&b); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img", "\u202e", "\x1b"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(b.String(), "⟨202E⟩") {
		t.Error("what turns the reading direction is not drawn")
	}
	if strings.Contains(b.String(), "ZgotmplZ") {
		t.Error("the template refused a value")
	}
}
