package peer

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// AwaitBound waits until a socket stands at addr, in the network namespace of
// the process, without sending it anything: it reads the kernel's tables.
func (p *Process) AwaitBound(ctx context.Context, network string, addr netip.AddrPort) error {
	return p.poll(ctx, fmt.Sprintf("its %s socket at %s stood", network, addr), func() bool {
		return bound(p.PID(), network, addr)
	})
}

// tcpListen is the state of a listening socket in /proc/net/tcp.
const tcpListen = "0A"

func bound(pid int, network string, addr netip.AddrPort) bool {
	f, err := os.Open(fmt.Sprintf("/proc/%d/net/%s", pid, network))
	if err != nil {
		return false
	}
	defer f.Close()
	for scan := bufio.NewScanner(f); scan.Scan(); {
		fields := strings.Fields(scan.Text())
		if len(fields) < 4 || network == "tcp" && fields[3] != tcpListen {
			continue
		}
		if got, ok := kernelAddr(fields[1]); ok && got == addr {
			return true
		}
	}
	return false
}

// kernelAddr reads "0100007F:13C4", an IPv4 address in the byte order of a
// little-endian machine.
func kernelAddr(s string) (netip.AddrPort, bool) {
	host, port, ok := strings.Cut(s, ":")
	if !ok {
		return netip.AddrPort{}, false
	}
	raw, err := hex.DecodeString(host)
	if err != nil || len(raw) != 4 {
		return netip.AddrPort{}, false
	}
	n, err := strconv.ParseUint(port, 16, 16)
	if err != nil {
		return netip.AddrPort{}, false
	}
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		slices.Reverse(raw)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(raw)), uint16(n)), true
}
