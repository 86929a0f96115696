package unit

import (
	"sync"
	"time"

	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/wire/rtp/g711"
)

// tape is what a script has recorded of its caller.
type tape struct {
	most, quiet int // bytes: of all, and of quiet after which it is over
	over        func()
	rec         *media.Recording
	then        func(mu []byte) // the script's, on the call's loop

	mu     sync.Mutex
	said   []byte
	voiced int // the end of what was no quiet
	done   bool
}

var _ media.Sink = (*tape)(nil)

// quietPower is that of what is no voice: -50 dBm0 or so.
const quietPower = 6000

// Take keeps a frame. It is called on the media's loop.
func (t *tape) Take(mu []byte) bool {
	power := 0
	for _, b := range mu {
		v := int(g711.DecodeMu(b))
		power += v * v
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return false
	}
	t.said = append(t.said, mu...)
	if power/len(mu) > quietPower {
		t.voiced = len(t.said)
	}
	return len(t.said) < t.most && len(t.said)-t.voiced < t.quiet
}

// Over tells the call. It is called on the media's loop.
func (t *tape) Over() { t.over() }

// end gives what was said, without the quiet at its end.
func (t *tape) end() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = true
	return t.said[:t.voiced]
}

// bytesPerSecond is µ-law's at 8 kHz.
const bytesPerSecond = 8000

// Record keeps what the caller says.
func (h *host) Record(most, quiet time.Duration, then func(mu []byte)) {
	h.Recorded()
	c := h.c
	t := &tape{
		most: int(most.Seconds() * bytesPerSecond), quiet: int(quiet.Seconds() * bytesPerSecond), then: then,
	}
	t.over = func() {
		c.tell(func() {
			if h.tape == t {
				h.Recorded()
			}
		})
	}
	h.tape = t
	var err error
	if v := h.caller.voice; v == nil {
		err = errMediaClosed
	} else {
		t.rec, err = media.Record(t, v)
	}
	if err != nil {
		c.u.log.Warn("a caller is not recorded", "call", c.id, "error", err)
		t.over()
	}
}

// Recorded ends what Record has begun.
func (h *host) Recorded() {
	t := h.tape
	if t == nil {
		return
	}
	h.tape = nil
	if t.rec != nil {
		t.rec.Stop()
	}
	t.then(t.end())
}

// Await has work begun that is done elsewhere, and tells the script.
func (h *host) Await(begin func(done func(error)), then func(error)) {
	c, s := h.c, h.script
	begin(func(err error) {
		c.tell(func() {
			if h.script == s && s != nil {
				then(err)
			}
		})
	})
}
