package text

import (
	"os"
	"strings"
	"testing"
)

func toks(s string) string {
	d := Parse(s)
	var b strings.Builder
	for _, st := range d.Sentences {
		if b.Len() > 0 {
			b.WriteString("║")
		}
		for i := st.First; i < st.End; i++ {
			if i > st.First {
				b.WriteString("|")
			}
			b.WriteString(d.Str(int(i)))
		}
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"They have includedUS controlson the export.", "They|have|includedUS|controlson|the|export|."},
		{"China's leader doesn't know. It's 5pm.", "China|'s|leader|doesn't|know|.║It|'s|5pm|."},
		{"Blinkens' three-day visit", "Blinkens|'|three|-|day|visit"},
		{"Mr. Smith met J. K. Rowling in the U.S. Senate. He left.", "Mr.|Smith|met|J.|K.|Rowling|in|the|U.S.|Senate|.║He|left|."},
		{"It left the U.S. The talks failed.", "It|left|the|U.S.║The|talks|failed|."},
		{"the process.It takes", "the|process|.|It|takes"},
		{"See Fool.com or www.x.org/a?b=c, mail a.b@c.co.uk now.", "See|Fool.com|or|www.x.org/a?b=c|,|mail|a.b@c.co.uk|now|."},
		{"https://t.co/abc, said @joe #tag", "https://t.co/abc|,|said|@joe|#tag"},
		{"He said \"go.\" Then left", "He|said|\"|go|.|\"║Then|left"},
		{"signeda3-year deal for £20m, 1,000.50 on 2024-04-26 at 10:30", "signeda3|-|year|deal|for|£|20m|,|1,000.50|on|2024-04-26|at|10:30"},
		{"challenge. from there", "challenge|.|from|there"},
		{"Trump 's joint", "Trump|'s|joint"},
		{"A headline here\n\nThe text. More.", "A|headline|here║The|text|.║More|."},
		{"O’Brien won’t go to Xi’s house", "O’Brien|won’t|go|to|Xi|’s|house"},
		{"wait... what? Yes!", "wait|...|what|?║Yes|!"},
		{"a long line that is hard wrapped at some width\nand goes on below it.", "a|long|line|that|is|hard|wrapped|at|some|width|and|goes|on|below|it|."},
		{"Naïve Škoda 東京 café", "Naïve|Škoda|東京|café"},
		{"No. 3 says no. He", "No.|3|says|no|.║He"},
	} {
		if got := toks(c.in); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

// Tokens cover every byte that is no white space exactly once, on code point
// boundaries, and every token lies in one sentence and one block.
func checkParse(t *testing.T, s string) {
	t.Helper()
	d := Parse(s)
	at := 0
	for i, tok := range d.Tokens {
		if int(tok.Start) < at || tok.End <= tok.Start {
			t.Fatalf("token %d %v overlaps or is empty in %q", i, tok, s)
		}
		if rest := strings.TrimSpace(d.Text[at:tok.Start]); rest != "" {
			t.Fatalf("%q before token %d is in no token", rest, i)
		}
		if tok.Start > 0 && int(tok.Start) < len(s) && s[tok.Start]&0xC0 == 0x80 {
			t.Fatalf("token %d starts inside a character", i)
		}
		at = int(tok.End)
	}
	if rest := strings.TrimSpace(d.Text[at:]); rest != "" {
		t.Fatalf("%q at the end is in no token", rest)
	}
	next := int32(0)
	for _, st := range d.Sentences {
		if st.First != next || st.End <= st.First {
			t.Fatalf("sentences do not follow one another: %v", d.Sentences)
		}
		next = st.End
	}
	if int(next) != len(d.Tokens) {
		t.Fatalf("sentences end at token %d of %d", next, len(d.Tokens))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "a", "’’’’", "U.S.A. é\u0301\u0301", "a@b.c http://", "\u00a0\u2003x\r\ny", "don't 'em rock'n'roll's'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkParse(t, strings.ToValidUTF8(s, "?")) })
}

func TestParseHostile(t *testing.T) {
	for _, s := range []string{
		strings.Repeat("\u0301", 100_000), "a" + strings.Repeat("\u0301", 100_000), strings.Repeat("'", 100_000),
		strings.Repeat(".", 100_000), strings.Repeat("a.", 100_000), strings.Repeat("a-", 100_000), strings.Repeat("a", 1_000_000),
		strings.Repeat("1", 1_000_000), strings.Repeat("\n", 100_000), strings.Repeat("x@", 50_000), strings.Repeat("a\n", 100_000),
	} {
		checkParse(t, s)
	}
}

func BenchmarkParse(b *testing.B) {
	s, err := os.ReadFile("../../testdata/article.txt")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(s)))
	text := string(s)
	d := new(Document)
	for b.Loop() {
		ParseInto(d, text)
	}
}
