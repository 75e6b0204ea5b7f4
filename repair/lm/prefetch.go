//go:build amd64 || arm64

package lm

import "unsafe"

// prefetch asks for the cache lines that hold the bytes at a, b and c behind p. It
// waits for none of them, reads nothing and faults nowhere.
//
//go:noescape
func prefetch(p unsafe.Pointer, a, b, c uintptr)
