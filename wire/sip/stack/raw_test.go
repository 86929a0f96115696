package stack

import (
	"fmt"
	"maps"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// raw is a peer that speaks bytes.
type raw struct {
	w *world
	p *MemoryPackets
}

func (w *world) raw(addr string) *raw { return &raw{w, w.net.Packets(netip.MustParseAddrPort(addr))} }

func (r *raw) send(to netip.AddrPort, msg string) {
	r.w.t.Helper()
	ds := []edge.Datagram{{Buf: []byte(msg), Remote: to}}
	if _, err := r.p.WriteBatch(ds); err != nil {
		r.w.t.Error(err)
	}
	synctest.Wait()
}

// got returns what has come, message by message.
func (r *raw) got() (msgs []string) {
	ds := []edge.Datagram{{Buf: make([]byte, edge.DatagramBytesMax)}}
	for r.p.take(ds) > 0 {
		msgs = append(msgs, string(ds[0].Buf))
		ds[0].Buf = make([]byte, edge.DatagramBytesMax)
	}
	return msgs
}

// statuses returns the status lines of what has come.
func (r *raw) statuses() (list []string) {
	for _, m := range r.got() {
		line, _, _ := strings.Cut(m, "\r\n")
		list = append(list, strings.TrimPrefix(line, "SIP/2.0 "))
	}
	return list
}

func lines(l ...string) string { return strings.Join(l, "\r\n") + "\r\n\r\n" }

func invite(branch, contact string) string {
	return head("INVITE", branch, contact) + "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\noffer"
}

func head(method, branch, contact string) string {
	return strings.TrimSuffix(lines(method+" sip:202@10.0.0.1 SIP/2.0",
		"Via: SIP/2.0/UDP 10.0.0.66:5060;rport;branch="+branch,
		"Max-Forwards: 70", "From: <sip:201@10.0.0.1>;tag=f1", "To: <sip:202@10.0.0.1>", "Call-ID: raw-"+branch,
		"CSeq: 1 "+method, "Contact: <"+contact+">"), "\r\n")
}

func options(branch string) string {
	return head("OPTIONS", branch, "sip:201@10.0.0.66") + "Content-Length: 0\r\n\r\n"
}

// TestStatelessBeforeAuthentication sends requests that are not admitted, and
// finds nothing kept.
func TestStatelessBeforeAuthentication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4, func(c *Config) { c.Auth = bouncer{} })
		defer w.stop()
		r := w.raw("10.0.0.66:5060")
		for range 3 {
			r.send(unitAddr, invite("z9hG4bKa", "sip:201@10.0.0.66"))
		}
		msgs := r.got()
		if len(msgs) != 3 || msgs[0] != msgs[1] || !strings.HasPrefix(msgs[0], "SIP/2.0 407 ") ||
			strings.Count(msgs[0], "Proxy-Authenticate: Digest ") != 2 || strings.Contains(msgs[0], "Sekisho") {
			t.Fatalf("got %q", msgs)
		}
		_, tag, _ := strings.Cut(msgs[0], ";tag=n")
		tag, _, _ = strings.Cut(tag, "\r\n")
		ack := strings.NewReplacer("INVITE", "ACK", "To: <sip:202@10.0.0.1>", "To: <sip:202@10.0.0.1>;tag=n"+tag)
		r.send(unitAddr, ack.Replace(head("INVITE", "z9hG4bKa", "sip:a@b"))+"Content-Length: 0\r\n\r\n")
		if got := r.got(); got != nil {
			t.Errorf("ACK was answered: %q", got)
		}
		w.want(w.unit)
		noState(w)
		if n := w.unit.stack.Counters.Challenged.Load(); n != 3 {
			t.Errorf("%d challenged", n)
		}
	})
}

// noState finds every table of the unit empty.
func noState(w *world) {
	w.t.Helper()
	for i := range w.unit.stack.Shards() {
		done := make(chan int, 1)
		w.unit.stack.Shard(i).Post(func(sh *Shard) {
			done <- len(sh.servers) + sh.kept() + len(sh.sessions) + len(sh.calls) + sh.wheel.count
		})
		if n := <-done; n != 0 {
			w.t.Errorf("shard %d keeps %d things", i, n)
		}
	}
}

