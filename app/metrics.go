package app

import (
	"context"
	"strings"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/metrics"
)

// openMetrics makes the figures, which read the parts when they are asked for.
func (a *App) openMetrics(context.Context) error {
	var err error
	a.metrics, err = metrics.New(a.measure)
	return err
}

// figures answers `sekisho metrics`.
func (a *App) figures(context.Context, control.Caller, control.None) (control.Metrics, error) {
	var b strings.Builder
	if err := a.metrics.Write(&b); err != nil {
		return control.Metrics{}, err
	}
	return control.Metrics{Text: b.String()}, nil
}

// measure reads every part.
func (a *App) measure(s *metrics.Set) {
	st := a.Status()
	s.Put(metrics.Info, 1, st.Version)
	s.PutBool(metrics.Claimed, st.Claimed)
	a.measureCalls(s)
	a.measureEnds(s, time.Now())
	a.measureQueues(s, time.Now())
	a.measureSIP(s)
	a.measureFilter(s)
	s.Put(metrics.MediaCalls, float64(a.relay.Calls()))
	a.measureRecordings(s)
	s.Put(metrics.Leaves, float64(a.store.Head().Size))
	s.Put(metrics.LeavesSigned, float64(a.recorder.Signed()))
	s.PutDelays(metrics.CommitSeconds, a.store.Commits.Read())
	s.PutBool(metrics.Degraded, st.Degraded != nil)
}

func (a *App) measureCalls(s *metrics.Set) {
	s.Put(metrics.CallsUp, float64(a.unit.Up()))
	for _, d := range []fact.Direction{fact.Internal, fact.Outgoing, fact.Incoming} {
		s.Put(metrics.CallsBegun, float64(a.unit.Begun(d)), string(d))
	}
	s.Put(metrics.Verdicts, float64(a.desk.Tally.Passed.Load()), "pass")
	s.Put(metrics.Verdicts, float64(a.desk.Tally.Refused.Load()), "refuse")
	s.Put(metrics.Verdicts, float64(a.desk.Tally.Challenged.Load()), "challenge")
	s.PutDelays(metrics.VerdictSeconds, a.desk.Tally.Recorded.Read())
	s.Put(metrics.Behind, float64(a.desk.Behind()))
	opinions := &a.desk.Tally.Opinions
	for l := tempo.Quiet; l <= tempo.Cut; l++ {
		s.Put(metrics.Opinions, float64(opinions.Level(l)), l.String())
	}
	for _, sign := range tempo.Names() {
		weak, strong := opinions.Sign(sign)
		s.Put(metrics.Signs, float64(weak), sign, "weak")
		s.Put(metrics.Signs, float64(strong), sign, "strong")
	}
}

// measureEnds reads where calls begin and end: phones and lines.
func (a *App) measureEnds(s *metrics.Set, now time.Time) {
	registered, contacts := 0, 0
	for _, p := range a.phones.Phones(now) {
		if len(p.Bindings) > 0 {
			registered++
		}
		contacts += len(p.Bindings)
	}
	s.Put(metrics.PhonesRegistered, float64(registered))
	s.Put(metrics.Contacts, float64(contacts))
	for _, l := range a.lines.List(now) {
		s.PutBool(metrics.LineUp, l.Up, l.ID)
		s.Put(metrics.LineChannels, float64(l.Channels), l.ID)
		s.Put(metrics.LineUsed, float64(l.InUse), l.ID)
	}
	for _, n := range a.sites.List() {
		s.PutBool(metrics.SiteUp, n.Up, n.Site)
	}
}

func (a *App) measureSIP(s *metrics.Set) {
	c := &a.stack.Counters
	s.Put(metrics.SIPMessages, float64(c.Received.Load()), "in")
	s.Put(metrics.SIPMessages, float64(c.Sent.Load()), "out")
	for _, d := range []struct {
		why   string
		count uint64
	}{
		{"junk", c.Junk.Load()},
		{"unanswerable", c.Unanswerable.Load()},
		{"stray", c.Strays.Load()},
		{"stranger", c.Dropped.Load()},
		{"overflow", c.Overflow.Load()},
		{"unsent", c.Unsent.Load()},
		{"limited", c.Limited.Load()},
		{"amplified", c.Amplified.Load()},
	} {
		s.Put(metrics.SIPDropped, float64(d.count), d.why)
	}
	for _, r := range []struct {
		why   string
		count uint64
	}{
		{"malformed", c.Malformed.Load()},
		{"challenged", c.Challenged.Load()},
		{"authentication", a.phones.Failures()},
		{"disabled", c.Refused.Load()}, // all that the authenticator refuses for good
		{"overload", c.Shed.Load()},
		{"line_guard", c.LineGuard.Load()},
	} {
		s.Put(metrics.SIPRefused, float64(r.count), r.why)
	}
	s.Put(metrics.SIPRetransmitted, float64(c.Retransmitted.Load()), "us")
	s.Put(metrics.SIPRetransmitted, float64(c.Absorbed.Load()), "peer")
	s.PutDelays(metrics.SIPWaitSeconds, a.stack.Waits.Read())
	s.Put(metrics.SIPConnections, float64(c.Connections.Load()))
}
