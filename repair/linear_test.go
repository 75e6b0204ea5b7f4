package repair

import (
	"strings"
	"testing"
	"time"
)

// A detector that looks at all of the text for each thing that it proposes makes a text
// of two megabytes a weapon. Four times as much must not take eight times as long.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("7 s")
	}
	const size = 400_000
	said := "We know that we know that we know that we know that it is, the minister said. He said that he is here. She said that she is there.\n\n"
	for name, text := range map[string]func(n int) string{
		"headlines": func(n int) string {
			return filled("THE COUNCIL CLOSES THE OLD BRIDGE ON MONDAY\n\nThe council voted.\n\n", n)
		},
		"appositions": func(n int) string {
			return filled("Now we go to China the largest country in the world is good. The minister said so. She said no. He said yes. ", n)
		},
		"echoes": func(n int) string {
			return "The minister said " + filled("we know that ", n/2) + ".\n\n" + filled(said, n/2)
		},
	} {
		r, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		least := func(s string) time.Duration {
			best := time.Hour
			for range 3 {
				begin := time.Now()
				r.Fix(s)
				best = min(best, time.Since(begin))
			}
			return best
		}
		if small, large := least(text(size)), least(text(4*size)); large > 8*small {
			t.Errorf("%s: %v, and four times as much %v", name, small, large)
		}
	}
}

// filled repeats a text up to n bytes.
func filled(unit string, n int) string { return strings.Repeat(unit, n/len(unit)) }
