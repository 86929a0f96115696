package unit

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/unit/call"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/media/engine"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/unit/site"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	phoneSide = netip.MustParseAddrPort("127.0.0.1:5060")
	lineSide  = netip.MustParseAddrPort("127.0.0.2:5060")
	loopback  = netip.MustParseAddr("127.0.0.1")
)

// office is a unit with puppets for phones and carriers. The desk, the lines,
// the stack and the relay are real; the network, the registrar and the store
// are not.
type office struct {
	t       testing.TB
	h       *hub
	unit    *Unit
	stack   *stack.Stack
	relay   *media.Relay
	desk    *desk.Desk
	notes   *notes
	budget  *budget.Plan
	lines   *line.Lines
	phones  *fakePhones
	books   *fakeBooks
	routing []fact.Routed
	p201    *puppet
	p202    *puppet
	p203    *puppet
	hikari  *puppet // carrier of line l1
	backup  *puppet // carrier of line l2
	sites   *site.Sites
	opens   map[string]bool // the sites that may call outside
}

type officeConfig struct {
	site     siteConfig
	shards   int
	call     call.Config
	left     []fact.LineDialog
	open     []fact.CallRecord
	watched  map[string]fact.Subscription
	channels int
	// announcements at once; 0 is none
	announcements int
	late          bool // Start is the test's to call
	// pins of extensions; nil: nobody can be asked for one
	pins map[string]string
	lang string // of announcements
	// parkWait is how long who is parked waits; 0 is the package's
	parkWait time.Duration
	// limits of budgets in place of the factory's; nil: no budgets
	limits []fact.Limit
	// packets are the network in place of the hub: everybody there is known, and
	// nothing is poisoned
	packets  []stack.Packets
	scripts  Scripts  // behind feature codes
	caller   string   // the number that Hikari's calls show; "": its own name
	mute     bool     // nobody says anything, for days
	kernel   bool     // the kernel carries voice, not the air
	services Services // behind feature codes too
	recorder Recorder
	// lineCodecs are such as lines take before those of their profile
	lineCodecs []string
	// recordNotice is as in Config
	recordNotice string
	messages     Messages // in mailboxes; nil: there are none
	recordPause  time.Duration
	// forwarded is what the lines show of calls that are sent on
	forwarded string
}

// ports of the media relays of tests that run side by side must not be few.
var ports = plane.MediaPorts{First: 20000, Last: 60000}

type portSockets struct{}

func (portSockets) OpenPair(from netip.AddrPort) (rtp, rtcp media.Socket, err error) {
	a, b, err := ports.OpenPair(from)
	if err != nil {
		return nil, nil, err
	}
	return a, b, nil
}

func newOffice(t testing.TB, cfg officeConfig) *office {
	t.Helper()
	o := &office{t: t, h: newHub(cfg.shards, phoneSide, lineSide), books: newBooks(), phones: &fakePhones{}}
	switch {
	case *sockets && cfg.packets == nil && !cfg.mute:
		o.h.wire = newWire(t)
		cfg.left, cfg.watched = moved(o.h.wire, cfg.left), moved(o.h.wire, cfg.watched)
	case cfg.kernel:
	case cfg.site.road != nil:
		o.h.air = cfg.site.road.air
	default:
		o.h.air = newAir()
	}
	o.books.left, o.books.open = cfg.left, cfg.open
	maps.Copy(o.books.watched, cfg.watched)
	first := cmp.Or(cfg.site.first, "2")
	o.p201 = newPuppet(t, o.h, first+"01", "127.0.1.1:5061", phoneSide)
	o.p202 = newPuppet(t, o.h, first+"02", "127.0.1.2:5062", phoneSide)
	o.p203 = newPuppet(t, o.h, first+"03", "127.0.1.3:5063", phoneSide)
	o.hikari = newPuppet(t, o.h, cmp.Or(cfg.caller, "hikari"), "127.0.9.1:5060", lineSide)
	o.backup = newPuppet(t, o.h, "backup", "127.0.9.2:5060", lineSide)
	for _, p := range []*puppet{o.p201, o.p202, o.p203} {
		o.phones.add(p)
	}
	o.addLines(cfg.channels, cfg.forwarded)
	o.addDesk(cfg.limits)
	o.start(cfg)
	return o
}