// TestStrangersLearnNothing sends what scanners send.
func TestStrangersLearnNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4, func(c *Config) { c.Auth = nil })
		defer w.stop()
		r := w.raw("10.0.0.66:5060")
		to := "To: <sip:202@10.0.0.1>"
		tagged := strings.Replace(head("BYE", "z9hG4bKc", "sip:a@b"), to, to+";tag=guess", 1)
		for _, msg := range []string{
			options("z9hG4bKb"),
			invite("z9hG4bKd", "sip:a@b"),
			tagged + "Content-Length: 0\r\n\r\n",
			"\r\n\r\n", "\x00\x00\x00\x00", "jaK", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", strings.Repeat("\xff", 2000),
			"",
			"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKx\r\n\r\n",
		} {
			r.send(unitAddr, msg)
			r.send(trunkAddr, msg)
		}
		if got := r.got(); got != nil {
			t.Errorf("got %q", got)
		}
		w.want(w.unit)
		noState(w)
	})
}

// TestOverloadSheds fills a shard and finds new calls refused with a 503,
// while an emergency call, a registered phone's refresh and what is inside a
// call go through.
func TestOverloadSheds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registered := netip.MustParseAddrPort("10.0.0.67:5060")
		w := newWorld(t, 1, func(c *Config) {
			c.Emergency = func(user []byte) bool { return string(user) == "119" }
			c.KnownSource = func(a netip.AddrPort) bool { return a == registered }
		})
		defer w.stop()
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		se := w.dial("offer")
		wait()
		w.unit.take()
		w.phone.take()
		late := func() { // what is sent now waits for 200 ms, behind a queue that stands
			w.on(w.unit, func(sh *Shard) {
				for range 20 {
					sh.load.saw(waitShort, sh.now)
					sh.now = sh.now.Add(standsFor / 10)
				}
			})
			w.unit.stack.Shard(0).Post(func(*Shard) { time.Sleep(200 * time.Millisecond) })
			synctest.Wait()
		}
		r, known := w.raw("10.0.0.66:5060"), w.raw("10.0.0.67:5060")
		late()
		r.send(unitAddr, invite("z9hG4bKe", "sip:201@10.0.0.66"))
		time.Sleep(250 * time.Millisecond)
		if got := r.got(); len(got) != 1 || !strings.HasPrefix(got[0], "SIP/2.0 503 ") ||
			!strings.Contains(got[0], "\r\nRetry-After: 5\r\n") {
			t.Errorf("got %q", got)
		}
		late()
		r.send(unitAddr, strings.Replace(invite("z9hG4bKf", "sip:201@10.0.0.66"), "sip:202@", "sip:119@", 1))
		time.Sleep(250 * time.Millisecond)
		if got := r.statuses(); len(got) != 1 || got[0] != "200 OK" {
			t.Errorf("emergency: %q", got)
		}
		register := strings.ReplaceAll(options("z9hG4bKg"), "OPTIONS", "REGISTER")
		late()
		r.send(unitAddr, register)
		time.Sleep(250 * time.Millisecond)
		if got := r.statuses(); len(got) != 1 || got[0] != "503 Service Unavailable" {
			t.Errorf("stranger's REGISTER: %q", got)
		}
		late()
		known.send(unitAddr, register)
		time.Sleep(250 * time.Millisecond)
		if got := known.statuses(); len(got) != 1 || got[0] != "200 OK" {
			t.Errorf("phone's REGISTER: %q", got)
		}
		w.unit.take()
		late()
		w.on(w.phone, func(*Shard) { _ = se.Bye("") })
		time.Sleep(250 * time.Millisecond)
		w.want(w.unit, "ended 200")
		w.want(w.phone, "ended 200")
		time.Sleep(2 * overloadHold)
		r.send(unitAddr, invite("z9hG4bKh", "sip:201@10.0.0.66"))
		got := r.got() // with repeated answers to the emergency call
		n := len(got)
		if n == 0 || !strings.HasPrefix(got[n-1], "SIP/2.0 200 ") || !strings.Contains(got[n-1], "z9hG4bKh") {
			t.Errorf("after the overload: %q", got)
		}
	})
}

