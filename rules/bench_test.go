package rules

import "testing"

// What every start of the program pays for the shipped rules.
func BenchmarkLoadShipped(b *testing.B) {
	for b.Loop() {
		if _, err := load(English(), running); err != nil {
			b.Fatal(err)
		}
	}
}
