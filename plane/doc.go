// Package plane is network separation: the only package that opens or dials
// sockets. Every listener belongs to one of three planes, voice, management
// or maintenance, and a unit whose management listener would stand on a
// voice or WAN address does not start.
//
// Use Survey and Check first: they say whether the declared listeners keep
// the planes apart on this host. Then ListenPackets, Listen and ListenControl
// open what was declared, and the others (Dialer, MediaPorts, Resolver, Probe)
// are handed to the parts that need them.
//
// # Concurrency
//
// Packets is driven by one goroutine, the shard that owns it; only Wake and
// Close may be called from others. MediaPorts, Dialer, Resolver and the
// control listener are safe for concurrent use. ReachabilityFrom starts one
// goroutine, on a thread of its own that ends with it; there is no other
// goroutine.
//
// # Limits
//
// See limits.go: batch sizes, buffer sizes, tries for media ports, cached
// names, answers per name.
//
// # Standards
//
// RFC 3263 (locating SIP servers), RFC 2782 (SRV order), RFC 3403 (NAPTR),
// RFC 5922 (domain certificates; by the standard library's name check).
//
// The package needs Linux: batches go through recvmmsg and sendmmsg, waiting
// through epoll and eventfd.
package plane
