package quarantine

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sekisho/sekisho/fact"
	"github.com/sekisho/sekisho/number"
)

var noon = time.Date(2015, 3, 11, 3, 0, 0, 0, time.UTC)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		kind        Kind
		value, want string
		err         error
	}{
		{Phone, "201-1", "201-1", nil},
		{Credential, "reception", "reception", nil},
		{Extension, "201", "201", nil},
		{Line, "hikari", "hikari", nil},
		{Unit, "", "", nil},
		{Destination, "Abroad", "abroad", nil},
		{Destination, "ANYWHERE", "anywhere", nil},
		{Destination, "sl", "SL", nil},
		{Destination, "+232", "+232", nil},
		{Destination, "+232 76-12", "+2327612", nil},
		{Destination, "232", "", ErrDestination},
		{Destination, "", "", ErrDestination},
		{Destination, "+", "", ErrDestination},
		{Destination, "+0", "", ErrDestination},
		{Destination, "+1234567890123456", "", ErrDestination},
		{Destination, "+23a", "", ErrDestination},
		{Destination, "XX", "", ErrDestination},
		{Unit, "all", "", ErrValue},
		{Phone, "", "", ErrValue},
		{Line, string(make([]byte, ValueMax+1)), "", ErrValue},
		{"desk", "x", "", ErrKind},
		{Site, "branch", "branch", nil},
	} {
		got, err := Parse(c.kind, c.value)
		if got.Value != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s %q: %+v, %v; want %q, %v", c.kind, c.value, got, err, c.want, c.err)
		}
	}
}

// call is one of which everything can be set apart.
func call() Call {
	return Call{
		Party:  Party{Extension: "202", Device: "202-1", Credential: "u202"},
		Caller: Party{Extension: "201", Device: "201-1", Credential: "u201", Site: "branch"},
		Line:   "hikari",
		Destination: number.Destination{
			Class: number.International, Digits: "23276123456", Area: "SL", Range: number.RangeMobile,
		},
	}
}

// TestCovers names everything that covers a call, and its like that does not.
func TestCovers(t *testing.T) {
	for kind, values := range map[Kind]struct{ yes, no []string }{
		Phone:      {[]string{"201-1", "202-1"}, []string{"201-2", "201", "u201"}},
		Credential: {[]string{"u201", "u202"}, []string{"201-1", "u20"}},
		Extension:  {[]string{"201", "202"}, []string{"203", "20", "2011"}},
		Line:       {[]string{"hikari"}, []string{"hik", "201"}},
		Site:       {[]string{"branch"}, []string{"bran", "201"}},
		Unit:       {[]string{""}, nil},
		Destination: {
			[]string{"abroad", "anywhere", "SL", "+2", "+232", "+23276123456"}, []string{"US", "+233", "+32"},
		},
	} {
		for want, list := range map[bool][]string{true: values.yes, false: values.no} {
			for _, v := range list {
				target, err := Parse(kind, v)
				if err != nil {
					t.Fatal(err)
				}
				if c := call(); target.Covers(&c) != want {
					t.Errorf("%s %q covers it: %v", kind, v, !want)
				}
			}
		}
	}
}

// TestShortNumbersAreNoBeginnings: 117 is no number of the United States.
func TestShortNumbersAreNoBeginnings(t *testing.T) {
	c := Call{Destination: number.Destination{Class: number.Service, Digits: "117"}}
	for value, want := range map[string]bool{"+1": false, "abroad": false, "anywhere": true} {
		if target, err := Parse(Destination, value); err != nil || target.Covers(&c) != want {
			t.Errorf("%s covers 117: %v, %v", value, !want, err)
		}
	}
}

func TestAbroad(t *testing.T) {
	for class := range number.Satellite + 3 {
		c := Call{Destination: number.Destination{Class: class, Digits: "1", Area: "SL"}}
		want := class == number.International || class == number.GlobalCode || class == number.Satellite ||
			class == number.CarrierSelect
		if (Target{Destination, Abroad}).Covers(&c) != want {
			t.Errorf("class %v is abroad: %v", class, !want)
		}
	}
}

func drawCall(t *rapid.T) Call {
	word := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	c := Call{
		Party: Party{
			word("ext", "201", "202", ""), word("device", "201-1", "202-1", ""), word("user", "a", "b", ""),
			word("site", "branch", "other", ""),
		},
		Caller: Party{
			word("caller", "201", "203", ""), word("caller's", "203-1", ""), word("caller as", "b", ""),
			word("caller at", "branch", ""),
		},
		Line: word("line", "l1", "l2", ""),
	}
	if rapid.Bool().Draw(t, "out") {
		c.Destination = number.Destination{
			Class:  number.Class(rapid.IntRange(0, 20).Draw(t, "class")),
			Digits: word("digits", "23276123456", "81312345678", "110", ""), Area: word("area", "SL", "JP", "US", ""),
		}
	}
	return c
}

