package main

import (
	"strings"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// Baselines that count calls.

// frozen are the baselines' thresholds; frozen.toml says how they were found.
type frozen struct {
	OpenSIPS struct {
		CallsAMinute int `toml:"calls_a_minute"`
		Total        int `toml:"total"`
		Concurrent   int `toml:"concurrent"`
		Sequential   int `toml:"sequential"`
	} `toml:"opensips"`
	Yeastar struct {
		Calls  int `toml:"calls"`
		Window int `toml:"window_s"`
	} `toml:"yeastar"`
	CDR struct {
		DayYen int64 `toml:"day_yen"`
	} `toml:"cdr_day_budget"`
	CNXCC struct {
		DayYen int64 `toml:"day_yen"`
	} `toml:"cnxcc"`
	NTT struct {
		Factor   int64 `toml:"factor"`
		FloorYen int64 `toml:"floor_yen"`
	} `toml:"ntt2015"`
	Forest struct {
		Percent int `toml:"percent"`
	} `toml:"forest"`
}

// dear tells whether a call is of the kind that costs more: what the baselines
// watch. Rules on all calls would refuse far more for nothing.
func dear(e *fraud.Event) bool {
	return e.Abroad() || strings.HasPrefix(e.Dialed, "0990") || strings.HasPrefix(e.Dialed, "0570") ||
		strings.HasPrefix(e.Dialed, "0180")
}

// idle is the rest of a subject that needs no clock.
type idle struct{}

// Due is never.
func (idle) Due() (time.Time, bool) { return time.Time{}, false }

// Tick cuts nothing.
func (idle) Tick(time.Time) []uint64 { return nil }

// Tell is not listened to.
func (idle) Tell(*fraud.Event) {}

// nothing lets everything through.
type nothing struct{ idle }

// Ask passes.
func (nothing) Ask(*fraud.Event) Answer { return Pass }

// opensips is a profile of OpenSIPS' fraud_detection for each user, with one
// rule for all dear numbers: calls in a minute, in a day, at once, and of one
// number in a row. Counters begin anew at midnight, those of running calls,
// too; attempts count although they are refused.
type opensips struct {
	idle
	f     *frozen
	zone  *time.Location
	users map[string]*usage
}

type usage struct {
	day     int
	minute  []time.Time
	total   int
	up      map[uint64]bool
	last    string
	inOrder int
}

func newOpenSIPS(f *frozen) func(*fraud.Site, Policy) (Subject, error) {
	return func(site *fraud.Site, _ Policy) (Subject, error) {
		return &opensips{f: f, zone: site.Zone, users: map[string]*usage{}}, nil
	}
}

// Ask counts, then compares.
func (o *opensips) Ask(e *fraud.Event) Answer {
	if !dear(e) {
		return Pass
	}
	u := o.users[e.Extension]
	day := e.At.In(o.zone).YearDay()
	if u == nil || u.day != day {
		u = &usage{day: day, up: map[uint64]bool{}}
		o.users[e.Extension] = u
	}
	for len(u.minute) > 0 && e.At.Sub(u.minute[0]) > time.Minute {
		u.minute = u.minute[1:]
	}
	u.minute = append(u.minute, e.At)
	u.total++
	if u.last == e.Number {
		u.inOrder++
	} else {
		u.last, u.inOrder = e.Number, 1
	}
	r := o.f.OpenSIPS
	if len(u.minute) >= r.CallsAMinute || u.total >= r.Total || len(u.up)+1 >= r.Concurrent ||
		u.inOrder >= r.Sequential {
		return Refuse
	}
	u.up[e.Call] = true
	return Pass
}

// Tell hears of ends.
func (o *opensips) Tell(e *fraud.Event) {
	if u := o.users[e.Extension]; u != nil && e.Kind == fraud.Ended {
		delete(u.up, e.Call)
	}
}

// yeastar locks an extension that makes too many calls in a short time, until
// a manager says that nobody else was there.
type yeastar struct {
	idle
	f      *frozen
	recent map[string][]time.Time
	locked map[string]bool
}

func newYeastar(f *frozen) func(*fraud.Site, Policy) (Subject, error) {
	return func(*fraud.Site, Policy) (Subject, error) {
		return &yeastar{f: f, recent: map[string][]time.Time{}, locked: map[string]bool{}}, nil
	}
}

// Ask counts the extension's calls, of whatever kind.
func (y *yeastar) Ask(e *fraud.Event) Answer {
	if y.locked[e.Extension] {
		return Refuse
	}
	window := time.Duration(y.f.Yeastar.Window) * time.Second
	recent := y.recent[e.Extension]
	for len(recent) > 0 && e.At.Sub(recent[0]) > window {
		recent = recent[1:]
	}
	y.recent[e.Extension] = append(recent, e.At)
	if len(recent) >= y.f.Yeastar.Calls {
		y.locked[e.Extension] = true
		return Refuse
	}
	return Pass
}

// Tell hears of the manager.
func (y *yeastar) Tell(e *fraud.Event) {
	if e.Kind == fraud.Reviewed && !e.Intruder {
		delete(y.locked, e.Extension)
		delete(y.recent, e.Extension)
	}
}
