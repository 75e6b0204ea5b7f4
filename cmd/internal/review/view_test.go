package review

import (
	"strings"
	"testing"
)

func TestPieces(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"toldreporters", "told reporters", "told{+␣+}reporters"},
		{"it's", "its", "[-it's-]{+its+}"},
		{"chief 's", "chief's", "chief[-␣-]'s"},
		{"Blinkens'", "Blinken's", "[-Blinkens'-]{+Blinken's+}"},
		{"We hope so,", "\"We hope so,\"", "{+\"+}We hope so,{+\"+}"},
		{"US Department said below. of the State. The", "US of the State Department said below the", "US {+of␣the␣State␣+}Department said [-below.-]{+below+} [-of␣the␣State.␣The-]{+the+}"},
		{"the U.S. in. growing protection relations", "the U.S. growing protection in relations", "the U.S. [-in.␣growing-]{+growing+} protection{+␣in+} relations"},
		{"gone", "", "[-gone-]"},
		{"", "new", "{+new+}"},
		{"same", "same", "same"},
	} {
		ps := pieces(c.before, c.after)
		var old, now strings.Builder
		for _, p := range ps {
			if p.Op != "+" {
				old.WriteString(p.Text)
			}
			if p.Op != "-" {
				now.WriteString(p.Text)
			}
		}
		if old.String() != c.before || now.String() != c.after {
			t.Errorf("%q → %q: the pieces make %q and %q", c.before, c.after, old.String(), now.String())
		}
		if got := inline(ps); got != c.want {
			t.Errorf("%q → %q: %s, want %s", c.before, c.after, got, c.want)
		}
	}
}
