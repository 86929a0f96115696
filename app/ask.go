package app

import (
	"context"
	"encoding/hex"
	"errors"
	"net/netip"
	"slices"
	"strconv"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/plane"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// askListeners asks each UDP listener whether it is there, by SIP OPTIONS
// (RFC 3261 §11), as a stranger would from this host. The phone side owes
// every stranger an answer, unless there are too many; the line side owes it
// to carriers alone, so that there it counts that the unit hears.
func (a *App) askListeners(ctx context.Context) []control.Check {
	a.asking.Lock()
	defer a.asking.Unlock()
	var out []control.Check
	for _, l := range slices.Concat(a.voice, a.ownListeners("")) {
		if l.Transport != plane.UDP {
			continue
		}
		c := control.Check{Name: "reach", Of: listenerNamed(l.Plane, l.Name)}
		c.Result, c.Detail = a.ask(ctx, l)
		out = append(out, c)
	}
	return out
}

// ask asks one listener and judges what comes back.
func (a *App) ask(ctx context.Context, l plane.Listener) (control.Result, text.Message) {
	where, at := plain(l.Addr.String()), plane.AskedAt(l.Addr)
	if l.Addr.Addr().IsUnspecified() {
		where = text.Of("check.reach.at", l.Addr, at)
	}
	if ctx.Err() != nil {
		return control.ResultNotTested, text.Of("check.reach.untried", where, text.Of("check.reach.time"))
	}
	e := exchange{st: a.stack, to: at, branch: sip.MagicCookie + hex.EncodeToString(random(askedWord))}
	q := plane.Question{To: l.Addr, Write: e.write, Answers: e.answers}
	phones := a.options.Config.Voice.Listen
	lineSide := !slices.ContainsFunc(phones, func(p config.Listen) bool { return p.Name == l.Name })
	if lineSide {
		q.Heard = func() bool { return e.watch.Ignored() }
	}
	before := a.turnedAway()
	reply, err := plane.Ask(ctx, q)
	away := a.turnedAway() - before
	ignored := false
	if e.watch != nil {
		ignored = e.watch.Ignored()
		a.stack.Unwatch(e.watch)
	}
	switch {
	case errors.Is(err, plane.ErrAbsent):
		return control.ResultFailed, text.Of("check.reach.absent", where)
	case err != nil:
		return control.ResultNotTested, text.Of("check.reach.untried", where, control.Explain(err))
	case reply.Reach == plane.Reachable && lineSide && !a.lines.AnyIn(hostOnly(at.Addr())):
		return control.ResultFailed, text.Of("check.reach.exposed", where, e.status)
	case reply.Reach == plane.Reachable:
		return control.ResultOK, text.Of("check.reach.answers", where, e.status)
	case reply.Reach == plane.Refused:
		return control.ResultFailed, text.Of("check.reach.nobody", where)
	case reply.Strange:
		return control.ResultFailed, text.Of("check.reach.strange", where)
	case lineSide && ignored:
		return control.ResultOK, text.Of("check.reach.ignores", where)
	case ignored || away >= floodMin:
		return control.ResultNotTested, text.Of("check.reach.attacked", where, away)
	case lineSide:
		return control.ResultFailed, text.Of("check.reach.unheard", where, plane.AskTimeout)
	}
	return control.ResultFailed, text.Of("check.reach.silent", where, plane.AskTimeout)
}

// turnedAway counts what came from strangers and was left unanswered because
// it was too much, or no SIP at all.
func (a *App) turnedAway() uint64 {
	c := &a.stack.Counters
	return c.Limited.Load() + c.Junk.Load()
}

func hostOnly(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

// exchange is one OPTIONS and its answer.
type exchange struct {
	st     *stack.Stack
	to     netip.AddrPort
	branch string
	watch  *stack.Watch // nil until the question is written
	status string       // of the answer
}

// write gives the OPTIONS, and has the stack watch for it. It is as long as
// that of a phone: to a short one a challenge would be too large an answer.
func (e *exchange) write(from netip.AddrPort) ([]byte, error) {
	to := "sip:" + bare(e.to)
	target, err := sip.ParseURI([]byte(to))
	if err != nil {
		return nil, err
	}
	var b sip.Builder
	b.Reset(nil)
	b.Request(sip.OPTIONS, &target)
	b.Via("UDP", bare(from), []byte(e.branch))
	b.Uint(sip.HeaderMaxForwards, askedHops)
	b.Text(sip.HeaderFrom, "<sip:doctor@"+bare(from)+">;tag="+hex.EncodeToString(random(askedWord)))
	b.Text(sip.HeaderTo, "<"+to+">")
	b.Text(sip.HeaderCallID, hex.EncodeToString(random(askedWord)))
	b.CSeq(1, sip.OPTIONS)
	b.Text(sip.HeaderContact, "<sip:doctor@"+bare(from)+">")
	b.Text(sip.HeaderAccept, "application/sdp")
	b.Allow(sip.Methods(sip.OPTIONS))
	b.Text(sip.HeaderUserAgent, "Sekisho doctor")
	datagram, err := b.Finish("", nil)
	if err == nil {
		e.watch = e.st.Watch(from)
	}
	return datagram, err
}

// answers reports whether a datagram is a well-formed response to the OPTIONS:
// it carries our branch in its topmost Via (RFC 3261 §17.1.3).
func (e *exchange) answers(datagram []byte) bool {
	var m sip.Message
	if err := sip.Parse(datagram, &m); err != nil || !m.IsResponse() || sip.Validate(&m, &sip.Rules{}) != nil {
		return false
	}
	if via := m.TopVia(); via == nil || string(via.Branch) != e.branch {
		return false
	}
	e.status = strconv.Itoa(m.Status())
	return true
}

// bare is an address as a SIP URI has it: zones mean something on this host
// only.
func bare(a netip.AddrPort) string {
	return netip.AddrPortFrom(a.Addr().WithZone(""), a.Port()).String()
}
