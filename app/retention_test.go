package app

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/fact"
)

// TestOutdatedMessages: what has been kept for so many days is deleted within an hour, in
// virtual time, the oldest first; without days nothing ever is.
func TestOutdatedMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		messages := []fact.Message{
			{ID: "a", Left: began.Add(-7*day + 90*time.Minute)},
			{ID: "b", Left: began},
			{ID: "c", Left: began.Add(day)},
		}
		type gone struct {
			id    string
			after time.Duration
		}
		var all []gone
		done := make(chan struct{})
		go func() {
			defer close(done)
			everySo(ctx, retentionCheck, func(now time.Time) {
				if ids := outdated(messages, 0, now); len(ids) > 0 {
					t.Errorf("%q are deleted, and nobody said when", ids)
				}
				for _, id := range outdated(messages, 7, now) {
					all = append(all, gone{id, now.Sub(began)})
					messages = slices.DeleteFunc(messages, func(m fact.Message) bool { return m.ID == id })
				}
			})
		}()
		time.Sleep(9 * day)
		cancel()
		<-done
		want := []gone{{"a", 2 * time.Hour}, {"b", 7 * day}, {"c", 8 * day}}
		if !slices.Equal(all, want) {
			t.Errorf("deleted %v, want %v", all, want)
		}
	})
}

// TestKeepDays: an extension's own days count before the unit's.
func TestKeepDays(t *testing.T) {
	a := new(App)
	if d := a.keepDays("201"); d != 0 {
		t.Errorf("%d days, and nobody said so", d)
	}
	a.state.routing = []fact.Routed{
		fact.RetentionSet{Scope: fact.ScopeUnit, Days: 30}, fact.RetentionSet{Scope: "201", Days: 7},
	}
	if own, others := a.keepDays("201"), a.keepDays("202"); own != 7 || others != 30 {
		t.Errorf("%d and %d days", own, others)
	}
}

// TestRoomIsFair: one mailbox can't take the room of all, and when room is short those
// have it that have less than their share.
func TestRoomIsFair(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		own, all, boxes int
		want            bool
	}{
		{0, 0, 10, true},
		{31 * mib, 127 * mib, 100, true},
		{32 * mib, 32 * mib, 10, false},
		{2 * mib, 129 * mib, 100, true},
		{3 * mib, 129 * mib, 100, false},
		{0, 255 * mib, 10_000, true},
		{0, 256 * mib, 10, false},
		{0, 0, 0, true},
	} {
		if got := roomFor(c.own, c.all, c.boxes); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
