package plane

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"
)

// What this host does not have is not asked: nothing must leave it.
func TestAskStaysOnThisHost(t *testing.T) {
	q := Question{
		To:      netip.MustParseAddrPort("192.0.2.1:5060"),
		Write:   func(netip.AddrPort) ([]byte, error) { t.Error("it was written"); return nil, nil },
		Answers: func([]byte) bool { return false },
	}
	if reply, err := Ask(t.Context(), q); !errors.Is(err, ErrAbsent) || reply.Reach != NotTested {
		t.Errorf("%+v %v", reply, err)
	}
}

// A listener on every address is asked at loopback, of its own family.
func TestAskedAt(t *testing.T) {
	for listener, want := range map[string]string{
		"0.0.0.0:5060": "127.0.0.1:5060", "[::]:5061": "[::1]:5061",
		"192.0.2.7:5060": "192.0.2.7:5060", "[::ffff:192.0.2.7]:5060": "192.0.2.7:5060",
	} {
		if got := AskedAt(netip.MustParseAddrPort(listener)); got.String() != want {
			t.Errorf("%s: %s, not %s", listener, got, want)
		}
	}
}

// A question is sent once more, the same, and no more than that; the answer to
// the second is as good as one to the first. Who hears it need not answer.
func TestAskSendsOnceMore(t *testing.T) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	answerAt := 2
	ask := func(heard func() bool) (came int, r Reply) {
		q := Question{
			To:      netip.MustParseAddrPort(c.LocalAddr().String()),
			Write:   func(netip.AddrPort) ([]byte, error) { return []byte("who"), nil },
			Answers: func(b []byte) bool { return string(b) == "I" },
			Heard:   heard,
		}
		done := make(chan int, 1)
		go func() {
			n, buf := 0, make([]byte, 16)
			_ = c.SetReadDeadline(time.Now().Add(AskTimeout + askAgain))
			for {
				k, from, err := c.ReadFrom(buf)
				if err != nil {
					done <- n
					return
				}
				if n++; string(buf[:k]) == "who" && n == answerAt {
					_, _ = c.WriteTo([]byte("I"), from)
				}
			}
		}()
		r, err := Ask(t.Context(), q)
		if err != nil {
			t.Error(err)
		}
		return <-done, r
	}
	if came, r := ask(nil); came != 2 || r.Reach != Reachable {
		t.Errorf("answered at once more: %d came, %+v", came, r)
	}
	answerAt = 3
	if came, r := ask(nil); came != 2 || r.Reach != Unreachable || r.Strange {
		t.Errorf("never answered: %d came, %+v", came, r)
	}
	if came, r := ask(func() bool { return true }); came != 1 || r.Reach != Unreachable {
		t.Errorf("heard: %d came, %+v", came, r)
	}
}
