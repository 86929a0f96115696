package main

import (
	"fmt"
	"time"

	"github.com/sekisho/sekisho/bench/cast"
)

// truth is how it stands with a key or an extension, as it was measured.
type truth struct {
	open    bool   // a change is under way, and nothing is clear
	excused bool   // because of a fault: that may last
	phase   string // as cast.Shown has it
	held    bool
	by      string // extension that has it; "" where that does not matter
	private bool   // its other party is nobody else's to see
}

// String is for people.
func (t truth) String() string {
	if t.open {
		return "under way"
	}
	return cast.Shown{Phase: t.phase, Held: t.held, By: t.by}.String()
}

// fits tells whether a lamp of a phone shows what is so.
func (t truth) fits(s cast.Shown, entity, watcher string) bool {
	if s.Phase != t.phase || s.Held != t.held {
		return false
	}
	if t.phase == "terminated" {
		return true
	}
	if t.private && s.Names && watcher != t.by {
		return false
	}
	// A phone is not told that it has itself what waits for all.
	return t.by == "" || s.By == t.by || t.held && watcher == t.by && s.By == entity
}

// thing is what has lamps: a key or an extension.
type thing struct {
	name     string
	is       truth
	since    time.Time
	troubled time.Time // a party of it was in trouble then
	failed   bool      // it was open for too long, which was told
	lamps    []*lamp
}

// lamp is one of one phone.
type lamp struct {
	of      *thing
	phone   *cast.Party
	shows   cast.Shown
	on      bool      // it shows something
	asked   time.Time // when its phone's SUBSCRIBE was answered; zero for not
	changed time.Time
	wrong   time.Time // since when; zero: it is right
	slack   bool      // the bench had too little time as it went wrong, or soon after
	told    bool      // that it was wrong for too long
}

// judge holds lamps against what is so.
type judge struct {
	things  []*thing
	wrong   map[*lamp]bool
	started time.Time     // when the unit was ready last
	stalled time.Time     // when the bench itself had too little time last
	most    time.Duration // that a lamp may be wrong
	fail    func(kind, what string)

	Clean, Troubled, Restarted, Stalled delays

	Ahead delays // lamps that knew before it was measured
}

// delays counts how long lamps were wrong.
type delays struct {
	Count [buckets]uint32
	N     int
	Max   time.Duration
}

func (d *delays) add(t time.Duration) {
	d.Count[min(max(int(t/bucket), 0), buckets-1)]++
	d.N++
	d.Max = max(d.Max, t)
}

func (d *delays) merge(o *delays) {
	for i, n := range o.Count {
		d.Count[i] += n
	}
	d.N += o.N
	d.Max = max(d.Max, o.Max)
}

// quantile is how long a share of lamps took at most.
func (d *delays) quantile(share float64) time.Duration {
	want := int(share * float64(d.N))
	for i, n := range d.Count {
		if want -= int(n); want < 0 {
			return time.Duration(i+1) * bucket
		}
	}
	return d.Max
}

func (j *judge) thing(name string) *thing {
	t := &thing{name: name, is: truth{phase: "terminated"}}
	j.things = append(j.things, t)
	return t
}

// stands says how it stands with a thing now.
func (j *judge) stands(t *thing, is truth, now time.Time) {
	if t.is == is {
		return
	}
	t.is, t.since, t.failed = is, now, false
	for _, l := range t.lamps {
		if !l.wrong.IsZero() && j.right(l) { // it knew before we did
			j.Ahead.add(now.Sub(l.wrong))
			j.settled(l)
			continue
		}
		if !l.wrong.IsZero() { // it has its time again
			l.wrong = now
		}
		j.look(l, now)
	}
}

// right tells whether a lamp shows what is so, as far as that is clear.
func (j *judge) right(l *lamp) bool {
	return l.on && !l.of.is.open && l.of.is.fits(l.shows, l.of.name, l.phone.Name)
}

// settled ends a lamp's time of being wrong.
func (j *judge) settled(l *lamp) {
	l.wrong = time.Time{}
	delete(j.wrong, l)
}

