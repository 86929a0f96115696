package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/office"
)

// desks gives who is logged in where: "801-1 202, 802-1".
func (w *world) desks() string {
	w.Helper()
	list, err := control.Call(w.ctx(), w.client, control.DeskList, control.None{})
	w.must(err)
	var out []string
	for _, d := range list {
		out = append(out, strings.TrimSpace(d.Device+" "+d.Extension))
	}
	return strings.Join(out, ", ")
}

// logsIn has a phone log an extension in with a PIN.
func (w *world) logsIn(p *office.Phone, extension, typed string) *office.Call {
	w.Helper()
	call, out, err := p.Dial(w.ctx(), "*60"+extension)
	if err != nil || call == nil {
		w.Fatalf("%s is not asked: %+v %v", p.Extension(), out, err)
	}
	w.mouthOf(p.Extension(), call).press(typed + "#")
	return call
}

// dialsOut dials outside, and tells whether that is put through.
func (w *world) dialsOut(p *office.Phone) bool {
	w.Helper()
	call, out, err := p.Dial(w.ctx(), domestic)
	w.must(err)
	if call == nil {
		if out.Status != 603 {
			w.Errorf("refused by %+v", out)
		}
		return false
	}
	w.must(call.Hangup(w.ctx()))
	w.quiets()
	return true
}

// quiets waits until no call is up.
func (w *world) quiets() {
	w.Helper()
	w.until("the calls are over", func() bool {
		live, err := control.Call(w.ctx(), w.client, control.LiveCalls, control.None{})
		w.must(err)
		return len(live) == 0
	})
}

// hotDesks starts an office with two phones that are for anybody, beside others; 202 has a
// PIN.
func hotDesks(t *testing.T) (w *world, b *bells, one, two, other *office.Phone) {
	t.Helper()
	w, b, other = modes(t)
	one, two = w.phone("801", b.at("801")), w.phone("802", b.at("802"))
	for _, desk := range []string{"801", "802"} {
		w.must(w.service(desk, fact.ServiceDesk, "", true))
	}
	for _, extension := range []string{"202", "801"} {
		r := control.PINSetRequest{Extension: extension, Digits: []byte(pin)}
		_, err := control.Call(w.ctx(), w.client, control.PINSet, r)
		w.must(err)
	}
	return w, b, one, two, other
}

// TestHotDeskWithNobodyThere: it calls inside and nobody outside, whoever would be logged in
// with a wrong PIN, or is a phone's own; nobody logs in at a phone that is somebody's.
func TestHotDeskWithNobodyThere(t *testing.T) {
	t.Parallel()
	w, b, one, _, other := hotDesks(t)
	if w.dialsOut(one) {
		t.Error("with nobody there it calls outside")
	}
	if !w.dialsOut(other) {
		t.Error("another phone does not")
	}
	w.rings(one, b, "201", "201")
	w.logsIn(other, "202", pin) // a phone that is somebody's
	wrong := w.logsIn(one, "202", "135790246")
	w.until("the wrong PIN is on record", func() bool { return w.pin("202").Wrong == 1 })
	w.must(wrong.Hangup(w.ctx()))
	w.logsIn(one, "801", pin) // nobody is that
	w.quiets()
	if got := w.desks(); got != "801-1, 802-1" || w.dialsOut(one) {
		t.Errorf("logged in: %s", got)
	}
	if err := w.service("801", fact.ForwardAlways, domestic, true); err == nil {
		t.Error("its calls are sent on outside")
	}
	w.calls(one, "119")
	w.quiets()
	if looked := of[fact.ChallengePassed](w.facts()); len(looked) != 0 {
		t.Errorf("PINs were looked at where nobody can log in: %+v", looked)
	}
}

// TestHotDesk: the phone is that of who is logged in, and no longer when the person goes, or
// is elsewhere. It stays so over a restart, and every step is evidence.
func TestHotDesk(t *testing.T) {
	t.Parallel()
	w, b, one, two, other := hotDesks(t)
	w.logsIn(one, "202", pin)
	w.until("it is logged in", func() bool { return w.desks() == "801-1 202, 802-1" })
	if !w.dialsOut(one) {
		t.Error("who is logged in does not call outside")
	}
	calls, err := control.Call(w.ctx(), w.client, control.Calls, control.CallsRequest{})
	w.must(err)
	if !slices.ContainsFunc(calls, func(c control.CallRecord) bool {
		return c.Verdict == "pass" && c.Extension == "202" && c.Device == "801-1"
	}) {
		t.Errorf("it is not on record as 202's: %+v", calls)
	}
	w.rings(other, b, "202", "202 801")
	w.rings(other, b, "801", "801") // by its own number it is there still
	w.stop()
	w.start()
	w.until("the line is up", func() bool { return w.lineState() == "up" })
	w.rings(other, b, "202", "202 801")

	w.logsIn(two, "202", pin)
	w.until("it is logged in elsewhere", func() bool { return w.desks() == "801-1, 802-1 202" })
	w.rings(other, b, "202", "202 802")
	if w.dialsOut(one) {
		t.Error("the phone that was left calls outside")
	}
	if call, out, err := two.Dial(w.ctx(), "*61"); err != nil || call == nil {
		t.Errorf("logging out: %+v %v", out, err)
	}
	w.until("it is logged out", func() bool { return w.desks() == "801-1, 802-1" })
	if w.dialsOut(two) {
		t.Error("who has logged out calls outside")
	}
	w.leavesAfterACallForHelp(b, two, other)

	var steps []string
	for _, f := range of[fact.DeskUsed](w.facts()) {
		steps = append(steps, fmt.Sprint(f.Device, " ", f.Extension, f.Was, " ", f.Why))
	}
	want := []string{
		"801-1 202 code", "801-1 202 elsewhere", "802-1 202 code", "802-1 202 code", "802-1 202 code", "802-1 202 gone",
	}
	if !slices.Equal(steps, want) {
		t.Errorf("on record: %q", steps)
	}
}

// leavesAfterACallForHelp: help goes to where the phone is, and so does who calls back, even
// when the person has left.
func (w *world) leavesAfterACallForHelp(b *bells, p, other *office.Phone) {
	w.Helper()
	w.logsIn(p, "202", pin)
	w.until("it is logged in again", func() bool { return w.desks() == "801-1, 802-1 202" })
	w.calls(p, "110")
	w.quiets()
	w.must(w.service("802", fact.ServiceDesk, "", false))
	w.rings(other, b, "202", "202")
	w.quiets()
	if rang := w.comesIn(b, mainNumber); !strings.Contains(rang, "802") {
		w.Errorf("the police call back, and %q rings", rang)
	}
}

// rings has a phone call an extension, and wants these to ring.
func (w *world) rings(p *office.Phone, b *bells, extension, want string) {
	w.Helper()
	b.took()
	if _, out, err := p.Dial(w.ctx(), extension); err != nil || out.Status != 486 {
		w.Errorf("%s: %+v %v", extension, out, err)
	}
	rang := strings.Fields(b.took())
	slices.Sort(rang)
	if got := strings.Join(rang, " "); got != want {
		w.Errorf("%s rings %q, not %q", extension, got, want)
	}
}
