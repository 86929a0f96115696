package app_test

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/config"
	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/unit/media"
	"github.com/sekisho/sekisho/unit/media/prompt"
	"github.com/sekisho/sekisho/wire/rtp/g711"
)

// bells notes which phones rang.
type bells struct {
	mu   sync.Mutex
	rang []string
}

// at gives what a phone does when it rings: it notes that, and is busy.
func (b *bells) at(extension string) func(office.Ring) int {
	return func(office.Ring) int {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.rang = append(b.rang, extension)
		return 486
	}
}

// took gives what rang since it was asked last.
func (b *bells) took() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := strings.Join(b.rang, " ")
	b.rang = nil
	return s
}

// comesIn has somebody call a number of ours from outside, and tells what rang.
func (w *world) comesIn(b *bells, number string) string {
	w.Helper()
	return w.comesInFor(b, number, 486)
}

// comesInFor is comesIn for a caller that hears another status.
func (w *world) comesInFor(b *bells, number string, want int) string {
	w.Helper()
	b.took()
	call, err := w.carrier.Place(w.ctx(), number, "0455551234", carrier.Silence)
	w.must(err)
	if status, err := call.Status(w.ctx()); err != nil || status != want {
		w.Errorf("the caller hears %d %v, want %d", status, err, want)
	}
	return b.took()
}

// modes starts a unit with three phones and a line, which speaks.
func modes(t *testing.T) (*world, *bells, *office.Phone) {
	t.Helper()
	change := func(w *world, c *config.Config) {
		c.Voice.LineAddr = netip.AddrPortFrom(w.host(1), linePort).String()
		c.Voice.AnnouncementsMax = 8
	}
	w := newWorldWith(t, change, nil, carrier.Account{
		User: "unit", Secret: carrierSecret, Numbers: []string{mainNumber, secondNumber},
		Manners: carrier.GenericRegistration("self"),
	})
	b := new(bells)
	w.phone("201", b.at("201"))
	w.phone("202", b.at("202"))
	p := w.phone("203", b.at("203"))
	w.line(control.LineAddRequest{Profile: "generic-registration", User: "unit", Secret: carrierSecret})
	return w, b, p
}

func (w *world) mode() control.Mode {
	w.Helper()
	list, err := control.Call(w.ctx(), w.client, control.ModeList, control.None{})
	w.must(err)
	return list[0]
}

// TestNightModeByAKey: what a phone dials switches what outside callers reach,
// is said to it, is on record with the phone, and is still so after a restart.
func TestNightModeByAKey(t *testing.T) {
	t.Parallel()
	w, b, p := modes(t)
	_, err := control.Call(w.ctx(), w.client, control.ModeRings, control.ModeRingsRequest{
		Scope: fact.ScopeUnit, Mode: "night1", Ring: []string{"203"},
	})
	w.must(err)
	if rang := w.comesIn(b, mainNumber); rang != "201" {
		t.Fatalf("by day %q rang", rang)
	}
	if said := w.dialsCode(p, "*8228"); said != "mode-night1" {
		t.Fatalf("the phone hears %q", said)
	}
	if rang := w.comesIn(b, mainNumber) + w.comesIn(b, secondNumber); rang != "203203" {
		t.Errorf("at night %q rang", rang)
	}
	if m := w.mode(); m.Mode != "night1" || m.Why != "person" || m.By != "phone/203-1" || !m.Until.IsZero() {
		t.Errorf("%+v", m)
	}
	w.stop()
	w.start()
	w.until("the line is up again", func() bool { return w.lineState() == "up" })
	for _, e := range []string{"201", "202", "203"} {
		w.until(e+" is registered", func() bool { return w.registered(e) })
	}
	if rang := w.comesIn(b, mainNumber); rang != "203" {
		t.Errorf("after a restart %q rang", rang)
	}
	if said := w.dialsCode(p, "*829"); said != "mode-night1" {
		t.Errorf("asked for the mode, the phone hears %q", said)
	}
	if said := w.dialsCode(p, "*8228"); said != "mode-day" {
		t.Errorf("the phone hears %q", said)
	}
	if rang := w.comesIn(b, mainNumber); rang != "201" {
		t.Errorf("by day again %q rang", rang)
	}
	if entries := w.carrier.Books().Entries(); len(entries) != 0 {
		t.Errorf("what was dialed reached the carrier: %+v", entries)
	}
}

func (w *world) registered(extension string) bool {
	w.Helper()
	phones, err := control.Call(w.ctx(), w.client, control.PhoneList, control.None{})
	w.must(err)
	for _, p := range phones {
		if p.Extension == extension {
			return len(p.Contacts) > 0
		}
	}
	return false
}

