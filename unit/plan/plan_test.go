package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
)

func office() Settings {
	return Settings{
		Extensions: []string{"201", "202", "203", "300"},
		Groups:     []fact.Group{{Number: "400", Name: "sales", Members: []string{"202", "203"}}},
		Lines: []Line{
			{
				ID: "ip", NoEmergency: true, Number: number.Line{AreaCode: "06"},
				Numbers: []fact.Number{{Number: "05012345678", Ring: []string{"300"}}},
			},
			{
				ID: "hikari", Number: number.Line{AreaCode: "03", HashShort: []string{"7119"}},
				Numbers: []fact.Number{
					{Number: "0312345678", Ring: []string{"400", "201", "203"}},
					{Number: "0312345679", Ring: []string{"09012345678"}},
					{Number: "0312345670"},
				},
			},
		},
	}
}

func mustNew(t *testing.T, s Settings) *Plan {
	t.Helper()
	p, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (t Target) brief() string {
	s := fmt.Sprintf("%s %s", t.Kind, t.Destination.Class)
	if len(t.Extensions) > 0 {
		s += " ring " + strings.Join(t.Extensions, ",")
	}
	if len(t.Lines) > 0 {
		s += " over " + strings.Join(t.Lines, ",")
	}
	if t.Kind == Refuse {
		s += fmt.Sprintf(" %d %s", t.Status, t.Why)
	}
	if t.LineToLine {
		s += " line-to-line"
	}
	return s
}

func TestDialed(t *testing.T) {
	p := mustNew(t, office())
	for _, c := range []struct{ dialed, want string }{
		{"201", "internal extension ring 201"},
		{"400", "internal extension ring 202,203"},
		{"09012345678", "outside mobile over ip,hikari"},
		{"119", "outside emergency over hikari,ip"},
		{"184110", "outside emergency over hikari,ip"},
		{"0312345678", "outside geographic over ip,hikari"},
		// Each line knows its own area: the first one decides.
		{"61234567", "outside geographic over ip"},
		{"01023276123456", "outside international over ip,hikari"},
		// Refused by the gate, on record, on one line.
		{"*0102327612345", "outside not-understood over ip"},
		{"999", "outside not-understood over ip"},
		{"", "outside not-understood over ip"},
	} {
		if got := p.Dialed(c.dialed).brief(); got != c.want {
			t.Errorf("%q leads to %q, want %q", c.dialed, got, c.want)
		}
	}
}

func TestDialedWithoutLines(t *testing.T) {
	p := mustNew(t, Settings{Extensions: []string{"201"}})
	for dialed, want := range map[string]string{
		"201":         "internal extension ring 201",
		"09012345678": "outside mobile",
		"110":         "outside emergency",
	} {
		if got := p.Dialed(dialed).brief(); got != want {
			t.Errorf("%q leads to %q, want %q", dialed, got, want)
		}
	}
}

func TestIncoming(t *testing.T) {
	p := mustNew(t, office())
	for _, c := range []struct{ line, did, callback, want string }{
		{"ip", "05012345678", "", "internal extension ring 300"},
		{"hikari", "0312345678", "", "internal extension ring 202,203,201"},
		{"hikari", "0312345678", "201", "internal extension ring 201,202,203"},
		{"hikari", "0312345678", "301 203 201", "internal extension ring 203,201,202"},
		{"hikari", "0399999999", "201", "internal extension ring 201"},
		{"hikari", "0312345679", "", "outside mobile over ip,hikari line-to-line"},
		{"hikari", "0312345670", "", "refuse extension 480 nowhere"},
		{"hikari", "0399999999", "", "refuse not-understood 404 unknown-number"},
		{"ip", "0312345678", "", "refuse not-understood 404 unknown-number"},
		{"none", "0312345678", "201", "refuse not-understood 404 unknown-number"},
	} {
		if got := p.Incoming(c.line, c.did, strings.Fields(c.callback), time.Time{}).brief(); got != c.want {
			t.Errorf("%s %s leads to %q, want %q", c.line, c.did, got, c.want)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*Settings)
		want  string
	}{
		{"emergency", func(s *Settings) { s.Extensions = append(s.Extensions, "1191") }, "119"},
		{"zero", func(s *Settings) { s.Extensions = append(s.Extensions, "0312") }, "begin with 0"},
		{"twice", func(s *Settings) { s.Extensions = append(s.Extensions, "201") }, "201: twice"},
		{"group taken", func(s *Settings) { s.Groups[0].Number = "201" }, "number is taken"},
		{"stranger", func(s *Settings) { s.Groups[0].Members = []string{"999"} }, "no extension"},
		{"line twice", func(s *Settings) { s.Lines[1].ID = "ip" }, "taken"},
		{"area", func(s *Settings) { s.Lines[0].Number.AreaCode = "9" }, "line ip"},
		{"members", func(s *Settings) {
			s.Groups[0].Members = slices.Repeat([]string{"201"}, MaxMembers+1)
		}, "at most 64"},
		{"groups", func(s *Settings) { s.Groups = make([]fact.Group, MaxGroups+1) }, "at most 1000 groups"},
		{"lines", func(s *Settings) { s.Lines = make([]Line, MaxLines+1) }, "at most 64 lines"},
		{"extensions", func(s *Settings) { s.Extensions = make([]string, MaxExtensions+1) }, "extensions, at most"},
		{"numbers", func(s *Settings) { s.Lines[0].Numbers = make([]fact.Number, MaxNumbers+1) }, "most 10000 numbers"},
		{"ring", func(s *Settings) { s.Lines[0].Numbers[0].Ring = make([]string, MaxMembers+1) }, "ring at most 64"},
		{"prefix", func(s *Settings) { s.OutsidePrefix = "1" }, "outside prefix"},
	} {
		s := office()
		c.spoil(&s)
		_, err := New(s)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func ExamplePlan_Dialed() {
	p, err := New(Settings{
		Extensions: []string{"201", "202"},
		Lines:      []Line{{ID: "hikari", Number: number.Line{AreaCode: "03"}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	inside, outside := p.Dialed("202"), p.Dialed("09012345678")
	fmt.Println(inside.Kind, inside.Extensions)
	fmt.Println(outside.Kind, outside.Destination.Digits, outside.Lines)
	// Output:
	// internal [202]
	// outside 819012345678 [hikari]
}
