package exchange

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"copydesk/repair/edit"
)

// article makes an article of pairs "old→new" set in a text as [old→new].
func article(t testing.TB, marked string) (string, *edit.DocRecord) {
	t.Helper()
	d := &edit.DocRecord{Doc: "a/b <c>", Field: "text"}
	var src strings.Builder
	for {
		text, rest, ok := strings.Cut(marked, "⟦")
		src.WriteString(text)
		if !ok {
			break
		}
		pair, rest, _ := strings.Cut(rest, "⟧")
		old, now, _ := strings.Cut(pair, "→")
		at := src.Len()
		src.WriteString(old)
		d.Edits = append(d.Edits, edit.EditRecord{
			Src: edit.Span{Start: at, End: at + len(old)}, Before: old, After: now, HasAfter: true, Rule: "merged/known-parts",
			Origin: edit.Extraction, Conf: .97, Tier: edit.Review, Why: []string{"both parts are words", "<why> & \"how\""},
		})
		marked = rest
	}
	d.Complete(src.String(), src.String())
	return src.String(), d
}

const story = "Rain <b>in</b> town & more\n\nThe minister ⟦toldreporters→told reporters⟧ that ⟦Blinkens'→Blinken's⟧ 😀 trip {++ or {~~ and ~> is {\\++ over.⟦\nShare this!→⟧ It said⟦→:⟧ yes\ttabs\r\nand\u00a0more.\nThe ⟦end, here\nbroken→end, here broken⟧ ok"

func back() []*Format {
	var out []*Format
	for _, f := range Formats() {
		if f.Read != nil && f.Ext != "" {
			out = append(out, f)
		}
	}
	return out
}

// What a person leaves, accepts, rejects or changes in each format comes back.
func TestRoundTrip(t *testing.T) {
	src, d := article(t, story)
	a, err := Cut(src, d, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Final() != strings.NewReplacer("⟦", "", "⟧", "").Replace(strings.NewReplacer("toldreporters→", "", "Blinkens'→", "", "\nShare this!→", "", "→:", ":", "end, here\nbroken→", "").Replace(story)) {
		t.Fatalf("%q", a.Final())
	}
	for _, f := range back() {
		var b bytes.Buffer
		if err := f.Write(&b, a); err != nil {
			t.Fatal(err)
		}
		r, err := f.Read(b.Bytes())
		if err != nil {
			t.Fatalf("%s: %v\n%s", f.Name, err, b.String())
		}
		if r.SrcHash != d.SrcHash {
			t.Errorf("%s: hash %q", f.Name, r.SrcHash)
		}
		if got, lost := Answers(a, r, f.Plain); len(got)+len(lost) > 0 {
			t.Errorf("%s: an untouched file answers %v, lost %v", f.Name, got, lost)
		}
		// Every mix of answers, by taking the marks of the returned file away.
		rnd := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			s := &Returned{SrcHash: r.SrcHash}
			var want []Answer
			n := 0
			for _, p := range r.Parts {
				if !p.Mark {
					s.Parts = append(s.Parts, p)
					continue
				}
				m := a.Marks[n]
				n++
				k := rnd.IntN(4)
				if k == 3 && n > 1 && len(want) > 0 && want[len(want)-1].After != nil && len(a.Texts[n-1]) < minUnique {
					k = 0 // two changed places with next to nothing between them cannot be told apart
				}
				switch k {
				case 0:
					s.Parts = append(s.Parts, p)
				case 1:
					s.Parts = append(s.Parts, Part{Text: p.After})
					want = append(want, Answer{m.ID, "accept", nil})
				case 2:
					s.Parts = append(s.Parts, Part{Text: p.Before})
					want = append(want, Answer{m.ID, "reject", nil})
				case 3:
					typed := "typed"
					s.Parts = append(s.Parts, Part{Text: typed})
					want = append(want, Answer{m.ID, "change", &typed})
				}
			}
			got, lost := Answers(a, s, f.Plain)
			if fmt.Sprint(show(got)) != fmt.Sprint(show(want)) || len(lost) > 0 {
				t.Fatalf("%s: got %v, lost %v, want %v\n%+v", f.Name, show(got), lost, show(want), s.Parts)
			}
		}
	}
}

func show(list []Answer) []string {
	var out []string
	for _, a := range list {
		s := a.ID[:4] + " " + a.Act
		if a.After != nil {
			s += " " + *a.After
		}
		out = append(out, s)
	}
	return out
}

