// Package transaction holds the four SIP transaction state machines of
// RFC 3261 §17, as corrected by RFC 6026 (Accepted states, timers L and M) and
// RFC 4320 (non-INVITE). They are pure: every input carries the time, every
// answer is a set of Actions to carry out, and Deadline says when Timer wants
// to be called next. They hold no messages: the owner keeps the bytes of the
// request, the ACK and the last response, and sends them when told to.
//
// Use NewClient for a request that is sent and NewServer for one that was
// received. Both are small values to be embedded in the owner's record.
//
// # Standards
//
// RFC 3261 §17.1 (client), §17.2 (server); RFC 6026 §7 and §8; RFC 4320 §4.
package transaction
