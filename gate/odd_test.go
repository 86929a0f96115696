package gate

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/budget"
	"github.com/sekisho/sekisho/gate/tempo"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

// TestOpinions: what is odd is in the trace with its signs, whatever comes of it;
// a challenge is lifted by a proof, and what is no employee's by nothing.
func TestOpinions(t *testing.T) {
	for level, want := range map[tempo.Level][2]Verb{
		tempo.Quiet: {VerbPass, VerbPass}, tempo.Noted: {VerbPass, VerbPass},
		tempo.Challenge: {VerbChallenge, VerbPass}, tempo.Cut: {VerbRefuse, VerbRefuse},
	} {
		s, r := settings(), ordinary()
		abroad("SL", number.RangeMobile)(&s, &r)
		p, err := NewPolicy(s)
		if err != nil {
			t.Fatal(err)
		}
		r.Opinion = opinion(t, level)
		v := Judge(p, r)
		if v.Verb != want[0] || (v.Rule == RuleTempo) != (want[0] != VerbPass) {
			t.Errorf("%s: %v by %s", level, v.Verb, v.Rule)
		}
		knows := r
		knows.Proof = Proof{Person: "201", At: noon}
		if v := Judge(p, knows); v.Verb != want[1] {
			t.Errorf("%s, with a proof: %v by %s", level, v.Verb, v.Rule)
		}
		for _, step := range v.Trace {
			if said := step.Said != "" && len(step.Signs) > 0; step.Rule == RuleTempo && said != (level > tempo.Quiet) {
				t.Errorf("%s: the rule said %+v", level, step)
			}
		}
		r.Destination = number.Destination{Class: number.Emergency, Digits: "119"}
		if v := Judge(p, r); v.Verb != VerbPass {
			t.Errorf("%s: an emergency call gets %v", level, v.Verb)
		}
	}
}

// opinion makes a Watch say something of a level.
func opinion(t *testing.T, level tempo.Level) *tempo.Opinion {
	t.Helper()
	w := tempo.New(japan)
	at := noon
	var worst tempo.Opinion
	for i := range 30 {
		e := tempo.Event{
			Call: fmt.Sprint(i), Extension: "201", Source: netip.AddrFrom4([4]byte{203, 0, byte(i / 4), 9}),
			Destination: number.Parse("+2327612345"+fmt.Sprint(i%10), &number.Context{}),
			PerMinute:   40 * tariff.Yen, // a dear one is a sign of its own
		}
		if o := w.Attempt(at, &e); o.Level == level {
			return &o
		} else if o.Level > worst.Level {
			worst = o
		}
		e.Kind = tempo.Answered
		w.Note(at, &e)
		at = at.Add(time.Hour / 4)
	}
	if level == tempo.Quiet {
		return &tempo.Opinion{}
	}
	t.Fatalf("nobody says %s; at most %s for %+v", level, worst.Level, worst.Signs())
	return nil
}

// TestEvent is what of a request a Watch is told.
func TestEvent(t *testing.T) {
	rates, err := tariff.NewTable([]tariff.Rate{{Prefix: "232", PerUnit: 90_000, Unit: time.Minute / 2}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		openings int
		origin   OriginKind
		want     string
	}{
		{0, OriginDialed, "forward false, expected false"},
		{1, OriginDialed, "forward false, expected true"},
		{expectedMost, OriginRedirect, "forward true, expected true"},
		{expectedMost + 1, OriginForward, "forward true, expected false"},
	} {
		s, r := settings(), ordinary()
		abroad("SL", number.RangeMobile)(&s, &r)
		s.Openings = nil
		for i := range c.openings {
			area := "SL"
			if i > 0 {
				area = fmt.Sprintf("%c%c", 'A'+i/26, 'A'+i%26)
			}
			s.Openings = append(s.Openings, fact.Opening{
				ID: "o", Extension: "201", Area: area, Expires: noon.Add(time.Hour),
			})
		}
		s.Budget, err = budget.New(budget.Settings{Tariff: func(string) *tariff.Table { return rates }})
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewPolicy(s)
		if err != nil {
			t.Fatal(err)
		}
		r.Origin.Kind, r.Origin.Source = c.origin, netip.MustParseAddrPort("192.0.2.9:5060")
		e := p.Event(&r)
		if got := fmt.Sprintf("forward %v, expected %v", e.Forward, e.Expected); got != c.want {
			t.Errorf("%d openings, %s: %s, want %s", c.openings, c.origin, got, c.want)
		}
		if e.PerMinute != 180*tariff.Yen || e.Source != netip.MustParseAddr("192.0.2.9") || e.Extension != "201" ||
			e.Credential != "reception" || !strings.HasPrefix(e.Call, "c1/") {
			t.Errorf("the event is %+v", e)
		}
	}
	r := ordinary()
	if e := (*Policy)(nil).Event(&r); e.Extension != "201" || e.PerMinute != 0 {
		t.Errorf("without a policy: %+v", e)
	}
}
