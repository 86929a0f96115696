package line

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
)

// registration is the state of our registration at a carrier.
type registration struct {
	callID  string
	tag     string
	cseq    uint32
	index   int // which of the registrars is in use
	ask     time.Duration
	out     uint64    // serial of the REGISTER that is out, 0 for none
	sent    time.Time // when it went out
	due     time.Time // when the next one goes out
	expires time.Time // of what was granted, zero for nothing
	fails   int       // in a row
	status  int       // of the last failure, 0 for no answer
	told    bool      // the failure is on record
	routes  []string
	hop     netip.AddrPort // who answered
}

// init prepares a registration.
func (r *registration) init(n *line) {
	r.callID, r.tag = randomText(), randomText()[:16]
	r.cseq = uint32(rand.IntN(1 << 16))
	r.ask = min(max(seconds(n.profile.Register.Expires), ExpiresLeast), ExpiresMost)
}

// registered reports whether the carrier knows us now.
func (r *registration) registered(now time.Time) bool { return r.expires.After(now) }

// registerTask makes the REGISTER that is due (RFC 3261 §10.2).
func (n *line) registerTask(serial uint64, life time.Duration, now time.Time) Task {
	r := &n.reg
	r.cseq++
	r.out, r.sent = serial, now
	account := n.address(n.account())
	t := Task{
		Line: n.row.ID, Method: sip.REGISTER, URI: "sip:" + n.domain(), Next: n.next(),
		From: account, To: account, CallID: r.callID, FromTag: r.tag, CSeq: r.cseq, Contact: true,
		Headers: []session.Header{{Name: "Expires", Value: strconv.Itoa(int(life / time.Second))}},
		serial:  serial,
	}
	if n.profile.Register.FreshTag {
		t.FromTag = ""
	}
	if n.profile.Register.KeepRoutes {
		t.Headers = append(t.Headers, session.Header{Name: "Supported", Value: "path"})
	}
	return t
}

// registerResult takes the answer to a REGISTER; facts tell what changed.
func (n *line) registerResult(status int, m *sip.Message, from netip.AddrPort, now time.Time) (facts []fact.Fact) {
	r := &n.reg
	r.out = 0
	switch {
	case status >= 200 && status < 300 && m != nil:
		return n.granted(m, from, now)
	case status == 423 && m != nil && r.raise(m):
		r.due = now
		return nil
	}
	r.fails++
	pause := n.pause(status, m)
	if moveOn(status) {
		// The next of the carrier's addresses is tried at once, until all
		// have failed.
		r.index = (r.index + 1) % len(n.registrars)
		if len(n.registrars) > 1 && r.fails%len(n.registrars) != 0 {
			pause = 0
		}
	}
	r.due = now.Add(pause)
	if r.told && r.status == status {
		return nil
	}
	r.told, r.status = true, status
	why := "no answer"
	if status != 0 && status != 408 {
		why = fmt.Sprintf("%d %s", status, phraseOf(m))
	}
	return []fact.Fact{fact.LineFailed{
		Line: n.row.ID, Registrar: n.row.Registrar, Status: status, Why: clean(why), At: now.UTC(),
	}}
}

// granted takes a 2xx.
func (n *line) granted(m *sip.Message, from netip.AddrPort, now time.Time) (facts []fact.Fact) {
	r := &n.reg
	life := n.life(m)
	fresh := !r.registered(now)
	r.fails, r.told, r.status = 0, false, 0
	r.expires = now.Add(life)
	part := life * time.Duration(n.profile.Register.Refresh) / 100
	r.due = now.Add(part - time.Duration(rand.Int64N(int64(part)/20+1)))
	r.hop = from
	r.routes = nil
	if n.profile.Register.KeepRoutes {
		r.routes = append(routesOf(m, sip.HeaderPath), routesOf(m, sip.HeaderServiceRoute)...)
		r.routes = r.routes[:min(len(r.routes), RoutesMax)]
	}
	if fresh {
		facts = append(facts, fact.LineRegistered{
			Line: n.row.ID, Registrar: n.row.Registrar, Expires: r.expires.UTC(), At: now.UTC(),
		})
	}
	return facts
}

// life reads how long a registration holds: what our contact got, or the
// answer's Expires, or what we asked for.
func (n *line) life(m *sip.Message) time.Duration {
	life := n.reg.ask
	if s, ok := m.Expires(); ok {
		life = seconds(int(min(s, uint32(ExpiresMost/time.Second))))
	}
	contacts, _ := m.Contacts()
	for i := range contacts {
		if s, ok := contacts[i].Expires(); ok && string(contacts[i].URI.User) == n.token {
			life = seconds(int(min(s, uint32(ExpiresMost/time.Second))))
			break
		}
	}
	return min(max(life, ExpiresLeast), ExpiresMost)
}

// raise asks for the longer life that a 423 wants, and reports whether that
// is anything new (RFC 3261 §10.2.8).
func (r *registration) raise(m *sip.Message) bool {
	s, ok := m.Uint(sip.HeaderMinExpires)
	least := time.Duration(s) * time.Second
	if !ok || least <= r.ask || least > ExpiresMost {
		return false
	}
	r.ask = least
	return true
}

// pause gives how long to wait after a failure: what the carrier asks for, a
// long time after a refusal, or a doubling time with jitter, so that a
// carrier that comes back is not met by all its customers at once.
func (n *line) pause(status int, m *sip.Message) time.Duration {
	if m != nil {
		if s, ok := m.Uint(sip.HeaderRetryAfter); ok && s > 0 {
			return min(time.Duration(s)*time.Second, RetryAfterMost)
		}
	}
	pause := min(RetryFirst<<min(n.reg.fails-1, 10), RetryMost)
	if status >= 400 && status < 500 && !moveOn(status) {
		pause = RetryRefused
	}
	return pause - time.Duration(rand.Int64N(int64(pause)/5+1))
}

// moveOn reports whether another address of the carrier may do better.
func moveOn(status int) bool {
	return status == 0 || status == 408 || status == 480 || status >= 500 && status < 600
}

// routesOf reads a list of routes.
func routesOf(m *sip.Message, id sip.HeaderID) []string {
	list, err := m.Addrs(id)
	if err != nil {
		return nil
	}
	var out []string
	for i := range list {
		if text := list[i].URI.String(); text != "" && len(text) <= TextMax {
			out = append(out, text)
		}
	}
	return out
}

// phraseOf gives a response's reason phrase.
func phraseOf(m *sip.Message) string {
	if m == nil {
		return ""
	}
	return string(m.ReasonPhrase())
}
