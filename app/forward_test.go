package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/carrier"
)

func (w *world) service(extension, service, to string, on bool) error {
	w.Helper()
	_, err := control.Call(w.ctx(), w.client, control.ServiceSet, control.ServiceSetRequest{
		Extension: extension, Service: service, On: on, To: to,
	})
	return err
}

// TestForwardsWithinTheOffice: by a code of the phone and by command; a circle of
// forwards ends; who wants no calls gets none, and a group rings the others.
func TestForwardsWithinTheOffice(t *testing.T) {
	t.Parallel()
	w, b, p := modes(t)
	if said := w.dialsCode(p, "*72202"); said != "service-on" {
		t.Fatalf("the phone hears %q", said)
	}
	w.must(w.service("201", fact.ForwardBusy, "203", true))
	// 201 is busy, and sends on to 203, which sends on to 202.
	if rang := w.comesIn(b, mainNumber); rang != "201 202" {
		t.Errorf("%q rang", rang)
	}
	list, err := control.Call(w.ctx(), w.client, control.ServiceList, control.None{})
	w.must(err)
	if len(list) != 2 || list[1].By != "phone/203-1" || list[1].Service != fact.ForwardAlways || list[1].To != "202" {
		t.Errorf("%+v", list)
	}
	// A circle: each sends a call on once.
	w.must(w.service("202", fact.ForwardBusy, "201", true))
	if rang := w.comesInFor(b, mainNumber, 480); rang != "201 202" {
		t.Errorf("in a circle %q rang", rang)
	}
	w.must(w.service("202", fact.ForwardBusy, "", false))
	if said := w.dialsCode(p, "*73"); said != "service-off" {
		t.Fatalf("the phone hears %q", said)
	}
	w.must(w.service("201", fact.ServiceDoNotDisturb, "", true))
	if rang := w.comesIn(b, mainNumber); rang != "203" {
		t.Errorf("who wants no calls: %q rang", rang)
	}
	_, err = control.Call(w.ctx(), w.client, control.GroupSet, control.Group{
		Number: "600", Members: []string{"201", "202", "203"},
	})
	w.must(err)
	w.must(w.service("203", fact.ForwardAlways, "201", true))
	_, err = control.Call(w.ctx(), w.client, control.ModeRings, control.ModeRingsRequest{
		Scope: fact.ScopeUnit, Mode: "day", Ring: []string{"600"},
	})
	w.must(err)
	if rang := w.comesIn(b, mainNumber); rang != "202" {
		t.Errorf("of a group %q rang", rang)
	}
	for _, to := range []string{"119", "201", "*8228", "999", "01023276123456"} {
		if err := w.service("201", fact.ForwardAlways, to, true); err == nil {
			t.Errorf("calls of 201 are sent on to %s", to)
		}
	}
	if entries := w.carrier.Books().Entries(); len(entries) != 0 {
		t.Errorf("the carrier has %+v", entries)
	}
}

// TestForwardToAMobile: who calls gets the mobile once 1 was pressed there; a
// mailbox, which presses nothing, never takes the call. The extension stands
// behind it before the gate, and both channels are counted.
func TestForwardToAMobile(t *testing.T) {
	t.Parallel()
	const mobile = "09012345670"
	w, _, _ := modes(t)
	w.must(w.service("201", fact.ForwardAlways, mobile, true))
	call, err := w.carrier.Place(w.ctx(), mainNumber, "0455551234", carrier.Silence)
	w.must(err)
	var first carrier.Entry
	w.until("the mobile has answered", func() bool {
		all := w.carrier.Books().Entries()
		if len(all) > 0 {
			first = all[0]
		}
		return len(all) == 1 && !first.Answer.IsZero()
	})
	if first.Reading.Digits != mobile {
		t.Errorf("sent on to %+v", first.Reading)
	}
	lines, err := control.Call(w.ctx(), w.client, control.LineList, control.None{})
	w.must(err)
	if lines[0].InUse != 2 {
		t.Errorf("%d channels in use", lines[0].InUse)
	}
	long, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	// Nobody presses 1: the caller is not put through, and the mobile is hung up.
	status, err := call.Status(long)
	w.must(err)
	if status != 480 {
		t.Errorf("the caller hears %d", status)
	}
	w.until("the mobile is hung up", func() bool { return !w.carrier.Books().Entries()[0].End.IsZero() })
	var c control.CallRecord
	w.until("the call is on record", func() bool {
		calls, err := control.Call(w.ctx(), w.client, control.Calls, control.CallsRequest{})
		w.must(err)
		c = calls[0]
		return !c.Ended.IsZero()
	})
	if c.Verdict != "pass" || c.Extension != "201" || c.Status != 480 || c.Reason != "no answer" {
		t.Errorf("on record: %+v", c)
	}
}
