package lamp

import (
	"strings"
	"testing"
	"time"
)

// TestReadsWhatItWrites: what one unit tells is what another one reads, for each phase that
// there is, and nothing of who is in the call.
func TestReadsWhatItWrites(t *testing.T) {
	now := time.Unix(0, 0)
	b := NewBoard("office")
	id, err := b.Watch(Watcher{Entity: "301", Device: "site/tokyo", StateOnly: true}, now)
	if err != nil {
		t.Fatal(err)
	}
	for phase, want := range map[Phase]Phase{
		Idle: Idle, Seized: Talking, Ringing: Ringing, Talking: Talking, Held: Held, Unknown: Idle,
	} {
		b.Set("301", State{
			Phase: phase, Device: "302-1", Extension: "302", Number: "0312345678", Name: "Aoki", CallID: "c",
			LocalTag: "l", RemoteTag: "r",
		}, now)
		body := b.Body(id, 1)
		if got, named, ok := Read(body); !ok || got != want || named {
			t.Errorf("%v is read %v, %v", phase, got, ok)
		}
		for _, secret := range []string{"0312345678", "Aoki", "302", `"c"`} {
			if strings.Contains(string(body), secret) {
				t.Errorf("%v tells %s: %s", phase, secret, body)
			}
		}
	}
}

// TestWhoMayTakeReadsThatItMay, while it rings, and no more of whom.
func TestWhoMayTakeReadsThatItMay(t *testing.T) {
	now := time.Unix(0, 0)
	b := NewBoard("office")
	id, err := b.Watch(Watcher{Entity: "301", Device: "site/tokyo", StateOnly: true, Takes: true}, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, phase := range []Phase{Ringing, Talking, Held, Ringing, Idle} {
		b.Set("301", State{Phase: phase, Number: "0312345678", CallID: "c-secret", LocalTag: "l", RemoteTag: "r"}, now)
		body := b.Body(id, 1)
		if got, named, ok := Read(body); !ok || got != phase || named != (phase == Ringing) {
			t.Errorf("%v is read %v, named %v, %v", phase, got, named, ok)
		}
		if s := string(body); strings.Contains(s, "secret") || strings.Contains(s, "0312345678") {
			t.Errorf("%v tells %s", phase, s)
		}
	}
}

// TestReadsOthers: what other units may write, and what none should.
func TestReadsOthers(t *testing.T) {
	info := func(dialogs string) string {
		return `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="1" state="full" entity="sip:301@b">` +
			dialogs + `</dialog-info>`
	}
	held := `<dialog id="1"><state>confirmed</state><local><target uri="sip:a@b">` +
		`<param pname="+sip.rendering" pvalue="no"/></target></local></dialog>`
	for body, want := range map[string]Phase{
		info(``): Idle,
		info(`<dialog id="1" direction="initiator"><state> early </state></dialog>`): Seized,
		info(`<dialog id="1" direction="recipient"><state>trying</state></dialog>`):  Ringing,
		info(held): Held,
		info(held + `<dialog id="2"><state>early</state></dialog>`):         Ringing,
		info(`<dialog id="2"><state>confirmed</state></dialog>` + held):     Talking,
		info(`<dialog id="1"><state event="x">terminated</state></dialog>`): Idle,
	} {
		if got, _, ok := Read([]byte(body)); !ok || got != want {
			t.Errorf("%s: %v, %v", body, got, ok)
		}
	}
	for _, body := range []string{
		"", "x", "<x/>", info(`<dialog id="1"/>`), info(`<dialog id="1"><state>busy</state></dialog>`),
		strings.Replace(info(``), "full", "partial", 1), info(strings.Repeat(" ", ReadMax)), info(`<dialog>`),
	} {
		if got, named, ok := Read([]byte(body)); ok || named || got != Unknown {
			t.Errorf("%.80s: %v, %v", body, got, ok)
		}
	}
}

// TestWhatIsNotKnownIsDark, and is no news to who is shown that it is idle.
func TestWhatIsNotKnownIsDark(t *testing.T) {
	now := time.Unix(0, 0)
	b := NewBoard("office")
	id, err := b.Watch(Watcher{Entity: "301", Device: "201-1"}, now)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, _ := Read(b.Body(id, 1)); got != Idle {
		t.Errorf("idle is %v", got)
	}
	b.Set("301", State{Phase: Unknown, Number: "1"}, now)
	if due := b.Due(now); len(due) != 0 {
		t.Errorf("news: %v", due)
	}
	if s := b.State("301"); s != (State{Phase: Unknown}) {
		t.Errorf("it is %+v", s)
	}
	b.Set("301", State{Phase: Ringing}, now)
	if due := b.Due(now); len(due) != 1 {
		t.Errorf("no news: %v", due)
	}
	b.Body(id, 2)
	b.Set("301", State{Phase: Unknown}, now)
	if due := b.Due(now); len(due) != 1 {
		t.Errorf("no news: %v", due)
	}
	if got, _, _ := Read(b.Body(id, 3)); got != Idle {
		t.Errorf("unknown is shown as %v", got)
	}
	b.Unwatch(id)
	b.Set("301", State{}, now)
	if n := len(b.List()); n != 0 {
		t.Errorf("%d lamps are left", n)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`<dialog-info state="full"><dialog><state>early</state></dialog></dialog-info>`))
	f.Add([]byte(`<dialog-info state="full"/>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if p, named, ok := Read(body); ok != (p < Unknown) || named && p != Ringing {
			t.Errorf("%v, %v, %v", p, named, ok)
		}
	})
}
