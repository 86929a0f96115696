package session

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

func TestByeBeforeACKWaitsForIt(t *testing.T) {
	p := newPair(t, plain(), plain(), "offer")
	acks := 0
	p.lose = func(what string) bool {
		if what == "ACK" {
			acks++
		}
		return what == "ACK" && acks < 3
	}
	p.pump()
	check(t, p.uas.s.Answer(p.now, text("answer")))
	check(t, p.uas.s.Bye(p.now, ""))
	p.after(300 * time.Millisecond)
	p.said(p.uas, "200 answer") // RFC 3261 §15: no BYE yet
	p.after(5 * time.Second)
	p.said(p.uas, "repeat", "repeat", "BYE")
	p.heard(p.uas, "ended 200")
	p.heard(p.uac, "answered 200 answer", "ended 200")
}

func TestNoACKEndsCall(t *testing.T) {
	p := newPair(t, plain(), plain(), "offer")
	p.lose = func(what string) bool { return what == "ACK" }
	p.pump()
	check(t, p.uas.s.Answer(p.now, text("answer")))
	p.after(time.Minute)
	p.heard(p.uas, "ended 408")
	p.said(p.uas, "200 answer", "repeat", "repeat", "repeat", "repeat", "repeat", "repeat", "repeat", "repeat",
		"repeat", "repeat", "BYE Reason:SIP;cause=408")
	p.heard(p.uac, "answered 200 answer", "ended 200")
}

// TestReliableAnswer sends the answer in a reliable 183; the 200 waits for the
// PRACK and has no body.
func TestReliableAnswer(t *testing.T) {
	reliable := plain()
	reliable.Reliable = true
	p := newPair(t, reliable, reliable, "offer")
	p.lose = func(what string) bool { return what == "PRACK" }
	p.pump()
	check(t, p.uas.s.Ring(p.now, 183, text("answer"), true))
	check(t, p.uas.s.Ring(p.now, 180, Body{}, true))
	check(t, p.uas.s.Answer(p.now, text("answer")))
	p.after(2 * time.Second)
	p.said(p.uas, "183 answer", "repeat", "repeat")
	p.heard(p.uac, "progress 183 answer")
	p.said(p.uac, "INVITE offer", "PRACK") // the transaction would repeat it
	// What the transaction layer would bring at last:
	p.lose = nil
	p.arrive(p.uas, 2, p.txs[1].msg)
	p.pump()
	p.said(p.uas, "200", "180", "200", "200")
	p.said(p.uac, "PRACK", "ACK")
	p.heard(p.uac, "progress 180", "answered 200 answer")
	p.heard(p.uas, "confirmed")
}

// TestReliableAnswerInOrder is the ordinary case of the above.
func TestReliableAnswerInOrder(t *testing.T) {
	reliable := plain()
	reliable.Reliable = true
	p := newPair(t, reliable, reliable, "offer")
	p.pump()
	check(t, p.uas.s.Ring(p.now, 183, text("answer"), true))
	p.pump()
	check(t, p.uas.s.Answer(p.now, text("other")))
	p.said(p.uas, "183 answer", "200", "200")
	p.said(p.uac, "INVITE offer", "PRACK", "ACK")
	p.heard(p.uac, "progress 183 answer", "answered 200 answer")
	p.heard(p.uas, "confirmed")
}

func TestNoPRACKRefuses(t *testing.T) {
	reliable := plain()
	reliable.Reliable = true
	p := newPair(t, reliable, reliable, "offer")
	p.lose = func(what string) bool { return what == "PRACK" }
	p.pump()
	check(t, p.uas.s.Ring(p.now, 180, Body{}, true))
	p.after(time.Minute)
	p.heard(p.uas, "cancelled 504")
	p.heard(p.uac, "progress 180", "failed 504")
}

