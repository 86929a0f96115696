package remote

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/unit/lamp"
)

var start = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

// subject is a book under test, and what it was last asked for.
type subject struct {
	*Book
	t   *testing.T
	now time.Time
	ids map[string]ID // by extension
}

func begin(t *testing.T) *subject {
	return &subject{Book: New(), t: t, now: start, ids: map[string]ID{}}
}

// wants has extensions of Osaka be watched.
func (s *subject) wants(extensions ...string) {
	var all []Lamp
	for _, e := range extensions {
		all = append(all, Lamp{"osaka", e})
	}
	s.Want(all, s.now)
}

// due wants these questions to be due now.
func (s *subject) due(want ...string) {
	s.t.Helper()
	var got []string
	for _, a := range s.Due(s.now) {
		s.ids[a.Extension] = a.ID
		got = append(got, [...]string{Begin: "begin ", Refresh: "refresh ", End: "end "}[a.Op]+a.Extension)
	}
	if !slices.Equal(got, want) {
		s.t.Fatalf("due are %s, not %s", strings.Join(got, ", "), strings.Join(want, ", "))
	}
}

// next goes on to when something is due.
func (s *subject) next(want time.Duration) {
	s.t.Helper()
	at := s.Deadline()
	if got := at.Sub(s.now); got != want {
		s.t.Fatalf("due in %s, not in %s", got, want)
	}
	s.now = at
}

func (s *subject) answered(ext string, o Outcome, d time.Duration) {
	s.Answered(s.ids[ext], o, d, s.now)
}

func (s *subject) told(ext string, p lamp.Phase) {
	s.t.Helper()
	if !s.Told(s.ids[ext], Told{Phase: p}, s.now) {
		s.t.Fatal("it tells too much")
	}
}

func (s *subject) shows(ext string, want lamp.Phase) {
	s.t.Helper()
	if got, ok := s.State(ext); !ok || got != want {
		s.t.Fatalf("%s shows %v, %v, not %v", ext, got, ok, want)
	}
}

// knows has Osaka tell that an extension talks.
func (s *subject) knows(ext string) {
	s.t.Helper()
	s.wants(ext)
	s.Way("osaka", true, 1, s.now)
	s.due("begin " + ext)
	s.answered(ext, Granted, AskFor)
	s.told(ext, lamp.Talking)
	s.shows(ext, lamp.Talking)
}

func TestAsksForWhatIsWatched(t *testing.T) {
	s := begin(t)
	s.wants("301")
	s.due() // it is away
	s.shows("301", lamp.Unknown)
	if !s.Deadline().IsZero() {
		t.Error("something is due")
	}
	s.knows("301")
	s.told("301", lamp.Ringing)
	s.shows("301", lamp.Ringing)
	s.next(AskFor / 2)
	s.due("refresh 301")
	s.shows("301", lamp.Ringing)
	s.answered("301", Granted, AskFor)
	s.told("301", lamp.Idle)
	s.wants()
	if _, ok := s.State("301"); ok {
		t.Error("nobody watches it")
	}
	s.next(AskAgain)
	s.due("end 301")
	s.answered("301", Granted, 0)
	if s.Known(s.ids["301"]) || s.Len() != 0 {
		t.Error("it is still asked for")
	}
	if !s.Told(s.ids["301"], Told{Phase: lamp.Held}, s.now) {
		t.Error("what comes late is too much")
	}
}

// TestNothingIsBelievedForLong: what a site said before its connection ended, while it is
// away, or before a question came to nothing, is not shown.
func TestNothingIsBelievedForLong(t *testing.T) {
	for name, f := range map[string]func(s *subject){
		"away":         func(s *subject) { s.Way("osaka", false, 1, s.now) },
		"a new way":    func(s *subject) { s.Way("osaka", true, 2, s.now) },
		"unreadable":   func(s *subject) { s.told("301", lamp.Unknown) },
		"over":         func(s *subject) { s.Told(s.ids["301"], Told{Over: true}, s.now) },
		"over for now": func(s *subject) { s.Told(s.ids["301"], Told{Over: true, Again: true}, s.now) },
	} {
		s := begin(t)
		s.knows("301")
		s.Changed()
		f(s)
		if got, ok := s.State("301"); !ok || got != lamp.Unknown || !slices.Equal(s.Changed(), []string{"301"}) {
			t.Errorf("%s: it shows %v", name, got)
		}
	}
	for _, o := range []Outcome{Strange, Refused, Failed} {
		s := begin(t)
		s.knows("301")
		s.next(AskFor / 2)
		s.due("refresh 301")
		s.answered("301", o, 0)
		s.shows("301", lamp.Unknown)
	}
}

