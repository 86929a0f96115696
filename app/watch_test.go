package app_test

import (
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/text"
)

// opened is a world with a line, phones at 201 and 202, and Sierra Leone open to
// both.
func opened(t *testing.T) (w *world, phones [2]*office.Phone) {
	t.Helper()
	answer := func(carrier.Reading) carrier.Behavior { return carrier.Behavior{} }
	w = newWorld(t, answer, carrier.Account{
		User: "unit", Secret: carrierSecret, Numbers: []string{mainNumber, secondNumber},
		Manners: carrier.GenericRegistration("self"),
	})
	w.line(control.LineAddRequest{Profile: "generic-registration", User: "unit", Secret: carrierSecret})
	for i, extension := range []string{"201", "202"} {
		phones[i] = w.phone(extension, nil)
		_, err := control.Call(w.ctx(), w.client, control.GateOpen, control.GateOpenRequest{
			Area: "SL", Extension: extension, Until: time.Now().Add(time.Hour), Reason: "test",
		})
		w.must(err)
	}
	return w, phones
}

// intruder is somebody elsewhere who knows what was typed into a phone.
func (w *world) intruder(extension string) *office.Phone {
	w.Helper()
	account := w.typed[extension]
	account.UserAgent = "friendly"
	elsewhere := netip.AddrFrom4([4]byte{127, 200, w.net[1], w.net[2]})
	p, err := office.New(w.socket(elsewhere, 0), account, netip.AddrPortFrom(elsewhere, 40000))
	w.must(err)
	w.Cleanup(func() { p.Close() })
	return p
}

func (w *world) signs(extension string) control.Signs {
	w.Helper()
	found, err := control.Call(w.ctx(), w.client, control.GateSigns, control.GateSignsRequest{Extension: extension})
	w.must(err)
	return found
}

// TestAnIntruderIsSetApart: who has a phone's secret and the owner's opened
// country pumps it while its owner telephones; by the carrier's books none of his
// calls is answered, the extension is set apart, and what it had up is cut. The
// other phones go on, and so do its internal and emergency calls. It stays so
// over a restart, with what was seen, until a person lets it go.
func TestAnIntruderIsSetApart(t *testing.T) {
	w, phones := opened(t)
	w.calls(phones[0], domestic)
	held, o, err := phones[0].Dial(w.ctx(), "01023276123400")
	if err != nil || held == nil {
		t.Fatalf("the owner's call: %+v %v", o, err)
	}
	began := time.Now().Unix()
	// Who came first is told in seconds.
	w.until("a second has passed", func() bool { return time.Now().Unix() > began })
	thief := w.intruder("201")
	w.must(thief.Register(w.ctx(), time.Hour))
	tries := 0
	for o.Phrase != "Set Apart" && tries < 20 {
		tries++
		if _, o, err = thief.Dial(w.ctx(), fmt.Sprintf("010232761234%02d", tries)); err != nil || o.Status != 603 {
			t.Fatalf("try %d: %+v %v", tries, o, err)
		}
	}
	t.Logf("set apart after %d tries; %d calls answered at the carrier", tries-1, w.abroad())
	if w.abroad() != 1 {
		t.Errorf("%d calls answered", w.abroad())
	}
	w.until("what was up is cut", func() bool { return up(w) == 0 })
	apart := w.apart()
	if len(apart) != 1 || apart[0].Kind != "extension" || apart[0].Value != "201" ||
		apart[0].CreatedBy != "gate: tempo" || !apart[0].Until.IsZero() {
		t.Fatalf("set apart: %+v", apart)
	}
	w.barredButForEmergencies(thief, phones[1])
	before := w.abroad()
	seen := w.signs("201").Seen
	cut := func(s control.SignsSeen) bool { return s.Opinion == "cut" && s.Rule == "tempo" && len(s.Signs) >= 3 }
	if len(seen) < 3 || !slices.ContainsFunc(seen, cut) {
		t.Errorf("seen: %+v", seen)
	}
	if n := w.figure(`sekisho_tempo_opinions_total{level="cut"}`); n == "0" {
		t.Error("no opinion to cut is counted")
	}

	w.stop()
	w.start()
	w.until("the line is up", func() bool { return w.lineState() == "up" })
	w.must(phones[0].Register(w.ctx(), time.Hour))
	if _, o, err := phones[0].Dial(w.ctx(), "01023276123400"); err != nil || o.Phrase != "Set Apart" {
		t.Errorf("after the restart: %+v %v", o, err)
	}
	known := w.signs("201")
	if len(known.Extensions) != 1 || len(known.Seen) < len(seen) ||
		!strings.Contains(known.Extensions[0].Known[0].Say(text.EN), "networks: 2") {
		t.Errorf("after the restart it knows %+v", known.Extensions)
	}
	if got := w.abroad(); got != before {
		t.Errorf("%d calls answered since it was set apart", got-before)
	}
	_, err = control.Call(w.ctx(), w.client, control.QuarantineRelease, control.QuarantineReleaseRequest{
		Kind: "extension", Value: "201", Reason: "new secret",
	})
	w.must(err)
	w.calls(phones[0], "01023276123400")
	if r, err := app.VerifyEvidence(w.ctx(), w.options.Data, config.Default().Store); err != nil || !r.OK {
		t.Errorf("evidence: %+v %v", r, err)
	}
}