func (o *office) addLines(channels int, forwarded string) {
	if channels == 0 {
		channels = 4
	}
	lines, err := line.New(line.Config{SealKey: make([]byte, line.KeyBytes), Committer: o.books})
	o.must(err)
	o.lines = lines
	for i, carrier := range []*puppet{o.hikari, o.backup} {
		row, err := lines.Seal(fact.Line{
			ID: fmt.Sprintf("l%d", i+1), Profile: "generic-static", Registrar: carrier.addr.String(),
			Sources: []string{carrier.addr.Addr().String()}, AreaCode: "03", Channels: channels, Priority: i,
			Transport: "udp", Forwarded: forwarded, Numbers: []fact.Number{
				{Number: fmt.Sprintf("031234567%d", i), Ring: []string{o.p202.name}},
				{Number: fmt.Sprintf("031234568%d", i), Ring: []string{"400"}},
				{Number: fmt.Sprintf("031234569%d", i), Ring: []string{"09011112222"}},
				{Number: fmt.Sprintf("031234560%d", i), Ring: []string{"301"}}, // of another site, where there is one
			},
		}, "")
		o.must(err)
		o.must(lines.Add(row))
	}
}

func (o *office) addDesk(limits []fact.Limit) {
	money, err := budget.New(budget.Settings{Tariff: o.tariff, Limits: limits})
	o.must(err)
	if limits == nil {
		money = nil
	} else {
		o.books.ledger, o.books.accounts = budget.NewLedger(noAccounts{}), map[string]budget.Account{}
	}
	o.budget = money
	o.desk = desk.New(desk.Config{Committer: o.books, Policy: o.policy()})
}

// policy is that of the office, with what is set apart.
func (o *office) policy(apart ...fact.Quarantine) *gate.Policy {
	o.t.Helper()
	s := o.settings()
	s.Quarantines = apart
	policy, err := gate.NewPolicy(s)
	o.must(err)
	return policy
}

// settings are those of the office's policy.
func (o *office) settings() gate.Settings {
	return gate.Settings{
		Version: "test", Claimed: true,
		Lines: map[string]gate.LineRule{
			"l1":   {Classes: gate.Classes(number.Geographic, number.Mobile, number.International)}, // no freephone
			"l2":   {},
			"over": {}, // another site's lines, where there are any
		},
		Extensions: map[string]gate.ExtensionRule{"203": {InternalOnly: true}},
		Openings:   []fact.Opening{{ID: "o1", Extension: "201", Area: "GM", Expires: time.Now().Add(time.Hour)}},
		Budget:     o.budget,
		Sites:      o.opens,
	}
}

func (o *office) plan() *plan.Plan {
	p, err := plan.New(o.planSettings())
	o.must(err)
	return p
}

func (o *office) planSettings() plan.Settings {
	s := plan.Settings{
		Extensions: []string{o.p201.name, o.p202.name, o.p203.name},
		Groups:     []fact.Group{{Number: "400", Members: []string{o.p202.name, o.p203.name}}},
		Features:   plan.Features(),
		Routing:    o.routing,
	}
	for _, l := range o.lines.List(time.Now()) {
		s.Lines = append(s.Lines, plan.Line{ID: l.ID, Numbers: l.Numbers, Number: l.Number.Line})
	}
	return s
}

