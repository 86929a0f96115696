package ring

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/alert"
	"github.com/sekisho/sekisho/alert/watch"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/unit/media/prompt"
)

// line is a unit that calls, with what comes of each number.
type line struct {
	mu    sync.Mutex
	does  map[string]Outcome
	calls []Speech
	lasts time.Duration
	busy  int
	most  int // calls at once
}

func (l *line) call(_ context.Context, s Speech) (Outcome, error) {
	l.mu.Lock()
	l.calls = append(l.calls, s)
	l.busy++
	l.most = max(l.most, l.busy)
	l.mu.Unlock()
	time.Sleep(l.lasts)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
	o, ok := l.does[s.Number]
	if !ok {
		return Outcome{}, errors.New("stopped")
	}
	return o, nil
}

func (l *line) rung() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, s := range l.calls {
		out = append(out, s.Number)
	}
	return strings.Join(out, " ")
}

func ringing(l *line) *Ring {
	return New(Config{
		Numbers: []string{"201", "202", "203"}, Tries: 2, Pause: time.Minute, Lang: text.EN,
		Office: func() string { return "03-12" }, Call: l.call, Turn: NewTurn(time.Now),
	})
}

func letter(kind string) alert.Letter {
	return alert.Letter{
		Kind: kind, Notice: "begun", Extension: "204", Since: time.Date(2026, 11, 30, 5, 6, 0, 0, time.UTC),
	}
}

// TestEveryKindIsSaid: each word is there in both languages, in its place.
func TestEveryKindIsSaid(t *testing.T) {
	r := ringing(&line{})
	kinds := []string{"test"}
	for _, rule := range watch.Rules() {
		kinds = append(kinds, string(rule.Kind))
	}
	for _, kind := range kinds {
		l := letter(kind)
		l.Notice = string(watch.Again)
		for _, lang := range []text.Lang{text.EN, text.JA} {
			r.c.Lang = lang
			for _, name := range append(r.item(l, 12), "alert-thanks") {
				if _, err := prompt.Open(name, lang.String()); name != "" && err != nil {
					t.Errorf("%s: %v", kind, err)
				}
			}
		}
	}
	got := strings.Join(r.item(letter("barred"), 12), " ")
	want := "alert-hello alert-office digit-0 digit-3  digit-1 digit-2  alert-barred word-extension digit-2 digit-0 " +
		"digit-4  word-time time-pm digit-2 word-hour fun-6 alert-more num-10 digit-2 ken alert-press"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestAttempts: which number is called when, and what comes next.
func TestAttempts(t *testing.T) {
	l := &line{does: map[string]Outcome{
		"201": {Why: WhyGate}, "202": {Answered: true, Heard: 1, Acknowledged: 1, Call: "c"},
	}}
	r := ringing(l)
	letters := []alert.Letter{letter("barred"), letter("abroad")}
	for _, c := range []struct {
		attempt            int
		number, word       string
		next, acknowledged int
		pause              time.Duration
	}{
		{0, "201", "gate", 2, 0, 0},
		{2, "202", "not-acknowledged", 3, 1, time.Minute},
		{3, "202", "not-acknowledged", 4, 1, time.Minute},
		{5, "203", "not-reached", 6, 0, time.Minute},
		{9, "203", "not-reached", 10, 0, time.Minute},
	} {
		l.calls = nil
		told, err := r.Tell(t.Context(), c.attempt, letters)
		if l.rung() != c.number || alert.Word(err) != c.word || told.Next != c.next ||
			told.Acknowledged != c.acknowledged || told.Pause != c.pause || told.Offered != 2 {
			t.Errorf("%+v: rang %s, %v, %+v", c, l.rung(), err, told)
		}
	}
	if r.Attempts() != 6 {
		t.Errorf("%d attempts", r.Attempts())
	}
	l.calls, l.does["202"] = nil, Outcome{Answered: true, Heard: 1, Acknowledged: 1}
	if answer, err := r.Send(t.Context(), letter("test")); err != nil || answer != "1" || l.rung() != "201 202" {
		t.Errorf("test: %q, %v, rang %s", answer, err, l.rung())
	}
	l.calls = nil
	if _, err := r.Tell(t.Context(), 0, slices.Repeat(letters, 20)); err == nil || len(l.calls[0].Items) != ItemsMax {
		t.Errorf("%d alerts in one call", len(l.calls[0].Items))
	}
}

// TestOneCallAtATimeAndNotTooMany: two channels share a line; the thirteenth call
// in an hour waits.
func TestOneCallAtATimeAndNotTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{does: map[string]Outcome{"201": {Why: WhyBusy}}, lasts: time.Minute}
		r := ringing(l)
		var all sync.WaitGroup
		for range HourlyMax {
			all.Go(func() { _, _ = r.Tell(t.Context(), 0, []alert.Letter{letter("barred")}) })
		}
		all.Wait()
		if l.most != 1 || len(l.calls) != HourlyMax {
			t.Errorf("%d calls, %d at once", len(l.calls), l.most)
		}
		_, err := r.Tell(t.Context(), 0, []alert.Letter{letter("barred")})
		later, ok := errors.AsType[*alert.LaterError](err)
		if !ok || later.Wait != 48*time.Minute || len(l.calls) != HourlyMax {
			t.Fatalf("%v, %d calls", err, len(l.calls))
		}
		if _, err := r.Send(t.Context(), letter("test")); alert.Word(err) != "hourly" {
			t.Errorf("test: %v", err)
		}
		time.Sleep(later.Wait)
		if _, err := r.Tell(t.Context(), 0, []alert.Letter{letter("barred")}); alert.Word(err) != "busy" {
			t.Errorf("after an hour: %v", err)
		}
		gone, stop := context.WithCancel(t.Context())
		stop()
		r.c.Turn.busy <- struct{}{}
		if _, err := r.Tell(gone, 0, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("stopped: %v", err)
		}
	})
}
