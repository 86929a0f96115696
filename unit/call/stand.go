package call

// Stand is how a leg stands in its call, as who looks on from outside sees it.
type Stand uint8

// The ways a leg can stand. The zero Stand is Out.
const (
	Out     Stand = iota // not there yet, or no more
	Calling              // it began the call, and nobody was answered yet
	Rings
	Talks
	Holds // it wants to hear nothing
)

// Called says that a leg is a phone that is called, and may answer.
func (c *Call) Called(id LegID) bool {
	if id <= A || int(id) >= len(c.legs) {
		return false
	}
	l := c.legs[id]
	return l.kind == Phone && (l.state == legInviting || l.state == legRinging)
}

// Stand says how a leg stands.
func (c *Call) Stand(id LegID) Stand {
	if id < 0 || int(id) >= len(c.legs) || c.phase >= phaseEnding {
		return Out
	}
	l := c.legs[id]
	switch {
	case l.state == legUp && l.holding:
		return Holds
	case l.state == legUp:
		return Talks
	case l.state > legUp:
		return Out
	case id == A:
		return Calling
	case l.state == legRinging:
		return Rings
	}
	return Out
}
