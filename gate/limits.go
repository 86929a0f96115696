package gate

// What a policy may hold.
const (
	openingsMax   = 10_000
	extensionsMax = 100_000
	linesMax      = 10_000
	hoursMax      = 100
)
