package media

// playout evens out when speech comes: it holds what was received until its moment,
// tens of milliseconds later. It counts in samples at 16 kHz since it began.
type playout struct {
	ring     [playoutSamples]int16
	next     int64  // the sample that is played next
	end      int64  // behind the last one that is there, received or made up
	received int64  // behind the last one that was received
	ts       uint32 // RTP's time of the last packet, and its place
	place    int64
	begun    bool
	least    int64 // the least that was received ahead, in this many reads
	reads    int
}

// The times of a playout, in samples at 16 kHz.
const (
	playoutSamples = 4096             // a power of two; a quarter of a second, the most it holds
	playoutDelay   = 2 * mixFrame     // of what comes in time
	fadeSamples    = mixFrame         // in which what is made up dies away
	blendSamples   = mixFrame / 4     // in which what follows a gap or a skip is blended in
	skipReads      = 100              // after so many …
	skipAhead      = mixFrame * 3 / 2 // … in which so much was always ahead …
	skipSamples    = mixFrame / 2     // … this is left out
)

func (p *playout) at(i int64) *int16 { return &p.ring[i&(playoutSamples-1)] }

// take puts speech at its place by RTP's time, which counts 8000 a second.
func (p *playout) take(ts uint32, pcm []int16) {
	n := int64(len(pcm))
	if n == 0 || n > playoutSamples/2 {
		return
	}
	at := p.place + 2*int64(int32(ts-p.ts))
	late := at < p.next && p.received <= p.next
	switch {
	case !p.begun, late, at+n > p.next+playoutSamples, at < p.next-playoutSamples:
		// The first, or too late with nothing in hand: what follows is played later by
		// as much. Or another time altogether.
		p.begun, at = true, p.next+playoutDelay
	case at+n <= p.next:
		return
	}
	p.ts, p.place = ts, at
	blend := 0
	if at > p.received { // something is missing before it
		blend = min(blendSamples, len(pcm))
		p.makeUp(at + int64(blend))
	}
	for i, v := range pcm {
		x := p.at(at + int64(i))
		switch {
		case at+int64(i) < p.next:
		case i < blend:
			*x = int16((int(*x)*(blend-i) + int(v)*i) / blend)
		default:
			*x = v
		}
	}
	p.end, p.received = max(p.end, at+n), max(p.received, at+n)
}

// makeUp fills what is missing up to a place: with what came last, backwards and
// dying away, so that nothing clicks; then with silence.
func (p *playout) makeUp(to int64) {
	for ; p.end < to; p.end++ {
		v, gone := 0, p.end-p.received
		if gone < fadeSamples && p.received > gone {
			v = int(*p.at(p.received - 1 - gone)) * int(fadeSamples-gone) / fadeSamples
		}
		*p.at(p.end) = int16(v)
	}
}

// read gives a frame. If more than is needed was ahead for long, it is a little
// shorter than what it stands for.
func (p *playout) read(frame []int16) {
	n, skip := int64(len(frame)), int64(0)
	ahead := p.received - p.next
	if p.least = min(p.least, ahead); p.reads == 0 {
		p.least = ahead
	}
	if p.reads++; p.reads == skipReads {
		if p.reads = 0; p.least > skipAhead {
			skip = skipSamples
		}
	}
	p.makeUp(p.next + skip + n)
	for i := range frame {
		v := int(*p.at(p.next + int64(i)))
		if skip > 0 {
			w := min(i, blendSamples)
			v = (v*(blendSamples-w) + int(*p.at(p.next + skip + int64(i)))*w) / blendSamples
		}
		frame[i] = int16(v)
	}
	p.next += skip + n
}
