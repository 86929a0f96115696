package unit

import (
	"encoding/xml"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// settings does what feature codes ask, as the application does.
type settings struct {
	o     *office
	mu    sync.Mutex
	by    []string // who asked, and what
	fails bool
}

func (s *settings) Serve(asked plan.Asked, by fact.Party, _ string, done func(string, bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by = append(s.by, fmt.Sprint(by.Device, " ", asked.Action, " ", asked.Digits))
	service, on := asked.Action.Service()
	if s.fails || service == "" {
		go done(PromptFailed, false)
		return
	}
	f := fact.ServiceSet{Extension: by.Extension, Service: service, On: on, To: asked.Digits, By: "phone/" + by.Device}
	if on && f.To != "" {
		f.To, _ = s.o.unit.Plan().ForwardTo(f.To)
	}
	s.o.routes(f)
	go done("service-on", true)
}

// routes puts a setting in force.
func (o *office) routes(f fact.ServiceSet) {
	routing := o.routing[:0:0]
	for _, r := range o.routing {
		if r.RoutingID() != f.RoutingID() {
			routing = append(routing, r)
		}
	}
	if o.routing = routing; f.On {
		o.routing = append(routing, f)
	}
	o.unit.SetPlan(o.plan())
}

// keysOn is a phone whose keys are kept the same as what is set.
type keysOn struct {
	*talk
	last  *sip.Message
	shown map[string]string // "" for off
}

// inStep subscribes.
func (p *puppet) inStep() *keysOn {
	p.t.Helper()
	b := p.asks(p.name, "Event: as-feature-event", "Accept: "+featureType)
	b.response(sip.SUBSCRIBE, 200)
	return &keysOn{talk: b.talk, shown: make(map[string]string)}
}

// settles takes NOTIFYs until the phone shows this: what is on, with where to.
func (k *keysOn) settles(want string) {
	k.p.t.Helper()
	for first := true; first || k.shows() != want; first = false {
		k.takes()
	}
}

func (k *keysOn) takes() {
	k.p.t.Helper()
	k.last = k.next(sip.NOTIFY)
	k.p.reply(k.last, 200, "", "")
	var e struct {
		XMLName xml.Name
		Device  string `xml:"device"`
		Quiet   string `xml:"doNotDisturbOn"`
		Type    string `xml:"forwardingType"`
		Status  string `xml:"forwardStatus"`
		To      string `xml:"forwardTo"`
	}
	if err := xml.Unmarshal(k.last.Body(), &e); err != nil || e.XMLName.Space != csta || e.Device != k.p.name {
		k.p.t.Fatalf("%v in %s", err, k.last.Body())
	}
	switch {
	case e.XMLName.Local == "DoNotDisturbEvent":
		k.shown["quiet"] = strings.ReplaceAll(strings.ReplaceAll(e.Quiet, "false", ""), "true", "on")
	case e.XMLName.Local == "ForwardingEvent" && (e.Status == "true") == (e.To != ""):
		k.shown[e.Type] = e.To
	default:
		k.p.t.Fatalf("%s", k.last.Body())
	}
}

func (k *keysOn) shows() string {
	if len(k.shown) < synced {
		return "not all yet"
	}
	var out []string
	for _, name := range []string{"quiet", "forwardImmediate", "forwardBusy", "forwardNoAns"} {
		if k.shown[name] != "" {
			out = append(out, name+" "+k.shown[name])
		}
	}
	return strings.Join(out, ", ")
}

// sets has the phone's user press a key.
func (k *keysOn) sets(body string) {
	k.p.t.Helper()
	k.send(sip.SUBSCRIBE, body, "Event: as-feature-event", "Expires: 3600", "Content-Type: "+featureType,
		fmt.Sprintf("Contact: <sip:%s@%s>", k.p.name, k.p.addr))
	k.response(sip.SUBSCRIBE, 200)
}

func wantsQuiet(on bool) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="ISO-8859-1"?>`+
		`<SetDoNotDisturb xmlns="%s"><device></device><doNotDisturbOn>%t</doNotDisturbOn></SetDoNotDisturb>`, csta, on)
}

func sendsOn(kind, to string, on bool) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="ISO-8859-1"?><SetForwarding xmlns="%s"><device>x</device>`+
		`<forwardingType>%s</forwardingType><activateForward>%t</activateForward><forwardDN>%s</forwardDN>`+
		`<ringCount>3</ringCount></SetForwarding>`, csta, kind, on, to)
}

