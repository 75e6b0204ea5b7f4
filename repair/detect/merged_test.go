package detect

import "testing"

func TestMisreadScrap(t *testing.T) {
	for part, want := range map[string]bool{"Â": true, "ís": true, "ú": true, "à": false, "a": false, "is": false, "née": false, "": false} {
		if got := misreadScrap(part); got != want {
			t.Errorf("%q: %v, want %v", part, got, want)
		}
	}
}

func TestOneLetterApart(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{{"iz", "is", true}, {"nd", "and", true}, {"teh", "the", true}, {"os", "of", true}, {"ein", "in", true}, {"is", "is", false}, {"abc", "the", false}, {"s", "was", false}, {"a", "an", true}} {
		if got := oneLetterApart(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
