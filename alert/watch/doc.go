// Package watch decides what is worth an alert: facts and the time go in,
// alerts come out. It is pure; package alert drives it.
//
// Use New, then Take for each fact, Report for each condition and Tick once a
// second. What they return is a Step: alerts to send, and episodes to remember
// or to forget.
//
// Facts of one kind about one subject make an episode. It begins to be told
// when its threshold is reached, is told again while it goes on, once an hour,
// and is over after a silence as long as the kind's window, or when its
// condition is well again. So an attack of a night is a handful of alerts.
//
// Restore gives back the episodes of the last run.
//
// # Limits
//
// See limits.go: episodes beyond the most there can be are told of as one, and
// each kind has so many alerts an hour, so that no flood of one kind hides
// another.
package watch
