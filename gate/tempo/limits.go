package tempo

// What a Watch remembers.
const (
	subjectsMax  = 4096 // extensions; the one silent for longest is forgotten first
	nameMax      = 64   // bytes of an extension's name that count
	callsMax     = 32   // last calls of an extension that cost
	placesMax    = 8    // networks that an extension telephones from
	areasMax     = 256  // areas a unit called: more than there are
	networksMax  = 16   // networks that several extensions share
	doubtsMax    = 16   // areas for which challenges lapsed
	missedMax    = 32   // short rings from abroad
	sharersMax   = 3    // extensions that make a network the unit's own
	lapsesProved = 2    // that one proof makes good
	areaDays     = 3    // with answers, that make an area known

	// StateMax bounds a state that is read back, in bytes.
	StateMax = 32 << 20
)

// For how long things count, in seconds.
const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour

	areaNewFor      = 7 * day  // after its first answered call
	placeNewFor     = 7 * day  // after an extension was first heard from there
	forwardNewFor   = day      // after a forwarding was changed
	fetchedFor      = day      // after a set-up was read by a stranger
	missedFor       = 2 * day  // a short ring invites to call back
	testedFor       = day      // a short call to a number that is called again
	patternWithin   = hour     // calls that make a pattern together
	ringingFor      = minute   // an attempt that nobody reported on
	talkingFor      = 4 * hour // an answer whose end nobody reported
	lapsedFor       = 7 * day  // a challenge that nobody answered
	keptFor         = day      // what is dialed, in an export
	talkMost        = day      // of a call, as it is counted
	debutHalfLife   = 4 * hour
	hoursHalfLife   = 30 // days
	shortTalk       = 10 // a test call
	shortRing       = 6  // a ring that only wants to be called back
	unansweredLeast = 6
)
