package review

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"copydesk/repair/edit"
)

func first3() []*article {
	return []*article{
		(&article{doc: "https://www.news.example/a", text: "He toldreporters in Rome. “They toldreporters nothing,” she said."}).
			at("toldreporters", "told reporters", "merged/known-parts", .97, edit.Review, false),
		(&article{doc: "https://other.example/b", text: "The chief 's aide. It said:Nothing new. See toldreporters.com for more."}).
			at("chief 's", "chief's", "possessive/apart", .995, edit.Safe, true).
			at("said:Nothing", "said: Nothing", "spacing/after-colon", .9, edit.Review, false).
			at("toldreporters", "told reporters", "merged/known-parts", .95, edit.Review, false),
	}
}

func ids(t *testing.T, s *Store, f Filter) []string {
	t.Helper()
	vs, _, err := s.Edits(f, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range vs {
		out = append(out, v.ID)
	}
	slices.Sort(out)
	return out
}

func status(t *testing.T, s *Store, id string) string {
	t.Helper()
	v, err := s.View(id)
	if err != nil {
		t.Fatal(err)
	}
	return v.Status
}

func decide(t *testing.T, s *Store, by string, role Role, what string, id ...string) Result {
	t.Helper()
	a := Act{By: by, Role: role, Act: what, IDs: id}
	if what == "change" {
		a.After = new(string)
		*a.After = "typed by " + by
	}
	r, err := s.Decide(a)
	if err != nil {
		t.Fatalf("%s by %s: %v", what, by, err)
	}
	return r
}

// The fast reader of log lines gives what edit.Reader gives.
func TestScanLine(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	word := func() string {
		return []string{"", "a", "“é😀", "\n\t\x01", `\"`, "</script>", "\u202e"}[r.IntN(7)]
	}
	for range 300 {
		d := &edit.DocRecord{N: r.IntN(9), Doc: word(), Field: "text", SrcHash: edit.Hash(word()), OutHash: edit.Hash("")}
		for range r.IntN(4) {
			b := word() + word()
			e := edit.EditRecord{
				Src: edit.Span{Start: 3, End: 3 + len(b)}, Before: b, After: word(), HasAfter: true, Rule: "merged/" + word(), Conf: float64(r.IntN(10001)) / 1e4,
				Tier: edit.Tier(r.IntN(3)), Origin: edit.Origin(r.IntN(3)), Applied: r.IntN(2) == 0, Why: []string{word()}, Alts: []edit.Alt{{After: word(), Conf: .5}},
				Ops: []edit.Edit{{Span: edit.Span{Start: 0, End: 1}, New: word()}}, ID: edit.ID(d.SrcHash, "text", edit.Span{}, word(), ""),
			}
			if r.IntN(5) == 0 {
				e.HasAfter, e.Applied, e.After = false, false, ""
			}
			d.Edits = append(d.Edits, e)
		}
		var b bytes.Buffer
		w := edit.NewWriter(&b)
		if err := w.Doc(d); err != nil {
			t.Fatal(err)
		}
		_ = w.Flush()
		line := bytes.TrimSpace(b.Bytes())
		fast, err := scanLine(line)
		if err != nil {
			t.Fatal(err)
		}
		slow, err := slowLine(line)
		if err != nil || !reflect.DeepEqual(fast, slow) {
			t.Fatalf("%s\nfast %+v\nslow %+v, %v", line, fast, slow, err)
		}
		spaced := bytes.ReplaceAll(line, []byte(`,"doc":`), []byte(`, "doc": `)) // another program's log
		if again, err := scanLine(spaced); err != nil || len(again.edits) != len(slow.edits) {
			t.Fatalf("%s: %v", spaced, err)
		}
	}
}

func TestDecideAndApply(t *testing.T) {
	arts := first3()
	s := open(t, arts...)
	all := ids(t, s, Filter{})
	if len(all) != 4 {
		t.Fatalf("%d edits, want 4", len(all))
	}
	merged := ids(t, s, Filter{Rule: []string{"merged/known-parts"}, Place: []string{"plain"}})
	if len(merged) != 1 {
		t.Fatalf("the one in an address is not told apart: %v", merged)
	}
	decide(t, s, "ana", Lead, "accept", merged...)
	poss := ids(t, s, Filter{Family: []string{"possessive"}})
	decide(t, s, "ana", Lead, "reject", poss...)
	colon := ids(t, s, Filter{Family: []string{"spacing"}})
	decide(t, s, "ana", Lead, "change", colon...)
	want := []string{"He told reporters in Rome. “They toldreporters nothing,” she said.", "The chief 's aide. It typed by ana new. See toldreporters.com for more."}
	check := func() {
		t.Helper()
		var b bytes.Buffer
		if err := s.Export(&b); err != nil {
			t.Fatal(err)
		}
		if n, err := VerifyDecisions(bytes.NewReader(b.Bytes())); err != nil || n != s.seq() {
			t.Fatalf("the exported chain: %d rows, %v", n, err)
		}
		for i, got := range applied(t, writeLog(arts...), b.Bytes(), arts) {
			if got != want[i] {
				t.Errorf("apply gives %q, want %q", got, want[i])
			}
		}
	}
	check()
	// Undo of anything: the middle row, then the undo itself.
	r, err := s.Undo(UndoQuery{Of: 2}, "ana", Lead, "", false)
	if err != nil {
		t.Fatal(err)
	}
	want[1] = "The chief's aide. It typed by ana new. See toldreporters.com for more."
	check()
	if _, err := s.Undo(UndoQuery{Of: r.Seq}, "ana", Lead, "", false); err != nil {
		t.Fatal(err)
	}
	want[1] = "The chief 's aide. It typed by ana new. See toldreporters.com for more."
	check()
	// All of it survives closing, and the file.
	before := map[string]string{}
	for _, id := range all {
		before[id] = status(t, s, id)
	}
	path := s.Path()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(path); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, id := range all {
		if got := status(t, s, id); got != before[id] {
			t.Errorf("%s is %s after opening again, was %s", id, got, before[id])
		}
	}
	check()
}

// applied runs the documents through the decisions as `copydesk apply` does.
func applied(t *testing.T, log, decisions []byte, arts []*article) []string {
	t.Helper()
	list, err := edit.ReadDecisions(bytes.NewReader(decisions))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	r := edit.NewReader(bytes.NewReader(log))
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if d, ok := rec.(*edit.DocRecord); ok {
			got, err := edit.ApplyDecisions(arts[len(out)].text, d, list)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, got)
		}
	}
}

