package media

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/wire/sdp"
)

// formats lists a stream's codecs as "PCMU/0 telephone-event/101".
func formats(m *sdp.Media) string {
	var list []string
	for _, c := range m.Codecs {
		list = append(list, fmt.Sprintf("%s/%d", c.Name, c.PT))
	}
	return strings.Join(list, " ")
}

const opus = "a=rtpmap:96 opus/48000/2"

// offers are two legs' policies, what A offers, and what comes of it.
var offers = []struct {
	name          string
	a, b          Policy
	offer         string // A's formats
	lines         []string
	toB           string // what B is offered
	answer        string // B's formats
	toA           string // what A is answered
	refused       error  // of OfferFrom
	answerRefused error
}{
	{
		name: "everything passes", offer: "9 8 0 101", toB: "G722/9 PCMA/8 PCMU/0 telephone-event/101",
		answer: "8 101", toA: "PCMA/8 telephone-event/101",
	},
	{
		name: "a codec we have never heard of passes", offer: "96 0", lines: []string{opus},
		toB: "opus/96 PCMU/0 PCMA/8 telephone-event/101", answer: "0", toA: "PCMU/0",
	},
	{
		name: "events of the voice's clock", offer: "96 0 97 101",
		lines:  []string{opus, "a=rtpmap:97 telephone-event/48000"},
		toB:    "opus/96 PCMU/0 PCMA/8 telephone-event/97 telephone-event/101",
		answer: "96 97", toA: "opus/96 telephone-event/97",
	},
	{
		name: "a line that takes 0 only", b: Policy{Codecs: []string{"PCMU"}, NoTelephoneEvent: true},
		offer: "9 8 0 101", toB: "PCMU/0", answer: "0", toA: "PCMU/0 telephone-event/101",
	},
	{
		name: "the policy's order", b: Policy{Codecs: []string{"PCMU", "PCMA"}}, offer: "8 9 0",
		toB: "PCMU/0 PCMA/8 telephone-event/101", answer: "0 8", toA: "PCMU/0 PCMA/8",
	},
	{
		name: "one G.711 becomes the other", b: Policy{Codecs: []string{"PCMU"}}, offer: "8 101",
		toB: "PCMU/0 telephone-event/101", answer: "0 101", toA: "PCMA/8 telephone-event/101",
	},
	{
		name: "two phones without a codec in common", offer: "9 101",
		toB: "G722/9 PCMU/0 PCMA/8 telephone-event/101", answer: "0 101", toA: "G722/9 telephone-event/101",
	},
	{
		name: "two phones with one G.711 each", offer: "0",
		toB: "PCMU/0 PCMA/8 telephone-event/101", answer: "8", toA: "PCMU/0",
	},
	{
		name: "nothing in common", b: Policy{Codecs: []string{"PCMU"}}, offer: "96", lines: []string{opus},
		refused: ErrNoCodec,
	},
	{name: "no speech at all", offer: "13 101", refused: ErrNoCodec},
	{
		name: "an answer of nothing", offer: "0", toB: "PCMU/0 PCMA/8 telephone-event/101", answer: "101",
		answerRefused: ErrNoCodec,
	},
	{
		name: "a number in use", offer: "101 0", lines: []string{"a=rtpmap:101 opus/48000/2"}, // no event from A
		toB: "opus/101 PCMU/0 PCMA/8 telephone-event/96", answer: "0", toA: "PCMU/0",
	},
}

// What a leg is offered and answered, by the policies of both.
func TestWhatIsOffered(t *testing.T) {
	for _, c := range offers {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			x, y := newHandset(t), newHandset(t)
			call := w.call("c")
			a, b := leg(t, call, "a", c.a), leg(t, call, "b", c.b)
			offer := x.describe(c.offer, c.lines...)
			if strings.Contains(c.name, "in use") {
				offer = bytes.ReplaceAll(offer, []byte("a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"), nil)
			}
			if _, err := a.TakeOffer(offer); err != nil {
				t.Fatal(err)
			}
			body, err := b.OfferFrom(a)
			if !errors.Is(err, c.refused) {
				t.Fatalf("%v, want %v", err, c.refused)
			}
			if err != nil {
				return
			}
			if got := formats(y.read(body)); got != c.toB {
				t.Errorf("B is offered %q, want %q", got, c.toB)
			}
			if err := b.TakeAnswer(y.describe(c.answer, c.lines...)); !errors.Is(err, c.answerRefused) {
				t.Fatal(err)
			} else if err != nil {
				return
			}
			if got := formats(x.read(must(t)(a.AnswerFrom(b)))); got != c.toA {
				t.Errorf("A is answered %q, want %q", got, c.toA)
			}
		})
	}
}

