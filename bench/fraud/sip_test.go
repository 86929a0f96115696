package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/sim/fraud"
)

// TestSIPLevel builds the program as it is shipped and attacks it by SIP: the
// carrier bills what the level of events says, nothing as delivered, no more than
// the budgets when it is killed; the office goes on.
func TestSIPLevel(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the real program")
	}
	var out bytes.Buffer
	o := &options{sip: true, quick: true, seed: 20150310}
	if err := benchSIP(t.Context(), o, &out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	t.Log(out.String())
	for _, want := range []string{"seed 20150310", "as delivered", "killed", "setagaya", "away for"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// TestHurriedKeepsTheAttack: an attack that is made short has as many channels,
// numbers and attempts, and turns of about a second.
func TestHurriedKeepsTheAttack(t *testing.T) {
	_, families := shipped(t)
	for i := range families {
		plan := families[i].Draw(dice(3, 3))
		short := hurried(&plan)
		if err := short.Check(); err != nil || len(short.Phases) != len(plan.Phases) {
			t.Errorf("%s: %v", plan.Family, err)
		}
		for j, p := range short.Phases {
			was := plan.Phases[j]
			turn := p.TalkMost + p.GapMost
			if p.Channels != was.Channels || p.Numbers != was.Numbers || p.Attempts != was.Attempts ||
				p.TalkLeast > was.TalkLeast && was.TalkLeast > hurriedTalk || turn > 10*time.Second {
				t.Errorf("%s, phase %d: %+v became %+v", plan.Family, j+1, was, p)
			}
		}
	}
}

// TestScenes: every family that is dialed is played, and everything that may go
// wrong.
func TestScenes(t *testing.T) {
	families, err := fraud.Families()
	if err != nil {
		t.Fatal(err)
	}
	list := scenes(families, false)
	for i := range families {
		name := families[i].Name
		played := slices.ContainsFunc(list, func(s scene) bool { return s.family == name && s.hurry && s.what == "" })
		if played != dialedOnly(&families[i]) {
			t.Errorf("%s is played: %v", name, played)
		}
	}
	if dialedOnly(&families[slices.IndexFunc(families, func(f fraud.Family) bool { return f.Name == "forwarding" })]) {
		t.Error("a forwarding is dialed")
	}
}
