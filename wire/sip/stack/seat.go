package stack

// Seat is a place in a shard's mailbox that is set aside for what somebody was
// asked and will answer from another goroutine: an answer must not be lost
// because others have filled the mailbox meanwhile.
type Seat struct {
	sh   *Shard
	left bool // the loop's
}

// Seat sets a place aside, on the loop; urgent for an emergency call, for
// which the last ones are. false: there is none, and nothing should be begun
// whose answer is needed.
func (sh *Shard) Seat(urgent bool) (Seat, bool) {
	if !sh.roomFor(sh.seats, seatsMax, urgent) {
		sh.stack.Counters.Overflow.Add(1)
		return Seat{}, false
	}
	sh.seats++
	return Seat{sh: sh}, true
}

// Post has f run on the loop, from any goroutine, in the order of posting. It
// is never refused; on a stopped stack f does not run. One function at a time
// waits in a seat: the next is posted when the last has run.
func (s *Seat) Post(f func(sh *Shard)) {
	if _, wake := s.sh.mail.putPost(f, true); wake {
		s.sh.packets.Wake()
	}
}

// Leave gives the place back, on the loop; an answer that is still to come may
// be posted all the same. The zero Seat has no place.
func (s *Seat) Leave() {
	if s.sh != nil && !s.left {
		s.left = true
		s.sh.seats--
	}
}
