package corpus

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"copydesk/repair/text"
)

// article is a document of a made archive: words that no two share much of, and
// the lines that its page puts around it.
type article struct{ site, text string }

// archive makes documents of two sites: one whose page has a line in three
// documents of four, and one without.
func archive(n int) []article {
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"Ashford", "Marlow", "Weston", "Keswick", "Bolton", "Dunmore", "Harlan", "Pruett", "Selby", "Tamsin", "Orford", "Quill"}
	var out []article
	for i := range n {
		name := names[r.IntN(len(names))]
		body := fmt.Sprintf("The mayor of %s said on day %d that the %d trees by the river would stay, and %s agreed. "+
			"She asked %s for a list of all bridges, which had been promised in the spring of the year %d and which nobody had seen since then.", name, i, i*7%113, name, name, 1900+i)
		if i%2 == 1 {
			out = append(out, article{"plain.example", body})
			continue
		}
		s := body + "\n\nMr. Zendrixson of " + name + " did not answer."
		switch i % 8 {
		case 0:
			s = "Local news and sport\n\n" + s
		case 2, 4:
			s += "\n\nThe  Gazette has served\tthe valley since 1889."
		default:
			s += "\n\nThe Gazette has served the valley since 1889.\n\nsaid Zen drixson today"
		}
		out = append(out, article{"gazette.example", s})
	}
	return out
}

// unknown marks the tokens that these tests hold for unknown words.
func unknown(d *text.Document) []int32 {
	var out []int32
	for i := range d.Tokens {
		if w := strings.ToLower(d.Str(i)); w == "zendrixson" {
			out = append(out, int32(i))
		}
	}
	return out
}

// collect shows an archive from several goroutines.
func collect(t *testing.T, docs []article, jobs int) string {
	t.Helper()
	c := NewCollector()
	for look := range 2 {
		if look == 1 {
			c.Again()
		}
		var wg sync.WaitGroup
		for j := range jobs {
			wg.Go(func() {
				for i := j; i < len(docs); i += jobs {
					d := text.Parse(docs[i].text)
					c.Add(docs[i].site, d, unknown(d))
				}
			})
		}
		wg.Wait()
	}
	var b bytes.Buffer
	if err := c.Evidence().Write(&b, Head{Tool: "test"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What an archive shows, to the letter.
func TestEvidence(t *testing.T) {
	got := collect(t, archive(400), 1)
	want := `{"t":"corpus","schema":"copydesk.corpus/1","tool":"test","input":"","docs":400}
{"t":"site","site":"gazette.example","docs":200,"topic":`
	if !strings.HasPrefix(got, want) {
		t.Errorf("got %s", got)
	}
	for _, want := range []string{
		`{"t":"line","docs":150,"edge":150,"elsewhere":0,"topic":`,
		`,"text":"The Gazette has served the valley since 1889."}` + "\n",
		`{"t":"line","docs":50,"edge":50,"elsewhere":0,"topic":`,
		`,"text":"Local news and sport"}` + "\n",
		`{"t":"word","one":200,"two":50,"text":"zendrixson"}` + "\n",
		`{"t":"site","site":"plain.example","docs":200,`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the evidence lacks %q:\n%s", want, got)
		}
	}
}

// Neither order nor goroutines show in the evidence.
func TestOrderDoesNotShow(t *testing.T) {
	docs := archive(300)
	want := collect(t, docs, 1)
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 9))
		shuffled := slices.Clone(docs)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := collect(t, shuffled, int(seed)+2); got != want {
			t.Fatalf("another order gives\n%s\nfor\n%s", got, want)
		}
	}
}

