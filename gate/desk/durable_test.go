package desk_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sekisho/sekisho/evidence/chain"
	"github.com/sekisho/sekisho/evidence/recorder"
	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/desk"
	"github.com/sekisho/sekisho/store"
)

// ledger is a real store with a real recorder on top.
func ledger(t testing.TB, path string, fault func(string) error) (*store.Store, *recorder.Recorder) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Path: path, Fault: fault})
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := chain.NewKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "u1")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := chain.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	r, err := recorder.New(recorder.Config{Log: s, Unit: "u1", Boot: s.Boot(), Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

// recorded looks, with eyes of its own, for the call's pass verdict on disk.
func recorded(t testing.TB, r *store.Reader, call string) bool {
	t.Helper()
	list, err := r.Calls(t.Context(), store.CallFilter{Call: call, Verb: "pass"})
	if err != nil {
		t.Error(err)
	}
	return len(list) == 1
}

// TestG1NoPassWithoutAVerdictOnDisk lets the first, second, … step of the
// store fail, and asks at the moment of each pass whether its verdict is there.
func TestG1NoPassWithoutAVerdictOnDisk(t *testing.T) {
	const calls = 4
	errDisk := errors.New("the disk gave up")
	dir := t.TempDir()
	for nth := int64(1); ; nth++ {
		path := filepath.Join(dir, fmt.Sprint(nth, ".db"))
		var steps atomic.Int64
		s, rec := ledger(t, path, func(string) error {
			if steps.Add(1) == nth {
				return errDisk
			}
			return nil
		})
		eyes, err := store.OpenReader(t.Context(), store.Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		d := desk.New(desk.Config{Committer: rec, Policy: policy(t, false), Now: func() time.Time { return now }})
		refused := 0
		for i := range calls {
			r := domestic
			r.Call = fmt.Sprint("c", i)
			done := make(chan struct{})
			d.Ask(r, func(v gate.Verdict, p gate.Pass, _ error) {
				defer close(done)
				_, err := p.Use(r.Call, r.Line, now)
				switch there := recorded(t, eyes, r.Call); {
				case err == nil && !there:
					t.Errorf("step %d: call %s has a pass and no verdict on disk", nth, r.Call)
				case (v.Verb == gate.VerbPass) != (err == nil):
					t.Errorf("step %d: %v with pass error %v", nth, v.Verb, err)
				case err != nil:
					refused++
				}
			})
			<-done
		}
		if err := errors.Join(rec.Close(), s.Close(), eyes.Close()); err != nil && !errors.Is(err, errDisk) {
			t.Fatal(err)
		}
		if steps.Load() < nth {
			if refused != 0 {
				t.Errorf("no step failed, and %d calls were refused", refused)
			}
			return
		}
	}
}

// TestManyCallsAtOnce asks from many goroutines; every pass has its verdict on
// disk, and the evidence is whole.
func TestManyCallsAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sekisho.db")
	s, rec := ledger(t, path, nil)
	eyes, err := store.OpenReader(t.Context(), store.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	d := desk.New(desk.Config{Committer: rec, Policy: policy(t, false), Now: func() time.Time { return now }})
	var wait sync.WaitGroup
	var passed atomic.Int64
	const askers, each = 16, 10
	for a := range askers {
		wait.Go(func() {
			for i := range each {
				r := domestic
				if i%2 == 1 {
					r = barred
				}
				r.Call = fmt.Sprint("c", a, "-", i)
				done := make(chan struct{})
				d.Ask(r, func(_ gate.Verdict, p gate.Pass, _ error) {
					if _, err := p.Use(r.Call, r.Line, now); err == nil {
						passed.Add(1)
						if !recorded(t, eyes, r.Call) {
							t.Errorf("call %s has a pass and no verdict on disk", r.Call)
						}
					}
					close(done)
				})
				<-done
			}
		})
	}
	wait.Wait()
	if err := errors.Join(rec.Close(), eyes.Close()); err != nil {
		t.Fatal(err)
	}
	if passed.Load() != askers*each/2 {
		t.Errorf("%d passed", passed.Load())
	}
	if size := s.Head().Size; size != askers*each {
		t.Errorf("%d leaves for %d verdicts", size, askers*each)
	}
	r, err := chain.Verify("u1", s.Leaves(t.Context(), 0), s.StoredHashes(t.Context()), nil, nil)
	if err != nil || r.Bad != nil {
		t.Errorf("%v %v", r.Bad, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkAsk measures verdicts through gate, recorder and store to disk.
func BenchmarkAsk(b *testing.B) {
	for _, flight := range []int{1, 64, 512} {
		b.Run(fmt.Sprint(flight), func(b *testing.B) {
			s, rec := ledger(b, filepath.Join(b.TempDir(), "sekisho.db"), nil)
			d := desk.New(desk.Config{Committer: rec, Policy: policy(b, false)})
			r := domestic
			r.At = now
			slots := make(chan struct{}, flight)
			for i := 0; b.Loop(); i++ {
				slots <- struct{}{}
				r.Call = fmt.Sprint("c", i)
				d.Ask(r, func(v gate.Verdict, _ gate.Pass, err error) {
					if v.Verb != gate.VerbPass {
						b.Error(err)
					}
					<-slots
				})
			}
			for range flight {
				slots <- struct{}{}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "verdicts/s")
			if err := errors.Join(rec.Close(), s.Close()); err != nil {
				b.Fatal(err)
			}
		})
	}
}

var _ fact.Committer = (*recorder.Recorder)(nil)
