//go:build e2e

package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/app/control"
	"github.com/sekisho/sekisho/e2e/internal/sound"
	"github.com/sekisho/sekisho/e2e/peer"
	"github.com/sekisho/sekisho/sim/ear"
)

// hungUp waits until a baresip's call has ended.
func (w *world) hungUp(b *peer.Baresip) peer.Event {
	w.Helper()
	e, err := b.Await(w.ctx, "CALL_CLOSED")
	w.must(err)
	return e
}

// answers waits until a baresip has answered a call. A first attempt that it
// refused (an offer without SRTP, say) may have come before.
func (w *world) answers(b *peer.Baresip) {
	w.Helper()
	_, err := b.Await(w.ctx, "CALL_ESTABLISHED")
	w.must(err)
}

// established waits until a baresip that called is answered.
func (w *world) established(b *peer.Baresip) {
	w.Helper()
	e, err := b.Await(w.ctx, "CALL_ESTABLISHED", "CALL_CLOSED")
	w.must(err)
	if e.Type == "CALL_CLOSED" {
		w.Fatalf("the call was not answered: %s", e.Param)
	}
}

// key waits until a baresip hears a DTMF key.
func (w *world) key(b *peer.Baresip, key string) {
	w.Helper()
	_, err := b.AwaitWhere(w.ctx, "DTMF "+key, func(e peer.Event) bool {
		return e.Type == "CALL_DTMF_START" && e.Param == key
	})
	w.must(err)
}

// TestBaresip registers two baresips, calls, talks, presses keys, holds,
// resumes and hangs up, over every transport, the sound measured both ways.
func TestBaresip(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, a, b string
		srtp       bool
	}{
		{"udp", "udp", "udp", false},
		{"tcp", "tcp", "tcp", false},
		{"tls", "tls", "tls", true},
		{"tls to udp", "tls", "udp", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			u := w.startUnit("")
			pa, pb := u.phone("201", tt.a, true), u.phone("202", tt.b, true)
			pa.SRTP, pb.SRTP, pb.Answer = tt.srtp, tt.srtp && tt.b == "tls", true
			a, b := w.baresip(pa, toneA), w.baresip(pb, toneB)
			w.must(a.Registered(w.ctx))
			w.must(b.Registered(w.ctx))
			w.must(a.Dial("202"))
			w.established(a)
			w.answers(b)
			w.talk()
			w.must(a.Digits("5"))
			w.key(b, "5")
			w.must(b.Digits("#"))
			w.key(a, "#")
			w.must(a.Hold())
			w.remoteChange(a) // which the unit answers
			w.must(a.Resume())
			w.remoteChange(a)
			w.must(b.Hangup())
			w.hungUp(a)
			w.must(heardAround(w.last(a), toneB, holdTime))
			w.must(heardAround(w.last(b), toneA, holdTime))
			r := u.records(1)[0]
			if r.Direction != "internal" || r.From != "201" || r.To != "202" || r.Answered.IsZero() {
				t.Errorf("on record: %+v", r)
			}
		})
	}
}

// remoteChange waits until a baresip was sent another session description.
func (w *world) remoteChange(b *peer.Baresip) {
	w.Helper()
	_, err := b.Await(w.ctx, "CALL_REMOTE_SDP")
	w.must(err)
}

// TestBaresipTransfer has a baresip hand whom it talks with over to a third one: both
// hear each other, and it is out of the call.
func TestBaresipTransfer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	pb, pc := u.phone("202", "udp", true), u.phone("203", "tcp", true)
	pb.Answer, pc.Answer = true, true
	a, b, c := w.baresip(u.phone("201", "udp", true), 0), w.baresip(pb, toneB), w.baresip(pc, toneA)
	for _, p := range []*peer.Baresip{a, b, c} {
		w.must(p.Registered(w.ctx))
	}
	w.must(a.Dial("202"))
	w.established(a)
	w.answers(b)
	w.must(a.Transfer("203"))
	w.answers(c)
	w.hungUp(a)
	w.talk()
	w.must(b.Hangup())
	w.hungUp(c)
	w.must(heard(w.last(c), toneB))
	w.must(heard(w.last(b), toneA))
}

