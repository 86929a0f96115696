// Package peer runs other people's SIP programs as peers of a test: SIPp,
// baresip, linphone, sipsak and Kamailio, each as a child process with its own
// folder, configuration and address, watched by what it prints.
//
// Start with StartBaresip or StartLinphone for a phone that makes and hears
// sound, RunSIPp for a scripted dialog, StartKamailio for a proxy. Every one of
// them returns when its sockets stand, never after a guessed time, and Stop
// ends it by its own process group. Voice is the exception: a talker and
// listener of RTP inside the test, for sound that is measured to the packet.
//
// Known quirks, which the tests go around and do not hide: baresip 1.0.0 fails
// when any SHA-256 challenge is present, SIPp 3.6.1 when SHA-256 comes first;
// those two register on an MD5 listener.
//
// # Concurrency
//
// All processes are started by one goroutine on a thread of its own, which lives
// as long as the test program: when that ends, so do they. Start starts one
// goroutine per process, which waits for it and ends with it;
// baresip has one more, which reads its control connection and ends when that
// closes; a Voice has one that sends and one that receives, both ended by
// Close. Every type is safe for concurrent use.
package peer