// TestReliableLateOffer has our offer in the reliable 183 and the answer in
// the PRACK (RFC 3262 §5).
func TestReliableLateOffer(t *testing.T) {
	reliable := plain()
	reliable.Reliable = true
	p := newPair(t, reliable, reliable, "")
	p.uac.react = func(ev Event) {
		if ev.NeedAnswer {
			check(t, p.uac.s.AnswerOffer(p.now, text("answer")))
		}
	}
	p.pump()
	check(t, p.uas.s.Ring(p.now, 183, text("offer"), true))
	p.said(p.uas, "183 offer", "200")
	p.said(p.uac, "INVITE", "PRACK answer")
	p.heard(p.uas, "offer-answered answer")
	check(t, p.uas.s.Answer(p.now, text("offer")))
	p.said(p.uas, "200")
	p.heard(p.uac, "progress 183 offer", "answered 200 offer")
	p.heard(p.uas, "confirmed")
}

// TestRequired100rel sends reliably what is demanded so, and refuses what we
// can't do.
func TestRequired100rel(t *testing.T) {
	reliable := plain()
	reliable.Reliable = true
	for _, c := range []struct {
		callee Config
		heard  string
	}{{reliable, "progress 180"}, {plain(), "failed 420"}} {
		p := &pair{t: t, now: begin, uac: &side{name: "uac"}, uas: &side{name: "uas"}, cfg: c.callee}
		p.uac.s = NewUAC(reliable, Invite{
			URI: "sip:b@b", From: "<sip:a@a>", To: "<sip:b@b>", CallID: "call", LocalTag: "tag-uac",
			Headers: []Header{{"Require", "100rel"}}, Body: text("offer"),
		})
		p.pump()
		if p.uas.s != nil {
			check(t, p.uas.s.Ring(p.now, 180, Body{}, false))
			p.said(p.uas, "180", "200")
		} else {
			p.said(p.uas, "420 Unsupported:100rel")
		}
		p.heard(p.uac, c.heard)
	}
}

func TestCancelWaitsForProvisional(t *testing.T) {
	p := newPair(t, plain(), plain(), "offer")
	p.pump()
	check(t, p.uac.s.Cancel(p.now, `SIP;cause=200`))
	p.said(p.uac, "INVITE offer") // RFC 3261 §9.1
	check(t, p.uas.s.Ring(p.now, 180, Body{}, false))
	if p.uac.trying != 0 {
		t.Error("Trying after Cancel")
	}
	p.said(p.uac, "CANCEL Reason:SIP;cause=200")
	p.said(p.uas, "180", "487")
	p.heard(p.uac, "failed 487")
	p.heard(p.uas, "cancelled 487")
	if err := p.uac.s.Cancel(p.now, ""); !errors.Is(err, ErrState) {
		t.Errorf("second Cancel: %v", err)
	}
}

// TestCancelCrossesAnswer has a 200 pass a CANCEL on its way: the call is
// acknowledged and ended.
func TestCancelCrossesAnswer(t *testing.T) {
	p := newPair(t, plain(), plain(), "offer")
	p.lose = func(what string) bool { return what == "CANCEL" }
	p.pump()
	check(t, p.uas.s.Ring(p.now, 180, Body{}, false))
	p.pump()
	check(t, p.uac.s.Cancel(p.now, ""))
	p.pump()
	check(t, p.uas.s.Answer(p.now, text("answer")))
	p.said(p.uac, "INVITE offer", "CANCEL", "ACK", "BYE")
	p.heard(p.uac, "progress 180", "failed 487")
	p.heard(p.uas, "confirmed", "ended 200")
}

