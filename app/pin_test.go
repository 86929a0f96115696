package app_test

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app"
	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/wire/dtmf"
	"github.com/sekisho/sekisho/wire/rtp/g711"
	"github.com/sekisho/sekisho/wire/sdp"
)

// pin is long enough to be found nowhere by chance.
const pin = "490172835016"

// mouth is the media of a simulated phone in one call.
type mouth struct {
	*testing.T
	conn net.PacketConn
	to   net.Addr
	seq  uint16
}

// mouthOf gives the mouth of an extension's phone in a call that was answered.
func (w *world) mouthOf(extension string, call *office.Call) *mouth {
	w.Helper()
	s, err := sdp.Parse(string(call.Answer()))
	w.must(err)
	to := net.UDPAddrFromAddrPort(s.Media[0].Remote())
	return &mouth{T: w.T, conn: w.mouths[extension], to: to}
}

func (m *mouth) send(kind byte, at uint32, payload []byte) {
	m.Helper()
	m.seq++
	packet := make([]byte, 12, 12+len(payload))
	packet[0], packet[1], packet[11] = 0x80, kind, 7
	binary.BigEndian.PutUint16(packet[2:], m.seq)
	binary.BigEndian.PutUint32(packet[4:], at)
	if _, err := m.conn.WriteTo(append(packet, payload...), m.to); err != nil {
		m.Fatal(err)
	}
}

// packetTime is how far apart the packets of a key are: more than twenty keys a
// second are nobody's finger.
const packetTime = 10 * time.Millisecond

// press sends keys as telephone-events (RFC 4733).
func (m *mouth) press(keys string) {
	m.Helper()
	const step, lasts = 160, 800
	for _, key := range []byte(keys) {
		e, err := dtmf.NewEncoder(key, lasts, step)
		if err != nil {
			m.Fatal(err)
		}
		at := uint32(m.seq) * step
		for last := false; !last; time.Sleep(packetTime) {
			var event dtmf.Event
			event, _, last = e.Next()
			var payload [dtmf.EventBytes]byte
			event.Put(payload[:])
			m.send(101, at, payload[:])
		}
	}
}

// hears listens for a time: how long somebody speaks, and how loud, in dBm0.
func (m *mouth) hears(long time.Duration) (speech time.Duration, level float64) {
	m.Helper()
	const silent = 1e-4 // above about -34 dBm0
	var power float64
	frames := 0
	end := time.Now().Add(long)
	m.listens(func() bool { return !time.Now().Before(end) }, func(mu []byte) {
		var p float64
		for _, b := range mu {
			v := float64(g711.DecodeMu(b)) / math.MaxInt16
			p += v * v
		}
		if p /= 160; p > silent {
			power += p
			frames++
		}
	})
	if frames == 0 {
		return 0, math.Inf(-1)
	}
	return time.Duration(frames) * 20 * time.Millisecond, 10*math.Log10(2*power/float64(frames)) + g711.DBm0
}

// listens takes down voice, 20 ms at a time, until it is over and all is heard that came
// before.
func (m *mouth) listens(over func() bool, each func(mu []byte)) {
	m.Helper()
	buf := make([]byte, 2048)
	for late := time.Now().Add(readyTime); ; {
		if time.Now().After(late) {
			m.Fatalf("it is not over within %v", readyTime)
		}
		ended := over()
		if err := m.conn.SetReadDeadline(time.Now().Add(packetTime)); err != nil {
			m.Fatal(err)
		}
		n, _, err := m.conn.ReadFrom(buf)
		switch {
		case err != nil && ended:
			return
		case err == nil && n == 12+160 && buf[1]&0x7f == 0:
			each(buf[12:n])
		}
	}
}

// asking is a world whose unit may speak, with everything that it logs.
func asking(t *testing.T) (*world, *logged) {
	t.Helper()
	change := func(w *world, c *config.Config) {
		c.Voice.LineAddr = netip.AddrPortFrom(w.host(1), linePort).String()
		c.Voice.AnnouncementsMax = 8
	}
	w := newWorldWith(t, change, nil, carrier.Account{
		User: "unit", Secret: carrierSecret, Numbers: []string{mainNumber, secondNumber},
		Manners: carrier.GenericRegistration("self"),
	})
	log := &logged{to: t.Output()}
	w.stop()
	w.options.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.start()
	w.line(control.LineAddRequest{Profile: "generic-registration", User: "unit", Secret: carrierSecret})
	return w, log
}

