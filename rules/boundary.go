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

// Boundary is the shipped model of sentence ends, as lm.OpenBoundary reads it. It
// is the one that is worth compressing: seven in ten of its weights are zero.
var Boundary = sync.OnceValue(func() string {
	z, err := gzip.NewReader(strings.NewReader(boundary))
	if err != nil {
		panic("boundary.model.gz: " + err.Error())
	}
	b, err := io.ReadAll(z)
	if err != nil {
		panic("boundary.model.gz: " + err.Error())
	}
	return string(b)
})
