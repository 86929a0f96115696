package unit

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/unit/plan"
	"github.com/sekisho/sekisho/wire/sip"
)

// speeds gives an office places of speed dialing.
func (o *office) speeds(places ...fact.SpeedSet) {
	o.t.Helper()
	s := o.planSettings()
	for _, f := range places {
		s.Routing = append(s.Routing, f)
	}
	p, err := plan.New(s)
	o.must(err)
	o.unit.SetPlan(p)
}

// judgedAs waits for what the gate said of the next call that a phone makes, and ends
// that call.
func (o *office) judgedAs(from *puppet, dialed string) fact.CallJudged {
	o.t.Helper()
	a := from.call(dialed, from.description("sendrecv"))
	b := o.hikari.rung()
	b.reply(200, o.hikari.description("sendrecv"))
	b.next(sip.ACK)
	a.response(sip.INVITE, 200)
	a.ack("")
	a.bye()
	b.hungUp()
	o.over()
	return last[fact.CallJudged](o)
}

// TestSpeedDialing: what a place stands for is called, and judged, as if it had been
// dialed; an own place is its extension's alone; what is barred is refused, by a
// transfer too.
func TestSpeedDialing(t *testing.T) { inTime(t, testSpeedDialing) }

func testSpeedDialing(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.speeds(
		fact.SpeedSet{Place: "12", To: "+81312345678"}, fact.SpeedSet{Place: "13", To: "202"},
		fact.SpeedSet{Extension: "201", Place: "12", To: "+819012345678"},
		fact.SpeedSet{Place: "99", To: "+23277123456"},
	)
	for dialed, want := range map[string]string{"*012": "81312345678", "*112": "819012345678"} {
		f := o.judgedAs(o.p201, dialed)
		if f.Number != want || f.Verb != "pass" || f.Origin != "dialed" || f.Extension != "201" {
			t.Errorf("%s is judged %+v", dialed, f)
		}
	}
	hangUp(o.up(o.p201, "*013", o.p202))
	o.dialsInVain(o.p202, "*112", 404) // 201's own
	o.dialsInVain(o.p201, "*014", 404)
	o.dialsInVain(o.p201, "*099", 603)
	if f := last[fact.CallJudged](o); f.Verb != "refuse" || f.Number != "23277123456" || f.Dialed != "+23277123456" {
		t.Errorf("judged %+v", f)
	}
	for _, dialed := range []string{"*01", "*0123", "*012#", "184*012", "**012"} {
		o.dialsInVain(o.p201, dialed, 404)
		if f := last[fact.CallJudged](o); f.Class != "not-understood" || f.Dialed != dialed {
			t.Errorf("judged %+v", f)
		}
	}
}

// TestSpeedDialingByTransfer: a transfer to a place goes to what that stands for, and
// is judged as a transfer to it.
func TestSpeedDialingByTransfer(t *testing.T) { inTime(t, testSpeedDialingByTransfer) }

func testSpeedDialingByTransfer(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.speeds(fact.SpeedSet{Extension: "201", Place: "12", To: "+819012345678"})
	a, b := o.talkInside(o.p201, o.p202)
	a.refer("*112", 202)
	a.notified("100")
	out := o.hikari.rung()
	if f := last[fact.CallJudged](o); f.Number != "819012345678" || f.Origin != "transfer" || f.Extension != "201" {
		t.Errorf("judged %+v", f)
	}
	out.reply(486, "")
	out.next(sip.ACK)
	a.notified("486")
	hangUp(a, b)
	o.over()
}

// TestRedial: the code dials what the extension dialed last, with its 184, and judged
// again; never an emergency number, nor a code.
func TestRedial(t *testing.T) { inTime(t, testRedial) }

func testRedial(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	o.dialsInVain(o.p201, "*66", 404)
	o.judgedAs(o.p201, "18409012345678")
	o.dialsInVain(o.p201, "*70", 404)
	f := o.judgedAs(o.p201, "*66")
	if f.Number != "819012345678" ||
		f.Dialed != "18409012345678" || f.Presentation != "withhold" || f.Verb != "pass" || f.Extension != "201" {
		t.Errorf("judged %+v", f)
	}
	o.dialsInVain(o.p202, "*66", 404) // another's
	o.dialsInVain(o.p201, "01023277123456", 603)
	o.dialsInVain(o.p201, "*66", 603)
	if f := last[fact.CallJudged](o); f.Verb != "refuse" || f.Number != "23277123456" {
		t.Errorf("judged %+v", f)
	}
	o.unit.Dialed("203", "119")
	o.unit.Dialed("203", "*8228")
	o.dialsInVain(o.p203, "*66", 404)
}

// TestWithheldOnTheWire: what was dialed with 184 shows the carrier who calls in
// P-Asserted-Identity alone, with the wish to withhold it; so does its redial.
func TestWithheldOnTheWire(t *testing.T) { inTime(t, testWithheldOnTheWire) }

func testWithheldOnTheWire(t *testing.T) {
	o := newOffice(t, officeConfig{shards: 1})
	for _, dialed := range []string{"18409012345678", "*66"} {
		a := o.p201.call(dialed, o.p201.description("sendrecv"))
		b := o.hikari.rung()
		m := b.invite
		if from := string(m.Value(sip.HeaderFrom)); !strings.Contains(from, "<sip:anonymous@anonymous.invalid>") ||
			string(m.Value(sip.HeaderPrivacy)) != "id" {
			t.Errorf("%s: the carrier gets\n%s", dialed, m.Bytes())
		}
		head, _, _ := strings.Cut(string(m.Bytes()), "\r\n\r\n")
		for line := range strings.SplitSeq(head, "\r\n") {
			name, _, _ := strings.Cut(line, ":")
			told := strings.Contains(line, "0312345670") || strings.Contains(line, "sip:201@")
			if told && name != "P-Asserted-Identity" {
				t.Errorf("%s: who calls stands in %s", dialed, line)
			}
		}
		b.reply(200, o.hikari.description("sendrecv"))
		b.next(sip.ACK)
		a.response(sip.INVITE, 200)
		a.ack("")
		hangUp(a, b)
		o.over()
	}
}