// B numbers its formats its own way; each side gets packets numbered as it
// asked for.
func TestPayloadTypesAreMapped(t *testing.T) {
	w := newWorld(t)
	x, y := newHandset(t), newHandset(t)
	call := w.call("c")
	a, b := leg(t, call, "a", Policy{}), leg(t, call, "b", Policy{})
	if _, err := a.TakeOffer(x.describe("96 0", opus)); err != nil {
		t.Fatal(err)
	}
	y.read(must(t)(b.OfferFrom(a)))
	if err := b.TakeAnswer(y.describe("111", "a=rtpmap:111 opus/48000/2")); err != nil {
		t.Fatal(err)
	}
	x.read(must(t)(a.AnswerFrom(b)))
	if err := call.Bridge(a, b); err != nil {
		t.Fatal(err)
	}
	x.h.PT, y.h.PT = 96, 96 // B sends what it was offered as 96
	x.packet([]byte("voice"))
	if got := y.hear(1); len(got) != 1 || got[0].PT != 111 {
		t.Errorf("B got %+v", got)
	}
	y.packet([]byte("voice"))
	if got := x.hear(1); len(got) != 1 || got[0].PT != 96 {
		t.Errorf("A got %+v", got)
	}
	y.h.PT = 0 // never agreed
	y.packet([]byte("voice"))
	x.nothing("in a format that was not agreed")
}

func TestOneG711BecomesTheOther(t *testing.T) {
	w := newWorld(t)
	_, _, _, x, y := connected(w, Policy{}, Policy{Codecs: []string{"PCMU"}}, "8", "0")
	x.h.PT = 8
	talk(t, x, y)
}

func TestG722BecomesG711(t *testing.T) {
	w := newWorld(t)
	_, _, _, x, y := connected(w, Policy{}, Policy{Codecs: []string{"G722"}}, "0", "9")
	x.say(ear.Tone(8000, 440, -16, 0.5))
	list := y.hear(25)
	y.h.PT = 9
	for _, p := range list {
		if p.PT != 9 || len(p.payload) != 160 {
			t.Fatalf("%+v", p)
		}
		y.packet(p.payload) // and back again
	}
	pcm := voice(x.hear(25))
	if len(pcm) < 4000 || !ear.Hears(pcm[400:4000], 8000, 440) {
		t.Errorf("%d samples, %.1f dBm0", len(pcm), ear.Level(pcm, 8000, 440))
	}
	if got := ear.Level(pcm[400:4000], 8000, 440); got < -17 || got > -15 {
		t.Errorf("level %.1f dBm0, want -16", got)
	}
}

// Hold in each of its forms, and resume, by either side: it is between the peer and
// us, and the other side's terms stay what they are.
func TestHoldAndResume(t *testing.T) {
	for _, form := range []string{"a=sendonly", "a=inactive", "c=IN IP4 0.0.0.0"} {
		t.Run(form, func(t *testing.T) {
			w := newWorld(t)
			_, a, b, x, y := connected(w, Policy{}, Policy{}, "0 101", "0 101")
			talk(t, x, y)
			back := "recvonly"
			if form == "a=inactive" {
				back = "inactive"
			}
			for _, r := range []struct {
				from, to *Leg
				p, q     *handset
			}{{a, b, x, y}, {b, a, y, x}} {
				o, err := r.from.TakeOffer(r.p.describe("0 101", form))
				if err != nil || !o.Hold || o.Unchanged {
					t.Fatalf("%+v: %v", o, err)
				}
				if m := r.q.read(must(t)(r.to.OfferFrom(r.from))); m.Direction.String() != "sendrecv" {
					t.Errorf("passed on as %v", m.Direction)
				}
				r.to.Rollback()
				if m := r.p.read(must(t)(r.from.Answer())); m.Direction.String() != back {
					t.Errorf("answered with %v, want %s", m.Direction, back)
				}
				if !r.from.Held() {
					t.Error("the peer is not held")
				}
				settle(r.from)
				r.q.say(make([]int16, 800))
				r.p.nothing("to who holds")
				resume(t, r.from, r.to, r.p, r.q)
				talk(t, r.p, r.q)
			}
		})
	}
}

