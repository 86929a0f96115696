package unit

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/wire/sip"
)

// robot makes a puppet act by itself: it answers, declines, redirects, rings
// for ever, hangs up and cancels, as its dice fall.
type robot struct {
	*puppet
	mu    sync.Mutex
	dice  *rand.Rand
	busy  int // things it is about to do
	tired bool
	talks map[string]*talk // calls it made, by Call-ID
}

func newRobot(p *puppet, seed uint64) *robot {
	r := &robot{puppet: p, dice: rand.New(rand.NewPCG(seed, 7)), talks: make(map[string]*talk)}
	p.actBy(r.take)
	return r
}

func (r *robot) roll(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dice.IntN(n)
}

// later does something after a moment, unless it is tired.
func (r *robot) later(f func()) {
	wait := time.Duration(r.roll(30)) * time.Millisecond
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tired {
		return
	}
	r.busy++
	time.AfterFunc(wait, func() {
		f()
		r.mu.Lock()
		r.busy--
		r.mu.Unlock()
	})
}

// rest ends what it does by itself.
func (r *robot) rest() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tired = true
	return r.busy == 0
}

func (r *robot) take(m *sip.Message) {
	switch {
	case m.IsRequest() && m.Method() == sip.INVITE && !strings.Contains(string(m.Value(sip.HeaderTo)), ";tag="):
		r.later(func() { r.pickUp(m) })
	case m.IsRequest() && m.Method() == sip.INVITE:
		r.reply(m, 200, "", r.description("sendrecv"))
	case m.IsRequest() && m.Method() == sip.CANCEL:
		r.reply(m, 200, "", "")
		r.mu.Lock()
		d := r.talks["in "+string(m.CallID())]
		r.mu.Unlock()
		if d != nil {
			d.reply(487, "")
		}
	case m.IsRequest() && m.Method() != sip.ACK:
		r.reply(m, 200, "", "")
	case m.IsResponse() && m.Method() == sip.INVITE && m.Status() >= 200:
		r.mu.Lock()
		d := r.talks[string(m.CallID())]
		r.mu.Unlock()
		if d != nil {
			r.answered(d, m)
		}
	}
}

// pickUp does something about a call that comes in.
func (r *robot) pickUp(m *sip.Message) {
	d := &talk{p: r.puppet, callID: string(m.CallID()), invite: m, tag: r.unique("to"), seq: 100}
	d.local = string(m.Value(sip.HeaderTo)) + ";tag=" + d.tag
	d.remote = string(m.Value(sip.HeaderFrom))
	if list, err := m.Contacts(); err == nil && len(list) > 0 {
		d.target = list[0].URI.String()
	}
	r.mu.Lock()
	r.talks["in "+d.callID] = d
	r.mu.Unlock()
	d.reply(180, "")
	switch r.roll(8) {
	case 0:
		d.reply(486, "")
	case 1:
		d.reply(603, "")
	case 2:
		to := []string{"201", "202", "203", "0901111222"}[r.roll(4)]
		d.reply(302, "", fmt.Sprintf("Contact: <sip:%s@office>", to))
	case 3: // rings on
	case 4:
		d.reply(500, "")
	default:
		d.reply(200, r.description("sendrecv"))
		if r.roll(2) == 0 {
			hold := *d
			r.later(func() { hold.send(sip.INVITE, r.description("sendonly")) })
		}
		refer := *d
		r.later(func() { r.sendOn(&refer) })
		bye := *d
		bye.seq = 200
		if r.roll(2) == 0 {
			r.later(func() { bye.send(sip.BYE, "") })
			return
		}
		r.later(func() { r.later(func() { bye.send(sip.BYE, "") }) }) // somebody else may be there by then
	}
}

// sendOn hands whom it talks with over, or has them wait somewhere, or does not.
func (r *robot) sendOn(d *talk) {
	to := []string{"201", "203", "400", "park1", "park2", "*70", "09012345678", "0112327612345", "", "", ""}
	if user := to[r.roll(len(to))]; user != "" {
		d.seq = 150
		d.send(sip.REFER, "", fmt.Sprintf("Refer-To: <sip:%s@office>", user))
	}
}

// dial makes a call, and may give it up.
func (r *robot) dial(to string) {
	r.mu.Lock()
	d := r.call(to, r.description("sendrecv"))
	r.talks[d.callID] = d
	r.mu.Unlock()
	if r.roll(3) == 0 {
		r.later(func() { d.cancel() })
	}
}

func (r *robot) answered(d *talk, m *sip.Message) {
	ack := *d
	ack.remote = string(m.Value(sip.HeaderTo))
	if m.Status() >= 300 {
		ack.ackRefusal()
		return
	}
	if list, err := m.Contacts(); err == nil && len(list) > 0 {
		ack.target = list[0].URI.String()
	}
	ack.inviteSeq = int(m.CSeq().Number)
	ack.ack("")
	refer := ack
	r.later(func() { r.sendOn(&refer) })
	ack.seq = 190
	r.later(func() { ack.send(sip.BYE, "") })
}

// whole holds that each call that was told of before it ended did end, once.
func (b *fakeBooks) whole(t *testing.T) {
	t.Helper()
	before, ended := map[string]bool{}, map[string]int{}
	b.mu.Lock()
	for _, f := range b.facts {
		switch f := f.(type) {
		case fact.CallStarted:
			before[f.Call] = true
		case fact.CallJudged:
			if f.First == before[f.Call] {
				t.Errorf("call %s judged, told of before: %v, %+v", f.Call, before[f.Call], f)
			}
			before[f.Call] = true
		case fact.CallEnded:
			if ended[f.Call]++; f.First == before[f.Call] || ended[f.Call] > 1 {
				t.Errorf("call %s ended, told of before: %v, %+v", f.Call, before[f.Call], f)
			}
		}
	}
	b.mu.Unlock()
	for call := range before {
		if ended[call] != 1 {
			t.Errorf("call %s ended %d times", call, ended[call])
		}
	}
	t.Logf("%d calls, %d with a line", len(ended), len(before))
}

// TestSoak lets robots call each other and the carriers in every direction at
// once, and then asks that nothing be left of it: no call, no media, no
// channel, no stored dialog, and every book that was opened is closed.
func TestSoak(t *testing.T) {
	calls := 200
	if testing.Short() {
		calls = 60
	}
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{
			shards: shards, channels: 12, announcements: 3, parkWait: 50 * time.Millisecond,
			call: call.Config{
				NoAnswer: 300 * time.Millisecond, LineNoAnswer: 200 * time.Millisecond,
				AnnounceMax: 100 * time.Millisecond,
			},
		})
		robots := []*robot{
			newRobot(o.p201, 1), newRobot(o.p202, 2), newRobot(o.p203, 3),
			newRobot(o.hikari, 4), newRobot(o.backup, 5),
		}
		phones := []string{
			"201", "202", "203", "400", "09012345678", "0120123456", "01023276123456", "*", "119", "0312345678",
			"park1", "*772", "*70", "*88", "**202",
		}
		lines := []string{"0312345670", "0312345680", "0312345690", "0312345671", "0399999999"}
		for i := range calls {
			r := robots[i%len(robots)]
			to := phones[r.roll(len(phones))]
			if i%len(robots) >= 3 {
				to = lines[r.roll(len(lines))]
			}
			r.dial(to)
			if i%10 == 0 {
				time.Sleep(5 * time.Millisecond) // spread the load, as callers do
			}
		}
		o.over()
		for _, r := range robots {
			o.eventually("the robots rest", r.rest)
		}
		o.books.whole(t)
	})
}
