package media

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/unit/media/engine"
)

// loop owns the streams of its calls: one goroutine that waits for packets,
// commands and deadlines.
type loop struct {
	engine engine.Engine
	wake   *engine.Waker
	tell   func(Event)
	pool   *pool

	calls sync.Mutex // guards what the calls' legs have agreed on

	mu       sync.Mutex
	commands []func()
	asleep   bool        // it waits for a wake or a packet, for ever
	deferred bool        // commands wait for Relay.Flush
	owed     atomic.Bool // there are such commands

	// turn is held while anything below may change: all the time but when the
	// loop waits.
	turn sync.Mutex

	// Owned by the goroutine.
	ended      bool
	room       []func() // of the commands to come
	streams    []*stream
	closing    []Pair // the engine still holds their sockets
	noisy      []*ears
	playing    []*stream
	rooms      []*Room
	recordings []*Recording
	looked     time.Time
	now        time.Time // of this turn
	turns      uint64    // how often it has woken
	plain      [PacketBytesMax]byte
	sealed     [engine.SendBytesMax]byte
	frame      frame
}

// post has f run on the loop's goroutine. It does not wait.
func (l *loop) post(f func()) {
	l.mu.Lock()
	l.commands = append(l.commands, f)
	first := len(l.commands) == 1
	l.mu.Unlock()
	switch {
	case l.deferred:
		l.owed.Store(true)
	case first:
		l.wake.Wake()
	}
}

// later is for what makes no difference until a packet comes: it is done before
// that packet is looked at, and within lookEvery anyway. So a call without a
// packet wakes nobody.
func (l *loop) later(f func()) {
	if !l.deferred {
		l.post(f)
		return
	}
	l.mu.Lock()
	l.commands = append(l.commands, f)
	urgent := l.asleep || len(l.commands) == commandsMost
	l.mu.Unlock()
	if urgent {
		l.owed.Store(true)
	}
}

// flush wakes the loop if commands wait for that.
func (l *loop) flush() {
	if l.owed.Load() && l.owed.Swap(false) {
		l.wake.Wake()
	}
}

// run is the loop's goroutine. It ends when ended was set by a command. The
// engine is made here because it belongs to whom makes it; began is told what
// came of that.
func (l *loop) run(kind engine.Kind, open engineOpener, began chan<- error) {
	defer l.wake.Close()
	var err error
	l.engine, err = open(kind, l.wake)
	began <- err
	if err != nil {
		return
	}
	obey := l.obey // once, lest each turn makes it anew
	for !l.ended {
		l.engine.Wait(l.wait(), obey)
		l.hush()
		l.playDue()
		for _, r := range l.rooms {
			r.mix(l.now)
		}
		l.recordDue()
		if len(l.streams) > 0 && l.now.Sub(l.looked) >= lookEvery {
			l.looked = l.now
			l.look()
		}
		l.turn.Unlock()
	}
	l.engine.Close()
	l.closePairs()
}

// wait is how long to wait for packets, less than 0 for ever.
func (l *loop) wait() time.Duration {
	if len(l.closing) > 0 {
		return 0
	}
	if len(l.streams) == 0 {
		return l.sleep()
	}
	next := l.looked.Add(lookEvery)
	for _, s := range l.playing {
		if s.due.Before(next) {
			next = s.due
		}
	}
	for _, r := range l.rooms {
		if r.due.Before(next) {
			next = r.due
		}
	}
	for _, r := range l.recordings {
		if r.due.Before(next) {
			next = r.due
		}
	}
	return max(0, time.Until(next))
}

// sleep is how long to wait without a stream.
func (l *loop) sleep() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asleep = len(l.commands) == 0; l.asleep {
		return -1
	}
	return lookEvery
}

// obey begins a turn with the commands posted: a packet may answer what a
// command has told the peer.
func (l *loop) obey() {
	l.turn.Lock()
	l.turns++
	l.now = time.Now()
	l.closePairs()
	l.mu.Lock()
	commands := l.commands
	l.commands, l.asleep = l.room[:0], false
	l.mu.Unlock()
	for _, f := range commands {
		f()
	}
	clear(commands)
	if l.room = commands; cap(commands) > commandsMost {
		l.room = nil // a burst is not to be kept for ever
	}
}

// closePairs closes sockets that the engine let go of with its last wait.
func (l *loop) closePairs() {
	for _, p := range l.closing {
		p.close()
	}
	l.closing = l.closing[:0]
}

// add listens to a stream's sockets. Without memory for it a leg stays silent.
func (l *loop) add(s *stream) {
	if len(l.streams) == 0 {
		l.looked = l.now
	}
	s.slot = len(l.streams)
	l.streams = append(l.streams, s)
	s.reportAt = l.now.Add(reportIn())
	if s.pair.heard && l.now.Sub(s.made) < answerSoonest {
		s.before = l.turns
	}
	s.pair.ears.loop = l
	l.give(s.pair.ears, s)
}

// remove ends a stream and frees its ports.
func (l *loop) remove(s *stream) {
	if s.gone {
		return
	}
	s.gone = true
	s.goodbye()
	s.unbridge()
	s.untap()
	s.stopPlaying()
	s.pair.ears.idle, s.pair.heard = 0, true
	s.pair.ears.attention.Store(attentive)
	l.give(s.pair.ears, s.pair.ears)
	l.pool.give(s.pair)
	last := l.streams[len(l.streams)-1]
	l.streams[s.slot], last.slot = last, s.slot
	l.streams[len(l.streams)-1] = nil
	l.streams = l.streams[:len(l.streams)-1]
}

// give has a pair's ports tell an owner what comes from now on.
func (l *loop) give(e *ears, to engine.Owner) {
	for _, p := range [...]*engine.Port{&e.rtp, &e.rtcp} {
		p.Owner, p.Named = to, true
		_ = l.engine.Listen(p)
	}
}

// dismiss has a pair be closed that no call has any more.
func (l *loop) dismiss(p Pair) {
	l.post(func() {
		l.engine.Forget(&p.ears.rtp)
		l.engine.Forget(&p.ears.rtcp)
		l.closing = append(l.closing, p)
	})
	l.flush()
}

// hush ends listening to resting pairs that very many packets come to.
func (l *loop) hush() {
	for i, e := range l.noisy {
		if l.noisy[i] = nil; e.attention.CompareAndSwap(attentive, inattentive) {
			l.engine.Forget(&e.rtp)
			l.engine.Forget(&e.rtcp)
		}
	}
	l.noisy = l.noisy[:0]
}

// look finds silence, and reports that are due.
func (l *loop) look() {
	for _, s := range l.streams {
		s.settle()
		s.watchSilence()
		s.flushDigit()
		if !l.now.Before(s.reportAt) {
			s.reportAt = l.now.Add(reportIn())
			s.report(false)
		}
	}
}

// playDue sends what players have due, and forgets those that ended.
func (l *loop) playDue() {
	for i := 0; i < len(l.playing); {
		s := l.playing[i]
		if s.playDue() {
			i++
			continue
		}
		s.inPlaying = false
		l.playing[i] = l.playing[len(l.playing)-1]
		l.playing[len(l.playing)-1] = nil
		l.playing = l.playing[:len(l.playing)-1]
	}
}
