package sdp

// Direction is who sends in a stream, seen from the writer of the
// description (RFC 8866 §6.7).
type Direction uint8

// The directions. Sends and Receives are the two bits of one.
const (
	Inactive Direction = 0
	SendOnly Direction = 1
	RecvOnly Direction = 2
	SendRecv Direction = SendOnly | RecvOnly
)

func (d Direction) String() string {
	return [...]string{"inactive", "sendonly", "recvonly", "sendrecv"}[d&SendRecv]
}

// Sends tells whether the writer sends.
func (d Direction) Sends() bool { return d&SendOnly != 0 }

// Receives tells whether the writer wants to receive.
func (d Direction) Receives() bool { return d&RecvOnly != 0 }

// Reverse is the same stream seen from the other end.
func (d Direction) Reverse() Direction { return d&SendOnly<<1 | d&RecvOnly>>1 }

// AnswerTo is d, as far as an answer to offer may say it (RFC 3264 §6.1).
func (d Direction) AnswerTo(offer Direction) Direction { return d & offer.Reverse() }

func directionOf(attribute string) (Direction, bool) {
	switch attribute {
	case "sendrecv":
		return SendRecv, true
	case "sendonly":
		return SendOnly, true
	case "recvonly":
		return RecvOnly, true
	case "inactive":
		return Inactive, true
	}
	return 0, false
}
