package attendant

import "time"

// Limits of scripts.
const (
	// EchoMax is how long a caller may hear itself.
	EchoMax = 3 * time.Minute
	// DialFirst is how long who has dial tone may wait before it dials, DialNext how long
	// between two digits before the number is taken for whole, and DialMax how many digits
	// are kept of it.
	DialFirst = 15 * time.Second
	DialNext  = 5 * time.Second
	DialMax   = 40
	// MenuTries is how many times a menu asks again, and ChooseFor how long it waits for a
	// choice.
	MenuTries = 2
	ChooseFor = 8 * time.Second
	// MessageMax is how long a message is, MessageQuiet how long a caller is quiet before
	// it is taken to be over, and MessageLeast of how many samples it has to be.
	MessageMax   = 3 * time.Minute
	MessageQuiet = 6 * time.Second
	MessageLeast = 4000
	// GreetingMax is how long a mailbox speaks before its beep.
	GreetingMax = time.Minute
	// ListenWait is how long who listens to messages may wait before it presses a key.
	ListenWait = 20 * time.Second
	// OptionWait is how long after the last message a key may still be pressed.
	OptionWait = 4 * time.Second
	// PINTries is how many wrong PINs of mailboxes one call may try, and PINPause how long
	// after one was typed it is said that it is wrong: longer than it takes to compare it.
	PINTries = 3
	PINPause = 1500 * time.Millisecond
	// PINWait is how long who logs in may wait before it presses a key, and PINMax how many
	// digits are kept of a PIN.
	PINWait = 20 * time.Second
	PINMax  = 12
	// BusyFor is how long busy tone is given before the call ends.
	BusyFor = 10 * time.Second
)
