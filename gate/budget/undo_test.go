package budget

import (
	"fmt"
	"testing"

	"github.com/sekisho/sekisho/fact"
)

// TestUndoTakesBackRenewals, and what a release set apart since, whatever else was
// in the write that failed.
func TestUndoTakesBackRenewals(t *testing.T) {
	d := newDisk()
	l := NewLedger(d)
	hold := func(amount int64) fact.Hold {
		return fact.Hold{Amount: amount, At: wednesday, Charges: []fact.Charge{{Account: "unit/abroad"}}}
	}
	first := hold(10)
	l.Begin()
	follow(t, l, fact.CallJudged{Call: "c1", First: true, Hold: &first})
	for _, between := range []fact.Fact{nil, fact.BudgetReleased{Account: "unit/abroad", At: wednesday}} {
		l.Begin()
		if between != nil {
			follow(t, l, between)
		}
		l.Begin()
		before := fmt.Sprintf("%+v %+v", l.Holding("c1"), *l.accounts["unit/abroad"])
		follow(t, l, fact.CallRenewed{Call: "c1", Hold: hold(5)})
		if now := fmt.Sprintf("%+v %+v", l.Holding("c1"), *l.accounts["unit/abroad"]); now == before {
			t.Fatal("a renewal changes nothing")
		}
		l.Undo()
		if now := fmt.Sprintf("%+v %+v", l.Holding("c1"), *l.accounts["unit/abroad"]); now != before {
			t.Errorf("undone: %s, want %s", now, before)
		}
	}
	person := hold(5)
	person.Charges[0].Account = "person/201/abroad"
	for callee := range uint32(vouchedMax + 1) {
		person.Callee = 100 + callee
		follow(t, l, fact.CallJudged{Call: fmt.Sprint("v", callee), First: true, Proven: "201", Hold: &person})
	}
	l.Undo() // the last one, for which the first had made room
	if got := l.accounts["person/201/abroad"].Vouched; len(got) != vouchedMax || got[0].Callee != 100 {
		t.Errorf("%d are vouched for, the first is %d", len(got), got[0].Callee)
	}
}
