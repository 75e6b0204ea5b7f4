package detect_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"copydesk/repair"
	"copydesk/repair/damage"
	"copydesk/repair/edit"
)

// FuzzReread holds the decoding search to its promises on any text: it ends, its
// output is UTF-8 and comes to rest, and its changes carry every position.
func FuzzReread(f *testing.F) {
	r := charactersOnly(f)
	for _, s := range []string{
		"Britainâ€™s cafÃ©", "Р С—РЎР‚Р С‘РЎРЏ", "┬┐que diferencia hay?", "ã†â€™ãƒâ€ ã¢â‚¬â„¢", "tur\u0092stico", "í\u00a0½í¸\u0080",
		"à»’ Ã Ã s \uFFFDÂ\uFFFD", "Êîäèðîâêà", "„Ź", "ﬁﬂ\uF8FF",
	} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(9))
	}
	kinds := damage.Misreadings()
	f.Fuzz(func(t *testing.T, s string, kind uint8) {
		if !utf8.ValidString(s) || len(s) > 1<<12 {
			return
		}
		exact(t, r, s)
		if bad, ok := damage.Misread(kinds[int(kind)%len(kinds)], s); ok {
			exact(t, r, bad)
		}
	})
}

// exact repairs a text and proves that its changes say the whole truth: written
// into the input they give the output, and outside them input and output are the
// same, place by place.
func exact(t *testing.T, r *repair.Repairer, s string) repair.Result {
	t.Helper()
	res := r.Fix(s)
	if !utf8.ValidString(res.Text) {
		t.Fatalf("%q became %q", s, res.Text)
	}
	var edits []edit.Edit
	in, out := 0, 0
	for _, c := range res.Changes {
		if !c.Applied {
			continue
		}
		if c.Src.Start < in || c.Out.Start < out || s[in:c.Src.Start] != res.Text[out:c.Out.Start] {
			t.Fatalf("%q became %q: before %+v it says %q is %q", s, res.Text, c.Src, s[in:max(in, c.Src.Start)], res.Text[out:max(out, c.Out.Start)])
		}
		if s[c.Src.Start:c.Src.End] != c.Before || res.Text[c.Out.Start:c.Out.End] != c.After {
			t.Fatalf("%q became %q: %+v reads otherwise", s, res.Text, c)
		}
		edits = append(edits, edit.Edit{Span: c.Src, New: c.After})
		in, out = c.Src.End, c.Out.End
	}
	if s[in:] != res.Text[out:] {
		t.Fatalf("%q became %q: behind the last change %q is %q", s, res.Text, s[in:], res.Text[out:])
	}
	if got, err := edit.Apply(s, edits); err != nil || got != res.Text {
		t.Fatalf("%q became %q, its changes make %q (%v)", s, res.Text, got, err)
	}
	if again := r.Fix(res.Text).Text; again != res.Text {
		t.Fatalf("%q became %q, and that %q", s, res.Text, again)
	}
	return res
}

// Every position of a misread text maps exactly: what one character was torn
// into is one unit, and clean text between goes character by character.
func TestMisreadPositions(t *testing.T) {
	r := charactersOnly(t)
	const clean = "Zoë’s café — “naïve”, she said: 5 € for crème brûlée."
	for _, k := range damage.Misreadings() {
		bad, ok := damage.Misread(k, clean)
		if !ok || strings.HasPrefix(k.String(), "legacy-") {
			continue
		}
		res := exact(t, r, "Before it. "+bad+" After it.")
		if want := "Before it. " + clean + " After it."; res.Text != want {
			t.Errorf("%s: %q", k, res.Text)
			continue
		}
		var edits []edit.Edit
		for _, c := range res.Changes {
			if c.Applied {
				edits = append(edits, edit.Edit{Span: c.Src, New: c.After})
			}
		}
		m := edit.NewMap(edits)
		at := strings.Index(bad, "said") + len("Before it. ")
		got, exactly := m.ToOut(edit.Span{Start: at, End: at + len("said")})
		if !exactly || res.Text[got.Start:got.End] != "said" {
			t.Errorf("%s: \"said\" is mapped to %q", k, res.Text[got.Start:got.End])
		}
	}
}

// A text with more misread places than proposals are kept for one document is
// repaired all the same, in time that grows with its length.
func TestManyMisread(t *testing.T) {
	r := charactersOnly(t)
	const lines = 60_000
	bad := strings.Repeat("The cafÃ© of Britainâ€™s minister\n", lines)
	res := r.Fix(bad)
	if want := strings.Repeat("The café of Britain’s minister\n", lines); res.Text != want || res.Fused != "" {
		t.Errorf("fused: %q", res.Fused)
	}
}

// Text made to keep the search busy takes time in proportion to its length.
func TestAdversarialMisread(t *testing.T) {
	r := charactersOnly(t)
	for _, unit := range []string{"Ã", "â€", "ÃƒÂ", "РЎ", "├Ã√", "í ½", "\u0092é", "ﬁ\uF8FFÂ ", "Ð�", "Â ", "оa"} {
		took := func(n int) time.Duration {
			s := strings.Repeat(unit, n/len(unit))
			began := time.Now()
			r.Fix(s)
			return time.Since(began)
		}
		took(1 << 12)
		short, long := took(1<<15), took(1<<18)
		// Eight times the text; the machine's other work and the collector are allowed ten times that.
		if long > 80*short+2*time.Second {
			t.Errorf("%q: %v for 32 kB, %v for 256 kB", unit, short, long)
		}
	}
}

// The cases of testdata/misread.txt come out as they should, and what is right
// stays as it is.
func TestMisreadCases(t *testing.T) {
	b, err := os.ReadFile("testdata/misread.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := charactersOnly(t)
	n := 0
	for l := range strings.Lines(string(b)) {
		l = strings.TrimRight(l, "\n")
		if l == "" || l[0] == '#' {
			continue
		}
		cells := strings.Split(l, "\t")
		if len(cells) != 3 {
			t.Fatalf("%q: give a name, the text and what it was", l)
		}
		in, err := strconv.Unquote(cells[1])
		want := in
		if err == nil && cells[2] != "=" {
			want, err = strconv.Unquote(cells[2])
		}
		if err != nil {
			t.Fatalf("%s: %v", cells[0], err)
		}
		n++
		if got := r.Fix(in).Text; got != want {
			t.Errorf("%s: %q\n  became %q\n  not    %q", cells[0], in, got, want)
		}
	}
	if n < 70 {
		t.Errorf("only %d cases", n)
	}
}
