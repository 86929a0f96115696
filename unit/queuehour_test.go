package unit

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// hour is a support line in virtual time: agents who answer, decline, don't hear it or hang
// up, and callers who wait for as long as they like.
type hour struct {
	*day
	stop    chan struct{}
	callers sync.WaitGroup
	agents  sync.WaitGroup
	mu      sync.Mutex
	talked  int
}

// wrapUp is the time after a call in that queue.
const wrapUp = 5 * time.Second

// agent is a phone that does what people do, until the hour is over.
func (h *hour) agent(p *puppet, r *rand.Rand) {
	var b *talk
	var talks bool
	var does <-chan time.Time
	var ended time.Time
	for {
		select {
		case <-h.stop:
			return
		case m := <-p.inbox:
			switch {
			case m.IsResponse() || m.Method() == sip.ACK:
			case m.Method() == sip.INVITE && b != nil:
				h.t.Errorf("%s is rung twice at a time", p.name)
			case m.Method() == sip.INVITE:
				if rest := time.Since(ended); rest < wrapUp {
					h.t.Errorf("%s is rung %s after a call", p.name, rest)
				}
				b = p.takes(m)
				b.reply(180, "")
				switch what := r.IntN(10); {
				case what < 6:
					does = time.After(time.Duration(1+r.IntN(12_000)) * time.Millisecond)
				case what == 6:
					b.reply(486, "")
					b = nil
				}
			case m.Method() == sip.CANCEL:
				p.reply(m, 200, "", "")
				if !talks { // else it crossed the answer, and BYE follows
					b.reply(487, "")
					b, does = nil, nil
				}
			default:
				p.reply(m, 200, "", "")
				b, talks, does, ended = nil, false, nil, time.Now()
			}
		case <-does:
			if !talks {
				talks = true
				h.mu.Lock()
				h.talked++
				h.mu.Unlock()
				b.reply(200, p.description("sendrecv"))
				does = time.After(time.Duration(5+r.IntN(120)) * time.Second)
				continue
			}
			b.send(sip.BYE, "")
			b, talks, does, ended = nil, false, nil, time.Now()
		}
	}
}

// caller calls the support line, and waits for as long as it likes.
func (h *hour) caller(r *rand.Rand) {
	s := &scene{day: h.day, r: r}
	defer s.ends()
	p := s.outsider(salesNumber)
	a := p.call(salesNumber, p.description("sendrecv"))
	enough := time.After(time.Duration(2+r.IntN(300)) * time.Second)
	up := false
	for {
		select {
		case m := <-p.inbox:
			switch {
			case m.IsRequest():
				p.reply(m, 200, "", "")
				if m.Method() == sip.BYE {
					return
				}
			case m.Method() == sip.INVITE && m.Status() >= 300:
				a.ackRefusal()
				return
			case m.Method() == sip.INVITE && m.Status() >= 200:
				up = true
				a.remote = string(m.Value(sip.HeaderTo))
				if list, err := m.Contacts(); err == nil && len(list) > 0 {
					a.target = list[0].URI.String()
				}
				a.ack("")
			case m.Method() == sip.BYE:
				return
			}
		case <-enough:
			if up {
				a.send(sip.BYE, "")
			} else {
				a.cancel()
			}
		}
	}
}

// TestQueueForHours plays a support line in virtual time, with each strategy: no agent is
// rung twice at a time or right after a call, nobody is lost, nothing is left of any call,
// and every caller is counted once.
func TestQueueForHours(t *testing.T) {
	for i, strategy := range []string{fact.RingAll, fact.RingLinear, fact.RingRoundRobin, fact.RingLongestIdle} {
		t.Run(strategy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { playQueue(t, strategy, uint64(i+1)) })
		})
	}
}

func playQueue(t *testing.T, strategy string, seed uint64) {
	const calls = 150
	h := &hour{day: newDay(t), stop: make(chan struct{})}
	s := h.planSettings()
	s.Extensions = sales
	s.Groups = []fact.Group{{Number: "400", Members: sales[:4], Strategy: strategy}}
	s.Routing = []fact.Routed{
		fact.QueueSet{
			Queue: "400", Most: 6, WaitSeconds: 90, EverySeconds: 20, Misses: 3, LevelSeconds: 20,
			WrapSeconds: int(wrapUp / time.Second),
		},
		fact.RingsSet{Scope: fact.ScopeUnit, Mode: "day", Ring: []string{"400"}},
	}
	p, err := plan.New(s)
	h.must(err)
	h.unit.SetPlan(p)
	r := rand.New(rand.NewPCG(seed, 4))
	for _, name := range sales[:4] {
		own := rand.New(rand.NewPCG(r.Uint64(), 5))
		h.agents.Go(func() { h.agent(h.all[name], own) })
	}
	for range calls {
		own := rand.New(rand.NewPCG(r.Uint64(), 6))
		h.callers.Go(func() { h.caller(own) })
		time.Sleep(time.Duration(1+r.IntN(30_000)) * time.Millisecond)
	}
	h.callers.Wait()
	h.over()
	close(h.stop)
	h.agents.Wait()
	h.books.whole(t)
	all, ok := h.unit.Queues(patience)
	if !ok || len(all) != 1 {
		t.Fatalf("queues %+v", all)
	}
	k := all[0].Counts
	t.Logf("%+v", k)
	if k.Came != calls || k.Came != k.Answered+k.Abandoned+k.TooLong+k.Full || len(all[0].Waiting) > 0 {
		t.Errorf("counted %+v, %d wait", k, len(all[0].Waiting))
	}
	if k.Answered == 0 || k.Abandoned == 0 || k.Answered > h.talked {
		t.Errorf("counted %+v, agents talked %d times", k, h.talked)
	}
	for _, f := range booked(h) {
		if f.Queue != "400" || (f.Agent == "") != (f.Answerer == "" || f.Answerer == answererSelf) {
			t.Errorf("recorded %+v", f)
		}
	}
	for _, a := range all[0].Agents {
		if a.Phase == "rings" || a.Phase == "talks" {
			t.Errorf("%s still %s", a.Extension, a.Phase)
		}
	}
}

// booked are the ends of all calls that came to the queue.
func booked(h *hour) (out []fact.CallEnded) {
	for _, f := range all[fact.CallEnded](h.office) {
		if f.Queue != "" {
			out = append(out, f)
		}
	}
	return out
}
