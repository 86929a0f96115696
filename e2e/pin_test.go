//go:build e2e

package e2e

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/e2e/internal/sound"
	"github.com/sekisho/sekisho/e2e/peer"
	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/unit/media/prompt"
)

const (
	// keyTime is from one key to the next, as a hand presses them.
	keyTime = 250 * time.Millisecond
	// passTime is how long a call may take from its dialing until the carrier has
	// it, when its caller hears the question and knows the PIN.
	passTime = 20 * time.Second
	// silenceTime is how long the unit waits for keys after its question.
	silenceTime = 20 * time.Second
	// againTime is how long who typed a PIN waits before it does so again.
	againTime = 5 * time.Second
	// slackTime is what a busy machine may add to what takes its time.
	slackTime = 10 * time.Second
	// pinTime bounds a test here: people listen in real time.
	pinTime = 2 * time.Minute

	askedNumber = "0398765432"
)

// clip is an announcement in Japanese, which comes first.
func (w *world) clip(name string) []int16 {
	w.Helper()
	mu, err := prompt.Open(name, prompt.Japanese)
	w.must(err)
	return ear.FromMu(mu)
}

// lasts is how long announcements take, in both languages.
func (w *world) lasts(names ...string) (all time.Duration) {
	w.Helper()
	for _, name := range names {
		for _, lang := range []string{prompt.Japanese, prompt.English} {
			mu, err := prompt.Open(name, lang)
			w.must(err)
			all += sound.PCM{Rate: sound.Rate, Samples: ear.FromMu(mu)}.Len()
		}
	}
	return all
}

// heardClip judges that a recording has three seconds of an announcement, as loud
// as it was made, that begins within so many seconds after the first ones.
func heardClip(path string, clip []int16, after, within float64) error {
	p, err := sound.Read(path)
	if err != nil {
		return err
	}
	said, heard := clip[:3*sound.Rate], p.Samples[min(int(after*sound.Rate), len(p.Samples)):]
	at, alike := ear.Delay(said, heard, sound.Rate, within)
	if alike < 0.95 {
		return fmt.Errorf("%s: nothing like the announcement: %.2f at %.2f s", filepath.Base(path), alike, after+at)
	}
	from := int(at * sound.Rate)
	if off := ear.Total(heard[from:from+len(said)]) - ear.Total(said); math.Abs(off) > 1 {
		return fmt.Errorf("%s: the announcement is %.1f dB off", filepath.Base(path), off)
	}
	return nil
}

// asksForPINs starts a unit that asks for a PIN at every hour, with a line.
func (w *world) asksForPINs(c *carrier) *unit {
	w.Helper()
	u := w.startUnit("")
	u.lineTo(c, "201")
	policy := filepath.Join(u.dir, "gate.toml")
	w.must(os.WriteFile(policy, []byte(`[[hours]]
name = "always"
from = "00:00"
to = "24:00"
pin = true
`), 0o600))
	u.cli("gate", "apply", policy, "--reason", "test", "--yes")
	return u
}

// draws has the unit draw a PIN.
func (u *unit) draws(extension string) (pin string) {
	u.Helper()
	return query[control.PINGenerated](u, "pin", "generate", extension).Digits
}

// types presses keys one after the other.
func (w *world) types(b *peer.Baresip, keys string) {
	w.Helper()
	for _, key := range keys {
		w.must(b.Digits(string(key)))
		wait(w.ctx, keyTime)
	}
}

// proves types a PIN, and again where nothing has come of it: baresip keeps one key
// to send, and on a busy machine the next one takes its place. Who telephones types
// again, too.
func (w *world) proves(b *peer.Baresip, pin, what string, so func() bool) {
	w.Helper()
	const tries = 3
	w.types(b, pin+"#")
	for try := 1; try < tries; try++ {
		for end := time.Now().Add(againTime); time.Now().Before(end); wait(w.ctx, keyTime) {
			if so() {
				return
			}
		}
		w.Logf("nothing came of the PIN for %v: typed again", againTime)
		w.types(b, "*"+pin+"#")
	}
	w.until(passTime, what, so)
}

