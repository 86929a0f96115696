// Package fraud is a generator of offices and of attacks on them, at the level
// of events: who dials what, who picks up, how long they talk, which phone
// registers from where. It runs weeks in milliseconds, and its own books say
// what was lost.
//
// Use Offices and Families (or ReadOffices and ReadFamilies for files of your
// own), Family.Draw for one attack of a family, then New for a World. Next
// takes one step after the other and gives its event; each Attempt has to be answered with Pass,
// Refuse or Challenge before the next one comes, and Cut ends a call that is
// up. So people and intruders go on from what was answered: they redial, wait
// for a prompt, give up, or pump the number that got through. What whoever
// judges is handed is an Event, which does not say whose call it is.
//
// The package knows nothing of the gate, which it is to judge. Everything is
// the same for the same seed, and an office's people do the same whatever is
// answered to an intruder. docs/reference/fraud-families.md has the formats.
//
// # The model
//
// Calls of an office come from streams: so many a day for each phone, spread
// over hours, to a book of numbers, some of which are redialed or misdialed.
// Fax machines and door phones are streams whose prompts nobody answers; people
// answer four of five within 5 to 40 seconds, before a call and while they talk. A line has a number of channels;
// what is passed beyond it is busy. Where the office complained of a refusal, a
// manager looks at half past nine on the next working day, and says whether
// an intruder was there (Reviewed); nobody else ever learns it.
//
// The prices are a practice tariff of plausible magnitude. A world may deal
// them out to other countries (Options.Permute): roles such as "dear" follow.
//
// # Concurrency
//
// A World belongs to one goroutine; different Worlds may run at the same time.
//
// # Limits
//
// See limits.go. A World's memory is that of its streams and of the calls up.
package fraud
