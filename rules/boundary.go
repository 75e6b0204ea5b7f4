package rules

import _ "embed"

//go:embed en/model/boundary.model
var boundary string

// Boundary is the shipped model of sentence ends, as lm.OpenBoundary reads it.
func Boundary() string { return boundary }
