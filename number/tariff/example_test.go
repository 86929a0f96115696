package tariff_test

import (
	"fmt"
	"time"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/number/tariff"
)

// What the calls of March 2015 cost: half a minute each, billed as a whole one.
func Example() {
	table, err := tariff.NewTable([]tariff.Rate{
		{Prefix: "232", NameEN: "Sierra Leone", PerUnit: 175 * tariff.Yen, Unit: time.Minute},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	rate, known := table.Rate(number.Parse("01023276123456", nil), time.Now())
	fmt.Println(rate.NameEN, known)
	fmt.Println("a call:", rate.Cost(30*time.Second), " 14,000 of them:", 14_000*rate.Cost(30*time.Second))
	fmt.Println("¥3,000 pay for", rate.Affords(3000*tariff.Yen))
	// Output:
	// Sierra Leone true
	// a call: ¥175  14,000 of them: ¥2,450,000
	// ¥3,000 pay for 17m0s
}
