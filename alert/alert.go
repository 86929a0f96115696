package alert

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/alert/watch"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/text"
)

// Names of the rows that alerts keep.
const (
	owedPrefix    = "owed/"
	episodePrefix = "episode/"
)

// testKind is the kind of an alert that somebody asked for.
const testKind = "test"

// Config wires the alerts.
type Config struct {
	Settings watch.Settings
	Routes   []Route
	Lang     text.Lang      // of the letters
	Unit     func() string  // names the unit in letters
	Jitter   func() float64 // from 0 to 1, by chance
	// Commit makes writes durable, as fact.Committer does. It is not called
	// before Run.
	Commit func(w fact.Write, done func(error))
	Now    func() time.Time // nil: time.Now
	Log    *slog.Logger
}

// Service watches and delivers.
type Service struct {
	c        Config
	watch    *watch.Watch // Run's alone
	couriers []*courier
	events   chan event
	lost     atomic.Uint64 // facts that found no room
}

// event is a fact or how a condition is.
type event struct {
	fact      fact.Fact
	condition *watch.Condition
}

// New makes a Service that keeps what it observes until Run.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Service{c: c, watch: watch.New(c.Settings), events: make(chan event, eventsMax)}
	for _, r := range c.Routes {
		s.couriers = append(s.couriers, newCourier(s, r))
	}
	return s
}

// Observe looks at facts that are on disk. It never blocks.
func (s *Service) Observe(facts []fact.Fact) {
	for _, f := range facts {
		if watch.Concerns(f) {
			s.put(event{fact: f})
		}
	}
}

// Report tells how a condition is. It never blocks.
func (s *Service) Report(c watch.Condition) { s.put(event{condition: &c}) }

func (s *Service) put(e event) {
	select {
	case s.events <- e:
	default:
		s.lost.Add(1)
	}
}

// Run watches and delivers until ctx ends. memory is what the last run left.
func (s *Service) Run(ctx context.Context, memory []fact.AlertMemory) {
	s.restore(memory)
	var senders sync.WaitGroup
	for _, c := range s.couriers {
		senders.Go(func() { c.run(ctx) })
	}
	defer senders.Wait()
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-s.events:
			if e.condition != nil {
				s.act(s.watch.Report(*e.condition, s.c.Now().UTC()))
			} else {
				s.act(s.watch.Take(e.fact, s.c.Now().UTC()))
			}
		case <-tick.C:
			s.act(s.watch.Tick(s.c.Now().UTC()))
			if n := s.lost.Swap(0); n > 0 {
				s.c.Log.Error("facts came faster than alerts could look at them", "count", n)
			}
		}
	}
}

// restore takes back episodes and what channels owe. A channel that is gone
// owes nothing any more.
func (s *Service) restore(memory []fact.AlertMemory) {
	var episodes []watch.Episode
	var gone fact.Write
	for _, m := range memory {
		if strings.HasPrefix(m.Name, episodePrefix) {
			var e watch.Episode
			if err := json.Unmarshal([]byte(m.Doc), &e); err != nil {
				s.c.Log.Error("an episode of alerts can't be read", "name", m.Name, "err", err)
				continue
			}
			episodes = append(episodes, e)
			continue
		}
		channel, _, _ := strings.Cut(strings.TrimPrefix(m.Name, owedPrefix), "/")
		var a watch.Alert
		err := json.Unmarshal([]byte(m.Doc), &a)
		c := s.courier(channel)
		if err == nil && c != nil {
			c.take(a) // its row is there already
			continue
		}
		s.c.Log.Error("an alert is not delivered any more: its channel is gone", "name", m.Name, "err", err)
		gone.Rows = append(gone.Rows, fact.AlertMemory{Name: m.Name})
		if err == nil {
			c = &courier{s: s, Route: Route{Name: channel}}
			gone.Facts = append(gone.Facts, c.failed(owed{alert: a}, "channel-gone", true))
		}
	}
	s.watch.Restore(episodes)
	s.commit(gone)
}

func (s *Service) courier(name string) *courier {
	for _, c := range s.couriers {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// act writes down what must not be forgotten and hands alerts to every
// channel, in this order: a delivery's end must not be written before it.
func (s *Service) act(step watch.Step) {
	var w fact.Write
	for _, a := range step.Alerts {
		s.c.Log.Warn("alert", "kind", a.Kind, "notice", a.Notice, "about", a.About, "count", a.Count, "id", a.ID)
		for _, c := range s.couriers {
			if c.wants(a) {
				w.Rows = append(w.Rows, c.row(a, false))
			}
		}
	}
	for _, e := range step.Keep {
		doc, _ := json.Marshal(e) // as in courier.row
		w.Rows = append(w.Rows, fact.AlertMemory{Name: episodeName(e), Doc: string(doc)})
	}
	for _, e := range step.Forget {
		w.Rows = append(w.Rows, fact.AlertMemory{Name: episodeName(e)})
	}
	s.commit(w)
	for _, a := range step.Alerts {
		for _, c := range s.couriers {
			if c.wants(a) {
				s.commit(c.take(a))
			}
		}
	}
}

func episodeName(e watch.Episode) string { return episodePrefix + string(e.Kind) + "/" + e.About }

// commit writes behind the deliveries: an alert does not wait for the disk.
func (s *Service) commit(w fact.Write) {
	if len(w.Facts) == 0 && len(w.Rows) == 0 {
		return
	}
	s.c.Commit(w, func(err error) {
		if err != nil {
			s.c.Log.Warn("not on record: what became of alerts", "err", err)
		}
	})
}

// ErrChannel says that there is no channel of a name, or none at all.
var ErrChannel = errors.New("no such alert channel")

// Tried is what came of a test alert on one channel.
type Tried struct {
	Route  Route
	Answer string        // what the server said
	Took   time.Duration //
	Err    error         // nil where the server took it
}

// Test sends a test alert at once, on the named channel or, for "", on every
// one. The error is ErrChannel where there is none.
func (s *Service) Test(ctx context.Context, channel string) ([]Tried, error) {
	now := s.c.Now().UTC()
	a := watch.Alert{
		ID: "test-" + now.Format("20060102T150405.000000000"), Kind: testKind, Notice: watch.Begun,
		Of: text.Of("alert.of.unit"), What: text.Of("alert.what.test"), Do: text.Of("alert.do.test"),
		Count: 1, Since: now, Last: now, At: now, Due: now,
	}
	var out []Tried
	for _, c := range s.couriers {
		if channel != "" && c.Name != channel {
			continue
		}
		began := time.Now()
		answer, err := c.send(ctx, write(a, s.c.Unit(), s.c.Lang))
		out = append(out, Tried{Route: c.Route, Answer: answer, Took: time.Since(began), Err: err})
		o := owed{alert: a, tries: 1}
		if err != nil {
			s.commit(fact.Write{Facts: []fact.Fact{c.failed(o, Word(err), true)}})
			continue
		}
		s.commit(fact.Write{Facts: []fact.Fact{c.sent(o)}})
	}
	if len(out) == 0 {
		return nil, ErrChannel
	}
	return out, nil
}

// ChannelState is how a channel does.
type ChannelState struct {
	Route    Route
	Owed     int // alerts that it has not delivered yet
	Failures int // attempts that failed since the last that did not
}

// Channels lists the channels in the order of the configuration.
func (s *Service) Channels() []ChannelState {
	out := make([]ChannelState, 0, len(s.couriers))
	for _, c := range s.couriers {
		owes, failures := c.waiting()
		out = append(out, ChannelState{Route: c.Route, Owed: owes, Failures: failures})
	}
	return out
}
