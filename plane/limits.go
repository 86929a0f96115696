package plane

import "time"

// Limits of sockets, names and waiting.
const (
	// BatchMax is how many datagrams one system call moves.
	BatchMax = 64
	// ReceiveBuffer and SendBuffer are what a voice socket asks of the
	// kernel, in bytes: a burst of registrations after a power failure must
	// wait, not get lost.
	ReceiveBuffer = 4 << 20
	SendBuffer    = 1 << 20
	// LineReceiveBuffer and LineSendBuffer are what the socket of one line
	// asks for: a line has few calls.
	LineReceiveBuffer = 1 << 20
	LineSendBuffer    = 256 << 10
	// MediaBuffer is what an RTP socket asks for. The kernel doubles it and counts
	// some 768 bytes for a packet of G.711: room for three seconds, and what a
	// flood can make the kernel hold for one socket.
	MediaBuffer = 64 << 10
	// MediaTries is how many ports are tried before a pair is given up.
	MediaTries = 64
	// FilterMax is how many sources of one family the packet filter holds.
	FilterMax = 1024
	// DialTimeout ends an attempt to connect.
	DialTimeout = 10 * time.Second
	// ProbeTimeout ends an attempt of Probe.
	ProbeTimeout = 2 * time.Second
	// AskTimeout ends the wait of Ask for an answer.
	AskTimeout = 1500 * time.Millisecond
	// askAgain is when Ask sends once more: T1 of RFC 3261 §17.1.2.2.
	askAgain = 500 * time.Millisecond
	// askLook is how often Ask looks whether the question was heard.
	askLook = 20 * time.Millisecond
	// askedBytesMax is how much of an answer Ask reads: any datagram.
	askedBytesMax = 64 << 10
	// RouteKnown is how long Routes believes an answer: calls of that time go out
	// from an address that the host may have lost.
	RouteKnown = time.Second
	// RoutesMax is how many remote addresses Routes remembers before it begins anew.
	RoutesMax = 4096
	// NamesMax is how many answers Resolver keeps.
	NamesMax = 512
	// AnswersMax is how many records of one answer are looked at.
	AnswersMax = 32
	// QueryTimeout ends one question to one name server.
	QueryTimeout = 2 * time.Second
	// NameLifeMax and NameLifeMin bound what a name server may say about how
	// long its answer holds.
	NameLifeMax = time.Hour
	NameLifeMin = 5 * time.Second
	// NameFailureLife is how long a name that was not found stays so.
	NameFailureLife = 10 * time.Second
	// CertificateLife is how long a self-made voice certificate holds: desk
	// phones that pin it are not visited often.
	CertificateLife = 10 * 365 * 24 * time.Hour
	// SiteCertificateLife is how long a certificate holds that a unit shows other sites;
	// it is written anew when a third is left.
	SiteCertificateLife = 365 * 24 * time.Hour
	// FingerprintBytes of the hash of a key name it: people type them.
	FingerprintBytes = 20
	// holdFor is how long a loop that has heard nothing keeps its place among the
	// goroutines that run. It spans the gaps of a handful of calls a second, and
	// leaves an idle unit asleep.
	holdFor = 20 * time.Millisecond
	// turn is how long a loop's thread runs before another may that has waited
	// longer; the kernel takes 0.1 ms to 100 ms.
	turn = 200 * time.Microsecond
	// eventsMax is how many ready sockets one wait returns.
	eventsMax = 64
)