// TestHeldACK leaves the ACK to the owner: nothing is sent before it, and a
// hang-up gives it first.
func TestHeldACK(t *testing.T) {
	for _, hangUp := range []bool{false, true} {
		caller := plain()
		caller.HoldACK = true
		p := newPair(t, caller, plain(), "offer")
		p.pump()
		check(t, p.uas.s.Answer(p.now, text("answer")))
		p.after(2 * time.Second)
		p.heard(p.uac, "answered 200 answer")
		check(t, p.uac.s.Offer(p.now, text("hold")))
		p.said(p.uac, "INVITE offer")
		p.said(p.uas, "200 answer", "repeat", "repeat")
		if hangUp {
			check(t, p.uac.s.Bye(p.now, ""))
			p.said(p.uac, "ACK", "BYE")
			p.heard(p.uac, "ended 200")
			continue
		}
		check(t, p.uac.s.Acknowledge(p.now))
		p.said(p.uac, "ACK", "INVITE hold")
		p.heard(p.uas, "confirmed", "offered hold")
		if err := p.uac.s.Acknowledge(p.now); !errors.Is(err, ErrState) {
			t.Errorf("again: %v", err)
		}
	}
}

func TestCancelUnanswered(t *testing.T) {
	p := newPair(t, plain(), plain(), "offer")
	p.lose = func(what string) bool { return what == "CANCEL" }
	p.pump()
	check(t, p.uas.s.Ring(p.now, 180, Body{}, false))
	p.pump()
	check(t, p.uac.s.Cancel(p.now, ""))
	p.after(31 * time.Second)
	p.heard(p.uac, "progress 180")
	p.after(2 * time.Second)
	p.heard(p.uac, "failed 487")
}

// TestIntervalTooSmall is 422 and the second try (RFC 4028 §7.3).
func TestIntervalTooSmall(t *testing.T) {
	caller, callee := plain(), plain()
	caller.Expires, callee.MinSE = 120*time.Second, 300*time.Second
	p := newPair(t, caller, callee, "offer")
	p.pump()
	p.said(p.uas, "422 Min-SE:300")
	p.said(p.uac, "INVITE offer Session-Expires:120", "INVITE offer Session-Expires:300 Min-SE:300")
	check(t, p.uas.s.Ring(p.now, 180, Body{}, false))
	check(t, p.uas.s.Ring(p.now, 180, Body{}, false))
	p.heard(p.uac, "progress 180", "progress 180")
	if p.uac.trying != 1 {
		t.Errorf("%d times Trying", p.uac.trying)
	}
	p.said(p.uas, "180", "180")
	check(t, p.uas.s.Answer(p.now, text("answer")))
	p.said(p.uas, "200 answer Session-Expires:300;refresher=uac")
	p.heard(p.uac, "answered 200 answer")
}

// TestRefreshers has each side be the refresher, by UPDATE and, where the
// peer refuses that, by re-INVITE; the owners hear nothing of it.
func TestRefreshers(t *testing.T) {
	for _, refresher := range []string{"uac", "uas"} {
		for _, update := range []bool{true, false} {
			caller, callee := plain(), plain()
			caller.Expires, callee.Refresher = 120*time.Second, refresher
			p := upPair(t, caller, callee)
			who, peer := p.uac, p.uas
			if refresher == "uas" {
				who, peer = p.uas, p.uac
			}
			if !update {
				who.s.peer.update = false
			}
			p.after(10 * time.Minute)
			p.heard(p.uac)
			p.heard(p.uas)
			want := "UPDATE"
			if !update {
				want = "INVITE"
			}
			if len(who.wire) < 9 || !strings.HasPrefix(who.wire[0], want) {
				t.Errorf("%s refreshes: %q", refresher, who.wire)
			}
			for _, w := range peer.wire {
				if !strings.HasPrefix(w, "200") {
					t.Errorf("the other side sent %q", w)
				}
			}
			p.deaf = true
			p.after(2 * time.Minute)
			p.heard(p.uac, "ended 408")
			p.heard(p.uas, "ended 408")
		}
	}
}

