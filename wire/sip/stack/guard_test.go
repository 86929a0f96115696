package stack

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sekisho/sekisho/wire/sip"
	"github.com/sekisho/sekisho/wire/sip/edge"
)

func asked(t *testing.T, callID string, cseq int) *sip.Message {
	t.Helper()
	m := new(sip.Message)
	text := strings.ReplaceAll(options("z9hG4bKa"), "Call-ID: ", "Call-ID: "+callID)
	text = strings.Replace(text, "CSeq: 1 ", fmt.Sprintf("CSeq: %d ", cseq), 1)
	if err := sip.Parse([]byte(text), m); err != nil {
		t.Fatal(err)
	}
	return m
}

func stranger(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}), 5060)
}

func TestOneSourceGetsItsShareOnly(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	g := newGuard(now)
	m := asked(t, "scan", 1)
	wild, calm := netip.MustParseAddrPort("203.0.113.5:40000"), netip.MustParseAddrPort("198.51.100.7:5060")
	got := 0
	for i := range 200_000 {
		if g.answers(m, wild, false, false, now.Add(time.Duration(i)*50*time.Microsecond)) {
			got++
		}
	}
	if most := sourceBurst + 10*sourceRate; got > most || got < most*9/10 {
		t.Errorf("20,000 a second for 10 s got %d answers, want about %d", got, most)
	}
	if !g.answers(m, calm, false, false, now.Add(10*time.Second)) {
		t.Error("another source got none")
	}
	if n := int(g.worst[0].surely); n != 200_000-got {
		t.Errorf("%d were refused, %d counted", 200_000-got, n)
	}
	if list := g.worst.take(); len(list) != 1 || list[0] != wild.Addr() {
		t.Errorf("the worst are %v", list)
	}
	if len(g.worst.take()) > 0 {
		t.Error("the worst are told twice")
	}
}

// TestAPhoneIsHeardInAFlood forges a source for each of 33,000 requests a
// second. A phone at an address that is new gets its answers at its first
// retransmissions.
func TestAPhoneIsHeardInAFlood(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	g := newGuard(now)
	flood := asked(t, "flood", 1)
	answered, n := 0, 0
	pass := func(until time.Time) {
		for ; now.Before(until); now = now.Add(30 * time.Microsecond) {
			if g.answers(flood, stranger(n), false, true, now) {
				answered++
			}
			n++
		}
	}
	// All budgets are spent, of this millisecond too, and both filters in use.
	pass(now.Add(6*time.Second + time.Millisecond/2))
	answered = 0
	begun, lucky := now, 0
	const phones = 5
	for i := range phones {
		phone := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 5060)
		for cseq := range 2 { // the question, and the one with the answer to the challenge
			m := asked(t, "phone", cseq+1)
			if g.answers(m, phone, false, true, now) {
				lucky++
				continue
			}
			pass(now.Add(500 * time.Millisecond)) // timer E
			if !g.answers(m, phone, false, true, now) {
				t.Fatalf("request %d was not heard at its retransmission", cseq+1)
			}
		}
	}
	if lucky > phones {
		t.Errorf("%d of %d requests were answered at once: the test looks at nothing", lucky, 2*phones)
	}
	// The others got the budgets, and what the filters mistake for asked again.
	took := now.Sub(begun)
	if most := int(took.Seconds()*(firstRate+againRate)) + againBurst; answered > most {
		t.Errorf("the flood got %d answers in %v, want at most %d", answered, took, most)
	}
	urgent := asked(t, "help", 1)
	if !g.answers(urgent, netip.MustParseAddrPort("192.0.2.45:5060"), true, true, now) {
		t.Error("an emergency call found no place in a flood of others")
	}
}

func TestTheGuardKeepsNothing(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	g := newGuard(now)
	m := asked(t, "flood", 1)
	i := 0
	if n := testing.AllocsPerRun(10_000, func() {
		i++
		now = now.Add(10 * time.Microsecond)
		g.answers(m, stranger(i), false, true, now)
	}); n > 0 {
		t.Errorf("%v allocations for each stranger", n)
	}
}

func TestABucketAndTheClock(t *testing.T) {
	var b bucket
	takes := func(ms uint32) (n int) {
		for b.take(ms, 100, 10) {
			n++
		}
		return n
	}
	for _, c := range []struct {
		ms   uint32
		want int
	}{{0, 10}, {0, 0}, {50, 5}, {49, 0}, {99, 5}, {10_000, 10}, {0, 0}, {100, 10}} {
		if n := takes(c.ms); n != c.want {
			t.Errorf("at %d ms: %d, want %d", c.ms, n, c.want)
		}
	}
}