// answered counts the calls that the carrier has put through.
func (w *world) answered() (calls int, milliYen int64) {
	for _, e := range w.carrier.Books().Entries() {
		if !e.Answer.IsZero() {
			calls++
			milliYen += e.MilliYen
		}
	}
	return calls, milliYen
}

// askedPIN dials and wants to be asked for the PIN: the unit answers, and the
// carrier hears nothing of it.
func (w *world) askedPIN(p *office.Phone, number string) *office.Call {
	w.Helper()
	before := len(w.carrier.Books().Entries())
	call, out, err := p.Dial(w.ctx(), number)
	if err != nil || call == nil {
		w.Fatalf("not asked: %+v %v", out, err)
	}
	if n := len(w.carrier.Books().Entries()); n != before {
		w.Fatalf("the carrier has %d calls, not %d, before the PIN", n, before)
	}
	return call
}

// TestPINCallsFromItsOwnBudget, by the carrier's books: who calls abroad until
// the phone's budget is used up is asked for the PIN, calls on with it from its
// own budget, and to that number without being asked again, over a restart too; no
// more than both budgets is billed. The PIN is nowhere to be found after.
func TestPINCallsFromItsOwnBudget(t *testing.T) {
	t.Parallel()
	// most is less than so many calls that they are odd
	const yen, most, own = int64(1000), int64(50), int64(60)
	w, log := asking(t)
	p := w.phone("201", nil)
	w.within("extension/201/abroad", most*yen)
	w.within("person/201/abroad", own*yen)
	_, err := control.Call(w.ctx(), w.client, control.GateOpen, control.GateOpenRequest{
		Area: "US", Extension: "201", Until: time.Now().Add(time.Hour), Reason: "test",
	})
	w.must(err)
	r := control.PINSetRequest{Extension: "201", Digits: []byte(pin)}
	_, err = control.Call(w.ctx(), w.client, control.PINSet, r)
	w.must(err)
	w.calls(p, domestic) // at night as by day: somebody telephones here now
	var home int64
	w.until("the carrier has billed it", func() bool { _, home = w.answered(); return home > 0 })
	const abroad = "01012125550123"
	call := w.spend(p, abroad)
	first, billed := w.answered()
	if billed -= home; first == 0 || billed > most*yen {
		t.Fatalf("%d calls for %d before the PIN", first, billed)
	}
	if b := w.budget("extension/201/abroad"); b.Shut == "" {
		t.Errorf("asked though the budget is open: %+v", b)
	}
	m := w.mouthOf("201", call)
	if !testing.Short() {
		speech, level := m.hears(13 * time.Second)
		t.Logf("the prompt: %v of speech at %.1f dBm0", speech, level)
		if speech < 6*time.Second || speech > 12*time.Second || math.Abs(level+16) > 2.5 {
			t.Errorf("the prompt: %v of speech at %.1f dBm0", speech, level)
		}
	}
	began := time.Now()
	m.press(pin + "#")
	w.until("the call is put through", func() bool { n, _ := w.answered(); return n == first+1 })
	t.Logf("put through %v after the last key", time.Since(began).Round(time.Millisecond))
	if speech, level := m.hears(3 * time.Second); speech < time.Second {
		t.Errorf("whoever was called is heard for %v at %.1f dBm0", speech, level)
	}
	w.must(call.Hangup(w.ctx()))
	w.until("the call has ended", func() bool { return w.budget("extension/201/abroad").Calls == 0 })
	w.until("the number is vouched for", func() bool { return w.passes(abroad) })
	w.callsOn(p, abroad)
	w.stop()
	w.start()
	w.until("the line is up", func() bool { return w.lineState() == "up" })
	w.must(p.Register(w.ctx(), time.Hour))
	w.callsOn(p, abroad)
	w.spendOut(p, abroad)
	calls, billed := w.answered()
	t.Logf("carrier: %d calls, %d; the phone's budget is %d, its person's %d", calls, billed, most*yen, own*yen)
	if billed -= home; billed > (most+own)*yen || billed <= most*yen {
		t.Errorf("carrier billed %d, of %d", billed, (most+own)*yen)
	}
	if b := w.budget("person/201/abroad"); b.Shut != "" || b.Used24 == 0 {
		t.Errorf("its own budget: %+v", b)
	}
	w.stop()
	w.mustNotHold(pin, log)
	w.start()
}

// spend calls until the unit asks for the PIN.
func (w *world) spend(p *office.Phone, number string) *office.Call {
	w.Helper()
	for range 50 {
		before, _ := w.answered()
		call, out, err := p.Dial(w.ctx(), number)
		if err != nil || call == nil {
			w.Fatalf("neither put through nor asked: %+v %v", out, err)
		}
		if n, _ := w.answered(); n == before {
			return call
		}
		w.must(call.Hangup(w.ctx()))
		w.until("the call has ended", func() bool { return w.budget("extension/201/abroad").Calls == 0 })
	}
	w.Fatal("the budget is never used up")
	return nil
}

