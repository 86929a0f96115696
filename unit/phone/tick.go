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
// ahead. It looks at no phone but those on which something is due, and at few
// enough of them at once not to keep its loop from other work.
func (r *Registry) Tick(now time.Time) (next time.Time) {
	for _, f := range r.reports.take(now) {
		r.record(f, now)
	}
	r.places.expire(now)
	if r.rewriteDue(now) {
		for _, p := range r.all() {
			p.mark(r, now)
		}
	}
	room := make([]*phone, 0, batchMax)
	for range batchesMax {
		if r.writing.Load() >= writesMax {
			break
		}
		batch := r.agenda.take(now, room)
		if len(batch) == 0 {
			return r.agenda.next(now)
		}
		r.tend(batch, now)
	}
	// The others keep what they have to write until then.
	return now.Add(BusyPause)
}

// tend does the share of some phones in one write. They stay locked until it
// is handed over: a later change of one must not be overtaken. Nothing else
// locks two phones.
func (r *Registry) tend(batch []*phone, now time.Time) {
	var w fact.Write
	for _, p := range batch {
		p.mu.Lock()
		p.tend(now, &w)
		r.await(p, now)
	}
	if len(w.Facts)+len(w.Rows) > 0 {
		r.write(w, now)
	}
	for _, p := range batch {
		p.mu.Unlock()
	}
}

// tend does one phone's share. The caller holds the lock.
func (p *phone) tend(now time.Time, w *fact.Write) {
	p.dropExpired(now, w)
	for i := range p.bindings {
		if b := &p.bindings[i]; b.unwritten() {
			w.Rows = append(w.Rows, p.told(b))
			b.written, b.changed = b.expires, false
		}
	}
}

// await has a phone looked at when the next of its bindings runs out, or at
// the next Tick where something is unwritten. The caller holds its lock.
func (r *Registry) await(p *phone, now time.Time) {
	for i := range p.bindings {
		due := now
		if b := &p.bindings[i]; !b.unwritten() {
			due = time.Unix(0, b.expires)
		}
		r.agenda.put(p, due, now)
	}
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
func (p *phone) mark(r *Registry, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.bindings {
		p.bindings[i].changed = true
	}
	r.await(p, now)
}

// record makes one fact durable, behind.
func (r *Registry) record(f fact.Fact, now time.Time) {
	r.write(fact.Write{Facts: []fact.Fact{f}}, now)
}

// write hands a change over, and does not wait: a phone is registered even
// when the disk is not writable, and the failure is logged.
func (r *Registry) write(w fact.Write, now time.Time) {
	w.Behind = true
	facts, rows, second := len(w.Facts), len(w.Rows), now.Unix()
	r.writing.Add(1)
	r.cfg.Committer.Commit(w, func(err error) {
		r.writing.Add(-1)
		if err != nil {
			if rows > 0 {
				r.lost.Store(second)
			}
			r.cfg.Log.Warn("phone records not written", "facts", facts, "rows", rows, "error", err)
		}
	})
}
