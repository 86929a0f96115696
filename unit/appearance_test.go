package unit

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
)

// rowOf is a puppet's row of outside-line keys.
type rowOf struct {
	*talk
	last *sip.Message
}

// row subscribes to the keys as a phone does that knows of shared call appearances.
func (p *puppet) row() *rowOf {
	p.t.Helper()
	b := p.asks(p.name, "Event: call-info", "Accept: application/x-broadworks-callpark-info+xml")
	b.response(sip.SUBSCRIBE, 200)
	return &rowOf{talk: b.talk}
}

// says waits for the next NOTIFY, answers it, and tells what the row shows: "1 active, 2
// held"; whom else it names follows in brackets.
func (r *rowOf) says() string {
	r.p.t.Helper()
	r.last = r.next(sip.NOTIFY)
	r.p.reply(r.last, 200, "", "")
	return appearances(r.last)
}

// appearances reads what is not idle.
func appearances(m *sip.Message) string {
	var out []string
	for v := range m.List(sip.HeaderCallInfo) {
		_, after, _ := strings.Cut(string(v), ">")
		params := sip.Params(after)
		index, _ := params.Get("appearance-index")
		state, _ := params.Get("appearance-state")
		one := string(index) + " " + string(state)
		if uri, ok := params.Get("appearance-uri"); ok {
			one += " [" + string(sip.AppendUnquoted(nil, uri)) + "]"
		}
		if one != "* idle" {
			out = append(out, one)
		}
	}
	return strings.Join(out, ", ")
}

func (r *rowOf) shows(want string) {
	r.p.t.Helper()
	if got := r.says(); got != want {
		r.p.t.Fatalf("%s's row shows %q, not %q", r.p.name, got, want)
	}
}

func (r *rowOf) settles(want string) {
	r.p.t.Helper()
	for r.says() != want {
	}
}

// takesKey has a phone seize a key before it calls, as when its handset is lifted.
func (p *puppet) takesKey(index string, seconds int) *rowOf {
	p.t.Helper()
	d := p.apart(p.name)
	d.send(sip.SUBSCRIBE, "", "Event: line-seize", appearance(index, ""), fmt.Sprint("Expires: ", seconds),
		fmt.Sprintf("Contact: <sip:%s@%s>", p.name, p.addr))
	return &rowOf{talk: d}
}

// appearance is what a phone says of a key.
func appearance(index, state string) string {
	if state != "" {
		state = ";appearance-state=" + state
	}
	return fmt.Sprintf("Call-Info: <sip:office>;appearance-index=%s%s", index, state)
}

// TestAppearanceIsSeized: a handset is lifted on a key, and nobody else has that; what is
// dialed goes out on its line, judged as from everywhere; rows and lamps show the same.
func TestAppearanceIsSeized(t *testing.T) { inTime(t, testAppearanceIsSeized) }

func testAppearanceIsSeized(t *testing.T) {
	o := keyed(t, officeConfig{})
	mine, other, lamp := o.p201.row(), o.p203.row(), o.p203.watch("key3")
	mine.shows("")
	other.shows("")
	lamp.shows("terminated")
	seized := o.p201.takesKey("3", 15)
	if m := seized.response(sip.SUBSCRIBE, 200); string(m.Value(sip.HeaderExpires)) != "15" {
		t.Errorf("seized for %s seconds", m.Value(sip.HeaderExpires))
	}
	seized.shows("3 seized")
	mine.shows("3 seized")
	other.shows("3 seized")
	lamp.shows("confirmed initiator")
	o.p203.takesKey("3", 15).response(sip.SUBSCRIBE, 480)
	o.dialsInVain(o.p203, "key3", 486)
	late := o.p203.call("09012345678", o.p203.description("sendrecv"), appearance("3", ""))
	late.response(sip.INVITE, 486)
	late.ackRefusal()

	x, y := newSpeaker(t, o.p201), newSpeaker(t, o.backup)
	a := o.p201.call("09012345678", o.p201.description("sendrecv"), appearance("3", ""))
	seized.shows("3 idle")
	if state := string(seized.last.Value(sip.HeaderSubscriptionState)); !strings.HasPrefix(state, "terminated") {
		t.Errorf("the call has begun, and the key is seized still: %s", state)
	}
	d := o.backup.rung()
	if user := string(d.invite.RequestURI().User); user != "09012345678" {
		t.Errorf("dialed outside: %s", user)
	}
	other.settles("3 progressing")
	d.reply(200, o.backup.description("sendrecv"))
	d.next(sip.ACK)
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	x.say(to, 0x41, y)
	mine.settles("3 active [<sip:09012345678@office>]")
	other.settles("3 active")
	lamp.settles("confirmed initiator")
	f := last[fact.CallJudged](o)
	if f.Party.Origin != "dialed" || f.Party.Extension != "201" || f.Line != "l2" || f.Dialed != "09012345678" {
		t.Errorf("judged %+v", f)
	}
	a.bye()
	d.hungUp()
	mine.settles("")
	other.settles("")
	lamp.settles("terminated")
	o.over()
	if len(o.unit.keys) != 0 || o.lines.List(time.Now())[1].InUse != 0 {
		t.Errorf("%d keys, %d channels are still taken", len(o.unit.keys), o.lines.List(time.Now())[1].InUse)
	}
}

