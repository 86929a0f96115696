package stack

import "time"

// Limits of a stack. Everything that a stranger could make grow has one.
const (
	shardsMax        = 64                     // shard numbers have two hex digits
	batchMax         = 32                     // datagrams read at once
	sendBatchMax     = 64                     // datagrams written at once
	mailboxPackets   = 4096                   // messages handed over to one shard
	mailboxPosts     = 16384                  // functions posted to one shard
	fullTurnsMax     = 32                     // turns of the loop in a row that leave datagrams unread
	seatsMax         = 2 * sessionsMax        // places in one mailbox that were set aside
	mailboxLag       = 1024                   // queue length above which a shard sheds
	serversMax       = 65536                  // server transactions of one shard
	clientsMax       = 65536                  // client transactions of one shard
	sessionsMax      = 32768                  // sessions of one shard
	dialogReserve    = 8192                   // of serversMax, for requests inside dialogs: a call can be hung up
	emergencyReserve = 256                    // of each of these three, what only emergency calls may use
	connsMax         = 4096                   // stream connections
	strangersMax     = 1024                   // of them, on which nobody was admitted yet
	strangersPerAddr = 64                     // of those, from one address
	connsPerAddr     = 1024                   // admitted ones from one address: an office behind NAT
	connQueue        = 256                    // messages waiting to be written to one connection
	targetsMax       = 8                      // addresses tried for one request
	authTriesMax     = 2                      // answers to challenges for one request
	ownListenersMax  = 64                     // lines' own listeners, those that are leaving too
	lookupsMax       = 256                    // name look-ups under way
	freeBuffersMax   = 1024                   // message buffers kept for handing over
	freeBufferSize   = 4096                   // of this capacity; larger messages are not pooled
	datagramSizeMax  = 1300                   // RFC 3261 §18.1.1: larger requests go by TCP where there is one
	junkLinesPerMin  = 6                      // log lines about junk
	retryAfterShed   = 5                      // seconds, in the 503 of an overloaded shard
	maxForwards      = 70                     // RFC 3261 §8.1.1.6
	loopBusyMax      = 200 * time.Millisecond // a turn of the loop that took longer means overload
	busyPlacesMax    = 100                    // calls of known sources a second that one shard takes while it sheds
	busyPlacesPhone  = 25                     // of them, from one address of phones
	busyPlacesLine   = 50                     // and from one address of a line
	overloadHold     = time.Second            // how long a shard sheds after a sign of overload
	dialTimeout      = 10 * time.Second
	lookupTimeout    = 10 * time.Second
	writeTimeout     = 10 * time.Second
	strangerLife     = 30 * time.Second // of a connection on which nobody is admitted
	messageMax       = 30 * time.Second // from the first byte of a message to its last
	connIdleMax      = 70 * time.Minute // longer than any registration lasts
	keepAliveEvery   = 95 * time.Second // pings on connections that we opened (RFC 5626 §4.4.1)
	defaultSIPPort   = 5060
	defaultSIPSPort  = 5061
	leavingLook      = 500 * time.Millisecond // between two looks whether a line's own listener is still used
	postPause        = 5 * time.Millisecond   // before a function that found a mailbox full is posted again
	oneAnswer        = 1                      // an answer that is waited for
	randomBatch      = 1024                   // bytes of randomness drawn at once
)
