package stack

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/sekisho/sekisho/wire/sip/edge"
)

// TestSeat fills a mailbox: what has a seat still comes through.
func TestSeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		var seats []Seat
		w.on(w.unit, func(sh *Shard) {
			for {
				s, ok := sh.Seat(false)
				if !ok {
					break
				}
				seats = append(seats, s)
			}
			if _, ok := sh.Seat(true); !ok {
				t.Error("no seat for an emergency call")
			}
		})
		if len(seats) != seatsMax-emergencyReserve {
			t.Errorf("%d seats", len(seats))
		}
		sh, busy, ran := w.unit.stack.Shard(0), make(chan struct{}), 0
		sh.Post(func(*Shard) { <-busy })
		synctest.Wait()
		for sh.Post(func(*Shard) {}) {
		}
		for i := range seats[:1000] {
			seats[i].Post(func(*Shard) { ran++ })
		}
		if sh.Post(func(*Shard) {}) {
			t.Error("the mailbox was not full")
		}
		close(busy)
		synctest.Wait()
		if ran != 1000 {
			t.Errorf("%d of 1000 ran", ran)
		}
		w.on(w.unit, func(sh *Shard) {
			for i := range seats {
				seats[i].Leave()
				seats[i].Leave()
			}
			if sh.seats != 1 {
				t.Errorf("%d seats taken", sh.seats)
			}
		})
	})
}

// TestLookUpAnsweredToFullShard resolves a line's name while the mailbox is
// full: the call goes out all the same.
func TestLookUpAnsweredToFullShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		names := make(gated)
		w := newWorld(t, 1, func(c *Config) { c.Resolver = names })
		defer w.stop()
		cfg := trunkConfig()
		cfg.Next = "sip:carrier.example"
		l := w.line(cfg)
		w.carrier.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		if _, err := w.callOut(l, passFor(t, "call-1", "trunk"), LineCall{Call: "call-1"}); err != nil {
			t.Fatal(err)
		}
		sh, busy := w.unit.stack.Shard(0), make(chan struct{})
		sh.Post(func(*Shard) { <-busy })
		synctest.Wait()
		for sh.Post(func(*Shard) {}) {
		}
		close(names)
		synctest.Wait()
		close(busy)
		wait()
		w.want(w.unit, "answered 200 answer")
	})
}

// gated is a Resolver that finds the carrier when it is closed.
type gated chan struct{}

// Resolve waits until the gate opens.
func (g gated) Resolve(ctx context.Context, _ string, _ uint16, _ string) ([]edge.Target, error) {
	select {
	case <-g:
		return []edge.Target{{Transport: "udp", Addr: carrierAddr}}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
