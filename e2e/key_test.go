//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
)

// shows waits until a key's lamp shows this.
func (u *unit) shows(key, want string) {
	u.Helper()
	u.until(5*time.Second, key+" is "+want, func() bool {
		return slices.ContainsFunc(query[[]control.LineKey](u, "key", "list"), func(k control.LineKey) bool {
			return k.Key == key && k.Shows == want
		})
	})
}

// TestLineKey has a baresip press an outside-line key, type a number at the dial tone,
// talk and hold; another one takes the call by the same key. What the carrier echoes is
// heard at each in turn.
func TestLineKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.startCarrier()
	u := w.startUnit("")
	u.lineTo(c, "201")
	u.cli("key", "set", "key1", "--line", "main")
	a, b := w.baresip(u.phone("201", "udp", true), toneA), w.baresip(u.phone("202", "tcp", true), toneB)
	w.must(a.Registered(w.ctx))
	w.must(b.Registered(w.ctx))
	w.must(a.Dial("key1"))
	w.established(a)
	u.shows("key1", "seized")
	if n := c.asked(); n != 0 {
		t.Errorf("a key that is seized made %d INVITEs", n)
	}
	w.must(b.Dial("key1")) // in use
	if e := w.hungUp(b); !strings.HasPrefix(e.Param, "486") {
		t.Errorf("a key in use: %q", e.Param)
	}
	const number = "0398765432"
	w.types(a, number)
	w.until(5*time.Second, "the carrier is called", func() bool { return slices.Equal(c.called(), []string{number}) })
	u.shows("key1", "talking")
	w.talk()
	w.must(a.Hold())
	w.remoteChange(a)
	u.shows("key1", "held")
	w.must(b.Dial("key1"))
	w.established(b)
	w.hungUp(a)
	u.shows("key1", "talking")
	w.talk()
	w.must(b.Hangup())
	w.hungUp(b)
	u.shows("key1", "idle")
	w.must(heardTail(w.last(a), toneA))
	w.must(heard(w.last(b), toneB))
	if r := u.records(1)[0]; r.To != number || r.Extension != "201" || r.Verdict != "pass" || r.Answered.IsZero() {
		t.Errorf("on record: %+v", r)
	}
}
