//go:build e2e

package e2e

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/e2e/peer"
)

// network is a second network namespace, joined to ours by a veth pair: the
// nearest thing to another host on the cable.
type network struct {
	name string
	here netip.Addr // our end
	far  netip.Addr // its end
}

// network makes one and removes it at the end of the test.
func (w *world) network() network {
	w.Helper()
	if os.Geteuid() != 0 {
		w.Skip("a network namespace needs root: run ./test as root to prove sound over the network")
	}
	n := uint32(os.Getpid())<<4 + lastHost.Add(1)&15
	name := fmt.Sprintf("sk%d", n%1_000_000)
	// 198.18.0.0/15 is for tests of networks (RFC 2544): no real one has it.
	net := [4]byte{198, 18 + byte(n>>14&1), byte(n >> 6), byte(n) << 2}
	nw := network{name: name, here: netip.AddrFrom4(net).Next(), far: netip.AddrFrom4(net).Next().Next()}
	ip := func(args ...string) {
		w.Helper()
		if out, err := exec.CommandContext(w.ctx, "ip", args...).CombinedOutput(); err != nil {
			w.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	ip("netns", "add", name)
	w.Cleanup(func() {
		if out, err := exec.Command("ip", "netns", "del", name).CombinedOutput(); err != nil {
			w.Errorf("the namespace %s stays: %v: %s", name, err, out)
		}
	})
	ip("link", "add", name+"a", "type", "veth", "peer", "name", name+"b", "netns", name)
	ip("addr", "add", nw.here.String()+"/30", "dev", name+"a")
	ip("link", "set", name+"a", "up")
	ip("-n", name, "addr", "add", nw.far.String()+"/30", "dev", name+"b")
	ip("-n", name, "link", "set", name+"b", "up")
	ip("-n", name, "link", "set", "lo", "up")
	return nw
}

// TestOverTheNetwork: a phone in another network namespace calls one beside
// the unit, and back, with sound both ways.
func TestOverTheNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nw := w.network()
	u := w.newUnit(nw.here, "")
	u.start()
	u.claim()
	far, near := u.phone("201", "udp", true), u.phone("202", "udp", true)
	far.Namespace, far.Local = nw.name, netip.AddrPortFrom(nw.far, peer.SIPPort)
	far.Answer, near.Answer = true, true
	near.Local = netip.AddrPortFrom(nw.here, 6100)
	a, b := w.baresip(far, toneA), w.baresip(near, toneB)
	w.must(a.Registered(w.ctx))
	w.must(b.Registered(w.ctx))
	for _, call := range []struct {
		from, to *peer.Baresip
		number   string
	}{{a, b, "202"}, {b, a, "201"}} {
		w.must(call.from.Dial(call.number))
		w.established(call.from)
		w.answers(call.to)
		w.talk()
		w.must(call.from.Hangup())
		w.hungUp(call.from)
		w.hungUp(call.to)
		w.must(heard(w.last(a), toneB))
		w.must(heard(w.last(b), toneA))
	}
}
