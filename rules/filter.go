package rules

import _ "embed"

//go:embed en/model/seen.filter
var filter string

// Filter is the shipped filter of the words that the model counts, as
// lm.OpenFilter reads it.
func Filter() string { return filter }