// TestAppearanceIsGivenBack: who does not call loses the key, by its own wish, after a time,
// or because it takes another.
func TestAppearanceIsGivenBack(t *testing.T) { inTime(t, testAppearanceIsGivenBack) }

func testAppearanceIsGivenBack(t *testing.T) {
	o := keyed(t, officeConfig{})
	row := o.p203.row()
	row.shows("")
	seized := o.p201.takesKey("1", 1)
	seized.response(sip.SUBSCRIBE, 200)
	seized.shows("1 seized")
	row.shows("1 seized")
	seized.shows("1 idle") // a second has passed
	row.shows("")
	first := o.p201.takesKey("1", 15)
	first.response(sip.SUBSCRIBE, 200)
	first.shows("1 seized")
	row.shows("1 seized")
	second := o.p201.takesKey("2", 15)
	second.response(sip.SUBSCRIBE, 200)
	second.shows("2 seized")
	first.shows("1 idle")
	row.settles("2 seized")
	second.send(sip.SUBSCRIBE, "", "Event: line-seize", "Expires: 0", appearance("2", ""),
		fmt.Sprintf("Contact: <sip:201@%s>", o.p201.addr))
	second.response(sip.SUBSCRIBE, 200)
	row.settles("")
	o.p201.takesKey("9", 15).response(sip.SUBSCRIBE, 404)
	tone := o.p201.takesKey("1", 15)
	tone.response(sip.SUBSCRIBE, 200)
	row.settles("1 seized")
	a := o.p201.call("201", o.p201.description("sendrecv"), appearance("1", "")) // no number: dial tone
	a.response(sip.INVITE, 200)
	a.ack("")
	if k := o.unit.keyed("key1"); k == nil || k.origin.Device != "201-1" {
		t.Error("the key is not the call's")
	}
	a.bye()
	row.settles("")
	o.over()
	if len(o.unit.keys) != 0 || o.lines.List(time.Now())[0].InUse != 0 {
		t.Errorf("%d keys, %d channels are still taken", len(o.unit.keys), o.lines.List(time.Now())[0].InUse)
	}
}

// TestAppearanceOfACallThatComesIn: it rings with its key's number, is held there for all,
// and goes on at another phone that names the key and calls itself, or the dialog.
func TestAppearanceOfACallThatComesIn(t *testing.T) {
	inTime(t, testAppearanceOfACallThatComesIn)
}

