package storetest

import (
	"testing"

	"github.com/sekisho/sekisho/fact"
)

// pinsFollow: wrong PINs in a row count until a right one, an unlocking or
// another PIN, over a restart too, and for that person alone.
func pinsFollow(t *testing.T, open Open) {
	s := open(t, nil)
	mine := fact.PIN{Extension: "201", HashSealed: fact.Sealed("hash"), Set: Day, SetBy: "owner"}
	hers := fact.PIN{Extension: "202", HashSealed: fact.Sealed("other hash"), Set: Day, SetBy: "owner"}
	wrong := fact.ChallengeFailed{Call: "c1", Person: "201", Rule: "hours", Reason: fact.FailedWrong, At: Day}
	silent := wrong
	silent.Reason = fact.FailedNoAnswer
	want := func(what string, wrong int) {
		t.Helper()
		m := mine
		m.Wrong = wrong
		same(t, what, get(t, s.PINs), []fact.PIN{m, hers})
	}
	must(t, s, facts(fact.PINSet{PIN: mine}, fact.PINSet{PIN: hers}))
	want("set", 0)
	must(t, s, facts(wrong, silent, wrong))
	want("two wrong ones", 2)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, nil)
	must(t, s, facts(wrong))
	want("one more after a restart", 3)
	must(t, s, facts(fact.ChallengePassed{Call: "c2", Person: "201", Rule: "hours", At: Day}))
	want("a right one", 0)
	must(t, s, facts(wrong, fact.PINUnlocked{Extension: "201", Reason: "r", By: "owner", At: Day}))
	want("unlocked", 0)
	mine.HashSealed = fact.Sealed("new hash")
	must(t, s, facts(wrong, fact.PINSet{PIN: mine}))
	want("another PIN", 0)
	must(t, s, facts(fact.PINRemoved{Extension: "201", By: "owner", At: Day}, wrong))
	same(t, "removed", get(t, s.PINs), []fact.PIN{hers})
	if err := Write(t, s, facts(fact.PINRemoved{Extension: "201", By: "owner", At: Day})); err == nil {
		t.Error("a PIN was removed that is not there")
	}
}
