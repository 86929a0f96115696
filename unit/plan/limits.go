package plan

// Limits of a plan.
const (
	MaxExtensions = 10_000
	MaxGroups     = 1_000
	MaxMembers    = 64 // members of one group, entries of one Ring list
	MaxFeatures   = 100
	MaxLines      = 64
	MaxNumbers    = 10_000 // numbers of one line
)
