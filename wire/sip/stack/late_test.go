package stack

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// reply is a response to a request that a raw peer has received, with a To tag
// of its own.
func reply(request, status, tag string) string {
	out := []string{"SIP/2.0 " + status}
	for line := range strings.SplitSeq(request, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		switch name {
		case "Via", "From", "Call-ID", "CSeq":
			out = append(out, line)
		case "To":
			if !strings.Contains(line, ";tag=") {
				line += ";tag=" + tag
			}
			out = append(out, line)
		}
	}
	return lines(append(out, "Contact: <sip:201@10.0.0.66>", "Content-Length: 0")...)
}

// TestA2xxAfterTheCall has a call end, and then come what a proxy that forked
// it may still bring: the same 2xx again, which is acknowledged, and that of
// another phone, which is hung up on. Nothing else of the call is kept.
func TestA2xxAfterTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		there := netip.MustParseAddrPort("10.0.0.66:5060")
		r := w.raw(there.String())
		var se *Session
		w.on(w.unit, func(sh *Shard) {
			var err error
			se, err = sh.Invite(PhoneCall{
				Place: edge.Source{Remote: there, Transport: "udp", Listener: "phones"},
				URI:   "sip:201@10.0.0.66", From: "<sip:202@10.0.0.1>", To: "<sip:201@10.0.0.1>",
				Body: sdp("offer"), Owner: w.unit,
			})
			if err != nil {
				t.Error(err)
			}
		})
		got := r.got()
		if len(got) != 1 || !strings.HasPrefix(got[0], "INVITE ") {
			t.Fatalf("got %q", got)
		}
		call := got[0]
		expect := func(when string, methods ...string) []string {
			t.Helper()
			return r.expect(when, methods...)
		}
		r.send(unitAddr, reply(call, "200 OK", "one"))
		first := expect("answered", "ACK")[0]
		w.on(w.unit, func(*Shard) { _ = se.Bye("") })
		r.send(unitAddr, reply(expect("hung up", "BYE")[0], "200 OK", ""))
		expect("over")
		if se.Owner != nil {
			t.Error("a session that is over keeps its owner")
		}
		w.on(w.unit, func(sh *Shard) {
			for _, tx := range sh.clients {
				if tx.out != nil {
					t.Error("an INVITE keeps its call after its end")
				}
			}
		})
		r.send(unitAddr, reply(call, "200 OK", "one"))
		again := expect("the 2xx again", "ACK")[0]
		for _, name := range []string{"\r\nTo:", "\r\nFrom:", "\r\nCall-ID:", "\r\nCSeq:"} {
			if a, b := after(first, name), after(again, name); a != b || a == "" {
				t.Errorf("the ACK said%s%s, then%s%s", name, a, name, b)
			}
		}
		r.send(unitAddr, reply(call, "200 OK", "two"))
		late := expect("another phone answers", "ACK", "BYE")
		if !strings.Contains(late[0], ";tag=two\r\n") || !strings.Contains(late[1], ";tag=two\r\n") {
			t.Errorf("got %q", late)
		}
		r.send(unitAddr, reply(late[1], "200 OK", ""))
		time.Sleep(33 * time.Second)
		expect("at last")
		w.on(w.unit, func(sh *Shard) {
			if n := len(sh.clients) + len(sh.sessions); n > 0 {
				t.Errorf("%d are kept", n)
			}
		})
	})
}

// TestA2xxThatEndsTheCall has a call be given up, and its 2xx cross the CANCEL:
// the 2xx ends it while the INVITE's transaction takes it in. Nothing of the call
// is kept, the 2xx is acknowledged when it comes again, and hung up on once.
func TestA2xxThatEndsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		there := netip.MustParseAddrPort("10.0.0.66:5060")
		r := w.raw(there.String())
		var se *Session
		w.on(w.unit, func(sh *Shard) {
			se, _ = sh.Invite(PhoneCall{
				Place: edge.Source{Remote: there, Transport: "udp", Listener: "phones"},
				URI:   "sip:201@10.0.0.66", From: "<sip:202@10.0.0.1>", To: "<sip:201@10.0.0.1>",
				Body: sdp("offer"), Owner: w.unit,
			})
		})
		call := r.expect("called", "INVITE")[0]
		r.send(unitAddr, reply(call, "180 Ringing", "one"))
		synctest.Wait()
		w.on(w.unit, func(*Shard) { _ = se.Cancel("") })
		r.send(unitAddr, reply(r.expect("given up", "CANCEL")[0], "200 OK", "one"))
		r.send(unitAddr, reply(call, "200 OK", "one"))
		bye := r.expect("crossed", "ACK", "BYE")[1]
		w.on(w.unit, func(sh *Shard) {
			for _, tx := range sh.clients {
				if tx.method == sip.INVITE && tx.out != nil {
					t.Error("an INVITE keeps its call after its end")
				}
			}
		})
		r.send(unitAddr, reply(bye, "200 OK", ""))
		for range 2 {
			r.send(unitAddr, reply(call, "200 OK", "one"))
			r.expect("the 2xx again", "ACK")
		}
		r.send(unitAddr, reply(call, "200 OK", "two"))
		r.send(unitAddr, reply(r.expect("another phone answers", "ACK", "BYE")[1], "200 OK", ""))
		r.send(unitAddr, reply(call, "200 OK", "two"))
		r.expect("and again", "ACK")
		time.Sleep(33 * time.Second)
		r.expect("at last")
		w.on(w.unit, func(sh *Shard) {
			if n := len(sh.clients) + len(sh.sessions); n > 0 {
				t.Errorf("%d are kept", n)
			}
		})
	})
}

// expect gives what has come: requests with these methods.
func (r *raw) expect(when string, methods ...string) (msgs []string) {
	t := r.w.t
	t.Helper()
	synctest.Wait()
	msgs = r.got()
	if len(msgs) != len(methods) {
		t.Fatalf("%s: %d messages, want %v: %q", when, len(msgs), methods, msgs)
	}
	for i, m := range methods {
		if !strings.HasPrefix(msgs[i], m+" sip:201@10.0.0.66 ") {
			t.Errorf("%s: %q, want %s", when, msgs[i], m)
		}
	}
	return msgs
}

// after gives what stands behind a header's name.
func after(msg, name string) string {
	_, rest, _ := strings.Cut(msg, name)
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}
