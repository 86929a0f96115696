package main

import (
	"runtime"
	"sync"
	"time"
)

// match is a run: what is still to be played, and what came of it.
type match struct {
	cast
	rounds   int
	peace    int       // calls of each kind of office
	deadline time.Time // for new episodes; zero for none
	mu       sync.Mutex
	scores   []*score
	err      error
	Calls    int `json:"calls"` // judged, of offices and intruders together
	Skipped  int `json:"skipped"`
	Compared int `json:"compared"` // attempts played with a store beside the books in memory
}

func newMatch(c cast, rounds, peace int, deadline time.Time) *match {
	m := &match{cast: c, rounds: rounds, peace: peace, deadline: deadline}
	for _, who := range c.contestants {
		m.scores = append(m.scores, &score{contestant: who, Incidents: map[string][]Incident{}})
	}
	return m
}

// play plays everything, in turns: an attack of each family, and some of the
// peace of each office. What no time is left for is counted as skipped, for all
// contestants alike.
func (m *match) play() error {
	var jobs []func()
	parts := (m.peace + peacePart - 1) / peacePart
	for turn := range max(m.rounds, parts) {
		for i := range max(len(m.families), len(m.offices)) {
			if turn < m.rounds && i < len(m.families) {
				jobs = append(jobs, func() { m.attack(i, turn) })
			}
			if turn < parts && i < len(m.offices) {
				jobs = append(jobs, func() { m.rest(i, turn) })
			}
		}
	}
	next := make(chan func())
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for job := range next {
				job()
			}
		})
	}
	for _, job := range jobs {
		next <- job
	}
	close(next)
	wait.Wait()
	return m.err
}

// over tells whether nothing more is to be played.
func (m *match) over() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.err != nil || !m.deadline.IsZero() && time.Now().After(m.deadline)
}

// each has every contestant play the same, and keeps what came of it if there
// was time for all of them.
func (m *match) each(one func(who *contestant) (func(*score), error)) {
	var keep []func(*score)
	for i := range m.scores {
		if m.over() {
			m.mu.Lock()
			m.Skipped++
			m.mu.Unlock()
			return
		}
		k, err := one(&m.scores[i].contestant)
		if err != nil {
			m.mu.Lock()
			m.err = err
			m.mu.Unlock()
			return
		}
		keep = append(keep, k)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, k := range keep {
		k(m.scores[i])
	}
}

// attack has every contestant meet the same attack.
func (m *match) attack(family, round int) {
	f := &m.families[family]
	o, plan, opt := m.attackOn(f, round)
	m.each(func(who *contestant) (func(*score), error) {
		got, err := attacked(who, o, plan, opt)
		return func(s *score) {
			s.Incidents[f.Name] = append(s.Incidents[f.Name], got)
			m.Calls += int(got.Attempts + got.Office)
		}, err
	})
}

// rest has every contestant meet the same offices in peace. Only the gate's bars
// ask for as many calls as a full run has; the others meet part of them.
func (m *match) rest(office, part int) {
	m.each(func(who *contestant) (func(*score), error) {
		if part >= othersParts && who.Name != unitName {
			return func(*score) {}, nil
		}
		got, err := m.peaceful(who, &m.offices[office], part, min(peacePart, m.peace-part*peacePart))
		return func(s *score) {
			s.Peace.Add(&got.Peace)
			s.Wait += got.Wait
			s.Soon, s.Late = s.Soon+got.Soon, s.Late+got.Late
			s.Offices += got.Offices
			s.Troubled += got.Troubled
			for office, k := range got.Why {
				s.why(office).join(k)
			}
			m.Calls += got.Peace.Calls.All
		}, err
	})
}
