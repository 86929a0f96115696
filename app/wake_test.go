package app_test

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
)

// TestWakeUpCall: a phone asks to be woken each day, and is, after a restart too: it
// rings, hears why, and 1 ends it; the next time is tomorrow. It does not ring again.
func TestWakeUpCall(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, func(_ *world, c *config.Config) {
		c.Voice.AnnouncementsMax, c.Voice.Language = 8, "en"
	}, nil)
	sleeper := newRecorder()
	p := w.phone("201", sleeper.ring(200))
	go sleeper.listen(w.mouths["201"])
	due := time.Now().Add(20 * time.Second).Truncate(time.Minute).Add(time.Minute)
	clock := due.In(time.FixedZone("JST", 9*3600)).Format("1504")
	for _, code := range []string{"*69" + clock, "*68" + clock} {
		call, out, err := p.Dial(w.ctx(), code)
		if err != nil || call == nil {
			t.Fatalf("%s is not answered: %+v %v", code, out, err)
		}
		w.must(call.Hangup(w.ctx()))
	}
	wakes := func() []control.WakeUp {
		list, err := control.Call(w.ctx(), w.client, control.WakeList, control.None{})
		w.must(err)
		return list
	}
	w.until("both are set", func() bool { return len(wakes()) == 2 })
	_, err := control.Call(w.ctx(), w.client, control.WakeSet, control.WakeSetRequest{Extension: "201"})
	w.must(err) // once, no more
	w.stop()
	w.start()
	w.until("the phone is registered", func() bool { return w.registered("201") })
	list := wakes()
	if len(list) != 1 || !list[0].Daily || !list[0].Next.Equal(due) || list[0].By != "phone/201-1" {
		t.Fatalf("set: %+v, want one each day at %s", list, due)
	}
	sleeper.hears(t, "wake-up", time.Until(due)+20*time.Second)
	if late := time.Since(due); late < 0 || sleeper.count() != 1 {
		t.Fatalf("it rang %d times, %s after its time", sleeper.count(), late)
	}
	if ring := sleeper.rings[0]; ring.Name != "Wake-up call" {
		t.Errorf("the phone shows %+v", ring)
	}
	w.answererOf("201", sleeper.rings[0]).press("1")
	w.until("it hears that it is off", func() bool { return sleeper.after(t, 0, "service-off") > 0 })
	if list = wakes(); len(list) != 1 || !list[0].Next.Equal(due.Add(24*time.Hour)) || list[0].By != "unit" {
		t.Errorf("then: %+v", list)
	}
	ended := of[fact.CallEnded](w.facts())
	if f := ended[len(ended)-1]; f.Answered.IsZero() || sleeper.count() != 1 {
		t.Errorf("on record: %+v", f)
	}
}
