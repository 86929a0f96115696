package plane

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"
)

func TestLocalFor(t *testing.T) {
	for remote, want := range map[string]string{
		"127.0.0.1": "127.0.0.1", "127.0.0.9": "127.0.0.1", "::ffff:127.0.0.9": "127.0.0.1",
	} {
		if got := LocalFor(netip.MustParseAddr(remote)); got.String() != want {
			t.Errorf("toward %s from %s, want %s", remote, got, want)
		}
	}
	for _, nowhere := range []netip.Addr{{}, netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		if got := LocalFor(nowhere); got.IsValid() {
			t.Errorf("toward %s from %s", nowhere, got)
		}
	}
	if !slices.Contains(OwnAddresses(), netip.MustParseAddr("127.0.0.1")) {
		t.Errorf("own addresses are %v", OwnAddresses())
	}
}

func TestRoutes(t *testing.T) {
	var r Routes
	remote, now := netip.MustParseAddr("127.0.0.9"), time.Now()
	// What is remembered is made to differ from what the kernel says.
	mark := func(at time.Time) {
		r.LocalFor(remote, at)
		k := r.known[remote]
		k.local = netip.MustParseAddr("192.0.2.1")
		r.known[remote] = k
	}
	if got := r.LocalFor(remote, now); got.String() != "127.0.0.1" {
		t.Errorf("toward %s from %s", remote, got)
	}
	mark(now)
	if got := r.LocalFor(remote, now.Add(RouteKnown-1)); got.String() != "192.0.2.1" {
		t.Errorf("forgot after less than %s: %s", RouteKnown, got)
	}
	if got := r.LocalFor(remote, now.Add(RouteKnown)); got.String() != "127.0.0.1" {
		t.Errorf("believed for longer than %s: %s", RouteKnown, got)
	}
	mark(now)
	if got := r.LocalFor(remote, now.Add(-time.Hour)); got.String() != "127.0.0.1" {
		t.Errorf("believed an answer of the future: %s", got)
	}
	a := netip.MustParseAddr("127.1.0.0")
	for range 2 * RoutesMax {
		r.LocalFor(a, now)
		if a = a.Next(); len(r.known) > RoutesMax {
			t.Fatalf("%d are remembered, more than %d", len(r.known), RoutesMax)
		}
	}
}

func TestReachabilityFromNowhere(t *testing.T) {
	for _, name := range []string{"", "../x", "sekisho-no-such-namespace"} {
		if found, err := ReachabilityFrom(context.Background(), name, nil, Host{}); err == nil {
			t.Errorf("from %q: %v", name, found)
		}
	}
}

func BenchmarkLocalFor(b *testing.B) {
	remote := netip.MustParseAddr("127.0.0.9")
	for b.Loop() {
		LocalFor(remote)
	}
}