func TestComesRightByItself(t *testing.T) {
	s := begin(t)
	s.knows("301")
	s.Way("osaka", false, 1, s.now)
	s.now = s.now.Add(time.Minute)
	s.due()
	s.Way("osaka", true, 2, s.now)
	s.due("refresh 301") // it may know it still
	s.answered("301", Strange, 0)
	s.due("begin 301") // at once: it was started anew
	s.answered("301", Granted, AskFor)
	s.told("301", lamp.Held)
	s.shows("301", lamp.Held)
}

// TestASiteThatGrantsAndTellsNothing is asked again, soon.
func TestASiteThatGrantsAndTellsNothing(t *testing.T) {
	s := begin(t)
	s.wants("301")
	s.Way("osaka", true, 1, s.now)
	s.due("begin 301")
	s.answered("301", Granted, AskFor)
	s.next(DoubtAfter)
	s.due("refresh 301")
	s.told("301", lamp.Idle) // quicker than the answer
	s.answered("301", Granted, AskFor)
	s.shows("301", lamp.Idle)
	s.next(AskFor / 2)
}

// TestAnAnswerFromBeforeTheCut does not count for more than that the site tells.
func TestAnAnswerFromBeforeTheCut(t *testing.T) {
	s := begin(t)
	s.wants("301")
	s.Way("osaka", true, 1, s.now)
	s.due("begin 301")
	s.Way("osaka", true, 2, s.now)
	s.answered("301", Granted, AskFor)
	s.next(AskAgain)
	s.due("refresh 301")
}

func TestRefusalsAndFailuresAreAskedAgainLater(t *testing.T) {
	s := begin(t)
	s.wants("301")
	s.Way("osaka", true, 1, s.now)
	s.due("begin 301")
	s.answered("301", Refused, 0)
	s.next(RefusedAgain)
	s.due("begin 301")
	for pause := RetryFirst; pause < 4*RetryMost; pause *= 2 {
		s.answered("301", Failed, 0)
		s.next(min(pause, RetryMost))
		s.due("begin 301")
	}
	s.answered("301", Failed, time.Hour)
	s.next(RetryMost)
	s.due("begin 301")
	s.answered("301", Granted, time.Second)
	s.told("301", lamp.Idle)
	s.next(RefreshLeast)
}

// TestASiteThatFlaps is asked for each lamp once a second, however often it comes back.
func TestASiteThatFlaps(t *testing.T) {
	s := begin(t)
	s.wants("301")
	asked := 0
	for way := range uint64(1000) {
		s.now = s.now.Add(10 * time.Millisecond)
		s.Way("osaka", true, way+1, s.now)
		for _, a := range s.Due(s.now) {
			asked++
			s.Answered(a.ID, Granted, AskFor, s.now)
			s.Told(a.ID, Told{Over: true, Again: true}, s.now)
		}
	}
	if asked > 11 {
		t.Errorf("asked %d times in 10 seconds", asked)
	}
}

// TestASiteThatTellsTooMuch is not listened to, and its lamps are not known meanwhile; it
// is asked for them again.
func TestASiteThatTellsTooMuch(t *testing.T) {
	s := begin(t)
	s.knows("301")
	s.Deadline()
	heard := 1
	for ; s.Told(s.ids["301"], Told{Phase: lamp.Talking}, s.now); heard++ {
		if heard > 2*ToldAtOnce {
			t.Fatal("it is listened to without end")
		}
	}
	if heard != ToldAtOnce {
		t.Errorf("%d were listened to", heard)
	}
	s.shows("301", lamp.Unknown)
	for range 10 {
		s.Deadline()
		if s.Told(s.ids["301"], Told{Phase: lamp.Talking}, s.now); s.stale {
			t.Fatal("each word that is not listened to has all lamps be gone through")
		}
	}
	s.now = s.now.Add(ToldEvery)
	s.told("301", lamp.Held)
	s.shows("301", lamp.Held)
	s.Deadline()
	s.Told(s.ids["301"], Told{Phase: lamp.Talking}, s.now)
	s.next(DoubtAfter)
	s.due("refresh 301")
}

// TestALampTooMany is dark, and asked for when there is room.
func TestALampTooMany(t *testing.T) {
	s := begin(t)
	var all []string
	for i := range PerSite + 1 {
		all = append(all, fmt.Sprintf("3%03d", i))
	}
	last := all[PerSite]
	s.wants(all...)
	s.Way("osaka", true, 1, s.now)
	asked := 0
	for batch := s.Due(s.now); len(batch) > 0; batch = s.Due(s.now) {
		if len(batch) > AskAtOnce {
			t.Fatalf("%d questions at once", len(batch))
		}
		if len(s.Due(s.now)) > 0 {
			t.Fatal("more while those are out")
		}
		for _, a := range batch {
			asked++
			s.ids[a.Extension] = a.ID
			s.Answered(a.ID, Granted, AskFor, s.now)
			s.told(a.Extension, lamp.Idle)
		}
	}
	if asked != PerSite {
		t.Errorf("%d are asked for", asked)
	}
	s.shows(last, lamp.Unknown)
	s.now = s.now.Add(time.Minute)
	s.wants(all[1:]...)
	s.due("end "+all[0], "begin "+last)
}

