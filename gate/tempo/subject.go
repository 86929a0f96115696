package tempo

// state of a remembered call.
type state uint8

const (
	asked  state = iota // an attempt nobody reported on yet
	up                  // answered
	talked              // ended after an answer
	failed              // ended without one
	barred              // refused, or a challenge lapsed
)

// call is one that costs, as an extension's memory keeps it.
type call struct {
	ID       uint64 // hash of its name
	At       int64  // Unix seconds of the attempt
	Answered int64  // of the answer
	Talk     int64  // seconds
	Number   uint64 // E.164 digits
	Rate     int64  // thousandths of yen a minute
	Spelled  uint64 // hash of what was dialed
	Area     uint32
	State    state
	New      bool // its area was new
	Silent   bool // no voice came from where the phone is registered
}

// up tells whether a call is or may be up.
func (c *call) up(now int64) bool {
	return c.State == up && now-c.Answered < talkingFor || c.State == asked && now-c.At < ringingFor
}

// place is a network that an extension telephones from with a credential.
type place struct {
	Credential uint64
	Network    uint64
	Agent      uint64 // hash of the User-Agent, 0 for none
	First      int64
	Last       int64
	Inside     bool // a private address
}

// subject is what is remembered about an extension. Most never make a call that
// costs: the room for those is taken at the first.
type subject struct {
	record
	calls *[callsMax]call // nil while Last is -1
}

// record is what of a subject has one size, as a state holds it.
type record struct {
	Last      int64 // index of the newest call, counted from the first; -1 for none
	Places    [placesMax]place
	Here      int64 // index of the place it was last heard from
	Debut     int64 // the sum of the sequential test, in hundredths of nats
	DebutAt   int64
	Unread    int64 // attempts in a row that could not be read
	UnreadAt  int64
	Forwarded int64  // when its forwarding was changed
	ForwardTo uint64 // the number that its calls were last sent on to
	Contacts  int64  // from how many places its credential is registered
	Fetched   int64  // when a stranger read its set-up
	FetchedBy uint64
	Lapses    int64 // challenges since it last proved itself
	LapsedAt  int64
	Proved    int64
}

// newest gives the i-th newest call, nil where there are no more.
func (s *subject) newest(i int64) *call {
	if i >= callsMax || i > s.Last {
		return nil
	}
	return &s.calls[(s.Last-i)%callsMax]
}

// next makes room for a call: the oldest one's, if there is no other.
func (s *subject) next() *call {
	if s.calls == nil {
		s.calls = new([callsMax]call)
	}
	s.Last++
	return &s.calls[s.Last%callsMax]
}

// copy is a subject that remembers the same and shares nothing.
func (s *subject) copy() subject {
	c := *s
	if s.calls != nil {
		calls := *s.calls
		c.calls = &calls
	}
	return c
}

// find gives the call of that name, nil if it is forgotten.
func (s *subject) find(id uint64) *call {
	for i := int64(0); ; i++ {
		if c := s.newest(i); c == nil || c.ID == id {
			return c
		}
	}
}

// redials tells whether the last call to a number was not answered: people try
// again, and that says nothing new.
func (s *subject) redials(number uint64) bool {
	for i := int64(0); ; i++ {
		switch c := s.newest(i); {
		case c == nil:
			return false
		case c.Number == number:
			return c.Answered == 0
		}
	}
}
