package number_test

import (
	"fmt"

	"github.com/sekisho/sekisho/number"
)

func ExampleParse() {
	ctx := &number.Context{
		OutsidePrefix: "0",
		Extension:     func(digits string) bool { return digits == "201" },
		Line:          number.Line{AreaCode: "03"},
	}
	for _, dialed := range []string{"201", "110", "00312345678", "023456789", "001023276123456", "0#01023276123456"} {
		fmt.Println(dialed, "is", number.Parse(dialed, ctx))
	}
	// Output:
	// 201 is extension 201
	// 110 is emergency 110
	// 00312345678 is geographic +81312345678
	// 023456789 is geographic +81323456789
	// 001023276123456 is international +23276123456 SL
	// 0#01023276123456 is not-understood (symbol)
}

func ExampleRender() {
	line := number.Profile{Presenting: number.PresentByPrefix, Emergency: true}
	for _, dialed := range []string{"+81312345678", "1840312345678", "0110", "01023276123456"} {
		user, err := number.Render(number.Parse(dialed, nil), line)
		fmt.Println(dialed, "is sent as", string(user), err)
	}
	// Output:
	// +81312345678 is sent as 0312345678 <nil>
	// 1840312345678 is sent as 1840312345678 <nil>
	// 0110 is sent as 110 <nil>
	// 01023276123456 is sent as  render international +2327xxxxxxx SL: line does not carry it
}

func ExampleCheckExtension() {
	plan := number.ExtensionPlan{OutsidePrefix: "9"}
	for _, ext := range []string{"201", "1190", "901"} {
		fmt.Println(ext, number.CheckExtension(ext, plan))
	}
	// Output:
	// 201 <nil>
	// 1190 extension 1190: an extension must not shadow an emergency number 119
	// 901 extension 901: an extension must not begin like the outside prefix 9
}
