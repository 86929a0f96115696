package app_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
)

// silence is how long a call from nowhere is watched for any answer.
const silence = time.Second

// isIgnored places a call that the unit must not answer at all, nor any phone.
func (w *world) isIgnored(c *carrier.Carrier, rings <-chan office.Ring) {
	w.Helper()
	call, err := c.Place(w.ctx(), mainNumber, "0455551234", carrier.Silence)
	w.must(err)
	ctx, cancel := context.WithTimeout(w.Context(), silence)
	defer cancel()
	if status, err := call.Status(ctx); !errors.Is(err, context.DeadlineExceeded) {
		w.Errorf("a call from nowhere was answered %d (%v)", status, err)
	}
	if len(rings) > 0 {
		w.Errorf("a call from nowhere rang: %+v", <-rings)
	}
	call.Hangup()
}

// isTaken places a call that must ring and be answered.
func (w *world) isTaken(c *carrier.Carrier, rings <-chan office.Ring) {
	w.Helper()
	call, err := c.Place(w.ctx(), mainNumber, "0455551234", carrier.Silence)
	w.must(err)
	if status, err := call.Status(w.ctx()); err != nil || status != 200 {
		w.Fatalf("a call on the line: %d %v", status, err)
	}
	<-rings
	call.Hangup()
	<-call.Ended()
}

// TestTheContactsTokenIsDemandedBack: on a registration line, a call must come
// to the Contact that was registered, with its secret user part; the carrier's
// address alone proves nothing.
func TestTheContactsTokenIsDemandedBack(t *testing.T) {
	for _, tokenless := range []bool{false, true} {
		manners := carrier.GenericRegistration("self")
		manners.Tokenless = tokenless
		w := newWorld(t, nil, carrier.Account{
			User: "unit", Secret: carrierSecret, Numbers: []string{mainNumber}, Manners: manners,
		})
		rings := make(chan office.Ring, 1)
		w.phone("201", func(r office.Ring) int { rings <- r; return 200 })
		w.line(control.LineAddRequest{
			Profile: "generic-registration", User: "unit", Secret: carrierSecret,
			Numbers: []control.LineNumber{{Number: mainNumber, Ring: []string{"201"}}},
		})
		if tokenless {
			w.isIgnored(w.carrier, rings)
		} else {
			w.isTaken(w.carrier, rings)
		}
	}
}

// TestAStaticLinesSourcesAreItsOwn: a static line takes calls from its
// carrier's addresses and from those that were named, and from nobody else.
func TestAStaticLinesSourcesAreItsOwn(t *testing.T) {
	account := carrier.Account{User: "unit", Numbers: []string{mainNumber}, Manners: carrier.GenericStatic("self")}
	w := newWorld(t, nil, account)
	rings := make(chan office.Ring, 1)
	w.phone("201", func(r office.Ring) int { rings <- r; return 200 })
	w.line(control.LineAddRequest{
		Profile: "generic-static", User: "unit", Sources: []string{w.host(5).String()},
		Numbers: []control.LineNumber{{Number: mainNumber, Ring: []string{"201"}}},
	})
	account.Source = w.host(1)
	other := func(host byte) *carrier.Carrier {
		c, err := carrier.New(w.socket(w.host(host), 5060), carrier.Config{
			Domain: "carrier.test", Accounts: []carrier.Account{account},
			OpenMedia: func(local netip.Addr) (net.PacketConn, error) {
				return net.ListenPacket("udp", netip.AddrPortFrom(local, 0).String())
			},
		})
		w.must(err)
		t.Cleanup(func() { c.Close() })
		return c
	}
	w.isTaken(w.carrier, rings)
	w.isTaken(other(5), rings)
	w.isIgnored(other(6), rings)
}