func (o *office) start(cfg officeConfig) {
	o.t.Helper()
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("UNIT_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	o.sites = site.New(site.Config{Committer: o.books, Log: log})
	var err error
	o.notes = &notes{Desk: o.desk}
	o.unit, err = New(Config{
		Sites: o.sites, SiteMark: cfg.site.key,
		Realm: "office", Desk: o.notes, Phones: o.phones, Lines: o.lines, Committer: o.books, Keeper: o.books,
		Prover: o.prover(cfg.pins), Lang: cfg.lang, Scripts: cfg.scripts, Services: cfg.services,
		Recorder: cfg.recorder, RecordPause: cfg.recordPause, RecordNotice: cfg.recordNotice,
		Messages: cfg.messages,
		Call:     cfg.call, Announcements: cfg.announcements, Log: log, ParkWait: cfg.parkWait,
		Places: &ground{
			Listeners:    map[string]netip.Addr{"phones": loopback, "lines": loopback},
			Endpoint:     func(id string) (line.Endpoint, error) { return o.lines.Endpoint(id, 0) },
			LineListener: func(string) string { return "lines" },
			LineCodecs:   cfg.lineCodecs,
		},
	})
	o.must(err)
	o.unit.SetPlan(o.plan())
	voice := media.Config{Sockets: portSockets{}, OnEvent: o.unit.OnMedia, Log: log}
	if o.h.air != nil {
		voice.Engine, voice.Sockets, voice.Ether = string(engine.Still), o.h.air, o.h.air
	}
	if cfg.mute {
		o.unit.cfg.MediaTimeout = quietForDays
	}
	o.relay, err = media.New(voice)
	o.must(err)
	packets := cfg.packets
	switch {
	case o.h.wire != nil:
		packets = o.h.wire.listen(o.t, cfg.shards)
	case packets == nil:
		for _, p := range o.h.shards {
			packets = append(packets, p)
		}
	}
	o.stack, err = stack.New(stack.Config{
		Listeners: append([]stack.Listener{
			{Name: "phones", Side: stack.PhoneSide, Transport: "udp", Address: o.h.wire.place(phoneSide), RPort: true},
			{Name: "lines", Side: stack.LineSide, Transport: "udp", Address: o.h.wire.place(lineSide), RPort: true},
		}, cfg.site.listeners(o.sites)...),
		Packets: packets, Auth: atTheDoor{o.sites}, Dial: cfg.site.dial(), Lines: o.lines, Handler: o.unit,
		Session: phoneSession(), Log: log, Poison: cfg.packets == nil,
		KnownSource: func(netip.AddrPort) bool { return cfg.packets != nil },
		Parted: func(peer string) {
			o.sites.Parted(peer, time.Now())
			o.unit.SitesChanged()
		},
		Emergency: func(user []byte) bool { return strings.Contains(" 110 118 119 ", " "+string(user)+" ") },
	})
	o.must(err)
	o.must(o.stack.Start(context.Background()))
	for _, id := range []string{"l1", "l2"} {
		o.must(openLine(o.unit, o.stack, o.lines, id, "lines"))
	}
	if !cfg.late {
		o.must(o.unit.Start(context.Background(), o.stack, o.relay))
	}
	o.t.Cleanup(o.close)
}

// phoneSession is how sessions with phones behave.
func phoneSession() session.Config {
	c := session.DefaultConfig()
	c.Refer = true
	c.InfoTypes = append(c.InfoTypes, PartyType)
	return c
}

func (o *office) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = o.unit.Stop(ctx)
	o.stack.Stop()
	_ = o.relay.Close()
	o.books.wait()
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// eventually waits until something holds.
func (o *office) eventually(what string, holds func() bool) {
	o.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if holds() {
			return
		}
	}
	o.t.Fatalf("never: %s", what)
}

// over waits until the unit has no call, no media and no stored dialog left.
func (o *office) over() {
	o.t.Helper()
	o.eventually("no call is left", func() bool { return len(o.unit.Calls()) == 0 })
	o.eventually("no media is left", func() bool { return o.relay.Calls() == 0 })
	o.linesFree()
	o.eventually("no line dialog is left", func() bool { return o.books.dialogs() == 0 })
}

// fakeBooks keeps what is committed, and commits from another goroutine.
type fakeBooks struct {
	mu    sync.Mutex
	facts []fact.Fact
	rows  map[fact.LineDialogGone]fact.LineDialog
	left  []fact.LineDialog
	// watched are the subscriptions that are stored, by tag.
	watched map[string]fact.Subscription
	open    []fact.CallRecord
	fail    error
	slow    chan struct{} // line dialogs are on disk when it is closed; nil: at once
	busy    atomic.Int64  // commits that are under way: more may come while one waits for them
	// verdicts are on disk when it is closed; nil: at once
	judged chan struct{}
	// renewals are known to be on disk when it is closed; nil: at once
	renewed  chan struct{}
	ledger   *budget.Ledger // nil: no accounts
	accounts map[string]budget.Account
}

