package phone

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/digest"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

const police = "sip:110@unit"

// caller makes the messages of one emergency call.
type caller struct {
	*office
	from edge.Source
	id   string // Call-ID
	seq  int
}

func (o *office) caller(from edge.Source, id string) *caller {
	return &caller{office: o, from: from, id: id}
}

// invite sends an INVITE, unsigned or with lines, and gives the verdict.
func (c *caller) invite(lines ...string) (edge.Verdict, *sip.Message) {
	c.t.Helper()
	c.seq++
	m := message(c.t, "INVITE", police, police, c.seq, append(lines, "Call-ID: "+c.id)...)
	return c.Authenticate(m, c.from, c.now), m
}

// wrong sends an INVITE signed with a wrong secret, for an earlier challenge.
func (c *caller) wrong(challenge edge.Verdict) (edge.Verdict, *sip.Message) {
	c.t.Helper()
	ch := challengeOf(c.t, challenge, digest.SHA256)
	return c.invite(authorization(c.t, ch, "201-1", "wrong", "INVITE", police, uint32(c.seq+1)))
}

// ack acknowledges the answer to an INVITE.
func (c *caller) ack(m *sip.Message, tag string) {
	c.t.Helper()
	text := strings.Replace(string(m.Bytes()), "INVITE", "ACK", 2)
	text = strings.Replace(text, "To: <"+police+">", "To: <"+police+">;tag="+tag, 1)
	var a sip.Message
	if err := sip.Parse([]byte(text), &a); err != nil || a.Method() != sip.ACK {
		c.t.Fatalf("%v in %s", err, text)
	}
	c.Acknowledged(&a, c.from, c.now)
}

// refused fails if an emergency call is let in.
func (c *caller) refused(what string, v edge.Verdict) {
	c.t.Helper()
	if v.Action == edge.Admit {
		c.t.Errorf("%s is let in: %+v", what, v)
	}
}

// heard fails if it is not, as the phone of the address.
func (c *caller) heard(what string, v edge.Verdict) {
	c.t.Helper()
	want := edge.Identity{
		Extension: "201", Home: "201", Device: "201-1", Credential: "201-1", Record: c.device("201-1"),
	}
	if v.Action != edge.Admit || v.Identity != want {
		c.t.Errorf("%s: %+v", what, v)
	}
}

// urgentOffice is one whose phone stands at desk.
func urgentOffice(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	o.register(desk, 1, "Contact: <sip:201@192.0.2.10>")
	o.ledger.take()
	return o
}

// alarms gives what was recorded since the last time.
func (o *office) alarms() string {
	o.Tick(o.now)
	var list []string
	for kind := range strings.FieldsSeq(o.ledger.take()) {
		if strings.HasPrefix(kind, "emergency") {
			list = append(list, kind)
		}
	}
	return strings.Join(list, " ")
}

func TestEmergencySignedIn(t *testing.T) {
	o := urgentOffice(t)
	c := o.caller(desk, "good")
	v, m := c.invite()
	c.ack(m, v.Tag)
	auth := authorization(t, challengeOf(t, v, digest.SHA256), "201-1", o.secret, "INVITE", police, 1)
	if v, _ := c.invite(auth); v.Action != edge.Admit || !v.Identity.Authenticated {
		t.Errorf("a good phone: %+v", v)
	}
	// What its ACK has proven is used up: nobody who forges its address can
	// call in its wake.
	forger := o.caller(desk, "forged")
	v, _ = forger.invite()
	forger.refused("a forged call behind a good one", v)
}

// A phone whose secret is wrong: INVITE, 401, ACK, INVITE with wrong
// credentials. It is heard even when its wrong answers get no replies any more.
func TestEmergencyWithWrongSecret(t *testing.T) {
	o := urgentOffice(t)
	for range 2 * FailuresFree {
		o.signed(stranger, "201-1", "wrong", "REGISTER", "sip:unit", "sip:201@unit", 1)
	}
	for n := range 3 {
		c := o.caller(desk, fmt.Sprint("wrong", n))
		first, m := c.invite()
		c.refused("the first INVITE", first)
		c.ack(m, first.Tag)
		second, _ := c.wrong(first)
		c.heard("the second", second)
		o.now = o.now.Add(UrgentProofLife)
	}
	if got := o.alarms(); got != "" {
		t.Errorf("alarm: %s", got)
	}
}

// The same where the phone's first INVITE is signed already, and where it has
// failed so often that its answers are slowed.
func TestEmergencyOfAPhoneThatKeepsFailing(t *testing.T) {
	o := urgentOffice(t)
	challenge := o.Authenticate(message(t, "REGISTER", "sip:unit", "sip:201@unit", 1), desk, o.now)
	ch := challengeOf(t, challenge, digest.SHA256)
	for n := range 3 * FailuresFree {
		auth := authorization(t, ch, "201-1", "wrong", "REGISTER", "sip:unit", uint32(n+1))
		o.Authenticate(message(t, "REGISTER", "sip:unit", "sip:201@unit", 2+n, auth), desk, o.now)
	}
	c := o.caller(desk, "slowed")
	v, m := c.wrong(challenge)
	if v.Action != edge.Challenge {
		t.Fatalf("a slowed phone's emergency call: %+v", v)
	}
	c.ack(m, v.Tag)
	v, _ = c.wrong(v)
	c.heard("its next", v)
}