// within bounds what a budget may spend on a day.
func (w *world) within(budget string, day int64) {
	w.Helper()
	_, err := control.Call(w.ctx(), w.client, control.BudgetSet, control.BudgetSetRequest{
		Budget: budget, Incident: &day, Day: &day, Reason: "test",
	})
	w.must(err)
}

// passes tells whether the gate would let a call by as it is.
func (w *world) passes(number string) bool {
	w.Helper()
	g, err := control.Call(w.ctx(), w.client, control.GateCheck, control.GateCheckRequest{Number: number, From: "201"})
	w.must(err)
	return g.Verdict == "pass"
}

// callsOn calls once, and is put through without a PIN.
func (w *world) callsOn(p *office.Phone, number string) {
	w.Helper()
	before, _ := w.answered()
	call, out, err := p.Dial(w.ctx(), number)
	if err != nil || call == nil {
		w.Fatalf("not put through: %+v %v", out, err)
	}
	w.until("the call is put through", func() bool { n, _ := w.answered(); return n == before+1 })
	w.must(call.Hangup(w.ctx()))
	w.until("the call has ended", func() bool { return w.budget("person/201/abroad").Calls == 0 })
}

// spendOut calls until its own budget has no room either: nobody is asked any more.
func (w *world) spendOut(p *office.Phone, number string) {
	w.Helper()
	for range 50 {
		call, out, err := p.Dial(w.ctx(), number)
		w.must(err)
		if call == nil {
			if out.Status != 603 {
				w.Fatalf("refused by %+v", out)
			}
			return
		}
		w.must(call.Hangup(w.ctx()))
		w.until("the call has ended", func() bool { return w.budget("person/201/abroad").Calls == 0 })
	}
	w.Fatal("its own budget is never used up")
}

// mustNotHold looks for a PIN in everything that a unit has written.
func (w *world) mustNotHold(pin string, log *logged) {
	w.Helper()
	w.must(filepath.WalkDir(w.options.Data, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(pin)) {
			w.Errorf("%s holds the PIN", d.Name())
		}
		return err
	}))
	log.mu.Lock()
	defer log.mu.Unlock()
	if log.all.Len() == 0 || bytes.Contains(log.all.Bytes(), []byte(pin)) {
		w.Errorf("the log of %d bytes holds the PIN", log.all.Len())
	}
}

// afterHours has a PIN asked for at any hour, and bars freephone numbers all
// the same.
const afterHours = `[[hours]]
name = "closed"
from = "00:00"
to = "24:00"
pin = true

[[hours]]
name = "freephone"
from = "00:00"
to = "24:00"
classes = ["freephone"]

[[test]]
from = "201"
dial = "0398765432"
expect = "challenge"
rule = "hours"
`

