package plane

import (
	"os"
	"unsafe" // x/sys/unix has no socket address without a family

	"golang.org/x/sys/unix"
)

// disconnect takes the peer of a connected UDP socket away: connect(2) to an
// address of no family. A port that the socket was bound to stays bound.
func disconnect(fd int) error {
	none := unix.RawSockaddr{Family: unix.AF_UNSPEC}
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&none)), unix.SizeofSockaddrInet4)
	if errno != 0 {
		return os.NewSyscallError("connect", errno)
	}
	return nil
}
