package rules

import (
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"sync"
)

//go:embed en/model/boundary.model.gz
var boundary string

// Boundary is the shipped model of sentence ends, as lm.OpenBoundary reads it: seven
// in ten of its weights are zero.
var Boundary = sync.OnceValue(func() string { return unpacked("boundary.model.gz", boundary) })

//go:embed en/model/order.model.gz
var order string

// Order is the shipped weights of the search for moved blocks, as package detect
// reads them: most of its weights are near zero, and it is unpacked in 2 ms.
var Order = sync.OnceValue(func() string { return unpacked("order.model.gz", order) })

//go:embed en/model/junction.model.gz
var junctions string

// Junctions is the shipped model of the words on both sides of a gap, as package
// detect reads it.
var Junctions = sync.OnceValue(func() string { return unpacked("junction.model.gz", junctions) })

//go:embed en/model/quote.model.gz
var quote string

// Quote is the shipped weights of the search for lost quotation marks, as
// package detect reads them.
var Quote = sync.OnceValue(func() string { return unpacked("quote.model.gz", quote) })

func unpacked(name, data string) string {
	z, err := gzip.NewReader(strings.NewReader(data))
	if err != nil {
		panic(name + ": " + err.Error())
	}
	b, err := io.ReadAll(z)
	if err != nil {
		panic(name + ": " + err.Error())
	}
	return string(b)
}
