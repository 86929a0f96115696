package attack

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/sim/office"
)

// busy is a unit at the end of a wire: it turns the first calls away for two
// seconds, and its gate refuses those after them.
type busy struct {
	turns   int // calls still to be turned away
	invites int
	back    chan []byte
	closed  chan struct{}
}

var unitAddr = net.UDPAddrFromAddrPort(netip.MustParseAddrPort("192.0.2.1:5060"))

func (b *busy) WriteTo(p []byte, _ net.Addr) (int, error) {
	if !strings.HasPrefix(string(p), "INVITE ") {
		return len(p), nil
	}
	b.invites++
	var copied strings.Builder
	for line := range strings.SplitSeq(string(p), "\r\n") {
		for _, name := range []string{"Via:", "From:", "To:", "Call-ID:", "CSeq:"} {
			if strings.HasPrefix(line, name) {
				copied.WriteString(line + "\r\n")
			}
		}
	}
	first, more := "603 Decline", `Reason: SIP ;cause=603 ;text="International Calls Barred"`
	if b.turns > 0 {
		b.turns--
		first, more = "503 Service Unavailable", "Retry-After: 2"
	}
	b.back <- fmt.Appendf(nil, "SIP/2.0 %s\r\n%s%s\r\nContent-Length: 0\r\n\r\n", first, copied.String(), more)
	return len(p), nil
}

func (b *busy) ReadFrom(p []byte) (int, net.Addr, error) {
	select {
	case m := <-b.back:
		return copy(p, m), unitAddr, nil
	case <-b.closed:
		return 0, nil, net.ErrClosed
	}
}

func (b *busy) Close() error                     { close(b.closed); return nil }
func (b *busy) LocalAddr() net.Addr              { return net.UDPAddrFromAddrPort(phoneAddr) }
func (b *busy) SetDeadline(time.Time) error      { return nil }
func (b *busy) SetReadDeadline(time.Time) error  { return nil }
func (b *busy) SetWriteDeadline(time.Time) error { return nil }

var phoneAddr = netip.MustParseAddrPort("192.0.2.7:5060")

// TestPatience: what a unit with too much to do turned away is dialed again
// when it said; one that never has time is not waited for without end.
func TestPatience(t *testing.T) {
	for _, c := range []struct {
		turns, invites, ungated int
		took                    time.Duration
	}{
		{0, 1, 0, 0},
		{2, 3, 0, 4 * time.Second},
		{dialsMax, dialsMax, 1, 2 * (dialsMax - 1) * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := &busy{turns: c.turns, back: make(chan []byte, dialsMax), closed: make(chan struct{})}
			p, err := office.New(b, office.Account{
				Extension: "201", User: "201-1", Secret: "x", Server: unitAddr.AddrPort(),
			}, phoneAddr)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = p.Close() }()
			var seen tries
			start := time.Now()
			if !(Scene{Intruder: p}).attempt(t.Context(), target(0), &seen) {
				t.Fatal(seen.err)
			}
			if took := time.Since(start); b.invites != c.invites || seen.ungated != c.ungated || took != c.took {
				t.Errorf("%d turned away: dialed %d times in %s, %d ungated; want %d, %s, %d",
					c.turns, b.invites, took, seen.ungated, c.invites, c.took, c.ungated)
			}
		})
	}
}