// Accepting one of two edits over the same place takes the other away, and the
// undo brings it back.
func TestRivals(t *testing.T) {
	a := (&article{doc: "d", text: "the presidentsoffice said"}).
		at("presidentsoffice", "president's office", "merged/known-parts", .9, edit.Safe, true).
		at("presidentsoffice", "presidents office", "merged/plural", .4, edit.Review, false)
	s := open(t, a)
	x, y := ids(t, s, Filter{Rule: []string{"merged/known-parts"}})[0], ids(t, s, Filter{Rule: []string{"merged/plural"}})[0]
	decide(t, s, "ana", Lead, "accept", y)
	if status(t, s, x) != "rejected" || status(t, s, y) != "accepted" {
		t.Fatalf("%s and %s", status(t, s, x), status(t, s, y))
	}
	var b bytes.Buffer
	_ = s.Export(&b)
	if got := applied(t, writeLog(a), b.Bytes(), []*article{a})[0]; got != "the presidents office said" {
		t.Fatal(got)
	}
	if _, err := s.Undo(UndoQuery{By: "ana", Last: true}, "ana", Lead, "", false); err != nil {
		t.Fatal(err)
	}
	if status(t, s, x) != "applied" || status(t, s, y) != "proposed" {
		t.Fatalf("after undo %s and %s", status(t, s, x), status(t, s, y))
	}
}

func TestSeveralEditors(t *testing.T) {
	s := open(t, first3()...)
	id := ids(t, s, Filter{Family: []string{"spacing"}})[0]
	none := 0
	if _, err := s.Decide(Act{By: "ana", Role: Bulk, Act: "accept", IDs: []string{id}, Seen: &none}); err != nil {
		t.Fatal(err)
	}
	// Ben still sees the page as it was: he is told, and nothing is overwritten.
	_, err := s.Decide(Act{By: "ben", Role: Bulk, Act: "reject", IDs: []string{id}, Seen: &none})
	var no *Refusal
	if !errors.As(err, &no) || no.Code != "changed" {
		t.Fatalf("a stale answer gives %v", err)
	}
	// He insists: both answers stand side by side.
	one := 1
	r, err := s.Decide(Act{By: "ben", Role: Bulk, Act: "reject", IDs: []string{id}, Seen: &one})
	if err != nil || !r.Vote || status(t, s, id) != "conflict" {
		t.Fatalf("%+v, %v, %s", r, err, status(t, s, id))
	}
	v, _ := s.View(id)
	if len(v.Votes) != 1 || v.Votes[0].By != "ben" || v.By != "ana" {
		t.Fatalf("%+v", v)
	}
	// Ben may not undo Ana's, the lead settles.
	if _, err := s.Undo(UndoQuery{Of: 1}, "ben", Bulk, "", false); !errors.As(err, &no) || no.Code != "role" {
		t.Fatalf("undoing another's gives %v", err)
	}
	decide(t, s, "lea", Lead, "reject", id)
	if status(t, s, id) != "rejected" {
		t.Fatal(status(t, s, id))
	}
	// One who may only propose leaves a flag.
	other := ids(t, s, Filter{Family: []string{"possessive"}})[0]
	if r := decide(t, s, "pat", Propose, "reject", other); !r.Vote || status(t, s, other) != "flagged" {
		t.Fatalf("%+v %s", r, status(t, s, other))
	}
}

