package stack

import "time"

// Limits of a stack. Everything that a stranger could make grow has one.
const (
	shardsMax         = 64              // shard numbers have two hex digits
	batchMax          = 32              // datagrams read at once
	sendBatchMax      = 64              // datagrams written at once
	mailboxPackets    = 4096            // messages handed over to one shard
	mailboxStreams    = 1024            // of them, from where on readers of connections wait
	mailboxStrangers  = 256             // and from here on those of strangers, so that phones find room
	mailboxTurn       = 64              // of them, looked at in one turn of the loop
	mailboxPosts      = 16384           // functions posted to one shard
	seatsMax          = 2 * sessionsMax // places in one mailbox that were set aside
	serversMax        = 65536           // server transactions of one shard
	lingerEach        = 128             // settled transactions of one block
	lingerBytes       = 64 << 10        // and bytes of their responses
	lingerBlocks      = 384             // blocks that are kept beyond lingerMin: 49,152 transactions, 32 MB
	lingerBlocksMax   = 1536            // blocks of one shard: 196,608 transactions, 127 MB
	lingerIndexFirst  = 10              // the index of them begins with 1<<10 slots, and has at most 1<<20
	lingerReserve     = 64              // of them, for requests inside dialogs and emergency calls
	lingerSpare       = 16              // blocks kept for the next rush
	lingerMin         = 5 * time.Second // what is settled is kept at least so long, whatever the rush
	lingerRegister    = time.Second     // and a REGISTER, which may be answered anew; both have these blocks
	settledInvitesMax = 4096            // INVITEs of ours with their final response that are kept beyond lingerMin
	freeTxMax         = 4096            // records of ended transactions kept for the next ones
	keptBufferSize    = 2048            // bytes of a buffer for a message; larger ones are not pooled
	keptBuffersMax    = 8192            // of them, kept for the next ones
	clientsMax        = 65536           // client transactions of one shard
	sessionsMax       = 32768           // sessions of one shard
	subscriptionsMax  = 32768           // subscriptions of one shard
	expectedMax       = 16384           // dialogs of one shard that the Handler keeps
	dialogReserve     = 8192            // of serversMax, for requests inside dialogs: a call can be hung up
	emergencyReserve  = 256             // of each of these three, what only emergency calls may use
	connsMax          = 4096            // stream connections
	strangersMax      = 1024            // of them, on which nobody was admitted yet
	strangersPerAddr  = 64              // of those, from one address
	connsPerAddr      = 1024            // admitted ones from one address: an office behind NAT
	connQueue         = 256             // messages waiting to be written to one connection
	targetsMax        = 8               // addresses tried for one request
	authTriesMax      = 2               // answers to challenges for one request
	ownListenersMax   = 64              // lines' own listeners, those that are leaving too
	lookupsMax        = 256             // name look-ups under way
	freeBuffersMax    = 1024            // message buffers kept for handing over
	freeBufferSize    = 4096            // of this capacity; larger messages are not pooled
	datagramSizeMax   = 1300            // RFC 3261 §18.1.1: larger requests go by TCP where there is one
	junkLinesPerMin   = 6               // log lines about junk
	retryAfterShed    = 5               // seconds, in the 503 of an overloaded shard
	maxForwards       = 70              // RFC 3261 §8.1.1.6
	dialTimeout       = 10 * time.Second
	lookupTimeout     = 10 * time.Second
	writeTimeout      = 10 * time.Second
	strangerLife      = 30 * time.Second // of a connection on which nobody is admitted
	messageMax        = 30 * time.Second // from the first byte of a message to its last
	connIdleMax       = 70 * time.Minute // longer than any registration lasts
	adriftMax         = 60 * time.Second // a call waits so long for a phone whose connection has ended
	adriftQueue       = 16               // requests and responses of one call that wait meanwhile
	keepAliveEvery    = 95 * time.Second // pings on connections that we opened (RFC 5626 §4.4.1)
	// subscriptionsPerDevice is how many of them one phone has: three boards of sixty
	// keys, and some.
	subscriptionsPerDevice = 256
	defaultSIPPort         = 5060
	defaultSIPSPort        = 5061
	leavingLook            = 500 * time.Millisecond // between two looks whether a line's own listener is still used
	postPause              = 5 * time.Millisecond   // before what found a mailbox full is tried again
	oneAnswer              = 1                      // an answer that is waited for
	randomBatch            = 1024                   // bytes of randomness drawn at once
)

// When a shard has too much to do (overload.go). Waits are those of a request
// in the socket or the mailbox, before it is looked at.
const (
	waitShort    = 20 * time.Millisecond  // a queue with shorter waits is short
	waitStranger = 4 * time.Millisecond   // from here on strangers have a budget
	standsFor    = 100 * time.Millisecond // a queue that was not short for so long, and grows no shorter, stands
	drainsBy     = 5 * time.Millisecond   // by so much a queue grows shorter in half of that
	waitDrains   = 250 * time.Millisecond // half of T1: one with longer waits stands whatever it does
	overloadHold = time.Second            // how long a shard may shed after its queue stood
	shedFrom     = 5 * time.Millisecond   // of the requests that waited longer some are shed …
	shedFull     = 15 * time.Millisecond  // … and from here on all
	keepFrom     = 100 * time.Millisecond // the same for refreshes, and for calls from where few come
	keepFull     = 350 * time.Millisecond //
	waitBelieved = 30 * time.Second       // longer waits are the clock's doing
	placesFew    = 10                     // calls a second from one source that are few
	placesCells  = 1024                   // sources told apart, for that
)

// What strangers get (guard.go), on each shard. Sources are IPv4 addresses or
// /64 of IPv6.
const (
	guardRows    = 2
	guardCells   = 4096
	sourceRate   = 500  // answers a second to one source …
	sourceBurst  = 2000 // … and at once: an office behind one address, after a power failure
	firstRate    = 4000 // answers a second to all that ask for the first time
	firstBurst   = 8000
	againRate    = 4000 // and to all that ask again
	againBurst   = 8000
	answersRate  = 2000 // and to all that answer a challenge, before they need the others
	answersBurst = 8000
	urgentRate   = 500 // and to emergency calls, before they need the others
	urgentBurst  = 1000
	filterBits   = 1 << 21         // of each of the two filters of unanswered requests
	filterLife   = 5 * time.Second // after which a filter is begun anew: longer than T2
	worstMax     = 64              // sources with the most refusals that are told apart
	worstFrom    = 1000            // refusals that make a source one of the worst
	// amplifiedMax is how many times the size of a stranger's datagram our
	// answer may have, in tenths: nobody shall aim us at others.
	amplifiedMax = 15
)
