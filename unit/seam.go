package unit

import (
	"context"
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/challenge/prover"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
	"github.com/sekisho/sekisho/unit/attendant"
	"github.com/sekisho/sekisho/unit/line"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/phone"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/unit/site"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// Desk answers whether an outside call may go out, and keeps the answer.
// gate/desk implements it.
type Desk interface {
	// Ask calls done once, from any goroutine; with a pass only when the
	// verdict is durable or need not be.
	Ask(r gate.Request, done func(gate.Verdict, gate.Pass, error))
	Purse
	// Check answers without a call and without a record.
	Check(r gate.Request) gate.Verdict
	// Apart gives the quarantine that a request falls under, or a call that was
	// one: for calls that the gate was not asked about, or long ago.
	Apart(r *gate.Request) (fact.Quarantine, bool)
	Told
}

// Purse is what a call that goes on has of the desk. gate/desk implements it.
type Purse interface {
	// Renew calls done once, from any goroutine, with the money that was set
	// aside beside what a leg has; with 0 it gets no more.
	Renew(call string, m budget.Meter, done func(tariff.Money))
	// MayGoOn tells whether a leg that gets no more may go on from the own budget
	// of whoever stands behind the request, with the PIN.
	MayGoOn(r gate.Request, m budget.Meter) bool
	// GoOn has it do so, for the proof in the request, and calls done once, from any
	// goroutine, with the leg's meter; ok is false where nothing is changed.
	GoOn(r gate.Request, m budget.Meter, done func(m budget.Meter, ok bool))
}

// Told is what the desk does not see itself. gate/desk implements it.
type Told interface {
	// Later writes facts when the store takes writes again; err is why a write of
	// them failed.
	Later(err error, facts ...fact.Fact)
	// Note tells what became of a call that the gate was asked about, and what else
	// happens: registrations, calls that come in.
	Note(e *tempo.Event)
}

// Books knows whose number is whose, and who is turned away. A Shelf of number/book
// does.
type Books interface {
	// Name is whose a number is, as the book of an extension says, or else the
	// common one; "" for nobody's.
	Name(extension, number string) string
	// Refuses tells why a caller is turned away at a number of the office, in a word
	// of number/book, "" that it is not.
	Refuses(called, caller string) (why string)
}

// Prover knows who can be asked for a PIN, and checks what is typed.
// gate/challenge/prover implements it.
type Prover interface {
	// Ready tells why a person can't be asked now, in one of the fact.Failed
	// words; "" if it can.
	Ready(person string) (why string)
	// Try calls done once, from any goroutine, when what came of a PIN is on
	// disk; why is "" for the right one.
	Try(t prover.Try, done func(why string))
}

// Phones knows where phones stand. unit/phone implements it.
type Phones interface {
	// Register is the registrar: it answers a REGISTER that was let in.
	Register(m *sip.Message, from edge.Source, id edge.Identity, now time.Time) phone.Answer
	// Lookup gives the live contacts of an extension.
	Lookup(extension string, now time.Time) []phone.Contact
	// Registration names the binding that a device speaks from, for the
	// evidence, "" when it is not registered.
	Registration(device string, from edge.Source, now time.Time) (pointer, userAgent string)
	People
	// Tick does what time brings and says when to be called again.
	Tick(now time.Time) time.Time
}

// Sites knows the other sites. unit/site implements it.
type Sites interface {
	Ways
	// Due gives the questions that are to be sent now; Result takes what came of one.
	Due(now time.Time) (tasks []site.Task, next time.Time)
	Result(t site.Task, status int, now time.Time)
	// Heard says that something came from a site, Doubt that a call to it failed as
	// when it is away.
	Heard(name string, now time.Time)
	Doubt(name string, now time.Time)
}

// Ways are how other sites are reached.
type Ways interface {
	// Place is where calls to a site go, and what it is called where phones are named
	// by their devices; ok is false while it is away.
	Place(name string) (at edge.Source, device string, ok bool)
	// Way tells whether it is in touch for sure, and is another number each time a
	// connection with it has ended.
	Way(name string, now time.Time) (way uint64, sure bool)
}

// People are who uses phones.
type People interface {
	// Name is what people call an extension, "" if it has no name.
	Name(extension string) string
	// Seated is the extension whose a phone's requests are: of who is logged in there, or
	// its own.
	Seated(device string) string
}

// Lines knows the outside lines. unit/line implements it.
type Lines interface {
	Channels
	Identities
	CallingBack
	Reaching
	Doubts
}

// Channels keeps which calls are on a line.
type Channels interface {
	// Acquire takes a channel for a call. For an emergency it may take that of
	// another call, which is named and must be hung up first.
	Acquire(id, call string, emergency bool) (preempt string, err error)
	// Release gives the call's channel back, if it still has one.
	Release(id, call string)
	// Order sorts lines: those first that are up, and that carry it.
	Order(ids []string, emergency bool, now time.Time) []string
	// List gives the lines' states.
	List(now time.Time) []line.Status
}

// Identities speaks for lines toward their carriers and understands these.
type Identities interface {
	// Outgoing gives the From and further headers of an INVITE.
	Outgoing(id string, s line.Shown) (from string, headers []session.Header)
	// Incoming reads which number was called, and who calls, for display only.
	Incoming(id string, m *sip.Message) (line.Incoming, error)
	// Render gives the Request-URI and To that a destination has on a line.
	Render(id string, d number.Destination) (requestURI, to string, err error)
}

// CallingBack knows whom the police and the fire brigade call back.
type CallingBack interface {
	// EmergencyCalled remembers who called an emergency number, afar at another site;
	// Callbacks says whether an incoming call may be a call-back, and whom it may be meant
	// for, and SiteCallsBack whether one of another site may be meant for an extension.
	EmergencyCalled(id, extension string, afar bool, now time.Time)
	Callbacks(id string, now time.Time) (extensions []string, may bool)
	SiteCallsBack(site, extension string, now time.Time) bool
}

// Reaching keeps lines registered and watched: the driver sends what is due
// and tells what came of it.
type Reaching interface {
	Due(now time.Time) (tasks []line.Task, next time.Time)
	Result(t line.Task, status int, m *sip.Message, from netip.AddrPort, now time.Time)
	// Unregister gives what takes the registrations back, at the end.
	Unregister(now time.Time) []line.Task
	// Routes are the Route values of calls on a line.
	Routes(id string) []string
	// Site is the other site over whose lines a line calls, "" for a carrier's.
	Site(id string) string
}

// Doubts are what calls tell of a line's health.
type Doubts interface {
	// Doubt asks for a look at a line on which a call failed as lines fail.
	Doubt(id string, now time.Time)
	// Silent says that a call on a line got no response at all, which is a
	// doubt too; Heard that one did.
	Silent(id string, now time.Time)
	Heard(id string, now time.Time)
	// Fault says why a line can't be spoken on, "" that it can.
	Fault(id, why string, now time.Time)
}

// LineEnd is a line's end of the SIP stack. *stack.Line implements it.
type LineEnd interface {
	Invite(sh *stack.Shard, p gate.Pass, c stack.LineCall) (*stack.Session, error)
	Send(sh *stack.Shard, o stack.Outgoing, done stack.Done) error
	Hangup(sh *stack.Shard, d *dialog.Dialog, remote edge.Target, reason string, done stack.Done) error
	Contact() string
	SetNext(uri string)
}

// Keeper tells a restarted unit what was left when its process died. The
// store implements it.
type Keeper interface {
	// LineDialogs are the line legs that were up.
	LineDialogs(ctx context.Context) ([]fact.LineDialog, error)
	// OpenCalls are the calls whose books are not closed and whose first leaf
	// comes before the given one: the newest so many.
	OpenCalls(ctx context.Context, before uint64, limit int) ([]fact.CallRecord, error)
	// Subscriptions are those that phones had.
	Subscriptions(ctx context.Context) ([]fact.Subscription, error)
}

// Scripts has what the unit says to callers that it talks with itself. app
// implements it.
type Scripts interface {
	// Script is a new one of what a feature code leads to, nil where the unit does not
	// talk with who dials it.
	Script(asked plan.Asked) attendant.Script
}

// Places says which media policy and addresses a leg has.
type Places interface {
	// PhoneLeg is for a phone that stands there.
	PhoneLeg(at edge.Source) media.LegConfig
	// LineLeg is for a line; at is where its signaling comes from, if known.
	LineLeg(line string, at edge.Source) media.LegConfig
}
