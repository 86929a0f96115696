package app_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/unit"
)

// knownOffice is a unit with one line, whose number rings two phones that tell what
// they are shown and answer.
func knownOffice(t *testing.T) (w *world, reception, sales chan office.Ring) {
	t.Helper()
	w, _, reception, sales = officeWithPhone(t)
	return w, reception, sales
}

// officeWithPhone is knownOffice with reception's phone.
func officeWithPhone(t *testing.T) (w *world, p *office.Phone, reception, sales chan office.Ring) {
	t.Helper()
	speaks := func(_ *world, c *config.Config) { c.Voice.AnnouncementsMax = 4 }
	w = newWorldWith(t, speaks, nil, carrier.Account{
		User: "unit", Secret: carrierSecret, Numbers: []string{mainNumber, secondNumber},
		Manners: carrier.GenericRegistration("self"),
	})
	reception, sales = make(chan office.Ring, 8), make(chan office.Ring, 8)
	p = w.phone("201", func(r office.Ring) int { reception <- r; return 200 })
	w.phone("202", func(r office.Ring) int { sales <- r; return 200 })
	w.line(control.LineAddRequest{
		Profile: "generic-registration", User: "unit", Secret: carrierSecret,
		Numbers: []control.LineNumber{
			{Number: mainNumber, Ring: []string{"201"}}, {Number: secondNumber, Ring: []string{"202"}},
		},
	})
	return w, p, reception, sales
}

// called calls a number of the office and gives the final status.
func (w *world) called(number, caller string) int {
	w.Helper()
	call, err := w.carrier.Place(w.ctx(), number, caller, carrier.Silence)
	w.must(err)
	status, err := call.Status(w.ctx())
	w.must(err)
	call.Hangup()
	<-call.Ended()
	w.until("the phone has hung up, too", func() bool {
		live, err := control.Call(w.ctx(), w.client, control.LiveCalls, control.None{})
		w.must(err)
		return len(live) == 0
	})
	return status
}

func (w *world) screen(r control.ScreenChangeRequest) {
	w.Helper()
	_, err := control.Call(w.ctx(), w.client, control.ScreenChange, r)
	w.must(err)
}

// Phones show whose number calls: as their own book says, or the common one, also
// after a restart. Who hides its number, and who stands in no book, is shown as ever.
func TestPhonesShowWhoCalls(t *testing.T) {
	w, reception, sales := knownOffice(t)
	add := func(extension, name, number string) {
		t.Helper()
		_, err := control.Call(w.ctx(), w.client, control.BookChange, control.BookChangeRequest{
			Extension: extension, Add: []control.BookEntry{{Name: name, Number: number}},
		})
		w.must(err)
	}
	add("", "山田商店", "045-555-1234")
	add("202", "やまちゃん", "+81 45 555 1234")
	see := func() {
		t.Helper()
		for _, c := range []struct {
			number, caller string
			rings          chan office.Ring
			name           string
		}{
			{mainNumber, "0455551234", reception, "山田商店"},
			{secondNumber, "0455551234", sales, "やまちゃん"},
			{mainNumber, "0455550000", reception, ""},
			{mainNumber, "", reception, "Anonymous"},
		} {
			if status := w.called(c.number, c.caller); status != 200 {
				t.Errorf("%s at %s: %d", c.caller, c.number, status)
				continue
			}
			if r := <-c.rings; r.Name != c.name {
				t.Errorf("%s at %s is shown as %q, want %q", c.caller, c.number, r.Name, c.name)
			}
		}
	}
	see()
	w.stop()
	w.start()
	w.until("the line is up", func() bool { return w.lineState() == "up" })
	see()
	found, err := control.Call(w.ctx(), w.client, control.BookFind, control.BookFindRequest{Part: "山田"})
	w.must(err)
	if len(found) != 1 || found[0].Number != "045-555-1234" {
		t.Errorf("found %+v", found)
	}
	for _, r := range []control.BookChangeRequest{
		{Extension: "299"}, {Remove: []string{"0459999999"}}, {Add: []control.BookEntry{{Name: "x", Number: "x"}}},
	} {
		if _, err := control.Call(w.ctx(), w.client, control.BookChange, r); err == nil {
			t.Errorf("%+v was done", r)
		}
	}
}

