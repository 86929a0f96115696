package site

import "time"

// Times of supervision.
const (
	// AskEvery is how often a site is asked whether it is there, DoubtEvery where it
	// is away or may be.
	AskEvery   = 15 * time.Second
	DoubtEvery = 3 * time.Second
	// DownAfter is how many questions in a row must stay without an answer before a site
	// is away; where there is no way to ask it is so at once.
	DownAfter = 2
	// SureFor is how long a question may be out before what the site has said of its lamps is
	// not believed any more.
	SureFor = 5 * time.Second
	// AnswerWithin is how long a question may be out before it has failed, should its
	// driver never say: longer than Timer F.
	AnswerWithin = 40 * time.Second
	// AddressLife is how long the address of a name is used before it is looked up
	// again, and FindAgain the pause after one that was not found.
	AddressLife = 5 * time.Minute
	FindAgain   = 10 * time.Second
	// RecordEvery is how often a change of a site's state is written down, where more than
	// RecordsAtOnce came in a row.
	RecordEvery = time.Minute
)

// RecordsAtOnce is how many changes of a site's state are written down as they come.
const RecordsAtOnce = 6

// checkChars of a code tell whether it was typed right.
const checkChars = 4
