package plan

import (
	"slices"
	"testing"

	"github.com/sekisho/sekisho/fact"
)

// keys is an office with outside-line keys, one of which has no line any more.
func keys(t *testing.T) *Plan {
	t.Helper()
	s := office()
	s.Features = Features()
	s.Routing = []fact.Routed{
		fact.KeySet{Key: "key10", Line: "ip"},
		fact.KeySet{Key: "key2", Line: "hikari", Numbers: []string{"0312345678"}},
		fact.KeySet{Key: "key1", Line: "hikari"},
		fact.KeySet{Key: "key3", Line: "gone"},
	}
	return mustNew(t, s)
}

// TestLineKeys: keys are in the order of their numbers; what phones call for them is
// known, and nothing else is.
func TestLineKeys(t *testing.T) {
	p := keys(t)
	var names []string
	for _, k := range p.LineKeys() {
		names = append(names, k.Name)
	}
	if !slices.Equal(names, []string{"key1", "key2", "key10"}) {
		t.Errorf("keys %v", names)
	}
	for user, want := range map[string]string{
		"key1": "1", "key10": "10", "**key2": "2", "*88key2": "2", "key3": "", "key4": "", "key": "", "key01": "",
		"key1x": "", "*57key1": "", "***key1": "", "key65": "", "key99999999999999999999": "", "KEY1": "",
	} {
		got, ok := p.Key(user)
		if ok != (want != "") || ok && got.Asked != (Asked{Action: SeizeKey, Digits: want}) {
			t.Errorf("%s: %+v %v", user, got, ok)
		}
	}
	for dialed, want := range map[string]string{
		"*571": "1", "*5710": "10", "*570": "0", "*573": "", "*57": "", "*571#": "",
	} {
		got := p.Dialed(dialed)
		if (got.Kind == Service) != (want != "") || want != "" && got.Asked != (Asked{Action: SeizeKey, Digits: want}) {
			t.Errorf("%s: %+v", dialed, got)
		}
	}
	one, _ := p.LineKey("key1")
	two, ok := p.LineKey("2")
	if !ok || !one.Takes("hikari", "0399999999") || one.Takes("ip", "0312345678") ||
		!two.Takes("hikari", "0312345678") || two.Takes("hikari", "0312345679") {
		t.Errorf("%+v %+v take the wrong calls", one, two)
	}
}

// TestOverKey: what is dialed on a key leads outside over its line alone, without the
// prefix; extensions and codes are nothing there; emergency calls have every line.
func TestOverKey(t *testing.T) {
	p := keys(t)
	k, _ := p.LineKey("key1")
	for dialed, want := range map[string]string{
		"0312345678": "outside geographic over hikari", "09012345678": "outside mobile over hikari",
		"201": "refuse extension 404 nowhere", "300": "refuse extension 404 nowhere",
		"*821": "refuse feature 404 nowhere",
	} {
		if got := p.OverKey(k, dialed).brief(); got != want {
			t.Errorf("%s leads to %q, want %q", dialed, got, want)
		}
	}
	if got := p.OverKey(k, "110"); !got.Emergency() || len(got.Lines) < 2 {
		t.Errorf("110 goes over %v", got.Lines)
	}
}
