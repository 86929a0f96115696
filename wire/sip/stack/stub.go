package stack

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/dialog"
	"github.com/sekisho/sekisho/wire/sip/edge"
	"github.com/sekisho/sekisho/wire/sip/session"
)

var errStub = errors.New("not built yet")

type Stack struct{}

func New(cfg Config) (*Stack, error)                   { return nil, errStub }
func (s *Stack) Start(ctx context.Context) error       { return errStub }
func (s *Stack) Stop()                                 {}
func (s *Stack) Shards() int                           { return 0 }
func (s *Stack) Shard(i int) *Shard                    { return nil }
func (s *Stack) NewLine(cfg LineConfig) (*Line, error) { return nil, errStub }

// Shard: everything but Post and ID only on the loop.
type Shard struct{}

func (sh *Shard) ID() int                                         { return 0 }
func (sh *Shard) Now() time.Time                                  { return time.Time{} }
func (sh *Shard) Post(f func(sh *Shard)) bool                     { return false } // any goroutine; false: full or stopped
func (sh *Shard) At(at time.Time, f func(sh *Shard)) *Alarm       { return nil }
func (sh *Shard) Invite(c PhoneCall) (*Session, error)            { return nil, errStub } // never to a line
func (sh *Shard) Send(p edge.Source, o Outgoing, done Done) error { return errStub }      // to a phone

type Alarm struct{}

func (a *Alarm) Stop() {}

// Session wraps session.Session; events go to Owner.
type Session struct {
	Owner Owner
	Data  any // the owner's own
}

func (se *Session) Shard() *Shard           { return nil }
func (se *Session) From() edge.Source       { return edge.Source{} } // where the peer stands
func (se *Session) Identity() edge.Identity { return edge.Identity{} }
func (se *Session) Line() string            { return "" }  // "" for phones
func (se *Session) Message() *sip.Message   { return nil } // the INVITE (kept, owns its bytes), for UAS
func (se *Session) Dialog() dialog.Dialog   { return dialog.Dialog{} }
func (se *Session) Ring(status int, b session.Body, reliable bool, h ...session.Header) error {
	return errStub
}
func (se *Session) Answer(b session.Body, h ...session.Header) error            { return errStub }
func (se *Session) Refuse(status int, phrase string, h ...session.Header) error { return errStub }
func (se *Session) Offer(b session.Body) error                                  { return errStub } // empty Body: ask for the peer's offer
func (se *Session) AnswerOffer(b session.Body) error                            { return errStub }
func (se *Session) RefuseOffer(status int) error                                { return errStub }
func (se *Session) Info(b session.Body) error                                   { return errStub }
func (se *Session) Cancel(reason string) error                                  { return errStub } // UAC before the answer; Failed 487 follows
func (se *Session) Bye(reason string) error                                     { return errStub } // reason: value of a Reason header, "" none
// End hangs up whatever the state: Cancel, Refuse(status) or Bye.
func (se *Session) End(status int, reason string) {}

// Request is a request outside a session.
type Request struct {
	Message *sip.Message
}

func (r *Request) Shard() *Shard                                                { return nil }
func (r *Request) From() edge.Source                                            { return edge.Source{} }
func (r *Request) Identity() edge.Identity                                      { return edge.Identity{} }
func (r *Request) Line() string                                                 { return "" }
func (r *Request) Keep()                                                        {}
func (r *Request) Respond(status int, phrase string, h ...session.Header) error { return errStub }

// LineConfig is a line's endpoint.
type LineConfig struct {
	ID          string
	Listener    string // name of the line-side listener
	Next        string // URI of the outbound proxy or registrar to send to; "": the Request-URI's host
	ContactUser string
	Credentials Credentials
	Session     session.Config
	// Render writes Request-URI and To for a destination.
	Render   func(d number.Destination) (requestURI, to string, err error)
	LargeTCP bool // messages over 1,300 bytes go by TCP
}

type Line struct{}

func (l *Line) Contact() string                                             { return "" } // value for REGISTER's Contact
func (l *Line) Invite(sh *Shard, p gate.Pass, c LineCall) (*Session, error) { return nil, errStub }
func (l *Line) Send(sh *Shard, o Outgoing, done Done) error                 { return errStub }

// Hangup sends the BYE of a dialog that no session holds any more (after a crash).
func (l *Line) Hangup(sh *Shard, d *dialog.Dialog, remote edge.Target, reason string, done Done) error {
	return errStub
}

// SetNext moves the line to another proxy (failover of registrar addresses).
func (l *Line) SetNext(uri string) {}

var _ netip.AddrPort
