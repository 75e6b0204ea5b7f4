package rules

import _ "embed"

//go:embed en/model/spacing.model
var spacing string

// Spacing is the shipped model of where spaces belong, as lm.OpenSpacing reads
// it.
func Spacing() string { return spacing }