// dialsCode dials a feature code and tells which clip is heard, until the unit
// hangs up: the one that most of what is heard is of. A unit whose machine is busy leaves
// some out.
func (w *world) dialsCode(p *office.Phone, code string) string {
	w.Helper()
	call, out, err := p.Dial(w.ctx(), code)
	if err != nil || call == nil {
		w.Fatalf("%s is not answered: %+v %v", code, out, err)
	}
	clips := make(map[string]map[string]bool)
	for _, name := range prompt.Names() {
		about, _, _ := strings.Cut(name, "-")
		if slices.Contains([]string{"mode", "feature", "service", "caller"}, about) {
			clips[name] = spoken(w, name)
		}
	}
	heard := make(map[string]int)
	w.mouthOf(p.Extension(), call).listens(func() bool {
		_, over := w.hungUp.Load(call.ID())
		return over
	}, func(mu []byte) {
		for name, frames := range clips {
			if frames[string(mu)] {
				heard[name]++
			}
		}
	})
	best := ""
	for name, n := range heard {
		if n > heard[best] {
			best = name
		}
	}
	if heard[best] < len(clips[best])/2 || best == "" {
		w.Errorf("what is heard is no clip of ours: %v", heard)
	}
	return best
}

// spoken are the parts of a clip, 20 ms each, that are not silence, as a mouth hears them.
func spoken(w *world, name string) map[string]bool {
	w.Helper()
	src, err := media.NewAnnouncement(nil, name, "ja")
	w.must(err)
	frames := make(map[string]bool)
	for pcm := make([]int16, 160); src.Read(pcm) == len(pcm); {
		mu, loud := make([]byte, len(pcm)), false
		for i, v := range pcm {
			mu[i] = g711.EncodeMu(v)
			loud = loud || v > 1000
		}
		if loud {
			frames[string(mu)] = true
		}
	}
	return frames
}

// TestModesByCommand: the timetable, a switch that outlives it, what a number
// has of its own, and days.
func TestModesByCommand(t *testing.T) {
	t.Parallel()
	w, b, _ := modes(t)
	set := func(r control.ModeSetRequest) control.Mode {
		t.Helper()
		m, err := control.Call(w.ctx(), w.client, control.ModeSet, r)
		w.must(err)
		return m
	}
	all := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun", "closed"}
	hours := control.ModeHoursRequest{Scope: fact.ScopeUnit, Otherwise: "day", Hours: []fact.Hours{
		{Days: all, From: "00:00", To: "12:00", Mode: "night1"},
		{Days: all, From: "12:00", To: "24:00", Mode: "night2"},
	}}
	_, err := control.Call(w.ctx(), w.client, control.ModeHours, hours)
	w.must(err)
	for mode, ring := range map[string]string{"night1": "202", "night2": "202", "holiday": "203"} {
		r := control.ModeRingsRequest{Scope: fact.ScopeUnit, Mode: mode, Ring: []string{ring}}
		_, err := control.Call(w.ctx(), w.client, control.ModeRings, r)
		w.must(err)
	}
	if m := w.mode(); m.Why != "timetable" || m.Until.IsZero() || time.Until(m.Until) > 12*time.Hour {
		t.Errorf("%+v", m)
	}
	if rang := w.comesIn(b, mainNumber); rang != "202" {
		t.Errorf("by the timetable %q rang", rang)
	}
	if m := set(control.ModeSetRequest{Scope: fact.ScopeUnit, Mode: "holiday"}); m.Why != "person" || m.Until.IsZero() {
		t.Errorf("a switch lasts until the timetable's next change: %+v", m)
	}
	if m := set(control.ModeSetRequest{Scope: secondNumber, Mode: "day", Stay: true}); !m.Until.IsZero() {
		t.Errorf("one that stays: %+v", m)
	}
	if rang := w.comesIn(b, mainNumber) + w.comesIn(b, secondNumber); rang != "203202" {
		t.Errorf("switched, %q rang", rang)
	}
	set(control.ModeSetRequest{Scope: fact.ScopeUnit})
	if rang := w.comesIn(b, mainNumber); rang != "202" {
		t.Errorf("given back, %q rang", rang)
	}
	mark := control.DayMarkRequest{Date: "2027-06-01", As: fact.DayClosed, Name: "創立記念日"}
	_, err = control.Call(w.ctx(), w.client, control.DayMark, mark)
	w.must(err)
	days, err := control.Call(w.ctx(), w.client, control.DayList, control.DayListRequest{Year: 2027})
	w.must(err)
	marked := 0
	for _, d := range days {
		if d.Marked && d.Date == mark.Date && d.Name == mark.Name && d.By != "" {
			marked++
		}
	}
	if len(days) != 17+4+5+1 || marked != 1 { // holidays, Obon, the turn of the year (1 January is both), ours
		t.Errorf("%d days, %d of them ours: %+v", len(days), marked, days)
	}
	hours.Hours[0].To = "13:00"
	if _, err := control.Call(w.ctx(), w.client, control.ModeHours, hours); err == nil {
		t.Error("two modes at once were taken")
	}
	unknown := control.ModeSetRequest{Scope: "0399999999", Mode: "day"}
	if _, err := control.Call(w.ctx(), w.client, control.ModeSet, unknown); err == nil {
		t.Error("a number that is none of ours was taken")
	}
}
