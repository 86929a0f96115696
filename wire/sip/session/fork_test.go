package session

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// finishText builds a request of the UAC inside the dialog.
func (p *pair) finishText(method string, seq uint32, kind string) *sip.Message {
	p.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s sip:uas@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx%d\r\n", method, seq)
	b.WriteString("From: <sip:a@a>;tag=tag-uac\r\nTo: <sip:b@b>;tag=tag-uas\r\nCall-ID: call\r\n")
	fmt.Fprintf(&b, "CSeq: %d %s\r\n", seq, method)
	e := &Effect{}
	if kind != "" {
		e.Body = Body{Type: kind, Bytes: []byte("x")}
	}
	return p.finish(&b, p.uac, e)
}

// forked is a UAC whose INVITE a proxy has forked.
type forked struct {
	*pair
}

func newForked(t *testing.T, offer string) forked {
	c := plain()
	c.Reliable = true
	f := forked{newPair(t, c, c, offer)}
	f.deaf = true // no UAS: the responses are written by hand
	f.pump()
	return f
}

func (f forked) answer(status int, tag string, body string, more ...string) {
	f.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d X\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@a>;tag=tag-uac\r\n", status)
	fmt.Fprintf(&b, "To: <sip:b@b>;tag=%s\r\nCall-ID: call\r\nCSeq: 1 INVITE\r\nContact: <sip:%s@h>\r\n", tag, tag)
	for _, h := range more {
		b.WriteString(h + "\r\n")
	}
	m := f.finish(&b, f.uas, &Effect{Body: text(body)})
	f.uac.s.Response(f.now, 1, m)
	f.pump()
}

// TestForkedAnswers rings at two places and is answered at both: the first
// wins, the second is acknowledged and ended, however often it repeats.
func TestForkedAnswers(t *testing.T) {
	f := newForked(t, "offer")
	f.answer(180, "one", "")
	f.answer(183, "two", "early")
	f.answer(200, "two", "answer")
	f.heard(f.uac, "progress 180", "progress 183 early", "answered 200 answer")
	f.said(f.uac, "INVITE offer", "ACK")
	f.answer(200, "three", "other")
	f.said(f.uac, "ACK", "BYE")
	f.answer(200, "three", "other")
	f.answer(200, "two", "answer")
	f.said(f.uac, "ACK", "ACK")
	f.heard(f.uac)
	if d := f.uac.s.Dialog(); d.RemoteTag != "two" || d.Target != "sip:two@h" {
		t.Errorf("dialog %+v", d)
	}
}

// TestForkedReliable acknowledges each fork's provisional responses by
// themselves, and drops what is out of order (RFC 3262 §4).
func TestForkedReliable(t *testing.T) {
	f := newForked(t, "offer")
	rseq := func(n int) []string { return []string{"Require: 100rel", fmt.Sprint("RSeq: ", n)} }
	f.answer(183, "one", "answer 1", rseq(100)...)
	f.answer(183, "two", "answer 2", rseq(7)...)
	f.answer(180, "one", "", rseq(102)...)
	f.answer(183, "one", "answer 1", rseq(100)...)
	f.answer(180, "one", "", rseq(101)...)
	f.heard(f.uac, "progress 183 answer 1", "progress 183 answer 2", "progress 180")
	f.said(f.uac, "INVITE offer", "PRACK", "PRACK", "PRACK")
	f.answer(200, "one", "ignored")
	f.heard(f.uac, "answered 200 answer 1")
}

func TestTooManyForks(t *testing.T) {
	f := newForked(t, "offer")
	for i := range forksMax + 5 {
		f.answer(180, fmt.Sprint("t", i), "")
	}
	if n := len(f.uac.s.forks); n != forksMax {
		t.Errorf("%d forks kept", n)
	}
	f.answer(200, "late", "answer")
	f.uac.notes = f.uac.notes[len(f.uac.notes)-1:]
	f.heard(f.uac, "answered 200 answer")
	f.answer(200, "later", "answer")
	f.said(f.uac, "INVITE offer", "ACK", "ACK", "BYE")
	if d := f.uac.s.Dialog(); d.RemoteTag != "late" {
		t.Errorf("dialog %+v", d)
	}
}

// TestUnusableAnswer ends a call whose 200 has nobody to talk with.
func TestUnusableAnswer(t *testing.T) {
	f := newForked(t, "offer")
	m := f.finishText("OPTIONS", 1, "") // any message, for its buffer
	err := sip.Parse([]byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@a>;tag=tag-uac\r\n"+
		"To: <sip:b@b>\r\nCall-ID: call\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"), m)
	if err != nil {
		t.Fatal(err)
	}
	f.uac.s.Response(f.now, 1, m)
	f.heard(f.uac, "failed 502")
	if !f.uac.s.Deadline().IsZero() || !f.uac.s.Done() {
		t.Error("not over")
	}
}

// TestLateForkAfterCancel ends an answer that comes after CANCEL from a fork.
func TestLateForkAfterCancel(t *testing.T) {
	f := newForked(t, "offer")
	f.answer(180, "one", "")
	check(t, f.uac.s.Cancel(f.now, ""))
	f.answer(200, "two", "answer")
	f.said(f.uac, "INVITE offer", "CANCEL", "ACK", "BYE")
	f.heard(f.uac, "progress 180", "failed 487")
	f.answer(200, "one", "answer")
	f.said(f.uac, "ACK", "BYE")
	f.after(time.Minute)
	f.heard(f.uac)
}
