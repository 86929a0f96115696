package phone

import (
	"sort"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// writesMax is how many writes may be with the committer at once: when the
// disk is slow, refreshes wait here, where they become one.
const writesMax = 64

// Tick does what time brings: bindings run out, refreshed ones are written,
// failures become facts. It gives the time of the next call, at most TickEvery
// ahead.
func (r *Registry) Tick(now time.Time) (next time.Time) {
	next = now.Add(TickEvery)
	for _, f := range r.reports.take(now) {
		r.record(f, now)
	}
	r.places.expire(now)
	if r.rewriteDue(now) {
		for _, p := range r.all() {
			p.mark()
		}
	}
	for _, p := range r.all() {
		if r.writing.Load() >= writesMax {
			// The others keep what they have to write until then.
			return now.Add(BusyPause)
		}
		if soonest := p.tick(r, now); !soonest.IsZero() && soonest.Before(next) {
			next = soonest
		}
	}
	return next
}

// tick does one phone's share, and gives its next expiry. What it writes is
// handed over under the phone's lock: a later change must not be overtaken.
func (p *phone) tick(r *Registry, now time.Time) (soonest time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var w fact.Write
	p.dropExpired(now, &w)
	for i := range p.bindings {
		b := &p.bindings[i]
		if b.changed || b.Expires.Sub(b.written).Abs() > RefreshLag {
			w.Rows = append(w.Rows, b.Binding)
			b.written, b.changed = b.Expires, false
		}
		if soonest.IsZero() || b.Expires.Before(soonest) {
			soonest = b.Expires
		}
	}
	if len(w.Facts)+len(w.Rows) > 0 {
		r.write(w, now)
	}
	return soonest
}

// all gives the phones by device ID.
func (r *Registry) all() []*phone {
	r.mu.RLock()
	defer r.mu.RUnlock()
	ids := make([]string, 0, len(r.devices))
	for id := range r.devices {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	out := make([]*phone, len(ids))
	for i, id := range ids {
		out[i] = r.devices[id]
	}
	return out
}

// rewriteDue reports whether bindings were lost on the way to the disk, and
// it is time to try again with all of them.
func (r *Registry) rewriteDue(now time.Time) bool {
	lost := r.lost.Load()
	if lost == 0 || now.Unix()-lost < int64(RewriteAfter/time.Second) {
		return false
	}
	r.lost.Store(0)
	return true
}

// mark has all of a phone's bindings written again.
func (p *phone) mark() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.bindings {
		p.bindings[i].changed = true
	}
}

// record makes one fact durable, behind.
func (r *Registry) record(f fact.Fact, now time.Time) {
	r.write(fact.Write{Facts: []fact.Fact{f}}, now)
}

// write hands a change over, and does not wait: a phone is registered even
// when the disk is not writable, and the failure is logged.
func (r *Registry) write(w fact.Write, now time.Time) {
	r.writing.Add(1)
	r.cfg.Committer.Commit(w, func(err error) {
		r.writing.Add(-1)
		if err != nil {
			if len(w.Rows) > 0 {
				r.lost.Store(now.Unix())
			}
			r.cfg.Log.Warn("phone records not written", "facts", len(w.Facts), "rows", len(w.Rows), "error", err)
		}
	})
}
