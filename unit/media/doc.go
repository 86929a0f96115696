// Package media is the voice path: it relays RTP between the two legs of a
// call, and speaks for the unit itself (tones, announcements, music,
// echo).
//
// Use New first, then Relay.NewCall, then Call.AddLeg for each leg. A leg is
// one side of a call: a port pair of its own, the descriptions exchanged with
// its peer, and what is sent to that peer. A driver passes descriptions (SDP)
// from leg to leg and never reads them:
//
//	call, err := relay.NewCall("c1")
//	a, err := call.AddLeg("a", media.LegConfig{Local: lan, Policy: phones, Source: from})
//	_, err = a.TakeOffer(invite.Body)     // what A offers
//	b, err := call.AddLeg("b", media.LegConfig{Local: wan, Policy: lineProfile})
//	body, err := b.OfferFrom(a)           // B's INVITE
//	err = b.TakeAnswer(ok.Body)           // what B answers
//	body, err = a.AnswerFrom(b)           // A's 200
//	call.Bridge(a, b)
//
// Late offers (an INVITE without a description) go the other way around:
// b.Offer, b.TakeAnswer, then a.OfferFrom(b) and a.TakeAnswer from A's ACK.
// Hold, resume and other re-offers are the same four verbs again, in either
// direction; a re-offer that fails is taken back with Leg.Rollback. A leg
// that ends at the unit answers with Leg.Answer and is then given something
// to hear (Leg.Play) or its own voice (Leg.Echo).
//
// A peer on hold hears music (Leg.Music): a melody, or a recording of the owner's
// (package music), coded once for all who hear it.
//
// Several legs, of one call or many, hear each other in a Room (Call.Confer): each one all
// the others, the loudest of them, and not itself. A leg can also only listen, and one can
// send what it hears to a group of hosts (Leg.Cast). It is mixed at 16 kHz, whatever codecs
// they have.
//
// A Recording has a Sink hear what the peers of legs say (Record), as it is written off
// the loop: µ-law at 8 kHz, whatever codecs they have.
//
// Fax goes through as it is: T.38 as datagrams that nobody reads, agreed on by the two peers
// (OfferFrom, AnswerFrom), or as G.711.
//
// What plays to a leg goes before what is bridged to it: while an
// announcement plays, the bridged leg's packets are not passed on to it. What a
// peer types for the unit alone does not go to the bridged leg (Leg.Secret).
//
// Packets are only taken from the peer: first from the address it signaled,
// or (behind NAT) from the first source at its address or its signaling
// address whose packets are consistent; then the socket is connected, and
// strangers' packets end in the kernel. Only new signaling moves a leg: then it
// is learned again, but not from where it was (what comes from there is late).
//
// # Concurrency
//
// Everything exported may be called from any goroutine. Calls take locks for
// microseconds and never wait for the network; Leg.Stats waits until its loop's
// turn ends, which is some milliseconds at most. Relay.New starts
// Config.Loops loop goroutines (owner: the Relay; end: Close), each owning
// the packets, timers and players of its calls and a thread and an engine
// (package engine) that moves the packets, and one goroutine for each loop that
// opens port pairs in advance and closes those that are not needed any more
// (owner: the Relay; end: Close). Ports of ended calls rest open, still listened
// to, and are used again by the same loop: what comes meanwhile is told to
// nobody. With Config.Deferred what is asked of calls and legs is done after
// Flush, and what makes no difference before a packet comes is done just before
// that packet, or 100 ms later. Events
// are told from a loop goroutine: OnEvent must not block and must not call back
// into media.
//
// # Limits
//
// See limits.go: calls, legs in a call, port pairs kept ready and resting, packets read
// at one go, learning windows, time-outs.
//
// # Standards
//
// RFC 3264 (offer/answer), RFC 3550 (RTP, RTCP), RFC 4568 and 7714 (SRTP keys
// in SDP), RFC 4733 (telephone-event), RFC 5761 (RTCP on the RTP port),
// RFC 7092 (media relay, media termination), RFC 7362 (latching).
package media
