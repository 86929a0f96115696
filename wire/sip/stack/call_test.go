package stack

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/wire/sip/session"
)

// patience is virtual time enough for every retransmission that may be
// needed.
const patience = 10 * time.Second

func wait() { time.Sleep(patience); synctest.Wait() }

func TestCallAnsweredAndEndedByCaller(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.unit.invite = func(_ *Shard, se *Session) {
			if se.Identity().Extension != "201" || string(se.PeerOffer().Bytes) != "offer" {
				t.Errorf("identity %+v, offer %q", se.Identity(), se.PeerOffer().Bytes)
			}
			if err := se.Ring(180, session.Body{}, true); err != nil {
				t.Error(err)
			}
			if err := se.Answer(sdp("answer")); err != nil {
				t.Error(err)
			}
		}
		se := w.dial("offer")
		wait()
		w.want(w.unit, "invite", "confirmed")
		w.want(w.phone, "progress 180", "answered 200 answer")
		w.on(w.phone, func(*Shard) {
			if err := se.Bye(""); err != nil {
				t.Error(err)
			}
		})
		wait()
		w.want(w.unit, "ended 200")
		w.want(w.phone, "ended 200")
	})
}

func TestCallEndedByCallee(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var callee *Session
		w.unit.invite = func(_ *Shard, se *Session) {
			callee = se
			_ = se.Answer(sdp("answer"))
		}
		w.dial("offer")
		wait()
		w.want(w.unit, "invite", "confirmed")
		w.want(w.phone, "answered 200 answer")
		done := make(chan error, 1)
		callee.Shard().Post(func(*Shard) { done <- callee.Bye(`Q.850;cause=16`) })
		if err := <-done; err != nil {
			t.Error(err)
		}
		wait()
		w.want(w.unit, "ended 200")
		w.want(w.phone, "ended 200")
	})
}

func TestCallRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Refuse(486, "") }
		w.dial("offer")
		wait()
		w.want(w.unit, "invite")
		w.want(w.phone, "failed 486")
	})
}

func TestCallCanceled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Ring(180, session.Body{}, true) }
		se := w.dial("offer")
		wait()
		w.want(w.unit, "invite")
		w.want(w.phone, "progress 180")
		w.on(w.phone, func(*Shard) { _ = se.Cancel(`SIP;cause=200;text="Call completed elsewhere"`) })
		wait()
		w.want(w.unit, "cancelled 487")
		w.want(w.phone, "failed 487")
	})
}

func TestLateOffer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("offer")) }
		w.phone.event = func(_ *Shard, se *Session, ev session.Event) {
			if ev.NeedAnswer {
				_ = se.AnswerOffer(sdp("answer"))
			}
		}
		w.dial("")
		wait()
		w.want(w.unit, "invite", "confirmed answer")
		w.want(w.phone, "answered 200 offer")
		hangUpAll(w)
	})
}

// hangUpAll ends what the phone has.
func hangUpAll(w *world) {
	w.t.Helper()
	w.on(w.phone, func(sh *Shard) {
		for _, se := range sh.sessions {
			se.End(480, "")
		}
	})
	wait()
	w.phone.take()
	w.unit.take()
}

func TestHoldAndResume(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		w.unit.event = func(_ *Shard, se *Session, ev session.Event) {
			if ev.Kind == session.Offered {
				_ = se.AnswerOffer(sdp("answer to " + string(ev.Body.Bytes)))
			}
		}
		se := w.dial("offer")
		wait()
		w.unit.take()
		w.phone.take()
		for _, b := range []string{"hold", "resume"} {
			w.on(w.phone, func(*Shard) { _ = se.Offer(sdp(b)) })
			wait()
			w.want(w.unit, "offered "+b)
			w.want(w.phone, "offer-answered 200 answer to "+b)
		}
		hangUpAll(w)
	})
}

// TestGlare has both sides offer at once: both get 491, wait for different
// times, and both offers succeed.
func TestGlare(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var callee *Session
		w.unit.invite = func(_ *Shard, se *Session) { callee = se; _ = se.Answer(sdp("answer")) }
		answer := func(_ *Shard, se *Session, ev session.Event) {
			if ev.Kind == session.Offered {
				_ = se.AnswerOffer(sdp("ok"))
			}
		}
		w.unit.event, w.phone.event = answer, answer
		se := w.dial("offer")
		wait()
		w.unit.take()
		w.phone.take()
		callee.Shard().Post(func(*Shard) { _ = callee.Offer(sdp("theirs")) })
		w.phone.stack.Shard(0).Post(func(*Shard) { _ = se.Offer(sdp("ours")) })
		time.Sleep(time.Minute)
		wantAll(w, w.unit, "offered ours", "offer-answered 200 ok")
		wantAll(w, w.phone, "offered theirs", "offer-answered 200 ok")
		hangUpAll(w)
	})
}

// wantAll compares notes in any order.
func wantAll(w *world, a *agent, want ...string) {
	w.t.Helper()
	got := a.take()
	if len(got) != len(want) {
		w.t.Errorf("got %q, want %q", got, want)
		return
	}
	for _, x := range want {
		found := false
		for _, y := range got {
			found = found || x == y
		}
		if !found {
			w.t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestSessionTimer keeps a call up over several intervals by refreshes, and
// sees it end when the peer has vanished.
func TestSessionTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, func(c *Config) { c.Session.Expires = 90 * time.Second })
		defer w.stop()
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		w.dial("offer")
		time.Sleep(20 * time.Minute)
		w.want(w.unit, "invite", "confirmed")
		w.want(w.phone, "answered 200 answer")
		w.phone.stack.Stop()
		time.Sleep(2 * time.Minute)
		w.want(w.unit, "ended 408")
	})
}

func TestInfo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		se := w.dial("offer")
		wait()
		w.unit.take()
		dtmf := session.Body{Type: "application/dtmf-relay", Bytes: []byte("Signal=5\r\nDuration=160\r\n")}
		w.on(w.phone, func(*Shard) { _ = se.Info(dtmf) })
		wait()
		w.want(w.unit, "info Signal=5\r\nDuration=160\r\n")
		hangUpAll(w)
	})
}