// abroad counts the calls abroad that were answered, in the carrier's books.
func (w *world) abroad() (n int) {
	for _, e := range w.carrier.Books().Entries() {
		if e.Reading.Class == carrier.International && !e.Answer.IsZero() {
			n++
		}
	}
	return n
}

func (w *world) apart() []control.Quarantine {
	w.Helper()
	var list []control.Quarantine
	w.until("the extension is set apart", func() bool {
		var err error
		list, err = control.Call(w.ctx(), w.client, control.QuarantineList, control.None{})
		w.must(err)
		return len(list) > 0
	})
	return list
}

// barredButForEmergencies: an extension set apart calls nobody outside but the
// police; another one calls as ever.
func (w *world) barredButForEmergencies(apart, other *office.Phone) {
	w.Helper()
	for _, dialed := range []string{"01023276123499", domestic} {
		if _, o, err := apart.Dial(w.ctx(), dialed); err != nil || o.Phrase != "Set Apart" {
			w.Errorf("%s of an extension set apart: %+v %v", dialed, o, err)
		}
	}
	w.calls(apart, "119")
	w.calls(other, domestic)
	w.calls(other, "01023276123400")
	if _, o, err := apart.Dial(w.ctx(), "202"); err != nil || o.Status != 486 { // it rang
		w.Errorf("an internal call: %+v %v", o, err)
	}
}

// calls makes a call that is answered, and hangs up.
func (w *world) calls(p *office.Phone, dialed string) {
	w.Helper()
	call, o, err := p.Dial(w.ctx(), dialed)
	if err != nil || call == nil {
		w.Fatalf("%s calls %s: %+v %v", p.Extension(), dialed, o, err)
	}
	w.must(call.Hangup(w.ctx()))
}

// TestAnHonestDayRaisesNothing: ordinary calls, some abroad, to those who are
// called every day.
func TestAnHonestDayRaisesNothing(t *testing.T) {
	w, phones := opened(t)
	for i := range 12 {
		dialed := domestic
		if i%6 == 5 {
			dialed = "01023276123456"
		}
		w.calls(phones[i%2], dialed)
	}
	for _, level := range []string{"challenge", "cut"} {
		if n := w.figure(`sekisho_tempo_opinions_total{level="` + level + `"}`); n != "0" {
			t.Errorf("%s opinions to %s; seen %+v", n, level, w.signs("").Seen)
		}
	}
}

// TestAMemoryThatCantBeRead is said, and the unit starts all the same.
func TestAMemoryThatCantBeRead(t *testing.T) {
	w, phones := opened(t)
	w.calls(phones[0], "01023276123456")
	check := func() control.Check {
		all, err := control.Call(w.ctx(), w.client, control.Doctor, control.DoctorRequest{})
		w.must(err)
		i := slices.IndexFunc(all, func(c control.Check) bool { return c.Name == "tempo" })
		return all[i]
	}
	if c := check(); c.Result != control.ResultOK {
		t.Errorf("doctor says %+v", c)
	}
	w.stop()
	db, err := sql.Open("sqlite", filepath.Join(w.options.Data, evidence.StoreFile))
	w.must(err)
	_, err = db.ExecContext(w.ctx(), `UPDATE setting SET value = 'no state' WHERE name = 'gate.tempo'`)
	w.must(errors.Join(err, db.Close()))
	w.start()
	if c := check(); c.Result != control.ResultWarning || c.Detail.Key != "check.tempo.lost" {
		t.Errorf("doctor says %+v", c)
	}
	if k := w.signs("201").Extensions[0].Known; strings.Contains(k[1].Say(text.EN), "1 calls") {
		t.Errorf("it knows %q", k[1].Say(text.EN))
	}
}
