// Package tempo watches how an office telephones and says when a call looks
// like toll fraud: not where it goes, but what is odd about it here and now.
// It is pure and streaming: no clock, no randomness, no I/O, whole numbers
// only. The same events give the same opinions.
//
// Use [New] for a unit's Watch, ask [Watch.Attempt] about every outside call
// before its verdict, and tell [Watch.Note] what comes of it and what else
// happens: answers, ends, registrations, forwardings, calls that come in. An
// [Opinion] names each [Sign] that was seen, with its figures; text has a
// sentence for each. What no sign speaks of can't count: signals.go lists them
// all, each in a file of its own.
//
// # Levels
//
// A sign is weak or strong, and belongs to a [Group]: where the call goes, who
// is calling, when, by which path, in what pattern, for how much money. Signs
// of one group say the same thing, so only the strongest counts. A weak sign
// alone is Noted, never more: people do call new countries, at night, and
// again. One strong sign, or weak ones of two groups, make a Challenge. A Cut
// takes strong signs of two groups and a third group besides.
//
// No unit tells a Watch yet of set-up files that are read (Fetched), since it hands none
// out, nor of changed forwardings (Forwarded), though it has them: a call that is sent on is
// judged as any other, but that the forwarding is new says nothing. Tests and sim/fraud do.
//
// What does not tell fraud from work, as measured, is no sign: how many
// numbers are called, calls per minute, one new country, a missing User-Agent.
//
// # Other sites
//
// A site that calls outside by way of the unit is watched as one extension would be, by
// its name, because whose phone it is there is only that site's word. Where it is, and
// how many calls it has up, says nothing of it.
//
// # No learning period
//
// What an office does is set against its own history, and where there is none,
// against that of an ordinary one; an area that the owner opened for an
// extension is never new to it. So the first day is judged as the hundredth.
//
// # Memory
//
// A Watch remembers a fixed number of things about each extension, and a fixed
// number of extensions: limits.go. Only calls that cost are remembered. Ordinary
// domestic ones say when and where from an office telephones, no more.
//
// # Restart
//
// [Watch.Export] writes all of it, [Watch.Import] reads it back; calls that were
// up then are over. It is not made
// again from the facts: these may be erased, and reading weeks of them takes a
// start longer than a power cut should. A unit without it is at its first day.
// What was dialed stays in it for a day at most.
//
// # Concurrency
//
// A Watch belongs to one goroutine at a time. gate/desk asks the unit's, under a
// lock; [Watch.Copy] lets others read on while it is asked again.
package tempo
