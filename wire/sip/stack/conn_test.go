package stack

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/wire/sip/edge"
)

// stream is a peer's end of a TCP connection to the unit.
type stream struct {
	net.Conn
	mu     sync.Mutex
	text   string
	closed bool
}

func (w *world) stream(from string) *stream {
	w.t.Helper()
	c, err := w.net.Dial(context.Background(), "", "", netip.MustParseAddrPort(from+":0"), unitAddr, "")
	if err != nil {
		w.t.Fatal(err)
	}
	s := &stream{Conn: c}
	go func() { // ends when the connection does
		buf := make([]byte, 4096)
		for {
			n, err := c.Read(buf)
			s.mu.Lock()
			s.text += string(buf[:n])
			s.closed = s.closed || err != nil
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	synctest.Wait()
	return s
}

func (s *stream) say(t *testing.T, text string) {
	t.Helper()
	if _, err := s.Write([]byte(text)); err != nil {
		t.Error(err)
	}
	synctest.Wait()
}

func (s *stream) heard() (text string, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, s.text = s.text, ""
	return text, s.closed
}

func overTCP(msg string) string { return strings.Replace(msg, "SIP/2.0/UDP", "SIP/2.0/TCP", 1) }

// TestStreamFrames sends two requests in one write, one in pieces, and
// keep-alives between.
func TestStreamFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4)
		defer w.stop()
		s := w.stream("10.0.0.66")
		defer s.Close()
		s.say(t, overTCP(options("z9hG4bKa"))+overTCP(options("z9hG4bKb")))
		if text, _ := s.heard(); strings.Count(text, "SIP/2.0 200 OK\r\n") != 2 {
			t.Errorf("heard %q", text)
		}
		s.say(t, "\r\n\r\n")
		if text, _ := s.heard(); text != "\r\n" {
			t.Errorf("pong is %q", text)
		}
		for piece := range strings.SplitAfterSeq(overTCP(options("z9hG4bKc")), "\r\n") {
			s.say(t, piece)
		}
		if text, _ := s.heard(); strings.Count(text, "SIP/2.0 200 OK\r\n") != 1 {
			t.Errorf("heard %q", text)
		}
		if n := w.unit.stack.Counters.Connections.Load(); n != 1 {
			t.Errorf("%d connections", n)
		}
		w.unit.take()
	})
}

// TestStreamIdle closes connections that say nothing, or nothing whole.
func TestStreamIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		silent, slow, good := w.stream("10.0.0.66"), w.stream("10.0.0.67"), w.stream("10.0.0.68")
		good.say(t, overTCP(options("z9hG4bKa")))
		for range 50 {
			time.Sleep(time.Second)
			_, _ = slow.Write([]byte("x"))
		}
		synctest.Wait()
		if _, closed := silent.heard(); !closed {
			t.Error("a silent connection stays")
		}
		if _, closed := slow.heard(); !closed {
			t.Error("a trickling connection stays")
		}
		if _, closed := good.heard(); closed {
			t.Error("a used connection was closed")
		}
		time.Sleep(2 * connIdleMax)
		if _, closed := good.heard(); !closed {
			t.Error("an idle connection stays for ever")
		}
		if n := w.unit.stack.Counters.Connections.Load(); n != 0 {
			t.Errorf("%d connections left", n)
		}
	})
}

// TestStreamLimit refuses more strangers from one address than there may be;
// who was admitted is none.
func TestStreamLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		for i := range 10 {
			w.stream("10.0.0.66").say(t, overTCP(options(fmt.Sprint("z9hG4bK", i))))
		}
		for range strangersPerAddr + 1 {
			w.stream("10.0.0.66")
		}
		w.stream("10.0.0.67")
		c := &w.unit.stack.Counters
		if open, refused := c.Connections.Load(), c.ConnRefused.Load(); open != strangersPerAddr+11 || refused != 1 {
			t.Errorf("%d open, %d refused", open, refused)
		}
	})
}

// TestStreamStranger gives who is not admitted 30 s in all, however much it
// says; and who is admitted 30 s for the rest of a message.
func TestStreamStranger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4, func(c *Config) { c.Auth = bouncer{} })
		defer w.stop()
		stranger, known := w.stream("10.0.0.66"), w.stream("10.0.0.67")
		open := strings.Replace(overTCP(options("z9hG4bKb")), "CSeq", "Proxy-Authorization: Digest open\r\nCSeq", 1)
		known.say(t, open)
		for i := range 29 {
			stranger.say(t, overTCP(options(fmt.Sprint("z9hG4bKs", i))))
			time.Sleep(time.Second)
		}
		if _, closed := stranger.heard(); closed {
			t.Error("closed too early")
		}
		time.Sleep(2 * time.Second)
		if text, closed := stranger.heard(); !closed || strings.Contains(text, "200 OK") {
			t.Errorf("a stranger stays, %q", text)
		}
		time.Sleep(time.Hour)
		known.say(t, "OPTIONS sip:x")
		for range 90 {
			time.Sleep(time.Second)
			_, _ = known.Write([]byte("x"))
		}
		synctest.Wait()
		if _, closed := known.heard(); !closed {
			t.Error("a message may trickle for ever")
		}
	})
}

// TestStreamJunk closes a connection whose bytes are no SIP.
func TestStreamJunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		for _, junk := range []string{
			"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
			strings.Repeat("a", 70_000),
			"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bKa\r\n\r\n",
			"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 9999999\r\n\r\n",
		} {
			s := w.stream("10.0.0.66")
			go func() { _, _ = s.Write([]byte(junk)) }() // ends when the connection closes
			synctest.Wait()
			if text, closed := s.heard(); !closed || strings.Contains(text, "SIP/2.0 2") {
				t.Errorf("%.20q: heard %q, closed %v", junk, text, closed)
			}
		}
		w.want(w.unit)
	})
}

// TestCallOverTCP calls a phone on the connection it opened, and fails at
// once when that is gone.
func TestCallOverTCP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 4)
		defer w.stop()
		var place edge.Source
		w.unit.request = func(_ *Shard, r *Request) {
			place = r.From()
			_ = r.Respond(200, "")
		}
		w.phone.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		// The phone opens its connection as a line would.
		phone := w.phone.stack
		w.on(w.phone, func(sh *Shard) {
			tcp := phone.listeners[1]
			f := flow{listener: tcp, remote: unitAddr, conn: phone.connTo(tcp, unitAddr, "")}
			sh.send([]byte(strings.ReplaceAll(overTCP(options("z9hG4bKa")), "10.0.0.66", "10.0.0.21")), &f, branch{})
		})
		wait()
		w.unit.take()
		if place.Transport != "tcp" || place.Listener != "phones-tcp" {
			t.Fatalf("place %+v", place)
		}
		call := PhoneCall{
			Place: place, URI: "sip:201@10.0.0.21;transport=tcp", From: "<sip:202@10.0.0.1>", To: "<sip:201@10.0.0.1>",
			Body: sdp("offer"), Owner: w.unit,
		}
		var se *Session
		w.on(w.unit, func(sh *Shard) { se, _ = sh.Invite(call) })
		wait()
		w.want(w.unit, "answered 200 answer")
		w.want(w.phone, "invite", "confirmed")
		w.on(w.unit, func(*Shard) { _ = se.Bye("") })
		wait()
		w.want(w.unit, "ended 200")
		w.on(w.phone, func(*Shard) { phone.conns.closeAll() })
		w.on(w.unit, func(sh *Shard) {
			if _, err := sh.Invite(call); err == nil {
				t.Error("Invite to a closed connection")
			}
		})
	})
}
