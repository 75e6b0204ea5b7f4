//go:build !amd64 && !arm64

package lm

import "unsafe"

func prefetch(unsafe.Pointer, uintptr, uintptr, uintptr) {} // only slower
