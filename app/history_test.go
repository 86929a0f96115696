package app_test

import (
	"slices"
	"testing"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
)

// past are the calls of an extension.
func (w *world) past(how, extension string) []control.PastCall {
	w.Helper()
	all, err := control.Call(w.ctx(), w.client, control.History, control.HistoryRequest{How: how, Extension: extension})
	w.must(err)
	return all
}

// TestMissedCallsAreListed: with who called, and whether an extension has called back
// since; *36 does that, also after a restart.
func TestMissedCallsAreListed(t *testing.T) {
	const caller = "0455551234"
	w, b, p := modes(t)
	_, err := control.Call(w.ctx(), w.client, control.BookChange, control.BookChangeRequest{
		Add: []control.BookEntry{{Name: "山田商店", Number: "045-555-1234"}},
	})
	w.must(err)
	_, err = control.Call(w.ctx(), w.client, control.ModeRings, control.ModeRingsRequest{
		Scope: fact.ScopeUnit, Mode: "day", Ring: []string{"203", "202"},
	})
	w.must(err)
	if rang := w.comesIn(b, mainNumber); len(rang) != len("202 203") {
		t.Fatalf("%q rang", rang)
	}
	var missed control.PastCall
	w.until("the call is in the history", func() bool {
		all := w.past("missed", "203")
		if len(all) > 0 {
			missed = all[0]
		}
		return len(all) == 1
	})
	if missed.Number != caller || missed.Name != "山田商店" || missed.CallsBack != caller || missed.Message ||
		!missed.CalledBack.IsZero() {
		t.Errorf("missed: %+v", missed)
	}
	if all := w.past("missed", ""); len(all) != 1 || !slices.Equal(all[0].Extensions, []string{"202", "203"}) {
		t.Errorf("all missed: %+v", all)
	}
	if all := slices.Concat(w.past("received", "203"), w.past("dialed", "203"), w.past("missed", "201")); all != nil {
		t.Errorf("besides: %+v", all)
	}
	callsBack := func() {
		t.Helper()
		before := len(w.carrier.Books().Entries())
		call, out, err := p.Dial(w.ctx(), "*36")
		if err != nil || call == nil {
			t.Fatalf("*36: %+v %v", out, err)
		}
		w.must(call.Hangup(w.ctx()))
		if all := w.carrier.Books().Entries(); len(all) != before+1 || all[before].Reading.Digits != caller {
			t.Errorf("*36: the carrier has %+v", all)
		}
	}
	callsBack()
	w.until("it is known who was called back", func() bool {
		of203, of202, all := w.past("missed", "203"), w.past("missed", "202"), w.past("missed", "")
		return !of203[0].CalledBack.IsZero() && of202[0].CalledBack.IsZero() && !all[0].CalledBack.IsZero()
	})
	if all := w.past("dialed", "203"); len(all) != 1 || all[0].Number != caller || all[0].Name != "山田商店" {
		t.Errorf("dialed: %+v", all)
	}
	w.stop()
	w.start()
	w.until("the line is up again", func() bool { return w.lineState() == "up" })
	w.until("203 is registered", func() bool { return w.registered("203") })
	callsBack()
	for _, r := range []control.HistoryRequest{
		{How: "lost", Extension: "203"}, {How: "missed", Extension: "299"}, {How: "dialed"},
	} {
		if _, err := control.Call(w.ctx(), w.client, control.History, r); err == nil {
			t.Errorf("%+v is answered", r)
		}
	}
	w.forgetsCalls()
}

// forgetsCalls: who has the number of 203 next calls nobody by what somebody else dialed or
// missed last, nor after a restart; the commands tell of it still.
func (w *world) forgetsCalls() {
	w.Helper()
	_, err := control.Call(w.ctx(), w.client, control.PhoneRemove, control.PhoneRequest{Phone: "203"})
	w.must(err)
	p := w.phone("203", nil)
	for range 2 {
		for _, code := range []string{"*36", "*66"} {
			if _, out, err := p.Dial(w.ctx(), code); err != nil || out.Status != 404 {
				w.Errorf("%s: %+v %v", code, out, err)
			}
		}
		w.stop()
		w.start()
		w.until("203 is registered", func() bool { return w.registered("203") })
	}
	if all := w.past("missed", "203"); len(all) != 1 {
		w.Errorf("missed: %+v", all)
	}
}