// TestLinphoneTransfer has a linphone talk with one baresip, then with another, and
// join them: both hear each other, and it is out of both calls.
func TestLinphoneTransfer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	pb, pc := u.phone("202", "udp", true), u.phone("203", "udp", true)
	pb.Answer, pc.Answer = true, true
	l := w.linphone(u.phone("201", "udp", false), 0)
	b, c := w.baresip(pb, toneB), w.baresip(pc, toneA)
	w.must(l.Registered(w.ctx))
	w.must(b.Registered(w.ctx))
	w.must(c.Registered(w.ctx))
	w.must(l.Dial("202"))
	w.must(l.Talking(w.ctx))
	w.answers(b)
	w.must(l.Hold())
	_, err := l.Expect(w.ctx, `is now paused`)
	w.must(err)
	w.must(l.Dial("203"))
	w.must(l.Talking(w.ctx))
	w.answers(c)
	w.must(l.Join(1, 2))
	_, err = l.Ended(w.ctx)
	w.must(err)
	w.talk()
	w.must(b.Hangup())
	w.hungUp(c)
	w.must(heard(w.last(c), toneB))
	w.must(heard(w.last(b), toneA))
}

// TestMutedDirectionFails is the test of the test: over the unit too, a muted
// direction must not be judged good sound, and the other one must.
func TestMutedDirectionFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	pb := u.phone("202", "udp", true)
	pb.Answer = true
	a, b := w.baresip(u.phone("201", "udp", true), toneA), w.baresip(pb, toneB)
	w.must(a.Registered(w.ctx))
	w.must(b.Registered(w.ctx))
	w.must(a.Dial("202"))
	w.established(a)
	w.must(b.ToggleMute())
	w.talk()
	w.must(a.Hangup())
	w.hungUp(b)
	w.must(heard(w.last(b), toneA))
	if err := heard(w.last(a), toneB); err == nil {
		t.Error("the muted direction was judged to be good sound")
	}
}

// TestBaresipRefusals: busy, cancelled, and nobody there, over each transport.
func TestBaresipRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, a, b string }{{"udp to tcp", "udp", "tcp"}, {"tls to tls", "tls", "tls"}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			u := w.startUnit("")
			a, b := w.baresip(u.phone("201", tt.a, true), toneA), w.baresip(u.phone("202", tt.b, true), toneB)
			u.account("203") // an extension without a phone
			w.must(a.Registered(w.ctx))
			w.must(b.Registered(w.ctx))
			w.must(a.Dial("202"))
			_, err := b.Await(w.ctx, "CALL_INCOMING")
			w.must(err)
			w.must(b.Hangup())
			w.told(a, "a busy phone", "486")
			w.hungUp(b)
			w.must(a.Dial("202"))
			_, err = b.Await(w.ctx, "CALL_INCOMING")
			w.must(err)
			_, err = a.Await(w.ctx, "CALL_RINGING", "CALL_PROGRESS")
			w.must(err)
			w.must(a.Hangup())
			w.hungUp(a)
			w.hungUp(b)
			w.must(a.Dial("203"))
			w.told(a, "an extension without a phone", "480")
			w.must(a.Dial("999"))
			w.told(a, "no extension", "404")
		})
	}
}

// told waits for the end of a baresip's call and judges the status it was told.
func (w *world) told(b *peer.Baresip, of, status string) {
	w.Helper()
	if e := w.hungUp(b); !strings.HasPrefix(e.Param, status) {
		w.Errorf("the caller of %s was told %q, want %s", of, e.Param, status)
	}
}

// TestDTMFInfo: a phone that sends its keys as INFO is understood by one that
// wants RFC 4733, and the reverse.
func TestDTMFInfo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	pa, pb := u.phone("201", "udp", true), u.phone("202", "udp", true)
	pa.DTMFInfo, pb.Answer = true, true
	a, b := w.baresip(pa, toneA), w.baresip(pb, toneB)
	w.must(a.Registered(w.ctx))
	w.must(b.Registered(w.ctx))
	w.must(a.Dial("202"))
	w.established(a)
	w.answers(b)
	w.must(a.Digits("7"))
	w.key(b, "7")
	w.must(b.Digits("8"))
	w.key(a, "8")
	w.must(a.Hangup())
	w.hungUp(b)
}

