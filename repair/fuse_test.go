package repair

import (
	"strings"
	"testing"

	"copydesk/repair/edit"
)

// A text of nothing but damage comes back as it was, its edits held for review.
func TestFuseHoldsEverything(t *testing.T) {
	r, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	src := strings.Repeat("They includedUS controlson goods, process.It stays. ", 4)
	if res := r.Fix(src); res.Fused != "" || !res.Changed() {
		t.Fatalf("a short text blew the fuse: %q", res.Fused)
	}
	src = strings.Repeat("dont 's ", 60)
	res := r.Fix(src)
	if res.Fused == "" || res.Text != src || res.Changed() {
		t.Fatalf("fused %q, text %q", res.Fused, res.Text[:40])
	}
	for _, c := range res.Changes {
		if c.Applied || c.Tier == edit.Safe || c.Out != c.Src {
			t.Fatalf("%+v is not held", c)
		}
	}
}

func TestFuseCountsMovesAsNothing(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          int
	}{
		{"included US", "includedUS", 0},
		{"said the mayor on Monday", "on Monday said the mayor", 0},
		{"dont", "don't", 1},
		{"Share this article", "", 16},
		{"abc", "xyzw", 4},
	} {
		if got := changedChars(c.before, c.after); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.before, c.after, got, c.want)
		}
	}
}

func TestFuseLimits(t *testing.T) {
	for _, c := range []struct {
		h     harm
		blown bool
	}{
		{harm{edits: 20, words: 20, size: 100}, false},
		{harm{edits: 21, words: 85, size: 400}, false},
		{harm{edits: 21, words: 83, size: 400}, true},
		{harm{spaces: 60, words: 100, size: 500}, false},
		{harm{spaces: 70, words: 100, size: 500}, true},
		{harm{edits: 1, chars: 400, words: 100, size: 500}, false},
		{harm{edits: 1, chars: 401, words: 400, size: 2000}, true},
		{harm{page: 1200, words: 400, size: 2000}, false},
		{harm{page: 1201, words: 400, size: 2000}, true},
	} {
		if got := c.h.blown() != ""; got != c.blown {
			t.Errorf("%+v: blown %v", c.h, got)
		}
	}
}
