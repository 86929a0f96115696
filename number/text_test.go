package number_test

import (
	"errors"
	"testing"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/text"
)

// TestEveryWordHasASentence: classes, ranges, reasons and refusals are shown to
// people in their language.
func TestEveryWordHasASentence(t *testing.T) {
	var keys []string
	for _, c := range number.Classes() {
		keys = append(keys, "number.class."+c.String())
	}
	for r := number.RangeUnknown; r <= number.RangeUAN; r++ {
		keys = append(keys, "number.range."+r.String())
	}
	for _, why := range []string{
		number.WhyEmpty, number.WhySymbol, number.WhyLength, number.WhyPrefix, number.WhyPresentation,
		number.WhyHome, number.WhyCountry, number.WhyUnassigned, number.WhyAreaCode, number.WhyShort,
		number.WhyCarrier, number.WhyParameter, number.WhyContext, number.WhyScheme,
	} {
		keys = append(keys, "number.why."+why)
	}
	for _, err := range []error{
		number.CheckExtension("1", number.ExtensionPlan{}),
		number.CheckExtension("110", number.ExtensionPlan{}),
		number.CheckExtension("010", number.ExtensionPlan{}),
		number.CheckExtension("184", number.ExtensionPlan{}),
		number.CheckExtension("90", number.ExtensionPlan{OutsidePrefix: "9"}),
		number.CheckExtension("77", number.ExtensionPlan{Features: []string{"77"}}),
		number.CheckOutsidePrefix("1"),
		number.CheckFeature("1", ""),
		number.CheckAreaCode("1"),
		number.CheckLine(number.Line{Services: []string{"1"}}),
	} {
		keys = append(keys, number.PlanKey(err))
	}
	seen := map[string]bool{}
	for _, key := range keys {
		if seen[key] {
			t.Errorf("%s comes twice", key)
		}
		seen[key] = true
		if _, ok := text.Lookup(text.Key(key)); !ok {
			t.Errorf("no sentence %q", key)
		}
	}
	if key := number.PlanKey(errors.New("another")); key != "" {
		t.Errorf("another error has the sentence %q", key)
	}
}
