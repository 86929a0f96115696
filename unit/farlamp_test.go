package unit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/lamp"
	"github.com/sekisho/sekisho/unit/lamp/remote"
	"github.com/sekisho/sekisho/unit/site"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/session"
	"github.com/sekisho/sekisho/wire/sip/stack"
)

// lampOf is how it stands with a lamp, and which devices watch it.
func (o *office) lampOf(name string) (p lamp.Phase, watchers []string) {
	o.t.Helper()
	lamps, ok := o.unit.Lamps(patience)
	if !ok {
		o.t.Fatal("the unit does not say what its lamps show")
	}
	for _, l := range lamps {
		if l.Entity == name {
			p = l.State.Phase
			for _, w := range l.Watchers {
				watchers = append(watchers, w.Device)
			}
		}
	}
	return p, watchers
}

// lampIs waits until a lamp is so.
func (o *office) lampIs(name string, want lamp.Phase) {
	o.t.Helper()
	o.eventually(fmt.Sprintf("%s is %v", name, want), func() bool {
		p, _ := o.lampOf(name)
		return p == want
	})
}

// TestLampOfAnotherSitesExtension follows the calls there, whoever they are with, and says
// nothing of whom; all who watch it here cost one subscription, and none when nobody does.
func TestLampOfAnotherSitesExtension(t *testing.T) { inTime(t, testLampOfAnotherSitesExtension) }

func testLampOfAnotherSitesExtension(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	b, other := head.p203.watch("301"), head.p202.watch("301")
	b.shows("terminated")
	other.shows("terminated")
	head.lampIs("301", lamp.Idle) // known, that is
	at := time.Now()
	a := shop.p202.call("301", shop.p202.description("sendrecv"))
	called := shop.p201.rung()
	called.reply(180, "")
	b.shows("early recipient")
	other.shows("early recipient")
	if d := b.info.Dialog[0]; d.CallID != "" || d.LocalTag != "" || d.RemoteTag != "" {
		t.Errorf("the call has a name: %+v", d)
	}
	called.reply(200, shop.p201.description("sendrecv"))
	b.shows("confirmed recipient")
	a.response(sip.INVITE, 200)
	a.ack("")
	called.next(sip.ACK)
	if took := time.Since(at); took > time.Second {
		t.Errorf("the lamp took %s", took)
	}
	called.reinvite(shop.p201.description("sendonly"))
	called.ack("")
	b.shows("confirmed recipient held")
	called.reinvite(shop.p201.description("sendrecv"))
	called.ack("")
	b.shows("confirmed recipient")
	a.bye()
	called.hungUp()
	b.shows("terminated")
	other.settles("terminated")
	if _, w := shop.lampOf("301"); !slices.Equal(w, []string{"site/head"}) {
		t.Errorf("at the branch it is watched by %q", w)
	}
	for _, x := range []*bulb{b, other} {
		x.send(sip.SUBSCRIBE, "", "Event: dialog", "Expires: 0", x.contact())
		x.response(sip.SUBSCRIBE, 200)
		x.shows("terminated")
	}
	shop.eventually("nobody watches it at the branch", func() bool {
		_, w := shop.lampOf("301")
		return len(w) == 0
	})
	shop.books.wait()
	if left, _ := shop.books.Subscriptions(t.Context()); len(left) != 0 {
		t.Errorf("stored are %v", left)
	}
	group := head.p203.watch("302") // it is asked for by itself again
	group.shows("terminated")
	head.lampIs("302", lamp.Idle)
}

// TestLampOfASharedCall: of a call with the site itself each unit knows a part.
func TestLampOfASharedCall(t *testing.T) { inTime(t, testLampOfASharedCall) }

