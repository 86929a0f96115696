package sip

// Limits. Everything that grows with what a stranger sends has a name here.
const (
	// MaxMessage is the longest message, start line to last byte of the body (a UDP payload can't be
	// longer, and a stream peer gets no more than a datagram peer).
	MaxMessage = 65_535
	// MaxFields is the largest number of header field lines; more is answered 400.
	MaxFields = 256
	// MaxFieldLine is the longest header field line after unfolding, name included.
	MaxFieldLine = 8_192
	// MaxHead is the longest start line plus header section that a stream peer may send.
	MaxHead = 32_768
	// MaxVias is the longest Via list: Max-Forwards (70) and some room for a hop that adds two.
	MaxVias = 100
	// MaxAddrs is the longest list of addresses (Contact, Route, Record-Route …) in one message.
	MaxAddrs = 64
	// MaxParams is the largest number of parameters of one value or one URI.
	MaxParams = 32
	// MaxURI is the longest Request-URI; a longer one is answered 414.
	MaxURI = 2_048
	// MaxPhrase is the longest reason phrase that a Builder writes.
	MaxPhrase = 256

	// defaultMaxForwards stands for an absent Max-Forwards (RFC 3261 §8.1.1.6).
	defaultMaxForwards = 70
	// defaultExpires stands for a malformed expiry (RFC 3261 §20.10, §20.19), in seconds.
	defaultExpires = 3_600
	// maxSequence is the first CSeq number that is too large (RFC 3261 §8.1.1.5).
	maxSequence = 1 << 31
	// fieldsHint is how many fields an ordinary message has; the first Parse makes room for them.
	fieldsHint = 24
	// textHint is how long an ordinary URI or address is at most, in bytes.
	textHint = 256
)
