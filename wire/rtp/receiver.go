package rtp

import "time"

// Receiver counts the packets of one source (RFC 3550 §6.4.1, §A.1, §A.3,
// §A.8). The zero value waits for a first packet.
type Receiver struct {
	SSRC     uint32
	Received uint64 // packets taken
	Octets   uint64 // of payload

	Reordered  uint64 // of them, those that came behind a later one
	Duplicates uint64 // not taken: they came again, or too late to tell

	started  bool
	cycles   uint32
	maxSeq   uint16
	baseSeq  uint16
	received uint32 // since the base
	badSeq   uint32 // next sequence number of a source that may have restarted
	seen     uint64 // window of the 64 packets up to maxSeq

	expectedPrior, receivedPrior uint32
	lostBefore                   int64 // of sources before this one

	clock   bool // transit holds a value
	transit int64
	jitter  float64 // in timestamp units
	rate    int
}

// Fate says what Take made of a packet.
type Fate uint8

// The fates. Only Fresh packets are to be used.
const (
	// Fresh: new, in order or late within the window.
	Fresh Fate = iota
	// Again: a duplicate, or too late to tell.
	Again
	// Jump: far from where the source was; if the next one follows it, the
	// source has restarted, and that one is Fresh.
	Jump
	// Restart is Fresh, of a source that is new or has started anew: what
	// is sent on must be given new offsets.
	Restart
)

// Take counts a packet that arrived at now with a payload of n bytes; rate is
// the clock rate of its codec in Hz.
func (r *Receiver) Take(h Header, n int, rate int, now time.Time) Fate {
	fate := r.place(h)
	if fate == Again || fate == Jump {
		if fate == Again {
			r.Duplicates++
		}
		return fate
	}
	r.received++
	r.Received++
	r.Octets += uint64(n)
	r.jitterAt(h, rate, now)
	return fate
}

func (r *Receiver) place(h Header) Fate {
	if !r.started || h.SSRC != r.SSRC {
		if r.started {
			r.lostBefore = r.Lost()
		}
		r.start(h)
		return Restart
	}
	delta := h.Seq - r.maxSeq
	switch {
	case delta == 0:
		return Again
	case delta < dropoutMax:
		if h.Seq < r.maxSeq {
			r.cycles += 1 << 16
		}
		r.maxSeq = h.Seq
		r.seen = r.seen<<min(delta, 64) | 1
		if delta >= 64 {
			r.seen = 1
		}
		return Fresh
	case delta <= 1<<16-1-misorderMax:
		if uint32(h.Seq) == r.badSeq {
			r.lostBefore = r.Lost()
			r.start(h)
			return Restart
		}
		r.badSeq = uint32(h.Seq + 1)
		return Jump
	}
	back := -delta // 1 … misorderMax
	if back >= 64 || r.seen>>back&1 != 0 || r.before(h.Seq) {
		return Again
	}
	r.seen |= 1 << back
	r.Reordered++
	return Fresh
}

// before tells whether seq is from before the first packet counted.
func (r *Receiver) before(seq uint16) bool {
	back := uint32(r.maxSeq - seq)
	return back > r.cycles+uint32(r.maxSeq)-uint32(r.baseSeq)
}

func (r *Receiver) start(h Header) {
	r.started, r.SSRC = true, h.SSRC
	r.baseSeq, r.maxSeq, r.cycles = h.Seq, h.Seq, 0
	r.received, r.expectedPrior, r.receivedPrior = 0, 0, 0
	r.badSeq, r.seen, r.clock = 1<<16+1, 1, false
}

// jitterAt is §A.8, with arrival times in units of the codec's clock. A
// change of clock, and telephone-event packets (whose timestamp stands
// still), would spoil it: the caller gives rate 0 for those.
func (r *Receiver) jitterAt(h Header, rate int, now time.Time) {
	if rate <= 0 {
		return
	}
	arrival := now.Unix()*int64(rate) + int64(now.Nanosecond())*int64(rate)/int64(time.Second)
	transit := int64(uint32(arrival) - h.Timestamp)
	if r.clock && r.rate == rate {
		d := int64(int32(uint32(transit - r.transit)))
		if d < 0 {
			d = -d
		}
		r.jitter += (float64(d) - r.jitter) / 16
	}
	r.transit, r.clock, r.rate = transit, true, rate
}

// HighestSeq is the extended highest sequence number received.
func (r *Receiver) HighestSeq() uint32 { return r.cycles + uint32(r.maxSeq) }

// Lost is how many packets are missing; duplicates could make it negative,
// but they are not counted here.
func (r *Receiver) Lost() int64 {
	if !r.started {
		return r.lostBefore
	}
	return r.lostBefore + int64(r.HighestSeq()-uint32(r.baseSeq)+1) - int64(r.received)
}

// Jitter is the interarrival jitter as time.
func (r *Receiver) Jitter() time.Duration {
	if r.rate == 0 {
		return 0
	}
	return time.Duration(r.jitter / float64(r.rate) * float64(time.Second))
}

// Report is the block for our next report, and begins a new interval for the
// fraction lost. ok is false while nothing was received.
func (r *Receiver) Report() (b ReportBlock, ok bool) {
	if !r.started {
		return ReportBlock{}, false
	}
	expected := r.HighestSeq() - uint32(r.baseSeq) + 1
	lost := int64(expected) - int64(r.received)
	span := expected - r.expectedPrior
	missing := int64(span) - int64(r.received-r.receivedPrior)
	r.expectedPrior, r.receivedPrior = expected, r.received
	b = ReportBlock{SSRC: r.SSRC, HighestSeq: r.HighestSeq(), Jitter: uint32(r.jitter)}
	b.Lost = int32(max(-1<<23, min(lost, 1<<23-1)))
	if span > 0 && missing > 0 {
		b.FractionLost = uint8(min(missing*256/int64(span), 255))
	}
	return b, true
}