func testLampOfASharedCall(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	there, here := head.p203.watch("301"), shop.p203.watch("201")
	there.shows("terminated")
	here.shows("terminated")
	head.lampIs("301", lamp.Idle)
	shop.lampIs("201", lamp.Idle)
	c := between(t, head.p201, shop.p201)
	there.settles("confirmed recipient")
	here.settles("confirmed recipient")
	c.b.bye()
	c.a.hungUp()
	there.settles("terminated")
	here.settles("terminated")
	head.lampIs("301", lamp.Idle)
	shop.lampIs("201", lamp.Idle)
	head.over()
	shop.over()
}

// TestLampOfACallThatWentOn: who called 301 there talks with 302 since, which 301's lamp
// does not show.
func TestLampOfACallThatWentOn(t *testing.T) { inTime(t, testLampOfACallThatWentOn) }

func testLampOfACallThatWentOn(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	b := head.p203.watch("301")
	b.shows("terminated")
	head.lampIs("301", lamp.Idle)
	a := head.p201.call("301", head.p201.description("sendrecv"))
	rings := shop.p201.rung()
	rings.reply(180, "")
	b.settles(`early recipient "Desk 201" sip:201@office`)
	d := shop.p202.call("**301", shop.p202.description("sendrecv"))
	rings.canceled()
	d.response(sip.INVITE, 200)
	d.ack("")
	a.response(sip.INVITE, 200)
	a.ack("")
	b.settles("terminated")
	head.lampIs("301", lamp.Idle)
	a.bye()
	d.hungUp()
	head.over()
	shop.over()
}

// TestLampsWhileASiteIsAway are dark, and not known to be anything; they come right by
// themselves.
func TestLampsWhileASiteIsAway(t *testing.T) { inTime(t, testLampsWhileASiteIsAway) }

func testLampsWhileASiteIsAway(t *testing.T) {
	head, shop, r := twoSites(t, officeConfig{})
	b := head.p203.watch("301")
	b.shows("terminated")
	head.lampIs("301", lamp.Idle)
	a := shop.p202.call("301", shop.p202.description("sendrecv"))
	called := shop.p201.rung()
	called.reply(200, shop.p201.description("sendrecv"))
	a.response(sip.INVITE, 200)
	a.ack("")
	called.next(sip.ACK)
	b.settles("confirmed recipient")
	r.cut()
	b.shows("terminated")
	head.lampIs("301", lamp.Unknown)
	late := head.p202.watch("303") // nobody knows of it
	late.shows("terminated")
	head.lampIs("303", lamp.Unknown)
	r.open()
	b.shows("confirmed recipient")
	head.lampIs("303", lamp.Idle)
	a.bye()
	called.hungUp()
	b.shows("terminated")
	head.lampIs("301", lamp.Idle)
	shop.over()
}

// TestLampsOnADeadTrunk: a way that is dead without a word is noticed by a question that gets
// no answer, and lamps are dark soon after, while the site counts as up still.
func TestLampsOnADeadTrunk(t *testing.T) { inTime(t, testLampsOnADeadTrunk) }

