package app

import "time"

// Limits of a unit's administration.
const (
	claimTriesMax = 10          // wrong claim codes in claimWindow
	claimWindow   = time.Minute //
	historyMax    = 1000        // changes of the policy in one answer
	// changedOpeningsMax: openings that one change of the policy opens and shuts;
	// with its text they stand in one leaf of 64 KiB.
	changedOpeningsMax = 48
	replayDays         = 30               // of calls that a preview judges again
	replayCallsMax     = 100_000          // of them
	replayExamplesMax  = 10               // calls shown of each kind
	numberShown        = 6                // digits of a subscriber's number that are shown
	openingsCheck      = 15 * time.Second // how often expired openings are looked for
	habitCheck         = time.Hour        // how often it is looked whether budgets follow the office's habit
	habitDays          = 60               // of calls that they go by
	habitWeek          = 7                // days between two changes by habit
	habitUntil         = 35               // days that such a change lasts
	nearingCheck       = 2 * time.Second  // how often it is looked whether a budget is nearly used up
	linesRetry         = 5 * time.Second  // addresses of lines are looked up again after a failure
	stopTimeMax        = 5 * time.Second  // calls get that long to hang up
	changesShownMax    = 200              // changes of an import's preview
	minutesPricedMax   = 24 * 60          // of a call that is asked for
	callsListedMax     = 10_000           // call records in one answer
	wakesMax           = 1                // that wait to be looked at: one look sees all
	wakesAtOnce        = 32               // extensions that are woken
	deskCheck          = time.Minute      // between two looks at who is to be logged out
	wakeTries          = 3                // calls of each, until somebody presses 1
	wakeRing           = time.Minute      // that each rings
	wakePause          = 2 * time.Minute  // between them
	wakeLateMax        = 10 * time.Minute // that one is made up for
	wakeCheck          = time.Hour        // how often it is looked at least who is to be woken
	wakeAgain          = time.Minute      // after what could not be written down
	redialsMax         = 1_000            // calls looked through for what was dialed last
	pastCallsMax       = 1_000            // calls that were missed, received or dialed, in one answer
	callsReadMax       = 100              // calls that a phone reads
	callsReadWithin    = 2 * time.Second  // that this takes
	signsListedMax     = 50               // calls in one answer about what was odd
	watchKeptEvery     = 5 * time.Minute  // how often it is written down what the watch remembers
	watchBytesMax      = 16 << 20         // of that, packed
	suspectsMax        = 64               // extensions that wait to be set apart
	messagesMax        = 50               // in a mailbox
	boxBytesMax        = 32 << 20         // in a mailbox
	messageBytesMax    = 256 << 20        // in all mailboxes
	retentionCheck     = time.Hour        // how often it is looked for messages that are kept long enough
	retentionMax       = 3650             // days
	mailsMax           = 256              // mails about messages that no server has taken yet
	mailSoundMax       = 300              // seconds of a message that goes with its mail: 4.8 MB, 6.6 MB in a mail
	mailAddressMax     = 254              // bytes of an address (RFC 5321 §4.5.3.1.3)
	mailTooLarge       = "552"            // says a server that takes no mail of that size (RFC 5321 §4.2.2)
	mailTimeMax        = 2 * time.Minute  // that one attempt takes
	mailPauseMin       = 2 * time.Second  // between two attempts; it doubles …
	mailPauseMax       = 10 * time.Minute // … up to this
	mailAgeMax         = 24 * time.Hour   // that a mail is worth sending
	greetingBytesMax   = 64 << 20         // in greetings of mailboxes
	soundsMax          = 64               // messages and greetings that are to be played and not read yet
	queueWaitMin       = 10               // seconds that a caller waits at most, at least
	queueEveryMin      = 15               // seconds between two times that a caller hears its place
	wrongPINsMax       = 3                // wrong PINs of one at a phone for anybody, or at a room, in wrongPINsWithin
	wrongPINsWithin    = 10 * time.Minute
	wrongCallersMax    = 1_000 // that are told apart
	wishesMax          = 64    // feature codes that were dialed and are not done yet
	claimCodeBytes     = 10    // 80 bits, typed once, tried at most claimTriesMax times a minute
	// portsPerResting: of so many ports one pair rests at most after its call,
	// so that others on this host find some.
	portsPerResting = 8

	filesForOthers = 5120    // open files that media leaves to connections (4096), the database and the control socket
	filesMost      = 1 << 20 // of a limit that are counted on
	filesPerCall   = 4       // two legs, each with RTP and RTCP

	sipLoops      = 1                      // of signaling: legs go from call to call, so one loop owns them all
	voiceLoops    = 1                      // that move packets of calls, for the same reason
	signalingDSCP = 24                     // CS3 (RFC 4594 §2.3), where no line wants another
	commitTimeMax = 10 * time.Second       // a change waits that long for the disk
	startBytes    = 1 << 20                // a disk that does not take that much takes no unit
	headroomMin   = 64 << 20               // bytes that the heap may always grow by between two collections …
	headroomMax   = 256 << 20              // … on a large machine, and in between …
	headroomShare = 64                     // … one of so many that the machine has
	liveMin       = 4 << 20                // bytes that count as live at least
	gcPercentMin  = 100                    // Go's own GOGC
	headroomCheck = time.Second            // how often the collector is told
	behindPoll    = 10 * time.Millisecond  // while what the desk writes behind is waited for
	spareEvery    = time.Minute            // how often the spare is brought up to date for itself
	serverSought  = 2 * time.Second        // how often a unit on its spare looks for its server
	idleCheck     = 200 * time.Millisecond // how often it is looked for a moment without calls …
	idleMax       = 10 * time.Minute       // … until others than emergency calls are cut
	bindingsOnce  = 256                    // bindings written at once

	// floodMin is how many strangers the unit turns away while it is asked, at
	// least, if a flood may be why nothing answers: scanners alone are fewer.
	floodMin  = 200
	askedWord = 10 // random bytes of a branch, tag or Call-ID
	askedHops = 70 // Max-Forwards (RFC 3261 §8.1.1.6)
)
