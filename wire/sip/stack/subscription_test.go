package stack

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/subscription"
)

// bulletin is a Notifier: a number that goes up.
type bulletin struct {
	mu    sync.Mutex
	n     int
	subs  []*Subscription
	notes []string
	err   error // of the last Subscribe
}

func (b *bulletin) Notification(_ *Shard, _ *Subscription, _ uint32) (session.Body, []session.Header) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return session.Body{Type: "text/plain", Bytes: fmt.Appendf(nil, "state %d", b.n)}, nil
}

func (b *bulletin) SubscriptionEvent(_ *Shard, s *Subscription, what subscription.Op, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch what {
	case subscription.OpTold:
		b.notes = append(b.notes, "told")
	case subscription.OpRefreshed:
		b.notes = append(b.notes, "refreshed")
	case subscription.OpOver:
		b.notes = append(b.notes, "over "+why)
		b.subs = slices.DeleteFunc(b.subs, func(o *Subscription) bool { return o == s })
	}
}

// takes has the unit's agent subscribe whoever asks.
func (b *bulletin) takes(_ *Shard, r *Request) {
	s, err := r.Subscribe(subscription.Config{Least: time.Minute, Usual: time.Hour, Most: time.Hour}, b)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err = err; err == nil {
		b.subs = append(b.subs, s)
	}
}

func (b *bulletin) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.notes
	b.notes = nil
	return n
}

func (b *bulletin) list() []*Subscription {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.subs)
}

// set changes the state and tells everybody.
func (b *bulletin) set(n int) {
	b.mu.Lock()
	b.n = n
	b.mu.Unlock()
	for _, s := range b.list() {
		s.Shard().Post(func(*Shard) { s.News() })
	}
	synctest.Wait()
}

func wantNotes(t *testing.T, b *bulletin, want ...string) {
	t.Helper()
	synctest.Wait()
	if got := b.take(); !slices.Equal(got, want) {
		t.Fatalf("owner heard %s, want %s", strings.Join(got, " | "), strings.Join(want, " | "))
	}
}

// byHost is an Authenticator for which each address is a phone, but for one.
type byHost struct{}

func (byHost) Authenticate(_ *sip.Message, from edge.Source, _ time.Time) edge.Verdict {
	host := from.Remote.Addr().String()
	if host == "10.0.0.99" {
		return edge.Verdict{Action: edge.Challenge, Status: 401}
	}
	return edge.Verdict{Action: edge.Admit, Identity: edge.Identity{Device: host, Authenticated: true}}
}

// board runs a test in a world whose unit has a bulletin.
func board(t *testing.T, f func(t *testing.T, w *world, b *bulletin)) {
	for _, shards := range []int{1, 4} {
		t.Run(fmt.Sprintf("%d shards", shards), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, shards, func(c *Config) { c.Auth = byHost{} })
				defer w.stop()
				b := new(bulletin)
				w.unit.request = b.takes
				f(t, w, b)
				w.settle()
			})
		})
	}
}

func TestSubscription(t *testing.T) {
	board(t, func(t *testing.T, w *world, b *bulletin) {
		p := w.watcher("10.0.0.66:5062")
		p.subscribe(100)
		p.want("200 100", "1 active: state 0")
		wantNotes(t, b, "refreshed", "told")
		b.set(1)
		b.set(2) // the NOTIFY of 1 has no answer yet
		p.want("2 active: state 1")
		p.want("3 active: state 2")
		p.subscribe(100)
		p.want("200 100", "4 active: state 2")
		p.subscribe(0)
		p.want("200 0", "5 terminated;reason=timeout: state 2")
		wantNotes(t, b, "told", "told", "refreshed", "told", "over asked")
		p.subscribe(100)
		p.want("481")
	})
}

