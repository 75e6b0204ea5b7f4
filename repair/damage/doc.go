// Package damage knows the processes that damage text: which of them hurt a
// document (Diagnose), and how to do the same damage on purpose, with the gold
// log of what was done (for training and scoring).
package damage
