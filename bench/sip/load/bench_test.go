package load

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkCalls is the most calls that the generator can make: it calls itself,
// and so does the work of both sides and of the system between. bench/sip wants
// 12,000 a second on one core, of which a system does the half of the sending.
func BenchmarkCalls(b *testing.B) {
	l := testLoad(b)
	site := between(l)
	b.ReportAllocs()
	b.ResetTimer()
	r := upTo(b, l, l.CallWork(site, 1e6, false))
	if r.Done != uint64(b.N) {
		b.Fatalf("%d of %d: %v", r.Done, b.N, r.Failed)
	}
}

// upTo offers b.N of some work, as fast as they end.
func upTo(b *testing.B, l *Load, w Work) *Result {
	start := w.start
	w.start = func(r *Result, n uint64) bool {
		for r.open > 256 {
			l.flush()
			l.wait(0)
		}
		return n < uint64(b.N) && start(r, n)
	}
	before := used()
	r := l.Offer(Spec{Duration: time.Hour, Drain: time.Second}, w)[0]
	b.ReportMetric(float64(r.Done)/(used()-before).Seconds(), "ops/core-s")
	return r
}

// used is the processor time of this process: on a busy machine the clock says
// nothing.
func used() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRegistrations is the same of registrations.
func BenchmarkRegistrations(b *testing.B) {
	l := testLoad(b)
	site := between(l)
	site.Callers = accounts(1000, 400)
	const challenge = "401 Unauthorized\r\n" +
		`WWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"`
	l.callees.take = func(d []byte, from netip.AddrPort, _ int) {
		m := &l.in
		if !m.read(d) || m.status != 0 {
			l.arrive(l.callees, d, from)
			return
		}
		status := "200 OK"
		if !bytes.Contains(d, []byte("Authorization: ")) {
			status = challenge
		}
		l.respond(l.callees, m, from, status, nil)
	}
	b.ReportAllocs()
	b.ResetTimer()
	upTo(b, l, l.RegistrationWork(site, 1e6))
}

// BenchmarkJunk is how many datagrams of junk leave.
func BenchmarkJunk(b *testing.B) {
	l := testLoad(b)
	site := between(l)
	site.Server = l.carrier.local
	j, err := NewJunk(site, 300_000, "200", "999")
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	b.ResetTimer()
	before := used()
	j.Send(b.N)
	b.ReportMetric(float64(b.N)/(used()-before).Seconds(), "ops/core-s")
}
