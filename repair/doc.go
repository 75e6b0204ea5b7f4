// Package repair returns damaged text to what its author wrote and says what
// it changed. It is the library's front door: build a [Repairer] once, share it
// among goroutines, and call Fix for every document.
//
// A text takes one road: characters, words, sentences. In each round the text
// is parsed, detectors propose, the resolver chooses, the edits are applied,
// and a map keeps the way back to the input.
package repair
