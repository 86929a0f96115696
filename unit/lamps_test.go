package unit

import (
	"context"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// dialogInfo is what a phone reads of a NOTIFY.
type dialogInfo struct {
	Entity string `xml:"entity,attr"`
	Dialog []struct {
		CallID    string `xml:"call-id,attr"`
		LocalTag  string `xml:"local-tag,attr"`
		RemoteTag string `xml:"remote-tag,attr"`
		Direction string `xml:"direction,attr"`
		State     string `xml:"state"`
		Remote    struct {
			Identity struct {
				Display string `xml:"display,attr"`
				URI     string `xml:",chardata"`
			} `xml:"identity"`
		} `xml:"remote"`
		Param struct {
			Value string `xml:"pvalue,attr"`
		} `xml:"local>target>param"`
	} `xml:"dialog"`
}

// bulb is a puppet's lamp.
type bulb struct {
	*talk
	name string
	last *sip.Message // the last NOTIFY
	info dialogInfo   // what that said
}

// watch subscribes to a lamp, and waits until it is.
func (p *puppet) watch(name string) *bulb {
	p.t.Helper()
	b := p.asks(name, "Event: dialog")
	b.response(sip.SUBSCRIBE, 200)
	return b
}

// apart is what a request outside of calls is sent in.
func (p *puppet) apart(name string) *talk {
	uri := fmt.Sprintf("sip:%s@%s", name, p.unit)
	return &talk{
		p: p, callID: p.unique("watch"), local: fmt.Sprintf("<sip:%s@office>;tag=%s", p.name, p.unique("from")),
		remote: fmt.Sprintf("<%s>", uri), target: uri,
	}
}

// asks sends a SUBSCRIBE.
func (p *puppet) asks(name string, headers ...string) *bulb {
	d := p.apart(name)
	b := &bulb{talk: d, name: name}
	d.send(sip.SUBSCRIBE, "", append(headers, "Expires: 3600", b.contact())...)
	return b
}

func (b *bulb) contact() string { return fmt.Sprintf("Contact: <sip:%s@%s>", b.p.name, b.p.addr) }

// settles waits until the lamp shows this, whatever it shows before.
func (b *bulb) settles(want string) {
	b.p.t.Helper()
	for b.says() != want {
	}
}

// shows wants the next NOTIFY to show this.
func (b *bulb) shows(want string) {
	b.p.t.Helper()
	if got := b.says(); got != want || b.info.Entity != "sip:"+b.name+"@office" {
		b.p.t.Fatalf("%s's lamp of %s shows %q, not %q", b.p.name, b.info.Entity, got, want)
	}
}

// says waits for the next NOTIFY, answers it, and tells what it shows.
func (b *bulb) says() string {
	b.p.t.Helper()
	b.last = b.next(sip.NOTIFY)
	b.p.reply(b.last, 200, "", "")
	b.info = dialogInfo{}
	if err := xml.Unmarshal(b.last.Body(), &b.info); err != nil || len(b.info.Dialog) != 1 {
		b.p.t.Fatalf("%v in %s", err, b.last.Body())
	}
	d := &b.info.Dialog[0]
	got := strings.TrimSpace(d.State + " " + d.Direction)
	if d.Param.Value == "no" {
		got += " held"
	}
	if d.Remote.Identity.URI != "" {
		got += fmt.Sprintf(" %q %s", d.Remote.Identity.Display, d.Remote.Identity.URI)
	}
	return got
}

// TestLampsFollowACall has 203 watch both sides of a call, and everything comes
// in order and soon.
func TestLampsFollowACall(t *testing.T) { inTime(t, testLampsFollowACall) }

func testLampsFollowACall(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	caller, called := o.p203.watch("201"), o.p203.watch("202")
	caller.shows("terminated")
	called.shows("terminated")
	var slowest time.Duration
	soon := func(b *bulb, want string) {
		t.Helper()
		at := time.Now()
		b.shows(want)
		slowest = max(slowest, time.Since(at))
	}
	a := o.p201.call("202", o.p201.description("sendrecv"))
	soon(caller, "confirmed initiator")
	b := o.p202.rung()
	b.reply(180, "")
	soon(called, `early recipient "Desk 201" sip:201@office`)
	if d := called.info.Dialog[0]; d.CallID != b.callID || d.RemoteTag != b.tag || d.LocalTag == "" {
		t.Errorf("it can't be picked up by %+v", d)
	}
	b.reply(200, o.p202.description("sendrecv"))
	soon(called, "confirmed recipient")
	a.response(sip.INVITE, 200)
	a.ack("")
	b.next(sip.ACK)
	soon(caller, "confirmed initiator")
	a.reinvite(o.p201.description("sendonly"))
	a.ack("")
	soon(caller, "confirmed initiator held")
	a.reinvite(o.p201.description("sendrecv"))
	a.ack("")
	soon(caller, "confirmed initiator")
	a.send(sip.BYE, "")
	soon(caller, "terminated")
	soon(called, "terminated")
	if most := 300 * time.Millisecond; slowest > most {
		t.Errorf("a lamp was wrong for %s", slowest)
	}
	if n := len(caller.last.Bytes()); n > 1300 {
		t.Errorf("a NOTIFY has %d bytes", n)
	}
}

// TestPickUpByTheBlinkingKey has a phone take a call that rings at another one, by
// the dialog that its lamp names (RFC 4235, RFC 3891).
func TestPickUpByTheBlinkingKey(t *testing.T) { inTime(t, testPickUpByTheBlinkingKey) }

func testPickUpByTheBlinkingKey(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	lamp := o.p203.watch("202")
	lamp.shows("terminated")
	c := o.hikari.call("0312345670", o.hikari.description("sendrecv"))
	b := o.p202.rung()
	b.reply(180, "")
	lamp.shows(`early recipient "" sip:hikari@office`)
	d := lamp.info.Dialog[0]
	replaces := fmt.Sprintf("Replaces: %s;to-tag=%s;from-tag=%s", d.CallID, d.LocalTag, d.RemoteTag)
	a := o.p203.call("202", o.p203.description("sendrecv"), replaces)
	b.canceled()
	a.response(sip.INVITE, 200)
	a.ack("")
	c.response(sip.INVITE, 200)
	c.ack("")
	lamp.shows("terminated")
	a.bye()
	c.hungUp()
}

// TestLampOfAGroup has a group ring.
func TestLampOfAGroup(t *testing.T) { inTime(t, testLampOfAGroup) }

func testLampOfAGroup(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	group := o.p201.watch("400")
	group.shows("terminated")
	c := o.hikari.call("0312345680", o.hikari.description("sendrecv"))
	b := o.p202.rung()
	b.reply(180, "")
	group.shows(`early recipient "" sip:hikari@office`)
	c.cancel()
	group.shows("terminated")
}

// TestLampOfAParkPosition has a caller parked, and taken again.
func TestLampOfAParkPosition(t *testing.T) { inTime(t, testLampOfAParkPosition) }

func testLampOfAParkPosition(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	park, parker := o.p201.watch("park1"), o.p201.watch("202")
	park.shows("terminated")
	parker.shows("terminated")
	c := o.outsider(t)
	c.b.reinvite(c.b.p.description("sendonly"))
	c.b.ack("")
	o.confirmed(o.p202, "park1")
	park.shows(`confirmed recipient held "" sip:hikari@office`)
	c.b.hungUp()
	d := c.taken(t, o.p203, "park1")
	park.shows("terminated")
	parker.settles("terminated")
	d.bye()
	c.a.hungUp()
}

// TestLampOfAnOwnHold has an extension hold a caller for itself: others see that,
// and not whom.
func TestLampOfAnOwnHold(t *testing.T) { inTime(t, testLampOfAnOwnHold) }

func testLampOfAnOwnHold(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	lamp := o.p203.watch("202")
	lamp.shows("terminated")
	c := o.outsider(t)
	lamp.settles("confirmed recipient")
	o.confirmed(o.p202, "*70")
	c.b.hungUp()
	lamp.settles("confirmed recipient held")
	d := c.taken(t, o.p202, "*70")
	lamp.settles("confirmed recipient")
	d.bye()
	lamp.settles("terminated")
	c.a.hungUp()
}

// TestLampOfTheNightKey has somebody switch the mode, for a while.
func TestLampOfTheNightKey(t *testing.T) { inTime(t, testLampOfTheNightKey) }

func testLampOfTheNightKey(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	night := o.p201.watch("night")
	night.shows("terminated")
	f := fact.ModeSwitched{Scope: fact.ScopeUnit, Mode: "night1", Until: time.Now().Add(300 * time.Millisecond)}
	p, err := plan.New(plan.Settings{Features: plan.Features(), Routing: []fact.Routed{f}})
	o.must(err)
	o.unit.SetPlan(p)
	night.shows("confirmed recipient")
	night.shows("terminated") // by itself
}

// TestLampsAreRightAfterARestart has the unit start anew: without being asked it
// tells the phone what is so, and the subscription goes on.
func TestLampsAreRightAfterARestart(t *testing.T) { inTime(t, testLampsAreRightAfterARestart) }

func testLampsAreRightAfterARestart(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	b := o.p203.watch("202")
	b.shows("terminated")
	o.p201.call("202", o.p201.description("sendrecv"))
	o.p202.rung().reply(180, "")
	b.shows(`early recipient "Desk 201" sip:201@office`)
	o.books.wait()
	o.books.mu.Lock()
	left := maps.Clone(o.books.watched)
	o.books.mu.Unlock()
	again := newOffice(t, officeConfig{shards: 1, watched: left})
	was := b.last.CSeq().Number
	b.p = again.p203
	b.shows("terminated")
	if now := b.last.CSeq().Number; now <= was {
		t.Errorf("NOTIFY %d after %d", now, was)
	}
	again.p201.call("202", again.p201.description("sendrecv"))
	again.p202.rung().reply(180, "")
	b.shows(`early recipient "Desk 201" sip:201@office`)
	b.send(sip.SUBSCRIBE, "", "Event: dialog", "Expires: 0", b.contact())
	b.response(sip.SUBSCRIBE, 200)
	b.shows(`early recipient "Desk 201" sip:201@office`)
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if left, _ := again.books.Subscriptions(t.Context()); len(left) == 0 {
			break
		} else if time.Now().After(end) {
			t.Fatalf("stored still: %v", left)
		}
	}
}