func TestSubscriptionRunsOut(t *testing.T) {
	board(t, func(t *testing.T, w *world, b *bulletin) {
		p := w.watcher("10.0.0.66:5062")
		p.subscribe(100)
		p.want("200 100", "1 active: state 0")
		time.Sleep(100*time.Second + wheelTick)
		synctest.Wait()
		p.want("2 terminated;reason=timeout: state 0")
		wantNotes(t, b, "refreshed", "told", "over expired")
	})
}

func TestSubscriptionRefused(t *testing.T) {
	board(t, func(t *testing.T, w *world, b *bulletin) {
		p := w.watcher("10.0.0.66:5062")
		p.subscribe(10)
		p.want("423 60")
		if !errors.Is(b.err, ErrRefused) {
			t.Errorf("error: %v", b.err)
		}
		w.unit.stack.Shard(0).Post(func(sh *Shard) {
			r := &Request{sh: sh, line: "trunk"}
			if _, err := r.Subscribe(subscription.Config{}, b); !errors.Is(err, ErrMethod) {
				t.Errorf("a line subscribed: %v", err)
			}
		})
		synctest.Wait()
	})
}

// TestSubscriberIsGone has phones that do not answer, or know nothing of it.
func TestSubscriberIsGone(t *testing.T) {
	board(t, func(t *testing.T, w *world, b *bulletin) {
		silent, reset := w.watcher("10.0.0.66:5062"), w.watcher("10.0.0.67:5062")
		silent.answer = 0
		silent.subscribe(3000)
		reset.subscribe(3000)
		reset.heard()
		reset.answer = 481
		b.set(1)
		reset.want("2 active: state 1")
		time.Sleep(33 * time.Second)
		synctest.Wait()
		if left := b.list(); len(left) != 0 {
			t.Errorf("%d subscriptions are left", len(left))
		}
		heard := silent.heard()
		if len(heard) < 8 || heard[1] != "1 active: state 0" {
			t.Errorf("the silent one was told %s", heard)
		}
		wantNotes(t, b, "refreshed", "refreshed", "told", "over unknown", "over silent")
	})
}

// TestOldestSubscriptionGoes has a phone restart more often than it may have
// subscriptions.
func TestOldestSubscriptionGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, func(c *Config) { c.Auth = byAddress{} })
		defer w.stop()
		b := new(bulletin)
		w.unit.request = b.takes
		p := w.watcher("10.0.0.66:5062")
		call := 0
		say := p.say
		p.say = func(msg string) { say(strings.Replace(msg, "Call-ID: w", fmt.Sprintf("Call-ID: %dw", call), 1)) }
		for call = range subscriptionsPerDevice {
			p.tag = ""
			p.subscribe(100)
		}
		first := b.list()[0]
		call, p.tag = 0, first.tag
		p.subscribe(100) // the first one lives
		call, p.tag = subscriptionsPerDevice, ""
		p.subscribe(100)
		left := b.list()
		if len(left) != subscriptionsPerDevice || left[0] != first {
			t.Errorf("%d subscriptions; the first one is there: %t", len(left), left[0] == first)
		}
		if got := b.take(); !slices.Contains(got, "over "+whyCrowded) {
			t.Errorf("the owner heard %s", got)
		}
	})
}

// TestSubscriptionOfOthers has a stranger try to end one whose tags he read.
func TestSubscriptionOfOthers(t *testing.T) {
	board(t, func(t *testing.T, w *world, b *bulletin) {
		p := w.watcher("10.0.0.66:5062")
		p.subscribe(100)
		p.want("200 100", "1 active: state 0")
		thief := w.raw("10.0.0.99:5062")
		say := p.say
		p.say = func(msg string) { thief.send(unitAddr, msg) }
		p.subscribe(0)
		p.say = say
		b.set(1)
		p.want("2 active: state 1")
		if got := thief.statuses(); slices.Contains(got, "200 OK") {
			t.Errorf("the thief heard %s", got)
		}
	})
}