// Hold that the driver answers by itself, without a word to the other side:
// each leg keeps to its own terms.
func TestHoldOfOneSide(t *testing.T) {
	w := newWorld(t)
	_, a, _, x, y := connected(w, Policy{}, Policy{}, "0", "0")
	talk(t, x, y)
	for direction, hears := range map[string]bool{"sendonly": true, "inactive": false} {
		if _, err := a.TakeOffer(x.describe("0", "a="+direction)); err != nil {
			t.Fatal(err)
		}
		must(t)(a.Answer())
		settle(a)
		y.say(make([]int16, 480))
		x.nothing("to who holds")
		x.say(make([]int16, 480))
		if hears {
			if got := len(y.hear(3)); got != 3 {
				t.Errorf("%d packets of who only sends", got)
			}
		} else {
			y.nothing("from who is inactive")
		}
	}
}

func resume(t *testing.T, from, to *Leg, p, q *handset) {
	t.Helper()
	if o, err := from.TakeOffer(p.describe("0 101", "a=sendrecv")); err != nil || o.Hold {
		t.Fatalf("%+v: %v", o, err)
	}
	q.read(must(t)(to.OfferFrom(from)))
	if err := to.TakeAnswer(q.describe("0 101")); err != nil {
		t.Fatal(err)
	}
	p.read(must(t)(from.AnswerFrom(to)))
	settle(from)
}