// TestLinphone registers linphone with SHA-256 over every transport; it calls
// a baresip and is called by it, with keys and hold.
func TestLinphone(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"udp", "tcp", "tls"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			u := w.startUnit("")
			pl := u.phone("201", transport, false)
			pl.SRTP = transport == "tls"
			pb := u.phone("202", "udp", true)
			pb.Answer = true
			l, b := w.linphone(pl, toneA), w.baresip(pb, toneB)
			w.must(l.Registered(w.ctx))
			w.must(b.Registered(w.ctx))
			w.sha256(l)

			w.must(l.Dial("202"))
			w.must(l.Talking(w.ctx))
			w.answers(b)
			w.talk()
			w.must(l.Digits("9"))
			w.key(b, "9")
			w.must(l.Hold())
			_, err := l.Expect(w.ctx, `is now paused`)
			w.must(err)
			w.must(l.Resume())
			w.must(l.Talking(w.ctx))
			w.must(l.Hangup())
			w.hungUp(b)
			w.must(heardAround(w.last(b), toneA, holdTime))

			w.must(b.Dial("201"))
			w.must(l.Rung(w.ctx))
			w.must(l.Accept())
			w.established(b)
			w.talk()
			w.must(b.Hangup())
			_, err = l.Ended(w.ctx)
			w.must(err)
			w.must(heard(w.last(b), toneA))
			l.Stop()
			w.must(heardAround(l.Heard(), toneB, holdTime))
		})
	}
}

var signedSHA256 = regexp.MustCompile(`(?m)^Authorization: +Digest .*algorithm=SHA-256`)

// sha256 proves that linphone signed in with SHA-256, by its own log.
func (w *world) sha256(l *peer.Linphone) {
	w.Helper()
	log, err := l.Log()
	w.must(err)
	if !signedSHA256.MatchString(log) {
		w.Error("linphone did not sign in with SHA-256")
	}
}

// TestLinphoneRefusals: linphone declines, cancels and is told of a busy one.
func TestLinphoneRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	l, b := w.linphone(u.phone("201", "udp", false), toneA), w.baresip(u.phone("202", "udp", true), toneB)
	w.must(l.Registered(w.ctx))
	w.must(b.Registered(w.ctx))
	w.must(b.Dial("201"))
	w.must(l.Rung(w.ctx))
	w.must(l.Hangup())
	if e := w.hungUp(b); !strings.Contains(e.Param, "603") {
		t.Errorf("linphone declined, the caller was told %q", e.Param)
	}
	_, err := l.Ended(w.ctx)
	w.must(err)
	w.must(l.Dial("202"))
	_, err = b.Await(w.ctx, "CALL_INCOMING")
	w.must(err)
	w.must(b.Hangup()) // 486
	_, err = l.Ended(w.ctx)
	w.must(err)
	log, err := l.Log()
	w.must(err)
	if !strings.Contains(log, "SIP/2.0 486 ") {
		t.Error("linphone was not told 486 of a busy phone")
	}
	w.must(l.Dial("202"))
	_, err = b.Await(w.ctx, "CALL_INCOMING")
	w.must(err)
	_, err = l.Expect(w.ctx, `ringing`)
	w.must(err)
	w.must(l.Hangup())
	w.hungUp(b)
}

// TestWrongPassword: a phone with a wrong secret stays out, and one with the
// right secret gets in beside it.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.startUnit("")
	right := u.phone("201", "udp", true)
	wrong := right
	wrong.Extension, wrong.Secret = "201", "not-"+right.Secret
	wrongly := w.baresip(wrong, toneA)
	if err := wrongly.Registered(w.ctx); err == nil {
		t.Fatal("a phone with a wrong secret registered")
	}
	wrongly.Stop()
	w.must(w.baresip(right, toneA).Registered(w.ctx))
	phones := query[[]control.Phone](u, "phone", "list")
	if got := fmt.Sprint(len(phones), " ", len(phones[0].Contacts)); got != "1 1" {
		t.Errorf("phones and contacts: %s, want 1 1", got)
	}
}

// speech judges that a recording is somebody speaking: loud enough, for some
// time, and no steady tone.
func (w *world) speech(path string) {
	w.Helper()
	p, err := sound.Read(path)
	w.must(err)
	loud := 0
	for at := 0; at+sound.Rate/50 <= len(p.Samples); at += sound.Rate / 50 {
		if ear.Total(p.Samples[at:at+sound.Rate/50]) > -35 {
			loud++
		}
	}
	spoken := time.Duration(loud) * 20 * time.Millisecond
	if spoken < time.Second {
		w.Errorf("%v of sound in %v: nobody spoke", spoken, p.Len())
	}
	for _, tone := range []float64{400, 425, 440} {
		if h := sound.Hear(p, tone); h.Present > spoken/2 {
			w.Errorf("a tone of %.0f Hz instead of speech: %v", tone, h)
		}
	}
}
