package unit

import (
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

// TestLineRegisters keeps a line registered at a carrier that challenges, and
// takes a call on the contact that was registered; at the end the
// registration is taken back.
func TestLineRegisters(t *testing.T) {
	withShards(t, func(t *testing.T, shards int) {
		o := newOffice(t, officeConfig{shards: shards, late: true})
		carrier := newPuppet(t, o.h, "registrar", "127.0.9.3:5060", lineSide)
		row, err := o.lines.Seal(fact.Line{
			ID: "l3", Profile: "generic-registration", Registrar: carrier.addr.String(), User: "me",
			Transport: "udp", Channels: 2, AreaCode: "03", Priority: 9,
			Numbers: []fact.Number{{Number: "0355556666", Ring: []string{"203"}}},
		}, "secret")
		o.must(err)
		o.must(o.lines.Add(row))
		o.must(openLine(o.unit, o.stack, o.lines, "l3", "lines"))
		o.unit.SetPlan(o.plan())
		o.must(o.unit.Start(t.Context(), o.stack, o.relay))
		first := carrier.request(sip.REGISTER)
		carrier.reply(first, 401, "t1", "", `WWW-Authenticate: Digest realm="carrier",nonce="n1",qop="auth"`)
		second := carrier.request(sip.REGISTER)
		if !strings.Contains(string(second.Value(sip.HeaderAuthorization)), `username="me"`) {
			t.Fatalf("no credentials in\n%s", second.Bytes())
		}
		contact := string(second.Value(sip.HeaderContact))
		carrier.reply(second, 200, "t1", "", "Contact: "+contact+";expires=3600")
		last[fact.LineRegistered](o)
		list, err := second.Contacts()
		if err != nil || len(list) != 1 {
			t.Fatalf("contacts of %s: %v", second.Bytes(), err)
		}
		// A call that does not carry the contact's token is not this line's.
		carrier.call("0355556666", carrier.description("sendrecv"))
		a := carrier.call(string(list[0].URI.User), carrier.description("sendrecv"),
			"P-Called-Party-ID: <sip:0355556666@carrier>")
		b := o.p203.rung()
		o.p203.expectNone("the stray call", isMethod(sip.INVITE))
		b.reply(486, "")
		b.next(sip.ACK)
		a.response(sip.INVITE, 486)
		a.ackRefusal()
		stopped := make(chan struct{})
		go func() { defer close(stopped); o.close() }()
		m := carrier.request(sip.REGISTER)
		if e := string(m.Value(sip.HeaderExpires)); e != "0" {
			t.Errorf("the registration is not taken back, Expires %q", e)
		}
		<-stopped
	})
}

// doorman lets everybody in who says who he is; whoever says to be 299 is
// 203 with a password that fails.
type doorman struct{}

func (doorman) Authenticate(m *sip.Message, _ edge.Source, _ time.Time) edge.Verdict {
	user := string(m.From().URI.User)
	if user == "299" {
		return edge.Verdict{Action: edge.Admit, Identity: edge.Identity{Extension: "203", Device: "203-1"}}
	}
	return edge.Verdict{Action: edge.Admit, Identity: edge.Identity{
		Extension: user, Device: user + "-1", Credential: user + "-1", Authenticated: true,
	}}
}
