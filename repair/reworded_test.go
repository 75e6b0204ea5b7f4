package repair

import (
	"slices"
	"strings"
	"testing"
)

// translatedText is a made-up article that went through a translator and back.
const translatedText = `They wanted to end its dangerous. behavior at sea and went on with the the talks for as long. as both sides wanted.

The ministers also spoke of the safety of ships and of trade in grain, the Ministry said below. of the Foreign Affairs. The meeting.

Both navigate a number of issues from France supports Poland to the war at sea, and in one interview the minister said so.`

// What a place may read with its words changed and moved is among its
// alternatives.
func TestChangedWordsOfMovesAreOffered(t *testing.T) {
	r, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var offers []string
	for _, c := range r.Fix(translatedText).Changes {
		if c.HasAfter {
			offers = append(offers, translatedText[max(0, c.Src.Start-10):c.Src.Start]+c.After)
		}
		for _, a := range c.Alts {
			offers = append(offers, translatedText[max(0, c.Src.Start-10):c.Src.Start]+a.After)
		}
	}
	for _, want := range []string{"Ministry of Foreign Affairs said", "France's support for", "an"} {
		if !slices.ContainsFunc(offers, func(s string) bool { return strings.Contains(s, want) }) {
			t.Errorf("%q is not offered, only\n%s", want, strings.Join(offers, "\n"))
		}
	}
}

// A move that drops two words side by side, as both of "the the", ended the
// document's repair.
func TestMoveOfDoubledArticle(t *testing.T) {
	r, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	src := "They enter into agreements with the Department the the of Commerce, and a 20% tariff will apply. The Department of Commerce will provide pathways."
	if res := r.Fix(src); len(res.Changes) == 0 {
		t.Errorf("nothing is proposed for %q", src)
	}
}

// What is applied does not hang on whether anybody asks for the rest.
func TestAppliedOnlyChangesNoText(t *testing.T) {
	all, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	only, err := New(Options{AppliedOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range []string{
		translatedText,
		"Officials said on Monday that of troops. thousands had been sent to the border. On all. played the band.",
		"The officer for more. Had been in the army than twenty years. It was time to. Examine what they had done.",
	} {
		if x, y := all.Fix(src).Text, only.Fix(src).Text; x != y {
			t.Errorf("%q\nbecomes %q\nand     %q", src, x, y)
		}
	}
}