// TestKeysInStep: what a phone's keys set is set here, and what is set here its keys show,
// on each phone of the extension.
func TestKeysInStep(t *testing.T) { inTime(t, testKeysInStep) }

func testKeysInStep(t *testing.T) {
	s := &settings{}
	o := newOffice(t, officeConfig{shards: 1, services: s})
	s.o = o
	k := o.p201.inStep()
	k.settles("")
	k.p.expectNone("what it knows", isMethod(sip.NOTIFY))
	o.routes(fact.ServiceSet{Extension: "201", Service: fact.ServiceDoNotDisturb, On: true, By: "owner"})
	k.settles("quiet on")
	o.routes(fact.ServiceSet{Extension: "201", Service: fact.ServiceDoNotDisturb, By: "owner"})
	k.settles("")
	k.sets(wantsQuiet(true))
	k.settles("quiet on")
	o.dialsInVain(o.p203, "201", 486)
	k.sets(wantsQuiet(false))
	k.settles("")
	k.sets(sendsOn("forwardImmediate", "202", true))
	k.settles("forwardImmediate 202")
	a := o.p203.call("201", o.p203.description("sendrecv"))
	o.p202.rung().reply(486, "")
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	k.sets(sendsOn("forwardNoAns", "09012345678", true))
	k.settles("forwardImmediate 202, forwardNoAns 09012345678")
	k.sets(sendsOn("forwardImmediate", "", false))
	k.settles("forwardNoAns 09012345678")
	o.routes(fact.ServiceSet{Extension: "201", Service: fact.ForwardBusy, On: true, To: "+81312345678", By: "owner"})
	k.settles("forwardBusy 0312345678, forwardNoAns 09012345678")
	o.routes(fact.ServiceSet{Extension: "202", Service: fact.ForwardBusy, On: true, To: "203", By: "owner"})
	k.sets(wantsQuiet(true)) // and nothing of what another extension has set
	k.settles("quiet on, forwardBusy 0312345678, forwardNoAns 09012345678")
	want := []string{
		"201-1 do-not-disturb-on ", "201-1 do-not-disturb-off ", "201-1 forward-always-on 202",
		"201-1 forward-unanswered-on 09012345678", "201-1 forward-always-off ", "201-1 do-not-disturb-on ",
	}
	if got := strings.Join(s.by, "|"); got != strings.Join(want, "|") {
		t.Errorf("asked: %s", got)
	}
}

// TestKeysAreJudged: a phone's key sends calls nowhere that a code would not: that is
// refused by the gate, on record, and the key goes out again.
func TestKeysAreJudged(t *testing.T) { inTime(t, testKeysAreJudged) }

func testKeysAreJudged(t *testing.T) {
	s := &settings{}
	o := newOffice(t, officeConfig{shards: 1, services: s})
	s.o = o
	k := o.p201.inStep()
	k.settles("")
	for n, to := range []string{"01023276123456", "119"} {
		k.sets(sendsOn("forwardImmediate", to, true))
		k.settles("")
		o.eventually("it is on record", func() bool { return len(all[fact.CallEnded](o)) == n+1 })
		f, e := last[fact.CallJudged](o), last[fact.CallEnded](o)
		if f.Verb != "refuse" || f.Dialed != "*72"+to || f.Party.Device != "201-1" || e.Call != f.Call ||
			e.Status != f.Status {
			t.Errorf("%s: judged %+v, ended %+v", to, f, e)
		}
	}
	for _, body := range []string{
		"", "<", "<SetForwarding/>", sendsOn("forwardSometimes", "202", true), sendsOn("forwardBusy", "*8228", true),
		sendsOn("forwardBusy", "", true), strings.ReplaceAll(wantsQuiet(true), "true", "perhaps"),
		"<Hoteling>true</Hoteling>",
		wantsQuiet(true) + strings.Repeat(" ", WishMax), strings.ReplaceAll(wantsQuiet(true), "ISO-8859-1", "UTF-7"),
	} {
		k.sets(body)
		k.settles("")
	}
	if len(s.by) != 0 {
		t.Errorf("done: %s", s.by)
	}
	s.fails = true
	k.sets(wantsQuiet(true))
	k.settles("")
	o.p201.asks("202", "Event: as-feature-event").response(sip.SUBSCRIBE, 403)
	o.hikari.asks("201", "Event: as-feature-event").response(sip.SUBSCRIBE, 403)
	o.over()
}

