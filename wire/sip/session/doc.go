// Package session is one INVITE usage, from either side, as a pure state
// machine: offer and answer, reliable provisional responses, session timers,
// forked answers, glare, cancellation and the end.
//
// Use NewUAC for a call that is made and NewUAS for one that comes in. Give
// the session what arrives (Response, NoResponse, Request, Ack, CancelRequest,
// Timer) and what its owner wants (Ring, Answer, Refuse, Offer, AnswerOffer,
// RefuseOffer, AnswerRefer, NotifyRefer, Info, Cancel, Bye, End); after each call
// carry out Take's effects in their order and ask Deadline when to call Timer.
// The session writes no messages: an effect holds the head, the header fields and
// the body, and the driver adds Via, Max-Forwards, Contact and User-Agent.
//
// Messages given in are read during the call only; what is kept is copied.
//
// # Limits
//
// See limits.go. What goes beyond a limit is refused or ended, never queued
// without bound.
//
// # Standards
//
// RFC 3261 §9, §12–§15; RFC 3262 (100rel); RFC 3264 and RFC 6337 (offer and
// answer); RFC 3311 (UPDATE); RFC 3326 (Reason); RFC 3515 and RFC 4488 (REFER, within
// the session); RFC 3891 (Replaces); RFC 4028 (session timers);
// RFC 6086 (INFO); RFC 6141 (re-INVITE).
package session
