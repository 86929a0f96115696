package media

import (
	"log/slog"
	"net/netip"
	"time"
)

// Config is what New needs.
type Config struct {
	// Sockets opens port pairs: plane's.
	Sockets Sockets
	// OnEvent is told what happens on legs, from a loop goroutine. It must
	// not block and must not call back into media. May be nil.
	OnEvent func(Event)
	// Loops is how many loop goroutines share the calls; 1 if 0.
	Loops int
	// CallsMax is the limit of calls at once; CallsMax of limits.go if 0.
	CallsMax int
	// Prepare lists local addresses for which port pairs are opened in
	// advance. Others are added when first used.
	Prepare []netip.Addr
	// Log takes what goes wrong without anybody to return it to. May be nil.
	Log *slog.Logger
}

// Relay is the voice path of a unit.
type Relay struct{}

// New starts a relay. Close ends it.
func New(Config) (*Relay, error) { return nil, ErrClosed }

// NewCall makes a call. id is the unit's call ID.
func (r *Relay) NewCall(id string) (*Call, error) { return nil, ErrClosed }

// Calls is the number of calls at present, Pairs that of port pairs of legs.
func (r *Relay) Calls() int { return 0 }

// Close ends every call and every goroutine.
func (r *Relay) Close() error { return nil }

// Call is the media of one call.
type Call struct{}

// AddLeg gives the call another leg with a port pair of its own.
func (c *Call) AddLeg(id string, cfg LegConfig) (*Leg, error) { return nil, ErrClosed }

// Bridge passes on what comes from a to b and the reverse. Either is first
// taken from whom it was bridged to.
func (c *Call) Bridge(a, b *Leg) error { return ErrClosed }

// Unbridge ends the bridge of a leg.
func (c *Call) Unbridge(a *Leg) {}

// Close ends all legs and frees their ports. It does not wait.
func (c *Call) Close() {}

// Leg is one side of a call.
type Leg struct{}

// Offered tells about an offer taken.
type Offered struct {
	// Hold: the peer wants to hear nothing (sendonly, inactive, or an
	// unspecified address).
	Hold bool
	// Unchanged: the same description as before (a session refresh); the
	// driver may answer with Answer and leave the other leg alone.
	Unchanged bool
	// Encrypted: the offer is for SRTP.
	Encrypted bool
}

// TakeOffer takes the peer's offer. It must be answered (Answer, AnswerFrom)
// or taken back (Rollback).
func (l *Leg) TakeOffer(body []byte) (Offered, error) { return Offered{}, ErrClosed }

// OfferFrom writes an offer to this leg's peer of what src's peer offered (if
// that is still unanswered) or agreed to.
func (l *Leg) OfferFrom(src *Leg) ([]byte, error) { return nil, ErrClosed }

// Offer writes an offer of what the unit itself can do: for an INVITE that
// came without an offer, or a call of the unit's own.
func (l *Leg) Offer() ([]byte, error) { return nil, ErrClosed }

// TakeAnswer takes the peer's answer to our offer.
func (l *Leg) TakeAnswer(body []byte) error { return ErrClosed }

// AnswerFrom answers the peer's offer with what src's peer answered. Once an
// offer is answered, the same answer comes again until the next offer: the
// description in a 183 and in the 200 after it are the same (RFC 3261
// §13.2.1).
func (l *Leg) AnswerFrom(src *Leg) ([]byte, error) { return nil, ErrClosed }

// Answer answers the peer's offer for the unit itself.
func (l *Leg) Answer() ([]byte, error) { return nil, ErrClosed }

// Rollback takes back an offer that was refused or withdrawn, ours or the
// peer's; what was agreed before is valid again.
func (l *Leg) Rollback() {}

// LocalDescription is the description last sent to the peer, nil if none.
func (l *Leg) LocalDescription() []byte { return nil }

// Play plays to the peer instead of what is bridged to it. Event Played tells
// the end.
func (l *Leg) Play(s Source) error { return ErrClosed }

// Stop stops playing.
func (l *Leg) Stop() {}

// Echo sends the peer's voice back to it.
func (l *Leg) Echo(on bool) {}

// SendDigits sends digits as telephone-event (RFC 4733).
func (l *Leg) SendDigits(digits string) error { return ErrClosed }

// TelephoneEvent tells whether digits can be sent so.
func (l *Leg) TelephoneEvent() bool { return false }

// Watch tells Timeout when the peer, while it may send, is silent for d; 0
// ends it.
func (l *Leg) Watch(d time.Duration) {}

// Held tells whether the peer wants to hear nothing at present.
func (l *Leg) Held() bool { return false }

// ID is the leg's ID.
func (l *Leg) ID() string { return "" }

// Stats are the counters of a leg.
func (l *Leg) Stats() Stats { return Stats{} }

// Close ends the leg and frees its ports. It does not wait.
func (l *Leg) Close() {}

// Stats are a leg's counters.
type Stats struct {
	Remote                    netip.AddrPort // where packets go
	Locked                    bool
	Codec                     string // encoding name of the last packet taken
	PacketsIn, OctetsIn       uint64 // taken from the peer
	PacketsOut, OctetsOut     uint64 // sent to the peer
	Strange                   uint64 // not from the peer, not RTP, not authentic
	Lost                      int64  // of the peer's packets (RFC 3550 §6.4.1)
	Jitter                    time.Duration
	PeerLost                  int64 // of our packets, as the peer reports
	RoundTrip                 time.Duration
	SendErrors, Undeliverable uint64
}

// Source is sound at 8000 Hz.
type Source interface {
	// Read fills pcm with the next samples and returns how many there were;
	// fewer than asked is the end.
	Read(pcm []int16) int
}

// Tone is a Japanese call-progress tone.
type Tone uint8

// The tones.
const (
	DialTone Tone = iota
	SecondDialTone
	RingBack
	Busy
)

// NewTone makes a tone as it begins; it does not end.
func NewTone(t Tone) Source { return nil }

// NewAnnouncement is a spoken sentence: one of prompt's names, in "ja" or
// "en".
func NewAnnouncement(name, lang string) (Source, error) { return nil, ErrClosed }
