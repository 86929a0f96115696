//go:build e2e

package e2e

import (
	"encoding/xml"
	"errors"
	"fmt"
	"testing"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"github.com/sekisho/sekisho/e2e/peer"
)

// dialogInfo is what a watcher reads of a NOTIFY (RFC 4235).
type dialogInfo struct {
	Dialog []struct {
		CallID    string `xml:"call-id,attr"`
		LocalTag  string `xml:"local-tag,attr"`
		RemoteTag string `xml:"remote-tag,attr"`
		State     string `xml:"state"`
		Remote    string `xml:"remote>identity"`
	} `xml:"dialog"`
}

// lamp is what a watcher was told, in its order.
type lamp struct {
	*world

	told chan dialogInfo
}

// watches has a sipgo phone watch the lamp of an extension.
func (c *caller) watches(extension string) *lamp {
	c.Helper()
	l := &lamp{world: c.world, told: make(chan dialogInfo, 16)}
	server, err := sipgo.NewServer(c.ua)
	c.must(err)
	server.OnNotify(func(req *sip.Request, tx sip.ServerTransaction) {
		var d dialogInfo
		err := xml.Unmarshal(req.Body(), &d)
		if err = errors.Join(err, tx.Respond(sip.NewResponseFromRequest(req, 200, "OK", nil))); err != nil {
			c.Errorf("%v in %s", err, req.Body())
		}
		l.told <- d
	})
	client := c.dialogs.Client
	uri := sip.Uri{
		Scheme: "sip", User: extension, Host: c.phone.Server.Addr().String(), Port: int(c.phone.Server.Port()),
	}
	req := sip.NewRequest(sip.SUBSCRIBE, uri)
	req.AppendHeader(&c.dialogs.ContactHDR)
	for name, value := range map[string]string{
		"Event": "dialog", "Accept": "application/dialog-info+xml", "Expires": "300",
	} {
		req.AppendHeader(sip.NewHeader(name, value))
	}
	res, err := client.Do(c.ctx, req)
	c.must(err)
	res, err = client.DoDigestAuth(c.ctx, req, res, sipgo.DigestAuth{Username: c.phone.User, Password: c.phone.Secret})
	c.must(err)
	if res.StatusCode != 200 {
		c.Fatalf("SUBSCRIBE: %s", res.StartLine())
	}
	return l
}

// shows waits until the lamp is in a state.
func (l *lamp) shows(state string) (d dialogInfo) {
	l.Helper()
	for {
		select {
		case d = <-l.told:
			if len(d.Dialog) != 1 {
				l.Fatalf("%d dialogs", len(d.Dialog))
			}
			if d.Dialog[0].State == state {
				return d
			}
		case <-l.ctx.Done():
			l.Fatalf("the lamp never was %s; last %+v", state, d)
		}
	}
}

// TestTakenByTheBlinkingLamp: a sipgo phone watches a baresip's lamp; where that blinks it takes the
// call by what the lamp says of it, an INVITE with Replaces (RFC 3891). While the two
// that talk do so the lamp does not say who they are.
func TestTakenByTheBlinkingLamp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	a, b := w.baresip(u.phone("201", "udp", true), toneA), w.baresip(u.phone("202", "udp", true), 0)
	for _, p := range []*peer.Baresip{a, b} {
		w.must(p.Registered(w.ctx))
	}
	c := w.caller(u.phone("203", "udp", true))
	l := c.watches("202")
	l.shows("terminated")
	w.must(a.Dial("202"))
	w.rings(b)
	d := l.shows("early").Dialog[0]
	if want := "sip:201@"; len(d.Remote) < len(want) || d.Remote[:len(want)] != want {
		t.Errorf("the lamp says that %q calls", d.Remote)
	}
	dialog, err := c.reach(w.ctx, "202", sip.NewHeader("Replaces",
		fmt.Sprintf("%s;to-tag=%s;from-tag=%s", d.CallID, d.LocalTag, d.RemoteTag)))
	w.must(err)
	defer dialog.Close()
	w.established(a)
	w.hungUp(b)
	l.shows("terminated")
	w.must(dialog.Bye(w.ctx))
	w.hungUp(a)
	w.must(a.Dial("202"))
	w.rings(b)
	w.must(b.Accept())
	w.established(a)
	if d := l.shows("confirmed").Dialog[0]; d.Remote != "" || d.CallID != "" {
		t.Errorf("the lamp tells others of a talk: %+v", d)
	}
	w.must(a.Hangup())
	w.hungUp(b)
	l.shows("terminated")
}
