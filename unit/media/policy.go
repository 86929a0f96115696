package media

import "net/netip"

// SRTP says what a leg does about encryption (SRTP with keys in SDP, RFC
// 4568: only for legs whose signaling is encrypted).
type SRTP uint8

// The SRTP policies.
const (
	// SRTPForbidden: plain RTP is offered; an offer of SRTP alone is refused
	// (ErrEncryption).
	SRTPForbidden SRTP = iota
	// SRTPAllowed: plain RTP is offered; offered SRTP is taken.
	SRTPAllowed
	// SRTPWanted: SRTP is offered; offered plain RTP is taken too.
	SRTPWanted
	// SRTPRequired: only SRTP is offered and taken.
	SRTPRequired
)

// Learn says which sources a leg may be locked onto besides the address that
// was signaled.
type Learn uint8

// The learning rules. A rule takes in those before it.
const (
	// LearnPeer: another port of the signaled address, or of the address
	// that the signaling comes from (LegConfig.Source): a phone behind NAT.
	LearnPeer Learn = iota
	// LearnNothing: only the exact signaled address and port.
	LearnNothing
	// LearnAnyone: any source. For carriers that send from elsewhere.
	LearnAnyone
)

// Policy is what a leg offers and takes: a phone's, or a line profile's.
type Policy struct {
	// Codecs are encoding names in order of preference ("PCMU", "PCMA",
	// "G722"), without telephone-event. Empty: whatever the other side of
	// the call has, and when the unit speaks for itself DefaultCodecs.
	Codecs []string
	// NoTelephoneEvent: telephone-event is neither offered nor taken (NGN
	// formats "0" only).
	NoTelephoneEvent bool
	// PtimeMS is offered as a=ptime; 0 passes the other side's on, or 20.
	PtimeMS int
	SRTP    SRTP
	Learn   Learn
	// DSCP marks packets sent, 0–63; 46 (EF) if DSCPSet is false.
	DSCP    uint8
	DSCPSet bool
}

// LegConfig is what AddLeg needs to know.
type LegConfig struct {
	// Local is the address to open ports on, and the one told to the peer
	// unless Public is set.
	Local netip.Addr
	// FirstPort is the least port to open; 0 for the relay's own range.
	FirstPort uint16
	// Public is told to the peer instead of Local, where a router maps the
	// ports one to one.
	Public netip.Addr
	// Source is where the peer's signaling comes from; media may be learned
	// from its address (LearnPeer). Zero if not known.
	Source netip.Addr
	// Urgent is for emergency calls: they get the last ports there are.
	Urgent bool
	Policy Policy
}