// TestSubscriptionOnAConnection has a phone on TCP lose its connection, and
// come back with another by a registration.
func TestSubscriptionOnAConnection(t *testing.T) {
	eachAdrift(t, func(t *testing.T, a *harbor) {
		b := new(bulletin)
		registers := a.unit.request
		a.unit.request = func(sh *Shard, r *Request) {
			if r.Message.Method().String() == "SUBSCRIBE" {
				b.takes(sh, r)
				return
			}
			registers(sh, r)
		}
		s := a.register("10.0.0.66", "z9hG4bKr1")
		p := overStream(t, s, "10.0.0.66:5062")
		p.subscribe(3000)
		a.unit.take()
		if got := p.heard(); len(got) != 2 || got[1] != "1 active: state 0" {
			t.Fatalf("heard %s", got)
		}
		p.answer = 0
		b.set(1)
		p.want("2 active: state 1") // and before it answers
		a.hangs(s)
		b.set(2)
		time.Sleep(10 * time.Minute) // much longer than a transaction
		synctest.Wait()
		s = a.register("10.0.0.66", "z9hG4bKr2")
		q := overStream(t, s, "10.0.0.66:5062")
		q.want("3 active: state 2")
		q.tag, q.seq = p.tag, p.seq
		q.subscribe(0)
		q.heard()
		_ = s.Close()
		synctest.Wait()
	})
}

// TestSubscriptionFollowsAPhone has a phone on UDP get another port, which its
// registration shows, before it could answer a NOTIFY.
func TestSubscriptionFollowsAPhone(t *testing.T) {
	board(t, func(t *testing.T, w *world, b *bulletin) {
		p, q := w.watcher("10.0.0.66:5062"), w.watcher("10.0.0.66:5099")
		p.subscribe(600)
		p.want("200 "+p.granted(b), "1 active: state 0")
		p.answer = 0
		b.set(1)
		p.want("2 active: state 1")
		w.unit.request = func(_ *Shard, r *Request) {
			_ = r.Respond(200, "")
			r.Inherit(edge.Source{Remote: netip.MustParseAddrPort("10.0.0.66:5062"), Transport: "udp"})
		}
		register := head("REGISTER", "z9hG4bKr", "sip:201@10.0.0.66:5099") + "Content-Length: 0\r\n\r\n"
		q.say(strings.ReplaceAll(register, "10.0.0.66:5060", "10.0.0.66:5099"))
		q.want("200", "3 active: state 1")
		time.Sleep(time.Minute)
		synctest.Wait()
		b.set(2)
		q.want("4 active: state 2")
		q.tag, q.seq = p.tag, p.seq
		say := q.say
		q.say = func(msg string) {
			say(strings.Replace(msg, "Call-ID: w10.0.0.66:5099", "Call-ID: w10.0.0.66:5062", 1))
		}
		q.subscribe(0)
		q.want("200 0", "5 terminated;reason=timeout: state 2")
	})
}

// granted is the expiry that the only subscription there is has got.
func (p *watcher) granted(b *bulletin) string {
	s := b.list()[0]
	left := make(chan time.Duration, 1)
	s.Shard().Post(func(sh *Shard) { left <- s.core.Saved().Expires.Sub(sh.Now()) })
	return fmt.Sprint(int((<-left).Round(time.Second) / time.Second))
}

// TestSubscriptionAfterRestart has another stack go on.
func TestSubscriptionAfterRestart(t *testing.T) {
	board(t, func(t *testing.T, w *world, b *bulletin) {
		p := w.watcher("10.0.0.66:5062")
		p.subscribe(600)
		p.heard()
		s := b.list()[0]
		var kept Kept
		s.Shard().Post(func(sh *Shard) {
			kept = s.Kept(1000)
			s.remove() // as if it had never been
			if _, err := sh.Resubscribe(kept, subscription.Config{Most: time.Hour}, b); err != nil {
				t.Error(err)
			}
			if _, err := sh.Resubscribe(kept, subscription.Config{Most: time.Hour}, b); !errors.Is(err, ErrNoWay) {
				t.Errorf("twice the same: %v", err)
			}
		})
		synctest.Wait()
		p.want("1002 active: state 0")
		p.subscribe(0)
		if got := p.heard(); len(got) != 2 || got[1] != "1003 terminated;reason=timeout: state 0" {
			t.Errorf("heard %s", got)
		}
	})
}