func testLampsOnADeadTrunk(t *testing.T) {
	head, shop, r := twoSites(t, officeConfig{})
	b := head.p203.watch("301")
	b.shows("terminated")
	head.lampIs("301", lamp.Idle)
	shop.p202.call("301", shop.p202.description("sendrecv"))
	shop.p201.rung().reply(180, "")
	b.shows("early recipient")
	r.loses(true)
	began := time.Now()
	for p, _ := head.lampOf("301"); p != lamp.Unknown; p, _ = head.lampOf("301") {
		if time.Since(began) > site.AskEvery+site.SureFor+patience {
			t.Fatal("the lamp shows what was so")
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.shows("terminated")
	if !head.sites.List()[0].Up {
		t.Error("the site is away after one question")
	}
	r.loses(false)
	for p, _ := head.lampOf("301"); p != lamp.Ringing; p, _ = head.lampOf("301") {
		if time.Since(began) > 10*time.Minute {
			t.Fatal("the lamp never comes right")
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.settles("early recipient")
}

// TestLampsAfterASiteRestarts: the site begins with nothing, and is asked anew.
func TestLampsAfterASiteRestarts(t *testing.T) { inTime(t, testLampsAfterASiteRestarts) }

func testLampsAfterASiteRestarts(t *testing.T) {
	head, shop, r := twoSites(t, officeConfig{})
	b := head.p203.watch("301")
	b.shows("terminated")
	head.lampIs("301", lamp.Idle)
	shop.p202.call("301", shop.p202.description("sendrecv"))
	shop.p201.rung().reply(180, "")
	b.shows("early recipient")
	shop.close()
	b.settles("terminated")
	again := branch
	again.road = r
	shop = newOffice(t, officeConfig{shards: 1, site: again})
	shop.pairs(headOffice.of("head", "2xx"))
	head.lampIs("301", lamp.Idle)
	a := shop.p202.call("301", shop.p202.description("sendrecv"))
	shop.p201.rung().reply(180, "")
	b.settles("early recipient")
	a.cancel()
	b.settles("terminated")
}

// TestLampsOfASiteAfterARestart: a unit that starts anew asks the site for what its phones
// watch, and nobody has to do anything.
func TestLampsOfASiteAfterARestart(t *testing.T) { inTime(t, testLampsOfASiteAfterARestart) }

func testLampsOfASiteAfterARestart(t *testing.T) {
	head, shop, r := twoSites(t, officeConfig{})
	b := head.p203.watch("301")
	b.shows("terminated")
	head.lampIs("301", lamp.Idle)
	shop.p202.call("301", shop.p202.description("sendrecv"))
	shop.p201.rung().reply(180, "")
	b.shows("early recipient")
	head.books.wait()
	left, watched := map[string]fact.Subscription{}, 0
	head.books.mu.Lock()
	for tag, f := range head.books.watched {
		left[tag] = f
		watched++
	}
	head.books.mu.Unlock()
	if watched != 1 {
		t.Fatalf("%d subscriptions are stored", watched)
	}
	head.close()
	again := headOffice
	again.road = r
	head = newOffice(t, officeConfig{shards: 1, site: again, watched: left})
	b.p = head.p203
	head.pairs(branch.of("branch", "3xx"))
	b.settles("early recipient")
}

// TestASiteSeesNoLampsHere where that was switched off, nor what is none of ours.
func TestASiteSeesNoLampsHere(t *testing.T) { inTime(t, testASiteSeesNoLampsHere) }

func testASiteSeesNoLampsHere(t *testing.T) {
	head, shop, _ := twoSites(t, officeConfig{})
	b := head.p203.watch("301")
	b.shows("terminated")
	head.lampIs("301", lamp.Idle)
	a := shop.p202.call("301", shop.p202.description("sendrecv"))
	shop.p201.rung().reply(180, "")
	b.shows("early recipient")
	hidden := headOffice.of("head", "2xx")
	hidden.NoLamps = true
	shop.pairs(hidden)
	b.shows("terminated") // at once
	head.lampIs("301", lamp.Unknown)
	a.cancel()
	head.p203.watch("302").shows("terminated")
	head.lampIs("302", lamp.Unknown)
	head.p203.watch("399").shows("terminated") // there is none
	for _, name := range []string{"302", "399"} {
		if _, w := shop.lampOf(name); len(w) != 0 {
			t.Errorf("%s is watched by %q", name, w)
		}
	}
	if got := head.subscribesAt("branch", "302", "dialog"); got != 403 {
		t.Errorf("302: %d", got)
	}
	hidden.NoLamps = false
	shop.pairs(hidden)
	for name, want := range map[string]int{
		"399": 404, "201": 404, "park1": 404, "night": 404, "site-head": 404, "key1": 404, "400": 200, "302": 200,
	} {
		if got := head.subscribesAt("branch", name, "dialog"); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	for _, event := range []string{"message-summary", "call-info", "dialog;sla", "presence"} {
		if got := head.subscribesAt("branch", "301", event); got != 489 {
			t.Errorf("%s: %d", event, got)
		}
	}
}

// subscribesAt has an office send another one a SUBSCRIBE of its own making.
func (o *office) subscribesAt(site, name, event string) int {
	o.t.Helper()
	status := make(chan int, 1)
	o.stack.Shard(0).Post(func(sh *stack.Shard) {
		at, _, _ := o.sites.Place(site)
		uri := "sip:" + name + "@site.invalid"
		err := sh.Send(at, stack.Outgoing{
			Method: sip.SUBSCRIBE, URI: uri, From: "<sip:unit@office>", To: "<" + uri + ">",
			Contact: "<sip:x@site.invalid>",
			Headers: []session.Header{{Name: "Event", Value: event}, {Name: "Expires", Value: "60"}},
		}, func(_ *stack.Shard, r stack.Result) { status <- r.Status })
		if err != nil {
			status <- 0
		}
	})
	return <-status
}

// watchedBy answers the SUBSCRIBE of a unit as the site that it is asked of, and gives it.
func (b *badSite) watchedBy(name string) *sip.Message {
	b.t.Helper()
	m := b.next(func(m *sip.Message) bool {
		return m.IsRequest() && m.Method() == sip.SUBSCRIBE && string(m.RequestURI().User) == name
	})
	b.answer(m, 200, "", "Expires: 600", "Contact: <sip:bad@127.0.3.2:5081;transport=tls>")
	return m
}

// tells sends a NOTIFY in the subscription of a SUBSCRIBE, and does not wait.
func (b *badSite) tells(m *sip.Message, seq int, state, body string, more ...string) {
	b.sent++
	b.write(fmt.Sprintf("NOTIFY sip:unit@head SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.3.2:5081;branch=z9hG4bKn%d\r\n"+
		"Max-Forwards: 70\r\nFrom: %s;tag=bad\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d NOTIFY\r\n"+
		"Contact: <sip:bad@127.0.3.2:5081>\r\nEvent: dialog\r\nSubscription-State: %s\r\n"+
		"Content-Type: %s\r\n%sContent-Length: %d\r\n\r\n%s",
		b.sent, m.Value(sip.HeaderTo), m.Value(sip.HeaderFrom), m.CallID(), seq, state, lamp.ContentType,
		strings.Join(append(more, ""), "\r\n"), len(body), body))
}

// status is what the unit answers to a NOTIFY.
func (b *badSite) status(seq int) int {
	b.t.Helper()
	return b.next(func(m *sip.Message) bool {
		return m.IsResponse() && m.Method() == sip.NOTIFY && int(m.CSeq().Number) == seq
	}).Status()
}

func info(state string) string {
	return `<dialog-info state="full"><dialog id="1"><state>` + state + `</state></dialog></dialog-info>`
}

// TestABadSiteTellsOfLamps: what it says of its own extension is shown, as little as it
// may be; what can't be read, what it says too often and what is in no subscription is not,
// and no phone here is flooded.
func TestABadSiteTellsOfLamps(t *testing.T) { inTime(t, testABadSiteTellsOfLamps) }

func testABadSiteTellsOfLamps(t *testing.T) {
	head, b := newBadSite(t)
	shown := head.p203.watch("301")
	shown.shows("terminated")
	m := b.watchedBy("301")
	told := func(seq, status int, state, body string, want lamp.Phase) {
		t.Helper()
		b.tells(m, seq, state, body)
		if got := b.status(seq); got != status {
			t.Errorf("%s is answered %d, not %d", body, got, status)
		}
		head.lampIs("301", want)
	}
	told(1, 200, "active;expires=600", info("confirmed"), lamp.Talking)
	shown.shows("confirmed recipient")
	told(1, 500, "active;expires=600", info("terminated"), lamp.Talking) // it is old
	told(2, 200, "active", "<dialog-info", lamp.Unknown)
	shown.shows("terminated")
	told(3, 200, "pending", info("early"), lamp.Ringing)
	shown.shows("early recipient")
	for _, foreign := range []string{"Call-ID: other", "Call-ID: " + string(m.CallID()) + "x"} {
		b.write(fmt.Sprintf("NOTIFY sip:unit@head SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.3.2:5081;branch=z9hG4bK%d\r\n"+
			"Max-Forwards: 70\r\nFrom: %s;tag=bad\r\nTo: %s\r\n%s\r\nCSeq: 9 NOTIFY\r\nEvent: dialog\r\n"+
			"Subscription-State: active\r\nContact: <sip:b@127.0.3.2>\r\nContent-Length: 0\r\n\r\n",
			len(foreign), m.Value(sip.HeaderTo), m.Value(sip.HeaderFrom), foreign))
		if got := b.status(9); got != 481 {
			t.Errorf("%s: %d", foreign, got)
		}
	}
	for seq, refused := 10, false; !refused; seq++ {
		if seq > 4*remote.ToldAtOnce {
			t.Fatal("it is listened to without end")
		}
		b.tells(m, seq, "active", info([]string{"early", "confirmed"}[seq%2]))
		refused = b.status(seq) == 503
	}
	head.lampIs("301", lamp.Unknown)
	time.Sleep(2 * remote.ToldEvery)
	told(5000, 200, "terminated;reason=rejected", "", lamp.Unknown)
	told(5001, 481, "active", info("confirmed"), lamp.Unknown)
}

// TestASiteTellsNothingOfAnothers: it may know by what the subscription at the other one is
// known, and is not listened to; nor is a phone.
func TestASiteTellsNothingOfAnothers(t *testing.T) { inTime(t, testASiteTellsNothingOfAnothers) }

func testASiteTellsNothingOfAnothers(t *testing.T) {
	head, b := newBadSite(t)
	cfg := siteConfig{first: "5", key: "key-third", at: "127.0.3.3:5081", road: b.road}
	third := newOffice(t, officeConfig{shards: 1, site: cfg})
	third.pairs(headOffice.of("head", "2xx"))
	head.pairs(branch.of("branch", "3xx"), cfg.of("third", "5xx"))
	head.siteUp("third", true)
	third.siteUp("head", true)
	shown := head.p203.watch("301")
	shown.shows("terminated")
	m := b.watchedBy("301")
	b.tells(m, 1, "active;expires=600", info("early"))
	shown.shows("early recipient")
	status := make(chan int, 1)
	third.stack.Shard(0).Post(func(sh *stack.Shard) {
		at, _, _ := third.sites.Place("head")
		err := sh.Send(at, stack.Outgoing{
			Method: sip.NOTIFY, URI: "sip:unit@site.invalid", From: "<sip:301@branch>", FromTag: "bad",
			To: "<sip:unit@office>", ToTag: string(m.From().Tag), CallID: string(m.CallID()), CSeq: 2,
			Contact: "<sip:x@site.invalid>",
			Body:    session.Body{Type: lamp.ContentType, Bytes: []byte(info("confirmed"))},
			Headers: []session.Header{
				{Name: "Event", Value: "dialog"}, {Name: "Subscription-State", Value: "active"},
			},
		}, func(_ *stack.Shard, r stack.Result) { status <- r.Status })
		if err != nil {
			status <- 0
		}
	})
	if got := <-status; got != 481 {
		t.Errorf("another site's is answered %d", got)
	}
	d := &talk{
		p: head.p201, callID: string(m.CallID()), local: "<sip:301@branch>;tag=bad",
		remote: "<sip:unit@office>;tag=" + string(m.From().Tag), target: "sip:unit@" + head.p201.unit.String(), seq: 2,
	}
	d.send(sip.NOTIFY, info("confirmed"), "Event: dialog", "Subscription-State: active",
		"Contact: <sip:201@127.0.1.1>")
	d.response(sip.NOTIFY, 481)
	head.lampIs("301", lamp.Ringing)
}
