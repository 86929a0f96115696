package unit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/media/prompt"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/unit/queue"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// Config is what a unit is made of. Desk, Phones, Lines, Committer and Places
// are needed.
type Config struct {
	Realm     string // the domain of the phones' addresses
	Desk      Desk
	Phones    Phones
	Lines     Lines
	Committer fact.Committer
	Keeper    Keeper // nil: nothing was left
	Prover    Prover // nil: nobody can be asked for a PIN
	Services  Services
	Scripts   Scripts
	Books     Books    // nil: nobody is known, nobody turned away
	Recorder  Recorder // nil: nothing is recorded
	Messages  Messages // nil: there are no mailboxes
	Places    Places
	Sites     Sites  // nil: there are no others
	SiteMark  string // by which calls show that they came through this unit
	// Call is how calls behave. With Announcements and no mode of its own,
	// refusals are spoken as early media.
	Call          call.Config
	RecordPause   time.Duration // a recording is paused at most so long
	RecordNotice  string        // NoticeTone (default), NoticeSpoken or NoticeOff
	Announcements int           // at once; 0 is none
	Prompts       *prompt.Book  // what is said; nil: the announcements of package prompt
	MediaTimeout  time.Duration
	ParkWait      time.Duration // who is parked waits so long before the phone rings that parked it
	Lang          string        // of announcements and marks: "ja" (default) or "en"
	CallsMax      int           // 0 is the package's limit
	Log           *slog.Logger
}

// Unit is the calls of one site. Its exported methods are safe for concurrent
// use; the methods of stack.Handler are for the stack alone.
type Unit struct {
	cfg   Config
	log   *slog.Logger
	plan  atomic.Pointer[plan.Plan]
	ready atomic.Bool // what was left on the lines is hung up
	count atomic.Int64
	begun begun
	slots atomic.Int32 // announcements playing
	mute  atomic.Bool  // no announcements for now
	lang  text.Lang

	stack *stack.Stack // set by Start
	relay *media.Relay

	tending      *stack.Alarm // of shard 0
	tendingSites *stack.Alarm // there
	tender       stack.Seat   // there, for tendSoon
	soon         atomic.Bool  // tendSoon waits in it
	works        sync.Pool    // of *work
	lamps        *lamps
	// summaries tell phones of the messages in their mailboxes.
	summaries *summaries
	// gatherings are rooms with somebody in them, by name. The loop of shard 0 owns them.
	gatherings map[string]*gathering
	// callbacks are the loop's of shard 0.
	callbacks callbacks
	// queueing is the loop's of shard 0.
	queueing queueing
	// committed hears what became of a write that nobody waits for.
	committed func(error)
	closer    *closer // closes the books of earlier calls, set by Start where there are any

	mu       sync.Mutex
	calls    map[string]*liveCall
	places   map[string]*liveCall // that wait there
	keys     map[string]keyOwner  // who has an outside-line key
	held     map[string]int       // calls by the device that made them
	redial   map[string]string    // what an extension dialed last
	missed   map[string]string    // what calls back whose call it missed last, "" where nothing does
	forwards map[string]int       // forwards outside that nobody has answered, by extension and number
	groups   groupsOf
	ends     map[string]LineEnd
	waiting  []func() // calls that came before ready
	drained  chan struct{}
	closing  bool
}

var (
	_ stack.Handler = (*Unit)(nil)
	_ LineEnd       = (*stack.Line)(nil)
)