func TestReinviteWithoutOffer(t *testing.T) {
	p := upPair(t, plain(), plain())
	p.uas.react = func(ev Event) {
		if ev.Kind == Offered {
			check(t, p.uas.s.AnswerOffer(p.now, text("their offer")))
		}
	}
	p.uac.react = func(ev Event) {
		if ev.Kind == Offered {
			check(t, p.uac.s.AnswerOffer(p.now, text("our answer")))
		}
	}
	check(t, p.uac.s.Offer(p.now, Body{}))
	p.said(p.uac, "INVITE", "ACK our answer")
	p.said(p.uas, "200 their offer")
	p.heard(p.uac, "offered their offer")
	p.heard(p.uas, "offered", "offer-answered our answer")
	p.uas.react = func(ev Event) {
		if ev.Kind == Offered {
			check(t, p.uas.s.RefuseOffer(p.now, 488))
		}
	}
	check(t, p.uac.s.Offer(p.now, text("video")))
	p.heard(p.uac, "offer-refused 488")
	p.uas.react = nil
	check(t, p.uac.s.Offer(p.now, text("slow")))
	p.pump()
	check(t, p.uac.s.Offer(p.now, text("newer"))) // waits
	check(t, p.uac.s.Offer(p.now, text("newest")))
	p.forget()
	check(t, p.uas.s.AnswerOffer(p.now, text("ok")))
	p.heard(p.uac, "offer-answered 200 ok")
	p.heard(p.uas, "offered newest")
}

// TestWithdraw: both make an offer at once, and both get 491. One takes its own back, and
// can make another at once; the other's comes again.
func TestWithdraw(t *testing.T) {
	p := upPair(t, plain(), plain())
	if p.uac.s.Withdraw() {
		t.Error("an offer is taken back that nobody made")
	}
	check(t, p.uac.s.Offer(p.now, text("a")))
	check(t, p.uas.s.Offer(p.now, text("b")))
	p.heard(p.uac)
	if !p.uac.s.Withdraw() || p.uac.s.Withdraw() {
		t.Error("it is not taken back, or twice")
	}
	check(t, p.uac.s.Offer(p.now, text("c")))
	p.heard(p.uas, "offered c")
	check(t, p.uas.s.AnswerOffer(p.now, text("to c")))
	p.heard(p.uac, "offer-answered 200 to c")
	p.after(3 * time.Second)
	p.heard(p.uac, "offered b")
}

// TestSameDescriptionIsARefresh answers a re-INVITE that changes nothing
// without asking the owner.
func TestSameDescriptionIsARefresh(t *testing.T) {
	p := upPair(t, plain(), plain())
	check(t, p.uac.s.Offer(p.now, text("offer")))
	p.heard(p.uas)
	p.said(p.uas, "200 answer")
	p.heard(p.uac, "offer-answered 200 answer")
}