// TestLampsOfNobody: a phone that watches as many extensions as a site may be asked for, none
// of which is there, keeps others from theirs until they are refused; and takes no place
// again while what is refused is not asked for anew.
func TestLampsOfNobody(t *testing.T) {
	s := begin(t)
	var all []string
	for i := range PerSite {
		all = append(all, fmt.Sprintf("3%03d", i))
	}
	all = append(all, "3900", "3901")
	s.wants(all...)
	s.Way("osaka", true, 1, s.now)
	if !s.Crowded() {
		t.Error("there is room")
	}
	for batch := s.Due(s.now); len(batch) > 0; batch = s.Due(s.now) {
		for _, a := range batch {
			s.Answered(a.ID, Refused, 0, s.now)
		}
	}
	s.wants(all...)
	s.due("begin 3900", "begin 3901")
	if s.Crowded() {
		t.Error("somebody waits for room")
	}
	for _, name := range []string{"3900", "3901"} {
		s.answered(name, Granted, AskFor)
		s.told(name, lamp.Talking)
		s.shows(name, lamp.Talking)
	}
	s.now = s.now.Add(time.Second)
	s.wants(all...)
	s.due()
	s.shows("3900", lamp.Talking)
	s.shows("3000", lamp.Unknown)
	if n := len(s.refused); n != 2 {
		t.Errorf("%d are noted as refused", n)
	}
	s.wants("3900")
	if len(s.refused) > 0 {
		t.Error("what nobody watches is noted")
	}
}

// TestPhonesThatComeAndGo leave no more behind than so much, whatever the site does not say.
func TestPhonesThatComeAndGo(t *testing.T) {
	s := begin(t)
	s.Way("osaka", true, 1, s.now)
	for i := range 10 {
		var all []string
		for k := range PerSite {
			all = append(all, fmt.Sprintf("3%d%03d", i, k))
		}
		s.wants(all...)
		for batch := s.Due(s.now); len(batch) > 0; batch = s.Due(s.now) {
			for _, a := range batch {
				if a.Op == Begin {
					s.Answered(a.ID, Granted, AskFor, s.now)
				} else {
					s.Answered(a.ID, Failed, 0, s.now)
				}
			}
		}
		if s.Len() > 2*PerSite+1 {
			t.Fatalf("%d lamps are kept", s.Len())
		}
	}
	s.wants()
	if s.Len() > PerSite+1 {
		t.Fatalf("%d lamps are kept", s.Len())
	}
	s.now = s.now.Add(time.Minute)
	for batch := s.Due(s.now); len(batch) > 0; batch = s.Due(s.now) {
		for _, a := range batch {
			s.Answered(a.ID, Granted, 0, s.now)
		}
	}
	if s.Len() != 0 {
		t.Errorf("%d lamps are left", s.Len())
	}
}

func TestWhatBeginsAgainWhileItEnds(t *testing.T) {
	s := begin(t)
	s.knows("301")
	s.wants()
	s.wants("301") // before anybody was asked
	s.shows("301", lamp.Talking)
	s.now = s.now.Add(time.Minute)
	s.due()
	s.wants()
	s.due("end 301")
	s.wants("301")
	s.answered("301", Granted, 0)
	s.shows("301", lamp.Unknown)
	s.next(AskAgain)
	s.due("begin 301")
	s.wants()
	s.answered("301", Granted, AskFor) // it tells what nobody watches any more
	s.next(AskAgain)
	s.due("end 301")
	s.answered("301", Failed, 0)
	s.due()
	if s.Len() > 0 {
		t.Errorf("%d lamps are left", s.Len())
	}
}

func TestSitesThatAreNoneAnyMore(t *testing.T) {
	s := begin(t)
	s.knows("301")
	s.Changed()
	s.Keep([]string{"osaka"})
	s.shows("301", lamp.Talking)
	s.Keep(nil)
	if _, ok := s.State("301"); ok || s.Len() != 0 || !slices.Equal(s.Changed(), []string{"301"}) {
		t.Error("it is known still")
	}
	s.answered("301", Granted, AskFor) // the answer comes late
	s.Way("osaka", false, 3, s.now)
	s.due()
}

// TestASiteThatTellsAsItMay: one with many lamps, all of which change all the time, tells at
// the pace of its board, and is listened to.
func TestASiteThatTellsAsItMay(t *testing.T) {
	s := begin(t)
	s.knows("301")
	for range 2*PerSite + lamp.TellAtOnce { // what it was asked for, twice over
		s.told("301", lamp.Ringing)
	}
	for range 2400 { // a minute
		s.now = s.now.Add(lamp.TellEvery)
		s.told("301", lamp.Talking)
	}
	s.shows("301", lamp.Talking)
}
