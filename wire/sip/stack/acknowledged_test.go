package stack

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// tagger challenges everybody under a tag of its own.
type tagger struct{}

func (tagger) Authenticate(*sip.Message, edge.Source, time.Time) edge.Verdict {
	return edge.Verdict{Action: edge.Challenge, Status: 401, Tag: "its-own"}
}

// TestAcknowledged has the ACK of a challenge told with the tag that the
// challenge had, and nothing be kept for either.
func TestAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told atomic.Value
		w := newWorld(t, 4, func(c *Config) {
			c.Auth = tagger{}
			c.Acknowledged = func(m *sip.Message, from edge.Source, _ time.Time) {
				told.Store(m.Method().String() + " " + string(m.To().Tag) + " " + from.Remote.String())
			}
		})
		defer w.stop()
		r, carrier := w.raw("10.0.0.66:5060"), w.raw("10.9.9.9:5080")
		r.send(unitAddr, invite("z9hG4bKa", "sip:201@10.0.0.66"))
		if got := r.got(); len(got) != 1 || !strings.Contains(got[0], "To: <sip:202@10.0.0.1>;tag=its-own\r\n") {
			t.Fatalf("the challenge is %q", got)
		}
		ack := strings.NewReplacer("INVITE", "ACK", "To: <sip:202@10.0.0.1>", "To: <sip:202@10.0.0.1>;tag=its-own").
			Replace(head("INVITE", "z9hG4bKa", "sip:201@10.0.0.66")) + "Content-Length: 0\r\n\r\n"
		carrier.send(trunkAddr, ack)
		if got := told.Load(); got != nil {
			t.Errorf("an ACK on the line side is told: %v", got)
		}
		r.send(unitAddr, ack)
		if got := told.Load(); got != "ACK its-own 10.0.0.66:5060" {
			t.Errorf("told: %v", got)
		}
		noState(w)
	})
}
