package phonebook

import "time"

// Limits of readers.
const (
	// ConnectionsMax is how many connections a Server has at once, and PerSource how many
	// of one address.
	ConnectionsMax = 256
	PerSource      = 8
	// IdleMax is how long a connection may be silent, and SignInMax how long before it has
	// signed in, or may take for a request of HTTP and its answer.
	IdleMax   = 5 * time.Minute
	SignInMax = 10 * time.Second
	// RequestMax is how long a request is, in bytes.
	RequestMax = 8 << 10
	// FoundMax is how many entries a search gives; asked for fewer it gives fewer.
	FoundMax = 500
	// DepthMax is how deep a filter is nested, and TermsMax how many conditions it has.
	DepthMax = 8
	TermsMax = 32
	// SearchMax is how long a text is that is looked for, in bytes.
	SearchMax = 120
)
