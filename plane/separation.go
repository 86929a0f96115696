package plane

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/sekisho/sekisho/text"
)

// ErrSeparation is wrapped by every complaint about planes that are not
// apart. A unit does not start with one.
var ErrSeparation = errors.New("planes are not apart")

// Interface is one network interface of the host.
type Interface struct {
	Name     string
	Addrs    []netip.Addr
	Loopback bool
	// Default says that a default route leaves through it: it is, or leads
	// to, the WAN.
	Default bool
}

// Host is what of the host's network matters for separation.
type Host struct{ Interfaces []Interface }

// Survey reads the host's interfaces and default routes.
func Survey() (Host, error) {
	list, err := net.Interfaces()
	if err != nil {
		return Host{}, fmt.Errorf("list interfaces: %w", err)
	}
	defaults := defaultRoutes()
	var host Host
	for _, in := range list {
		addrs, err := in.Addrs()
		if err != nil {
			return Host{}, fmt.Errorf("addresses of %s: %w", in.Name, err)
		}
		own := Interface{
			Name: in.Name, Loopback: in.Flags&net.FlagLoopback != 0,
			Default: defaults[in.Name],
		}
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				own.Addrs = append(own.Addrs, p.Addr().Unmap())
			}
		}
		host.Interfaces = append(host.Interfaces, own)
	}
	return host, nil
}

// defaultRoutes gives the interfaces that a default route names. A host
// without /proc/net tells nothing: then nothing but loopback is far enough
// from the WAN, because Check also wants a private address.
func defaultRoutes() map[string]bool {
	found := map[string]bool{}
	if b, err := os.ReadFile("/proc/net/route"); err == nil {
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) > 7 && f[1] == "00000000" && f[7] == "00000000" {
				found[f[0]] = true
			}
		}
	}
	if b, err := os.ReadFile("/proc/net/ipv6_route"); err == nil {
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) > 9 && f[1] == "00" && strings.Trim(f[0], "0") == "" && f[9] != "lo" {
				found[f[9]] = true
			}
		}
	}
	return found
}

// interfaceOf finds the interface that has addr.
func (h Host) interfaceOf(addr netip.Addr) (Interface, bool) {
	for _, in := range h.Interfaces {
		for _, a := range in.Addrs {
			if a == addr.Unmap().WithZone("") {
				return in, true
			}
		}
	}
	return Interface{}, false
}

// Check says whether the declared listeners keep the planes apart on a host:
// a management listener stands on loopback, or on a private address of an
// interface that carries neither voice nor a default route. On a machine with
// one interface management therefore means loopback.
func Check(listeners []Listener, host Host) error {
	names := map[string]bool{}
	for _, l := range listeners {
		if err := l.validate(); err != nil {
			return err
		}
		if names[l.Name] {
			return fmt.Errorf("%w: %s is declared twice", ErrListener, l.Name)
		}
		names[l.Name] = true
	}
	for _, l := range listeners {
		if l.Plane != Management || l.Transport == Unix {
			continue
		}
		if err := apart(l, listeners, host); err != nil {
			return err
		}
	}
	return nil
}

// apart checks one management listener.
func apart(m Listener, listeners []Listener, host Host) error {
	addr := m.Addr.Addr().Unmap()
	for _, v := range listeners {
		if v.Plane == Voice && v.Addr.Addr().Unmap() == addr {
			return text.Wrong(ErrSeparation, "plane.apart.voice", m.Name, addr, v.Name)
		}
	}
	if addr.IsLoopback() {
		return nil
	}
	if addr.IsUnspecified() {
		return text.Wrong(ErrSeparation, "plane.apart.every", m.Name)
	}
	if !addr.IsPrivate() && !addr.IsLinkLocalUnicast() {
		return text.Wrong(ErrSeparation, "plane.apart.public", m.Name, addr)
	}
	in, ok := host.interfaceOf(addr)
	if !ok {
		return text.Wrong(ErrSeparation, "plane.apart.nowhere", m.Name, addr)
	}
	if in.Default {
		return text.Wrong(ErrSeparation, "plane.apart.wan", m.Name, in.Name)
	}
	for _, v := range listeners {
		if v.Plane != Voice {
			continue
		}
		a := v.Addr.Addr().Unmap()
		if a.IsUnspecified() {
			return text.Wrong(ErrSeparation, "plane.apart.all-voice", m.Name, addr, v.Name)
		}
		if vin, ok := host.interfaceOf(a); ok && vin.Name == in.Name {
			return text.Wrong(ErrSeparation, "plane.apart.shared", m.Name, v.Name, in.Name)
		}
	}
	return nil
}

// Overlap finds among declared UDP listeners one that a further one would take
// datagrams from, or lose them to: one with the same port on the same address,
// or where either stands on every address. The kernel lets sockets of one
// process share a port, and deals datagrams out between them.
func Overlap(at netip.AddrPort, listeners []Listener) (Listener, bool) {
	a := at.Addr().Unmap()
	for _, l := range listeners {
		b := l.Addr.Addr().Unmap()
		if l.Transport != UDP || l.Addr.Port() != at.Port() || at.Port() == 0 || a.Is4() != b.Is4() {
			continue
		}
		if a == b || a.IsUnspecified() || b.IsUnspecified() {
			return l, true
		}
	}
	return Listener{}, false
}
