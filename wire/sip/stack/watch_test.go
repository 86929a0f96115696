package stack

import (
	"net/netip"
	"strconv"
	"testing"
	"testing/synctest"
)

// A watch hears of its own address, however it is written, and of no other.
func TestAWatchHearsOfItsOwnAddress(t *testing.T) {
	var st Stack
	old := st.Watch(netip.MustParseAddrPort("192.0.2.1:5060"))
	w := st.Watch(netip.MustParseAddrPort("192.0.2.2:5060"))
	for _, from := range []string{"192.0.2.1:5060", "192.0.2.2:5061", "[::ffff:192.0.2.3]:5060"} {
		st.ignored(&flow{remote: netip.MustParseAddrPort(from)})
	}
	if old.Ignored() || w.Ignored() {
		t.Error("a watch heard of others")
	}
	st.Unwatch(old) // is over already
	st.ignored(&flow{remote: netip.MustParseAddrPort("[::ffff:192.0.2.2]:5060")})
	if !w.Ignored() {
		t.Error("a watch did not hear of its address")
	}
	st.Unwatch(w)
	if st.watch.Load() != nil {
		t.Error("a watch goes on")
	}
}

// A stranger's request is noted as heard where it gets no answer, and only
// there: on the line side, and where the source has had too many.
func TestWhatGetsNoAnswerIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, func(c *Config) { c.Auth = bouncer{} })
		defer w.stop()
		r, from := w.raw("10.0.0.66:5060"), netip.MustParseAddrPort("10.0.0.66:5060")
		lines := w.unit.stack.Watch(from)
		r.send(trunkAddr, options("z9hG4bKl"))
		if got := r.got(); got != nil || !lines.Ignored() {
			t.Errorf("line side: %q, noted %v", got, lines.Ignored())
		}
		phones := w.unit.stack.Watch(from)
		r.send(unitAddr, options("z9hG4bKp"))
		if got := r.got(); len(got) != 1 || phones.Ignored() {
			t.Errorf("phone side: %q, noted %v", got, phones.Ignored())
		}
		for i := range 2 * sourceBurst {
			r.send(unitAddr, options("z9hG4bKq"+strconv.Itoa(i)))
		}
		if !phones.Ignored() {
			t.Error("what was too much is not noted")
		}
	})
}
