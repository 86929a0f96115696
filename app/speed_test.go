package app_test

import (
	"testing"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
)

// TestOwnPlacesAndRedial: a phone fills a place of its own by a code, dials it, and
// dials it again; both are so after a restart, the place is on record with the phone,
// and no other phone has it.
func TestOwnPlacesAndRedial(t *testing.T) {
	t.Parallel()
	const mobile = "09012345670"
	w, _, p := modes(t)
	if said := w.dialsCode(p, "*7505"+mobile); said != "service-on" {
		t.Fatalf("the phone hears %q", said)
	}
	calls := func(dialed string) {
		t.Helper()
		before := len(w.carrier.Books().Entries())
		call, out, err := p.Dial(w.ctx(), dialed)
		if err != nil || call == nil {
			t.Fatalf("%s: %+v %v", dialed, out, err)
		}
		w.must(call.Hangup(w.ctx()))
		all := w.carrier.Books().Entries()
		if len(all) != before+1 || all[before].Reading.Digits != mobile {
			t.Errorf("%s: the carrier has %+v", dialed, all)
		}
	}
	calls("*105")
	calls("*66")
	w.stop()
	w.start()
	w.until("the line is up again", func() bool { return w.lineState() == "up" })
	w.until("203 is registered", func() bool { return w.registered("203") })
	calls("*66")
	calls("*105")
	list, err := control.Call(w.ctx(), w.client, control.SpeedList, control.None{})
	w.must(err)
	if len(list) != 1 || list[0].Extension != "203" || list[0].Place != "05" || list[0].By != "phone/203-1" {
		t.Errorf("%+v", list)
	}
	for _, dialed := range []string{"*75051190", "*7505119", "*755"} {
		if said := w.dialsCode(p, dialed); said != "feature-failed" {
			t.Errorf("%s: the phone hears %q", dialed, said)
		}
	}
	if said := w.dialsCode(p, "*7505"); said != "service-off" {
		t.Errorf("the phone hears %q", said)
	}
	if _, out, err := p.Dial(w.ctx(), "*105"); err != nil || out.Status != 404 {
		t.Errorf("an empty place: %+v %v", out, err)
	}
	set := of[fact.SpeedSet](w.facts())
	if f := set[len(set)-1]; f.Call == "" || f.By != "phone/203-1" || !f.Gone() {
		t.Errorf("on record: %+v", f)
	}
}
