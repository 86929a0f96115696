package stack

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// keyOf is the key of the n-th transaction: as good as a hash.
func keyOf(n int) txKey { return txKey{uint64(n) * 0x9E3779B97F4A7C15, 1} }

// kept is how many settled transactions can be found.
func (sh *Shard) kept() int { return sh.settled.index.used + sh.registered.index.used }

// fill settles n transactions.
func fill(l *lingering, from, n int, now time.Time) (added int) {
	for i := range n {
		s := settled{key: keyOf(from + i + 1), until: now.Add(32 * time.Second)}
		if !l.add(s, []byte("SIP/2.0 200 OK"), now) {
			return i
		}
	}
	return n
}

// TestLingeringRush fills a shard's settled transactions: within lingerMin
// nothing is forgotten and no more than the limit taken, afterwards the
// oldest make room, and in the end all are gone.
func TestLingeringRush(t *testing.T) {
	const most = lingerEach * lingerBlocksMax
	l, now := newLingering(lingerMin), time.Unix(1_000_000, 0)
	if n := fill(&l, 0, most+10, now); n != most {
		t.Fatalf("%d taken, want %d", n, most)
	}
	now = now.Add(lingerMin - time.Millisecond)
	if l.room(0, now) || fill(&l, most, 1, now) != 0 {
		t.Error("room was made too early")
	}
	if !l.has(keyOf(1), now) {
		t.Error("the oldest is gone too early")
	}
	now = now.Add(time.Millisecond)
	if n := fill(&l, most, lingerEach+1, now); n != lingerEach+1 {
		t.Errorf("%d taken when the oldest may go", n)
	}
	known := map[int]bool{0: false, 4*lingerEach - 1: false, 4 * lingerEach: true, most + lingerEach: true}
	for i, want := range known {
		if got := l.has(keyOf(i+1), now); got != want {
			t.Errorf("transaction %d is known: %v", i, got)
		}
	}
	last := most + lingerEach + 1
	for range 16 {
		now = now.Add(lingerMin)
		last += fill(&l, last, most/8, now)
	}
	if len(l.blocks) > lingerBlocks+2 {
		t.Errorf("%d blocks are kept after the rush", len(l.blocks))
	}
	s, b := l.find(keyOf(last), now)
	if s == nil {
		t.Fatal("the newest is gone")
	}
	if string(b.bytes[s.from:s.to]) != "SIP/2.0 200 OK" {
		t.Errorf("response %q", b.bytes[s.from:s.to])
	}
	if at := l.expire(now.Add(32 * time.Second)); !at.IsZero() || l.index.used != 0 || len(l.blocks) != 0 {
		t.Errorf("left: %d, next at %v", l.index.used, at)
	}
	if len(l.spare) != lingerSpare {
		t.Errorf("%d blocks are kept", len(l.spare))
	}
}

// TestLingeringLargeResponses: bytes end a block as well as numbers.
func TestLingeringLargeResponses(t *testing.T) {
	l, now := newLingering(lingerMin), time.Unix(1_000_000, 0)
	large := []byte(strings.Repeat("x", lingerBytes/2+1))
	for i := range 3 {
		until := now.Add(time.Duration(3-i) * time.Second)
		s := settled{key: txKey{uint64(i), 1}, call: txKey{uint64(i), 2}, until: until}
		if !l.add(s, large, now) {
			t.Fatal("no room")
		}
	}
	if len(l.blocks) != 3 {
		t.Errorf("%d blocks", len(l.blocks))
	}
	now = now.Add(1500 * time.Millisecond)
	for i := range 3 {
		if got := l.has(txKey{uint64(i), 2}, now); got != (i < 2) {
			t.Errorf("call %d is known: %v", i, got)
		}
	}
}

