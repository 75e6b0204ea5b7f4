package page

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// fixed is a text with all its faults mended.
func fixed(p *Page, s string) string {
	faults := slices.Clone(p.Compare(s).Faults)
	slices.SortStableFunc(faults, func(a, b Fault) int { return b.Start - a.Start })
	for _, f := range faults {
		s = s[:f.Start] + f.New + s[f.End:]
	}
	return s
}

const article = `<html><head><title>Bridge kept - Gazette</title><script>var x = "They voted on Monday";</script></head><body>
<nav><a href="/">Home</a><a href="/news">News</a></nav>
<article><h1>Ashford keeps its bridge</h1><p class=by>By Jane Doe</p>
<p>The council of <a href="/ashford">Ashford</a> voted on Monday to keep the old <b>stone</b> bridge,
which the mayor&rsquo;s men had called &ldquo;a danger to all&rdquo;&mdash;and <em>won&#8217;t</em> be closed.</p>
<div class="ad">Advertisement</div><p><span class=drop>E</span>ngineers from <a href="/marlow">Marlow</a>, who came
by bus&nbsp;(at 9 a.m.), said: <q>It holds.</q><br>Its caf&eacute; opens in the spring of 1951.</p><table><tr><td>Vote</td><td>Yes</td></tr></table>
</article><footer>Contact us</footer></body></html>`

// What each naive extractor makes of the page comes back as the page has it.
func TestDamageOfExtractors(t *testing.T) {
	p := Parse([]byte(article))
	const first = "The council of Ashford voted on Monday to keep the old stone bridge, which the mayor’s men had called “a danger to all”—and won’t be closed."
	const second = "Engineers from Marlow, who came by bus (at 9 a.m.), said: It holds."
	const third = "Its café opens in the spring of 1951."
	for name, c := range map[string]struct{ text, want string }{
		"as it is":               {first + "\n\n" + second + "\n" + third, first + "\n\n" + second + "\n" + third},
		"white space at links":   {strings.NewReplacer("of Ashford voted", "ofAshfordvoted", "old stone bridge", "oldstonebridge").Replace(first), first},
		"space before a comma":   {strings.Replace(second, "Marlow,", "Marlow ,", 1), second},
		"blocks joined":          {first + "Advertisement" + second + third, first + " Advertisement " + second + " " + third},
		"a block left out":       {first + second, first + " " + second},
		"paragraphs of the text": {first + second + "\n\n" + third, first + "\n\n" + second + "\n\n" + third},
		"apostrophes lost":       {strings.NewReplacer("mayor’s", "mayors", "won’t", "won t").Replace(first), first},
		"quotation marks lost":   {strings.NewReplacer("“", "", "”", "").Replace(first), first},
		"dash lost":              {strings.Replace(first, "—", "", 1), first},
		"typewriter marks kept":  {strings.NewReplacer("’", "'", "“", `"`, "”", `"`).Replace(first), strings.NewReplacer("’", "'", "“", `"`, "”", `"`).Replace(first)},
		"typewriter marks lost":  {strings.NewReplacer("’s", "s", "’", "'", "“", `"`, "”", `"`).Replace(first), strings.NewReplacer("’", "'", "“", `"`, "”", `"`).Replace(first)},
		"signs for characters":   {strings.NewReplacer("’", "?", "“", "?", "”", "\ufffd", "—", "?").Replace(first), first},
		"signs for letters":      {"said. It holds.\n" + strings.Replace(third, "é", "?", 1), "said. It holds.\n" + third},
		"a drop cap set apart":   {"E ngineers from Marlow, who came by bus (at 9 a.m.), said:", "E ngineers from Marlow, who came by bus (at 9 a.m.), said:"},
		"a word in two pieces":   {strings.Replace(first, "council", "coun cil", 1), first},
		"a word cut at a hyphen": {strings.Replace(first, "council", "coun- cil", 1), first},
		"an older version":       {"The council of Ashford voted on Tuesday to keep the old bridge, which the men said could not stand.", "The council of Ashford voted on Tuesday to keep the old bridge, which the men said could not stand."},
		"another article":        {"Nobodyknows who won the cup in the end , said the man.", "Nobodyknows who won the cup in the end , said the man."},
		"nothing":                {"", ""},
	} {
		if got := fixed(p, c.text); got != c.want {
			t.Errorf("%s:\n%s\nbecomes\n%s\nwant\n%s", name, c.text, got, c.want)
		}
		if again := fixed(p, c.want); again != c.want {
			t.Errorf("%s: a second look changes it into\n%s", name, again)
		}
	}
}

