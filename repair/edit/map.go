package edit

// Map carries positions between a text and what edits made of it.
type Map struct{}
