package plane

import (
	"errors"
	"fmt"
	"net/netip"
)

// Kind is which plane something belongs to.
type Kind uint8

// The planes. The zero Kind is none and is refused.
const (
	Unplaned    Kind = iota
	Voice            // SIP and RTP of phones and lines
	Management       // console, API: people who run the unit
	Maintenance      // the way to and from the maintenance center
)

// String gives the plane's name as it stands in configuration.
func (k Kind) String() string {
	switch k {
	case Voice:
		return "voice"
	case Management:
		return "management"
	case Maintenance:
		return "maintenance"
	default:
		return "none"
	}
}

// Transports of listeners.
const (
	UDP  = "udp"
	TCP  = "tcp"
	TLS  = "tls"
	Unix = "unix"
)

// Listener declares one listening socket.
type Listener struct {
	Name      string // unique: it names the listener in facts and settings
	Plane     Kind
	Transport string         // UDP, TCP, TLS or Unix
	Addr      netip.AddrPort // for Unix unused
	Path      string         // for Unix only
	DSCP      int            // class of what is sent, 0–63; NGN lines want 32 (0x80)
}

// ErrListener is wrapped by every complaint about a declared listener.
var ErrListener = errors.New("listener is declared wrongly")

// validate checks what can be seen without the host.
func (l Listener) validate() error {
	switch {
	case l.Name == "":
		return fmt.Errorf("%w: it has no name", ErrListener)
	case l.Plane == Unplaned || l.Plane > Maintenance:
		return fmt.Errorf("%w: %s belongs to no plane", ErrListener, l.Name)
	case l.Transport == Unix && (l.Plane != Management || l.Path == ""):
		return fmt.Errorf("%w: %s: a unix socket has a path and is of the management plane", ErrListener, l.Name)
	case l.Transport == Unix:
		return nil
	case l.Transport != UDP && l.Transport != TCP && l.Transport != TLS:
		return fmt.Errorf("%w: %s has unknown transport %q", ErrListener, l.Name, l.Transport)
	case l.Plane != Voice && l.Transport == UDP:
		return fmt.Errorf("%w: %s: only the voice plane speaks udp", ErrListener, l.Name)
	case l.Plane == Maintenance:
		return fmt.Errorf("%w: %s: the maintenance plane dials out and never listens", ErrListener, l.Name)
	case !l.Addr.IsValid():
		return fmt.Errorf("%w: %s has no address", ErrListener, l.Name)
	case l.DSCP < 0 || l.DSCP > 63:
		return fmt.Errorf("%w: %s has DSCP %d, outside 0 to 63", ErrListener, l.Name, l.DSCP)
	}
	return nil
}
