package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/unit/line"
)

// contract is one line profile with a carrier that insists on its manners.
type contract struct {
	profile string
	account carrier.Account
	line    control.LineAddRequest
	hidden  string // what is dialed at the carrier for 184 in front of domestic
}

const domestic = "0398765432"

func contracts() []contract {
	numbers := []string{mainNumber, secondNumber}
	return []contract{
		{
			profile: "generic-registration",
			account: carrier.Account{
				User: "unit", Secret: carrierSecret, Numbers: numbers, Manners: carrier.GenericRegistration("self"),
			},
			line: control.LineAddRequest{User: "unit", Secret: carrierSecret}, hidden: domestic,
		},
		{
			profile: "generic-static",
			account: carrier.Account{User: "unit", Numbers: numbers, Manners: carrier.GenericStatic("self")},
			line:    control.LineAddRequest{User: "unit"}, hidden: domestic,
		},
		{
			profile: "hikari-hgw",
			account: carrier.Account{
				User: "0003", Extension: "3", Secret: carrierSecret, Numbers: numbers,
				Manners: carrier.HikariHGW("self"),
			},
			line: control.LineAddRequest{User: "0003", Secret: carrierSecret}, hidden: "184" + domestic,
		},
		{
			profile: "hikari-office-a",
			account: carrier.Account{
				User: mainNumber, Numbers: numbers, Manners: carrier.HikariOfficeA("self"),
			},
			line: control.LineAddRequest{User: mainNumber}, hidden: "184" + domestic,
		},
	}
}

// TestProfiles has each line profile register, call, be called, withhold its
// number and be refused abroad, at a carrier that enforces its quirks.
func TestProfiles(t *testing.T) {
	for _, c := range contracts() {
		t.Run(c.profile, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(carrier.Reading) carrier.Behavior { return carrier.Behavior{} }, c.account)
			rings := make(chan office.Ring, 8)
			wrong := make(chan office.Ring, 8)
			p := w.phone("201", func(r office.Ring) int { wrong <- r; return 200 })
			w.phone("202", func(r office.Ring) int { rings <- r; return 200 })
			c.line.Profile = c.profile
			w.line(c.line)
			w.isCalled(rings)
			if len(wrong) > 0 {
				t.Errorf("extension 201 rang for %s: %+v", secondNumber, <-wrong)
			}
			w.callsOut(p, c)
			for _, v := range w.violations() {
				t.Errorf("against the carrier's manners: %s: %s\n%s", v.Rule, v.What, v.Message)
			}
		})
	}
}

