package plan

// Limits of a plan.
const (
	MaxExtensions  = 10_000
	MaxGroups      = 1_000
	MaxMembers     = 64 // members of one group, entries of one Ring list
	MaxFeatures    = 100
	MaxLines       = 64
	MaxNumbers     = 10_000 // numbers of one line
	MaxHours       = 64     // spans of one timetable
	MaxRouting     = 5_000  // settings about incoming calls
	KeysMax        = 64     // outside-line keys
	SitesMax       = 32     // other sites
	BlocksMax      = 16     // ranges of extensions of one site
	siteNameMax    = 24
	MenusMax       = 64     // spoken menus
	QueuesMax      = 64     // groups whose callers wait
	MaxSpeed       = 20_000 // places of speed dialing that lead somewhere
	Rooms          = 4      // for conferences
	ParkPositions  = 8      // where calls wait that everybody sees
	RingSecondsMax = 600    // that an extension rings before it is forwarded
	MaxArgument    = 20     // digits of a number that follows a feature code
	castPortMin    = 1024   // those below are of other services
	// daysAhead is how far the next change of a mode is looked for: holidays
	// don't make an office closed for a year.
	daysAhead = 400
)
