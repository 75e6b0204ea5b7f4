package text

import (
	"strings"
	"testing"
)

func TestGuards(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Plain prose of two sentences. It has nothing to hide.", ""},
		{"See https://x.org/a and mail a@b.org, said @joe.", "https://x.org/a|a@b.org|@joe"},
		{"It uses the `withRecovery` primitive, not `a\nb`.", "`withRecovery`"},
		{"Commit 89ef81f8 and 65d7da778f089db0bc972e82, in 2014, 3years.", "89ef81f8|65d7da778f089db0bc972e82"},
		{`{"id":"x","elements":[{"type":"model"}],"html":"The long text of an article that goes on and on, as prose does, for a while."}`, "*"},
		{`{"unitName":"dfpPosition1","isMobile":false} The council met on Monday, it said.`, `{"unitName":"dfpPosition1","isMobile":false}`},
		{`He said {"we" are} late. It ran model.rendering.pageElements.TextBlock again.`, "model.rendering.pageElements.TextBlock"},
		{"She left the room.he stayed.", ""},
		{"Toys R Us TOY.UL and H&M ( HMb.ST ) joined, he told NATO.He left the U.S.", "TOY.UL|HMb.ST"},
		{"Oyo 14; Anambra 13; Kaduna 12; Ondo 11; Abia 10; Osun 6; Plateau 5; Kwara 5.", ""},
		{"if (a > b) { return a; }\nelse { b = c; }", "*"},
	} {
		var got []string
		for _, g := range Parse(c.in).Guards() {
			got = append(got, c.in[g.Start:g.End])
		}
		want := c.want
		if want == "*" {
			want = c.in
		}
		if s := strings.Join(got, "|"); s != want && !(c.want == "*" && len(s) > len(c.in)/2) {
			t.Errorf("%q\n got %q\nwant %q", c.in, s, want)
		}
	}
}
