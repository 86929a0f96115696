package plane

import (
	"context"
	"net/netip"
	"slices"
	"testing"
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
