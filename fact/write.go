package fact

import "errors"

// Fact is one thing that happened. Kind is its stable name ("call.answered"),
// the type of its leaf in the evidence log.
type Fact interface{ Kind() string }

// Links ties a fact to others in the evidence.
type Links struct {
	Subject string   // what the fact is about, e.g. "call/4f1a", "phone/201-1"
	Actor   string   // who did it: a person, a part or a device
	Causes  []string // subjects whose latest earlier leaves brought this about
}

// Linked is a Fact that knows its links.
type Linked interface {
	Fact
	Links() Links
}

// Row is one row of state that changes without being evidence by itself: a
// refreshed binding, the dialog of a line leg. Row names its table.
type Row interface{ Row() string }

// Write is one unit of durability: all or nothing, in this order.
type Write struct {
	Facts []Fact
	Rows  []Row
	// Behind says that nothing waits for this write: it is kept back a moment
	// (the store's limit is 50 ms), to be written with others in one go, and is
	// lost if the process is killed meanwhile. The order of writes stays.
	Behind bool
}

// Committer makes writes durable. Commit does not wait: done is called once,
// from another goroutine, with nil only after the write is on disk (synced).
// A Committer has a bounded queue; when it is full done gets an error that
// wraps ErrQueueFull at once, on the caller's goroutine.
type Committer interface {
	Commit(w Write, done func(error))
}

// The errors that a Committer's done may wrap. Others concern one write alone.
var (
	// ErrQueueFull says that too many writes wait already.
	ErrQueueFull = errors.New("write queue full")
	// ErrNotWritable says that the disk took nothing: the unit is degraded.
	ErrNotWritable = errors.New("store not writable")
	// ErrClosed says that the committer has stopped.
	ErrClosed = errors.New("store closed")
)
