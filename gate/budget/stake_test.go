package budget

import (
	"testing"

	"github.com/sekisho/sekisho/fact"
)

// TestOwnOfACallThatIsUp: whoever dialed may go on from its own budget, proved or
// not yet, as long as none of its accounts is shut; nobody may whose call was sent
// on.
func TestOwnOfACallThatIsUp(t *testing.T) {
	for _, c := range []struct {
		who  Who
		shut string
		ok   bool
	}{
		{Who{Extension: "201", Dials: true}, "", true},
		{Who{Extension: "201", Dials: true, Proves: true}, "extension/201/abroad", true},
		{Who{Extension: "201", Dials: true}, "people/abroad", false},
		{Who{Extension: "201", Forwards: true}, "", false},
		{Who{Dials: true}, "", false},
	} {
		s := Settings{Tariff: pricesForTest(t)}
		if c.shut != "" {
			s.Shut = map[string]string{c.shut: fact.WindowDay}
		}
		n, ok := mustPlan(t, s).Own(c.who, "", sierra(1), ownNoon)
		if ok != c.ok || ok && (n.Charges[0].Account != "person/201/abroad" || !n.Own) {
			t.Errorf("%+v, %q shut: %v %+v", c.who, c.shut, ok, n)
		}
	}
	if _, ok := (*Plan)(nil).Own(Who{Extension: "201", Dials: true}, "", sierra(1), ownNoon); ok {
		t.Error("without a plan")
	}
}
