package evidence_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/sekisho/sekisho/evidence"
	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/evidence/recorder"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/store"
)

// BenchmarkVerify verifies a log of so many calls, two leaves each.
func BenchmarkVerify(b *testing.B) {
	const calls = 20_000
	dir := b.TempDir()
	s, err := store.Open(b.Context(), store.Config{Path: filepath.Join(dir, evidence.StoreFile)})
	if err != nil {
		b.Fatal(err)
	}
	secret, public, err := chain.NewKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "u1")
	if err != nil {
		b.Fatal(err)
	}
	signer, err := chain.NewSigner(secret)
	if err != nil {
		b.Fatal(err)
	}
	r, err := recorder.New(recorder.Config{Log: s, Unit: "u1", Boot: s.Boot(), Signer: signer})
	if err != nil {
		b.Fatal(err)
	}
	slots := make(chan error, 256)
	for range cap(slots) {
		slots <- nil
	}
	for i := range calls {
		if err := <-slots; err != nil {
			b.Fatal(err)
		}
		call := fmt.Sprint(i)
		r.Commit(fact.Write{Facts: []fact.Fact{
			fact.CallStarted{Call: call, From: "201", To: "0312345678", At: day},
			fact.CallJudged{Call: call, Line: "hikari", Number: "81312345678", Verb: "pass", At: day},
		}}, func(err error) { slots <- err })
	}
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		report, err := evidence.Verify(b.Context(), s.Reader, public, nil)
		if err != nil || !report.OK {
			b.Fatal(report, err)
		}
	}
	b.ReportMetric(float64(b.N)*2*calls/b.Elapsed().Seconds(), "leaves/s")
	if err := errors.Join(s.Close()); err != nil {
		b.Fatal(err)
	}
}

// caller stands behind the calls that are recorded.
var caller = fact.Party{
	Origin: "dialed", Extension: "201", Device: "201-1", Credential: "201-1", Source: "192.0.2.7:5060",
	Transport: "udp", UserAgent: "baresip v1.0.0", Registration: "registration/201-1/0011223344556677",
}

// internalCall is what a unit writes about a call from phone to phone.
func internalCall(id string) []fact.Write {
	return []fact.Write{{Behind: true, Facts: []fact.Fact{fact.CallEnded{
		Call: id, First: true, Direction: fact.Internal, Party: caller, From: "201", To: "202", Answerer: "202-1",
		Started: day, Answered: day, Ended: day, Status: 200, Reason: "hung up", MediaRole: "media relay",
	}}}}
}

// outsideCall is what a unit writes about a call from a phone to a line.
func outsideCall(id string) []fact.Write {
	return []fact.Write{
		{Facts: []fact.Fact{fact.CallJudged{
			Call: id, First: true, Direction: fact.Outgoing, Party: caller, From: "201", Started: day,
			Authenticated: true,
			Line:          "hikari", Dialed: "0312345678", Class: "geographic", Number: "81312345678", Area: "JP",
			Range: "fixed", Presentation: "default", Verb: "pass", Rule: "ordinary", Policy: "00112233", At: day,
		}}},
		{
			Facts: []fact.Fact{fact.CallAnswered{Call: id, Line: "hikari", At: day}},
			Rows: []fact.Row{fact.LineDialog{
				Call: id, Line: "hikari", CallID: id, LocalTag: "0011223344556677", RemoteTag: "8899aabbccddeeff",
				LocalURI: "<sip:0398765432@192.0.2.1>", RemoteURI: "<sip:0312345678@192.0.2.2>",
				Target: "sip:0312345678@192.0.2.2:5060", LocalSeq: 1, Answered: day,
				Remote: netip.MustParseAddrPort("192.0.2.2:5060"), Transport: "udp",
			}},
		},
		{Behind: true, Rows: []fact.Row{fact.LineDialogGone{Call: id, Line: "hikari"}}},
		{Behind: true, Facts: []fact.Fact{fact.CallEnded{
			Call: id, Line: "hikari", Verb: "pass", Rule: "ordinary", Answerer: "hikari", Answered: day, Ended: day,
			Status: 200, Reason: "hung up", MediaRole: "media relay",
		}}},
	}
}

// paidCall is outsideCall with the money that is set aside for it.
func paidCall(id string) []fact.Write {
	writes := outsideCall(id)
	judged := writes[0].Facts[0].(fact.CallJudged)
	judged.Hold = &fact.Hold{
		Leg: 1, Amount: 35_200, At: day,
		Charges: []fact.Charge{
			{Account: "extension/201/home", Caps: fact.Caps{Day: 1 << 50, Month: 1 << 50}},
			{Account: "unit/home", Caps: fact.Caps{Day: 1 << 50, Month: 1 << 50}},
		},
	}
	writes[0].Facts[0] = judged
	last := len(writes) - 1
	ended := writes[last].Facts[0].(fact.CallEnded)
	ended.Settled = []fact.Settlement{{Leg: 1, Cost: 8_800}}
	writes[last].Facts[0] = ended
	return writes
}

// BenchmarkRecords writes all that a unit writes about one call, an operation,
// with so many writes in flight. What counts is the processor time: the disk's
// is another matter.
func BenchmarkRecords(b *testing.B) {
	for name, writes := range map[string]func(id string) []fact.Write{
		"internal": internalCall, "outside": outsideCall, "paid": paidCall,
	} {
		for _, flight := range []int{8, 64, 256} {
			b.Run(fmt.Sprintf("%s/%d", name, flight), func(b *testing.B) { benchmarkRecords(b, writes, flight) })
		}
	}
}

func benchmarkRecords(b *testing.B, writes func(id string) []fact.Write, flight int) {
	dir := b.TempDir()
	s, err := store.Open(b.Context(), store.Config{Path: filepath.Join(dir, evidence.StoreFile)})
	if err != nil {
		b.Fatal(err)
	}
	signer, _, err := recorder.OpenKey(filepath.Join(dir, evidence.KeyFile), "u1")
	if err != nil {
		b.Fatal(err)
	}
	r, err := recorder.New(recorder.Config{Log: s, Boot: s.Boot(), Signer: signer})
	if err != nil {
		b.Fatal(err)
	}
	slots := make(chan struct{}, flight)
	done := func(err error) {
		if err != nil {
			b.Error(err)
		}
		<-slots
	}
	slots <- struct{}{}
	r.Commit(fact.Write{Facts: []fact.Fact{fact.PhoneRegistered{Pointer: caller.Registration}}}, done)
	b.ReportAllocs()
	before, calls := processorTime(), 0
	for b.Loop() {
		calls++
		for _, w := range writes(fmt.Sprintf("%012x%020x", calls, uint64(calls)*0x9e3779b97f4a7c15)) {
			slots <- struct{}{}
			r.Commit(w, done)
		}
	}
	for range flight {
		slots <- struct{}{}
	}
	spent := processorTime() - before
	b.ReportMetric(float64(spent.Microseconds())/float64(calls), "cpu-µs/op")
	if err := errors.Join(r.Close(), s.Close()); err != nil {
		b.Fatal(err)
	}
}

// processorTime is what this process has used of the processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
