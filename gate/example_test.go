package gate_test

import (
	"fmt"
	"time"

	"github.com/sekisho/sekisho/gate"
	"github.com/sekisho/sekisho/number"
)

func ExampleJudge() {
	policy, err := gate.NewPolicy(gate.Settings{
		Claimed: true, Lines: map[string]gate.LineRule{"hikari": {}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	verdict := gate.Judge(policy, gate.Request{
		Call: "c1", Line: "hikari", Dialed: "01023276123456", At: time.Unix(1426000000, 0),
		Origin: gate.Origin{Kind: gate.OriginDialed, Extension: "201", Authenticated: true},
		Destination: number.Destination{
			Class: number.International, Digits: "23276123456", Area: "SL", Range: number.RangeMobile,
		},
	})
	fmt.Println(verdict.Verb, verdict.Rule, verdict.Status, verdict.Prompt)
	last := verdict.Trace[len(verdict.Trace)-1]
	fmt.Println(last.Said, last.Args)
	// Output:
	// refuse international 603 international-barred
	// gate.said.not-open [SL 201]
}
