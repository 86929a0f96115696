package remote

import (
	"time"

	"github.com/sekisho/sekisho/unit/lamp"
)

// Limits of a Book, for each site.
const (
	// PerSite is how many lamps are asked of one site, fewer than it grants
	// (stack: subscriptions of one device), so that those of an earlier process have room.
	PerSite = 200
	// AskAtOnce is how many questions are out at once.
	AskAtOnce = 16
	// AskFor is for how long a lamp is asked; it is asked for again in half the time that
	// was granted, RefreshLeast at least.
	AskFor       = 10 * time.Minute
	RefreshLeast = 30 * time.Second
	// AskAgain is the least time between two questions for one lamp.
	AskAgain = time.Second
	// RetryFirst is the pause after a question that came to nothing, twice as long after
	// each, up to RetryMost.
	RetryFirst = 3 * time.Second
	RetryMost  = time.Minute
	// RefusedAgain is the pause after one that was refused.
	RefusedAgain = 2 * time.Minute
	// ToldAtOnce and ToldEvery pace what a site tells, and so what every phone here is told
	// of it: so much at once, what it is asked for twice over and some, and one each so
	// long, which is sooner than a site's board tells (lamp.TellEvery).
	ToldAtOnce = 500
	ToldEvery  = lamp.TellEvery * 4 / 5
	// DoubtAfter is when a lamp is asked for again of which a site has granted to tell and
	// tells nothing, or of which something was not listened to.
	DoubtAfter = 10 * time.Second
)
