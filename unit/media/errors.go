package media

import "errors"

// Errors of a leg's descriptions. A driver answers ErrDescription with 400,
// the others with 488 (RFC 3261 §21.4.26).
var (
	// ErrDescription: the body is not a session description that we can read.
	ErrDescription = errors.New("session description not understood")
	// ErrNoAudio: no audio stream in it that could be used.
	ErrNoAudio = errors.New("no usable audio stream")
	// ErrNoCodec: no codec in common.
	ErrNoCodec = errors.New("no codec in common")
	// ErrEncryption: the leg's policy and the peer disagree about SRTP.
	ErrEncryption = errors.New("encryption of media not agreed")
	// ErrState: an offer where an answer was due, or the reverse (RFC 3264 §4).
	ErrState = errors.New("offer or answer out of turn")
	// ErrClosed: the relay, the call or the leg is closed.
	ErrClosed = errors.New("media closed")
	// ErrLimit: too many calls, legs or digits (limits.go), or no ports are left.
	ErrLimit = errors.New("media limit reached")
	// ErrExists: the call or leg is already there.
	ErrExists = errors.New("already there")
)
