package load

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/sekisho/sekisho/wire/digest"
)

// testLoad is a generator on addresses of this test alone.
func testLoad(t testing.TB) *Load {
	t.Helper()
	own := byte(os.Getpid() % 250)
	at := func(last byte) netip.Addr { return netip.AddrFrom4([4]byte{127, 77, own, last}) }
	l, err := Open(Config{Callers: at(1), Callees: at(2), Carrier: at(3), Tag: "t"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func accounts(first, n int) (list []Account) {
	for i := range n {
		ext := strconv.Itoa(first + i)
		list = append(list, Account{ext, ext, "secret of " + ext})
	}
	return list
}

// between is a site with nothing between: callers call the callees' address.
func between(l *Load) *Site {
	return &Site{Server: l.callees.local, Domain: "x.example", Callers: accounts(200, 5), Callees: accounts(300, 7)}
}

func TestCallsWithNothingBetween(t *testing.T) {
	l := testLoad(t)
	r := l.Calls(between(l), Spec{Rate: 2000, Duration: 300 * time.Millisecond, Drain: time.Second})
	if r.Offered != 600 || r.Done != 600 || r.FailedCount() != 0 || r.Retransmitted != 0 {
		t.Errorf("offered %d, done %d, failed %v, retransmitted %d", r.Offered, r.Done, r.Failed, r.Retransmitted)
	}
	// 35 pairs only, so that some INVITEs overtake others of their pair.
	if n := r.Added.Count(); n < 500 || r.Setup.Count() != 600 {
		t.Errorf("the way of %d calls was measured, and %d answers", n, r.Setup.Count())
	}
}

// TestLossIsRepaired drops every eleventh message in each direction: with the
// retransmissions of RFC 3261 every call goes all the way.
func TestLossIsRepaired(t *testing.T) {
	l := testLoad(t)
	n := 0
	for _, s := range []*socket{l.callers, l.callees} {
		take := s.take
		s.take = func(b []byte, from netip.AddrPort, left int) {
			if n++; n%11 != 0 {
				take(b, from, left)
			}
		}
	}
	r := l.Calls(between(l), Spec{Rate: 200, Duration: 250 * time.Millisecond, Drain: 20 * time.Second})
	if r.Offered != 50 || r.Done != 50 || r.Retransmitted == 0 {
		t.Errorf("offered %d, done %d, failed %v, retransmitted %d", r.Offered, r.Done, r.Failed, r.Retransmitted)
	}
}

func TestSilenceFails(t *testing.T) {
	l := testLoad(t)
	l.callees.take = func([]byte, netip.AddrPort, int) {}
	r := l.Calls(between(l), Spec{Rate: 100, Duration: 100 * time.Millisecond, Drain: 700 * time.Millisecond})
	if r.Offered != 10 || r.Done != 0 || r.Failed["not finished, no answer to INVITE"] != 10 || r.Retransmitted != 10 {
		t.Errorf("offered %d, done %d, failed %v, retransmitted %d", r.Offered, r.Done, r.Failed, r.Retransmitted)
	}
}

// TestRegistrations answers with wire/digest, which shares no code with the
// generator's own digest.
func TestRegistrations(t *testing.T) {
	for _, algorithm := range []digest.Algorithm{digest.SHA256, digest.MD5} {
		l := testLoad(t)
		site := between(l)
		challenge := digest.Challenge{Realm: "r", Nonce: "n", Opaque: "o", Algorithm: algorithm, QopAuth: true}
		l.callees.take = func(b []byte, from netip.AddrPort, _ int) {
			var m message
			if !m.read(b) || m.status != 0 { // responses to the callees' own
				l.arrive(l.callees, b, from)
				return
			}
			status := "403 Forbidden"
			_, rest, ok := bytes.Cut(b, []byte("Authorization: "))
			value, _, _ := bytes.Cut(rest, []byte("\r\n"))
			if !ok {
				status = "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"x\", algorithm=other\r\n" +
					"WWW-Authenticate: " + challenge.String()
			} else if c, err := digest.ParseCredentials(string(value)); err != nil {
				t.Error(err)
			} else if right(&c, challenge) {
				status = "200 OK"
			}
			l.respond(l.callees, &m, from, status, nil)
		}
		r := l.Registrations(site, Spec{Rate: 500, Duration: 100 * time.Millisecond, Drain: time.Second})
		if !offered(r, 50, 12) {
			t.Errorf("%v: offered %d, done %d, failed %v", algorithm, r.Offered, r.Done, r.Failed)
		}
		l.Close()
	}
}

// offered tells whether n were offered and each of the phones was done at least
// once: on a busy machine some are offered while all phones still wait.
func offered(r *Result, n, phones uint64) bool {
	return r.Offered == n && r.Done >= phones && r.Done+r.Failed[allWaiting] == n
}

func right(c *digest.Credentials, ch digest.Challenge) bool {
	ha1 := digest.HA1(ch.Algorithm, c.Username, ch.Realm, "secret of "+c.Username)
	return c.Nonce == ch.Nonce && c.Opaque == ch.Opaque && c.NC == 1 && digest.Verify(c, digest.Demand{
		Method: "REGISTER", Realm: ch.Realm, SameURI: func(uri string) bool { return uri == "sip:x.example" },
		Algorithms: []digest.Algorithm{ch.Algorithm},
	}, ha1)
}

func TestTalkHearsEveryPacket(t *testing.T) {
	l := testLoad(t)
	talk := l.Talk(between(l))
	if up := talk.Grow(20, 1000); up != 20 {
		t.Fatalf("%d of 20 calls up: %v", up, talk.Calls.Failed)
	}
	h := talk.Listen(50*time.Millisecond, 300*time.Millisecond, func() {}, func() {})
	// 20 calls, two legs each, 15 packets in 300 ms, and more where the machine is late.
	if h.Sent < 500 || h.Heard != h.Sent || h.Added.Count() != h.Sent {
		t.Errorf("sent %d, heard %d, measured %d", h.Sent, h.Heard, h.Added.Count())
	}
	n := 0
	l.callers.self.voice.take = func(b []byte, from netip.AddrPort, left int) {
		if n++; n%10 != 0 {
			l.sounded(b, from, left)
		}
	}
	if h := talk.Listen(0, 300*time.Millisecond, func() {}, func() {}); h.Heard >= h.Sent {
		t.Errorf("packets were dropped, and %d of %d heard", h.Heard, h.Sent)
	}
	talk.Close()
	if talk.Calls.Done != 20 {
		t.Errorf("%d of 20 calls ended well: %v", talk.Calls.Done, talk.Calls.Failed)
	}
}

func TestOutsideCountsByNumber(t *testing.T) {
	l := testLoad(t)
	site := between(l)
	site.Server = l.carrier.local
	r := l.Calls(site, Spec{Rate: 1000, Duration: 50 * time.Millisecond, Drain: time.Second, Outside: true})
	o := l.Outside()
	if r.Done != 50 || o.Dialed != 50 || len(o.Reached) != 50 || len(o.Strange) != 0 || o.Reached[outsideBase+7] != 1 {
		t.Errorf("done %d, saw %+v", r.Done, o)
	}
	if o = l.Outside(); o.Dialed != 0 || len(o.Reached) != 0 {
		t.Errorf("told twice: %+v", o)
	}
}

// The example of RFC 7616 §3.9.1, with SHA-256.
func TestDigestOfRFC7616(t *testing.T) {
	p := &phone{
		user: []byte("Mufasa"), secret: []byte("Circle of Life"),
		cnonce: []byte("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
	}
	ask := []byte(`Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, ` +
		`nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`)
	if !p.nonce.take([][]byte{ask}) {
		t.Fatal("not understood")
	}
	got := p.appendAnswer(nil, newHasher(), []byte("GET"), []byte("/dir/index.html"))
	const want = `response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"`
	if !bytes.Contains(got, []byte(want)) {
		t.Errorf("%s\nlacks %s", got, want)
	}
	sum := sha256.Sum256([]byte("a:b"))
	if got := string(newHasher().hex(true, []byte("a"), []byte("b"))); got != hex.EncodeToString(sum[:]) {
		t.Errorf("hash of a:b: %s", got)
	}
}

func TestHistogram(t *testing.T) {
	var h Histogram
	if h.Quantile(.5) != 0 {
		t.Error("an empty histogram has a median")
	}
	for i := range 100_000 {
		h.Add(time.Duration(i) * time.Microsecond)
	}
	for _, q := range []float64{.01, .1, .5, .9, .99, .999} {
		got, want := h.Quantile(q), time.Duration(q*100_000)*time.Microsecond
		if got < want || float64(got) > 1.04*float64(want)+2000 {
			t.Errorf("quantile %v: %v, want %v to 4 %% more", q, got, want)
		}
	}
	h.Add(time.Hour * 1000)
	if h.Quantile(1) < time.Hour {
		t.Error("the longest is lost")
	}
	var one Histogram
	if one.Add(time.Second); one.Quantile(1) < time.Second || one.Quantile(1) > 1100*time.Millisecond {
		t.Errorf("the longest of one second is %v", one.Quantile(1))
	}
}

type shot struct{ at []int64 }

func (s *shot) fire(gen uint32) { s.at = append(s.at, int64(gen)) }

func TestWheel(t *testing.T) {
	var w wheel
	s := &shot{}
	w.arm(int64(35*time.Millisecond), s, 1)
	w.arm(int64(25*time.Millisecond), s, 2)
	w.arm(int64(time.Hour), s, 3) // beyond the wheel: at its end
	w.run(int64(20 * time.Millisecond))
	if len(s.at) != 0 {
		t.Fatalf("fired early: %v", s.at)
	}
	w.run(int64(50 * time.Millisecond))
	if len(s.at) != 2 || s.at[0] != 2 || s.at[1] != 1 {
		t.Fatalf("fired %v, want 2 and 1", s.at)
	}
	w.run(int64(slotsMax * slotTime))
	if len(s.at) != 3 {
		t.Errorf("fired %v, want the last as well", s.at)
	}
}

// TestJunk: each datagram comes from a source of its own, a third of them are
// requests, and no two are the same.
func TestJunk(t *testing.T) {
	l := testLoad(t)
	site := between(l)
	site.Server = l.carrier.local
	j, err := NewJunk(site, 600, "200", "999")
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	sources, texts, requests := map[netip.AddrPort]bool{}, map[string]bool{}, 0
	l.carrier.take = func(b []byte, from netip.AddrPort, _ int) {
		var m message
		sources[from], texts[string(b)] = true, true
		if m.read(b) && m.status == 0 && len(m.to) > 0 && len(m.from) > 0 && m.number == 1 {
			requests++
		}
	}
	j.Send(600)
	for i := 0; i < 100 && len(texts) < 600; i++ {
		l.Idle(20 * time.Millisecond)
	}
	if len(sources) != 600 || len(texts) != 600 || requests != 200 || j.Refused != 0 {
		t.Errorf("%d sources, %d different, %d well-formed, %d refused", len(sources), len(texts), requests, j.Refused)
	}
	r := l.Offer(Spec{Duration: 100 * time.Millisecond}, j.Work(6400))
	if j.Sent != 600+640 || r[0].Done != 10 {
		t.Errorf("%d sent, %d batches", j.Sent-600, r[0].Done)
	}
}

// TestWaitAwake has a loop wait with nothing coming: it takes the time asked
// for, and that time is told from work.
func TestWaitAwake(t *testing.T) {
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	before, began := Awake(), time.Now()
	l.wait(int64(slotTime))
	took := time.Since(began)
	if took < slotTime {
		t.Errorf("a wait of %s took %s", slotTime, took)
	}
	if told := Awake() - before; told < slotTime || told > took {
		t.Errorf("of a wait of %s %s are told", took, told)
	}
}