// TestSubscriptionAskedForAgain has a phone that has heard of no answer ask again in the same
// name, as it does of a unit that was started anew: it has the subscription that was made,
// and no other beside it.
func TestSubscriptionAskedForAgain(t *testing.T) {
	board(t, func(t *testing.T, w *world, b *bulletin) {
		p := w.watcher("10.0.0.66:5062")
		p.subscribe(100)
		p.heard()
		s, tag := b.list()[0], p.tag
		b.take()
		s.Shard().Post(func(sh *Shard) {
			kept := s.Kept(1000)
			s.remove()
			again, err := sh.Resubscribe(kept, subscription.Config{Most: time.Hour}, b)
			if err != nil {
				t.Error(err)
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			b.subs = []*Subscription{again}
		})
		synctest.Wait()
		p.want("1002 active: state 0")
		p.tag = ""
		p.subscribe(100)
		p.want("200 100", "1003 active: state 0")
		if p.tag != tag {
			t.Errorf("another dialog: %s and %s", tag, p.tag)
		}
		wantNotes(t, b, "told", "refreshed", "told")
		b.set(1)
		p.want("1004 active: state 1")
	})
}

// TestSubscriptionNeverAtALine has the contact of a phone be a line's address.
func TestSubscriptionNeverAtALine(t *testing.T) {
	board(t, func(t *testing.T, w *world, b *bulletin) {
		p := w.watcher("10.0.0.66:5062")
		say := p.say
		p.say = func(msg string) {
			say(strings.Replace(msg, "Contact: <sip:201@10.0.0.66:5062>", "Contact: <sip:201@10.9.9.9>", 1))
		}
		p.subscribe(600)
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := w.carrier.take(); len(got) != 0 {
			t.Errorf("the carrier heard %s", got)
		}
		if w.unit.stack.Counters.LineGuard.Load() == 0 {
			t.Error("the guard saw nothing")
		}
		wantNotes(t, b, "refreshed", "over failing")
	})
}

// TestSubscriptionsUnderLoss changes states while a third of all datagrams is
// lost: in the end every phone knows the last one.
func TestSubscriptionsUnderLoss(t *testing.T) {
	board(t, func(t *testing.T, w *world, b *bulletin) {
		var phones []*watcher
		for i := range 8 {
			phones = append(phones, w.watcher(fmt.Sprintf("10.0.0.%d:5062", 70+i)))
			phones[i].subscribe(3000)
		}
		count := 0
		w.net.Drop = func(_, _ netip.AddrPort, _ []byte) bool {
			count++
			return count%3 == 0
		}
		for n := 1; n <= 20; n++ {
			b.set(n)
			for range 20 {
				time.Sleep(50 * time.Millisecond)
				synctest.Wait()
				for _, p := range phones {
					p.heard()
				}
			}
		}
		for range 400 {
			time.Sleep(50 * time.Millisecond)
			synctest.Wait()
			for _, p := range phones {
				p.heard()
			}
		}
		for _, p := range phones {
			if p.state != "state 20" {
				t.Errorf("%s knows %q", p.addr, p.state)
			}
		}
		w.net.Drop = nil
		for _, s := range b.list() {
			s.Shard().Post(func(*Shard) { s.End("removed", "noresource") })
		}
		synctest.Wait()
		for _, p := range phones {
			got := p.heard()
			if len(got) != 1 || !strings.HasSuffix(got[0], " terminated;reason=noresource: state 20") {
				t.Errorf("%s heard %s", p.addr, got)
			}
		}
	})
}
