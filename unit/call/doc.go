// Package call is one call as a state machine: its legs, and what happens to
// them. It is pure. A driver tells it what happened (Input) and carries out
// what it answers (Effect), in order; time comes in as an argument and leaves
// as Deadline.
//
// Use New and Step first:
//
//	c := call.New(config, setup)
//	effects := c.Step(now, call.Input{Event: call.Start}, nil)
//	… carry the effects out, in order; then wait for the next input
//	when := c.Deadline() // call Step(when, Input{Event: Timer}) no later
//
// Leg A is the originator: a phone, or a line that rings in. The other legs
// are what A's call is tried on: contacts of phones, all at once, or lines,
// one after the other, each with a verdict of the gate of its own. The first
// leg that answers wins; the others are canceled. From then on A is one of two
// sides that talk, and no more than that.
//
// A side that talks can go on without the other (MayMove): it is handed over
// (Refer) and waits, as A did at first, for whoever is called for it, with music,
// then ring-back; or it is parked (Park), or the phone that held it is lost, and it
// waits until a leg comes for it (Take). A Take may come in place of a leg that
// talks, too, or for a caller whom nobody has answered. A leg that goes on in
// another call is Gone from this one, which is over then. Whoever nobody takes is
// given back to where it came from.
//
// A leg that wants to hear nothing (Held) is agreed on that with its media alone: its
// peer hears music.
//
// Where the gate lets a call by with the PIN of who calls, A is answered and
// asked for it on its keypad, once in a call. The gate is asked again when it
// was right; A hears what becomes of the call from then on.
//
// Where the money of a call that is up is nearly used up, A is asked for its PIN
// while it talks, once in a call: with it the call goes on from the person's own
// budget. Until that is over the other side gets none of A's keys.
//
// A call can be the unit's own (Self): A has no session then, and whoever
// answers is told one thing after the other, each until it is acknowledged with
// the key 1 or was told TellTimes. Redirections of such a call are not followed.
//
// A caller can be attended (Route.Attend): the unit itself answers and talks with it, by
// a script that is the driver's. It can be put through from there (Connect), and comes
// back to the script where nobody takes it. So can whoever answers a call of the unit's
// own (Setup.Attend).
//
// A caller can speak to many (Route.Page, 一斉放送): it is answered at once, whoever of the
// phones answers hears it, and how that goes with each of them makes no difference to
// the others.
//
// A route may say that there is somewhere to go on to (Onward): when nobody has
// answered, the driver is asked for it once. Another may have whoever answers on a
// line be asked whether it takes the call (Confirm): it is no side of the call
// before it has pressed 1, and the caller hears nothing of it. What the unit itself
// does (Serve) the driver does; A is answered when it is done, and hears so.
//
// Session descriptions never come here. The driver takes a description into
// its media when it arrives, answers those within the call, and tells this package
// only that one came with an INVITE or its answer; an
// effect names the leg From whose description a new one is to be made, and
// the driver's media writes it.
//
// What a driver promises: every leg that was started (Invite) ends with
// exactly one of Failed, Closed or Bye, or is ended by Drop; Seize is
// answered by Seized or SeizeFailed, Ask by Verdict, Prove by Proved or NotProved,
// GoOn by WentOn or NotWentOn; a line's first response of any kind is told as
// Trying. Inputs for legs that are gone are ignored.
//
// # Limits
//
// See limits.go: legs in a call, redirections, lines tried.
//
// # Standards
//
// RFC 3261 §13–16 (as a B2BUA sees them), RFC 3264 and RFC 6337 (offers), RFC 3326
// (Reason), RFC 3515 and RFC 5589 (handing over), RFC 3891 (taking a leg's place),
// RFC 7092 (role: media relay).
package call