// No word of the page ever comes into a text: what its letters say stays, but for
// signs that stand for letters.
func TestNothingIsCopied(t *testing.T) {
	p := Parse([]byte(article))
	full := "The council of Ashford voted on Monday to keep the old stone bridge, which the mayor’s men had called “a danger to all”—and won’t be closed. Engineers from Marlow, who came by bus (at 9 a.m.), said: It holds."
	words := strings.Fields(full)
	for from := range words {
		for _, gone := range []int{1, 2, 5, 11} {
			if from+gone > len(words) {
				continue
			}
			cut := slices.Concat(words[:from], words[from+gone:])
			for _, s := range []string{strings.Join(cut, " "), strings.Join(words[:from], " ") + strings.Join(words[from+gone:], " ")} {
				if a, b := onlyLetters(s), onlyLetters(fixed(p, s)); a != b {
					t.Fatalf("%q gets the letters %q", s, b)
				}
			}
		}
	}
}

func onlyLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// A style sheet may set apart what the page's bytes run together: no space is
// taken out at a tag, but before a mark.
func TestTagsHideStyle(t *testing.T) {
	p := Parse([]byte(`<p>All of the votes in town: <span>Ashford</span><span>1,204</span> and <b>Marlow</b>, with the rest of them.</p>`))
	const s = "All of the votes in town: Ashford 1,204 and Marlow , with the rest of them."
	if got, want := fixed(p, s), strings.Replace(s, "Marlow ,", "Marlow,", 1); got != want {
		t.Errorf("%q", got)
	}
	p = Parse([]byte(`<p>All of the votes of the <nobr>U.S.</nobr>-led group in <o:p>town</o:p>hall were counted.</p>`))
	const u = "All of the votes of the U.S.-led group in townhall were counted."
	if got := fixed(p, u); got != u {
		t.Errorf("an element that is no block parts words: %q", got)
	}
}

// What reads alike is said to.
func TestSame(t *testing.T) {
	p := Parse([]byte(article))
	s := "The council of Ashford votedon Monday to keep the old stone bridge"
	c := p.Compare(s)
	if len(c.Faults) != 1 || c.Faults[0].Kind != LostSpace || c.Share != 1 {
		t.Fatalf("%+v", c)
	}
	if len(c.Same) != 2 || s[c.Same[0].Start:c.Same[0].End] != "The council of Ashford voted" || s[c.Same[1].Start:c.Same[1].End] != "on Monday to keep the old stone bridge" {
		t.Errorf("%v", c.Same)
	}
}

// Hostile pages and texts cost time in proportion to their length.
func TestHostile(t *testing.T) {
	for _, src := range []string{
		strings.Repeat("a", 300_000), strings.Repeat("<b>", 200_000) + "x", strings.Repeat("ab ", 100_000), "<script>" + strings.Repeat("x", 100_000),
		strings.Repeat("“", 100_000), strings.Repeat("&#x27;a", 50_000), strings.Repeat("<a>\x00\xff", 50_000), "<p" + strings.Repeat(" a=b", 50_000),
	} {
		p := Parse([]byte(src))
		for _, s := range []string{strings.Repeat("a", 300_000), strings.Repeat("ba ", 100_000), strings.Repeat("”", 1000), strings.Repeat("a?", 100_000)} {
			p.Compare(strings.ToValidUTF8(s, ""))
		}
	}
}

func FuzzCompare(f *testing.F) {
	f.Add(article, "The council ofAshford voted on Monday ,to keep the mayor?s caf? by the old stone bridge")
	f.Fuzz(func(t *testing.T, src, s string) {
		s = strings.ToValidUTF8(s, "?")
		c := Parse([]byte(src)).Compare(s)
		last := 0
		for _, f := range c.Faults {
			if f.Start < last || f.End < f.Start || f.End > len(s) {
				t.Fatalf("the fault %+v is out of place in %q", f, s)
			}
			last = f.Start
		}
		for _, x := range c.Same {
			if x.Start < 0 || x.End > len(s) || x.Start > x.End {
				t.Fatal(fmt.Sprint(x))
			}
		}
	})
}