// TestPINAfterHours: the caller with a PIN gets through, the one without is
// refused, a wrong PIN ends the call, five in a row lock it, over a restart too,
// until an administrator unlocks it.
func TestPINAfterHours(t *testing.T) {
	t.Parallel()
	w, _ := asking(t)
	gone := make(chan string, 64)
	mine := w.phoneWith(office.Account{Extension: "201", OnBye: func(id string) { gone <- id }})
	other := w.phone("202", nil)
	preview, err := control.Call(w.ctx(), w.client, control.GateApply, control.PolicyRequest{
		File: "gate.toml", Text: afterHours, Reason: "test",
	})
	w.must(err)
	if len(preview.Tests) != 1 || !preview.Tests[0].Passed {
		t.Errorf("its test: %+v", preview.Tests)
	}
	generated, err := control.Call(w.ctx(), w.client, control.PINGenerate, control.PINRequest{Extension: "201"})
	w.must(err)
	refused := func(what string, p *office.Phone, number string) {
		t.Helper()
		if call, out, err := p.Dial(w.ctx(), number); err != nil || call != nil || out.Status != 603 {
			t.Errorf("%s: %+v %v", what, out, err)
		}
	}
	refused("without a PIN", other, domestic)
	refused("what is barred is asked about", mine, "0120444444")
	if call, out, err := other.Dial(w.ctx(), "110"); err != nil || call == nil {
		t.Errorf("an emergency call: %+v %v", out, err)
	} else {
		w.must(call.Hangup(w.ctx()))
	}
	getsThrough := func() {
		t.Helper()
		before, _ := w.answered()
		call := w.askedPIN(mine, domestic)
		w.mouthOf("201", call).press(generated.Digits + "#")
		w.until("the call is put through", func() bool { n, _ := w.answered(); return n == before+1 })
		w.must(call.Hangup(w.ctx()))
	}
	getsThrough()
	wrong := func(counts ...int) {
		t.Helper()
		m := w.mouthOf("201", w.askedPIN(mine, domestic))
		for _, n := range counts {
			m.press("100002#")
			w.until("it counts", func() bool { return w.pin("201").Wrong == n })
		}
		select {
		case <-gone:
		case <-time.After(readyTime):
			t.Fatal("the call does not end")
		}
	}
	wrong(1, 2, 3)
	if s := w.pin("201"); s.State != "set" || s.Wrong != 3 {
		t.Errorf("after three wrong ones: %+v", s)
	}
	w.stop()
	w.start()
	w.until("the line is up", func() bool { return w.lineState() == "up" })
	w.must(mine.Register(w.ctx(), time.Hour))
	wrong(4, 5)
	if s := w.pin("201"); s.State != "locked" || s.Wrong != 5 {
		t.Errorf("after five wrong ones: %+v", s)
	}
	refused("locked", mine, domestic)
	w.found("pin", "201", control.ResultWarning)
	unlock := control.PINUnlockRequest{Extension: "201", Reason: "asked her"}
	_, err = control.Call(w.ctx(), w.client, control.PINUnlock, unlock)
	w.must(err)
	getsThrough()
	w.removeWithPIN("201")
}

// removeWithPIN removes the only phone of an extension: its PIN goes with it.
func (w *world) removeWithPIN(extension string) {
	w.Helper()
	_, err := control.Call(w.ctx(), w.client, control.PhoneRemove, control.PhoneRequest{Phone: extension})
	w.must(err)
	if p := w.pin(extension); p.Extension != "" {
		w.Errorf("the PIN of nobody is there: %+v", p)
	}
}

// pin is what the unit knows of an extension's PIN.
func (w *world) pin(extension string) control.PIN {
	w.Helper()
	list, err := control.Call(w.ctx(), w.client, control.PINList, control.None{})
	w.must(err)
	for _, p := range list {
		if p.Extension == extension {
			return p
		}
	}
	return control.PIN{}
}

// found wants a finding of doctor about something.
func (w *world) found(name, of string, result control.Result) {
	w.Helper()
	checks, err := control.Call(w.ctx(), w.client, control.Doctor, control.DoctorRequest{})
	w.must(err)
	for _, c := range checks {
		if c.Name == name && c.Of.Say(text.EN) == of && c.Result == result {
			return
		}
	}
	w.Errorf("doctor finds no %s %s", name, of)
}

// TestPINCommands: what an administrator may do, and may not.
func TestPINCommands(t *testing.T) {
	data, stop := owned(t)
	if got := exitOf(t, data, control.PINSet, control.PINSetRequest{Extension: "299", Digits: []byte(pin)}); got != 4 {
		t.Errorf("a PIN for nobody: exit %d", got)
	}
	for _, bad := range []string{"", "12345", "123456", "111111", "201201", "4901728350162", "49017x"} {
		r := control.PINSetRequest{Extension: "201", Digits: []byte(bad)}
		if got := exitOf(t, data, control.PINSet, r); got != control.ExitUsage {
			t.Errorf("%q: exit %d", bad, got)
		}
	}
	none := control.PINRequest{Extension: "201"}
	if got := exitOf(t, data, control.PINRemove, none); got != control.ExitNotFound {
		t.Errorf("removed what is not there: exit %d", got)
	}
	ask(t, data, control.PINSet, control.PINSetRequest{Extension: "201", Digits: []byte(pin)})
	unlock := control.PINUnlockRequest{Extension: "201"}
	if got := exitOf(t, data, control.PINUnlock, unlock); got != control.ExitUsage {
		t.Errorf("unlocked without a reason: exit %d", got)
	}
	if st := ask(t, data, control.GetStatus, control.StatusRequest{}); st.PINs.Set != 1 || st.PINs.Locked != 0 {
		t.Errorf("status: %+v", st.PINs)
	}
	stop()
	again, err := app.New(t.Context(), app.Options{Config: lifeConfig(), Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if n := again.Status().PINs.Set; n != 1 {
		t.Errorf("%d PINs after a restart", n)
	}
	if err := again.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ask(t, data, control.PINRemove, none)
	if err := again.Stop(); err != nil {
		t.Error(err)
	}
}
