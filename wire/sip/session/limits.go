package session

import "time"

// Limits of a session.
const (
	forksMax    = 16 // early dialogs of one INVITE; more are not followed
	requestsMax = 16 // requests of ours under way at once
	reliableMax = 8  // reliable provisional responses waiting for their turn
	retriesMax  = 5  // repeats of one request after 422, and of an offer after 491
	headersHint = 8  // header fields that an ordinary request or answer of ours has
	effectsHint = 4  // effects that one input has as a rule
	effectsMax  = 32 // room that is lent again
	queueMax    = 64 // pieces of room kept for the next sessions
	answersMax  = 2  // answers to challenges of one request: a stale nonce, and once more

	// referExpires is how many seconds whoever sent a REFER may wait for the next
	// word about it: longer than anything rings.
	referExpires = 300

	// minSE is the smallest session interval there may be (RFC 4028 §4).
	minSE = 90 * time.Second
	// byeMargin is how long before the end of a session interval the side
	// that does not refresh sends its BYE (RFC 4028 §10): min(32 s, 1/3).
	byeMargin = 32 * time.Second
)
