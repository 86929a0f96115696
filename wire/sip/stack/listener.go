package stack

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/transaction"
)

// ErrLeaving says that the address of a line's own listener is still held by
// the calls of a line that was taken away.
var ErrLeaving = errors.New("calls of a line that was taken away still use the address")

// listener is a Listener with what is derived from it. It never changes, so
// that flows and loops share it; whether it has a socket is each shard's to
// know.
type listener struct {
	Listener
	index int    // of its datagrams
	via   string // transport as in Via
	rules sip.Rules
	own   bool // a line's own: OpenListener made it
	// Of an own listener, guarded by Stack.linesMu:
	sockets int  // shards that have a socket of it
	leaving bool // the line is gone; its calls are not
}

// newListener checks a declared listener and gives it its index.
func (st *Stack) newListener(i int, l Listener) (*listener, error) {
	if l.Side != PhoneSide && l.Side != LineSide {
		return nil, fmt.Errorf("%w: listener %q has no side", ErrConfig, l.Name)
	}
	if st.listenerNamed(l.Name) != nil || l.Name == "" {
		return nil, fmt.Errorf("%w: listener name %q", ErrConfig, l.Name)
	}
	if !l.Address.IsValid() {
		return nil, fmt.Errorf("%w: listener %q has no address", ErrConfig, l.Name)
	}
	if l.Address.Addr().IsUnspecified() && st.cfg.LocalFor == nil {
		return nil, fmt.Errorf("%w: listener %q: unspecified address, and no LocalFor", ErrConfig, l.Name)
	}
	via, ok := viaTransport(l.Transport)
	if !ok {
		return nil, fmt.Errorf("%w: listener %q has transport %q", ErrConfig, l.Name, l.Transport)
	}
	if l.Timers == (transaction.Config{}) {
		l.Timers = transaction.Default()
	}
	return &listener{Listener: l, index: i, via: via, rules: rulesOf(&st.cfg, &l)}, nil
}

func viaTransport(transport string) (string, bool) {
	switch transport {
	case "udp":
		return "UDP", true
	case "tcp":
		return "TCP", true
	case "tls":
		return "TLS", true
	}
	return "", false
}

// rulesOf is what a listener serves. Methods inside a session are narrowed by
// the session itself.
func rulesOf(_ *Config, l *Listener) sip.Rules {
	return sip.Rules{
		Methods: sip.Methods(
			sip.INVITE, sip.ACK, sip.BYE, sip.CANCEL, sip.OPTIONS, sip.REGISTER, sip.PRACK, sip.UPDATE,
			sip.INFO, sip.NOTIFY, sip.SUBSCRIBE, sip.MESSAGE, sip.REFER,
		),
		Extensions: []string{"100rel", "timer", "path", "replaces", "norefersub"},
		Accept:     []string{"application/sdp"},
		SIPS:       l.Transport == "tls",
		Tel:        l.Side == LineSide,
	}
}

// listenerNamed finds a listener, a line's own too; nil for none.
func (st *Stack) listenerNamed(name string) *listener {
	if l := st.byName[name]; l != nil {
		return l
	}
	st.linesMu.RLock()
	defer st.linesMu.RUnlock()
	for _, l := range st.own {
		if l != nil && !l.leaving && l.Name == name {
			return l
		}
	}
	return nil
}

// OpenListener gives a line a UDP listener of its own, while the stack runs:
// each shard's loop opens its own socket. Which other sockets the address
// would clash with is the caller's to know. It gives the address with the port
// that the kernel chose where l has none. Where a socket can't be opened, or
// ctx ends first, nothing stays open. A listener that is still leaving comes
// back if name, address and DSCP are the same; any other wish for its address
// is answered with ErrLeaving. From any goroutine but the loops'.
func (st *Stack) OpenListener(ctx context.Context, l Listener) (netip.AddrPort, error) {
	st.opening.Lock()
	defer st.opening.Unlock()
	if l.Side != LineSide || l.Transport != "udp" {
		return netip.AddrPort{}, fmt.Errorf("%w: listener %q is no line's udp", ErrConfig, l.Name)
	}
	made, err := st.claim(l)
	if err != nil {
		return netip.AddrPort{}, err
	}
	for _, sh := range st.shards {
		if err := st.onLoop(ctx, sh, func(sh *Shard) error { return sh.openListener(made) }); err != nil {
			st.leave(made)
			return netip.AddrPort{}, fmt.Errorf("listen %s on udp %s: %w", l.Name, l.Address, err)
		}
	}
	return made.Address, nil
}

// claim makes an own listener and gives it a slot, or brings one back.
func (st *Stack) claim(l Listener) (*listener, error) {
	slot, back, err := st.slotFor(l)
	if err != nil || back != nil {
		return back, err
	}
	made, err := st.newListener(len(st.listeners)+slot, l)
	if err != nil {
		return nil, err
	}
	made.own = true
	st.linesMu.Lock()
	defer st.linesMu.Unlock()
	st.own[slot] = made
	return made, nil
}

