package attack

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sekisho/sekisho/sim/carrier"
	"github.com/sekisho/sekisho/sim/office"
	"github.com/sekisho/sekisho/vectors/dial"
)

// Scene is who takes part.
type Scene struct {
	Intruder *office.Phone // registered, with a valid credential
	Staff    *office.Phone
	Books    *carrier.Books
	// Domestic numbers and emergency numbers that the staff dials meanwhile.
	Domestic  []string
	Emergency []string
	// Progress hears how many of how many attempts are done; it may be nil.
	Progress func(done, of int)
	// Shorter keeps at most that many attempts of each wave; 0 keeps all. A
	// replay that is shown is never shortened.
	Shorter int
}

// Result is what was counted. Nothing in it is assumed.
type Result struct {
	Attempts       int   `json:"attempts"`
	ReachedCarrier int   `json:"reached_carrier"`
	BilledYen      int64 `json:"billed_yen"`
	DomesticTried  int   `json:"domestic_tried"`
	DomesticOK     int   `json:"domestic_ok"`
	EmergencyTried int   `json:"emergency_tried"`
	EmergencyOK    int   `json:"emergency_ok"`
	// RefusalMSP99 is the 99th percentile from INVITE to final response.
	RefusalMSP99 float64 `json:"refusal_ms_p99"`

	// Ungated counts refusals that no rule of the gate made: a failed
	// authentication, a malformed request. In a replay it must be 0.
	Ungated int `json:"-"`
	// PutThrough counts attempts that the unit answered with 2xx.
	PutThrough int `json:"-"`
	// Recorded counts the refusals by a rule of the gate that stand in the
	// unit's own evidence, once somebody has looked there.
	Recorded int `json:"-"`
	// Wave1 and Wave2 split the attempts.
	Wave1, Wave2 int `json:"-"`
}

// Held tells whether nothing leaked and the office could work.
func (r Result) Held() bool {
	return r.Attempts > 0 && r.Recorded == r.Attempts && r.Ungated == 0 &&
		r.ReachedCarrier == 0 && r.BilledYen == 0 && r.PutThrough == 0 &&
		r.DomesticTried > 0 && r.DomesticOK == r.DomesticTried &&
		r.EmergencyTried > 0 && r.EmergencyOK == r.EmergencyTried
}

// target is the numbers dialed in wave 1: "010232" and eight digits.
func target(n int) string { return fmt.Sprintf("0102327612%04d", 3450+n%wave1Numbers) }

// March2015 replays both waves.
func March2015(ctx context.Context, s Scene) (Result, error) {
	wave1, wave2 := s.waves()
	attempts := slices.Concat(wave1, wave2)

	before := len(s.Books.Entries())
	work, stop := context.WithCancel(ctx)
	defer stop()
	staff := startStaff(work, s)
	r, err := s.attack(ctx, attempts)
	stop()
	tally := staff.wait()
	if err == nil {
		err = tally.err
	}
	if err != nil {
		return Result{}, err
	}
	r.Wave1, r.Wave2 = len(wave1), len(wave2)
	r.DomesticTried, r.DomesticOK = tally.domesticTried, tally.domesticOK
	r.EmergencyTried, r.EmergencyOK = tally.emergencyTried, tally.emergencyOK
	ordinary := append(slices.Clone(s.Domestic), s.Emergency...)
	var milliYen int64
	for _, e := range s.Books.Since(before) {
		if slices.Contains(ordinary, e.User) {
			continue
		}
		r.ReachedCarrier++
		milliYen += e.MilliYen
	}
	r.BilledYen = (milliYen + 999) / 1000 // a fraction of a yen is a leak
	return r, nil
}

// waves gives what is dialed: the same few numbers again and again, then one
// of them in every spelling.
func (s Scene) waves() (wave1, wave2 []string) {
	for i := range wave1Calls {
		wave1 = append(wave1, target(i/(wave1Calls/wave1Numbers+1)))
	}
	wave2 = dial.Wave2(target(0))
	if s.Shorter > 0 {
		wave1, wave2 = wave1[:min(s.Shorter, len(wave1))], wave2[:min(s.Shorter, len(wave2))]
	}
	return wave1, wave2
}

// tries collects what the intruder's channels saw.
type tries struct {
	mu      sync.Mutex
	took    []time.Duration
	through int
	ungated int
	err     error
}

func (s Scene) attack(ctx context.Context, attempts []string) (Result, error) {
	var (
		seen tries
		next atomic.Int64
		wait sync.WaitGroup
	)
	for range channels {
		wait.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(attempts) || !s.attempt(ctx, attempts[i], &seen) {
					return
				}
				if s.Progress != nil {
					s.Progress(i+1, len(attempts))
				}
				select {
				case <-ctx.Done():
				case <-time.After(pace):
				}
			}
		})
	}
	wait.Wait()
	if seen.err == nil {
		seen.err = ctx.Err()
	}
	if seen.err != nil {
		return Result{}, seen.err
	}
	return Result{
		Attempts: len(seen.took), PutThrough: seen.through, Ungated: seen.ungated,
		RefusalMSP99: float64(percentile(seen.took, 99)) / float64(time.Millisecond),
	}, nil
}

// patient dials, and dials again where the unit has too much to do and says
// for how long (RFC 3261 §21.5.4): on a machine that others use too, a call
// that was not looked at yet is neither refused nor lost.
func patient(ctx context.Context, p *office.Phone, dialed string) (*office.Call, office.Outcome, error) {
	for try := 1; ; try++ {
		call, o, err := p.Dial(ctx, dialed)
		if err != nil || o.RetryAfter == 0 || try == dialsMax {
			return call, o, err
		}
		select {
		case <-ctx.Done():
			return call, o, nil
		case <-time.After(o.RetryAfter):
		}
	}
}

// attempt dials one number; what is answered is hung up at once.
func (s Scene) attempt(ctx context.Context, dialed string, seen *tries) bool {
	call, o, err := patient(ctx, s.Intruder, dialed)
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if err != nil {
		seen.err = fmt.Errorf("attempt %q: %w", dialed, err)
		return false
	}
	seen.took = append(seen.took, o.Took)
	switch {
	case call != nil:
		seen.through++
		if err := call.Hangup(ctx); err != nil {
			seen.err = err
			return false
		}
	case !o.Gated():
		seen.ungated++
	}
	return true
}

func percentile(took []time.Duration, p int) time.Duration {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}
