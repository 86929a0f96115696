package main

import "math"

// search looks for the highest rate at which a system still does everything,
// by steps up from a rate that should be easy, and between the last clean rate
// and the first that was not.
type search struct {
	next  float64
	clean float64 // the highest clean rate so far
	over  float64 // the lowest that was not clean, 0 for none
	steps []step
	least float64 // growth from one step to the next
	close float64 // the search ends when its bounds are that near
	left  int
	fixed []float64 // rates to run instead, in order
}

// more gives the rate of the next step; ok is false when the search is over.
func (s *search) more() (rate float64, ok bool) {
	if s.fixed != nil {
		if len(s.steps) == len(s.fixed) {
			return 0, false
		}
		return s.fixed[len(s.steps)], true
	}
	if s.left == 0 || s.over > 0 && s.clean > 0 && s.over/s.clean < s.close {
		return 0, false
	}
	return s.next, true
}

// take takes what came of the step.
func (s *search) take(st step) {
	s.steps = append(s.steps, st)
	s.left--
	if st.Clean {
		s.clean = max(s.clean, st.Rate)
	} else if s.over == 0 || st.Rate < s.over {
		s.over = st.Rate
	}
	switch {
	case s.over == 0:
		fill := searchFill / max(st.Cores.Subject, 0.01)
		s.next = st.Rate * min(max(fill, s.least), growthMax)
	case s.clean == 0 || s.clean > s.over:
		s.next = s.over / growthMax
	default:
		s.next = math.Sqrt(s.clean * s.over)
	}
}

// best is the step at the highest clean rate; ok is false when none was clean.
func (s *search) best() (st step, ok bool) {
	for _, one := range s.steps {
		if one.Clean && (!ok || one.Rate >= st.Rate) {
			st, ok = one, true
		}
	}
	return st, ok
}