// Callers who are not wanted are turned away before any phone rings, and the call is
// on record; one who is let in all the same rings.
func TestCallersAreTurnedAway(t *testing.T) {
	w, reception, sales := knownOffice(t)
	on := true
	var many []string
	for i := range 10_000 {
		many = append(many, fmt.Sprintf("07012%06d", i))
	}
	w.screen(control.ScreenChangeRequest{Block: append(many, "090-1111-2222"), Anonymous: &on})
	w.screen(control.ScreenChangeRequest{Number: secondNumber, Allow: []string{"+819011112222"}})
	for _, c := range []struct {
		number, caller string
		status         int
	}{
		{mainNumber, "09011112222", 603},
		{mainNumber, "07012009999", 603},
		{mainNumber, "", 433},
		{secondNumber, "", 433},
	} {
		if status := w.called(c.number, c.caller); status != c.status {
			t.Errorf("%q at %s: %d, want %d", c.caller, c.number, status, c.status)
		}
	}
	if len(reception)+len(sales) > 0 {
		t.Errorf("%d and %d phones rang", len(reception), len(sales))
	}
	if status := w.called(secondNumber, "09011112222"); status != 200 || len(sales) != 1 {
		t.Errorf("who is let in: %d", status)
	}
	w.stop()
	w.start()
	w.until("the line is up", func() bool { return w.lineState() == "up" })
	if status := w.called(mainNumber, "07012009999"); status != 603 {
		t.Errorf("after a restart: %d", status)
	}
	var ends []string
	w.until("all is on record", func() bool {
		calls, err := control.Call(w.ctx(), w.client, control.Calls, control.CallsRequest{})
		w.must(err)
		ends = nil
		for _, c := range calls {
			ends = append(ends, c.From+" "+c.Reason)
		}
		open := func(c control.CallRecord) bool { return c.Ended.IsZero() }
		return len(calls) == 6 && !slices.ContainsFunc(calls, open)
	})
	slices.Sort(ends)
	want := []string{
		" anonymous turned away", " anonymous turned away", "07012009999 caller turned away",
		"07012009999 caller turned away", "09011112222 caller turned away", "09011112222 hung up",
	}
	if !slices.Equal(ends, want) {
		t.Errorf("on record: %q, want %q", ends, want)
	}
}

// Whoever called last is turned away by one command. Who hid its number can't be.
func TestTheLastCallerIsTurnedAway(t *testing.T) {
	w, reception, _ := knownOffice(t)
	last := func() (control.ScreenBlocked, error) {
		return control.Call(w.ctx(), w.client, control.ScreenLast, control.ScreenLastRequest{Extension: "201"})
	}
	if _, err := last(); err == nil {
		t.Error("somebody was blocked before anybody called")
	}
	if status := w.called(mainNumber, "0455551234"); status != 200 {
		t.Fatal(status)
	}
	<-reception
	w.until("the call is on record", func() bool {
		b, err := last()
		return err == nil && b.Caller == "0455551234"
	})
	if status := w.called(mainNumber, "0455551234"); status != 603 || len(reception) > 0 {
		t.Errorf("called again: %d", status)
	}
	w.screen(control.ScreenChangeRequest{Unblock: []string{"0455551234"}})
	if status := w.called(mainNumber, "0455551234"); status != 200 {
		t.Errorf("unblocked: %d", status)
	}
}

// A phone turns away whom its extension talked with last, by a code; where that is
// nobody it is told so. Whom another extension talked with stays.
func TestAPhoneTurnsItsLastCallerAway(t *testing.T) {
	t.Parallel()
	w, p, reception, sales := officeWithPhone(t)
	if said := w.dialsCode(p, "*33"); said != unit.PromptFailed {
		t.Errorf("who talked with nobody hears %q", said)
	}
	if w.called(mainNumber, "0455551234") != 200 || w.called(secondNumber, "0455550000") != 200 {
		t.Fatal("not put through")
	}
	<-reception
	<-sales
	if said := w.dialsCode(p, "*33"); said != "caller-blocked" {
		t.Errorf("reception hears %q", said)
	}
	if status := w.called(mainNumber, "0455551234"); status != 603 {
		t.Errorf("reception's caller: %d", status)
	}
	if status := w.called(secondNumber, "0455550000"); status != 200 {
		t.Errorf("the caller of sales: %d", status)
	}
}

// Who calls back after an emergency call is turned away by no list: such a call need
// not show its number.
func TestNobodyIsTurnedAwayAfterAnEmergencyCall(t *testing.T) {
	w, reception, _ := knownOffice(t)
	on := true
	w.screen(control.ScreenChangeRequest{Anonymous: &on, Only: &on})
	if status := w.called(mainNumber, ""); status != 433 {
		t.Fatalf("before: %d", status)
	}
	p := w.phone("203", nil)
	call, o, err := p.Dial(w.ctx(), "119")
	w.must(err)
	if call == nil {
		t.Fatalf("119: %+v", o)
	}
	w.must(call.Hangup(w.ctx()))
	if status := w.called(mainNumber, ""); status == 433 || len(reception) != 1 {
		t.Errorf("called back: %d, %d rang", status, len(reception))
	}
}