// TestPIN: a phone is asked for a PIN in words that are heard as they were
// spoken, types it as RFC 4733 or as INFO, and the carrier has the call in time;
// sound goes both ways.
func TestPIN(t *testing.T) {
	t.Parallel()
	for name, info := range map[string]bool{"RFC 4733": false, "INFO": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldFor(t, pinTime)
			c := w.startCarrier()
			u := w.asksForPINs(c)
			p := u.phone("201", "udp", true)
			p.DTMFInfo = info
			pin := u.draws("201")
			a := w.baresip(p, toneA)
			w.must(a.Registered(w.ctx))
			began := time.Now()
			w.must(a.Dial(askedNumber))
			w.established(a)
			question := w.clip("pin")
			wait(w.ctx, sound.PCM{Rate: sound.Rate, Samples: question}.Len())
			if got := c.called(); len(got) > 0 {
				t.Fatalf("the carrier was called at %q before a PIN was typed", got)
			}
			w.proves(a, pin, "the carrier has the call", func() bool {
				return slices.Equal(c.called(), []string{askedNumber})
			})
			took := time.Since(began)
			t.Logf("from dialing to the carrier: %v", took)
			if took > passTime {
				t.Errorf("from dialing to the carrier: %v, at most %v", took, passTime)
			}
			wait(w.ctx, w.lasts("pin-right")) // ring-back follows, and the answer
			w.talk()
			w.must(a.Hangup())
			w.hungUp(a)
			w.must(heardClip(w.last(a), question, 0, 3))
			if heardClip(w.last(a), w.clip("pin-locked"), 0, 3) == nil {
				t.Error("one announcement is taken for another")
			}
			w.must(heardTail(w.last(a), toneA))
			if r := u.records(1)[0]; r.Verdict != "pass" || r.Answered.IsZero() {
				t.Errorf("on record: %+v", r)
			}
			if asked := c.asked(); asked > 2 { // the proxy asks for a password once
				t.Errorf("%d INVITEs for one call", asked)
			}
		})
	}
}

// heardTail judges the end of a recording: two seconds of a tone.
func heardTail(path string, hz float64) error {
	p, err := sound.Read(path)
	if err != nil {
		return err
	}
	const tail = 2 * sound.Rate
	if len(p.Samples) < tail {
		return fmt.Errorf("%s: %v", filepath.Base(path), p.Len())
	}
	p.Samples = p.Samples[len(p.Samples)-tail:]
	if h := sound.Hear(p, hz); h.Present < 1800*time.Millisecond || h.LevelDB < toneDB-1.5 {
		return fmt.Errorf("%s: at the end %v of %.0f Hz", filepath.Base(path), h, hz)
	}
	return nil
}

// refusedUnproven waits for the end of a call whose PIN was not proved, which
// must not come later than that after since; the carrier heard nothing of it.
func (u *unit) refusedUnproven(b *peer.Baresip, c *carrier, since time.Time, limit time.Duration) {
	u.Helper()
	u.hungUp(b)
	took := time.Since(since)
	u.Logf("refused after %v", took)
	if took > limit {
		u.Errorf("refused after %v, at most %v", took, limit)
	}
	if n := c.asked(); n != 0 {
		u.Errorf("%d INVITEs at the carrier for a call without its PIN", n)
	}
	if r := u.records(1)[0]; r.Verdict != "challenge" || r.Status != 603 || !r.Answered.IsZero() {
		u.Errorf("on record: %+v", r)
	}
}

// TestWrongPINs: three wrong ones, and the call is refused in words.
func TestWrongPINs(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, pinTime)
	c := w.startCarrier()
	u := w.asksForPINs(c)
	p := u.phone("201", "udp", true)
	wrong := "593718"
	if u.draws("201") == wrong {
		t.Fatal("one in a million")
	}
	a := w.baresip(p, toneA)
	w.must(a.Registered(w.ctx))
	began := time.Now()
	w.must(a.Dial(askedNumber))
	w.established(a)
	const tries = 3
	for range tries {
		w.types(a, wrong+"#")
		wait(w.ctx, 2*time.Second) // it is told so, and types into the sentence
	}
	spoken := w.lasts("pin-not-proved")
	u.refusedUnproven(a, c, began, tries*(7*keyTime+2*time.Second)+spoken+slackTime)
	w.must(heardClip(w.last(a), w.clip("pin-not-proved"), 0, 20))
}

