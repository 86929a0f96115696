package evidence_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

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