// TestOverloadShedsPhones has a registered phone begin many calls at an overloaded
// shard: what it repeats is no new call, an emergency call goes through, what
// is no call is told so, and the ACKs of the 503s are nobody's.
func TestOverloadShedsPhones(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, func(c *Config) {
			c.Emergency = func(user []byte) bool { return string(user) == "119" }
			c.KnownSource = everybody
		})
		defer w.stop()
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Refuse(486, "") }
		r := w.raw("10.0.0.67:5060")
		taken := invite("z9hG4bKtaken", "sip:201@10.0.0.67")
		r.send(unitAddr, taken)
		r.got()
		w.on(w.unit, func(sh *Shard) {
			for range 20 {
				sh.load.saw(waitShort, sh.now)
				sh.now = sh.now.Add(standsFor / 10)
			}
		})
		time.Sleep(standsFor / 10 * 20) // the shard's clock was ahead
		w.unit.stack.Shard(0).Post(func(*Shard) { time.Sleep(50 * time.Millisecond) })
		synctest.Wait()
		const many = 3 * placesFew
		for i := range many {
			r.send(unitAddr, invite(fmt.Sprintf("z9hG4bKn%d", i), "sip:201@10.0.0.67"))
		}
		r.send(unitAddr, taken)
		r.send(unitAddr, strings.Replace(invite("z9hG4bKu", "sip:201@10.0.0.67"), "sip:202@", "sip:119@", 1))
		r.send(unitAddr, strings.Replace(invite("z9hG4bKm", "sip:201@10.0.0.67"), "CSeq: 1 INVITE", "CSeq: 1 BYE", 1))
		for i := range many {
			r.send(unitAddr, head("ACK", fmt.Sprintf("z9hG4bKn%d", i), "sip:201@10.0.0.67")+"\r\n\r\n")
		}
		time.Sleep(100 * time.Millisecond)
		got := make(map[string]int)
		for _, status := range r.statuses() {
			got[status]++
		}
		want := map[string]int{
			"503 Service Unavailable": many - placesFew, "486 Busy Here": placesFew + 2, "400 CSeq Method Mismatch": 1,
		}
		if !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		c := &w.unit.stack.Counters
		if shed, strays := c.Shed.Load(), c.Strays.Load(); shed != many-placesFew || strays != many-placesFew {
			t.Errorf("%d shed, %d strays", shed, strays)
		}
	})
}

// TestRetransmissionsAbsorbed repeats a request and finds one call and the
// same answer.
func TestRetransmissionsAbsorbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4)
		defer w.stop()
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Refuse(486, "") }
		r := w.raw("10.0.0.66:5060")
		for range 3 {
			r.send(unitAddr, invite("z9hG4bKi", "sip:201@10.0.0.66"))
		}
		got := r.got()
		if len(got) != 3 || got[0] != got[2] || !strings.HasPrefix(got[0], "SIP/2.0 486 ") {
			t.Errorf("got %q", got)
		}
		w.want(w.unit, "invite")
		merged := strings.Replace(invite("z9hG4bKi", "sip:201@10.0.0.66"), "branch=z9hG4bKi", "branch=z9hG4bKj", 1)
		r.send(unitAddr, merged)
		if got := r.statuses(); len(got) != 1 || got[0] != "482 Loop Detected" {
			t.Errorf("merged: %q", got)
		}
	})
}

// TestTryingAfterSilence gives a 100 when the user says nothing for 200 ms.
func TestTryingAfterSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		r := w.raw("10.0.0.66:5060")
		r.send(unitAddr, invite("z9hG4bKk", "sip:201@10.0.0.66"))
		time.Sleep(190 * time.Millisecond)
		if got := r.got(); got != nil {
			t.Errorf("too early: %q", got)
		}
		time.Sleep(20 * time.Millisecond)
		synctest.Wait()
		if got := r.statuses(); len(got) != 1 || got[0] != "100 Trying" {
			t.Errorf("got %q", got)
		}
	})
}

// TestSymmetricResponse answers to the source port where rport asks for it,
// else to the port of Via (RFC 3581).
func TestSymmetricResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4)
		defer w.stop()
		nat, plain := w.raw("10.0.0.66:61000"), w.raw("10.0.0.66:5060")
		nat.send(unitAddr, options("z9hG4bKl"))
		got := nat.got()
		if len(got) != 1 || !strings.Contains(got[0], ";received=10.0.0.66;rport=61000") {
			t.Errorf("got %q", got)
		}
		nat.send(unitAddr, strings.Replace(options("z9hG4bKm"), ";rport", "", 1))
		if got := plain.got(); len(got) != 1 {
			t.Errorf("got %q", got)
		}
	})
}

