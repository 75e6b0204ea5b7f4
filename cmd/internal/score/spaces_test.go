package score

import (
	"testing"

	"copydesk/repair/edit"
)

func TestSpaces(t *testing.T) {
	s, ok := NewSpaces("a lovel yday inthe sun", "a lovely day in the sun")
	if !ok {
		t.Fatal("the texts differ in spaces alone")
	}
	for _, c := range []struct {
		at            int
		before, after string
		want          bool
	}{
		{2, "lovel yday", "lovely day", true},
		{2, "lovel yday", "lovelyday", true},
		{13, "inthe", "in the", true},
		{13, "inthe", "i nthe", false},
		{13, "inthe", "In the", false},
		{19, "sun", "sun", false},
	} {
		if got := s.Right(edit.Span{Start: c.at, End: c.at + len(c.before)}, c.before, c.after); got != c.want {
			t.Errorf("%q to %q: %v", c.before, c.after, got)
		}
	}
	if _, ok := NewSpaces("cat", "cut"); ok {
		t.Error("cat and cut differ in a letter")
	}
}

func TestReliability(t *testing.T) {
	var r Reliability
	for i := range 10 {
		r.Add(0.9, i < 8)
	}
	if e := r.ECE(); e < 0.0999 || e > 0.1001 {
		t.Errorf("ECE %v, want 0.1", e)
	}
}