// TestSettled repeats a request that was answered: the same answer, for 32 s,
// and to nobody else.
func TestSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		asked := 0
		w.unit.request = func(_ *Shard, r *Request) {
			asked++
			_ = r.Respond(200, fmt.Sprint("Time ", asked))
			if err := r.Respond(200, "Twice"); err == nil {
				t.Error("answered twice")
			}
		}
		r, other := w.raw("10.0.0.66:5060"), w.raw("10.0.0.67:5060")
		for _, after := range []time.Duration{0, 31 * time.Second, 2 * time.Second} {
			time.Sleep(after)
			r.send(unitAddr, options("z9hG4bKa"))
			want := "200 Time 1"
			if after == 2*time.Second {
				want = "200 Time 2"
			}
			if got := r.statuses(); len(got) != 1 || got[0] != want {
				t.Errorf("after %v: %q", after, got)
			}
			other.send(unitAddr, options("z9hG4bKa"))
			if got := other.statuses(); len(got) != 0 {
				t.Errorf("a stranger got %q", got)
			}
		}
		w.settle()
	})
}

// TestSettledInvite repeats an INVITE whose call is up and over: it neither
// gets an answer nor begins another call, a CANCEL for it comes too late, and
// by another way it is one too many.
func TestSettledInvite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		defer w.stop()
		w.unit.invite = func(_ *Shard, se *Session) { _ = se.Answer(sdp("answer")) }
		r := w.raw("10.0.0.66:5060")
		msg := invite("z9hG4bKa", "sip:201@10.0.0.66")
		r.send(unitAddr, msg)
		answer := strings.Join(r.got(), "")
		_, tag, _ := strings.Cut(answer, "To: <sip:202@10.0.0.1>;tag=")
		tag, _, _ = strings.Cut(tag, "\r\n")
		tables := func() (got string) {
			w.on(w.unit, func(sh *Shard) {
				got = fmt.Sprint(len(sh.servers), len(sh.byTx), len(sh.calls), sh.kept())
			})
			return got
		}
		if got := tables(); got != "1 1 1 0" {
			t.Errorf("before the ACK: %s", got)
		}
		send := func(method, branch, tag string, seq int) {
			m := strings.NewReplacer("branch=z9hG4bKa", "branch="+branch, "To: <sip:202@10.0.0.1>",
				"To: <sip:202@10.0.0.1>"+tag, "CSeq: 1", fmt.Sprint("CSeq: ", seq))
			r.send(unitAddr, m.Replace(head(method, "z9hG4bKa", "sip:201@10.0.0.66")+"Content-Length: 0\r\n\r\n"))
		}
		send("ACK", "z9hG4bKack", ";tag="+tag, 1)
		if got := tables(); got != "0 0 0 2" {
			t.Errorf("after the ACK: %s", got)
		}
		send("BYE", "z9hG4bKbye", ";tag="+tag, 2)
		if got := strings.Join(r.statuses(), ", "); got != "200 OK" {
			t.Errorf("BYE: %q", got)
		}
		w.unit.take()
		r.send(unitAddr, msg)
		send("CANCEL", "z9hG4bKa", "", 1)
		r.send(unitAddr, strings.ReplaceAll(msg, "branch=z9hG4bKa", "branch=z9hG4bKotherway"))
		if got := strings.Join(r.statuses(), ", "); got != "200 OK, 482 Loop Detected" {
			t.Errorf("INVITE again, CANCEL, INVITE by another way: %q", got)
		}
		w.want(w.unit)
		w.settle()
	})
}

