package fact

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

var kindPattern = regexp.MustCompile(`^[a-z]+\.[a-z-]+$`)

func TestKindsAreStableNames(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range All() {
		if seen[f.Kind()] || !kindPattern.MatchString(f.Kind()) {
			t.Errorf("%T: kind %q is used twice or no name", f, f.Kind())
		}
		seen[f.Kind()] = true
		back, err := Decode(f.Kind(), []byte("{}"))
		if err != nil || reflect.TypeOf(back) != reflect.TypeOf(f) {
			t.Errorf("%s comes back as %T, %v", f.Kind(), back, err)
		}
	}
	if _, err := Decode("no.such", []byte("{}")); err == nil {
		t.Error("a kind that nobody knows was decoded")
	}
	if _, err := Decode("call.started", []byte("[]")); err == nil {
		t.Error("an array was decoded")
	}
}

// TestFieldsHaveNames: a field without a JSON name would change the leaves when
// somebody renames it.
func TestFieldsHaveNames(t *testing.T) {
	for _, f := range All() {
		names := map[string]bool{}
		var walk func(reflect.Type)
		walk = func(rt reflect.Type) {
			for field := range rt.Fields() {
				if field.Anonymous {
					walk(field.Type)
					continue
				}
				name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				if name == "" || name != strings.ToLower(name) || names[name] {
					t.Errorf("%s: field %s has JSON name %q", f.Kind(), field.Name, name)
				}
				names[name] = true
			}
		}
		walk(reflect.TypeOf(f))
	}
}

func TestSealedNeverShows(t *testing.T) {
	s := Sealed("secret bytes")
	p := PhoneAdded{Phone: Phone{Device: "201-1", SecretSealed: s}}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(data) + s.String(); strings.Contains(text, "secret bytes") || strings.Contains(text, "c2VjcmV0") {
		t.Errorf("the secret shows: %s", text)
	}
	back, err := Decode(p.Kind(), data)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := back.(PhoneAdded)
	if !ok || got.SecretSealed.Mark() != s.Mark() || s.Mark() == "" {
		t.Errorf("mark %q came back as %q", s.Mark(), got.SecretSealed.Mark())
	}
	if Sealed(nil).Mark() != "" || Sealed("other").Mark() == s.Mark() {
		t.Error("marks don't tell secrets apart")
	}
}

func TestPointerNamesTheBinding(t *testing.T) {
	a := Binding{Device: "201-1", Contact: "sip:a@b", CallID: "x"}
	b := a
	b.CSeq++
	c := a
	c.Contact = "sip:a@c"
	if a.Pointer() != b.Pointer() || a.Pointer() == c.Pointer() ||
		!strings.HasPrefix(a.Pointer(), "registration/201-1/") {
		t.Errorf("%s %s %s", a.Pointer(), b.Pointer(), c.Pointer())
	}
}

// TestLinksLeadBack: call → registration → credential.
func TestLinksLeadBack(t *testing.T) {
	b := Binding{Device: "201-1", Contact: "sip:a@b", CallID: "x"}
	who := Party{Device: "201-1", Registration: b.Pointer()}
	for _, c := range []struct {
		fact Linked
		want Links
	}{
		{CallStarted{Call: "c", Party: who}, Links{"call/c", "phone/201-1", []string{b.Pointer()}}},
		{
			CallStarted{Call: "c", Party: Party{Device: "201-1"}},
			Links{"call/c", "phone/201-1", []string{"phone/201-1"}},
		},
		{CallStarted{Call: "c", Direction: Incoming, Line: "l"}, Links{"call/c", "", []string{"line/l"}}},
		{
			CallJudged{Call: "c", Party: who, Opening: "o"},
			Links{"call/c", "gate", []string{"call/c", b.Pointer(), "opening/o"}},
		},
		{CallEnded{Call: "c", First: true, Party: who}, Links{"call/c", "", []string{b.Pointer()}}},
		{CallEnded{Call: "c", Party: who}, Links{"call/c", "", []string{"call/c", b.Pointer()}}},
		{CallEnded{Call: "c"}, Links{"call/c", "", []string{"call/c"}}},
		{
			PhoneRegistered{Device: "201-1", Pointer: b.Pointer()},
			Links{b.Pointer(), "phone/201-1", []string{"phone/201-1"}},
		},
		{PhoneAdded{Phone: Phone{Device: "201-1", CreatedBy: "owner"}}, Links{"phone/201-1", "owner", nil}},
	} {
		if got := c.fact.Links(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.fact.Kind(), got, c.want)
		}
	}
}