// A text that changed between the marks gives no answer for what cannot be told.
func TestChangedText(t *testing.T) {
	src, d := article(t, "One word ⟦toldreporters→told reporters⟧ in the middle of it and ⟦saidTuesday→said Tuesday⟧ at the end.")
	a, err := Cut(src, d, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		"One word told reporters in the middle of it and said Tuesday at the end.":  2,
		"One word told reporters in the MIDDLE of it and said Tuesday at the end.":  0,
		"Two words told reporters in the middle of it and said Tuesday at the end.": 0,
		"One word told reporters in the middle of it and said Tuesday at its end.":  1,
	} {
		got, lost := Answers(a, &Returned{Parts: []Part{{Text: text}}}, nil)
		if len(got) != want || want < 2 && len(lost) == 0 {
			t.Errorf("%s: %v, lost %v", text, show(got), lost)
		}
	}
}

// Decisions choose what is written, and rejected edits stay out.
func TestCut(t *testing.T) {
	src, d := article(t, "One ⟦ab→cd⟧ two ⟦ef→gh⟧ three ⟦ij→kl⟧.")
	new := "typed"
	said := edit.Verdicts{d.Edits[0].ID: {Act: "reject", By: "ana"}, d.Edits[1].ID: {Act: "change", After: &new, By: "ana"}}
	a, err := Cut(src, d, said, Options{Tier: edit.Safe})
	if err != nil || a.Final() != "One ab two typed three ij." || len(a.Rejected) != 1 {
		t.Fatalf("%q %v", a.Final(), err)
	}
}

