package line

import (
	"net/netip"
	"strings"
	"time"

	"github.com/sekisho/sekisho/text"
)

// Local is where the signaling of a line leaves from and comes to.
type Local struct {
	Addr netip.AddrPort
	DSCP int // class of what is sent
	// Own says that the line has a UDP listener of its own there, named
	// Listener; else it shares those that all such lines share.
	Own      bool
	Listener string
}

// ownPrefix begins the names of lines' own listeners.
const ownPrefix = "line/"

// local gives where a line speaks from. It has a listener of its own where its
// row or its profile names a port, but on the shared one's very address: there
// it shares.
func (n *line) local(shared netip.AddrPort) Local {
	l := Local{Addr: shared, DSCP: n.profile.Signaling.DSCP}
	if n.row.DSCP != 0 {
		l.DSCP = n.row.DSCP
	}
	port := n.wantedPort()
	if port == 0 || n.row.Transport != "udp" {
		return l
	}
	addr := shared.Addr()
	if n.row.LocalAddr != "" {
		addr = netip.MustParseAddr(n.row.LocalAddr) // checkLocal saw it
	}
	if at := netip.AddrPortFrom(addr, port); at != shared {
		l.Addr, l.Own, l.Listener = at, true, ownPrefix+n.row.ID
	}
	return l
}

// wantedPort is the port that the line must send from, 0 for any.
func (n *line) wantedPort() uint16 {
	if n.row.LocalPort != 0 {
		return uint16(n.row.LocalPort)
	}
	return uint16(n.profile.Signaling.SourcePort)
}

// checkLocal finds wishes for a listener of the line's own that can't be had.
func (n *line) checkLocal() error {
	row := n.row
	if row.LocalAddr != "" {
		a, err := netip.ParseAddr(row.LocalAddr)
		if err != nil || a.Zone() != "" || a.Is4In6() {
			return text.Wrong(ErrSetting, "line.fault.local-addr", row.LocalAddr)
		}
	}
	asked := row.LocalPort != 0 || row.LocalAddr != "" || row.DSCP != 0
	switch {
	case row.LocalPort < 0 || row.LocalPort > 65535:
		return text.Wrong(ErrSetting, "line.fault.local-port", row.LocalPort)
	case row.DSCP < 0 || row.DSCP > 63:
		return text.Wrong(ErrSetting, "line.fault.dscp", row.DSCP)
	case asked && row.Transport != "udp":
		return text.Wrong(ErrSetting, "line.fault.local-udp")
	case asked && n.wantedPort() == 0:
		return text.Wrong(ErrSetting, "line.fault.local-none")
	}
	return nil
}

// carries reports whether what came in on a listener may be of a line with the
// entry: a line's own listener brings only its own, and its own comes in on no
// other.
func (e *bookEntry) carries(listener string) bool {
	if e.own != "" {
		return listener == e.own
	}
	return !strings.HasPrefix(listener, ownPrefix)
}

// Fault says why a line can't be spoken on (WhyAdding, WhyPort), "" that it
// can. Until then nothing is due on it.
func (l *Lines) Fault(id, why string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.byID[id]
	if n == nil || n.fault == why {
		return
	}
	n.fault = why
	if why == "" {
		n.reg.due, n.watch.due = now, now
	}
	l.record(n.turn(now))
}