func newBooks() *fakeBooks {
	return &fakeBooks{rows: make(map[fact.LineDialogGone]fact.LineDialog), watched: make(map[string]fact.Subscription)}
}

func (b *fakeBooks) Commit(w fact.Write, done func(error)) {
	b.mu.Lock()
	err := b.fail
	if err == nil && b.ledger != nil {
		err = b.follow(w.Facts)
	}
	if err == nil {
		b.facts = append(b.facts, w.Facts...)
		for _, r := range w.Rows {
			switch r := r.(type) {
			case fact.LineDialog:
				b.rows[fact.LineDialogGone{Call: r.Call, Line: r.Line, Leg: r.Leg}] = r
			case fact.LineDialogGone:
				delete(b.rows, r)
			case fact.Subscription:
				b.watched[r.Tag] = r
			case fact.SubscriptionGone:
				delete(b.watched, r.Tag)
			}
		}
	}
	slow, judged, renewed := b.slow, b.judged, b.renewed
	b.mu.Unlock()
	b.busy.Add(1)
	go func() {
		defer b.busy.Add(-1)
		if len(w.Rows) > 0 && slow != nil {
			<-slow
		}
		if judged != nil && slices.ContainsFunc(w.Facts, isJudged) {
			<-judged
		}
		if renewed != nil && err == nil && slices.ContainsFunc(w.Facts, isRenewed) {
			<-renewed
		}
		done(err)
	}()
}

// follow lets the accounts follow facts, all or none.
func (b *fakeBooks) follow(facts []fact.Fact) error {
	b.ledger.Begin()
	for _, f := range facts {
		if _, err := b.ledger.Follow(f, 0); err != nil {
			b.ledger.Undo()
			return err
		}
	}
	return b.ledger.Write(func(c budget.Changed) error {
		b.accounts[c.ID] = *c.Account
		return nil
	}, func(int64, uint64) error { return nil })
}

// noAccounts is what a ledger reads that begins empty.
type noAccounts struct{}

func (noAccounts) Account(string) (*budget.Account, error) { return nil, nil }
func (noAccounts) Hour() (int64, error)                    { return 0, nil }
func (noAccounts) Calls() (map[string][]budget.Leg, error) { return nil, nil }
func (noAccounts) Ended(string) (bool, error)              { return false, nil }

func isJudged(f fact.Fact) bool {
	_, ok := f.(fact.CallJudged)
	return ok
}

// wait returns when no commit is under way.
func (b *fakeBooks) wait() {
	for b.busy.Load() > 0 {
		time.Sleep(time.Millisecond)
	}
}

func (b *fakeBooks) LineDialogs(context.Context) ([]fact.LineDialog, error) { return b.left, nil }

// OpenCalls are what was left that is not closed, the newest first.
func (b *fakeBooks) OpenCalls(_ context.Context, before uint64, limit int) ([]fact.CallRecord, error) {
	var out []fact.CallRecord
	for _, r := range slices.Backward(b.open) {
		if r.Leaf < before && len(out) < limit {
			out = append(out, r)
		}
	}
	return out, nil
}

func (b *fakeBooks) dialogs() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.rows)
}

func (b *fakeBooks) stored() []fact.LineDialog {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []fact.LineDialog
	for _, r := range b.rows {
		out = append(out, r)
	}
	return out
}

// kinds lists the kinds of facts about calls, in order.
func (b *fakeBooks) kinds() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, f := range b.facts {
		switch f.(type) {
		case fact.CallStarted, fact.CallJudged, fact.CallAnswered, fact.CallEnded, fact.EmergencyCalled:
			out = append(out, f.Kind())
		}
	}
	return out
}

// the last fact of a type, waited for.
func last[F fact.Fact](o *office) F {
	o.t.Helper()
	var found F
	o.eventually(fmt.Sprintf("a fact %s", found.Kind()), func() bool {
		o.books.mu.Lock()
		defer o.books.mu.Unlock()
		for _, f := range slices.Backward(o.books.facts) {
			if f, ok := f.(F); ok {
				found = f
				return true
			}
		}
		return false
	})
	return found
}