func TestNever(t *testing.T) {
	s := open(t, first3()...)
	id := ids(t, s, Filter{Rule: []string{"merged/known-parts"}, Domain: []string{"other.example"}})[0]
	for scope, n := range map[string]int{"edit": 1, "document": 1, "source": 1, "group": 2, "rule": 2} {
		if r, err := s.Never(id, scope, "ana", Lead, "", true); err != nil || r.Did != n {
			t.Errorf("%s removes %d, %v; want %d", scope, r.Did, err, n)
		}
	}
	r, err := s.Never(id, "group", "ana", Lead, "a name", false)
	if err != nil || r.Did != 2 {
		t.Fatalf("%+v %v", r, err)
	}
	late := (&article{doc: "c", text: "again toldreporters here"}).at("toldreporters", "told reporters", "merged/known-parts", .9, edit.Review, false)
	add(t, s, late)
	fresh := ids(t, s, Filter{Text: "toldreporters", Status: []string{"rejected"}})
	if len(fresh) != 3 {
		t.Fatalf("%d rejected, want also the later one", len(fresh))
	}
	if _, err := s.Undo(UndoQuery{Of: r.Seq}, "ana", Lead, "", false); err != nil {
		t.Fatal(err)
	}
	if n := len(ids(t, s, Filter{Text: "toldreporters", Status: []string{"proposed"}})); n != 3 {
		t.Fatalf("%d proposed after the order was lifted, want 3", n)
	}
}

// A newer run over a text that changed: decisions go with exact, unique anchors.
func TestCarry(t *testing.T) {
	pad := strings.Repeat("Nothing to see in this long sentence. ", 3)
	old := (&article{doc: "https://n.example/a", text: "Now " + pad + "he toldreporters that. " + pad + "And saidTuesday he. "}).
		at("toldreporters", "told reporters", "merged/known-parts", .9, edit.Review, false).
		at("saidTuesday", "said Tuesday", "merged/known-parts", .9, edit.Review, false)
	now := (&article{doc: "https://n.example/a", text: "A new lead. Now " + pad + "he toldreporters that. " + pad + "And so saidTuesday we. "}).
		at("toldreporters", "told reporters", "merged/known-parts", .93, edit.Review, false).
		at("saidTuesday", "said Tuesday", "merged/known-parts", .93, edit.Review, false)
	s := open(t, old)
	for _, id := range ids(t, s, Filter{}) {
		decide(t, s, "ana", Lead, "accept", id)
	}
	im := add(t, s, now)
	if im.Carried != 1 || im.Stale != 1 || im.Superseded != 2 {
		t.Fatalf("%+v, want one carried on and one stale", im)
	}
	if n := len(ids(t, s, Filter{Status: []string{"accepted"}, Text: "toldreporters"})); n != 1 {
		t.Fatalf("%d accepted", n)
	}
	if n := len(ids(t, s, Filter{Status: []string{"proposed"}, Text: "saidTuesday"})); n != 1 {
		t.Fatalf("%d proposed", n)
	}
	// The same text, a newer version of the rules: the ids are the same, and so
	// are the decisions.
	again := *now
	again.edits = append([]edit.EditRecord(nil), now.edits...)
	again.edits[0].Conf = .99
	im = add(t, s, &again)
	if im.Stale != 1 || len(ids(t, s, Filter{Status: []string{"accepted"}})) != 1 {
		t.Fatalf("%+v, %v", im, ids(t, s, Filter{Status: []string{"accepted"}}))
	}
}

