package line

import "time"

// Limits of lines.
const (
	// LinesMax is how many lines a unit has.
	LinesMax = 64
	// ChannelsMax is how many calls one line carries at once: Hikari Denwa
	// Office A goes up to 300.
	ChannelsMax = 300
	// NumbersMax is how many numbers one line has (Office A: 7,000).
	NumbersMax = 7000
	// SourcesMax is how many addresses and prefixes are of one line.
	SourcesMax = 64
	// RoutesMax is how many Path and Service-Route values are kept.
	RoutesMax = 8
	// PortLeast and PortMost bound the least RTP port of a profile: below are
	// ports of others, above are too few for every channel.
	PortLeast = 1024
	PortMost  = 64_000
	// TextMax is the longest text of a carrier that is kept or shown.
	TextMax = 256
	// NoncesMax is how many of a carrier's nonces are counted.
	NoncesMax = 16
)

// Times of registration and supervision.
const (
	// RetryFirst is the pause after the first failed registration; it doubles
	// up to RetryMost. RetryRefused is the pause after a refusal that another
	// try won't change (401, 403, 404 …).
	RetryFirst   = 5 * time.Second
	RetryMost    = 2 * time.Minute
	RetryRefused = 5 * time.Minute
	// RetryAfterMost bounds what a carrier may ask for with Retry-After.
	RetryAfterMost = 15 * time.Minute
	// ExpiresLeast and ExpiresMost bound a registration's life, asked or
	// granted.
	ExpiresLeast = 30 * time.Second
	ExpiresMost  = 24 * time.Hour
	// DownAfter and UpAfter are how many OPTIONS in a row must fail, or
	// succeed, before a line counts as down, or up again. In between they are
	// sent each DoubtEvery.
	DownAfter  = 2
	UpAfter    = 2
	DoubtEvery = 5 * time.Second
	// SilentLife is how long a line on which a call got no response at all
	// counts as down.
	SilentLife = time.Minute
	// AnswerWithin is how long a task may be out before it counts as failed,
	// should its driver never say: longer than Timer F.
	AnswerWithin = 40 * time.Second
	// IdleEvery is the longest time between two calls of Due.
	IdleEvery = 30 * time.Second
	// CallbackLife is how long after an emergency call incoming calls ring
	// the phone that dialed it.
	CallbackLife = 30 * time.Minute
	// AddressLife is how long the addresses of a carrier's names are used
	// before they are looked up again.
	AddressLife = 5 * time.Minute
)
