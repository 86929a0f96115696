package plane

import (
	"context"
	"errors"
	"net/netip"
	"testing"
)

// office is a host with a voice network that leads to the WAN, and a second
// one for management.
var office = Host{Interfaces: []Interface{
	{Name: "lo", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")}, Loopback: true},
	{
		Name: "eth0", Default: true,
		Addrs: []netip.Addr{netip.MustParseAddr("192.168.1.2"), netip.MustParseAddr("203.0.113.5")},
	},
	{Name: "eth1", Addrs: []netip.Addr{netip.MustParseAddr("10.9.0.2"), netip.MustParseAddr("198.51.100.7")}},
	{Name: "eth2", Addrs: []netip.Addr{netip.MustParseAddr("10.8.0.2")}},
}}

func TestCheck(t *testing.T) {
	at := func(name string, k Kind, transport, addr string) Listener {
		return Listener{Name: name, Plane: k, Transport: transport, Addr: netip.MustParseAddrPort(addr)}
	}
	voice := at("sip", Voice, UDP, "192.168.1.2:5060")
	other := at("sip", Voice, UDP, "10.8.0.2:5060")
	web := at("web", Management, TLS, "10.9.0.2:8443")
	cases := []struct {
		name string
		list []Listener
		want error
	}{
		{"loopback", []Listener{voice, at("web", Management, TLS, "127.0.0.1:8443")}, nil},
		{
			"loopback beside a wildcard",
			[]Listener{at("sip", Voice, UDP, "0.0.0.0:5060"), at("web", Management, TLS, "[::1]:8443")},
			nil,
		},
		{"own network", []Listener{voice, at("web", Management, TLS, "10.9.0.2:8443")}, nil},
		{"unix", []Listener{voice, {Name: "ctl", Plane: Management, Transport: Unix, Path: "/x"}}, nil},
		{"voice address", []Listener{voice, at("web", Management, TLS, "192.168.1.2:8443")}, ErrSeparation},
		{
			"mapped voice address",
			[]Listener{voice, at("web", Management, TLS, "[::ffff:192.168.1.2]:8443")},
			ErrSeparation,
		},
		{"every address", []Listener{voice, at("web", Management, TLS, "0.0.0.0:8443")}, ErrSeparation},
		{"every address of IPv6", []Listener{voice, at("web", Management, TCP, "[::]:8443")}, ErrSeparation},
		{"WAN", []Listener{other, at("web", Management, TLS, "192.168.1.2:8443")}, ErrSeparation},
		{"public address", []Listener{voice, at("web", Management, TLS, "198.51.100.7:8443")}, ErrSeparation},
		{"voice on every address", []Listener{at("sip", Voice, TCP, "[::]:5060"), web}, ErrSeparation},
		{"voice on the same interface", []Listener{at("sip", Voice, UDP, "10.9.0.2:5060"), web}, ErrSeparation},
		{"address of nobody", []Listener{voice, at("web", Management, TLS, "10.7.0.2:8443")}, ErrSeparation},
		{"management by udp", []Listener{at("web", Management, UDP, "127.0.0.1:1")}, ErrListener},
		{"maintenance listens", []Listener{at("m", Maintenance, TLS, "127.0.0.1:1")}, ErrListener},
		{"no plane", []Listener{at("m", Unplaned, TLS, "127.0.0.1:1")}, ErrListener},
		{"voice by unix", []Listener{{Name: "v", Plane: Voice, Transport: Unix, Path: "/x"}}, ErrListener},
		{"same name", []Listener{voice, voice}, ErrListener},
		{"no name", []Listener{at("", Voice, UDP, "127.0.0.1:1")}, ErrListener},
		{"no address", []Listener{{Name: "v", Plane: Voice, Transport: UDP}}, ErrListener},
		{"bad transport", []Listener{at("v", Voice, "sctp", "127.0.0.1:1")}, ErrListener},
		{"bad dscp", []Listener{{Name: "v", Plane: Voice, Transport: UDP, Addr: voice.Addr, DSCP: 64}}, ErrListener},
	}
	for _, c := range cases {
		if err := Check(c.list, office); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestSurvey(t *testing.T) {
	host, err := Survey()
	if err != nil {
		t.Fatal(err)
	}
	in, ok := host.interfaceOf(netip.MustParseAddr("127.0.0.1"))
	if !ok || !in.Loopback || in.Default {
		t.Errorf("loopback is %+v, %v", in, ok)
	}
}

func TestProbe(t *testing.T) {
	ctx := context.Background()
	ln, err := Listen(ctx, Listener{
		Name: "web", Plane: Management, Transport: TCP, Addr: netip.MustParseAddrPort("127.0.0.1:0"),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	open := netip.MustParseAddrPort(ln.Addr().String())
	home := netip.MustParseAddr("127.0.0.1")
	if r := Probe(ctx, home, open); r != Reachable {
		t.Errorf("open port is %s", r)
	}
	if r := Probe(ctx, netip.MustParseAddr("127.0.0.9"), open); r != Reachable {
		t.Errorf("open port from another address is %s", r)
	}
	if r := Probe(ctx, home, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.3"), open.Port())); r != Refused {
		t.Errorf("the port on another address is %s", r)
	}
	for own, want := range map[string]string{
		"127.0.0.5": "127.0.0.5:1", "0.0.0.0": "127.0.0.1:1", "192.168.1.2": "127.0.0.1:1", "::": "", "::1": "",
	} {
		l := Listener{Addr: netip.AddrPortFrom(netip.MustParseAddr(own), 1)}
		to, ok := target(l, Interface{Loopback: true}, home)
		if ok != (want != "") || ok && to.String() != want {
			t.Errorf("a listener on %s is tried at %s, %v, want %s", own, to, ok, want)
		}
	}
	if r := Probe(ctx, netip.MustParseAddr("198.51.100.77"), open); r != NotTested {
		t.Errorf("from an address that is not ours: %s", r)
	}
	if r := Probe(ctx, netip.Addr{}, open); r != NotTested {
		t.Errorf("from nowhere: %s", r)
	}
	host := Host{Interfaces: []Interface{
		{Name: "lo", Addrs: []netip.Addr{home}, Loopback: true},
		{Name: "eth0", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.3")}, Default: true},
	}}
	found := Reachability(ctx, []Listener{{Name: "web", Plane: Management, Transport: TCP, Addr: open}}, host)
	if len(found) != 2 || found[0].Reach != Reachable || !found[0].Wanted ||
		found[1].Reach != Refused || !found[1].Wanted {
		t.Errorf("found %+v", found)
	}
	ln.Close()
	if r := Probe(ctx, home, open); r != Refused {
		t.Errorf("closed port is %s", r)
	}
}