func TestSourcesOfIPv6AreNetworks(t *testing.T) {
	a, b := sourceOf(netip.MustParseAddr("2001:db8:0:1::5")), sourceOf(netip.MustParseAddr("2001:db8:0:1:ffff::9"))
	if a != b || a == sourceOf(netip.MustParseAddr("2001:db8:0:2::5")) {
		t.Errorf("%v and %v", a, b)
	}
	if sourceOf(netip.MustParseAddr("::ffff:192.0.2.1")) != netip.MustParseAddr("192.0.2.1") {
		t.Error("a mapped address is another source")
	}
}

// asker challenges with two algorithms.
type asker struct{}

func (asker) Authenticate(*sip.Message, edge.Source, time.Time) edge.Verdict {
	challenge := `WWW-Authenticate: Digest realm="sekisho", nonce="` + strings.Repeat("n", 64) +
		`", qop="auth", algorithm=`
	return edge.Verdict{
		Action: edge.Challenge, Status: 401, Phrase: "Unauthorized",
		Headers: []string{challenge + "SHA-256", challenge + "MD5"},
	}
}

// TestAnswersToStrangersAreSmall sends requests of many sizes from unknown
// addresses: no answer is worth forging an address for, and a phone that
// knows one algorithm only is asked for it at its first or second try.
func TestAnswersToStrangersAreSmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		known := netip.MustParseAddrPort("10.0.0.67:5060")
		w := newWorld(t, 1, func(c *Config) {
			c.Auth = asker{}
			c.KnownSource = func(a netip.AddrPort) bool { return a == known }
		})
		defer w.stop()
		r := w.raw("10.0.0.66:5060")
		compact := "OPTIONS sip:a SIP/2.0\r\nv:SIP/2.0/UDP b;branch=z9hG4bK%d\r\n" +
			"f:<sip:a>;tag=1\r\nt:<sip:a>\r\ni:%d\r\nCSeq:%d OPTIONS\r\nMax-Forwards:70\r\nl:0\r\n\r\n"
		answered, seen := 0, map[string]bool{}
		ask := func(msg string) {
			r.send(unitAddr, msg)
			for _, got := range r.got() {
				answered++
				if len(got)*10 > len(msg)*amplifiedMax {
					t.Errorf("%d bytes got %d:\n%s\n%s", len(msg), len(got), msg, got)
				}
				if n := strings.Count(got, "WWW-Authenticate:"); n == 2 {
					seen["both"] = true
				} else if n == 1 {
					seen[got[strings.Index(got, "algorithm="):][:13]] = true
				}
			}
		}
		for i := range 40 {
			ask(fmt.Sprintf(compact, i, i, i+1))
			pad := "Subject: " + strings.Repeat("x", 30*i) + "\r\nl:0"
			ask(strings.Replace(fmt.Sprintf(compact, 100+i, i, 100+i), "l:0", pad, 1))
			ask(strings.Replace(fmt.Sprintf(compact, 200+i, i, 200+i), "OPTIONS", "NONSENSE", 2)) // 405 or 501
		}
		if !seen["both"] || !seen["algorithm=SHA"] || !seen["algorithm=MD5"] || answered < 30 {
			t.Errorf("%d answers, seen %v", answered, seen)
		}
		phone := w.raw("10.0.0.67:5060")
		phone.send(unitAddr, fmt.Sprintf(compact, 999, 999, 1))
		if got := phone.got(); len(got) != 1 || strings.Count(got[0], "WWW-Authenticate:") != 2 {
			t.Errorf("a registered phone's address got %q", got)
		}
	})
}

// TestTheWorstAreFoundAmongMany has three sources send a tenth of a flood each,
// and all others from an address of their own.
func TestTheWorstAreFoundAmongMany(t *testing.T) {
	var w worst
	loud := []netip.Addr{
		netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2"), netip.MustParseAddr("2001:db8::"),
	}
	for i := range 100_000 {
		if k := i % 10; k < len(loud) {
			w.note(loud[k])
		} else {
			w.note(stranger(i).Addr())
		}
	}
	list := w.take()
	slices.SortFunc(list, netip.Addr.Compare)
	if !slices.Equal(list, loud) {
		t.Errorf("the worst are %v, want %v", list, loud)
	}
}

// TestStrangersAreLimitedWhenThereIsTooMuchToDo: as long as a shard keeps up,
// only the single source has a limit.
func TestStrangersAreLimitedWhenThereIsTooMuchToDo(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	m := asked(t, "x", 1)
	for _, behind := range []bool{false, true} {
		g, answered := newGuard(now), 0
		for i := range 100_000 {
			if g.answers(m, stranger(i), false, behind, now.Add(time.Duration(i)*10*time.Microsecond)) {
				answered++
			}
		}
		if behind && answered > firstBurst+firstRate+againBurst+againRate || !behind && answered < 100_000 {
			t.Errorf("behind %v: %d of 100,000 in a second were answered", behind, answered)
		}
	}
	o := overload{}
	if o.saw(waitStranger-1, now); o.behind() {
		t.Error("a short wait is behind")
	}
	if o.saw(waitStranger, now); !o.behind() {
		t.Error("a long wait is not behind")
	}
}
