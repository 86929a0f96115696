package session

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestNoStuckCall lets both owners do anything at any time while messages are
// lost, then both hang up, and finds both sessions over: no panic, no timer
// left, and every owner that had an open call heard how it ended.
func TestNoStuckCall(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		caller, callee := DefaultConfig(), DefaultConfig()
		caller.Reliable = rapid.Bool().Draw(rt, "caller 100rel")
		callee.Reliable = rapid.Bool().Draw(rt, "callee 100rel")
		caller.Expires = rapid.SampledFrom([]time.Duration{0, 90 * time.Second, time.Hour}).Draw(rt, "expires")
		caller.HoldACK = rapid.Bool().Draw(rt, "held ACK")
		caller.Jitter, callee.Jitter = rapid.Uint64().Draw(rt, "jitter"), 7
		p := newPair(t, caller, callee, rapid.SampledFrom([]string{"", "offer"}).Draw(rt, "offer"))
		lossy := rapid.Bool().Draw(rt, "lossy")
		count := 0
		p.lose = func(string) bool { count++; return lossy && count%5 == 0 }
		p.pump()
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			s := rapid.SampledFrom([]*side{p.uac, p.uas}).Draw(rt, "side")
			what := rapid.IntRange(0, 12).Draw(rt, "what")
			if s.s != nil {
				p.anything(s.s, what)
			}
			p.after(time.Duration(rapid.IntRange(0, 5000).Draw(rt, "ms")) * time.Millisecond)
		}
		for _, s := range []*side{p.uac, p.uas} {
			if s.s != nil {
				s.s.End(p.now, 480, "")
			}
		}
		if lossy {
			p.unanswered()
		}
		p.after(2 * time.Minute)
		for _, s := range []*side{p.uac, p.uas} {
			if s.s == nil {
				continue
			}
			if !s.s.Done() || !s.s.Deadline().IsZero() {
				rt.Fatalf("%s is in state %d, deadline %v; notes %q, wire %q",
					s.name, s.s.state, s.s.Deadline(), s.notes, s.wire)
			}
		}
	})
}

// anything is one thing an owner can do; most are wrong most of the time.
func (p *pair) anything(s *Session, what int) {
	switch what {
	case 0:
		_ = s.Ring(p.now, 180, Body{}, false)
	case 1:
		_ = s.Ring(p.now, 183, text("early"), true)
	case 2, 3:
		_ = s.Answer(p.now, text("answer"))
	case 4:
		_ = s.Offer(p.now, text("offer again"))
	case 5:
		_ = s.Offer(p.now, Body{})
	case 6, 7:
		_ = s.AnswerOffer(p.now, text("answer again"))
	case 8:
		_ = s.RefuseOffer(p.now, 488)
	case 9:
		_ = s.Info(p.now, Body{Type: "application/dtmf", Bytes: []byte("5")})
	case 10:
		if s.random(4) == 0 {
			_ = s.Bye(p.now, "")
		}
	case 12:
		_ = s.Acknowledge(p.now)
	case 11:
		if s.random(4) == 0 {
			_ = s.Cancel(p.now, "")
		}
	}
	p.pump()
}

// unanswered is what the transactions would do in the end: tell of every
// request that got no final response.
func (p *pair) unanswered() {
	for range 5 {
		p.after(time.Minute)
		for _, s := range []*side{p.uac, p.uas} {
			if s.s == nil {
				continue
			}
			for id := range s.s.lastRequest {
				s.s.NoResponse(p.now, id+1, 408)
			}
			if s == p.uas {
				s.s.Lost(1)
			}
		}
		p.pump()
	}
}
