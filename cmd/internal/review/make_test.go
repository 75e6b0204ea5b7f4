package review

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"copydesk/repair/edit"
)

// article is a made document with edits, for tests.
type article struct {
	doc, text string
	edits     []edit.EditRecord
}

// at adds an edit over the first place where before stands.
func (a *article) at(before, after, rule string, conf float64, tier edit.Tier, applied bool) *article {
	i := strings.Index(a.text, before)
	if i < 0 {
		panic("no " + before)
	}
	a.edits = append(a.edits, edit.EditRecord{
		Src: edit.Span{Start: i, End: i + len(before)}, Before: before, After: after, HasAfter: after != "?",
		Rule: rule, Origin: edit.Extraction, Conf: conf, Tier: tier, Applied: applied, Why: []string{"made for a test"},
	})
	return a
}

// writeLog makes the log of articles, as fix would.
func writeLog(articles ...*article) []byte {
	var b bytes.Buffer
	w := edit.NewWriter(&b)
	_ = w.Run(edit.RunRecord{Tool: "copydesk test", Rules: "sha256:1", Model: "sha256:2", Profile: "archive", Tier: edit.Safe})
	for n, a := range articles {
		d := &edit.DocRecord{N: n, Doc: a.doc, Field: "text", Edits: a.edits}
		out := a.text
		var es []edit.Edit
		for _, e := range a.edits {
			if e.Applied {
				es = append(es, edit.Edit{Span: e.Src, New: e.After})
			}
		}
		out, err := edit.Apply(out, es)
		if err != nil {
			panic(err)
		}
		shift := 0
		for i := range d.Edits {
			e := &d.Edits[i]
			e.Out = edit.Span{Start: e.Src.Start + shift, End: e.Src.End + shift}
			if e.Applied {
				e.Out.End = e.Out.Start + len(e.After)
				shift += len(e.After) - len(e.Before)
			}
		}
		d.Complete(a.text, out)
		if err := w.Doc(d); err != nil {
			panic(err)
		}
	}
	_ = w.End(edit.EndRecord{Docs: len(articles)})
	_ = w.Flush()
	return b.Bytes()
}

// open makes a store with these articles.
func open(t testing.TB, articles ...*article) *Store {
	t.Helper()
	s, err := Open(t.TempDir() + "/store.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	add(t, s, articles...)
	return s
}

func add(t testing.TB, s *Store, articles ...*article) Imported {
	t.Helper()
	im, err := s.ImportLog(context.Background(), LogFile{Name: "log.jsonl"}, bytes.NewReader(writeLog(articles...)), nil)
	if err != nil {
		t.Fatal(err)
	}
	a := s.Attach()
	for _, x := range articles {
		if err := a.Add(Text{Text: x.text}); err != nil {
			t.Fatal(err)
		}
	}
	_, im.Carried, im.Stale, err = a.Close()
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// manyLog writes a log of about edits made-up edits to a file, groups spread as
// in real logs: a few huge, most small (Zipf).
func manyLog(tb testing.TB, path string, edits int) {
	tb.Helper()
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	w := edit.NewWriter(f)
	_ = w.Run(edit.RunRecord{Tool: "copydesk made", Rules: "sha256:1", Model: "sha256:2", Profile: "archive", Tier: edit.Safe})
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.1, 8, 120_000)
	rules := []string{"merged/known-parts", "spacing/after-stop", "possessive/lost-apostrophe", "characters/mojibake", "split/space-in-word", "boilerplate/share-bar"}
	hash := strings.Repeat("ab", 32)
	for n, done := 0, 0; done < edits; n++ {
		d := &edit.DocRecord{N: n, Doc: fmt.Sprintf("https://news%d.example/%d/article-%d", n%1700, 2000+n%20, n), Field: "text"}
		d.SrcHash, d.OutHash = edit.Hash(fmt.Sprint(n)), hash
		at := 0
		for range 1 + r.IntN(6) {
			k := int(zipf.Uint64())
			before, after := fmt.Sprintf("word%dnext", k), fmt.Sprintf("word%d next", k)
			at += 20 + r.IntN(200)
			e := edit.EditRecord{
				Src: edit.Span{Start: at, End: at + len(before)}, Before: before, After: after, HasAfter: true, Rule: rules[k%len(rules)],
				SrcPoints: edit.Span{Start: at, End: at + len(before)}, Out: edit.Span{Start: at, End: at + len(after)}, OutPoints: edit.Span{Start: at, End: at + len(after)},
				Origin: edit.Origin(k % 2), Conf: 1 - float64(r.IntN(3000))/1e4, Tier: edit.Review, Ops: []edit.Edit{{Span: edit.Span{Start: 6, End: 6}, New: " "}},
				Why: []string{"the parts are known words", "the document has both"}, Alts: []edit.Alt{{After: before + "s", Conf: .01}},
			}
			if e.Conf > .98 {
				e.Tier, e.Applied = edit.Safe, true
			}
			e.ID = edit.ID(d.SrcHash, d.Field, e.Src, e.Rule, e.After)
			at = e.Src.End
			d.Edits = append(d.Edits, e)
			done++
		}
		if err := w.Doc(d); err != nil {
			tb.Fatal(err)
		}
	}
	_ = w.End(edit.EndRecord{})
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
}