// New makes a unit without lines, with an empty plan. Give it to the stack as
// its Handler and its OnMedia to the relay, then Start it.
func New(cfg Config) (*Unit, error) {
	if cfg.Desk == nil || cfg.Phones == nil || cfg.Lines == nil || cfg.Committer == nil || cfg.Places == nil {
		return nil, errors.New("unit: a part is missing")
	}
	if cfg.MediaTimeout <= 0 {
		cfg.MediaTimeout = MediaTimeout
	}
	if cfg.ParkWait <= 0 {
		cfg.ParkWait = ParkWait
	}
	if cfg.RecordPause <= 0 {
		cfg.RecordPause = RecordPauseMax
	}
	cfg.Announcements = min(cfg.Announcements, AnnouncementsMax)
	if cfg.Announcements > 0 && cfg.Call.Announce == call.AnnounceOff {
		cfg.Call.Announce = call.AnnounceEarly
	}
	if cfg.CallsMax <= 0 || cfg.CallsMax > CallsMax {
		cfg.CallsMax = CallsMax
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	u := &Unit{
		cfg: cfg, log: cfg.Log,
		calls: make(map[string]*liveCall), places: make(map[string]*liveCall), keys: make(map[string]keyOwner),
	}
	u.gatherings = make(map[string]*gathering)
	u.works.New = func() any { return new(work) }
	u.lamps, u.summaries = newLamps(u), newSummaries(u)
	u.queueing = queueing{u: u, all: queue.New()}
	u.committed = func(err error) {
		if err != nil {
			u.log.Error("call not recorded", "error", err)
		}
	}
	u.held, u.ends = make(map[string]int), make(map[string]LineEnd)
	u.forwards, u.redial, u.missed = make(map[string]int), make(map[string]string), make(map[string]string)
	u.groups = groupsOf{turns: make(map[string]int), idle: make(map[string]time.Time)}
	u.lang = text.JA
	if cfg.Lang != "" {
		u.lang, _ = text.ParseLang(cfg.Lang)
	}
	empty, err := plan.New(plan.Settings{})
	if err != nil {
		return nil, fmt.Errorf("unit: %w", err)
	}
	u.plan.Store(empty)
	return u, nil
}

// SetPlan puts another numbering plan in force, for calls to come.
func (u *Unit) SetPlan(p *plan.Plan) {
	u.plan.Store(p)
	if u.ready.Load() && !u.stack.Shard(0).Post(u.lamps.planned) {
		u.log.Warn("lamps of the new plan are late: the loop takes nothing")
	}
}

// Plan is the numbering plan in force.
func (u *Unit) Plan() *plan.Plan { return u.plan.Load() }

// Announce switches announcements to refused callers off and on, for calls to
// come.
func (u *Unit) Announce(on bool) { u.mute.Store(!on) }

// SetLine gives a line its end of the stack; nil takes it away. Calls that are
// up on it stay.
func (u *Unit) SetLine(id string, end LineEnd) {
	u.mu.Lock()
	if end == nil {
		delete(u.ends, id)
	} else {
		u.ends[id] = end
	}
	u.mu.Unlock()
	if end != nil {
		u.cfg.Lines.Fault(id, "", time.Now())
	}
	if u.ready.Load() { // a new line registers at once
		u.tendSoon()
	}
}

func (u *Unit) end(id string) (LineEnd, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	end, ok := u.ends[id]
	return end, ok
}

// Start begins: it hangs up what a crash left on the lines, begins to close
// those calls' books, and then lets calls in. The stack must be running, and the
// lines set.
func (u *Unit) Start(ctx context.Context, st *stack.Stack, relay *media.Relay) error {
	u.stack, u.relay = st, relay
	if err := u.recover(ctx); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("recover: %w", err)
		}
		// A unit that can't look back still carries emergency calls.
		u.log.Error("what was left on the lines is not hung up", "error", err)
	}
	if err := u.attend(ctx); err != nil {
		return fmt.Errorf("lines are not attended to: %w", err)
	}
	u.lamps.rewatch(ctx)
	u.open()
	if u.cfg.Messages != nil && !u.stack.Shard(0).Post(u.summaries.begin) {
		u.log.Warn("phones that watch nothing are not told of their messages: the loop takes nothing")
	}
	return nil
}

// open lets calls in, those that waited first.
func (u *Unit) open() {
	u.mu.Lock()
	waiting := u.waiting
	u.waiting = nil
	u.ready.Store(true)
	u.mu.Unlock()
	for _, admit := range waiting {
		admit()
	}
}

