package media

import (
	"bytes"
	"errors"
	"math"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/ear"
	"github.com/sekisho/sekisho/unit/media/prompt"
	"github.com/sekisho/sekisho/wire/dtmf"
	"github.com/sekisho/sekisho/wire/rtp"
	"github.com/sekisho/sekisho/wire/rtp/g722"
)

// alone is a phone whose call ends at the unit.
func alone(w *world, p Policy, formats string, lines ...string) (*Call, *Leg, *handset) {
	t := w.t
	t.Helper()
	x, c := newHandset(t), w.call("c")
	a := leg(t, c, "a", p)
	if _, err := a.TakeOffer(x.describe(formats, lines...)); err != nil {
		t.Fatal(err)
	}
	x.read(must(t)(a.Answer()))
	return c, a, x
}

// samples reads n samples of a source.
func samples(s Source, n int) []int16 {
	pcm := make([]int16, n)
	return pcm[:s.Read(pcm)]
}

// The rhythms and levels of the Japanese tones.
func TestTones(t *testing.T) {
	level := func(pcm []int16) float64 { return ear.Level(pcm, 8000, 400) }
	dial := samples(NewTone(DialTone), 16000)
	if got := level(dial); math.Abs(got-toneDBm0) > 0.1 || ear.Missing(dial, 8000, 400) != 0 {
		t.Errorf("dial tone: %.2f dBm0", got)
	}
	busy := samples(NewTone(Busy), 16000)
	for i := range 4 {
		got := level(busy[i*4000 : (i+1)*4000])
		if i%2 == 0 && math.Abs(got-toneDBm0) > 0.1 || i%2 == 1 && got != ear.Silence {
			t.Errorf("busy, half second %d: %.2f dBm0", i, got)
		}
	}
	second := samples(NewTone(SecondDialTone), 4000)
	if level(second[:1000]) < -17 || level(second[1000:2000]) != ear.Silence || level(second[2000:3000]) < -17 {
		t.Error("second dial tone is not 125 ms on, 125 ms off")
	}
	ring := samples(NewTone(RingBack), 48000)
	for i := range 6 {
		part := ring[i*8000 : (i+1)*8000]
		if on := level(part) > -30; on != (i%3 == 0) {
			t.Errorf("ring-back, second %d: %.2f dBm0", i, level(part))
		}
	}
	// Modulated with 16 Hz: side bands at 384 and 416 Hz, 6 dB below.
	for _, hz := range []float64{384, 416} {
		if d := level(ring[:8000]) - ear.Level(ring[:8000], 8000, hz); math.Abs(d-6) > 0.2 {
			t.Errorf("ring-back at %v Hz is %.2f dB below", hz, d)
		}
	}
}

func TestPlaying(t *testing.T) {
	w := newWorld(t)
	_, a, x := alone(w, Policy{}, "9 0 8 101")
	began := time.Now()
	if err := a.Play(NewTone(DialTone)); err != nil {
		t.Fatal(err)
	}
	list := x.hear(20)
	steady(t, list)
	if len(list) != 20 || !list[0].Marker || !ear.Hears(voice(list), 8000, 400) {
		t.Fatalf("%d packets", len(list))
	}
	for i, p := range list[1:] {
		if p.Timestamp-list[i].Timestamp != 160 || len(p.payload) != 160 || p.Marker {
			t.Errorf("packet %d: %+v", i+1, p.Header)
		}
	}
	if d := list[19].at.Sub(began); d < 300*time.Millisecond || d > patience { // a busy machine is late, never early
		t.Errorf("19 frames of 20 ms took %v", d)
	}
	a.Stop()
	if e := w.await("a", Played); !e.Stopped {
		t.Error("not stopped")
	}
	settle(a)
	x.hear(int(a.Stats().PacketsOut) - 20)
	x.nothing("after Stop")
}

func TestAnnouncementEnds(t *testing.T) {
	w := newWorld(t)
	_, a, x := alone(w, Policy{}, "8", "a=ptime:30")
	if err := a.Play(&sound{left: ear.ToMu(ear.Tone(8000, 700, -16, 0.25))}); err != nil {
		t.Fatal(err)
	}
	if e := w.await("a", Played); e.Stopped {
		t.Error("stopped")
	}
	list := x.hear(9) // 240 ms in frames of 30, and the rest
	if len(list) != 9 || len(list[0].payload) != 240 || !ear.Hears(voice(list)[:2000], 8000, 700) {
		t.Errorf("%d packets", len(list))
	}
	for _, lang := range []string{"ja", "en"} {
		s, err := NewAnnouncement(nil, "international-barred", lang)
		if err != nil {
			t.Fatal(err)
		}
		mu, _ := prompt.Open("international-barred", lang)
		if got := ear.ToMu(samples(s, 1<<20)); len(got) != len(mu) {
			t.Errorf("%d samples of %d", len(got), len(mu))
		}
	}
	if _, err := NewAnnouncement(nil, "nonsense", "ja"); !errors.Is(err, prompt.ErrUnknown) {
		t.Error(err)
	}
}

