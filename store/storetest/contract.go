package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// Open opens the same store again and again; fault may be nil.
type Open func(t testing.TB, fault func(step string) error) *store.Store

// Run runs the contract. fresh gives an Open for a new, empty store each time.
func Run(t *testing.T, fresh func(t testing.TB) Open) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(*testing.T, Open)
	}{
		{"state follows facts", stateFollowsFacts},
		{"messages follow facts", messagesFollow},
		{"recordings follow facts", recordingsFollow},
		{"greetings follow facts", greetingsFollow},
		{"tariffs follow facts", tariffsFollow},
		{"rows change without leaves", rowsChange},
		{"calls add up", callsAddUp},
		{"calls are marked", callsAreMarked},
		{"calls wait in queues", callsWaitInQueues},
		{"calls are missed, received and dialed", callsAreMissed},
		{"changes of the policy follow", policiesFollow},
		{"calls toward lines", outsideCalls},
		{"causes are earlier leaves", causes},
		{"what was done is there after reopening", reopened},
		{"one bad entry does not take others along", oneBadEntry},
		{"a failing disk fails everything, then recovers", failingDisk},
		{"after any failing step state and log agree", staircase},
		{"money follows calls", moneyFollows},
		{"money goes over to a person", moneyGoesOver},
		{"an exhausted budget stays shut", latches},
		{"ten thousand calls at once stay within budgets", parallelHolds},
		{"after any failing step accounts are what facts say", staircaseOfMoney},
		{"a closed store takes nothing", closed},
		{"a full queue answers at once", fullQueue},
		{"what nobody waits for is written together, soon", behindHasTime},
		{"it goes along with what is waited for, in order", behindGoesAlong},
		{"much of it goes at once", muchBehindGoesAtOnce},
		{"alerts are remembered", alerts},
		{"PINs follow facts", pinsFollow},
		{"routing follows facts", routingFollows},
		{"a spare says the same", spareSaysTheSame},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, fresh(t)) })
	}
}

// Salts is a source of salts that are different but not random.
type Salts struct {
	mu sync.Mutex
	n  uint64
}

// Read fills p with a running number.
func (s *Salts) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	clear(p)
	if len(p) >= 8 {
		binary.BigEndian.PutUint64(p, s.n)
	}
	return len(p), nil
}

// Day is when the contract's facts happen.
var Day = time.Date(2015, 3, 11, 1, 2, 3, 456789, time.UTC)

// Entry drafts facts and adds rows.
func Entry(t testing.TB, facts []fact.Fact, rows ...fact.Row) chain.Entry {
	t.Helper()
	d := chain.Drafter{Unit: "u1", Boot: 1, Salt: &Salts{}}
	e := chain.Entry{Rows: rows}
	for _, f := range facts {
		draft, err := d.Draft(f, Day)
		if err != nil {
			t.Fatal(err)
		}
		e.Drafts = append(e.Drafts, draft)
	}
	return e
}

// Write appends facts and rows and waits.
func Write(t testing.TB, s *store.Store, facts []fact.Fact, rows ...fact.Row) error {
	t.Helper()
	done := make(chan error, 1)
	s.Append(Entry(t, facts, rows...), func(err error) { done <- err })
	return <-done
}

func must(t testing.TB, s *store.Store, facts []fact.Fact, rows ...fact.Row) {
	t.Helper()
	if err := Write(t, s, facts, rows...); err != nil {
		t.Fatal(err)
	}
}

func facts(f ...fact.Fact) []fact.Fact { return f }