// slotFor finds a free slot, or the leaving listener that comes back.
func (st *Stack) slotFor(l Listener) (slot int, back *listener, err error) {
	st.linesMu.Lock()
	defer st.linesMu.Unlock()
	slot = -1
	for i, o := range st.own {
		switch {
		case o == nil:
			slot = i
		case o.leaving && l.Address.Port() != 0 && o.Address == l.Address:
			if o.Name != l.Name || o.DSCP != l.DSCP {
				return 0, nil, fmt.Errorf("%w: %s, %s", ErrLeaving, o.Address, o.Name)
			}
			o.leaving = false
			return i, o, nil
		}
	}
	if slot < 0 {
		return 0, nil, fmt.Errorf("%w: more than %d listeners of lines", ErrFull, ownListenersMax)
	}
	return slot, nil, nil
}

// CloseListener takes a line's own listener away. Its name is free at once;
// each shard closes its socket when the last of its sessions and transactions
// on it is over, so that calls can still be hung up. From any goroutine but
// the loops'.
func (st *Stack) CloseListener(name string) {
	st.opening.Lock()
	defer st.opening.Unlock()
	if l := st.listenerNamed(name); l != nil && l.own {
		st.leave(l)
	}
}

// leave has every shard close its socket of an own listener.
func (st *Stack) leave(l *listener) {
	st.linesMu.Lock()
	l.leaving = true
	st.forgetOwn(l)
	st.linesMu.Unlock()
	for _, sh := range st.shards {
		err := st.onLoop(st.ctx, sh, func(sh *Shard) error {
			sh.closeListener(l)
			return nil
		})
		if err != nil {
			return // the stack stops, and every socket with it
		}
	}
}

// forgetOwn frees the slot of a listener without sockets; linesMu is held.
func (st *Stack) forgetOwn(l *listener) {
	if i := l.index - len(st.listeners); l.leaving && l.sockets == 0 && st.own[i] == l {
		st.own[i] = nil
	}
}

// onLoop runs f on a shard's loop and waits for it: until ctx or the stack
// ends. Then f has not run and never will, if there is an error of theirs.
func (st *Stack) onLoop(ctx context.Context, sh *Shard, f func(sh *Shard) error) error {
	if st.ctx == nil {
		return fmt.Errorf("%w: not started", ErrConfig)
	}
	var taken atomic.Bool // by the loop, or by whoever stopped waiting
	done := make(chan error, oneAnswer)
	run := func(sh *Shard) {
		if taken.CompareAndSwap(false, true) {
			done <- f(sh)
		}
	}
	for posted := sh.Post(run); ; posted = posted || sh.Post(run) {
		var again <-chan time.Time
		if !posted {
			again = time.After(postPause)
		}
		select {
		case err := <-done:
			return err
		case <-again:
			continue
		case <-ctx.Done():
		case <-st.ctx.Done():
		}
		if taken.CompareAndSwap(false, true) {
			return errors.Join(ctx.Err(), st.ctx.Err())
		}
		select {
		case err := <-done: // it was just running
			return err
		case <-st.ctx.Done(): // the loop ended with it
			return st.ctx.Err()
		}
	}
}

// openListener opens this shard's socket of an own listener, if it has none.
func (sh *Shard) openListener(l *listener) error {
	if sh.has(l) {
		return nil // it came back before its last call was over
	}
	at, err := sh.packets.Open(l.index, l.Address, l.DSCP)
	if err != nil {
		return err
	}
	l.Address = at // of the first shard, before any other sees the listener
	sh.listeners[l.index] = l
	sh.stack.linesMu.Lock()
	defer sh.stack.linesMu.Unlock()
	l.sockets++
	return nil
}

// has reports whether a listener has a socket here, or needs none.
func (sh *Shard) has(l *listener) bool { return sh.listeners[l.index] == l }

// closeListener closes this shard's socket of an own listener that leaves, now
// or when nothing stands on it any more.
func (sh *Shard) closeListener(l *listener) {
	st := sh.stack
	st.linesMu.Lock()
	stays := !l.leaving
	st.linesMu.Unlock()
	if stays || !sh.has(l) {
		return
	}
	if sh.uses(l) {
		sh.At(sh.now.Add(leavingLook), func(sh *Shard) { sh.closeListener(l) })
		return
	}
	sh.writeOut()
	sh.packets.Shut(l.index)
	sh.listeners[l.index] = nil
	st.linesMu.Lock()
	defer st.linesMu.Unlock()
	l.sockets--
	st.forgetOwn(l)
}

// uses reports whether a session or transaction of this shard is on a
// listener.
func (sh *Shard) uses(l *listener) bool {
	for _, se := range sh.sessions {
		if se.flow.listener == l || se.line != nil && se.line.listener == l {
			return true
		}
	}
	for _, table := range []map[branch]*clientTx{sh.clients, sh.cancels} {
		for _, tx := range table {
			if tx.flow.listener == l {
				return true
			}
		}
	}
	for _, tx := range sh.servers {
		if tx.flow.listener == l {
			return true
		}
	}
	return sh.settled.uses(l, sh.now) || sh.registered.uses(l, sh.now)
}

// with reports whether what comes on another listener may belong to what
// stands on this one: never where either is a line's own.
func (l *listener) with(other *listener) bool { return l == other || !l.own && !other.own }
