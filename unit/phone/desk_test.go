package phone

import (
	"context"
	"testing"

	"github.com/sekisho/sekisho/wire/sip/edge"
)

// TestSeat: a phone at which somebody is logged in is reached under that extension beside its
// own, asks as that extension, and registers as itself.
func TestSeat(t *testing.T) {
	o := newOffice(t)
	if _, _, err := o.Add(context.Background(), "301", "Ms. Tanaka", "owner", o.now); err != nil {
		t.Fatal(err)
	}
	asks := func(cseq int, want string) {
		t.Helper()
		v, m := o.signed(desk, "201-1", o.secret, "REGISTER", "sip:unit", "sip:201@unit", cseq,
			"Contact: <sip:201@192.0.2.10>")
		if v.Action != edge.Admit || v.Identity.Extension != want || v.Identity.Home != "201" {
			t.Errorf("it asks as %+v", v.Identity)
		}
		if a := o.Register(m, desk, v.Identity, o.now); a.Status != 200 {
			t.Errorf("it registers: %d %s", a.Status, a.Phrase)
		}
		if got := o.Seated("201-1"); got != want || o.Home("201-1") != "201" {
			t.Errorf("it is %s's", got)
		}
		extension, ok, _ := o.SignIn("201-1", o.secret, desk.Remote.Addr(), "phones", o.now)
		if !ok || extension != want {
			t.Errorf("it reads the book of %s", extension)
		}
	}
	asks(1, "201")
	if len(o.Lookup("301", o.now)) != 0 {
		t.Error("it is reached as somebody else's")
	}
	o.Seat(map[string]string{"201-1": "301", "999-1": "301"})
	asks(3, "301")
	for _, extension := range []string{"301", "201"} {
		found := o.Lookup(extension, o.now)
		if len(found) != 1 || found[0].Device != "201-1" || found[0].Extension != extension {
			t.Errorf("under %s it is found as %+v", extension, found)
		}
	}
	o.Seat(nil)
	asks(5, "201")
	if len(o.Lookup("301", o.now)) != 0 {
		t.Error("it is reached as who has left")
	}
	if o.Seated("999-1") != "" || o.Home("999-1") != "" {
		t.Error("there is a phone 999-1")
	}
}