// Stop refuses new calls, hangs up those there are, and waits until their
// legs are gone or ctx is done. A phone that answers neither BYE nor CANCEL is waited
// for HangUpWait only: what a line or another site costs hangs on its answer, what a
// phone says does not. So is a carrier that does not answer that we unregister.
func (u *Unit) Stop(ctx context.Context) error {
	u.mu.Lock()
	u.closing = true
	u.drained = make(chan struct{})
	drained := u.drained
	if len(u.calls) == 0 {
		close(drained)
	}
	calls := slices.Collect(maps.Values(u.calls))
	u.mu.Unlock()
	u.closer.stop()
	for _, c := range calls {
		c.post(call.Input{Event: call.Cut, Refusal: call.Refusal{Status: 503, Phrase: phraseStops}})
	}
	left, err := u.leave(ctx)
	if err != nil {
		u.log.Warn("registrations not taken back", "error", err)
		left = nil
	}
	wait := time.NewTimer(HangUpWait)
	defer wait.Stop()
	for drained != nil || left != nil {
		select {
		case <-drained:
			drained = nil
		case <-left:
			left = nil
		case <-wait.C:
			if left != nil {
				u.log.Warn("registrations not taken back", "error", "a carrier does not answer")
				left = nil
			}
			for _, c := range calls {
				c.tell(c.letPhonesGo)
			}
		case <-ctx.Done():
			if drained == nil {
				return nil
			}
			return fmt.Errorf("unit: %d calls left: %w", u.count.Load(), ctx.Err())
		}
	}
	return nil
}

// letPhonesGo gives up what its phones have not answered.
func (c *liveCall) letPhonesGo() {
	for _, l := range c.legs {
		if !l.gone && l.line == "" && l.onSite() == "" {
			c.input(call.Input{Event: call.Closed, Leg: l.id})
		}
	}
}

// begun counts calls by their direction.
type begun struct{ internal, outgoing, incoming atomic.Uint64 }

func (b *begun) of(d fact.Direction) *atomic.Uint64 {
	switch d {
	case fact.Outgoing:
		return &b.outgoing
	case fact.Incoming:
		return &b.incoming
	default:
		return &b.internal
	}
}

// Begun is how many calls of a direction began since the unit was made.
func (u *Unit) Begun(d fact.Direction) uint64 { return u.begun.of(d).Load() }

// Up is how many calls there are now, ringing ones included.
func (u *Unit) Up() int { return int(u.count.Load()) }

// phraseDisabled is the phrase with which EndCalls ends calls.
const phraseDisabled = "Phone Is Disabled"

// EndCalls hangs up the calls in which a device takes part, talking or
// ringing; emergency calls go on. It watches no more lamps either.
func (u *Unit) EndCalls(device string) {
	u.mu.Lock()
	calls := slices.Collect(maps.Values(u.calls))
	u.mu.Unlock()
	if u.stack != nil {
		u.stack.Shard(0).Post(func(sh *stack.Shard) { u.lamps.unwatch(sh, device) })
	}
	for _, c := range calls {
		c.tell(func() {
			if !c.target.Emergency() && c.involves(device) {
				c.input(call.Input{Event: call.Cut, Refusal: call.Refusal{Status: 403, Phrase: phraseDisabled}})
			}
		})
	}
}

// involves tells whether a device takes part in a call, or has sent it on to a
// line. It is asked on the call's loop.
func (c *liveCall) involves(device string) bool {
	return c.origin.Device == device || slices.ContainsFunc(c.legs, func(l *liveLeg) bool {
		return !l.gone && (l.device() == device || l.asked != nil && c.originOf(l.asked).Device == device)
	})
}

// add registers a call; false when there are too many or the unit stops.
func (u *Unit) add(c *liveCall, emergency bool) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	device := c.origin.Device
	full := len(u.calls) >= u.cfg.CallsMax || device != "" && u.held[device] >= CallsPerDevice
	if u.closing || full && !emergency {
		return false
	}
	u.calls[c.id] = c
	u.held[device]++
	u.count.Store(int64(len(u.calls)))
	return true
}

func (u *Unit) remove(c *liveCall) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.calls, c.id)
	if device := c.origin.Device; u.held[device] > 1 {
		u.held[device]--
	} else {
		delete(u.held, device)
	}
	u.count.Store(int64(len(u.calls)))
	if u.closing && len(u.calls) == 0 {
		close(u.drained)
	}
}

func (u *Unit) find(id string) *liveCall {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.calls[id]
}

// OnMedia takes the relay's events. It is called on the relay's loops and
// only passes them on to the call's shard.
func (u *Unit) OnMedia(ev media.Event) {
	c := u.find(ev.Call)
	if c == nil {
		return
	}
	if in, ok := mediaInput(ev); ok {
		c.post(in)
	}
}

// commit makes facts and rows durable without waiting; a failure is the
// recorder's to report and is only logged here.
func (u *Unit) commit(w fact.Write) {
	u.cfg.Committer.Commit(w, u.committed)
}
