package stack

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// text collects a log.
type text struct {
	mu sync.Mutex
	b  strings.Builder
}

func (t *text) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

// TestJunkLeavesNothing sends 20,000 datagrams of junk, each from another
// address: nothing is kept, a few lines are logged, and none of its bytes.
func TestJunkLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log text
		w := newWorld(t, 4, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		defer w.stop()
		const many = 20_000
		for i := range many {
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{11, 0, byte(i >> 8), byte(i)}), 5060)
			w.net.deliver(from, unitAddr, []byte("EVIL-BYTES\r\n\r\n"))
			if i%1000 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		if n := w.unit.stack.Counters.Junk.Load(); n != many {
			t.Errorf("%d counted", n)
		}
		noState(w)
		log.mu.Lock()
		defer log.mu.Unlock()
		if n := strings.Count(log.b.String(), "\n"); n != junkLinesPerMin || strings.Contains(log.b.String(), "EVIL") {
			t.Errorf("%d lines: %s", n, log.b.String())
		}
	})
}

// TestMailboxFull posts more than fits, from outside, while the loop is busy.
func TestMailboxFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		sh := w.unit.stack.Shard(0)
		busy := make(chan struct{})
		sh.Post(func(*Shard) { <-busy })
		synctest.Wait()
		ran := 0
		for i := range mailboxPosts + 10 {
			if ok := sh.Post(func(*Shard) { ran++ }); ok != (i < mailboxPosts) {
				t.Fatalf("post %d: %v", i, ok)
			}
		}
		way := flow{listener: w.unit.stack.listeners[0], remote: phoneAddr}
		for range mailboxPackets + 10 {
			sh.handOver([]byte(options("z9hG4bKa")), way, time.Time{})
		}
		if n := w.unit.stack.Counters.Overflow.Load(); n != 20 {
			t.Errorf("%d overflows, want 20", n)
		}
		close(busy)
		synctest.Wait()
		if ran != mailboxPosts {
			t.Errorf("%d ran", ran)
		}
		w.unit.stack.Stop()
		if sh.Post(func(*Shard) {}) {
			t.Error("a stopped shard takes posts")
		}
	})
}

// TestContextEndsStack cancels what Start was given.
func TestContextEndsStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, net: NewNetwork()}
		a := new(agent)
		st, err := New(w.peer(a, phoneAddr))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		if err := st.Start(ctx); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		if st.Shard(0).Post(func(*Shard) {}) {
			t.Error("the loop goes on")
		}
		st.Stop()
	})
}

// TestTablesFull fills the transactions and the sessions of a shard.
func TestTablesFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		r := w.raw("10.0.0.66:5060")
		w.unit.stack.cfg.Emergency = func(user []byte) bool { return string(user) == "119" }
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Refuse(486, "") }
		w.on(w.unit, func(sh *Shard) {
			for i := range sessionsMax - emergencyReserve {
				sh.sessions[fmt.Sprint(i)] = nil
			}
		})
		emergency := strings.Replace(invite("z9hG4bKe", "sip:201@10.0.0.66"), "sip:202@", "sip:119@", 1)
		r.send(unitAddr, emergency)
		if got := r.statuses(); len(got) != 1 || got[0] != "486 Busy Here" {
			t.Errorf("emergency call with full tables: %q", got)
		}
		w.unit.take()
		r.send(unitAddr, invite("z9hG4bKa", "sip:201@10.0.0.66"))
		if got := r.statuses(); len(got) != 1 || got[0] != "503 Service Unavailable" {
			t.Errorf("sessions full: %q", got)
		}
		w.on(w.unit, func(sh *Shard) {
			clear(sh.sessions)
			for i := range serversMax - emergencyReserve - dialogReserve {
				sh.servers[txKey{1, uint64(i)}] = nil
			}
			var bye sip.Message
			if err := sip.Parse([]byte(options("z9hG4bKbye")), &bye); err != nil {
				t.Fatal(err)
			}
			tx := sh.newServer(&bye, flow{listener: sh.stack.listeners[0]}, sh.serverKey(&bye), 0)
			if tx == nil {
				t.Error("no room for a request inside a dialog")
				return
			}
			tx.forget()
			sh.handled = nil
		})
		r.send(unitAddr, options("z9hG4bKb"))
		if got := r.statuses(); len(got) != 1 || got[0] != "503 Service Unavailable" {
			t.Errorf("transactions full: %q", got)
		}
		w.on(w.unit, func(sh *Shard) {
			clear(sh.servers)
			for i := range clientsMax - emergencyReserve {
				sh.clients[branch{1, byte(i >> 16), byte(i >> 8), byte(i)}] = nil
			}
		})
		l, got := w.line(trunkConfig()), 0
		w.on(w.unit, func(sh *Shard) {
			o := Outgoing{Method: sip.OPTIONS, URI: "sip:10.9.9.9", From: "<sip:a@b>", To: "<sip:a@b>"}
			_ = l.Send(sh, o, func(_ *Shard, r Result) { got = r.Status })
		})
		time.Sleep(time.Second)
		synctest.Wait()
		if got != 503 {
			t.Errorf("OPTIONS with full tables: %d", got)
		}
		w.carrier.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		if _, err := w.callOut(l, passFor(t, "c", "trunk"), LineCall{Call: "c"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		w.want(w.unit, "answered 200 answer") // the pass is for an emergency number
	})
}