func drawEntry(t *rapid.T) fact.Quarantine {
	q := fact.Quarantine{ID: rapid.StringN(1, 3, 3).Draw(t, "ID")}
	kind := rapid.SampledFrom(Kinds()).Draw(t, "kind")
	values := map[Kind][]string{
		Phone: {"201-1", "203-1"}, Credential: {"a", "b"}, Extension: {"201", "203"}, Line: {"l1", "l2"},
		Site:        {"branch", "other"},
		Destination: {"abroad", "anywhere", "SL", "+232", "+81", "+1"}, Unit: {""},
	}
	q.Kind, q.Value = string(kind), rapid.SampledFrom(values[kind]).Draw(t, "value")
	if rapid.Bool().Draw(t, "for a time") {
		q.Until = noon.Add(time.Duration(rapid.IntRange(-3, 3).Draw(t, "hours")) * time.Hour)
	}
	return q
}

// TestFindIsWhatCovers: a call falls under a quarantine exactly when one that
// has not run out covers it; never when it is an emergency call; and one more
// quarantine never lets a call out.
func TestFindIsWhatCovers(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(drawEntry), 0, 6).Draw(t, "list")
		c := drawCall(t)
		s, err := New(list)
		if err != nil {
			t.Fatal(err)
		}
		want := false
		for _, q := range list {
			covers := (Target{Kind(q.Kind), q.Value}).Covers(&c)
			want = want || covers && (q.Until.IsZero() || noon.Before(q.Until))
		}
		q, got := s.Find(&c, noon)
		switch {
		case got != want:
			t.Fatalf("found %v %+v, want %v", got, q, want)
		case got && c.Destination.Class == number.Emergency:
			t.Fatalf("an emergency call falls under %+v", q)
		case got && !q.Until.IsZero() && !q.Until.After(noon):
			t.Fatalf("%+v has run out", q)
		case got:
			found++
		}
		if _, ever := s.Find(&c, time.Time{}); got && !ever {
			t.Fatal("without a time it is let out")
		}
		more, err := New(append(list, rapid.Custom(drawEntry).Draw(t, "one more")))
		if err != nil {
			t.Fatal(err)
		}
		if _, still := more.Find(&c, noon); got && !still {
			t.Fatal("one more quarantine lets it out")
		}
	})
	if found == 0 {
		t.Error("nothing was found: the property looked at nothing")
	}
}

// TestTheNarrowestIsNamed: who is told why sees the phone's own quarantine, not
// that of the whole unit.
func TestTheNarrowestIsNamed(t *testing.T) {
	s, err := New([]fact.Quarantine{
		{ID: "unit", Kind: "unit"},
		{ID: "abroad", Kind: "destination", Value: "abroad"},
		{ID: "SL", Kind: "destination", Value: "SL"},
		{ID: "number", Kind: "destination", Value: "+23276"},
		{ID: "line", Kind: "line", Value: "hikari"},
		{ID: "ext", Kind: "extension", Value: "202"},
		{ID: "phone", Kind: "phone", Value: "202-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := call()
	for _, step := range []struct {
		want string
		then func()
	}{
		{"phone", func() { c.Party.Device = "" }},
		{"ext", func() { c.Party.Extension = "" }},
		{"line", func() { c.Line = "" }},
		{"number", func() { c.Destination.Digits = "23299123456" }},
		{"SL", func() { c.Destination.Area = "GN" }},
		{"abroad", func() { c.Destination.Class = number.Geographic }},
		{"unit", func() { c.Destination.Class = number.Emergency }},
		{"", func() {}},
	} {
		if q, _ := s.Find(&c, noon); q.ID != step.want {
			t.Errorf("named %q, want %q", q.ID, step.want)
		}
		step.then()
	}
}

func TestNewRefuses(t *testing.T) {
	for name, list := range map[string][]fact.Quarantine{
		"too many":              make([]fact.Quarantine, EntriesMax+1),
		"a kind nobody knows":   {{Kind: "desk", Value: "x"}},
		"another spelling":      {{Kind: "destination", Value: "sl"}},
		"spaces in a beginning": {{Kind: "destination", Value: "+232 76"}},
	} {
		if _, err := New(list); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	var none *Set
	c := call()
	if _, ok := none.Find(&c, noon); ok {
		t.Error("the nil set found something")
	}
}