// TestWhoMayWatch asks for what there is not, or is not for whoever asks.
func TestWhoMayWatch(t *testing.T) { inTime(t, testWhoMayWatch) }

func testWhoMayWatch(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	for _, c := range []struct {
		p       *puppet
		name    string
		headers []string
		want    int
	}{
		{o.p201, "299", []string{"Event: dialog"}, 404},
		{o.p201, "202", nil, 489},
		{o.p201, "202", []string{"Event: presence"}, 489},
		{o.p201, "202", []string{"Event: dialog;sla"}, 489},
		{o.p201, "202", []string{"Event: dialog", "Accept: application/pidf+xml"}, 406},
		{o.hikari, "202", []string{"Event: dialog"}, 403},
	} {
		m := c.p.asks(c.name, c.headers...).response(sip.SUBSCRIBE, c.want)
		if got := string(m.Value(sip.HeaderAllowEvents)); c.want == 489 && got != strings.Join(events, ", ") {
			t.Errorf("489 with Allow-Events %q", got)
		}
	}
	accept := "Accept: text/plain, application/dialog-info+xml;q=0.5"
	o.p201.asks("202", "Event: dialog", accept).response(sip.SUBSCRIBE, 200)
	lamps, _ := o.unit.Lamps(patience)
	if len(lamps) != 1 || lamps[0].Entity != "202" || len(lamps[0].Watchers) != 1 {
		t.Errorf("lamps: %+v", lamps)
	}
}

