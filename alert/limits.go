package alert

import "time"

// Limits of deliveries.
const (
	// ChannelsMax is how many channels a unit has, recipients of mail counted
	// one by one.
	ChannelsMax = 16
	// owedMax is how many alerts one channel owes; the oldest makes room.
	owedMax = 64
	// eventsMax is how many facts wait to be looked at. One that finds no room
	// is counted and said in the log.
	eventsMax = 4096
	// sendTimeMax bounds one attempt of a channel.
	sendTimeMax = 30 * time.Second
	// testCallTimeMax is the same for a test alert that somebody is told aloud.
	testCallTimeMax = 5 * time.Minute
	// ageMax is how long an alert is worth delivering.
	ageMax = 24 * time.Hour
	// pauseMin and pauseMax bound the pause after a failed attempt; it doubles
	// from one to the next.
	pauseMin = 2 * time.Second
	pauseMax = 5 * time.Minute
	// tickEvery is how often episodes are looked at.
	tickEvery = time.Second
	// SecretBytesMax bounds a file that holds a secret.
	SecretBytesMax = 4096
	// answerMax bounds what is kept of a server's answer, in bytes.
	answerMax = 200
)
