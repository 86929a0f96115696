package ground

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
	"github.com/sekisho/sekisho/sim/office"
)

// Fault is what goes wrong while an attack is played; times count from its
// beginning, and zero is never.
type Fault struct {
	Kill, Down time.Duration // the process is killed (kill -9), and started again so much later
	Full, Free time.Duration // the disk is full, and has room again so much later; needs Setup.SmallDisk
}

// Result is what was counted: money and calls in the carrier's books.
type Result struct {
	MilliYen int64 `json:"milli_yen"`
	Calls    int   `json:"calls"` // of the intruder's that were answered
	Attempts int   `json:"attempts"`
	// Seconds from the first attempt to the end of his last call.
	Seconds float64 `json:"seconds"`
	// Stop and Up are as in fraud.Books: seconds to the first attempt after which
	// none got through, -1 where the last one did, and calls up then.
	Stop float64 `json:"stop_seconds"`
	Up   int     `json:"up_at_stop"`
	Cut  int     `json:"cut"`  // calls that the unit ended
	Open int     `json:"open"` // calls whose end the carrier never heard of: billed until the end of the run
	// Refusals are the attempts that were turned away, by what the phone was told.
	Refusals map[string]int `json:"refusals"`
	Strange  int            `json:"strange"` // calls abroad at the carrier that nobody dialed
	// Extensions are those whose calls went out: their budgets are the ones used.
	Extensions int `json:"extensions"`
	// Domestic and Emergency calls of the office meanwhile, and those that were
	// put through.
	Domestic, DomesticOK   int
	Emergency, EmergencyOK int
	// Outage is how long a killed unit was away, Added what the carrier billed more
	// for the calls that were up than up to the kill.
	Outage   time.Duration `json:"outage_ns"`
	AtKill   int           `json:"up_at_kill"`
	Added    int64         `json:"added_milli_yen"`
	FullGone int           `json:"abroad_while_full"` // calls that went abroad while the disk was full
	// Unrecorded are calls abroad at the carrier without a pass verdict on record.
	Unrecorded int      `json:"unrecorded"`
	Bad        []string `json:"bad,omitempty"` // what else went wrong
}

type state uint8

const (
	asked  state = iota
	passed       // it went out
	talks
	ending // hung up as soon as it is answered
	gone
)

// live is one call of the intruder's.
type live struct {
	event fraud.Event
	state state
	phone *office.Phone
	call  *office.Call
	key   string
	mouth net.PacketConn
	hush  context.CancelFunc
}

// over notes that a call is.
func (c *live) over() {
	c.state = gone
	if c.hush != nil {
		c.hush()
	}
}

// word is what comes back from a phone, or from a fault.
type word struct {
	call  uint64
	out   bool
	final bool
	up    *office.Call
	said  office.Outcome
	err   error
	bye   string // Call-ID
	fault func(now time.Time) error
}

// player is one attack that is being played.
type player struct {
	g      *Stage
	w      *fraud.World
	ctx    context.Context
	words  chan word
	wait   sync.WaitGroup
	calls  map[uint64]*live
	byID   map[string]*live
	early  map[string]bool // BYEs that came before the answer was seen
	out    map[string]bool // extensions
	result Result
	atKill map[string]int64 // what calls that were up at the kill had cost, by Call-ID
	full   [2]time.Time
	over   chan struct{} // closed when nobody hears words any more
	dead   bool          // the unit was killed, and is not back yet
	err    error
}

// Play plays a world's attack until so long after its first attempt, and hangs
// up what is up then.
func (g *Stage) Play(ctx context.Context, w *fraud.World, slice time.Duration, f Fault) (*Result, error) {
	p := &player{
		g: g, w: w, ctx: ctx, words: make(chan word, eventsMax), calls: map[uint64]*live{}, byID: map[string]*live{},
		early: map[string]bool{}, out: map[string]bool{}, atKill: map[string]int64{},
		over: make(chan struct{}),
	}
	p.result.Refusals, p.result.Stop = map[string]int{}, -1
	g.listen(p)
	defer g.listen(nil)
	staffed, leave := context.WithCancel(ctx)
	defer leave()
	p.staff(staffed)
	end := p.start().Add(slice)
	p.faults(f)
	p.run(end)
	p.hangUpAll()
	close(p.over)
	leave()
	p.wait.Wait()
	if p.err == nil {
		p.settle()
	}
	return &p.result, errors.Join(p.err, ctx.Err())
}

// start is when the attack begins.
func (p *player) start() time.Time {
	for p.err == nil {
		e, ok := p.w.Next()
		if !ok {
			p.err = errors.New("the world ended before its attack")
		}
		if e != nil && e.Kind == fraud.Attempt {
			if p.w.Intruding() {
				time.Sleep(time.Until(e.At))
				p.attempt(e)
				return time.Now()
			}
			p.w.Refuse(true)
		}
	}
	return time.Now()
}

func (p *player) tell(w word) {
	select {
	case p.words <- w:
	case <-p.over:
	case <-p.ctx.Done():
	}
}