func TestPlayingInG722(t *testing.T) {
	w := newWorld(t)
	_, a, x := alone(w, Policy{}, "9")
	if err := a.Play(NewTone(DialTone)); err != nil {
		t.Fatal(err)
	}
	var code []byte
	for _, p := range x.hear(20) {
		code = append(code, p.payload...)
	}
	var d g722.Decoder
	pcm := d.Decode(nil, code)
	if len(pcm) != 20*320 || math.Abs(ear.Level(pcm[640:], 16000, 400)-toneDBm0) > 1 {
		t.Errorf("%d samples, %.1f dBm0", len(pcm), ear.Level(pcm[640:], 16000, 400))
	}
}

func TestNothingToSpeak(t *testing.T) {
	w := newWorld(t)
	x, y := newHandset(t), newHandset(t)
	c := w.call("c")
	a, b := leg(t, c, "a", Policy{}), leg(t, c, "b", Policy{})
	if _, err := a.TakeOffer(x.describe("96", opus)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Answer(); !errors.Is(err, ErrNoCodec) {
		t.Error(err)
	}
	must(t)(b.OfferFrom(a))
	if err := b.TakeAnswer(y.describe("96", opus)); err != nil {
		t.Fatal(err)
	}
	must(t)(a.AnswerFrom(b))
	if err := a.Play(NewTone(Busy)); !errors.Is(err, ErrNoCodec) {
		t.Error(err)
	}
	if err := a.SendDigits("1"); !errors.Is(err, ErrNoCodec) {
		t.Error(err)
	}
}

func TestEcho(t *testing.T) {
	w := newWorld(t)
	_, a, x := alone(w, Policy{}, "0")
	a.Echo(true)
	settle(a)
	x.say(ear.Tone(8000, 440, -16, 0.2))
	if list := x.hear(10); len(list) != 10 || !ear.Hears(voice(list), 8000, 440) {
		t.Errorf("%d packets", len(list))
	}
	a.Echo(false)
	settle(a)
	x.say(make([]int16, 320))
	x.nothing("without echo")
}

// Who speaks changes: tone, the other leg, announcement, the other leg. To
// the phone it is one stream.
func TestOneStreamWhoeverSpeaks(t *testing.T) {
	w := newWorld(t)
	_, a, b, x, y := connected(w, Policy{}, Policy{}, "0 101", "0 101")
	if err := a.Play(NewTone(RingBack)); err != nil {
		t.Fatal(err)
	}
	list := x.hear(5)
	y.say(ear.Tone(8000, 2000, -16, 0.1)) // not heard while the unit speaks
	until(t, func() bool { return b.Stats().PacketsIn == 5 })
	a.Stop()
	w.await("a", Played)
	settle(a)
	list = append(list, x.hear(int(a.Stats().PacketsOut)-5)...)
	if got := ear.Level(voice(list), 8000, 2000); got > -50 {
		t.Errorf("while the unit speaks, the other leg is heard with %.1f dBm0", got)
	}
	y.say(ear.Tone(8000, 1000, -16, 0.1))
	list = append(list, x.hear(5)...)
	if err := a.Play(&sound{left: bytes.Repeat([]byte{0xff}, 480)}); err != nil {
		t.Fatal(err)
	}
	w.await("a", Played)
	list = append(list, x.hear(3)...)
	y.h.SSRC, y.h.Seq, y.h.Timestamp = 77, 5, 5 // the other phone begins anew, too
	y.say(make([]int16, 800))
	list = append(list, x.hear(5)...)
	steady(t, list)
	if len(list) < 18 || list[len(list)-5].Timestamp-list[0].Timestamp > 3*8000 {
		t.Errorf("%d packets", len(list))
	}
}

func TestDigitsAreToldAndPassed(t *testing.T) {
	for _, c := range []struct {
		b      string
		passed bool
	}{{"0 101", true}, {"0", false}} {
		w := newWorld(t)
		_, a, b, x, y := connected(w, Policy{}, Policy{}, "0 101", c.b)
		x.say(make([]int16, 160))
		y.hear(1)
		press(t, x, '7')
		e := w.await("a", Digit)
		if e.Digit != '7' || e.Duration != 100*time.Millisecond || e.Passed != c.passed {
			t.Errorf("%+v", e)
		}
		if b.TelephoneEvent() != c.passed || !a.TelephoneEvent() {
			t.Error("telephone-event")
		}
		if !c.passed {
			y.nothing("that was not agreed")
			continue
		}
		for i, p := range y.hear(7) {
			if p.PT != 101 || len(p.payload) != 4 || p.Marker != (i == 0) {
				t.Errorf("%d: %+v %x", i, p.Header, p.payload)
			}
		}
		if _, again := w.find("a", Digit); again {
			t.Error("one digit was told twice")
		}
	}
}

// press sends a key of 100 ms.
func press(t *testing.T, p *handset, key byte) {
	t.Helper()
	e, err := dtmf.NewEncoder(key, 800, 160)
	if err != nil {
		t.Fatal(err)
	}
	pt, at := p.h.PT, p.h.Timestamp
	for last := false; !last; {
		var event dtmf.Event
		event, p.h.Marker, last = e.Next()
		p.h.PT, p.h.Timestamp = 101, at
		payload := make([]byte, dtmf.EventBytes)
		event.Put(payload)
		p.packet(payload)
	}
	p.h.PT, p.h.Marker, p.h.Timestamp = pt, false, at+800
}

// A peer that sends nothing but digits does not keep the driver busy.
func TestDigitsPerSecond(t *testing.T) {
	w := newWorld(t)
	_, a, x := alone(w, Policy{}, "0 101")
	x.h.PT = 101
	for range 4 * DigitsPerSecond {
		x.packet([]byte{5, 0x80 | 10, 0, 160})
	}
	until(t, func() bool { return a.Stats().PacketsIn == 4*DigitsPerSecond })
	settle(a)
	told := 0
	for {
		if _, ok := w.find("a", Digit); !ok {
			break
		}
		told++
	}
	if told < DigitsPerSecond || told > 2*DigitsPerSecond { // a second may have begun meanwhile
		t.Errorf("%d digits of %d were told", told, 4*DigitsPerSecond)
	}
}

// All ends of a digit are lost: it is told all the same.
func TestDigitWithoutEnd(t *testing.T) {
	w := newWorld(t)
	_, _, x := alone(w, Policy{}, "0 101")
	x.say(make([]int16, 160))
	x.h.PT = 101
	x.packet([]byte{5, 10, 0, 160})
	if e := w.await("a", Digit); e.Digit != '5' || e.Passed {
		t.Errorf("%+v", e)
	}
}

func TestSendingDigits(t *testing.T) {
	w := newWorld(t)
	_, a, x := alone(w, Policy{}, "0 101")
	if err := a.SendDigits("1#"); err != nil {
		t.Fatal(err)
	}
	w.await("a", DigitsSent)
	list := x.hear(2 * 10)
	steady(t, list)
	var d dtmf.Decoder
	var keys []byte
	for _, p := range list {
		e, err := dtmf.Parse(p.payload)
		if err != nil || p.PT != 101 {
			t.Fatalf("%+v", p)
		}
		pressed, n := d.Take(p.Timestamp, e)
		for _, k := range pressed[:n] {
			keys = append(keys, k.Key)
			if k.Duration != 1280 {
				t.Errorf("%c lasts %d", k.Key, k.Duration)
			}
		}
	}
	if string(keys) != "1#" {
		t.Errorf("sent %q", keys)
	}
	if err := a.SendDigits("1x"); err == nil {
		t.Error("x was sent")
	}
	if err := a.SendDigits(string(slices.Repeat([]byte("1"), DigitsMax+1))); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
}

func TestSilenceIsTold(t *testing.T) {
	w := newWorld(t)
	_, a, x := alone(w, Policy{}, "0")
	a.Watch(300 * time.Millisecond)
	w.await("a", Timeout)
	x.say(make([]int16, 160)) // it comes back, and falls silent again
	w.await("a", Timeout)
	a.Watch(0)
	settle(a)
	x.say(make([]int16, 160))
	time.Sleep(500 * time.Millisecond) // nothing must happen: there is no event to wait for
	if _, told := w.find("a", Timeout); told {
		t.Error("silence was told that nobody asked for")
	}
}

func TestHeldPhoneMayBeSilent(t *testing.T) {
	w := newWorld(t)
	_, a, x := alone(w, Policy{}, "0")
	if _, err := a.TakeOffer(x.describe("0", "a=inactive")); err != nil {
		t.Fatal(err)
	}
	must(t)(a.Answer())
	a.Watch(200 * time.Millisecond)
	time.Sleep(500 * time.Millisecond) // nothing must happen: there is no event to wait for
	if _, told := w.find("a", Timeout); told {
		t.Error("a phone on hold was taken for gone")
	}
}

func TestReports(t *testing.T) {
	for _, suite := range []string{"", rtp.Suites()[0], rtp.Suites()[1]} {
		w := newWorld(t)
		c, a, x, y := callWith(w, suite)
		talk(t, x, y)
		x.h.Seq += 5
		x.say(make([]int16, 160))
		y.hear(1)
		reportNow(a)
		r, from := x.report()
		if !r.Sender || r.Info.Packets != 25 || r.Info.Octets != 4000 || r.Count != 1 || r.Bye {
			t.Fatalf("%q: %+v", suite, r)
		}
		if b := r.Blocks[0]; b.SSRC != x.h.SSRC || b.Lost != 5 || b.HighestSeq&0xffff != uint32(x.h.Seq-1) {
			t.Errorf("%+v", b)
		}
		// The phone answers with its own, and says goodbye: the call goes on.
		sr := rtp.AppendReport(nil, x.h.SSRC, &rtp.SenderInfo{NTP: 1 << 40}, rtp.ReportBlock{
			SSRC: r.SSRC, FractionLost: 64, Lost: 7, Jitter: 80, LastSR: rtp.Middle(r.Info.NTP), Delay: 0,
		})
		sr = rtp.AppendBye(rtp.AppendCNAME(sr, x.h.SSRC, "x"), x.h.SSRC)
		if x.seal != nil {
			sr, _ = x.seal.SealRTCP(nil, sr)
		}
		if _, err := x.rtcp.WriteToUDPAddrPort(sr, from); err != nil {
			t.Fatal(err)
		}
		until(t, func() bool { return a.Stats().ReportsIn == 1 })
		s := a.Stats()
		if s.PeerLost != 7 || s.RoundTrip <= 0 || s.RoundTrip > time.Second || s.RoundTripMax != s.RoundTrip {
			t.Errorf("%+v", s)
		}
		if s.PeerLostPart != 0.25 || s.PeerJitter != 10*time.Millisecond || s.Codec != "PCMU" || s.Lost != 5 {
			t.Errorf("%+v", s)
		}
		talk(t, x, y)
		reportNow(a)
		if r, _ := x.report(); r.Blocks[0].LastSR != 1<<40>>16 {
			t.Errorf("%+v", r.Blocks[0])
		}
		c.Close()
		if r, _ := x.report(); !r.Bye {
			t.Error("no goodbye")
		}
		if end := a.Stats(); end.Codec != "PCMU" || end.PacketsIn <= s.PacketsIn || end.Remote != x.at() {
			t.Errorf("after the end: %+v", end)
		}
	}
}

func callWith(w *world, suite string) (*Call, *Leg, *handset, *handset) {
	if suite == "" {
		c, a, _, x, y := connected(w, Policy{}, Policy{}, "0 101", "0 101")
		return c, a, x, y
	}
	c, a, _, x, y := encrypted(w, suite)
	return c, a, x, y
}

func reportNow(l *Leg) {
	l.stream.loop.post(func() { l.stream.reportAt = time.Time{} })
}

// report reads the next report that comes to the phone.
func (p *handset) report() (r rtp.RTCP, from netip.AddrPort) {
	p.t.Helper()
	buf := make([]byte, 2048)
	_ = p.rtcp.SetReadDeadline(time.Now().Add(patience))
	n, from, err := p.rtcp.ReadFromUDPAddrPort(buf)
	if err != nil {
		p.t.Fatal(err)
	}
	b := buf[:n]
	if p.out != nil {
		if b, err = p.out.OpenRTCP(nil, b); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := rtp.ParseRTCP(b, &r); err != nil {
		p.t.Fatalf("%v: %x", err, b)
	}
	return r, from
}

// RTCP on the RTP port, where the peer offers it.
func TestReportsOnOnePort(t *testing.T) {
	w := newWorld(t)
	_, a, x := alone(w, Policy{}, "0", "a=rtcp-mux")
	if !bytes.Contains(a.LocalDescription(), []byte("a=rtcp-mux")) {
		t.Fatalf("%s", a.LocalDescription())
	}
	x.say(make([]int16, 160))
	w.await("a", Locked)
	x.raw(rtp.AppendReport(nil, x.h.SSRC, nil))
	until(t, func() bool { return a.Stats().ReportsIn == 1 })
	reportNow(a)
	buf := make([]byte, 2048)
	_ = x.conn.SetReadDeadline(time.Now().Add(patience))
	if n, err := x.conn.Read(buf); err != nil || !rtp.IsRTCP(buf[:n]) {
		t.Errorf("%d bytes: %v", n, err)
	}
}
