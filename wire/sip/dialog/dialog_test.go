package dialog

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/wire/sip"
)

func parse(t *testing.T, lines ...string) *sip.Message {
	t.Helper()
	var m sip.Message
	if err := sip.Parse([]byte(strings.Join(lines, "\r\n")+"\r\n\r\n"), &m); err != nil {
		t.Fatal(err)
	}
	return &m
}

func invite(t *testing.T, more ...string) *sip.Message {
	t.Helper()
	return parse(t, append([]string{
		"INVITE sips:202@unit SIP/2.0", "Via: SIP/2.0/UDP p;branch=z9hG4bKa", `From: "Bob" <sip:bob@b>;tag=remote;x=1`,
		"To: <sip:202@unit>", "Call-ID: c1", "CSeq: 314 INVITE",
	}, more...)...)
}

func TestUAS(t *testing.T) {
	m := invite(t, "Contact: <sip:bob@10.0.0.5:5070;transport=tcp?Subject=x>",
		"Record-Route: <sip:p1;lr>, <sip:p2;lr>", "Record-Route: <sip:p3;lr>")
	d, err := NewUAS(m, "local")
	if err != nil {
		t.Fatal(err)
	}
	h := d.Request(sip.BYE)
	if h.Method != sip.BYE || h.CSeq != 1 || h.CallID != "c1" || h.URI != "sip:bob@10.0.0.5:5070;transport=tcp" ||
		h.From != "<sip:202@unit>;tag=local" || h.To != `"Bob" <sip:bob@b>;tag=remote` || h.Next != "sip:p1;lr" {
		t.Errorf("head %+v", h)
	}
	if want := []string{"sip:p1;lr", "sip:p2;lr", "sip:p3;lr"}; !slices.Equal(h.Routes, want) {
		t.Errorf("routes %q", h.Routes)
	}
	if !d.Secure || d.RemoteSeq != 314 {
		t.Errorf("secure %v, remote sequence %d", d.Secure, d.RemoteSeq)
	}
	if _, err := NewUAS(invite(t), "local"); !errors.Is(err, ErrNoContact) {
		t.Errorf("no contact: %v", err)
	}
	if _, err := NewUAS(invite(t, "Contact: <tel:+8131234>"), "local"); !errors.Is(err, ErrNoContact) {
		t.Errorf("contact that can't be reached: %v", err)
	}
}

func response(t *testing.T, status string, more ...string) *sip.Message {
	t.Helper()
	return parse(t, append([]string{
		"SIP/2.0 " + status, "Via: SIP/2.0/UDP p;branch=z9hG4bKa", "From: <sip:a@a>;tag=local",
		"Call-ID: c1", "CSeq: 7 INVITE",
	}, more...)...)
}

func TestUAC(t *testing.T) {
	h := Head{Method: sip.INVITE, URI: "sip:b@b", From: "<sip:a@a>;tag=local", To: "<sip:b@b>", CallID: "c1", CSeq: 7}
	early := response(t, "180 Ringing", "To: <sip:b@b>;tag=remote", "Record-Route: <sip:p1;lr>, <sip:p2;lr>")
	d, err := NewUAC(h, "local", early)
	if err != nil {
		t.Fatal(err)
	}
	if d.Confirmed || d.Target != "sip:b@b" || d.Local != "<sip:a@a>" || d.RemoteTag != "remote" {
		t.Errorf("early dialog %+v", d)
	}
	if want := []string{"sip:p2;lr", "sip:p1;lr"}; !slices.Equal(d.Routes, want) {
		t.Errorf("routes %q", d.Routes)
	}
	final := response(t, "200 OK", "To: <sip:b@b>;tag=remote", "Contact: <sip:b@10.0.0.9>", "Record-Route: <sip:p9;lr>")
	d.Confirm(final)
	ack, bye := d.Ack(7), d.Request(sip.BYE)
	if ack.CSeq != 7 || ack.Method != sip.ACK || bye.CSeq != 8 || bye.URI != "sip:b@10.0.0.9" || !d.Confirmed {
		t.Errorf("ack %+v, bye %+v", ack, bye)
	}
	if want := []string{"sip:p9;lr"}; !slices.Equal(bye.Routes, want) {
		t.Errorf("routes %q", bye.Routes)
	}
	for want, m := range map[error]*sip.Message{
		ErrNoTag:     response(t, "200 OK", "To: <sip:b@b>", "Contact: <sip:b@c>"),
		ErrNoContact: response(t, "200 OK", "To: <sip:b@b>;tag=x"),
	} {
		if _, err := NewUAC(h, "local", m); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

// TestStrictRouter is RFC 3261 §16.12.1.2's picture from the user agent's
// side.
func TestStrictRouter(t *testing.T) {
	d := Dialog{Target: "sip:target@h", Routes: []string{"sip:strict;method=INVITE", "sip:loose;lr"}}
	h := d.Request(sip.INFO)
	if h.URI != "sip:strict" || !slices.Equal(h.Routes, []string{"sip:loose;lr", "sip:target@h"}) {
		t.Errorf("head %+v", h)
	}
	for uri, want := range map[string]bool{
		"sip:p;lr": true, "sip:p;transport=udp;LR": true, "sip:p;lr=on": true, "sip:p": false, "sip:p;x=lr": false,
		"sip:lr@p": false, "sip:a;lr;x@p": false, "sip:p?a;lr": false, "sip:p;xlr": false, "sip:p;lr?a=b": true,
	} {
		if isLoose(uri) != want {
			t.Errorf("isLoose(%q) = %v", uri, !want)
		}
	}
}

func TestSequence(t *testing.T) {
	d, err := NewUAS(invite(t, "Contact: <sip:bob@b>"), "local")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method sip.Method
		seq    uint32
		want   int
	}{
		{sip.ACK, 314, 0},
		{sip.CANCEL, 314, 0},
		{sip.INFO, 314, 500},
		{sip.INFO, 315, 0},
		{sip.INFO, 315, 500},
		{sip.BYE, 900, 0}, // gaps are fine (RFC 3261 §12.2.2)
		{sip.INFO, 899, 500},
	} {
		if got := d.Receive(c.method, c.seq); got != c.want {
			t.Errorf("%s %d: %d, want %d", c.method, c.seq, got, c.want)
		}
	}
	var fresh Dialog // of a UAC: the peer has not sent anything yet
	if fresh.Receive(sip.BYE, 0) != 0 || fresh.Receive(sip.BYE, 0) != 500 {
		t.Error("first request with CSeq 0")
	}
}

func TestRefresh(t *testing.T) {
	d := Dialog{Target: "sip:old"}
	d.Refresh("")
	if d.Target != "sip:old" {
		t.Errorf("target %q", d.Target)
	}
	d.Refresh("sip:new;method=BYE;x=1?h=v")
	if d.Target != "sip:new;x=1" {
		t.Errorf("target %q", d.Target)
	}
}
