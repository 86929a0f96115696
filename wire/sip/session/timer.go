package session

import (
	"strconv"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
)

// timer is the session timer (RFC 4028).
type timer struct {
	interval  time.Duration // agreed; 0: none
	weRefresh bool
	wanted    time.Duration // what our next request asks for
	floor     time.Duration // the largest Min-SE heard
	required  bool          // the 2xx carries Require: timer
	refreshAt time.Time
	expireAt  time.Time
}

// arm starts the interval anew.
func (t *timer) arm(now time.Time) {
	t.refreshAt, t.expireAt = time.Time{}, time.Time{}
	if t.interval == 0 {
		return
	}
	if t.weRefresh {
		t.refreshAt = now.Add(t.interval / 2)
	}
	t.expireAt = now.Add(t.interval - min(byeMargin, t.interval/3))
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

func (s *Session) minSE() time.Duration { return max(s.cfg.MinSE, minSE, s.timer.floor) }

// timerRequest appends the header fields with which our request asks for a
// session interval (RFC 4028 §7.1).
func (s *Session) timerRequest(h []Header, r *request) []Header {
	interval := s.timer.interval
	if interval == 0 {
		interval = s.timer.wanted
	}
	if interval == 0 {
		return h
	}
	interval = max(interval, s.minSE())
	value := seconds(interval)
	switch {
	case r.purpose == forInvite:
		if s.cfg.Refresher != "" {
			value += ";refresher=" + s.cfg.Refresher
		}
	case s.timer.weRefresh:
		value += ";refresher=uac"
	default:
		value += ";refresher=uas"
	}
	h = append(h, Header{"Session-Expires", value})
	if s.timer.floor > 0 || s.cfg.MinSE > minSE {
		h = append(h, Header{"Min-SE", seconds(s.minSE())})
	}
	return h
}

// timerAnswer takes the session interval from a 2xx to our INVITE or UPDATE
// (RFC 4028 §7.2).
func (s *Session) timerAnswer(now time.Time, m *sip.Message) {
	n, who, ok := m.SessionExpires()
	if !ok || n == 0 {
		// The peer does not do session timers; we may refresh for ourselves.
		s.timer.interval, s.timer.weRefresh = s.timer.wanted, true
		s.timer.arm(now)
		return
	}
	s.timer.interval = max(time.Duration(n)*time.Second, minSE)
	s.timer.weRefresh = string(who) != "uas"
	s.timer.arm(now)
}

// timerOffer takes what a request of the peer asks for (RFC 4028 §9): a
// refusal, or the interval for timerHeaders to give.
func (s *Session) timerOffer(m *sip.Message) (status int, h []Header) {
	n, who, ok := m.SessionExpires()
	asked := time.Duration(n) * time.Second
	floor, _ := m.Uint(sip.HeaderMinSE)
	least := max(time.Duration(floor)*time.Second, s.minSE())
	if ok && asked < s.minSE() && s.peer.timer {
		return 422, []Header{{"Min-SE", seconds(s.minSE())}}
	}
	t := &s.timer
	switch {
	case !ok && t.interval > 0:
		t.interval = max(t.interval, least)
	case !ok:
		t.interval = s.cfg.Expires
		if t.interval > 0 {
			t.interval = max(t.interval, least)
		}
	default:
		t.interval = max(asked, s.minSE())
		if s.cfg.Expires > 0 {
			t.interval = max(min(t.interval, s.cfg.Expires), least)
		}
	}
	switch {
	case string(who) == "uac" && s.peer.timer:
		t.weRefresh = false
	case string(who) == "uas" || !s.peer.timer:
		t.weRefresh = true
	default:
		t.weRefresh = s.cfg.Refresher == "uas"
	}
	t.required = s.peer.timer && !t.weRefresh
	return 0, nil
}

// timerHeaders adds the header fields of our 2xx.
func (s *Session) timerHeaders(h []Header) []Header {
	t := &s.timer
	if t.interval == 0 {
		return h
	}
	who := ";refresher=uac"
	if t.weRefresh {
		who = ";refresher=uas"
	}
	h = append(h, Header{"Session-Expires", seconds(t.interval) + who})
	if t.required {
		h = append(h, Header{"Require", tagTimer})
	}
	return h
}

// tooSmall repeats a request after 422 with the interval that the peer wants
// (RFC 4028 §7.3).
func (s *Session) tooSmall(r *request, m *sip.Message) bool {
	n, ok := m.Uint(sip.HeaderMinSE)
	if !ok || n > intervalSecondsMax || r.tries >= retriesMax {
		return false
	}
	r.tries++
	s.timer.floor = max(s.timer.floor, time.Duration(n)*time.Second)
	s.timer.wanted = max(s.timer.wanted, s.timer.floor)
	if r.fork != nil && !r.body.Empty() {
		r.fork.ex = local
	}
	s.again(r)
	return true
}

// intervalSecondsMax is the longest Min-SE that we follow: a day.
const intervalSecondsMax = 86_400

// refresh sends our session refresh: an UPDATE where the peer takes it, else
// a re-INVITE with the description that is agreed (RFC 4028 §7.4).
func (s *Session) refresh(now time.Time) {
	s.timer.refreshAt = time.Time{}
	if s.state != up || s.held || s.main.ex != stable || s.owed.kind != owedNothing || s.ack.active() {
		s.timer.refreshAt = now.Add(refreshDelay)
		return
	}
	for _, r := range s.requests {
		if r.purpose == forOffer || r.purpose == forAsking || r.purpose == forRefresh {
			return // it refreshes as well
		}
	}
	r := &request{method: sip.UPDATE, fork: s.main, purpose: forRefresh}
	if !s.peer.update {
		r.method, r.body = sip.INVITE, s.lastLocal
		s.main.ex = local
	}
	s.start(r)
}

// refreshDelay is how long a refresh waits while something else is under way.
const refreshDelay = 2 * time.Second

// refreshRefused takes a refusal of our refresh: the session goes on until
// its interval ends, and we try again in another way.
func (s *Session) refreshRefused(now time.Time, r *request, m *sip.Message) {
	switch status := m.Status(); {
	case status == 422 && s.tooSmall(r, m):
	case status == 405 || status == 501:
		s.peer.update = false
		s.timer.refreshAt = now
	default:
		s.timer.refreshAt = now.Add(refreshDelay + time.Duration(s.random(200))*10*time.Millisecond)
	}
	if !s.timer.expireAt.IsZero() && s.timer.refreshAt.After(s.timer.expireAt) {
		s.timer.refreshAt = time.Time{}
	}
}

// expire ends a session that nobody refreshed (RFC 4028 §10).
func (s *Session) expire() {
	s.timer = timer{}
	if s.state == up || s.state == answered {
		s.dead(408, "Session Expired")
	}
}
