package load

import "time"

// Limits of the generator.
const (
	messageBytesMax = 4096                  // longest datagram
	batchMax        = 64                    // datagrams in one system call
	receiveBuffer   = 32 << 20              // bytes; SO_RCVBUFFORCE where we may, else what the kernel grants
	eventsMax       = 256                   // ports served in one turn of the loop
	startsAtOnce    = 64                    // calls begun between two looks at the sockets
	authTriesMax    = 3                     // challenges answered for one request
	viasMax         = 8                     // Via, Record-Route and challenge lines kept of one message
	lingerTime      = 5 * time.Second       // how long a callee remembers a finished call
	streamRead      = 16 << 10              // bytes read of a connection at once
	connectsAtOnce  = 16                    // phones with connections that register at once
	handshakeMax    = 5 * time.Second       // a server that is slower than that over TLS has failed
	writeMax        = 2 * time.Second       // a connection that takes nothing for so long is dead
	junkAtOnce      = 1024                  // junk datagrams sent between two looks at the sockets
	slotTime        = 10 * time.Millisecond // grain of the timer wheel
	slotsMax        = 4096                  // its length: longer than Timer B
	timerT1         = 500 * time.Millisecond
	timerT2         = 4 * time.Second
	outsideMax      = 1 << 22     // different numbers called outside in one run
	outsideBase     = 3_3000_0000 // the first of them, without its zero: 03-3000-0000
	packetTime      = 20 * time.Millisecond
	packetBytes     = 172 // RTP header and 20 ms of G.711
	mediaGrain      = 1 * time.Millisecond
	drainQuiet      = 300 * time.Millisecond // packets under way when sending stops
)
