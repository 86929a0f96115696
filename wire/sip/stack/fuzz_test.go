package stack

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// fuzzer answers every call, and every offer in it.
type fuzzer struct{}

func (f fuzzer) Invite(_ *Shard, se *Session) {
	se.Owner = f
	_ = se.Ring(183, sdp("early"), true)
	_ = se.Answer(sdp("answer"))
}

func (fuzzer) Request(_ *Shard, r *Request) { _ = r.Respond(200, "") }

func (fuzzer) SessionEvent(_ *Shard, se *Session, ev session.Event) {
	if ev.NeedAnswer {
		_ = se.AnswerOffer(sdp("answer"))
	}
}

// FuzzArrive gives a shard a few messages, one after the other, with time
// between them: whatever they are, it lives, and forgets them in the end.
// TAG in a message stands for the tag of the call that is up.
func FuzzArrive(f *testing.F) {
	call := invite("z9hG4bKa", "sip:201@10.0.0.66")
	inside := func(method, branch string, seq string) string {
		m := strings.Replace(head(method, branch, "sip:201@10.0.0.66"), "CSeq: 1 ", "CSeq: "+seq+" ", 1)
		m = strings.Replace(m, "Call-ID: raw-"+branch, "Call-ID: raw-z9hG4bKa", 1)
		return strings.Replace(m, "To: <sip:202@10.0.0.1>", "To: <sip:202@10.0.0.1>;tag=TAG", 1) +
			"Content-Length: 0\r\n\r\n"
	}
	f.Add(call, inside("ACK", "z9hG4bKb", "1"), inside("BYE", "z9hG4bKc", "2"))
	f.Add(call, inside("UPDATE", "z9hG4bKb", "2"), inside("INVITE", "z9hG4bKc", "3"))
	f.Add(call, strings.Replace(inside("ACK", "z9hG4bKa", "1"), "ACK", "CANCEL", 2), inside("PRACK", "z9hG4bKc", "2"))
	f.Add(options("z9hG4bKa"), "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKs00\r\n\r\n", "\r\n\r\n")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		st, err := New(Config{
			Listeners: []Listener{
				{Name: "phones", Side: PhoneSide, Transport: "udp", Address: unitAddr},
				{Name: "trunks", Side: LineSide, Transport: "udp", Address: trunkAddr},
			},
			Packets: []Packets{NewNetwork().Packets(unitAddr, trunkAddr)}, Auth: admitAll{}, Handler: fuzzer{},
			Lines: carrierLines{carrierAddr.Addr()}, Session: session.DefaultConfig(), Poison: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		sh := st.Shard(0)
		for i, text := range []string{a, b, c} {
			for tag := range sh.sessions {
				text = strings.ReplaceAll(text, "TAG", tag)
			}
			buf := []byte(text)
			d := &edge.Datagram{Buf: buf, Remote: phoneAddr, Local: unitAddr}
			if i == 2 && len(text)%2 == 1 {
				d = &edge.Datagram{Buf: buf, Listener: 1, Remote: carrierAddr, Local: trunkAddr}
			}
			sh.arrive(d)
			sh.poison(buf)
			advance(t, sh, time.Second)
		}
		advance(t, sh, 2*time.Hour) // longer than any session without a refresh
		if n := len(sh.servers) + sh.kept() +
			len(sh.clients) + len(sh.sessions) + len(sh.calls) + sh.wheel.count; n != 0 {
			t.Errorf("%d things are left", n)
		}
	})
}

// advance lets a shard's timers run for a while.
func advance(t *testing.T, sh *Shard, d time.Duration) {
	t.Helper()
	end := sh.now.Add(d)
	for turn := 0; ; turn++ {
		if turn > 10_000 {
			t.Fatal("the timers never come to rest")
		}
		next := sh.wheel.deadline()
		if next.IsZero() || next.After(end) {
			sh.now = end
			sh.wheel.run(end)
			sh.writeOut()
			return
		}
		sh.now = next
		sh.wheel.run(next)
		sh.writeOut()
	}
}