// TestKeysAfterARestart: keys are right without being asked for.
func TestKeysAfterARestart(t *testing.T) { inTime(t, testKeysAfterARestart) }

func testKeysAfterARestart(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	k := o.p201.inStep()
	k.settles("")
	o.books.wait()
	o.books.mu.Lock()
	left := maps.Clone(o.books.watched)
	o.books.mu.Unlock()
	again := newOffice(t, officeConfig{shards: 1, watched: left})
	again.routes(fact.ServiceSet{Extension: "201", Service: fact.ServiceDoNotDisturb, On: true, By: "owner"})
	k.p = again.p201
	k.settles("quiet on")
	again.unit.EndCalls("201-1")
	for over := false; !over; {
		k.takes()
		over = strings.HasPrefix(string(k.last.Value(sip.HeaderSubscriptionState)), "terminated")
	}
	again.books.wait()
	again.eventually("it is forgotten", func() bool {
		left, _ := again.books.Subscriptions(t.Context())
		return len(left) == 0
	})
}

// TestKeysOfWhoIsLoggedIn: the keys show and set what is that person's; what the phone asked
// for about another's mailbox it asks for again.
func TestKeysOfWhoIsLoggedIn(t *testing.T) { inTime(t, testKeysOfWhoIsLoggedIn) }

func testKeysOfWhoIsLoggedIn(t *testing.T) {
	s := &settings{}
	o := newOffice(t, officeConfig{shards: 1, services: s})
	s.o = o
	o.routes(fact.ServiceSet{Extension: "202", Service: fact.ServiceDoNotDisturb, On: true, By: "owner"})
	k := o.p201.inStep()
	k.settles("")
	mailbox := o.p201.asks("201", "Event: message-summary")
	mailbox.response(sip.SUBSCRIBE, 200)
	mailbox.p.reply(mailbox.next(sip.NOTIFY), 200, "", "")
	o.phones.seat("201-1", "202")
	o.unit.SetPlan(o.plan())
	k.settles("quiet on")
	m := mailbox.next(sip.NOTIFY)
	mailbox.p.reply(m, 200, "", "")
	if state := string(m.Value(sip.HeaderSubscriptionState)); state != "terminated;reason=deactivated" {
		t.Errorf("of the mailbox it is told on: %s", state)
	}
	k.sets(sendsOn("forwardImmediate", "203", true))
	k.settles("quiet on, forwardImmediate 203")
	if p := o.unit.Plan(); p.Services("202").Forward[fact.ForwardAlways] != "203" || p.Services("201").Forward != nil {
		t.Errorf("set: %+v, %+v", p.Services("201"), p.Services("202"))
	}
}

// FuzzWish reads whatever a phone sends: what it asks is one of the codes for what is kept
// the same.
func FuzzWish(f *testing.F) {
	f.Add([]byte(wantsQuiet(true)))
	f.Add([]byte(sendsOn("forwardBusy", "202", true)))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><SetForwarding>&b;</SetForwarding>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		i, action, digits, ok := readWish(body)
		if !ok {
			return
		}
		if i < 0 || i >= synced || action != features[i].on && action != features[i].off {
			t.Errorf("%d %s", i, action)
		}
		if action == features[i].off && digits != "" {
			t.Errorf("%s %q", action, digits)
		}
	})
}
