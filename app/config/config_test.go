package config

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
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
		{"[gate]\nnight_barred_from = \"25:00\"\nnight_barred_to = \"07:00\"\n", "x.toml:2: gate.night_barred_from: "},
		{"[plan]\noutside_prefix = \"*0\"\n", "x.toml:2: plan.outside_prefix: "},
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
	for _, k := range knownKeys() {
		name := k[strings.LastIndex(k, ".")+1:]
		if !strings.Contains(string(b), name) {
			t.Errorf("the example does not show %s", k)
		}
	}
}