func TestSample(t *testing.T) {
	var arts []*article
	for i := range 400 {
		a := &article{doc: fmt.Sprint("d", i), text: fmt.Sprintf("Day %d he toldreporters once.", i)}
		if i%50 == 0 {
			a.text = fmt.Sprintf("Day %d see toldreporters.com now.", i)
		}
		arts = append(arts, a.at("toldreporters", "told reporters", "merged/known-parts", .9, edit.Review, false))
	}
	s := open(t, arts...)
	g := GroupName{"merged/known-parts", "toldreporters", new(string)}
	*g.After = "told reporters"
	f := Filter{Group: &g, Status: []string{"open"}}
	a := Act{By: "ana", Role: Bulk, Act: "accept"}
	p, err := s.NewPlan(f, "ana", Bulk, .99, 0, 5)
	if err != nil {
		t.Fatal(err)
	}
	st := p.State()
	if st.Odd != 20 || st.Members != 380 || st.Need != SampleSize(380, .99, .95, 0) {
		t.Fatalf("%+v", st)
	}
	// The odd ones come first, and the addresses are among them.
	wrong := 0
	for st.Next != "" && st.IsOdd {
		v, _ := s.View(st.Next)
		b := a
		if slices.Contains(v.Places, "url") {
			b.Act = "reject"
			wrong++
		}
		if _, st, err = p.Judge(st.Next, b); err != nil {
			t.Fatal(err)
		}
	}
	if wrong != 8 || len(st.Splits) == 0 {
		t.Fatalf("%d of 8 addresses among the odd ones, splits %+v", wrong, st.Splits)
	}
	if _, err := p.Accept(a); err == nil {
		t.Fatal("accepted without a sample")
	}
	for st.Next != "" {
		if _, st, err = p.Judge(st.Next, a); err != nil {
			t.Fatal(err)
		}
	}
	if !st.Ready || st.Bound < .99 {
		t.Fatalf("%+v", st)
	}
	// Somebody decides one of the rest: the set is not the one that was judged.
	rest := ids(t, s, f)
	decide(t, s, "ben", Bulk, "reject", rest[0])
	var no *Refusal
	if _, err := p.Accept(a); !errors.As(err, &no) || no.Code != "changed" {
		t.Fatalf("a changed set gives %v", err)
	}
	if _, err := s.Undo(UndoQuery{By: "ben", Last: true}, "ben", Bulk, "", false); err != nil {
		t.Fatal(err)
	}
	r, err := p.Accept(a)
	if err != nil || r.Did != 380-st.Need {
		t.Fatalf("%+v, %v", r, err)
	}
	var b bytes.Buffer
	_ = s.Export(&b)
	var row Row
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &row); err != nil || row.Basis != "sampled" || row.Sample.N != st.Need || row.Digest == "" || len(row.Where) == 0 {
		t.Fatalf("%+v %v", row, err)
	}
	// A wrong one stops it.
	if _, err := s.Undo(UndoQuery{Of: r.Seq}, "ana", Bulk, "", false); err != nil {
		t.Fatal(err)
	}
	p, err = s.NewPlan(f, "ana", Bulk, .99, 0, 5)
	if err != nil {
		t.Fatal(err)
	}
	for st = p.State(); st.IsOdd; {
		_, st, _ = p.Judge(st.Next, a)
	}
	b2 := a
	b2.Act = "reject"
	if _, st, err = p.Judge(st.Next, b2); err != nil || !st.Failed || st.Next != "" || st.Attempt != 2 {
		t.Fatalf("%+v %v", st, err)
	}
}

// An import that is cut off anywhere goes on where it stopped.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	manyLog(t, dir+"/log", 8_000)
	log, _ := os.ReadFile(dir + "/log")
	s, err := Open(dir + "/s.db")
	if err != nil {
		t.Fatal(err)
	}
	s.chunk = 1000
	ctx, cancel := context.WithCancel(context.Background())
	_, err = s.ImportLog(ctx, LogFile{Name: "log"}, bytes.NewReader(log), func(int) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	had := s.cols.Len()
	_ = s.Close()
	if s, err = Open(dir + "/s.db"); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if had == 0 || s.cols.Len() != had {
		t.Fatalf("%d edits after opening, had %d", s.cols.Len(), had)
	}
	im, err := s.ImportLog(context.Background(), LogFile{Name: "log"}, bytes.NewReader(log), nil)
	if err != nil || !im.Resumed || im.Superseded != 0 {
		t.Fatalf("%+v, %v", im, err)
	}
	whole, err := Open(dir + "/whole.db")
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	if _, err := whole.ImportLog(context.Background(), LogFile{Name: "log"}, bytes.NewReader(log), nil); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(s.cols, whole.cols) || len(s.groups) != len(whole.groups) {
		t.Fatal("the resumed store differs from one that was imported at once")
	}
	if im, err := s.ImportLog(context.Background(), LogFile{Name: "log"}, bytes.NewReader(log), nil); err != nil || !im.Known || im.Edits != 0 {
		t.Fatalf("again: %+v %v", im, err)
	}
	// Another log that begins alike is a log of its own.
	longer := bytes.Replace(log, []byte(`{"t":"end"`), []byte(`{"t":"doc","n":999999,"doc":"x","field":"text","src_sha256":"`+edit.Hash("")+`","edits":[]}`+"\n"+`{"t":"end"`), 1)
	if im, err := s.ImportLog(context.Background(), LogFile{Name: "log2"}, bytes.NewReader(longer), nil); err != nil || im.Known || im.Edits == 0 {
		t.Fatalf("longer: %+v %v", im, err)
	}
}

