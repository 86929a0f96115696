package app_test

import (
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
)

// A price list of ten yen for six seconds has calls of seconds tell what others
// tell in minutes.
const (
	quickPrices = "prefix,yen,unit_seconds\n1,10,6\n"
	quickUnit   = 6 * time.Second
	quickYen    = 10
)

// quickly is what the carrier bills by it, from its own clock.
func quickly(e *carrier.Entry) int64 {
	return int64((e.End.Sub(e.Answer)+quickUnit-1)/quickUnit) * quickYen * 1000
}

// talker is a phone that may call abroad for most, and whose person has a PIN.
func (w *world) talker(extension, digits string, most int64) *office.Phone {
	w.Helper()
	p := w.phone(extension, nil)
	w.within("extension/"+extension+"/abroad", most)
	w.within("person/"+extension+"/abroad", 100*most)
	_, err := control.Call(w.ctx(), w.client, control.GateOpen, control.GateOpenRequest{
		Area: "US", Extension: extension, Until: time.Now().Add(time.Hour), Reason: "test",
	})
	w.must(err)
	set := control.PINSetRequest{Extension: extension, Digits: []byte(digits)}
	_, err = control.Call(w.ctx(), w.client, control.PINSet, set)
	w.must(err)
	w.calls(p, domestic) // at night as by day: somebody telephones here now
	return p
}

// talksTo wants to be put through.
func (w *world) talksTo(p *office.Phone, number string) *office.Call {
	w.Helper()
	call, out, err := p.Dial(w.ctx(), number)
	if err != nil || call == nil {
		w.Fatalf("not put through: %+v %v", out, err)
	}
	return call
}

// TestPINKeepsACall, by the carrier's books: two people talk abroad on budgets for
// 24 seconds each. One types its PIN, and talks on; the other is cut when that is
// used up, less the guard. The bill is within what was set aside.
func TestPINKeepsACall(t *testing.T) {
	t.Parallel()
	const most, paid = int64(40_000), 21 * time.Second
	w, log := asking(t)
	file := control.TariffFile{Name: "quick.csv", Data: []byte(quickPrices), Reason: "test"}
	_, err := control.Call(w.ctx(), w.client, control.TariffImport, file)
	w.must(err)
	keeps, silent := w.talker("201", pin, most), w.talker("202", "835061", most)
	home := len(w.carrier.Books().Entries())
	call := w.talksTo(keeps, "01012125550123")
	began := time.Now()
	w.talksTo(silent, "01012125550124")
	m := w.mouthOf("201", call)
	m.press("1#" + pin + "#")
	w.until("the rest is paid by the person", func() bool { return w.budget("person/201/abroad").Calls == 1 })
	if b := w.budget("extension/201/abroad"); b.Calls != 0 || b.Held != most {
		t.Errorf("the phone's: %+v", b)
	}
	abroad := func() (kept, cut carrier.Entry) {
		all := w.carrier.Books().Since(home)
		return all[0], all[1]
	}
	if speech, _ := m.hears(time.Until(began.Add(paid + 3*time.Second))); speech < 2*time.Second {
		t.Errorf("the other side, and that the call goes on, is heard for %v", speech)
	}
	w.until("the other call is cut", func() bool { _, cut := abroad(); return !cut.End.IsZero() })
	kept, cut := abroad()
	if !kept.End.IsZero() {
		t.Fatalf("cut after %v", kept.End.Sub(kept.Answer))
	}
	w.must(call.Hangup(w.ctx()))
	w.until("both are settled", func() bool {
		return w.budget("person/201/abroad").Calls == 0 && w.budget("extension/202/abroad").Calls == 0
	})
	kept, _ = abroad()
	if talk := cut.End.Sub(cut.Answer); talk < paid-time.Second || talk > paid+time.Second || quickly(&cut) > most {
		t.Errorf("the silent one is cut after %v, at %d of %d", talk, quickly(&cut), most)
	}
	phone, person := w.budget("extension/201/abroad"), w.budget("person/201/abroad")
	spent := phone.Used24 + person.Used24
	t.Logf("talked %v for %d: %d and %d", kept.End.Sub(kept.Answer), quickly(&kept), phone.Used24, person.Used24)
	if phone.Used24 != most || person.Used24 == 0 || person.Held != 0 || quickly(&kept) > spent ||
		spent > quickly(&kept)+quickYen*1000 {
		t.Errorf("billed %d; %+v, %+v", quickly(&kept), phone, person)
	}
	if b := w.budget("person/202/abroad"); b.Used24 != 0 {
		t.Errorf("who types nothing: %+v", b)
	}
	w.stop()
	w.mustNotHold(pin, log)
	w.start()
}
