// Package lm knows which English words exist (Lexicon) and how likely they
// follow one another (Model), and builds and reads the files that hold both.
//
// All log-probabilities are natural logarithms (nats).
package lm
