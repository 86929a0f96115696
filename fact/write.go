package fact

// Fact is one thing that happened. Kind is its stable name ("call.answered"),
// the type of its leaf in the evidence log.
type Fact interface{ Kind() string }

// Row is one row of state that changes without being evidence by itself: a
// refreshed binding, the dialog of a line leg. Row names its table.
type Row interface{ Row() string }

// Write is one unit of durability: all or nothing, in this order.
type Write struct {
	Facts []Fact
	Rows  []Row
}

// Committer makes writes durable. Commit does not wait: done is called once,
// from another goroutine, with nil only after the write is on disk (synced).
// A Committer has a bounded queue; when it is full done gets an error at once.
type Committer interface {
	Commit(w Write, done func(error))
}
