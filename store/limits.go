package store

import "time"

const (
	queueMax      = 8192                   // entries waiting for the writer
	batchMax      = 512                    // entries in one transaction
	pageBytes     = 4096                   // of the database file
	readersMax    = 4                      // connections of the read pool
	busyTimeoutMS = 5000                   // another process may hold the file for so long
	probeEvery    = 500 * time.Millisecond // while degraded
	callsMax      = 10_000                 // call records of one answer
)

// Pragmas of the writing connection.
const (
	walKept     = "journal_size_limit(67108864)" // bytes of log kept after a checkpoint
	writerCache = "cache_size(-16384)"           // KiB of pages, negative by SQLite's convention
)
