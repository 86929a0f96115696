package app_test

import (
	"testing"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/unit/plan"
)

func (w *world) agents() map[string]string {
	w.Helper()
	all, err := control.Call(w.ctx(), w.client, control.QueueList, control.None{})
	w.must(err)
	does := map[string]string{}
	for _, q := range all {
		for _, a := range q.Agents {
			does[a.Extension] = a.Does
		}
	}
	return does
}

// TestAgentsOfAQueue: an agent pauses, and logs out by its key; those who do not answer are
// paused by the unit, on record; then nobody is there, and who waited is told so. The call's
// record says how long it waited, and the figures that it was not answered.
func TestAgentsOfAQueue(t *testing.T) {
	t.Parallel()
	w, b, p := modes(t)
	_, err := control.Call(w.ctx(), w.client, control.GroupSet, control.Group{
		Number: "600", Members: []string{"203", "201", "202"}, Strategy: fact.RingLinear,
	})
	w.must(err)
	set := fact.QueueSet{Queue: "600", Most: 3, WaitSeconds: 60, Misses: 1}
	_, err = control.Call(w.ctx(), w.client, control.QueueSet, set)
	w.must(err)
	_, err = control.Call(w.ctx(), w.client, control.ModeRings, control.ModeRingsRequest{
		Scope: fact.ScopeUnit, Mode: "day", Ring: []string{"600"},
	})
	w.must(err)
	for _, step := range []struct{ dials, hears, does string }{
		{"*45", "service-on", "paused"},
		{"pause", "service-off", "free"},
		{"login600", "service-off", "out"},
		{"login600", "service-on", "free"},
		{"*23600", "service-off", "out"},
	} {
		if said := w.dialsCode(p, step.dials); said != step.hears {
			t.Errorf("%s: the phone hears %q", step.dials, said)
		}
		w.until("the phone is in no call", func() bool { return w.agents()["203"] != "talks" })
		if does := w.agents(); does["203"] != step.does {
			t.Errorf("after %s: %v", step.dials, does)
		}
	}
	b.took()
	call, err := w.carrier.Place(w.ctx(), mainNumber, "0455551234", carrier.Silence)
	w.must(err)
	if status, err := call.Status(w.ctx()); err != nil || status != 200 {
		t.Fatalf("the caller hears %d %v", status, err)
	}
	w.until("both are paused", func() bool {
		does := w.agents()
		return does["201"] == "paused" && does["202"] == "paused"
	})
	if rang := b.took(); rang != "201 202" {
		t.Errorf("%q rang", rang)
	}
	list, err := control.Call(w.ctx(), w.client, control.ServiceList, control.None{})
	w.must(err)
	if len(list) != 2 || list[0].Service != fact.ServicePause || list[0].By != plan.BySelf {
		t.Errorf("set is %+v", list)
	}
	var c control.CallRecord
	w.until("the call is over", func() bool {
		calls, err := control.Call(w.ctx(), w.client, control.Calls, control.CallsRequest{Limit: 1})
		w.must(err)
		c = calls[0]
		return !c.Ended.IsZero()
	})
	if c.Queue != "600" || c.Agent != "" || c.WaitedMS == 0 || c.Answered.IsZero() || c.Reason != "no answer" {
		t.Errorf("on record: %+v", c)
	}
	all, err := control.Call(w.ctx(), w.client, control.QueueList, control.None{})
	w.must(err)
	if k := all[0].Counts; k.Came != 1 || k.Nobody != 1 || k.Answered != 0 {
		t.Errorf("counted %+v", k)
	}
	w.must(w.service("201", fact.ServicePause, "", false))
	if does := w.agents()["201"]; does != "free" {
		t.Errorf("201, which goes on, is %s", does)
	}
}
