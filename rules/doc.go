// Package rules holds all shipped knowledge of English: rule files, word lists
// and models, embedded; and the code that parses and validates rule files.
package rules
