package rules

import (
	"embed"
	"io/fs"
	"sync"
)

//go:embed en/patterns en/lists
var english embed.FS

// English is the folder of what is known of English: patterns and lists.
func English() fs.FS {
	sub, err := fs.Sub(english, "en")
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}

// Shipped is the set of rule files that the program carries. A broken one is
// our own broken promise, which a test finds first.
var Shipped = sync.OnceValue(func() *Set { return carried(trusted) })

// Running is Shipped without the examples: what repairing needs.
var Running = sync.OnceValue(func() *Set { return carried(running) })

func carried(m mode) *Set {
	s, err := load(English(), m)
	if err != nil {
		panic(err)
	}
	return s
}
