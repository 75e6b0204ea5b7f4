//go:build unix

package detect_test

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is the processor time that this process has used: what neighbours do
// on the machine leaves it alone.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
