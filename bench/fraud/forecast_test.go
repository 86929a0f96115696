package main

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// TestForecast: a run that is twice as long takes twice as long, one on two cores
// half of what they can share, and what is bounded says which part of a whole run
// it is.
func TestForecast(t *testing.T) {
	m := func(rounds, peace int) *match {
		return newMatch(cast{
			offices: make([]fraud.Office, 12), families: make([]fraud.Family, 28),
			contestants: field(&frozen{}, nil, true, pinsPreset),
		}, rounds, peace, time.Time{})
	}
	once, twice := m(10, 1000).forecast(100, 1), m(20, 2000).forecast(200, 1)
	rest := m(0, 0).forecast(0, 1)
	if once <= rest || twice-rest != 2*(once-rest) {
		t.Errorf("%s, twice as much %s, without anything %s", once, twice, rest)
	}
	if one, two := m(10, 0).forecast(0, 1), m(10, 0).forecast(0, 2); one-rest != 2*(two-rest) {
		t.Errorf("%s on one core, %s on two", one, two)
	}
	var said strings.Builder
	whole := m(fullRounds, 250_000)
	whole.announce(&options{episodes: fullEpisodes, within: time.Second}, &said)
	whole.announce(&options{episodes: fullEpisodes}, &said)
	lines := strings.Split(said.String(), "\n")
	if !strings.Contains(lines[0], "at most 1s, which is 0 %") || !strings.Contains(lines[1], ": about ") {
		t.Errorf("%q", lines)
	}
}
