package app_test

import (
	"bytes"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/store"
	"github.com/sekisho/sekisho/text"
	"github.com/sekisho/sekisho/text/speech"
	"github.com/sekisho/sekisho/unit/media/prompt"
	"github.com/sekisho/sekisho/wire/rtp/g711"
	"github.com/sekisho/sekisho/wire/sdp"
)

const ownerMobile = "09012345678"

// told is a world whose unit calls its owner, each number twice, with little
// patience.
func told(t *testing.T, numbers []string, accounts ...carrier.Account) *world {
	t.Helper()
	return newWorldWith(t, func(_ *world, c *config.Config) {
		c.Alerts.OfficeFrom, c.Alerts.OfficeTo = "", ""
		c.Alerts.Language = "en"
		c.Alerts.Call = []config.Call{{
			Name: "owner", Numbers: numbers, Kinds: []string{"barred"}, Tries: 2, PauseSeconds: 1, RingSeconds: 1,
			Office: "03",
		}}
	}, func(carrier.Reading) carrier.Behavior {
		return carrier.Behavior{Status: 486}
	}, accounts...)
}

// recorder takes down what a phone hears.
type recorder struct {
	mu    sync.Mutex
	rings []office.Ring
	heard []byte
	more  chan struct{} // holds one when more was heard since it was taken
}

func newRecorder() *recorder { return &recorder{more: make(chan struct{}, 1)} }

// hears waits until a sentence is heard whole, at most for a time.
func (r *recorder) hears(t *testing.T, name string, long time.Duration) {
	t.Helper()
	for late := time.After(long); r.after(t, 0, name) < 0; {
		select {
		case <-r.more:
		case <-late:
			return
		}
	}
}

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.rings)
}

// ring notes a call and gives it a status.
func (r *recorder) ring(status int) func(office.Ring) int {
	return func(ring office.Ring) int {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.rings = append(r.rings, ring)
		return status
	}
}

// listen takes down voice until the phone's media is closed.
func (r *recorder) listen(conn net.PacketConn) {
	buf := make([]byte, 2048)
	for {
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if n == 12+160 && buf[1]&0x7f == 0 {
			r.mu.Lock()
			r.heard = append(r.heard, buf[12:n]...)
			r.mu.Unlock()
			select {
			case r.more <- struct{}{}:
			default:
			}
		}
	}
}

// after finds a sentence in what was heard, sample by sample, from a place on;
// it gives where it ends, -1 where it is not there whole.
func (r *recorder) after(t *testing.T, from int, name string) int {
	t.Helper()
	sound, err := prompt.Open(name, prompt.English)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]byte, len(sound))
	for i, b := range sound {
		want[i] = g711.EncodeMu(g711.DecodeMu(b)) // as what is decoded and coded again is
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if from < 0 || from > len(r.heard) {
		return -1
	}
	at := bytes.Index(r.heard[from:], want)
	if at < 0 {
		return -1
	}
	return from + at + len(want)
}

// facts reads the evidence.
func (w *world) facts() (out []fact.Fact) {
	w.Helper()
	_, err := control.Call(w.ctx(), w.client, control.Calls, control.CallsRequest{Limit: 1}) // waits for the disk
	w.must(err)
	r, err := store.OpenReader(w.ctx(), store.Config{Path: filepath.Join(w.options.Data, evidence.StoreFile)})
	w.must(err)
	defer r.Close()
	for record, err := range r.Leaves(w.ctx(), 0) {
		w.must(err)
		f, err := record.Fact()
		w.must(err)
		out = append(out, f)
	}
	return out
}

func of[F fact.Fact](all []fact.Fact) (out []F) {
	for _, f := range all {
		if f, ok := f.(F); ok {
			out = append(out, f)
		}
	}
	return out
}

// thief has a phone try abroad until that is worth an alert.
func (w *world) thief(phone *office.Phone) {
	w.Helper()
	for range 2 {
		if _, o, err := phone.Dial(w.ctx(), "0033010 23276123456"); err != nil || !o.Gated() {
			w.Fatalf("%+v %v", o, err)
		}
	}
}

