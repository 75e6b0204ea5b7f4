package damage

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"copydesk/repair/text"
)

// article is invented, and holds a place for every kind.
const article = `Harbour plan wins over the town

Millbrook's council has said it will rebuild the old harbour, which closed in March, after years of argument. "We don't have another ten years," the mayor, Ann Petersen, told reporters on Monday. The plan is the first of its kind in the region.

The work – paid for by the national lottery – will begin in the spring. Engineers from the city of Aldburg made the drawings in a small office on the quay. They've said the harbour's walls can be saved, and it's likely that most of the stones will be used again.

"I'm sure we're going to see boats here," Petersen said. The company behind the plan has about 300 workers in the country and wants to hire more (many of them local). Her office said the government of Norland supports the plan with a loan from the development bank.

People who live near the water aren't so sure. A shop owner in the main street said that the noise of the machines would drive her customers to the other side of the bay, where parking is free.`

var curled = strings.NewReplacer(`"We`, "“We", `years,"`, "years,”", `"I`, "“I", `here,"`, "here,”", "'", "’").Replace(article)

func check(t *testing.T, name, clean, damaged string, gold []Gold) {
	t.Helper()
	if !utf8.ValidString(damaged) {
		t.Fatalf("%s: the damaged text is not valid UTF-8: %q", name, damaged)
	}
	at := -1
	for _, g := range gold {
		if g.Start < at || g.End < g.Start || g.End > len(damaged) || g.Start == at && g.Len() == 0 {
			t.Fatalf("%s: gold %+v is out of order in %q", name, g, damaged)
		}
		at = g.End
	}
	if got := Restore(damaged, gold); got != clean {
		t.Fatalf("%s: restored\n%q\nwant\n%q", name, got, clean)
	}
	if (damaged == clean) != (len(gold) == 0) {
		t.Fatalf("%s: %d repairs, yet changed: %v", name, len(gold), damaged != clean)
	}
}

func TestApplyEveryKind(t *testing.T) {
	var m Maker
	for _, clean := range []string{article, curled} {
		d := text.Parse(clean)
		for _, k := range Kinds() {
			if clean == article && k == C1Marks {
				continue
			}
			if strings.HasPrefix(k.String(), "legacy-") {
				continue // marks have the same byte in nearly all; see TestMisread
			}
			for seed := range uint64(50) {
				damaged, gold, ok := m.Apply(k, d, NewRand(seed))
				if !ok {
					t.Fatalf("%s: found no place", k)
				}
				check(t, k.String(), clean, damaged, gold)
				again, gold2, _ := Apply(k, d, NewRand(seed))
				if again != damaged || fmt.Sprint(gold2) != fmt.Sprint(gold) {
					t.Fatalf("%s: seed %d gave two different texts", k, seed)
				}
				for _, g := range gold {
					if g.Kind != k || g.Place != gold[0].Place {
						t.Fatalf("%s: gold %+v", k, g)
					}
				}
			}
		}
	}
}

// TestShapes pins what each kind looks like where a text has one place for it.
func TestShapes(t *testing.T) {
	for _, c := range []struct {
		kind        Kind
		clean, want string
	}{
		{GluedWords, "of the", "ofthe"},
		{SpaceBeforeMark, "He came, late", "He came , late"},
		{MissingBreakNoSpace, "He left. It rained", "He left.It rained"},
		{MissingBreakGlued, "He left. It rained", "He leftIt rained"},
		{MissingBreakSpace, "He left. It rained", "He left It rained"},
		{BlockGlued, "A great victory\n\nIt wasn't pretty.", "A great victoryIt wasn't pretty."},
		{PossDropped, "China's economy", "Chinas economy"},
		{PossMisplaced, "Blinken's visit", "Blinkens' visit"},
		{PossMisplaced, "Blinken’s visit", "Blinkens’ visit"},
		{PossStripped, "China's support", "China support"},
		{ItsForm, "on its way", "on it's way"},
		{ItsForm, "if it’s late", "if its late"},
		{ContrNonword, "They don't", "They dont"},
		{ContrRealword, "and we're here", "and were here"},
		{QuotesStripped, `"Go," he said`, `Go, he said`},
		{QuotesStripped, `“Go,” he said`, `Go, he said`},
		{DashPair, "we – and you – go", "we and you go"},
		{DashStripped, "CAIRO — Two bombs", "CAIRO Two bombs"},
		{RelComma, "Spain, which hit", "Spain which hit"},
		{DupWord, "he of", "he of of"},
		{SpuriousBreakLC, "dangerous behavior", "dangerous. behavior"},
		{SpuriousBreakCap, "to examine", "to. Examine"},
		{DeterminerAdded, "in China", "in the China"},
		{Mojibake1252, "Britain’s", "Britainâ€™s"},
		{MojibakeLatin1, "Britain’s", "Britainâ\u0080\u0099s"},
		{C1Marks, "can’t", "can\u0092t"},
		{Entity, "café", "caf&#233;"},
	} {
		damaged, gold, ok := Apply(c.kind, text.Parse(c.clean), NewRand(1))
		if !ok || damaged != c.want {
			t.Errorf("%s: %q became %q, want %q", c.kind, c.clean, damaged, c.want)
		}
		check(t, c.kind.String(), c.clean, damaged, gold)
	}
}