// The version of our description grows by one when it changes, and only then.
func TestVersions(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0 101", "0 101")
	origin := func(body []byte) string { return strings.Split(string(body), "\r\n")[1] }
	first := origin(a.LocalDescription())
	if !strings.HasSuffix(first, " 1 IN IP4 127.0.0.1") {
		t.Fatal(first)
	}
	refresh := x.describe("0 101")
	for i := range 3 {
		o, err := a.TakeOffer(refresh)
		if err != nil || o.Unchanged != (i > 0) {
			t.Fatalf("%d: %+v: %v", i, o, err)
		}
		if got := origin(must(t)(a.Answer())); got != first {
			t.Errorf("%d: %s after %s", i, got, first)
		}
	}
	if _, err := a.TakeOffer(x.describe("0 101", "a=sendonly")); err != nil {
		t.Fatal(err)
	}
	y.read(must(t)(b.OfferFrom(a)))
	if err := b.TakeAnswer(y.describe("0 101", "a=recvonly")); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(first, " 1 IN", " 2 IN", 1)
	if got := origin(must(t)(a.AnswerFrom(b))); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A 183's answer comes again in the 200; another branch's answer changes
// where packets go, but not what A was told.
func TestAnswerComesAgain(t *testing.T) {
	w := newWorld(t)
	c, a, b, x, y := connected(w, Policy{}, Policy{}, "0 8 101", "0 101")
	first := a.LocalDescription()
	z := newHandset(t)
	z.to = y.to
	if err := b.TakeAnswer(z.describe("8 101")); err != nil {
		t.Fatal(err)
	}
	if again := must(t)(a.AnswerFrom(b)); !bytes.Equal(again, first) {
		t.Errorf("another answer\n%s", again)
	}
	if err := c.Bridge(a, b); err != nil {
		t.Fatal(err)
	}
	z.h.PT = 8
	settle(b)
	talk(t, x, z)
}

func TestLateOffer(t *testing.T) {
	w := newWorld(t)
	x, y := newHandset(t), newHandset(t)
	c := w.call("c")
	a, b := leg(t, c, "a", Policy{}), leg(t, c, "b", Policy{Codecs: []string{"PCMA", "PCMU"}})
	if got := formats(y.read(must(t)(b.Offer()))); got != "PCMA/8 PCMU/0 telephone-event/101" {
		t.Errorf("B is offered %q", got)
	}
	if err := b.TakeAnswer(y.describe("0 101")); err != nil {
		t.Fatal(err)
	}
	if got := formats(x.read(must(t)(a.OfferFrom(b)))); got != "PCMU/0 PCMA/8 telephone-event/101" {
		t.Errorf("A is offered %q", got)
	}
	if err := a.TakeAnswer(x.describe("0 101")); err != nil {
		t.Fatal(err)
	}
	if err := c.Bridge(a, b); err != nil {
		t.Fatal(err)
	}
	talk(t, x, y)
}

func TestOutOfTurn(t *testing.T) {
	w := newWorld(t)
	x := newHandset(t)
	c := w.call("c")
	a, b := leg(t, c, "a", Policy{}), leg(t, c, "b", Policy{})
	fails := func(what string, err error, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	_, err := a.Answer()
	fails("answer without an offer", err, ErrState)
	_, err = b.OfferFrom(a)
	fails("offer of nothing", err, ErrState)
	fails("answer to nothing", a.TakeAnswer(x.describe("0")), ErrState)
	must(t)(a.Offer())
	_, err = a.TakeOffer(x.describe("0"))
	fails("glare", err, ErrState)
	_, err = a.Offer()
	fails("two offers", err, ErrState)
	a.Rollback()
	_, err = a.TakeOffer(x.describe("0"))
	fails("after a rollback", err, nil)
	_, err = a.AnswerFrom(b)
	fails("answer of nothing", err, ErrState)
	_, err = b.TakeOffer([]byte("v=0\r\nnonsense"))
	fails("nonsense", err, ErrDescription)
	_, err = b.TakeOffer(bytes.ReplaceAll(x.describe("31"), []byte("m=audio"), []byte("m=video")))
	fails("video only", err, ErrNoAudio)
	a.Close()
	_, err = a.Answer()
	fails("closed", err, ErrClosed)
}

// A re-offer that fails leaves everything as it was.
func TestRollback(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0 101", "0 101")
	talk(t, x, y)
	if _, err := a.TakeOffer(x.describe("8 101", "a=inactive")); err != nil {
		t.Fatal(err)
	}
	must(t)(b.OfferFrom(a))
	b.Rollback()
	a.Rollback()
	talk(t, x, y)
	if a.Held() {
		t.Error("held by an offer that was taken back")
	}
	resume(t, b, a, y, x)
	talk(t, x, y)
}

// Streams that are no audio are refused, in their places (RFC 3264 §6, §8).
func TestOtherStreamsAreRefused(t *testing.T) {
	w := newWorld(t)
	x, y := newHandset(t), newHandset(t)
	c := w.call("c")
	a, b := leg(t, c, "a", Policy{}), leg(t, c, "b", Policy{})
	s := string(x.describe("0"))
	s = strings.Replace(s, "m=audio", "m=image 9000 udptl t38\r\nm=audio", 1) + "m=video 9002 RTP/AVP 31\r\n"
	if _, err := a.TakeOffer([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if body := must(t)(b.OfferFrom(a)); bytes.Count(body, []byte("m=")) != 1 {
		t.Errorf("B is offered\n%s", body)
	}
	if err := b.TakeAnswer(y.describe("0")); err != nil {
		t.Fatal(err)
	}
	for _, body := range [][]byte{must(t)(a.AnswerFrom(b)), must(t)(a.Offer())} {
		text := string(body)
		i, j, k := strings.Index(text, "m=image 0 udptl t38\r\n"), strings.Index(text, "m=audio "),
			strings.Index(text, "m=video 0 RTP/AVP 31\r\n")
		if i < 0 || j < i || k < j {
			t.Errorf("A is told\n%s", body)
		}
	}
}
