package rtp

// Limits of packets read.
const (
	// HeaderBytes is the length of a header without contributing sources
	// and extension.
	HeaderBytes = 12
	// ReportBlocksMax is how many report blocks of an RTCP packet are read.
	ReportBlocksMax = 31
	// PacketsInCompoundMax is how many RTCP packets one datagram may hold.
	PacketsInCompoundMax = 16
	// ReplayWindow is how many packets back an SRTP packet may come late.
	ReplayWindow = 128
	// Overhead is the most that Seal adds to a packet, in bytes.
	Overhead = 16 + 4
	// dropoutMax, misorderMax and minSequential are RFC 3550 §A.1's.
	dropoutMax    = 3000
	misorderMax   = 100
	minSequential = 2
)
