package fraud

import "time"

// Books are what the world counted, by its own prices.
type Books struct {
	Office   Ledger
	Intruder Ledger
	// First is the intruder's first attempt, Last the last moment at which one
	// of his calls was up; zero where there was none.
	First, Last time.Time
	// Stopped is the intruder's first attempt that was refused or challenged with
	// none passed after it: from then on he got nothing more. It is zero where he
	// made no attempt that was not passed after the last one that was. UpThen is how
	// many of his calls were up or rang at that moment.
	Stopped time.Time
	UpThen  int
	// Released are the office's challenges that were answered: within Soon, and
	// within Late. ReleaseWait is how long people needed for all, summed up.
	ReleasedSoon, ReleasedLate int
	ReleaseWait                time.Duration
}

// Soon and Late are within what a challenge should be released.
const (
	Soon = 20 * time.Second
	Late = 60 * time.Second
)

// release counts a challenge that is answered after so long.
func (b *Books) release(wait time.Duration) {
	b.ReleaseWait += wait
	if wait <= Soon {
		b.ReleasedSoon++
	}
	if wait <= Late {
		b.ReleasedLate++
	}
}

// Ledger is one side's calls. Abroad counts the part of each that goes out of
// Japan.
type Ledger struct {
	Calls      Count // attempts, each counted once
	Passed     Count
	Refused    Count // judged; a challenge that lapsed is one, too
	Barred     Count // refused by a standing list (a closed country), whoever calls
	Challenged Count
	Lapsed     Count // challenges without an answer
	Prompted   Count // asked while they talked
	Kept       Count // of them, those that answered before the call was over
	Busy       Count // passed, but the line had no channel free
	Answered   Count
	Cut        Count // ended while somebody talked
	Emergency  Count
	NoHelp     Count // emergency calls that were not passed
	MilliYen   int64
}

// Count is a number of calls, and how many of them went abroad.
type Count struct{ All, Abroad int }

// Add adds d to c.
func (c *Count) Add(d Count) { c.All, c.Abroad = c.All+d.All, c.Abroad+d.Abroad }

// Sub takes d from c.
func (c *Count) Sub(d Count) { c.All, c.Abroad = c.All-d.All, c.Abroad-d.Abroad }

func (c *Count) one(abroad bool) {
	c.All++
	if abroad {
		c.Abroad++
	}
}

// Add adds m to l.
func (l *Ledger) Add(m *Ledger) {
	l.Calls.Add(m.Calls)
	l.Passed.Add(m.Passed)
	l.Refused.Add(m.Refused)
	l.Barred.Add(m.Barred)
	l.Challenged.Add(m.Challenged)
	l.Lapsed.Add(m.Lapsed)
	l.Prompted.Add(m.Prompted)
	l.Kept.Add(m.Kept)
	l.Busy.Add(m.Busy)
	l.Answered.Add(m.Answered)
	l.Cut.Add(m.Cut)
	l.Emergency.Add(m.Emergency)
	l.NoHelp.Add(m.NoHelp)
	l.MilliYen += m.MilliYen
}

// Sub takes m from l: what was counted until some moment.
func (l *Ledger) Sub(m *Ledger) {
	l.Calls.Sub(m.Calls)
	l.Passed.Sub(m.Passed)
	l.Refused.Sub(m.Refused)
	l.Barred.Sub(m.Barred)
	l.Challenged.Sub(m.Challenged)
	l.Lapsed.Sub(m.Lapsed)
	l.Busy.Sub(m.Busy)
	l.Answered.Sub(m.Answered)
	l.Cut.Sub(m.Cut)
	l.Emergency.Sub(m.Emergency)
	l.NoHelp.Sub(m.NoHelp)
	l.MilliYen -= m.MilliYen
}
