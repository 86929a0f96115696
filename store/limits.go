package store

import "time"

const (
	queueMax      = 8192                   // entries waiting for the writer, and those it writes
	batchMax      = 512                    // entries in one transaction
	commitsApart  = 2 * time.Millisecond   // beginnings of transactions: under load each serves many
	behindMax     = 50 * time.Millisecond  // what nobody waits for is kept back that long
	burstMax      = 8                      // entries written before others get the processor
	logPages      = 4096                   // pages of log after which they are copied into the database
	latestMax     = 1 << 15                // subjects whose latest leaf is remembered
	wakeSize      = 1                      // one pending wake-up says it all
	hashBytes     = 32                     // of one hash of the tree
	pageBytes     = 4096                   // of the database file
	readersMax    = 4                      // connections of the read pool
	busyTimeoutMS = 5000                   // another process may hold the file for so long
	probeEvery    = 500 * time.Millisecond // while degraded
	callsMax      = 10_000                 // call records of one answer
)

// Pragmas of the writing connection, and the one that copies the log.
const (
	passive     = "PRAGMA wal_checkpoint(PASSIVE)"
	copiesNone  = "wal_autocheckpoint(0)"        // the checkpointer does
	walKept     = "journal_size_limit(67108864)" // bytes of log kept after a checkpoint
	writerCache = "cache_size(-8192)"            // KiB of pages, negative by SQLite's convention
)
