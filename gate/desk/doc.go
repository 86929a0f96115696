// Package desk is where a verdict becomes durable and a Pass is made: the
// only package that can make one.
//
// Use New, then Ask for every outside call and every line it is tried on. The
// desk judges in memory and commits the verdict; only when that is synced to
// disk does a pass verdict come back with a Pass. Run retries, in the
// background, the records that could not be written at once.
//
//   - What is odd about how the office telephones (gate/tempo) is part of what
//     is judged: the desk asks its watch before the rules, and tells it of
//     refusals; Note tells it the rest.
//   - Emergency calls do not wait: their Pass comes at once, and their record
//     is written behind.
//   - Refusals and challenges are answered at once too, and written behind.
//   - When the verdict can't be written, international calls are refused, and
//     domestic ones if the owner did not choose otherwise (invariant G6).
//
// Ordinary calls that go on while nothing can be written have, on one day, each
// budget once more and nothing beyond it; what they cost is written behind.
//
// What is written behind is kept until it is written, up to a limit; beyond
// it the desk counts, and writes down how many it dropped.
//
// # Concurrency
//
// Ask may be called from anywhere. No goroutine of its own but Run's, which
// its caller starts and ends.
package desk