// TestNoPIN: whoever types nothing is refused when the unit has waited long
// enough, and not before.
func TestNoPIN(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, pinTime)
	c := w.startCarrier()
	u := w.asksForPINs(c)
	p := u.phone("201", "udp", true)
	u.draws("201")
	a := w.baresip(p, toneA)
	w.must(a.Registered(w.ctx))
	w.must(a.Dial(askedNumber))
	w.established(a)
	began := time.Now()
	question, end := w.lasts("pin"), w.lasts("pin-not-proved")
	u.refusedUnproven(a, c, began, question+silenceTime+end+slackTime)
	if took := time.Since(began); took < silenceTime {
		t.Errorf("refused after %v: nobody types that fast", took)
	}
	w.must(heardClip(w.last(a), w.clip("pin"), 0, 3))
}

// TestPINInTalk: who talks abroad on a budget for 24 seconds is asked for the PIN
// in words that are heard as they were spoken, types it as RFC 4733 or as INFO,
// and talks on beyond that. The other side, which echoes, gets no key of it and
// keys after it; sound goes both ways at the end.
func TestPINInTalk(t *testing.T) {
	t.Parallel()
	for name, info := range map[string]bool{"RFC 4733": false, "INFO": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldFor(t, pinTime)
			c := w.startCarrier()
			u := w.startUnit("")
			u.lineTo(c, "201")
			u.quickly()
			p := u.phone("201", "udp", true)
			p.DTMFInfo = info
			pin := u.short("201")
			a := w.baresip(p, toneA)
			w.must(a.Registered(w.ctx))
			w.must(a.Dial(askedNumber)) // at night as by day: somebody telephones here now
			w.established(a)
			w.must(a.Hangup())
			w.hungUp(a)
			w.until(slackTime, "the line is free", func() bool {
				return len(query[[]control.LiveCall](u, "calls", "--live")) == 0
			})
			w.must(a.Dial("01012125550123"))
			w.established(a)
			began := time.Now()
			question := w.clip("pin-in-call")
			wait(w.ctx, sound.PCM{Rate: sound.Rate, Samples: question}.Len())
			w.proves(a, pin, "the rest is paid by the person", func() bool {
				return u.budget("person/201/abroad").Calls == 1
			})
			t.Logf("from the answer to the person's budget: %v", time.Since(began))
			wait(w.ctx, time.Until(began.Add(time.Duration(quickMost/quickPrice)*quickUnit+2*time.Second)))
			w.must(a.Digits("5"))
			if e, err := a.Await(w.ctx, "CALL_DTMF_START", "CALL_CLOSED"); err != nil || e.Param != "5" {
				t.Errorf("the first that comes back of what was typed: %+v %v", e, err)
			}
			w.talk()
			w.must(a.Hangup())
			w.hungUp(a)
			w.must(heardClip(w.last(a), question, 0, 3))
			w.must(heardClip(w.last(a), w.clip("pin-in-call-right"), 0, 20))
			w.must(heardTail(w.last(a), toneA))
			rows := u.records(2)
			r := rows[slices.IndexFunc(rows, func(r control.CallRecord) bool { return r.To != askedNumber })]
			phone, person := u.budget("extension/201/abroad").Used24, u.budget("person/201/abroad").Used24
			if phone != quickMost || person == 0 || r.Cost != phone+person {
				t.Errorf("on record: %+v; the phone has spent %d, its person %d", r, phone, person)
			}
			if log, err := c.line.Messages(); err != nil || strings.Contains(log, "INFO sip:") {
				t.Errorf("the other side was sent a key in an INFO (%v)", err)
			}
		})
	}
}
