package fraud_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sekisho/sekisho/number"
	"github.com/sekisho/sekisho/sim/fraud"
)

func TestShippedFiles(t *testing.T) {
	f, o := families(t), offices(t)
	if len(f) < 20 || len(o) < 12 {
		t.Fatalf("%d families and %d offices", len(f), len(o))
	}
	for _, name := range []string{
		"setagaya", "pump", "spread", "slow", "test-pump", "race", "midnight", "forwarding", "low-rate",
		"scan-pump", "allowed-country", "symbol-prefix", "format-mutation", "wangiri",
	} {
		if plan(t, name, 1).Family != name {
			t.Errorf("family %q is missing", name)
		}
	}
}

const family = `name = "x"
about = "y"

[[phase]]
minutes = 10
`

func TestBadFamilies(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{family, ""},
		{strings.Replace(family, `"y"`, `""`, 1), "needs a name and an about"},
		{family + "chanels = 2\n", `unknown key "phase.chanels"`},
		{family + "channels = [5, 2]\n", "the smaller first"},
		{family + "channels = 501\n", "channels is 501"},
		{family + `to = ["moon"]`, `to is "moon"`},
		{family + "talk_s = [0, 10]\n", "a time is out of its range"},
		{strings.Replace(family, "minutes = 10", "", 1), "a time is out of its range"},
		{strings.Replace(family, "[[phase]]", "start = [\"noon\"]\n[[phase]]", 1), `start "noon"`},
		{strings.Replace(family, `"x"`, `"z"`, 1), "named after its family"},
		{family + strings.Repeat("#", 70_000), "at most 65536"},
	} {
		_, err := fraud.ReadFamilies(fstest.MapFS{"d/x.toml": {Data: []byte(c.text)}}, "d")
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngives %v, want %q", c.text, err, c.want)
		}
	}
}

const firm = `name = "x"
about = "y"
extensions = 3
channels = 2

[[stream]]
who = "person"
share = 100
days = ["mon"]
hours = ["09:00-18:00"]
calls = 5
to = { geographic = 1 }
book = 5
talk_s = [10, 20]
answered = 80
`

func TestBadOffices(t *testing.T) {
	for _, c := range []struct{ old, text, want string }{
		{"", "", ""},
		{"extensions = 3", "extensions = 3000", "extensions"},
		{`"person"`, `"cat"`, `who is "cat"`},
		{"share = 100", "share = 100\nphones = 1", "either share"},
		{"geographic = 1", "usual = 1", "needs usual_areas"},
		{"geographic = 1", "moon = 1", "nothing that is dialed"},
		{"geographic = 1", "", "to is empty"},
		{`"mon"`, `"moon"`, `day "moon"`},
		{"09:00-18:00", "9 to 5", "want such as"},
		{"calls = 5", "calls = 5000", "at most 1000"},
		{"answered = 80", "answered = 80\nrest_days = [1, 2]", "go together"},
	} {
		text := strings.Replace(firm, c.old, c.text, 1)
		_, err := fraud.ReadOffices(fstest.MapFS{"d/x.toml": {Data: []byte(text)}}, "d")
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngives %v, want %q", text, err, c.want)
		}
	}
}

// TestNumbersAreWhatTheySay: what an office dials is an ordinary number of the
// country that the event names, by the numbering plan; but for a misdialed
// digit.
func TestNumbersAreWhatTheySay(t *testing.T) {
	for _, o := range offices(t) {
		if o.Name == "call-center" {
			continue
		}
		w := newWorld(t, &o, nil, fraud.Options{Seed: 4, Days: 20})
		odd, all := 0, 0
		run(t, w, func(e *fraud.Event) {
			all++
			d := number.FromSIPUser(e.Dialed, nil, &number.Context{})
			ordinary := d.Class.Outside() && (e.Number == "" || d.Digits == e.Number && d.Area == e.Area)
			if d.Range == number.RangeUnallocated || !ordinary {
				odd++
				if all < 3 || o.Name == "conference" { // nobody misdials there
					t.Errorf("%s dials %s, which is %v; the event says %s in %s", o.Name, e.Dialed, d, e.Number, e.Area)
				}
			}
			w.Pass()
		}, nil)
		t.Logf("%s: %d of %d odd", o.Name, odd, all)
		if odd*50 > all {
			t.Errorf("%s: %d of %d numbers are not ordinary", o.Name, odd, all)
		}
	}
}