// What was taken out, changed or moved in the file is found.
func TestChain(t *testing.T) {
	s := open(t, first3()...)
	for _, id := range ids(t, s, Filter{}) {
		decide(t, s, "ana", Lead, "reject", id)
	}
	if n, err := s.Verify(); n != 4 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := s.db.Exec("UPDATE decisions SET line = '{}' WHERE seq = 2"); err == nil {
		t.Fatal("a decision could be changed")
	}
	if _, err := s.db.Exec("DELETE FROM decisions WHERE seq = 2"); err == nil {
		t.Fatal("a decision could be deleted")
	}
	var b bytes.Buffer
	_ = s.Export(&b)
	lines := bytes.SplitAfter(b.Bytes(), []byte("\n"))
	for name, bad := range map[string][]byte{
		"taken out": bytes.Join([][]byte{lines[0], lines[2], lines[3]}, nil),
		"moved":     bytes.Join([][]byte{lines[1], lines[0], lines[2], lines[3]}, nil),
		"changed":   bytes.Replace(b.Bytes(), []byte(`"reject"`), []byte(`"accept"`), 1),
	} {
		if _, err := VerifyDecisions(bytes.NewReader(bad)); err == nil {
			t.Errorf("%s: not found", name)
		}
	}
}

func TestImportDecisions(t *testing.T) {
	away := open(t, first3()...)
	home := open(t, first3()...)
	all := ids(t, home, Filter{Family: []string{"merged", "spacing"}})
	decide(t, away, "ben", Bulk, "accept", all[0])
	decide(t, away, "ben", Bulk, "reject", all[1])
	decide(t, away, "ben", Bulk, "accept", all[2])
	decide(t, home, "ana", Bulk, "accept", all[1])
	decide(t, home, "ana", Bulk, "accept", all[2])
	var b bytes.Buffer
	_ = away.Export(&b)
	im, err := home.ImportDecisions(context.Background(), bytes.NewReader(b.Bytes()), "ana", "ben.jsonl")
	if err != nil || im != (ImportedDecisions{New: 1, Same: 1, Conflicts: 1}) {
		t.Fatalf("%+v %v", im, err)
	}
	if status(t, home, all[1]) != "conflict" {
		t.Fatal(status(t, home, all[1]))
	}
	im, err = home.ImportDecisions(context.Background(), bytes.NewReader(b.Bytes()), "ana", "ben.jsonl")
	if err != nil || im != (ImportedDecisions{Same: 3}) {
		t.Fatalf("again: %+v %v", im, err)
	}
}

// Five editors at once: what is acknowledged is there when the file is opened
// again, and the chain holds.
func TestAtOnce(t *testing.T) {
	dir := t.TempDir()
	manyLog(t, dir+"/log", 3000)
	in, _ := os.Open(dir + "/log")
	defer in.Close()
	s, err := Open(dir + "/s.db")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportLog(context.Background(), LogFile{}, in, nil); err != nil {
		t.Fatal(err)
	}
	all := ids(t, s, Filter{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	acked := map[int]bool{}
	for n := range 5 {
		wg.Go(func() {
			for i := n; i < 500; i += 2 { // neighbours meet
				r, err := s.Decide(Act{By: fmt.Sprint("editor", n), Role: Bulk, Act: []string{"accept", "reject"}[i%2], IDs: []string{all[i]}})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				acked[r.Seq] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	_ = s.Close()
	if s, err = Open(dir + "/s.db"); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n, err := s.Verify(); err != nil || n < len(acked) {
		t.Fatalf("%d rows, %d acknowledged, %v", n, len(acked), err)
	}
	if _, err := Open(dir + "/s.db"); err == nil || !strings.Contains(err.Error(), "another copydesk") {
		t.Fatalf("a second process gets %v", err)
	}
}