// TestSettledInvitesBounded makes more calls than settledInvitesMax: the
// oldest INVITEs with their final response are let go, but not before
// lingerMin.
func TestSettledInvitesBounded(t *testing.T) {
	for name, status := range map[string]int{"answered": 200, "refused": 486} {
		t.Run(name, func(t *testing.T) {
			sh := loneShard(t)
			settled := func() branch {
				tx := sh.spareClient()
				tx.branch, tx.method, tx.flow.listener = sh.newBranch(), sip.INVITE, sh.listeners[0]
				tx.core, _ = transaction.NewClient(tx.flow.listener.Timers, true, false, sh.now)
				sh.clients[tx.branch] = tx
				tx.core.Response(sh.now, status)
				tx.act(0, nil)
				return tx.branch
			}
			first := settled()
			for range settledInvitesMax {
				settled()
			}
			if len(sh.clients) != settledInvitesMax+1 || sh.clients[first] == nil {
				t.Errorf("%d are kept within %v", len(sh.clients), lingerMin)
			}
			sh.now = sh.now.Add(lingerMin)
			for range 3 {
				settled()
			}
			if n := sh.settledInvites; len(sh.clients) != settledInvitesMax+1 || n != settledInvitesMax+1 ||
				sh.clients[first] != nil {
				t.Errorf("%d are kept, %d listed", len(sh.clients), n)
			}
		})
	}
}

func loneShard(t *testing.T) *Shard {
	st, err := New(Config{
		Listeners: []Listener{{Name: "phones", Side: PhoneSide, Transport: "udp", Address: unitAddr}},
		Packets:   []Packets{NewNetwork().Packets(unitAddr)}, Handler: new(agent),
	})
	if err != nil {
		t.Fatal(err)
	}
	return st.Shard(0)
}

// TestAnAnsweredByeIsForgotten: a busy unit hangs up thousands of calls a
// second, and keeps nothing of a BYE that has its answer.
func TestAnAnsweredByeIsForgotten(t *testing.T) {
	for method, kept := range map[sip.Method]int{sip.BYE: 0, sip.OPTIONS: 0, sip.CANCEL: 1} {
		sh := loneShard(t)
		f := flow{listener: sh.listeners[0], remote: phoneAddr}
		b := sh.newBranch()
		sh.newClient(nil, b, f, []byte("x"), method, 7)
		m := &sip.Message{}
		text := fmt.Sprintf("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP %s;branch=%s\r\nFrom: <sip:a@b>;tag=1\r\n"+
			"To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 7 %s\r\nContent-Length: 0\r\n\r\n",
			unitAddr, sh.appendBranch(nil, b), method)
		if err := sip.Parse([]byte(text), m); err != nil {
			t.Fatal(err)
		}
		sh.response(m, f)
		if n := len(sh.clientsOf(method)); n != kept || sh.stack.Counters.Strays.Load() != 0 {
			t.Errorf("%s with its answer: %d are kept, want %d", method, n, kept)
		}
	}
}

// TestLingeringRegisters lets phones register faster than a shard could keep
// for lingerMin what it answered: all are taken, each is kept for
// lingerRegister at least, and calls have their room beside them.
func TestLingeringRegisters(t *testing.T) {
	const each, seconds = 60_000, 10
	sh := &Shard{settled: newLingering(lingerMin), registered: newLingering(lingerRegister)}
	registers, calls := sh.lingering(sip.REGISTER), sh.lingering(sip.INVITE)
	now := time.Unix(1_000_000, 0)
	for i := range each * seconds {
		now = now.Add(time.Second / each)
		if fill(registers, i, 1, now) != 1 {
			t.Fatalf("REGISTER %d had no room after %d s", i, i/each)
		}
		if first := i + 1 - each*9/10; i%10_000 == 0 && first > 0 && !registers.has(keyOf(first), now) {
			t.Fatalf("REGISTER %d is forgotten before its time", first)
		}
	}
	if registers == calls || !calls.room(lingerReserve, now) || calls.index.used != 0 {
		t.Error("registrations take the room of calls")
	}
	if at := sh.expire(now); at.IsZero() {
		t.Error("nothing wakes the shard to forget them")
	}
	if at := sh.expire(now.Add(32 * time.Second)); !at.IsZero() || registers.index.used != 0 {
		t.Errorf("left: %d, next at %v", registers.index.used, at)
	}
}