// run goes through the world in its own time.
func (p *player) run(end time.Time) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for p.err == nil {
		next, ok := p.w.Peek()
		if !ok || next.After(end) {
			next = end
		}
		if !ok && p.up() == 0 {
			return
		}
		timer.Reset(time.Until(next))
		select {
		case <-p.ctx.Done():
			return
		case w := <-p.words:
			p.hear(&w)
			continue
		case <-timer.C:
		}
		if !time.Now().Before(end) {
			return
		}
		if e, ok := p.w.Next(); ok && e != nil {
			p.do(e)
		}
	}
}

func (p *player) up() (n int) {
	for _, c := range p.calls {
		if c.state != gone {
			n++
		}
	}
	return n
}

// do does what the world says.
func (p *player) do(e *fraud.Event) {
	switch e.Kind {
	case fraud.Attempt:
		if !p.w.Intruding() {
			p.w.Refuse(true)
			return
		}
		p.attempt(e)
	case fraud.Ended:
		c := p.calls[e.Call]
		switch {
		case c == nil:
		case c.state == talks:
			p.hangUp(c)
		case c.state == passed:
			c.state = ending
		}
	}
}

// keyOf is a number as the carrier reads it.
func keyOf(e *fraud.Event) string {
	if e.Abroad() {
		return e.Number
	}
	return "0" + strings.TrimPrefix(e.Number, "81")
}

func rateOf(e *fraud.Event, p *fraud.Prices) fraud.Rate {
	switch {
	case e.Abroad():
		return p.Abroad(e.Area, e.Number)
	case strings.HasPrefix(e.Dialed, "0990"):
		return p.Home("premium")
	}
	return p.Home("navi")
}

// attempt dials.
func (p *player) attempt(e *fraud.Event) {
	if p.g.setup.All && e.Abroad() && !p.dead {
		if p.err = p.g.open(p.ctx, e.Extension, e.Area); p.err != nil {
			return
		}
	}
	c := &live{event: *e, key: keyOf(e)}
	f := fate{call: e.Call}
	f.ring, f.talk = p.w.Fate()
	p.w.Later()
	stranger := !e.Source.IsPrivate()
	if c.phone, p.err = p.g.phone(p.ctx, who{e.Extension, stranger}); p.err != nil {
		return
	}
	c.mouth = p.g.mouths[who{e.Extension, stranger}]
	p.calls[e.Call] = c
	p.result.Attempts++
	p.g.expect(c.key, f, rateOf(e, p.w.Site().Prices))
	p.wait.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), dialTime)
		defer cancel()
		up, said, err := c.phone.Dial(ctx, e.Dialed)
		p.tell(word{call: e.Call, final: true, up: up, said: said, err: err})
	})
}

// hear takes in what comes back.
func (p *player) hear(w *word) {
	now := time.Now()
	switch c := p.calls[w.call]; {
	case w.fault != nil:
		p.err = w.fault(now)
	case w.bye != "":
		if c := p.byID[w.bye]; c != nil {
			p.cut(c, now)
		} else {
			p.early[w.bye] = true
		}
	case w.out:
		p.went(c, now)
	case w.final && w.up != nil:
		p.went(c, now)
		c.call, p.byID[w.up.ID()] = w.up, c
		p.speak(c)
		switch ended := c.state == ending; {
		case p.early[w.up.ID()]:
			p.cut(c, now)
		default:
			if c.state = talks; ended {
				p.hangUp(c)
			}
		}
	case w.final:
		p.failed(c, w, now)
	}
}

// went notes that a call went out.
func (p *player) went(c *live, now time.Time) {
	if c.state == asked && p.w.Decide(c.event.Call, now) {
		c.state = passed
		p.out[c.event.Extension] = true
		p.w.Pass()
	}
}

// failed takes in that a call was turned away, or that nobody picked up.
func (p *player) failed(c *live, w *word, now time.Time) {
	if c.state == asked {
		p.g.forget(c.key, c.event.Call)
		said := w.said.Phrase
		if w.err != nil {
			said = "no answer from the unit"
		}
		p.result.Refusals[said]++
		if p.w.Decide(c.event.Call, now) {
			p.w.Refuse(false)
		}
	} else {
		p.w.Cut(c.event.Call, now)
	}
	c.over()
}

// cut takes in that the unit hung up.
func (p *player) cut(c *live, now time.Time) {
	if c.state == gone {
		return
	}
	c.over()
	p.result.Cut++
	p.w.Cut(c.event.Call, now)
}

// hangUp ends a call from the intruder's side.
func (p *player) hangUp(c *live) {
	c.over()
	p.wait.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), dialTime)
		defer cancel()
		_ = c.call.Hangup(ctx) // a unit that was killed knows nothing of it
	})
}

// hangUpAll ends what is up at the end of the slice, and what is answered later.
func (p *player) hangUpAll() {
	deadline := time.NewTimer(settleTime)
	defer deadline.Stop()
	for {
		waiting := false
		for _, c := range p.calls {
			switch c.state {
			case talks:
				p.hangUp(c)
			case asked, passed, ending:
				waiting = true
				if c.state == passed {
					c.state = ending
				}
			}
		}
		if !waiting {
			return
		}
		select {
		case w := <-p.words:
			p.hear(&w)
		case <-deadline.C:
			return
		case <-p.ctx.Done():
			return
		}
	}
}
