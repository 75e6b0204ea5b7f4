package repair

import (
	"fmt"
	"strings"
	"testing"
)

// A detector that looks at all of the text for each thing that it proposes makes a text
// of two megabytes a weapon: the speeds of both sizes should be alike. It is no test, for
// on a busy machine they are not.
func BenchmarkLinear(b *testing.B) {
	const said = "We know that we know that we know that we know that it is, the minister said. He said that he is here. She said that she is there.\n\n"
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
		for _, size := range []int{400_000, 1_600_000} {
			b.Run(fmt.Sprintf("%s/%dkB", name, size/1000), func(b *testing.B) {
				r, err := New(Options{})
				if err != nil {
					b.Fatal(err)
				}
				s := text(size)
				b.SetBytes(int64(size))
				for b.Loop() {
					r.Fix(s)
				}
			})
		}
	}
}

// filled repeats a text up to n bytes.
func filled(unit string, n int) string { return strings.Repeat(unit, n/len(unit)) }
