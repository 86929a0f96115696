package engine

import "time"

// Limits of an engine.
const (
	// PacketBytesMax is the longest packet received whole; of longer ones the
	// owner gets as many bytes, or more, and knows by that.
	PacketBytesMax = 1600
	// SendBytesMax is the longest packet sent: one received and sealed.
	SendBytesMax = PacketBytesMax + 64
	// drainMax is how many packets Drain takes from a socket: more than its
	// buffer holds.
	drainMax = 8192
	// eventsAtOnce is how many ready sockets one wait of Epoll returns.
	eventsAtOnce = 256
	// sendsAtOnce is how many packets Uring gathers before it gives them to the
	// kernel (a power of two).
	sendsAtOnce = 256
	// filesMax is how many sockets Uring has the kernel hold for it, where the
	// process may have as many files; others are looked up for each packet.
	filesMax = 1 << 15
	// buffersCount is how many packets the kernel may have put down before they
	// are taken (a power of two, at most 32768).
	buffersCount = 256
	// completionsMax is how many completions the kernel keeps for us without
	// allocating (a power of two).
	completionsMax = 4096
	// bufferStride is the distance of two buffers: room for a packet, and an odd
	// number of cache lines, so that all sets of the cache share the load.
	bufferStride = 27 * 64
	// holdFor is how long a loop that has received nothing keeps its place among
	// the goroutines that run: the distance of a call's packets.
	holdFor = 20 * time.Millisecond
	// owedAgain is how long Uring waits at most while its ring has taken nothing of
	// what was due.
	owedAgain = 10 * time.Millisecond
	// closingMax is how often Close of Uring asks for receiving that has ended:
	// the kernel ends some twenty at a time.
	closingMax = 1 << 14
	// stillMost is how many packets wait for a turn of a Still engine.
	stillMost = 4096
	// probeTime is how long Choose waits for a packet that it sent to itself.
	probeTime = 2 * time.Second
	// waitMax bounds one wait; with nothing to do it simply begins again.
	waitMax = time.Hour
)