// callsOut calls openly, withheld, in emergency and abroad, and compares the
// carrier's books.
func (w *world) callsOut(p *office.Phone, c contract) {
	w.Helper()
	for _, dialed := range []string{domestic, "184" + domestic, "119"} {
		call, o, err := p.Dial(w.ctx(), dialed)
		w.must(err)
		if !o.Answered() {
			w.Fatalf("%s: %d %s %s; violations: %+v", dialed, o.Status, o.Phrase, o.Reason, w.violations())
		}
		w.must(call.Hangup(w.ctx()))
	}
	for _, dialed := range []string{
		"01023276123456", "+23276123456", "18401023276123456", "*01023276123456", domestic + "*01023276123456",
		"00330101232761234", "0990123456", "1420" + domestic,
	} {
		_, o, err := p.Dial(w.ctx(), dialed)
		w.must(err)
		if !o.Gated() {
			w.Errorf("%s: %+v, want a refusal by the gate", dialed, o)
		}
	}
	w.until("the carrier's books are closed", func() bool {
		return !slices.ContainsFunc(w.carrier.Books().Entries(), func(e carrier.Entry) bool { return e.End.IsZero() })
	})
	var got []string
	for _, e := range w.carrier.Books().Entries() {
		shown := e.Caller
		if e.Withheld {
			shown = "withheld"
		}
		got = append(got, e.User+" by "+shown+" as "+string(e.Reading.Class))
	}
	want := []string{
		domestic + " by " + mainNumber + " as domestic", c.hidden + " by withheld as domestic",
		"119 by " + mainNumber + " as emergency",
	}
	if !slices.Equal(got, want) {
		w.Errorf("the carrier's books:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// isCalled calls the second number, whose extension must ring and show who
// calls, also when that is withheld.
func (w *world) isCalled(rings <-chan office.Ring) {
	w.Helper()
	for _, caller := range []string{"0455551234", ""} {
		call, err := w.carrier.Place(w.ctx(), secondNumber, caller, carrier.Tone)
		w.must(err)
		status, err := call.Status(w.ctx())
		w.must(err)
		if status != 200 {
			w.Errorf("a call from outside: %d", status)
			continue
		}
		if r := <-rings; r.Caller != caller && !(caller == "" && r.Caller == "anonymous") {
			w.Errorf("the phone shows %q (%q), want %q", r.Caller, r.Name, caller)
		}
		call.Hangup()
		select {
		case <-call.Ended():
		case <-time.After(readyTime):
			w.Error("the call did not end")
		}
	}
}

// TestALineThatTakesPlainSpeechOnly: where the NGN takes formats "0" only, a
// call goes through at the second INVITE, which the gate has passed as well; a
// description that is refused again is the end.
func TestALineThatTakesPlainSpeechOnly(t *testing.T) {
	c := contracts()[3]
	c.account.Manners.Plain = true
	w := newWorld(t, func(carrier.Reading) carrier.Behavior { return carrier.Behavior{} }, c.account)
	p := w.phone("201", nil)
	w.phone("202", nil)
	c.line.Profile = c.profile
	w.line(c.line)
	for _, dialed := range []string{domestic, "119"} {
		call, o, err := p.Dial(w.ctx(), dialed)
		w.must(err)
		if call == nil {
			t.Fatalf("%s: %+v; violations %+v", dialed, o, w.violations())
		}
		w.must(call.Hangup(w.ctx()))
	}
	if n := len(w.carrier.Books().Entries()); n != 2 {
		t.Errorf("%d calls in the carrier's books", n)
	}
	for _, v := range w.violations() {
		t.Errorf("against the carrier's manners: %s: %s\n%s", v.Rule, v.What, v.Message)
	}
	w.until("both calls are on record", func() bool {
		records, err := control.Call(w.ctx(), w.client, control.Calls, control.CallsRequest{})
		w.must(err)
		return len(records) == 2
	})
}

// TestALineThatTakesNothing: 488 is told to the phone after two tries.
func TestALineThatTakesNothing(t *testing.T) {
	c := contracts()[3]
	c.account.Manners.Codecs = []string{"G722"}
	w := newWorld(t, nil, c.account)
	p := w.phone("201", nil)
	w.phone("202", nil)
	c.line.Profile = c.profile
	w.line(c.line)
	_, o, err := p.Dial(w.ctx(), domestic)
	w.must(err)
	if v := w.violations(); o.Status != 488 || len(v) != 2 {
		t.Errorf("%+v after %d tries", o, len(v))
	}
}

// TestTheWrongSourcePort: a line whose carrier wants a certain port gets it,
// whatever the other lines' is; one that was told to take another can't work,
// and says so.
func TestTheWrongSourcePort(t *testing.T) {
	c := contracts()[3]
	for port, warning := range map[int]string{0: "", 5062: line.WarnSourcePort} {
		w := newWorldFrom(t, linePort+1, nil, c.account)
		w.phone("201", nil)
		w.phone("202", nil)
		c.line.Profile, c.line.LocalPort = c.profile, port
		w.addLine(c.line)
		if warning == "" {
			w.until("the line is up", func() bool { return w.lineState() == "up" })
		} else {
			w.until("the carrier complains", func() bool { return len(w.violations()) > 0 })
			if v := w.violations()[0]; v.Rule != carrier.RuleSourcePort || w.lineState() == "up" {
				t.Errorf("%+v, the line is %s", v, w.lineState())
			}
		}
		lines, err := control.Call(w.ctx(), w.client, control.LineList, control.None{})
		w.must(err)
		got := ""
		if lines[0].Warning != nil {
			got = string(lines[0].Warning.Key)
		}
		if got != warning {
			t.Errorf("port %d: warning %q, want %q", port, got, warning)
		}
	}
}
