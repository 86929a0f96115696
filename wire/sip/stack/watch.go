package stack

import (
	"net/netip"
	"sync/atomic"
)

// Watch waits for requests of one address that the stack hears and leaves
// without an answer: a stranger's on the line side, and one that is too much.
// Who asks a listener whether it is there learns by it what silence means.
type Watch struct {
	from netip.AddrPort
	seen atomic.Bool
}

// Watch begins to watch an address, in place of the one before: there is one
// at a time. From any goroutine.
func (st *Stack) Watch(from netip.AddrPort) *Watch {
	w := &Watch{from: bare(from)}
	st.watch.Store(w)
	return w
}

// Ignored reports whether something was heard from there and not answered.
func (w *Watch) Ignored() bool { return w.seen.Load() }

// Unwatch ends a watch, if another one has not done so.
func (st *Stack) Unwatch(w *Watch) { st.watch.CompareAndSwap(w, nil) }

// ignored notes a request that gets no answer.
func (st *Stack) ignored(f *flow) {
	if w := st.watch.Load(); w != nil && w.from == bare(f.remote) {
		w.seen.Store(true)
	}
}

// bare is an address in the form in which two of them can be compared.
func bare(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}
