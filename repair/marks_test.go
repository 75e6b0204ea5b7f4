package repair

import (
	"slices"
	"strings"
	"testing"
)

// strippedText is a made-up article that lost its quotation marks and dashes and
// went through a translator and back.
const strippedText = `The minister said the two ports should be steadfast companions, not adversaries, as he met his colleague on Friday.

Once this is settled, we will truly improve and I am glad of it, he told reporters. I think the two ports should be steadfast companions, not adversaries, and we help each other, he said.

His trip to Norway his second in the span of a year also comes as the the talks go on at. length, officials said. His party is glad of what the ministry says she has done.

The minister told NBC Andrea Winslow that the port was ready to act. What we told the mayor is that we would do what we can.

It also said he wants to put pressure on the north to end its dangerous behavior and engaging in dialogue.`

// What a document without its marks lost is shown at its place, for a person.
func TestLostMarksAreShown(t *testing.T) {
	r, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	changes := r.Fix(strippedText).Changes
	for _, want := range []struct{ rule, at string }{
		{"quote/echo", "two ports should be steadfast companions"},
		{"dash/apposition", "his second"},
		{"order/small-word", "she has"},
		{"quote/stripped", "What we told"},
		{"order/verb-form", "engaging"},
		{"possessive/stripped", "NBC Andrea"},
	} {
		at := strings.Index(strippedText, want.at)
		if !slices.ContainsFunc(changes, func(c Change) bool { return c.Rule == want.rule && c.Src.Start == at && !c.Applied }) {
			t.Errorf("%s does not show %q", want.rule, want.at)
		}
	}
}