func write(t *testing.T, name string, arts ...*Article) string {
	t.Helper()
	var b bytes.Buffer
	for _, f := range Formats() {
		if f.Name != name {
			continue
		}
		for _, a := range arts {
			if err := f.Write(&b, a); err != nil {
				t.Fatal(err)
			}
		}
		if f.End != nil {
			if err := f.End(&b); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.String()
}

// patch(1) makes of the source what apply makes of it.
func TestDiff(t *testing.T) {
	patch, err := exec.LookPath("patch")
	for i, s := range []string{
		story, "a\nb\nc\nd ⟦x→y⟧\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\n⟦o\np→op⟧\nq\n", "⟦gone\n→⟧", "⟦x→y⟧", "a\n⟦→new\n⟧b\nc\nd\ne\nf\ng\nh\ni\nj\n⟦k→⟧\n",
	} {
		src, d := article(t, strings.ReplaceAll(s, "\r", ""))
		a, err2 := Cut(src, d, nil, Options{})
		if err2 != nil {
			t.Fatal(err2)
		}
		out := write(t, "diff", a)
		if err != nil {
			if !strings.HasPrefix(out, "--- a/") {
				t.Error(out)
			}
			continue
		}
		dir := t.TempDir()
		file := filepath.Join(dir, "f")
		_ = os.WriteFile(file, []byte(src), 0o600)
		cmd := exec.Command(patch, "--force", "--posix", file)
		cmd.Stdin = strings.NewReader(out)
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("case %d: %v %s\n%s", i, err, msg, out)
		}
		if got, _ := os.ReadFile(file); string(got) != a.Final() {
			t.Errorf("case %d: patch gives %q, want %q\n%s", i, got, a.Final(), out)
		}
	}
}

func TestSARIF(t *testing.T) {
	src, d := article(t, "😀 one\ntwo 😀 ⟦ab→cd⟧ three")
	a, err := Cut(src, d, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := write(t, "sarif", a)
	for _, want := range []string{`"startLine": 2`, `"startColumn": 7`, `"charOffset": 12`, `"charLength": 2`, `"text": "cd"`, `"copydesk/v1": "` + d.Edits[0].ID} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	var f *Format
	for _, f = range Formats() {
		if f.Name == "sarif" {
			break
		}
	}
	r, err := f.Read([]byte(strings.Replace(out, `"rank"`, `"suppressions":[{"kind":"external"}],"rank"`, 1)))
	if err != nil || len(r.Said) != 1 || r.Said[0].Act != "reject" {
		t.Fatalf("%+v %v", r, err)
	}
	rd := write(t, "rdjson", a)
	if !strings.Contains(rd, `"start":{"line":2,"column":10}`) {
		t.Error(rd)
	}
}

// What a language server publishes: lines and UTF-16 characters from 0.
func TestLSP(t *testing.T) {
	src, d := article(t, "Eins 😀.\nZwei 😀 ⟦toldreporters→told reporters⟧ b.")
	a, err := Cut(src, d, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		URI         string
		Diagnostics []struct {
			Range    map[string]map[string]int
			Severity int
			Code     string
			Data     struct {
				ID    string
				Edits []struct {
					Range   map[string]map[string]int
					NewText string
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(write(t, "lsp", a)), &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Diagnostics) != 1 || out.URI == "" {
		t.Fatalf("%+v", out)
	}
	g := out.Diagnostics[0]
	if g.Range["start"]["line"] != 1 || g.Range["start"]["character"] != 8 || g.Range["end"]["character"] != 21 ||
		g.Data.ID != a.Marks[0].ID || len(g.Data.Edits) != 1 || g.Data.Edits[0].NewText != "told reporters" || g.Code != a.Marks[0].Rule {
		t.Errorf("%+v", g)
	}
}

// A word processor's own changes to the file: accepted and rejected one by one.
func TestDocxEdited(t *testing.T) {
	src, d := article(t, "A ⟦toldreporters→told reporters⟧ b.\nC ⟦saidTuesday→said Tuesday⟧ d.\nE ⟦x y→xy⟧ f.")
	a, err := Cut(src, d, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := writeDocx(&b, a); err != nil {
		t.Fatal(err)
	}
	edited := rezip(t, b.Bytes(), func(doc string) string {
		cutOut := func(from, to string) {
			i := strings.Index(doc, from)
			j := i + strings.Index(doc[i:], to) + len(to)
			doc = doc[:i] + doc[j:]
		}
		cutOut(`<w:del w:id="100000"`, "</w:del>") // accept the first
		doc = strings.Replace(doc, `<w:ins w:id="100001" w:author="copydesk merged/known-parts" w:date="2000-01-01T00:00:00Z">`, "", 1)
		doc = strings.Replace(doc, "</w:ins>", "", 1)
		i := strings.Index(doc, `<w:ins w:id="100003"`) // reject the second
		j := i + strings.Index(doc[i:], "</w:ins>") + len("</w:ins>")
		doc = doc[:i] + doc[j:]
		doc = strings.Replace(doc, `<w:del w:id="100002" w:author="copydesk merged/known-parts" w:date="2000-01-01T00:00:00Z">`, "", 1)
		k := strings.Index(doc, "saidTuesday</w:delText>")
		doc = doc[:k] + strings.Replace(strings.Replace(doc[k:], "</w:delText>", "</w:t>", 1), "</w:del>", "", 1)
		return strings.Replace(doc, `<w:delText xml:space="preserve">saidTuesday`, `<w:t xml:space="preserve">saidTuesday`, 1)
	})
	r, err := readDocx(edited)
	if err != nil {
		t.Fatal(err)
	}
	got, lost := Answers(a, r, docxPlain)
	if want := []string{a.Marks[0].ID[:4] + " accept", a.Marks[1].ID[:4] + " reject"}; !slices.Equal(show(got), want) || len(lost) > 0 {
		t.Fatalf("%v, lost %v, want %v", show(got), lost, want)
	}
}

// rezip changes word/document.xml of a file.
func rezip(t *testing.T, b []byte, change func(string) string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r)
		if f.Name == "word/document.xml" {
			body = []byte(change(string(body)))
		}
		p, _ := w.Create(f.Name)
		_, _ = p.Write(body)
	}
	_ = w.Close()
	return out.Bytes()
}

// LibreOffice opens the file, saves it once, and everything is still there.
func TestDocxLibreOffice(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("no LibreOffice here")
	}
	src, d := article(t, "A day.\nThe minister ⟦toldreporters→told reporters⟧ that ⟦Blinkens'→Blinken's⟧ trip is over.⟦\nShare this!→⟧\nThe end.")
	a, err := Cut(src, d, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f, _ := os.Create(filepath.Join(dir, "a.docx"))
	if err := writeDocx(f, a); err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	cmd := exec.Command(soffice, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir", filepath.Join(dir, "out"), filepath.Join(dir, "a.docx"))
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("LibreOffice does not run: %v %s", err, msg)
	}
	b, err := os.ReadFile(filepath.Join(dir, "out", "a.docx"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := readDocx(b)
	if err != nil {
		t.Fatal(err)
	}
	if got, lost := Answers(a, r, docxPlain); len(got)+len(lost) > 0 {
		t.Errorf("untouched but for being saved: %v, lost %v\n%+v", show(got), lost, r.Parts)
	}
}

// No file, however broken, does more than fail.
func FuzzRead(f *testing.F) {
	src, d := article(f, story)
	a, err := Cut(src, d, nil, Options{})
	if err != nil {
		f.Fatal(err)
	}
	for _, x := range Formats() {
		var b bytes.Buffer
		_ = x.Write(&b, a)
		if x.End != nil {
			_ = x.End(&b)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte(`<w:p><w:ins w:author="copydesk x"><w:del w:author="copydesk x"><w:commentRangeStart/><w:r><w:t>a</w:t></w:r></w:del><w:br/></w:ins></w:p>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = (&Returned{}).document(b, map[string]string{}) // what a zip hides from the fuzzer
		for _, x := range Formats() {
			if x.Read == nil {
				continue
			}
			r, err := x.Read(b)
			if err != nil {
				continue
			}
			got, _ := Answers(a, r, x.Plain)
			for _, g := range got {
				if !slices.ContainsFunc(a.Marks, func(m Mark) bool { return m.ID == g.ID }) {
					t.Fatalf("%s: an answer on no edit: %+v", x.Name, g)
				}
			}
		}
	})
}
