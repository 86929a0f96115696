package stack

import (
	"fmt"
	"math"
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

func forged(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}), 5060)
}

func TestOneSourceGetsItsShareOnly(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	g := newGuard(now)
	m := asked(t, "scan", 1)
	wild, calm := netip.MustParseAddrPort("203.0.113.5:40000"), netip.MustParseAddrPort("198.51.100.7:5060")
	got := 0
	for i := range 200_000 {
		if g.allows(m, wild, stranger, false, false, now.Add(time.Duration(i)*50*time.Microsecond)) {
			got++
		}
	}
	if most := sourceBurst + 10*sourceRate; got > most || got < most*9/10 {
		t.Errorf("20,000 a second for 10 s got %d answers, want about %d", got, most)
	}
	if !g.allows(m, calm, stranger, false, false, now.Add(10*time.Second)) {
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
			if g.allows(flood, forged(n), stranger, false, true, now) {
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
			if g.allows(m, phone, stranger, false, true, now) {
				lucky++
				continue
			}
			pass(now.Add(500 * time.Millisecond)) // timer E
			if !g.allows(m, phone, stranger, false, true, now) {
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
	if !g.allows(urgent, netip.MustParseAddrPort("192.0.2.45:5060"), stranger, true, true, now) {
		t.Error("an emergency call found no place in a flood of others")
	}
}

// TestAPhoneIsHeardInAFloodOfBothKinds forges sources for 33,000 well-formed
// requests a second, every second one of them once more half a second later, as
// a phone would: both budgets are used up, and what a phone sends is heard as
// often as what the flood does. Its answer to the challenge is heard at once, as
// long as nobody else can answer one. It says how soon a phone is through.
func TestAPhoneIsHeardInAFloodOfBothKinds(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	g := newGuard(now)
	flood := asked(t, "flood", 1)
	const each, again = 60 * time.Microsecond, 8333 // of both kinds: half a second of the new ones
	n, heard := 0, 0
	pass := func(until time.Time) {
		for ; now.Before(until); now = now.Add(each) {
			for _, source := range []int{n, max(0, n-again)} {
				if g.allows(flood, forged(source), stranger, false, true, now) {
					heard++
				}
			}
			n++
		}
	}
	pass(now.Add(6 * time.Second))
	begun, before := now, heard
	const phones = 60
	soon, answers := 0, 0
	for i := range phones {
		phone := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 5060)
		m := asked(t, "phone", 1)
		for k, pause := range []time.Duration{37 * time.Millisecond, 500 * time.Millisecond, time.Second} { // timer E
			pass(now.Add(pause + time.Duration((3*i+k)*379%1000)*time.Microsecond)) // no clock is that exact
			if g.allows(m, phone, stranger, false, true, now) {
				soon++
				break
			}
		}
		if g.allows(asked(t, "phone", 2), phone, challenged, false, true, now) {
			answers++
		}
	}
	share := float64(heard-before) / (now.Sub(begun).Seconds() * 2 / each.Seconds())
	odds := 1 - math.Pow(1-share, 3)
	t.Logf("%.0f %% of all requests are heard; of %d phones %d were challenged within 1.5 s, by the odds %.0f",
		100*share, phones, soon, phones*odds)
	if share > float64(firstRate+againRate)*each.Seconds()/2+0.01 {
		t.Errorf("a share of %.3f was heard, which is more than the budgets", share)
	}
	if spread := 4 * math.Sqrt(phones*odds*(1-odds)); float64(soon) < phones*odds-spread {
		t.Errorf("%d of %d phones were challenged within 1.5 s, by the odds %.0f", soon, phones, phones*odds)
	}
	if answers != phones {
		t.Errorf("%d of %d answers to a challenge were heard at once", answers, phones)
	}
	// The budget of answers has an end, for one source and for all.
	g, answers = newGuard(now), 0
	for i := range 100_000 {
		if g.allows(flood, forged(i), challenged, false, true, now) {
			answers++
		}
	}
	if most := answersBurst + firstBurst + againBurst; answers > most {
		t.Errorf("%d answers to challenges were heard at once, want at most %d", answers, most)
	}
	g, answers = newGuard(now), 0
	for range 100_000 {
		if g.allows(flood, forged(1), challenged, false, false, now) {
			answers++
		}
	}
	if answers > 2*sourceBurst {
		t.Errorf("one source was heard %d times at once", answers)
	}
}

// TestAFloodOfNothingUsesUpNothing: what no phone sends does not compete with
// phones.
func TestAFloodOfNothingUsesUpNothing(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	g := newGuard(now)
	m := new(sip.Message)
	if err := sip.Parse([]byte("OPTIONS sip:unit SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7\r\n\r\n"), m); err != nil {
		t.Fatal(err)
	}
	for i := range 100_000 {
		if g.allows(m, forged(i%1000), stranger, false, true, now.Add(time.Duration(i)*100*time.Microsecond)) {
			t.Fatal("it was answered by a shard that is behind")
		}
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
		g.allows(m, forged(i), stranger, false, true, now)
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
	challenge := edge.HeaderLine{
		Before: `WWW-Authenticate: Digest realm="sekisho", nonce="`, After: `", qop="auth", algorithm=`,
	}
	strong, weak := challenge, challenge
	strong.After, weak.After = strong.After+"SHA-256", weak.After+"MD5"
	return edge.Verdict{
		Action: edge.Challenge, Status: 401, Phrase: "Unauthorized",
		Headers: []edge.HeaderLine{strong, weak}, Nonce: strings.Repeat("n", 64),
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
			w.note(forged(i).Addr())
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
			if g.allows(m, forged(i), stranger, false, behind, now.Add(time.Duration(i)*10*time.Microsecond)) {
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

// asksAll challenges everybody but who answers.
type asksAll struct{ asker }

func (a asksAll) Authenticate(m *sip.Message, from edge.Source, now time.Time) edge.Verdict {
	if m.Has(sip.HeaderAuthorization) {
		return edge.Verdict{Action: edge.Admit, Identity: edge.Identity{Extension: "201", Authenticated: true}}
	}
	return a.asker.Authenticate(m, from, now)
}

// TestAnAnswerToAChallengeIsHeard has a shard be so far behind that all budgets
// of strangers are spent, and that it sheds: who answers a challenge is heard,
// who doesn't gets no 503, which would keep a phone away for seconds.
func TestAnAnswerToAChallengeIsHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, func(c *Config) {
			c.Auth = asksAll{}
			c.Answers = func(m *sip.Message, from edge.Source, _ time.Time) bool {
				return from.Remote.Addr() == netip.MustParseAddr("10.0.0.66") && m.Has(sip.HeaderAuthorization)
			}
		})
		defer w.stop()
		r, other := w.raw("10.0.0.66:5060"), w.raw("10.0.0.67:5060")
		late := func(spent float32) { // what is sent now waits for 200 ms, behind a queue that stands
			w.on(w.unit, func(sh *Shard) {
				at := uint32(sh.now.Sub(sh.guard.begun) / time.Millisecond)
				sh.guard.first, sh.guard.again = bucket{spent, at}, bucket{spent, at}
				for range 20 {
					sh.load.saw(waitShort, sh.now)
					sh.now = sh.now.Add(standsFor / 10)
				}
			})
			w.unit.stack.Shard(0).Post(func(*Shard) { time.Sleep(200 * time.Millisecond) })
			synctest.Wait()
		}
		register := func(branch int, auth string) string {
			auth = "Subject: " + strings.Repeat("x", 300) + "\r\n" + auth // an answer must not be much larger
			text := strings.ReplaceAll(options(fmt.Sprintf("z9hG4bK%d", branch)), "OPTIONS", "REGISTER")
			return strings.Replace(text, "Max-Forwards:", auth+"Max-Forwards:", 1)
		}
		const answer = "Authorization: Digest x\r\n"
		for i, c := range []struct {
			from  *raw
			auth  string
			spent float32
			want  string
		}{
			{r, answer, firstBurst + againBurst, "200 OK"},
			{other, answer, firstBurst + againBurst, ""},
			{r, "", firstBurst + againBurst, ""},
			{other, "", 0, "401 Unauthorized"},
		} {
			late(c.spent)
			c.from.send(unitAddr, register(i, c.auth))
			time.Sleep(250 * time.Millisecond)
			if got := strings.Join(c.from.statuses(), " "); got != c.want {
				t.Errorf("%d: got %q, want %q", i, got, c.want)
			}
		}
	})
}
