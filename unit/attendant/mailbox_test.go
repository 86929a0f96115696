package attendant

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/unit/call"
)

// visitor is a call of a mailbox: whatever is asked of it is done, or not, as is drawn.
type visitor struct {
	t      *rapid.T
	now    time.Time
	at     time.Time
	says   bool
	record func([]byte)
	await  func()
	over   bool
}

func (v *visitor) Now() time.Time { return v.now }
func (v *visitor) Caller() Caller { return Caller{Call: "c", Extension: "201", Device: "201-1"} }
func (v *visitor) Say(...Sound)   { v.says = true }
func (v *visitor) Hush()          { v.says = false }
func (v *visitor) Echo(bool)      { v.t.Fatal("the caller hears itself") }
func (v *visitor) Withdraw()      { v.t.Fatal("nobody is called") }
func (v *visitor) At(t time.Time) { v.at = t }

func (v *visitor) Join(string) (int, bool) {
	v.t.Fatal("the caller hears others")
	return 0, false
}

func (v *visitor) HangUp(call.Refusal) { v.over = true }

func (v *visitor) Connect(dialed string, _ call.Hear) {
	v.t.Fatalf("a mailbox has its caller put through to %q", dialed)
}

func (v *visitor) Record(_, _ time.Duration, then func([]byte)) { v.record = then }

func (v *visitor) Recorded() {
	if then := v.record; then != nil {
		v.record = nil
		then(make([]byte, rapid.SampledFrom([]int{0, MessageLeast, 80_000}).Draw(v.t, "bytes")))
	}
}

func (v *visitor) Await(begin func(done func(error)), then func(error)) {
	begin(func(err error) { v.await = func() { then(err) } })
}

// drawn is a mailbox that may be full and may fail.
type drawn struct{ t *rapid.T }

func (d drawn) err(what string) error {
	if rapid.Bool().Draw(d.t, what) {
		return errors.New(what)
	}
	return nil
}

func (d drawn) Room(string) bool                      { return d.err("full") == nil }
func (d drawn) Keep(_ Message, done func(error))      { done(d.err("keep")) }
func (d drawn) Heard(string, Caller, time.Time)       {}
func (d drawn) Sound(_ string, f func([]byte, error)) { f([]byte{1}, d.err("sound")) }

func (d drawn) Messages(string) []Message {
	return make([]Message, rapid.IntRange(0, 4).Draw(d.t, "messages"))
}

func (d drawn) Greeting(_ string, f func([]byte, error)) { f([]byte{1}, d.err("greeting")) }

func (d drawn) SetGreeting(_ string, _ []byte, _ Caller, _ time.Time, done func(error)) {
	done(d.err("set greeting"))
}

func (d drawn) Prove(_ string, _ []byte, _ Caller, done func(error)) { done(d.err("PIN")) }

func (d drawn) Delete(_ string, _ Caller, _ time.Time, done func(error)) { done(d.err("delete")) }

// shut is a door that no PIN opens.
type shut struct{}

func (shut) Prove(_ string, _ []byte, _ Caller, done func(error)) { done(errors.New("shut")) }

// TestNoWayOutOfAMailbox: whatever keys are pressed and whatever fails, nobody is put
// through from a mailbox; and whoever presses nothing is hung up on in the end.
func TestNoWayOutOfAMailbox(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := &visitor{t: t, now: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)}
		var s Script = NewLeave(drawn{t}, drawn{t}, "201")
		switch rapid.IntRange(0, 3).Draw(t, "script") {
		case 1:
			s = NewListen(drawn{t}, drawn{t})
		case 2:
			s = NewEnter(drawn{t}, drawn{t})
		case 3: // without the PIN there is no way into a room either
			s = NewAdmit(shut{}, "1")
		}
		s.Begin(v)
		keys := rapid.SliceOfN(rapid.SampledFrom([]byte("0123456789*#ABCD.")), 0, 60).Draw(t, "keys")
		for _, k := range keys {
			if k == '.' {
				v.goOn(s)
			} else if !v.over {
				s.Key(v, k)
			}
		}
		for range 40 {
			v.goOn(s)
		}
		if !v.over {
			t.Fatal("the call does not end")
		}
	})
}

// goOn has what is under way come to its end.
func (v *visitor) goOn(s Script) {
	switch {
	case v.over:
	case v.await != nil:
		then := v.await
		v.await = nil
		then()
	case v.record != nil:
		v.Recorded()
	case v.says:
		v.says = false
		s.Said(v, true)
	case !v.at.IsZero():
		v.at = time.Time{}
		s.Wake(v)
	}
}