// TestWayInsideDialog sends the BYE to the port of a phone's Contact where
// the phone is not behind NAT, and to where it speaks from where it is.
func TestWayInsideDialog(t *testing.T) {
	for contact, port := range map[string]string{
		"sip:201@10.0.0.66:5066":     "5066",
		"sip:201@10.0.0.66":          "5060",
		"sip:201@192.168.0.5:5066":   "61000",
		"sip:201@phone.example:5066": "61000",
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 4)
			defer w.stop()
			w.unit.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
			ports := map[string]*raw{
				"5060": w.raw("10.0.0.66:5060"), "5066": w.raw("10.0.0.66:5066"), "61000": w.raw("10.0.0.66:61000"),
			}
			source := ports["61000"]
			source.send(unitAddr, invite("z9hG4bKa", contact))
			msgs := source.got()
			if len(msgs) != 1 {
				t.Fatalf("got %q", msgs)
			}
			_, tag, _ := strings.Cut(msgs[0], "To: <sip:202@10.0.0.1>")
			tag, _, _ = strings.Cut(tag, "\r\n")
			ack := strings.NewReplacer("INVITE", "ACK", "To: <sip:202@10.0.0.1>", "To: <sip:202@10.0.0.1>"+tag)
			source.send(unitAddr, ack.Replace(head("INVITE", "z9hG4bKb", contact))+"Content-Length: 0\r\n\r\n")
			w.want(w.unit, "invite")
			time.Sleep(time.Minute) // the ACK has another Call-ID: it is none, and the BYE comes
			w.want(w.unit, "ended 408")
			for name, p := range ports {
				byes := strings.Count(strings.Join(p.got(), ""), "BYE "+contact)
				if (byes > 0) != (name == port) {
					t.Errorf("%s: %d BYEs at port %s, want them at %s", contact, byes, name, port)
				}
			}
		})
	}
}

// byAddress is an Authenticator for which a phone's device is chosen by its
// last byte: 66 and 78 are one phone, 77 is another, and 79 is nobody.
type byAddress struct{}

func (byAddress) Authenticate(_ *sip.Message, from edge.Source, _ time.Time) edge.Verdict {
	device := map[byte]string{66: "a", 78: "a", 77: "b"}[from.Remote.Addr().As4()[3]]
	if device == "" {
		return edge.Verdict{Action: edge.Challenge, Status: 401}
	}
	return edge.Verdict{Action: edge.Admit, Identity: edge.Identity{Device: device, Authenticated: true}}
}

// TestHijack has others send into a call whose tags they have read: a
// stranger is challenged, another phone gets nothing, and neither moves the
// call; the phone itself may come from elsewhere.
func TestHijack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4, func(c *Config) { c.Auth = byAddress{} })
		defer w.stop()
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		phone := w.raw("10.0.0.66:5060")
		phone.send(unitAddr, invite("z9hG4bKa", "sip:201@10.0.0.66"))
		_, tag, _ := strings.Cut(phone.got()[0], "To: <sip:202@10.0.0.1>")
		tag, _, _ = strings.Cut(tag, "\r\n")
		inside := func(method, branch, seq string) string {
			return strings.NewReplacer("To: <sip:202@10.0.0.1>", "To: <sip:202@10.0.0.1>"+tag,
				"raw-"+branch, "raw-z9hG4bKa", "CSeq: 1", "CSeq: "+seq).
				Replace(head(method, branch, "sip:201@10.0.0.66")) + "Content-Length: 0\r\n\r\n"
		}
		nobody, other, moved := w.raw("10.0.0.79:5060"), w.raw("10.0.0.77:5060"), w.raw("10.0.0.78:5060")
		nobody.send(unitAddr, inside("ACK", "z9hG4bKb", "1"))
		w.want(w.unit, "invite")
		phone.send(unitAddr, inside("ACK", "z9hG4bKb", "1"))
		w.want(w.unit, "confirmed")
		nobody.send(unitAddr, inside("BYE", "z9hG4bKc", "2"))
		other.send(unitAddr, inside("BYE", "z9hG4bKd", "2"))
		w.want(w.unit)
		if got := nobody.statuses(); len(got) != 1 || got[0] != "401 Unauthorized" {
			t.Errorf("nobody got %q", got)
		}
		if got := other.statuses(); got != nil {
			t.Errorf("the other phone got %q", got)
		}
		moved.send(unitAddr, inside("OPTIONS", "z9hG4bKe", "3"))
		if got := moved.statuses(); len(got) != 1 || got[0] != "200 OK" {
			t.Errorf("the phone got %q", got)
		}
		moved.send(unitAddr, inside("BYE", "z9hG4bKf", "4"))
		w.want(w.unit, "ended 200")
	})
}

// TestUnknownDialog answers 481 to requests of calls from before a restart,
// and nothing to guessed tags.
func TestUnknownDialog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4)
		defer w.stop()
		r := w.raw("10.0.0.66:5060")
		bye := head("BYE", "z9hG4bKn", "sip:201@10.0.0.66") + "Content-Length: 0\r\n\r\n"
		old := "s02" + strings.Repeat("ab", idRandom)
		r.send(unitAddr, strings.Replace(bye, "To: <sip:202@10.0.0.1>", "To: <sip:202@10.0.0.1>;tag="+old, 1))
		if got := r.statuses(); len(got) != 1 || got[0] != "481 Call/Transaction Does Not Exist" {
			t.Errorf("got %q", got)
		}
		noState(w)
	})
}
