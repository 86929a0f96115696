package plane

import "golang.org/x/sys/unix"

// Nice is how far a thread goes before others: its nice value.
type Nice int32

// What may go before the store and the collector: voice before signaling.
const (
	NiceVoice     Nice = -11 // ten times the share of an ordinary thread, where both want the processor
	NiceSignaling Nice = -8
)

// GoFirst has the calling goroutine's thread go before others, where that is
// permitted, and asks for short turns, which it always may: a kernel from Linux
// 6.12 on lets a thread that wakes up interrupt one with longer turns instead of
// waiting until that one's is over. The goroutine must have locked its thread.
func GoFirst(n Nice) {
	a, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return
	}
	before := a.Nice
	a.Nice, a.Runtime = int32(n), uint64(turn)
	if unix.SchedSetAttr(0, a, 0) != nil {
		a.Nice = before
		_ = unix.SchedSetAttr(0, a, 0)
	}
}
