package postgresql

import "time"

const (
	connectMax   = 2 * time.Second // for a connection, its turn aside
	statementMax = 4 * time.Second // for a statement, the wait for a turn included
	readersMax   = 4               // connections of the read pool
	extraMax     = 64              // bytes that numbers add to a statement, about

	// As the server takes them, in milliseconds: how long to wait for a turn, and
	// how long a statement, or the time between two, may take.
	turnMax = "3000"
	endMax  = "5000"
)
