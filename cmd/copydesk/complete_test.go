package main

import (
	"strings"
	"testing"
)

// Every flag whose values are completed is there.
func TestCompletedFlagsExist(t *testing.T) {
	root := newRoot(&app{strings.NewReader(""), nil, nil})
	for name := range values {
		path, flag, found := strings.Cut(name, " --")
		if !found {
			continue
		}
		cmd, _, err := root.Find(strings.Fields(path)[1:])
		if err != nil || cmd.CommandPath() != path || cmd.Flags().Lookup(flag) == nil {
			t.Errorf("%s is completed, and not there", name)
		}
	}
}