// A phone that answers no challenge at all is dialed again by hand: a new
// call.
func TestEmergencyDialedAgain(t *testing.T) {
	o := urgentOffice(t)
	c := o.caller(desk, "mute")
	v, m := c.invite()
	c.ack(m, v.Tag)
	c.refused("a late copy", c.Authenticate(m, desk, o.now))
	v, _ = c.invite()
	c.heard("the same call again", v)
	o.now = o.now.Add(UrgentProofLife - time.Second)
	for n := range UrgentOthers + 1 {
		c = o.caller(desk, fmt.Sprint("by hand", n))
		if v, m = c.invite(); n < UrgentOthers {
			c.heard("dialed again", v)
		}
	}
	c.refused("a call too many for one proof", v)
	c.ack(m, v.Tag)
	o.now = o.now.Add(UrgentProofLife)
	v, _ = c.invite()
	c.refused("long afterwards", v)
}

// Over TCP and TLS the connection has proven the address.
func TestEmergencyOverTCP(t *testing.T) {
	o := urgentOffice(t)
	for _, transport := range []string{"tcp", "tls"} {
		from := desk
		from.Transport = transport
		c := o.caller(from, transport)
		first, m := c.invite()
		c.refused("the first INVITE", first)
		v, _ := c.wrong(first)
		c.heard("wrong credentials", v)
		c.ack(m, first.Tag)
		v, _ = c.invite()
		c.heard("none again", v)
		o.now = o.now.Add(UrgentProofLife)
	}
}

// Who forges the address of a registered phone does not hear what we say to it.
func TestEmergencyForged(t *testing.T) {
	o := urgentOffice(t)
	forger := o.caller(desk, "forged")
	challenge := o.Authenticate(message(t, "INVITE", police, police, 1, "Call-ID: own"), stranger, o.now)
	own := message(t, "INVITE", police, police, 1, "Call-ID: forged")
	tag := o.Authenticate(own, stranger, o.now).Tag // for his own address
	for range 3 {
		v, m := forger.invite()
		forger.refused("without credentials", v)
		for _, guess := range []string{"", tag, challenge.Tag, "u0000", "u" + strings.Repeat("0", 2*urgentTagBytes)} {
			forger.ack(m, guess)
		}
		v, _ = forger.wrong(challenge)
		forger.refused("with wrong credentials", v)
	}
	if got := o.alarms(); got != "emergency.refused" {
		t.Errorf("alarms: %q", got)
	}
	// A tag is good for its own INVITE, for a while.
	v, _ := forger.invite()
	other := message(t, "INVITE", police, police, 77, "Call-ID: forged")
	forger.ack(other, v.Tag)
	v, _ = forger.invite()
	forger.refused("with the tag of another INVITE", v)
	v, m := forger.invite()
	o.now = o.now.Add(2 * UrgentTagLife)
	forger.ack(m, v.Tag)
	v, _ = forger.invite()
	forger.refused("with an old tag", v)
}

func TestEmergencyOfStrangers(t *testing.T) {
	o := urgentOffice(t)
	c := o.caller(stranger, "x")
	v, m := c.invite()
	c.refused("a stranger's first", v)
	if got := o.alarms(); got != "" {
		t.Errorf("a stranger's first is recorded: %s", got)
	}
	c.ack(m, v.Tag)
	v, _ = c.invite()
	c.refused("a stranger's second", v)
	if got := o.alarms(); got != "emergency.refused" {
		t.Errorf("alarm: %q", got)
	}
	v, _ = c.wrong(v)
	c.refused("a stranger with wrong credentials", v)
	if got := o.alarms(); got != "emergency.refused" {
		t.Errorf("alarm: %q", got)
	}
	// An ordinary call is no emergency, proof or not.
	d := o.caller(desk, "y")
	v, m = d.invite()
	d.ack(m, v.Tag)
	v, _ = o.signed(desk, "201-1", "wrong", "INVITE", "sip:1100@unit", "sip:110@unit", 7, "Call-ID: y")
	d.refused("an ordinary call with wrong credentials", v)
	v, _ = d.invite()
	d.heard("the emergency call", v)
	o.now = o.now.Add(2 * ExpiresMax)
	v, m = d.invite()
	d.ack(m, v.Tag)
	v, _ = d.invite()
	d.refused("long after the registration", v)
}

// However many addresses prove to be real, what is kept is one table.
func TestEmergencyProofsAreBounded(t *testing.T) {
	o := urgentOffice(t)
	prove := func(n int) *caller {
		from := source(fmt.Sprintf("10.0.%d.%d:5060", n/250, n%250+1))
		o.places.put(from.Remote.Addr(), o.device("201-1"), o.now.Add(time.Hour).UnixNano())
		c := o.caller(from, fmt.Sprint("call", n))
		v, m := c.invite()
		c.ack(m, v.Tag)
		o.now = o.now.Add(time.Millisecond)
		return c
	}
	var all []*caller
	for n := range UrgentMax + 1 {
		all = append(all, prove(n))
	}
	for n, c := range all {
		v, _ := c.invite()
		if n == 0 {
			c.refused("the oldest", v)
		} else {
			c.heard(c.id, v)
		}
	}
}