// TestIdentify tells the other side who it talks with: at once, after what is under way,
// the newest only, and not at all where it takes no UPDATE.
func TestIdentify(t *testing.T) {
	p := upPair(t, plain(), plain())
	identities := func() (all []string) {
		p.pump()
		for _, tx := range p.txs {
			if who := tx.msg.Addr(sip.HeaderPAssertedIdentity); who != nil {
				all = append(all, tx.msg.Method().String()+" "+string(who.URI.User))
			}
		}
		return all
	}
	check(t, p.uac.s.Identify(p.now, "<sip:201@x>"))
	identities()
	check(t, p.uac.s.Offer(p.now, text("offer 2")))
	check(t, p.uac.s.Identify(p.now, "<sip:202@x>"))
	check(t, p.uac.s.Identify(p.now, "<sip:203@x>"))
	p.heard(p.uas, "offered offer 2")
	check(t, p.uas.s.AnswerOffer(p.now, text("answer 2")))
	p.heard(p.uac, "offer-answered 200 answer 2")
	p.heard(p.uas)
	if got, want := identities(), []string{"UPDATE 201", "UPDATE 203"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	p.uac.s.peer.update = false
	check(t, p.uac.s.Identify(p.now, "<sip:204@x>"))
	if got := identities(); len(got) != 2 {
		t.Errorf("a peer that takes no UPDATE: %q", got)
	}
	check(t, p.uac.s.Bye(p.now, ""))
	if err := p.uac.s.Identify(p.now, "<sip:205@x>"); !errors.Is(err, ErrState) {
		t.Errorf("after the end: %v", err)
	}
}

// TestEarlyUpdate changes the session before it is answered (RFC 3311).
func TestEarlyUpdate(t *testing.T) {
	reliable := plain()
	reliable.Reliable = true
	p := newPair(t, reliable, reliable, "offer")
	p.pump()
	if err := p.uac.s.Offer(p.now, text("too early")); !errors.Is(err, ErrState) {
		t.Errorf("offer before the answer: %v", err)
	}
	check(t, p.uas.s.Ring(p.now, 183, text("answer"), true))
	p.forget()
	check(t, p.uac.s.Offer(p.now, text("offer 2")))
	p.heard(p.uas, "offered offer 2")
	check(t, p.uas.s.AnswerOffer(p.now, text("answer 2")))
	p.heard(p.uac, "offer-answered 200 answer 2")
	p.forget()
	check(t, p.uas.s.Offer(p.now, text("offer 3")))
	p.heard(p.uac, "offered offer 3")
	p.said(p.uas, "UPDATE offer 3")
	check(t, p.uac.s.RefuseOffer(p.now, 488))
	p.heard(p.uas, "offer-refused 488")
	check(t, p.uas.s.Answer(p.now, Body{}))
	p.heard(p.uac, "answered 200 answer")
	p.heard(p.uas, "confirmed")
}

func TestDeadDialog(t *testing.T) {
	p := upPair(t, plain(), plain())
	p.uas.s.main.d.CallID = "gone" // the peer has forgotten the call
	check(t, p.uac.s.Offer(p.now, text("hold")))
	p.heard(p.uac, "ended 481")
	p.said(p.uac, "INVITE hold", "BYE Reason:SIP;cause=481")
}

func TestNoResponse(t *testing.T) {
	p := newPair(t, plain(), plain(), "offer")
	p.deaf = true
	p.pump()
	p.uac.s.NoResponse(p.now, 1, 408)
	p.heard(p.uac, "failed 408")
	p = upPair(t, plain(), plain())
	p.deaf = true
	check(t, p.uac.s.Bye(p.now, ""))
	p.pump()
	p.uac.s.NoResponse(p.now, p.uac.s.lastRequest, 408)
	p.heard(p.uac, "ended 408")
}

func TestAuthorizeTwiceAtMost(t *testing.T) {
	p := newPair(t, plain(), plain(), "offer")
	p.pump()
	for i, want := range []bool{true, true, false} {
		if got := p.uac.s.Authorize(p.now, p.uac.s.lastRequest, Header{"Authorization", "x"}); got != want {
			t.Errorf("time %d: %v", i, got)
		}
	}
	p.pump()
	if n := len(p.uac.wire); n != 3 || p.uac.wire[2] != "INVITE offer Authorization:x" {
		t.Errorf("sent %q", p.uac.wire)
	}
	if got := p.txs[2].msg.CSeq().Number; got != 3 {
		t.Errorf("CSeq %d, want 3", got)
	}
}

// TestOtherMethods is what is answered without the owner.
func TestOtherMethods(t *testing.T) {
	p := upPair(t, plain(), plain())
	var got []string
	for i, c := range []string{"REFER", "MESSAGE", "FOO", "OPTIONS", "INFO text/plain", "INFO"} {
		method, kind, _ := strings.Cut(c, " ")
		m := p.finishText(method, uint32(i+2), kind)
		p.txs = append(p.txs, &exchangeTx{from: p.uac, msg: m})
		p.uas.s.Request(p.now, uint64(len(p.txs)), m)
		p.pump()
		got = append(got, p.uas.wire...)
		p.uas.wire = nil
	}
	if want := []string{"405", "405", "501", "200", "415", "200"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	p.heard(p.uas)
}
