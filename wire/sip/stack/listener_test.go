package stack

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

var ownAddr = netip.MustParseAddrPort("10.0.1.1:5060")

func ownListener() Listener {
	return Listener{Name: "own", Side: LineSide, Transport: "udp", Address: ownAddr, DSCP: 32}
}

// ownLine opens the trunk's own listener and puts the trunk on it.
func (w *world) ownLine() *Line {
	w.t.Helper()
	at, err := w.unit.stack.OpenListener(context.Background(), ownListener())
	if err != nil || at != ownAddr {
		w.t.Fatalf("open: %v, %v", at, err)
	}
	cfg := trunkConfig()
	cfg.Listener = "own"
	return w.line(cfg)
}

// sockets counts the sockets at an address.
func (w *world) sockets(at netip.AddrPort) int {
	w.net.mu.Lock()
	defer w.net.mu.Unlock()
	return len(w.net.sockets[at])
}

// TestOwnListener makes a call through a listener that was opened on the
// running stack, and takes line and listener away while it is up: the call is
// hung up properly, and only then are the sockets gone.
func TestOwnListener(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.ownLine()
		var from netip.AddrPort
		w.carrier.invite = func(_ *Shard, se *Session) {
			from = se.From().Remote
			_ = se.Answer(sdp("answer"))
		}
		se, err := w.callOut(l, passFor(t, "call-1", "trunk"), LineCall{Call: "call-1"})
		if err != nil {
			t.Fatal(err)
		}
		wait()
		w.want(w.unit, "answered 200 answer")
		if from != ownAddr || l.Contact() != "<sip:pbx@10.0.1.1:5060>" {
			t.Errorf("INVITE from %s, contact %s", from, l.Contact())
		}
		w.unit.stack.RemoveLine("trunk")
		w.unit.stack.CloseListener("own")
		time.Sleep(time.Minute)
		if n := w.sockets(ownAddr); n == 0 {
			t.Error("the socket is closed under the call")
		}
		w.on(w.unit, func(*Shard) { _ = se.Bye("") })
		wait()
		w.want(w.carrier, "invite", "confirmed", "ended 200")
		w.want(w.unit, "ended 200")
		time.Sleep(3 * time.Minute)
		if n := w.sockets(ownAddr); n != 0 {
			t.Errorf("%d sockets left", n)
		}
		if w.unit.stack.own != [ownListenersMax]*listener{} {
			t.Error("the slot is not free")
		}
	})
}

// TestOwnListenerComesBack takes a listener away under a call and asks for
// its address again: the same line gets it, another does not.
func TestOwnListenerComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4)
		defer w.stop()
		l := w.ownLine()
		w.carrier.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		if _, err := w.callOut(l, passFor(t, "call-1", "trunk"), LineCall{Call: "call-1"}); err != nil {
			t.Fatal(err)
		}
		wait()
		st := w.unit.stack
		st.CloseListener("own")
		time.Sleep(time.Minute)
		other := ownListener()
		other.Name = "other"
		if _, err := st.OpenListener(context.Background(), other); !errors.Is(err, ErrLeaving) {
			t.Errorf("another line got the address: %v", err)
		}
		if _, err := st.OpenListener(context.Background(), ownListener()); err != nil {
			t.Errorf("the same line: %v", err)
		}
		if _, err := st.OpenListener(context.Background(), ownListener()); !errors.Is(err, ErrConfig) {
			t.Errorf("a second time: %v", err)
		}
		time.Sleep(time.Minute)
		if n := w.sockets(ownAddr); n != 4 {
			t.Errorf("%d sockets, want one a shard", n)
		}
	})
}

// TestOwnListenerApart gives a call on a line's own listener what belongs to
// it, but by the other lines' listener: it counts as nothing.
func TestOwnListenerApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		l := w.ownLine()
		var kept []byte
		w.net.Drop = func(from, _ netip.AddrPort, msg []byte) bool {
			final := bytes.HasPrefix(msg, []byte("SIP/2.0 200"))
			hold := from == carrierAddr && (final || bytes.HasPrefix(msg, []byte("BYE")))
			if hold {
				kept = bytes.Clone(msg)
			}
			return hold
		}
		var theirs *Session
		w.carrier.invite = func(_ *Shard, se *Session) {
			theirs = se
			_ = se.Answer(sdp("answer"))
		}
		if _, err := w.callOut(l, passFor(t, "call-1", "trunk"), LineCall{Call: "call-1"}); err != nil {
			t.Fatal(err)
		}
		try := func(want string) {
			t.Helper()
			w.unit.take()
			w.net.deliverPast(trunkAddr, kept)
			synctest.Wait()
			w.want(w.unit)
			w.net.deliverPast(ownAddr, kept)
			synctest.Wait()
			w.want(w.unit, want)
		}
		try("answered 200 answer")
		w.on(w.carrier, func(*Shard) { _ = theirs.Bye("") })
		try("ended 200")
	})
}

// deliverPast gives the unit a datagram of the carrier, past Drop.
func (n *Network) deliverPast(to netip.AddrPort, msg []byte) {
	n.mu.Lock()
	p := n.sockets[to][0]
	n.mu.Unlock()
	p.put(carrierAddr, to, msg)
}