// What is read is what was written; people may cut and edit it.
func TestReadBack(t *testing.T) {
	file := collect(t, archive(400), 2)
	x, err := Read(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	v, ok := x.At("gazette.example")
	if !ok || v.Docs != 200 {
		t.Fatalf("the site is %+v", v)
	}
	if l, ok := v.Line(" The Gazette has served\nthe valley   since 1889. "); !ok || l.Docs != 150 {
		t.Errorf("the line is %+v, %v", l, ok)
	}
	if w, ok := v.Word("ZENdrixson"); !ok || w != (Word{200, 50, "ZENdrixson"}) {
		t.Errorf("the word is %+v, %v", w, ok)
	}
	if _, ok := v.Line("the gazette has served the valley since 1889."); ok {
		t.Error("another line passes for it")
	}
	other, ok := x.At("plain.example")
	if !ok {
		t.Fatal("no other site")
	}
	if _, ok := other.Line("The Gazette has served the valley since 1889."); ok {
		t.Error("another site knows the line")
	}
	if _, ok := x.At("nowhere.example"); ok {
		t.Error("a site that is not there is known")
	}
	var cut []string
	for l := range strings.Lines(file) {
		if !strings.Contains(l, "since 1889") {
			cut = append(cut, l)
		}
	}
	y, err := Read(strings.NewReader(strings.Join(cut, "")))
	if err != nil {
		t.Fatal(err)
	}
	v, _ = y.At("gazette.example")
	if _, ok := v.Line("The Gazette has served the valley since 1889."); ok || y.Hash() == x.Hash() {
		t.Error("a line that was cut is still there, or the hash does not tell")
	}
}

// Lines that try to leave their place in the file, or to be another's, do not.
func TestHostileLines(t *testing.T) {
	lines := []string{
		"</script><script>alert(1)</script> now", "a \x1b[31mred\x1b[0m line", "two\u2028lines \u0085 here", `"}` + "\n" + `{"t":"site","site":"other.example","docs":99}`,
		"nul \x00 byte", "bad \xff\xfe bytes", strings.Repeat("x", maxLine-1) + " y", "\u202eright to left", strings.Repeat("é ", maxLine/3-1) + "e",
	}
	var docs []article
	for i := range 40 {
		body := fmt.Sprintf("The mayor of town %d said that the %d trees would stay, and that nobody knew of day %d. "+strings.Repeat("It rained on. ", 12), i, i*7, i*i)
		docs = append(docs, article{"a\x00\nb.example", body + "\n\n" + strings.ToValidUTF8(strings.Join(lines, "\n\n"), "\ufffd")})
	}
	file := collect(t, docs, 2)
	x, err := Read(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	v, ok := x.At("a\x00\nb.example")
	if _, other := x.At("other.example"); !ok || other {
		t.Fatalf("the sites are wrong:\n%s", file)
	}
	d := text.Parse(docs[0].text)
	seen := 0
	for _, u := range Units(d)[1:] {
		s := d.Text[u.Start:u.End]
		if u.Sentence || u.Len() > maxLine || len(strings.Fields(s)) < minWords {
			continue
		}
		seen++
		if l, ok := v.Line(s); !ok || l.Docs != 40 {
			t.Errorf("%q: %+v", s, l)
		}
	}
	if seen < 6 {
		t.Errorf("only %d lines were looked at", seen)
	}
	if n := strings.Count(file, "\n"); strings.ContainsAny(file, "\x00\x1b\u2028") || n < len(lines) {
		t.Error("control characters stand in the file as they are")
	}
}

func TestReadErrors(t *testing.T) {
	head := `{"t":"corpus","schema":"copydesk.corpus/1","docs":1}` + "\n"
	for in, want := range map[string]string{
		"":                                  "it is empty",
		`{"text":"an article"}`:             "line 1: no evidence of a corpus",
		head + `{"t":"line","text":"x y"}`:  "line 2: a line before any site",
		head + "{":                          "line 2: ",
		head + `{"t":"sitte","site":"x"}`:   `line 2: "sitte" is no kind of line`,
		head + strings.Repeat("x", 2<<20):   "line 2: ",
		head + `{"t":"site","docs":"many"}`: "line 2: ",
	} {
		if _, err := Read(strings.NewReader(in)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.60q: %v, want %s", in, err, want)
		}
	}
}

// The sketch never counts too little, and the set forgets nothing.
func TestSketch(t *testing.T) {
	s, in := newSketch(), newSet()
	r := rand.New(rand.NewPCG(3, 4))
	want := map[uint64]uint32{}
	for range 100_000 {
		k := mix(r.Uint64N(20_000))
		want[k]++
		s.add(k)
		in.add(k)
	}
	for k, n := range want {
		if got := s.count(k); got < n {
			t.Fatalf("%d for %d", got, n)
		}
		if !in.has(k) {
			t.Fatal("the set forgot a key")
		}
	}
	wrong := 0
	for range 100_000 {
		if in.has(mix(r.Uint64() | 1<<63)) {
			wrong++
		}
	}
	if wrong > 10 {
		t.Errorf("%d of 100,000 strangers are in the set", wrong)
	}
}

// A table that is too small for what it sees keeps what ranks highest, counted
// exactly, in any order, within its bounds.
func TestTable(t *testing.T) {
	const keys, limit, cost = 5000, 40_000, 100
	type shown struct {
		key  uint64
		rank uint32
	}
	var all []shown
	r := rand.New(rand.NewPCG(5, 6))
	for i := range keys {
		k := mix(uint64(i))
		for range 1 + i%5 {
			all = append(all, shown{k, uint32(i % 97)})
		}
	}
	var want map[uint64]int
	for range 4 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		tab := newTable[int](limit, cost)
		for _, s := range all {
			if v := tab.at(s.key, s.rank, func() string { return strings.Repeat("x", int(s.key%50)) }); v != nil {
				*v++
			}
			if tab.bytes > 2*limit {
				t.Fatalf("%d bytes", tab.bytes)
			}
		}
		tab.prune()
		got := map[uint64]int{}
		for k, e := range tab.entries {
			got[k] = e.val
		}
		for i := range keys {
			if n, ok := got[mix(uint64(i))]; ok && n != 1+i%5 {
				t.Fatalf("%d counted for %d", n, 1+i%5)
			}
		}
		if want == nil {
			want = got
		}
		if len(got) < limit/(cost+50) || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("another order keeps other entries: %d and %d", len(got), len(want))
		}
	}
}