func testAppearanceOfACallThatComesIn(t *testing.T) {
	o := keyed(t, officeConfig{})
	row, other, lamp := o.p202.row(), o.p203.row(), o.p201.watch("key1")
	y := newSpeaker(t, o.hikari)
	a, b := o.comesIn()
	if got := appearances(b.invite); got != "1 " {
		t.Errorf("the phone is called on %q", got)
	}
	b.reply(180, "")
	row.settles("1 alerting [<sip:hikari@office>]")
	b.reply(200, o.p202.description("sendrecv"))
	to := mediaPort(t, a.response(sip.INVITE, 200))
	a.ack("")
	b.next(sip.ACK)
	other.settles("1 active")
	o.dialsInVain(o.p203, "key1", 486)
	busy := o.p203.call("203", o.p203.description("sendrecv"), appearance("1", ""))
	busy.response(sip.INVITE, 486)
	busy.ackRefusal()

	b.holds(o.p202.description("sendonly"), appearance("1", ""))
	other.settles("1 held [<sip:hikari@office>]")
	lamp.settles(`confirmed recipient held "" sip:hikari@office`)
	y.hearsMusic()
	z := newSpeaker(t, o.p203)
	d := o.p203.call("203", o.p203.description("sendrecv"), appearance("1", ""))
	d.response(sip.INVITE, 200)
	d.ack("")
	b.hungUp()
	y.say(to, 0x43, z)
	row.settles("1 active")
	other.settles("1 active [<sip:hikari@office>]")
	lamp.settles("confirmed recipient")
	d.bye()
	a.hungUp()
	row.settles("")
	lamp.settles("terminated")
	o.over()
}

// TestAppearanceHeldForOneself: a phone says that it holds for itself: no other extension
// has the caller by the key, not even when that phone is lost.
func TestAppearanceHeldForOneself(t *testing.T) { inTime(t, testAppearanceHeldForOneself) }

func testAppearanceHeldForOneself(t *testing.T) {
	o := keyed(t, officeConfig{})
	other, lamp, mine := o.p203.row(), o.p203.watch("key1"), o.p202.row()
	c := o.outsider(t)
	c.b.holds(o.p202.description("sendonly"), appearance("1", "held-private"))
	other.settles("1 held-private")
	mine.settles("1 held-private [<sip:hikari@office>]")
	lamp.settles("confirmed recipient held")
	tries := func() {
		t.Helper()
		o.dialsInVain(o.p203, "key1", 486)
		d := o.p203.call("203", o.p203.description("sendrecv"), appearance("1", ""))
		d.response(sip.INVITE, 486)
		d.ackRefusal()
	}
	tries()
	c.b.holds(o.p202.description("sendonly"), appearance("1", "held"))
	other.settles("1 held [<sip:hikari@office>]")
	c.b.holds(o.p202.description("sendonly"), appearance("1", "held-private"))
	other.settles("1 held-private")
	c.b.reinvite(o.p202.description("sendrecv"))
	c.b.ack("")
	other.settles("1 active")
	c.b.holds(o.p202.description("sendonly"), appearance("1", "held-private"))
	other.settles("1 held-private")
	d := o.p202.call("202", o.p202.description("sendrecv"), appearance("1", ""))
	d.response(sip.INVITE, 200)
	d.ack("")
	c.b.hungUp()
	other.settles("1 active")
	d.bye()
	c.a.hungUp()
	other.settles("")
	o.over()
}

// TestAppearanceOfALostPhone: whom a phone held for itself that is gone waits for its
// extension alone.
func TestAppearanceOfALostPhone(t *testing.T) { inTime(t, testAppearanceOfALostPhone) }

func testAppearanceOfALostPhone(t *testing.T) {
	o := keyed(t, officeConfig{})
	row := o.p203.row()
	c := o.outsider(t)
	bare := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
		"m=audio 40000 RTP/AVP 0\r\na=sendonly\r\n" // it takes keys by INFO only
	c.b.holds(bare, appearance("1", "held-private"))
	row.settles("1 held-private")
	c.a.send(sip.INFO, "Signal=5\r\nDuration=160\r\n", "Content-Type: application/dtmf-relay")
	c.b.p.reply(c.b.next(sip.INFO), 481, "", "") // the phone has started anew
	o.eventually("the caller waits", func() bool { return o.unit.at(placeOwn+"202") != nil })
	o.dialsInVain(o.p203, "key1", 486)
	o.dialsInVain(o.p203, "**202", 404)
	d := c.taken(t, o.p202, "key1")
	row.settles("1 active")
	d.bye()
	c.a.hungUp()
	row.settles("")
	o.over()
}

// TestAppearanceGivesWayToAnEmergency: who has dial tone loses the channel that somebody
// needs who calls for help.
func TestAppearanceGivesWayToAnEmergency(t *testing.T) {
	inTime(t, testAppearanceGivesWayToAnEmergency)
}

