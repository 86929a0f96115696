package sqlite

const (
	logPages      = 4096 // pages of log after which they are copied into the database
	pageBytes     = 4096 // of the database file
	readersMax    = 4    // connections of the read pool
	busyTimeoutMS = 5000 // another process may hold the file for so long
)

// Pragmas of the writing connection, and the one that copies the log.
const (
	passive     = "PRAGMA wal_checkpoint(PASSIVE)"
	copiesNone  = "wal_autocheckpoint(0)"        // the checkpointer does
	walKept     = "journal_size_limit(67108864)" // bytes of log kept after a checkpoint
	writerCache = "cache_size(-8192)"            // KiB of pages, negative by SQLite's convention
)
