package desk_test

import (
	"fmt"

	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/gate/desk"
)

func ExampleDesk_Ask() {
	policy, err := gate.NewPolicy(gate.Settings{Claimed: true, Lines: map[string]gate.LineRule{"hikari": {}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	d := desk.New(desk.Config{Committer: &committer{}, Policy: policy}) // the unit's committer is its recorder
	d.Ask(domestic, func(v gate.Verdict, p gate.Pass, _ error) {
		fmt.Println(v.Verb, "by", v.Rule, "to", p.Destination().Digits)
	})
	d.Ask(barred, func(v gate.Verdict, _ gate.Pass, _ error) {
		fmt.Println(v.Verb, "by", v.Rule, v.Status, v.Phrase)
	})
	// Output:
	// pass by ordinary to 123
	// refuse by international 603 International Calls Barred
}
