package rules

import _ "embed"

//go:embed en/model/gapnet.model
var gapNet string

// GapNet is the shipped model of doubtful gaps, as lm.OpenGapNet reads it.
func GapNet() string { return gapNet }
