package main

import (
	"strings"
	"testing"
)

func TestFigures(t *testing.T) {
	var b strings.Builder
	md := "# Quality\n\n## Words: families\n\n| set | P | rows exact | aim |\n|---|---|---|---|\n| clean | 99.5 | 3 of 4 |  |\n| `x` | -1 | 4 | 5 |\n\ntext\n\n## Other\n\n| a |\n|---|\n| b |\n"
	if err := writeFigures(&b, md); err != nil {
		t.Fatal(err)
	}
	const want = `{"P":99.5,"rows exact":"3 of 4","section":"Words: families","set":"clean"}
{"P":-1,"aim":5,"rows exact":4,"section":"Words: families","set":"` + "`x`" + `"}
{"a":"b","section":"Other"}
`
	if b.String() != want {
		t.Errorf("got %s", b.String())
	}
}
