package app_test

import (
	"testing"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
)

// TestCallerIDByCode: a phone has its number withheld by a code, and shown again; what is
// set by command for the office counts where it has nothing of its own.
func TestCallerIDByCode(t *testing.T) {
	const mobile = "09012345670"
	w, _, p := modes(t)
	withheld := func(when string, want bool) {
		t.Helper()
		before := len(w.carrier.Books().Entries())
		call, out, err := p.Dial(w.ctx(), mobile)
		if err != nil || call == nil {
			t.Fatalf("%s: %+v %v", when, out, err)
		}
		w.must(call.Hangup(w.ctx()))
		if all := w.carrier.Books().Entries(); len(all) != before+1 || all[before].Withheld != want {
			t.Errorf("%s: the carrier has %+v", when, all)
		}
	}
	dials := func(code, hears string) {
		t.Helper()
		if said := w.dialsCode(p, code); said != hears {
			t.Errorf("%s: the phone hears %q", code, said)
		}
	}
	withheld("at first", false)
	dials("*84", "service-on")
	withheld("after *84", true)
	list, err := control.Call(w.ctx(), w.client, control.ServiceList, control.None{})
	w.must(err)
	if len(list) != 1 || list[0].By != "phone/203-1" || list[0].To != fact.CallerIDWithhold {
		t.Errorf("set is %+v", list)
	}
	dials("*85", "service-off")
	w.must(w.service(fact.ScopeUnit, fact.ServiceCallerID, fact.CallerIDWithhold, true))
	withheld("as the office", true)
	dials("*86", "service-on")
	withheld("after *86", false)
	for _, wrong := range []string{"", "hide", "203"} {
		if w.service("203", fact.ServiceCallerID, wrong, true) == nil {
			t.Errorf("its number can be %q", wrong)
		}
	}
	withheld("after what is wrong", false)
}
