package unit

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/wire/sip"
)

// withheld tells whether an INVITE to a carrier asks it not to show the number.
func (d *talk) withheld() bool {
	return string(d.invite.Value(sip.HeaderPrivacy)) == "id" &&
		strings.Contains(string(d.invite.Value(sip.HeaderFrom)), "anonymous")
}

func callerID(extension, to string) fact.ServiceSet {
	return fact.ServiceSet{Extension: extension, Service: fact.ServiceCallerID, To: to}
}

// TestCallerIDIsWithheld: by the extension's wish, or else the office's; a prefix goes
// before both, and an emergency service sees the number but for a 184 of the caller's.
func TestCallerIDIsWithheld(t *testing.T) {
	office := callerID(fact.ScopeUnit, fact.CallerIDWithhold)
	for _, c := range []struct {
		name, dialed string
		set          []fact.ServiceSet
		withheld     bool
		judged       number.Presentation
	}{
		{"contract", "09012345678", nil, false, number.PresentationDefault},
		{
			"own", "09012345678",
			[]fact.ServiceSet{callerID("201", fact.CallerIDWithhold)},
			true, number.PresentationWithhold,
		},
		{"another's", "09012345678", []fact.ServiceSet{callerID("202", fact.CallerIDWithhold)}, false, 0},
		{"office", "09012345678", []fact.ServiceSet{office}, true, number.PresentationWithhold},
		{
			"own before the office's", "09012345678",
			[]fact.ServiceSet{office, callerID("201", fact.CallerIDShow)},
			false, number.PresentationShow,
		},
		{
			"contract before the office's", "09012345678",
			[]fact.ServiceSet{office, callerID("201", fact.CallerIDContract)},
			false, number.PresentationDefault,
		},
		{"186", "18609012345678", []fact.ServiceSet{office}, false, number.PresentationShow},
		{
			"184", "18409012345678",
			[]fact.ServiceSet{callerID("201", fact.CallerIDShow)},
			true, number.PresentationWithhold,
		},
		{"119", "119", []fact.ServiceSet{office, callerID("201", fact.CallerIDWithhold)}, false, 0},
		{"184119", "184119", nil, true, number.PresentationWithhold},
	} {
		inBubble(t, c.name, func(t *testing.T) {
			o := newOffice(t, officeConfig{shards: 1})
			o.set(c.set...)
			a := o.p201.call(c.dialed, o.p201.description("sendrecv"))
			b := o.hikari.rung()
			if got := b.withheld(); got != c.withheld {
				t.Errorf("withheld %t: From %s", got, b.invite.Value(sip.HeaderFrom))
			}
			shown := string(b.invite.Value(sip.HeaderPrivacy)) == "none"
			if want := c.judged == number.PresentationShow; shown != want {
				t.Errorf("asked to be shown %t", shown)
			}
			b.reply(200, o.hikari.description("sendrecv"))
			a.response(sip.INVITE, 200)
			a.ack("")
			b.next(sip.ACK)
			a.bye()
			b.hungUp()
			o.over()
			if f := last[fact.CallJudged](o); f.Presentation != c.judged.String() {
				t.Errorf("judged as %q", f.Presentation)
			}
		})
	}
}

// TestCallerIDOfWhoSendsOn: a call that is sent on goes by who sends it on.
func TestCallerIDOfWhoSendsOn(t *testing.T) { inTime(t, testCallerIDOfWhoSendsOn) }

func testCallerIDOfWhoSendsOn(t *testing.T) {
	for set, withheld := range map[string]bool{"201": false, "202": true} {
		o := newOffice(t, officeConfig{shards: 1})
		o.set(callerID(set, fact.CallerIDWithhold),
			fact.ServiceSet{Extension: "202", Service: fact.ForwardAlways, To: "+819012345678"})
		a := o.p201.call("202", o.p201.description("sendrecv"))
		b := o.hikari.rung()
		if got := b.withheld(); got != withheld {
			t.Errorf("%s withholds: %t", set, got)
		}
		b.reply(486, "")
		b.next(sip.ACK)
		a.response(sip.INVITE, 486)
		a.ackRefusal()
		o.over()
	}
}

// TestCallerIDOfWhoIsSentOver: a call that is handed over goes by who goes on in it, and
// not by who hands it over, whose it was.
func TestCallerIDOfWhoIsSentOver(t *testing.T) { inTime(t, testCallerIDOfWhoIsSentOver) }

func testCallerIDOfWhoIsSentOver(t *testing.T) {
	sent := &liveCall{origin: gate.Origin{Extension: "201"}, stays: "202"}
	if got := sent.presents(&liveLeg{c: sent}, number.Destination{}).Extension; got != "202" {
		t.Errorf("it shows the number of %s", got)
	}
	for set, withheld := range map[string]bool{"201": false, "202": true} {
		o := newOffice(t, officeConfig{shards: 1})
		o.set(callerID(set, fact.CallerIDWithhold))
		a, b := o.talkInside(o.p201, o.p202)
		a.refer("09012345678", 202)
		a.notified("100")
		c := o.hikari.rung()
		if got := c.withheld(); got != withheld {
			t.Errorf("%s withholds: %t", set, got)
		}
		c.reply(180, "")
		a.notified("180")
		c.reply(200, o.hikari.description("sendrecv"))
		c.next(sip.ACK)
		a.notified("200")
		a.hungUp()
		b.bye()
		c.hungUp()
		o.over()
	}
}
