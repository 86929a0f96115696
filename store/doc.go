// Package store keeps the unit's state and its evidence in one database, so
// that a change and the leaf that tells of it are written together or not at
// all.
//
// Use Open first. Append hands an entry to the one writer, which commits all
// that wait in one synced transaction (group commit). When an entry fails the
// batch is written again with each in a savepoint of its own, so that the one
// at fault does not take the others along.
// Reader has the reads; OpenReader gives them alone, for verification while
// the unit runs.
//
// What the two engines, SQLite and PostgreSQL, do each in their own way stands
// in store/sqlite and store/postgresql behind store/engine. Both pass storetest,
// the contract.
//
// # Durability
//
// SQLite in WAL mode with synchronous=FULL; on PostgreSQL fsync and
// synchronous_commit, without which it is refused: done(nil) comes after fsync of
// the log. When a transaction fails because of the disk or the server, everything
// in it gets an error that wraps fact.ErrNotWritable, Degraded tells it, and a
// probe finds out when writes are taken again. Where the way to the server was
// cut during a commit, what got the error may yet be written.
//
// Entries are written in the order in which they came. One that is Behind,
// because nobody waits for it, is kept back a moment (behindMax) for company:
// a process that is killed loses at most what came in that moment and in the
// commit under way.
//
// # Concurrency
//
// Two goroutines, started by Open and ended by Close. The writer owns the
// writing connection and the growing edge of the tree, and calls every done:
// done must not block. It gives the processor up between entries, so that
// calls on the same one go on. The checkpointer, which PostgreSQL has no need of,
// copies the log into the database when the writer asks, so that no commit waits
// for that. Reads run on a pool beside them.
//
// A PostgreSQL database may have several writers, in this process and in others:
// they take turns, and there is one log in one order.
//
// # Limits
//
// See limits.go, here and in the engines' rooms. A full queue answers at once
// with fact.ErrQueueFull.
package store
