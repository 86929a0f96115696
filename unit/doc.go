// Package unit is the main unit's calls: it ties the SIP sessions of phones
// and lines, the call's state machine (unit/call), its media (unit/media), the
// gate's desk, the phone registry and the lines together.
//
// Use New, then give the Unit to the SIP stack as its Handler and its OnMedia
// to the relay, set the plan and the lines, and Start it. Everything it meets
// is an interface in seam.go, declared here and implemented below or wired by
// app.
//
// One liveCall owns everything of one call, on the loop of the shard that its
// first INVITE came in on: the legs' sessions, their media, the channel of a
// line, the pass of the gate. Whatever happens becomes an input of the state
// machine; whatever it answers is carried out in order. Nothing of one leg
// goes to the other but what is made for it here: the caller's number and
// name, a description written by our media, the cause (not the words) of a
// Reason.
//
// Whom a phone talks with can go on with somebody else (transfer.go). A leg then
// stays in its call, or goes over into another one with its session and its voice;
// both calls must have the same loop, so a unit has one.
//
// With some callers the unit talks itself (attended.go), by the scripts of
// unit/attendant. Several of them hear each other in a room (gathering.go). A page is one
// call with many legs that only listen (page.go).
//
// Two sides may go over to fax (fax.go); calls can be recorded (recording.go).
//
// What calls do is seen on the phones' lamps (lamps.go): after each input of a call
// the board of unit/lamp is brought up to date, and phones that subscribed
// (watching.go) are told. The loop of shard 0 owns the board. How it stands with another
// site's extensions that site tells (farlamp.go), and what rings there is taken by a call
// to it (sitetake.go).
//
// # Concurrency
//
// Invite, Request and everything of a liveCall run on the shards' loops and
// never wait. Media events, verdicts and pre-emptions come from elsewhere and
// are told to the call through its inbox, which a full mailbox does not refuse.
// The exported methods may be called from any goroutine. The package starts no
// goroutine.
//
// # Limits
//
// See limits.go: calls, announcements at once, calls that wait for recovery, how
// long a lamp is watched.
//
// # Standards
//
// RFC 7092 (a B2BUA that relays media), RFC 3261, RFC 3326 (Reason), RFC 3515, RFC
// 3891 and RFC 5589 (transfer), RFC 4235 (lamps).
package unit
