package number

import (
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// TestRangesOfTheLibrary: every type has its range; what may be fixed or
// mobile counts as the dearer, what is new as not allocated.
func TestRangesOfTheLibrary(t *testing.T) {
	for kind, want := range map[phonenumbers.PhoneNumberType]Range{
		phonenumbers.FIXED_LINE: RangeFixed, phonenumbers.MOBILE: RangeMobile,
		phonenumbers.FIXED_LINE_OR_MOBILE: RangeMobile, phonenumbers.TOLL_FREE: RangeTollFree,
		phonenumbers.PREMIUM_RATE: RangePremium, phonenumbers.SHARED_COST: RangeShared,
		phonenumbers.VOIP: RangeVoIP, phonenumbers.PERSONAL_NUMBER: RangePersonal, phonenumbers.PAGER: RangePager,
		phonenumbers.UAN: RangeUAN, phonenumbers.VOICEMAIL: RangeUAN, phonenumbers.UNKNOWN: RangeUnallocated,
		99: RangeUnallocated,
	} {
		if got := rangeOf(kind); got != want {
			t.Errorf("type %d: %v, want %v", kind, got, want)
		}
	}
	for code, want := range map[string]string{"379": "VA", "232": "SL", "1": AreaUnknown, "x": AreaUnknown} {
		if got := areaOfCode(code, false); got != want {
			t.Errorf("code %s: %s, want %s", code, got, want)
		}
	}
	if got := areaOfCode("800", true); got != AreaWorld {
		t.Errorf("a code of the world: %s", got)
	}
}