func TestMisread(t *testing.T) {
	for _, c := range []struct{ kind, clean, want string }{
		{"mojibake-1252", "Britain’s café", "Britainâ€™s cafÃ©"},
		{"mojibake-windows-1250", "café", "cafĂ©"},
		{"mojibake-windows-1251", "Привет", "РџСЂРёРІРµС‚"},
		{"mojibake-iso-8859-15", "a ¤ b", "a Â€ b"},
		{"mojibake-macintosh", "café", "caf√©"},
		{"mojibake-ibm850", "café", "caf├®"},
		{"mojibake-twice", "café", "cafÃƒÂ©"},
		{"mojibake-1252-1251", "£5", "Г‚ВЈ5"},
		{"legacy-1251-1252", "Привет", "Ïðèâåò"},
		{"legacy-1252-macintosh", "café", "cafÈ"},
	} {
		k, ok := ParseKind(c.kind)
		got, whole := Misread(k, c.clean)
		if !ok || !whole || got != c.want {
			t.Errorf("%s: %q is read as %q, want %q", c.kind, c.clean, got, c.want)
		}
	}
	if k, _ := ParseKind("legacy-1251-1252"); k == 0 {
		t.Error("no legacy-1251-1252")
	} else if got, ok := Misread(k, "café"); ok {
		t.Errorf("windows-1251 has no é, but Misread made %q", got)
	}
}

func TestMakeRestores(t *testing.T) {
	for _, clean := range []string{article, curled, "", " ", "One", strings.Repeat(article+"\n\n", 5)} {
		for seed := range uint64(100) {
			recipe := Mixed(NewRand(seed))
			damaged, gold := Make(clean, recipe, seed)
			check(t, fmt.Sprint(recipe.Process), clean, damaged, gold)
			again, _ := Make(clean, recipe, seed)
			if again != damaged {
				t.Fatalf("seed %d gave two different texts", seed)
			}
		}
		for p := range NumProcesses {
			damaged, gold := Make(clean, Of(p, Everywhere), 3)
			check(t, p.String(), clean, damaged, gold)
		}
	}
}

func TestStripLeavesNoMark(t *testing.T) {
	damaged, _ := Make(curled, Of(PunctStrip, Everywhere), 1)
	if i := strings.IndexAny(damaged, "’“”–"); i >= 0 {
		t.Fatalf("a mark survived at %d:\n%s", i, damaged)
	}
}

// TestRates holds the mean over many seeds against the rate asked for.
func TestRates(t *testing.T) {
	long := strings.Repeat(curled+"\n\n", 8)
	d := text.Parse(long)
	var m Maker
	for p := range NumProcesses {
		for _, rate := range []float64{1, 3, 10} {
			const runs = 200
			places := 0
			for seed := range uint64(runs) {
				_, gold := m.Make(d, Of(p, rate), NewRand(seed))
				if p == LinkTrim {
					places += len(gold)
					continue
				}
				seen := map[int]bool{}
				for _, g := range gold {
					seen[g.Place] = true
				}
				places += len(seen)
			}
			got := 1000 * float64(places) / float64(runs*words(d))
			// A link that loses both its spaces may overshoot by one a document.
			if got < 0.9*rate || got > 1.1*rate+0.5 {
				t.Errorf("%s at %g per 1,000 words: made %.2f", p, rate, got)
			}
		}
	}
}

func TestNames(t *testing.T) {
	for _, k := range Kinds() {
		if got, ok := ParseKind(k.String()); !ok || got != k || k.Doc() == "" || site(k) == nil {
			t.Errorf("kind %d (%q) is incomplete", k, k)
		}
	}
	for p := range NumProcesses {
		if got, ok := ParseProcess(p.String()); !ok || got != p || p.Doc() == "" || len(p.Kinds()) == 0 {
			t.Errorf("process %d (%q) is incomplete", p, p)
		}
	}
}

func TestOrder(t *testing.T) {
	for n := range 70 {
		seen := make([]bool, n)
		o := newOrder(n, NewRand(uint64(n)))
		for i := o.next(); i >= 0; i = o.next() {
			if seen[i] {
				t.Fatalf("%d of %d came twice", i, n)
			}
			seen[i] = true
		}
		for i, ok := range seen {
			if !ok {
				t.Fatalf("%d of %d never came", i, n)
			}
		}
	}
}

func FuzzMake(f *testing.F) {
	f.Add(article, uint64(1), uint8(0))
	f.Add(curled, uint64(2), uint8(7))
	f.Add("a’s “b” — c.\u00a0D", uint64(3), uint8(3))
	f.Fuzz(func(t *testing.T, clean string, seed uint64, kind uint8) {
		if !utf8.ValidString(clean) || len(clean) > 1<<14 {
			return
		}
		damaged, gold := Make(clean, Mixed(NewRand(seed)), seed)
		check(t, "mixed", clean, damaged, gold)
		k := Kind(kind) % NumKinds
		damaged, gold = Make(clean, OfKind(k, Everywhere), seed)
		check(t, k.String(), clean, damaged, gold)
	})
}

func BenchmarkApply(b *testing.B) {
	d := text.Parse(article)
	var m Maker
	r := NewRand(1)
	b.SetBytes(int64(len(article)))
	for i := 0; b.Loop(); i++ {
		m.Apply(Kind(i%int(NumKinds)), d, r)
	}
}
