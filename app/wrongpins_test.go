package app

import (
	"strconv"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/gate/challenge"
	"github.com/sekisho/sekisho/gate/challenge/prover"
)

// TestWrongPINs: a phone at which wrong PINs were typed takes none for a while, however
// many people they were for; another one does, and so does this one later.
func TestWrongPINs(t *testing.T) {
	var d wrongPINs
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for i := range wrongPINsMax {
		if !d.take("801-1", noon.Add(time.Duration(i)*time.Minute)) {
			t.Errorf("full after %d", i)
		}
	}
	last := noon.Add((wrongPINsMax - 1) * time.Minute)
	if d.take("801-1", last) || !d.take("802-1", last) {
		t.Error("it is not the phone with the wrong PINs that is full")
	}
	if d.take("801-1", noon.Add(wrongPINsWithin-time.Second)) || !d.take("801-1", noon.Add(wrongPINsWithin)) {
		t.Error("it is full for another time")
	}
	for range wrongPINsMax {
		d.take("801-1", noon.Add(time.Hour))
	}
	if !d.take("801-1", noon) {
		t.Error("a clock that was set back keeps a phone full")
	}
}

// TestGuessesAtRooms: who guesses at all conference rooms keeps nobody from a mailbox, nor
// from calling by a PIN.
func TestGuessesAtRooms(t *testing.T) {
	var a App
	var pins []fact.PIN
	for _, person := range []string{
		"room-1", "room-2", "room-3", "room-4", "mailbox-201", "mailbox-202", "mailbox-203", "201",
	} {
		pins = append(pins, fact.PIN{Extension: person})
	}
	a.keepPINs(prover.Config{Committer: nowhere{}}, pins)
	for _, p := range []*prover.Prover{a.prover, a.boxPINs, a.roomPINs} {
		go p.Run(t.Context())
	}
	guess := func(with *prover.Prover, person string) string {
		said := make(chan string, 1)
		with.Try(prover.Try{Person: person, PIN: []byte("111111")}, func(why string) { said <- why })
		return <-said
	}
	for _, room := range []string{"room-1", "room-2", "room-3", "room-4"} {
		for range challenge.WrongMax {
			if why := guess(a.roomPINs, room); why != fact.FailedWrong {
				t.Fatalf("%s: %s", room, why)
			}
		}
		if why := guess(a.roomPINs, room); why != fact.FailedLocked {
			t.Errorf("%s after five wrong ones: %s", room, why)
		}
	}
	for _, c := range []struct {
		with   *prover.Prover
		person string
	}{{a.boxPINs, "mailbox-201"}, {a.boxPINs, "mailbox-202"}, {a.boxPINs, "mailbox-203"}, {a.prover, "201"}} {
		for range challenge.WrongMax {
			if why := guess(c.with, c.person); why != fact.FailedWrong {
				t.Errorf("%s: %s", c.person, why)
			}
		}
	}
}

// TestWrongPINsGivenBack: what was not wrong counts no more.
func TestWrongPINsGivenBack(t *testing.T) {
	var d wrongPINs
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for range wrongPINsMax + 1 {
		if !d.take("801-1", noon) {
			t.Error("full of what was given back")
		}
		d.giveBack("801-1", noon)
	}
	if d.giveBack("801-1", noon); len(d.wrong) != 0 {
		t.Errorf("kept: %v", d.wrong)
	}
}

// TestWrongPINsOfMany: those beyond whom one can tell apart count together.
func TestWrongPINsOfMany(t *testing.T) {
	var d wrongPINs
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	for i := range wrongCallersMax + wrongPINsMax {
		if !d.take(strconv.Itoa(i), noon) {
			t.Errorf("%d is full", i)
		}
	}
	if d.take("another", noon) || !d.take("0", noon) || len(d.wrong) > wrongCallersMax+1 {
		t.Errorf("%d are told apart", len(d.wrong))
	}
	if d.giveBack("another", noon); !d.take("one more", noon) {
		t.Error("what one of the others gave back counts")
	}
	if !d.take("another", noon.Add(wrongPINsWithin)) || len(d.wrong) != 1 {
		t.Errorf("%d are kept", len(d.wrong))
	}
}

// waiting keeps PINs until it is asked what they were.
type waiting struct{ done []func(why string) }

func (w *waiting) Try(_ prover.Try, done func(why string)) { w.done = append(w.done, done) }

// TestPINsAtTheSameMoment: no more are compared at once than may be wrong; only wrong ones
// count then, not those that could not be compared, or not be written.
func TestPINsAtTheSameMoment(t *testing.T) {
	var (
		d    wrongPINs
		with waiting
		said []string
	)
	try := func() {
		d.try(&with, "801-1", prover.Try{PIN: []byte("1234")}, func(why string) { said = append(said, why) })
	}
	for range wrongPINsMax + 1 {
		try()
	}
	if len(with.done) != wrongPINsMax || len(said) != 1 || said[0] != fact.FailedTooOften {
		t.Fatalf("%d are compared, %q", len(with.done), said)
	}
	for i, done := range with.done {
		done([]string{fact.FailedWrong, fact.FailedUnproven, fact.FailedTooOften, ""}[i%4])
	}
	with.done = nil
	for range wrongPINsMax {
		try()
	}
	if len(with.done) != wrongPINsMax-1 {
		t.Errorf("%d are compared after a wrong one", len(with.done))
	}
}