// An archive in which nothing is alike, and hosts, lines and words are made to
// fill memory, stays within bounds.
func TestBounded(t *testing.T) {
	c := NewCollector()
	line := strings.Repeat("é", maxLine/4) + " "
	show := func() {
		for i := range 8_000 {
			s := fmt.Sprintf("%s%d\n\n%d %s\n\nQz%dqz wrote", line, i%3000, i%3000, line, i)
			d := text.Parse(s)
			c.Add(fmt.Sprintf("s%d.example", i%50), d, []int32{int32(len(d.Tokens) - 2)})
		}
	}
	show()
	c.Again()
	c.lines.limit, c.parts.limit, c.sites.limit = 1<<20, 1<<18, 1<<10
	show()
	for name, n := range map[string]int{"lines": c.lines.bytes - 2<<20, "words": c.parts.bytes - 2<<18, "sites": c.sites.bytes - 2<<10} {
		if n > 0 {
			t.Errorf("%s: %d bytes beyond twice the limit", name, n)
		}
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 160<<20 {
		t.Errorf("%d MB in use", m.HeapAlloc>>20)
	}
	runtime.KeepAlive(c)
}

func TestSiteOf(t *testing.T) {
	for source, want := range map[string]string{
		"https://www.Example.com/a/b?c":       "example.com",
		"http://user:pass@example.com:80/":    "example.com",
		"The  New York Times":                 "the new york times",
		"17":                                  "17",
		"example.com/2020/05/a.txt":           "example.com",
		"www.example.com/a.txt":               "example.com",
		"2020/05/a.txt":                       "",
		"data.2/a.txt":                        "",
		"":                                    "",
		"https://" + strings.Repeat("x", 300): "",
		strings.Repeat("x", 300):              "",
	} {
		if got := SiteOf(source); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	}
}