// TestStreamsWait holds a loop up while more comes over TCP than its mailbox
// takes from streams: the reader waits, nothing is lost, and datagrams have
// room beside it.
func TestStreamsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		const sent = 2*mailboxStreams + 10
		sh, c := w.unit.stack.Shard(0), &w.unit.stack.Counters
		busy := make(chan struct{})
		sh.Post(func(*Shard) { <-busy })
		s := w.stream("10.0.0.66")
		done := make(chan struct{})
		go func() { // ends when all is written, or the connection closes
			defer close(done)
			for i := range sent {
				_, _ = s.Write([]byte(overTCP(options(fmt.Sprint("z9hG4bK", i)))))
			}
		}()
		time.Sleep(time.Second)
		if n := sh.mail.len(); n != mailboxStrangers {
			t.Errorf("%d of a stranger's wait in the mailbox, want %d", n, mailboxStrangers)
		}
		udp := flow{listener: w.unit.stack.listeners[0], remote: phoneAddr}
		sh.handOver([]byte(options("z9hG4bKa")), udp, time.Time{})
		close(busy)
		<-done
		time.Sleep(time.Second)
		if got, lost := c.Received.Load(), c.Overflow.Load(); got != sent+1 || lost != 0 {
			t.Errorf("of %d messages %d came to the loop, %d were lost", sent+1, got, lost)
		}
		w.unit.take()
	})
}

// TestStrangersLeaveRoom: strangers' connections fill a part of the mailbox,
// those on which somebody was admitted, and our own, more, datagrams all.
func TestStrangersLeaveRoom(t *testing.T) {
	var b mailbox
	known := new(conn)
	known.known.Store(true)
	for _, c := range []struct {
		of   *conn
		most int
	}{
		{new(conn), mailboxStrangers},
		{known, mailboxStreams},
		{&conn{dialed: true}, mailboxStreams},
		{nil, mailboxPackets},
	} {
		for {
			if ok, _ := b.putPacket([]byte("x"), flow{conn: c.of}, time.Time{}); !ok {
				break
			}
		}
		if b.len() != c.most {
			t.Errorf("%d wait, want %d", b.len(), c.most)
		}
	}
}

// TestMailboxTurns takes what waits in the order in which it came, no more than
// a turn's worth at once.
func TestMailboxTurns(t *testing.T) {
	var b mailbox
	var packets []packet
	put, took := 0, 0
	for range 200 {
		for range 2 * mailboxTurn {
			ok, wake := b.putPacket(binary.BigEndian.AppendUint32(nil, uint32(put)), flow{}, time.Time{})
			if ok != (put-took < mailboxPackets) || wake != (put == took) {
				t.Fatalf("with %d waiting: taken in %v, woken %v", put-took, ok, wake)
			}
			if ok {
				put++
			}
		}
		packets, _ = b.take(packets, nil)
		for _, p := range packets {
			if got := int(binary.BigEndian.Uint32(p.buf)); got != took {
				t.Fatalf("%d came after %d", got, took-1)
			}
			took++
		}
		if len(packets) > mailboxTurn {
			t.Fatalf("%d at once", len(packets))
		}
	}
	for b.len() > 0 {
		packets, _ = b.take(packets, nil)
		took += len(packets)
	}
	if took != put || len(b.packets) != 0 || cap(b.packets) > 4*mailboxPackets {
		t.Errorf("%d of %d taken, room for %d kept", took, put, cap(b.packets))
	}
}
