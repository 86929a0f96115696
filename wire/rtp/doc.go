// Package rtp reads and writes RTP and RTCP packets in place, counts what a
// receiver of them must count, and encrypts them.
//
// Use Parse first: it checks a packet and returns its Header; the Set
// functions rewrite single fields in the packet itself. Nothing is allocated.
// Receiver keeps the statistics of one source; ParseRTCP and the Append
// functions are for its reports. Keys and Cipher are SRTP with keys from the
// session description.
//
// The sub-packages g711 and g722 are the codecs that a unit speaks itself.
//
// # Concurrency
//
// No value here may be used by two goroutines at once.
//
// # Limits
//
// See limits.go.
//
// # Standards
//
// RFC 3550 (RTP, RTCP), RFC 5761 (RTP and RTCP on one port), RFC 3711, RFC
// 4568 and RFC 7714 (SRTP). SRTP itself is pion/srtp's.
package rtp