// stalls notes that the bench itself had too little time, from a moment until now.
func (j *judge) stalls(from, now time.Time) {
	j.stalled = now
	for l := range j.wrong {
		if from.Sub(l.wrong) < j.most {
			l.slack = true
		}
	}
}

// shows says what a lamp shows now.
func (j *judge) shows(l *lamp, s cast.Shown, now time.Time) {
	l.shows, l.on, l.changed = s, true, now
	j.look(l, now)
}

// goesDark has a lamp show nothing, because its phone has started anew.
func (j *judge) goesDark(l *lamp) {
	l.on, l.asked = false, time.Time{}
	j.settled(l)
}

// look notes whether a lamp is right, now that it was told something or the thing has
// changed. One that was right at once is not counted: nobody waited for it.
func (j *judge) look(l *lamp, now time.Time) {
	switch {
	case !l.on || l.of.is.open:
		j.settled(l)
	case !j.right(l):
		if l.wrong.IsZero() {
			l.wrong, l.told, l.slack = now, false, now.Sub(j.stalled) < stallLasts
			j.wrong[l] = true
		}
	case !l.wrong.IsZero():
		j.late(l, now)
		d, _ := j.class(l, now)
		d.add(now.Sub(l.wrong))
		j.settled(l)
	}
}

// late tells, once, of a lamp that is or was wrong for too long.
func (j *judge) late(l *lamp, now time.Time) {
	class, most := j.class(l, now)
	from := l.wrong
	if class == &j.Troubled || class == &j.Restarted { // the next try is due 4 s after the last loss
		from = latest(latest(from, l.of.troubled), latest(l.phone.Troubled, l.phone.Away))
	}
	if l.told || now.Sub(from) <= most && now.Sub(l.wrong) <= lossesMost*most {
		return
	}
	l.told = true
	ago := func(t time.Time) time.Duration { return now.Sub(t).Round(time.Millisecond) }
	j.fail("wrong lamp", fmt.Sprintf(
		"%s's lamp of %s was wrong for %s; it shows %q since %s ago, and since %s ago it is %q",
		l.phone.Name, l.of.name, ago(l.wrong), l.shows, ago(l.changed), ago(l.of.since), l.of.is))
}

// class is where the delay of a lamp counts, and how long it may be.
func (j *judge) class(l *lamp, now time.Time) (*delays, time.Duration) {
	switch {
	case now.Sub(j.started) < 2*wrongRestarted && l.wrong.Before(j.started.Add(wrongRestarted)):
		return &j.Restarted, wrongRestarted + wrongTroubled
	case l.wrong.Sub(l.phone.Troubled) < troubleLasts, l.wrong.Sub(l.phone.Away) < troubleLasts,
		l.wrong.Sub(l.of.troubled) < troubleLasts:
		return &j.Troubled, wrongTroubled
	case l.slack:
		return &j.Stalled, wrongStalled
	}
	return &j.Clean, j.most
}

// check tells what has been wrong for too long.
func (j *judge) check(now time.Time) {
	for l := range j.wrong {
		j.late(l, now)
	}
	for _, t := range j.things {
		most := openMost
		if t.is.excused || now.Sub(t.troubled) < troubleLasts {
			most = openTroubled
		}
		if now.Sub(j.stalled) < most {
			most += wrongStalled
		}
		if t.is.open && !t.failed && now.Sub(t.since) > most && now.Sub(j.started) > most {
			t.failed = true
			j.fail("unsettled", fmt.Sprintf("how it stands with %s is not clear since %s ago",
				t.name, now.Sub(t.since).Round(time.Millisecond)))
		}
		for _, l := range t.lamps {
			if !l.on && !l.asked.IsZero() && now.Sub(l.asked) > darkMost &&
				now.Sub(l.phone.Troubled) > troubleLasts && now.Sub(l.phone.Away) > troubleLasts {
				l.asked = time.Time{}
				j.fail("dark lamp", fmt.Sprintf("%s was told nothing of %s", l.phone.Name, l.of.name))
			}
		}
	}
}