// TestTheOwnerIsCalledUntilSomebodySaysSo: the first number rings twice and nobody
// answers, the second one no line can carry, and whoever answers the third hears
// what happened, whose extension it is and when, and presses 1.
func TestTheOwnerIsCalledUntilSomebodySaysSo(t *testing.T) {
	t.Parallel()
	w := told(t, []string{"202", ownerMobile, "203"})
	thief := w.phone("201", nil)
	silent, owner := newRecorder(), newRecorder()
	w.phone("202", silent.ring(180))
	w.phone("203", owner.ring(200))
	go owner.listen(w.mouths["203"])
	checks, err := control.Call(w.ctx(), w.client, control.Doctor, control.DoctorRequest{})
	w.must(err)
	if !found(checks, "owner "+ownerMobile, control.ResultFailed) || !found(checks, "owner 203", control.ResultOK) {
		t.Errorf("doctor does not see which numbers can be called: %+v", checks)
	}
	w.thief(thief)
	w.until("the third number is called", func() bool { return owner.count() == 1 })
	if silent.count() != 2 {
		t.Errorf("the first number rang %d times, want 2", silent.count())
	}
	if ring := owner.rings[0]; ring.Caller != "alert" || ring.Name != "主装置からの通報" {
		t.Errorf("the phone shows %+v", ring)
	}
	first := of[fact.CallJudged](w.facts())[0].At // the minute may end meanwhile
	half := speech.Clock(text.JA, first.In(time.FixedZone("JST", 9*3600)))[0]
	words := slices.Concat([]string{"alert-hello", "alert-office"}, spell("03"), []string{
		"alert-barred",
		"word-extension",
	}, spell("201"), []string{"word-time", half, "alert-press"})
	owner.hears(t, "alert-press", 45*time.Second)
	at := 0
	for _, name := range words {
		if at = owner.after(t, at, name); at < 0 {
			t.Fatalf("%s is not heard in its place, of %d samples", name, len(owner.heard))
		}
	}
	m := w.answererOf("203", owner.rings[0])
	m.press("1")
	w.until("it is off the books", func() bool {
		list, err := control.Call(w.ctx(), w.client, control.AlertList, control.None{})
		w.must(err)
		return list.Channels[0].Owed == 0 && !list.Channels[0].LastSent.IsZero()
	})
	w.until("the thanks are heard", func() bool { return owner.after(t, 0, "alert-thanks") > 0 })
	all := w.facts()
	sent := of[fact.AlertSent](all)
	if len(sent) != 1 || sent[0].Acknowledged != "yes" || sent[0].Channel != "owner" || sent[0].AlertKind != "barred" ||
		sent[0].Tries != 4 || sent[0].Call == "" {
		t.Errorf("on record: %+v", sent)
	}
	failed := of[fact.AlertFailed](all)
	if len(failed) != 1 || failed[0].Why != "no-answer" || failed[0].GivenUp {
		t.Errorf("failures on record: %+v", failed)
	}
	refused := 0
	for _, f := range of[fact.CallJudged](all) {
		if f.Origin == "alert" && f.Verb == "refuse" {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("the gate refused %d calls of the unit's, want 1", refused)
	}
}

// TestTheOwnersMobileIsCalledWhileAbroadIsSetApart: on a line, through the gate,
// and nowhere else; a test rings it, too.
func TestTheOwnersMobileIsCalledWhileAbroadIsSetApart(t *testing.T) {
	t.Parallel()
	w := told(t, []string{ownerMobile}, contracts()[0].account)
	thief := w.phone("201", nil)
	contract := contracts()[0]
	contract.line.Profile = contract.profile
	w.line(contract.line)
	_, err := control.Call(w.ctx(), w.client, control.QuarantineAdd, control.QuarantineAddRequest{
		Kind: "destination", Value: "abroad", Reason: "attack",
	})
	w.must(err)
	w.thief(thief)
	w.until("it is given up", func() bool { return len(of[fact.AlertFailed](w.facts())) == 2 })
	tried, err := control.Call(w.ctx(), w.client, control.AlertTest, control.AlertTestRequest{Channel: "owner"})
	w.must(err)
	if len(tried) != 1 || tried[0].OK || tried[0].Why == nil || tried[0].Why.Key != "alert.why.busy" {
		t.Errorf("test: %+v", tried)
	}
	entries := w.carrier.Books().Entries()
	if len(entries) != 3 {
		t.Fatalf("%d calls reached the carrier, want 3: %+v", len(entries), entries)
	}
	for _, e := range entries {
		if e.User != ownerMobile {
			t.Errorf("the unit called %+v", e)
		}
	}
	for _, f := range of[fact.CallJudged](w.facts()) {
		if f.Origin == "alert" && (f.Verb != "pass" || f.Hold == nil || f.Hold.Charges[0].Account != "alert/mobile") {
			t.Errorf("judged: %+v %+v", f, f.Hold)
		}
	}
}

// spell gives the names of a number's digits.
func spell(number string) (names []string) {
	for _, d := range number {
		names = append(names, "digit-"+string(d))
	}
	return names
}

// answererOf gives the mouth of an extension's phone in a call that it answered.
func (w *world) answererOf(extension string, ring office.Ring) *mouth {
	w.Helper()
	s, err := sdp.Parse(string(ring.Offer))
	w.must(err)
	return &mouth{T: w.T, conn: w.mouths[extension], to: net.UDPAddrFromAddrPort(s.Media[0].Remote())}
}
