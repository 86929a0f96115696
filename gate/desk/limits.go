package desk

import "time"

const (
	passLife   = 10 * time.Second // from the verdict to the INVITE
	behindMax  = 4096             // facts waiting to be written behind
	behindOnce = 64               // facts of one such write
	retryEvery = time.Second
	triesMax   = 6       // to set money aside, with less each time
	lentMax    = 1 << 16 // accounts that are lent money on a day on which nothing can be written
	textMax    = 512     // bytes of a dialed string or User-Agent in the record
)
