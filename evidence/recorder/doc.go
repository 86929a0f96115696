// Package recorder writes down what happened: it turns facts into leaves,
// hands them to the log in the same transaction as the state they tell of,
// and signs checkpoints.
//
// Use New first; a *Recorder is the fact.Committer of every part. OpenKey
// reads or founds the unit's signing key, which lives outside the database;
// FileAnchor keeps the latest checkpoint outside it too, so that a database
// that was cut short is noticed.
//
// # Concurrency
//
// One goroutine, started by New and ended by Close: it signs a checkpoint
// after each fact that concerns security (at most one in a second), and
// within a minute after any other.
package recorder
