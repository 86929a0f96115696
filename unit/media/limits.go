package media

import (
	"time"

	"github.com/sekisho/sekisho/unit/media/engine"
)

// Limits of the relay.
const (
	// CallsMax is how many calls a Relay holds unless Config says less.
	CallsMax = 20_000
	// LegsMax is how many legs a call holds at once.
	LegsMax = 160
	// RecordedMax is how many legs one recording hears.
	RecordedMax = 32
	// PairsReady is how many port pairs are kept open in advance per local
	// address.
	PairsReady = 64
	// PairsKept is how many more are kept open for emergency calls, where calls
	// have taken all other ports of the range.
	PairsKept = 16
	// LocalsMax is how many local addresses pairs are kept ready for.
	LocalsMax = 8
	// RestTime is how long the ports of an ended call are given to no other:
	// its peers may not have heard of the end yet.
	RestTime = 10 * time.Second
	// RestingMax is how many pairs of ports rest at most, unless Config says
	// less; the others are closed. When half as many rest, those that rest
	// longest are used again, and no others opened: a busy hour has no time.
	RestingMax = 2048
	// restedAmong is among how many of those one is chosen by chance.
	restedAmong = 64
	// idleMax is how many packets may come to a pair that rests: as many as a
	// peer sends before it has heard of the call's end. With more the loop
	// listens to it no longer, and the kernel drops them.
	idleMax = 500
	// commandsMost is how many commands wait for a loop's next turn without
	// waking it.
	commandsMost = 256
	// PacketBytesMax is the longest packet relayed; longer ones are cut off
	// and dropped. An Ethernet frame holds no longer one.
	PacketBytesMax = engine.PacketBytesMax
	// portsAll is how many ports an address has.
	portsAll = 1 << 16
	// DigitsMax is how many digits SendDigits takes, those waiting included.
	DigitsMax = 64
	// DigitsPerSecond is how many digits of a peer are told in a second; no
	// finger and no dialer is faster (RFC 4733 §2.5.1.3), so others are noise.
	DigitsPerSecond = 20
	// LearnPackets is how many consistent packets a source that was not
	// signaled must send, within LearnWindow, before the leg is locked onto it.
	LearnPackets = 3
	// LearnWindow: see LearnPackets.
	LearnWindow = 500 * time.Millisecond
	// TimeoutDefault is for Leg.Watch: a peer that was silent so long, while
	// it may send, is gone.
	TimeoutDefault = 60 * time.Second
	// ReportEvery is how often a leg sends an RTCP report, on average (RFC 3550
	// §6.2).
	ReportEvery = 5 * time.Second
	// answerSoonest: no peer sends sooner after a leg was made, which it must first
	// be told of. What the turn brings that begins within it may be what the kernel
	// had put down for the call before.
	answerSoonest = 500 * time.Microsecond
	// lookEvery is how often a loop looks for silence and due reports.
	lookEvery = 100 * time.Millisecond
	// recheck: so long after a socket was connected, sources are still
	// compared, for packets that the kernel took before.
	recheck = time.Second
	// moveGrace: so long after signaling has moved a peer, packets from its old
	// place, which was not signaled, are taken for late ones.
	moveGrace = time.Second
	// candidatesMax is how many sources are compared while a leg learns.
	candidatesMax = 4
	// portMin is the lowest port that media is sent to: those below are
	// other people's services.
	portMin = 1024
	// digitLasts, digitGap and digitStep time the digits sent.
	digitLasts = 160 * time.Millisecond
	digitGap   = 80 * time.Millisecond
	digitStep  = 20 * time.Millisecond
	// digitSilence: a digit whose end was lost is told after so long.
	digitSilence = 300 * time.Millisecond
)