// TestDisabledPhoneWatchesNothing takes a phone out of use.
func TestDisabledPhoneWatchesNothing(t *testing.T) { inTime(t, testDisabledPhoneWatchesNothing) }

func testDisabledPhoneWatchesNothing(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	b := o.p203.watch("202")
	b.shows("terminated")
	other := o.p201.watch("202")
	other.shows("terminated")
	o.unit.EndCalls("203-1")
	b.shows("terminated")
	o.p201.expectNone("a NOTIFY", isMethod(sip.NOTIFY))
	if said := string(b.last.Value(sip.HeaderSubscriptionState)); said != "terminated;reason=rejected" {
		t.Errorf("Subscription-State: %s", said)
	}
}

// Subscriptions are those that are stored.
func (b *fakeBooks) Subscriptions(context.Context) ([]fact.Subscription, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.watched)), nil
}

// TestPhonesAreToldThatTheyMayWatch: OPTIONS names SUBSCRIBE to phones, which some
// look at before they watch lamps; not to carriers.
func TestPhonesAreToldThatTheyMayWatch(t *testing.T) {
	inTime(t, testPhonesAreToldThatTheyMayWatch)
}

func testPhonesAreToldThatTheyMayWatch(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	for p, want := range map[*puppet]bool{o.p201: true, o.hikari: false} {
		d := p.apart("203")
		d.send(sip.OPTIONS, "")
		m := d.response(sip.OPTIONS, 200)
		if said := string(m.Value(sip.HeaderAllow)); strings.Contains(said, "SUBSCRIBE") != want ||
			!strings.Contains(said, "REFER") {
			t.Errorf("%s is told %s", p.name, said)
		}
	}
}
