package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/vectors/dial"
)

func TestFeatureCodes(t *testing.T) {
	s := office()
	s.Features = Features()
	p := mustNew(t, s)
	for dialed, want := range map[string]Action{
		"*8228": ModeToggle, "*820": ModeTimetable, "*821": ModeDay, "*822": ModeNight1, "*823": ModeNight2,
		"*824": ModeHoliday, "*825": ModeKeep, "*829": ModeSay, "*33": BlockLast,
	} {
		got := p.Dialed(dialed)
		if got.Kind != Service || got.Asked != (Asked{Action: want}) || got.Destination.Class != number.Feature {
			t.Errorf("%s: %+v, want %s", dialed, got, want)
		}
	}
	// What is no code of ours, in whole, dies before a line.
	for _, dialed := range []string{
		"*826", "*82", "*", "#", "*82280", "*8228#", "**8228", "*8228*", "8228", "*820 ", "*820102327612345",
		"*8201", "184*8228", "#8228", "+*8228", "*８２２８",
	} {
		if got := p.Dialed(dialed).brief(); got != "outside not-understood over ip" {
			t.Errorf("%q leads to %q", dialed, got)
		}
	}
	if got := p.Written("*8228").Kind; got != Service {
		t.Errorf("written, it is %s: whoever rings what is written must refuse it", got)
	}
}

// TestSymbolsDieBesideFeatureCodes dials what attackers dial at a unit with
// feature codes: what has a symbol in it is a code of the table, whole, or leads
// nowhere.
func TestSymbolsDieBesideFeatureCodes(t *testing.T) {
	s := office()
	s.Features = Features()
	p := mustNew(t, s)
	with, without := 0, mustNew(t, office())
	n := 0
	for c := range dial.Generate(2026) {
		if n++; n > 10_000 {
			break
		}
		got := p.Dialed(c.Dialed)
		if got.Kind == Service {
			t.Fatalf("%q is a feature code: %+v", c.Dialed, got)
		}
		if want := without.Dialed(c.Dialed); got.brief() != want.brief() {
			t.Fatalf("%q leads to %q with feature codes, to %q without", c.Dialed, got.brief(), want.brief())
		}
		// The same behind a code.
		for _, f := range s.Features {
			d := p.Dialed(f.Code + c.Dialed)
			takes, _ := f.Action.takes()
			if d.Kind == Service && takes == none && !isCode(f.Code+c.Dialed) ||
				d.Kind == Outside && d.Destination.Class != number.NotUnderstood || d.Kind == Internal {
				t.Fatalf("%q leads to %q", f.Code+c.Dialed, d.brief())
			}
			with++
		}
	}
	if with < 50_000 {
		t.Fatalf("%d strings: the test looked at too little", with)
	}
}

func isCode(s string) bool {
	for _, f := range Features() {
		rest, ok := strings.CutPrefix(s, f.Code)
		switch {
		case !ok:
		case rest == "" && f.Action != Park && f.Action != PickUpFrom,
			f.Action == Park && len(rest) == 1 && strings.Contains("12345678", rest),
			(f.Action == PickUp || f.Action == PickUpFrom) && slices.Contains(office().Extensions, rest):
			return true
		}
	}
	return false
}

// TestCodesThatTakeSomething: what follows a code is what the code takes, whole, or it
// is none.
func TestCodesThatTakeSomething(t *testing.T) {
	s := office()
	s.Features = Features()
	p := mustNew(t, s)
	for dialed, want := range map[string]Asked{
		"*771": {Park, "1"}, "*778": {Park, "8"}, "*70": {OwnHold, ""}, "*88": {PickUp, ""},
		"*88201": {PickUp, "201"}, "**201": {PickUpFrom, "201"},
		"*000": {SpeedCommon, "00"}, "*199": {SpeedOwn, "99"}, "*66": {Redial, ""},
	} {
		if got := p.Dialed(dialed); got.Kind != Service || got.Asked != want {
			t.Errorf("%s: %+v, want %+v", dialed, got, want)
		}
	}
	for _, dialed := range []string{
		"*77", "*770", "*779", "*7711", "*701", "*88999", "*880312345678", "**", "**999", "**0312345678",
		"*00", "*0000", "*00*", "*0+1", "*661", "184*66",
		"**01023276123456", "*88*201", "**201*", "184**201",
	} {
		if got := p.Dialed(dialed).brief(); got != "outside not-understood over ip" {
			t.Errorf("%q leads to %q", dialed, got)
		}
	}
	for key, want := range map[string]bool{
		"park1": true, "park8": true, "park0": false, "park9": false, "park": false, "park11": false, "Park1": false,
	} {
		if got, ok := p.Key(key); ok != want || ok && got.Asked != (Asked{Park, key[4:]}) {
			t.Errorf("%s: %+v, %v", key, got, ok)
		}
	}
	if got, ok := p.Key(NightKey); !ok || got.Asked != (Asked{Action: ModeToggle}) {
		t.Errorf("the night key: %+v, %v", got, ok)
	}
	for _, key := range []string{"park1", NightKey} {
		if _, ok := mustNew(t, office()).Key(key); ok {
			t.Errorf("%s does what no code does", key)
		}
	}
}

// TestCodesWithDigits: what follows is digits and nothing else, and no code is
// how such a one begins.
func TestCodesWithDigits(t *testing.T) {
	s := office()
	s.Features = Features()
	p := mustNew(t, s)
	if got := p.Dialed("*7209012345678"); got.Kind != Service || got.Asked != (Asked{AlwaysOn, "09012345678"}) {
		t.Errorf("%+v", got)
	}
	long := "*72" + strings.Repeat("1", MaxArgument+1)
	for _, dialed := range []string{"*72", "*72*1", "*72#", "*72 090", "*72+81312345678", long} {
		if got := p.Dialed(dialed).brief(); got != "outside not-understood over ip" {
			t.Errorf("%q leads to %q", dialed, got)
		}
	}
	for written, want := range map[string]string{
		"202": "202", "400": "400", "09012345678": "+819012345678", "0312345678": "+81312345678",
		"110": "", "119": "", "*8228": "", "999": "", "": "",
	} {
		if got, ok := p.ForwardTo(written); got != want || ok != (want != "") {
			t.Errorf("calls sent on to %q go to %q", written, got)
		}
	}
	s.Features = []Feature{{"*72", AlwaysOn}, {"*721", ModeDay}}
	if _, err := New(s); err == nil {
		t.Error("a code begins like one that takes digits")
	}
}

func TestFaultsOfFeatureCodes(t *testing.T) {
	for _, c := range []struct {
		table []Feature
		want  string
	}{
		{[]Feature{{"011", ModeDay}}, "feature code"},
		{[]Feature{{"*8x", ModeDay}}, "feature code"},
		{[]Feature{{"#7119", ModeDay}}, "feature code"},
		{[]Feature{{"*1", ModeDay}, {"*1", ModeNight1}}, "is a code too"},
		{[]Feature{{"*1", "no-such"}}, "no action"},
		{[]Feature{{"20", ModeDay}}, "feature code 20"}, // extensions begin so
		{make([]Feature, MaxFeatures+1), "at most"},
	} {
		s := office()
		s.Features = c.table
		_, err := New(s)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want one with %q", c.table, err, c.want)
		}
	}
}
