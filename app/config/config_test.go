package config

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/alert/watch"
)

func TestNoFileIsASafeUnit(t *testing.T) {
	c, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	if f := c.check(); len(f) > 0 {
		t.Fatalf("the defaults are wrong: %v", f)
	}
	if len(c.Management.Listen) != 0 {
		t.Errorf("a unit listens for management by default: %v", c.Management.Listen)
	}
}

func TestFindingsNameFileAndLine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[voice]\nring_secnds = 30\n", "x.toml:2: voice.ring_secnds: this key is unknown; " +
			"did you mean voice.ring_seconds?"},
		{"[voice]\n\nring_seconds = 1\n", "x.toml:3: voice.ring_seconds: 1 is not between 5 and 600"},
		{"[voice\n", "x.toml:2: not the syntax of TOML"},
		{"voice.ring_seconds = \"a\"\n", "x.toml:1: voice.ring_seconds: a whole number belongs here"},
		{"[media]\nports = \"5-6\"\n", "x.toml:2: media.ports: a range starts at 1024"},
		{"[media]\nengine = \"uring\"\n", "x.toml:2: media.engine: \"uring\" is not one of io_uring, epoll"},
		{"[log]\nlevel = \"loud\"\n", "x.toml:2: log.level: "},
		{"[unit]\nname = \"\"\n", "x.toml:2: unit.name: "},
		{
			"[[voice.listen]]\nname = \"a\"\ntransport = \"sctp\"\naddr = \"127.0.0.1:5060\"\ndigest = [\"MD5\"]\n",
			"x.toml:1: voice.listen: listener 1 (a): transport \"sctp\"",
		},
		{
			"[[voice.listen]]\nname = \"a\"\ntransport = \"udp\"\naddr = \"127.0.0.1:5060\"\ndigest = []\n",
			"digest names no algorithm",
		},
		{"[gate]\n", "x.toml:1: gate: this key is unknown"},
		{"[plan]\noutside_prefix = \"*0\"\n", "x.toml:2: plan.outside_prefix: "},
		{"[store]\nengine = \"mysql\"\n", "x.toml:2: store.engine: \"mysql\" is not one of sqlite, postgresql"},
		{"[store]\ndsn_file = \"/a\"\n", "x.toml:2: store.dsn_file: only the engine postgresql has an address"},
		{"[fleet]\n", "x.toml:1: fleet: this key is unknown"},
	} {
		_, err := Parse("x.toml", c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
		if _, ok := errors.AsType[Findings](err); !ok {
			t.Errorf("%q: not Findings: %T", c.text, err)
		}
	}
}

func TestListenersOfTheFileReplaceTheDefaults(t *testing.T) {
	c, err := Parse("x.toml", "[[voice.listen]]\nname = \"a\"\ntransport = \"tcp\"\naddr = \"127.0.0.1:5062\"\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []Listen{{Name: "a", Transport: "tcp", Addr: "127.0.0.1:5062", Digest: []string{"SHA-256", "MD5"}}}
	if !reflect.DeepEqual(c.Voice.Listen, want) {
		t.Errorf("got %+v", c.Voice.Listen)
	}
}

func TestTheExampleShowsEveryDefault(t *testing.T) {
	const path = "../../docs/reference/sekisho.toml"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c, Default()) {
		t.Errorf("the example is not the defaults:\n%+v\n%+v", c, Default())
	}
	for _, k := range knownKeys(reflect.TypeFor[Config]()) {
		name := k[strings.LastIndex(k, ".")+1:]
		if !strings.Contains(string(b), name) {
			t.Errorf("the example does not show %s", k)
		}
	}
}

// TestWhomTheUnitCalls: extensions and ordinary numbers in Japan, however they
// are written; nobody else, and no emergency number.
func TestWhomTheUnitCalls(t *testing.T) {
	parse := func(numbers, more string) (Config, error) {
		return Parse("x.toml", "[[alerts.call]]\nname = \"owner\"\nnumbers = ["+numbers+"]\n"+more)
	}
	c, err := parse(`"090-1234-5678", "+81 3 1234 5678", "201", "0120444444"`, `kinds = ["off_hours"]`)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(c.Alerts.CallNumbers(), " ")
	if got != "819012345678 81312345678 81120444444" {
		t.Errorf("the gate is told %s", got)
	}
	call := c.Alerts.Call[0].Seen()
	if call.Tries != 2 || call.PauseSeconds != 120 || call.RingSeconds != 40 ||
		!call.Wants(watch.OffHours, watch.Begun) || call.Wants(watch.OffHours, watch.Over) ||
		call.Wants(watch.Barred, watch.Begun) || (Call{}).Wants(watch.Change, watch.Begun) ||
		!(Call{}).Wants(watch.Safeguard, watch.Again) {
		t.Errorf("%+v", call)
	}
	for numbers, want := range map[string]string{
		`"110"`: "emergency", `"118"`: "emergency", `"119"`: "emergency", `"184119"`: "emergency",
		`"01023276123456"`: "can't be called", `"+23276123456"`: "can't be called", `"0570012345"`: "can't be called",
		`"0990512345"`: "can't be called", `"18409012345678"`: "can't be called", `""`: "can't be called",
		`"003209012345678"`: "can't be called", `"*99"`: "can't be called",
		``: "1 to 4", `"2","3","4","5","6"`: "1 to 4",
	} {
		if _, err := parse(numbers, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", numbers, err, want)
		}
	}
	for more, want := range map[string]string{
		`kinds = ["fire"]`: "no kind", `tries = 11`: "from 1 to 10", `tries = -1`: "from 1 to 10",
		`pause_seconds = 5`: "from 10 to 3600", `ring_seconds = 200`: "from 10 to 120",
		`office = "abc"`: "no telephone number",
	} {
		if _, err := parse(`"201"`, more); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", more, err, want)
		}
	}
}

// TestOfficesAreClosedOnHolidays: alerts know the days on which nobody is
// expected to call abroad.
func TestOfficesAreClosedOnHolidays(t *testing.T) {
	closed := defaultAlerts().Settings().Closed
	for day, want := range map[string]bool{
		"2026-11-23": true, "2026-08-14": true, "2026-12-30": true, "2027-01-03": true,
		"2026-11-24": false, "2026-08-17": false, "2026-12-28": false, "2027-01-04": false,
	} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := closed(at.Date()); got != want {
			t.Errorf("%s: closed %t", day, got)
		}
	}
}