func testAppearanceGivesWayToAnEmergency(t *testing.T) {
	o := keyed(t, officeConfig{channels: 2})
	seized := o.p201.takesKey("1", 15)
	seized.response(sip.SUBSCRIBE, 200)
	seized.shows("1 seized")
	for range 4 {
		o.p203.call("110", o.p203.description("sendrecv"))
	}
	seized.shows("1 idle")
	o.eventually("nobody has the channel but who calls for help", func() bool {
		lines := o.lines.List(time.Now())
		return lines[0].InUse == 2 && lines[1].InUse == 2
	})
}

// TestAppearancesAndCodes: what needs no line goes without the key that was seized, and an
// emergency call has whatever line there is.
func TestAppearancesAndCodes(t *testing.T) { inTime(t, testAppearancesAndCodes) }

func testAppearancesAndCodes(t *testing.T) {
	o := keyed(t, officeConfig{})
	row := o.p203.row()
	row.shows("")
	seized := o.p201.takesKey("3", 15)
	seized.response(sip.SUBSCRIBE, 200)
	row.shows("3 seized")
	a := o.p201.call("202", o.p201.description("sendrecv"), appearance("3", ""))
	b := o.p202.rung()
	row.shows("")
	b.reply(486, "")
	a.response(sip.INVITE, 486)
	a.ackRefusal()
	o.p201.takesKey("3", 15).response(sip.SUBSCRIBE, 200)
	row.shows("3 seized")
	sos := o.p201.call("110", o.p201.description("sendrecv"), appearance("3", ""))
	d := o.hikari.rung()
	d.reply(200, o.hikari.description("sendrecv"))
	d.next(sip.ACK)
	sos.response(sip.INVITE, 200)
	sos.ack("")
	row.settles("2 active") // of the line on which it is, the highest
	sos.bye()
	d.hungUp()
	row.settles("")
	o.over()
	if len(o.unit.keys) != 0 {
		t.Errorf("%d keys are still taken", len(o.unit.keys))
	}
}

// TestAppearancesAfterARestart: a row is right without being asked for.
func TestAppearancesAfterARestart(t *testing.T) { inTime(t, testAppearancesAfterARestart) }

func testAppearancesAfterARestart(t *testing.T) {
	o := keyed(t, officeConfig{})
	row := o.p203.row()
	row.shows("")
	o.p201.takesKey("2", 15).response(sip.SUBSCRIBE, 200)
	row.shows("2 seized")
	o.books.wait()
	o.books.mu.Lock()
	left := maps.Clone(o.books.watched)
	o.books.mu.Unlock()
	if len(left) != 1 {
		t.Errorf("%d subscriptions are stored: a key that is seized is nobody's after a restart", len(left))
	}
	again := keyed(t, officeConfig{watched: left})
	row.p = again.p203
	row.settles("")
	again.p201.takesKey("2", 15).response(sip.SUBSCRIBE, 200)
	row.shows("2 seized")
	again.unit.EndCalls("201-1") // a phone that is taken out of use has nothing
	row.shows("")
}

// TestNobodyElsesRow: the row is for its own extension, and for no line.
func TestNobodyElsesRow(t *testing.T) { inTime(t, testNobodyElsesRow) }

func testNobodyElsesRow(t *testing.T) {
	o := keyed(t, officeConfig{})
	for _, event := range []string{"Event: call-info", "Event: line-seize"} {
		o.p201.asks("202", event).response(sip.SUBSCRIBE, 403)
		o.hikari.asks("202", event).response(sip.SUBSCRIBE, 403)
	}
}

// holds has a phone put its call on hold, and say how.
func (d *talk) holds(body, says string) {
	d.p.t.Helper()
	for {
		seq := d.send(sip.INVITE, body, says)
		m := d.p.expect("the answer to a re-INVITE", func(m *sip.Message) bool {
			return m.IsResponse() && m.CSeq().Number == uint32(seq) && string(m.CallID()) == d.callID
		})
		if m.Status() == 200 {
			d.ack("")
			return
		}
		d.ackRefusal()
	}
}
