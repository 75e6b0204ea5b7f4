//go:build !unix

package detect_test

import (
	"testing"
	"time"
)

var began = time.Now()

// cpuTime is the time of the clock, where processor time is not asked for.
func cpuTime(*testing.B) time.Duration { return time.Since(began) }
