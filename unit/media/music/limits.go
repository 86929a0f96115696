package music

// Limits of a recording.
const (
	// BytesMax is the largest file read: five minutes of 48 kHz, 24 bits and two
	// channels, and room for a picture of the sleeve.
	BytesMax = 96 << 20
	// SecondsMax is how long a recording is played at most before it begins again:
	// it is kept in memory, in every codec.
	SecondsMax = 300
	// secondsMin is the shortest: what repeats faster is a noise.
	secondsMin = 1
	// wordSeconds is the shortest of what is said once: both fades, and a vowel.
	wordSeconds = 0.1
	// channelsMax is how many channels are mixed into one.
	channelsMax = 8
)
