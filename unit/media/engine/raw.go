package engine

import (
	"runtime"
	"sync/atomic"
	"time"
	"unsafe" // the kernel takes pointers, and shares memory with us

	"golang.org/x/sys/unix"
)

// System calls that don't block are made without telling the scheduler of Go
// (RawSyscall): that would cost more than some of them. Those that wait tell
// it, so that others may run.

// receiveFrom reads one packet, and where it comes from unless from is nil.
func receiveFrom(fd int, b []byte, from *Address) (int, error) {
	var raw, size uintptr
	if from != nil {
		from.size = uint32(len(from.raw))
		raw, size = uintptr(unsafe.Pointer(&from.raw)), uintptr(unsafe.Pointer(&from.size))
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
		unix.MSG_DONTWAIT, raw, size)
	runtime.KeepAlive(from)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// Drain takes from a socket what waits in it; false if it does not end. What
// the kernel has to say of packets that did not arrive is of no interest. It may
// be called from any goroutine.
func Drain(fd int) bool {
	var b [1]byte
	for range drainMax {
		_, err := receiveFrom(fd, b[:], nil)
		if err != nil && err != unix.ECONNREFUSED && err != unix.EINTR { //nolint:errorlint // errno itself
			return err == unix.EAGAIN
		}
	}
	return false
}

// sendTo sends one packet, to the socket's peer if to is nil.
func sendTo(fd int, b []byte, to *Address) error {
	if len(b) == 0 {
		return unix.EINVAL
	}
	var raw, size uintptr
	if to != nil {
		raw, size = uintptr(unsafe.Pointer(&to.raw)), uintptr(to.size)
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, raw, size)
	runtime.KeepAlive(to)
	if errno != 0 {
		return errno
	}
	return nil
}

// waitEpoll waits for events, and gives how many there are: none too when a
// signal ended the wait, and nothing else can happen to a valid descriptor.
// With held the runtime is not told: to it the goroutine runs, and keeps its
// place.
func waitEpoll(fd int, events []unix.EpollEvent, ms int, held bool) int {
	call := unix.Syscall6
	if held {
		call = unix.RawSyscall6
	}
	n, _, errno := call(unix.SYS_EPOLL_PWAIT, uintptr(fd), uintptr(unsafe.Pointer(&events[0])),
		uintptr(len(events)), uintptr(ms), 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// parameters is struct io_uring_params.
type parameters struct {
	sqEntries, cqEntries, flags, sqCPU, sqIdle, features, wqFD uint32

	_  [3]uint32
	sq struct {
		head, tail, mask, entries, flags, dropped, array, _ uint32
		_                                                   uint64
	}
	cq struct {
		head, tail, mask, entries, overflow, completions, flags, _ uint32
		_                                                          uint64
	}
}

// submission is struct io_uring_sqe.
type submission struct {
	op, flags uint8
	priority  uint16
	fd        int32
	_         uint64
	address   uint64
	size      uint32
	opFlags   uint32
	user      uint64
	_         uint16
	_         [22]byte
}

// completion is struct io_uring_cqe.
type completion struct {
	user   uint64
	result int32
	flags  uint32
}

// messageHeader is what recvmsg with provided buffers reads of struct msghdr.
type messageHeader struct {
	_        uint64
	nameSize uint32
	_        uint32
	_        [5]uint64
}

// bufferEntry is struct io_uring_buf. The tail of the ring lies in the last
// field of the first one.
type bufferEntry struct {
	address uint64
	size    uint32
	id      uint16
	tail    uint16
}

// setupRing is io_uring_setup.
func setupRing(entries uint32, p *parameters) (int, error) {
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, uintptr(entries), uintptr(unsafe.Pointer(p)), 0)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

// registerBuffers is io_uring_register of a ring of buffers at an address.
func registerBuffers(fd int, ring []bufferEntry, group uint16) error {
	reg := struct {
		address      uint64
		entries      uint32
		group, flags uint16
		_            [3]uint64
	}{address: uint64(uintptr(unsafe.Pointer(&ring[0]))), entries: uint32(len(ring)), group: group}
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(fd), opRegisterBuffers,
		uintptr(unsafe.Pointer(&reg)), 1, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// registerFiles is io_uring_register of an empty table of n files.
func registerFiles(fd int, n uint32) error {
	reg := struct {
		entries, flags uint32
		_, _, _        uint64
	}{entries: n, flags: registerSparse}
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(fd), opRegisterFiles,
		uintptr(unsafe.Pointer(&reg)), unsafe.Sizeof(reg), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// updateFile puts a file into the table, or takes it out with -1.
func updateFile(fd int, at uint32, file int32) bool {
	reg := struct {
		offset, _ uint32
		files     uint64
	}{offset: at, files: uint64(uintptr(unsafe.Pointer(&file)))}
	_, _, errno := unix.RawSyscall6(unix.SYS_IO_URING_REGISTER, uintptr(fd), opUpdateFiles,
		uintptr(unsafe.Pointer(&reg)), 1, 0, 0)
	runtime.KeepAlive(&file)
	return errno == 0
}

// enterRing submits, without waiting.
func enterRing(fd int, submit uint32) {
	_, _, _ = unix.RawSyscall6(unix.SYS_IO_URING_ENTER, uintptr(fd), uintptr(submit), 0, 0, 0, 0)
}

// waitRing submits, and waits for least completions or until d has passed. With
// held the runtime is not told: to it the goroutine runs, and keeps its place.
func waitRing(fd int, submit, least uint32, d time.Duration, held bool) {
	ts := unix.NsecToTimespec(int64(d))
	arg := struct {
		mask              uint64
		maskSize, minWait uint32
		ts                uint64
	}{maskSize: 8, ts: uint64(uintptr(unsafe.Pointer(&ts)))}
	if d < 0 {
		arg.ts = 0
	}
	call := unix.Syscall6
	if held || least == 0 || d == 0 {
		call = unix.RawSyscall6
	}
	_, _, _ = call(unix.SYS_IO_URING_ENTER, uintptr(fd), uintptr(submit), uintptr(least),
		enterGetEvents|enterExtended, uintptr(unsafe.Pointer(&arg)), unsafe.Sizeof(arg))
	runtime.KeepAlive(&ts)
}

// word is a number in memory shared with the kernel.
func word(m []byte, at uint32) *atomic.Uint32 { return (*atomic.Uint32)(unsafe.Pointer(&m[at])) }

// arrayOf is memory shared with the kernel as n values of T.
func arrayOf[T any](m []byte, at, n uint32) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(&m[at])), n)
}

// addressOf is where a byte of memory outside of Go's heap lies.
func addressOf(b *byte) uint64 { return uint64(uintptr(unsafe.Pointer(b))) }
