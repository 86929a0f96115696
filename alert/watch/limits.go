package watch

import "time"

// Limits of alerts.
const (
	// EpisodesMax is how many episodes are known at once; facts beyond them are
	// counted in one episode of their kind.
	EpisodesMax = 1024
	// HourlyMax is how many alerts of one kind go out in an hour.
	HourlyMax = 12
	// AgainAfter is how long an episode goes on until it is told once more.
	AgainAfter = time.Hour
)