// get reads a list and fails on error.
func get[T any](t testing.TB, read func(context.Context) ([]T, error)) []T {
	t.Helper()
	list, err := read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

var (
	phone = fact.Phone{
		Extension: "201", Device: "201-1", Name: "受付", User: "201-1", Realm: "sekisho",
		SecretSealed: fact.Sealed("sealed bytes"), Created: Day, CreatedBy: "owner",
	}
	line = fact.Line{
		ID: "hikari", Profile: "hikari-hgw", Registrar: "192.0.2.1", SecretSealed: fact.Sealed("line secret"),
		Numbers: []fact.Number{{Number: "0312345678", Ring: []string{"201", "300"}}}, AreaCode: "03",
		Channels: 2, Transport: "udp", Created: Day, CreatedBy: "owner",
	}
	opening = fact.Opening{
		ID: "o1", Extension: "201", Area: "SL", Expires: Day.Add(time.Hour), Created: Day, CreatedBy: "owner",
	}
	apart = fact.Quarantine{
		ID: "q1", Kind: "destination", Value: "abroad", Reason: "不正利用", Until: Day.Add(time.Hour), Created: Day,
		CreatedBy: "owner",
	}
	binding = fact.Binding{
		Extension: "201", Device: "201-1", Contact: "sip:201-1@192.0.2.7", CallID: "c1", CSeq: 7,
		Source: netip.MustParseAddrPort("192.0.2.7:5060"), Transport: "udp", Listener: "voice",
		Path: []string{"<sip:p.example;lr>"}, Q: 500, Expires: Day.Add(time.Hour), Created: Day,
	}
)

func stateFollowsFacts(t *testing.T, open Open) {
	s := open(t, nil)
	group := fact.Group{
		Number: "300", Name: "営業", Members: []string{"201", "202"}, Strategy: fact.RingLinear, Seconds: 15,
		Delays: map[string]int{"202": 10}, SkipBusy: true, Out: []string{"202"}, Overflow: "203",
	}
	must(t, s, facts(
		fact.UnitClaimed{By: "owner", At: Day}, fact.PhoneAdded{Phone: phone}, fact.LineAdded{Line: line},
		fact.GroupSet{Group: group, By: "owner", At: Day}, fact.OpeningAdded{Opening: opening},
		fact.QuarantineSet{Quarantine: apart},
	))
	same(t, "phones", get(t, s.Phones), []fact.Phone{phone})
	same(t, "lines", get(t, s.Lines), []fact.Line{line})
	same(t, "groups", get(t, s.Groups), []fact.Group{group})
	same(t, "openings", get(t, s.Openings), []fact.Opening{opening})
	same(t, "quarantines", get(t, s.Quarantines), []fact.Quarantine{apart})
	by, at, ok, err := s.Claim(t.Context())
	if by != "owner" || !at.Equal(Day) || !ok || err != nil {
		t.Errorf("claim: %q %v %v %v", by, at, ok, err)
	}
	renewed := fact.SecretRenewed{Device: "201-1", User: "201-1b", SecretSealed: fact.Sealed("new"), At: Day}
	must(t, s, facts(renewed, fact.OpeningRemoved{ID: "o1", At: Day},
		fact.QuarantineReleased{ID: "q1", Reason: "over", By: "owner", At: Day}, fact.LineRemoved{Line: "hikari"},
		fact.GroupSet{Group: fact.Group{Number: "300"}}))
	after := phone
	after.SecretSealed, after.User = fact.Sealed("new"), "201-1b"
	same(t, "phones after", get(t, s.Phones), []fact.Phone{after})
	n := len(get(t, s.Lines)) + len(get(t, s.Groups)) + len(get(t, s.Openings)) + len(get(t, s.Quarantines))
	if n != 0 {
		t.Errorf("%d things left after their removal", n)
	}
	disabled := after
	disabled.Disabled = true
	must(t, s, facts(fact.PhoneDisabled{Device: "201-1", At: Day}))
	same(t, "phones disabled", get(t, s.Phones), []fact.Phone{disabled})
	must(t, s, facts(fact.PhoneEnabled{Device: "201-1", At: Day}))
	same(t, "phones enabled", get(t, s.Phones), []fact.Phone{after})
	must(t, s, facts(fact.PhoneRemoved{Device: "201-1", At: Day}))
	if n := len(get(t, s.Phones)); n != 0 {
		t.Errorf("%d phones left", n)
	}
	if s.Head().Size != 14 {
		t.Errorf("%d leaves, want 14", s.Head().Size)
	}
}

func rowsChange(t *testing.T, open Open) {
	s := open(t, nil)
	dialog := fact.LineDialog{
		Call: "c1", Line: "hikari", CallID: "x", LocalTag: "a", RemoteTag: "b", LocalURI: "sip:a@h",
		RemoteURI: "sip:b@h", Target: "sip:b@h:5061", LocalSeq: 3, Answered: Day,
		Remote: netip.MustParseAddrPort("[2001:db8::1]:5060"), Transport: "tcp",
	}
	other := dialog
	other.Leg, other.CallID = 1, "y"
	second := binding
	second.Contact = "sip:201-1@192.0.2.8"
	must(t, s, nil, binding, second, dialog, other, subscription, fact.Setting{Name: "unit", Value: "u1"})
	refreshed := binding
	refreshed.Expires = Day.Add(2 * time.Hour)
	must(t, s, nil, refreshed)
	same(t, "bindings", get(t, s.Bindings), []fact.Binding{refreshed, second})
	same(t, "dialogs", get(t, s.LineDialogs), []fact.LineDialog{dialog, other})
	same(t, "subscriptions", get(t, s.Subscriptions), []fact.Subscription{subscription})
	later := subscription
	later.LocalSeq, later.Routes = 99, []string{"sip:p;lr"}
	must(t, s, nil, later)
	same(t, "subscriptions after", get(t, s.Subscriptions), []fact.Subscription{later})
	if v, err := s.Setting(t.Context(), "unit"); v != "u1" || err != nil {
		t.Errorf("setting: %q %v", v, err)
	}
	must(t, s, nil, fact.BindingGone{Device: "201-1", Contact: second.Contact},
		fact.LineDialogGone{Call: "c1", Line: "hikari"}, fact.SubscriptionGone{Tag: subscription.Tag},
		fact.Setting{Name: "unit"})
	same(t, "dialogs after", get(t, s.LineDialogs), []fact.LineDialog{other})
	must(t, s, nil, fact.LineDialogGone{Call: "c1", Line: "hikari", Leg: 1})
	same(t, "bindings after", get(t, s.Bindings), []fact.Binding{refreshed})
	must(t, s, nil, fact.BindingGone{Device: "201-1"})
	if n := len(get(t, s.Bindings)) + len(get(t, s.LineDialogs)) + len(get(t, s.Subscriptions)); n != 0 {
		t.Errorf("%d rows left", n)
	}
	if s.Head().Size != 0 {
		t.Errorf("rows made %d leaves", s.Head().Size)
	}
}

var subscription = fact.Subscription{
	Tag: "s00", CallID: "x", RemoteTag: "b", LocalURI: "<sip:202@unit>", RemoteURI: "<sip:201@unit>",
	Target: "sip:201@192.0.2.7", LocalSeq: 10_001, RemoteSeq: 1, Package: "dialog", Expires: Day,
	Entity: "202", Extension: "201", Device: "201-1", UserAgent: "Phone/1",
	Source: netip.MustParseAddrPort("192.0.2.7:5060"), Local: netip.MustParseAddrPort("192.0.2.1:5060"),
	Transport: "udp", Listener: "phones",
}

var sound = []fact.Sound{
	{Leg: "caller", Codec: "PCMU", Received: 500, Sent: 499, JitterUS: 1200}, {Leg: "hikari", Lost: 3},
}

func callsAddUp(t *testing.T, open Open) {
	s := open(t, nil)
	who := fact.Party{Origin: "dialed", Extension: "201", Device: "201-1", Source: "192.0.2.7:5060"}
	must(t, s, facts(
		fact.CallStarted{Call: "c1", Direction: fact.Outgoing, Party: who, From: "201", To: "0312345678", At: Day},
		fact.CallJudged{
			Call: "c1", Party: who, Line: "hikari", Class: "geographic", Number: "81312345678", Area: "JP",
			Verb: "pass", Rule: "ordinary", At: Day.Add(1),
		},
		fact.CallAnswered{Call: "c1", Line: "hikari", At: Day.Add(2)},
		fact.CallStarted{Call: "c2", Direction: fact.Internal, Party: who, From: "201", To: "202", At: Day.Add(3)},
		fact.CallEnded{
			Call: "c1", Ended: Day.Add(4), Status: 200, Reason: "hung up", MediaRole: "media relay", Sound: sound,
		},
		fact.CallJudged{
			Call: "c3", Direction: fact.Outgoing, Party: who, From: "201", Dialed: "117", Started: Day.Add(5),
			Verb: "refuse", At: Day.Add(6),
		},
		fact.CallEnded{
			Call: "c4", First: true, Direction: fact.Internal, Party: who, From: "201", To: "202", Answerer: "202-1",
			Started: Day.Add(7), Answered: Day.Add(8), Ended: Day.Add(9), Status: 200, Reason: "hung up",
		},
	))
	want := fact.CallRecord{
		Call: "c1", Direction: fact.Outgoing, Origin: "dialed", Extension: "201", Device: "201-1",
		Source: "192.0.2.7:5060", From: "201", To: "0312345678", Class: "geographic", Number: "81312345678",
		Area: "JP", Line: "hikari", Verb: "pass", Rule: "ordinary", Answerer: "hikari", Started: Day,
		Judged: Day.Add(1), Answered: Day.Add(2), Ended: Day.Add(4), Status: 200, Reason: "hung up",
		MediaRole: "media relay", Sound: sound,
	}
	calls := func(f store.CallFilter) []fact.CallRecord {
		return get(t, func(ctx context.Context) ([]fact.CallRecord, error) { return s.Calls(ctx, f) })
	}
	same(t, "call", calls(store.CallFilter{Call: "c1"}), []fact.CallRecord{want})
	judged := fact.CallRecord{
		Call: "c3", Direction: fact.Outgoing, Origin: "dialed", Extension: "201", Device: "201-1",
		Source: "192.0.2.7:5060", From: "201", To: "117", Verb: "refuse", Started: Day.Add(5), Judged: Day.Add(6),
		Leaf: 5,
	}
	same(t, "call that a verdict tells of", calls(store.CallFilter{Call: "c3"}), []fact.CallRecord{judged})
	whole := fact.CallRecord{
		Call: "c4", Direction: fact.Internal, Origin: "dialed", Extension: "201", Device: "201-1",
		Source: "192.0.2.7:5060", From: "201", To: "202", Answerer: "202-1", Started: Day.Add(7),
		Answered: Day.Add(8), Ended: Day.Add(9), Status: 200, Reason: "hung up", Leaf: 6,
	}
	same(t, "call that its end tells of", calls(store.CallFilter{Call: "c4"}), []fact.CallRecord{whole})
	for _, c := range []struct {
		name   string
		filter store.CallFilter
		want   string
	}{
		{"all, newest first", store.CallFilter{}, "c4 c3 c2 c1 "},
		{"open", store.CallFilter{Open: true}, "c3 c2 "},
		{"open, from before a leaf", store.CallFilter{Open: true, Leaf: judged.Leaf}, "c2 "},
		{"verb", store.CallFilter{Verb: "pass"}, "c1 "},
		{"line", store.CallFilter{Line: "hikari"}, "c1 "},
		{"since", store.CallFilter{Since: Day.Add(3)}, "c4 c3 c2 "},
		{"before", store.CallFilter{Before: Day.Add(3)}, "c1 "},
		{"extension", store.CallFilter{Extension: "999"}, ""},
		{"limit", store.CallFilter{Limit: 1}, "c4 "},
	} {
		var got strings.Builder
		for _, r := range calls(c.filter) {
			got.WriteString(r.Call + " ")
		}
		if got.String() != c.want {
			t.Errorf("%s: %q, want %q", c.name, got.String(), c.want)
		}
	}
}

var signs = []fact.Sign{
	{Name: "moved", Strong: true, Figures: [2]int64{2, 0}}, {Name: "off-hours", Figures: [2]int64{3, 1}},
}

func callsAreMarked(t *testing.T, open Open) {
	s := open(t, nil)
	must(t, s, facts(
		fact.CallStarted{Call: "c1", Direction: fact.Incoming, From: "+23276123456", Mark: "abroad", At: Day},
		fact.CallJudged{
			Call: "c2", Party: fact.Party{Extension: "201"}, Verb: "refuse", Opinion: "challenge", Signs: signs,
			Started: Day, At: Day,
		},
	))
	got := get(t, func(ctx context.Context) ([]fact.CallRecord, error) { return s.Calls(ctx, store.CallFilter{}) })
	odd := fact.CallRecord{
		Call: "c2", Extension: "201", Verb: "refuse", Opinion: "challenge", Signs: signs, Started: Day, Judged: Day,
		Leaf: 1,
	}
	same(t, "calls", got, []fact.CallRecord{odd, {
		Call: "c1", Direction: fact.Incoming, From: "+23276123456", Mark: "abroad", Started: Day,
	}})
	got = get(t, func(ctx context.Context) ([]fact.CallRecord, error) {
		return s.Calls(ctx, store.CallFilter{Odd: true})
	})
	same(t, "odd calls", got, []fact.CallRecord{odd})
}

func callsWaitInQueues(t *testing.T, open Open) {
	s := open(t, nil)
	must(t, s, facts(
		fact.CallStarted{Call: "c1", Direction: fact.Incoming, From: "+81312345678", At: Day},
		fact.CallEnded{Call: "c1", Answerer: "202-1", Queue: "400", Agent: "202", WaitedMS: 12_345, Ended: Day},
		fact.CallEnded{Call: "c2", First: true, Direction: fact.Internal, Queue: "400", WaitedMS: 1, Ended: Day},
	))
	got := get(t, func(ctx context.Context) ([]fact.CallRecord, error) { return s.Calls(ctx, store.CallFilter{}) })
	same(t, "calls", got, []fact.CallRecord{
		{Call: "c2", Direction: fact.Internal, Queue: "400", WaitedMS: 1, Ended: Day, Leaf: 2},
		{
			Call: "c1", Direction: fact.Incoming, From: "+81312345678", Answerer: "202-1",
			Queue: "400", Agent: "202", WaitedMS: 12_345, Started: Day, Ended: Day,
		},
	})
}

func causes(t *testing.T, open Open) {
	s := open(t, nil)
	who := fact.Party{Extension: "201", Device: "201-1", Registration: binding.Pointer()}
	must(t, s, facts(fact.PhoneAdded{Phone: phone}))
	must(t, s, facts(fact.PhoneRegistered{Pointer: binding.Pointer(), Device: "201-1"}))
	must(t, s, facts(fact.CallStarted{Call: "c1", Party: who}, fact.CallJudged{Call: "c1", Party: who}))
	must(t, s, facts(fact.CallEnded{Call: "c1", Party: who}, fact.CallEnded{Call: "c2", First: true, Party: who}))
	must(t, s, facts(fact.CallJudged{Call: "c3", First: true, Party: who}))
	want := []string{"[]", "[0]", "[1]", "[2 1]", "[3 1]", "[1]", "[1]"}
	for _, leaf := range leaves(t, s) {
		if got := fmt.Sprint(leaf.Cause); got != want[leaf.Seq] {
			t.Errorf("leaf %d %s is caused by %s, want %s", leaf.Seq, leaf.Type, got, want[leaf.Seq])
		}
	}
}

func reopened(t *testing.T, open Open) {
	var want []chain.Leaf
	for boot := range uint64(4) {
		s := open(t, nil)
		if s.Boot() != boot+1 {
			t.Errorf("boot %d, want %d", s.Boot(), boot+1)
		}
		same(t, "leaves after reopening", leaves(t, s), want)
		for range boot + 1 {
			must(t, s, facts(fact.ControlUsed{Command: "x", At: Day}))
		}
		want = leaves(t, s)
		check(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func oneBadEntry(t *testing.T, open Open) {
	s := open(t, nil)
	must(t, s, facts(fact.PhoneAdded{Phone: phone}))
	var wait sync.WaitGroup
	results := make([]error, 9)
	for i := range results {
		f := facts(fact.ControlUsed{Command: fmt.Sprint(i)})
		if i%3 == 1 { // a device that is there already, after a leaf that is fine
			f = append(f, fact.PhoneAdded{Phone: phone})
		}
		wait.Add(1)
		s.Append(Entry(t, f), func(err error) { results[i] = err; wait.Done() })
	}
	wait.Wait()
	for i, err := range results {
		if bad := i%3 == 1; bad != (err != nil) || errors.Is(err, fact.ErrNotWritable) {
			t.Errorf("entry %d: %v", i, err)
		}
	}
	if s.Head().Size != 7 {
		t.Errorf("%d leaves, want 7", s.Head().Size)
	}
	check(t, s)
}

func closed(t *testing.T, open Open) {
	s := open(t, nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Write(t, s, nil); !errors.Is(err, fact.ErrClosed) {
		t.Errorf("write after close: %v", err)
	}
}
